"""What finds the passages that questions come near: the index's own files, or another vector store (see milvus)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from clausewise.embeddings import Vectors
from clausewise.index import Index
from clausewise.lexical import Scores
from clausewise.vectors import Rows

Table = np.ndarray[Any, np.dtype[np.float64]]
Matched = np.ndarray[Any, np.dtype[np.float32]]
Terms = tuple[int, ...]  # the numbers of the stems that a question says


@dataclass(frozen=True, slots=True)
class Nearest:
    """`rows`: of the passages, ascending, (n,); the cosine and the BM25 of each question with each of them, (questions, n)."""

    rows: Rows
    cosines: Table
    bm25: Table


class VectorStore(Protocol):
    """Vectors and BM25 of the passages of one index, by row."""

    def nearest(self, vectors: Vectors, terms: Sequence[Terms], rows: Sequence[int] | Rows, limit: int) -> Nearest:
        """Of `rows`, those that a ranking of any question puts among its first `limit`; all of them, if they are no more.

        A ranking by BM25 holds only what has a word of the question. `vectors`: of the questions, (questions, d).
        """
        ...


class OwnFiles:
    """The vector store that an index is itself."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def nearest(self, vectors: Vectors, terms: Sequence[Terms], rows: Sequence[int] | Rows, limit: int) -> Nearest:
        """As VectorStore says."""
        every = ascending(rows)
        matched = bm25(self._index, terms, every)
        near = every if len(every) <= limit else self._near(vectors, matched, every, limit)
        found = matched if near is every else matched[:, np.searchsorted(every, near)]
        return Nearest(near, self._index.vectors.cosines(vectors, _range(near)).astype(np.float64), found.astype(np.float64))

    def _near(self, vectors: Vectors, matched: Matched, every: Rows, limit: int) -> Rows:
        """`matched`: BM25 of every row, by each question."""
        rows = _range(every)
        near = [row for vector in vectors for row, _ in self._index.vectors.search(vector[None], limit, rows)]
        return np.unique(np.concatenate([np.asarray(near, dtype=np.int64), *(every[_highest(scores, limit)] for scores in matched)]))


def bm25(index: Index, terms: Sequence[Terms], rows: Rows) -> Matched:
    """Of each question with each of `rows`, which ascend: shape (questions, n)."""
    first, last = int(rows[0]), int(rows[-1])
    return np.stack([index.lexical.scores(each, range(first, last + 1))[rows - first] for each in terms])


def ascending(rows: Sequence[int] | Rows) -> Rows:
    return np.arange(rows.start, rows.stop) if isinstance(rows, range) else np.unique(np.asarray(rows, dtype=np.int64))


def _range(every: Rows) -> range | Rows:
    """Ascending rows, as a range where they follow on one another."""
    first, last = int(every[0]), int(every[-1])
    return range(first, last + 1) if last - first + 1 == len(every) else every


def _highest(scores: Scores, most: int) -> Rows:
    """The positions of the `most` highest scores above 0; of equal ones the first, and none of the rest is put in order."""
    found = np.flatnonzero(scores > 0)
    if len(found) > most:
        found = found[scores[found] >= np.partition(scores[found], -most)[-most]]
    return np.asarray(found[np.argsort(-scores[found], kind="stable")[:most]])
