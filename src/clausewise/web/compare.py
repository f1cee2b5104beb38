"""The Compare room: schools beside each other on a list of topics, or on one topic in somebody's own words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment
from starlette.datastructures import QueryParams

from clausewise import exports, safeguarding
from clausewise.accounts import User
from clausewise.comparison.positions import Comparison
from clausewise.comparison.report import report, single
from clausewise.comparison.topics import Topic, load_topics, shipped, title
from clausewise.errors import AskingOff, BadQuestion, ClausewiseError, QuoteMismatch
from clausewise.exports import html
from clausewise.exports.wording import POSITIONS, Report, Row, count, grid, titles
from clausewise.quoting import verified
from clausewise.types import Reply, School
from clausewise.web import links, templates, words
from clausewise.web.asked import TOPIC, Asked
from clausewise.web.files import FRESH, HERE, add_files
from clausewise.web.kept import Kept, key
from clausewise.web.posted import Pairs
from clausewise.web.templates import BROKEN
from clausewise.web.who import Who
from clausewise.web.working import PATIENCE, Work

if TYPE_CHECKING:
    from clausewise.assistant import Assistant
    from clausewise.web.desk import Desk

FILES = {"xlsx": "Spreadsheet", "docx": "Paper for a meeting", "html": "Page", "csv": "Table", "md": "Markdown", "json": "Data"}
WORKS = 64  # comparisons under way, or done, of which it is known how far they are
LISTED = 100  # schools that are compared on a list of topics: a matrix of so many is some 5 MB, and half a minute's work
DRAWN = 60  # schools whose words on a topic stand on its page; each has a page of its own
KEPT = 4  # comparisons, and files of them; one of hundreds of schools is large
PRIVATE = {"cache-control": "no-store"}  # a topic in somebody's own words may be anything
log = logging.getLogger(__name__)


class Room:
    """The pages around one desk. Comparisons are kept for a while, so that a reload or a download makes none anew."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.reports, self.files, self.works = Kept[Report](KEPT), Kept[bytes](KEPT), Kept[Work](WORKS)

    def answer(self, asked: Asked, user: User) -> tuple[int, str]:
        """HTTP status and page: the form, and below it what was asked."""
        assistant = self.desk.assistant(user)
        try:
            asked.check()
            if told := self._leads(asked, assistant):
                return 200, _page(asked, assistant.schools, named=safeguarding.HEADING, leads=told)
            if asked.compares and self.soon(asked, assistant, PATIENCE) is None:
                return 202, working(asked, self._work(asked, assistant))
            return 200, _page(asked, assistant.schools, **self.found(asked, assistant))
        except Exception as error:
            return self.refused(asked, user, error)

    def refused(self, asked: Asked, user: User, error: Exception) -> tuple[int, str]:
        """Status and page of what could not be answered: the form with one line; 500 where it is no fault of who asked."""
        ours = isinstance(error, QuoteMismatch) or not isinstance(error, ClausewiseError)
        if ours:
            log.error("no comparison", exc_info=error)  # its topic may be anything, and is not to be kept
        told = str(error) if isinstance(error, ClausewiseError) else BROKEN
        status = 500 if ours else error.status if isinstance(error, AskingOff) else 400
        return status, _page(asked, self.desk.assistant(user).schools, fault=told)

    def found(self, asked: Asked, assistant: Assistant) -> dict[str, Any]:
        """What the page shows of the answer; nothing where nothing is asked."""
        if asked.topics is not None:
            values = html.values(self.listed(asked, assistant), links.policy)
            files = [(form, name, asked.address(f"/file.{form}")) for form, name in FILES.items()]
            return {"named": title(asked.topics), "files": files, **values}
        return {} if asked.topic is None else self.own(asked, assistant)

    def _leads(self, asked: Asked, assistant: Assistant) -> list[tuple[str, str]]:
        """Whom to tell, where a topic in somebody's own words may be about somebody at risk. Raises AskingOff where none may be asked."""
        if asked.topic is None:
            return []
        if note := self.desk.asking_off():
            raise AskingOff(note)
        return leads(asked, assistant) if assistant.at_risk(asked.topic) else []

    def listed(self, asked: Asked, assistant: Assistant) -> Report:
        """The comparison on a list of topics, each of its quotes held against its policy once more."""
        found = self.made(asked, assistant)
        verified({"answers": found["cells"]}, assistant.index)
        return found

    def made(self, asked: Asked, assistant: Assistant) -> Report:
        """The comparison, once it is there."""
        found = None
        while found is None:
            found = self.soon(asked, assistant, PATIENCE)
        return found

    def soon(self, asked: Asked, assistant: Assistant, wait: float) -> Report | None:
        """The comparison, if it is there in `wait` seconds. Raises BadQuestion for a list of topics at more than LISTED schools."""
        if asked.topics is not None and (many := len(asked.schools or assistant.schools)) > LISTED:
            raise BadQuestion(
                f"found {many:,} schools for a list of topics; expected {LISTED} at most: choose fewer, or one topic in your own words"
            )
        wanted, work = _key(asked, assistant), self._work(asked, assistant)
        return self.reports.soon(wanted, lambda: _made(asked, assistant, wanted[-1], work.tell), wait)

    def _work(self, asked: Asked, assistant: Assistant) -> Work:
        wanted = _key(asked, assistant)
        return self.works.get(wanted, lambda: _begun(asked, assistant)).look()

    def progress(self, asked: Asked, user: User) -> dict[str, Any]:
        """How far a comparison is; `ready` also where a look at its page says why there is none."""
        assistant = self.desk.assistant(user)
        try:
            asked.check()
            ready = not asked.compares or not self.reports.making(_key(asked, assistant))
            work = self._work(asked, assistant)
        except Exception:
            return {"ready": True, "done": 0, "of": 0}
        return {"ready": ready, "done": work.done, "of": work.of}

    def own(self, asked: Asked, assistant: Assistant) -> dict[str, Any]:
        """The comparison on a topic in somebody's own words: one line over all answers, and the first DRAWN in full."""
        found = self.made(asked, assistant)
        ((topic, cells),) = grid(found)
        verified({"answers": cells[:DRAWN]}, assistant.index)
        values = {"report": found, "link": links.policy, "titles": titles(found), "summary": found["summary"], "files": []}
        stands = positions(cells, asked) if len(cells) > DRAWN else []
        return {"named": f"“{asked.topic}”", "grid": [(topic, cells[:DRAWN])], "stands": stands, **values}

    def file(self, asked: Asked, form: str, user: User) -> tuple[bytes, str]:
        """The comparison on a list as a file of `form`, and a name for it. Raises what `answer` shows."""
        asked.check()
        if asked.topics is None or form not in exports.FORMS:
            wanted = ", ".join(f"file.{name}" for name in exports.FORMS)
            raise BadQuestion(f"found file.{form}; expected one of: {wanted}, and a list of topics, as in file.xlsx?topics=social-media")
        assistant = self.desk.assistant(user)
        found = self.listed(asked, assistant)
        body = self.files.get((form, _key(asked, assistant)), lambda: exports.render(form, found))
        return body, f"{asked.topics}-{count(len(found['schools']), 'school').replace(' ', '-')}-{found['made']}.{form}"

    def sent(self, asked: Asked, user: User) -> Response:
        """What the form asks: an address that can be sent on, unless its words may be about somebody at risk, which stand in no address."""
        assistant = self.desk.assistant(user)
        if asked.topic and len(asked.topic) <= TOPIC and assistant.at_risk(asked.topic):
            page = _page(replace(asked, topic=""), assistant.schools, named=safeguarding.HEADING, leads=leads(asked, assistant))
            return HTMLResponse(page, headers=PRIVATE)
        return RedirectResponse(self.tidy(asked, user), 303)

    def tidy(self, asked: Asked, user: User) -> str:
        """The address of what the form asks: short where it asks for every school."""
        every = asked.schools is not None and {school.id for school in self.desk.assistant(user).schools} == set(asked.schools)
        return (replace(asked, schools=None) if every else asked).address()


