"""Hits -> an answer or an honest silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clausewise import answering
from clausewise.answering import answer, quote
from clausewise.index import Index
from clausewise.settings import Settings
from clausewise.types import Answer, Hit, School

LARCH = School("larch", "Larch Road School")
BARE = School("bare", "Bare Lane School")


def hits(index: Index, *scores: float) -> list[Hit]:
    """The first passages of the index, as if they had been found with these scores."""
    return [Hit(passage, score, score, 0.0) for passage, score in zip(index.passages, scores, strict=False)]


@pytest.fixture
def say(small_index: Index, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """An answer of Larch Road's, at a confidence that the test sets; the threshold is 0.55."""

    def answered(*scores: float, sure: float = 0.9, settings: Settings | None = None, question: str = "Can I?") -> Answer:
        monkeypatch.setattr(answering, "confidence", lambda *_: sure)
        monkeypatch.setattr(answering, "threshold", lambda: 0.55)
        return answer(small_index, LARCH, hits(small_index, *scores), [], question, settings or Settings())

    return answered


def test_an_answer_quotes_the_passages_best_first(say: Callable[..., Answer]) -> None:
    found = say(0.8, 0.75, 0.7)
    assert (found.school, found.school_name, found.status, found.reason) == ("larch", "Larch Road School", "answered", None)
    assert (found.confidence, found.closest) == (0.9, ())
    assert [(q.text, q.clause.id, q.document.id, q.score) for q in found.quotes] == [
        ("No dog comes through the gate, except an assistance dog.", "larch/dogs#preamble/1", "larch/dogs", 0.8),
        ("Pupils must hand their phones to the office each morning.", "larch/phones#1.1", "larch/phones", 0.75),
        ("Pupils may carry a phone on a residential trip.", "larch/phones#1.2", "larch/phones", 0.7),
    ]


def test_a_quote_far_below_the_first_is_left_out(say: Callable[..., Answer]) -> None:
    assert [q.score for q in say(0.8, 0.69, 0.67).quotes] == [0.8, 0.69]


def test_no_more_quotes_than_set(say: Callable[..., Answer]) -> None:
    assert [q.score for q in say(0.8, 0.8, 0.8, 0.8).quotes] == [0.8, 0.8, 0.8]
    assert [q.score for q in say(0.8, 0.8, settings=Settings(quotes=1)).quotes] == [0.8]


def test_the_stance_is_the_first_quote_s(say: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(answering, "stance", lambda *words: asked.append(words) or "advised")
    assert say(0.8, 0.79, question="May my dog come?").stance == "advised"
    assert asked == [("No dog comes through the gate, except an assistance dog.", None, "May my dog come?")]


def test_below_the_threshold_the_policy_is_silent_and_the_nearest_clauses_are_shown(say: Callable[..., Answer]) -> None:
    found = say(0.4, 0.39, 0.38, sure=0.5)
    assert (found.status, found.reason, found.stance, found.quotes) == ("not_covered", "too_weak", None, ())
    assert [q.clause.id for q in found.closest] == ["larch/dogs#preamble/1", "larch/phones#1.1"]
    assert found.confidence == 0.5  # that it is silent


def test_confidence_is_that_the_status_is_right(say: Callable[..., Answer]) -> None:
    assert say(0.4, sure=0.2).confidence == 0.8
    assert say(0.4, sure=0.7).confidence == 0.7


def test_at_the_threshold_itself_it_answers(say: Callable[..., Answer]) -> None:
    assert say(0.4, sure=0.55).status == "answered"
    assert say(0.4, sure=0.5499).status == "not_covered"


def test_a_silence_of_no_more_clauses_than_set(say: Callable[..., Answer]) -> None:
    assert say(0.4, 0.3, sure=0.1, settings=Settings(closest=0)).closest == ()
    assert len(say(0.4, 0.3, 0.2, 0.1, sure=0.1, settings=Settings(closest=3)).closest) == 3


def test_nothing_found_is_a_silence_without_clauses(small_index: Index) -> None:
    found = answer(small_index, LARCH, [], [0.9], "Can I?", Settings())
    assert found == Answer("larch", "Larch Road School", "not_covered", "nothing_found", None, 1.0)


def test_a_school_without_policies_says_so(make_index: Callable[..., Index]) -> None:
    index = make_index({"larch/dogs.md": "# Dogs Policy\n\nDogs may come.\n", "bare/title.md": "# Cats Policy\n"})
    assert answer(index, BARE, [], [], "Can I?", Settings()).reason == "no_policies"


def test_a_quote_s_words_lead_in_and_page_are_the_document_s(make_index: Callable[..., Index]) -> None:
    index = make_index({"larch/dogs.md": "# Dogs Policy\n\n## Staff\n\n2.1 Staff must not:\n\n- walk a dog at lunch;\n- feed one.\n"})
    first = quote(index, index.passages[0], 0.123456)
    assert first.as_dict() == {
        "text": "walk a dog at lunch",
        "lead_in": "Staff must not:",
        "clause": "larch/dogs#2.1/1",
        "document": "larch/dogs",
        "title": "Dogs Policy",
        "number": None,
        "headings": ["Staff"],
        "page": None,
        "start": 48,
        "end": 67,
        "score": 0.1235,
    }
