"""/account: who one is here, one's password, sessions and API tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment
from starlette.responses import Response

from clausewise import passwords
from clausewise.accounts import Account, Accounts, User
from clausewise.errors import BadAccount
from clausewise.exports.wording import count
from clausewise.keys import Key
from clausewise.web import sessions, templates, words
from clausewise.web.files import FRESH, HERE, add_files
from clausewise.web.posted import Posted
from clausewise.web.waits import Waits, whom
from clausewise.web.who import Who

if TYPE_CHECKING:
    from clausewise.web.desk import Desk

LABEL = 60  # characters at most
TOKENS = 20  # at most
SECRET = {**FRESH, "cache-control": "no-store"}
BROWSER = "an API token cannot be used here; sign in with a browser"
NOBODY = "Nobody signs in on this machine, so there is no account to change."
WRONG = "That is not your present password."
DONE = {
    "password": "Your password is changed. Your other sessions have ended, and your API tokens.",
    "sessions": "Your other sessions have ended.",
    "revoked": "The token is revoked.",
}


class Room:
    def __init__(self, desk: Desk, accounts: Accounts, waits: Waits) -> None:
        self.desk, self.accounts, self.waits = desk, accounts, waits

    def shown(self, user: User, key: Key | None, fault: str = "", done: str = "", status: int = 200) -> HTMLResponse:
        account = self.accounts.account(key.account) if key else None
        keys = self.accounts.keys
        values = {
            "user": user,
            "schools": [school.name for school in self.desk.assistant(user).schools],
            "password": bool(account and account.password),
            "others": len(keys.of(account.id, "session")) - 1 if account else 0,
            "tokens": keys.of(account.id, "token") if account else [],
            "told": fault,
            "done": DONE.get(done, ""),
        }
        return HTMLResponse(page("account.html", **values), status, SECRET)

    def change_password(self, account: Account, old: str, new: str, session: int, address: str) -> str:
        """Raises BadAccount; what is done. Whoever finds a browser signed in can guess no faster than at the door."""
        trying = whom(account.name, address)
        if left := self.waits.tried(trying):
            raise BadAccount(f"there were too many failures; wait {left} seconds, then try again")
        if not passwords.holds(account.password, old):
            raise BadAccount(WRONG)
        self.waits.succeeded(trying)
        self.accounts.set_password(account, new, but=session)
        return "password"

    def make_token(self, account: Account, label: str) -> str:
        """The token. Raises BadAccount."""
        if not label.strip() or len(label) > LABEL or not label.isprintable():
            raise BadAccount(f"label: found {label[:LABEL]!r}; expected what the token is for, in {LABEL} characters at most")
        if len(self.accounts.keys.of(account.id, "token")) >= TOKENS:
            raise BadAccount(f"found {TOKENS} tokens of yours, the most that there may be; revoke one that is no longer used")
        return self.accounts.keys.make(account.id, "token", label.strip())


def when(seconds: float) -> str:
    found = datetime.fromtimestamp(seconds, UTC)
    return f"{found.day} {found:%B %Y, %H:%M} UTC"


def page(template: str, **values: Any) -> str:
    return templates.page(_environment(), template, "/account", template != "account.html", **values)


def secret(title: str, told: str, shown: str, back: str) -> HTMLResponse:
    """The one page that shows a token or a link."""
    return HTMLResponse(page("secret.html", title=title, told=told, shown=shown, back=back), headers=SECRET)


@cache
def _environment() -> Environment:
    made = templates.environment()
    made.globals |= {"ROLES": words.ROLES, "LEAST": passwords.LEAST, "LABEL": LABEL}
    made.filters |= {"when": when, "count": count}
    return made


def known(accounts: Accounts, request: Request) -> tuple[Account, Key]:
    """The account and the session of a browser; raises BadAccount where a request has none."""
    key: Key | None = getattr(request.state, "key", None)
    account = accounts.account(key.account) if key else None
    if key is None or account is None or key.kind != "session":
        raise BadAccount(BROWSER if key else NOBODY)
    return account, key


def add_account(app: FastAPI, desk: Desk, accounts: Accounts, waits: Waits) -> None:
    room = Room(desk, accounts, waits)
    add_files(app, HERE / "account.css", HERE / "account.js")

    @app.get("/account")
    def account(request: Request, user: Who, done: str = "") -> HTMLResponse:
        return room.shown(user, getattr(request.state, "key", None), done=done)

    @app.post("/account/password")
    def password(request: Request, user: Who, posted: Posted) -> Response:
        address = sessions.address(request)

        def change(mine: Account, key: Key) -> Response:
            done = room.change_password(mine, posted.get("old", ""), posted.get("new", ""), key.id, address)
            accounts.audit.add("password_set", user.name, "their own", address=address, trust=user.trust)
            return RedirectResponse(f"/account?done={done}", 303)

        return _answer(request, user, change)

    @app.post("/account/sessions")
    def end(request: Request, user: Who) -> Response:
        def end_others(mine: Account, key: Key) -> Response:
            accounts.keys.end_all(mine.id, "session", but=key.id)
            accounts.audit.add("signed_out", user.name, "all other sessions", address=sessions.address(request), trust=user.trust)
            return RedirectResponse("/account?done=sessions", 303)

        return _answer(request, user, end_others)

    @app.post("/account/tokens")
    def make(request: Request, user: Who, posted: Posted) -> Response:
        def make_one(mine: Account, _: Key) -> Response:
            token = room.make_token(mine, label := posted.get("label", ""))
            accounts.audit.add("token_made", user.name, label, address=sessions.address(request), trust=user.trust)
            return secret("Your new token", f"This is the token “{label.strip()}”. It is shown now and never again.", token, "/account")

        return _answer(request, user, make_one)

    @app.post("/account/tokens/{id}/revoke")
    def revoke(request: Request, user: Who, id: int) -> Response:
        def revoke_one(mine: Account, _: Key) -> Response:
            labels = {key.id: key.label for key in accounts.keys.of(mine.id, "token")}
            if id not in labels:
                raise BadAccount("found no such token of yours; it may be revoked already")
            accounts.keys.end(mine.id, id)
            accounts.audit.add("token_revoked", user.name, labels[id], address=sessions.address(request), trust=user.trust)
            return RedirectResponse("/account?done=revoked", 303)

        return _answer(request, user, revoke_one)

    def _answer(request: Request, user: User, act: Callable[[Account, Key], Response]) -> Response:
        try:
            return act(*known(accounts, request))
        except BadAccount as error:
            key = getattr(request.state, "key", None)
            return room.shown(user, key, fault=str(error), status=400 if key and key.kind == "session" else 403)
