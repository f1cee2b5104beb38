"""Whatever is written into a policy, a name or a question stays text: on every page, in every answer and in every file."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from conftest import MAX_BYTES, WordsEncoder, write
from fastapi import FastAPI
from fastapi.testclient import TestClient
from made import opened
from openpyxl import load_workbook
from payloads import PAYLOADS
from screens import READER, TOKEN, ask
from serving import serving
from test_isolation import STREAMS, expanded, own_and_gradios, send

from clausewise.accounts import Accounts
from clausewise.assistant import Assistant
from clausewise.building import build
from clausewise.conversations import Conversations, Turn
from clausewise.documents import load_corpus
from clausewise.settings import SignIn
from clausewise.store import Store
from clausewise.web.privacy import HEADERS
from clausewise.web.server import create_app
from clausewise.web.who import COOKIE

QUESTION = "May a dog chase through the gate?"
BINARY = {"\ufffd"}
LINE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")  # ends a line, or is none of a text's


def toml(text: str) -> str:
    return '"' + "".join(f"\\u{ord(c):04x}" if c in '"\\' or ord(c) < 32 or ord(c) == 127 else c for c in text) + '"'


def facts(number: int, payload: str) -> str:
    short = toml(payload[:120])
    return f"[schools.p{number:03}]\nname = {short}\ntrust = {short}\naliases = [{short}]\n[schools.p{number:03}.contacts]\npolicy_owner = {short}\nsafeguarding_lead = {short}\n"


def policy(payload: str) -> str:
    line = LINE.sub(" ", payload)
    return f"# {line} Dogs Policy\n\n## Gate {line}\n\n1.1 No dog may chase {line} through the gate.\n\n- a dog {line} chase\n\n| {line} | gate |\n| --- | --- |\n| dog | {line} |\n"


def files(payloads: list[str]) -> dict[str, str]:
    """A school for each payload: it is in the school's name, trust, contacts and aliases, in its policy's file name, title, heading and text."""
    made = {"schools.toml": "".join(facts(number, payload) for number, payload in enumerate(payloads))}
    for number, payload in enumerate(payloads):
        name = re.sub(r"[/\x00-\x1f]", "", payload)[:40]
        made[f"p{number:03}/dogs{name}.md"] = policy(payload)
    rows = {re.sub(r"\W+", " ", payload).strip().lower()[:30]: payload for payload in payloads if re.search(r"[a-z]{3}", payload)}
    table = StringIO()
    csv.writer(table).writerows([("said", "means", "kind"), *((f"dogx{n} {said}", f"dog {n}", "thing") for n, said in enumerate(rows))])
    return made | {"thesaurus.csv": table.getvalue()}


@dataclass(frozen=True)
class Served:
    app: FastAPI
    assistant: Assistant
    conversation: str

    @property
    def client(self) -> TestClient:
        return TestClient(self.app, cookies={COOKIE: TOKEN}, raise_server_exceptions=False)


def serve(folder: Path, payloads: list[str]) -> Served:
    corpus = write(folder / "corpus", files(payloads))
    build(load_corpus(corpus, MAX_BYTES), WordsEncoder(), folder / "index")  # type: ignore[arg-type]
    assistant, kept = opened(folder / "index"), Conversations(folder / "data")
    reply = assistant.ask(QUESTION).as_dict()
    ids = [kept.begin(READER, Turn(payload, (), reply | {"answers": reply["answers"][:1]}, "c0ffee")) for payload in payloads]
    whole = kept.begin(READER, Turn(QUESTION, (), reply, "c0ffee"))
    for id, payload in zip(ids, payloads, strict=True):
        if payload.strip():
            kept.rename(READER, id, re.sub(r"\s+", " ", payload)[:80] if payload.isprintable() else "x")
    return Served(create_app(assistant, Store(folder / "data"), folder / "evals", folder / "index", corpus), assistant, whole)


@pytest.fixture(scope="module", autouse=True)
def _every_school_answers() -> Iterator[None]:
    """Not the nearest of them alone, so that each payload is in an answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clausewise.assistant.MOST", len(PAYLOADS))
        yield


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return serve(tmp_path_factory.mktemp("hostile"), PAYLOADS)


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """The same words without their signs; the payload of which no file of text can be made stays, so that both show that a file was not read."""
    words = [re.sub("[^A-Za-z]+", " ", payload)[:120] + f" harmless {'abcdefghij'[n % 10]}{'klmnopqrstuvwxyz'[n // 10 % 16]}" for n, payload in enumerate(PAYLOADS)]
    return serve(tmp_path_factory.mktemp("harmless"), [payload if payload in BINARY else word for payload, word in zip(PAYLOADS, words, strict=True)])


def test_there_are_many_and_no_two_alike() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 200


def parts(html: str) -> set[tuple[str, str]]:
    """The elements of a page, each with its attributes."""
    return {(tag.name, name) for tag in BeautifulSoup(html, "lxml").find_all(True) for name in ("", *tag.attrs)}


