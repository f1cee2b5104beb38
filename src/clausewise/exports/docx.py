"""A comparison -> a paper for governors in Word: summary, positions, the policies' own words, what it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from clausewise.exports.paper import begun, foot, quoted, saved, soft
from clausewise.exports.wording import (
    DIFFERENCES,
    FILLS,
    HINT,
    HOW_TO_READ,
    MEANINGS,
    NOT_NAMED,
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
    listed,
    made,
    percent,
    position,
    reason,
    searched,
    stated,
    strength,
    summary,
    titles,
)

BESIDE = 6  # so many schools fit beside each other; the names of more stand below each other


def render(report: Report) -> bytes:
    """The paper's bytes."""
    paper = begun(report["title"], f"Clausewise {report['made_by']['version']}", made(report))
    _head(paper, report)
    _positions(paper, report)
    _differences(paper, report)
    _audiences(paper, report)
    _words(paper, report)
    _appendix(paper, report)
    return saved(paper, made(report))


def _head(paper: Any, report: Report) -> None:
    paper.add_paragraph(legal(f"{flat(report['title'])}: how schools’ policies compare"), "Title")
    soft(paper, f"Paper for governors, made {day(report)} by Clausewise {report['made_by']['version']}")
    paper.add_heading("Summary", 1)
    paper.add_paragraph(legal(" ".join(summary(report))))
    foot(paper, f"{flat(report['title'])}, {day(report)}")


def _table(paper: Any, heads: Sequence[str], rows: Iterable[Sequence[tuple[str, str]]], widths: Sequence[float], size: float = 8.5) -> Any:
    """`rows`: (text, fill or "") for each cell; `widths` in centimetres. The header is repeated on each page."""
    table = paper.add_table(rows=1, cols=len(heads), style="Table Grid")
    table.autofit = False
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        _fill(cell, head, "E3E8EA", size, bold=True)
    _mark(table.rows[0], "w:tblHeader")
    for values in rows:
        row = table.add_row()
        _mark(row, "w:cantSplit")
        for number, (cell, (text, colour)) in enumerate(zip(row.cells, values, strict=True)):
            _fill(cell, text, colour, size, bold=number == 0)
    for column, width in zip(table.columns, widths, strict=True):
        for cell in column.cells:
            cell.width = Cm(width)
    paper.add_paragraph()
    return table