def _key(asked: Asked, assistant: Assistant) -> tuple[Hashable, str | tuple[Topic, ...], tuple[str, ...] | None, date]:
    """All that a comparison depends on; the day, since reviews are held against it."""
    return key(assistant.index), asked.topic or load_topics(asked.topics or ""), asked.schools, date.today()


def _begun(asked: Asked, assistant: Assistant) -> Work:
    if asked.topic:
        return Work(len(asked.schools or assistant.schools), "school")
    return Work(len(load_topics(asked.topics or "")), "topic")


def _made(asked: Asked, assistant: Assistant, today: date, tell: Callable[[int], None]) -> Report:
    if asked.topic:
        return _own(assistant.compare(asked.topic, asked.schools, tell), assistant.schools)
    name = asked.topics or ""
    return report(title(name), assistant.matrix(load_topics(name), asked.schools, tell), assistant.index, today)


def _own(comparison: Comparison, schools: Sequence[School]) -> Report:
    """`summary`: one line over several answers."""
    reply = Reply(comparison.topic, comparison.topic, tuple(answer.school for answer in comparison.answers), comparison.answers)
    return {**single(comparison, schools), "summary": [words.summary(reply)] if len(reply.answers) > 1 else []}


def positions(cells: Sequence[Row], asked: Asked) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each position that any school takes, with these schools' names and where the words of each stand."""
    held: dict[str, list[tuple[str, str]]] = {name: [] for name in POSITIONS}
    for cell in cells:
        held[cell["position"]].append((cell["school_name"], replace(asked, schools=(cell["school"],)).address()))
    return [(name, schools) for name, schools in held.items() if schools]


