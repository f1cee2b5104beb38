"""Cells of vectors that lie near one another (FAISS's inverted file), of which a search looks into the nearest alone.

What exact search takes too long for: see benchmarks/nearest.py, which chose the figures. Which rows are near is all that is
told; how near, the vectors themselves say.
"""

from __future__ import annotations

import math
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clausewise.checksums import Checked
from clausewise.durable import write_array
from clausewise.embeddings import Vectors

if TYPE_CHECKING:
    import faiss

    from clausewise.vectors import Rows

LEAST = 100_000  # rows; of fewer every one is looked at, in less than 50 ms
_A_CELL = 40  # vectors that teach where a cell lies
_LOOKED_INTO = 16  # one cell in so many
_SPARE = 2  # times as many rows as are wanted, since the codes of 8 bits blur how near they are


class Cells:
    """The rows of vectors, shape (n, d), by cell: each coordinate as 8 bits. They may stay on disk until the first search."""

    def __init__(self, packed: np.ndarray[Any, np.dtype[np.uint8]] | Checked) -> None:
        """`packed`: FAISS's own form of its index, as bytes."""
        self._packed, self._lock = packed, threading.Lock()
        self._opened: faiss.IndexIVF | None = None

    @classmethod
    def of(cls, vectors: Vectors) -> Cells:
        import faiss

        count = how_many(len(vectors))
        made = faiss.index_factory(vectors.shape[1], f"IVF{count},SQ8", faiss.METRIC_INNER_PRODUCT)
        taught = np.random.default_rng(0).choice(len(vectors), min(len(vectors), _A_CELL * count), replace=False)
        made.train(vectors[np.sort(taught)])
        made.add(vectors)
        return cls(faiss.serialize_index(made))

    def __len__(self) -> int:
        """Bytes that they take."""
        return len(self._packed)

    def near(self, query: Vectors, k: int, rows: range | Rows) -> Rows:
        """Of `rows`, in no order, nearly all of the `k` nearest to `query`, shape (1, d), and as many more.

        There are fewer, or none, if `rows` lie far from the query: in cells that are not looked into.
        """
        import faiss

        index = self._index()
        looked = min(index.nlist, math.ceil(index.nlist / _LOOKED_INTO * index.ntotal / len(rows)))
        options = faiss.SearchParametersIVF(nprobe=looked, sel=_selector(rows, index.ntotal))
        _, found = index.search(np.asarray(query, dtype=np.float32), min(_SPARE * k, len(rows)), params=options)
        return np.asarray(found[0][found[0] >= 0])

    def _index(self) -> Any:
        import faiss

        with self._lock:
            if self._opened is None:
                self._opened = faiss.deserialize_index(np.asarray(self._packed[:]))
        return self._opened

    def save(self, path: Path) -> None:
        write_array(path, np.asarray(self._packed[:]))


def how_many(rows: int) -> int:
    """Cells of so many rows: the power of two that is nearest to twice the square root."""
    return int(2 ** round(math.log2(2 * math.sqrt(rows))))


def _selector(rows: range | Rows, every: int) -> faiss.IDSelector | None:
    import faiss

    if len(rows) == every:
        return None
    if isinstance(rows, range):
        return faiss.IDSelectorRange(rows.start, rows.stop)
    chosen = np.zeros(every, dtype=bool)
    chosen[rows] = True
    return faiss.IDSelectorBitmap(np.packbits(chosen, bitorder="little"))
