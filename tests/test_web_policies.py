"""The policy page: every word of the document in order, each clause at its permanent link, and what stands where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from html import unescape
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from conftest import MAX_BYTES, ROOT, WordsEncoder, write
from fastapi import FastAPI
from fastapi.testclient import TestClient
from fpdf import FPDF
from made import SOMEBODY, opened, write_index
from serving import serving
from test_web import FRIEND, FakeAssistant, answer
from test_web import shown as card

from clausewise.assistant import Assistant
from clausewise.building import build
from clausewise.clauses import parse
from clausewise.documents import load_corpus
from clausewise.store import Store
from clausewise.types import Block, Clause, Document, Span
from clausewise.web import links, paper, policies
from clausewise.web.desk import Desk
from clausewise.web.paper import Line
from clausewise.web.policies import Room
from clausewise.web.server import create_app

NASTY = "<script>window.hacked = 1</script> \"&' {{7*7}}"
ODD = 'Ash & "Bay" ü?50%'
OLD = """# Social Media Policy

Approved: 4 May 2022. Next review: May 2024.

1.1 Staff may do as they please on the pages of the school.
"""
NEW = f"""# Social Media Policy

Approved: 9 July 2024. Next review: 1 May 2025.

Contents

1. Main ........................ 2

2. Devices .................... 3

## 1. Main

1.1 When they are off duty, all members of staff must not:

- accept a friend request from a pupil;
  - nor from a former pupil of the school; or
- show {NASTY} in a post.

1.2 A member of staff who is in doubt asks the head, who writes down
what was asked and what the answer was, and keeps it.

### Parents

Staff should not be friends with parents.

## 2. Devices

| Device | Kept in |
| --- | --- |
| Tablets | The library |
| Cameras | The staff room |

## Gone

This part says nothing.
"""
FILES = {
    "schools.toml": "[schools.larch]\nname = \"Larch <i>Primary</i> School\"\n",
    "larch/social.md": NEW,
    "larch/social-2022.md": OLD,
    f"{ODD}/dogs.md": "# Dogs\n\n1.1 No dog comes through the gate of the school.\n",
}


def visits(home: Path) -> None:
    """A PDF of two pages; its bytes are the same each time."""
    sheet = FPDF()
    sheet.set_creation_date(datetime(2024, 7, 9, tzinfo=UTC))
    sheet.set_font("Helvetica", size=11)
    for lines in (("Visits Policy", "1.1 Staff sign for a phone.", "1.2 Pupils bring none."), ("1.3 Visitors leave theirs at the door.",)):
        sheet.add_page()
        for line in lines:
            sheet.cell(h=12, text=line, new_x="LMARGIN", new_y="NEXT")
    home.mkdir(exist_ok=True)
    sheet.output(str(home / "visits.pdf"))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("indexes")
    visits(write(folder / "corpus", FILES) / "rowan")
    build(load_corpus(folder / "corpus", MAX_BYTES), WordsEncoder(), folder / "two")  # type: ignore[arg-type]
    return opened(folder / "two")


@pytest.fixture(scope="module")
def app(two: Assistant, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The policies' folder is at hand, for the page of a PDF is read from it."""
    folder, beside = tmp_path_factory.mktemp("served"), tmp_path_factory.mktemp("beside")
    visits(write(beside, FILES) / "rowan")
    return create_app(two, Store(folder / "data"), folder / "evals", corpus=beside)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app)


def shown(client: TestClient, path: str, status: int = 200) -> BeautifulSoup:
    found = client.get(path)
    assert (found.status_code, found.headers["cache-control"]) == (status, "no-cache")
    return BeautifulSoup(found.text, "html.parser")


def told(found: Any) -> str:
    return " ".join(found.get_text(" ").split())


def body(page: BeautifulSoup, anchor: str) -> str:
    """The words of a clause, without its number and the link to it."""
    found = page.find(id=anchor)
    assert found is not None, anchor
    return " ".join(found.select_one(".cw-body").find(string=True).split())  # type: ignore[union-attr]


# the document


