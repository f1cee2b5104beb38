"""Measures against figures worked out by hand, and suites that are refused with file and line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clausewise.errors import BadSuite
from clausewise.evaluation import Case, Gold, evaluate, hit, load_suite, ranking, reciprocal_rank
from clausewise.types import Answer, Clause, Document, Quote, Reply, Span, Stance

TEXT = "one two three four"
DOCUMENTS = {f"{s}/p": Document(f"{s}/p", s, "Policy", f"{s}/p.txt", "text", "0" * 64, TEXT) for s in ("oak", "elm")}


def quote(clause: str) -> Quote:
    document = DOCUMENTS[clause.partition("#")[0]]
    return Quote(document, Clause(clause, document.id, document.school, "clause", Span(0, 18), Span(0, 18)), Span(4, 7), 0.5)


def said(school: str, *clauses: str, stance: Stance | None = None) -> Answer:
    return Answer(school, school, "answered", None, stance, 0.9, tuple(quote(c) for c in clauses))


def silent(school: str, *closest: str) -> Answer:
    return Answer(school, school, "not_covered", "too_weak", None, 0.9, (), tuple(quote(c) for c in closest))


@dataclass
class Assistant:
    """Answers by heart: question -> answers."""

    replies: dict[str, Sequence[Answer]]

    @property
    def index(self) -> Any:
        return SimpleNamespace(document=DOCUMENTS, clause={f"{d}#{n}": None for d in DOCUMENTS for n in range(1, 9)})

    def ask(self, question: str, schools: Sequence[str] | None = None, history: Sequence[str] = ()) -> Reply:
        answers = tuple(self.replies[question])
        return Reply(question, question, tuple(a.school for a in answers), answers)


def case(name: str, gold: dict[str, tuple[dict[str, int], list[str]]], school: str | None = "oak") -> Case:
    return Case(name, "single", name, school, (), {s: Gold(clauses, tuple(stances)) for s, (clauses, stances) in gold.items()})


def measured(cases: Sequence[Case], replies: dict[str, Sequence[Answer]]) -> dict[str, Any]:
    return dict(evaluate(("made", cases), Assistant(replies)).measures)  # type: ignore[arg-type]


RULE = ({"oak/p#1": 2, "oak/p#2": 1}, ["prohibited", "required"])
NOTHING: tuple[dict[str, int], list[str]] = ({}, ["silent"])

# Six (case, school) pairs: four have an answer, two are silent.
SUITE = [
    case("first", {"oak": RULE}),
    case("third", {"oak": RULE}),
    case("refused", {"oak": RULE}),
    case("both", {"oak": RULE, "elm": NOTHING}, school=None),
    case("padded", {"oak": NOTHING}),
]
REPLIES: dict[str, Sequence[Answer]] = {
    "first": [said("oak", "oak/p#1", "oak/p#2", stance="prohibited")],
    "third": [said("oak", "oak/p#3", "oak/p#3", "oak/p#2", "oak/p#1", stance="prohibited")],  # two quotes of one clause: rank 3
    "refused": [silent("oak", "oak/p#1")],
    "both": [said("oak", "oak/p#1", stance="permitted"), silent("elm", "elm/p#1")],
    "padded": [said("oak", "oak/p#4")],
}


def test_measures_of_a_suite_worked_out_by_hand() -> None:
    found = measured(SUITE, REPLIES)
    times = {name: found.pop(name) for name in ("latency_p50_ms", "latency_p95_ms")}
    assert found == {
        "cases": 5,
        "pairs": 6,
        "hit@1": 0.5,  # first and both, of four
        "hit@3": 0.75,  # third as well
        "MRR": 0.5833,  # (1 + 1/3 + 0 + 1) / 4
        "silence_precision": 0.5,  # said twice, right once
        "silence_recall": 0.5,  # two silent pairs, one found
        "refused_answerable": 0.25,  # one of four
        "stance_accuracy": 0.5,  # judged where the first quote is right: prohibited, permitted
        "wrong_school": 0,
        "quotes": 10,  # 2 + 4 + 1 + 1 + 1 + 1, closest ones included
        "verbatim": 10,
    }
    assert all(value >= 0 for value in times.values())


def test_misses_name_what_was_said_and_wanted() -> None:
    misses = evaluate(("made", SUITE), Assistant(REPLIES)).misses  # type: ignore[arg-type]
    assert [(m.case, m.school, m.said, m.wanted) for m in misses] == [
        ("third", "oak", "oak/p#3", "oak/p#1"),
        ("refused", "oak", "not_covered", "oak/p#1"),
        ("padded", "oak", "oak/p#4", "not_covered"),
    ]


def test_the_report_as_json() -> None:
    report = evaluate(("made", SUITE[:1]), Assistant(REPLIES))  # type: ignore[arg-type]
    found = report.as_dict()
    assert (found["suite"], found["misses"], found["measures"]["hit@1"]) == ("made", [], 1.0)
    assert json.loads(json.dumps(found)) == found


def test_a_missing_answer_counts_as_nothing_found() -> None:
    """It stays in the mean, as a zero."""
    found = measured([case("first", {"oak": RULE}), case("gone", {"oak": RULE})], {**REPLIES, "gone": []})
    assert (found["hit@1"], found["hit@3"], found["MRR"], found["pairs"]) == (0.5, 0.5, 0.5, 2)


def test_a_missing_answer_is_no_rightful_silence() -> None:
    found = measured([case("gone", {"oak": NOTHING})], {"gone": []})
    assert found["silence_recall"] == 0


def test_a_fact_answered_without_a_stance_is_right_where_the_gold_allows_a_fact() -> None:
    """ "factual" among the accepted stances is the contract's null."""
    gold = {"oak": ({"oak/p#1": 2}, ["factual", "required"])}
    assert measured([case("q", gold)], {"q": [said("oak", "oak/p#1")]})["stance_accuracy"] == 1
    assert measured([case("q", gold)], {"q": [said("oak", "oak/p#1", stance="required")]})["stance_accuracy"] == 1
    assert measured([case("q", gold)], {"q": [said("oak", "oak/p#1", stance="permitted")]})["stance_accuracy"] == 0


