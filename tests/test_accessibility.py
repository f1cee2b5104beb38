"""The accessibility statement: open to everybody, linked from every page, and silent on schools that the reader may not see."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import LARCH_DOGS
from fastapi.testclient import TestClient
from made import opened, write_index
from people import browser

from clausewise.accounts import Accounts
from clausewise.settings import SignIn
from clausewise.store import Store
from clausewise.web.server import create_app

FACTS = "".join(
    f'[schools.{school}]\nname = "{school.title()} School"\ntrust = "{school.title()} Trust"\ncontacts = {{ policy_owner = "Ms <b>{school}" }}\n'
    for school in ("larch", "maple")
)
FILES = {"schools.toml": FACTS, "larch/dogs.md": LARCH_DOGS, "maple/dogs.md": LARCH_DOGS}
OWNERS = ["Larch School: Ms <b>larch", "Maple School: Ms <b>maple"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_index(tmp_path / "index", FILES)
    return tmp_path


def owners(client: TestClient) -> list[str]:
    answer = client.get("/accessibility")
    assert answer.status_code == 200
    return [line.get_text() for line in BeautifulSoup(answer.text, "html.parser").select("section[aria-labelledby=tell] li")]


def test_where_nobody_signs_in_it_names_whom_to_tell_at_every_school(folder: Path) -> None:
    assert owners(TestClient(create_app(opened(folder / "index"), Store(folder / "data")))) == OWNERS


def test_it_names_nobody_to_who_has_not_signed_in_and_to_others_their_own(folder: Path) -> None:
    accounts = Accounts(folder / "data")
    app = create_app(opened(folder / "index"), Store(folder / "data"), accounts=accounts, sign_in=SignIn(("password",)))
    assert owners(browser(app)) == []
    assert "/sign-in" in browser(app).get("/accessibility").text
    for trust, seen in (("Larch Trust", OWNERS[:1]), (None, OWNERS)):
        account = accounts.add(f"reader-{len(seen)}", "staff", trust)
        client = browser(app)
        client.cookies.set("clausewise-session", accounts.keys.make(account.id, "session"))
        assert owners(client) == seen


def test_every_page_leads_to_it(folder: Path) -> None:
    client = TestClient(create_app(opened(folder / "index"), Store(folder / "data")))
    for path in ("compare", "compare/wording", "documents", "policies/larch/dogs", "policies/nowhere", "conversations", "evaluation", "account", "administration", "api/v1", "accessibility"):
        page = BeautifulSoup(client.get(f"/{path}").text, "html.parser")
        assert [link["href"] for link in page.select("footer.cw-foot a")] == ["/accessibility"], path
    assert "/accessibility" in client.get("/config").text  # Ask draws its footer itself
