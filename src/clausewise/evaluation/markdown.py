"""A report -> Markdown for a comment on a pull request.

What comes from a suite or a policy is escaped, so that no question becomes markup, a link, a mention or an issue's number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from clausewise.evaluation.provenance import told
from clausewise.evaluation.wording import (
    NAMES,
    NBSP,
    Report,
    chance,
    condition,
    count,
    flips,
    found,
    measure_rows,
    number,
    said,
    short,
    summary,
    verdict,
    why,
)

LIMIT = 60_000  # characters; GitHub refuses a comment of 65,536


def render(report: Report) -> str:
    """At most LIMIT characters; the rows that had no room are counted."""
    parts = [_head(report), _checks(report), _unlike(report), _measures(report)]
    return "\n".join(_within(LIMIT, [*(part for part in parts if part), *_flips(report)])) + "\n"


_MARKUP = re.compile(r"([\\`*_\[\]<>|~&$^=])")
_LINKED = re.compile(r"([@#:]|\bGH-|\bwww\.)(?=\S)", re.IGNORECASE)  # a mention, an issue, an address, a smiley


def escape(text: str, length: int = 200) -> str:
    """Plain text that GitHub shows as it is, on one line."""
    return _LINKED.sub("\\1\u200b", _MARKUP.sub(r"\\\1", short(text, length)))


def code(text: str) -> str:
    """In fixed width, where nothing is linked either; a pipe would end a table's cell all the same."""
    line = short(text, 120).replace("|", "\\|")
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
    rows = [[escape(condition(check["name"])), found(check), escape(check["wanted"])] for check in failed]
    return ["", "### Conditions not met", "", *_table(("condition", "found", "wanted"), rows)] if failed else []


def _unlike(report: Report) -> list[str]:
    lines = [f"- {escape(line)}" for line in told(report)]
    return ["", "### What made the run differ from the baseline", "", *lines] if lines else []


def _measures(report: Report) -> list[str]:
    rows = [_measure(row) for row in measure_rows(report)]
    head = ("measure", "", f"this run (95{NBSP}% interval)", "baseline", "difference", "p", "")
    return ["", "### Measures", "", *_table(head, rows)]


def _measure(row: dict[str, Any]) -> list[str]:
    name = row["name"]
    low, high = number(name, row["low"]), number(name, row["high"])
    value = number(name, row["value"]) + (f" ({low} to {high})" if row["low"] is not None else "")
    return [NAMES[name], code(name), value, *(number(name, row[key]) for key in ("old", "difference")), chance(row["p"]), row["turn"]]


def _flips(report: Report) -> list[list[str]]:
    return [_turned(turn, some) for turn in ("worse", "better") if (some := flips(report, turn))]


_OPEN = 10  # a longer list is folded


def _turned(turn: str, some: Sequence[dict[str, Any]]) -> list[str]:
    head = ("case", "school", "question", "what turned", "baseline", "this run")
    lines = _table(head, [_flip(flip) for flip in some])
    title = f"{turn.capitalize()}: {count(len(some), 'answer')}"
    if len(some) <= _OPEN:
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
