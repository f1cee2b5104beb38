"""Rows -> figures, with what chance does to them.

Intervals are of the bootstrap, differences between two runs of the paired randomization test (Smucker, Allan and
Carterette 2007). Both draw cases, not (case, school) pairs: the answers of several schools to one question are no
independent samples. Draws are seeded, so the same rows give the same figures.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from clausewise.evaluation.runs import Row, Run

Matrix = np.ndarray[Any, np.dtype[np.float64]]
DRAWS = 2000
_SEED = 20261121
# In the order in which they are shown. `False`: less is better. Counts and latencies have no interval.
SHARES = {
    "overall": True,
    "hit@1": True,
    "hit@3": True,
    "MRR": True,
    "recall@5": True,
    "recall@10": True,
    "nDCG@10": True,
    "char_precision@1": True,
    "char_recall@1": True,
    "char_precision": True,
    "char_recall": True,
    "silence_precision": True,
    "silence_recall": True,
    "silence_f1": True,
    "refused_answerable": False,
    "stance_accuracy": True,
    "completeness": True,
}
COUNTS = ("wrong_school", "quotes", "verbatim")
STANCES = ("prohibited", "required", "conditional", "permitted", "advised", "factual", "silent")


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` None: no pair to measure. `low` to `high`: the middle 95 % of the bootstrap. `pairs`: so many were measured."""

    value: float | None
    low: float | None
    high: float | None
    pairs: int


@dataclass(frozen=True, slots=True)
class Change:
    """Of one measure between two runs, on the cases that both asked. `p`: that chance alone would do as much or more."""

    old: float | None
    new: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None


def figures(rows: Sequence[Row]) -> dict[str, Figure]:
    """Each share with its interval, over `rows`."""
    parts, wholes = _sums(rows)
    drawn = _drawn(len(parts))
    found = {}
    for column, name in enumerate(SHARES):
        part, whole = parts[:, column], wholes[:, column]
        low = high = None
        if whole.sum():
            low, high = _middle(_ratios(drawn @ part, drawn @ whole))
        found[name] = Figure(_ratio(part.sum(), whole.sum()), low, high, sum(name in row.scores for row in rows))
    return found


def counts(rows: Iterable[Row]) -> dict[str, int]:
    found = Counter(dict.fromkeys(COUNTS, 0))
    for row in rows:
        found.update({name: int(row.scores[name][0]) for name in COUNTS if name in row.scores})
    return dict(found)


def latency(run: Run) -> dict[str, float | None]:
    """Median and 95th percentile over cases, in milliseconds; None for a run that was kept without its timings."""
    seconds = sorted((run.seconds or {}).values())
    if not seconds:
        return {"latency_p50_ms": None, "latency_p95_ms": None}
    p95 = seconds[int(0.95 * (len(seconds) - 1))]
    return {"latency_p50_ms": round(statistics.median(seconds) * 1000, 1), "latency_p95_ms": round(p95 * 1000, 1)}


def measures(run: Run) -> dict[str, float | int | None]:
    """Every figure of a run by name: shares 0 to 1, counts, milliseconds."""
    parts, wholes = _sums(run.rows)
    shares = {name: _ratio(parts[:, column].sum(), wholes[:, column].sum()) for column, name in enumerate(SHARES)}
    sizes = {"cases": len({row.case for row in run.rows}), "pairs": len(run.rows)}
    return {**sizes, **shares, "AURC": aurc(run.rows), **counts(run.rows), **latency(run)}


def groups(rows: Sequence[Row]) -> dict[str, dict[str, dict[str, Figure]]]:
    """ "school", "kind" and "tag" -> each of their values -> figures of its rows, the largest groups first."""
    keys: dict[str, Callable[[Row], Sequence[str]]] = {
        "school": lambda row: [row.school],
        "kind": lambda row: [row.kind],
        "tag": lambda row: row.tags,
    }
    return {name: {value: figures(some) for value, some in _grouped(rows, key)} for name, key in keys.items()}


