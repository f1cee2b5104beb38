"""Who a request comes from. A middleware says so before any route is reached; a route that none has vouched for fails."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clausewise.accounts import Role, User
from clausewise.web import sessions

COOKIE = "clausewise-browser"
YEAR = 365 * 24 * 3600  # seconds
LOCAL = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?", re.I)  # the names that this machine has for itself, as a Host
SAFE = {"GET", "HEAD", "OPTIONS"}
STRANGE = "this was sent by a page of another site, so nothing was done; open the page here and try again"


def who(request: Request) -> User:
    user: User = request.state.user
    return user


Who = Annotated[User, Depends(who)]


def barred(user: User, role: Role, every_school: bool = False) -> str:
    """Why a page is not for `user`; "" where it is. `every_school`: it shows what belongs to several trusts."""
    if not user.may(role):
        return f"This is for {'administrators' if role == 'administrator' else 'policy leads'}, and your account is not one."
    if every_school and user.trust is not None:
        return f"This holds what belongs to schools of several trusts, and your account is for {user.trust}."
    return ""


class Everyone:
    """Where nobody signs in: whoever comes may do everything, and a cookie keeps one browser's conversations from another's.

    Other sites' pages, which that person's browser shows too, may do nothing: none may send what changes something. `local`: and none
    may read under a name of its own that it has made to lead to this machine.
    """

    def __init__(self, app: ASGIApp, local: bool = False) -> None:
        self.app, self.local = app, local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if refusal := self.refusal(scope["method"], Headers(scope=scope)):
            await refusal(scope, receive, send)
            return
        known = _cookie(scope)
        token = known or secrets.token_urlsafe(24)
        browser = hashlib.sha256(token.encode()).hexdigest()[:32]
        scope.setdefault("state", {})["user"] = User(f"browser:{browser}", "", "administrator")
        await self.app(scope, receive, send if known else _keeping(send, token))


    def refusal(self, method: str, headers: Headers) -> JSONResponse | None:
        host = headers.get("host", "")
        if self.local and not LOCAL.fullmatch(host):
            told = f"host: found {host[:100]!r}; expected 127.0.0.1 or localhost, where this is served; the README says how to serve others"
            return JSONResponse({"error": told}, 421)
        if method not in SAFE and sessions.foreign(headers):
            return JSONResponse({"error": STRANGE}, 403)
        return None


def _cookie(scope: Scope) -> str:
    headers = dict(scope["headers"])
    return cookie_parser(headers.get(b"cookie", b"").decode("latin-1")).get(COOKIE, "")[:100]


def _keeping(send: Send, token: str) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = f"{COOKIE}={token}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax"
            MutableHeaders(scope=message).append("set-cookie", kept)
        await send(message)

    return sent
