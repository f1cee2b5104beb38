"""A conversation as the page holds it: questions in, rendered turns out. Knows no Gradio."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from clausewise.accounts import User
from clausewise.dates import review
from clausewise.errors import ClausewiseError
from clausewise.quoting import verified
from clausewise.web import render, words
from clausewise.web.feedback import HISTORY, count_apart

if TYPE_CHECKING:
    from clausewise.assistant import Assistant
    from clausewise.store import Store
    from clausewise.web.desk import Desk

ALL = "*"  # no folder can be called so
BROKEN = "Something went wrong here, and it is not your question. The server’s log has the details; please try again."
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """`school`: the id of the one asked, "" for all; `asked_of`: the same in words."""

    question: str
    school: str
    asked_of: str
    body: str

    @property
    def html(self) -> str:
        return render.turn(self.question, self.school, self.asked_of, self.body)


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
    """What a question on the page leads to. It goes to the assistant that answers when it is asked."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self.desk, self.store = desk, store

    def ask(self, question: str, chosen: str, turns: tuple[Turn, ...], user: User) -> Iterator[Screen]:
        """The question at once, then its answer beneath it; only then is its silence counted."""
        if not question.strip():
            yield Screen(turns, "Type a question first.")
            return
        assistant = self.desk.assistant(user)
        school = recall(chosen, assistant)
        names = {school.id: school.name for school in assistant.schools}
        turn = Turn(question.strip(), "" if school == ALL else school, names.get(school, "all schools"), render.waiting())
        yield Screen((*turns, turn), "Reading the policies.", busy=True)
        body, spoken, shown = answer(assistant, turn.question, turn.school, [earlier.question for earlier in turns[-HISTORY:]])
        yield Screen((*turns, replace(turn, body=body)), spoken)
        if shown:
            count_apart(shown, assistant, self.store)


def choices(assistant: Assistant) -> list[tuple[str, str]]:
    """What may be asked: names, and what stands for each."""
    return [("All schools", ALL), *((school.name, school.id) for school in assistant.schools)]


def recall(chosen: object, assistant: Assistant) -> str:
    """The school that this device chose before, if the index still holds it."""
    return chosen if isinstance(chosen, str) and chosen in {school.id for school in assistant.schools} else ALL


def library(assistant: Assistant) -> render.Library:
    in_force = Counter(document.school for document in assistant.documents if not document.superseded_by)
    schools = {school.id: school for school in assistant.schools}
    return render.Library(lambda document: review(document, date.today()), schools, in_force)


def answer(assistant: Assistant, question: str, school: str, history: list[str]) -> tuple[str, str, Mapping[str, Any] | None]:
    """The answer as HTML, as a line to be read aloud, and in its JSON form, None for an error. `school`: an id, or "" for all."""
    try:
        reply = assistant.ask(question, [school] if school else None, history)
        shown = verified(reply.as_dict(), assistant.index)
        beside = library(assistant)
        return render.reply(reply, beside), words.announcement(reply, beside.schools), shown
    except ClausewiseError as error:
        return render.error(str(error)), str(error), None
    except Exception:
        log.exception("no answer to a question on the page")
        return render.error(BROKEN), BROKEN, None
