"""Checksums of whole files, and of the blocks of large ones: what is read of an array is verified when it is first used.

To read gigabytes at every opening would take longer than any answer. So a large file has a file of checksums beside it,
one for each MiB, which is small, and verified whole. These are XXH3, which is as quick as memory: they are to find damage,
not forgery.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import numpy as np
from xxhash import xxh3_128_digest

from clausewise.errors import DamagedIndex

BLOCK = 1 << 20  # bytes
_SIZE = 16  # bytes of a block's checksum
REBUILD = "build it again with: clausewise index"


def damaged(path: Path | str, found: str) -> DamagedIndex:
    return DamagedIndex(f"{path}: {found}; {REBUILD}")


def unreadable(path: Path, error: OSError) -> DamagedIndex:
    return DamagedIndex(f"{path}: cannot be read ({error.strerror or error}); see to its rights or to its disk, or {REBUILD}")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """A file that is missing, or that the system does not let be read, is one line: DamagedIndex."""
    try:
        yield
    except FileNotFoundError:
        raise damaged(path, "is missing") from None
    except OSError as error:
        raise unreadable(path, error) from None


def sha256(path: Path) -> str:
    """Of a whole file, in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_blocks(path: Path) -> bytes:
    """The checksum of each block of a file, one after the other."""
    with path.open("rb") as file:
        return b"".join(xxh3_128_digest(block) for block in iter(lambda: file.read(BLOCK), b""))


class Checked:
    """The array in a .npy file, memory-mapped; nothing of it is handed out before its blocks are found to be whole.

    `checksums`: what `of_blocks` gave when the file was written. Using a damaged part raises DamagedIndex. A block is read
    like any file before it is used from memory, since what is missing there ends the process (SIGBUS): so it does still
    where a file is cut short after a block of it was used. It may be used from several threads.
    """

    def __init__(self, path: Path, checksums: bytes) -> None:
        self._path, self._checksums = path, checksums
        self._seen = bytearray(len(checksums) // _SIZE)  # 1 for a block that was found whole
        self._file, self._turn = path.open("rb"), Lock()
        self._verify(0, 1)  # holds numpy's header
        self._array, self._start = _mapped(self._file, path)
        self._row = self._array.dtype.itemsize * int(np.prod(self.shape[1:]))

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self._array.shape)

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, rows: slice) -> Any:
        """Some rows that follow on one another, not copied."""
        start, stop, step = rows.indices(len(self))
        if step != 1:
            raise ValueError(f"found steps of {step}, expected rows that follow on one another")
        self._verify(self._start + start * self._row, self._start + stop * self._row)
        return self._array[start:stop]

    def take(self, rows: np.ndarray[Any, Any]) -> Any:
        """A copy of rows by number, in the order given; of a row, which is shorter than a block, its ends lie in one or two."""
        first = self._start + rows * self._row
        touched = np.zeros(len(self._seen), dtype=bool)
        touched[first // BLOCK] = touched[(first + self._row - 1) // BLOCK] = True
        for block in np.flatnonzero(touched).tolist():
            self._verify(block * BLOCK, block * BLOCK + 1)
        return np.take(self._array, rows, axis=0)

    def _verify(self, start: int, stop: int) -> None:
        """The blocks that hold the bytes from `start` to `stop`."""
        for block in range(start // BLOCK, -(-stop // BLOCK)):
            if not self._seen[block]:
                if xxh3_128_digest(self._read(block)) != self._checksums[block * _SIZE : (block + 1) * _SIZE]:
                    raise damaged(self._path, f"block {block + 1} of {len(self._seen)} is not what was written")
                self._seen[block] = 1

    def _read(self, block: int) -> bytes:
        with self._turn, reading(self._path):
            self._file.seek(block * BLOCK)
            return self._file.read(BLOCK)


def _mapped(file: BinaryIO, path: Path) -> tuple[np.ndarray[Any, Any], int]:
    """The array in a .npy file whose header was verified, and where its first byte stands."""
    found = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    np.lib.format.read_magic(found)
    shape, _, dtype = np.lib.format.read_array_header_1_0(found)
    if dtype.hasobject:  # addresses in memory
        raise damaged(path, "holds Python's objects")
    return np.ndarray(shape, dtype, found, found.tell()), found.tell()


def taken(array: np.ndarray[Any, Any] | Checked, rows: np.ndarray[Any, Any]) -> Any:
    """A copy of rows by number, in the order given."""
    return array.take(rows) if isinstance(array, Checked) else array[rows]
