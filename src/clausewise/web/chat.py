"""A conversation as the page holds it: questions in, rendered turns out, and what of them is kept. Knows no Gradio."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from clausewise.accounts import User
from clausewise.conversations import Conversations, Turn
from clausewise.dates import review
from clausewise.errors import BadQuestion, ClausewiseError, UnknownConversation
from clausewise.exports.wording import listed, written
from clausewise.quoting import verified
from clausewise.revived import moved, revived
from clausewise.types import Reply
from clausewise.web import render, words
from clausewise.web.feedback import HISTORY, QUESTION, count_apart

if TYPE_CHECKING:
    from clausewise.assistant import Assistant
    from clausewise.index import Index
    from clausewise.store import Store
    from clausewise.web.desk import Desk

BROKEN = "Something went wrong here, and it is not your question. The server’s log has the details; please try again."
GONE = "A school that you chose is no longer here. Take it out of your choice, and ask again."
NO_SUCH = "There is no such conversation of yours; it may have been deleted. You can begin a new one."
NOT_KEPT = "This conversation could not be kept"
RECENT = 5  # conversations that an empty page offers
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page sends. `schools`: ids of those chosen, () for all. `history`: the earlier questions that count, oldest first.

    `conversation`: its id, "" for a new one. `number`: what the page calls the turn.
    """

    question: str
    schools: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    conversation: str = ""
    number: str = ""

    @classmethod
    def of(cls, sent: Mapping[str, Any]) -> Asked:
        """Raises BadQuestion for what no page of ours sends."""
        lists = {name: sent.get(name, []) for name in ("schools", "history")}
        named = [sent.get("question"), *(sent.get(name, "") for name in ("conversation", "number"))]
        texts = [*named, *(part for some in lists.values() for part in _listed(some))]
        if not all(isinstance(text, str) and len(text) <= QUESTION for text in texts):
            raise BadQuestion(f"found something else than a question of {QUESTION:,} characters at most; shorten it, and ask again")
        if not named[0].strip():
            raise BadQuestion("found an empty question; type one, and ask again")
        found = {name: tuple(some) for name, some in lists.items()}
        history = found["history"][-HISTORY:]
        return cls(named[0].strip(), tuple(dict.fromkeys(found["schools"])), history, named[1], named[2])


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else [None]


@dataclass(frozen=True, slots=True)
class Screen:
    """What the page shows of the newest turn. `status`: the line read aloud.

    `kept`: the conversation's id, and the turn that was kept in it; None: as it was.
    """

    html: str
    status: str
    kept: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A page as it is opened: which schools may be chosen, what was said before, and what an empty page offers instead."""

    scope: str
    past: str
    start: str
    kept: str


class Chat:
    """What a question on the page leads to. It goes to the assistant that answers when it is asked."""

    def __init__(self, desk: Desk, store: Store, conversations: Conversations) -> None:
        self.desk, self.store, self.conversations = desk, store, conversations

    def open(self, conversation: str, user: User) -> Opened:
        """The page at the address of a conversation, "" for a new one."""
        assistant = self.desk.assistant(user)
        scope, off = render.scope(assistant.schools), self._off()
        try:
            turns = self.conversations.turns(user.id, conversation) if conversation else ()
            past = "".join(kept_turn(turn, number, assistant) for number, turn in enumerate(turns))
            if turns:
                return Opened(scope, past + (render.error(off) if off else ""), "", conversation)
            start = render.start(self.conversations.all(user.id)[:RECENT], off)
            return Opened(scope, past, start, conversation)
        except UnknownConversation:
            return Opened(scope, "", render.error(NO_SUCH) + render.start((), off), "")
        except ClausewiseError as error:
            return Opened(scope, "", render.error(f"{NOT_KEPT}: {error}") + render.start((), off), "")

    def ask(self, sent: Mapping[str, Any], user: User) -> Screen:
        """Answer what the page sends; where there is an answer, keep it, and count its silence."""
        try:
            asked = Asked.of(sent)
        except BadQuestion as error:
            return Screen(render.error(str(error)), str(error))
        if note := self._off():
            return Screen(render.turn(render.Head(asked.question, asked.schools, "", asked.number, True), render.error(note)), note)
        assistant = self.desk.assistant(user)
        head = render.Head(asked.question, asked.schools, asked_of(asked.schools, assistant), asked.number, not asked.history)
        found = answer(assistant, asked)
        screen = Screen(render.turn(head, found.html), found.spoken)
        return screen if found.shown is None else self._keep(screen, asked, found.shown, assistant, user)

    def _off(self) -> str:
        """Why nobody may ask now; "" where everybody may."""
        try:
            return self.desk.asking_off() or ""
        except ClausewiseError as error:
            return str(error)

    def _keep(self, screen: Screen, asked: Asked, shown: Mapping[str, Any], assistant: Assistant, user: User) -> Screen:
        if shown["concerns"]:  # nothing is kept of a question that reads as if somebody may be at risk
            return screen
        count_apart(shown, assistant, self.store)
        turn = Turn(asked.question, asked.schools, shown, assistant.index.manifest["checksum"])
        try:
            return replace(screen, kept=(kept(self.conversations, user.id, asked, turn), asked.number))
        except ClausewiseError as error:
            log.warning("a conversation was not kept: %s", error)
            return replace(screen, status=f"{screen.status} {NOT_KEPT}: {error}")


def kept(conversations: Conversations, user: str, asked: Asked, turn: Turn) -> str:
    """Keep a turn; the id of its conversation, a new one where the old one is gone."""
    if not asked.conversation:
        return conversations.begin(user, turn)
    try:
        conversations.add(user, asked.conversation, turn)
    except UnknownConversation:
        return conversations.begin(user, turn)
    return asked.conversation


def asked_of(schools: Sequence[str], assistant: Assistant) -> str:
    names = {school.id: school.name for school in assistant.schools}
    return listed([names.get(school, school) for school in schools]) or ("all schools" if len(names) > 1 else "".join(names.values()))


def library(assistant: Assistant, asked_on: str = "") -> render.Library:
    """`asked_on`: the day on which quotes that have moved since were given."""
    schools = {school.id: school for school in assistant.schools}
    index: Index = assistant.index
    policies = index.catalogue.in_force
    return render.Library(lambda document: review(document, date.today()), schools, policies, lambda quote: moved(quote, index), asked_on)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer as HTML, as a line to be read aloud, and in its JSON form, None for an error."""

    html: str
    spoken: str
    shown: Mapping[str, Any] | None = None


def answer(assistant: Assistant, asked: Asked) -> Found:
    try:
        if not set(asked.schools) <= {school.id for school in assistant.schools}:
            return Found(render.error(GONE), GONE)
        reply = assistant.ask(asked.question, list(asked.schools) or None, asked.history)
        shown = verified(reply.as_dict(), assistant.index)
        beside = library(assistant)
        return Found(render.reply(reply, asked.schools, beside), words.announcement(reply, beside.schools), shown)
    except ClausewiseError as error:
        return Found(render.error(str(error)), str(error))
    except Exception:
        log.exception("no answer to a question on the page")
        return Found(render.error(BROKEN), BROKEN)


def kept_turn(turn: Turn, number: int, assistant: Assistant) -> str:
    """A turn as it was answered, over the policies of today."""
    reply: Reply = revived(turn.reply, assistant.index)
    head = render.Head(turn.question, turn.schools, asked_of(turn.schools, assistant), str(number))
    return render.turn(head, render.reply(reply, turn.schools, library(assistant, written(turn.asked))))
