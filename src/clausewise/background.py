"""The passages that may be the best of their schools, of schools that an answer is only judged against.

Late interaction is the dearest figure of a passage. Of 15,554 times that a school was asked a question, its best passage was
never beyond the seventeenth by cosine and BM25 alone (python benchmarks/background.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from clausewise.catalogue.lazy import runs
from clausewise.embeddings import Vectors
from clausewise.index import Index
from clausewise.nearest import Nearest, OwnFiles, Table, Terms
from clausewise.vectors import Rows

MOST = 32  # of each school


def likely(index: Index, vector: Vectors, terms: Terms, schools: Sequence[range], score: Callable[[Nearest], Table]) -> Nearest:
    """Of the rows of each of `schools`, which ascend and none of which is empty, the MOST that `score` puts highest.

    They are looked for in the index's own files, whichever vector store is searched: all of them are looked at.
    """
    found = [OwnFiles(index).nearest(vector, [terms], run, len(run)) for run in runs(schools)]
    every = Nearest(*(np.concatenate(parts, axis=-1) for parts in zip(*((n.rows, n.cosines, n.bm25) for n in found), strict=True)))
    chosen = _highest(score(every), np.cumsum([0, *map(len, schools)]))
    return Nearest(every.rows[chosen], every.cosines[:, chosen], every.bm25[:, chosen])


def _highest(scores: Table, ends: Rows) -> Rows:
    """The places, ascending, of the MOST highest scores in each stretch from one of `ends` to the next."""
    return np.concatenate([start + np.sort(_first(-scores[start:stop])) for start, stop in pairwise(ends.tolist())])


def _first(scores: Table) -> Rows:
    return np.asarray(np.argpartition(scores, MOST)[:MOST] if len(scores) > MOST else np.arange(len(scores)))
