"""A reader of one trust never sees another trust's documents: every route is walked, with every id of theirs."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from html import unescape
from typing import Any
from urllib.parse import quote, unquote

import pytest
from conftest import MAX_BYTES, WordsEncoder, generation, write
from fastapi import FastAPI
from fastapi.testclient import TestClient
from made import case_row, gold_row, opened, write_suite

from clausewise.accounts import Accounts
from clausewise.assistant import Assistant
from clausewise.building import build
from clausewise.conversations import Turn
from clausewise.documents import load_corpus
from clausewise.errors import UnknownSchool
from clausewise.settings import SignIn
from clausewise.store import Store
from clausewise.web.desk import Progress
from clausewise.web.guard import OPEN
from clausewise.web.server import create_app

HERE = "http://policies.test"
PASSWORD = "heron lantern gravel tuesday"
OURS, THEIRS = "Amber Trust", "Zircon Trust"
SCHOOL = "fjordling"  # the folder of the school of the other trust
DOCUMENT, CLAUSE = f"{SCHOOL}/quibblewick-policy", f"{SCHOOL}/quibblewick-policy#1.1"
SHARED = "Pupils must hand their phones to the office each morning."
# Each stands in one place of the other trust's: what is asked for must not bring it out. The asker's own words do not count.
MARKS = (
    "zircon", "fjordling", "mirthwold", "ploverdene", "quibblewick", "vexnomic", "zorblatt", "grumblefax", "wimbleton", "thrushmere", "gorsewick",
)  # fmt: skip
FACTS = f"""
[schools.ash]
name = "Ash Lane School"
trust = "{OURS}"
[schools.birch]
name = "Birch Green School"
trust = "{OURS}"
[schools.{SCHOOL}]
name = "Mirthwold Academy"
trust = "{THEIRS}"
aliases = ["Mirthwold"]
contacts = {{ policy_owner = "A. Ploverdene" }}
"""
POLICY = f"# Mobile Phone Policy\n\n## Pupils\n\n1.1 {SHARED}\n\n1.2 Pupils may carry a phone on a residential trip.\n"
THEIR_POLICY = f"# Vexnomic Phone Policy\n\n## Pupils\n\n1.1 {SHARED}\n\n1.2 Staff must not lend a zorblatt phone to pupils.\n"
FILES = {
    "schools.toml": FACTS,
    "ash/phones.md": POLICY,
    "birch/phones.md": POLICY.replace("1.2", "1.3"),
    f"{SCHOOL}/quibblewick-policy.md": THEIR_POLICY,
    f"{SCHOOL}/grumblefax.pdf": "no PDF at all",
}


@dataclass
class House:
    """A served page with two trusts behind it. `places`: what somebody could name of the other trust's."""

    app: FastAPI
    accounts: Accounts
    places: list[str]
    people: dict[str, int] = field(default_factory=dict)

    def client(self, name: str, by_token: bool = False) -> TestClient:
        account = self.accounts.named(name)
        client = TestClient(self.app, base_url=HERE, headers={"origin": HERE, "accept": "text/html, */*"}, follow_redirects=False, raise_server_exceptions=False)
        if by_token:
            client.headers["authorization"] = f"Bearer {self.accounts.keys.make(account.id, 'token', 'walk')}"
        else:
            client.cookies.set("clausewise-session", self.accounts.keys.make(account.id, "session"))
        return client


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("house")
    corpus = write(folder / "corpus", FILES)
    build(load_corpus(corpus, MAX_BYTES), WordsEncoder(), folder / "index")  # type: ignore[arg-type]
    write_suite(folder / "evals" / "both", [case_row("trip", "May a gorsewick phone be lent?", SCHOOL, {SCHOOL: gold_row({f"{SCHOOL}/quibblewick-policy#1.2": 2}, "prohibited")})])
    store, accounts = Store(folder / "data"), Accounts(folder / "data")
    house = House(create_app(opened(folder / "index"), store, folder / "evals", folder / "index", corpus, accounts, SignIn(("password",))), accounts, [])
    for name, role, trust in (
        ("staff", "staff", OURS),
        ("lead", "lead", OURS),
        ("administrator", "administrator", OURS),
        ("everybody", "administrator", None),
        ("wimbleton", "staff", THEIRS),
        ("moved", "staff", OURS),
    ):
        house.people[name] = accounts.add(name, role, trust).id  # type: ignore[arg-type]
    accounts.audit.add("policy_added", "wimbleton", f"{SCHOOL}/thrushmere.md", trust=THEIRS)
    store.add_feedback(reason="incomplete", question="zorblatt?", school=SCHOOL, status="not_covered", index="x")
    store.count_unanswered("2026-W48", SCHOOL, DOCUMENT, CLAUSE)
    desk = house.app.state.desk
    desk.progress, desk._school = Progress("done", f"Added {SCHOOL}/thrushmere.md."), SCHOOL
    asked, whole = "May a zorblatt phone be lent at Mirthwold?", house.app.state.desk.whole
    turn = Turn(asked, (SCHOOL,), whole.ask(asked, [SCHOOL]).as_dict(), whole.index.manifest["checksum"])
    conversations = house.app.state.conversations
    kept = conversations.begin(accounts.named("wimbleton").user.id, turn)
    # Kept by one who saw every school then.
    moved = conversations.begin(accounts.named("moved").user.id, Turn(**{**asdict(turn), "question": "May it be lent?"}))
    files = [str(corpus / SCHOOL / "quibblewick-policy.md"), str(generation(folder / "index") / "catalogue.sqlite"), str(folder / "data" / "accounts.sqlite")]
    house.places = [kept, moved, f"{kept}/delete", SCHOOL, DOCUMENT, CLAUSE, THEIRS, str(house.people["wimbleton"]), *files, "../" * 6 + files[0]]
    return house


