"""A policy's clauses -> what its page shows: the document's own words in order, none added, and only marks of layout left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from clausewise.types import Clause, Document
from clausewise.web import links, words

Form = Literal["heading", "text", "list", "table", "contents", "chart", "aside"]
Text = tuple[str | int, ...]  # words, and between them the number of each page that begins there
_FORMS: Mapping[str, Form] = {
    "title": "heading", "heading": "heading", "clause": "text", "item": "list", "row": "table", "contents": "contents",
    "chart": "chart", "signature": "aside", "footnote": "aside", "furniture": "aside",
}  # fmt: skip
_MARKS = " \t\n*_|#>"  # of layout, at the edges of a clause
_SHORT = 40  # characters; a line break after a longer line is its editor's, and no paragraph's end
_BREAK = re.compile(r"(?P<line>[^\n]*)\n\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """A clause. `anchor`: its id after the #. `label`: its place in words. `mark`: its number or bullet. `depth`: of a heading
    from 1, of an item from 0. `cells`: of a table's row; `head`: it heads the table. `page`: that it begins on, if there are pages."""

    anchor: str
    label: str
    mark: str
    text: Text
    depth: int = 0
    cells: tuple[str, ...] = ()
    head: bool = False
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one form that stand together. `page`: the number of the page that begins with them, if one does."""

    form: Form
    lines: tuple[Line, ...]
    page: int | None = None


def groups(document: Document, clauses: Sequence[Clause]) -> list[Group]:
    """`clauses`: all of the document's, in order."""
    found: list[Group] = []
    page, items = None, {clause.id: clause for clause in clauses if clause.kind == "item"}
    for number, clause in enumerate(clauses):
        if clause.kind == "furniture" and not re.search(r"\w", clause.span.of(document.text)):
            continue  # a rule of dashes, which only parts what stands around it
        head = clause.kind == "furniture" and _heads(clauses[number + 1 :], document)
        form: Form = "table" if head else _FORMS[clause.kind]
        begins = document.page(clause.span.start)
        line = _line(document, clause, items, head)
        if found and found[-1].form == form and begins == page and not head and form not in ("heading", "text"):
            found[-1] = Group(form, (*found[-1].lines, line), found[-1].page)
        else:
            found.append(Group(form, (line,), begins if begins != page else None))
        page = document.page(clause.span.end - 1)
    return found


def headings(found: Sequence[Group]) -> list[Line]:
    """For a list of contents."""
    return [line for group in found if group.form == "heading" for line in group.lines if line.depth]


def _heads(after: Sequence[Clause], document: Document) -> bool:
    """Whether rows of a table follow, perhaps below a rule."""
    rest = (clause for clause in after if clause.kind != "furniture" or re.search(r"\w", clause.span.of(document.text)))
    return next((clause.kind == "row" for clause in rest), False)


def _line(document: Document, clause: Clause, items: Mapping[str, Clause], head: bool) -> Line:
    anchor, text = links.anchor(document.id, clause.id), document.text
    mark = text[clause.span.start : clause.body.start].strip(_MARKS)
    if clause.kind == "item" and not re.search(r"\w", mark):
        mark = "•"
    end = clause.span.end if text[clause.body.end : clause.span.end].strip(_MARKS) else clause.body.end
    page = document.page(clause.span.start)
    if clause.kind == "row" or head:
        return Line(anchor, words.place(clause), "", (), cells=_cells(text[clause.body.start : end]), head=head, page=page)
    depth = {"heading": len(clause.headings) + 1, "item": _depth(clause, items)}.get(clause.kind, 0)
    label = _folded(clause.body.of(text)) if clause.kind == "heading" else words.place(clause)
    return Line(anchor, label, mark, tuple(_parts(document, clause.body.start, end)), depth, page=page)


def _depth(clause: Clause, items: Mapping[str, Clause]) -> int:
    """How many items it hangs from."""
    depth, above = 0, items.get(clause.parent or "")
    while above:
        depth, above = depth + 1, items.get(above.parent or "")
    return depth


def _cells(row: str) -> tuple[str, ...]:
    return tuple(_folded(cell) for cell in re.split(r"\|" if "|" in row else r"\t", row.strip(_MARKS)))


def _parts(document: Document, start: int, end: int) -> Iterator[str | int]:
    for number, page in enumerate(document.pages, start=1):
        if start < page < end:
            yield _lines(document.text[start:page])
            yield number
            start = page
    yield _lines(document.text[start:end])


def _lines(text: str) -> str:
    """White space folded; a tab stays a gap, and a line break where the line before it is short."""
    kept = _BREAK.sub(lambda found: found["line"] + ("\n" if 0 < len(found["line"].strip()) < _SHORT else " "), text)
    return re.sub(r"[^\S\n]+", lambda found: "\u2003" if "\t" in found[0] else " ", kept)


def _folded(text: str) -> str:
    return " ".join(text.split())