def leads(asked: Asked, assistant: Assistant) -> list[tuple[str, str]]:
    """The schools in question, each with whom to tell."""
    schools = [school for school in assistant.schools if asked.schools is None or school.id in asked.schools]
    return [(school.name, school.contacts.get("safeguarding_lead", "its safeguarding lead, or the headteacher")) for school in schools]


# the page


def _page(
    asked: Asked, schools: Sequence[School], fault: str = "", named: str = "", leads: Sequence[tuple[str, str]] = (), **values: Any
) -> str:
    """`named`: what was compared; "" for the form alone. `leads`: whom to tell at each school, where somebody may be at risk."""
    form = {"groups": groups(schools), "lists": _lists(), "asked": asked, "most": TOPIC, "fault": fault, "named": named, "leads": leads}
    return templates.page(_environment(), "compare.html", "/compare", bool(fault or named), **form, **values)


def working(asked: Asked, work: Work) -> str:
    return templates.page(_environment(), "working.html", "/compare", True, asked=asked, work=work)


@cache
def _environment() -> Environment:
    made = html.teach(templates.environment(html.HOME))
    made.filters |= {"count": count}
    made.globals |= {"RISK": safeguarding, "DRAWN": DRAWN}
    return made


def _lists() -> list[tuple[str, str, int]]:
    """The lists of topics that come with the product: name, title, how many topics."""
    return [(name, title(name), len(load_topics(name))) for name in shipped()]


def groups(schools: Sequence[School]) -> list[tuple[str, list[School]]]:
    """The schools by trust, those of none last; one group without a name where there are not several trusts."""
    trusts = list(dict.fromkeys(filter(None, (school.trust for school in schools))))
    if len(trusts) < 2:
        return [("", list(schools))]
    found = [(trust or "In no trust", [school for school in schools if (school.trust or "") == trust]) for trust in (*trusts, "")]
    return [(name, held) for name, held in found if held]


# the door


def add_compare(app: FastAPI, desk: Desk) -> None:
    room = Room(desk)
    add_files(app, html.CSS, html.JS, HERE / "compare.css", HERE / "compare.js")

    # No coroutines: comparing would keep answers waiting.
    @app.get("/compare")
    def compare(request: Request, user: Who) -> Response:
        status, page = room.answer(Asked.of(request.query_params), user)
        return HTMLResponse(page, status, PRIVATE)

    @app.post("/compare")
    def sent(form: Pairs, user: Who) -> Response:
        return room.sent(Asked.of(QueryParams(list(form))), user)

    @app.get("/compare/progress")
    def progress(request: Request, user: Who) -> dict[str, Any]:
        return room.progress(Asked.of(request.query_params), user)

    @app.get("/compare/file.{form}")
    def file(request: Request, form: str, user: Who) -> Response:
        asked = Asked.of(request.query_params)
        try:
            body, name = room.file(asked, form, user)
        except Exception as error:
            status, page = room.refused(asked, user, error)
            return HTMLResponse(page, status, FRESH)
        headers = {**FRESH, "content-disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type=exports.FORMS[form][1], headers=headers)
