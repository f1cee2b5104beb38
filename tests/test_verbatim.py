"""The first promise: every quote is the document's own words, at its own place, and stands in the file that the school supplied."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import POLICIES, ROOT

from clausewise.assistant import Assistant
from clausewise.evaluation.cases import load_suite
from clausewise.types import Quote

PLAIN = ("text", "markdown")


def fold(text: str) -> str:
    return " ".join(text.split())


def quotes_of(assistant: Assistant, suite: str) -> Iterator[tuple[str, Quote]]:
    """(school asked, quote) of every quote of every answer, the closest clauses of a silence included."""
    for case in load_suite(ROOT / "evals" / suite).cases:
        reply = assistant.ask(case.question, [case.school] if case.school else None, case.history)
        for answer in reply.answers:
            yield from ((answer.school, quote) for quote in (*answer.quotes, *answer.closest))


def check(assistant: Assistant, suite: str, corpus: Path) -> int:
    """Check every quote of a suite; how many there were."""
    files = {d.id: fold((corpus / d.path).read_text("utf-8")) for d in assistant.documents if d.format in PLAIN}
    checked = list(quotes_of(assistant, suite))
    for school, quote in checked:
        row, document = quote.as_dict(), assistant.index.document[quote.document.id]
        assert row["text"] == document.text[row["start"] : row["end"]] == quote.text
        assert row["text"] == row["text"].strip() != ""
        assert quote.clause.body.start <= row["start"] < row["end"] <= quote.clause.body.end
        assert school == document.school == quote.clause.school
        assert document.superseded_by is None
        if document.id in files:
            assert fold(quote.text) in files[document.id]
        for lead in quote.clause.lead_ins:
            assert lead.end <= row["start"]
            assert document.id not in files or fold(lead.of(document.text)) in files[document.id]
    return len(checked)


def test_every_quote_of_the_sample_suite(sample: Assistant) -> None:
    assert check(sample, "sample", ROOT / "corpus") > 200


@pytest.mark.slow
def test_every_quote_of_the_five_schools_suite(five: Assistant) -> None:
    assert all(document.format == "text" for document in five.documents)
    assert check(five, "five-schools", POLICIES) > 200


def test_every_passage_that_could_ever_be_quoted(sample: Assistant) -> None:
    """Whatever is asked, nothing else can be quoted than these."""
    files = {d.id: fold((ROOT / "corpus" / d.path).read_text("utf-8")) for d in sample.documents if d.format in PLAIN}
    plain = [p for p in sample.index.passages if p.document in files]
    assert len(plain) > 200
    for passage in plain:
        assert fold(passage.span.of(sample.index.document[passage.document].text)) in files[passage.document]


def test_every_passage_of_the_five_policies(five: Assistant) -> None:
    files = {d.id: fold((POLICIES / d.path).read_text("utf-8")) for d in five.documents}
    assert len(five.index.passages) > 400
    for passage in five.index.passages:
        assert fold(passage.span.of(five.index.document[passage.document].text)) in files[passage.document]


def test_clauses_tile_their_document(sample: Assistant) -> None:
    """No character that is not white space stands in no clause, or in two."""
    for document in sample.documents:
        spans = [c.span for c in sample.index.clauses if c.document == document.id]
        assert all(a.end <= b.start for a, b in pairwise(spans))
        left = list(document.text)
        for span in spans:
            left[span.start : span.end] = " " * (span.end - span.start)
        assert "".join(left).split() == []
