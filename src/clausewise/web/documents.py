"""The Documents pages: reviews, kinds of policy, versions, the health of each file, and what changed between two versions."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from clausewise.accounts import User
from clausewise.audit import Audit
from clausewise.comparison.radar import STATES
from clausewise.comparison.versions import KINDS, Change, changes
from clausewise.exports.wording import NOT_STATED, REVIEWS, count
from clausewise.readers import FORMATS
from clausewise.web import adding, links, templates, words
from clausewise.web.files import FRESH, HERE, add_files
from clausewise.web.kept import Kept, key
from clausewise.web.register import FEW, MOST, Register, files, register, reviews
from clausewise.web.templates import BROKEN
from clausewise.web.who import Who

if TYPE_CHECKING:
    from clausewise.assistant import Assistant
    from clausewise.index import Index
    from clausewise.web.desk import Desk

# A mark beside each word, so that nothing is told by colour alone.
REVIEW = {state: ({**REVIEWS, "superseded": ("·", "Superseded")})[state] for state in STATES}
COVERAGE = {"has": ("✓", "has"), "overdue": ("!", "overdue"), "lacks": ("–", "lacks")}
CHANGES = {
    "weakened": ("▼", "Weaker duty"),
    "strengthened": ("▲", "Stronger duty"),
    "reworded": ("≈", "Other words"),
    "new": ("+", "New"),
    "gone": ("−", "Gone"),
    "split": ("⋔", "Split in several"),
    "merged": ("⋓", "Merged into one"),
    "moved": ("→", "Moved, the words unchanged"),
}
COLOURS = dict.fromkeys((*REVIEW, *COVERAGE, *CHANGES), "")
COLOURS |= dict.fromkeys(("overdue", "weakened"), "cw-prohibited") | dict.fromkeys(("later", "has"), "cw-permitted")
COLOURS |= {"due_soon": "cw-conditional", "strengthened": "cw-permitted"}
DATES = (("approved", "Approved"), ("reviewed", "Last review"), ("next_review", "Next review"))
SIDES = ("school", "beside")  # in an address of two policies: the school of the earlier and of the later one
SCHOOLS = 30  # side by side; of more they are counted
log = logging.getLogger(__name__)


def add_documents(app: FastAPI, desk: Desk, audit: Audit) -> None:
    """The pages, and the way in for a policy's file."""
    adding.add_door(app, desk, audit)
    add_files(app, HERE / "documents.css", HERE / "documents.js")
    room = Room(desk)

    # No coroutine: comparing versions would keep answers waiting.
    @app.get("/documents")
    @app.get("/documents/{path:path}")
    def documents(request: Request, user: Who, path: str = "") -> HTMLResponse:
        status, page = room.answer(path, request.query_params, user, adding.refusal(desk, request, user))
        return HTMLResponse(page, status, FRESH)


