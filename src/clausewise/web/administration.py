"""/administration: who may sign in, whether questions are answered, and the log of who did what."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment
from starlette.responses import Response

from clausewise.accounts import ROLES, Account, Accounts, Role, User
from clausewise.audit import ACTIONS
from clausewise.errors import BadAccount
from clausewise.exports.csv import safe
from clausewise.exports.wording import count
from clausewise.settings import SignIn
from clausewise.switch import NOTE
from clausewise.web import account as own
from clausewise.web import sessions, templates, words
from clausewise.web.account import SECRET
from clausewise.web.posted import Posted
from clausewise.web.who import Who, barred

if TYPE_CHECKING:
    from clausewise.web.desk import Desk

MOST = 200  # entries of the log that are shown; the file has all
HEAD = ("time", "who", "action", "action_in_words", "detail", "address", "trust")
DONE = {"made": "The account is made.", "changed": "The account is changed.", "off": "Asking is off.", "on": "Asking is on again."}
LINK = "Send this link to {}. Whoever opens it chooses the password, once, within three days. It is shown now and never again."


class Room:
    def __init__(self, desk: Desk, accounts: Accounts, sign_in: SignIn) -> None:
        self.desk, self.accounts, self.sign_in = desk, accounts, sign_in

    def shown(self, user: User, asked: Mapping[str, str], fault: str = "", status: int = 200) -> HTMLResponse:
        words_, action = asked.get("words", "")[:100], asked.get("action", "")
        values = {
            "user": user,
            "people": self.accounts.all(user.trust) if user.signed_in else [],
            "trusts": self.trusts(user),
            "note": self.accounts.switch.note(),
            "entries": self.accounts.audit.entries(user.trust, words_, action, MOST),
            "words": words_,
            "action": action,
            "told": fault,
            "done": DONE.get(asked.get("done", ""), ""),
            "passwords": "password" in self.sign_in.ways,
        }
        return HTMLResponse(page("administration.html", **values), status, SECRET)

    def trusts(self, user: User) -> list[str]:
        """Those that an account may be of."""
        if user.trust is not None:
            return [user.trust]
        known = [*(school.trust for school in self.desk.whole.schools), *(account.trust for account in self.accounts.all())]
        return sorted({trust for trust in known if trust})

    def person(self, id: int, user: User) -> Account:
        """The account, if it is `user`'s to administer. Raises BadAccount."""
        found = self.accounts.account(id)
        if found is None or user.trust not in (None, found.trust):
            raise BadAccount("found no such account; it may have been removed")
        if found.user.id == user.id:
            raise BadAccount("this account is your own; ask another administrator to change it")
        return found

    def given(self, user: User, posted: Mapping[str, str]) -> tuple[Role, str | None]:
        """The role and the trust that a form gives. Raises BadAccount."""
        role, trust = posted.get("role", ""), posted.get("trust", "")
        if role not in ROLES:
            raise BadAccount(f"role: found {role[:40]!r}; expected one of {', '.join(ROLES)}")
        if user.trust is not None:
            return role, user.trust
        if trust and trust not in self.trusts(user):
            raise BadAccount(f"trust: found {trust[:80]!r}; expected one of {', '.join(self.trusts(user))}, or none for every school")
        return role, trust or None

    def link(self, account: Account, request: Request) -> HTMLResponse:
        """The page with a link by which its holder sets the password of `account`."""
        base = self.sign_in.address or str(request.base_url).rstrip("/")
        address = f"{base}/sign-in/password?link={self.accounts.keys.make(account.id, 'link')}"
        self.note("link_made", request, account.name, account.trust)
        return own.secret(f"A link for {account.name}", LINK.format(account.name), address, "/administration")

    def note(self, action: str, request: Request, detail: str, trust: str | None) -> None:
        user: User = request.state.user
        self.accounts.audit.add(action, user.name or "this machine", detail, address=sessions.address(request), trust=trust)

    def log(self, user: User, asked: Mapping[str, str]) -> bytes:
        """As CSV, in UTF-8 with a byte order mark, which Excel wants."""
        file = StringIO(newline="")
        table = csv.writer(file, quoting=csv.QUOTE_ALL)
        table.writerow(HEAD)
        for entry in self.accounts.audit.entries(user.trust, asked.get("words", "")[:100], asked.get("action", "")):
            row = (entry.time, entry.who, entry.action, ACTIONS[entry.action], entry.detail, entry.address, entry.trust)
            table.writerow([safe(value) for value in row])
        return file.getvalue().encode("utf-8-sig")

    def turn(self, request: Request, user: User, posted: Mapping[str, str]) -> Response:
        """Turn asking on, or off with a note. Raises BadAccount."""
        if barred(user, "administrator", every_school=True):
            raise BadAccount("asking is turned off and on for every school at once; ask an administrator of every school")
        if posted.get("turn") == "on":
            self.accounts.switch.turn_on()
            self.note("asking_on", request, "", None)
            return _done("on")
        note = " ".join(posted.get("note", "").split())
        if not 0 < len(note) <= NOTE:
            raise BadAccount(f"note: found {len(note)} characters; expected why nobody can ask now, in 1 to {NOTE}")
        self.accounts.switch.turn_off(note)
        self.note("asking_off", request, note, None)
        return _done("off")


