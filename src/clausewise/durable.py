"""Writing that outlives the moment: each file and folder is on the disk before anything is built on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from clausewise.errors import IndexNotWritten


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """What cannot be written in the index's folder is one line: IndexNotWritten."""
    try:
        yield
    except OSError as error:
        raise IndexNotWritten(
            f"{folder}: cannot be written ({error.strerror or error}); make room or rights there, or name another with --index"
        ) from None


def write(path: Path, data: bytes) -> None:
    """A new file, or an old one's place taken at once: whoever reads finds the old bytes or the new ones, whole."""
    beside = path.with_name(f"{path.name}.new")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    sync_folder(path.parent)


def write_array(path: Path, array: np.ndarray[Any, Any]) -> None:
    """As numpy's .npy. Unlike numpy.save it says why where the disk is full."""
    whole = np.ascontiguousarray(array)
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(whole))
        file.write(whole.data.cast("B") if whole.size else b"")


def sync(path: Path) -> None:
    """Windows asks that the file be open to be written."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def make_folder(path: Path) -> None:
    """With the parents that are missing, each of which its own parent is made to hold durably; nothing where it is there."""
    made = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for each in made:
        sync_folder(each.parent)


def sync_folder(path: Path) -> None:
    """Make durable which files a folder holds; Windows has no such call, and does it by itself."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
