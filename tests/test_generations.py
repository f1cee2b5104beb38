"""The generation in force is opened whole, or refused with a line; it stays as long as somebody reads it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from conftest import ROOT, generation, write

from clausewise import generations as rooms
from clausewise import leases
from clausewise.durable import write_array
from clausewise.errors import DamagedIndex, MissingIndex
from clausewise.generations import all_opened, checksum, opened, pointed, prune
from clausewise.writing import writing

REMEDY = "build it again with: clausewise index"
Refused = Callable[[str, int], None]
READ = """
import sys
from pathlib import Path
from clausewise.generations import opened
found = opened(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
print(found.file("a.txt").read_text(), flush=True)
sys.stdin.readline()
"""


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))


def fill(place: Path, text: str) -> None:
    write(place, {"a.txt": text})
    write_array(place / "rows.npy", np.arange(6, dtype=np.float32).reshape(3, 2))


def use(folder: Path) -> None:
    found = opened(folder)
    found.file("a.txt")
    found.large("rows.npy")
    found.array("rows.npy")[:]


def publish(folder: Path, text: str = "one") -> None:
    with writing(folder) as writer:
        writer.publish(lambda place: fill(place, text), {"format": 1}, ["rows.npy"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish(tmp_path / "index")
    return tmp_path / "index"


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in (folder / "generations").iterdir())


def test_current_names_the_generation_and_its_manifest(folder: Path) -> None:
    found = opened(folder)
    assert (folder / "current").read_text() == f"000001 {found.digest}\n"
    assert pointed(folder) == found.named == ("000001", rooms.checksums.sha256(found.folder / "manifest.json"))


def test_files_and_arrays_are_found_by_name(folder: Path) -> None:
    found = opened(folder)
    assert found.file("a.txt").read_text() == "one"
    assert found.array("rows.npy")[1:].tolist() == [[2, 3], [4, 5]]
    assert sorted(found.manifest["files"]) == ["a.txt", "rows.npy", "rows.npy.blocks"]
    with pytest.raises(DamagedIndex, match=r"manifest\.json: lists no b\.txt"):
        found.file("b.txt")


@pytest.mark.parametrize("text", ["", "000001", "000001 ab\n", "../000001 {digest}\n", "000001 {digest}", "000001 {digest}\n\n", "é"])
def test_a_pointer_that_is_none_is_damage(folder: Path, text: str) -> None:
    (folder / "current").write_text(text.format(digest=opened(folder).digest), "utf-8")
    with pytest.raises(DamagedIndex, match=r"current: names no generation; build it again with: clausewise index$"):
        opened(folder)


def test_a_pointer_to_a_generation_that_is_gone_is_damage(folder: Path) -> None:
    shutil.rmtree(generation(folder))
    with pytest.raises(DamagedIndex, match=r"000001/manifest\.json: is missing; "):
        opened(folder)


def test_a_pointer_that_was_changed_to_another_whole_generation_is_damage(folder: Path) -> None:
    reader = opened(folder)  # so that it stays
    publish(folder, "two")
    (folder / "current").write_text(f"000001 {opened(folder).digest}\n")
    with pytest.raises(DamagedIndex, match=r"000001/manifest\.json: is not what was written"):
        opened(folder)
    assert reader.file("a.txt").read_text() == "one"


def test_a_manifest_that_was_written_again_is_damage(folder: Path) -> None:
    path = generation(folder) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text())))  # the same, in one line
    with pytest.raises(DamagedIndex, match=r"manifest\.json"):
        opened(folder)


def test_the_checksum_is_of_all_but_itself_and_what_was_not_read() -> None:
    assert checksum({"a": 1, "checksum": "x", "unread": [1], "failures": []}) == checksum({"a": 1}) != checksum({"a": 2})


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_where_there_is_none_it_is_said_how_to_make_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingIndex, match=f"make one with: clausewise index --corpus DIR --index {tmp_path / name}"):
        opened(tmp_path / name)
    assert pointed(tmp_path / name) is None


def test_a_generation_by_itself_is_opened_by_its_folder(folder: Path) -> None:
    assert opened(generation(folder)).file("a.txt").read_text() == "one"


def test_every_fault_has_a_line(folder: Path) -> None:
    found = opened(folder)
    assert found.faults() == []
    (found.folder / "a.txt").write_text("two")
    (found.folder / "rows.npy").write_bytes(b"")
    (found.folder / "rows.npy.blocks").unlink()
    assert found.faults() == [
        f"{found.folder / 'a.txt'}: its bytes are not those that were written; {REMEDY}",
        f"{found.folder / 'rows.npy'}: found 0 bytes, expected 152; {REMEDY}",
        f"{found.folder / 'rows.npy.blocks'}: is missing; {REMEDY}",
    ]


def test_checksums_of_blocks_that_are_damaged_are_not_trusted(folder: Path) -> None:
    found = opened(folder)
    (found.folder / "rows.npy.blocks").write_bytes(bytes(16))
    with pytest.raises(DamagedIndex, match=r"rows\.npy\.blocks"):
        found.array("rows.npy")


def test_a_large_file_is_found_whole_by_the_checksums_of_its_blocks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = opened(folder)
    sha256, read = rooms.checksums.sha256, list[str]()
    monkeypatch.setattr(rooms.checksums, "sha256", lambda path: read.append(path.name) or sha256(path))  # type: ignore[func-returns-value]
    assert found.large("rows.npy") == found.folder / "rows.npy"
    assert read == ["rows.npy.blocks"]
    flip(found.folder / "rows.npy", 140)
    with pytest.raises(DamagedIndex, match=r"rows\.npy: its bytes are not those that were written; build it again"):
        found.large("rows.npy")


def test_a_large_file_that_has_no_such_checksums_is_read_through_all_the_same(folder: Path) -> None:
    """As of an index that was written before a catalogue had them."""
    found = opened(folder)
    assert found.large("a.txt") == found.folder / "a.txt"
    flip(found.folder / "a.txt", 1)
    with pytest.raises(DamagedIndex, match=r"a\.txt: its bytes"):
        found.large("a.txt")


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
@pytest.mark.parametrize("name", ["current", "manifest.json", "a.txt", "rows.npy", "rows.npy.blocks"])
def test_what_the_system_does_not_let_be_read_is_a_line_that_says_why(folder: Path, refused: Refused, name: str, number: int) -> None:
    refused(name, number)
    with pytest.raises(DamagedIndex) as raised:
        use(folder)
    path = folder / name if name == "current" else generation(folder) / name
    assert str(raised.value) == f"{path}: cannot be read ({os.strerror(number)}); see to its rights or to its disk, or {REMEDY}"


def test_a_file_that_cannot_be_read_is_a_fault_and_the_rest_are_read_all_the_same(folder: Path, refused: Refused) -> None:
    found = opened(folder)
    (found.folder / "rows.npy").write_bytes(b"")
    refused("a.txt", errno.EIO)
    assert [fault.partition(";")[0] for fault in found.faults()] == [
        f"{found.folder / 'a.txt'}: cannot be read (Input/output error)",
        f"{found.folder / 'rows.npy'}: found 0 bytes, expected 152",
    ]


# readers and the removal of old ones


def test_only_older_ones_are_removed(folder: Path) -> None:
    for name in ("000000", "000002"):
        shutil.copytree(generation(folder), folder / "generations" / name)
    write(folder / "generations" / "000003", {"a.txt": "being written"})
    prune(folder)
    assert names(folder) == ["000001", "000002", "000003"]


@pytest.mark.parametrize("text", ["?", None])
def test_where_no_generation_is_in_force_none_is_removed(folder: Path, text: str | None) -> None:
    (folder / "current").write_text(text) if text else (folder / "current").unlink()
    prune(folder)
    assert names(folder) == ["000001"]


def test_a_generation_of_another_process_stays_and_answers_right_after_two_more_builds(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", READ, str(folder)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdin
        assert reader.stdout
        assert reader.stdout.readline() == "open\n"
        publish(folder, "two")
        publish(folder, "three")
        prune(folder)
        assert names(folder) == ["000001", "000003"]
        print(file=reader.stdin, flush=True)
        assert reader.stdout.readline() == "one\n"
        prune(folder)
        assert names(folder) == ["000001", "000003"]
        os.kill(reader.pid, signal.SIGKILL)
    prune(folder)
    assert names(folder) == ["000003"]


def test_a_generation_that_is_removed_while_it_is_opened_gives_way_to_the_next(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = leases.held

    def late(path: Path) -> Any:
        if path.parent.name == "000001":
            publish(folder, "two")
        return held(path)

    monkeypatch.setattr(leases, "held", late)
    assert opened(folder).file("a.txt").read_text() == "two"
    assert names(folder) == ["000002"]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP])
def test_where_there_are_no_locks_what_is_old_goes_and_who_reads_it_reads_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def none(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    old = opened(folder)
    rows = old.array("rows.npy")
    publish(folder, "two")
    assert names(folder) == ["000001", "000002"]
    monkeypatch.setattr(leases.fcntl, "flock", none)
    prune(folder)
    assert names(folder) == ["000002"]
    assert rows[:].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert opened(folder).file("a.txt").read_text() == "two"


def test_where_a_lock_for_one_alone_needs_a_file_open_to_be_written_what_is_old_goes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on NFS."""
    flock = leases.fcntl.flock

    def strict(file: BinaryIO, how: int) -> None:
        if how & leases.fcntl.LOCK_EX and not file.writable():
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        flock(file, how)

    reader = opened(folder)
    publish(folder, "two")
    monkeypatch.setattr(leases.fcntl, "flock", strict)
    prune(folder)
    assert names(folder) == ["000001", "000002"]
    del reader
    prune(folder)
    assert names(folder) == ["000002"]


def test_a_lock_that_fails_is_a_line_that_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(leases.fcntl, "flock", broken)
    with pytest.raises(DamagedIndex, match=r"manifest\.json: cannot be read \(Input/output error\)"):
        opened(folder)


def test_what_cannot_be_removed_is_left_for_the_next_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refused)
        publish(folder, "two")
    assert names(folder) == ["000001", "000002"]
    assert opened(folder).file("a.txt").read_text() == "two"
    prune(folder)
    assert names(folder) == ["000002"]


def test_every_whole_generation_is_at_hand_the_newest_first(folder: Path) -> None:
    reader = opened(folder)
    publish(folder, "two")
    write(folder / "generations" / "000003", {"a.txt": "never finished"})
    (folder / "current").write_text("?")
    assert [found.file("a.txt").read_text() for found in all_opened(folder)] == ["two", "one"]
    assert reader.named[0] == "000001"
