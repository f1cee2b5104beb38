"""The words that every form of a report shares: names of measures, numbers, what changed and why.

They are plain text, and what comes from a suite stands in them as it is, so each form escapes it in its own way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from clausewise.evaluation.differences import WEIGHTS
from clausewise.evaluation.measures import COUNTS

Report = dict[str, Any]  # as evaluation.report makes it
NBSP = "\u00a0"
# In the order of a report's measures; of the shares each is 0 to 1.
NAMES = {
    "overall": "Right overall",
    "hit@1": "Right clause first",
    "hit@3": "Right clause in top 3",
    "MRR": "Rank of the right clause",
    "recall@5": "Found in nearest five",
    "recall@10": "Found in nearest ten",
    "nDCG@10": "Order of nearest ten",
    "char_precision@1": "First quote to the point",
    "char_recall@1": "First quote complete",
    "char_precision": "All quotes to the point",
    "char_recall": "All quotes complete",
    "silence_precision": "Silences that are right",
    "silence_recall": "Silences found",
    "silence_f1": "Silence, both together",
    "refused_answerable": "Wrongly refused",
    "stance_accuracy": "Right stance",
    "completeness": "Rule with its exception",
    "AURC": "Risk over coverage",
    "wrong_school": "Quotes of another school",
    "quotes": "Quotes shown",
    "verbatim": "Quotes word for word",
    "latency_p50_ms": "Time to answer, median",
    "latency_p95_ms": "Time to answer, 95th of 100",
}
# Those that a policy lead asks for first.
HEADLINES = ("overall", "hit@1", "hit@3", "silence_f1", "stance_accuracy")
_ALWAYS = {"cases", "wrong_school", "verbatim", "gold clauses reworded"}  # conditions that gates.py sets for every suite
TURNS = {"worse": "worse", "better": "better", "otherwise": "changed, no better or worse"}
OUTCOMES = {
    "right": "right clause",
    "right_silence": "rightly silent",
    "wrong_clause": "wrong clause",
    "refused": "refused, though it is answered",
    "not_silent": "quoted, though it is silent",
    "no_answer": "no answer",
}
# What a flip is about, by the weightiest measure that moved; (worse, better).
_WHY = {
    "overall": ("was right, is wrong now", "was wrong, is right now"),
    "stance_accuracy": ("right clause, stance wrong now", "right clause, stance right now"),
    "hit@3": ("right clause no longer quoted in the first three", "right clause quoted in the first three now"),
    "completeness": ("what belongs to the rule is no longer shown", "what belongs to the rule is shown now"),
    "MRR": ("right clause quoted further down", "right clause quoted further up"),
    "char_recall@1": ("first quote holds less of the answer", "first quote holds more of the answer"),
    "char_precision@1": ("first quote holds more beside the answer", "first quote holds less beside the answer"),
}
_SURE = 0.05  # a difference that chance alone would make less often is called one


def number(name: str, value: float | None) -> str:
    """The value of the measure as it is printed; the sign of a minus is a real one."""
    if value is None:
        return "–"
    whole = name in COUNTS or name.startswith("latency")
    shown = f"{round(value) + 0:,}" if whole else f"{round(value, 3) + 0:.3f}"  # + 0: no minus before a zero
    return shown.replace("-", "−") + (f"{NBSP}ms" if name.startswith("latency") else "")


def percent(value: float) -> str:
    return f"{100 * value:.1f}{NBSP}%"


def chance(p: float | None) -> str:
    return "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def count(of: int, one: str) -> str:
    """ "1 answer", "2 answers"."""
    return f"{of:,} {one}{'' if of == 1 else 's'}"


def flat(text: str) -> str:
    """On one line, without what no printer shows: a question may hold sequences that would steer a terminal."""
    return " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())


def short(text: str, length: int) -> str:
    """Flat, and cut to `length` characters."""
    line = flat(text)
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def measure_rows(report: Report) -> list[dict[str, Any]]:
    """A row for each measure that has a value in either run: name, value, low, high, pairs, old, difference, p, turn."""
    before, rows = (report["baseline"] or {}).get("measures", {}), []
    for name in NAMES:
        value, old = report["measures"].get(name), before.get(name)
        change = (report["baseline"] or {}).get("changes", {}).get(name) or _plain(old, value)
        if value is not None or old is not None:
            low, high = report["intervals"].get(name, (None, None))
            moved = {"old": change["old"], "difference": change["difference"], "p": change["p"], "turn": _turn(name, change, report)}
            rows.append({"name": name, "value": value, "low": low, "high": high, "pairs": report["sizes"].get(name), **moved})
    return rows


def _plain(old: float | None, new: float | None) -> dict[str, Any]:
    """The change of a measure that is not tested."""
    return {"old": old, "difference": None if old is None or new is None else round(new - old, 4), "p": None}


def _turn(name: str, change: dict[str, Any], report: Report) -> str:
    """With an arrow, what became of a measure: worse, better, or whether chance alone may have done it."""
    difference = change["difference"]
    if difference is None or name in ("quotes", "verbatim"):
        return ""
    if abs(difference) < 0.0005:  # it prints as nothing
        return "= same"
    less = name in report["less_is_better"] or name == "wrong_school"
    word = f"{'▲' if difference > 0 else '▼'} {'better' if (difference > 0) != less else 'worse'}"
    return f"{word}, not tested" if change["p"] is None else word if change["p"] < _SURE else f"{word}, may be chance"


def verdict(report: Report) -> str:
    checks = report["gate"]["checks"]
    failed = sum(not check["passed"] for check in checks)
    if failed:
        return f"Gate failed: {failed} of {count(len(checks), 'condition')} not met"
    return f"Gate passed: {len(checks)} of {count(len(checks), 'condition')} met"


def condition(name: str) -> str:
    """A condition of the gate with its measure's plain name: "Right overall (overall), tag typo"."""
    measure, comma, rest = name.partition(", ")
    return f"{NAMES[measure]} ({measure}){comma}{rest}" if measure in NAMES else name[:1].upper() + name[1:]