def test_a_fact_alone_is_not_judged_by_stance() -> None:
    gold = {"oak": ({"oak/p#1": 2}, ["factual"])}
    assert measured([case("q", gold)], {"q": [said("oak", "oak/p#1", stance="required")]})["stance_accuracy"] is None


def test_a_share_of_nothing_is_not_a_number_but_none() -> None:
    found = measured(SUITE[:1], REPLIES)
    assert (found["silence_precision"], found["silence_recall"]) == (None, None)
    assert found["refused_answerable"] == 0


def test_a_quote_of_another_school_is_counted() -> None:
    assert measured([case("q", {"oak": RULE})], {"q": [said("oak", "oak/p#1", "elm/p#1")]})["wrong_school"] == 1


def test_closest_clauses_are_no_answer() -> None:
    assert ranking(silent("oak", "oak/p#1")) == []
    assert ranking(None) == []


def test_quotes_of_one_clause_count_once() -> None:
    assert ranking(said("oak", "oak/p#2", "oak/p#1", "oak/p#2")) == ["oak/p#2", "oak/p#1"]


@pytest.mark.parametrize(
    ("ranked", "right", "figures"),
    [
        (["a", "b", "c"], {"a"}, (1, 1, 1)),
        (["a", "b", "c"], {"c"}, (0, 1, 1 / 3)),
        (["a", "b", "c", "d"], {"d"}, (0, 0, 1 / 4)),
        (["a", "b"], {"a", "b"}, (1, 1, 1)),
        (["a"], {"z"}, (0, 0, 0)),
        ([], {"z"}, (0, 0, 0)),
        (["a"], set(), (0, 0, 0)),
    ],
)
def test_hit_and_reciprocal_rank(ranked: list[str], right: set[str], figures: tuple[float, ...]) -> None:
    wanted = frozenset(right)
    assert (hit(ranked, wanted, 1), hit(ranked, wanted, 3), reciprocal_rank(ranked, wanted)) == figures


def test_only_grade_2_answers() -> None:
    assert Gold({"a": 2, "b": 1}, ("required",)).right == {"a"}


# suites


def line(**more: Any) -> str:
    row = {
        "id": "q1",
        "kind": "single",
        "question": "Dogs?",
        "school": "oak",
        "history": [],
        "gold": {"oak": {"clauses": {}, "stance": ["silent"]}},
    }
    return json.dumps({**row, **more}, ensure_ascii=False)


