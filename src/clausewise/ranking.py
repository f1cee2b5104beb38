"""What a search found, in order: figures of passages, each of which becomes a hit when somebody looks at it.

An answer looks at a few of some hundred hits, and to read a passage costs more than to rank it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from clausewise.index import Index
from clausewise.nearest import Table
from clausewise.types import Hit
from clausewise.vectors import Rows


@dataclass(frozen=True, slots=True)
class Scored:
    """Queries against passages. `rows`: of the passages, ascending, (n,); all else (queries, n), float64."""

    rows: Rows
    scores: Table
    dense: Table
    late: Table
    lexical: Table


class Hits(Sequence[Hit]):
    """Hits of one query. `found`: its scores; `order`: places in it, as the hits follow; `ranks`: of each place, 0 for none, by ranking."""

    def __init__(self, index: Index, found: Scored, order: Rows, ranks: Mapping[str, Rows]) -> None:
        self._index, self._found, self._order, self._ranks = index, found, order, ranks

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, place: int) -> Hit: ...
    @overload
    def __getitem__(self, place: slice) -> Hits: ...
    def __getitem__(self, place: int | slice) -> Hit | Hits:
        if isinstance(place, slice):
            return self._of(self._order[place])
        found, i = self._found, int(self._order[place])
        score, dense, late, lexical = (float(table[0, i]) for table in (found.scores, found.dense, found.late, found.lexical))
        ranks = {name: int(rank[i]) for name, rank in self._ranks.items() if rank[i]}
        return Hit(self._index.passages[int(found.rows[i])], score, dense, late, lexical, ranks)

    def __eq__(self, other: object) -> bool:
        """Equal to a sequence of the same hits."""
        return isinstance(other, Sequence) and len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def per_clause(self) -> Hits:
        """The best hit of each clause, in order. By the clause's place in the index: schools share clauses word for word."""
        if not len(self):
            return self
        clauses = self._index.clause_numbers(self._found.rows)[self._order]
        return self._of(self._order[np.sort(np.unique(clauses, return_index=True)[1])])

    def _of(self, order: Rows) -> Hits:
        return Hits(self._index, self._found, order, self._ranks)
