"""Who a request comes from. A middleware says so before any route is reached; a route that none has vouched for fails."""

from __future__ import annotations

import hashlib
import secrets
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clausewise.accounts import Role, User

COOKIE = "clausewise-browser"
YEAR = 365 * 24 * 3600  # seconds


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
    """Where nobody signs in: whoever comes may do everything, and a cookie keeps one browser's conversations from another's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        known = _cookie(scope)
        token = known or secrets.token_urlsafe(24)
        browser = hashlib.sha256(token.encode()).hexdigest()[:32]
        scope.setdefault("state", {})["user"] = User(f"browser:{browser}", "", "administrator")
        await self.app(scope, receive, send if known else _keeping(send, token))


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