def _mark(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _fill(cell: Any, text: str, colour: str, size: float, bold: bool = False) -> None:
    run = cell.paragraphs[0].add_run(legal(text))
    run.font.size, run.bold = Pt(size), bold or None
    cell.paragraphs[0].paragraph_format.space_after = Pt(0)
    if colour:
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
            shade.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(shade)


def _positions(paper: Any, report: Report) -> None:
    paper.add_heading("Positions", 1)
    schools = report["schools"]
    if len(schools) <= BESIDE:
        rest = 13 / max(len(schools), 1)
        rows = [[(topic["title"], ""), *((_told(cell), FILLS[cell["position"]]) for cell in cells)] for topic, cells in grid(report)]
        _table(paper, ["Topic", *(school["name"] for school in schools)], rows, [4, *[rest] * len(schools)])
    else:
        _table(paper, ["Topic", "Position", "Schools"], list(_grouped(report)), [4.5, 3.5, 9])
    soft(paper, " ".join(f"{mark} {word}: {MEANINGS[name]}" for name, (mark, word) in POSITIONS.items()))


def _told(cell: Row) -> str:
    """Mark and word; below, the strength of the duty and where it stands."""
    where = below(cell).replace(" ", "\u00a0").replace(",\u00a0", ", ")  # "Clause 5.3" does not break
    return "\n".join(filter(None, [position(cell), where]))


def _grouped(report: Report) -> Iterable[Sequence[tuple[str, str]]]:
    """A row for each position that is taken to a topic, with the schools that take it."""
    for topic, cells in grid(report):
        for name in POSITIONS:
            who = [cell["school_name"] for cell in cells if cell["position"] == name]
            if who:
                yield (topic["title"], ""), (" ".join(POSITIONS[name]), FILLS[name]), (f"{listed(who)} ({len(who)})", "")


def _differences(paper: Any, report: Report) -> None:
    if not report["differences"]:
        return
    paper.add_heading("What differs", 1)
    soft(paper, HINT)
    called = titles(report)
    for found in report["differences"]:
        paragraph = paper.add_paragraph(style="List Bullet")
        kind = DIFFERENCES.get(found["kind"], found["kind"])
        paragraph.add_run(legal(f"{called.get(found['topic'], found['topic'])} ({kind.lower()}): ")).bold = True
        paragraph.add_run(legal(found["told"]))


def _audiences(paper: Any, report: Report) -> None:
    rows, schools = audiences(report), report["schools"]
    if rows:
        paper.add_heading("Who is covered", 1)
    if rows and len(schools) <= BESIDE:
        lines = [[(whom, ""), *((said, "") for said in cells)] for whom, cells in rows]
        _table(paper, ["Whom", *(school["name"] for school in schools)], lines, [4, *[13 / max(len(schools), 1)] * len(schools)])
    elif rows:
        named = [(whom, [s["name"] for s, said in zip(schools, cells, strict=True) if said != NOT_NAMED]) for whom, cells in rows]
        _table(paper, ["Whom", "Named by"], [[(whom, ""), (f"{listed(who)} ({len(who)})", "")] for whom, who in named], [5, 12])


def _words(paper: Any, report: Report) -> None:
    paper.add_heading("What the policies say", 1)
    for topic, cells in grid(report):
        paper.add_heading(legal(topic["title"]), 2)
        soft(paper, topic["about"]).paragraph_format.keep_with_next = True
        for cell in cells:
            if cell["position"] != "silent":
                _school(paper, cell)
        for cell in cells:
            if cell["position"] == "silent":
                _silent(paper, cell)


def _school(paper: Any, cell: Row) -> None:
    duty = f" ({strength(cell)})" if strength(cell) else ""
    paper.add_heading(legal(f"{cell['school_name']}: {position(cell)}{duty}"), 3)
    for number, quote in enumerate(cell["quotes"], start=1):
        _quote(paper, quote, f". Confidence {percent(cell['confidence'])}" if number == len(cell["quotes"]) else "")


def _quote(paper: Any, quote: Row, more: str = "") -> None:
    quoted(paper, quote["lead_in"], quote["text"])
    soft(paper, f"{citation(quote)} [{quote['clause']}]{more}").paragraph_format.left_indent = Cm(0.8)


def _silent(paper: Any, cell: Row) -> None:
    paper.add_heading(legal(f"{cell['school_name']}: {position(cell)}"), 3)
    paper.add_paragraph(legal(f"{reason(cell)} Searched for, in words that are ours and not the policy’s: {searched(cell)}."))
    for quote in cell["closest"][:1]:
        soft(paper, "The nearest clause, which does not count as an answer:").paragraph_format.keep_with_next = True
        _quote(paper, quote)


def _appendix(paper: Any, report: Report) -> None:
    paper.add_heading("Appendix: what this was made from", 1)
    rows = [[(value, "") for value in _document(school, document)] for school, document in documents(report)]
    heads = ("School", "Policy", "Approved", "Next review", "Review", "Digest (SHA-256)")
    _table(paper, heads, rows, (3, 3.5, 2.2, 2.2, 2.1, 4), 8)
    _table(paper, ("What made it", ""), [[(what, ""), (value, "")] for what, value in about(report)], (3.5, 13.5))
    paper.add_heading("How to read it", 2)
    for sentence in HOW_TO_READ:
        paper.add_paragraph(sentence, "List Bullet")


def _document(school: Row, document: Row) -> tuple[str, ...]:
    dates = (stated(document["approved"]), stated(document["next_review"]), " ".join(REVIEWS[document["review"]]))
    return school["name"], document["title"], *dates, document["digest"]
