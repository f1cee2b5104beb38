"""A second look at the nearest clauses by a cross-encoder, where one is named (CLAUSEWISE_RERANKER). None is shipped.

A cross-encoder reads question and clause together: slower, and better only if it was trained on questions like these.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from threading import Lock

from clausewise.digests import model_digest
from clausewise.exported import Model
from clausewise.models import opened
from clausewise.reference import SCORE, Scoring
from clausewise.types import Hit

DEPTH = 10  # so many clauses of a school are looked at again


class Reranker:
    """A sentence-transformers CrossEncoder, by name or path, run by onnxruntime where it can be; read at the first use."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loading = Lock()

    @cached_property
    def _model(self) -> Model:
        return opened(self._name, model_digest(self._name), lambda: Scoring(self._name))

    def reorder(self, question: str, best: Sequence[Hit]) -> list[Hit]:
        """The first DEPTH of `best` by the cross-encoder's score, ties as they were; the rest after them."""
        first, rest = list(best[:DEPTH]), list(best[DEPTH:])
        if len(first) < 2:
            return [*first, *rest]
        with self._loading:
            model = self._model
        scores = [float(score) for (score,) in model.run([(question, hit.passage.text) for hit in first], (SCORE,))]
        order = sorted(range(len(first)), key=lambda i: (-scores[i], i))
        return [*(first[i] for i in order), *rest]
