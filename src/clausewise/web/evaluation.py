"""The evaluation pages: the suites, one suite with its runs and what changed, and a run's full report. Plain HTML, no Gradio."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment
from markupsafe import Markup

from clausewise.errors import ClausewiseError
from clausewise.evaluation import html, plots, wording
from clausewise.evaluation.overview import Compared, Heard, Overview, Past, find, heard, overview, report, suites
from clausewise.types import School
from clausewise.web import templates, words
from clausewise.web.templates import BROKEN

if TYPE_CHECKING:
    from clausewise.store import Store
    from clausewise.web.desk import Desk

FIGURES = (*wording.HEADLINES, "wrong_school", "verbatim")  # what is shown of a run
MOST = 50  # answers that changed, of each turn; the others stand in the full report
log = logging.getLogger(__name__)


class Room:
    """The pages around one folder of suites. Snapshots stand beside the folder of the desk's index."""

    def __init__(self, desk: Desk, store: Store, evals: Path) -> None:
        self.desk, self.store, self.evals, self.index = desk, store, evals, desk.index

    @property
    def policies(self) -> dict[str, str]:
        """Each policy's id -> its name in words."""
        assistant = self.desk.whole
        schools = {school.id: school for school in assistant.schools}
        return {titled.id: _policy(titled.title, titled.school, schools) for titled in assistant.index.catalogue.titled()}

    def answer(self, path: str) -> tuple[int, str]:
        """HTTP status and page of what stands at `path` below /evaluation."""
        try:
            return self.found(path)
        except ClausewiseError as error:
            return 404, missing(str(error))
        except Exception:
            log.exception("no page for /evaluation/%r", path)
            return 500, missing(BROKEN, title="Not to be shown now")

    def found(self, path: str) -> tuple[int, str]:
        """Only picks from what is there: no path is made of what the address says."""
        match [part for part in path.split("/") if part]:
            case []:
                return 200, self.all_suites()
            case [name] if name in (known := suites(self.evals)):
                return 200, one_suite(name, overview(known[name], self.index), heard(self.store), self.policies)
            case [name, run] if name in (known := suites(self.evals)):
                return one_run(name, find(known[name], run, self.index))
        return 404, missing("There is nothing at this address. A suite may have been renamed, or a run removed.")

    def all_suites(self) -> str:
        found = [(name, self.look(name, folder)) for name, folder in suites(self.evals).items()]
        return page("suites.html", suites=found, evals=self.evals, broken=BROKEN, heard=heard(self.store), policies=self.policies)

    def look(self, name: str, folder: Path) -> Overview | None:
        """One suite's fault must not take the others from the page."""
        try:
            return overview(folder, self.index)
        except Exception:
            log.exception("no overview of the suite %r", name)
            return None


def one_suite(name: str, found: Overview, gathered: Heard, policies: Mapping[str, str]) -> str:
    shown = {"trend": _trend(found), "flips": _flips(found)}
    return page("suite.html", name=name, found=found, heard=gathered, policies=policies, **shown)


def one_run(name: str, found: Compared | Past | None) -> tuple[int, str]:
    if isinstance(found, Compared):
        return 200, _full(found)
    return 404, missing(found.fault if found else "There is no such run of this suite; it may have been removed.", name)


def _policy(title: str, school: str, schools: Mapping[str, School]) -> str:
    return f"{title}, {schools[school].name if school in schools else school}"


def missing(told: str, suite: str = "", title: str = "Not found", ways: bool = True) -> str:
    return page("missing.html", told=told, suite=suite, title=title, ways=ways)


@lru_cache(maxsize=16)
def _full(of: Compared) -> str:
    return html.render(report(of))


def _trend(found: Overview) -> Markup:
    """The plot of the runs that can be read, the oldest first; nothing for fewer than two."""
    runs = [listed.run for listed in reversed(found.runs) if not listed.run.fault]
    return _plot(tuple((run.id, run.made, tuple(run.measures.items())) for run in runs)) if len(runs) > 1 else Markup("")


