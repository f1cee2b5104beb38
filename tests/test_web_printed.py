"""A page as it is printed, over HTTP: its image, what the page around it says, and what is said where there is none."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from conftest import MAX_BYTES, WordsEncoder, write
from fastapi.testclient import TestClient
from made import SOMEBODY, opened
from PIL import Image
from test_readers_pdf import Sheet

from clausewise.building import build
from clausewise.documents import load_corpus
from clausewise.errors import NotDrawn
from clausewise.facsimile import Facsimile
from clausewise.store import Store
from clausewise.web import links, printed
from clausewise.web.desk import Desk
from clausewise.web.policies import Room
from clausewise.web.server import create_app

GATE = "/policies/rowan/gate"


def gate(folder: Path) -> None:
    sheet = Sheet(running=True)
    sheet.put("Gate & <b>Yard Policy", "title", y=20)
    sheet.put("1.1 The gate is shut at nine. Staff must:", y=40)
    sheet.put("(a) sign in & wear a badge.", x=28, y=50)
    sheet.put("1.2 Whoever comes by the gate after it was shut in the morning rings the bell at the door, and", y=265)
    sheet.add_page()
    sheet.put("waits there until a member of the staff comes to let them in, whatever the weather.", y=30)
    sheet.add_page()
    sheet.put("1.3 The gate is oiled each term.", y=30)
    sheet.save(folder, "gate.pdf")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, TestClient]:
    folder = tmp_path_factory.mktemp("printed")
    corpus = write(folder / "corpus", {"rowan/dogs.md": "# Dogs\n\n1.1 No dog comes in.\n", "rowan/yard/page/1.md": "# Odd Policy\n\nA page.\n"})
    gate(corpus / "rowan")
    build(load_corpus(corpus, MAX_BYTES), WordsEncoder(), folder / "index")  # type: ignore[arg-type]
    app = create_app(opened(folder / "index"), Store(folder / "data"), folder / "evals", folder / "index", corpus)
    return app.state.desk, TestClient(app)


@pytest.fixture
def client(served: tuple[Desk, TestClient]) -> TestClient:
    return served[1]


def told(found: Any) -> str:
    return " ".join(found.get_text(" ").split())


def shown(client: TestClient, path: str, status: int = 200) -> BeautifulSoup:
    found = client.get(path)
    assert (found.status_code, found.headers["cache-control"]) == (status, "no-cache")
    return BeautifulSoup(found.text, "html.parser")


def test_the_page_shows_the_image_and_the_words(client: TestClient) -> None:
    page = shown(client, f"{GATE}/page/1?clause=1.1/1")
    assert told(page.h1) == "Gate & <b>Yard Policy: page 1 as printed"
    assert told(page.select_one(".ev-lead")) == "Clause 1.1(a) is marked."
    image = page.select_one("figure img")
    assert image is not None
    assert image["alt"] == "Page 1 of Gate & <b>Yard Policy, Rowan, as printed. Clause 1.1(a) is marked: framed, on yellow."
    assert (image["src"], image["width"], image["height"]) == (f"{GATE}/page/1.png?clause=1.1/1", "1240", "1754")
    assert told(page.select_one("blockquote")) == "(a) sign in & wear a badge."
    assert told(page.select_one(".ev-lead-in")) == "Staff must:"
    assert [(told(link), link["href"]) for link in page.select("main a")] == [
        ("Clause 1.1(a) in the text", f"{GATE}#1.1/1"), ("Page 2 →", f"{GATE}/page/2"), ("Page 1 in full size", image["src"]),
    ]  # fmt: skip
    found = client.get(image["src"])
    assert (found.status_code, found.headers["content-type"]) == (200, "image/png")
    assert Image.open(BytesIO(found.content)).size == (1240, 1754)
    assert found.content != client.get(f"{GATE}/page/1.png").content


def test_without_a_clause_the_page_leads_to_its_place_in_the_text(client: TestClient) -> None:
    page = shown(client, f"{GATE}/page/3")
    assert page.select_one(".ev-lead, blockquote") is None
    assert [(told(link), link["href"]) for link in page.select("main a")][:2] == [
        ("This page in the text", f"{GATE}#1.3"), ("← Page 2", f"{GATE}/page/2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "clause", "line", "others"),
    [
        (1, "1.2", "Clause 1.2 is marked. The rest of it: page 2", [2]),
        (2, "1.2", "Clause 1.2 is marked. The rest of it: page 1", [1]),
        (2, "1.3", "Clause 1.3 is not on this page but here: page 3", [3]),
        (3, "1.1", "Clause 1.1 is not on this page but here: page 1", [1]),
    ],
)
def test_where_else_a_clause_stands_is_told(client: TestClient, number: int, clause: str, line: str, others: list[int]) -> None:
    lead = shown(client, f"{GATE}/page/{number}?clause={clause}").select_one(".ev-lead")
    assert lead is not None
    assert told(lead) == line
    assert [link["href"] for link in lead.select("a")] == [f"{GATE}/page/{other}?clause={clause}" for other in others]


def test_a_clause_that_is_not_found_in_print_is_not_marked(served: tuple[Desk, TestClient], monkeypatch: pytest.MonkeyPatch) -> None:
    desk, _ = served
    monkeypatch.setattr(printed, "drawn", lambda *_: Facsimile(b"png", 10, 10, 0.618))
    status, html = Room(desk).sheet("rowan/gate", "1", "1.1", SOMEBODY)
    page = BeautifulSoup(html, "html.parser")
    assert (status, told(page.select_one(".ev-lead"))) == (
        200, "Clause 1.1 is not marked: only 62% of its letters were found in print. Below are its words as they were read."
    )  # fmt: skip
    assert page.select_one("img")["alt"] == "Page 1 of Gate & <b>Yard Policy, Rowan, as printed."  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (f"{GATE}/page/4", "This policy has no page 4; its pages are 1 to 3."),
        (f"{GATE}/page/0", "This policy has no page 0; its pages are 1 to 3."),
        (f"{GATE}/page/-1", "This policy has no page -1; its pages are 1 to 3."),
        (f"{GATE}/page/%C2%B2", "This policy has no page ²; its pages are 1 to 3."),
        (f"{GATE}/page/99999999999999999999", "This policy has no page 99999999999999999999; its pages are 1 to 3."),
        (f"{GATE}/page/1?clause=9.9%3Cscript%3E", "This policy has no clause 9.9<script> now; it may have been renumbered."),
        ("/policies/rowan/dogs/page/1", "This policy is no PDF (Markdown), so it has no pages as printed."),
    ],
)
def test_what_is_not_there_is_told_in_a_line(client: TestClient, path: str, line: str) -> None:
    page = shown(client, path, 404)
    assert told(page.select_one(".ev-lead")) == line
    assert client.get(page.select_one("main a")["href"]).status_code == 200  # type: ignore[index]
    address, _, asked = path.partition("?")
    found = client.get(f"{address}.png?{asked}")
    assert (found.status_code, found.headers["content-type"], found.text) == (404, "text/plain; charset=utf-8", line)


def test_where_no_policy_is_there_is_no_page(client: TestClient) -> None:
    assert told(shown(client, "/policies/rowan/gat/page/1", 404).h1) == "Not found"
    assert client.get("/policies/rowan/gat/page/1.png").text == "There is no policy at this address."


def test_a_policy_keeps_its_address_where_that_reads_like_a_pages(client: TestClient) -> None:
    assert told(shown(client, "/policies/rowan/yard/page/1").h1) == "Odd Policy"


def test_a_file_that_has_changed_or_gone_is_told(served: tuple[Desk, TestClient], tmp_path: Path) -> None:
    desk = Desk(served[0].whole, tmp_path)
    room = Room(desk)
    gone = "The file rowan/gate.pdf is not there to be read any more; put it back, or index the policies again"
    assert room.image("rowan/gate", "1", "", SOMEBODY) == (404, gone)
    write(tmp_path, {"rowan/gate.pdf": "another"})
    changed = "The file rowan/gate.pdf has changed since the policies were indexed; index them again, or put the file back"
    assert room.image("rowan/gate", "1", "", SOMEBODY) == (404, changed)
    status, html = room.sheet("rowan/gate", "1", "1.1", SOMEBODY)
    page = BeautifulSoup(html, "html.parser")
    assert (status, told(page.select_one(".ev-fault")), page.select_one("img")) == (200, f"! {changed}", None)
    assert told(page.select_one("blockquote")) == "1.1 The gate is shut at nine. Staff must:"


def test_without_the_folder_there_are_no_links_and_the_page_says_why(served: tuple[Desk, TestClient]) -> None:
    room = Room(Desk(served[0].whole))
    assert "as printed" not in room.answer("rowan/gate", SOMEBODY)[1]
    assert room.image("rowan/gate", "1", "", SOMEBODY)[0] == 404
    assert "start it with: clausewise serve --corpus DIR" in room.sheet("rowan/gate", "1", "", SOMEBODY)[1]


def test_what_cannot_be_drawn_is_told_and_not_tried_again(served: tuple[Desk, TestClient], monkeypatch: pytest.MonkeyPatch) -> None:
    tries = list[int]()

    def refused(*_: object) -> Facsimile:
        tries.append(1)
        raise NotDrawn("Page 1 cannot be drawn.")

    monkeypatch.setattr(printed, "drawn", refused)
    room = Room(served[0])
    assert [room.image("rowan/gate", "1", "", SOMEBODY) for _ in range(2)] == [(404, "Page 1 cannot be drawn.")] * 2
    assert "Page 1 cannot be drawn." in room.sheet("rowan/gate", "1", "", SOMEBODY)[1]
    assert len(tries) == 1


def test_a_fault_of_ours_is_logged_and_not_shown(served: tuple[Desk, TestClient], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(printed, "drawn", lambda *_: 1 / 0)
    room = Room(served[0])
    status, html = room.sheet("rowan/gate", "2", "", SOMEBODY)
    assert (status, "Something went wrong here" in html, "ZeroDivisionError" in html) == (500, True, False)
    assert room.image("rowan/gate", "2", "", SOMEBODY) == (500, "Something went wrong here. The server’s log has the details.")
    assert [record.message for record in caplog.records] == ["no page '2' of /policies/'rowan/gate'", "no image of page '2' of /policies/'rowan/gate'"]


def test_the_policy_leads_to_its_pages(client: TestClient) -> None:
    page = shown(client, GATE)
    assert [(told(link), link["href"]) for link in page.select(".cw-sheet a")] == [(f"page {n} as printed", f"{GATE}/page/{n}") for n in (1, 2, 3)]
    clause = page.find(id="1.1/1")
    assert clause is not None
    assert [(told(link), link["href"]) for link in clause.select(".cw-print")] == [("Page 1 as printed", links.page("rowan/gate", 1, "rowan/gate#1.1/1"))]
    assert shown(client, "/policies/rowan/dogs").select(".cw-print, .cw-sheet a") == []