def _grouped(rows: Sequence[Row], key: Callable[[Row], Sequence[str]]) -> list[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        for value in key(row):
            found.setdefault(value, []).append(row)
    return sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def changes(old: Sequence[Row], new: Sequence[Row]) -> dict[str, Change]:
    """Old against new, row by row: both hold the same (case, school) pairs in the same order."""
    if [row.key for row in old] != [row.key for row in new]:
        raise ValueError("the two runs' rows are not of the same cases and schools")
    (parts, wholes), (new_parts, new_wholes) = _sums(old), _sums(new)
    drawn = _drawn(len(parts))
    swaps = np.random.default_rng(_SEED + 1).random((DRAWS, len(parts))) < 0.5
    columns = zip(parts.T, wholes.T, new_parts.T, new_wholes.T, strict=True)
    return {name: _change(*four, drawn, swaps) for name, four in zip(SHARES, columns, strict=True)}


def _change(part: Matrix, whole: Matrix, new_part: Matrix, new_whole: Matrix, drawn: Any, swaps: Any) -> Change:
    """Of columns of shape (cases,). `drawn`: how often each case is drawn, `swaps`: where old and new change places; (draws, cases)."""
    old, new = _ratio(part.sum(), whole.sum()), _ratio(new_part.sum(), new_whole.sum())
    if old is None or new is None:
        return Change(old, new, None, None, None, None)
    low, high = _middle(_ratios(drawn @ new_part, drawn @ new_whole) - _ratios(drawn @ part, drawn @ whole))
    difference = new_part.sum() / new_whole.sum() - part.sum() / whole.sum()
    parts, wholes = swaps @ (new_part - part), swaps @ (new_whole - whole)
    by_chance = _ratios(new_part.sum() - parts, new_whole.sum() - wholes) - _ratios(part.sum() + parts, whole.sum() + wholes)
    as_much = ~(np.abs(by_chance) < abs(difference) - 1e-12)  # a draw that leaves nothing to measure counts against significance
    p = (1 + np.sum(as_much)) / (1 + DRAWS)  # the runs as they are count as one draw
    return Change(old, new, round(float(difference), 4), low, high, round(float(p), 4))


def _sums(rows: Sequence[Row]) -> tuple[Matrix, Matrix]:
    """Numerators and denominators by case and share, each of shape (cases, shares)."""
    order = {case: number for number, case in enumerate(dict.fromkeys(row.case for row in rows))}
    parts, wholes = np.zeros((len(order), len(SHARES))), np.zeros((len(order), len(SHARES)))
    for row in rows:
        for column, name in enumerate(SHARES):
            part, whole = row.scores.get(name, (0.0, 0.0))
            parts[order[row.case], column] += part
            wholes[order[row.case], column] += whole or 0.0
    return parts, wholes


def _drawn(cases: int) -> Any:
    """How often each case is drawn in each bootstrap sample, shape (draws, cases)."""
    if not cases:
        return np.zeros((DRAWS, 0))
    return np.random.default_rng(_SEED).multinomial(cases, np.full(cases, 1 / cases), DRAWS).astype(float)


def _ratio(part: float, whole: float) -> float | None:
    return round(float(part / whole), 4) if whole else None


def _ratios(parts: Matrix, wholes: Matrix) -> Matrix:
    """NaN where a draw holds no pair of the measure."""
    found: Matrix = np.divide(parts, wholes, out=np.full(len(parts), np.nan), where=wholes > 0)
    return found


def _middle(values: Matrix) -> tuple[float, float]:
    low, high = np.nanquantile(values, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)


# silence and stance


def risk_coverage(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """(coverage, risk) as ever less sure answers are given: of the pairs answered, the share whose nearest clause is wrong.

    Rows that are equally sure are answered together, so the order of cases is of no account.
    """
    ordered = sorted(rows, key=lambda row: -row.sure)
    points, wrong = [], 0
    for number, row in enumerate(ordered, start=1):
        wrong += not (row.ranking and row.ranking[0] in row.gold.right)
        if number == len(ordered) or ordered[number].sure < row.sure:
            points.append((round(number / len(ordered), 4), round(wrong / number, 4)))
    return points


def aurc(rows: Sequence[Row]) -> float | None:
    """Area under the risk-coverage curve, 0 to 1, less is better: the mean risk over all coverages."""
    points = risk_coverage(rows)
    steps = [coverage - before for (before, _), (coverage, _) in zip([(0.0, 0.0), *points], points, strict=False)]
    return round(sum(step * risk for step, (_, risk) in zip(steps, points, strict=True)), 4) if points else None


def confusion(rows: Sequence[Row]) -> list[list[int]]:
    """Rows: the gold's best stance; columns: what was said; both in the order of STANCES. Over every pair with an answer.

    A stance that the gold accepts beside its best counts as the best.
    """
    table = [[0] * len(STANCES) for _ in STANCES]
    for row in rows:
        if row.status is not None:
            spoken = "silent" if row.status != "answered" else row.stance or "factual"
            wanted = spoken if spoken in row.gold.stances else row.gold.stances[0]
            table[STANCES.index(wanted)][STANCES.index(spoken)] += 1
    return table
