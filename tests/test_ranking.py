"""Hits that are made when somebody looks at them: as many passages are read as are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from clausewise.ranking import Hits, Scored
from clausewise.types import Passage, Span

SCORES = [0.2, 0.9, 0.5, 0.9, 0.1]  # of rows 10 to 14
CLAUSES = [7, 7, 8, 9, 9]
BEST_FIRST = [11, 13, 12, 10, 14]


class Passages:
    """Those of an index, which notes what is read."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def __getitem__(self, row: int) -> Passage:
        self.read.append(row)
        return Passage(row, f"larch/p#{CLAUSES[row - 10]}", "larch/p", "larch", Span(row, row + 1), ("A rule.",))


@pytest.fixture
def passages() -> Passages:
    return Passages()


@pytest.fixture
def hits(passages: Passages) -> Hits:
    index = SimpleNamespace(passages=passages, clause_numbers=lambda rows: np.array([CLAUSES[row - 10] for row in rows]))
    scores = np.array([SCORES])
    found = Scored(np.arange(10, 15), scores, scores / 2, scores / 4, scores / 8)
    return Hits(index, found, np.array(BEST_FIRST) - 10, {"dense": np.array([0, 1, 3, 2, 0])})  # type: ignore[arg-type]


def rows(hits: Sequence[object]) -> list[int]:
    return [hit.passage.row for hit in hits]  # type: ignore[attr-defined]


def test_a_hit_has_the_figures_of_its_row(hits: Hits) -> None:
    found = hits[2]
    assert (found.passage.row, found.score, found.dense, found.late, found.lexical) == (12, 0.5, 0.25, 0.125, 0.0625)
    assert (found.ranks, hits[-1].ranks) == ({"dense": 3}, {})


def test_only_what_is_looked_at_is_read(hits: Hits, passages: Passages) -> None:
    assert (len(hits), len(hits[1:]), len(hits.per_clause())) == (5, 4, 3)
    assert passages.read == []
    assert next(hit for hit in hits if hit.score < 0.9).passage.row == 12
    assert passages.read == [11, 13, 12]


def test_hits_are_a_sequence(hits: Hits) -> None:
    assert rows(hits) == BEST_FIRST
    assert rows(hits[1:3]) == BEST_FIRST[1:3]
    assert rows(hits[9:]) == []
    assert hits == list(hits) != list(hits)[::-1]
    with pytest.raises(IndexError):
        hits[5]


def test_the_best_of_each_clause_stays_in_order(hits: Hits) -> None:
    assert rows(hits.per_clause()) == [11, 13, 12]
    assert rows(hits[1:].per_clause()) == [13, 12, 10]