class Room:
    """The pages around what the desk holds."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._registers: Kept[Register] = Kept(4)
        self._changes: Kept[tuple[Change, ...]] = Kept(8)

    def answer(self, path: str, asked: Mapping[str, str], user: User, refusal: str) -> tuple[int, str]:
        """HTTP status and page of what stands at `path` below /documents.

        `asked`: what follows the question mark. `refusal`: why no policy can be added in answer to this request; "" if one can.
        """
        try:
            assistant = self.desk.assistant(user)
            match path.strip("/"):
                case "":
                    return self.overview(asked, assistant, user, refusal)
                case "changes":
                    return self.compared(asked, assistant.index)
            return 404, missing("There is nothing at this address.")
        except Exception:
            log.exception("no page for /documents/%r", path)
            return 500, missing(BROKEN, "Not to be shown now")

    def overview(self, asked: Mapping[str, str], assistant: Assistant, user: User, refusal: str) -> tuple[int, str]:
        """Everything of one school, or of all; of the reviews those in one state, or all."""
        today = date.today()
        names = {school.id: school.name for school in assistant.schools}
        faults = [f"There is no {what} “{found}” here, so all are shown." for what, found in _strange(asked, names)]
        school, state = ("" if faults else asked.get(name, "") for name in ("school", "state"))
        found, index = self._register(assistant.index, school, today), assistant.index
        most = FEW if len(found.documents) > MOST and not school else max(MOST, len(found.documents))
        values = {
            "today": today,
            "names": names,
            "titles": {document.id: document.title for document in found.documents},
            "faults": faults,
            "school": school,
            "state": state,
            "most": most,
            "total": len(found.documents),
            "counts": found.counts,
            "reviews": reviews(found, state, most, index, today),
            "covered": found.covered,
            "files": files(found, most, index),
            "failures": self._failures(assistant, school),
            "older": found.older,
        }
        return 404 if faults else 200, page("documents.html", **values, **self._adding(user, refusal))

    def _register(self, index: Index, school: str, today: date) -> Register:
        """Of one school, or of all: these are kept for the day."""
        if school:
            return register(index.catalogue.within([school]), today)
        return self._registers.get((key(index), today), lambda: register(index.catalogue, today))

    def _failures(self, assistant: Assistant, school: str) -> list[str]:
        """Of all schools, or of one, and below the corpus folder, as the other files' paths are."""
        lines = [line.removeprefix(f"{self.desk.corpus}{os.sep}") for line in assistant.index.failures]
        return [line for line in lines if not school or line.startswith(f"{school}{os.sep}")]

    def _adding(self, user: User, refusal: str) -> dict[str, Any]:
        """`anew`: a school that is not here yet may be begun, by those who see every school."""
        homes = [] if refusal else adding.homes(self.desk, user)
        largest = 0 if refusal else self.desk.whole.settings.max_bytes
        progress = self.desk.progress_for(user)
        return {"refusal": refusal, "homes": homes, "largest": largest, "progress": progress, "anew": user.trust is None}

    def compared(self, asked: Mapping[str, str], index: Index) -> tuple[int, str]:
        """What changed from one policy to another, or the choice of the two: among very many policies, of their schools first."""
        old, new = asked.get("old", ""), asked.get("new", "")
        names = {school.id: school.name for school in index.schools}
        strange = [asked[side] for side in SIDES if asked.get(side) and asked[side] not in names]
        faults = [*(f"There is no school “{name}” here; choose one from the list." for name in strange), *_unpaired(index, old, new)]
        changed = None
        if old and not faults:
            found = self._changes.get((key(index), old, new), lambda: changes(index, index, old, new))
            changed = by_kind(found)
        sides = [index.document.get(id) for id in (old, new)]
        schools = [document.school if document else asked.get(side, "") for side, document in zip(SIDES, sides, strict=True)]
        many = len(index.documents) > MOST
        values = {
            "documents": [*(index.catalogue.within(schools) if many else index.catalogue).outlines()],
            "names": names,
            "many": many,
            "schools": schools,
            "old": sides[0],
            "new": sides[1],
            "faults": faults,
            "changed": changed,
        }
        return 404 if faults else 200, page("changes.html", **values)


def _strange(asked: Mapping[str, str], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was asked for that is not there."""
    known = {"school": names.keys(), "state": set(STATES)}
    return [(what, asked[what]) for what, some in known.items() if asked.get(what) and asked[what] not in some]


def _unpaired(index: Index, old: str, new: str) -> list[str]:
    """Why these two cannot be compared; nothing where they can, or where neither was chosen."""
    if old == new and old in index.document:
        return ["These are one and the same; choose two policies."]
    return [
        f"There is no policy “{name}” here; choose the {which} one from the list." if name else f"Choose the {which} policy."
        for name, which in ((old, "earlier"), (new, "later"))
        if (old or new) and name not in index.document
    ]


def by_kind(found: Iterable[Change]) -> dict[str, list[Change]]:
    """By kind, in the order in which they are shown."""
    kinds: dict[str, list[Change]] = {kind: [] for kind in KINDS}
    for change in found:
        kinds[change.kind].append(change)
    return {kind: some for kind, some in kinds.items() if some}


# words of the templates


def missing(told: str, title: str = "Not found") -> str:
    return page("absent.html", told=told, title=title, ways=[("/documents", "All documents")])


def page(template: str, **values: Any) -> str:
    return templates.page(_environment(), template, "/documents", template != "documents.html", **values)


@cache
def _environment() -> Environment:
    made = templates.environment()
    made.globals |= {"REVIEW": REVIEW, "COVERAGE": COVERAGE, "CHANGES": CHANGES, "COLOURS": COLOURS, "DATES": DATES}
    made.globals |= {"NOT_STATED": NOT_STATED, "SCHOOLS": SCHOOLS, "SUFFIXES": FORMATS, "FORMATS": words.FORMATS}
    made.filters |= {"count": count, "policy": links.policy, "day": day, "as_words": as_words, "megabytes": megabytes}
    return made


def day(when: date) -> str:
    return f"{when.day} {when:%B %Y}"


def as_words(line: str) -> str:
    """A line of a policy without the marks of a table: "| Review date | May 2026 |" is "Review date: May 2026"."""
    rows = ([cell.strip() for cell in row.split("|") if cell.strip(" -:")] for row in line.splitlines())
    return " ".join((": " if len(cells) == 2 else " · ").join(cells) for cells in rows if cells)


def megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