@lru_cache(maxsize=64)
def _plot(runs: tuple[tuple[str, str | None, tuple[tuple[str, Any], ...]], ...]) -> Markup:
    return Markup(plots.trend([{"run": id, "made": made, "measures": dict(measures)} for id, made, measures in runs]))


def _flips(found: Overview) -> dict[str, list[dict[str, Any]]]:
    """Turn -> the answers that turned so, each with the questions before it and its tags; empty where none may be shown."""
    if found.held_back or found.report is None:
        return {}
    asked = {(case["case"], case["school"]): case for case in found.report["cases"]}
    turned = {turn: wording.flips(found.report, turn) for turn in wording.TURNS}
    return {turn: [_with_case(flip, asked) for flip in some] for turn, some in turned.items() if some}


def _with_case(flip: dict[str, Any], asked: Mapping[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
    case = asked[flip["case"], flip["school"]]
    return {**flip, "history": case["history"], "tags": case["tags"]}


# words of the templates


def page(template: str, **values: Any) -> str:
    return templates.page(_environment(), template, "/evaluation", template != "suites.html", **values)


@cache
def _environment() -> Environment:
    made = templates.environment()
    made.globals |= {"NAMES": wording.NAMES, "FIGURES": FIGURES, "MOST": MOST}
    made.globals |= {"verdict": wording.verdict, "summary": wording.summary, "headlines": headlines}
    made.filters |= {name: getattr(wording, name) for name in ("count", "why", "condition", "found")}
    made.filters |= {"figure": figure, "date": date, "words": shlex.quote}
    made.filters |= {"stance": stance, "reason": reason}
    return made


def figure(name: str, measures: Mapping[str, float | int | None]) -> str:
    """A measure as a policy lead reads it: a percentage, or a count."""
    value = measures.get(name)
    if value is None:
        return "–"
    if name == "verbatim":
        return f"{value:,} of {measures.get('quotes'):,}"
    return f"{value:,}" if name == "wrong_school" else wording.percent(float(value))


def headlines(found: Overview) -> list[dict[str, str]]:
    """The headline figures of the last run: name, value, and in words what became of it beside the baseline or the run before."""
    if found.report is None:
        return []
    rows = {row["name"]: row for row in wording.measure_rows(found.report)}
    measures = found.report["measures"]
    return [{"name": name, "value": figure(name, measures), **_moved(rows.get(name), found.beside)} for name in FIGURES]


def _moved(row: Mapping[str, Any] | None, beside: str) -> dict[str, str]:
    """A mark, the words after it, and what colour they have: what chance may have done has none."""
    mark, _, turn = row["turn"].partition(" ") if row and beside else ("", "", "")
    if not row or not turn:
        return {"mark": "", "turn": "", "colour": ""}
    if turn == "same":
        return {"mark": "=", "turn": f"as in {beside}", "colour": ""}
    size = abs(row["difference"])
    by = f"{size:,.0f}" if row["name"] == "wrong_school" else f"{100 * size:.1f} points"
    word, comma, doubt = turn.partition(",")
    colour = "" if "chance" in doubt else {"better": "cw-permitted", "worse": "cw-prohibited"}.get(word, "")
    return {"mark": mark, "turn": f"{word} by {by} than {beside}{comma}{doubt}", "colour": colour}


def date(made: str | None) -> str:
    """An ISO time as "21 November 2026, 09:08 UTC"; what is no such time as it stands."""
    try:
        found = datetime.fromisoformat(made or "")
    except (TypeError, ValueError):
        return str(made) if made else "date not kept"
    return f"{found.day} {found:%B %Y, %H:%M} UTC"


def stance(answer: Mapping[str, Any]) -> tuple[str, str, str]:
    """How it was answered: a mark, the words, and the class of their colour."""
    if answer["status"] == "answered" and answer["stance"] in words.STANCES:
        return (*words.STANCES[answer["stance"]], f"cw-{answer['stance']}")
    return "·" if answer["status"] == "answered" else "–", words.sentence(wording.said(answer)), ""


def reason(answer: Mapping[str, Any]) -> str:
    return words.REASONS.get(answer["reason"] or "", words.NO_REASON) if answer["status"] == "not_covered" else ""
