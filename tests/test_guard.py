"""Nothing is reached without a session or a token; what changes anything comes from a page of ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from people import GOOD, HERE, TRUST, browser, served, signed_in
from starlette.websockets import WebSocketDisconnect

from clausewise.accounts import Account, Accounts
from clausewise.settings import SignIn
from clausewise.web import sessions
from clausewise.web.privacy import HEADERS

pytestmark = pytest.mark.usefixtures("cheap")


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "data")


@pytest.fixture
def app(tmp_path: Path, accounts: Accounts) -> FastAPI:
    return served(tmp_path, accounts)


@pytest.fixture
def jane(accounts: Accounts) -> Account:
    return accounts.add("jane", "staff", TRUST, GOOD)


def test_a_page_leads_to_the_sign_in_page_and_back(app: FastAPI) -> None:
    client = browser(app)
    places = {path: client.get(path).headers["location"] for path in ("/", "/documents?school=ash&state=overdue", "/nowhere", "/account")}
    assert places == {
        "/": "/sign-in",
        "/documents?school=ash&state=overdue": "/sign-in?next=/documents%3Fschool%3Dash%26state%3Doverdue",
        "/nowhere": "/sign-in?next=/nowhere",
        "/account": "/sign-in?next=/account",
    }
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/schools"), ("POST", "/api/v1/ask"), ("GET", "/config"), ("GET", "/gradio_api/info"), ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/upload"), ("GET", "/documents.js"), ("PUT", "/api/documents/ash/a.md"), ("OPTIONS", "/api/v1/ask"), ("POST", "/account/tokens"),
        ("GET", "/sign-in/x"), ("GET", "//sign-in"), ("GET", "/sign-in/../api/schools"), ("GET", "/style.css/config"), ("GET", "/SIGN-IN"),
    ],
)  # fmt: skip
def test_whatever_else_is_refused_in_one_line(app: FastAPI, method: str, path: str) -> None:
    answer = TestClient(app, base_url=HERE, headers={"origin": HERE}).request(method, path, follow_redirects=False)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json() == {"error": "not signed in; sign in at /sign-in, or send an API token as: Authorization: Bearer TOKEN"}
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_what_stands_open_is_the_door_and_its_style(app: FastAPI) -> None:
    client = browser(app)
    assert {path: client.get(path).status_code for path in ("/sign-in", "/accessibility", "/style.css", "/pages.css", "/account.css", "/account.js")} == {
        "/sign-in": 200, "/accessibility": 200, "/style.css": 200, "/pages.css": 200, "/account.css": 200, "/account.js": 200,
    }  # fmt: skip
    html = client.get("/sign-in").text
    assert {path.partition("?")[0] for path in re.findall(r'(?:href|src)="(/[^"]+)"', html)} <= {"/accessibility", "/style.css", "/pages.css", "/account.css", "/account.js"}


def test_a_socket_is_refused(app: FastAPI) -> None:
    with pytest.raises(WebSocketDisconnect), TestClient(app).websocket_connect("/queue/join"):
        pass


def test_a_session_or_a_token_opens_what_the_account_may_see(app: FastAPI, accounts: Accounts, jane: Account) -> None:
    by_cookie, by_token = signed_in(app, accounts, jane), TestClient(app, base_url=HERE)
    token = accounts.keys.make(jane.id, "token")
    by_token.headers["authorization"] = f"bearer {token}"
    for client in (by_cookie, by_token):
        assert [school["id"] for school in client.get("/api/v1/schools").json()["schools"]] == ["ash", "birch"]
    assert by_token.post("/api/v1/ask", json={"question": "May pupils keep phones?"}).status_code == 200, "a program has no page to come from"
    assert by_cookie.get("/").status_code == 200


def test_a_wrong_token_is_not_made_good_by_a_cookie(app: FastAPI, accounts: Accounts, jane: Account) -> None:
    client = signed_in(app, accounts, jane)
    session = client.cookies["clausewise-session"]
    for token in ("", "cwt-wrong", session):
        assert client.get("/api/v1/schools", headers={"authorization": f"Bearer {token}"}).status_code == 401
    other = browser(app)
    other.cookies.set("clausewise-session", accounts.keys.make(jane.id, "token"))
    assert other.get("/api/v1/schools", headers={"accept": "*/*"}).status_code == 401


def test_who_is_disabled_is_out_with_the_next_request(app: FastAPI, accounts: Accounts, jane: Account) -> None:
    client = signed_in(app, accounts, jane)
    assert client.get("/account").status_code == 200
    accounts.change(jane, "staff", TRUST, disabled=True)
    assert client.get("/account").headers["location"] == "/sign-in?next=/account"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": HERE}, 200),
        ({"origin": HERE.upper()}, 200),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "https://elsewhere.example", "sec-fetch-site": "same-origin"}, 403),
        ({"origin": "http://policies.test.elsewhere.example"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
    ],
)
def test_what_changes_anything_comes_from_a_page_of_ours(
    app: FastAPI, accounts: Accounts, jane: Account, headers: dict[str, str], status: int
) -> None:
    client = signed_in(app, accounts, jane)
    del client.headers["origin"]
    answer = client.post("/api/v1/ask", json={"question": "May pupils keep phones?"}, headers=headers)
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"].startswith("this request does not come from a page of this address; ")


def test_behind_a_proxy_the_address_is_the_one_that_is_set(tmp_path: Path, accounts: Accounts, jane: Account) -> None:
    app = served(tmp_path, accounts, SignIn(("password",), "https://policies.example.org"))
    client = browser(app, "http://127.0.0.1:7860")
    client.headers["origin"] = "https://policies.example.org"
    answer = client.post("/sign-in", data={"name": "jane", "password": GOOD})
    assert re.fullmatch(r"__Host-clausewise-session=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", answer.headers["set-cookie"])
    client.cookies.set("__Host-clausewise-session", answer.headers["set-cookie"].partition("=")[2].partition(";")[0])
    assert client.get("/api/v1/schools").status_code == 200
    assert client.post("/api/v1/ask", json={}, headers={"origin": "http://127.0.0.1:7860"}).status_code == 403


def test_accounts_that_cannot_be_read_let_nobody_in(app: FastAPI, accounts: Accounts, jane: Account) -> None:
    client = signed_in(app, accounts, jane)
    accounts.path.write_bytes(b"no database" * 1000)
    answer = client.get("/api/v1/schools")
    assert (answer.status_code, "found a damaged file" in answer.json()["error"]) == (500, True)


@pytest.mark.parametrize(
    ("path", "then"),
    [("/documents?a=b", "/documents?a=b"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("https://evil.example", "/"), ("", "/"), ("/a\nb", "/"),
     ("/ evil", "/"), ("/" + "x" * 3000, "/"), ("javascript:x", "/"), ("/policies/ash/é", "/policies/ash/é")],
)  # fmt: skip
def test_signing_in_leads_to_no_other_site(path: str, then: str) -> None:
    assert sessions.local(path) == then


def test_where_nobody_signs_in_all_stays_as_it_was(tmp_path: Path) -> None:
    client: Any = browser(served(tmp_path, None, SignIn()))
    assert client.get("/").status_code == 200
    assert len(client.get("/api/v1/schools").json()["schools"]) == 3
    assert "Nobody signs in on this machine" in client.get("/account").text
    assert client.post("/account/tokens", data={"label": "x"}).status_code == 403


def test_a_program_without_a_token_is_told_of_tokens(app: FastAPI) -> None:
    answer = TestClient(app, base_url=HERE).post("/api/v1/ask", json={"question": "phones?"})
    assert (answer.status_code, "API token" in answer.json()["error"]) == (401, True)


@pytest.mark.parametrize("path", ["upload", "call/ask", "api/predict", "run/ask", "queue/join", "queue/data", "reset", "cancel", "file=/etc/hosts", "stream/x", "component_server", "process_recording", "info"])
def test_of_gradios_own_doors_only_those_that_the_page_needs_are_open(app: FastAPI, accounts: Accounts, jane: Account, path: str) -> None:
    client = signed_in(app, accounts, jane)
    for method in ("GET", "POST"):
        assert client.request(method, f"/gradio_api/{path}").status_code == 404
