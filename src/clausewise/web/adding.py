"""A policy's file comes in over HTTP: may it, is it one, can it be read? Then the desk saves it and indexes it."""

from __future__ import annotations

import logging
import os
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from clausewise.accounts import User
from clausewise.audit import Audit
from clausewise.errors import NotAdded, StoreError
from clausewise.parsing import Job, parsed
from clausewise.web import sessions, shelf
from clausewise.web.desk import NO_FOLDER, Desk
from clausewise.web.who import LOCAL, Who, barred

NOT_HERE = (
    "policies can be added only on the machine that Clausewise runs on, where its page is opened at 127.0.0.1 or localhost: "
    "nobody signs in here, so nobody else may"
)
log = logging.getLogger(__name__)


def add_door(app: FastAPI, desk: Desk, audit: Audit) -> None:
    @app.get("/api/documents/progress")
    def progress(user: Who) -> dict[str, Any]:
        return asdict(desk.progress_for(user))

    @app.post("/api/documents/stop")
    def stop(request: Request, user: Who) -> JSONResponse:
        if told := refusal(desk, request, user):
            raise NotAdded(told, 403)
        desk.stop(user)
        return JSONResponse(asdict(desk.progress_for(user)), 202)

    # A browser's question whether another site's page may send a file comes here too, to be refused; Gradio would grant it.
    @app.api_route("/api/documents/{path:path}", methods=["PUT", "OPTIONS"])
    async def put(path: str, request: Request, user: Who) -> JSONResponse:
        if request.method != "PUT":
            raise NotAdded(NOT_HERE, 403)
        try:
            document = await take(desk, path, request, user)
            await run_in_threadpool(noted, audit, document, user, request)
        except ClientDisconnect:
            raise NotAdded("the file did not arrive whole; send it again") from None
        return JSONResponse({"document": document}, 202)


def noted(audit: Audit, document: str, user: User, request: Request) -> None:
    """The policy is in, whether or not that can be written down."""
    try:
        audit.add("policy_added", user.name or "this machine", document, address=sessions.address(request), trust=user.trust)
    except StoreError as error:
        log.warning("it was not noted that %s was added: %s", document, error)


def refusal(desk: Desk, request: Request, user: User) -> str:
    """Why no policy can be added in answer to this request; "" where one can: it is for policy leads."""
    told = barred(user, "lead") if user.signed_in else _elsewhere(request)
    return told or (NO_FOLDER if desk.corpus is None else "")


def _elsewhere(request: Request) -> str:
    """Why a request does not come from this machine, which is what counts where nobody signs in; "" where it does.

    An address that says "this machine" stops other machines, and names of other sites that lead here; what a proxy adds, those who
    come through one that says so. Other sites' pages are stopped before.
    """
    host, served = request.headers.get("host", ""), (request.scope.get("server") or ("",))[0]
    passed_on = any(name in request.headers for name in ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"))
    if passed_on or not LOCAL.fullmatch(host) or served not in ("127.0.0.1", "::1", "localhost"):
        return NOT_HERE
    return ""


def homes(desk: Desk, user: User) -> list[str]:
    """The schools' folders that `user` may add a policy to."""
    folder = desk.corpus
    found = shelf.schools(folder) if folder and folder.is_dir() else []
    seen = {school.id for school in desk.assistant(user).schools}
    return [home for home in found if user.trust is None or home in seen]


async def take(desk: Desk, path: str, request: Request, user: User) -> str:
    """Save the file in the request's body as `school/name` and have it indexed; that path. Raises NotAdded."""
    told = refusal(desk, request, user)
    if told or desk.corpus is None:
        raise NotAdded(told, 403)
    school, _, name = path.partition("/")
    shelf.check_name(name)
    desk.check_idle()
    if user.trust is not None and school not in homes(desk, user):
        raise NotAdded(f"school: found {school[:80]!r}; expected one of {user.trust}: {', '.join(homes(desk, user))}", 403)
    try:
        shelf.check_school(desk.corpus, school)
        with TemporaryDirectory(prefix="clausewise-") as folder:
            file = Path(folder) / name
            await receive(request, file, desk.whole.settings.max_bytes)
            await run_in_threadpool(put_in, desk, file, desk.corpus / school)
    except OSError as error:
        raise NotAdded(f"the file cannot be kept ({error.strerror}); make room on this machine, or mend its rights", 500) from None
    return f"{school}/{name}"


async def receive(request: Request, file: Path, most: int) -> None:
    """The body as `file`, of `most` bytes; what its length says is believed only where it is too much."""
    size = 0
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise too_large(most)
    with file.open("wb") as out:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise too_large(most)
            out.write(part)


def too_large(most: int) -> NotAdded:
    return NotAdded(f"this file has over {most:,} bytes, the limit; split it, or leave its pictures out", 413)


def put_in(desk: Desk, file: Path, home: Path) -> None:
    """Nothing is saved that is there already, or that no reader can read."""
    shelf.check_free(file, home)
    settings = desk.whole.settings
    (found,) = parsed([Job(str(file), file.name, home.name, f"{home.name}/{file.name}", settings.max_bytes)], settings.limits)
    if isinstance(found, str):
        raise NotAdded(found.removeprefix(f"{file.parent}{os.sep}"), 422)
    desk.add(file, home.name)
