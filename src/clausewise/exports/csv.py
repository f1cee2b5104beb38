"""A comparison -> CSV in long form: one row for each topic and school."""

from __future__ import annotations

import csv
from io import StringIO

from clausewise.exports.wording import POSITIONS, Report, Row, digests, grid, legal, numbers, quotes

_FORMULA = tuple("=+-@＝＋－＠")  # what a spreadsheet would take for the start of a formula
HEAD = (
    "topic_id", "topic", "school_id", "school", "trust", "status", "position", "position_in_words", "strength", "confidence", "reason",
    "words_are", "lead_in", "words", "number", "headings", "page", "clause", "document", "document_title", "document_digest", "numbers",
    "further_quotes", "searched", "made", "version", "index",
)  # fmt: skip


def render(report: Report) -> bytes:
    """UTF-8 with a byte order mark, which Excel wants; lines end with CR LF."""
    file = StringIO(newline="")
    table = csv.writer(file, quoting=csv.QUOTE_ALL)
    table.writerow(HEAD)
    known = digests(report)
    for topic, cells in grid(report):
        for cell, school in zip(cells, report["schools"], strict=True):
            table.writerow([safe(value) for value in _row(report, topic, cell, school, known)])
    return file.getvalue().encode("utf-8-sig")


def _row(report: Report, topic: Row, cell: Row, school: Row, known: dict[str, str]) -> list[object]:
    found = quotes(cell)
    told = POSITIONS[cell["position"]][1]
    first = [topic["id"], topic["title"], school["id"], school["name"], school["trust"], cell["status"], cell["position"], told]
    words = [cell["strength"], cell["confidence"], cell["reason"], *(_quote(found[0], cell, known) if found else [""] * 11)]
    further = "\n\n".join(f"{quote['text']} [{quote['clause']}]" for quote in found[1:])
    by = report["made_by"]
    return [*first, *words, further, "\n".join(cell["searched"]), report["made"], by["version"], by["index"]]


def _quote(quote: Row, cell: Row, known: dict[str, str]) -> list[object]:
    what = "nearest clause looked at" if cell["position"] == "silent" else "quote"
    words = [what, quote["lead_in"], quote["text"], quote["number"], " › ".join(quote["headings"]), quote["page"], quote["clause"]]
    return [*words, quote["document"], quote["title"], known.get(quote["document"]), numbers(cell, quote["clause"])]


def safe(value: object) -> object:
    """Text that would be taken for a formula gets an apostrophe before it, and so stays text."""
    if not isinstance(value, str):
        return value
    text = legal(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