def code(html: str) -> list[str]:
    """What a browser would run or follow: scripts, styles, and addresses that are not on this host."""
    page = BeautifulSoup(html, "lxml")
    found = [str(tag.string) for tag in page.find_all(["script", "style"])]
    links = [str(tag[name]) for name in ("href", "src", "action", "formaction", "data", "srcset") for tag in page.find_all(True, {name: True})]
    return found + [link for link in links if not re.match(r"[/#](?!/)|data:,$", link)]


def pages(served: Served) -> Iterator[tuple[str, str]]:
    """Name and HTML of every page that shows what others wrote."""
    client = served.client
    for path in ("/documents", "/documents?school=p001", "/compare", f"/compare?topic={QUESTION}", f"/compare?topic={QUESTION}&by=topic", "/compare/wording", "/conversations", f"/conversations/{served.conversation}", "/accessibility", "/policies", "/administration", "/api/v1"):
        answer = client.get(path)
        assert answer.status_code == (404 if path == "/policies" else 200), path
        yield path.replace(served.conversation, "ID"), answer.text
    yield "policies", "\n".join(client.get(f"/policies/{document.id}").text for document in served.assistant.documents)


@pytest.fixture(scope="module")
def shown(hostile: Served) -> dict[str, str]:
    return dict(pages(hostile))


def test_no_page_gets_an_element_an_attribute_or_a_script_from_what_is_written(shown: dict[str, str], harmless: Served) -> None:
    for path, plain in pages(harmless):
        assert (path, parts(shown[path]) - parts(plain)) == (path, set())
        assert (path, set(code(shown[path])) - set(code(plain))) == (path, set())


@pytest.mark.parametrize("path", ["policies", "documents", "compare", "conversations"])
def test_it_is_there_as_text(hostile: Served, shown: dict[str, str], path: str) -> None:
    html = {"policies": shown["policies"], "documents": shown["/documents"], "compare": shown[f"/compare?topic={QUESTION}"], "conversations": shown["/conversations"]}[path]
    told = folded(BeautifulSoup(html, "lxml").get_text())
    missing = [payload for payload in PAYLOADS if (path != "conversations" or payload.isprintable()) and not LINE.search(payload) and folded(payload)[:60] not in told]
    assert missing == []


def folded(text: str) -> str:
    return "".join(re.sub(r"[\s\ufffd\ufffe\ufeff]+", "", text).split())


@pytest.mark.slow
@pytest.mark.parametrize("form", ["xlsx", "csv", "md", "docx", "html", "json"])
def test_a_file_holds_it_as_text(hostile: Served, form: str) -> None:
    schools = hostile.assistant.schools[:: 12 if form == "docx" else 4]  # a file of all takes minutes
    answer = hostile.client.get(f"/compare/file.{form}", params={"topics": "mobile-devices", "school": [school.id for school in schools]})
    assert answer.status_code == 200
    if form == "xlsx":
        cells = [cell for sheet in load_workbook(BytesIO(answer.content)) for row in sheet.iter_rows() for cell in row]
        assert [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink] == []
        assert [cell.value for cell in cells if isinstance(cell.value, str) and cell.value[0] in "=+-@" and not cell.quotePrefix] == []
    elif form == "csv":
        cells = [cell for row in csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline="")) for cell in row]
        assert [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@")] == []
    elif form == "json":
        assert {school["name"] for school in json.loads(answer.text)["schools"]} == {school.name for school in schools}
    elif form == "docx":
        sound_word(answer.content)
    elif form == "md":
        sound_markdown(answer.text)
    else:
        page = BeautifulSoup(answer.text, "lxml")
        assert page.find_all(["img", "iframe", "object", "embed", "base", "svg", "math", "link"]) == []
        assert [form.attrs for form in page.find_all("form")] == [{"id": "filter", "hidden": ""}, {"method": "dialog"}]
        assert [tag for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)] == []
        assert len(page.find_all("script")) <= 1


def sound_word(content: bytes) -> None:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        links = [name for name in packed.namelist() if name.endswith(".rels")]
        told = [target for name in links for target in re.findall(r'Target="([^"]+)" TargetMode="External"', packed.read(name).decode())]
        assert [target for target in told if not target.startswith("http://testserver/policies/")] == []
        assert "<w:instrText" not in packed.read("word/document.xml").decode().replace("PAGE", "")


def sound_markdown(text: str) -> None:
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table").render(text)
    page = BeautifulSoup(html, "lxml")
    assert page.find_all(["script", "img", "iframe", "svg", "math", "style", "b", "i", "form"]) == []
    assert [link["href"] for link in page.find_all("a") if not link["href"].startswith("http://testserver/policies/")] == []


