"""One writer at a time in an index's folder: it writes a generation whole, lets it come into force, and removes the old ones.

The lock is the operating system's, so that it goes with the process that held it, however that ended.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from clausewise import checksums, durable
from clausewise.errors import DamagedIndex, IndexInUse, IndexMismatch
from clausewise.generations import BLOCKS, CURRENT, GENERATIONS, MANIFEST, checksum, discard, numbered, pointed, prune

LOCK, WRITER, JOURNAL = "lock", "writer", "journal"
_OURS = {CURRENT, f"{CURRENT}.new", GENERATIONS, LOCK, WRITER, f"{WRITER}.new", JOURNAL}
_SHOWN = {"desktop.ini", "thumbs.db"}  # Windows' own; macOS' names begin with a dot
_WAIT = 1.0  # seconds for a writer that is just ending


@dataclass(frozen=True, slots=True)
class Writer:
    """Who holds the lock of `folder`. `earlier`: names of an earlier version's files, which stood in the folder itself."""

    folder: Path
    earlier: Collection[str]

    @property
    def journal(self) -> Path:
        """Where what is embedded so far is kept; gone when a generation is in force."""
        return self.folder / JOURNAL

    def publish(self, fill: Callable[[Path], object], manifest: dict[str, Any], large: Collection[str] = ()) -> None:
        """Let the files that `fill` makes in the folder that it is given be the generation in force; remove what came before.

        `large`: names of files that, where they are made, are verified by blocks. Raises IndexNotWritten; the old generation is
        then in force (or the new one, where all that failed was to make sure of it).
        """
        with durable.told(self.folder):
            name = f"{max([0, *numbered(self.folder), *self._pointed()]) + 1:06}"
            place = self.folder / GENERATIONS / name
            place.mkdir(parents=True)
            try:
                digest = _written(place, fill, manifest, large)
            except BaseException:
                shutil.rmtree(place, ignore_errors=True)
                raise
            durable.write(self.folder / CURRENT, f"{name} {digest}\n".encode())
        self._tidy()

    def _pointed(self) -> list[int]:
        with suppress(DamagedIndex):
            named = pointed(self.folder)
            return [int(named[0])] if named else []
        return []

    def _tidy(self) -> None:
        """What the generation in force has taken the place of; what cannot be removed is, the next time."""
        with suppress(OSError):
            self.journal.unlink(missing_ok=True)
        for name in sorted(self.earlier, key=lambda name: name != MANIFEST):
            with suppress(OSError):
                (self.folder / name).unlink(missing_ok=True)
        prune(self.folder)

    def clear(self) -> None:
        """Remove what a writer before this one left half done; it may be what fills the disk."""
        places = [self.folder / GENERATIONS / f"{number:06}" for number in numbered(self.folder)]
        for place in places:
            if not (place / MANIFEST).exists():
                discard(place)


@contextmanager
def writing(folder: Path, earlier: Collection[str] = ()) -> Iterator[Writer]:
    """The only writer in `folder`, which is made if need be.

    Raises IndexInUse while another is at work, IndexMismatch where the folder holds what is no part of an index, and
    IndexNotWritten.
    """
    from filelock import FileLock, Timeout

    folder = folder.resolve()
    with durable.told(folder):
        check_ours(folder, earlier)
        durable.make_folder(folder)
        lock = FileLock(folder / LOCK)
        try:
            lock.acquire(timeout=_WAIT)
        except Timeout:
            raise IndexInUse(f"{folder}: is being written by {_holder(folder)}; wait till that is done") from None
    try:
        with durable.told(folder):
            durable.write(folder / WRITER, json.dumps(_self()).encode())
            writer = Writer(folder, earlier)
            writer.clear()
        yield writer
    finally:
        with suppress(OSError):
            (folder / WRITER).unlink(missing_ok=True)
            _leave_no_trace(folder)
        lock.release()


def _leave_no_trace(folder: Path) -> None:
    """Of a first build that made nothing, because there was no policy to read."""
    if [path.name for path in folder.iterdir()] == [LOCK]:
        (folder / LOCK).unlink()
        folder.rmdir()


def check_ours(folder: Path, earlier: Collection[str]) -> None:
    """Refuse a folder that holds anything but an index: a slip in --index must not cost anyone a file. Raises IndexMismatch."""
    if folder.is_file():
        raise IndexMismatch(f"{folder}: found a file; expected a folder for the index; name another with --index")
    inside = {p.name for p in _put(folder)} - _OURS - {*earlier}
    inside |= {f"{GENERATIONS}/{p.name}" for p in _put(folder / GENERATIONS) if not p.name.isdecimal()}
    if inside:
        raise IndexMismatch(f"{folder}: found {min(inside)} in it, which is no part of an index; name an empty or new folder with --index")


def _put(folder: Path) -> list[Path]:
    """What somebody put into a folder, if it is one: not what the system keeps in every folder that it shows."""
    inside = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in inside if path.name[0] != "." and path.name.casefold() not in _SHOWN)


def _written(place: Path, fill: Callable[[Path], object], manifest: dict[str, Any], large: Collection[str]) -> str:
    """Write a generation to its folder, the manifest last; the SHA-256 of that, in hex."""
    fill(place)
    for name in [path.name for path in _put(place) if path.name in large]:
        (place / f"{name}{BLOCKS}").write_bytes(checksums.of_blocks(place / name))
    files = {path.name: {"size": path.stat().st_size, "sha256": checksums.sha256(path)} for path in _put(place)}
    for name in files:
        durable.sync(place / name)
    described = {**manifest, "files": files}
    text = json.dumps({**described, "checksum": checksum(described)}, indent=1, ensure_ascii=False, sort_keys=True)
    durable.write(place / MANIFEST, text.encode())
    durable.sync_folder(place.parent)
    durable.sync_folder(place.parent.parent)
    return checksums.sha256(place / MANIFEST)


def _self() -> dict[str, Any]:
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now().isoformat(" ", "seconds")}


def _holder(folder: Path) -> str:
    try:
        found = json.loads((folder / WRITER).read_bytes())
        return f"process {found['pid']} on {found['host']} since {found['since']}"
    except (OSError, ValueError, TypeError, KeyError):  # it has only just begun
        return "another process"
