"""Topics x schools -> a matrix: a cell for each, with its quote, or its silence and what was looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clausewise.comparison.topics import Topic
from clausewise.types import Answer, Hit, School

# A topic is asked of every school since it is expected there, unlike a question that a person happens to ask.
THRESHOLD = 0.4


@dataclass(frozen=True, slots=True)
class Cell:
    """What one school's policies say to one topic. With silence, `answer.closest` holds what was looked at."""

    topic: Topic
    answer: Answer

    @property
    def school(self) -> str:
        return self.answer.school

    @property
    def position(self) -> str:
        """The stance; "factual" where the quote states none; "silent"."""
        return "silent" if self.answer.status != "answered" else self.answer.stance or "factual"

    def as_dict(self) -> dict[str, Any]:
        row = self.answer.as_dict()
        return {"topic": self.topic.id, **row, "position": self.position, "searched": list(self.topic.questions)}


@dataclass(frozen=True, slots=True)
class Matrix:
    """`cells`: by topic and school, (topic id, school id) -> cell; every pair is there."""

    topics: tuple[Topic, ...]
    schools: tuple[School, ...]
    cells: Mapping[tuple[str, str], Cell]

    def row(self, topic: str) -> list[Cell]:
        """The cells of a topic, in the schools' order."""
        return [self.cells[topic, school.id] for school in self.schools]


def fused(rankings: Sequence[Sequence[Hit]]) -> list[Hit]:
    """One school's rankings for a topic's questions, as one: by the mean score of each clause.

    A clause that a ranking lacks has there the lowest score of those that it holds.
    """
    by_clause = [{hit.passage.clause: hit for hit in ranking} for ranking in rankings]
    lowest = [min((hit.score for hit in ranking), default=0.0) for ranking in rankings]
    found = []
    for clause in dict.fromkeys(clause for hits in by_clause for clause in hits):
        hits = [ranking.get(clause) for ranking in by_clause]
        best = max((hit for hit in hits if hit), key=lambda hit: (hit.score, -hit.passage.row))
        score = sum(hit.score if hit else low for hit, low in zip(hits, lowest, strict=True)) / len(hits)
        dense = sum(hit.dense if hit else 0.0 for hit in hits) / len(hits)
        found.append(replace(best, score=score, dense=dense))
    return sorted(found, key=lambda hit: (-hit.score, hit.passage.row))