@pytest.fixture
def suite(tmp_path: Path) -> Callable[..., Path]:
    def written(*lines: str | bytes) -> Path:
        data = b"\n".join(item if isinstance(item, bytes) else item.encode() for item in lines)
        (tmp_path / "dogs").mkdir(exist_ok=True)
        (tmp_path / "dogs" / "cases.jsonl").write_bytes(data)
        return tmp_path / "dogs"

    return written


def test_a_suite_as_it_is_written(suite: Callable[..., Path]) -> None:
    gold = {"oak": {"clauses": {"oak/p#1": 2, "oak/p#2": 1}, "stance": ["required", "advised"]}}
    name, cases = load_suite(suite(line(gold=gold), "", line(id="q2", school=None, history=["Cats?"], tags=["x"])))
    assert name == "dogs"
    assert cases == (
        Case("q1", "single", "Dogs?", "oak", (), {"oak": Gold({"oak/p#1": 2, "oak/p#2": 1}, ("required", "advised"))}),
        Case("q2", "single", "Dogs?", None, ("Cats?",), {"oak": Gold({}, ("silent",))}),
    )


@pytest.mark.parametrize(
    "bad",
    [
        "{not json",
        "[]",
        "3",
        '"q"',
        "{}",
        line(gold={}),
        line(gold=[]),
        line(gold={"oak": {"clauses": {}}}),
        line(gold={"oak": {"clauses": {"oak/p#1": 3}, "stance": ["required"]}}),
        line(gold={"oak": {"clauses": {"oak/p#1": "two"}, "stance": ["required"]}}),
        line(gold={"oak": {"clauses": {}, "stance": ["maybe"]}}),
        line(history=None),
        line(history="Cats?"),
        line(question=None),
        line(question=7),
        line(school=["oak"]),
    ],
)
def test_a_bad_line_is_named_by_file_and_line(bad: str, suite: Callable[..., Path]) -> None:
    folder = suite(line(id="q0"), "", bad, line(id="q9"))
    with pytest.raises(BadSuite) as raised:
        load_suite(folder)
    assert str(raised.value).startswith(f"{folder / 'cases.jsonl'}, line 3: ")
    assert "\n" not in str(raised.value)


def test_an_id_that_stands_twice_is_named_with_its_line(suite: Callable[..., Path]) -> None:
    folder = suite(line(), line(id="q2"), line())
    with pytest.raises(BadSuite, match=r"line 3: the id 'q1' stands on an earlier line"):
        load_suite(folder)


@pytest.mark.parametrize("lines", [(), ("", "  ")])
def test_a_suite_without_cases_is_bad(lines: tuple[str, ...], suite: Callable[..., Path]) -> None:
    with pytest.raises(BadSuite, match=r"cases\.jsonl: holds no cases"):
        load_suite(suite(*lines))


def test_a_missing_suite_is_bad(tmp_path: Path) -> None:
    with pytest.raises(BadSuite) as raised:
        load_suite(tmp_path / "nowhere")
    assert str(tmp_path / "nowhere" / "cases.jsonl") in str(raised.value)


def test_a_file_that_is_not_utf_8_is_bad(suite: Callable[..., Path]) -> None:
    with pytest.raises(BadSuite, match=r"cases\.jsonl"):
        load_suite(suite(line(), line(id="q2", question="Café?").encode("latin-1")))


@pytest.mark.parametrize("mark", ["\u2028", "\u0085"])
def test_a_line_ends_at_a_line_feed_and_nowhere_else(mark: str, suite: Callable[..., Path]) -> None:
    """Word and PDF files are full of U+2028, and questions are pasted from them."""
    _, cases = load_suite(suite(line(question=f"Dogs{mark}and cats?"), line(id="q2")))
    assert [c.id for c in cases] == ["q1", "q2"]
    assert cases[0].question.startswith("Dogs")


def test_a_byte_order_mark_is_no_fault(suite: Callable[..., Path]) -> None:
    """Windows' editors write one; --jsonl takes it too."""
    assert load_suite(suite(b"\xef\xbb\xbf" + line().encode()))[1][0].id == "q1"


def test_ids_that_the_index_does_not_hold_are_counted_and_named() -> None:
    cases = [case("first", {"oak": ({"oak/p#1": 2, "oak/p#99": 2, "oak/q#1": 1}, ["required"])})]
    with pytest.raises(BadSuite, match=r"made: names oak/p#99, which the index does not hold \(2 such ids\)"):
        measured(cases, REPLIES)
