"""The HTTP door: the chat page at "/", the evaluation pages, and the contract's question and answer lines beside them."""

from __future__ import annotations

import logging
import socket
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse

from clausewise.accounts import Accounts
from clausewise.conversations import Conversations
from clausewise.errors import AskingOff, BadRequest, ClausewiseError, NotAdded, QuoteMismatch, StoreError
from clausewise.settings import DEFAULT_INDEX, SignIn
from clausewise.web.accessibility import add_accessibility
from clausewise.web.account import add_account
from clausewise.web.administration import add_administration
from clausewise.web.api import add_api, add_end
from clausewise.web.bodies import short_json
from clausewise.web.compare import add_compare
from clausewise.web.conversations import add_conversations
from clausewise.web.desk import Desk
from clausewise.web.documents import add_documents
from clausewise.web.evaluation import Room, missing
from clausewise.web.feedback import BODY, parse, record
from clausewise.web.files import FRESH, HERE, add_files
from clausewise.web.gradios import Narrow
from clausewise.web.guard import Guard
from clausewise.web.oidc import School, add_school
from clausewise.web.page import Page
from clausewise.web.policies import add_policies
from clausewise.web.privacy import Private
from clausewise.web.retention import pruned
from clausewise.web.sharing import add_wording
from clausewise.web.signin import Door, add_sign_in
from clausewise.web.theme import theme
from clausewise.web.waits import Waits
from clausewise.web.who import Everyone, Who, barred

if TYPE_CHECKING:
    from clausewise.assistant import Assistant
    from clausewise.store import Store

EVALS = Path("evals")
NOBODY = SignIn()  # signs in
# A link, since Gradio rewrites the selectors of the CSS that it is handed.
STYLE_LINK = '<link rel="stylesheet" href="/style.css">'


def create_app(
    assistant: Assistant,
    store: Store,
    evals: Path = EVALS,
    index: Path = DEFAULT_INDEX,
    corpus: Path | None = None,
    accounts: Accounts | None = None,
    sign_in: SignIn = NOBODY,
    local: bool = False,
) -> FastAPI:
    """`evals`: the folder of the suites that are shown. `index`: the folder of the assistant's index; a complaint has it kept.

    `corpus`: the folder of the policies that it was made of, where one can be added; None: none can. `accounts`: None for
    those beside `store`; the log and the switch of administrators stand there where nobody signs in, too.

    `local`: it is served to this machine alone.
    """
    # FastAPI's own documentation pages load their scripts from another host.
    app = FastAPI(title="Clausewise", docs_url=None, redoc_url=None, openapi_url=None)
    accounts = accounts or Accounts(store.path.parent)
    app.state.desk = desk = Desk(assistant, corpus, index, accounts.switch)
    app.state.conversations = kept = Conversations(store.path.parent)
    page = Page(desk, store, kept)
    add_routes(app, desk, store)
    add_api(app, desk, store)
    add_pages(app, Room(desk, store, evals))
    add_documents(app, desk, accounts.audit)
    add_compare(app, desk)
    add_wording(app, desk)
    add_policies(app, desk)
    add_conversations(app, desk, kept)
    add_accessibility(app, desk)
    add_people(app, desk, accounts, sign_in)
    add_end(app)
    gr.mount_gradio_app(
        app,
        page.build(),
        path="/",
        theme=theme(),
        head=STYLE_LINK,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        show_error=False,
    )
    app.add_middleware(Narrow)
    if sign_in.ways:
        app.add_middleware(Guard, accounts=accounts, sign_in=sign_in)
    else:
        app.add_middleware(Everyone, local=local)
    app.add_middleware(Private)  # around the guard, whose refusals have its headers too
    return app


def add_people(app: FastAPI, desk: Desk, accounts: Accounts, sign_in: SignIn) -> None:
    """Where people sign in, and what they may see of themselves and of one another."""
    waits = Waits(accounts.clock)
    add_account(app, desk, accounts, waits)
    add_administration(app, desk, accounts, sign_in)
    if sign_in.ways:
        door = Door(accounts, sign_in, waits)
        add_sign_in(app, door)
        if "oidc" in sign_in.ways:
            add_school(app, School(accounts, sign_in, door))


def refused(_: Request, error: Exception) -> JSONResponse:
    """One line; 500 where it is no fault of who asked."""
    ours = isinstance(error, QuoteMismatch | StoreError)
    status = error.status if isinstance(error, NotAdded | BadRequest | AskingOff) else 500 if ours else 400
    return JSONResponse({"error": str(error)}, status)


def add_routes(app: FastAPI, desk: Desk, store: Store) -> None:
    app.exception_handler(ClausewiseError)(refused)

    @app.post("/api/feedback")
    async def feedback(request: Request, user: Who) -> JSONResponse:
        complaint = parse(await short_json(request, BODY))
        made = await run_in_threadpool(record, complaint, desk.assistant(user), store, desk.index)
        return JSONResponse({"id": made}, status_code=201)


def add_pages(app: FastAPI, room: Room) -> None:
    """The evaluation pages, and the style of every page."""

    add_files(app, HERE / "style.css", HERE / "pages.css", HERE / "evaluation.css")

    # No coroutine: reading runs and drawing would keep answers waiting.
    @app.get("/evaluation")
    @app.get("/evaluation/{path:path}")
    def evaluation(user: Who, path: str = "") -> HTMLResponse:
        told = barred(user, "lead", every_school=True)  # suites hold questions of several trusts
        status, page = (403, missing(told, title="Not for you", ways=False)) if told else room.answer(path)
        return HTMLResponse(page, status, FRESH)


def listen(host: str, port: int) -> socket.socket:
    """A socket of our own, so that a port in use is a plain message and port 0 is known before the page is."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ClausewiseError(
            f"cannot serve on {host}, port {port}: {error.strerror}; set CLAUSEWISE_PORT to another, or to 0 for any free one"
        ) from error


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


class Server(uvicorn.Server):
    """Says where the page is once it can be opened, not before."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            print(f"Clausewise is ready at {address(listener)}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Cutting off the pages that are still open is what stopping means; uvicorn would print a traceback for each.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


def serve(
    assistant: Assistant,
    store: Store,
    host: str = "127.0.0.1",
    port: int = 7860,
    evals: Path = EVALS,
    index: Path = DEFAULT_INDEX,
    corpus: Path | None = None,
    keep_days: int = 180,
    accounts: Accounts | None = None,
    sign_in: SignIn = NOBODY,
) -> None:
    """Serve the page until it is stopped; `evals` and all after it as in create_app."""
    # An open page holds a connection; without a limit, Ctrl-C would wait for every tab to be closed.
    app = create_app(assistant, store, evals, index, corpus, accounts, sign_in, host in ("127.0.0.1", "localhost", "::1"))
    # The model takes seconds to read, which the first to ask would wait for.
    Thread(target=assistant.encoder.encode, args=(["May staff use their phones?"],), name="warm").start()
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    desk, conversations = app.state.desk, app.state.conversations
    with listen(host, port) as listener, pruned(conversations, keep_days), desk.following, suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listener])
    if desk.progress.under_way:
        print("Clausewise stops when the texts at hand are indexed, which takes some seconds.", flush=True)
    desk.close()
