"""Indexes kept as they were, so that an answer can be produced again after the policies have changed.

A snapshot stands beside the index, in `snapshots/` under the first 16 digits of its manifest's checksum: a generation by
itself. Its files are never changed in place, so hard links suffice and cost nothing until the index is built anew.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from clausewise.catalogue import Catalogue
from clausewise.errors import ClausewiseError, IndexMismatch
from clausewise.generations import MANIFEST, Generation, all_opened, opened
from clausewise.index import load_texts

DIGITS = 16  # of a checksum, that name a snapshot


def keep(index: Path, checksum: str) -> Path:
    """Keep the index in folder `index`, whose manifest had this checksum when it was opened; the snapshot's folder.

    Raises IndexMismatch where it has been built anew since and nobody has the old one open, MissingIndex or DamagedIndex
    where there is none, and OSError where nothing can be written.
    """
    kept = _place(index, checksum)
    if not kept.exists():
        found = _generation(index, checksum)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{kept.name}.new-", dir=kept.parent, ignore_cleanup_errors=True) as beside:
            try:
                shutil.copytree(found.folder, Path(beside) / "index", copy_function=_link).rename(kept)
            except OSError:
                if not kept.exists():  # otherwise another process, or thread, was quicker
                    raise
    return kept


def _generation(index: Path, checksum: str) -> Generation:
    """The one of this checksum, held open, so that its files stay while they are copied."""
    for found in (opened(index), *all_opened(index)):
        if found.manifest["checksum"] == checksum:
            return found
    raise IndexMismatch(f"{index}: was built anew while it was in use; run the suite again")


def find(index: Path, checksum: str) -> Path | None:
    """The folder of the snapshot of that checksum beside the index in folder `index`, if it is there."""
    kept = _place(index, checksum)
    return kept if kept.is_dir() else None


def holding(index: Path, document: str, digest: str) -> Catalogue | None:
    """The words of a snapshot beside the index in folder `index` that holds the document from a file of this digest, or of one
    that begins so; None where none does that is whole.
    """
    for kept in sorted((index.resolve().parent / "snapshots").glob("[!.]*")):
        with suppress(OSError, ValueError, KeyError, ClausewiseError):  # an old format, or damaged
            if json.loads((kept / MANIFEST).read_bytes())["documents"].get(document, "").startswith(digest):
                return load_texts(kept)
    return None


def _place(index: Path, checksum: str) -> Path:
    return index.resolve().parent / "snapshots" / checksum[:DIGITS]


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another volume, or a file system without links
        shutil.copy2(source, target)
