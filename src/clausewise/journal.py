"""What a build has embedded so far, so that the next one need not do it again if this one is killed.

A file of records, each with its own checksum; it ends where one is torn. It belongs to one model, and is removed when
the index that holds all of it is in force.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from clausewise import durable

_HEAD = struct.Struct("<I32s")  # bytes of a record, and their SHA-256
_SHAPE = struct.Struct("<32sIII")  # of a record: its key, the vector's length, the words' number (NONE: none are kept) and length
_NONE = 0xFFFFFFFF


def key(digest: str, *texts: str) -> bytes:
    """What embeddings are kept by: SHA-256 over the model's digest and the text, or the texts that share one vector."""
    return hashlib.sha256(json.dumps([digest, *texts]).encode()).digest()


@dataclass(frozen=True, slots=True)
class Record:
    """`vector`: shape (d,), float32. `words`: shape (tokens, width), int8; None where nobody asked for them."""

    key: bytes
    vector: np.ndarray[Any, Any]
    words: np.ndarray[Any, Any] | None

    def packed(self) -> bytes:
        tokens, width = (_NONE, 0) if self.words is None else self.words.shape
        arrays = self.vector.astype("<f4").tobytes() + (b"" if self.words is None else self.words.tobytes())
        data = _SHAPE.pack(self.key, len(self.vector), tokens, width) + arrays
        return _HEAD.pack(len(data), hashlib.sha256(data).digest()) + data

    @classmethod
    def unpacked(cls, data: bytes) -> Record:
        name, length, tokens, width = _SHAPE.unpack_from(data)
        vector = np.frombuffer(data, "<f4", length, _SHAPE.size)
        words = None if tokens == _NONE else np.frombuffer(data, np.int8, -1, _SHAPE.size + 4 * length).reshape(tokens, width)
        return cls(name, vector, words)


class Journal:
    """The journal at `path` of builds with the model of this digest; another model's, and what is torn, is dropped."""

    def __init__(self, path: Path, digest: str) -> None:
        self.path = path
        self._title = hashlib.sha256(digest.encode()).digest()
        self._file: BinaryIO | None = None
        self._places: dict[bytes, tuple[int, int]] = {}
        self._end = 0  # of what is whole
        with durable.told(path.parent), suppress(FileNotFoundError):
            self._read()

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[bytes]:
        """The keys."""
        return iter(self._places)

    def get(self, key: bytes) -> Record | None:
        if key not in self._places or self._file is None:
            return None
        start, size = self._places[key]
        self._file.seek(start)
        return Record.unpacked(self._file.read(size))

    def add(self, records: Iterable[Record]) -> None:
        """Keep these; they are on the disk when this returns. Raises IndexNotWritten."""
        packed = [(record.key, record.packed()) for record in records]
        with durable.told(self.path.parent):
            self._append(b"".join(data for _, data in packed))
        place = self._end
        for name, data in packed:
            self._places[name] = place + _HEAD.size, len(data) - _HEAD.size
            place += len(data)
        self._end = place

    def close(self) -> None:
        if self._file:
            with suppress(OSError):  # what could not be written is tried once more, and was told already
                self._file.close()
            self._file = None

    def _append(self, data: bytes) -> None:
        file = self._opened()
        file.seek(self._end)
        file.truncate()
        file.write(data)
        file.flush()
        os.fsync(file.fileno())

    def _opened(self) -> BinaryIO:
        if self._file is None or not self._end:
            self.close()
            self._file = self.path.open("w+b")
            self._file.write(self._title)
            durable.sync_folder(self.path.parent)
            self._end = len(self._title)
        return self._file

    def _read(self) -> None:
        self._file = self.path.open("r+b")
        if self._file.read(len(self._title)) == self._title:
            self._end = len(self._title)
            for name, start, size in _untorn(self._file):
                self._places[name] = start, size
                self._end = start + size


def _untorn(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """The key, start and size of each record up to the first that is torn."""
    end = os.fstat(file.fileno()).st_size
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        size, digest = _HEAD.unpack(head)
        start = file.tell()
        if size > end - start or hashlib.sha256(data := file.read(size)).digest() != digest:
            return
        yield data[:32], start, size
