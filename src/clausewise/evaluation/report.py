"""A run, beside its baseline -> one value that every form of report is made of.

It holds plain data only (it is the JSON report), and it is the last place where a policy's words are looked up: they
stand in the index snapshot that the run names, and a run whose snapshot is gone shows addresses alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from clausewise.catalogue import Texts
from clausewise.evaluation.differences import Difference, Flip
from clausewise.evaluation.gates import Gate, Verdict
from clausewise.evaluation.measures import SHARES, STANCES, confusion, figures, groups, measures, risk_coverage
from clausewise.evaluation.runs import Place, Row, Run
from clausewise.evaluation.wording import given, wanted

Library = Mapping[str, Texts]  # an index's fingerprint -> its words
HELD_BACK = "held back"
_CONTEXT = 300  # characters shown before and after a quote


def report(run: Run, against: Difference | None, gate: Gate, verdict: Verdict, library: Library) -> dict[str, Any]:
    """`against`: the baseline to `run`, where there is one. Of a held-back suite, nothing that names a case."""
    found: dict[str, Any] = {
        "suite": run.suite,
        "run": run.id,
        "made": run.made,
        "made_by": dict(run.made_by),
        "held_back": gate.held_back,
        "measures": measures(run),
        "intervals": {name: [f.low, f.high] for name, f in figures(run.rows).items()},
        "sizes": {name: f.pairs for name, f in figures(run.rows).items()},
        "less_is_better": [*(name for name, more in SHARES.items() if not more), "AURC", "latency_p50_ms", "latency_p95_ms"],
        "groups": _groups(run),
        "stances": {"labels": list(STANCES), "table": confusion(run.rows)},
        "risk_coverage": [list(point) for point in risk_coverage(run.rows)],
        "waiting": _named(run.waiting, gate),
        "gate": {"passed": verdict.passed, "checks": [asdict(check) for check in verdict.checks]},
        "baseline": _baseline(against, gate, library) if against else None,
    }
    if not gate.held_back:
        words, seconds = library.get(run.made_by["index"]), run.seconds or {}
        before = {row.key: row.matter for row in against.old.rows} if against else {}
        found["cases"] = [
            {**case_dict(row, words), "seconds": seconds.get(row.case), "compared": before.get(row.key) == row.matter} for row in run.rows
        ]
        found["misses"] = [_miss(case) for case in found["cases"] if not case["answer"]["right"]]
    return found


def _miss(case: dict[str, Any]) -> list[str]:
    """Case, school, and in words what was said and what was wanted."""
    return [case["case"], case["school"], given(case["answer"]), wanted(case["gold"])]


def _named(ids: Sequence[str], gate: Gate) -> list[str]:
    """Ids; of a held-back suite only how many."""
    return [HELD_BACK] * len(ids) if gate.held_back else list(ids)


def _groups(run: Run) -> dict[str, Any]:
    """By school, kind and tag: how many pairs, and each share with its interval."""
    return {
        name: {value: {share: [f.value, f.low, f.high, f.pairs] for share, f in some.items()} for value, some in by.items()}
        for name, by in groups(run.rows).items()
    }


def _baseline(against: Difference, gate: Gate, library: Library) -> dict[str, Any]:
    old = against.old
    found: dict[str, Any] = {
        "run": old.id,
        "made_by": dict(old.made_by),
        "measures": measures(old),
        "groups": _groups(old),
        "risk_coverage": [list(point) for point in risk_coverage(old.rows)],
        "changes": {name: asdict(change) for name, change in against.changes.items()},
        "shared_pairs": against.shared,
        "unlike": {name: list(pair) for name, pair in against.made_by.items()},
        "turned": {turn: len(against.turned(turn)) for turn in ("worse", "better", "otherwise")},
        "reworded": _named(against.reworded, gate),
    }
    if not gate.held_back:
        found |= {"added": list(against.added), "dropped": list(against.dropped), "changed": list(against.changed)}
        found["flips"] = [flip_dict(flip, against, library) for flip in against.flips]
    return found


def flip_dict(flip: Flip, against: Difference, library: Library) -> dict[str, Any]:
    """Old and new answer to one case at one school, each with its quotes. `moved`: each share of the pair that changed, (old, new)."""
    asked = {"case": flip.new.case, "school": flip.new.school, "kind": flip.new.kind, "question": flip.new.question}
    old = answer_dict(flip.old, library.get(against.old.made_by["index"]))
    new = answer_dict(flip.new, library.get(against.new.made_by["index"]))
    return {**asked, "turn": flip.turn, "moved": _moved(flip), "old": old, "new": new}


def _moved(flip: Flip) -> dict[str, list[float]]:
    pairs = {name: [_share(flip.old, name), _share(flip.new, name)] for name in SHARES}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _share(row: Row, name: str) -> float:
    """The measure of one pair, 0 to 1; 0 where it is not measured."""
    part, whole = row.scores.get(name, (0.0, None))
    return round(part / whole, 4) if whole else 0.0


def case_dict(row: Row, words: Texts | None) -> dict[str, Any]:
    """What was asked, wanted and answered."""
    return {
        "case": row.case,
        "school": row.school,
        "kind": row.kind,
        "tags": list(row.tags),
        "question": row.question,
        "standalone_question": row.standalone_question,
        "history": list(row.history),
        "asked": row.asked,
        "outcome": outcome(row),
        "scores": {name: list(score) for name, score in row.scores.items()},
        "answer": answer_dict(row, words),
        "gold": {
            "stances": list(row.gold.stances),
            "clauses": [{**_clause(clause, words), "grade": grade} for clause, grade in row.gold.qrels.items()],
            "beside": [_clause(clause, words) for clause in row.gold.beside],
        },
    }


def outcome(row: Row) -> str:
    """In a word: right, right_silence, wrong_clause, refused, not_silent, no_answer."""
    if row.status is None:
        return "no_answer"
    if row.gold.right:
        return "right" if row.right else "wrong_clause" if row.quotes and row.status == "answered" else "refused"
    return "right_silence" if row.right else "not_silent"


def answer_dict(row: Row, words: Texts | None) -> dict[str, Any]:
    """What was answered; with the words, where they are at hand."""
    return {
        "status": row.status,
        "reason": row.reason,
        "stance": row.stance,
        "sure": row.sure,
        "right": row.right,
        "quotes": [_quote(place, row, words) for place in row.quotes],
        "closest": [_quote(place, row, words) for place in row.closest],
        "ranking": list(row.ranking),
    }


def _quote(place: Place, row: Row, words: Texts | None) -> dict[str, Any]:
    found = {"clause": place.clause, "start": place.start, "end": place.end, "grade": row.gold.qrels.get(place.clause, 0)}
    if words is None or place.clause not in words.clause:
        return {**found, "text": None}
    clause = words.clause[place.clause]
    document = words.document[clause.document]
    return {
        **found,
        "text": document.text[place.start : place.end],
        "lead_in": " ".join(span.of(document.text) for span in clause.lead_ins) or None,
        "before": document.text[max(0, place.start - _CONTEXT) : place.start],
        "after": document.text[place.end : place.end + _CONTEXT],
        "title": document.title,
        "number": clause.number,
        "headings": list(clause.headings),
        "page": document.page(place.start),
    }


def _clause(clause: str, words: Texts | None) -> dict[str, Any]:
    if words is None or clause not in words.clause:
        return {"clause": clause, "text": None}
    place = words.clause[clause]
    return {"clause": clause, "text": place.body.of(words.document[place.document].text)}
