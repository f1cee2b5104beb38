"""Indexes kept as they were, so that an answer can be produced again after the policies have changed.

A snapshot stands beside the index, in `snapshots/` under the first 16 digits of its manifest's checksum. An index's
files are never changed in place, so hard links suffice and cost nothing until the index is built anew.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from clausewise.errors import IndexMismatch

_DIGITS = 16


def keep(index: Path, checksum: str) -> Path:
    """Keep the index in folder `index`, whose manifest had this checksum when it was opened; the snapshot's folder.

    Raises IndexMismatch where it has been built anew since, and OSError where nothing can be written.
    """
    kept = _place(index, checksum)
    if not kept.exists():
        fresh = kept.with_name(f".{kept.name}.new-{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            shutil.copytree(index, fresh, copy_function=_link)
            if json.loads((fresh / "manifest.json").read_text("utf-8"))["checksum"] != checksum:
                raise IndexMismatch(f"{index}: was built anew while it was in use; run the suite again")
            fresh.rename(kept)
        except OSError:
            if not kept.exists():  # otherwise another process was quicker
                raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return kept


def find(index: Path, checksum: str) -> Path | None:
    """The folder of the snapshot of that checksum beside the index in folder `index`, if it is there."""
    kept = _place(index, checksum)
    return kept if kept.is_dir() else None


def _place(index: Path, checksum: str) -> Path:
    return index.resolve().parent / "snapshots" / checksum[:_DIGITS]


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another volume, or a file system without links
        shutil.copy2(source, target)