def test_each_clause_stands_at_the_address_that_its_id_says(client: TestClient, two: Assistant) -> None:
    page = shown(client, "/policies/larch/social")
    clauses = [clause for clause in two.index.clauses if clause.document == "larch/social" and clause.kind != "furniture"]
    anchors = [found["id"] for found in page.select(".cw-clause")]
    assert [anchor for anchor in anchors if not anchor.startswith("furniture")] == [clause.id.partition("#")[2] for clause in clauses]
    assert len(set(anchors)) == len(anchors)
    assert body(page, "1.1") == "When they are off duty, all members of staff must not:"
    assert body(page, "1.1/2") == f"show {NASTY} in a post."
    for link in page.select(".cw-text a"):
        assert page.find(id=link["href"][1:]) is not None


def test_the_page_holds_the_documents_words_and_no_other(client: TestClient) -> None:
    text = shown(client, "/policies/larch/social").select_one(".cw-text")
    assert text is not None
    for own in text.select("summary, .cw-here"):
        own.extract()
    marks = {"#", "##", "###", "-", "•", "|", "---"}
    words = [[word for word in source.split() if word not in marks] for source in (text.get_text(" "), NEW)]
    assert words[0] == words[1]


def test_headings_are_headings_and_stand_in_the_contents(client: TestClient) -> None:
    page = shown(client, "/policies/larch/social")
    heads = [(found.name, told(found), found["id"]) for found in page.select(".cw-text :is(h2, h3, h4)")]
    assert heads == [
        ("h2", "Social Media Policy", "social-media-policy"), ("h2", "1. Main", "1"), ("h3", "Parents", "parents"), ("h2", "2. Devices", "2"),
        ("h2", "Gone", "gone"),
    ]  # fmt: skip
    nav = [(link["href"], told(link), link.parent["class"]) for link in page.select("nav[aria-label=Contents] a")]
    assert nav == [
        ("#1", "1. Main", ["cw-deep-1"]), ("#parents", "Parents", ["cw-deep-2"]), ("#2", "2. Devices", ["cw-deep-1"]), ("#gone", "Gone", ["cw-deep-1"]),
    ]  # fmt: skip


def test_no_clause_has_an_id_of_the_pages_own(client: TestClient, tmp_path: Path) -> None:
    source = "# Policy\n\n## Main\n\nOne.\n\n## Contents\n\nTwo of them here.\n\n## Gone\n\nThree.\n"
    page = BeautifulSoup(served(tmp_path, {"elm/p.md": source}, "elm/p")[1], "html.parser")
    assert [found.name for found in page.find_all(id=["main", "gone"])] == ["h2", "h2"]
    assert page.select_one("main")["id"] == "_main"  # type: ignore[index]
    assert page.select_one(".cw-skip")["href"] == "#_main"  # type: ignore[index]


def test_items_stand_under_each_other_with_their_markers(client: TestClient) -> None:
    page = shown(client, "/policies/larch/social")
    (group,) = page.select(".cw-list")
    assert [(item["class"][1], told(item.select_one(".cw-number")), item["id"]) for item in group.select("li")] == [
        ("cw-deep-0", "•", "1.1/1"), ("cw-deep-1", "•", "1.1/1/1"), ("cw-deep-0", "•", "1.1/2"),
    ]  # fmt: skip
    assert body(page, "1.1/1/1") == "nor from a former pupil of the school; or"  # its closing words too


def test_rows_are_a_table_under_their_header(client: TestClient) -> None:
    (table,) = shown(client, "/policies/larch/social").select(".cw-text table")
    rows = [[(cell.name, cell.get("scope"), told(cell).removesuffix(" #")) for cell in row.find_all(["th", "td"])] for row in table.select("tr")]
    assert rows == [
        [("th", "col", "Device"), ("th", "col", "Kept in")],
        [("th", "row", "Tablets"), ("td", None, "The library")],
        [("th", "row", "Cameras"), ("td", None, "The staff room")],
    ]
    assert [row["id"] for row in table.select("tr")][1:] == ["2/1", "2/2"]


def test_a_printed_list_of_contents_is_folded(client: TestClient) -> None:
    (folded,) = shown(client, "/policies/larch/social").select(".cw-printed")
    assert not folded.has_attr("open")
    assert told(folded).startswith("Contents as printed Contents # 1. Main ........................ 2 #")


