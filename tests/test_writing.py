"""One writer at a time, who leaves the generation in force and nothing else."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, generation, write

from clausewise import durable
from clausewise import writing as rooms
from clausewise.errors import IndexInUse, IndexMismatch, IndexNotWritten
from clausewise.generations import opened
from clausewise.writing import writing

if sys.platform != "win32":
    import fcntl

HOLD = """
import sys, time
from pathlib import Path
from clausewise.writing import writing
with writing(Path(sys.argv[1])) as writer:
    print("held", flush=True)
    time.sleep(60)
"""


def publish(folder: Path, text: str = "one", **more: Any) -> None:
    with writing(folder) as writer:
        writer.publish(lambda place: write(place, {"a.txt": text}), {"format": 1, **more})


def text_of(folder: Path) -> str:
    return opened(folder).file("a.txt").read_text()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "index"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "_WAIT", 0.1)


def test_what_is_published_is_in_force(folder: Path) -> None:
    publish(folder)
    assert (text_of(folder), opened(folder).manifest["format"]) == ("one", 1)
    publish(folder, "two")
    assert text_of(folder) == "two"
    assert [p.name for p in (folder / "generations").iterdir()] == ["000002"]
    assert sorted(p.name for p in folder.iterdir()) == ["current", "generations", "lock"]


def test_the_manifest_has_the_size_and_the_checksum_of_each_file(folder: Path) -> None:
    publish(folder, "abc")
    wanted = {"a.txt": {"size": 3, "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}}
    assert opened(folder).manifest["files"] == wanted


def test_every_folder_that_is_made_is_on_the_disk_before_anything_is_written_in_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[Path, list[str]]] = []
    sync_folder = durable.sync_folder

    def spy(path: Path) -> None:
        sync_folder(path)
        synced.append((path, sorted(p.name for p in path.iterdir())))

    monkeypatch.setattr(durable, "sync_folder", spy)
    publish(folder)
    assert synced[:2] == [(tmp_path / "deep", ["index"]), (tmp_path, ["deep"])]
    assert {path for path, _ in synced[2:]} == {folder, folder / "generations", folder / "generations" / "000001"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs fcntl, and tells what Windows does")
def test_files_are_synced_through_handles_that_may_write_as_windows_asks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def strict(handle: int) -> None:
        reads_only = fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        if reads_only and stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", strict)
    publish(folder)
    assert text_of(folder) == "one"


# the lock


@pytest.fixture
def holder(folder: Path) -> Any:
    """Another process that holds the lock."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_second_is_told_who_is_at_work(folder: Path, holder: Any) -> None:
    with pytest.raises(IndexInUse) as raised, writing(folder):
        pass
    told = json.loads((folder / "writer").read_text())
    assert told["pid"] == holder.pid
    assert str(raised.value) == (
        f"{folder}: is being written by process {holder.pid} on {told['host']} since {told['since']}; wait till that is done"
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 3}'])
def test_where_it_cannot_be_read_who_is_at_work_it_is_another(folder: Path, holder: Any, text: str) -> None:
    (folder / "writer").write_text(text)
    with pytest.raises(IndexInUse, match="is being written by another process; wait"), writing(folder):
        pass


def test_a_dead_one_s_lock_is_taken_over_at_once(folder: Path, holder: Any) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    start = time.perf_counter()
    publish(folder)
    assert time.perf_counter() - start < 5
    assert text_of(folder) == "one"
    assert not (folder / "writer").exists()


def test_readers_read_while_one_writes(folder: Path) -> None:
    publish(folder)
    with writing(folder):
        assert text_of(folder) == "one"


def test_one_of_this_process_has_to_wait_too(folder: Path) -> None:
    with writing(folder), pytest.raises(IndexInUse, match=f"process {os.getpid()} on "), writing(folder):
        pass
    publish(folder)  # it is free again


# what is left by one before


def test_what_was_left_half_done_is_removed_before_anything_is_written(folder: Path) -> None:
    publish(folder)
    write(folder / "generations", {"000002/a.txt": "ha"})
    with writing(folder):
        assert [p.name for p in (folder / "generations").iterdir()] == ["000001"]


def test_a_generation_that_never_came_into_force_goes_with_the_next(folder: Path) -> None:
    publish(folder)
    before = (folder / "current").read_bytes()
    publish(folder, "two")
    (folder / "current").write_bytes(before)
    publish(folder, "three")
    assert text_of(folder) == "three"
    assert [p.name for p in (folder / "generations").iterdir()] == ["000003"]