# the routes

def tool(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}


PHONES = {"topics": "mobile-devices"}
ASKED = {"question": "May staff lend a phone to pupils?", "school": None, "history": []}
COMPLAINT = {**ASKED, "about": SCHOOL, "reason": "incomplete"}
# Our own routes: what is sent to each beside its path, as (query, body). A body that is a dict is sent as JSON, one of pairs as a form.
Sent = tuple[dict[str, Any], Any]
PLAIN: list[Sent] = [({}, None)]
OWN: dict[tuple[str, str], list[Sent]] = {
    ("GET", "/api/v1"): PLAIN,
    ("GET", "/api/v1/openapi.json"): PLAIN,
    ("GET", "/api/v1/schools"): PLAIN,
    ("GET", "/api/v1/documents"): PLAIN,
    ("POST", "/api/v1/search"): [({}, {"query": "zorblat phones"}), ({}, {"query": SHARED, "school": SCHOOL}), ({}, {"query": SHARED, "k": 100})],
    ("POST", "/api/v1/compare"): [({}, {"topic": "zorblat phones"}), ({}, {"topic": SHARED, "schools": [SCHOOL]}), ({}, PHONES)],
    ("POST", "/mcp"): [({}, tool("schools", {})), ({}, tool("documents", {})), ({}, tool("ask", {"question": SHARED})), ({}, tool("ask", {"question": SHARED, "school": SCHOOL})), ({}, tool("search", {"query": SHARED, "k": 100})), ({}, tool("compare", {"topic": SHARED})), ({}, tool("compare", PHONES))],
    ("POST", "/api/v1/ask"): [({}, ASKED), ({}, {**ASKED, "school": SCHOOL}), ({}, {**ASKED, "question": "Does Mirthwold lend a zorblat?"}), ({}, {**ASKED, "history": ["What does Mirthwold say?"]}), ({}, {**ASKED, "question": SHARED})],
    ("POST", "/api/feedback"): [({}, COMPLAINT), ({}, {**COMPLAINT, "school": SCHOOL}), ({}, {**COMPLAINT, "about": "ash"})],
    ("GET", "/api/documents/progress"): PLAIN,
    ("POST", "/api/documents/stop"): PLAIN,
    ("PUT", "/api/documents/{path:path}"): [({}, "# Bees\n\n1.1 No bees.\n")],
    ("OPTIONS", "/api/documents/{path:path}"): PLAIN,
    ("GET", "/documents"): [({}, None), ({"school": SCHOOL}, None), ({"state": "not_stated"}, None)],
    ("GET", "/documents/{path:path}"): [({}, None), ({"old": DOCUMENT, "new": "ash/phones"}, None)],
    ("GET", "/compare"): [({}, None), (PHONES, None), ({**PHONES, "school": SCHOOL}, None), ({"topic": "zorblat phones"}, None), ({"topic": SHARED, "school": SCHOOL}, None), ({"topic": SHARED, "by": "topic"}, None)],
    ("POST", "/compare"): [({}, [("by", "words"), ("topic", "zorblat phones")]), ({}, [("by", "words"), ("topic", "A pupil told me her dad hits her"), ("school", SCHOOL)])],
    ("GET", "/compare/file.{form}"): [(PHONES, None), ({**PHONES, "school": SCHOOL}, None)],
    ("GET", "/compare/progress"): [(PHONES, None), ({**PHONES, "school": SCHOOL}, None)],
    ("GET", "/compare/wording"): PLAIN,
    ("GET", "/policies"): PLAIN,
    ("GET", "/policies/{path:path}"): PLAIN,
    ("GET", "/policies/{path:path}/page/{number}"): PLAIN,
    ("GET", "/policies/{path:path}/page/{number}.png"): PLAIN,
    ("GET", "/accessibility"): PLAIN,
    ("GET", "/conversations"): [({}, None), ({"search": "zorblat"}, None)],
    ("GET", "/conversations/{id}"): PLAIN,
    ("GET", "/conversations/{id}/file.{form}"): PLAIN,
    ("POST", "/conversations/{path:path}"): [({}, [("title", "mine")])],
    ("OPTIONS", "/conversations/{path:path}"): PLAIN,
    ("GET", "/evaluation"): PLAIN,
    ("GET", "/evaluation/{path:path}"): PLAIN,
    ("GET", "/sign-in"): [({"next": f"/policies/{DOCUMENT}"}, None)],
    ("POST", "/sign-in"): [({}, [("name", "wimbleton"), ("password", PASSWORD)])],
    ("GET", "/sign-in/password"): [({"link": "x"}, None)],
    ("POST", "/sign-in/password"): [({}, [("link", "x"), ("password", PASSWORD)])],
    ("GET", "/account"): PLAIN,
    ("POST", "/account/password"): [({}, [("old", "x"), ("new", PASSWORD)])],
    ("POST", "/account/sessions"): PLAIN,
    ("POST", "/account/tokens"): [({}, [("label", "walk")])],
    ("POST", "/account/tokens/{id}/revoke"): PLAIN,
    ("GET", "/administration"): [({}, None), ({"words": "wimble"}, None), ({"words": SCHOOL}, None), ({"action": "policy_added"}, None)],
    ("GET", "/administration/audit.csv"): [({}, None), ({"words": "thrush"}, None)],
    ("POST", "/administration/people"): [({}, [("name", "wimbleton"), ("role", "staff"), ("trust", THEIRS)]), ({}, [("name", "new"), ("role", "lead"), ("trust", THEIRS)])],
    ("POST", "/administration/people/{id}"): [({}, [("role", "lead"), ("trust", THEIRS), ("state", "disabled")])],
    ("POST", "/administration/people/{id}/link"): PLAIN,
    ("POST", "/administration/asking"): [({}, [("turn", "off"), ("note", "no")])],
}  # fmt: skip
LAST = {("POST", "/sign-out")}  # ends the walk
# End never, or with an answer: what comes of one is looked at below; the others tell that the server is there, and no more.
STREAMS = {"/gradio_api/heartbeat/{session_hash}", "/gradio_api/queue/data", "/gradio_api/dev/reload"}
FORMS = ("xlsx", "docx", "html", "csv", "md", "json", SCHOOL)


