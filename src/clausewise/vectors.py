"""Nearest rows by inner product: exactly, and of very many rows by way of their cells. With cells the only room that knows faiss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from clausewise.cells import LEAST, Cells
from clausewise.checksums import Checked, taken
from clausewise.durable import write_array
from clausewise.embeddings import Vectors

Rows = np.ndarray[Any, np.dtype[np.int64]]


class VectorIndex:
    """Search over unit vectors, shape (n, d): the inner product is the cosine. They may stay on disk until they are read.

    `cells`: of all the vectors; without them every search is exact.
    """

    def __init__(self, vectors: Vectors | Checked, cells: Cells | None = None) -> None:
        self._cells = cells
        self._vectors = vectors if isinstance(vectors, Checked) else np.ascontiguousarray(vectors, dtype=np.float32)

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, query: Vectors, k: int, rows: Sequence[int] | Rows | None = None) -> list[tuple[int, float]]:
        """The `k` rows nearest to `query` (shape (1, d)) among `rows`, best first, ties by row; fewer if there are fewer.

        The rows are chosen before the search, not after: a small school is never crowded out by a large one. Only they are
        looked at, so that a school costs the same however many others there are. Of LEAST or more a few that are among the
        nearest may be missing, where there are cells.
        """
        import faiss

        chosen = range(len(self)) if rows is None else rows
        k = min(k, len(chosen))
        if not k:
            return []
        if self._cells and len(chosen) >= LEAST:
            chosen = self._near(self._cells, query, k, chosen)
        near = self._taken(chosen)
        scores, found = faiss.knn(np.asarray(query, dtype=np.float32), near, k, faiss.METRIC_INNER_PRODUCT)
        pairs = [(int(chosen[place]), float(score)) for place, score in zip(found[0], scores[0], strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _near(self, cells: Cells, query: Vectors, k: int, rows: Sequence[int] | Rows) -> Sequence[int] | Rows:
        """Those of `rows` that lie in cells near to the query; all of them, where these hold fewer than `k`."""
        found = cells.near(query, k, rows if isinstance(rows, range) else np.asarray(rows, dtype=np.int64))
        return rows if len(found) < k else np.sort(found)

    def cosines(self, queries: Vectors, rows: Sequence[int] | Rows) -> Vectors:
        """Of each query, shape (m, d), with each of `rows`: shape (m, len(rows))."""
        if not len(rows):
            return np.zeros((len(queries), 0), dtype=np.float32)
        return np.asarray(queries @ self._taken(rows).T, dtype=np.float32)

    def vectors(self) -> Vectors:
        """All vectors, shape (n, d)."""
        return np.asarray(self._vectors[:])

    def _taken(self, rows: Sequence[int] | Rows) -> Vectors:
        """The vectors of these rows; not copied, where the rows are a range."""
        if isinstance(rows, range):
            return np.asarray(self._vectors[rows.start : rows.stop])
        return np.asarray(taken(self._vectors, np.asarray(rows, dtype=np.int64)))

    def save(self, path: Path, cells: Path) -> None:
        """`cells`: where the cells are kept, of which there are none if there are fewer than LEAST vectors."""
        vectors = self.vectors()
        write_array(path, vectors)
        if len(vectors) >= LEAST:
            Cells.of(vectors).save(cells)


def joined(ranges: Iterable[range]) -> range | Rows:
    """The rows of some ranges, none of which shares one with another, ascending: a range, where they follow on one another."""
    found = sorted(filter(None, ranges), key=lambda each: each.start)
    if all(one.stop == other.start for one, other in pairwise(found)):
        return range(found[0].start, found[-1].stop) if found else range(0)
    return np.concatenate([np.arange(each.start, each.stop) for each in found])
