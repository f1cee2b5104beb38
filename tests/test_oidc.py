"""Signing in with the school's own account, against a real provider in a process of its own; and what is refused of one."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from people import TRUST, browser, served
from provider import CLIENT, PASSWORD, SECRET
from starlette.responses import Response

from clausewise.accounts import Accounts
from clausewise.errors import SignInFault
from clausewise.settings import SignIn
from clausewise.web.oidc import FAILED, FROM_ONE, PATIENCE, SETTLED, STALE, Flow, Flows, Provider, School
from clausewise.web.signin import Door
from clausewise.web.waits import Waits

HERE = "http://127.0.0.1:7999"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(Path(__file__).with_name("provider.py")), str(port), f"{HERE}/oidc/callback"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            if (process.stdout.readline() if process.stdout else "") != "ready\n":
                pytest.fail(f"the provider did not start: {process.communicate()[1][-2000:]}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.fixture
def sign_in(issuer: str) -> SignIn:
    return SignIn(("password", "oidc"), HERE, issuer, CLIENT, SECRET, any_email=True)


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "data")


@pytest.fixture
def app(tmp_path: Path, accounts: Accounts, sign_in: SignIn) -> FastAPI:
    return served(tmp_path, accounts, sign_in)


def at_the_provider(address: str, name: str) -> str:
    """Sign in there as a person would; the address that they are sent back to."""
    with httpx.Client() as client:
        answer = client.get(address)
        while HERE not in answer.headers.get("location", "").partition("?")[0]:
            if answer.is_redirect:
                answer = client.get(httpx.URL(str(answer.url)).join(answer.headers["location"]))
                continue
            asked = set(re.findall(r'<input[^>]* name="(\w+)"', answer.text)) & {"login", "password"}
            assert asked, answer.text
            answer = client.post(answer.url, data={field: {"login": name, "password": PASSWORD}[field] for field in asked})
        return str(answer.headers["location"])


def come_back(client: TestClient, name: str, then: str = "") -> Any:
    begun = client.get(f"/oidc/start{then}")
    assert begun.status_code == 303
    return client.get(at_the_provider(begun.headers["location"], name).removeprefix(HERE))


def test_who_has_an_account_comes_in_by_the_schools_own(app: FastAPI, accounts: Accounts, issuer: str) -> None:
    jane, client = accounts.add("Jane@School.example", "lead", TRUST), browser(app, HERE)
    html = client.get("/sign-in?next=/documents").text
    assert 'href="/oidc/start?next=%2Fdocuments">Sign in with your school account</a>' in html
    answer = come_back(client, "jane", "?next=/documents")
    assert (answer.status_code, answer.headers["location"]) == (303, "/documents")
    assert "You are signed in as <strong>jane@school.example</strong>" in client.get("/account").text
    linked = accounts.account(jane.id)
    assert linked
    assert (linked.issuer, linked.subject) == (issuer, "jane")
    accounts._set(jane.id, name="jane.smith@school.example")
    assert come_back(browser(app, HERE), "jane").status_code == 303, "known by the subject from now on"
    assert [entry.detail for entry in accounts.audit.entries(TRUST)] == ["by the school’s sign-in"] * 2


def test_what_the_browser_is_sent_with(app: FastAPI, issuer: str) -> None:
    begun = browser(app, HERE).get("/oidc/start")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
    assert (asked["redirect_uri"], asked["response_type"], asked["code_challenge_method"]) == (f"{HERE}/oidc/callback", "code", "S256")
    assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert begun.headers["location"].startswith(f"{issuer}/oauth/authorize?")
    assert begun.headers["set-cookie"] == f"clausewise-oidc={asked['state']}; HttpOnly; Max-Age={PATIENCE}; Path=/; SameSite=lax"


def test_who_has_no_account_is_told_whom_to_ask(app: FastAPI, accounts: Accounts) -> None:
    accounts.add("jane@school.example", "staff")
    answer = come_back(browser(app, HERE), "mallory")
    assert answer.status_code == 403
    assert "There is no account for mallory@school.example; ask whoever looks after Clausewise at your school to make one." in answer.text
    assert "set-cookie" not in answer.headers
    assert accounts.named("jane@school.example").subject is None
    assert [entry.action for entry in accounts.audit.entries()] == ["refused"]


def test_an_address_that_is_not_said_to_be_verified_finds_no_account(tmp_path: Path, accounts: Accounts, issuer: str) -> None:
    accounts.add("jane@school.example", "staff")
    app = served(tmp_path, accounts, SignIn(("oidc",), HERE, issuer, CLIENT, SECRET))
    answer = come_back(browser(app, HERE), "jane")
    assert (answer.status_code, "does not say that jane@school.example is an address that it has verified" in answer.text) == (403, True)


@pytest.mark.parametrize(("verified", "any_email", "status"), [(True, False, 303), (False, False, 403), (False, True, 403), ("true", False, 403), (None, True, 303), (None, False, 403)])
def test_which_addresses_are_believed(accounts: Accounts, sign_in: SignIn, verified: object, any_email: bool, status: int) -> None:
    accounts.add("jane@school.example", "staff")
    said = {"sub": "s", "email": "jane@school.example"} | ({} if verified is None else {"email_verified": verified})
    asked = SignIn(("oidc",), HERE, sign_in.issuer, CLIENT, SECRET, any_email)
    found = School(accounts, asked, Door(accounts, asked, Waits(accounts.clock))).let_in(said, Flow("v", "n", "/", 0), "10.0.0.7")
    assert found.status_code == status


def test_a_disabled_account_is_as_none(app: FastAPI, accounts: Accounts) -> None:
    accounts.add("root", "administrator")
    accounts.change(accounts.add("jane@school.example", "staff"), "staff", None, disabled=True)
    assert come_back(browser(app, HERE), "jane").status_code == 403


def test_a_sign_in_that_another_browser_began_is_refused(app: FastAPI, accounts: Accounts) -> None:
    accounts.add("jane@school.example", "staff")
    begun, victim = browser(app, HERE), browser(app, HERE)
    back = at_the_provider(begun.get("/oidc/start").headers["location"], "jane").removeprefix(HERE)
    answer = victim.get(back)
    assert (answer.status_code, STALE in answer.text) == (400, True)
    for path in ("/oidc/callback", "/oidc/callback?state=&code=x", "/oidc/callback?state=é&code=x"):
        assert victim.get(path).status_code == 400


def test_a_code_of_another_sign_in_is_refused(app: FastAPI, accounts: Accounts, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody else's code, put into a browser that began a sign-in itself: the provider holds it against the verifier."""
    accounts.add("jane@school.example", "staff")
    client = browser(app, HERE)
    code = parse_qs(urlsplit(at_the_provider(client.get("/oidc/start").headers["location"], "jane")).query)["code"][0]
    state = parse_qs(urlsplit(client.get("/oidc/start").headers["location"]).query)["state"][0]
    wrong = client.get("/oidc/callback", params={"code": code, "state": state})
    assert (wrong.status_code, FAILED in wrong.text, "set-cookie" in wrong.headers) == (502, True, False)
    assert "refused the sign-in, or sent what is no ID token of its own" in caplog.text
    assert client.get("/oidc/callback", params={"code": code, "state": state}).status_code == 400, "the state is spent"


