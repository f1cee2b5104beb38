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
    """A saved question that is answered otherwise. `was`, `now`: under the earlier version and the later one."""

    case: str
    question: str
    was: Answer
    now: Answer

    @property
    def what(self) -> str:
        """What turned, the weightiest first: "status", "stance" or "words"."""
        if self.was.status != self.now.status:
            return "status"
        return "stance" if self.was.stance != self.now.stance else "words"

    def as_dict(self) -> dict[str, Any]:
        return {"case": self.case, "question": self.question, "what": self.what, "was": self.was.as_dict(), "now": self.now.as_dict()}


def reasked(cases: Iterable[Case], school: str, old: Assistant, new: Assistant) -> Iterator[Reasked]:
    """Of the cases that are put to `school` (by name, or to all), those whose answer differs between two assistants.

    A clause that has only moved is no difference: answers differ in status, in stance or in the words first quoted.
    """
    for case in cases:
        if case.school in (None, school):
            was, now = (assistant.ask(case.question, [school], case.history).answers for assistant in (old, new))
            asked = next((pair for pair in zip(was, now, strict=True) if pair[0].school == school), None)
            if asked and _matter(asked[0]) != _matter(asked[1]):
                yield Reasked(case.id, case.question, *asked)


def _matter(answer: Answer) -> tuple[str, str | None, str]:
    """What makes an answer the same answer. Of a silence not what came nearest, which says nothing."""
    first = answer.quotes[0] if answer.quotes else None
    words = " ".join(f"{first.lead_in or ''} {first.text}".split()) if first else ""
    return answer.status, answer.stance, words
