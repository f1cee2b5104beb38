"""Saved questions asked again under another version of a policy: which of them now get another answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from clausewise.assistant import Assistant
from clausewise.evaluation.cases import Case
from clausewise.types import Answer


@dataclass(frozen=True, slots=True)
class Reasked:
    """A saved question asked twice. `was`, `now`: its answer under the earlier version and under the later one."""

    case: str
    question: str
    was: Answer
    now: Answer

    @property
    def turned(self) -> bool:
        """Whether it is answered otherwise: in status, in stance or in the words first quoted. A clause that moved is no difference."""
        return _matter(self.was) != _matter(self.now)

    @property
    def what(self) -> str:
        """What turned, the weightiest first: "status", "stance" or "words"."""
        if self.was.status != self.now.status:
            return "status"
        return "stance" if self.was.stance != self.now.stance else "words"

    def as_dict(self) -> dict[str, Any]:
        return {"case": self.case, "question": self.question, "what": self.what, "was": self.was.as_dict(), "now": self.now.as_dict()}


def asked_twice(cases: Iterable[Case], school: str, old: Assistant, new: Assistant) -> Iterator[Reasked]:
    """The cases that are put to `school` (by name, or to all), as two assistants answer them.

    A question that names another school is answered for that one, and left out.
    """
    for case in cases:
        if case.school in (None, school):
            both = [assistant.ask(case.question, [school], case.history).answers for assistant in (old, new)]
            was, now = (next((answer for answer in answers if answer.school == school), None) for answers in both)
            if was and now:
                yield Reasked(case.id, case.question, was, now)


def _matter(answer: Answer) -> tuple[str, str | None, str]:
    """What makes an answer the same answer. Of a silence not what came nearest, which says nothing."""
    first = answer.quotes[0] if answer.quotes else None
    words = " ".join(f"{first.lead_in or ''} {first.text}".split()) if first else ""
    return answer.status, answer.stance, words
