"""The review radar: every policy with the dates that it states, each with the line it was read from, and what is overdue.

A date that is not there is "not stated". A cycle ("Review cycle: annual") is shown as it stands and never added up to a date.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, TypeVar

from clausewise.dates import review
from clausewise.types import Document, Span, StatedDate

State = Literal["overdue", "due_soon", "not_stated", "later", "superseded"]

STATES: tuple[State, ...] = ("overdue", "due_soon", "not_stated", "later", "superseded")  # in the order of the list
_STATE: dict[str, State] = {"overdue": "overdue", "due_soon": "due_soon", "not_stated": "not_stated", "current": "later"}
_SHORTEST = 3  # letters of a line beside its date, below which the label stands in the line above
_OFTEN = (
    r"(?:(?:bi-?)?annual(?:ly)?|biennial(?:ly)?|yearly|termly|monthly|once (?:a|every) \w+|"
    r"every (?:\w+ )?(?:years?|terms?|months?)|(?:\d+|one|two|three|four) (?:years?|terms?|months?))"
)
_CYCLE = re.compile(
    rf"\breview (?:cycle|frequency|period|interval|schedule)\s*[:|–-]?\s*(?P<cell>{_OFTEN})\b"
    rf"|\b(?:this|the) policy (?:is|will be|shall be|must be|should be) reviewed\s+(?:\w+\s+)??(?P<said>{_OFTEN})\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Stated:
    """Words of a document at [start, end) of its text, in code points, and the line that they stand in.

    `line`: from `line_start`, with its line breaks, so that it is verbatim. `page`: from 1; None where there are none.
    """

    text: str
    start: int
    end: int
    line: str
    line_start: int
    page: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One policy. A date is None where the policy does not state it. `cycle`: how often it says that it is reviewed.

    `days`: from today to the last day that the next review's words can mean; negative once it has passed.
    """

    document: str
    school: str
    title: str
    state: State
    text: str
    days: int | None
    approved: Stated | None
    reviewed: Stated | None
    next_review: Stated | None
    cycle: Stated | None
    superseded_by: str | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a policy stands among all: what its stated dates alone tell. `days`: as of an Entry."""

    document: str
    state: State
    days: int | None


Placed = TypeVar("Placed", Entry, Standing)


def standings(documents: Iterable[Document], today: date) -> tuple[Standing, ...]:
    """One for each document, in the radar's order; no text of theirs is looked at."""
    return _ordered(_standing(document, today) for document in documents)


def radar(documents: Iterable[Document], today: date) -> tuple[Entry, ...]:
    """An entry for each document: the longest overdue first, then due in 28 days, not stated, later; superseded ones last."""
    return _ordered(_entry(document, today) for document in documents)


def _ordered(found: Iterable[Placed]) -> tuple[Placed, ...]:
    return tuple(sorted(found, key=lambda e: (STATES.index(e.state), e.days or 0, e.document)))


def totals(entries: Iterable[Placed]) -> dict[State, int]:
    """How many policies are in each state; superseded versions are not counted."""
    counted = Counter(entry.state for entry in entries)
    return {state: counted[state] for state in STATES if state != "superseded"}


def _standing(document: Document, today: date) -> Standing:
    due = document.stated("next_review")
    state: State = "superseded" if document.superseded_by else _STATE[review(document, today).status]
    days = (due.latest - today).days if due and state != "superseded" else None
    return Standing(document.id, state, days)


def _entry(document: Document, today: date) -> Entry:
    stands, past = _standing(document, today), [d for d in document.dates if d.role == "reviewed" and d.earliest <= today]
    cycle = _cycle(document)
    return Entry(
        document=document.id,
        school=document.school,
        title=document.title,
        state=stands.state,
        text=_text(document, today, stands.days, cycle),
        days=stands.days,
        approved=_dated(document, document.stated("approved")),
        # What "was reviewed" on a day to come was read wrongly, or is a plan: no last review, in either case.
        reviewed=_dated(document, max(past, key=lambda d: (d.latest, d.span), default=None)),
        next_review=_dated(document, document.stated("next_review")),
        cycle=cycle,
        superseded_by=document.superseded_by,
    )


def _text(document: Document, today: date, days: int | None, cycle: Stated | None) -> str:
    """The state in words, with the days where it is overdue, and the cycle where that is all that is stated."""
    if document.superseded_by:
        return f"superseded by {document.superseded_by}"
    words = review(document, today).text
    if days is not None and days < 0:
        return words if "day" in words.rpartition(" by ")[2] else f"{words} ({-days} days)"
    return f"{words}; cycle stated: {' '.join(cycle.text.split())}" if days is None and cycle else words


def _dated(document: Document, stated: StatedDate | None) -> Stated | None:
    return _stated(document, stated.span) if stated else None


def _cycle(document: Document) -> Stated | None:
    """The first words that say how often this policy itself is reviewed."""
    found = _CYCLE.search(document.text)
    return _stated(document, Span(*found.span("cell" if found["cell"] else "said"))) if found else None


def _stated(document: Document, span: Span) -> Stated:
    line = _line(document, span)
    return Stated(span.of(document.text), span.start, span.end, line.of(document.text), line.start, document.page(span.start))


def _line(document: Document, span: Span) -> Span:
    """The line, or lines where the words wrap, with the one above in the same block where the label stands there."""
    text = document.text
    block = next((b for b in document.blocks if b.start <= span.start < b.end), None)
    first, last = (block.start, block.end) if block else (0, len(text))
    start, end = max(first, text.rfind("\n", 0, span.start) + 1), text.find("\n", span.end, last)
    end = last if end < 0 else end
    while start > first and len(re.findall(r"[^\W\d_]", text[start : span.start] + text[span.end : end])) < _SHORTEST:
        start = max(first, text.rfind("\n", 0, start - 1) + 1)
    return Span(start, end)