def routes(of: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for route in of:
        inner = getattr(route, "original_router", None) or route
        if getattr(inner, "routes", None):
            yield from routes(inner.routes)
        else:
            yield from ((method, route.path) for method in sorted(route.methods or ()))


def own_and_gradios(app: FastAPI) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """A route of ours that names no method is an app of its own: the tools, and what answers for all else below /api."""
    mounts = [route for route in app.routes if not hasattr(route, "methods")]
    own = set(routes(route for route in app.routes if hasattr(route, "methods")))
    own |= {("POST", route.path) for route in app.routes if getattr(route, "methods", "") is None and not route.path.startswith("/api")}
    files = {(method, path) for method, path in own if re.fullmatch(r"/[a-z]+\.(css|js)", path)}
    return own - files, set(routes(mounts)) | files


def requests(house: House) -> Iterator[tuple[str, str, Sent]]:
    """Method, path and what is sent with it, for every route."""
    own, gradios = own_and_gradios(house.app)
    for method, path in sorted(own - LAST):
        for filled in expanded(path, house.places):
            yield from ((method, filled, sent) for sent in OWN[method, path])
    for method, path in sorted(gradios):
        if path not in STREAMS:
            body = {"data": [SCHOOL], "fn_index": 0, "session_hash": "x", "event_id": "x", "component_id": 1, "fn_name": "x"}
            yield from ((method, filled, ({}, body if method == "POST" else None)) for filled in expanded(path, house.places))


def expanded(path: str, values: Iterable[str]) -> list[str]:
    if "{form}" in path:
        return [filled for form in FORMS for filled in expanded(path.replace("{form}", form), values)]
    path = path.replace("{number}", "1")
    if "{" not in path:
        return [path]
    return [re.sub(r"\{[^}]+\}", lambda _: quote(value, safe="/.="), path) for value in values]  # noqa: B023


def send(client: TestClient, method: str, path: str, sent: Sent) -> Any:
    query, body = sent
    if isinstance(body, dict):
        return client.request(method, path, params=query, json=body, headers={"accept": "application/json, text/event-stream"})
    if isinstance(body, list):
        return client.request(method, path, params=query, data=dict(body))
    return client.request(method, path, params=query, content=body)


def told(response: Any) -> str:
    """All that a response says, its headers and what is packed in it included."""
    text = response.text
    if response.content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(response.content)) as packed:
            text = " ".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    whole = f"{text} {response.headers}"
    return f"{whole} {unescape(whole)} {unquote(whole)}".lower()