def test_who_gives_up_at_the_provider_is_told_so(app: FastAPI) -> None:
    client = browser(app, HERE)
    state = parse_qs(urlsplit(client.get("/oidc/start").headers["location"]).query)["state"][0]
    denied = client.get("/oidc/callback", params={"error": "access_denied", "state": state})
    assert (denied.status_code, FAILED in denied.text) == (403, True)


def test_a_flow_ends_after_ten_minutes(accounts: Accounts, sign_in: SignIn) -> None:
    school = School(accounts, sign_in, Door(accounts, sign_in, Waits(accounts.clock)))
    now = [0.0]
    school.flows.clock = lambda: now[0]
    state, flow = school.flows.begin("/", "10.0.0.7")
    now[0] = PATIENCE - 1
    assert school.flows.end(state) == flow
    state, _ = school.flows.begin("/", "10.0.0.7")
    now[0] += PATIENCE
    assert school.flows.end(state) is None


def test_no_stranger_pushes_out_a_sign_in_that_is_under_way(accounts: Accounts) -> None:
    flows = Flows(accounts.clock)
    mine, flow = flows.begin("/", "10.0.0.7")
    for _ in range(FROM_ONE + 50):
        flows.begin("/", "10.0.0.8")
    assert len(flows._flows) == FROM_ONE + 1
    assert (flows.end(mine), flows.end(mine)) == (flow, None)


