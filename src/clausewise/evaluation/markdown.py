"""A report -> Markdown for a comment on a pull request; and the words that its other forms share.

What comes from a suite or a policy is escaped, so that no question becomes markup, a link, a mention or an issue's number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

Report = dict[str, Any]  # as evaluation.report makes it
LIMIT = 60_000  # characters; GitHub refuses a comment of 65,536
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
HEADLINES = ("overall", "hit@1", "hit@3", "silence_f1", "refused_answerable", "stance_accuracy")
_ALWAYS = {"cases", "wrong_school", "verbatim", "gold clauses reworded"}  # conditions that gates.py sets for every suite
_COUNTS = ("wrong_school", "quotes", "verbatim")
TURNS = {"worse": "worse", "better": "better", "otherwise": "changed, no better or worse"}
OUTCOMES = {
    "right": "right clause",
    "right_silence": "rightly silent",
    "wrong_clause": "wrong clause",
    "refused": "refused, though it is answered",
    "not_silent": "quoted, though it is silent",
    "no_answer": "no answer",
}
# What a flip is about: the first of these that moved, as differences._WEIGHTS weighs them; (worse, better).
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


def render(report: Report) -> str:
    """At most LIMIT characters; the rows that had no room are counted."""
    parts = [_head(report), _checks(report), _unlike(report), _measures(report)]
    return "\n".join(_within(LIMIT, [*(part for part in parts if part), *_flips(report)])) + "\n"


# the words that every form shares


def number(name: str, value: float | None) -> str:
    """The value of the measure as it is printed; the sign of a minus is a real one."""
    if value is None:
        return "–"
    whole = name in _COUNTS or name.startswith("latency")
    shown = f"{round(value) + 0:,}" if whole else f"{round(value, 3) + 0:.3f}"  # + 0: no minus before a zero
    return shown.replace("-", "−") + (f"{NBSP}ms" if name.startswith("latency") else "")


def percent(value: float) -> str:
    return f"{100 * value:.1f}{NBSP}%"


def chance(p: float | None) -> str:
    return "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def count(of: int, one: str) -> str:
    """ "1 answer", "2 answers"."""
    return f"{of:,} {one}{'' if of == 1 else 's'}"


def short(text: str, length: int) -> str:
    """On one line, and cut to `length` characters."""
    line = " ".join(text.split())
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
    """The headlines that moved by more than chance, and how many other measures did."""
    rows = [row for row in measure_rows(report) if row["p"] is not None and row["p"] < _SURE]
    told = [f"{NAMES[row['name']]} ({row['name']}) {_went(row)}" for row in rows if row["name"] in HEADLINES]
    others = len(rows) - len(told)
    if others:
        told.append(f"{count(others, 'other measure' if told else 'measure')} moved by more than chance")
    return f"{'; '.join(told)}." if told else "No measure moved by more than chance would move it."


def _went(row: dict[str, Any]) -> str:
    new = row["old"] + row["difference"]
    return f"{'rose' if row['difference'] > 0 else 'fell'} from {percent(row['old'])} to {percent(new)}"


def flips(report: Report, turn: str) -> list[dict[str, Any]]:
    """Those that turned so, the weightiest first."""
    found = [flip for flip in (report["baseline"] or {}).get("flips", ()) if flip["turn"] == turn]
    return sorted(found, key=lambda flip: [name not in flip["moved"] for name in _WHY])


def why(flip: dict[str, Any]) -> str:
    """What turned, in a few words."""
    found = next((words for name, words in _WHY.items() if name in flip["moved"]), None)
    return TURNS["otherwise"] if found is None or flip["turn"] == "otherwise" else found[flip["turn"] == "better"]


def said(answer: dict[str, Any]) -> str:
    """In what way it was answered, without the clauses."""
    if answer["status"] is None:
        return "no answer"
    return answer["stance"] or "states a fact" if answer["status"] == "answered" else "not covered"


def unlike(report: Report) -> list[tuple[str, str, str]]:
    """(name, before, now) of all that made the run and its baseline differently."""
    pairs = (report["baseline"] or {}).get("unlike", {})
    return [(name, *("none" if value is None else str(value) for value in pair)) for name, pair in pairs.items()]


# Markdown

_MARKUP = re.compile(r"([\\`*_\[\]<>|~&$^=])")
_LINKED = re.compile(r"([@#:]|\bGH-|\bwww\.)(?=\S)", re.IGNORECASE)  # a mention, an issue, an address, a smiley


def escape(text: str, length: int = 200) -> str:
    """Plain text that GitHub shows as it is, on one line."""
    line = "".join(char for char in short(text, length) if char.isprintable())
    return _LINKED.sub("\\1\u200b", _MARKUP.sub(r"\\\1", line))


def code(text: str) -> str:
    """In fixed width, where nothing is linked either; a pipe would end a table's cell all the same."""
    line = "".join(char for char in short(text, 120) if char.isprintable()).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`" if line else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _head(report: Report) -> list[str]:
    mark = "✅" if report["gate"]["passed"] else "❌"
    ids = f"Run {code(report['run'])}" + (f", baseline {code(report['baseline']['run'])}" if report["baseline"] else "")
    return [f"## {mark} {escape(report['suite'])}: {verdict(report)}", "", " ".join(summary(report)), "", f"{ids}."]


def _checks(report: Report) -> list[str]:
    failed = [check for check in report["gate"]["checks"] if not check["passed"]]
    rows = [[escape(condition(c["name"])), "–" if c["found"] is None else f"{c['found']:g}", escape(c["wanted"])] for c in failed]
    return ["", "### Conditions not met", "", *_table(("condition", "found", "wanted"), rows)] if failed else []


def _unlike(report: Report) -> list[str]:
    rows = [[code(name), code(old), code(new)] for name, old, new in unlike(report)]
    return ["", "### What made the run differ from the baseline", "", *_table(("what", "baseline", "this run"), rows)] if rows else []


def _measures(report: Report) -> list[str]:
    rows = [_measure(row) for row in measure_rows(report)]
    head = ("measure", "", f"this run (95{NBSP}% interval)", "baseline", "difference", "p", "")
    return ["", "### Measures", "", *_table(head, rows)]


def _measure(row: dict[str, Any]) -> list[str]:
    name = row["name"]
    low, high = number(name, row["low"]), number(name, row["high"])
    found = number(name, row["value"]) + (f" ({low} to {high})" if row["low"] is not None else "")
    return [NAMES[name], code(name), found, *(number(name, row[key]) for key in ("old", "difference")), chance(row["p"]), row["turn"]]


def _flips(report: Report) -> list[list[str]]:
    return [_turned(turn, found) for turn in ("worse", "better") if (found := flips(report, turn))]


_OPEN = 10  # a longer list is folded


def _turned(turn: str, found: Sequence[dict[str, Any]]) -> list[str]:
    head = ("case", "school", "question", "what turned", "baseline", "this run")
    lines = _table(head, [_flip(flip) for flip in found])
    title = f"{turn.capitalize()}: {count(len(found), 'answer')}"
    if len(found) <= _OPEN:
        return ["", f"### {title}", "", *lines]
    return ["", f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]


def _flip(flip: dict[str, Any]) -> list[str]:
    asked = [code(flip["case"]), code(flip["school"]), escape(flip["question"], 100), why(flip)]
    return [*asked, _answer(flip["old"]), _answer(flip["new"])]


def _answer(answer: dict[str, Any]) -> str:
    """How it was answered, and the clauses without their school: the row has named it."""
    clauses = [code(quote["clause"].partition("/")[2] or quote["clause"]) for quote in answer["quotes"]]
    return " ".join([escape(said(answer)), *dict.fromkeys(clauses)])


_SPARE = 80  # characters, for the line that counts the rows left out


def _within(limit: int, parts: Sequence[Sequence[str]]) -> list[str]:
    """The lines of `parts`, tables cut where they do not fit; what a part leaves over, the next ones have."""
    lines: list[str] = []
    for done, part in enumerate(parts):
        lines += _cut(part, (limit - _length(lines)) // (len(parts) - done))
    return lines


def _cut(part: Sequence[str], room: int) -> list[str]:
    """`part`, less the last rows of its table if it is longer than `room` characters."""
    rows = [place for place, line in enumerate(part) if line.startswith("|")][2:]
    over, out = _length(part) - room, 0
    if over <= 0 or not rows:
        return list(part)
    over += _SPARE
    while over > 0 and out < len(rows):
        out += 1
        over -= len(part[rows[-out]]) + 1
    return [*part[: rows[-out]], "", f"{count(out, 'more row')} left out for want of room.", *part[rows[-1] + 1 :]]


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)
