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
    return [Hit(passage, score, score, score, 0.0) for passage, score in zip(index.passages, scores, strict=False)]


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
    assert [q.score for q in say(0.8, 0.61, 0.59).quotes] == [0.8, 0.61]


def test_a_short_clause_is_quoted_whole_a_long_one_by_its_sentence(make_index: Callable[..., Index]) -> None:
    long = " ".join(["Every dog that comes in stays on a short lead at all times and with its keeper."] * 3)
    index = make_index({"larch/dogs.md": f"# Dogs Policy\n\n1.1 Dogs stay outside. Ask first.\n\n1.2 Cats may come. {long}\n"})
    shown = [quote(index, passage, 0.5).text for passage in index.passages]
    assert shown[:3] == ["Dogs stay outside. Ask first.", "Dogs stay outside. Ask first.", "Cats may come."]


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


def test_the_band_goes_by_confidence_and_by_the_lead_over_the_next_clause(say: Callable[..., Answer]) -> None:
    assert [say(0.9, second, sure=0.97).sure for second in (0.65, 0.8)] == ["high", "fair"]
    assert [say(0.9, second, sure=0.7).sure for second in (0.65, 0.78, 0.89)] == ["high", "fair", "low"]
    assert [say(0.4, sure=sure).sure for sure in (0.2, 0.45)] == ["fair", "low"]  # silences


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


# a clause that the question names


@pytest.mark.parametrize("question", ["What does clause 1.2 say?", "Is that allowed under 1.2?", "§1.2", "clauses 1.2 and 7"])
def test_a_clause_named_by_number_is_quoted_whatever_else_comes_nearer(question: str, say: Callable[..., Answer]) -> None:
    found = say(0.8, 0.79, 0.4, 0.3, sure=0.1, question=question)
    assert (found.status, found.reason, found.confidence, found.closest) == ("answered", None, 1.0, ())
    assert [(q.clause.id, q.text) for q in found.quotes] == [("larch/phones#1.2", "Pupils may carry a phone on a residential trip.")]


def test_a_section_named_by_number_is_quoted_by_its_clauses(say: Callable[..., Answer]) -> None:
    found = say(0.8, 0.7, 0.6, 0.5, question="What does section 1 say?")
    assert [q.clause.id for q in found.quotes] == ["larch/phones#1.1", "larch/phones#1.2"]


def test_a_number_that_no_clause_has_is_said_with_the_nearest_clauses(say: Callable[..., Answer]) -> None:
    found = say(0.8, 0.79, 0.4, 0.3, sure=0.99, question="What does clause 5.3 say?")
    assert (found.status, found.reason, found.stance, found.quotes) == ("not_covered", "no_such_clause", None, ())
    assert found.confidence == 1.0
    assert [q.clause.id for q in found.closest] == ["larch/dogs#preamble/1", "larch/phones#1.1"]


def test_a_number_that_is_no_clause_s_is_not_looked_for(say: Callable[..., Answer]) -> None:
    for question in ("Can year 6 use phones after 5.30pm?", "a £1.50 fine", "Who makes section 47 enquiries?"):
        assert [q.clause.id for q in say(0.8, question=question).quotes] == ["larch/dogs#preamble/1"]


def test_a_clause_that_exists_but_is_never_quoted_is_not_said_to_be_missing(make_index: Callable[..., Index]) -> None:
    """Section 2 has nothing under its heading; section 3 is not there at all."""
    index = make_index({"larch/dogs.md": "# Dogs Policy\n\n## 1 Gate\n\n1.1 Dogs stay outside.\n\n## 2 Flow chart\n"})
    assert index.clause["larch/dogs#2"].kind == "heading"
    reasons = [answer(index, LARCH, hits(index, 0.8), [], f"What does section {n} say?", Settings()).reason for n in (1, 2, 3)]
    assert reasons == [None, "too_weak", "no_such_clause"]


def test_a_number_of_another_school_or_of_a_superseded_version_does_not_count(make_index: Callable[..., Index]) -> None:
    files = {
        "larch/a-dogs-2019.md": "# Dogs Policy\n\nApproved: 3 May 2019\n\n7.1 Dogs may come in on Fridays.\n",
        "larch/b-dogs.md": "# Dogs Policy\n\nApproved: 4 June 2024\n\n1.1 Dogs stay outside the gate.\n",
        "maple/dogs.md": "# Dogs Policy\n\n8.1 Dogs may come in.\n",
    }
    index = make_index(files)
    assert {"larch/a-dogs-2019#7.1", "maple/dogs#8.1"} <= index.clause.keys()
    found = [hit for hit in hits(index, 0.8, 0.8, 0.8, 0.8) if hit.passage.school == "larch"]
    for number in ("7.1", "8.1"):
        assert answer(index, LARCH, found, [], f"clause {number}", Settings()).reason == "no_such_clause"


# a rule that refers to another

FOLLOWED = """# Phones Policy

1.1 Subject to section 3, staff keep their phones in a locker.

2.1 Pupils hand their phones in.

3.1 The site manager may carry a phone.

3.2 However, nobody may film.
"""


def followed(make_index: Callable[..., Index], monkeypatch: pytest.MonkeyPatch, text: str, *scores: float) -> list[str]:
    monkeypatch.setattr(answering, "confidence", lambda *_: 0.9)
    index = make_index({"larch/phones.md": text})
    return [q.clause.id.partition("#")[2] for q in answer(index, LARCH, hits(index, *scores), [], "Phones?", Settings()).quotes]


def test_what_the_rule_refers_to_is_quoted_last(make_index: Callable[..., Index], monkeypatch: pytest.MonkeyPatch) -> None:
    assert followed(make_index, monkeypatch, FOLLOWED, 0.9, 0.85, 0.3, 0.2) == ["1.1", "2.1", "3.1"]


def test_what_is_quoted_already_is_not_quoted_again(make_index: Callable[..., Index], monkeypatch: pytest.MonkeyPatch) -> None:
    assert followed(make_index, monkeypatch, FOLLOWED, 0.9, 0.3, 0.85) == ["1.1", "3.1"]
    exception = (
        "# Phones Policy\n\n1.1 Subject to clause 1.2, staff keep their phones in a locker.\n\n1.2 However, the caretaker may not.\n"
    )
    assert followed(make_index, monkeypatch, exception, 0.9, 0.3) == ["1.1", "1.2"]


@pytest.mark.parametrize("score", [0.3, 0.85])
def test_an_exception_is_marked_whether_it_was_found_or_fetched(
    score: float, make_index: Callable[..., Index], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "confidence", lambda *_: 0.9)
    text = "# Phones\n\n1.1 Staff keep phones in a locker.\n\n1.2 However, the caretaker may not.\n\n1.3 Pupils hand theirs in.\n"
    index = make_index({"larch/phones.md": text})
    quotes = answer(index, LARCH, hits(index, 0.9, score, 0.88), [], "Phones?", Settings()).quotes
    assert {q.clause.id.partition("#")[2]: q.exception for q in quotes} == {"1.1": False, "1.2": True, "1.3": False}


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
        "exception": False,
    }
