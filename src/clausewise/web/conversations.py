"""/conversations: a user's own conversations, found again, renamed, deleted; each as a page to print, and as a file."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment

from clausewise.accounts import User
from clausewise.conversations import TITLE, Conversations
from clausewise.errors import BadConversation, ClausewiseError, UnknownConversation
from clausewise.exports import CONVERSATION, render_conversation
from clausewise.exports.conversation import Link, Transcript, transcript
from clausewise.exports.wording import count, listed, written
from clausewise.types import School
from clausewise.web import links, templates
from clausewise.web.files import HERE, add_files
from clausewise.web.posted import Posted
from clausewise.web.templates import BROKEN
from clausewise.web.who import Who

if TYPE_CHECKING:
    from clausewise.web.desk import Desk

HOME = "/conversations"
PRIVATE = {"cache-control": "no-store"}  # what one person asked stays on no disk of a browser that the next one uses
NOT_YOURS = "There is no conversation of yours at this address. It may have been deleted."
NOT_HERE = "This came from a page of another site, so nothing was changed. Open your conversations here and try again."
log = logging.getLogger(__name__)


class Room:
    """The pages around what is kept, for whoever the request comes from."""

    def __init__(self, desk: Desk, kept: Conversations) -> None:
        self.desk, self.kept = desk, kept

    def listed(self, user: User, search: str, fault: str = "") -> str:
        names = {school.id: school for school in self.desk.assistant(user).schools}
        found = self.kept.all(user.id, search)
        schools = {one.id: _schools(one.schools, names) for one in found}
        return page("conversations.html", found=found, schools=schools, search=search, told=fault)

    def shown(self, user: User, id: str) -> str:
        told = self._told(user, id, lambda document, clause: links.policy(document.id, clause))
        return page("conversation.html", transcript=told, id=id)

    def file(self, user: User, id: str, form: str, base: str) -> bytes:
        """`base`: the address of this server, since the file is read elsewhere."""
        return render_conversation(form, self._told(user, id, lambda document, clause: base + links.mailed(document, clause)))

    def _told(self, user: User, id: str, link: Link) -> Transcript:
        """Raises UnknownConversation."""
        conversation, turns = self.kept.find(user.id, id), self.kept.turns(user.id, id)
        return transcript(conversation, turns, self.desk.assistant(user).index, link, date.today())

    def change(self, user: User, path: str, form: Mapping[str, str]) -> None:
        """Do what a form sends to `path` below /conversations. Raises UnknownConversation and BadConversation."""
        match path.split("/"):
            case ["delete"]:
                self.kept.delete_all(user.id)
            case [id, "delete"]:
                self.kept.delete(user.id, id)
            case [id, "rename"]:
                self.kept.rename(user.id, id, form.get("title", ""))
            case _:
                raise UnknownConversation(path)


def _schools(chosen: tuple[str, ...], names: Mapping[str, School]) -> str:
    """Those that the reader sees by name, or all."""
    return listed([names[school].name for school in chosen if school in names]) if chosen else "All schools"


def add_conversations(app: FastAPI, desk: Desk, kept: Conversations) -> None:
    room = Room(desk, kept)
    add_files(app, HERE / "conversations.css")

    # No coroutines: the store and the policies would keep answers waiting.
    @app.get(HOME)
    def conversations(user: Who, search: str = "") -> HTMLResponse:
        return _answered(lambda: room.listed(user, search))

    @app.get(HOME + "/{id}")
    def conversation(user: Who, id: str) -> HTMLResponse:
        return _answered(lambda: room.shown(user, id))

    @app.get(HOME + "/{id}/file.{form}")
    def file(request: Request, user: Who, id: str, form: str) -> Response:
        if form not in CONVERSATION:
            return absent(NOT_YOURS)
        try:
            made = room.file(user, id, form, str(request.base_url).rstrip("/"))
        except Exception as error:
            return _failed(error)
        name = f'attachment; filename="conversation.{form}"'
        return Response(made, media_type=CONVERSATION[form][1], headers={"content-disposition": name, **PRIVATE})

    # OPTIONS is a browser's question whether another site's page may send a form, to be refused; Gradio would grant it.
    @app.api_route(HOME + "/{path:path}", methods=["POST", "OPTIONS"])
    def change(request: Request, user: Who, path: str, form: Posted) -> Response:
        if request.method != "POST":
            return absent(NOT_HERE, "Not changed", 403)
        return _changed(room, user, path, form)


def _changed(room: Room, user: User, path: str, form: Mapping[str, str]) -> Response:
    try:
        room.change(user, path, form)
    except BadConversation as error:
        told = str(error)
        return _answered(lambda: room.listed(user, "", told), 400)
    except Exception as error:
        return _failed(error)
    return RedirectResponse(HOME, 303, PRIVATE)


def _answered(made: Any, status: int = 200) -> HTMLResponse:
    try:
        return HTMLResponse(made(), status, PRIVATE)
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> HTMLResponse:
    """The page for what went wrong; a conversation of somebody else's is told as one that is not there."""
    if isinstance(error, UnknownConversation):
        return absent(NOT_YOURS)
    if isinstance(error, ClausewiseError):
        return absent(str(error), "Not to be shown now", 500)
    log.error("no page of conversations", exc_info=error)
    return absent(BROKEN, "Not to be shown now", 500)


def absent(told: str, title: str = "Not found", status: int = 404) -> HTMLResponse:
    ways = [(HOME, "Your conversations"), ("/", "Ask a question")]
    return HTMLResponse(page("absent.html", told=told, title=title, ways=ways), status, PRIVATE)


def page(template: str, **values: Any) -> str:
    return templates.page(_environment(), template, "/", True, **values)


@cache
def _environment() -> Environment:
    made = templates.environment()
    made.globals |= {"HOME": HOME, "TITLE": TITLE, "FORMS": {"docx": "Word", "md": "Markdown"}}
    made.filters |= {"count": count, "day": written}
    return made
