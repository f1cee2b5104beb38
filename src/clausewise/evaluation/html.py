"""A report -> one HTML page that needs no network and nothing beside it.

Every word that is not ours is escaped by the template; the page's own policy (CSP) lets no script run but report.js.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from clausewise.evaluation import plots, provenance, wording
from clausewise.evaluation.measures import DRAWS, SHARES
from clausewise.evaluation.wording import HEADLINES, OUTCOMES, TURNS, Report

_HOME = Path(__file__).parent
_CONTEXT = 160  # characters shown before and after a quote
_BLANK = re.compile(r"\s*\n\s*")
_FEW = 5  # answers; the interval of fewer says nothing
# As scoring.py and measures.py reckon them.
DEFINITIONS = {
    "overall": (
        "Share of all answers that are right: the first clause quoted answers the question, or nothing is quoted where the "
        "policy is silent."
    ),
    "hit@1": (
        "Of the answers that the policy holds: share in which the first clause quoted is a right one. A refusal, or no answer, "
        "counts as a miss."
    ),
    "hit@3": "The same for the first three clauses quoted.",
    "MRR": "One divided by the rank of the first right clause among those quoted, 0 where there is none; the mean of it.",
    "recall@5": "Share of a question’s right clauses that are among the five nearest, before anything is refused.",
    "recall@10": "The same among the ten nearest.",
    "nDCG@10": (
        "How near the order of the ten nearest comes to the best order. A clause that answers counts two, one that supports "
        "counts one, and less the further down it stands."
    ),
    "char_precision@1": "Share of the first quote’s characters that belong to the answer.",
    "char_recall@1": "Share of the answer’s characters that the first quote holds.",
    "char_precision": "The same as for the first quote, of all quotes together; what overlaps counts once.",
    "char_recall": "The same as for the first quote, of all quotes together.",
    "silence_precision": "Of the times nothing was quoted: share in which the policy is indeed silent.",
    "silence_recall": "Of the times the policy is silent: share in which nothing was quoted.",
    "silence_f1": "The harmonic mean of these two.",
    "refused_answerable": "Of the answers that the policy holds: share that was refused. Less is better.",
    "stance_accuracy": (
        "Where the first clause is right and the question asks for a rule: share in which the stance (not allowed, required, …)"
        " is one that counts as right."
    ),
    "completeness": (
        "Where the first clause is right and something belongs beside it (the lead-in of a list, an exception, a condition): "
        "share in which all of it is shown."
    ),
    "AURC": (
        "Answers are given in the order of how sure they are, the surest first. The mean, over every point at which one could "
        "stop, of the share of wrong ones so far. Less is better."
    ),
    "wrong_school": "Quotes shown under another school’s name, the nearest clauses included. It must be 0.",
    "quotes": "Quotes shown, the nearest clauses included.",
    "verbatim": "Quotes that are their document’s words, letter for letter. It must be all of them.",
    "latency_p50_ms": "From question to answer, over questions: half take less.",
    "latency_p95_ms": "From question to answer, over questions: 95 of 100 take less.",
}


def render(report: Report) -> str:
    """The page. The same report gives the same bytes."""
    return _template().render(
        report=report,
        baseline=report["baseline"],
        rows=wording.measure_rows(report),
        flips={turn: wording.flips(report, turn) for turn in TURNS},
        turns={(flip["case"], flip["school"]): flip["turn"] for flip in (report["baseline"] or {}).get("flips", ())},
        turned_by=_turned_by(report),
        choices=_choices(report.get("cases", [])),
        plots=_plots(report),
        definitions=DEFINITIONS,
        few=_FEW,
        css=_own("report.css"),
        js=_own("report.js"),
        js_digest=base64.b64encode(hashlib.sha256(_own("report.js").encode()).digest()).decode(),
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, loader=FileSystemLoader(_HOME), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {name: getattr(wording, name) for name in ("number", "chance", "count", "said", "why", "condition", "found")}
    environment.filters |= {"anchor": _anchor, "tail": _tail, "head": _head, "shown": _shown, "json_list": json.dumps, "pairs": _pairs}
    environment.filters |= {"risk": _risk, "certain": _certain, "grades": _grades, "right": _right, "parted": _parted}
    environment.globals |= {"NAMES": wording.NAMES, "HEADLINES": HEADLINES, "OUTCOMES": OUTCOMES, "TURNS": TURNS}
    environment.globals |= {"verdict": wording.verdict, "summary": wording.summary}
    environment.globals |= {"SHARES": SHARES, "DRAWS": DRAWS, "told": provenance.told, "recorded": provenance.recorded}
    return environment.get_template("report.html.j2")


@cache
def _own(name: str) -> Markup:
    return Markup((_HOME / name).read_text("utf-8"))  # ours, and read as it stands


def _plots(report: Report) -> list[tuple[str, Markup, str]]:
    """(title, SVG, the id of the section that holds its numbers); those that have something to show."""
    drawn = (
        ("Measures", plots.measures(report), "measures"),
        ("Right answers by school", plots.by_school(report), "groups"),
        ("If only the surest answers were given", plots.risk_coverage(report), "risk"),
        ("Stance wanted and said", plots.stances(report), "stances"),
    )
    return [(title, Markup(svg), place) for title, svg, place in drawn if svg]


def _turned_by(report: Report) -> dict[str, Counter[tuple[str, str]]]:
    """school, kind and tag -> (value, turn) -> how many answers turned so; empty where no case may be named."""
    tags = {(case["case"], case["school"]): case["tags"] for case in report.get("cases", ())}
    found: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in ("school", "kind", "tag")}
    for flip in (report["baseline"] or {}).get("flips", ()):
        for name, values in (("school", [flip["school"]]), ("kind", [flip["kind"]]), ("tag", tags[flip["case"], flip["school"]])):
            found[name].update((value, flip["turn"]) for value in values)
    return found


def _choices(cases: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What the cases can be filtered by."""
    return {
        "school": sorted({case["school"] for case in cases}),
        "kind": sorted({case["kind"] for case in cases}),
        "tag": sorted({tag for case in cases for tag in case["tags"]}),
        "outcome": [name for name in OUTCOMES if any(case["outcome"] == name for case in cases)],
    }


