"""The suites in a folder, their runs so far, and what the last run changed: what the evaluation pages show, as values.

Every look at the folder is fresh, so a new run is there at once. What was read of a run is kept in memory under the
times and sizes of its files: a saved run never changes, and its figures take long to reckon.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from clausewise import snapshots
from clausewise.errors import ClausewiseError, StoreError
from clausewise.evaluation.cases import NAMES, Suite, load_suite
from clausewise.evaluation.gates import NAME as GATE
from clausewise.evaluation.gates import Gate, judge, load_gate
from clausewise.evaluation.measures import measures
from clausewise.evaluation.provenance import made_differently
from clausewise.evaluation.regression import BASELINE, judged
from clausewise.evaluation.runs import load, saved_runs
from clausewise.store import REASONS, Store

LAST = 20  # so many runs are shown
BEFORE = "the run before"
_ID = re.compile(r"[0-9a-f]{12}")
_FILES = ("run.json", "rows.jsonl", "timings.json")
_LOCKED_UP = Gate(held_back=True)  # what stands for a gate that cannot be read: it might have held the suite back
Stamps = tuple[tuple[int, int] | None, ...]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Past:
    """A saved run as a list shows it. `id`: its folder's name; the baseline's own.

    `fault`: why it cannot be read, in one line; the rest is empty then.
    """

    id: str
    folder: Path
    made: str | None = None
    measures: Mapping[str, float | int | None] = field(default_factory=dict)
    made_by: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""

    @property
    def addressed(self) -> bool:
        """Whether it has a report at an address of its own: a run's id is part of that."""
        return not self.fault and _ID.fullmatch(self.id) is not None


