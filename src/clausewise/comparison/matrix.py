"""Topics x schools -> a matrix: a cell for each, with its quote, or its silence and what was looked at."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clausewise.duties import Strength, advised_against, strength
from clausewise.types import Answer, Hit, School

if TYPE_CHECKING:
    from clausewise.comparison.topics import Topic

THRESHOLD = 0.6  # confidence below which a school is said to be silent on a topic
UNMENTIONED = 0.1  # confidence where no clause mentions what it must: of the labelled cells that are so, nearly all are silent
DEPTH = 50  # clauses of a school that are looked at for a topic; quotes and what they refer to stand well among them
MODEL = Path(__file__).parents[1] / "model" / "topics.json"


# The strengths of duty that go with a position. Another is of a further duty in the same words, or misread: it is not shown.
_FITS: dict[str, tuple[str, ...]] = {
    "prohibited": ("must",),
    "required": ("must",),
    "permitted": ("may",),
    "conditional": ("must", "should", "may"),
    "advised": ("should",),
    "against": ("should",),
    "factual": (),
    "silent": (),
}


def confidence(best: Hit) -> float:
    """Probability, 0 to 1, that a topic's best clause answers it, from how well its words match the topic's searches.

    Unlike a question's it hangs on nothing else: not on length, nor on what other schools say, so that a cell stays what it
    is when another school or topic is compared. Fitted by training/fit_topics.py.
    """
    model = _model()
    return 1 / (1 + math.exp(-(model["intercept"] + model["late"] * best.late)))


@cache
def _model() -> dict[str, float]:
    return dict(json.loads(MODEL.read_text("utf-8")))


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
        """The stance; "against" where a "should not" is advised; "factual" where the quote states none; "silent"."""
        if self.answer.status != "answered":
            return "silent"
        first = self.answer.quotes[0] if self.answer.quotes else None
        if first and advised_against(self.answer.stance, first.text, first.lead_in):
            return "against"
        return self.answer.stance or "factual"

    @property
    def strength(self) -> Strength | None:
        """How strong the duty in the first quote is, where that goes with the position."""
        first = self.answer.quotes[0] if self.answer.quotes else None
        held = strength(first.text, first.lead_in) if first else None
        return held if held in _FITS[self.position] else None

    def as_dict(self) -> dict[str, Any]:
        more = {"position": self.position, "searched": list(self.topic.searches)}
        return {"topic": self.topic.id, **self.answer.as_dict(), **more}


@dataclass(frozen=True, slots=True)
class Matrix:
    """`cells`: by topic and school, (topic id, school id) -> cell; every pair is there."""

    topics: tuple[Topic, ...]
    schools: tuple[School, ...]
    cells: Mapping[tuple[str, str], Cell]

    def row(self, topic: str) -> list[Cell]:
        """The cells of a topic, in the schools' order."""
        return [self.cells[topic, school.id] for school in self.schools]
