"""The conversations' pages: one's own alone, whatever is typed stays text, and what a form does it does for its sender."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import docx
import pytest
from bs4 import BeautifulSoup
from fastapi import FastAPI
from fastapi.testclient import TestClient
from made import opened, write_index
from serving import serving

from clausewise.assistant import Assistant
from clausewise.conversations import Conversations, Turn
from clausewise.errors import UnknownConversation
from clausewise.store import Store
from clausewise.web import conversations as pages
from clausewise.web.retention import pruned
from clausewise.web.server import create_app
from clausewise.web.who import COOKIE, STRANGE

NASTY = "</h1><script>window.hacked = 1</script> \"&' ${7*7} {{7*7}}"
QUESTION = "Where must staff keep their phones during lessons?"
RULE = f"Staff keep {NASTY} in a locker during lessons."
FILES = {
    "schools.toml": '[schools.larch]\nname = "Larch <i>Primary</i> School"\n[schools.larch.contacts]\npolicy_owner = "Ms <b>Ash</b>"\n',
    "larch/phones.md": f"# Phones <b>and</b> Watches Policy\n\nApproved: 9 July 2024. Next review: May 2025.\n\n1.1 {RULE}\n",
    "maple/dogs.md": "# Dogs Policy\n\n1.1 No dog comes through the gate, except an assistance dog.\n",
}
ASKED = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)


def user(token: str) -> str:
    return f"browser:{hashlib.sha256(token.encode()).hexdigest()[:32]}"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return opened(write_index(tmp_path_factory.mktemp("indexes") / "two", FILES))


@pytest.fixture
def app(two: Assistant, tmp_path: Path) -> FastAPI:
    return create_app(two, Store(tmp_path / "data"), tmp_path / "evals")


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "data")


def client(app: FastAPI, token: str = "ann") -> TestClient:
    return TestClient(app, cookies={COOKIE: token}, follow_redirects=False)


def turn(two: Assistant, question: str = QUESTION, schools: tuple[str, ...] = (), minutes: int = 0) -> Turn:
    return Turn(question, schools, two.ask(question, schools or None).as_dict(), "c0ffee", ASKED + timedelta(minutes=minutes))


def shown(answer: Any, status: int = 200) -> BeautifulSoup:
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store")
    return BeautifulSoup(answer.text, "html.parser")


def told(found: Any) -> str:
    return " ".join(found.get_text(" ").split())


def test_where_there_is_none_the_list_says_what_to_do(app: FastAPI, kept: Conversations) -> None:
    page = shown(client(app).get("/conversations"))
    assert "There is none yet. Ask a question , and it is kept here." in told(page.main)
    assert (page.select(".cv-list"), page.select(".cv-all")) == ([], [])
    assert not kept.database.path.exists()


def test_the_list_shows_one_s_own_the_last_first(app: FastAPI, kept: Conversations, two: Assistant) -> None:
    first = kept.begin(user("ann"), turn(two, schools=("larch", "maple")))
    second = kept.begin(user("ann"), turn(two, "And dogs?", minutes=1))
    kept.add(user("ann"), second, turn(two, "And cats?", minutes=24 * 60))
    kept.begin(user("bob"), turn(two, "Bob’s own?"))
    page = shown(client(app).get("/conversations"))
    lines = page.select(".cv-list > li")
    assert [told(line.h2) for line in lines] == ["And dogs?", QUESTION]
    assert [told(line.select_one(".ev-meta")) for line in lines] == [
        "4 November 2026 · 2 questions · All schools",
        "3 November 2026 · 1 question · Larch <i>Primary</i> School and Maple",
    ]
    assert [line.h2.a["href"] for line in lines] == [f"/conversations/{second}", f"/conversations/{first}"]
    assert [line.select_one("a.cv-act")["href"] for line in lines] == [f"/?conversation={second}", f"/?conversation={first}"]
    assert page.select_one(".cw-nav a[aria-current]")["href"] == "/"
    assert "Bob" not in told(page)


@pytest.mark.parametrize(("search", "found"), [("DOGS", ["And dogs?"]), ("cats", ["And dogs?"]), ("%", []), (NASTY, [])])
def test_the_list_is_searched(app: FastAPI, kept: Conversations, two: Assistant, search: str, found: list[str]) -> None:
    kept.begin(user("ann"), turn(two))
    id = kept.begin(user("ann"), turn(two, "And dogs?"))
    kept.add(user("ann"), id, turn(two, "And cats?"))
    page = shown(client(app).get("/conversations", params={"search": search}))
    assert [told(line) for line in page.select(".cv-list h2")] == found
    said = f"{len(found)} conversation{'' if len(found) == 1 else 's'} with “{search}”. Show all"
    assert told(page.find(role="status")) == " ".join(said.split())
    assert page.select_one("#cv-search")["value"] == search
    assert page.select(".cv-all") == []  # "all" would not be what is seen


def test_a_conversation_is_shown_whole(app: FastAPI, kept: Conversations, two: Assistant) -> None:
    id = kept.begin(user("ann"), turn(two))
    kept.add(user("ann"), id, turn(two, "Is there a swimming pool?", ("larch",), 1))
    page = shown(client(app).get(f"/conversations/{id}"))
    assert told(page.h1) == QUESTION
    assert [told(line) for line in page.select(".cv-question > h2")] == [QUESTION, "Is there a swimming pool?"]
    first, second = page.select(".cv-question")
    assert "Asked of all schools, 3 November 2026 1 of 2 schools’ policies answers this" in told(first)
    answer = first.select_one(".cv-answered")
    assert told(answer.blockquote) == RULE
    assert told(answer.select_one(".cv-cited")).startswith(
        "Clause 1.1 Phones <b>and</b> Watches Policy, Larch <i>Primary</i> School "
        "Approved 9 July 2024. Next review May 2025: overdue by "
    )
    assert answer.select_one(".cv-cited a")["href"] == "/policies/larch/phones#1.1"
    silent = second.select_one(".cv-not_covered")
    assert told(silent.h3) == "Larch <i>Primary</i> School: No clause found that answers this."
    assert "Policy owner: Ms <b>Ash</b> Closest clause, which is not an answer" in told(silent)
    assert told(page.select_one(".cv-closing")).startswith("Quoted word for word from the policies in force on 3 November 2026; reviews as of ")
    assert [link["href"].rpartition("/")[2] for link in page.select(".cv-acts a")] == [f"?conversation={id}", "file.docx", "file.md"]


def test_it_is_the_same_after_a_restart(two: Assistant, app: FastAPI, kept: Conversations, tmp_path: Path) -> None:
    id = kept.begin(user("ann"), turn(two))
    before = [client(app).get(f"/conversations/{id}{rest}").content for rest in ("", "/file.docx", "/file.md")]
    again = create_app(two, Store(tmp_path / "data"), tmp_path / "evals")
    assert [client(again).get(f"/conversations/{id}{rest}").content for rest in ("", "/file.docx", "/file.md")] == before


def test_it_is_downloaded(app: FastAPI, kept: Conversations, two: Assistant) -> None:
    id = kept.begin(user("ann"), turn(two))
    paper = client(app).get(f"/conversations/{id}/file.docx")
    assert paper.headers["content-disposition"] == 'attachment; filename="conversation.docx"'
    assert (paper.headers["content-type"], paper.headers["cache-control"]) == (pages.CONVERSATION["docx"][1], "no-store")
    opened_again = docx.Document(BytesIO(paper.content))
    assert RULE in [paragraph.text for paragraph in opened_again.paragraphs]
    links = [link.url for paragraph in opened_again.paragraphs for link in paragraph.hyperlinks]
    version = two.index.document["larch/phones"].digest[:12]  # so that the link says when the policy has moved on
    assert links[0] == f"http://testserver/policies/larch/phones?as={version}&clause=1.1#1.1"
    assert client(app).get(links[0].removeprefix("http://testserver")).status_code == 200
    text = client(app).get(f"/conversations/{id}/file.md")
    assert text.headers["content-disposition"] == 'attachment; filename="conversation.md"'
    assert f"](<{links[0]}>)" in text.text
    assert shown(client(app).get(f"/conversations/{id}/file.exe"), 404)


ROUTES = [("GET", ""), ("GET", "/file.docx"), ("GET", "/file.md"), ("POST", "/rename"), ("POST", "/delete")]


@pytest.mark.parametrize(("method", "rest"), ROUTES)
def test_somebody_else_s_is_not_there(app: FastAPI, kept: Conversations, two: Assistant, method: str, rest: str) -> None:
    id = kept.begin(user("ann"), turn(two))
    for token, named in (("bob", id), ("ann", "nowhere"), ("ann", "%25"), ("", id), ("x" * 100 + "ann", id)):
        page = shown(client(app, token).request(method, f"/conversations/{named}{rest}", data={"title": "mine"}), 404)
        assert told(page.main) == f"Not found {pages.NOT_YOURS} Your conversations Ask a question"
        assert RULE not in told(page)
    assert kept.find(user("ann"), id).title == QUESTION
    assert client(app).request(method, f"/conversations/{id}{rest}", data={"title": "Mine"}).status_code in (200, 303)


def test_it_is_renamed_and_deleted(app: FastAPI, kept: Conversations, two: Assistant) -> None:
    ann = client(app)
    ids = [kept.begin(user("ann"), turn(two)) for _ in range(3)]
    of_bob = kept.begin(user("bob"), turn(two))
    for path, data in ((f"{ids[0]}/rename", {"title": f"  For {NASTY}"}), (f"{ids[1]}/delete", {})):
        done = ann.post(f"/conversations/{path}", data=data)
        assert (done.status_code, done.headers["location"]) == (303, "/conversations")
    assert kept.find(user("ann"), ids[0]).title == f"For {NASTY}"
    with pytest.raises(UnknownConversation):
        kept.find(user("ann"), ids[1])
    assert ann.post("/conversations/delete").status_code == 303
    assert kept.all(user("ann")) == []
    assert kept.find(user("bob"), of_bob).title == QUESTION


@pytest.mark.parametrize(("title", "size"), [("", "0"), (" ", "0"), ("x" * 201, "201"), ("é<b>" * 60, "240")])
def test_a_title_that_cannot_be_one_is_told_on_the_list(app: FastAPI, kept: Conversations, two: Assistant, title: str, size: str) -> None:
    id = kept.begin(user("ann"), turn(two))
    page = shown(client(app).post(f"/conversations/{id}/rename", data={"title": title}), 400)
    assert told(page.select_one(".ev-fault")) == f"! title: found {size} characters; expected 1 to 200"
    assert kept.find(user("ann"), id).title == QUESTION


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),  # a program
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"origin": "http://testserver"}, 303),  # a browser, where the page is served without TLS
        ({"origin": "https://testserver"}, 303),  # behind what ends TLS
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://testserver.evil.example"}, 403),
        ({"origin": "http://testserver:81"}, 403),
        ({"origin": ""}, 403),
    ],
)
def test_another_site_s_page_changes_nothing(app: FastAPI, kept: Conversations, two: Assistant, headers: dict[str, str], status: int) -> None:
    ids = [kept.begin(user("ann"), turn(two)) for _ in range(2)]
    for path in (f"{ids[0]}/delete", "delete"):
        answer = client(app).post(f"/conversations/{path}", headers=headers)
        assert answer.status_code == status
        assert status == 303 or answer.json() == {"error": STRANGE}
    assert len(kept.all(user("ann"))) == (0 if status == 303 else 2)
    preflight = client(app).options(f"/conversations/{ids[0]}/delete", headers={"access-control-request-method": "POST", **headers})
    assert (preflight.status_code, "access-control-allow-origin" in preflight.headers) == (403, False)


@pytest.mark.parametrize("path", ["", "delete/all", "delete/delete/delete", "x/y"])
def test_there_is_nothing_else_to_do(app: FastAPI, kept: Conversations, two: Assistant, path: str) -> None:
    kept.begin(user("ann"), turn(two))
    assert client(app).post(f"/conversations/{path}").status_code in (404, 405)
    assert len(kept.all(user("ann"))) == 1


def test_a_form_that_is_none_is_no_fault(app: FastAPI, kept: Conversations, two: Assistant) -> None:
    id = kept.begin(user("ann"), turn(two))
    for body in (b"\xff\xfe=%ff", b"&".join([b"a=b"] * 50), b"title", b"x" * 50_000, b"title=%ED%A0%80" + b"x" * 300):
        assert client(app).post(f"/conversations/{id}/rename", content=body).status_code == 400
    assert kept.find(user("ann"), id).title == QUESTION


def test_whatever_is_typed_stays_text(app: FastAPI, kept: Conversations, two: Assistant) -> None:
    id = kept.begin(user("ann"), turn(two, f"{QUESTION} {NASTY}"))
    for title in (None, NASTY):
        if title:
            kept.rename(user("ann"), id, title)
        for path in ("", f"/{id}", f"?search={NASTY}"):
            answer = client(app).get(f"/conversations{path}")
            assert "<script>window" not in answer.text
            assert "<b>" not in answer.text
            assert "window.hacked" in told(shown(answer))
    made = client(app).get(f"/conversations/{id}/file.md").text
    assert "<script>" not in made


def test_a_store_that_cannot_be_read_is_one_line(app: FastAPI, kept: Conversations) -> None:
    kept.database.path.parent.mkdir(parents=True)
    kept.database.path.write_text("not a database, but text " * 100)
    for answer in (client(app).get("/conversations"), client(app).get("/conversations/x"), client(app).post("/conversations/x/delete")):
        assert "conversations.sqlite: found a damaged file" in told(shown(answer, 500))


def test_a_fault_is_logged_and_told_without_a_traceback(
    app: FastAPI, kept: Conversations, two: Assistant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    id = kept.begin(user("ann"), turn(two))
    monkeypatch.setattr(pages, "transcript", lambda *_: 1 / 0)
    for rest in ("", "/file.md"):
        assert pages.BROKEN in told(shown(client(app).get(f"/conversations/{id}{rest}"), 500))
    assert "ZeroDivisionError" in caplog.text


def test_old_conversations_are_deleted_when_the_server_starts_and_again(kept: Conversations, two: Assistant) -> None:
    now = datetime.now(UTC)
    old, young = (Turn("q", (), {"answers": []}, "c0ffee", now - timedelta(days=days)) for days in (9, 1))
    kept.begin("ann", old)
    stays = kept.begin("ann", young)
    emptied = threading.Event()
    prune = kept.prune

    def noted(days: int) -> int:
        count = prune(days)
        if count:
            emptied.set()
        return count

    kept.prune = noted  # type: ignore[method-assign]
    with pruned(kept, 7, every=0.01):
        assert emptied.wait(10)
        emptied.clear()
        kept.begin("ann", old)
        assert emptied.wait(10)
    assert [found.id for found in kept.all("ann")] == [stays]
    assert "retention" not in {thread.name for thread in threading.enumerate()}


def test_what_cannot_be_deleted_now_is_tried_again(kept: Conversations, caplog: pytest.LogCaptureFixture) -> None:
    kept.database.path.parent.mkdir(parents=True)
    kept.database.path.write_text("not a database, but text " * 100)
    with caplog.at_level(logging.WARNING), pruned(kept, 7):
        pass
    assert "old conversations were not deleted, and will be tried again" in caplog.text


# in a browser


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    with serving(app) as served:
        yield f"{served}/"


@pytest.fixture
def open_page(chromium: Any, url: str) -> Iterator[Callable[..., Any]]:
    """Opens an address as Ann; afterwards, no request may have left the machine, and nothing failed."""
    contexts, asked_for, faults = list[Any](), list[str](), list[str]()

    def opened_at(path: str, scheme: str = "light", width: int = 1280, script: bool = True) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script)
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.add_cookies([{"name": COOKIE, "value": "ann", "url": url}])
        context.on("request", lambda request: asked_for.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
        page.goto(url + path)
        return page

    yield opened_at
    for context in contexts:
        context.close()
    assert {urlsplit(request).hostname for request in asked_for} == {"127.0.0.1"}
    assert [told for told in faults if "status of 404" not in told] == []


def titles(page: Any) -> list[str]:
    found: list[str] = page.locator(".cv-list h2").all_inner_texts()
    return found


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_all_can_be_done_by_the_keyboard_and_without_scripts(open_page: Callable[..., Any], kept: Conversations, two: Assistant, script: bool) -> None:
    for number, question in enumerate(("First?", "Second?", "Third?")):
        kept.begin(user("ann"), turn(two, question, minutes=number))
    page = open_page("conversations", script=script)
    assert titles(page) == ["Third?", "Second?", "First?"]
    page.get_by_text("Rename: Second?").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("Renamed by hand")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Renamed by hand", exact=True).wait_for()
    assert titles(page) == ["Third?", "Renamed by hand", "First?"]
    page.get_by_text("Delete: Third?").press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Delete this conversation"
    with page.expect_navigation():  # between the two pages the link is gone as well
        page.keyboard.press("Enter")
    assert titles(page) == ["Renamed by hand", "First?"]
    page.get_by_label("Search titles and questions").fill("second")
    page.keyboard.press("Enter")
    page.get_by_text("1 conversation with “second”.").wait_for()
    assert titles(page) == ["Renamed by hand"]
    page.get_by_role("link", name="Show all").press("Enter")
    page.get_by_text("Delete all conversations").press("Enter")
    page.get_by_role("button", name="Delete all").press("Enter")
    page.get_by_text("There is none yet.").wait_for()
    assert kept.all(user("ann")) == []


@pytest.mark.browser
def test_one_is_taken_along(open_page: Callable[..., Any], kept: Conversations, two: Assistant) -> None:
    id = kept.begin(user("ann"), turn(two))
    page = open_page(f"conversations/{id}")
    with page.expect_download() as got:
        page.get_by_role("link", name="Download for Word").press("Enter")
    assert got.value.suggested_filename == "conversation.docx"
    page.get_by_role("button", name="Copy the link").press("Enter")
    page.get_by_text("Copied. Only you can open it.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.evaluate("window.print = () => { window.printed = 1 }")
    page.get_by_role("button", name="Print").press("Enter")
    assert page.evaluate("window.printed") == 1
    page.emulate_media(media="print")
    assert not page.locator(".cv-acts").is_visible()
    assert page.locator("blockquote").first.inner_text() == RULE


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_the_pages_are_accessible_and_fit(
    open_page: Callable[..., Any], kept: Conversations, two: Assistant, scheme: str, width: int, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    id = kept.begin(user("ann"), turn(two, f"{QUESTION} {'é' * 90}"))
    kept.add(user("ann"), id, turn(two, "Is there a swimming pool?", ("larch",)))
    kept.begin(user("ann"), turn(two, NASTY))
    for number, path in enumerate(("conversations", "conversations?search=pool", f"conversations/{id}", "conversations/nowhere")):
        page = open_page(path, scheme, width)
        for summary in page.locator("main summary").all():
            summary.click()
        page.screenshot(path=tmp_path / f"{number}-{scheme}-{width}.png", full_page=True)
        assert (path, Axe().run(page).response["violations"]) == (path, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        small = "[...document.querySelectorAll('main :is(.cv-act, button, input)')].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24)"
        assert page.evaluate(f"{small}.map(e => e.textContent)") == []
        levels = page.evaluate("[...document.querySelectorAll('main :is(h1, h2, h3, h4, h5)')].map(e => +e.tagName[1])")
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
        assert page.evaluate("window.hacked") is None
