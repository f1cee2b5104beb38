"""One pair's share in each measure: worked out by hand, and held against ir_measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import RR, R, Success, nDCG

from clausewise.evaluation.cases import Gold
from clausewise.evaluation.scoring import clauses_quoted, hit, ndcg, recall, reciprocal_rank, said, scores
from clausewise.index import Index
from clausewise.types import Answer, Quote, Span, Stance

# Bodies in oak/pets: 1.1 19-62 in two sentences, 19-33 and 34-62; 2.1 68-83 leads in 2.1/1 87-106 and 2.1/2 109-132; 3.1 138-148.
PETS = """# Pets Policy

1.1 Dogs stay out. Cats may come in on Fridays.

2.1 All staff must:

- feed the fish daily
- close the gate at night

3.1 No snakes.
"""
DOGS, FISH, GATE, SNAKES = "oak/pets#1.1", "oak/pets#2.1/1", "oak/pets#2.1/2", "oak/pets#3.1"


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    return make_index({"oak/pets.md": PETS, "elm/pets.md": PETS})


def quote(index: Index, clause: str, start: int | None = None, end: int | None = None) -> Quote:
    """The whole clause, or a stretch of its document."""
    place = index.clause[clause]
    span = place.body if start is None or end is None else Span(start, end)
    return Quote(index.document[place.document], place, span, 0.5)


def answered(*quotes: Quote, stance: Stance | None = "required") -> Answer:
    return Answer("oak", "Oak", "answered", None, stance, 0.9, quotes)


def silent(*closest: Quote) -> Answer:
    return Answer("oak", "Oak", "not_covered", "too_weak", None, 0.9, (), closest)


def shares(gold: Gold, answer: Answer | None, index: Index, ranking: Sequence[str] = ()) -> dict[str, float | None]:
    """Each measure of the pair as a ratio; a plain sum as it is."""
    found = scores(gold, "oak", answer, ranking, index)
    return {name: part if whole is None else part / whole if whole else None for name, (part, whole) in found.items()}


def test_a_right_answer_at_rank_two(index: Index) -> None:
    gold = Gold({FISH: 2, GATE: 2, DOGS: 1}, ("required",))
    found = scores(gold, "oak", answered(quote(index, SNAKES), quote(index, FISH)), [DOGS, SNAKES, FISH], index)
    assert {name: (round(part, 6), whole) for name, (part, whole) in found.items()} == {
        "overall": (0.0, 1.0),
        "silence_f1": (0.0, 0.0),
        "refused_answerable": (0.0, 1.0),
        "wrong_school": (0.0, None),
        "quotes": (2.0, None),
        "verbatim": (2.0, None),
        "hit@1": (0.0, 1.0),
        "hit@3": (1.0, 1.0),
        "MRR": (0.5, 1.0),
        "recall@5": (0.5, 1.0),  # of fish and gate, the fish
        "recall@10": (0.5, 1.0),
        # gains 1 (dogs), 0, 2 (fish) against 2, 2, 1
        "nDCG@10": (round((1 + 2 / 2) / (2 + 2 / 1.5849625 + 1 / 2), 6), 1.0),
        "char_precision@1": (0.0, 1.0),
        "char_recall@1": (0.0, 1.0),
        "char_precision": (round(19 / 29, 6), 1.0),  # the fish of fish and snakes
        "char_recall": (round(19 / 42, 6), 1.0),  # the fish of fish and gate
    }


def test_a_rightful_silence(index: Index) -> None:
    assert scores(Gold({}, ("silent",)), "oak", silent(quote(index, DOGS)), [DOGS], index) == {
        "overall": (1.0, 1.0),
        "silence_f1": (2.0, 2.0),
        "silence_precision": (1.0, 1.0),
        "silence_recall": (1.0, 1.0),
        "wrong_school": (0.0, None),
        "quotes": (1.0, None),
        "verbatim": (1.0, None),
    }


def test_a_padded_silence(index: Index) -> None:
    found = scores(Gold({DOGS: 1}, ("silent",)), "oak", answered(quote(index, DOGS)), [DOGS], index)
    assert {name: found[name] for name in found if "silence" in name} == {"silence_f1": (0.0, 1.0), "silence_recall": (0.0, 1.0)}
    assert found["overall"] == (0.0, 1.0)
    assert "refused_answerable" not in found
    assert "hit@1" not in found


def test_a_refusal_of_what_is_answered(index: Index) -> None:
    found = scores(Gold({DOGS: 2}, ("required",)), "oak", silent(quote(index, DOGS)), [DOGS], index)
    assert {name: found[name] for name in found if "silence" in name} == {"silence_f1": (0.0, 1.0), "silence_precision": (0.0, 1.0)}
    assert found["refused_answerable"] == (1.0, 1.0)
    assert (found["overall"], found["hit@1"], found["hit@3"], found["MRR"]) == ((0.0, 1.0),) * 4
    assert (found["recall@5"], found["nDCG@10"]) == ((1.0, 1.0), (1.0, 1.0))  # it was found, though not said
    assert "stance_accuracy" not in found


def test_a_missing_answer_is_nought_in_every_measure_and_no_silence(index: Index) -> None:
    found = scores(Gold({FISH: 2}, ("required",), (GATE,)), "oak", None, [], index)
    assert found == {
        **dict.fromkeys(("overall", "hit@1", "hit@3", "MRR", "recall@5", "recall@10", "nDCG@10"), (0.0, 1.0)),
        **dict.fromkeys(("char_precision@1", "char_recall@1", "char_precision", "char_recall"), (0.0, 1.0)),
        "refused_answerable": (1.0, 1.0),  # less is better, so the worst is one
        **dict.fromkeys(("wrong_school", "quotes", "verbatim"), (0.0, None)),
        "silence_f1": (0.0, 0.0),
    }
    found = scores(Gold({}, ("silent",)), "oak", None, [], index)
    assert (found["overall"], found["silence_recall"], found["silence_f1"]) == ((0.0, 1.0), (0.0, 1.0), (0.0, 1.0))
    assert "silence_precision" not in found


# stance


@pytest.mark.parametrize(
    ("stances", "stance", "accuracy"),
    [
        (("required",), "required", 1),
        (("advised", "required"), "required", 1),
        (("required",), "permitted", 0),
        (("required",), None, 0),
        (("factual", "required"), None, 1),  # "factual" is the contract's null
        (("factual", "required"), "permitted", 0),
        (("factual",), "required", None),  # a fact alone is not judged by stance
    ],
)
def test_the_stance_of_a_right_answer(stances: tuple[str, ...], stance: Stance | None, accuracy: float | None, index: Index) -> None:
    assert shares(Gold({SNAKES: 2}, stances), answered(quote(index, SNAKES), stance=stance), index).get("stance_accuracy") == accuracy


def test_the_stance_of_a_wrong_answer_is_not_judged(index: Index) -> None:
    assert "stance_accuracy" not in shares(Gold({SNAKES: 2}, ("required",)), answered(quote(index, DOGS), quote(index, SNAKES)), index)


def test_what_was_said_in_the_gold_s_words(index: Index) -> None:
    assert said(silent()) == "silent"
    assert said(answered(quote(index, DOGS), stance=None)) == "factual"
    assert said(answered(quote(index, DOGS), stance="advised")) == "advised"


# completeness


def test_an_item_without_its_lead_in_is_not_complete(index: Index) -> None:
    gold = Gold({FISH: 2}, ("required",))
    assert shares(gold, answered(quote(index, FISH)), index)["completeness"] == 1
    bare = quote(index, FISH)
    bare = replace(bare, clause=replace(bare.clause, lead_ins=()))
    assert shares(gold, answered(bare), index)["completeness"] == 0


def test_a_rule_without_what_belongs_beside_it_is_not_complete(index: Index) -> None:
    gold = Gold({DOGS: 2}, ("required",), (SNAKES, FISH))
    assert shares(gold, answered(quote(index, DOGS), quote(index, FISH), quote(index, SNAKES)), index)["completeness"] == 1
    assert shares(gold, answered(quote(index, DOGS), quote(index, FISH)), index)["completeness"] == 0
    assert "completeness" not in shares(gold, answered(quote(index, FISH), quote(index, DOGS)), index)  # the first quote is wrong
    assert "completeness" not in shares(Gold({DOGS: 2}, ("required",)), answered(quote(index, DOGS)), index)  # nothing is needed


# fidelity


def test_quotes_and_nearest_clauses_of_another_school_are_counted(index: Index) -> None:
    other = quote(index, "elm/pets#1.1")
    found = shares(Gold({DOGS: 2}, ("required",)), answered(quote(index, DOGS), other), index)
    assert (found["wrong_school"], found["quotes"], found["verbatim"]) == (1, 2, 2)
    found = shares(Gold({DOGS: 2}, ("required",)), silent(other, other), index)
    assert (found["wrong_school"], found["quotes"], found["verbatim"]) == (2, 2, 2)
    mixed = replace(quote(index, DOGS), document=other.document)  # one school's clause on another's paper
    assert shares(Gold({DOGS: 2}, ("required",)), answered(mixed), index)["wrong_school"] == 1


def test_a_quote_that_is_not_the_document_s_is_counted(index: Index) -> None:
    gold = Gold({DOGS: 2}, ("required",))
    assert shares(gold, answered(quote(index, DOGS, 19, 33), quote(index, DOGS, 34, 62)), index)["verbatim"] == 2
    cut = quote(index, DOGS, 24, 33)  # "stay out." of "Dogs stay out."
    forged = quote(index, DOGS)
    forged = replace(forged, document=replace(forged.document, text=forged.document.text.replace("out", "put")))
    found = shares(gold, answered(quote(index, DOGS), cut, forged), index)
    assert (found["quotes"], found["verbatim"], found["wrong_school"]) == (3, 1, 0)


# characters


def characters(gold: Gold, answer: Answer | None, index: Index) -> list[float | None]:
    found = shares(gold, answer, index)
    return [found[name] and round(found[name] or 0, 6) for name in ("char_precision@1", "char_recall@1", "char_precision", "char_recall")]


def test_a_clause_that_is_not_named_answers_as_a_whole(index: Index) -> None:
    gold = Gold({DOGS: 2}, ("required",))
    assert characters(gold, answered(quote(index, DOGS)), index) == [1, 1, 1, 1]
    assert characters(gold, answered(quote(index, DOGS, 19, 33)), index) == [1, round(14 / 43, 6), 1, round(14 / 43, 6)]


def test_the_stretch_that_answers_is_counted_from_the_clause_s_body(index: Index) -> None:
    gold = Gold({DOGS: 2}, ("required",), (), {DOGS: (Span(15, 43),)})  # "Cats may come in on Fridays."
    assert characters(gold, answered(quote(index, DOGS)), index) == [round(28 / 43, 6), 1, round(28 / 43, 6), 1]
    assert characters(gold, answered(quote(index, DOGS, 34, 62)), index) == [1, 1, 1, 1]
    assert characters(gold, answered(quote(index, DOGS, 19, 33)), index) == [0, 0, 0, 0]


def test_quotes_that_overlap_count_once(index: Index) -> None:
    gold = Gold({DOGS: 2}, ("required",), (), {DOGS: (Span(0, 14), Span(5, 14))})  # "Dogs stay out.", named twice over
    quotes = (quote(index, DOGS, 19, 33), quote(index, DOGS), quote(index, DOGS), quote(index, DOGS, 34, 62))
    assert characters(gold, answered(*quotes), index) == [1, 1, round(14 / 43, 6), 1]


def test_the_same_place_in_another_school_s_document_is_no_match(index: Index) -> None:
    assert characters(Gold({DOGS: 2}, ("required",)), answered(quote(index, "elm/pets#1.1")), index) == [0, 0, 0, 0]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_characters_as_counted_one_by_one(data: st.DataObject) -> None:
    """Sets of (document, offset) against the arithmetic of stretches."""
    from clausewise.evaluation.scoring import _length

    stretch = st.tuples(st.sampled_from(["a", "b"]), st.builds(lambda s, n: Span(s, s + n), st.integers(0, 20), st.integers(1, 9)))
    shown, wanted = data.draw(st.lists(stretch, max_size=6)), data.draw(st.lists(stretch, max_size=6))
    one, other = ({(document, place) for document, span in some for place in range(span.start, span.end)} for some in (shown, wanted))
    assert (_length(shown), _length(wanted)) == (len(one), len(other))
    assert _length(shown) + _length(wanted) - _length([*shown, *wanted]) == len(one & other)


# rankings


def test_closest_clauses_are_no_answer_and_a_clause_counts_once(index: Index) -> None:
    assert clauses_quoted(silent(quote(index, DOGS))) == []
    assert clauses_quoted(None) == []
    assert clauses_quoted(answered(quote(index, DOGS, 34, 62), quote(index, FISH), quote(index, DOGS, 19, 33))) == [DOGS, FISH]


@pytest.mark.parametrize(
    ("ranked", "right", "figures"),
    [
        (["a", "b", "c"], {"a"}, (1, 1, 1)),
        (["a", "b", "c"], {"c"}, (0, 1, 1 / 3)),
        (["a", "b", "c", "d"], {"d"}, (0, 0, 1 / 4)),
        (["a", "b"], {"a", "b"}, (1, 1, 1)),
        (["a"], {"z"}, (0, 0, 0)),
        ([], {"z"}, (0, 0, 0)),
    ],
)
def test_hit_and_reciprocal_rank(ranked: list[str], right: set[str], figures: tuple[float, ...]) -> None:
    wanted = frozenset(right)
    assert (hit(ranked, wanted, 1), hit(ranked, wanted, 3), reciprocal_rank(ranked, wanted)) == figures


CLAUSES = [f"c{n}" for n in range(16)]
GRADES = st.dictionaries(st.sampled_from(CLAUSES), st.integers(1, 2), min_size=1, max_size=14).filter(lambda grades: 2 in grades.values())


@settings(max_examples=200, deadline=None)
@given(ranked=st.lists(st.sampled_from(CLAUSES), unique=True, max_size=16), grades=GRADES)
def test_rankings_are_measured_as_ir_measures_does(ranked: list[str], grades: Mapping[str, int]) -> None:
    right = frozenset(clause for clause, grade in grades.items() if grade == 2)
    ours = {
        Success(rel=2) @ 1: hit(ranked, right, 1),
        Success(rel=2) @ 3: hit(ranked, right, 3),
        RR(rel=2): reciprocal_rank(ranked, right),
        R(rel=2) @ 5: recall(ranked, right, 5),
        R(rel=2) @ 10: recall(ranked, right, 10),
        nDCG @ 10: ndcg(ranked, grades, 10),
    }
    qrels = [ir_measures.Qrel("q", clause, grade) for clause, grade in grades.items()]
    run = [ir_measures.ScoredDoc("q", clause, float(-rank)) for rank, clause in enumerate(ranked)]
    theirs = ir_measures.calc_aggregate([*ours], qrels, run)
    assert theirs == pytest.approx(ours, abs=1e-6)
