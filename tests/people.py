"""A page that people sign in to, for the tests: accounts with passwords, and browsers as far as HTTP goes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from conftest import MAPLE_PHONES
from fastapi import FastAPI
from fastapi.testclient import TestClient
from made import opened, write_index

from clausewise.accounts import Account, Accounts
from clausewise.assistant import Assistant
from clausewise.settings import SignIn
from clausewise.store import Store
from clausewise.web.server import create_app

HERE = "http://policies.test"
GOOD, OTHER = "heron lantern gravel tuesday", "pewter orchard window eleven"
TRUST = "Three Rivers Trust"  # of two schools; the third is of none
FACTS = "".join(f'[schools.{school}]\nname = "{school.title()} School"\ntrust = "{TRUST}"\n' for school in ("ash", "birch"))
FILES = {"schools.toml": FACTS, **{f"{school}/phones.md": MAPLE_PHONES for school in ("ash", "birch", "cedar")}}
KEPT = TemporaryDirectory(prefix="clausewise-people-")


@cache
def assistant() -> Assistant:
    return opened(write_index(Path(KEPT.name) / "index", FILES))


def served(folder: Path, accounts: Accounts | None, sign_in: SignIn = SignIn(("password",))) -> FastAPI:  # noqa: B008
    """`accounts` None: those that the page makes itself."""
    return create_app(assistant(), Store(folder / "data"), folder / "evals", folder / "index", None, accounts, sign_in)


def browser(app: FastAPI, base: str = HERE) -> TestClient:
    """With the headers of a page of our own, where it asks for pages."""
    return TestClient(app, base_url=base, headers={"origin": base, "accept": "text/html"}, follow_redirects=False)


def signed_in(app: FastAPI, accounts: Accounts, account: Account, base: str = HERE) -> TestClient:
    client = browser(app, base)
    client.cookies.set("clausewise-session", accounts.keys.make(account.id, "session"))
    return client