def test_lines_that_an_editor_wrapped_go_on(client: TestClient) -> None:
    assert body(shown(client, "/policies/larch/social"), "1.2").startswith("A member of staff who is in doubt asks the head, who writes down what was")
    assert paper._lines("Approved: May\n  Review:  July\nAnd a line that is as wide as the page was\nwent on.\tSigned") == (
        "Approved: May\nReview: July\nAnd a line that is as wide as the page was went on.\u2003Signed"
    )


# pages, and each form


def paged(text: str, pages: tuple[int, ...], *spans: tuple[str, int, int]) -> list[paper.Group]:
    document = Document("elm/p", "elm", "P", "p.pdf", "pdf", "0" * 64, text, pages=pages)
    clauses = [Clause(f"elm/p#{n}", "elm/p", "elm", kind, Span(*span), Span(*span)) for n, (kind, *span) in enumerate(spans)]  # type: ignore[arg-type]
    return paper.groups(document, clauses)


def test_pages_are_marked_where_they_begin() -> None:
    text = "One here. Two goes on overleaf. Three."
    found = paged(text, (0, 18, 32), ("clause", 0, 9), ("clause", 10, 31), ("clause", 32, 38))
    assert [(group.page, group.lines[0].text) for group in found] == [
        (1, ("One here.",)), (None, ("Two goes", 2, " on overleaf.")), (3, ("Three.",)),
    ]  # fmt: skip


def test_a_list_is_parted_where_a_page_begins() -> None:
    found = paged("a b c", (0, 2), ("item", 0, 1), ("item", 2, 3), ("item", 4, 5))
    assert [(group.form, group.page, len(group.lines)) for group in found] == [("list", 1, 1), ("list", 2, 2)]
    assert [group.page for group in paged("a b", (), ("clause", 0, 1), ("clause", 2, 3))] == [None, None]


def test_what_is_no_rule_stands_apart() -> None:
    text = "Box one. Box two. Signed: --- Note."
    kinds = (("chart", 0, 8), ("chart", 9, 17), ("signature", 18, 25), ("furniture", 26, 29), ("footnote", 30, 35))
    assert [(group.form, len(group.lines)) for group in paged(text, (), *kinds)] == [("chart", 2), ("aside", 2)]


@pytest.mark.parametrize(
    ("mark", "bullet"), [("- ", "•"), ("* ", "•"), ("\uf0b7 ", "•"), ("- · ", "•"), ("(a) ", "(a)"), ("iv. ", "iv."), ("- **", "•"), ("1. ", "1.")]
)
def test_a_marker_is_shown_as_printed_or_as_a_bullet(mark: str, bullet: str) -> None:
    document = Document("elm/p", "elm", "P", "p.md", "markdown", "0" * 64, f"{mark}No dogs.")
    item = Clause("elm/p#1/1", "elm/p", "elm", "item", Span(0, len(document.text)), Span(len(mark), len(document.text)))
    assert paper.groups(document, [item])[0].lines == (Line("1/1", "Clause 1, item 1", bullet, ("No dogs.",)),)


@pytest.mark.slow
def test_every_word_of_the_sample_corpus_is_on_its_page() -> None:
    """In five formats: text, Markdown, HTML, Word and PDF."""
    documents = load_corpus(ROOT / "corpus", MAX_BYTES).documents
    assert {document.format for document in documents} == {"text", "markdown", "html", "docx", "pdf"}
    for document in documents:
        clauses = parse(document)
        told_of = {line.anchor: line for group in paper.groups(document, clauses) for line in group.lines}
        for clause in clauses:
            if clause.kind != "furniture":
                line = told_of[links.anchor(document.id, clause.id)]
                said = " ".join([*line.cells, *(part for part in line.text if isinstance(part, str))])
                assert re.findall(r"\w+", f"{line.mark} {said}") == re.findall(r"\w+", clause.span.of(document.text)), clause.id
        assert {page for group in paper.groups(document, clauses) for page in pages_of(group)} == set(range(1, len(document.pages) + 1))


def pages_of(group: paper.Group) -> Iterator[int]:
    yield from [group.page] if group.page else []
    yield from (part for line in group.lines for part in line.text if isinstance(part, int))


# what stands above it