def _anchor(case: dict[str, Any]) -> str:
    """An id for the case at the school that can be linked to; no other id of the page holds a slash."""
    return f"{quote(case['case'], safe='')}/{quote(case['school'], safe='')}"


def _tail(text: str) -> str:
    """What stands just before a quote, from a whole word on."""
    cut = text if len(text) <= _CONTEXT else "… " + text[-_CONTEXT:].partition(" ")[2]
    return _BLANK.sub("\n", cut)


def _head(text: str) -> str:
    """What stands just after a quote, up to a whole word."""
    cut = text if len(text) <= _CONTEXT else text[:_CONTEXT].rpartition(" ")[0] + " …"
    return _BLANK.sub("\n", cut)


def _shown(quotes: list[dict[str, Any]]) -> set[tuple[str, int, int]]:
    """The addresses quoted."""
    return {(quote["clause"], quote["start"], quote["end"]) for quote in quotes}


def _pairs(values: list[str], names: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """(value, what it is called)."""
    return [(value, names[value] if names else value) for value in values]


def _risk(points: list[list[float]], coverage: float) -> str:
    """The risk where first so much is answered."""
    return next((wording.percent(risk) for reached, risk in points if reached >= coverage - 0.0001), "–")


def _certain(turn: str) -> str:
    """What colour a measure's turn has: one that chance may have made has none."""
    return {"better": "good", "worse": "bad"}.get(turn[2:], "")


def _grades(clauses: list[dict[str, Any]]) -> dict[str, int]:
    return {clause["clause"]: clause["grade"] for clause in clauses}


def _right(ranking: list[str], grades: dict[str, int]) -> bool:
    return any(grades.get(clause) == 2 for clause in ranking)


def _parted(groups: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The groups that have enough answers to go by, and the others."""
    many = {value: shares for value, shares in groups.items() if shares["overall"][3] >= _FEW}
    return many, {value: shares for value, shares in groups.items() if value not in many}
