"""What the served page remembers: a complaint about an answer, from the door to the store, and the count of silences."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from clausewise import calls, snapshots
from clausewise.errors import BadFeedback
from clausewise.store import OFFERED, REASONS, Place, Store, iso_week, silences
from clausewise.types import Answer, Quote
from clausewise.web.bodies import decoded

if TYPE_CHECKING:
    from clausewise.assistant import Assistant

QUESTION, COMMENT, NAME = calls.QUESTION, 1_000, calls.NAME  # characters at most
HISTORY = calls.HISTORY  # the page asks with no more earlier questions, so that asking again gives the same answer
LISTED = {"history": HISTORY, "schools": calls.SCHOOLS}  # so many at most
BODY = 64 * 1024  # bytes at most
NAMED = 10  # so many schools are named in a message
EXAMPLE = '{"question": "...", "schools": [], "history": [], "about": "pear-tree", "reason": "incomplete"}'
UNKEPT = "found a question or comment that reads as if somebody may be at risk, so nothing of it is kept; tell the safeguarding lead"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Complaint:
    """`schools`: those asked, () for all. `about`: the one whose answer is complained of."""

    question: str
    schools: tuple[str, ...]
    history: tuple[str, ...]
    about: str
    reason: str
    comment: str


def record(complaint: Complaint, assistant: Assistant, store: Store, index: Path) -> int:
    """Keep a complaint, and the index in folder `index` that answers it; the complaint's id.

    What it is about is asked again, so that the answer kept is one that was given. Raises what `ask` raises, BadFeedback
    where that answer cannot be complained of so or somebody may be at risk, and StoreError.
    """
    reply = assistant.ask(complaint.question, complaint.schools or None, complaint.history)
    if reply.concerns or any(map(assistant.at_risk, (*complaint.history, complaint.comment))):
        raise BadFeedback(UNKEPT)
    answer = chosen(complaint, reply.answers)
    made = store.add_feedback(
        reason=complaint.reason,
        comment=complaint.comment,
        question=complaint.question,
        history=complaint.history,
        schools=complaint.schools,
        school=answer.school,
        status=answer.status,
        stance=answer.stance,
        quotes=[place(quote) for quote in answer.quotes],
        closest=[place(quote) for quote in answer.closest],
        index=assistant.index.manifest["checksum"],
    )
    keep(assistant, index)
    return made


def keep(assistant: Assistant, index: Path) -> None:
    """Keep the index, so that a quote's address can be looked up when its policy has been issued anew. Never raises."""
    try:
        snapshots.keep(index, assistant.index.manifest["checksum"])
    except Exception as error:
        log.warning("the index that a complaint is about was not kept: %s", error)


def chosen(complaint: Complaint, answers: tuple[Answer, ...]) -> Answer:
    """The answer that is complained of; raises BadFeedback where there is none, or the reason cannot be true of it."""
    for answer in answers:
        if answer.school == complaint.about:
            if complaint.reason not in OFFERED[answer.status]:
                expected = ", ".join(OFFERED[answer.status])
                raise BadFeedback(f"reason: found {complaint.reason!r} of an answer that is {answer.status}; expected one of {expected}")
            return answer
    schools = ", ".join(answer.school for answer in answers[:NAMED])
    raise BadFeedback(f"about: found {complaint.about!r}; expected a school that the question was answered for: {schools}")


def place(quote: Quote) -> Place:
    return quote.clause.id, quote.span.start, quote.span.end


def count_apart(shown: Mapping[str, Any], assistant: Assistant, store: Store) -> Thread:
    """Count the silences of a reply that has been shown, in a thread of its own: a store that is locked takes seconds to
    say so, and neither this answer nor the next waits for it."""
    thread = Thread(target=count, args=(shown, assistant, store), name="count")
    thread.start()
    return thread


def count(shown: Mapping[str, Any], assistant: Assistant, store: Store) -> None:
    """Count the silences of a reply in its JSON form, unless somebody may be at risk.

    Never raises: an answer does not depend on what is remembered of it.
    """
    if shown["concerns"]:
        return
    try:
        for silence in silences(shown, len(assistant.schools)):
            store.count_unanswered(iso_week(datetime.now(UTC).date()), *silence)
    except Exception as error:
        log.warning("a silence was not counted: %s", error)


def parse(body: bytes) -> Complaint:
    """A complaint in its JSON form, as EXAMPLE and perhaps a "comment"; raises BadFeedback saying what is wrong."""
    found = decoded(body)
    if not isinstance(found, dict):
        raise BadFeedback(f"feedback: found {told(found)}; expected an object such as {EXAMPLE}")
    return Complaint(
        question=text(found, "question", QUESTION),
        schools=several(found.get("schools"), "schools", NAME),
        history=several(found.get("history"), "history", QUESTION),
        about=text(found, "about", NAME),
        reason=reason(found),
        comment=text(found, "comment", COMMENT) if found.get("comment") else "",
    )


def text(found: Mapping[str, Any], name: str, most: int) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise BadFeedback(f"{name}: found {told(value)}; expected 1 to {most:,} characters of text")
    if len(value) > most:
        raise BadFeedback(f"{name}: found {len(value):,} characters; expected {most:,} at most")
    return value


def several(found: object, name: str, most: int) -> tuple[str, ...]:
    """A list of texts of `most` characters at most; it may be left out."""
    if not (found is None or (isinstance(found, list) and all(isinstance(part, str) for part in found))):
        raise BadFeedback(f"{name}: found {told(found)}; expected a list of texts")
    parts = tuple(found or ())
    if len(parts) > LISTED[name]:
        raise BadFeedback(f"{name}: found {len(parts):,} of them; expected {LISTED[name]:,} at most")
    for part in parts:
        if len(part) > most:
            raise BadFeedback(f"{name}: found one of {len(part):,} characters; expected {most:,} at most")
    return parts


def reason(found: Mapping[str, Any]) -> str:
    value = found.get("reason")
    if value not in tuple(REASONS):
        raise BadFeedback(f"reason: found {told(value)}; expected one of {', '.join(REASONS)}")
    return str(value)


def told(value: object) -> str:
    """What was found, as JSON, cut short."""
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= 60 else written[:60] + "…"