class Autumn(date):
    @classmethod
    def today(cls) -> date:  # type: ignore[override]
        return date(2026, 11, 21)


def test_the_top_says_whose_it_is_and_how_its_review_stands(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "date", Autumn)
    page = shown(client, "/policies/larch/social")
    assert (told(page.select_one(".cw-school")), told(page.h1)) == ("Larch <i>Primary</i> School", "Social Media Policy")
    assert [(told(fact.dt), told(fact.dd)) for fact in page.select(".cw-facts > div")] == [
        ("Approved", "9 July 2024"), ("Review", "! Next review 1 May 2025: overdue by 1 year 6 months"), ("File", "Markdown: larch/social.md"),
    ]  # fmt: skip
    assert [link["href"] for link in page.select(".cw-facts a")] == ["#preamble/1", "#preamble/1"]
    assert page.title is not None
    assert told(page.title) == "Social Media Policy, Larch <i>Primary</i> School · Clausewise"
    assert page.select_one("nav [aria-current=true]")["href"] == "/documents"  # type: ignore[index]


def test_what_a_policy_does_not_state_is_not_made_up(client: TestClient) -> None:
    page = shown(client, links.policy(f"{ODD}/dogs"))
    assert [told(fact.dd) for fact in page.select(".cw-facts > div")][:2] == ["not stated", "– No next review date stated"]
    assert page.select(".cw-facts a") == []


def test_a_version_that_was_superseded_leads_to_the_one_in_force(client: TestClient) -> None:
    old, new = shown(client, "/policies/larch/social-2022"), shown(client, "/policies/larch/social")
    assert told(old.select_one(".ev-fault")) == "! Superseded by Social Media Policy, approved 9 July 2024 . This version answers no question."
    assert old.select_one(".ev-fault a")["href"] == "/policies/larch/social"  # type: ignore[index]
    (earlier,) = new.select("main > .ev-meta")
    assert told(earlier) == "An earlier version is kept: Social Media Policy, approved 4 May 2022"
    assert earlier.a["href"] == "/policies/larch/social-2022"  # type: ignore[index]
    assert new.select(".ev-fault:not([hidden])") == []


def served(folder: Path, files: dict[str, str], path: str) -> tuple[int, str]:
    assistant = opened(write_index(write(folder, {}) / "index", files))
    return Room(Desk(assistant)).answer(path, SOMEBODY)  # type: ignore[arg-type]


def test_pages_without_text_are_told() -> None:
    text = "No dog comes in."
    document = Document("elm/p", "elm", "P", "p.pdf", "pdf", "0" * 64, text, (Block("paragraph", 0, 16),), (0, 16), (2,))
    index = SimpleNamespace(clauses_of=lambda _: parse(document), document={document.id: document}, documents_of=lambda _: [document], schools=())
    page = BeautifulSoup(policies.shown(document, index), "html.parser")  # type: ignore[arg-type]
    assert told(page.select_one("main > .ev-meta")) == "No text could be read on page 2."
    assert "PDF, 2 pages: p.pdf" in told(page)


# addresses


def test_an_odd_school_has_an_address_that_leads_to_it(client: TestClient, two: Assistant) -> None:
    clause = next(clause for clause in two.index.clauses if clause.school == ODD and clause.number)
    link = links.policy(clause.document, clause.id)
    assert link == "/policies/Ash%20%26%20%22Bay%22%20%C3%BC%3F50%25/dogs#1.1"
    assert body(shown(client, link.partition("#")[0]), "1.1") == "No dog comes through the gate of the school."


@pytest.mark.parametrize(
    ("path", "said", "nearest"),
    [
        ("larch/socal", "Larch <i>Primary</i> School has no policy at this address. It has:", "/policies/larch/social-2022"),
        ("larch", "Larch <i>Primary</i> School has no policy at this address. It has:", "/policies/larch/social-2022"),
        ("lark/social", "There is no policy at this address. The nearest are:", "/policies/larch/social"),
        ("%3Cscript%3E/social%20media", "There is no policy at this address. The nearest are:", "/policies/larch/social"),
        ("..%2f..%2fetc%2fpasswd", "There is no policy at this address. The nearest are:", None),
        ("", "There is no policy at this address. The nearest are:", None),
    ],
)
def test_where_no_policy_stands_the_nearest_are_named(client: TestClient, path: str, said: str, nearest: str | None) -> None:
    page = shown(client, f"/policies/{path}", 404)
    assert (told(page.h1), told(page.select_one(".ev-lead"))) == ("Not found", said)
    addresses = [link["href"] for link in page.select("main a")]
    assert nearest is None or nearest in addresses
    assert addresses
    assert all(client.get(link).status_code == 200 for link in addresses)