def test_whoever_sends_wrong_codes_has_to_wait(accounts: Accounts, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    school, asked = School(accounts, sign_in, Door(accounts, sign_in, Waits(accounts.clock))), list[str]()

    def claims(code: str, flow: Flow) -> None:
        asked.append(code)
        raise SignInFault("no such code")

    monkeypatch.setattr(school.provider, "claims", claims)

    def back(address: str) -> Response:
        state, _ = school.flows.begin("/", address)
        return school.back({"state": state, "code": "x"}, state, address)

    for _ in range(20):
        with pytest.raises(SignInFault):
            back("10.0.0.7")
    assert (back("10.0.0.7").status_code, len(asked)) == (429, 20)
    with pytest.raises(SignInFault):
        back("10.0.0.8")


def test_keys_are_read_again_once_a_minute_at_most(accounts: Accounts, sign_in: SignIn) -> None:
    now = [0.0]
    provider = Provider(sign_in, lambda: now[0])
    provider._kept = kept = 0.0, {}, {}
    provider._doubted()
    assert provider._kept is kept
    now[0] = SETTLED + 1
    provider._doubted()
    assert provider._kept is None


# ID tokens that are forged, of others, or stale


@pytest.fixture(scope="module")
def key() -> Any:
    from joserfc.jwk import RSAKey

    return RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})


def checked(key: Any, signed_by: Any = None, algorithm: str = "RS256", **changed: Any) -> Any:
    from joserfc import jwt

    claims = {"iss": "https://id.example", "aud": CLIENT, "sub": "s", "exp": 2_000, "iat": 1_000, "nonce": "n"} | changed
    claims = {name: value for name, value in claims.items() if value is not None}
    signer = signed_by or key
    token = jwt.encode({"alg": algorithm, "kid": "1"}, claims, signer, algorithms=[algorithm])
    provider = Provider(SignIn(("oidc",), HERE, "https://id.example", CLIENT, SECRET), lambda: 1_500.0)
    return provider._checked(token, "n", {"keys": [key.as_dict(private=False)]})


def test_a_sound_token_is_taken(key: Any) -> None:
    assert checked(key)["sub"] == "s"
    assert checked(key, aud=[CLIENT, "another"], azp=CLIENT)["sub"] == "s"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"}, {"iss": None}, {"aud": "another"}, {"aud": None}, {"aud": []}, {"exp": 1_400}, {"exp": None}, {"iat": 9_000},
        {"nonce": "other"}, {"nonce": None}, {"sub": None}, {"azp": "another"},
    ],
)  # fmt: skip
def test_a_token_that_breaks_a_condition_is_refused(key: Any, changed: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=rf"{next(iter(changed))}|in the future"):
        checked(key, **changed)


def test_a_token_that_another_signed_is_refused(key: Any) -> None:
    from joserfc.jwk import OctKey, RSAKey

    for signer, algorithm in ((RSAKey.generate_key(2048, {"kid": "1"}), "RS256"), (OctKey.import_key("of whoever forges"), "HS256")):
        with pytest.raises(Exception, match=r"bad_signature|algorithm|signature"):
            checked(key, signer, algorithm)


def test_a_provider_that_calls_itself_otherwise_is_not_believed(issuer: str, accounts: Accounts) -> None:
    provider = Provider(SignIn(("oidc",), HERE, f"{issuer}/", CLIENT, SECRET), accounts.clock)
    with pytest.raises(SignInFault, match=r"CLAUSEWISE_OIDC_ISSUER: found .*; expected"):
        provider.address("s", Flow("v" * 43, "n", "/", 0))


def test_a_provider_that_is_away_is_one_line(tmp_path: Path, accounts: Accounts, caplog: pytest.LogCaptureFixture) -> None:
    client = browser(served(tmp_path, accounts, SignIn(("oidc",), HERE, "http://127.0.0.1:9", CLIENT, SECRET)), HERE)
    answer = client.get("/oidc/start")
    assert (answer.status_code, FAILED in answer.text) == (502, True)
    assert "cannot be read" in caplog.text
    assert client.post("/sign-in", data={"name": "x", "password": "y"}).status_code == 403, "no passwords here"
    assert 'type="password"' not in client.get("/sign-in").text


def test_without_its_package_the_line_names_the_extra(sign_in: SignIn, accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SignInFault, match=r'found oidc, which needs a package more: pip install "clausewise\[oidc\]"'):
        Provider(sign_in, accounts.clock)