def seen(client: TestClient, method: str, path: str, sent: Sent) -> set[str]:
    """The marks that come back, but those that were sent."""
    asked = f"{unquote(path)} {json.dumps(sent)}".lower()
    said = told(send(client, method, path, sent))
    return {mark for mark in MARKS if mark in said and mark not in asked}


# the walks


def test_every_route_of_ours_is_known(house: House) -> None:
    own, gradios = own_and_gradios(house.app)
    assert own - OWN.keys() - LAST == set()
    assert OWN.keys() - own == set()
    assert len(gradios) > 40


@pytest.mark.parametrize(("name", "by_token"), [("staff", False), ("moved", False), ("lead", False), ("administrator", False), ("staff", True), ("administrator", True)])
def test_no_route_shows_what_is_another_trusts(house: House, name: str, by_token: bool) -> None:
    client = house.client(name, by_token)
    shown = {(method, path, str(sent)): found for method, path, sent in requests(house) if (found := seen(client, method, path, sent))}
    assert shown == {}


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info"])
def test_gradios_config_names_no_school_of_another_trust(house: House, path: str) -> None:
    assert seen(house.client("staff"), "GET", path, ({}, None)) == set()


def test_who_may_see_every_school_is_shown_each_of_these_marks(house: House) -> None:
    """Else a walk that finds nothing would prove nothing."""
    client = house.client("everybody")
    paths = ["/documents", f"/policies/{DOCUMENT}", "/administration", "/api/documents/progress", "/evaluation/both"]
    answer = client.post("/api/v1/ask", json={**ASKED, "question": "dogs on site?"})
    assert {mark for mark in MARKS if mark in "".join(told(client.get(path)) for path in paths) + answer.text.lower()} == set(MARKS) - {"ploverdene", "gorsewick"}
    assert {school.contacts.get("policy_owner") for school in house.app.state.desk.whole.schools} == {None, "A. Ploverdene"}
    assert "gorsewick" in (house.app.state.desk.corpus.parent / "evals" / "both" / "cases.jsonl").read_text()


def test_the_tools_answer_and_know_no_school_of_another_trust(house: House) -> None:
    for name, there in (("staff", False), ("everybody", True)):
        answer = send(house.client(name, True), "POST", "/mcp", ({}, tool("ask", {"question": "May a zorblatt phone be lent?"})))
        assert (answer.status_code, "ash lane school" in told(answer), "mirthwold" in told(answer)) == (200, True, there)


def test_without_a_session_nothing_is_reached(house: House) -> None:
    client = TestClient(house.app, base_url=HERE, headers={"origin": HERE}, follow_redirects=False, raise_server_exceptions=False)
    reached = {}
    for method, path, sent in requests(house):
        answer = send(client, method, path, sent)
        if path not in OPEN and (answer.status_code, answer.headers["content-type"]) != (401, "application/json"):
            reached[method, path] = answer.status_code
        assert not {mark for mark in MARKS if mark in told(answer) and mark not in f"{unquote(path)} {json.dumps(sent)}".lower()}
    assert reached == {}


