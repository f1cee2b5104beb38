"""Settings from the environment, and some of them tried otherwise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from clausewise import settings
from clausewise.errors import ClausewiseError
from clausewise.settings import Limits, Settings, cache_folder


@pytest.mark.parametrize(
    ("pairs", "changed"),
    [
        ([], {}),
        (["threshold=0.8"], {"threshold": 0.8}),
        (["threshold=0"], {"threshold": 0.0}),
        (["threshold=1"], {"threshold": 1.0}),
        (["quotes=1", "closest=0", "candidates=5", "background=0"], {"quotes": 1, "closest": 0, "candidates": 5, "background": 0}),
        (["quotes=1", "quotes=2"], {"quotes": 2}),
        (["model=a=b", "reranker=cross/encoder"], {"model": "a=b", "reranker": "cross/encoder"}),
        (["model="], {}),
    ],
)
def test_settings_are_changed_by_name(pairs: list[str], changed: dict[str, Any]) -> None:
    assert Settings().changed(pairs) == Settings(**changed)
    assert Settings(quotes=7, host="::1").changed(["closest=1"]) == Settings(quotes=7, host="::1", closest=1)


def test_a_number_stays_of_its_kind() -> None:
    found = Settings().changed(["threshold=1", "quotes=3"])
    assert (type(found.threshold), type(found.quotes)) == (float, int)


NAMES = "model, reranker, quotes, closest, candidates, background, threshold"


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ("", f"found ''; expected name=value with a name of: {NAMES}"),
        ("threshold", f"found 'threshold'; expected name=value with a name of: {NAMES}"),
        ("model", f"found 'model'; expected name=value with a name of: {NAMES}"),
        ("Threshold=1", f"found 'Threshold=1'; expected name=value with a name of: {NAMES}"),
        ("host=0.0.0.0", f"found 'host=0.0.0.0'; expected name=value with a name of: {NAMES}"),
        ("max_bytes=1", f"found 'max_bytes=1'; expected name=value with a name of: {NAMES}"),
        ("threshold=", "threshold: found ''; expected a number from 0 to 1"),
        ("threshold=-0.1", "threshold: found '-0.1'; expected a number from 0 to 1"),
        ("threshold=1.01", "threshold: found '1.01'; expected a number from 0 to 1"),
        ("threshold=nan", "threshold: found 'nan'; expected a number from 0 to 1"),
        ("threshold=high\nlow", "threshold: found 'high\\nlow'; expected a number from 0 to 1"),
        ("quotes=0", "quotes: found '0'; expected a whole number from 1 to 100"),
        ("quotes=101", "quotes: found '101'; expected a whole number from 1 to 100"),
        ("quotes=3.0", "quotes: found '3.0'; expected a whole number from 1 to 100"),
        ("candidates=0", "candidates: found '0'; expected a whole number from 1 to 1000000"),
        ("background=inf", "background: found 'inf'; expected a whole number from 0 to 1000000"),
    ],
)
def test_what_is_no_setting_is_one_line(pair: str, told: str) -> None:
    with pytest.raises(ClausewiseError) as raised:
        Settings().changed(["quotes=2", pair])
    assert str(raised.value) == told


NAMED = {"MODEL": "m", "RERANKER": "r", "HOST": "::1", "PORT": "0", "DATA": "kept", "KEEP_DAYS": "7", "READ_SECONDS": "9", "READ_MIB": "300", "MILVUS": "m.db"}


def test_the_environment_overrides_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMED:
        monkeypatch.delenv(f"CLAUSEWISE_{name}", raising=False)
    assert Settings.from_environment() == Settings()
    for name, value in NAMED.items():
        monkeypatch.setenv(f"CLAUSEWISE_{name}", value)
    found = Settings.from_environment()
    read = {"read_seconds": 9, "read_mib": 300}
    assert found == Settings(model="m", reranker="r", host="::1", port=0, data="kept", keep_days=7, milvus="m.db", **read)
    assert found.limits == Limits(seconds=9, memory=314_572_800)
    for name in NAMED:
        monkeypatch.setenv(f"CLAUSEWISE_{name}", "")
    assert Settings.from_environment() == Settings()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("READ_SECONDS", "0", "seconds from 1 to 3600"),
        ("READ_SECONDS", "1.5", "seconds from 1 to 3600"),
        ("READ_MIB", "255", "MiB from 256 to 1048576"),
        ("READ_MIB", "1G", "MiB from 256 to 1048576"),
    ],
)
def test_a_limit_that_is_none_is_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str) -> None:
    monkeypatch.setenv(f"CLAUSEWISE_{name}", value)
    with pytest.raises(ClausewiseError) as raised:
        Settings.from_environment()
    assert str(raised.value) == f"CLAUSEWISE_{name}: found {value!r}; expected a whole number of {expected}"


@pytest.mark.parametrize("uri", ["http://127.0.0.1:19530", "https://milvus.example.org:443/schools", "/var/lib/milvus.db", "m.db"])
def test_where_milvus_is(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.setenv("CLAUSEWISE_MILVUS", uri)
    assert Settings.from_environment().milvus == uri


@pytest.mark.parametrize("uri", ["127.0.0.1:19530", "milvus", ".db", "http://", "http://root:secret@127.0.0.1:19530", "tcp://127.0.0.1:1"])
def test_an_address_of_milvus_that_is_none_is_one_line_without_its_password(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.setenv("CLAUSEWISE_MILVUS", uri)
    with pytest.raises(ClausewiseError, match=r"^CLAUSEWISE_MILVUS: expected an address such as http://127\.0\.0\.1:19530") as raised:
        Settings.from_environment()
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("days", ["0", "-1", "36501", "1.5", "ever", "９", "9" * 5000, " 7"])
def test_days_that_are_none_are_one_line(monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    monkeypatch.setenv("CLAUSEWISE_KEEP_DAYS", days)
    with pytest.raises(ClausewiseError) as raised:
        Settings.from_environment()
    assert str(raised.value) == f"CLAUSEWISE_KEEP_DAYS: found {days[:20]!r}; expected a whole number of days from 1 to 36500"


def test_the_cache_is_in_the_folder_that_is_named_or_in_the_account_s_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLAUSEWISE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name, appauthor: tmp_path / "own" / name)
    monkeypatch.setenv("CLAUSEWISE_CACHE", "")
    assert cache_folder() == tmp_path / "own" / "clausewise"


@pytest.mark.parametrize(
    ("quota", "found"),
    [("max 100000\n", 64), ("100000 100000\n", 1), ("50000 100000\n", 1), ("250000 100000\n", 3), ("9900000 100000\n", 64), ("?", 64), (None, 64)],
)
def test_a_container_uses_no_more_cores_than_it_is_given_the_time_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str | None, found: int
) -> None:
    if quota is not None:
        (tmp_path / "cpu.max").write_text(quota)
    monkeypatch.setattr(settings, "_QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(64), raising=False)
    assert settings.cores() == found
