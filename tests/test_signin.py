"""The door: names and passwords, links to choose one, and the way out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from people import GOOD, OTHER, TRUST, browser, served, signed_in

from clausewise.accounts import Account, Accounts
from clausewise.web.signin import GONE, WRONG

pytestmark = pytest.mark.usefixtures("cheap")


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Accounts:
    return Accounts(tmp_path / "data", clock)


@pytest.fixture
def app(tmp_path: Path, accounts: Accounts) -> FastAPI:
    return served(tmp_path, accounts)


@pytest.fixture
def jane(accounts: Accounts) -> Account:
    return accounts.add("jane", "staff", TRUST, GOOD)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return browser(app)


def actions(accounts: Accounts) -> list[tuple[str, str]]:
    return [(entry.action, entry.who) for entry in reversed(accounts.audit.entries())]


def test_a_name_and_its_password_lead_where_one_wanted_to_go(client: TestClient, accounts: Accounts, jane: Account) -> None:
    answer = client.post("/sign-in", data={"name": "Jane", "password": GOOD, "next": "/compare?topics=x"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/compare?topics=x")
    assert re.fullmatch(r"clausewise-session=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", answer.headers["set-cookie"])
    assert client.get("/account").status_code == 200
    assert client.get("/sign-in?next=/documents").headers["location"] == "/documents"
    [entry] = accounts.audit.entries()
    assert (entry.action, entry.who, entry.detail, entry.address, entry.trust) == ("signed_in", "jane", "with a password", "testclient", TRUST)


def test_each_sign_in_is_a_session_of_its_own(client: TestClient, accounts: Accounts, jane: Account) -> None:
    client.cookies.set("clausewise-session", "chosen-by-somebody-else")
    client.post("/sign-in", data={"name": "jane", "password": GOOD})
    assert "chosen-by-somebody-else" not in [cookie.value for cookie in client.cookies.jar if cookie.domain == "policies.test"]
    assert len(accounts.keys.of(jane.id, "session")) == 1


@pytest.mark.parametrize(("name", "password"), [("jane", OTHER), ("nobody", GOOD), ("", ""), ("jane", ""), ("<b>x</b>", "<i>")])
def test_what_does_not_fit_is_told_alike(client: TestClient, jane: Account, name: str, password: str) -> None:
    answer = client.post("/sign-in", data={"name": name, "password": password, "next": "//evil.example"})
    assert (answer.status_code, WRONG in answer.text, "set-cookie" in answer.headers) == (403, True, False)
    assert 'name="next" value="/"' in answer.text
    assert "<b>x" not in answer.text
    assert GOOD not in answer.text


def test_guessing_is_made_slow_and_stands_in_the_log(client: TestClient, accounts: Accounts, jane: Account, clock: Clock) -> None:
    found = [client.post("/sign-in", data={"name": "jane", "password": f"{OTHER} {n}"}) for n in range(5)]
    assert [answer.status_code for answer in found] == [403] * 4 + [429]
    assert found[-1].headers["retry-after"] == "30"
    assert "There were too many failures. Wait 30 seconds, then try again." in found[-1].text
    held = client.post("/sign-in", data={"name": "jane", "password": GOOD})
    assert held.status_code == 429, "not even the right one is looked at"
    clock.now += 30
    assert client.post("/sign-in", data={"name": "jane", "password": GOOD}).status_code == 303
    assert actions(accounts) == [("refused", "jane")] * 5 + [("held_back", "jane"), ("signed_in", "jane")]
    assert {entry.trust for entry in accounts.audit.entries()} == {TRUST}


def test_a_form_that_is_too_large_or_no_form_is_one_line(client: TestClient) -> None:
    assert client.post("/sign-in", content=b"x" * 70_000).json()["error"].startswith("found a form of more than 65,536 bytes")
    assert client.post("/sign-in", content=b"\xff\xfe").json()["error"].startswith("found a form that cannot be read")


def test_a_link_lets_its_holder_choose_a_password_once(client: TestClient, accounts: Accounts, jane: Account) -> None:
    link = accounts.keys.make(jane.id, "link")
    assert "For the account <strong>jane</strong>" in client.get(f"/sign-in/password?link={link}").text
    weak = client.post("/sign-in/password", data={"link": link, "password": "jane12345678"})
    assert (weak.status_code, "easily guessed" in weak.text) == (400, True)
    chosen = client.post("/sign-in/password", data={"link": link, "password": OTHER})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/")
    assert client.get("/account").status_code == 200
    for again in (client.get(f"/sign-in/password?link={link}"), client.post("/sign-in/password", data={"link": link, "password": GOOD})):
        assert (again.status_code, GONE in again.text) == (404, True)
    assert accounts.signing_in("jane", OTHER)
    assert actions(accounts) == [("password_set", "jane"), ("signed_in", "jane")]


def test_signing_out_ends_the_session_for_good(app: FastAPI, accounts: Accounts, jane: Account) -> None:
    client, other = signed_in(app, accounts, jane), signed_in(app, accounts, jane)
    session = client.cookies["clausewise-session"]
    answer = client.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert 'clausewise-session=""; ' in answer.headers["set-cookie"]
    client.cookies.set("clausewise-session", session)
    assert client.get("/account").status_code == 303
    assert other.get("/account").status_code == 200
    assert client.get("/sign-out").status_code == 303, "a link signs nobody out"
    assert actions(accounts) == [("signed_out", "jane")]
