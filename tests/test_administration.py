"""/account and /administration: what each may change, and how they look and work in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from fastapi.testclient import TestClient
from made import SOMEBODY
from people import GOOD, HERE, OTHER, TRUST, browser, served, signed_in
from serving import serving

from clausewise.accounts import Account, Accounts
from clausewise.settings import SignIn
from clausewise.store import Store
from clausewise.web.chat import Chat

pytestmark = pytest.mark.usefixtures("cheap")


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "data")


@pytest.fixture
def app(tmp_path: Path, accounts: Accounts) -> FastAPI:
    return served(tmp_path, accounts)


@pytest.fixture
def root(app: FastAPI, accounts: Accounts) -> TestClient:
    return signed_in(app, accounts, accounts.add("root", "administrator", None, GOOD))


@pytest.fixture
def ours(app: FastAPI, accounts: Accounts) -> TestClient:
    return signed_in(app, accounts, accounts.add("ours", "administrator", TRUST, GOOD))


@pytest.fixture
def jane(accounts: Accounts) -> Account:
    return accounts.add("jane", "staff", TRUST, GOOD)


def details(accounts: Accounts) -> list[tuple[str, str, str]]:
    return [(entry.who, entry.action, entry.detail) for entry in reversed(accounts.audit.entries())]


# one's own account


def test_an_account_says_who_one_is(app: FastAPI, accounts: Accounts, jane: Account) -> None:
    html = signed_in(app, accounts, jane).get("/account").text
    assert "You are signed in as <strong>jane</strong>." in html
    assert "<dd>Staff: may ask, compare and read policies</dd>" in html
    assert f"<dd>Those of {TRUST}: Ash School, Birch School</dd>" in html
    assert "/administration" not in html


def test_a_password_is_changed_by_who_knows_the_old_one(app: FastAPI, accounts: Accounts, jane: Account) -> None:
    client, other = signed_in(app, accounts, jane), signed_in(app, accounts, jane)
    wrong = client.post("/account/password", data={"old": OTHER, "new": OTHER})
    assert (wrong.status_code, "That is not your present password." in wrong.text) == (400, True)
    assert client.post("/account/password", data={"old": GOOD, "new": OTHER}).headers["location"] == "/account?done=password"
    assert "Your password is changed" in client.get("/account?done=password").text
    assert other.get("/account").status_code == 303
    assert accounts.signing_in("jane", OTHER)
    for _ in range(5):
        held = client.post("/account/password", data={"old": "guess", "new": GOOD})
    assert "there were too many failures" in client.post("/account/password", data={"old": OTHER, "new": GOOD}).text.lower()
    assert held.status_code == 400


def test_other_sessions_are_ended(app: FastAPI, accounts: Accounts, jane: Account) -> None:
    client, other = signed_in(app, accounts, jane), signed_in(app, accounts, jane)
    assert "You are signed in at 1 other place too." in client.get("/account").text
    client.post("/account/sessions")
    assert (client.get("/account").status_code, other.get("/account").status_code) == (200, 303)


def test_a_token_is_shown_once_works_and_is_revoked(app: FastAPI, accounts: Accounts, jane: Account) -> None:
    client = signed_in(app, accounts, jane)
    html = client.post("/account/tokens", data={"label": "the <b>timetable</b>"}).text
    [token] = re.findall(r'<code id="ac-shown">(cwt-[\w-]{43})</code>', html)
    assert "<b>timetable" not in html
    program = TestClient(app, base_url=HERE, headers={"authorization": f"Bearer {token}"})
    assert len(program.get("/api/v1/schools").json()["schools"]) == 2
    assert program.post("/account/tokens", data={"label": "more"}).status_code == 403, "a token makes no tokens"
    page = client.get("/account").text
    assert token not in page
    [revoke] = re.findall(r'action="(/account/tokens/\d+/revoke)"', page)
    another = signed_in(app, accounts, accounts.add("sam", "staff", TRUST))
    assert another.post(revoke).status_code == 400
    assert client.post(revoke).headers["location"] == "/account?done=revoked"
    assert program.get("/api/v1/schools").status_code == 401
    assert client.post("/account/tokens", data={"label": ""}).status_code == 400
    assert [action for _, action, _ in details(accounts)] == ["token_made", "token_revoked"]


# people


def test_administration_is_for_administrators_in_a_browser(app: FastAPI, accounts: Accounts, jane: Account) -> None:
    lead = signed_in(app, accounts, accounts.add("lead", "lead"))
    boss = accounts.add("boss", "administrator")
    program = TestClient(app, base_url=HERE, headers={"authorization": f"Bearer {accounts.keys.make(boss.id, 'token')}"})
    for client in (signed_in(app, accounts, jane), lead, program):
        for method, path in (("GET", "/administration"), ("GET", "/administration/audit.csv"), ("POST", "/administration/people"), ("POST", f"/administration/people/{jane.id}")):
            assert client.request(method, path, data={"name": "x", "role": "staff"} if method == "POST" else None).status_code == 403
    assert [account.name for account in accounts.all()] == ["boss", "jane", "lead"]


def test_somebody_is_added_and_chooses_a_password_by_a_link(app: FastAPI, accounts: Accounts, root: TestClient) -> None:
    html = root.post("/administration/people", data={"name": "Sam@school.example", "role": "lead", "trust": TRUST}).text
    [link] = re.findall(rf'<code id="ac-shown">({HERE}/sign-in/password\?link=[\w-]+)</code>', html)
    assert accounts.signing_in("sam@school.example", "") is None
    new = browser(app)
    assert new.post("/sign-in/password", data={"link": link.partition("=")[2], "password": OTHER}).status_code == 303
    assert "Policy lead: may add policies too" in new.get("/account").text
    assert details(accounts)[:2] == [("root", "account_made", f"sam@school.example: lead, {TRUST}"), ("root", "link_made", "sam@school.example")]


def test_role_trust_and_sign_in_are_changed(accounts: Accounts, root: TestClient, jane: Account) -> None:
    path = f"/administration/people/{jane.id}"
    assert root.post(path, data={"role": "lead", "trust": "", "state": "disabled"}).headers["location"] == "/administration?done=changed"
    assert str(accounts.named("jane")) == "jane: lead, every school, disabled"
    for wrong in ({"role": "king"}, {"role": "lead", "trust": "No Such Trust"}):
        assert root.post(path, data=wrong).status_code == 400
    assert str(accounts.named("jane")) == "jane: lead, every school, disabled"
    mine = root.post(f"/administration/people/{accounts.named('root').id}", data={"role": "staff"})
    assert (mine.status_code, "This account is your own" in mine.text) == (400, True)
    assert root.post("/administration/people/999", data={"role": "staff"}).status_code == 400
    assert root.post("/administration/people", data={"name": "jane", "role": "staff"}).status_code == 400


def test_an_administrator_of_a_trust_administers_its_accounts_alone(accounts: Accounts, ours: TestClient, jane: Account) -> None:
    other = accounts.add("elsewhere", "staff", "Another Trust")
    accounts.audit.add("signed_in", "elsewhere", trust="Another Trust")
    html = ours.get("/administration").text
    assert ("jane" in html, "elsewhere" in html, "Another Trust" in html, "Every school" in html) == (True, False, False, False)
    for path in (f"/administration/people/{other.id}", f"/administration/people/{other.id}/link"):
        answer = ours.post(path, data={"role": "lead", "trust": "Another Trust"})
        assert (answer.status_code, "Found no such account" in answer.text) == (400, True)
    ours.post("/administration/people", data={"name": "new", "role": "staff", "trust": "Another Trust"})
    ours.post(f"/administration/people/{jane.id}", data={"role": "administrator", "trust": ""})
    assert [str(accounts.named(name)) for name in ("new", "jane")] == [f"new: staff, {TRUST}", f"jane: administrator, {TRUST}"]
    assert ours.post("/administration/asking", data={"turn": "off", "note": "x"}).status_code == 400
    assert "elsewhere" not in ours.get("/administration/audit.csv").text


def test_where_only_the_school_s_own_sign_in_is_there_are_no_links(tmp_path: Path, accounts: Accounts) -> None:
    app = served(tmp_path, accounts, SignIn(("oidc",), HERE, "https://id.example", "c", "s"))
    client = signed_in(app, accounts, accounts.add("root", "administrator"))
    assert client.post("/administration/people", data={"name": "sam", "role": "staff"}).headers["location"] == "/administration?done=made"
    assert "Make a link" not in client.get("/administration").text


# the switch and the log


def test_while_asking_is_off_a_question_gets_the_note(app: FastAPI, accounts: Accounts, root: TestClient) -> None:
    ask: Callable[[], Any] = lambda: root.post("/api/v1/ask", json={"question": "May pupils keep phones?"})  # noqa: E731
    assert ask().status_code == 200
    assert root.post("/administration/asking", data={"turn": "off", "note": " "}).status_code == 400
    root.post("/administration/asking", data={"turn": "off", "note": "The policies are  under review; ask <the office>."})
    note = "The policies are under review; ask <the office>."
    assert (ask().status_code, ask().json()) == (503, {"error": note})
    assert app.state.desk.asking_off() == note
    compared = root.get("/compare", params={"topic": "phones"})
    assert (compared.status_code, "ask &lt;the office&gt;." in compared.text) == (503, True)
    search = root.post("/api/v1/search", json={"query": "phones"})
    assert (search.status_code, root.get("/api/v1/documents").status_code) == (503, 200)
    chat = Chat(app.state.desk, Store(accounts.database.path.parent), app.state.conversations)
    screen = chat.ask({"question": "May pupils keep phones?"}, SOMEBODY)
    assert ("ask &lt;the office&gt;." in screen.html, screen.status) == (True, note)
    assert ("This question was not put to any school" in screen.html, "Asked of" in screen.html) == (True, False)
    start = chat.open("", SOMEBODY).start
    assert ("ask &lt;the office&gt;." in start, "For example" in start) == (True, False)
    assert "ask &lt;the office&gt;." in root.get("/administration").text
    root.post("/administration/asking", data={"turn": "on"})
    assert (ask().status_code, app.state.desk.asking_off()) == (200, None)
    assert details(accounts) == [("root", "asking_off", note), ("root", "asking_on", "")]


def test_the_log_is_filtered_and_taken_along(accounts: Accounts, root: TestClient) -> None:
    accounts.audit.add("refused", '=HYPERLINK("x")', address="10.0.0.7")
    accounts.audit.add("signed_in", "sam")
    html = root.get("/administration?words=10.0.0&action=refused").text
    assert ("HYPERLINK" in html, "<th scope=\"row\">sam</th>" in html) == (True, False)
    file = root.get("/administration/audit.csv?action=refused")
    assert file.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert file.text.splitlines()[0] == '\ufeff"time","who","action","action_in_words","detail","address","trust"'
    assert '"\'=HYPERLINK(""x"")","refused","Sign-in refused","","10.0.0.7",""' in file.text
    assert len(file.text.splitlines()) == 2


def test_where_nobody_signs_in_there_are_the_switch_and_the_log(tmp_path: Path) -> None:
    client = browser(served(tmp_path, None, SignIn()))
    html = client.get("/administration").text
    assert ('id="people"' in html, 'id="asking"' in html, 'id="log"' in html) == (False, True, True)
    assert client.post("/administration/people", data={"name": "x", "role": "staff"}).status_code == 400
    strange = client.post("/administration/asking", data={"turn": "off", "note": "x"}, headers={"origin": "https://evil.example"})
    assert (strange.status_code, client.post("/api/v1/ask", json={"question": "phones?"}).status_code) == (403, 200)
    client.post("/administration/asking", data={"turn": "off", "note": "Closed."})
    assert client.post("/api/v1/ask", json={"question": "phones?"}).json() == {"error": "Closed."}
    assert "this machine" in client.get("/administration").text


def test_the_evaluation_is_for_leads_of_every_school(app: FastAPI, accounts: Accounts, jane: Account) -> None:
    found = {}
    for name, role, trust in (("a", "staff", None), ("b", "lead", TRUST), ("c", "administrator", TRUST), ("d", "lead", None)):
        client = signed_in(app, accounts, accounts.add(name, role, trust))  # type: ignore[arg-type]
        found[name] = client.get("/evaluation").status_code
    assert found == {"a": 403, "b": 403, "c": 403, "d": 200}


# in a browser


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    with serving(app) as found:
        yield found


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_hold_to_wcag_and_work_by_keyboard(chromium: Any, url: str, accounts: Accounts, jane: Account, scheme: str) -> None:
    accounts.add("root@school.example", "administrator", None, GOOD)
    context = chromium.new_context(viewport={"width": 320, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{url}/account")
    assert page.url == f"{url}/sign-in?next=/account"
    sound(page)
    page.get_by_label("Name or e-mail address").press_sequentially("root@school.example")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong, all of it")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.get_by_label("Password", exact=True).get_attribute("type") == "text"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    sound(page)
    page.get_by_label("Password", exact=True).fill(GOOD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/account")
    sound(page)
    page.get_by_label("What the new token is for").fill("timetable")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your new token").wait_for()
    sound(page)
    page.goto(f"{url}/administration")
    page.get_by_text("Change jane").press("Enter")
    page.get_by_label("Role").first.select_option("lead")
    sound(page)
    page.get_by_role("button", name="Save jane").press("Enter")
    page.get_by_role("status").filter(has_text="The account is changed.").wait_for()
    assert accounts.named("jane").role == "lead"
    page.get_by_label("Note").fill("Back on Monday.")
    page.keyboard.press("Enter")
    page.get_by_text("“Back on Monday.”").wait_for()
    page.goto(f"{url}/account")
    page.get_by_role("button", name="Sign out", exact=True).press("Enter")
    page.wait_for_url(f"{url}/sign-in")
    context.close()


def sound(page: Any) -> None:
    """No violation, and nothing to scroll sideways for at 320 pixels."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
