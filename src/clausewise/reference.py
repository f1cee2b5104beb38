"""Models as sentence-transformers runs them: what an export is made from and held against, and the way where there is none.

The only room that knows sentence_transformers, which takes seconds to import: opened late.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clausewise.adapter import apply_adapter
from clausewise.errors import ModelError
from clausewise.exported import Array, Input

if TYPE_CHECKING:
    from torch import Tensor

VECTOR, WORDS, SCORE = "sentence_embedding", "token_embeddings", "scores"
_BATCH = 64


class Encoding:
    """A SentenceTransformer, by name or path, with the update in the file `adapter`, if any, added to its weights."""

    outputs: tuple[str, ...] = (VECTOR, WORDS)

    def __init__(self, model: str, adapter: Path | None) -> None:
        self.module = _loaded("SentenceTransformer", model, "CLAUSEWISE_MODEL")
        if adapter:
            apply_adapter(self.module, adapter)

    def run(self, inputs: Sequence[Input], outputs: Sequence[str]) -> list[list[Array]]:
        """A model without token vectors (a static one) has one word for the whole text."""
        rows = self.module.encode(list(inputs), batch_size=_BATCH, output_value=None, show_progress_bar=False)
        return [[_words(row) if name == WORDS else _array(row[name]) for name in outputs] for row in rows]

    def values(self, features: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        """What the graph is to give of what `module` gives, in the order of `outputs`."""
        return features[VECTOR], features[WORDS]


class Scoring:
    """A CrossEncoder, by name or path."""

    outputs: tuple[str, ...] = (SCORE,)

    def __init__(self, model: str) -> None:
        self.module = _loaded("CrossEncoder", model, "CLAUSEWISE_RERANKER")
        if self.module.num_labels != 1:
            remedy = "name another with CLAUSEWISE_RERANKER, or unset it"
            raise ModelError(f"{model}: found a cross-encoder of {self.module.num_labels} scores a pair, expected one; {remedy}")

    def run(self, inputs: Sequence[Input], outputs: Sequence[str]) -> list[list[Array]]:
        return [[np.asarray(score, dtype=np.float32)] for score in self.module.predict(list(inputs), show_progress_bar=False)]

    def values(self, features: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        """As Encoding's."""
        return (self.module.activation_fn(features[SCORE]).squeeze(-1),)


def _words(row: Mapping[str, Tensor]) -> Array:
    return _array(row[WORDS][row["attention_mask"].bool()] if WORDS in row else row[VECTOR].reshape(1, -1))


def _array(found: Tensor) -> Array:
    return np.asarray(found.float().numpy(), dtype=np.float32)


def _loaded(kind: str, model: str, setting: str) -> Any:
    """Of one thread, as Exported. `setting`: where another model may be named. Raises ModelError."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if Path(model).exists():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    _quiet()
    import sentence_transformers
    import torch

    make: Callable[..., Any] = getattr(sentence_transformers, kind)
    try:
        found = make(model, device="cpu")
    except Exception as error:
        line = " ".join(str(error).split())[:160]
        remedy = f"name another with {setting}, or unset it"
        raise ModelError(f"{model}: sentence-transformers cannot load it as a {kind} ({line}); {remedy}") from None
    torch.set_num_threads(1)
    return found


def _quiet() -> None:
    """Loading prints a progress bar of its own; a person's terminal is for answers."""
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
