"""Two runs: what got better and worse, and what cannot be compared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from made import place, row, run_of, scored

from clausewise.evaluation.differences import Difference, difference, reworded
from clausewise.evaluation.runs import Row


def turns(found: Difference) -> list[tuple[str, str, str]]:
    return [(flip.turn, flip.new.case, flip.new.school) for flip in found.flips]


def test_a_run_and_itself_do_not_differ() -> None:
    run = run_of([scored("a", MRR=0.5), scored("b", MRR=1.0)])
    found = difference(run, run)
    assert (found.shared, found.flips, found.made_by) == (2, (), {})
    assert (found.added, found.dropped, found.changed, found.reworded) == ((), (), (), ())
    assert found.changes["MRR"].difference == 0.0


def test_answers_that_turned_are_told_worse_first() -> None:
    """Better is weighed: to answer rightly counts more than anything about how."""
    old = [
        scored("same", hit_at_3=1),
        row("words", quotes=("oak/p#1",)),
        row("better", quotes=("oak/p#2",), scores={"overall": (0.0, 1.0)}),
        row("worse", quotes=("oak/p#1",), scores={"overall": (1.0, 1.0)}),
        row("worse", "elm", quotes=("elm/p#1",), scores={"overall": (1.0, 1.0), "MRR": (0.0, 1.0)}),
        scored("nearer", MRR=0.25),
    ]
    new = [
        scored("same", hit_at_3=1),
        row("words", quotes=("oak/p#1", "oak/p#3")),
        row("better", quotes=("oak/p#1",), scores={"overall": (1.0, 1.0)}),
        row("worse", quotes=("oak/p#2",), scores={"overall": (0.0, 1.0)}),
        row("worse", "elm", quotes=("elm/p#2",), scores={"overall": (0.0, 1.0), "MRR": (1.0, 1.0)}),
        scored("nearer", MRR=0.5),
    ]
    found = difference(run_of(old), run_of(new))
    assert turns(found) == [
        ("worse", "worse", "oak"),
        ("worse", "worse", "elm"),
        ("better", "better", "oak"),
        ("better", "nearer", "oak"),
        ("otherwise", "words", "oak"),
    ]
    assert [flip.new.case for flip in found.turned("better")] == ["better", "nearer"]
    assert found.turned("otherwise")[0].old.quotes == (place("oak/p#1"),)
    assert found.changes["overall"].difference == pytest.approx(-1 / 6, abs=1e-4)


@pytest.mark.parametrize(
    ("change", "turned"),
    [
        ({"stance": "permitted"}, ["otherwise"]),
        ({"status": "not_covered"}, ["otherwise"]),
        ({"closest": (place("oak/p#4"),)}, ["otherwise"]),
        ({"sure": 0.1}, []),  # the reader is shown the same
        ({"ranking": ("oak/p#4",)}, []),
        ({"quotes": (replace(place("oak/p#1"), clause="oak/p#7", start=99),)}, []),  # renumbered, the same words
    ],
)
def test_an_answer_that_reads_the_same_has_not_turned(change: dict[str, object], turned: list[str]) -> None:
    old = row("a", quotes=("oak/p#1",))
    assert [flip.turn for flip in difference(run_of([old]), run_of([replace(old, **change)])).flips] == turned


def test_cases_that_came_and_went_are_left_out_and_named() -> None:
    changed = replace(scored("changed", MRR=1.0), matter="asked otherwise")
    found = difference(
        run_of([scored("gone", MRR=0.0), scored("changed", MRR=0.0), scored("same", MRR=1.0)]),
        run_of([scored("same", MRR=1.0), changed, scored("new", MRR=0.0)]),
    )
    assert (found.added, found.dropped, found.changed, found.shared) == (("new",), ("gone",), ("changed",), 1)
    assert found.flips == ()
    assert (found.changes["MRR"].old, found.changes["MRR"].new) == (1.0, 1.0)


def test_a_case_that_is_asked_of_another_school_is_changed() -> None:
    found = difference(run_of([scored("a", "oak")]), run_of([scored("a", "elm")]))
    assert (found.added, found.dropped, found.changed, found.shared) == ((), (), ("a",), 0)


def test_a_case_one_school_of_which_is_the_same_is_compared_there() -> None:
    old, new = [scored("a", "oak"), scored("a", "elm")], [scored("a", "oak"), replace(scored("a", "elm"), matter="other")]
    found = difference(run_of(old), run_of(new))
    assert (found.shared, found.changed) == (1, ())


def test_runs_without_a_case_in_common_have_no_differences() -> None:
    found = difference(run_of([scored("a", MRR=1.0)]), run_of([scored("b", MRR=0.0)]))
    assert (found.shared, found.changes["MRR"].difference, found.changes["MRR"].old) == (0, None, None)


def texts(case: str, **gold_texts: str) -> Row:
    return row(case, gold_texts={f"oak/p#{name}": text for name, text in gold_texts.items()})


def test_clauses_that_say_something_else_are_named() -> None:
    old, new = texts("a", n1="one", n2="two"), texts("a", n1="one", n2="too")
    found = difference(run_of([old]), run_of([replace(new, matter="other words")]))
    assert (found.reworded, found.changed) == (("oak/p#n2",), ("a",))


def test_a_suite_that_was_made_to_follow_has_nothing_reworded() -> None:
    old, new = texts("a", n1="one"), texts("a", n1="two")
    found = difference(run_of([old]), run_of([new], followed=True))
    assert (found.reworded, found.made_by) == ((), {})


def test_clauses_that_merely_changed_numbers_are_not() -> None:
    assert reworded({"1": "one", "2": "two"}, {"1": "two", "3": "one"}) == set()
    assert reworded({"1": "one", "2": "two"}, {"1": "two", "2": "three"}) == {"1", "2"}
    assert reworded({"1": "one"}, {"1": "one", "2": "two"}) == set()  # a clause that the gold has got besides
    assert reworded({}, {"1": "one"}) == set()


def test_what_made_the_runs_differently_is_told_entry_by_entry() -> None:
    old = run_of([scored("a")], index="1" * 64, settings={"quotes": 3, "closest": 2}, documents={"oak/p": "a", "oak/q": "b"})
    new = run_of([scored("a")], index="2" * 64, settings={"quotes": 1, "closest": 2}, documents={"oak/p": "c", "oak/r": "d"})
    assert difference(old, new).made_by == {
        "index": ("1" * 64, "2" * 64),
        "documents.oak/p": ("a", "c"),
        "documents.oak/q": ("b", None),
        "documents.oak/r": (None, "d"),
        "settings.quotes": (3, 1),
    }
