"""Word documents (.docx): the only room that knows docx."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml

from clausewise.errors import ReadError
from clausewise.readers.docx_styles import Styles, read_styles
from clausewise.readers.docx_words import pieces, runs, switched_on, text_boxes
from clausewise.readers.numbering import Label, Numbering, W, read_numbering
from clausewise.readers.numerals import numeral
from clausewise.readers.parts import Part, bold_heading, bold_share, compose, rows
from clausewise.types import Source

MAX_UNZIPPED = 500_000_000
_SAME_INDENT = 90  # twentieths of a point: less is no deeper level
_COLUMNS = 63  # that a table of Word's can have
_STEP = 360  # what Word indents a level by, where nothing says how deep it stands
_HOLDERS = {f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
_TYPED_MARKER = re.compile(r"^(\(?\w{1,4}[.)]|\d{1,2}(?:\.\d{1,2})+|[^\w\s])\t+")  # a tab follows it where Word prints a gap
_NOTE_MARK = re.compile("\0([fe])(-?\\d+)\0")
_DAMAGED = "this Word document is damaged ({}); open it in Word, let Word repair it, and save it again"


def read(data: bytes, max_unzipped: int = MAX_UNZIPPED) -> Source:
    """Raises ReadError where `data` is no Word document, is damaged, or unpacks to more than `max_unzipped` bytes."""
    _guard(data, max_unzipped)
    try:
        document = docx.Document(BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:  # python-docx lets through whatever zip, XML or a missing part raises
        raise ReadError(_DAMAGED.format(" ".join(str(error).split())[:100] or type(error).__name__)) from error
    reading = _Reading(read_styles(document.styles.element), read_numbering(_root(document, RELATIONSHIP_TYPE.NUMBERING)))
    reading.body(document.element.body)
    reading.footnotes(_root(document, RELATIONSHIP_TYPE.FOOTNOTES), _root(document, RELATIONSHIP_TYPE.ENDNOTES))
    text, blocks, _ = compose(reading.parts)
    return Source(text, blocks, notes=tuple(reading.notes()))


def _guard(data: bytes, max_unzipped: int) -> None:
    """Refuse an archive that is built to fill the memory, before any of it is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            locked = any(entry.flag_bits & 1 for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise ReadError(_DAMAGED.format(error)) from error
    if size > max_unzipped:
        raise ReadError(
            f"this Word document unpacks to {size:,} bytes, over the limit of {max_unzipped:,}; save it again without its pictures"
        )
    if locked:
        raise ReadError("this Word document is a password-protected archive; remove its password and save it again")


def _root(document: Any, kind: str) -> Any:
    """Root element of the part that the document names as its numbering, footnotes, ...; None where it has none."""
    for relation in document.part.rels.values():
        if relation.reltype == kind and not relation.is_external:
            return parse_xml(relation.target_part.blob)
    return None


@dataclass(slots=True)
class _Reading:
    """One pass over the body in order, as numbering counts."""

    styles: Styles
    numbering: Numbering
    parts: list[Part] = field(default_factory=list)
    indents: list[int] = field(default_factory=list)
    cited: dict[tuple[str, str], str] = field(default_factory=dict)  # a note -> how it is numbered
    counts: Counter[str] = field(default_factory=Counter)  # of the notes cited, by their kind
    boxes: int = 0
    noted: int = 0

    def body(self, holder: Any) -> None:
        for child in holder:
            if child.tag == f"{W}p":
                self.paragraph(child)
            elif child.tag == f"{W}tbl":
                self.table(child)
            elif child.tag in _HOLDERS:
                self.body(child)

    def paragraph(self, paragraph: Any) -> None:
        if part := self.part(paragraph):
            self.parts.append(part)
        for box in text_boxes(paragraph):
            before = len(self.parts)
            self.body(box)
            self.boxes += len(self.parts) > before

    def part(self, paragraph: Any) -> Part | None:
        """None where it holds no words. An empty paragraph does not count in its list."""
        words = self.words(paragraph)
        if not words:
            return None
        listed = self.styles.numbering(paragraph)
        label = self.numbering.label(*listed) if listed else None
        heading = self.styles.heading(paragraph)
        if heading is not None:
            self.indents = []
            return Part("heading", _labelled(label, words), heading)
        if label is not None and listed is not None:
            return self.listed(paragraph, words, label, listed[1])
        return self.plain(paragraph, words)

    def listed(self, paragraph: Any, words: str, label: Label, depth: int) -> Part:
        if label.clause:
            self.indents = []
            short = bold_heading(words, [(words, True)]) and "." not in label.number.rstrip(".")
            if short or bold_heading(words, self.runs(paragraph)):
                return Part("heading", _labelled(label, words))
            return Part("paragraph", _labelled(label, words))
        own, style = self.styles.indent(paragraph)
        stated = next((i for i in (own, label.indent, style) if i is not None), depth * _STEP)
        return Part("item", _labelled(label, words), self.depth(stated), label.number or "-")

    def depth(self, indent: int) -> int:
        """Nesting by how far in an item stands: Word's own depth starts anew in each list that hangs from another."""
        while self.indents and self.indents[-1] > indent + _SAME_INDENT:
            self.indents.pop()
        if not self.indents or indent > self.indents[-1] + _SAME_INDENT:
            self.indents.append(indent)
        return len(self.indents) - 1

    def plain(self, paragraph: Any, words: str) -> Part:
        own, style = self.styles.indent(paragraph)
        if not (own or style):
            self.indents = []
        words = _TYPED_MARKER.sub(r"\1 ", words)
        if bold_heading(words, self.runs(paragraph)) and not self.styles.is_contents(paragraph):
            return Part("heading", words)
        return Part("plain", words)

    def runs(self, paragraph: Any) -> Iterator[tuple[str, bool]]:
        return runs(paragraph, self.styles.bold(paragraph))

    def words(self, paragraph: Any) -> str:
        raw = "".join(text for text, _ in pieces(paragraph))
        return _NOTE_MARK.sub(self.cite, raw).strip(" \t\n")

    def cite(self, match: re.Match[str]) -> str:
        """Notes are numbered as they are cited, endnotes in roman numerals, as Word does unless told otherwise."""
        key = (match.group(1), match.group(2))
        if key not in self.cited:
            self.counts[key[0]] += 1
            self.cited[key] = numeral(self.counts[key[0]], "decimal" if key[0] == "f" else "lowerRoman")
        return f"[{self.cited[key]}]"

    def table(self, table: Any) -> None:
        """A table of one column, or one that holds another, lays out the page; it is read as the body is."""
        self.indents = []
        lines = list(_within(table, "tr"))
        cells = [list(_within(line, "tc")) for line in lines]
        if max(map(len, cells), default=0) < 2 or any(c.find(f".//{W}tbl") is not None for row in cells for c in row):
            for cell in (cell for row in cells for cell in row):
                self.body(cell)
            return
        words = [list(self.cells(line, row)) for line, row in zip(lines, cells, strict=True)]
        self.parts.extend(rows(words, self.is_header(lines[0], cells)))

    def cells(self, line: Any, cells: list[Any]) -> Iterator[str]:
        """A cell merged with the one above is empty here; one that spans columns fills the first of them."""
        skipped = line.find(f"{W}trPr/{W}gridBefore")
        yield from [""] * _columns(skipped, 0)
        for cell in cells:
            yield "" if _merged(cell) else self.cell(cell)
            span = cell.find(f"{W}tcPr/{W}gridSpan")
            yield from [""] * (_columns(span, 1) - 1)

    def cell(self, cell: Any) -> str:
        """Its paragraphs, one a line, lists with their markers."""
        inner = _Reading(self.styles, self.numbering, cited=self.cited, counts=self.counts)
        inner.body(cell)
        self.boxes += inner.boxes
        return "\n".join(part.words for part in inner.parts)

    def is_header(self, line: Any, cells: list[list[Any]]) -> bool:
        """Marked as header row, or bold throughout, or shaded where the next row is not."""
        if switched_on(line.find(f"{W}trPr"), "tblHeader"):
            return True
        filled = [p for cell in cells[0] for p in cell.iter(f"{W}p") if self.words(p)]
        if filled and all(bold_share(self.runs(p)) == 1 for p in filled):
            return True
        return len(cells) > 1 and all(map(_shaded, cells[0])) and not any(map(_shaded, cells[1]))

    def footnotes(self, footnotes: Any, endnotes: Any) -> None:
        bodies: dict[tuple[str, str], list[Any]] = {}
        for kind, root in (("f", footnotes), ("e", endnotes)):
            for note in root if root is not None else ():
                bodies.setdefault((kind, str(note.get(f"{W}id"))), []).append(note)
        for key in list(self.cited):
            words = " ".join(filter(None, (self.words(p) for n in bodies.get(key, ()) for p in n.iter(f"{W}p"))))
            if words:
                self.noted += 1
                self.parts.append(Part("paragraph", f"[{self.cited[key]}] {words}"))

    def notes(self) -> Iterator[str]:
        if self.noted:
            yield f"footnotes put at the end of the text, as [1] and so on: {self.noted}"
        if self.boxes:
            yield f"text boxes put after the paragraph that holds them: {self.boxes}"


def _labelled(label: Label | None, words: str) -> str:
    return words if label is None else f"{label.number or '-'} {words}"


def _within(element: Any, name: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, content controls opened, deleted rows left out."""
    for child in element:
        if child.tag == f"{W}{name}" and child.find(f"{W}trPr/{W}del") is None:
            yield child
        elif child.tag in _HOLDERS:
            yield from _within(child, name)


def _columns(stated: Any, default: int) -> int:
    return min(int(stated.get(f"{W}val")), _COLUMNS) if stated is not None else default


def _merged(cell: Any) -> bool:
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    return merge is not None and merge.get(f"{W}val") != "restart"


def _shaded(cell: Any) -> bool:
    shade = cell.find(f"{W}tcPr/{W}shd")
    return shade is not None and str(shade.get(f"{W}fill")).lower() not in ("auto", "ffffff", "none")
