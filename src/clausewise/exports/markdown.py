"""A comparison -> Markdown: tables, and the quotes below them. No word of a policy becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from clausewise.exports.wording import (
    DIFFERENCES,
    HINT,
    HOW_TO_READ,
    MEANINGS,
    POSITIONS,
    REVIEWS,
    Report,
    Row,
    about,
    audiences,
    below,
    citation,
    day,
    documents,
    flat,
    grid,
    legal,
    names,
    percent,
    position,
    quotes,
    reason,
    searched,
    stated,
    strength,
    summary,
    titles,
)

_MARKUP = re.compile(r"([\\`*_\[\]<>|~&$^{}])")
_STARTS = re.compile(r"^(\s*)([#+=-]|\d+(?=[.)](?:\s|$)))", re.MULTILINE)  # a heading, a list, an underline
_LINKED = re.compile(r"(?<=http|ttps|.ftp)(:)(?=//)|(?<=www)(\.)|(@)(?=\w)", re.IGNORECASE)


def render(report: Report) -> str:
    """One page of CommonMark with tables."""
    parts = [_head, _matrix, _differences, _audiences, _words, _documents, _made]
    return "\n".join(line for part in parts for line in part(report)) + "\n"


def escape(text: str) -> str:
    """Plain text that shows as it is, line breaks and all."""
    return _LINKED.sub(r"\\\g<0>", _STARTS.sub(_started, _MARKUP.sub(r"\\\1", legal(text))))


def _started(found: re.Match[str]) -> str:
    """A digit cannot be escaped, so the stop after it is, further on."""
    return f"{found[1]}\\{found[2]}" if not found[2].isdigit() else f"{found[1]}{found[2]}\\"


def line(text: str) -> str:
    """The same on one line, for a cell or a heading."""
    return escape(flat(text))


def block(text: str) -> list[str]:
    """A block quotation that keeps the line breaks."""
    lines = escape(text).splitlines()
    broken = [f"{line}\\" if line.strip() and after.strip() else line for line, after in zip(lines, [*lines[1:], ""], strict=True)]
    return [f"> {line.strip()}".rstrip() for line in broken]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return ["", *(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))]


def _head(report: Report) -> list[str]:
    when = f"Made {day(report)} by Clausewise {line(report['made_by']['version'])}."
    return [f"# {line(report['title'])}: schools’ policies compared", "", when, "", line(" ".join(summary(report)))]


def _matrix(report: Report) -> list[str]:
    head = ["Topic", *(line(school["name"]) for school in report["schools"])]
    rows = [[line(topic["title"]), *map(_cell, cells)] for topic, cells in grid(report)]
    legend = [f"- {' '.join(map(escape, POSITIONS[name]))}: {MEANINGS[name]}" for name in POSITIONS]
    return ["", "## Positions", *_table(head, rows), "", *legend]


def _cell(cell: Row) -> str:
    return "<br>".join(filter(None, [line(position(cell)), line(below(cell))]))


def _differences(report: Report) -> list[str]:
    topic, school = titles(report), names(report)
    rows = [
        (topic.get(found["topic"], found["topic"]), DIFFERENCES.get(found["kind"], found["kind"]), found["told"],
         ", ".join(school.get(one, one) for one in found["schools"]))
        for found in report["differences"]
    ]  # fmt: skip
    cells = [[line(value) for value in row] for row in rows]
    return ["", "## What differs", "", HINT, *_table(("Topic", "Kind", "What differs", "Schools"), cells)] if rows else []


def _audiences(report: Report) -> list[str]:
    head = ["Whom", *(line(school["name"]) for school in report["schools"])]
    rows = [[whom, *map(line, said)] for whom, said in audiences(report)]
    return ["", "## Who is covered", *_table(head, rows)] if rows else []


def _words(report: Report) -> list[str]:
    lines = ["", "## What the policies say"]
    for topic, cells in grid(report):
        lines += ["", f"### {line(topic['title'])}", "", line(topic["about"])]
        for cell in cells:
            lines += _school(cell)
    return lines


def _school(cell: Row) -> list[str]:
    duty = f", {strength(cell)}" if strength(cell) else ""
    lines = ["", f"#### {line(cell['school_name'])}: {line(position(cell))}{duty}"]
    if cell["position"] == "silent":
        lines += ["", f"{reason(cell)} Searched for, in words that are ours and not the policy’s: {line(searched(cell))}."]
        lines += ["", "Nearest, which does not count as an answer:"] if quotes(cell) else []
    for quote in quotes(cell)[: 1 if cell["position"] == "silent" else None]:
        lines += _quote(quote)
    return [*lines, "", f"Confidence {percent(cell['confidence'])}"]


def _quote(quote: Row) -> list[str]:
    return [*quoted(quote["lead_in"], quote["text"]), "", f"{line(citation(quote))} ({line(quote['clause'])})"]


def quoted(lead_in: str | None, text: str) -> list[str]:
    """The words of a quote, below those that it hangs from."""
    lead = ["", "Lead-in:", "", *block(lead_in), "", "goes on:"] if lead_in else []
    return [*lead, "", *block(text)]


def _documents(report: Report) -> list[str]:
    rows = [[line(value) for value in _document(school, document)] for school, document in documents(report)]
    return ["", "## Documents", *_table(("School", "Policy", "Approved", "Next review", "Review", "Digest (SHA-256)"), rows)]


def _document(school: Row, document: Row) -> tuple[str, ...]:
    dates = (stated(document["approved"]), stated(document["next_review"]), " ".join(REVIEWS[document["review"]]))
    return school["name"], document["title"], *dates, document["digest"]


def _made(report: Report) -> list[str]:
    rows = [(what, line(value)) for what, value in about(report)]
    return ["", "## What made it", *_table(("What", "Value"), rows), "", *(f"- {sentence}" for sentence in HOW_TO_READ)]
