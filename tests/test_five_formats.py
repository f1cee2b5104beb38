"""One policy saved in five formats is one policy: the same places, numbers, headings, lead-ins and words."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from clausewise.clauses import parse
from clausewise.documents import load_corpus
from clausewise.passages import passages
from clausewise.types import Clause, Document

DATA = Path(__file__).parent / "data" / "five_formats"
FORMATS = ("pdf", "docx", "html", "md", "txt")
NUMBERED = ["1", "1.1", "1.2", "2", "2.1", "2.2", "2.3", "3", "3.1", "3.2", "3.3", "3.4", "4", "4.1", "4.2", "4.3"]


@cache
def document(form: str) -> Document:
    with TemporaryDirectory() as folder:
        (Path(folder) / "quayside").mkdir()
        shutil.copy(DATA / f"policy.{form}", Path(folder) / "quayside")
        corpus = load_corpus(Path(folder), 10**8)
    assert corpus.failures == ()
    return corpus.documents[0]


@cache
def clauses(form: str) -> tuple[Clause, ...]:
    return parse(document(form))


def place(clause_id: str) -> str:
    return clause_id.removeprefix("quayside/policy#")


def bare(words: str) -> str:
    return " ".join(re.sub(r"[|#*]", " ", words).split())


def rules(form: str) -> list[Clause]:
    """The clauses and items of the numbered sections; the table and what stands before section 1 have tests of their own."""
    return [c for c in clauses(form) if c.kind in ("heading", "clause", "item") and (c.headings or (c.number or "").isdigit())]


@pytest.mark.parametrize("form", FORMATS)
def test_ids_are_those_of_the_markdown(form: str) -> None:
    expected = [*NUMBERED[:1], "1/1", *NUMBERED[1:9], "3.1/1", "3.1/2", "3.1/2/1", "3.1/2/2", "3.1/3", *NUMBERED[9:]]
    assert [place(c.id) for c in rules(form)] == expected == [place(c.id) for c in rules("md")]


@pytest.mark.parametrize("form", FORMATS)
def test_kinds(form: str) -> None:
    assert [c.kind for c in rules(form)] == [c.kind for c in rules("md")]


@pytest.mark.parametrize("form", FORMATS)
def test_numbers(form: str) -> None:
    assert [c.number for c in rules(form) if c.number] == NUMBERED


@pytest.mark.parametrize("form", FORMATS)
def test_heading_paths(form: str) -> None:
    assert [c.headings for c in rules(form)] == [c.headings for c in rules("md")]
    assert rules(form)[-1].headings == ("4. Breaches and review",)


@pytest.mark.parametrize("form", FORMATS)
def test_lead_ins(form: str) -> None:
    found = {place(c.id): [place(i) for i in c.lead_in_ids] for c in rules(form) if c.lead_in_ids}
    assert found == {"3.1/1": ["3.1"], "3.1/2": ["3.1"], "3.1/2/1": ["3.1", "3.1/2"], "3.1/2/2": ["3.1", "3.1/2"], "3.1/3": ["3.1"]}


@pytest.mark.parametrize("form", FORMATS)
def test_words(form: str) -> None:
    assert [bare(c.body.of(document(form).text)) for c in rules(form)] == [bare(c.body.of(document("md").text)) for c in rules("md")]


@pytest.mark.parametrize("form", FORMATS)
def test_clauses_tile_the_document(form: str) -> None:
    text, end = document(form).text, 0
    for clause in clauses(form):
        assert end <= clause.span.start <= clause.body.start < clause.body.end <= clause.span.end
        assert not text[end : clause.span.start].strip()
        end = clause.span.end
    assert not text[end:].strip()


# the table


@pytest.mark.parametrize("form", FORMATS)
def test_the_table_has_the_same_words(form: str) -> None:
    rows = [bare(c.body.of(document(form).text)) for c in clauses(form) if c.kind == "row"]
    assert rows[-3:] == [
        "Green Carry a phone and use it in the foyer",
        "Amber Use a laptop in a named room",
        "Red Carry no device while on the site",
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_the_rows_of_the_table_hang_from_its_header(form: str) -> None:
    rows = [c for c in clauses(form) if c.kind == "row"]
    assert [place(c.id) for c in rows] == ["3.4/1", "3.4/2", "3.4/3"]
    assert [[place(i) for i in c.lead_in_ids][-1:] for c in rows] == [["furniture/1"]] * 3
    assert bare(rows[0].lead_ins[-1].of(document(form).text)) == "Badge What the visitor may do"


# what stands before section 1


@pytest.mark.parametrize("form", FORMATS)
def test_title_and_dates(form: str) -> None:
    found = document(form)
    assert found.title == "Visitor Devices Policy"
    assert [place(c.id) for c in clauses(form) if c.kind == "title"] == ["visitor-devices-policy"]
    assert [(d.role, d.text) for d in found.dates] == [("approved", "5 May 2026"), ("next_review", "May 2027")]


@pytest.mark.parametrize("form", FORMATS)
def test_the_first_paragraph_has_one_id(form: str) -> None:
    assert [place(c.id) for c in clauses(form) if c.kind == "clause" and not c.headings] == ["preamble/1"]


@pytest.mark.parametrize("form", FORMATS)
def test_the_name_of_the_school_is_no_passage(form: str) -> None:
    found = passages(document(form), clauses(form))
    assert not any("Quayside" in p.span.of(document(form).text) for p in found)


@pytest.mark.parametrize("form", FORMATS)
def test_pages_are_known_where_the_format_has_them(form: str) -> None:
    pages = {place(c.id): c.page for c in clauses(form)}
    assert (pages["1.1"], pages["4.1"]) == ((1, 2) if form == "pdf" else (None, None))
