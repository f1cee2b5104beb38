"""/policies/<school>/<policy>: a whole policy, each of its clauses at the address that its citations lead to."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment
from rapidfuzz import process

from clausewise.accounts import User
from clausewise.dates import review
from clausewise.errors import NotDrawn
from clausewise.exports.wording import REVIEWS, count
from clausewise.facsimile import Facsimile
from clausewise.types import Clause, Document, Quote, School
from clausewise.web import links, paper, printed, templates, words
from clausewise.web.files import FRESH, HERE, add_files
from clausewise.web.moved import Moved, moved
from clausewise.web.printed import Place, Press
from clausewise.web.templates import BROKEN
from clausewise.web.who import Who

if TYPE_CHECKING:
    from clausewise.index import Index
    from clausewise.web.desk import Desk

NEAR = 5  # policies that are named where there is none
log = logging.getLogger(__name__)


class Room:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.press = Press(desk)

    def answer(self, path: str, user: User, version: str = "", anchor: str = "") -> tuple[int, str]:
        """HTTP status and page of the policy whose id is `path`. `version` and `anchor`: of the link, where it is a mailed one."""
        try:
            index = self.desk.assistant(user).index
            document = index.document.get(path.strip("/"))
            if document is None:
                return 404, absent(path.strip("/"), index)
            change = moved(document, index, version, anchor, self.desk.index) if version else None
            return 200, shown(document, index, self.press.prints(document), change)
        except Exception:
            log.exception("no page for /policies/%r", path)
            return 500, broken()

    def sheet(self, path: str, number: str, anchor: str, user: User) -> tuple[int, str]:
        """HTTP status and page that shows a page as it is printed."""
        try:
            index = self.desk.assistant(user).index
            document = index.document.get(path)
            if document is None:  # unless a policy has the name of a page
                return self.answer(f"{path}/page/{number}", user)
            place = printed.place(document, number, anchor, index)
            return 200, sheet(place, index, self.press.tried(place))
        except NotDrawn as error:
            ways = [(links.policy(path), "The policy as text")]
            return 404, page("absent.html", title="Not found", told=str(error), ways=ways)
        except Exception:
            log.exception("no page %r of /policies/%r", number, path)
            return 500, broken()

    def image(self, path: str, number: str, anchor: str, user: User) -> tuple[int, bytes | str]:
        """HTTP status, and the image of a page as it is printed, else a line that says why there is none."""
        try:
            index = self.desk.assistant(user).index
            if path not in index.document:
                return 404, "There is no policy at this address."
            return 200, self.press.facsimile(printed.place(index.document[path], number, anchor, index)).png
        except NotDrawn as error:
            return 404, str(error)
        except Exception:
            log.exception("no image of page %r of /policies/%r", number, path)
            return 500, BROKEN


def shown(document: Document, index: Index, prints: bool = False, moved: Moved | None = None) -> str:
    """`prints`: its pages can be shown as they are printed."""
    clauses = index.clauses_of(document.id)
    groups = paper.groups(document, clauses)
    state = review(document, date.today())
    sign, _ = REVIEWS["later" if state.status == "current" else state.status]
    return page(
        "policy.html",
        document=document,
        school=_school(document.school, index).name,
        approved=_stated(document, "approved", clauses),
        review=(sign, state.text, state.status, _stated(document, "next_review", clauses)[1]),
        newer=index.document.get(document.superseded_by or ""),
        older=[other for other in index.documents_of(document.school) if other.superseded_by == document.id],
        groups=groups,
        headings=paper.headings(groups),
        prints=prints,
        moved=moved,
    )


def sheet(place: Place, index: Index, found: Facsimile | NotDrawn) -> str:
    document, clause = place.document, place.clause
    here = clause or next((c for c in index.clauses_of(document.id) if document.page(c.span.start) == place.number), None)
    school = _school(document.school, index).name
    return page(
        "printed.html",
        place=place,
        school=school,
        refusal=str(found) if isinstance(found, NotDrawn) else "",
        found=found,
        told=None if isinstance(found, NotDrawn) else printed.told(place, found),
        alt="" if isinstance(found, NotDrawn) else printed.alt(place, school, found),
        quote=Quote(document, clause, clause.span, 1.0) if clause else None,
        text=links.policy(document.id, here.id if here else ""),
    )


def broken() -> str:
    return page("absent.html", title="Not to be shown now", told=BROKEN, ways=[])


def absent(path: str, index: Index) -> str:
    """What to do where no policy stands: the school's own policies if it is known, else those of the nearest names."""
    own = index.documents_of(path.partition("/")[0])
    if own:
        told = f"{_school(own[0].school, index).name} has no policy at this address. It has:"
    else:
        told = "There is no policy at this address. The nearest are:"
    found = list(own or _nearest(path, index))
    names = [f"{document.title}, {_school(document.school, index).name}" for document in found]
    ways = [(links.policy(d.id), _apart(name, d) if names.count(name) > 1 else name) for name, d in zip(names, found, strict=True)]
    return page("absent.html", title="Not found", told=told, ways=ways)


def _apart(name: str, document: Document) -> str:
    """Of several policies of one name, usually versions: which it is."""
    return f"{name} ({words.approved(document)}; {document.id})"


def _nearest(path: str, index: Index) -> Iterable[Document]:
    names = {d.id: f"{d.id} {d.title} {_school(d.school, index).name}".lower() for d in index.catalogue.titled()}
    return [index.document[found[2]] for found in process.extract(path.lower(), names, limit=NEAR)]


def _school(id: str, index: Index) -> School:
    return next((school for school in index.schools if school.id == id), School(id, id))


def _stated(document: Document, role: str, clauses: Iterable[Clause]) -> tuple[str, str]:
    """A date in the document's words, and the anchor of the clause that states it; both empty where none does."""
    found = document.stated(role)
    if found is None:
        return "", ""
    where = next((clause.id for clause in clauses if clause.span.start <= found.span.start < clause.span.end), "")
    return " ".join(found.text.split()), links.anchor(document.id, where)


def page(template: str, **values: Any) -> str:
    return templates.page(_environment(), template, "/documents", True, **values)


@cache
def _environment() -> Environment:
    made = templates.environment()
    made.globals |= {"policy": links.policy, "fragment": links.fragment, "FORMATS": words.FORMATS}
    made.globals |= {"printed": links.page, "image": links.image, "place": words.place}
    made.filters |= {"count": count}
    return made


def add_policies(app: FastAPI, desk: Desk) -> None:
    room = Room(desk)
    add_files(app, HERE / "policy.css")

    # No coroutine: a long policy takes a while to set, and a page to draw.
    @app.get("/policies/{path:path}/page/{number}.png")
    def image(user: Who, path: str, number: str, clause: str = "") -> Response:
        status, found = room.image(path, number, clause, user)
        return Response(found, status, FRESH, "image/png" if isinstance(found, bytes) else "text/plain")

    @app.get("/policies/{path:path}/page/{number}")
    def sheet(user: Who, path: str, number: str, clause: str = "") -> HTMLResponse:
        status, page = room.sheet(path, number, clause, user)
        return HTMLResponse(page, status, FRESH)

    @app.get("/policies")
    @app.get("/policies/{path:path}")
    def policy(user: Who, path: str = "", version: Annotated[str, Query(alias="as")] = "", clause: str = "") -> HTMLResponse:
        status, page = room.answer(path, user, version, clause)
        return HTMLResponse(page, status, FRESH)