@dataclass(frozen=True, slots=True)
class Listed:
    """A run in its place. `changed`: what made it differ from the one before, a line each; None for the first."""

    run: Past
    changed: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Compared:
    """What a report is made of: a run, and beside it the baseline, another run or nothing. Equal where the report is the same."""

    suite: Path
    run: Path
    beside: Path | None
    index: Path
    stamps: tuple[Stamps, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """`questions`: how many, None where they cannot be read. `held_back`: nothing that names a case may be shown.

    `faults`: what is wrong with the suite's files, one line each. `runs`: the last ones, newest first; `older`: how many
    more there are. `report`: of the newest run that can be read, as evaluation.report makes it, beside `other`, which
    `beside` names: "the baseline", "the run before" or "" for nothing. `gated`: whether there is a gate to judge it by.
    """

    suite: Path
    questions: int | None
    held_back: bool
    gated: bool
    faults: tuple[str, ...]
    runs: tuple[Listed, ...]
    older: int
    baseline: str
    beside: str
    other: Past | None
    report: dict[str, Any] | None

    @property
    def last(self) -> Past | None:
        return next((listed.run for listed in self.runs if not listed.run.fault), None)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the chat page gathered, as counts only. `reasons`: of open complaints, in words; `silences`: by policy id; most first.

    `since`: the first ISO week with a silence that was counted. `fault`: why the store cannot be read, in one line.
    """

    complaints: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    silences: tuple[tuple[str, int], ...] = ()
    since: str = ""
    fault: str = ""


def suites(evals: Path) -> dict[str, Path]:
    """Name -> folder of each suite in `evals`, by name; none where there is no such folder."""
    names = sorted(os.listdir(evals)) if evals.is_dir() else []
    return {name: evals / name for name in names if name.isprintable() and any(os.path.isfile(evals / name / cases) for cases in NAMES)}


def overview(suite: Path, index: Path) -> Overview:
    """`index`: the folder of an index, beside which the snapshots stand that hold the words of quotes."""
    faults: list[str] = []
    gate = _tried(lambda: load_gate(suite), faults)
    held_back = gate is None or gate.held_back
    cases = _tried(lambda: _cases(suite, held_back), faults)
    old = _baseline(suite)
    faults += [old.fault] if old and old.fault else []
    saved = saved_runs(suite)
    runs = _listed([past(folder) for folder in saved[-LAST - 1 :]])[-LAST:]
    sound = [listed.run for listed in runs if not listed.run.fault]
    beside, other = _beside(sound, old) if sound else ("", None)
    found = _tried(lambda: report(_compared(suite, sound[-1], other, index)), faults) if sound else None
    return Overview(
        suite,
        questions=len(cases.cases) if cases else None,
        held_back=held_back,
        gated=gate is not None,
        faults=tuple(faults),
        runs=tuple(reversed(runs)),
        older=len(saved) - len(runs),
        baseline=old.id if old else "",
        beside=beside,
        other=other,
        report=found,
    )


def _tried(made: Callable[[], Made], faults: list[str]) -> Made | None:
    """What is made, or nothing and one more line in `faults`."""
    try:
        return made()
    except (ClausewiseError, OSError) as error:
        faults.append(_told(error))
        return None


def _told(error: Exception) -> str:
    return f"{error.filename}: cannot be read ({error.strerror})" if isinstance(error, OSError) else str(error)


def _cases(suite: Path, held_back: bool) -> Suite:
    """What is wrong with a case may name it, so of a held-back suite it is not said."""
    try:
        return load_suite(suite)
    except ClausewiseError as error:
        if held_back:
            raise type(error)(f"{suite}: its cases cannot be read; what is wrong may name one, so it is not shown here") from None
        raise


def past(folder: Path) -> Past:
    """The run in `folder`, read once."""
    return _past(folder, _stamps(folder))


@lru_cache(maxsize=1024)
def _past(folder: Path, stamps: Stamps) -> Past:
    try:
        run = load(folder)
        return Past(run.id if folder.name == BASELINE else folder.name, folder, run.made, measures(run), run.made_by)
    except (ClausewiseError, OSError) as error:
        return Past(folder.name, folder, fault=_told(error))
    except (TypeError, ValueError, AttributeError) as error:  # rows or timings that have a run's form, but not its sense
        return Past(folder.name, folder, fault=f"{folder}: is damaged ({type(error).__name__}); remove it and run the suite again")


def _stamps(folder: Path, names: Sequence[str] = _FILES) -> Stamps:
    """Time and size of each file, None where it is not there."""
    return tuple(_stamp(folder / name) for name in names)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _baseline(suite: Path) -> Past | None:
    return past(suite / BASELINE) if (suite / BASELINE).exists() else None


def _listed(runs: Sequence[Past]) -> list[Listed]:
    """`runs`, the oldest first, each beside the last one before it that can be read."""
    found: list[Listed] = []
    before: Past | None = None
    for run in runs:
        changed = None if run.fault or before is None else tuple(made_differently(before.made_by, run.made_by))
        found.append(Listed(run, changed))
        before = before if run.fault else run
    return found


def _beside(runs: Sequence[Past], old: Past | None) -> tuple[str, Past | None]:
    """What the newest of `runs` is held against, in words and as it is: the baseline, else the run before."""
    if old and not old.fault:
        return "the baseline", old
    return (BEFORE, runs[-2]) if len(runs) > 1 else ("", None)


def find(suite: Path, id: str, index: Path) -> Compared | Past | None:
    """The run of that id beside the suite's baseline; the run alone where it is damaged, None where there is none of that id.

    Raises BadSuite where the gate cannot be read: what may be shown is not known then.
    """
    load_gate(suite)
    old = _baseline(suite)
    places = {folder.name: folder for folder in saved_runs(suite)} | ({old.id: old.folder} if old and not old.fault else {})
    if not _ID.fullmatch(id) or id not in places:
        return None
    run = past(places[id])
    return run if run.fault else _compared(suite, run, old if old and not old.fault else None, index)


def _compared(suite: Path, run: Past, beside: Past | None, index: Path) -> Compared:
    stamps = [_stamps(suite, [GATE])]
    for one in (run, beside):
        kept = snapshots.find(index, one.made_by["index"]) if one else None
        stamps += [_stamps(one.folder) if one else (), _stamps(kept, sorted(os.listdir(kept))) if kept else ()]
    return Compared(suite, run.folder, beside.folder if beside else None, index, tuple(stamps))


@lru_cache(maxsize=32)
def report(of: Compared) -> dict[str, Any]:
    """As evaluation.report makes it. The gate is asked about the baseline alone, whatever the run stands beside."""
    gate = _tried(lambda: load_gate(of.suite), []) or _LOCKED_UP
    found = judged(load(of.run), gate, load(of.beside) if of.beside else None, of.index)
    if of.beside and of.beside.name != BASELINE:
        found = replace(found, verdict=judge(gate, found.run, None))
    return found.report()


# what the chat page gathered


def heard(store: Store) -> Heard:
    """Counts of open complaints and of silences; no word of either."""
    try:
        complaints, silences = store.feedback(), store.unanswered()
    except StoreError as error:
        return Heard(fault=str(error))
    reasons = Counter(REASONS.get(complaint.reason, complaint.reason) for complaint in complaints)
    by_policy: Counter[str] = Counter()
    for silence in silences:
        by_policy[silence.document] += silence.count
    ordered = sorted(by_policy.items(), key=lambda pair: (-pair[1], pair[0]))
    return Heard(len(complaints), tuple(reasons.most_common()), tuple(ordered), min((s.week for s in silences), default=""))
