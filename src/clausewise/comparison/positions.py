"""A topic x schools -> a comparison: each school's position, with the quote behind it or its silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from clausewise.types import Answer

_NAMED = 12  # schools that a sentence names at most


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where each school stands on `topic`; `silent`: ids of the schools whose policies do not say."""

    topic: str
    answers: tuple[Answer, ...]

    @property
    def silent(self) -> tuple[str, ...]:
        return tuple(answer.school for answer in self.answers if answer.status == "not_covered")

    @property
    def by_stance(self) -> dict[str, list[str]]:
        """Stance -> schools, in the schools' order; "unstated" where a quote states no rule."""
        groups: dict[str, list[str]] = {}
        for answer in self._answered():
            groups.setdefault(answer.stance or "unstated", []).append(answer.school)
        return groups

    def _answered(self) -> Iterable[Answer]:
        return (answer for answer in self.answers if answer.status == "answered")

    def as_dict(self) -> dict[str, Any]:
        return {
            "topic": self.topic,
            "schools": [answer.school for answer in self.answers],
            "by_stance": self.by_stance,
            "silent": list(self.silent),
            "positions": [answer.as_dict() for answer in self.answers],
        }


def some(told: Sequence[str]) -> list[str]:
    """What a sentence tells of each school; of very many the first, and how many more there are."""
    return [*told] if len(told) <= _NAMED else [*told[: _NAMED - 1], f"{len(told) - _NAMED + 1:,} more"]
