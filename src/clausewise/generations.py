"""An index's folder as generations: folders of files that are written once, whole, and never changed.

    NAME/current              the number of the generation in force, and the SHA-256 of its manifest
    NAME/generations/000007/  its files, and manifest.json, written last: a size and a SHA-256 for each of them
    NAME/lock, writer         held by who writes, while they do; who that is (see writing)
    NAME/journal              what a build has embedded so far (see journal)

`current` is replaced at once, so a reader finds the old generation or the new one. It holds the manifest of the one
that it opened, which is not removed until it lets go: by closing it, or by dying. A folder that holds a manifest itself
(a snapshot, or an index of an earlier version) is one generation. This room knows nothing of what the files say.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from clausewise import checksums, leases
from clausewise.checksums import Checked, damaged, reading, unreadable
from clausewise.errors import ClausewiseError, DamagedIndex, MissingIndex

CURRENT, GENERATIONS, MANIFEST = "current", "generations", "manifest.json"
BLOCKS = ".blocks"  # after the name of a large file: the file of its blocks' checksums
_CURRENT = re.compile(r"(\d{6,}) ([0-9a-f]{64})\n")
_LEFT_OUT = ("checksum", "unread", "failures")  # the last is an earlier version's name for what was not read


Named = tuple[str, str]  # a generation's name, and the SHA-256 of its manifest


@dataclass(frozen=True, slots=True)
class Generation:
    """One that is open: its files stay as long as this is referred to. `folder`: of its files. `digest`: the manifest's SHA-256."""

    folder: Path
    manifest: dict[str, Any]
    digest: str
    held: BinaryIO

    @property
    def named(self) -> Named:
        return self.folder.name, self.digest

    def file(self, name: str) -> Path:
        """The path of a file, read through and found whole. Raises DamagedIndex."""
        path, noted = self._sized(name)
        with reading(path):
            found = checksums.sha256(path)
        if found != noted["sha256"]:
            raise damaged(path, "its bytes are not those that were written")
        return path

    def large(self, name: str) -> Path:
        """The same by the checksums of its blocks, in a quarter of the time; a format-5 index of before they came has none."""
        if name + BLOCKS not in self.manifest["files"]:
            return self.file(name)
        path, _ = self._sized(name)
        with reading(path):
            found = checksums.of_blocks(path)
        if found != self._blocks(name):
            raise damaged(path, "its bytes are not those that were written")
        return path

    def array(self, name: str) -> Checked:
        """A large array, verified as it is used. Raises DamagedIndex."""
        path, _ = self._sized(name)
        with reading(path):
            return Checked(path, self._blocks(name))

    def faults(self) -> list[str]:
        """A line for each file that is not what the manifest says."""
        found = []
        for name in self.manifest["files"]:
            try:
                self.file(name)
            except DamagedIndex as error:
                found.append(str(error))
        return found

    def _blocks(self, name: str) -> bytes:
        path = self.file(name + BLOCKS)
        with reading(path):
            return path.read_bytes()

    def _sized(self, name: str) -> tuple[Path, dict[str, Any]]:
        if name not in self.manifest["files"]:
            raise damaged(self.folder / MANIFEST, f"lists no {name}")
        path, noted = self.folder / name, self.manifest["files"][name]
        with reading(path):
            size = path.stat().st_size
        if size != noted["size"]:
            raise damaged(path, f"found {size} bytes, expected {noted['size']}")
        return path, noted


def pointed(folder: Path) -> Named | None:
    """The generation in force; None where there is none. Raises DamagedIndex."""
    path = folder / CURRENT
    try:
        found = _CURRENT.fullmatch(path.read_text("ascii"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError:
        found = None
    if found is None:
        raise damaged(path, "names no generation")
    return found[1], found[2]


def opened(folder: Path) -> Generation:
    """The generation in force. Raises MissingIndex or DamagedIndex."""
    named = pointed(folder)
    place, digest = (folder / GENERATIONS / named[0], named[1]) if named else (folder, None)
    found = _held(place, digest)
    if found:
        return found
    if pointed(folder) != named:  # another took its place, and it was removed
        return opened(folder)
    if named:
        raise damaged(place / MANIFEST, "is missing")
    raise MissingIndex(f"{folder}: found no index; make one with: clausewise index --corpus DIR --index {folder}")


def all_opened(folder: Path) -> list[Generation]:
    """Every whole generation that is there, the newest first: the one in force, those still in use, one not come into force."""
    found = []
    for place in reversed(_places(folder)):
        with suppress(ClausewiseError):
            found += [one for one in [_held(place, None)] if one]
    return found


def numbered(folder: Path) -> list[int]:
    return [int(place.name) for place in _places(folder)]


def prune(folder: Path) -> None:
    """Remove the generations older than the one in force that nobody holds. What cannot be removed is left for another time.

    It needs no lock: nobody makes an older one.
    """
    with suppress(OSError, DamagedIndex):
        named = pointed(folder)
        for place in _places(folder):
            if named and int(place.name) < int(named[0]):
                discard(place)


def discard(place: Path) -> None:
    """Remove a generation unless somebody holds it: the manifest first, without which it is none."""
    with suppress(OSError):
        if leases.removed(place / MANIFEST):
            shutil.rmtree(place, ignore_errors=True)


def checksum(manifest: dict[str, Any]) -> str:
    """Over everything in a manifest but the checksum itself, and what could not be read, which bears on no answer."""
    rest = {name: value for name, value in manifest.items() if name not in _LEFT_OUT}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _places(folder: Path) -> list[Path]:
    """Of the generations that are there, whole or not, the oldest first."""
    place = folder / GENERATIONS
    return sorted((p for p in place.iterdir() if p.name.isdecimal()), key=lambda p: int(p.name)) if place.is_dir() else []


def _held(place: Path, expected: str | None) -> Generation | None:
    """The generation in this folder, None where it has no manifest. `expected`: the SHA-256 of that, if it is known."""
    path = place / MANIFEST
    try:
        held = leases.held(path)
        if held is None:
            return None
        data = held.read()
        manifest, digest = json.loads(data), hashlib.sha256(data).hexdigest()
        if manifest["checksum"] == checksum(manifest) and expected in (None, digest):
            return Generation(place, manifest, digest, held)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise unreadable(path, error) from None
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
        pass
    raise damaged(path, "is not what was written")
