"""A model as onnxruntime runs it: exported when it is first used, kept in the cache folder by its digest, made again if damaged.

Where it cannot be exported, or not kept, sentence-transformers runs it, and a line in the log says why.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
import uuid
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import metadata, util
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from clausewise.exported import Exported, Model
from clausewise.exporting import NotExported, export
from clausewise.reference import Encoding, Scoring
from clausewise.settings import cache_folder

FORMAT = 1  # raised whenever exporting.py writes something else
_MANIFEST = "export.json"
_NEEDED = ("onnx", "onnxruntime", "tokenizers")
_BEHIND = (*_NEEDED, "torch", "transformers", "sentence-transformers")  # another release of one may do what the last could not
_AGAIN = 86_400  # seconds after which what could not be exported is tried again, as it may have been for want of room
_LEFT = 3_600  # seconds after which nobody is still writing what is half written

log = logging.getLogger(__name__)
Load = Callable[[], Encoding | Scoring]


def opened(name: str, digest: str, load: Load) -> Model:
    """The model of that digest, which `load` reads as sentence-transformers does. `name`: for the log.

    Whichever runs it, its vectors are the same to five places, so that what one made the other may search. Raises ModelError
    where the model cannot be read.
    """
    folder = cache_folder() / "models" / f"{digest}-{FORMAT}"
    once = cache(load)
    try:
        return _whole(folder) or _made(folder, once)
    except NotExported as error:
        why = str(error)
    except OSError as error:
        why = f"{folder.parent}: {error.strerror}; name another folder with CLAUSEWISE_CACHE"
    log.warning("%s: is run by sentence-transformers, which takes seconds to load (%s)", name, why)
    return once()


def _whole(folder: Path) -> Exported | None:
    """None where there is none that can be used. Raises NotExported where a note there says that there can be none."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
        _refuse(manifest)
        if all(_checksum(folder / file) == checksum for file, checksum in manifest["files"].items()):
            return Exported(folder)
    except NotExported:
        raise
    except Exception as error:  # whatever a damaged file makes of JSON, the tokenizer and onnxruntime
        log.debug("%s: %s", folder, error)
    return None


def _refuse(manifest: dict[str, Any]) -> None:
    if "fault" in manifest and manifest["packages"] == _packages() and time.time() - manifest["time"] < _AGAIN:
        raise NotExported(manifest["fault"])


def _made(folder: Path, load: Load) -> Exported:
    """Written beside and renamed: of two processes that export at once, the first to end is kept, and both use it."""
    missing = [package for package in _NEEDED if util.find_spec(package) is None]
    if missing:
        raise NotExported(f"{missing[0]} is not installed")
    fresh = _beside(folder)
    fresh.mkdir(parents=True)
    try:
        _tidy(folder)
        _fill(fresh, load)
        with suppress(OSError):
            fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    found = _whole(folder)
    if found is None:
        raise NotExported(f"{folder}: what was written there cannot be read")
    return found


def _fill(fresh: Path, load: Load) -> None:
    model = load()
    try:
        export(model, fresh)
        manifest: dict[str, Any] = {"files": {path.name: _checksum(path) for path in sorted(fresh.iterdir())}}
    except NotExported as error:
        for path in fresh.iterdir():
            path.unlink()
        manifest = {"fault": str(error), "packages": _packages(), "time": time.time()}
    (fresh / _MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")


def _tidy(folder: Path) -> None:
    """Remove what is there, of no use as it is, and what stopped processes left beside it."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder.rename(_beside(folder)))
    for left in folder.parent.glob(".new-*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT:
                shutil.rmtree(left)


def _beside(folder: Path) -> Path:
    return folder.with_name(f".new-{uuid.uuid4().hex}")


def _packages() -> dict[str, str]:
    return {package: metadata.version(package) for package in _BEHIND}


def _checksum(path: Path) -> int:
    """CRC-32, which finds damage in half the time of SHA-256: it is computed at each start, over 90 MB."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return zlib.crc32(data)
