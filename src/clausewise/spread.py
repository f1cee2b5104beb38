"""Embedding on many machines: parts of the texts go to workers of a Ray cluster. The only room that knows ray (an extra).

Ray keeps the workers, hands out the parts and gives those of a worker that dies to another. Which cluster is Ray's own
setting, RAY_ADDRESS; without it, one on this machine. Each worker reads its own model, which must be the one here.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from clausewise.embeddings import Encoder
from clausewise.errors import ModelError, SpreadError
from clausewise.steps import Embedded, Part, embed

Array = np.ndarray[Any, np.dtype[Any]]

_WAIT = 5.0  # seconds for the cluster to be found; Ray itself would try for minutes
_ADDRESS = "RAY_ADDRESS"
_REMEDY = f"name another with {_ADDRESS}, unset it to use this machine alone, or leave out --engine ray"
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal", "RAY_DATA_DISABLE_PROGRESS_BARS": "1"}


@dataclass(frozen=True, slots=True)
class Ray:
    """An engine (see steps) of Ray workers. `make`: the encoder of a worker, which reads its weights once."""

    make: Callable[[], Encoder]

    def __call__(self, encoder: Encoder, parts: Sequence[Part]) -> Iterator[Embedded]:
        """As they are ready, each with the bits that one machine gives.

        Raises SpreadError, or ModelError where a worker's model is not `encoder`'s.
        """
        if not parts:
            return
        with _connected() as ray:
            try:
                for row in self._rows(ray, encoder, parts):
                    yield _checked(row, encoder, parts)
            except ray.exceptions.RayError as error:
                raise SpreadError(f"Ray: a worker failed ({_last_line(error)}); see Ray's own logs, or leave out --engine ray") from None

    def _rows(self, ray: Any, encoder: Encoder, parts: Sequence[Part]) -> Iterator[Mapping[str, Any]]:
        rows = [{"number": number, "texts": list(part.texts), "words": part.words} for number, part in enumerate(parts)]
        data = ray.data.from_items(rows, override_num_blocks=len(rows))
        embedded = data.map_batches(
            _Worker,
            fn_constructor_args=(self.make, encoder.digest),
            batch_size=1,
            num_cpus=1,
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=len(rows)),
        )
        return iter(embedded.iter_rows())


class _Worker:
    """Lives in a process of the cluster and embeds one part after another."""

    def __init__(self, make: Callable[[], Encoder], digest: str) -> None:
        self._encoder, self._expected = make(), digest

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Of each part its number, the machine, its model's digest, and what `embed` gives if that is the one expected."""
        rows = [self._row(*values) for values in zip(batch["number"], batch["texts"], batch["words"], strict=True)]
        return {name: [row[name] for row in rows] for name in rows[0]}

    def _row(self, number: int, texts: Sequence[str], words: bool) -> dict[str, Any]:
        told = {"number": number, "machine": socket.gethostname(), "digest": self._encoder.digest}
        if told["digest"] != self._expected:
            return told | dict.fromkeys(("vectors", "codes", "sizes"), b"")
        made = embed(self._encoder, Part(tuple(texts), bool(words)))
        codes = np.concatenate(made.codes) if made.codes else np.zeros((0, 1), dtype=np.int8)
        sizes = np.array([len(one) for one in made.codes], dtype=np.int64)
        return told | {"vectors": _packed(made.vectors), "codes": _packed(codes), "sizes": _packed(sizes)}


def _checked(row: Mapping[str, Any], encoder: Encoder, parts: Sequence[Part]) -> Embedded:
    if row["digest"] != encoder.digest:
        raise ModelError(
            f"the Ray worker on {row['machine']} has another model than {encoder.name} as it is here (found the digest "
            f"{row['digest'][:12]}, expected {encoder.digest[:12]}); install the same clausewise and the same model on every machine"
        )
    vectors, codes, sizes = (_unpacked(row[name]) for name in ("vectors", "codes", "sizes"))
    return Embedded(parts[row["number"]], vectors, np.split(codes, np.cumsum(sizes)[:-1]) if len(sizes) else ())


def _packed(array: Array) -> bytes:
    file = BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _unpacked(data: bytes) -> Array:
    return np.asarray(np.load(BytesIO(data), allow_pickle=False))


@contextmanager
def _connected() -> Iterator[Any]:
    """Ray, connected to the cluster until this is left; where it was already, it stays so."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.data
    except ImportError:
        raise SpreadError("--engine ray: ray is not installed; install it with: python -m pip install 'clausewise[ray]'") from None
    own = not ray.is_initialized()
    if own:
        _connect(ray)
    try:
        yield ray
    finally:
        if own:
            ray.shutdown()


def _connect(ray: Any) -> None:
    address = os.environ.get(_ADDRESS, "")
    _reach(address)
    try:
        ray.init(log_to_driver=False, logging_level="ERROR", include_dashboard=False)
        logging.getLogger("ray.data").setLevel(logging.ERROR)
    except (ValueError, OSError, RuntimeError) as error:
        raise SpreadError(f"Ray: the cluster {address or 'on this machine'} cannot be used ({_last_line(error)}); {_REMEDY}") from None


def _reach(address: str) -> None:
    """Raises SpreadError where nobody answers at the host and port of `address`, if it names any."""
    try:
        found = urlsplit(address if "://" in address else f"//{address}")
        if found.hostname and found.port:
            socket.create_connection((found.hostname, found.port), _WAIT).close()
    except (OSError, ValueError) as error:
        raise SpreadError(f"Ray: found no cluster at {_ADDRESS}={address} ({_last_line(error)}); {_REMEDY}") from None


def _last_line(error: Exception) -> str:
    """What went wrong in the end, of an error that carries the traceback of another process."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()[:200]
