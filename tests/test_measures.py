"""Figures by hand, intervals and significance against scipy, and what chance may do to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made import row, run_of, scored
from scipy import stats

from clausewise.evaluation.measures import (
    COUNTS,
    SHARES,
    STANCES,
    Change,
    Figure,
    aurc,
    changes,
    confusion,
    counts,
    figures,
    groups,
    latency,
    measures,
    risk_coverage,
)
from clausewise.evaluation.runs import Row

NOTHING = Figure(None, None, None, 0)


def rows_of(values: object, measure: str = "MRR") -> list[Row]:
    return [scored(f"q{n}", **{measure: float(value)}) for n, value in enumerate(np.asarray(values))]


# shares and counts


def test_a_share_is_a_ratio_of_sums() -> None:
    found = figures(
        [scored("a", MRR=1.0, silence_f1=(2.0, 2.0)), scored("b", MRR=0.5, silence_f1=(0.0, 1.0)), scored("c", silence_f1=(0.0, 0.0))]
    )
    assert (found["MRR"].value, found["MRR"].pairs) == (0.75, 2)
    assert (found["silence_f1"].value, found["silence_f1"].pairs) == (0.6667, 3)
    assert found["overall"] == Figure(1.0, 1.0, 1.0, 3)
    assert found["hit@1"] == NOTHING
    assert list(found) == list(SHARES)


def test_silence_f1_is_that_of_precision_and_recall() -> None:
    """Three silences wanted, two of them and one other said: precision 2/3, recall 2/3; and with one said in vain, 2/4."""
    pairs = [(2.0, 2.0), (2.0, 2.0), (0.0, 1.0), (0.0, 1.0)]
    assert figures([scored(f"q{n}", silence_f1=pair) for n, pair in enumerate(pairs)])["silence_f1"].value == round(2 / 3, 4)
    assert figures([scored(f"q{n}", silence_f1=pair) for n, pair in enumerate([*pairs, (0.0, 1.0)])])["silence_f1"].value == round(4 / 7, 4)


def test_of_no_rows_there_is_nothing_to_tell() -> None:
    assert set(figures([]).values()) == {NOTHING}
    assert set(changes([], []).values()) == {Change(None, None, None, None, None, None)}
    assert risk_coverage([]) == []
    assert aurc([]) is None
    found = measures(run_of([], waiting=["q1"]))
    assert {name: value for name, value in found.items() if value is not None} == {
        "cases": 0,
        "pairs": 0,
        "wrong_school": 0,
        "quotes": 0,
        "verbatim": 0,
    }


def test_counts_are_summed() -> None:
    one = row("a", scores={"overall": (1.0, 1.0), "quotes": (3.0, None), "verbatim": (2.0, None), "wrong_school": (1.0, None)})
    assert counts([one, one, scored("b")]) == {"wrong_school": 2, "quotes": 6, "verbatim": 4}
    assert counts([]) == dict.fromkeys(COUNTS, 0)


def test_latency_is_of_cases_in_milliseconds() -> None:
    run = run_of([scored("a")])
    assert latency(replace(run, seconds={"a": 0.4, "b": 0.1, "c": 0.2, "d": 0.3})) == {"latency_p50_ms": 250.0, "latency_p95_ms": 300.0}
    assert latency(replace(run, seconds={"a": 0.1234})) == {"latency_p50_ms": 123.4, "latency_p95_ms": 123.4}
    assert latency(replace(run, seconds=None)) == {"latency_p50_ms": None, "latency_p95_ms": None}


def test_groups_are_by_school_kind_and_tag_the_largest_first() -> None:
    rows = [
        row("a", "oak", tags=("x", "y"), scores={"overall": (1.0, 1.0)}),
        row("b", "elm", kind="followup", tags=("x",), scores={"overall": (0.0, 1.0)}),
        row("c", "elm", scores={"overall": (0.0, 1.0)}),
    ]
    found = groups(rows)
    told = {name: {value: (some["overall"].value, some["overall"].pairs) for value, some in by.items()} for name, by in found.items()}
    assert told == {
        "school": {"elm": (0.0, 2), "oak": (1.0, 1)},
        "kind": {"single": (0.5, 2), "followup": (0.0, 1)},
        "tag": {"x": (0.5, 2), "y": (1.0, 1)},
    }
    assert [list(by) for by in found.values()] == [["elm", "oak"], ["single", "followup"], ["x", "y"]]


# intervals


@pytest.mark.parametrize("size", [25, 120])
def test_the_interval_is_scipy_s_percentile_bootstrap(size: int) -> None:
    """Cases are drawn, each with all its pairs. Both draw at random: 0.02 is about three standard errors of such an end."""
    random = np.random.default_rng(size)
    wholes = random.integers(1, 4, size).astype(float)
    parts = random.binomial(wholes.astype(int), 0.4).astype(float)
    found = figures([scored(f"q{n}", MRR=(part, whole)) for n, (part, whole) in enumerate(zip(parts, wholes, strict=True))])["MRR"]
    theirs = stats.bootstrap(
        (parts, wholes),
        lambda part, whole, axis: part.sum(axis=axis) / whole.sum(axis=axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=9999,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert found.value == pytest.approx(parts.sum() / wholes.sum(), abs=5e-5)
    assert (found.low, found.high) == (pytest.approx(theirs.low, abs=0.02), pytest.approx(theirs.high, abs=0.02))


def test_few_cases_give_a_wide_interval_and_many_a_narrow_one() -> None:
    widths = []
    for size in (10, 100, 1000):
        figure = figures(rows_of(np.arange(size) % 2))["MRR"]
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low < 0.5 < figure.high
        widths.append(figure.high - figure.low)
    assert widths == [pytest.approx(2 * 1.96 * 0.5 / size**0.5, rel=0.15) for size in (10, 100, 1000)]


def test_cases_that_all_agree_leave_nothing_to_chance() -> None:
    assert figures(rows_of(np.ones(7)))["MRR"] == Figure(1.0, 1.0, 1.0, 7)


def test_rows_of_one_case_do_not_narrow_the_interval() -> None:
    """Eight schools that answer one question alike say no more of other questions than one school does."""
    alone = [scored(f"q{n}", MRR=n % 2) for n in range(30)]
    repeated = [scored(f"q{n}", f"school{k}", MRR=n % 2) for n in range(30) for k in range(8)]
    one, eight = figures(alone)["MRR"], figures(repeated)["MRR"]
    assert (eight.low, eight.high) == (one.low, one.high)
    assert (one.pairs, eight.pairs) == (30, 240)
    apart = figures([scored(f"q{n}", MRR=n % 2) for n in range(240)])["MRR"]
    assert apart.low is not None
    assert one.low is not None
    assert apart.low > one.low + 0.08
    better = [scored(f"q{n}", MRR=max(n % 2, n % 3 == 0)) for n in range(30)]
    better_repeated = [scored(f"q{n}", f"school{k}", MRR=max(n % 2, n % 3 == 0)) for n in range(30) for k in range(8)]
    assert changes(repeated, better_repeated)["MRR"] == changes(alone, better)["MRR"]


def test_the_same_rows_give_the_same_figures() -> None:
    rows = rows_of(np.random.default_rng(5).random(40))
    assert figures(rows) == figures(rows)
    assert changes(rows, rows[:]) == changes(rows, rows)


# differences


def test_a_change_is_new_less_old_with_its_interval() -> None:
    change = changes(rows_of([0, 0, 1, 1]), rows_of([1, 0, 1, 1]))["MRR"]
    assert (change.old, change.new, change.difference) == (0.5, 0.75, 0.25)
    assert change.low == 0.0
    assert change.high == 0.75
    assert change.p == 1.0  # one case moved; a swap of it does as much the other way


def test_a_measure_that_one_run_lacks_has_no_difference() -> None:
    assert changes([scored("a", MRR=1.0)], [scored("a")])["MRR"] == Change(1.0, None, None, None, None, None)
    assert changes([scored("a")], [scored("a", MRR=1.0)])["MRR"] == Change(None, 1.0, None, None, None, None)


def test_rows_of_other_cases_are_not_compared() -> None:
    with pytest.raises(ValueError, match="not of the same cases"):
        changes([scored("a")], [scored("b")])
    with pytest.raises(ValueError, match="not of the same cases"):
        changes([scored("a"), scored("b")], [scored("b"), scored("a")])


@pytest.mark.parametrize("shift", [0.0, 0.05, 0.1])
def test_p_is_that_of_scipy_s_permutation_test(shift: float) -> None:
    """Where every denominator is 1. 0.035 is three standard errors of 2000 draws at p = 0.5, and less elsewhere."""
    random = np.random.default_rng(11)
    old = random.random(50).round(3)
    new = (old * 0.5 + random.random(50) * 0.5 + shift).round(3)
    theirs = stats.permutation_test(
        (old, new),
        lambda a, b, axis: (b - a).mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=9999,
        rng=np.random.default_rng(2),
    ).pvalue
    found = changes(rows_of(old), rows_of(new))["MRR"]
    assert found.p == pytest.approx(theirs, abs=0.035)
    assert found.difference == pytest.approx((new - old).mean(), abs=5e-5)


def test_a_planted_difference_is_told_from_chance() -> None:
    old = np.arange(60) % 3 == 0
    assert (changes(rows_of(old), rows_of(old | (np.arange(60) % 4 == 1)))["MRR"].p or 1) < 0.01
    assert changes(rows_of(old), rows_of(old))["MRR"].p == 1.0
    assert (changes(rows_of(old), rows_of(old | (np.arange(60) == 1)))["MRR"].p or 0) > 0.5


def test_p_is_uniform_where_there_is_no_difference() -> None:
    """Coarse and seeded: 120 pairs of runs whose scores are drawn alike."""
    random = np.random.default_rng(3)
    found = [changes(rows_of(random.random(15)), rows_of(random.random(15)))["MRR"].p for _ in range(120)]
    assert stats.kstest(found, "uniform").pvalue > 0.05
    assert 0.02 < np.mean(np.array(found) < 0.1) < 0.2


# silence and stance


def answer(case: str, sure: float, right: bool, wanted: bool = True) -> Row:
    return row(case, right={"oak/p#1": 2} if wanted else {}, ranking=("oak/p#1" if right else "oak/p#2",), sure=sure)


RISKS = [answer("a", 0.9, True), answer("b", 0.8, False), answer("c", 0.8, True), answer("d", 0.3, True, wanted=False)]


def test_risk_and_coverage_by_hand() -> None:
    """The two that are equally sure are given together. The nearest clause to a silence is a wrong answer."""
    assert risk_coverage(RISKS) == [(0.25, 0.0), (0.75, 0.3333), (1.0, 0.5)]
    assert aurc(RISKS) == pytest.approx(0.25 * 0 + 0.5 / 3 + 0.25 / 2, abs=1e-4)


def test_risk_and_coverage_do_not_hang_on_the_order_of_cases() -> None:
    for order in ([3, 2, 1, 0], [0, 2, 1, 3], [1, 3, 0, 2]):
        assert risk_coverage([RISKS[n] for n in order]) == risk_coverage(RISKS)


def test_a_ranking_that_is_empty_is_wrong() -> None:
    assert risk_coverage([row("a", ranking=())]) == [(1.0, 1.0)]
    assert aurc([row("a", ranking=())]) == 1.0


def test_the_area_is_the_mean_risk_over_coverages() -> None:
    sure = np.linspace(1, 0, 100)
    rows = [answer(f"q{n}", float(value), n % 4 != 3) for n, value in enumerate(sure)]
    risks = [sum(k % 4 == 3 for k in range(n + 1)) / (n + 1) for n in range(100)]
    assert aurc(rows) == pytest.approx(np.mean(risks), abs=2e-4)


def test_confusion_counts_the_best_stance_against_what_was_said() -> None:
    rows = [
        row("a", stances=("prohibited",), stance="required"),
        row("b", stances=("prohibited", "required"), stance="required"),  # accepted beside the best: counts as right
        row("c", stances=("prohibited",), status="not_covered"),
        row("d", stances=("factual",), stance=None),
        row("e", right={}, status="not_covered"),
        row("f", right={}, stance="advised"),
        row("g", status=None),  # no answer: not counted
    ]
    table = confusion(rows)
    found = {(STANCES[i], STANCES[j]): n for i, line in enumerate(table) for j, n in enumerate(line) if n}
    assert found == {
        ("prohibited", "required"): 1,
        ("required", "required"): 1,
        ("prohibited", "silent"): 1,
        ("factual", "factual"): 1,
        ("silent", "silent"): 1,
        ("silent", "advised"): 1,
    }
    assert [len(line) for line in table] == [7] * 7


def test_measures_of_a_run_by_name() -> None:
    found = measures(run_of([scored("a", MRR=1.0), scored("a", "elm", MRR=0.0)]))
    assert list(found) == ["cases", "pairs", *SHARES, "AURC", *COUNTS, "latency_p50_ms", "latency_p95_ms"]
    assert (found["cases"], found["pairs"], found["MRR"], found["hit@1"]) == (1, 2, 0.5, None)
