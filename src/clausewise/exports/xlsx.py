"""A comparison -> a workbook for Excel: matrix, quotes, differences, documents, and what made it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from clausewise.exports.wording import (
    DIFFERENCES,
    FILLS,
    HOW_TO_READ,
    MEANINGS,
    POSITIONS,
    REVIEWS,
    Report,
    Row,
    about,
    audiences,
    below,
    day,
    digests,
    documents,
    flat,
    grid,
    legal,
    made,
    names,
    numbers,
    place,
    position,
    quotes,
    reason,
    stated,
    strength,
    titles,
)
from clausewise.exports.zips import settled

Line = tuple[str, Sequence[str | float | None]]  # a position and the values of a row
LONGEST = 16_000  # code points; a cell holds 32,767 UTF-16 units, and a longer quote goes on in the next row
_FORMULA = ("=", "+", "-", "@")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel would read _x000D_ as a character
_LINE = Side(style="thin", color="C9C6BD")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_WORDS, _FIGURE = (Alignment(wrap_text=True, vertical="top", horizontal=side) for side in ("left", None))
_PLAIN, _BOLD = (Font(name="Calibri", size=11, bold=bold) for bold in (False, True))
_HEAD = PatternFill("solid", fgColor="1F4E5F")
QUOTES = (
    ("Topic", 26), ("School", 24), ("Position", 18), ("Strength", 10), ("Words are", 14), ("Lead-in", 34), ("Words in full", 64),
    ("Clause", 18), ("Headings", 30), ("Page", 7), ("Clause id", 40), ("Document", 28), ("Document’s digest (SHA-256)", 24),
    ("Confidence", 12), ("Numbers", 16), ("Searched for", 40), ("Why silent", 30),
)  # fmt: skip
DIFFERENCE = (("Topic", 28), ("Kind", 18), ("What differs, as a program reads the first quotes", 80), ("Schools", 50))
DOCUMENTS = (
    ("School", 28), ("Trust", 26), ("Title", 36), ("Approved, as stated", 20), ("Next review, as stated", 22), ("Review", 18),
    ("Document id", 40), ("Digest of the file (SHA-256)", 68),
)  # fmt: skip


def render(report: Report) -> bytes:
    """The workbook's bytes."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    _matrix(sheet, report)
    _table(book.create_sheet("Quotes"), QUOTES, _quotes(report), {2})
    _table(book.create_sheet("Differences"), DIFFERENCE, _differences(report))
    _table(book.create_sheet("Who is covered"), _schools(report, "Whom"), (("", [whom, *said]) for whom, said in audiences(report)))
    _table(book.create_sheet("Documents"), DOCUMENTS, _documents(report))
    _about(book.create_sheet("About"), report)
    book.properties.title = legal(report["title"])
    book.properties.creator = book.properties.lastModifiedBy = f"Clausewise {legal(report['made_by']['version'])}"
    out = BytesIO()
    book.save(out)
    return settled(out.getvalue(), made(report))


def text_of(value: str) -> str:
    """`value` as the file holds it, so that Excel shows it letter for letter."""
    return _ESCAPE.sub("_x005F_", legal(value))


def _put(sheet: Worksheet, row: int, column: int, value: str | float | None, bold: bool = False) -> Cell:
    """Text stays text, whatever it begins with, even after somebody edits the cell."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.alignment = _WORDS if isinstance(value, str) else _FIGURE
    cell.font = _BOLD if bold else _PLAIN
    if isinstance(value, str) and value:
        cell.value = text_of(value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…")
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(_FORMULA)
    elif not isinstance(value, str):
        cell.value = value
    return cell


def _header(sheet: Worksheet, row: int, heads: Sequence[tuple[str, float]]) -> None:
    for column, (title, width) in enumerate(heads, start=1):
        cell = _put(sheet, row, column, title)
        cell.font, cell.fill, cell.border = Font(name="Calibri", size=11, bold=True, color="FFFFFF"), _HEAD, _BOX
        sheet.column_dimensions[get_column_letter(column)].width = width


def _print(sheet: Worksheet, head: int) -> None:
    """Landscape A4, as wide as the page, with the header on each."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(left=_HeaderFooterPart("&A"), right=_HeaderFooterPart("Page &P of &N"))


def _table(sheet: Worksheet, heads: Sequence[tuple[str, float]], rows: Iterable[Line], marked: Iterable[int] = ()) -> None:
    """Rows are (position, values); the columns `marked`, from 0, have the position's colour."""
    _header(sheet, 1, heads)
    last = 1
    for last, (held, values) in enumerate(rows, start=2):
        for column, value in enumerate(values, start=1):
            cell = _put(sheet, last, column, value)
            if column - 1 in marked:
                cell.fill = PatternFill("solid", fgColor=FILLS[held])
            if heads[column - 1][0] == "Confidence":
                cell.number_format = "0.0%"
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{last}"
    _print(sheet, 1)


