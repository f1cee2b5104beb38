"""The calls over HTTP, below /api/v1 and as tools at /mcp, with their description for programs and for people."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from clausewise import contract, tools
from clausewise.accounts import User
from clausewise.calls import CALLS, Answered, Call
from clausewise.errors import AskingOff, ClausewiseError
from clausewise.web import templates
from clausewise.web.bodies import decoded, short_json
from clausewise.web.feedback import count_apart
from clausewise.web.files import FRESH
from clausewise.web.who import Who, who

if TYPE_CHECKING:
    from clausewise.store import Store
    from clausewise.web.desk import Desk

ROOT = "/api/v1"
BODY = 512 * 1024  # bytes at most: the longest question with the longest history, however it is written
ABOUT = (
    "Questions answered from schools’ own policies, word for word. Each quote is held against its policy once more before it goes out. "
    "The same objects come out of the command line, of Python and of the tools at /mcp."
)
REFUSALS = {
    400: "The body is not JSON, or names a school or asks a question that there is none of.",
    401: "This Clausewise has a sign-in, and the request carries neither its cookie nor a token.",
    500: "No fault of the request: a quote that is not its policy’s words, say, is withheld.",
}
UNREAD = {
    413: f"The body has more than {BODY:,} bytes.",
    415: "The body is not said to be application/json.",
    422: "The body is JSON, but no request of this form: a field is missing, unknown, too long or out of range.",
}
SCHEME = {"type": "http", "scheme": "bearer", "description": "A token of a Clausewise with a sign-in; where there is none, send nothing."}
log = logging.getLogger(__name__)


def add_api(app: FastAPI, desk: Desk, store: Store) -> None:
    window = Window(desk, store)
    for call in CALLS.values():
        made = _posted(call, window) if call.example else _got(call, window)
        app.add_api_route(f"{ROOT}/{call.name}", made, methods=["POST" if call.example else "GET"], **_described(call))
    description = _description(app)

    @app.get(f"{ROOT}/openapi.json")
    def openapi() -> Response:
        return JSONResponse(description)

    @app.get(ROOT)
    def page(request: Request) -> HTMLResponse:
        told = templates.page(_environment(), "api.html", ROOT, calls=list(CALLS.values()), home=str(request.base_url), root=ROOT)
        return HTMLResponse(told, headers=FRESH)

    app.router.routes.append(Route("/mcp", Tools(window)))


class Window:
    """Where the calls are answered, whichever way they come."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self.desk, self.store = desk, store

    def answer(self, call: Call[Any], found: object, user: User) -> Answered:
        """Raises what the call raises, and AskingOff. What `user` may not see is not there."""
        if call.example and (note := self.desk.asking_off()):
            raise AskingOff(note)
        assistant = self.desk.assistant(user)
        answered = call(assistant, found)
        if call.name == "ask":
            count_apart(answered.row, assistant, self.store)
        return answered

    def respond(self, call: Call[Any], found: object, user: User) -> Response:
        """The bytes of the command line's `--json`. Raises ClausewiseError."""
        try:
            row = self.answer(call, found, user).row
        except ClausewiseError:
            raise
        except Exception:
            log.exception("%s gave no answer", call.name)
            return said(tools.BROKEN, 500)
        # Half a character, which UTF-8 cannot hold, is written as JSON's own escape.
        return Response(json.dumps(row, ensure_ascii=False).encode(errors="backslashreplace"), media_type="application/json")


def said(told: str, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": told}, status, headers)


def _posted(call: Call[Any], window: Window) -> Callable[..., Awaitable[Response]]:
    async def answer(request: Request, user: Who) -> Response:
        found = decoded(await short_json(request, BODY))
        return await run_in_threadpool(window.respond, call, found, user)

    return answer


def _got(call: Call[Any], window: Window) -> Callable[..., Response]:
    def answer(user: Who) -> Response:
        return window.respond(call, {}, user)

    return answer


# the tools


class Tools:
    """The calls at /mcp. The package is opened at the first request: the page does not wait for it, nor needs it."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._app: ASGIApp | None = None
        self._lock = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await said("found no request; send it with POST", 405, {"allow": "POST"})(scope, receive, send)
            return
        try:
            app = await run_in_threadpool(self._opened)
        except ClausewiseError as error:
            await said(str(error), 501)(scope, receive, send)
            return
        await app(scope, receive, send)

    def _opened(self) -> ASGIApp:
        with self._lock:
            self._app = self._app or tools.mounted(self._answer, BODY)
        return self._app

    def _answer(self, call: Call[Any], found: object, request: Request) -> Answered:
        """For whoever the request comes from; one that nobody vouched for fails."""
        return self.window.answer(call, found, who(request))


# what is not there


class Nowhere:
    """Answers what no route below /api does; without it Gradio would, with a page."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        near = [route for route in self.app.routes if route.matches(scope)[0] == Match.PARTIAL]
        methods = ", ".join(sorted({method for route in near for method in getattr(route, "methods", None) or ()}))
        if methods:
            answer = said(f"found {scope['method'][:20]}; expected one of: {methods}", 405, {"allow": methods})
        else:
            answer = said(f"found nothing at this address; {ROOT} says what there is", 404)
        await answer(scope, receive, send)


def add_end(app: FastAPI) -> None:
    """After every other route below /api."""
    app.router.routes += [Route(path, Nowhere(app)) for path in ("/api", "/api/{path:path}")]


# the description


def _described(call: Call[Any]) -> dict[str, Any]:
    """What FastAPI is told of a call."""
    refusals = REFUSALS | (UNREAD if call.example else {})
    return {
        "operation_id": call.name,
        "summary": call.name.capitalize(),
        "description": call.told,
        "response_model": call.shape,
        "responses": {status: {"model": contract.Error, "description": told} for status, told in refusals.items()},
    }


def _description(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of the calls."""
    routes = [route for route in app.routes if getattr(route, "path", "").startswith(f"{ROOT}/")]
    made = get_openapi(title="Clausewise", version="1", description=ABOUT, routes=routes)
    for call in CALLS.values():
        body = {"application/json": {"schema": call.takes(), "examples": {"sample": {"value": call.example}}}}
        for operation in made["paths"][f"{ROOT}/{call.name}"].values():
            # FastAPI knows nothing of the body, which is read and refused by us.
            operation |= {"requestBody": {"required": True, "content": body}} if call.example else {}
    made["components"]["securitySchemes"] = {"token": SCHEME}
    made["security"] = [{}, {"token": []}]
    return made


@cache
def _environment() -> Environment:
    made = templates.environment()
    made.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False)
    return made
