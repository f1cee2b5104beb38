"""A second look at the nearest clauses by a cross-encoder, where one is named (CLAUSEWISE_RERANKER). None is shipped.

A cross-encoder reads question and clause together: slower, and better only if it was trained on questions like these.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from clausewise.errors import ModelError
from clausewise.types import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

DEPTH = 10  # so many clauses of a school are looked at again


class Reranker:
    """A sentence-transformers CrossEncoder, by name or path; its weights are read at the first use."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loading = Lock()

    @cached_property
    def _model(self) -> CrossEncoder:
        from sentence_transformers import CrossEncoder

        try:
            model: CrossEncoder = CrossEncoder(self._name, device="cpu")
        except Exception as error:
            line = " ".join(str(error).split())[:160]
            remedy = "name another with CLAUSEWISE_RERANKER, or unset it"
            raise ModelError(f"{self._name}: sentence-transformers cannot load this cross-encoder ({line}); {remedy}") from None
        return model

    def reorder(self, question: str, best: Sequence[Hit]) -> list[Hit]:
        """The first DEPTH of `best` by the cross-encoder's score, ties as they were; the rest after them."""
        first, rest = list(best[:DEPTH]), list(best[DEPTH:])
        if len(first) < 2:
            return [*first, *rest]
        with self._loading:
            model = self._model
        scores = model.predict([(question, hit.passage.text) for hit in first], show_progress_bar=False)
        order = sorted(range(len(first)), key=lambda i: (-float(scores[i]), i))
        return [*(first[i] for i in order), *rest]