def page(template: str, **values: Any) -> str:
    return templates.page(_environment(), template, "/account", True, **values)


@cache
def _environment() -> Environment:
    made = templates.environment()
    made.globals |= {"ROLES": words.ROLES, "ACTIONS": ACTIONS, "MOST": MOST, "NOTE": NOTE}
    made.filters |= {"count": count}
    return made


def add_administration(app: FastAPI, desk: Desk, accounts: Accounts, sign_in: SignIn) -> None:
    room = Room(desk, accounts, sign_in)

    def answer(request: Request, user: User, act: Callable[[], Response], people: bool = False) -> Response:
        """What `act` gives, for an administrator who acts in a browser; `people`: only where people sign in."""
        told = barred(user, "administrator")
        key = getattr(request.state, "key", None)
        if told or (key and key.kind != "session"):
            return HTMLResponse(own.page("absent.html", title="Not for you", told=told or own.BROWSER, ways=[]), 403, SECRET)
        try:
            if people and not user.signed_in:
                raise BadAccount(own.NOBODY)
            return act()
        except BadAccount as error:
            return room.shown(user, {}, str(error), 400)

    @app.get("/administration")
    def administration(request: Request, user: Who) -> Response:
        return answer(request, user, lambda: room.shown(user, request.query_params))

    @app.get("/administration/audit.csv")
    def log(request: Request, user: Who) -> Response:
        headers = {**SECRET, "content-disposition": 'attachment; filename="audit.csv"'}
        return answer(request, user, lambda: Response(room.log(user, request.query_params), media_type="text/csv", headers=headers))

    @app.post("/administration/people")
    def make(request: Request, user: Who, posted: Posted) -> Response:
        def act() -> Response:
            account = accounts.add(posted.get("name", ""), *room.given(user, posted))
            room.note("account_made", request, str(account), account.trust)
            return room.link(account, request) if "password" in sign_in.ways else _done("made")

        return answer(request, user, act, people=True)

    @app.post("/administration/people/{id}")
    def change(request: Request, user: Who, id: int, posted: Posted) -> Response:
        def act() -> Response:
            before = room.person(id, user)
            after = accounts.change(before, *room.given(user, posted), posted.get("state") == "disabled")
            room.note("account_changed", request, str(after), after.trust)
            return _done("changed")

        return answer(request, user, act, people=True)

    @app.post("/administration/people/{id}/link")
    def link(request: Request, user: Who, id: int) -> Response:
        return answer(request, user, lambda: room.link(room.person(id, user), request), people=True)

    @app.post("/administration/asking")
    def asking(request: Request, user: Who, posted: Posted) -> Response:
        return answer(request, user, lambda: room.turn(request, user, posted))


def _done(what: str) -> RedirectResponse:
    return RedirectResponse(f"/administration?done={what}", 303)
