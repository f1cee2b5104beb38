"""The Compare room: what an address asks, the matrix and its files, a topic in one's own words, shared wording, and all of it in a browser."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from html import unescape
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from conftest import LARCH_DOGS, write
from fastapi import FastAPI
from fastapi.testclient import TestClient
from made import SOMEBODY, opened, write_index
from serving import serving
from starlette.datastructures import QueryParams

from clausewise import exports
from clausewise.assistant import Assistant
from clausewise.comparison import topics
from clausewise.errors import BadQuestion, BadTopics
from clausewise.index import Index
from clausewise.store import Store
from clausewise.web import compare, sharing
from clausewise.web.asked import TOPIC, Asked
from clausewise.web.compare import FILES, Room
from clausewise.web.desk import Desk
from clausewise.web.kept import Kept
from clausewise.web.server import create_app

NASTY = "<script>window.hacked = 1</script> \"&' {{7*7}}"
PHONES = """# Mobile Phone Policy

Approved: 4 May 2024. Next review: May 2026.

## 1. Pupils

1.1 {school} pupils must hand their phones to the office each morning.

1.2 Pupils {may} carry a phone on a residential trip.

## 2. Staff

2.1 Staff {keep} keep their phones in a locker during the lessons that they teach.
"""
OAK = "# Dogs Policy\n\n1.1 No dog comes through the gate of the school, <b onclick=alert(1)>{{7*7}}</b>.\n"
SCHOOLS = f"""[schools.larch]
name = "Larch Primary School"
trust = "Tree Trust"
[schools.maple]
name = "Maple High School"
trust = "Leaf & Twig Trust"
[schools.oak]
name = '''Oak {NASTY.replace("'", "’")} School'''
"""
FILES_OF = {
    "schools.toml": SCHOOLS,
    "larch/phones.md": PHONES.format(school="Larch Primary School", may="may", keep="should"),
    "larch/dogs.md": LARCH_DOGS,
    "maple/phones.md": PHONES.format(school="Maple High School", may="must not", keep="must"),
    "oak/dogs.md": OAK,
}
LIST = "".join(
    f'[[topic]]\nid = "{id}"\ntitle = "{title}"\nabout = "What of {id}?"\nquestions = ["{question}"]\n'
    for id, title, question in (
        ("trips", "Residential <i>trips</i>", "May pupils carry a phone on a residential trip?"),
        ("mornings", "Mornings", "Must pupils hand their phones to the office each morning?"),
        ("dogs", "Dogs", "May a dog come through the gate of the school?"),
    )
)
TRIPS = "May pupils carry a phone on a residential trip?"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("indexes") / "three", FILES_OF)


@pytest.fixture(scope="module")
def three(index: Path) -> Assistant:
    return opened(index)


@pytest.fixture(autouse=True)
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lists of topics that there are: one of three topics."""
    folder = write(tmp_path / "topics", {"first-steps.toml": LIST})
    monkeypatch.setattr(topics, "SHIPPED", folder)
    return folder


@pytest.fixture(scope="module")
def app(three: Assistant, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("served")
    return create_app(three, Store(folder / "data"), folder / "evals")


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, follow_redirects=False)


def shown(client: TestClient, path: str, status: int = 200) -> BeautifulSoup:
    found = client.get(path)
    assert (found.status_code, found.headers["cache-control"] in ("no-cache", "no-store")) == (status, True)
    return BeautifulSoup(found.text, "html.parser")


def told(found: Any) -> str:
    return " ".join(found.get_text(" ").split())


def fault(found: BeautifulSoup) -> str:
    (line,) = found.select(".ev-fault")
    return told(line)


# addresses


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", Asked()),
        ("topics=a&school=x&school=y&school=x", Asked("a", None, ("x", "y"))),
        ("topic=+friend+requests+", Asked(None, "friend requests", None)),
        ("topic=", Asked(None, "", None)),
        ("topic=a&school=", Asked(None, "a", ())),
        ("by=list&topics=a&topic=b&school=&school=x", Asked("a", None, ("x",))),
        ("by=words&topics=a&topic=b&school=", Asked(None, "b", ())),
    ],
)
def test_an_address_says_all_that_is_asked(query: str, asked: Asked) -> None:
    assert Asked.of(QueryParams(query)) == asked
    assert Asked.of(QueryParams(urlsplit(asked.address()).query)) == asked