def _matrix(sheet: Worksheet, report: Report) -> None:
    sheet.title = "Matrix"
    _put(sheet, 1, 1, f"{flat(report['title'])}: schools’ policies compared").font = Font(name="Calibri", size=16, bold=True)
    _put(sheet, 2, 1, f"Made {day(report)} by Clausewise {report['made_by']['version']}. The quotes behind it are on the sheet Quotes.")
    for row in (1, 2):
        sheet.cell(row, 1).alignment = Alignment(vertical="top")  # runs on over the columns beside it
    _header(sheet, 3, _schools(report, "Topic"))
    rows = grid(report)
    for row, (topic, cells) in enumerate(rows, start=4):
        _put(sheet, row, 1, topic["title"], bold=True).border = _BOX
        for column, held in enumerate(cells, start=2):
            cell = _put(sheet, row, column, matrix_text(held))
            cell.fill, cell.border = PatternFill("solid", fgColor=FILLS[held["position"]]), _BOX
    _legend(sheet, len(rows) + 5)
    sheet.freeze_panes = "B4"
    sheet.auto_filter.ref = f"A3:{get_column_letter(1 + len(report['schools']))}{3 + len(rows)}"
    _print(sheet, 3)


def _schools(report: Report, first: str) -> list[tuple[str, float]]:
    """The header of a sheet with a column for each school."""
    return [(first, 34), *((school["name"], 22) for school in report["schools"])]


def matrix_text(cell: Row) -> str:
    """Mark and word; below, the strength of the duty and where it stands."""
    return "\n".join(filter(None, [position(cell), below(cell)]))


def _legend(sheet: Worksheet, row: int) -> None:
    _put(sheet, row, 1, "How to read it", bold=True)
    for place_, name in enumerate(POSITIONS, start=row + 1):
        cell = _put(sheet, place_, 1, " ".join(POSITIONS[name]))
        cell.fill, cell.border = PatternFill("solid", fgColor=FILLS[name]), _BOX
        _put(sheet, place_, 2, MEANINGS[name]).alignment = Alignment(vertical="top")


def _quotes(report: Report) -> Iterable[Line]:
    """A row for each quote; for a silent cell one for each clause looked at, or one that holds none."""
    known = digests(report)
    for topic, cells in grid(report):
        for cell in cells:
            head = [topic["title"], cell["school_name"], position(cell), strength(cell)]
            silent = cell["position"] == "silent"
            tail = ["\n".join(cell["searched"]), reason(cell) if silent else ""]
            for number, quote in enumerate(quotes(cell), start=1):
                what = f"Nearest clause {number}" if silent else f"Quote {number}"
                figures = numbers(cell, quote["clause"])
                for words in _pieces(quote["text"]):
                    yield cell["position"], [*head, what, *_quote(quote, words, known), cell["confidence"], figures, *tail]
            if not quotes(cell):
                yield cell["position"], [*head, "No clause found" if silent else "", *[""] * 8, cell["confidence"], "", *tail]


def _pieces(text: str) -> list[str]:
    """The text in parts that a cell can hold; nearly always one."""
    return [text[start : start + LONGEST] for start in range(0, len(text), LONGEST)] or [""]


def _quote(quote: Row, words: str, known: dict[str, str]) -> list[str | float | None]:
    where: list[str | float | None] = [place(quote), " › ".join(map(flat, quote["headings"])), quote["page"], quote["clause"]]
    return [quote["lead_in"] or "", words, *where, quote["title"], known.get(quote["document"], "")]


def _differences(report: Report) -> Iterable[Line]:
    topic, school = titles(report), names(report)
    for found in report["differences"]:
        who = ", ".join(school.get(one, one) for one in found["schools"])
        yield "", [topic.get(found["topic"], found["topic"]), DIFFERENCES.get(found["kind"], found["kind"]), found["told"], who]


def _documents(report: Report) -> Iterable[Line]:
    for school, document in documents(report):
        dates = [stated(document["approved"]), stated(document["next_review"]), " ".join(REVIEWS[document["review"]])]
        yield "", [school["name"], school["trust"], document["title"], *dates, document["document"], document["digest"]]


def _about(sheet: Worksheet, report: Report) -> None:
    _put(sheet, 1, 1, "About this comparison").font = Font(name="Calibri", size=16, bold=True)
    sheet.cell(1, 1).alignment = Alignment(vertical="top")
    facts = [("Title", report["title"]), *about(report)]
    for row, (what, value) in enumerate(facts, start=3):
        _put(sheet, row, 1, what, bold=True)
        _put(sheet, row, 2, value)
    _put(sheet, len(facts) + 4, 1, "How to read it", bold=True)
    for row, sentence in enumerate(HOW_TO_READ, start=len(facts) + 4):
        _put(sheet, row, 2, sentence)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 110
    _print(sheet, 1)
