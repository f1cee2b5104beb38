"""Indexes kept as they were, so that an answer can be produced again after the policies have changed.

A snapshot stands beside the index, in `snapshots/` under the first 16 digits of its manifest's checksum. An index's
files are never changed in place, so hard links suffice and cost nothing until the index is built anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from clausewise.errors import ClausewiseError, IndexMismatch
from clausewise.index import Texts, load_texts

DIGITS = 16  # of a checksum, that name a snapshot
_MANIFEST = "manifest.json"


def keep(index: Path, checksum: str) -> Path:
    """Keep the index in folder `index`, whose manifest had this checksum when it was opened; the snapshot's folder.

    Raises IndexMismatch where it has been built anew since, or is meanwhile, and OSError where nothing can be written.
    """
    kept = _place(index, checksum)
    if not kept.exists():
        manifest = (index / _MANIFEST).read_bytes()
        if json.loads(manifest)["checksum"] != checksum:
            raise _anew(index)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{kept.name}.new-", dir=kept.parent, ignore_cleanup_errors=True) as beside:
            try:
                _copy(index, Path(beside) / "index", manifest).rename(kept)
            except OSError:
                if not kept.exists():  # otherwise another process, or thread, was quicker
                    raise
    return kept


def find(index: Path, checksum: str) -> Path | None:
    """The folder of the snapshot of that checksum beside the index in folder `index`, if it is there."""
    kept = _place(index, checksum)
    return kept if kept.is_dir() else None


def holding(index: Path, document: str, digest: str) -> Texts | None:
    """The words of a snapshot beside the index in folder `index` that holds the document from a file of this digest, or of one
    that begins so; None where none does that is whole.
    """
    for kept in sorted((index.resolve().parent / "snapshots").glob("[!.]*")):
        with suppress(OSError, ValueError, KeyError, ClausewiseError):  # an old format, or damaged
            if json.loads((kept / _MANIFEST).read_bytes())["documents"].get(document, "").startswith(digest):
                return load_texts(kept)
    return None


def _place(index: Path, checksum: str) -> Path:
    return index.resolve().parent / "snapshots" / checksum[:DIGITS]


def _copy(index: Path, fresh: Path, manifest: bytes) -> Path:
    """A copy of the index of this manifest as the new folder `fresh`, which is returned.

    The files are found by name, one by one, and another index may come to stand there in between: IndexMismatch then.
    """
    shutil.copytree(index, fresh, copy_function=_link)
    files = {name: _sha256(fresh / name) for name in json.loads(manifest)["files"]}
    if (fresh / _MANIFEST).read_bytes() != manifest or files != json.loads(manifest)["files"]:
        raise _anew(index)
    return fresh


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _anew(index: Path) -> IndexMismatch:
    return IndexMismatch(f"{index}: was built anew while it was in use; run the suite again")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another volume, or a file system without links
        shutil.copy2(source, target)