def found(check: Mapping[str, Any]) -> str:
    """What was found where a condition was judged."""
    return "nothing" if check["found"] is None else f"{check['found']:g}"


def summary(report: Report) -> list[str]:
    """Sentences for somebody who knows the policies and not the measures."""
    measures, intervals = report["measures"], report["intervals"]
    right = measures["overall"]
    asked = f"{count(measures['pairs'], 'answer')} to {count(measures['cases'], 'question')}"
    if right is None:
        return [f"{asked[:1].upper()}{asked[1:]}: nothing was measured."]
    low, high = intervals["overall"]
    first = f"{percent(right)} of {asked} are right (95{NBSP}% interval {percent(low)} to {percent(high)})."
    if {check["name"] for check in report["gate"]["checks"]} <= _ALWAYS:
        first += " The suite sets no conditions of its own, so only those that hold for every suite were judged."
    return [first, *(_against(report) if report["baseline"] else ["There is no baseline to compare with."])]


def _against(report: Report) -> list[str]:
    baseline = report["baseline"]
    turned = baseline["turned"]
    said = f"Of {count(baseline['shared_pairs'], 'answer')} that both runs gave, {turned['worse']:,} got worse, {turned['better']:,} better"
    said += f" and {turned['otherwise']:,} changed without getting better or worse."
    return [said + _lost(baseline), *_most(report), _moves(report)]


def _lost(baseline: dict[str, Any]) -> str:
    """How many went from right to wrong; nothing of a suite whose flips may not be named."""
    lost = [flip["old"]["right"] for flip in baseline.get("flips", ()) if flip["old"]["right"] != flip["new"]["right"]]
    if lost:
        return f" {count(sum(lost), 'answer')} went from right to wrong, {len(lost) - sum(lost):,} from wrong to right."
    return " None went from right to wrong or from wrong to right." if baseline.get("flips") else ""


def _most(report: Report) -> list[str]:
    """What most of the worse answers have in common."""
    common = Counter(why(flip) for flip in flips(report, "worse")).most_common(1)
    return [f"What most often got worse: {what} ({number:,})." for what, number in common]


def _moves(report: Report) -> str:
    """The headlines and refusals that moved by more than chance, and how many other measures did."""
    rows = [row for row in measure_rows(report) if row["p"] is not None and row["p"] < _SURE]
    told = [f"{NAMES[row['name']]} ({row['name']}) {_went(row)}" for row in rows if row["name"] in (*HEADLINES, "refused_answerable")]
    others = len(rows) - len(told)
    if others:
        told.append(f"{count(others, 'other measure' if told else 'measure')} moved by more than chance")
    return f"{'; '.join(told)}." if told else "No measure moved by more than chance would move it."


def _went(row: dict[str, Any]) -> str:
    new = row["old"] + row["difference"]
    return f"{'rose' if row['difference'] > 0 else 'fell'} from {percent(row['old'])} to {percent(new)}"


def flips(report: Report, turn: str) -> list[dict[str, Any]]:
    """Those that turned so, the weightiest first."""
    some = [flip for flip in (report["baseline"] or {}).get("flips", ()) if flip["turn"] == turn]
    return sorted(some, key=lambda flip: [name not in flip["moved"] for name in WEIGHTS])


def why(flip: Mapping[str, Any]) -> str:
    """What turned, in a few words."""
    moved = next((name for name in WEIGHTS if name in flip["moved"]), None)
    return TURNS["otherwise"] if moved is None or flip["turn"] == "otherwise" else _WHY[moved][flip["turn"] == "better"]


def said(answer: Mapping[str, Any]) -> str:
    """In what way it was answered, without the clauses."""
    if answer["status"] is None:
        return "no answer"
    return answer["stance"] or "states a fact" if answer["status"] == "answered" else "not covered"


def given(answer: Mapping[str, Any]) -> str:
    """What was answered in a line: the clauses quoted, those that answer with a tick, and in what way; or why there are none."""
    clauses = ", ".join(f"{quote['clause']}{' ✓' * (quote['grade'] == 2)}" for quote in answer["quotes"])
    way = said(answer)
    if answer["status"] is None:
        return way
    return f"{clauses} ({way})" if clauses else f"{way} ({(answer['reason'] or 'no reason').replace('_', ' ')})"


def wanted(gold: Mapping[str, Any]) -> str:
    """What would have been right, as `given` tells what was answered."""
    clauses = " or ".join(clause["clause"] for clause in gold["clauses"] if clause["grade"] == 2)
    return f"{clauses} ({' or '.join(gold['stances'])})" if clauses else "not covered"
