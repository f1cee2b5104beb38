"""Exports are kept, found whole, made again when damaged; where there can be none, sentence-transformers does the work."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from conftest import ROOT

from clausewise import models
from clausewise.errors import ModelError
from clausewise.exported import Exported
from clausewise.exporting import NotExported
from clausewise.models import FORMAT, opened
from clausewise.reference import VECTOR, Encoding

pytestmark = pytest.mark.slow  # sentence-transformers takes seconds to import
FILES = ("export.json", "model.onnx", "tokenizer.json")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny.encoder(tmp_path_factory.mktemp("models") / "encoder")


@pytest.fixture(scope="module")
def kept(source: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the export of "d"."""
    cache = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLAUSEWISE_CACHE", str(cache))
        assert isinstance(opened("name", "d", lambda: Encoding(source, None)), Exported)
    return cache


@pytest.fixture
def cache(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in force; the folder of the export."""
    shutil.copytree(kept, tmp_path / "cache")
    monkeypatch.setenv("CLAUSEWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models" / f"d-{FORMAT}"


@pytest.fixture
def load(source: str) -> Any:
    """Reads the model, and counts how often."""

    def read() -> Encoding:
        read.calls += 1  # type: ignore[attr-defined]
        return Encoding(source, None)

    read.calls = 0  # type: ignore[attr-defined]
    return read


def unread() -> Encoding:
    raise AssertionError("sentence-transformers was opened")


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "clausewise.models" and record.levelno > logging.DEBUG]


def test_an_export_is_a_folder_of_three_files_and_nothing_is_left_beside_it(cache: Path) -> None:
    assert sorted(path.name for path in cache.iterdir()) == sorted(FILES)
    assert [path.name for path in cache.parent.iterdir()] == [f"d-{FORMAT}"]


def test_what_is_kept_is_used_without_the_model(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(opened("name", "d", unread), Exported)
    assert told(caplog) == []


def test_another_digest_is_another_export(cache: Path, load: Any) -> None:
    opened("name", "e", load)
    assert load.calls == 1
    assert sorted(path.name for path in cache.parent.iterdir()) == [f"d-{FORMAT}", f"e-{FORMAT}"]


# damage


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


HARMS: dict[str, Callable[[Path], Any]] = {
    "gone": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "noughts": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "a bit flipped": flip,
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("name", FILES)
def test_damage_is_found_and_the_export_made_again(name: str, harm: str, cache: Path, load: Any, caplog: pytest.LogCaptureFixture) -> None:
    HARMS[harm](cache / name)
    assert isinstance(opened("name", "d", load), Exported)
    assert load.calls == 1
    assert isinstance(opened("name", "d", unread), Exported)
    assert [path.name for path in cache.parent.iterdir()] == [f"d-{FORMAT}"]
    assert told(caplog) == []


@pytest.mark.parametrize("text", ["[]", "{}", "null", '{"files": 1}', '{"fault": "x"}', '{"files": {"none.onnx": 1}}'])
def test_a_manifest_that_is_none_is_damage(text: str, cache: Path, load: Any) -> None:
    (cache / "export.json").write_text(text)
    assert isinstance(opened("name", "d", load), Exported)
    assert load.calls == 1


def test_what_stopped_processes_left_is_removed_and_what_is_being_written_is_not(cache: Path, load: Any) -> None:
    for name, age in ((".new-old", 7200), (".new-fresh", 60)):
        (cache.parent / name).mkdir()
        os.utime(cache.parent / name, (time.time() - age,) * 2)
    opened("name", "e", load)
    assert sorted(path.name for path in cache.parent.iterdir()) == [".new-fresh", f"d-{FORMAT}", f"e-{FORMAT}"]


# what cannot be exported


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache; where the export will be."""
    monkeypatch.setenv("CLAUSEWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models" / f"d-{FORMAT}"


def refuse(*_: Any) -> None:
    raise NotExported("it has no graph")


def by_sentence_transformers(load: Any, caplog: pytest.LogCaptureFixture, why: str) -> None:
    """It opens as sentence-transformers, which is read once and works, with one line in the log that ends in `why`."""
    found = opened("name", "d", load)
    assert isinstance(found, Encoding)
    assert found.run(["Dogs?"], (VECTOR,))[0][0].shape == (32,)
    assert load.calls == 1
    (line,) = told(caplog)
    assert line.startswith("name: is run by sentence-transformers, which takes seconds to load (")
    assert line.endswith(f"{why})")
    assert "\n" not in line


@pytest.mark.parametrize("package", ["onnx", "onnxruntime", "tokenizers"])
def test_without_a_package_nothing_is_exported(
    package: str, bare: Path, load: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = models.util.find_spec
    monkeypatch.setattr(models.util, "find_spec", lambda name: None if name == package else there(name))
    by_sentence_transformers(load, caplog, f"{package} is not installed")
    assert not bare.exists()


def test_without_onnx_what_is_kept_is_used(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert isinstance(opened("name", "d", unread), Exported)


def test_without_onnxruntime_what_is_kept_is_left(
    cache: Path, load: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = models.util.find_spec
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setattr(models.util, "find_spec", lambda name: None if name == "onnxruntime" else there(name))
    by_sentence_transformers(load, caplog, "onnxruntime is not installed")
    assert sorted(path.name for path in cache.iterdir()) == sorted(FILES)


def test_a_cache_that_cannot_be_written_is_no_fault(tmp_path: Path, bare: Path, load: Any, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "cache").write_text("a file")
    by_sentence_transformers(load, caplog, f"{bare.parent}: Not a directory; name another folder with CLAUSEWISE_CACHE")


def test_without_room_the_half_written_export_goes(
    bare: Path, load: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Any, folder: Path) -> None:
        (folder / "model.onnx").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(models, "export", full)
    by_sentence_transformers(load, caplog, f"{bare.parent}: No space left on device; name another folder with CLAUSEWISE_CACHE")
    assert [*bare.parent.iterdir()] == []


def test_what_cannot_be_exported_is_not_tried_at_each_start(
    bare: Path, load: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Any] = []
    monkeypatch.setattr(models, "export", lambda *given: tries.append(given) or refuse())  # type: ignore[func-returns-value]
    by_sentence_transformers(load, caplog, "it has no graph")
    caplog.clear()
    load.calls = 0
    by_sentence_transformers(load, caplog, "it has no graph")
    assert len(tries) == 1
    assert [path.name for path in bare.iterdir()] == ["export.json"]


@pytest.mark.parametrize("change", [{"packages": {}}, {"time": 0.0}])
def test_it_is_tried_again_a_day_later_or_with_other_packages(
    change: dict[str, Any], bare: Path, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(models, "export", refuse)
        opened("name", "d", load)
    note = json.loads((bare / "export.json").read_text())
    (bare / "export.json").write_text(json.dumps(note | change))
    assert isinstance(opened("name", "d", load), Exported)
    assert sorted(path.name for path in bare.iterdir()) == sorted(FILES)


def test_a_model_that_cannot_be_read_is_still_an_error(bare: Path) -> None:
    def broken() -> Encoding:
        raise ModelError("no such model")

    with pytest.raises(ModelError, match="no such model"):
        opened("name", "d", broken)
    assert [*bare.parent.iterdir()] == []


def test_a_static_model_is_run_by_sentence_transformers(bare: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = tiny.static(tmp_path / "static")
    found = opened("name", "d", lambda: Encoding(model, None))
    assert isinstance(found, Encoding)
    assert told(caplog) == ["name: is run by sentence-transformers, which takes seconds to load (it has no fast tokenizer)"]


# several at once


EXPORTS = """
import sys
from clausewise.models import opened
from clausewise.reference import VECTOR, Encoding
found = opened("name", "d", lambda: Encoding(sys.argv[1], None))
print(type(found).__name__, found.run(["Dogs?"], (VECTOR,))[0][0].tobytes().hex())
"""


def test_processes_that_export_at_once_all_get_the_same(bare: Path, source: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", EXPORTS, source]
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {one.communicate(timeout=300)[0] for one in running}
    assert len(said) == 1
    assert said.pop().startswith("Exported ")
    assert [path.name for path in bare.parent.iterdir()] == [f"d-{FORMAT}"]


def test_the_first_of_two_that_export_at_once_is_kept(bare: Path, load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one exports, another ends."""
    inner = models.export

    def overtaken(model: Any, folder: Path) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(models, "export", inner)
            opened("other", "d", load)
        (bare / "mark").write_text("the other's")
        inner(model, folder)

    monkeypatch.setattr(models, "export", overtaken)
    found = opened("name", "d", load)
    assert isinstance(found, Exported)
    assert (bare / "mark").exists()
    assert [path.name for path in bare.parent.iterdir()] == [f"d-{FORMAT}"]
    assert np.allclose(found.run(["Dogs?"], (VECTOR,))[0][0], load().run(["Dogs?"], (VECTOR,))[0][0], atol=1e-5)
