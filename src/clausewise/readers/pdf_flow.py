"""Pages of lines -> canonical text: paragraphs joined again, over page breaks too, headings told by their type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from clausewise.readers.parts import Part, compose, rows
from clausewise.readers.pdf_lines import Line, Page, without_furniture
from clausewise.readers.pdf_paragraphs import Paragraph, Type, is_heading, typography
from clausewise.readers.pdf_tables import Row, tables_of, with_tables
from clausewise.readers.pdf_words import Vocabulary
from clausewise.types import Source

_MAX_LEVEL = 6
_DEEPER = 5.0  # points: an item that starts so far to the right of another is nested in it


@dataclass(slots=True)
class _Table:
    """A table as it grows, over page breaks too. `pages`: the number, from 0, of the page that each row begins on."""

    cells: list[list[str]] = field(default_factory=list)
    bold: list[bool] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    repeated: bool = False


def flow(pages: Sequence[Page]) -> Source:
    """The whole document. Pages that hold no text are named; what was left out is noted."""
    kept, notes = without_furniture(pages, tables_of)
    vocabulary = Vocabulary.of(line.text for page in kept for line in page)
    types = typography([line for page in kept for line in page], max(page.width for page in pages))
    building = _Flow(types, vocabulary)
    for number, (page, page_lines) in enumerate(zip(pages, kept, strict=True)):
        for position, element in enumerate(with_tables(page_lines, page.rules)):
            building.add(element, number, first=position == 0)
    parts, begins = building.parts()
    text, blocks, starts = compose(parts)
    offsets = _page_offsets(begins, starts, len(text), len(pages))
    empty = tuple(i + 1 for i, page in enumerate(pages) if not page.chunks)
    return Source(text, blocks, offsets, empty, (*notes, *building.notes(), *_slanted(pages)))


def _slanted(pages: Sequence[Page]) -> list[str]:
    said = dict.fromkeys(words for page in pages if (words := " ".join("".join(page.slanted).split())))
    return [f"left out text that does not run level, such as a watermark: {', '.join(map(repr, said))}"] if said else []


def _page_offsets(begins: Sequence[tuple[int, int, int]], starts: Sequence[int], length: int, count: int) -> tuple[int, ...]:
    """`begins`: (page, part, offset within it) of each page's first words. A page without any begins with the next."""
    known = {page: starts[part] + offset if part < len(starts) else length for page, part, offset in reversed(begins)}
    offsets = [length] * count
    following = length
    for page in reversed(range(count)):
        following = offsets[page] = min(known.get(page, following), following)
    return (0, *offsets[1:])


@dataclass(slots=True)
class _Flow:
    """Paragraphs and tables in order."""

    types: Type
    vocabulary: Vocabulary
    done: list[Paragraph | _Table] = field(default_factory=list)
    repeats: list[str] = field(default_factory=list)
    last_table: tuple[int, int] = (-1, -1)

    def add(self, element: Line | Row, page: int, first: bool) -> None:
        if isinstance(element, Row):
            self.row(element, page, first)
        else:
            self.line(element, page)

    def line(self, line: Line, page: int) -> None:
        last = self.before_footnotes(page)
        if isinstance(last, Paragraph) and last.goes_on(line, page, self.types):
            last.add(line, page, self.vocabulary)
        else:
            self.done.append(Paragraph.begin(line, page))

    def before_footnotes(self, page: int) -> Paragraph | _Table | None:
        """What the next line may go on with: on a new page, the last that is no note at the foot of the page before."""
        last = self.done[-1] if self.done else None
        for element in reversed(self.done):
            if not isinstance(element, Paragraph) or element.page == page or not element.is_footnote(self.types):
                return element if element is last or isinstance(element, Paragraph) else last
        return last

    def row(self, row: Row, page: int, first: bool) -> None:
        cells = [self.joined(cell) for cell in row.cells]
        last = self.done[-1] if self.done else None
        same = self.last_table == (page, row.table)
        if isinstance(last, _Table) and (same or (first and len(last.cells[0]) == len(cells))):
            self.go_on(last, cells, row, page, same)
        else:
            self.done.append(_Table([cells], [row.bold], [page]))
        self.last_table = (page, row.table)

    def go_on(self, table: _Table, cells: list[str], row: Row, page: int, same: bool) -> None:
        if not same and cells == table.cells[0]:
            table.repeated = True
            self.repeats.append(" | ".join(filter(None, cells)))
        elif not same and _is_rest(table.cells[-1], cells):
            table.cells[-1] = [self.vocabulary.join(a, b) if a and b else a or b for a, b in zip(table.cells[-1], cells, strict=True)]
        else:
            table.cells.append(cells)
            table.bold.append(row.bold)
            table.pages.append(page)

    def joined(self, cell: Iterable[Line]) -> str:
        words = ""
        for line in cell:
            words = self.vocabulary.join(words, line.text) if words else line.text
        return words.replace("\t", " ")

    def notes(self) -> list[str]:
        counts = Counter(self.repeats)
        return [f'left out a table header that {n} page{"s" * (n > 1)} repeat{"s" * (n == 1)}: "{h}"' for h, n in counts.items()]

    def parts(self) -> tuple[list[Part], list[tuple[int, int, int]]]:
        """Parts in order, and (page, part, offset within it) of each page's first words."""
        parts: list[Part] = []
        begins: list[tuple[int, int, int]] = []
        levels = self.levels()
        indents: list[float] = []
        for element in self.done:
            if isinstance(element, _Table):
                made = rows(element.cells, _has_header(element))
                begins += [(page, len(parts) + i, 0) for i, page in enumerate(element.pages[: len(made)])]
                parts += made
            else:
                begins += [(page, len(parts), offset) for page, offset in element.pages]
                parts.append(self.part(element, levels, indents))
        return parts, begins

    def part(self, paragraph: Paragraph, levels: dict[tuple[float, bool], int], indents: list[float]) -> Part:
        if is_heading(paragraph, self.types):
            indents.clear()
            return Part("heading", paragraph.text, levels[paragraph.look])
        if not paragraph.marker:
            if indents and paragraph.x0 < indents[0] + _DEEPER:
                indents.clear()
            return Part("plain", paragraph.text)
        return Part("plain", paragraph.text, _depth(paragraph, indents))

    def levels(self) -> dict[tuple[float, bool], int]:
        """Each look that headings have -> its level, the largest type first, and bold before plain."""
        looks = {p.look for p in self.done if isinstance(p, Paragraph) and is_heading(p, self.types)}
        return {look: min(i + 1, _MAX_LEVEL) for i, look in enumerate(sorted(looks, reverse=True))}


def _depth(paragraph: Paragraph, indents: list[float]) -> int:
    """A numbered clause (5.3) is no item and nests nothing; items nest by where they start."""
    if paragraph.clause:
        indents.clear()
        return 0
    while indents and indents[-1] > paragraph.x0 + _DEEPER:
        indents.pop()
    if not indents or paragraph.x0 > indents[-1] + _DEEPER:
        indents.append(paragraph.x0)
    return len(indents) - 1


def _is_rest(before: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether a page's first row is the rest of the row that the page break cut: no first cell, or in mid-sentence."""
    if not cells[0] and any(cells):
        return True
    return any(b and c and c[0].islower() and not b.endswith((".", "!", "?")) for b, c in zip(before, cells, strict=True))


def _has_header(table: _Table) -> bool:
    return table.repeated or (len(table.bold) > 1 and table.bold[0] and not table.bold[1])