@pytest.mark.parametrize(
    ("query", "short"),
    [
        ("by=list&topics=first-steps&topic=x&school=&school=larch", "/compare?topics=first-steps&school=larch"),
        ("by=words&topics=first-steps&topic=no+%26+dogs%3F&school=&school=oak&school=maple&school=larch", "/compare?topic=no+%26+dogs%3F"),
        ("by=words&topics=first-steps&topic=+&school=", "/compare?topic=&school="),
    ],
)
def test_what_the_form_sends_becomes_an_address_that_can_be_sent_on(client: TestClient, query: str, short: str) -> None:
    found = client.post("/compare", content=query)
    assert (found.status_code, found.headers["location"]) == (303, short)


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        (Asked("first-steps", None, ()), BadQuestion, "found no school to compare; choose at least one"),
        (Asked("first-steps", "dogs"), BadQuestion, "found a topic beside a list of topics; expected one or the other"),
        (Asked("second"), BadTopics, "found no list of topics 'second'; expected one of: first-steps"),
        (Asked(""), BadTopics, "found no list of topics ''; expected one of: first-steps"),
        (Asked(None, ""), BadQuestion, "found no topic; type a few words, such as: friend requests from pupils"),
        (Asked(None, "d" * (TOPIC + 1)), BadQuestion, "topic: found 501 characters; expected 500 at most"),
    ],
)
def test_what_cannot_be_compared_is_refused(asked: Asked, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as raised:
        asked.check()
    assert str(raised.value) == said


def test_an_address_opens_no_file_of_topics(client: TestClient, lists: Path) -> None:
    own = write(lists.parent, {"own.toml": LIST}) / "own.toml"
    assert topics.load_topics(own)
    assert fault(shown(client, f"/compare?topics={own}", 400)) == f"! Found no list of topics '{own}'; expected one of: first-steps"


# the form


def test_the_form_offers_schools_by_trust_and_lists_of_topics(client: TestClient) -> None:
    found = shown(client, "/compare")
    groups = [told(group.select_one("strong")) for group in found.select(".cw-group")]
    assert groups == ["Tree Trust", "Leaf & Twig Trust", "In no trust"]
    boxes = found.select("#compare [type=checkbox]")
    assert [(box["value"], box.has_attr("checked")) for box in boxes] == [("larch", True), ("maple", True), ("oak", True)]
    assert [told(option) for option in found.select("#topics option")] == ["First steps (3 topics)"]
    assert found.select(".matrix, .cards, .ev-fault") == []
    assert [link["href"] for link in found.select("main a")] == ["/compare/wording"]
    assert found.select_one("nav [aria-current=page]")["href"] == "/compare"  # type: ignore[index]


def test_schools_of_one_trust_or_none_stand_in_one_group(three: Assistant) -> None:
    larch, maple, oak = three.schools
    assert compare.groups([larch, oak]) == [("", [larch, oak])]
    assert compare.groups([larch, maple]) == [("Tree Trust", [larch]), ("Leaf & Twig Trust", [maple])]


def test_the_form_keeps_what_was_asked(client: TestClient) -> None:
    for path, by, typed in (("topics=first-steps", "list", ""), ("topic=the+dogs", "words", "the dogs"), ("topic=", "words", "")):
        found = shown(client, f"/compare?{path}&school=maple", 400 if path == "topic=" else 200)
        assert [box["value"] for box in found.select("#compare [type=checkbox][checked]")] == ["maple"]
        assert [radio["value"] for radio in found.select("[type=radio][checked]")] == [by]
        assert found.select_one("#topic")["value"] == typed  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("topics=first-steps&school=", "! Found no school to compare; choose at least one"),
        ("topics=first-steps&school=larsh", "! Found no school 'larsh' in the index; the nearest are: larch, "),
        ("topics=%3Cb%3E", "! Found no list of topics '<b>'; expected one of: first-steps"),
        ("topic=%3F%3F", "! The question is empty; expected a sentence or a few words to look for"),
    ],
)
def test_a_fault_is_one_line_over_the_form(client: TestClient, path: str, said: str) -> None:
    found = shown(client, f"/compare?{path}", 400)
    assert fault(found).startswith(said)
    assert found.select(".matrix, .cards article") == []
    assert len(found.select("#compare")) == 1


