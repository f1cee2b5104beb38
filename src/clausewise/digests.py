"""What a model is: a digest of its files, which takes a fifth of a second to compute and is therefore remembered."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from clausewise.settings import cache_folder

_KINDS = (".json", ".safetensors", ".txt", ".bin")
_SETTLED = 2 * 10**9  # nanoseconds: a file may be written twice within one tick of the coarsest file system's clock


def model_digest(model: str, *beside: Path) -> str:
    """SHA-256, in hex, over the files of the model in the folder `model`, then those `beside`.

    A name on a model hub is taken at its word: the digest is the name's.
    """
    if not Path(model).exists():
        return _sha256([*beside], model.encode())
    files = sorted(path for path in Path(model).rglob("*") if path.suffix in _KINDS)
    return _remembered([*files, *beside])


def _remembered(files: Sequence[Path]) -> str:
    """The digest that was computed when the files were last as they are now: by size, both times and number of each.

    The times of change, which no program sets at will, tell a file that was replaced by one of the same size and date.
    """
    now = [_state(path) for path in files]
    memo = cache_folder() / "digests" / hashlib.sha256(json.dumps([state[0] for state in now]).encode()).hexdigest()[:32]
    with suppress(OSError, ValueError, LookupError, TypeError):
        kept = json.loads(memo.read_text("utf-8"))
        if kept["files"] == now:
            return str(kept["digest"])
    digest = _sha256(files)
    if all(time.time_ns() - max(state[2:4]) > _SETTLED for state in now) and now == [_state(path) for path in files]:
        _keep(memo, {"files": now, "digest": digest})
    return digest


def _state(path: Path) -> list[Any]:
    found = path.stat()
    return [str(path.resolve()), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _sha256(files: Sequence[Path], start: bytes = b"") -> str:
    sha = hashlib.sha256(start)
    for path in files:
        sha.update(path.name.encode() + path.read_bytes())
    return sha.hexdigest()


def _keep(memo: Path, found: dict[str, Any]) -> None:
    """Without room or right to write, the digest is computed each time."""
    with suppress(OSError):
        memo.parent.mkdir(parents=True, exist_ok=True)
        fresh = memo.with_name(f".{memo.name}.{os.getpid()}")
        fresh.write_text(json.dumps(found), "utf-8")
        fresh.replace(memo)
