"""The review radar: every date with the line that it was read from, none made up, superseded versions never counted."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, timedelta

import pytest
from conftest import MAX_BYTES, POLICIES, ROOT

from clausewise.blocks import recognise
from clausewise.comparison.radar import STATES, Entry, Standing, Stated, radar, standings, totals
from clausewise.dates import stated_dates
from clausewise.documents import load_corpus
from clausewise.types import Block, Document

TODAY = date(2026, 11, 24)


def document(text: str, name: str = "p", pages: tuple[int, ...] = ()) -> Document:
    blocks = recognise(text)
    dates = stated_dates(text, blocks)
    return Document(f"larch/{name}", "larch", "P", f"larch/{name}.txt", "text", "0" * 64, text, blocks, pages, dates=dates)


def entry(text: str, today: date = TODAY) -> Entry:
    (found,) = radar([document(text)], today)
    return found


def stated(found: Entry) -> list[Stated]:
    return [part for part in (found.approved, found.reviewed, found.next_review, found.cycle) if part]


@pytest.fixture(scope="module")
def sample() -> tuple[tuple[Document, ...], tuple[Entry, ...]]:
    documents = load_corpus(ROOT / "corpus", MAX_BYTES).documents
    return documents, radar(documents, TODAY)


# one policy


def test_all_that_a_policy_states() -> None:
    text = "# P\n\nApproved: 5 May 2025\n\nLast reviewed: 6 May 2026\n\nNext review: 5 May 2027\n"
    found = entry(text)
    assert [(s.text, s.line, s.line_start) for s in stated(found)] == [
        ("5 May 2025", "Approved: 5 May 2025", 5),
        ("6 May 2026", "Last reviewed: 6 May 2026", 27),
        ("5 May 2027", "Next review: 5 May 2027", 54),
    ]
    assert (found.state, found.days, found.text) == ("later", 162, "next review 5 May 2027")


def test_nothing_is_stated() -> None:
    found = entry("# P\n\nPupils are kind.\n")
    assert (found.state, found.days, stated(found), found.text) == ("not_stated", None, [], "no next review date stated")


@pytest.mark.parametrize(
    ("days", "state", "text"),
    [
        (-60, "overdue", "overdue by 1 month (60 days)"),
        (-3, "overdue", "overdue by 3 days"),
        (-1, "overdue", "overdue by 1 day"),
        (0, "due_soon", "due within 28 days"),
        (28, "due_soon", "due within 28 days"),
        (29, "later", ""),
    ],
)
def test_states(days: int, state: str, text: str) -> None:
    due = (TODAY + timedelta(days)).strftime("%d/%m/%Y")
    found = entry(f"Next review: {due}\n")
    assert (found.state, found.days, found.text) == (state, days, f"next review {due}" + (f": {text}" if text else ""))


def test_a_season_counts_to_its_last_day() -> None:
    assert entry("Next review: Autumn 2026\n").days == 6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Last reviewed: 15 June 2026. Review cycle: annual.", "annual"),
        ("Review frequency | every 2 years", "every 2 years"),
        ("This policy will be reviewed annually.", "annually"),
        ("The policy is reviewed every two years.", "every two years"),
    ],
)
def test_a_cycle_is_words_and_never_a_date(text: str, words: str) -> None:
    found = entry(f"{text}\n")
    assert found.cycle is not None
    assert (found.cycle.text, found.cycle.line) == (words, text)
    assert (found.state, found.next_review, found.days) == ("not_stated", None, None)
    assert found.text == f"no next review date stated; cycle stated: {words}"


@pytest.mark.parametrize(
    "text", ["The filters are reviewed annually.", "Risk assessments are reviewed every year.", "Review cycle: see the plan"]
)
def test_the_cycle_of_something_else_is_not_the_policys(text: str) -> None:
    assert entry(f"{text}\n").cycle is None


def test_a_last_review_in_the_future_is_none() -> None:
    assert entry("Last reviewed: May 2028\n\nNext review: May 2029\n").reviewed is None


def test_a_date_that_wraps_has_both_its_lines() -> None:
    text = "The governors look at this policy each year, and\ntheir next review is due on 5 May\n2027, when the head\nreports to them.\n"
    found = entry(text)
    assert found.next_review is not None
    assert found.next_review.line == "their next review is due on 5 May\n2027, when the head"
    assert found.text == "next review 5 May 2027"


def test_a_label_on_the_line_above_comes_along() -> None:
    text = "Next review:\n5 May 2027"
    blocks = (Block("paragraph", 0, len(text)),)
    (found,) = radar([dataclasses.replace(document(text), blocks=blocks, dates=stated_dates(text, blocks))], TODAY)
    assert found.next_review is not None
    assert found.next_review.line == text


def test_the_page_of_a_date() -> None:
    text = "# P\n\nApproved: 5 May 2025\n\nNext review: 5 May 2027\n"
    (found,) = radar([document(text, pages=(0, 27))], TODAY)
    assert [s.page for s in stated(found)] == [1, 2]


# the list


def test_the_order_of_the_list() -> None:
    texts = {
        "later-b": "Next review: May 2029",
        "soon": "Next review: 1 December 2026",
        "none": "Be kind.",
        "longest": "Next review: May 2019",
        "later-a": "Next review: May 2028",
        "overdue": "Next review: May 2026",
        "old": "Next review: May 2012",
    }
    documents = [document(f"{text}\n", name) for name, text in texts.items()]
    documents[-1] = dataclasses.replace(documents[-1], superseded_by="larch/soon")
    found = radar(documents, TODAY)
    assert [e.document.partition("/")[2] for e in found] == ["longest", "overdue", "soon", "none", "later-a", "later-b", "old"]
    assert totals(found) == {"overdue": 2, "due_soon": 1, "not_stated": 1, "later": 2}
    assert (found[-1].state, found[-1].days, found[-1].text) == ("superseded", None, "superseded by larch/soon")
    assert radar(documents[::-1], TODAY) == found
    untold = [dataclasses.replace(each, text="") for each in documents]
    assert standings(untold, TODAY) == tuple(Standing(entry.document, entry.state, entry.days) for entry in found)


def test_no_documents() -> None:
    assert radar([], TODAY) == ()
    assert totals([]) == {"overdue": 0, "due_soon": 0, "not_stated": 0, "later": 0}


# the sample and the five


def verbatim(documents: tuple[Document, ...], entries: tuple[Entry, ...]) -> int:
    """How many dates are shown; each stands at its offset, within its line, and is read of this document."""
    texts = {document.id: document for document in documents}
    shown = [(texts[e.document], s, s is e.cycle) for e in entries for s in stated(e)]
    for of, part, cycle in shown:
        assert of.text[part.start : part.end] == part.text
        assert of.text[part.line_start : part.line_start + len(part.line)] == part.line
        assert part.line_start <= part.start < part.end <= part.line_start + len(part.line)
        assert part.page == of.page(part.start)
        assert cycle or (part.start, part.text) in [(d.span.start, d.text) for d in of.dates]
        assert not (cycle and re.search(r"\d{4}", part.text))
    return sum(not cycle for *_, cycle in shown)


def test_the_sample(sample: tuple[tuple[Document, ...], tuple[Entry, ...]]) -> None:
    documents, entries = sample
    assert verbatim(documents, entries) == 28
    assert totals(entries) == {"overdue": 2, "due_soon": 1, "not_stated": 3, "later": 9}
    assert [(e.document, e.state, e.days) for e in entries[:3]] == [
        ("ashlar-grove/social-media-policy", "overdue", -1181),
        ("gannet-point/mobile-devices-policy", "overdue", -60),
        ("limekiln-bank/online-safety-policy", "due_soon", 0),
    ]
    assert (entries[-1].document, entries[-1].state) == ("gannet-point/social-media-policy-2022", "superseded")
    assert {e.document for e in entries} == {d.id for d in documents}


def test_the_sample_policy_that_states_nothing(sample: tuple[tuple[Document, ...], tuple[Entry, ...]]) -> None:
    (found,) = (e for e in sample[1] if e.document == "ashlar-grove/mobile-devices-policy")
    assert (found.state, stated(found)) == ("not_stated", [])


def test_the_sample_policy_that_states_a_cycle(sample: tuple[tuple[Document, ...], tuple[Entry, ...]]) -> None:
    (found,) = (e for e in sample[1] if e.document == "thornbeck-high/mobile-devices-policy")
    assert (found.state, found.next_review) == ("not_stated", None)
    assert found.text == "no next review date stated; cycle stated: annual"
    assert [s.line for s in stated(found)] == ["Last reviewed: 15 June 2026. Review cycle: annual."] * 2


def test_the_five_real_policies() -> None:
    if not POLICIES.is_dir():
        pytest.skip(f"the five schools' policies are not at {POLICIES}")
    documents = load_corpus(POLICIES, MAX_BYTES).documents
    entries = radar(documents, TODAY)
    assert verbatim(documents, entries) == 4
    assert [(e.school, e.state, e.days) for e in entries] == [
        ("primary-advantage", "overdue", -1850),
        ("corbets-tey", "overdue", -1638),
        ("coast-academies", "not_stated", None),
        ("pear-tree", "not_stated", None),
        ("wybunbury-delves", "not_stated", None),
    ]


def test_states_are_all_listed(sample: tuple[tuple[Document, ...], tuple[Entry, ...]]) -> None:
    assert {e.state for e in sample[1]} <= set(STATES)
    assert all(e.as_dict()["document"] == e.document for e in sample[1])


def test_the_lines_do_not_hang_on_blocks(sample: tuple[tuple[Document, ...], tuple[Entry, ...]]) -> None:
    """An index keeps no blocks; its radar is the corpus's."""
    documents, entries = sample
    assert radar([dataclasses.replace(document, blocks=()) for document in documents], TODAY) == entries
