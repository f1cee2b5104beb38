"""A model's digest is that of its files' bytes, however it was come by."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from clausewise import digests
from clausewise.digests import model_digest


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLAUSEWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "digests"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """The files of each digest that was computed."""
    seen: list[list[Path]] = []
    whole = digests._sha256
    monkeypatch.setattr(digests, "_sha256", lambda files, start=b"": seen.append(list(files)) or whole(files, start))  # type: ignore[func-returns-value]
    return seen


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Two files of a model, an hour old as far as their times of change go, and one that is none of it."""
    folder = tmp_path / "model"
    (folder / "inner").mkdir(parents=True)
    (folder / "config.json").write_bytes(b"{}")
    (folder / "inner" / "model.safetensors").write_bytes(b"weights")
    (folder / "README.md").write_bytes(b"words")
    return folder


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour has gone by since the files were written."""
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 3600 * 10**9)


WHOLE = hashlib.sha256(b"config.json{}model.safetensorsweights").hexdigest()


def test_the_digest_is_of_names_and_bytes_in_order(model: Path, tmp_path: Path) -> None:
    assert model_digest(str(model)) == WHOLE
    (tmp_path / "beside").write_bytes(b"more")
    both = hashlib.sha256(b"config.json{}model.safetensorsweightsbesidemore").hexdigest()
    assert model_digest(str(model), tmp_path / "beside") == both


def test_a_name_that_is_no_folder_has_its_own_digest(cache: Path) -> None:
    assert model_digest("some/model") == hashlib.sha256(b"some/model").hexdigest()
    assert not cache.exists()


@pytest.mark.usefixtures("later")
def test_the_files_are_read_once(model: Path, read: list[list[Path]]) -> None:
    assert [model_digest(str(model)) for _ in range(3)] == [WHOLE] * 3
    assert read == [[model / "config.json", model / "inner" / "model.safetensors"]]


@pytest.mark.usefixtures("later")
def test_a_file_of_the_same_size_and_date_is_another(model: Path) -> None:
    before, file = model_digest(str(model)), model / "inner" / "model.safetensors"
    date = file.stat()
    file.write_bytes(b"weighty")
    os.utime(file, ns=(date.st_atime_ns, date.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (date.st_size, date.st_mtime_ns)
    assert model_digest(str(model)) != before


@pytest.mark.usefixtures("later")
def test_a_file_more_is_another_model(model: Path) -> None:
    before = model_digest(str(model))
    (model / "vocab.txt").write_bytes(b"")
    assert model_digest(str(model)) != before


def test_what_was_written_this_moment_is_not_remembered(model: Path, read: list[list[Path]]) -> None:
    assert [model_digest(str(model)) for _ in range(2)] == [WHOLE] * 2
    assert len(read) == 2


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("kept", [b"", b"\xff", b"[]", b"{}", b"null", b'{"files": 1, "digest": "x"}'])
def test_a_damaged_note_is_made_again(kept: bytes, model: Path, cache: Path, read: list[list[Path]]) -> None:
    model_digest(str(model))
    (note,) = cache.iterdir()
    note.write_bytes(kept)
    assert [model_digest(str(model)) for _ in range(2)] == [WHOLE] * 2
    assert len(read) == 2
    assert json.loads(note.read_text())["digest"] == WHOLE


@pytest.mark.usefixtures("later")
def test_without_a_place_to_write_it_is_computed_each_time(model: Path, tmp_path: Path, read: list[list[Path]]) -> None:
    (tmp_path / "cache").write_bytes(b"a file")
    assert [model_digest(str(model)) for _ in range(2)] == [WHOLE] * 2
    assert len(read) == 2
