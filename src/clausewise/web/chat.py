"""A conversation as the page holds it: questions in, rendered turns out. Knows no Gradio."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from clausewise.dates import review
from clausewise.errors import ClausewiseError
from clausewise.quoting import verified
from clausewise.web import render, words

if TYPE_CHECKING:
    from clausewise.assistant import Assistant

ALL = "*"  # no folder can be called so
BROKEN = "Something went wrong here, and it is not your question. The server’s log has the details; please try again."
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    question: str
    asked_of: str
    body: str

    @property
    def html(self) -> str:
        return render.turn(self.question, self.asked_of, self.body)


@dataclass(frozen=True, slots=True)
class Screen:
    """What the page shows. `status`: the line read aloud."""

    turns: tuple[Turn, ...] = ()
    status: str = ""
    busy: bool = False

    @property
    def html(self) -> str:
        return "".join(turn.html for turn in self.turns)


class Chat:
    """What a question on the page leads to, around one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.names = {ALL: "all schools"} | {school.id: school.name for school in assistant.schools}
        in_force = Counter(document.school for document in assistant.documents if not document.superseded_by)
        schools = {school.id: school for school in assistant.schools}
        self.library = render.Library(lambda document: review(document, date.today()), schools, in_force)

    def recall(self, chosen: object) -> str:
        """The school that this device chose before, if the index still holds it."""
        return chosen if isinstance(chosen, str) and chosen in self.names else ALL

    def ask(self, question: str, chosen: str, turns: tuple[Turn, ...]) -> Iterator[Screen]:
        """The question at once, then its answer beneath it."""
        if not question.strip():
            yield Screen(turns, "Type a question first.")
            return
        turn = Turn(question.strip(), self.names[self.recall(chosen)], render.waiting())
        yield Screen((*turns, turn), "Reading the policies.", busy=True)
        body, spoken = self.answer(turn.question, self.recall(chosen), [earlier.question for earlier in turns])
        yield Screen((*turns, replace(turn, body=body)), spoken)

    def answer(self, question: str, chosen: str, history: list[str]) -> tuple[str, str]:
        """The answer as HTML, and as a line to be read aloud."""
        try:
            reply = self.assistant.ask(question, None if chosen == ALL else [chosen], history)
            verified(reply.as_dict(), self.assistant.index)
            return render.reply(reply, self.library), words.announcement(reply, self.library.schools)
        except ClausewiseError as error:
            return render.error(str(error)), str(error)
        except Exception:
            log.exception("no answer to a question on the page")
            return render.error(BROKEN), BROKEN
