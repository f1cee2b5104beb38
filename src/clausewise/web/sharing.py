"""/compare/wording: the clauses that schools share word for word, and which school changed which words of them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from clausewise.accounts import User
from clausewise.comparison.wording import Change, Shared, Version, share, shared
from clausewise.exports.wording import count, listed, percent
from clausewise.types import School
from clausewise.web import links, templates, words
from clausewise.web.compare import groups
from clausewise.web.files import FRESH
from clausewise.web.kept import Kept, key
from clausewise.web.templates import BROKEN
from clausewise.web.who import Who

if TYPE_CHECKING:
    from clausewise.index import Index
    from clausewise.web.desk import Desk

AT_ONCE = 30  # schools whose clauses are set beside each other: of 16 policies each these take a quarter of a minute
MOST = 100  # clauses of a kind that are shown
PAIRS = 30  # of schools, of which it is told how much they share
Places = list[tuple[str, str]]  # of clauses: in words, and the address
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a clause. `held`: the schools' names, and where the clause stands at each. `changes`: as in comparison.wording."""

    text: str
    held: list[tuple[str, Places]]
    changes: tuple[Change, ...]
    duty: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Groups of wordings, the commonest first in each: a duty changed, other words did, none did. `pairs`: (school, other, share)."""

    duties: list[list[Wording]]
    reworded: list[list[Wording]]
    same: list[list[Wording]]
    pairs: list[tuple[str, str, float]]


def found(index: Index) -> Found:
    """Takes seconds on a large corpus."""
    groups = shared(index)
    names = {school.id: school.name for school in index.schools}
    kinds: dict[str, list[list[Wording]]] = {"duties": [], "reworded": [], "same": []}
    for group in groups:
        kind = "duties" if group.duty_changed else "same" if group.word_for_word else "reworded"
        kinds[kind].append(_wordings(group, index, names))
    told = sorted((-part, one, other) for (one, other), part in share(index, groups).items() if part)
    return Found(**kinds, pairs=[(names[one], names[other], -part) for part, one, other in told])


def _wordings(group: Shared, index: Index, names: Mapping[str, str]) -> list[Wording]:
    return [Wording(v.text, _held(v, index, names), v.changes, v.duty_changed) for v in group.versions]


def _held(version: Version, index: Index, names: Mapping[str, str]) -> list[tuple[str, Places]]:
    clauses = [index.clause[id] for id in version.clauses]
    return [(names[school], [_place(c.id, index) for c in clauses if c.school == school]) for school in version.schools]


def _place(id: str, index: Index) -> tuple[str, str]:
    clause = index.clause[id]
    return f"{words.place(clause)}, {index.document[clause.document].title}", links.policy(clause.document, id)


class Sharing:
    """The page around one desk; what is found in an index is kept while that index answers."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.kept = Kept[Found](2)

    def answer(self, user: User, schools: Sequence[str] = (), trust: str = "") -> tuple[int, str]:
        """HTTP status and page: of `schools`, or those of `trust`, else of all; where these are too many, the choice among them."""
        index = self.desk.assistant(user).index
        try:
            chosen = [s for s in index.schools if (s.id in schools if schools else s.trust == trust if trust else True)]
            if fault := _fault(index, chosen, schools, trust):
                return 404, asking(index, chosen, fault)
            if len(chosen) > AT_ONCE:
                return 200, asking(index, chosen)
            view = index.within([school.id for school in chosen])
            return 200, page(found=self.kept.get(key(view), lambda: found(view)), whose=_whose(chosen, index))
        except Exception:
            log.exception("no page of shared wording")
            return 500, page(fault=BROKEN)


def _fault(index: Index, chosen: Sequence[School], schools: Sequence[str], trust: str) -> str:
    """Why these cannot be compared: a school or trust that is not there, or a school alone."""
    if unknown := sorted({*schools} - {school.id for school in index.schools}):
        return f"There is no school “{unknown[0]}” here; choose from the list."
    if trust and not schools and not chosen:
        return f"There is no trust “{trust}” here; choose from the list."
    return "One school alone shares nothing; choose two or more." if schools and len(chosen) == 1 else ""


def asking(index: Index, chosen: Sequence[School], fault: str = "") -> str:
    """The page that asks which schools, where `chosen` are too many, or have a `fault`."""
    trusts = Counter(school.trust for school in index.schools if school.trust)
    ticked = {school.id for school in chosen} if len(chosen) < len(index.schools) else set()
    return page(fault=fault, schools=groups(index.schools), trusts=trusts, ticked=ticked, chosen=len(chosen))


def _whose(chosen: Sequence[School], index: Index) -> str:
    """The schools that were chosen, by name; "" for all."""
    return listed([school.name for school in chosen]) if len(chosen) < len(index.schools) else ""


def page(**values: Any) -> str:
    nothing = {"found": None, "fault": "", "schools": None, "whose": ""}
    return templates.page(_environment(), "wording.html", "/compare", True, **{**nothing, **values})


@cache
def _environment() -> Environment:
    made = templates.environment()
    made.filters |= {"count": count, "percent": percent}
    made.globals |= {"MOST": MOST, "PAIRS": PAIRS, "AT_ONCE": AT_ONCE}
    return made


def add_wording(app: FastAPI, desk: Desk) -> None:
    sharing = Sharing(desk)

    # No coroutine: it may take seconds.
    @app.get("/compare/wording")
    def wording(user: Who, school: Annotated[Sequence[str], Query()] = (), trust: str = "") -> HTMLResponse:
        status, page = sharing.answer(user, school, trust)
        return HTMLResponse(page, status, FRESH)
