"""From a suite's folder to a judged run, and back from a saved run to its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from clausewise import snapshots
from clausewise.assistant import Assistant
from clausewise.catalogue import Catalogue, Texts
from clausewise.errors import BadRun, ClausewiseError, MissingIndex
from clausewise.evaluation import runs
from clausewise.evaluation.cases import NOTE, Case, Suite, load_suite, noted
from clausewise.evaluation.differences import Difference, difference
from clausewise.evaluation.gates import Gate, Verdict, judge, load_gate
from clausewise.evaluation.report import report
from clausewise.evaluation.runs import FOLLOWED, Row, Run, ask_all, load
from clausewise.index import load_texts
from clausewise.settings import Settings

BASELINE = "baseline"
_REWORDED = "found {} saying something else than in the baseline ({} such clauses); follow them with: clausewise eval anchor"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A run, judged. `against`: the suite's baseline to it, where there is a baseline."""

    run: Run
    gate: Gate
    against: Difference | None
    verdict: Verdict
    library: Mapping[str, Texts]

    def report(self) -> dict[str, Any]:
        return report(self.run, self.against, self.gate, self.verdict, self.library)


def evaluate(folder: Path, assistant: Assistant, index: Path, progress: Progress = lambda done, of: None) -> Evaluation:
    """Ask the suite in `folder` and judge the answers. `index`: the folder of the assistant's index, beside which snapshots stand."""
    suite, gate, old = load_suite(folder), load_gate(folder), baseline(folder)
    run = ask_all(suite, assistant, progress)
    return judged(run, gate, old, index, {run.made_by["index"]: assistant.index})


def judged(run: Run, gate: Gate, old: Run | None, index: Path, library: Mapping[str, Texts] | None = None) -> Evaluation:
    """A run that is at hand, beside `old`; words come from the snapshots beside the index in folder `index`."""
    against = difference(old, run) if old else None
    known = dict(library or {})
    for checksum in dict.fromkeys(one.made_by["index"] for one in (run, old) if one):
        texts = known.get(checksum) or words(index, checksum)
        known |= {checksum: texts} if texts else {}
    return Evaluation(run, gate, against, judge(gate, run, against), known)


def words(index: Path, checksum: str) -> Catalogue | None:
    """The words of the index of that checksum, if a whole snapshot of it stands beside the one in folder `index`."""
    kept = snapshots.find(index, checksum)
    try:
        return load_texts(kept) if kept else None
    except ClausewiseError:  # an old format, or damaged: the report then shows addresses alone
        return None


def baseline(folder: Path) -> Run | None:
    return load(folder / BASELINE) if (folder / BASELINE).exists() else None


def save(run: Run, folder: Path, index: Path) -> Path:
    """Keep the run among the suite's, and a snapshot of the index in folder `index`, on which it was made; where the run is kept."""
    snapshots.keep(index, run.made_by["index"])
    place = folder / "runs" / run.id
    runs.save(run, place)
    return place


def set_baseline(folder: Path, run: Run) -> Path:
    """Make `run` what later runs of the suite are held against; without its timings, which are the machine's.

    Raises BadRun where clauses of the gold have come to say something else since the last baseline: it would be lost which;
    where the suite's ids belong to another index than the run's; and where nothing can be written.
    """
    if noted(folder) not in (None, run.made_by["index"]):
        raise BadRun(f"{folder}: found run {run.id} made before the suite's clauses were followed to another index; ask again first")
    old = baseline(folder)
    if old and (lost := difference(old, run).reworded):
        raise BadRun(f"{folder}: {_REWORDED.format(lost[0], len(lost))} first, then ask again")
    try:
        runs.save(run, folder / BASELINE, timings=False)
        (folder / NOTE).unlink(missing_ok=True)
    except OSError as error:
        raise BadRun(f"{folder / BASELINE}: cannot be written ({error.strerror}); mend the folder's rights, or make room") from None
    return folder / BASELINE


def find_run(folder: Path, name: str | None = None) -> Run:
    """The suite's saved run whose id begins with `name`; the last one, if it is None. Raises BadRun."""
    saved = runs.saved_runs(folder)
    if not saved:
        raise BadRun(f"{folder / 'runs'}: found no saved run; make one with: clausewise eval {folder}")
    if name is None:
        return load(saved[-1])
    fitting = [place for place in saved if place.name.startswith(name)]
    if len(fitting) != 1:
        known = ", ".join(place.name for place in saved[-5:])
        raise BadRun(f"{name}: found {len(fitting) or 'no'} saved runs of that id; expected one of: {known}")
    return load(fitting[0])


# replay


def replay(run: Run, index: Path, case: str | None = None, progress: Progress = lambda done, of: None) -> tuple[Run, Run]:
    """The run's cases (or one of them) as they were answered, and answered again from its index snapshot with its settings.

    `index`: a folder beside which the snapshot stands. Raises MissingIndex where it is not there, BadRun for an unknown case.
    """
    rows = [row for row in run.rows if case in (None, row.case)]
    if not rows:
        raise BadRun(f"run {run.id}: found no case {case!r}; {f'expected one such as {run.rows[0].case}' if run.rows else 'it asked none'}")
    kept = snapshots.find(index, run.made_by["index"])
    if kept is None:
        raise MissingIndex(
            f"found no snapshot {run.made_by['index'][:16]} beside {index}; expected the index that run {run.id} was made on; "
            "name a folder beside it with --index"
        )
    assistant = Assistant(kept, _settings(run))
    suite = Suite(Path(run.suite), tuple(_cases(rows)), {row.case: f"run {run.id}" for row in rows})
    again = ask_all(suite, assistant, progress)
    same = {name: value for name, value in run.made_by.items() if name in ("cases", FOLLOWED)}  # of the suite, not of the answers
    made_by = {name: value for name, value in again.made_by.items() if name != FOLLOWED} | same
    return replace(run, rows=tuple(rows)), replace(again, made_by=made_by)


def _settings(run: Run) -> Settings:
    known = {field.name for field in fields(Settings)}
    return replace(Settings.from_environment(), **{name: value for name, value in run.made_by["settings"].items() if name in known})


def _cases(rows: Sequence[Row]) -> list[Case]:
    found: dict[str, Case] = {}
    for row in rows:
        gold = {**found[row.case].gold, row.school: row.gold} if row.case in found else {row.school: row.gold}
        found[row.case] = Case(row.case, row.kind, row.question, row.asked, row.history, gold, row.tags)
    return list(found.values())
