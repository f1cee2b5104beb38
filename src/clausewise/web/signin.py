"""/sign-in and /sign-out; and /sign-in/password, where a link of an administrator's leads."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment
from starlette.responses import Response

from clausewise import passwords
from clausewise.accounts import Account, Accounts, plain
from clausewise.errors import BadAccount
from clausewise.settings import SignIn
from clausewise.web import sessions, templates
from clausewise.web.files import FRESH
from clausewise.web.posted import Posted
from clausewise.web.waits import Waits, Whom, whom

WRONG = "No account has this name and password. Try again, or ask whoever looks after Clausewise at your school for a new password."
GONE = "This link has been used, or is no longer valid. Ask whoever looks after Clausewise at your school for another."
SECRET = {**FRESH, "cache-control": "no-store"}


class Door:
    """Who comes in by name and password."""

    def __init__(self, accounts: Accounts, sign_in: SignIn, waits: Waits) -> None:
        self.accounts, self.sign_in, self.waits = accounts, sign_in, waits

    def enter(self, name: str, password: str, then: str, address: str) -> Response:
        """A session and the page that was wanted, or the form again with one line."""
        trying = whom(_plain(name), address)
        if left := self.waits.tried(trying):
            return self.held(left, name, then)
        account = self.accounts.signing_in(name, password)
        if account is None:
            return self.refuse(trying, name, then, address)
        self.waits.succeeded(trying)
        return self.let_in(account, then, address, "with a password")

    def let_in(self, account: Account, then: str, address: str, how: str) -> Response:
        self.accounts.audit.add("signed_in", account.name, how, address=address, trust=account.trust)
        response = RedirectResponse(sessions.local(then), 303, SECRET)
        sessions.begin(response, self.accounts.keys.make(account.id, "session"), self.sign_in)
        return response

    def refuse(self, trying: Whom, name: str, then: str, address: str) -> Response:
        trust = self._trust(name)
        self.accounts.audit.add("refused", name[:100], address=address, trust=trust)
        if left := self.waits.left(trying):
            self.accounts.audit.add("held_back", name[:100], f"for {left} seconds", address=address, trust=trust)
            return self.held(left, name, then)
        return HTMLResponse(self.form(then, name, WRONG), 403, SECRET)

    def held(self, left: int, name: str, then: str) -> Response:
        told = f"There were too many failures. Wait {_minutes(left)}, then try again."
        return HTMLResponse(self.form(then, name, told), 429, {**SECRET, "retry-after": str(left)})

    def form(self, then: str, name: str = "", fault: str = "") -> str:
        return page("sign-in.html", ways=self.sign_in.ways, then=sessions.local(then), name=name, told=fault)

    def set_password(self, link: str, password: str, address: str) -> Response:
        """Take the password that whoever holds a link has chosen, and let them in."""
        found = self.accounts.known_by("link", link)
        if not found:
            return HTMLResponse(choice("", "", GONE), 404, SECRET)
        account, _ = found
        try:
            self.accounts.set_password(account, password)
        except BadAccount as error:
            return HTMLResponse(choice(link, account.name, str(error)), 400, SECRET)
        self.accounts.audit.add("password_set", account.name, "by a link", address=address, trust=account.trust)
        return self.let_in(account, "/", address, "with a new password")

    def _trust(self, name: str) -> str | None:
        try:
            return self.accounts.named(name).trust
        except BadAccount:
            return None


def _plain(name: str) -> str:
    try:
        return plain(name)
    except BadAccount:
        return ""


def _minutes(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return f"{seconds} seconds" if seconds <= 60 else f"{minutes} minutes"


def choice(link: str, name: str, fault: str = "") -> str:
    """The form for a new password; without `link` only what is wrong."""
    return page("new-password.html", link=link, name=name, told=fault, least=passwords.LEAST)


def page(template: str, **values: Any) -> str:
    return templates.page(_environment(), template, "", **values)


@cache
def _environment() -> Environment:
    return templates.environment()


def add_sign_in(app: FastAPI, door: Door) -> None:
    accounts = door.accounts

    @app.get("/sign-in")
    def form(request: Request, next: str = "/") -> Response:
        if hasattr(request.state, "user"):
            return RedirectResponse(sessions.local(next), 303)
        return HTMLResponse(door.form(next), headers=SECRET)

    # No coroutines: a hash takes its time.
    @app.post("/sign-in")
    def enter(request: Request, posted: Posted) -> Response:
        if "password" not in door.sign_in.ways:
            return HTMLResponse(door.form("/"), 403, SECRET)
        return door.enter(posted.get("name", ""), posted.get("password", ""), posted.get("next", "/"), sessions.address(request))

    @app.get("/sign-in/password")
    def chosen(link: str = "") -> HTMLResponse:
        found = accounts.known_by("link", link)
        return HTMLResponse(choice(link, found[0].name) if found else choice("", "", GONE), 200 if found else 404, SECRET)

    @app.post("/sign-in/password")
    def choose(request: Request, posted: Posted) -> Response:
        return door.set_password(posted.get("link", ""), posted.get("password", ""), sessions.address(request))

    @app.post("/sign-out")
    def leave(request: Request) -> Response:
        user, key = request.state.user, request.state.key
        accounts.keys.end(key.account, key.id)
        accounts.audit.add("signed_out", user.name, address=sessions.address(request), trust=user.trust)
        response = RedirectResponse("/sign-in", 303, SECRET)
        sessions.end(response, door.sign_in)
        return response
