"""Nearest rows by inner product. The only room that knows faiss."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from clausewise.checksums import Checked
from clausewise.durable import write_array
from clausewise.embeddings import Vectors

Rows = np.ndarray[Any, np.dtype[np.int64]]


class VectorIndex:
    """Exact search over unit vectors: the inner product is the cosine."""

    def __init__(self, vectors: Vectors) -> None:
        import faiss

        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, query: Vectors, k: int, rows: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The `k` rows nearest to `query` (shape (1, d)) among `rows`, best first, ties by row; fewer if there are fewer.

        The rows are chosen before the search, not after: a small school is never crowded out by a large one. Only they are
        looked at, so that a school costs the same however many others there are.
        """
        import faiss

        k = min(k, len(self) if rows is None else len(rows))
        if not k:
            return []
        selector = None if rows is None else faiss.IDSelectorArray(np.asarray(rows, dtype=np.int64))
        parameters = None if selector is None else faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, found = self._index.search(np.asarray(query, dtype=np.float32), k, params=parameters)
        pairs = [(int(row), float(score)) for row, score in zip(found[0], scores[0], strict=True) if row >= 0]  # -1 pads
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def cosines(self, queries: Vectors, rows: Sequence[int] | Rows) -> Vectors:
        """Of each query, shape (m, d), with each of `rows`: shape (m, len(rows))."""
        if not len(rows):
            return np.zeros((len(queries), 0), dtype=np.float32)
        return np.asarray(queries @ self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64)).T, dtype=np.float32)

    def vectors(self) -> Vectors:
        """All vectors, shape (n, d)."""
        return np.asarray(self._index.reconstruct_n(0, len(self)), dtype=np.float32)

    def save(self, path: Path) -> None:
        write_array(path, self.vectors())

    @classmethod
    def load(cls, vectors: Checked) -> VectorIndex:
        return cls(vectors[:])