@pytest.mark.parametrize("form", ["docx", "md"])
def test_a_conversations_file_holds_it_as_text(hostile: Served, form: str) -> None:
    answer = hostile.client.get(f"/conversations/{hostile.conversation}/file.{form}")
    assert answer.status_code == 200
    sound_word(answer.content) if form == "docx" else sound_markdown(answer.text)


@pytest.mark.slow
def test_an_api_answer_stays_json_and_says_it_back(hostile: Served) -> None:
    for payload in PAYLOADS[::5]:
        for path, body in (
            ("search", {"query": payload, "school": "p001"}),
            ("ask", {"question": payload, "school": "p001", "history": [payload], "id": payload}),
            ("ask", {"question": "Dogs?", "school": payload}),
        ):
            answer = hostile.client.post(f"/api/v1/{path}", json=body)
            assert answer.headers["content-type"].startswith("application/json")
            assert answer.status_code in (200, 400, 422), (payload, answer.text)
            told = json.loads(answer.text)
            assert "error" in told or told.get("question", told.get("query")) == payload


@pytest.mark.slow
def test_a_complaint_of_it_is_kept_or_refused_in_json(hostile: Served) -> None:
    for payload in PAYLOADS[1::4]:
        body = {"question": payload, "schools": ["p001"], "history": [payload], "about": "p001", "reason": payload}
        for sent in (body, body | {"reason": "incomplete"}, {payload: payload}):
            answer = hostile.client.post("/api/feedback", json=sent)
            assert answer.status_code in (201, 400), answer.text
            assert set(json.loads(answer.text)) in ({"id"}, {"error"})


@pytest.mark.slow
def test_a_page_that_says_an_address_back_says_it_as_text(hostile: Served, harmless: Served) -> None:
    queries = [("/conversations", "search"), ("/documents", "state"), ("/compare", "topics"), ("/documents/changes", "old"), ("/account", "done")]
    for path, name in queries:
        plain = parts("".join(harmless.client.get(path, params={name: value}).text for value in ("nothing of that", "harmless 1", "")))
        for payload in PAYLOADS[:: 1 if path == "/account" else 14]:  # pages of 244 schools take long to make
            html = hostile.client.get(path, params={name: payload}).text
            assert (path, payload, parts(html) - plain) == (path, payload, set())


# the headers


@pytest.mark.parametrize("signed", [False, True])
def test_every_route_tells_browsers_to_fetch_from_here_alone(tmp_path: Path, hostile: Served, signed: bool) -> None:
    sign_in, accounts = (SignIn(("password",)) if signed else SignIn()), Accounts(tmp_path)
    app = create_app(hostile.assistant, Store(tmp_path), tmp_path, tmp_path, None, accounts, sign_in)
    client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    own, gradios = own_and_gradios(app)
    seen = 0
    for method, path in sorted(own | gradios):
        if path in STREAMS:  # they never end; all go through the same door
            continue
        for filled in expanded(path, ["x"])[:1]:
            answer = send(client, method, filled, ({}, {} if method == "POST" else None))
            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, (method, path)
            seen += 1
    assert seen > 90
    shut = dict(rule.strip().split(" ", 1) for rule in HEADERS["content-security-policy"].split(";"))
    assert {name: shut[name] for name in ("object-src", "base-uri", "frame-ancestors", "form-action")} == {"object-src": "'none'", "base-uri": "'self'", "frame-ancestors": "'none'", "form-action": "'self'"}  # fmt: skip
    assert not [word for rule in shut.values() for word in rule.split() if re.match(r"https?:|\*", word)]


# in a browser


@pytest.mark.browser
def test_nothing_of_it_runs(hostile: Served, chromium: Any) -> None:
    with serving(hostile.app) as url:
        context = chromium.new_context()
        context.add_cookies([{"name": COOKIE, "value": TOKEN, "url": url}])
        asked_for: list[str] = []
        context.on("request", lambda request: asked_for.append(request.url))
        page = context.new_page()
        page.on("dialog", lambda dialog: (asked_for.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(url)
        page.locator(".cw-start").wait_for()
        turn = ask(page, QUESTION)
        assert turn.locator(".cw-card").count() == len(PAYLOADS)
        unhurt(page)
        for payload in PAYLOADS[::20]:  # as questions, drawn as the server draws them
            ask(page, payload)
            unhurt(page)
        for path in ("conversations", f"conversations/{hostile.conversation}", "documents", f"compare?topic={QUESTION}", f"?conversation={hostile.conversation}"):
            page.goto(f"{url}/{path}")
            if path.startswith("?"):
                page.locator(".cw-turn").wait_for()
            unhurt(page)
        documents = hostile.assistant.documents
        for document in documents[:: len(documents) // 20]:
            page.goto(f"{url}/policies/{document.id}")
            unhurt(page)
        context.close()
        assert [address for address in asked_for if not re.match(r"http://127\.0\.0\.1:|data:|blob:", address)] == []


def unhurt(page: Any) -> None:
    assert page.evaluate("window.hacked") is None