def test_the_page_itself_asks_no_school_of_another_trust(house: House) -> None:
    """As the browser does it, for every control of the page."""
    events = [
        {"question": SHARED, "schools": [], "history": ["May staff lend a phone?"], "conversation": ""},
        {"question": "May staff lend a phone?", "schools": [SCHOOL], "history": [], "conversation": house.places[0]},
        {"question": "What does Mirthwold say of phones?", "schools": [], "history": [], "conversation": house.places[1]},
    ]
    replies, own = [], ""  # one's own earlier questions stand on the page too
    with house.client("staff") as client:
        controls = [one for one in client.get("/config").json()["dependencies"] if one["backend_fn"]]
        for number, (control, event) in enumerate((control, event) for event in events for control in controls):
            own += json.dumps(event).lower()
            body = {"data": [None] * len(control["inputs"]), "fn_index": control["id"], "session_hash": f"walk{number}", "event_data": event}
            answer = client.post("/gradio_api/run/predict", json=body)
            said = answer.text.lower()
            assert answer.status_code == 200
            assert {mark for mark in MARKS if mark in said and mark not in own} == set()
            replies.append(said)
    assert SHARED.lower() in "".join(replies)
    assert "ash lane school" in "".join(replies)


def test_a_lead_adds_policies_to_the_schools_of_their_trust_alone(house: House) -> None:
    lead, staff, body = house.client("lead"), house.client("staff"), "# Bees on Site\n\n1.1 No hive stands near the gate.\n"
    refused = {path: lead.put(f"/api/documents/{path}", content=body) for path in (f"{SCHOOL}/bees.md", "new-school/bees.md", "birch2/bees.md")}
    assert {answer.status_code for answer in refused.values()} == {403}
    assert {answer.json()["error"].partition("; ")[2] for answer in refused.values()} == {"expected one of Amber Trust: ash, birch"}
    assert staff.put("/api/documents/ash/bees.md", content=body).status_code == 403
    assert not [*house.app.state.desk.corpus.glob("*/bees.md")]
    page = lead.get("/documents").text
    assert ('value="birch"' in page, 'value="*"' in page) == (True, False)
    assert "<p>This is for policy leads, and your account is not one.</p>" in staff.get("/documents").text


# the views that all of it stands on


@pytest.fixture(scope="module")
def view(house: House) -> Assistant:
    return house.app.state.desk.assistant(house.accounts.named("staff").user)  # type: ignore[no-any-return]


def test_a_view_lists_and_holds_its_own_alone(view: Assistant) -> None:
    assert [school.id for school in view.schools] == ["ash", "birch"]
    assert {document.school for document in view.documents} == {clause.school for clause in view.index.clauses} == {"ash", "birch"}
    assert list(view.index.rows) == ["ash", "birch"]
    assert {view.index.passages[row].school for rows in view.index.rows.values() for row in rows} == {"ash", "birch"}
    assert (view.index.failures, CLAUSE in view.index.clause, DOCUMENT in view.index.document) == ((), False, False)
    assert CLAUSE not in view.index.quotable


@pytest.mark.parametrize("question", [SHARED, "zorblatt phones", "May staff lend a zorblatt phone to pupils?", "Mirthwold", "dogs on site"])
def test_a_view_asks_searches_and_compares_no_other_school(view: Assistant, question: str) -> None:
    answers = [*view.ask(question).answers, *view.compare(question).answers, *view.ask(question, None, ["What about Mirthwold?"]).answers]
    quotes = [quote for answer in answers for quote in (*answer.quotes, *answer.closest)] + view.search(question, None, 50)
    assert {answer.school for answer in answers} | {other for answer in answers for other in answer.covered_by} == {"ash", "birch"}
    assert {quote.clause.school for quote in quotes} == {"ash", "birch"}


def test_a_clause_that_trusts_share_word_for_word_is_each_ones_own(house: House, view: Assistant) -> None:
    found = {quote.clause.id for quote in view.search(SHARED, None, 50) if quote.text == SHARED}
    assert found == {"ash/phones#1.1", "birch/phones#1.1"}
    assert CLAUSE in {quote.clause.id for quote in house.app.state.desk.whole.search(SHARED, None, 50)}


def test_a_school_of_another_trust_is_as_unknown_as_one_that_is_not_there(view: Assistant) -> None:
    for ask in (view.ask, view.search, view.compare):
        with pytest.raises(UnknownSchool) as error:
            ask(SHARED, [SCHOOL])  # type: ignore[operator]
        assert [mark for mark in MARKS if mark in str(error.value).replace(repr(SCHOOL), "").lower()] == []


def test_a_user_of_a_trust_without_schools_sees_none(house: House) -> None:
    nobody = house.accounts.add("nobody", "lead", "No Such Trust")
    client = house.client("nobody")
    assert client.get("/api/v1/schools").json() == {"schools": []}
    for path in ("/documents", "/compare", "/policies", "/account"):
        assert [mark for mark in (*MARKS, "ash lane", "birch green") if mark in told(client.get(path))] == [], path
    house.accounts.remove(nobody)
