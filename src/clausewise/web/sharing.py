"""/compare/wording: the clauses that schools share word for word, and which school changed which words of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from clausewise.accounts import User
from clausewise.comparison.wording import Change, Shared, Version, share, shared
from clausewise.exports.wording import count, percent
from clausewise.web import links, templates, words
from clausewise.web.files import FRESH
from clausewise.web.kept import Kept, key
from clausewise.web.templates import BROKEN
from clausewise.web.who import Who

if TYPE_CHECKING:
    from clausewise.index import Index
    from clausewise.web.desk import Desk

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

    def answer(self, user: User) -> tuple[int, str]:
        """HTTP status and page."""
        index = self.desk.assistant(user).index
        try:
            return 200, page(found=self.kept.get(key(index), lambda: found(index)), fault="")
        except Exception:
            log.exception("no page of shared wording")
            return 500, page(found=None, fault=BROKEN)


def page(**values: Any) -> str:
    return templates.page(_environment(), "wording.html", "/compare", True, **values)


@cache
def _environment() -> Environment:
    made = templates.environment()
    made.filters |= {"count": count, "percent": percent}
    made.globals |= {"MOST": MOST, "PAIRS": PAIRS}
    return made


def add_wording(app: FastAPI, desk: Desk) -> None:
    sharing = Sharing(desk)

    # No coroutine: it may take seconds.
    @app.get("/compare/wording")
    def wording(user: Who) -> HTMLResponse:
        status, page = sharing.answer(user)
        return HTMLResponse(page, status, FRESH)
