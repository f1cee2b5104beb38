"""Dates that a policy states of itself, each with the words it was read from. A date that is not there stays away."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from clausewise.types import Block, Document, Span, StatedDate

Role = Literal["written", "amended", "approved", "reviewed", "next_review"]

_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "winter": (12, 12)}
_TERMS = {"spring": (1, 4), "summer": (4, 8), "autumn": (9, 12), "winter": (12, 12)}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})\.?,?\s+(?P<year>\d{{4}})"
    r"|(?P<d>\d{1,2})[/.](?P<m>\d{1,2})[/.](?P<y>\d{4}|\d{2})(?!\d)"
    r"|(?P<iso>\d{4}-\d{2}-\d{2})"
    rf"|(?P<only_month>{_MONTH})\.?\s+(?P<month_year>\d{{4}})"
    rf"|(?P<season>{'|'.join(_SEASONS)})(?P<term>\s+term)?,?\s+(?P<season_year>\d{{4}}))\b",
    re.I,
)
# Looked for in the words before a date, nearest last; the first role whose words stand nearest wins.
_ROLES: tuple[tuple[Role, str], ...] = (
    (
        "next_review",
        r"next review(?: date| due)?|next due|review(?:ed)? (?:is )?(?:again|next|due|before)|review by|due for review|"
        r"(?:be|for) review(?:ed)?|review due|expires?|(?:will|shall|must) review (?:it|this policy|the policy)(?: again)?",
    ),
    ("reviewed", r"last review(?:ed)?|policy review date|date reviewed|(?:was|were|been) (?:last )?reviewed|^\W*reviewed|last updated"),
    ("amended", r"amended|revised|amendments?|updated"),
    ("approved", r"approv(?:ed|al)|adopted|ratified|agreed|effective|in force from"),
    ("written", r"written|drafted|created|published|issued"),
)
_BARE_REVIEW = re.compile(r"(?:policy )?review(?: date)?\b|date of (?:the )?review", re.I)
# What may stand between a label and its date in a sentence; anything else, and the date is of something else.
_BETWEEN = re.compile(
    r"(?:[\s:,–-]|\b(?:on|in|by|and|is|was|date|the|of|at|its|their|a|full|governing|governors?|trustees?|board|body|trust|local|"
    r"meeting|committee|head(?: ?teacher)?|principal|clerk|dsl|slt|senior|leadership|team|chair|again|before|with|effect|from|"
    r"during|term|not?|later|than|due|(?-i:[A-Z]\w*))\b)*",
    re.I,
)
_OF_ITSELF = re.compile(r"\b(?:policy|document|version|this|it)\b[^,;]{0,40}$", re.I)


def stated_dates(text: str, blocks: Sequence[Block]) -> tuple[StatedDate, ...]:
    """Every date in `text` that a label beside it gives a role, in order of place."""
    found = list(_labelled(text, blocks))
    next_known = any(role == "next_review" for role, _ in found)
    result = []
    for role, match in found:
        named = role or ("reviewed" if next_known else "next_review")
        bounds = _bounds(match)
        if bounds:
            result.append(StatedDate(named, match.group(), *bounds, Span(*match.span())))
    return tuple(result)


def _labelled(text: str, blocks: Sequence[Block]) -> Iterator[tuple[Role | None, re.Match[str]]]:
    """Dates with their roles; None where the label says only "Review date", which means next or last by the rest."""
    header: Block | None = None
    for block in blocks:
        header = block if block.header else header if block.kind == "row" else None
        for match in _DATE.finditer(text, block.start, block.end):
            label = _label(text, block, header, match)
            role = _role(label, in_row=block.kind == "row")
            if role is not False:
                yield role, match


def _label(text: str, block: Block, header: Block | None, match: re.Match[str]) -> str:
    """The words that name the date: before it in its sentence or row, and at the head of its column."""
    before = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text[block.start : match.start()])[-1]
    above = ""
    if header:
        columns = [i for i, cell in enumerate(block.cells) if cell.start <= match.start() < cell.end]
        above = "".join(header.cells[i].of(text) for i in columns if i < len(header.cells))
    return " ".join(f"{above} {before}".replace("|", " ").split())


def _role(label: str, in_row: bool) -> Role | Literal[False] | None:
    """The role whose words stand nearest before the date; False where none does, None for a bare "Review date"."""
    best: tuple[int, int, Role | None] | None = None
    for role, pattern in (*_ROLES, (None, _BARE_REVIEW.pattern)):
        for found in re.finditer(pattern, label, re.I):
            if best is None or found.end() > best[1]:
                best = (found.start(), found.end(), role)
    if best is None or not (in_row or _is_its_own(label, *best)):
        return False
    return best[2]


def _is_its_own(label: str, start: int, end: int, role: Role | None) -> bool:
    """In a sentence: whether the label belongs to the date, and both to this policy rather than to what it refers to."""
    if not _BETWEEN.fullmatch(_DATE.sub(" ", label[end:])):
        return False
    return role not in ("written", "amended") or start < 3 or bool(_OF_ITSELF.search(label[:start]))


def _bounds(match: re.Match[str]) -> tuple[date, date] | None:
    """First and last day that the words can mean; None for a day that no calendar has."""
    part = match.groupdict()
    try:
        if part["iso"]:
            day = date.fromisoformat(part["iso"])
            return day, day
        if part["day"]:
            day = date(int(part["year"]), _MONTHS[part["month"].lower()], int(part["day"]))
            return day, day
        if part["d"]:
            year = int(part["y"]) + (2000 if len(part["y"]) == 2 else 0)
            day = date(year, int(part["m"]), int(part["d"]))  # the United Kingdom writes the day first
            return day, day
        if part["only_month"]:
            month = _MONTHS[part["only_month"].lower()]
            return _months(int(part["month_year"]), month, month)
        first, last = (_TERMS if part["term"] else _SEASONS)[part["season"].lower()]
        return _months(int(part["season_year"]), first, last)
    except ValueError:
        return None


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


@dataclass(frozen=True, slots=True)
class Review:
    """Where a policy stands with its review, in words that a page can show."""

    status: Literal["overdue", "due_soon", "current", "not_stated"]
    text: str


DUE_SOON_DAYS = 28


def review(document: Document, today: date) -> Review:
    """Compare the next review that the policy states with `today`. A season or month is overdue once it has passed."""
    due = document.stated("next_review")
    if due is None:
        return Review("not_stated", "no next review date stated")
    words = " ".join(due.text.split())
    if due.latest < today:
        return Review("overdue", f"next review {words}: overdue by {_ago(due.latest, today)}")
    soon = (due.latest - today).days <= DUE_SOON_DAYS
    return Review("due_soon" if soon else "current", f"next review {words}" + (": due within 28 days" if soon else ""))


def _ago(then: date, today: date) -> str:
    months = (today.year - then.year) * 12 + today.month - then.month - (today.day < then.day)
    years, months = divmod(months, 12)
    parts = [f"{n} {unit}{'s' * (n != 1)}" for n, unit in ((years, "year"), (months, "month")) if n]
    days = (today - then).days
    return " ".join(parts) or f"{days} day{'s' * (days != 1)}"