def test_where_current_is_damaged_the_next_one_mends_it(folder: Path) -> None:
    publish(folder)
    (folder / "current").write_text("?")
    publish(folder, "two")
    assert text_of(folder) == "two"
    assert generation(folder).name == "000002"


def test_one_that_is_read_stays_until_the_reader_lets_go(folder: Path) -> None:
    publish(folder)
    reader = opened(folder)
    publish(folder, "two")
    publish(folder, "three")
    assert reader.file("a.txt").read_text() == "one"
    assert sorted(p.name for p in (folder / "generations").iterdir()) == ["000001", "000003"]
    del reader
    publish(folder, "four")
    assert [p.name for p in (folder / "generations").iterdir()] == ["000004"]


def test_where_nothing_was_ever_written_no_folder_is_left(folder: Path) -> None:
    with writing(folder):
        pass
    assert not folder.exists()
    publish(folder)
    with writing(folder):
        pass
    assert text_of(folder) == "one"


# an earlier version's files, and a stranger's


def test_an_earlier_version_s_files_go_when_the_first_generation_is_in_force(folder: Path) -> None:
    write(folder, {"manifest.json": "{}", "old.jsonl": "[]"})
    with writing(folder, ("manifest.json", "old.jsonl")) as writer:
        assert (folder / "old.jsonl").exists()
        writer.publish(lambda place: write(place, {"a.txt": "one"}), {})
    assert sorted(p.name for p in folder.iterdir()) == ["current", "generations", "lock"]


@pytest.mark.parametrize("name", ["notes.txt", "generations/notes.txt", "generations/deep/notes.txt"])
def test_a_stranger_s_file_is_never_touched(folder: Path, name: str) -> None:
    write(folder, {name: "keep me"})
    with pytest.raises(IndexMismatch, match=r"found (notes\.txt|generations/notes\.txt|generations/deep) in it"):
        publish(folder)
    assert (folder / name).read_text() == "keep me"
    assert not (folder / "lock").exists()


@pytest.mark.parametrize("name", [".DS_Store", "._index", "desktop.ini", "Thumbs.db", ".Spotlight-V100/store"])
def test_what_a_system_keeps_in_every_folder_is_no_reason_to_refuse(folder: Path, name: str) -> None:
    def fill(place: Path) -> None:
        write(place, {"a.txt": "two", name: "seen"})

    publish(folder)
    write(folder, {name: "keep me", f"generations/{name}": "keep me"})
    with writing(folder) as writer:
        writer.publish(fill, {"format": 1})
    write(generation(folder), {name: "seen again"})
    assert list(opened(folder).manifest["files"]) == ["a.txt"]
    assert opened(folder).faults() == []
    assert ((folder / name).read_text(), (folder / "generations" / name).read_text()) == ("keep me", "keep me")
    assert [p.name for p in (folder / "generations").iterdir() if p.name.isdecimal()] == ["000002"]


# what fails


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
@pytest.mark.parametrize("step", ["write", "sync", "sync_folder"])
def test_what_cannot_be_written_is_one_line_and_the_old_one_serves_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    publish(folder)

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(durable, step, refuse)
        with pytest.raises(IndexNotWritten) as raised:
            publish(folder, "two")
    assert str(raised.value) == f"{folder}: cannot be written ({os.strerror(number)}); make room or rights there, or name another with --index"
    assert text_of(folder) == "one"
    publish(folder, "two")
    assert text_of(folder) == "two"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    write(tmp_path, {"file": "x"})
    with pytest.raises(IndexNotWritten, match="Not a directory"):
        publish(tmp_path / "file" / "index")


def test_a_folder_that_cannot_be_looked_into_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(folder)

    def refuse(_: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(IndexNotWritten, match=r"cannot be written \(Permission denied\); make room or rights there"):
        publish(folder, "two")


def test_where_current_cannot_be_read_the_next_one_takes_its_place(folder: Path, refused: Callable[[str, int], None]) -> None:
    publish(folder)
    refused("current", errno.EIO)
    publish(folder, "two")
    refused("nothing", 0)
    assert text_of(folder) == "two"


def test_what_breaks_off_leaves_no_generation(folder: Path) -> None:
    def broken(place: Path) -> None:
        write(place, {"a.txt": "half"})
        raise KeyboardInterrupt

    publish(folder)
    with pytest.raises(KeyboardInterrupt), writing(folder) as writer:
        writer.publish(broken, {})
    assert [p.name for p in (folder / "generations").iterdir()] == ["000001"]
    assert sorted(p.name for p in folder.iterdir()) == ["current", "generations", "lock"]