def test_a_fault_of_ours_is_logged_and_not_shown(
    client: TestClient, three: Assistant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(three, "compare", lambda *_: 1 / 0)
    assert fault(shown(client, "/compare?topic=dogs", 500)) == f"! {compare.BROKEN}"
    assert caplog.records[0].message == "no comparison"  # a topic may be anything, and is not to be kept


# what takes long


@pytest.fixture
def slow(room: Room, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[threading.Event]]:
    """The matrix waits, before each topic is told, until it is let on."""
    gates = [threading.Event() for _ in range(3)]
    made = room.desk.whole.matrix

    def matrix(topics: Any, schools: Any, tell: Any) -> Any:
        def told(done: int) -> None:
            assert gates[done - 1].wait(10)
            tell(done)

        return made(topics, schools, told)

    room.desk.whole.matrix = matrix  # type: ignore[method-assign]
    monkeypatch.setattr(compare, "PATIENCE", 0.05)
    yield gates
    for gate in gates:
        gate.set()


def waited(found: Callable[[], Any], wanted: Any) -> Any:
    """What is found, once it is what is wanted, or at the last."""
    for _ in range(200):
        if found() == wanted:
            break
        time.sleep(0.05)
    return found()


def test_a_comparison_that_takes_long_says_how_far_it_is(room: Room, slow: list[threading.Event]) -> None:
    asked, of = Asked("first-steps"), len(topics.load_topics("first-steps"))
    status, html = room.answer(asked, SOMEBODY)
    assert (status, f"0 of {of} topics done" in html, 'href="/compare">Cancel' in html) == (202, True, True)
    slow[0].set()
    assert waited(lambda: room.progress(asked, SOMEBODY), {"ready": False, "done": 1, "of": of})["done"] == 1
    for gate in slow:
        gate.set()
    assert waited(lambda: room.progress(asked, SOMEBODY)["ready"], True)
    assert room.answer(asked, SOMEBODY)[0] == 200


def test_a_comparison_that_nobody_waits_for_is_given_up(
    room: Room, slow: list[threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, calls = Asked("first-steps"), counted(room)
    assert room.answer(asked, SOMEBODY)[0] == 202
    monkeypatch.setattr("clausewise.web.working.ALONE", 0.01)
    time.sleep(0.05)
    slow[0].set()
    assert waited(lambda: room.reports.making(compare._key(asked, room.desk.whole)), False) is False
    monkeypatch.setattr("clausewise.web.working.ALONE", 10)
    for gate in slow:
        gate.set()
    assert waited(lambda: room.answer(asked, SOMEBODY)[0], 200) == 200  # asked for again, it is made anew
    assert calls == [2]


def test_one_topic_at_many_schools_says_at_how_many_it_is_done(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    gates, made = [threading.Event() for _ in range(3)], room.desk.whole.compare

    def compare_slowly(topic: str, schools: Any, tell: Any) -> Any:
        def told(done: int) -> None:
            assert gates[done - 1].wait(10)
            tell(done)

        return made(topic, schools, told)

    monkeypatch.setattr(room.desk.whole, "compare", compare_slowly)
    monkeypatch.setattr(compare, "PATIENCE", 0.05)
    asked = Asked(None, "dogs at the gate")
    status, html = room.answer(asked, SOMEBODY)
    assert (status, "0 of 3 schools done" in html, 'href="/compare">Cancel' in html) == (202, True, True)
    for done, gate in enumerate(gates[:2], start=1):
        gate.set()
        assert waited(lambda: room.progress(asked, SOMEBODY)["done"], done) == done
    monkeypatch.setattr("clausewise.web.working.ALONE", -1)  # its page was left
    gates[2].set()
    assert waited(lambda: room.reports.making(compare._key(asked, room.desk.whole)), False) is False
    monkeypatch.setattr("clausewise.web.working.ALONE", 10)
    assert waited(lambda: room.answer(asked, SOMEBODY)[0], 200) == 200


def test_what_cannot_be_compared_is_ready_to_be_told(room: Room) -> None:
    assert room.progress(Asked("no-such-list"), SOMEBODY)["ready"]


RISK = "A pupil told me her dad hits her"


def test_words_about_somebody_at_risk_get_whom_to_tell_and_stand_in_no_address(client: TestClient) -> None:
    sent = client.post("/compare", data={"by": "words", "topic": RISK, "school": ["", "larch"]})
    page = BeautifulSoup(sent.text, "html.parser")
    assert (sent.status_code, sent.headers["cache-control"], "location" in sent.headers) == (200, "no-store", False)
    assert (page.h1.get_text(), "hits" in sent.text) == ("Someone may be at risk.", False)  # type: ignore[union-attr]
    assert [line.get_text() for line in page.select(".cw-risk li")] == ["Larch Primary School: its safeguarding lead, or the headteacher"]
    typed = client.get("/compare", params={"topic": RISK})
    assert (typed.status_code, "call 999" in typed.text, ".cards" in typed.text) == (200, True, False)


# a list


def test_a_list_is_a_matrix_with_the_words_behind_each_cell(client: TestClient) -> None:
    found = shown(client, "/compare?topics=first-steps")
    assert told(found.h1) == "First steps: 3 schools compared"
    rows = [[told(row.th), *(told(cell.select_one(".word")) for cell in row.select("td"))] for row in found.select(".matrix tbody tr")]
    assert rows == [
        ["Residential <i>trips</i>", "Allowed", "Not allowed", "Does not say"],
        ["Mornings", "Required", "Required", "Does not say"],
        ["Dogs", "Depends on a condition", "Does not say", "States a fact"],
    ]
    for cell in found.select(".matrix td"):
        article = found.find(id=cell.a["href"][1:])
        assert article["data-position"] == cell["data-position"]
    assert "On 1 topic the rules quoted are marked differently: “Residential <i>trips</i>” (1 not allowed, 1 allowed, 1 silent)." in told(found)
    assert "Residential <i>trips</i>: Marked not allowed at Maple High School; allowed at Larch Primary School." in told(found)


def test_each_quote_leads_to_its_clause_in_its_document(client: TestClient) -> None:
    found = shown(client, "/compare?topics=first-steps")
    cited = {told(link): link["href"] for link in found.select(".cite a")}
    assert cited["Clause 1.2, 1. Pupils, Mobile Phone Policy"] == "/policies/maple/phones#1.2"
    assert "/policies/larch/dogs#preamble/1" in cited.values()
    assert len(found.select(".cite a")) == len(found.select(".cite")) > 9  # the nearest clauses of the silent too
    assert {link["href"] for link in found.select("#documents + .wide a")} == {
        "/policies/larch/dogs", "/policies/larch/phones", "/policies/maple/phones", "/policies/oak/dogs",
    }  # fmt: skip
    for link in found.select(".cite a"):
        path, _, anchor = link["href"].partition("#")
        assert shown(client, path).find(id=anchor) is not None


def test_the_silent_say_what_was_searched_and_what_came_nearest(client: TestClient) -> None:
    found = shown(client, "/compare?topics=first-steps&school=oak")
    silent = found.find(id="trips/oak")
    assert f"Searched for, in words that are ours and not the policy’s: “{TRIPS}”." in told(silent)
    assert "Nearest, which does not count as an answer: No dog comes through the gate of the school, <b onclick" in told(silent)


def test_the_schools_stand_in_the_order_of_the_address(client: TestClient) -> None:
    heads = shown(client, "/compare?topics=first-steps&school=maple&school=larch").select(".matrix thead th")
    assert [told(head) for head in heads] == ["Topic", "Maple High School", "Larch Primary School"]


def test_the_page_and_the_exported_file_draw_one_matrix(client: TestClient) -> None:
    page = client.get("/compare?topics=first-steps").text
    file = client.get("/compare/file.html?topics=first-steps").text
    for part in (r'<table class="matrix".*?</table>', r'<ul class="differences">.*?</ul>', r'<dl class="legend">.*?</dl>', r'<form id="filter".*?</form>'):
        (one,), (other,) = (re.findall(part, html, re.S) for html in (page, file))
        assert one == other
    exported = BeautifulSoup(file, "html.parser")
    assert [quote.get_text() for quote in exported.select(".said")] == [quote.get_text() for quote in BeautifulSoup(page, "html.parser").select(".said")]
    assert exported.select(".cite a, #documents + .wide a") == []  # it may be opened anywhere
    assert exported.select_one(".cite code").get_text() == "larch/phones#1.2"  # type: ignore[union-attr]
    assert [client.get(path).headers["content-type"] for path in ("/comparison.css", "/comparison.js", "/compare.css", "/compare.js")] == [
        "text/css; charset=utf-8", "text/javascript; charset=utf-8",
    ] * 2  # fmt: skip


def test_a_list_at_too_many_schools_is_not_begun(client: TestClient, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "LISTED", 2)
    calls = counted(room)
    status, html = room.answer(Asked("first-steps"), SOMEBODY)
    said = "! Found 3 schools for a list of topics; expected 2 at most: choose fewer, or one topic in your own words"
    assert (status, fault(BeautifulSoup(html, "html.parser")), calls) == (400, said, [0])
    assert fault(shown(client, "/compare/file.csv?topics=first-steps", 400)) == said
    assert len(shown(client, "/compare?topics=first-steps&school=larch&school=oak").select(".matrix tbody td")) == 6


def test_what_others_write_is_text(client: TestClient) -> None:
    for path in ("topics=first-steps", "topic=%3Cscript%3Ewindow.hacked+%3D+2%3C%2Fscript%3E+dogs+at+the+gate"):
        found = shown(client, f"/compare?{path}")
        assert "window.hacked = 1" in told(found)
        assert [script.get("src") for script in found.find_all("script") if "hacked" in script.get_text()] == []
        assert found.find_all(["i", "b", "img"]) == []


class Later(date):
    @classmethod
    def today(cls) -> date:  # type: ignore[override]
        return date(2099, 1, 1)


def counted(room: Room) -> list[int]:
    """How often the desk's assistant made a matrix."""
    made, calls = room.desk.whole.matrix, [0]

    def matrix(*args: Any) -> Any:
        calls[0] += 1
        return made(*args)

    room.desk.whole.matrix = matrix  # type: ignore[method-assign]
    return calls


@pytest.fixture
def room(index: Path) -> Room:
    return Room(Desk(opened(index)))


def test_a_comparison_that_was_made_is_kept(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, asked = counted(room), Asked("first-steps")
    first = room.answer(asked, SOMEBODY)
    assert room.answer(asked, SOMEBODY) == first
    room.file(asked, "xlsx", SOMEBODY)
    room.file(asked, "csv", SOMEBODY)
    assert calls == [1]
    room.answer(Asked("first-steps", None, ("larch",)), SOMEBODY)
    assert calls == [2]
    monkeypatch.setattr(compare, "date", Later)
    assert "1 January 2099" in room.answer(asked, SOMEBODY)[1]  # reviews are held against the day
    assert calls == [3]


def test_an_index_built_anew_is_compared_anew(room: Room, tmp_path: Path) -> None:
    before = room.answer(Asked("first-steps"), SOMEBODY)[1]
    changed = {**FILES_OF, "maple/phones.md": FILES_OF["maple/phones.md"].replace("must not carry", "may carry")}
    room.desk.following.take(opened(write_index(tmp_path / "anew", changed)))
    after = room.answer(Asked("first-steps"), SOMEBODY)[1]
    assert ("✕</span> <span class=\"word\">Not allowed</span><span class=\"unseen\"> at Maple" in before) is True
    assert ("Not allowed</span><span class=\"unseen\"> at Maple" in after) is False


def test_topics_that_were_changed_are_there_at_once(room: Room, lists: Path) -> None:
    assert "Mornings" in room.answer(Asked("first-steps"), SOMEBODY)[1]
    assert b"Mornings" in room.file(Asked("first-steps"), "csv", SOMEBODY)[0]
    write(lists, {"first-steps.toml": LIST.replace("Mornings", "Each morning"), "second.toml": LIST})
    html = room.answer(Asked("first-steps"), SOMEBODY)[1]
    assert ("Mornings" in html, "Each morning" in html, "Second (3 topics)" in html) == (False, True, True)
    assert b"Each morning" in room.file(Asked("first-steps"), "csv", SOMEBODY)[0]


@pytest.mark.parametrize("query", [Asked("first-steps"), Asked(None, TRIPS)])
def test_a_quote_that_is_not_its_policys_is_never_shown(room: Room, query: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    assert room.answer(query, SOMEBODY)[0] == 200
    monkeypatch.setattr(Index, "quotable", {clause: frozenset() for clause in room.desk.whole.index.quotable})
    status, html = room.answer(query, SOMEBODY)
    assert status == 500
    assert "A quote is not what its policy says, so the answer is withheld: " in unescape(html)
    assert "on a residential trip." not in html


# files


@pytest.mark.parametrize("form", exports.FORMS)
def test_a_list_can_be_taken_along_in_each_form(client: TestClient, form: str) -> None:
    page = shown(client, "/compare?topics=first-steps&school=maple&school=larch")
    links = {link.get_text(): link["href"] for link in page.select(".cw-files a")}
    assert list(links) == [f"{name} (.{form})" for form, name in FILES.items()]
    link = links[f"{FILES[form]} (.{form})"]
    assert link == f"/compare/file.{form}?topics=first-steps&school=maple&school=larch"
    found = client.get(link)
    assert found.headers["content-type"] == exports.FORMS[form][1]
    assert re.fullmatch(rf'attachment; filename="first-steps-2-schools-\d{{4}}-\d\d-\d\d\.{form}"', found.headers["content-disposition"])
    assert found.content == client.get(link).content
    if form in ("csv", "md", "json", "html"):
        assert "must not carry a phone on a residential trip" in found.text
    else:
        assert found.content.startswith(b"PK")


def test_every_form_has_a_name_for_people() -> None:
    assert FILES.keys() == exports.FORMS.keys()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("file.pdf?topics=first-steps", "! Found file.pdf; expected one of: file.xlsx, file.docx, file.csv, file.md, file.html, file.json, "),
        ("file.xlsx?topic=dogs", "! Found file.xlsx; expected one of: "),
        ("file.xlsx", "! Found file.xlsx; expected one of: "),
        ("file.xlsx?topics=first-steps&school=", "! Found no school to compare; choose at least one"),
        ("file.xlsx?topics=first-steps&school=x", "! Found no school 'x' in the index; the nearest are: "),
    ],
)
def test_a_file_that_cannot_be_made_is_one_line(client: TestClient, path: str, said: str) -> None:
    assert fault(shown(client, f"/compare/{path}", 400)).startswith(said)


# one topic


def test_one_topic_gives_a_card_per_school_and_names_the_silent(client: TestClient) -> None:
    found = shown(client, f"/compare?topic={TRIPS.replace(' ', '+')}")
    assert told(found.h1) == f"“{TRIPS}”: 3 schools compared"
    cards = found.select(".cards article")
    assert [(card["data-school"], card["data-position"]) for card in cards] == [("larch", "permitted"), ("maple", "prohibited"), ("oak", "silent")]
    summary = told(found.select_one(".summary"))
    assert summary.startswith("2 of 3 schools’ policies answer this (1 not allowed, 1 allowed); nothing found at Oak <script>")
    said = "Maple High School ✕ Not allowed must Pupils must not carry a phone on a residential trip. Clause 1.2, 1. Pupils, Mobile Phone Policy"
    assert told(cards[1]).startswith(said)
    assert cards[1].select_one(".cite a")["href"] == "/policies/maple/phones#1.2"  # type: ignore[index]
    assert "Nearest, which does not count as an answer: No dog comes" in told(cards[2])
    assert found.select(".matrix, .cw-files, #filter, #cell, [src='/comparison.js']") == []


def test_of_many_schools_some_are_drawn_and_each_is_one_click_away(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "DRAWN", 1)
    monkeypatch.setitem(compare._environment().globals, "DRAWN", 1)
    found = shown(client, f"/compare?topic={TRIPS.replace(' ', '+')}")
    assert [card["data-school"] for card in found.select(".cards article")] == ["larch"]
    assert "The words of the first 1 of 3 schools are shown." in told(found)
    assert [told(head) for head in found.select("#stands ~ details summary")] == ["✕ Not allowed : 1 school", "✓ Allowed : 1 school", "– Does not say : 1 school"]
    links = {told(link): link["href"] for link in found.select("#stands ~ details a")}
    (card,) = shown(client, links["Maple High School"]).select(".cards article")
    assert (len(links), card["data-school"], card["data-position"]) == (3, "maple", "prohibited")
    assert told(found.select_one(".summary")).startswith("2 of 3 schools’ policies answer this (1 not allowed, 1 allowed)")


def test_a_lead_in_stands_with_its_item(tmp_path: Path) -> None:
    rule = "# Phones\n\n1.1 During lessons all members of staff must not:\n\n- lend a phone to a pupil of the school\n"
    assistant = opened(write_index(tmp_path / "led", {"elm/phones.md": rule}))
    html = Room(Desk(assistant)).answer(Asked(None, "Can staff lend a phone to a pupil of the school?"), SOMEBODY)[1]  # type: ignore[arg-type]
    card = BeautifulSoup(html, "html.parser").select_one(".cards article")
    assert "Lead-in During lessons all members of staff must not: lend a phone to a pupil of the school Clause 1.1, point 1" in told(card)


def test_of_one_school_there_is_no_summary(client: TestClient) -> None:
    found = shown(client, f"/compare?topic={TRIPS.replace(' ', '+')}&school=larch")
    assert len(found.select(".cards article")) == 1
    assert found.select(".summary") == []


# shared wording


def test_shared_wording_shows_duties_first_and_who_changed_which_words(client: TestClient) -> None:
    found = shown(client, "/compare/wording")
    assert [told(head) for head in found.select("h2")] == ["A duty was changed: 2 clauses", "Word for word: 2 clauses", "How much is shared"]
    (trip,) = [article for article in found.select(".cw-shared") if "residential" in article.get_text()]
    changed = trip.select_one(".cw-changed")
    assert told(changed.strong) == "! Changed, and with it the duty"
    assert [told(mark) for mark in trip.select("del, ins")] == ["taken out: − may", "put in: + must not"]
    assert told(changed.select_one(".cw-diff")) == "Pupils taken out: − may put in: + must not carry a phone on a residential trip."
    links = {told(link.parent): link["href"] for link in trip.select("a")}
    assert links == {
        "Larch Primary School: Clause 1.2, Mobile Phone Policy": "/policies/larch/phones#1.2",
        "Maple High School: Clause 1.2, Mobile Phone Policy": "/policies/maple/phones#1.2",
    }
    (same,) = [article for article in found.select(".cw-shared") if "hand their phones" in article.get_text()]
    assert same.select(".cw-changed") == []
    assert len(same.select("a")) == 2


def test_how_much_is_shared_is_told_both_ways(client: TestClient) -> None:
    rows = [told(row) for row in shown(client, "/compare/wording").select("tbody tr")]
    # Of Larch's five clauses of eight words and more, one is about dogs.
    assert rows == ["Maple High School Larch Primary School 100 %", "Larch Primary School Maple High School 80 %"]


def test_where_nothing_is_shared_the_page_says_so(tmp_path: Path) -> None:
    assistant = opened(write_index(tmp_path / "apart", {"elm/dogs.md": LARCH_DOGS, "fir/phones.md": FILES_OF["larch/phones.md"]}))
    status, html = sharing.Sharing(Desk(assistant)).answer(SOMEBODY)  # type: ignore[arg-type]
    assert (status, "None: no two schools here share a clause." in html, "<table" in html) == (200, True, False)


def test_what_is_shared_is_looked_for_once_an_index(three: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    room, calls, found = sharing.Sharing(Desk(three)), [], sharing.found
    monkeypatch.setattr(sharing, "found", lambda index: (calls.append(index), found(index))[1])
    assert room.answer(SOMEBODY) == room.answer(SOMEBODY)
    assert len(calls) == 1
    other = SimpleNamespace(manifest={"checksum": "2"}, schools=(), within=lambda _: other)
    room.desk.following.take(SimpleNamespace(index=other))
    assert room.answer(SOMEBODY)[0] == 500  # asked anew, of an index that cannot be read
    assert len(calls) == 2


def test_among_too_many_schools_it_asks_which_and_compares_nothing(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "AT_ONCE", 2)
    with monkeypatch.context() as patch:
        patch.setattr(sharing, "found", lambda index: 1 / 0)
        page = shown(client, "/compare/wording")
    assert [box["value"] for box in page.select("[name=school]")] == ["larch", "maple", "oak"]
    assert (page.select("[checked], .cw-shared"), "3 schools are chosen" in told(page)) == ([], True)
    chosen = shown(client, "/compare/wording?school=larch&school=maple")
    assert len(chosen.select(".cw-shared")) == 4
    assert "Of Larch Primary School and Maple High School. Choose other schools" in told(chosen)
    assert len(shown(client, "/compare/wording?school=larch&school=oak").select(".cw-shared")) == 0


def test_a_trust_of_schools_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "AT_ONCE", 2)
    facts = SCHOOLS.replace("Leaf & Twig Trust", "Tree Trust")
    room = sharing.Sharing(Desk(opened(write_index(tmp_path / "trusts", {**FILES_OF, "schools.toml": facts}))))
    (link,) = BeautifulSoup(room.answer(SOMEBODY)[1], "html.parser").select(".cw-holders a")
    assert (told(link.parent), link["href"]) == ("Tree Trust : 2 schools", "/compare/wording?trust=Tree%20Trust")
    status, html = room.answer(SOMEBODY, trust="Tree Trust")
    assert (status, len(BeautifulSoup(html, "html.parser").select(".cw-shared"))) == (200, 4)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("school=larch", "One school alone shares nothing; choose two or more."),
        ("school=larch&school=elm", "There is no school “elm” here; choose from the list."),
        ("trust=%3Cb%3E", "There is no trust “<b>” here; choose from the list."),
    ],
)
def test_schools_that_cannot_be_compared_are_asked_for_anew(client: TestClient, query: str, said: str) -> None:
    found = shown(client, f"/compare/wording?{query}", 404)
    assert fault(found) == f"! {said}"
    assert [box["value"] for box in found.select("[name=school][checked]")] == (["larch"] if "larch" in query else [])


def test_more_than_is_shown_is_told(three: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sharing._environment().globals, "MOST", 1)
    html = sharing.Sharing(Desk(three)).answer(SOMEBODY)[1]
    found = BeautifulSoup(html, "html.parser")
    assert len(found.select(".cw-shared")) == 2
    assert "The first 1 are shown; all of them: clausewise wording" in told(found)


# what is kept


def test_what_is_being_made_is_waited_for_and_made_once() -> None:
    kept, begun, go, made = Kept[int](2), threading.Event(), threading.Event(), list[int]()

    def make() -> int:
        begun.set()
        assert go.wait(10)
        made.append(1)
        return 7

    found = list[int]()
    threads = [threading.Thread(target=lambda: found.append(kept.get("a", make))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    go.set()
    for thread in threads:
        thread.join(10)
    assert (found, made) == ([7, 7, 7], [1])


def test_what_failed_is_made_anew_and_the_oldest_goes_first() -> None:
    kept = Kept[int](2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 1) == 1
    assert [kept.get(key, lambda: 2) for key in "bac"] == [2, 1, 2]
    assert [kept.get(key, lambda: 3) for key in "acb"] == [1, 2, 3]  # b was used least lately


def test_what_is_under_way_is_not_forgotten_and_few_are_made_at_once() -> None:
    kept, go, under_way, made = Kept[str](2), threading.Event(), list[str](), list[str]()

    def make(key: str) -> str:
        under_way.append(key)
        assert go.wait(10)
        made.append(key)
        return key

    for _ in range(3):  # as five readers ask again and again
        assert [kept.soon(key, lambda key=key: make(key), 0.01) for key in "abcde"] == [None] * 5  # type: ignore[misc]
    assert sorted(under_way) == ["a", "b"]
    go.set()
    assert waited(lambda: [kept.making(key) for key in "abcde"], [False] * 5) == [False] * 5
    assert sorted(made) == list("abcde")


def test_looking_how_far_a_comparison_is_begins_none(room: Room) -> None:
    calls = counted(room)
    assert room.progress(Asked("first-steps"), SOMEBODY)["ready"]
    assert calls == [0]


# in a browser


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    with serving(app) as served:
        yield f"{served}/"


@pytest.fixture
def open_page(chromium: Any, url: str) -> Iterator[Callable[..., Any]]:
    """Opens an address in a fresh profile; afterwards, no request may have left the machine, and nothing failed."""
    contexts, asked_for, faults = list[Any](), list[str](), list[str]()

    def opened_at(path: str = "compare", scheme: str = "light", width: int = 1280, script: bool = True) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script)
        contexts.append(context)
        context.on("request", lambda request: asked_for.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.goto(url + path)
        return page

    yield opened_at
    for context in contexts:
        context.close()
    assert {urlsplit(request).hostname for request in asked_for if not request.startswith("data:")} == {"127.0.0.1"}
    assert [told for told in faults if "status of 400" not in told] == []


@pytest.mark.browser
def test_from_the_form_to_a_clause_in_its_document_by_the_keyboard(open_page: Callable[..., Any], url: str) -> None:
    page = open_page()
    page.get_by_role("checkbox", name="Oak").press("Space")
    page.get_by_role("button", name="Compare").press("Enter")
    page.wait_for_url("**/compare?topics=first-steps&school=larch&school=maple")
    page.get_by_role("link", name="Not allowed at Maple High School: Residential <i>trips</i>").press("Enter")
    dialog = page.get_by_role("dialog", name="Maple High School: Residential <i>trips</i>")
    assert dialog.locator(".said").inner_text() == "Pupils must not carry a phone on a residential trip."
    dialog.get_by_role("link", name="Clause 1.2, 1. Pupils, Mobile Phone Policy").press("Enter")
    page.wait_for_url("**/policies/maple/phones#1.2")
    target = page.locator(":target")
    assert "Pupils must not carry a phone on a residential trip." in target.inner_text()
    assert target.evaluate("e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight }")
    page.go_back()
    page.wait_for_url("**/compare?topics=first-steps&school=larch&school=maple")
    assert page.evaluate("window.hacked") is None


@pytest.mark.browser
def test_who_types_a_topic_means_it_and_hears_that_it_works(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.get_by_role("button", name="None of the schools of Leaf & Twig Trust").click()
    assert [box.is_checked() for box in page.locator("#compare [type=checkbox]").all()] == [True, False, True]
    page.get_by_role("button", name="None of the schools", exact=True).click()
    assert page.locator("#compare [type=checkbox]:checked").count() == 0
    page.get_by_role("button", name="All schools", exact=True).click()
    page.evaluate("document.forms.compare.addEventListener('submit', event => event.preventDefault(), {once: true})")
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_role("status").inner_text() == "Comparing 3 topics at 3 schools…"
    assert page.get_by_role("button", name="Compare").is_disabled()
    page.reload()
    page.get_by_label("Your topic").fill("dogs at the gate")
    assert page.get_by_role("radio", name="One topic, in your own words").is_checked()
    page.evaluate("document.forms.compare.addEventListener('submit', event => event.preventDefault(), {once: true})")
    page.get_by_label("Your topic").press("Enter")
    assert page.get_by_role("status").inner_text() == "Comparing 1 topic at 3 schools…"
    page.reload()
    page.get_by_label("Your topic").fill("dogs at the gate")
    page.get_by_label("Your topic").press("Enter")
    page.wait_for_url("**/compare?topic=dogs+at+the+gate")
    page.go_back()
    page.wait_for_url("**/compare")
    assert page.get_by_role("status").inner_text() == ""
    assert page.get_by_role("button", name="Compare").is_enabled()


@pytest.mark.browser
def test_without_scripts_the_room_works(open_page: Callable[..., Any]) -> None:
    page = open_page(script=False)
    assert page.get_by_role("button", name="None").count() == 0
    for box in page.locator("#compare [type=checkbox]").all():
        box.uncheck()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare?topics=first-steps&school=")
    assert page.get_by_role("alert").inner_text() == "! Found no school to compare; choose at least one"
    page.locator("#compare [value=maple]").check()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare?topics=first-steps&school=maple")
    page.locator(".matrix td a").first.click()
    assert page.url.endswith("#trips/maple")


@pytest.mark.browser
def test_a_file_is_saved_under_its_name(open_page: Callable[..., Any]) -> None:
    page = open_page("compare?topics=first-steps")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Spreadsheet (.xlsx)").click()
    assert re.fullmatch(r"first-steps-3-schools-\d{4}-\d\d-\d\d\.xlsx", saved.value.suggested_filename)


PAGES: Sequence[str] = ("compare", "compare?topics=first-steps", "compare?topic=dogs+at+the+gate", "compare?topics=first-steps&school=", "compare/wording")


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_the_pages_are_accessible_and_fit(open_page: Callable[..., Any], scheme: str, width: int, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for number, path in enumerate(PAGES):
        page = open_page(path, scheme, width)
        for dialog in (False, True) if number == 1 else (False,):
            if dialog:
                page.locator(".matrix td a").first.click()
            page.screenshot(path=tmp_path / f"{number}-{dialog}-{scheme}-{width}.png", full_page=True)
            assert (path, Axe().run(page).response["violations"]) == (path, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        levels = page.evaluate("[...document.querySelectorAll('main :is(h1, h2, h3, h4, h5):not(dialog *)')].map(e => +e.tagName[1])")
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