def test_of_two_versions_it_is_said_which_is_which(client: TestClient) -> None:
    names = [told(link) for link in shown(client, "/policies/larch/nowhere", 404).select("main li a")]
    name = "Social Media Policy, Larch <i>Primary</i> School"
    versions = [f"{name} (Approved 4 May 2022; larch/social-2022)", f"{name} (Approved 9 July 2024; larch/social)"]
    assert set(versions) <= set(names)
    assert len(names) == len(set(names))


def test_the_policies_of_the_index_that_answers_now_are_shown(two: Assistant, tmp_path: Path) -> None:
    desk = Desk(two)
    room = Room(desk)  # type: ignore[arg-type]
    assert room.answer("elm/dogs", SOMEBODY)[0] == 404
    desk.following.take(opened(write_index(tmp_path / "anew", {"elm/dogs.md": "# Dogs\n\n1.1 No dog comes in.\n"})))
    assert room.answer("elm/dogs", SOMEBODY)[0] == 200
    assert room.answer("larch/social", SOMEBODY)[0] == 404


def test_a_fault_of_ours_is_logged_and_not_shown(two: Assistant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(paper, "groups", lambda *_: 1 / 0)
    status, html = Room(Desk(two)).answer("larch/social", SOMEBODY)
    assert (status, policies.BROKEN in html, "ZeroDivisionError" in html) == (500, True, False)
    assert [record.message for record in caplog.records] == ["no page for /policies/'larch/social'"]


# from the chat page


def test_a_citation_in_the_chat_leads_to_its_clause() -> None:
    html = card(answer(0, "prohibited", FRIEND))
    link = BeautifulSoup(html, "html.parser").select_one("cite a")
    assert link is not None
    assert (link["href"], link["target"]) == ("/policies/ash/social-media-policy#5.3/1", "_blank")
    assert link["title"] == "Opens the policy at this clause, in a new tab"
    assert told(link) == "Clause 5.3, item 1 · Personal use › Contact with families · page 2 Social Media Policy, Ash Lane Primary School"


# in a browser


@pytest.fixture
def serve() -> Iterator[Callable[[FastAPI], str]]:
    """Serves an app; the address."""
    with ExitStack() as stack:
        yield lambda app: f"{stack.enter_context(serving(app))}/"


@pytest.fixture
def open_page(chromium: Any, serve: Callable[[FastAPI], str], app: FastAPI) -> Iterator[Callable[..., Any]]:
    """Opens an address in a fresh profile; afterwards, no request may have left the machine, and nothing failed."""
    contexts, asked_for, faults, url = list[Any](), list[str](), list[str](), serve(app)

    def opened_at(path: str, scheme: str = "light", width: int = 1280, script: bool = True) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script)
        contexts.append(context)
        context.on("request", lambda request: asked_for.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
        page.goto(url + path)
        return page

    yield opened_at
    for context in contexts:
        context.close()
    assert {urlsplit(request).hostname for request in asked_for if not request.startswith("data:")} == {"127.0.0.1"}
    assert [told for told in faults if "status of 404" not in told] == []


IN_VIEW = "e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight }"


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("anchor", ["1.1/1/1", "2/2", "parents", "gone"])
def test_the_clause_that_the_address_names_is_in_view_and_says_so(open_page: Callable[..., Any], anchor: str, script: bool) -> None:
    page = open_page(f"policies/larch/social#{anchor}", script=script)
    target = page.locator(":target")
    assert target.get_attribute("id") == anchor
    assert target.evaluate(IN_VIEW)
    where = target.locator("> :first-child") if anchor == "2/2" else target
    assert where.evaluate("e => getComputedStyle(e, '::before').content") == '"▸ This clause"'
    assert not page.locator("#_gone").is_visible()


@pytest.mark.browser
def test_a_clause_that_is_not_there_is_told(open_page: Callable[..., Any]) -> None:
    page = open_page("policies/larch/social#5.9")
    line = page.get_by_role("status")
    assert line.inner_text() == "This policy has no clause 5.9 now; it may have been renumbered."
    page.evaluate("location.hash = '1.2'")
    line.wait_for(state="hidden")
    page.evaluate("location.hash = '%3Cimg src=x onerror=alert(1)%3E%'")
    line.wait_for()
    assert line.inner_text() == "This policy has no clause %3Cimg%20src=x%20onerror=alert(1)%3E% now; it may have been renumbered."
    assert page.locator("main img").count() == 0


@pytest.mark.browser
def test_contents_and_links_to_clauses_work_by_the_keyboard(open_page: Callable[..., Any]) -> None:
    page = open_page("policies/larch/social")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the policy"
    page.get_by_role("navigation", name="Contents").get_by_role("link", name="2. Devices").press("Enter")
    assert page.url.endswith("/policies/larch/social#2")
    link = page.get_by_role("link", name="Link to Clause 1.2")
    link.focus()
    assert link.evaluate("e => getComputedStyle(e).opacity") == "1"
    page.keyboard.press("Enter")
    assert page.url.endswith("/policies/larch/social#1.2")
    page.get_by_role("link", name="9 July 2024").press("Enter")
    assert page.url.endswith("/policies/larch/social#preamble/1")
    narrow = open_page("policies/larch/social", width=390)
    contents = narrow.get_by_role("link", name="2. Devices")
    assert not contents.is_visible()
    narrow.get_by_text("Contents", exact=True).first.press("Enter")
    assert contents.is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_the_page_as_printed_is_reached_by_the_keyboard_and_left_again(open_page: Callable[..., Any], script: bool) -> None:
    page = open_page("policies/rowan/visits#1.2", width=320, script=script)
    links = page.get_by_role("link", name="Page 1 as printed", exact=True)
    assert links.count() == 1  # of the clause that the address names, and no other
    links.press("Enter")
    assert page.url.endswith("/policies/rowan/visits/page/1?clause=1.2")
    image = page.get_by_role("img", name="Page 1 of Visits Policy, Rowan, as printed. Clause 1.2 is marked: framed, on yellow.")
    assert image.evaluate("e => [e.complete, e.naturalWidth, e.width <= 320]") == [True, 1240, True]
    page.get_by_role("link", name="Page 2 →").press("Enter")
    assert page.url.endswith("/policies/rowan/visits/page/2")
    page.go_back()
    page.get_by_role("link", name="Clause 1.2 in the text").press("Enter")
    assert page.locator(":target").get_attribute("id") == "1.2"


@pytest.mark.browser
def test_from_the_chat_a_citation_opens_beside_the_conversation(chromium: Any, serve: Callable[[FastAPI], str], tmp_path: Path) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(serve(create_app(FakeAssistant(), Store(tmp_path / "data"))))
    page.get_by_label("Your question").fill("friends?")
    page.get_by_label("Your question").press("Enter")
    link = page.get_by_role("link", name="Clause 5.3, item 1 · Personal use › Contact with families · page\u00a02 Social Media Policy, Ash Lane Primary School")
    link.first.wait_for()
    with context.expect_page() as other:
        link.first.press("Enter")
    assert unescape(other.value.url).endswith("/policies/ash/social-media-policy#5.3/1")
    assert page.locator(".cw-card").count() == 3
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_the_pages_are_accessible_and_fit(open_page: Callable[..., Any], scheme: str, width: int, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for number, path in enumerate(("larch/social#1.1", "larch/social#2/1", "larch/social-2022#5.9", "nowhere", "rowan/visits#1.2", "rowan/visits/page/1?clause=1.2", "rowan/visits?as=0123456789ab&clause=1.2#1.2")):
        page = open_page(f"policies/{path}", scheme, width)
        page.screenshot(path=tmp_path / f"{number}-{scheme}-{width}.png", full_page=True)
        assert (path, Axe().run(page).response["violations"]) == (path, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        levels = page.evaluate("[...document.querySelectorAll('main :is(h1, h2, h3, h4, h5)')].map(e => +e.tagName[1])")
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
