"""Parts of a page, as a reader finds them -> canonical text and its blocks.

A blank line stands between any two blocks, so the same policy yields the same text whatever format it came in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from clausewise.blocks import recognise
from clausewise.types import Block, Span

PartKind = Literal["heading", "paragraph", "item", "row", "plain"]
BETWEEN_CELLS = " | "
BETWEEN_PARTS = "\n\n"
INDENT = "  "
_SHORT_CELL, _SHORT_LINE = 40, 110
_MOSTLY = 0.4
_BULLET_SIGNS = re.compile(r"^[-*+•·●▪■◦‣⁃–—\uf0a7\uf0b7]\s")


@dataclass(frozen=True, slots=True)
class Part:
    """One heading, paragraph, item or table row. `plain`: its kind is to be judged by its look (see `recognise`).

    `text` holds the printed marker; a row has `cells` in its stead. `level` and `marker` as in `Block`;
    a plain part's level is its indent, in steps.
    """

    kind: PartKind
    text: str = ""
    level: int = 0
    marker: str = ""
    cells: tuple[str, ...] = ()
    header: bool = False

    @property
    def words(self) -> str:
        return BETWEEN_CELLS.join(self.cells).strip() if self.cells else self.text

    @property
    def indent(self) -> str:
        return INDENT * self.level if self.kind in ("item", "plain") else ""


def compose(parts: Iterable[Part]) -> tuple[str, tuple[Block, ...], tuple[int, ...]]:
    """Canonical text, its blocks in order, and the offset at which each part's words begin. Parts must hold words."""
    pieces: list[str] = []
    starts: list[int] = []
    length = 0
    parts = tuple(parts)
    for part in parts:
        lead = (BETWEEN_PARTS if pieces else "") + part.indent
        starts.append(length + len(lead))
        pieces.append(lead + part.words)
        length += len(pieces[-1])
    text = "".join(pieces)
    return text, _blocks(text, parts, starts), tuple(starts)


def _blocks(text: str, parts: Sequence[Part], starts: Sequence[int]) -> tuple[Block, ...]:
    known = {start: part.level for part, start in zip(parts, starts, strict=True) if part.kind == "heading"}
    seen = {block.end: block for block in recognise(text, known)}
    if any(known.values()):  # where headings are marked as such, a short line is no heading by its look
        seen = {end: block for end, block in seen.items() if block.kind != "heading"}
    return tuple(
        _judged(text, part, start, seen) if part.kind == "plain" else _stated(part, start)
        for part, start in zip(parts, starts, strict=True)
    )


def _judged(text: str, part: Part, start: int, seen: dict[int, Block]) -> Block:
    """A plain part's block. Markdown's "#" and "|" mean nothing outside Markdown, so they make no heading or row."""
    end = start + len(part.words)
    block = seen.get(end)
    if block is None or text[block.start : start].strip() or block.start > start:
        return Block("paragraph", start, end)
    if (block.kind == "heading" and part.words.startswith("#")) or (block.kind == "row" and "|" in part.words):
        return Block("paragraph", start, end)
    return replace(block, start=start)


def _stated(part: Part, start: int) -> Block:
    end = start + len(part.words)
    if part.kind == "row":
        return Block("row", start, end, cells=_cells(part, start), header=part.header)
    kind: Literal["heading", "paragraph", "item"] = "paragraph" if part.kind == "plain" else part.kind
    return Block(kind, start, end, part.level if kind != "paragraph" else 0, part.marker)


def _cells(part: Part, start: int) -> tuple[Span, ...]:
    """Where each cell stands; an empty one keeps its place as an empty span, so that columns still line up."""
    joined = BETWEEN_CELLS.join(part.cells)
    at = start - (len(joined) - len(joined.lstrip()))
    spans = []
    for cell in part.cells:
        begin = min(max(at, start), start + len(part.words))
        spans.append(Span(begin, begin + len(cell)))
        at += len(cell) + len(BETWEEN_CELLS)
    return tuple(spans)


def rows(table: Sequence[Sequence[str]], first_is_header: bool) -> list[Part]:
    """Row parts of a table; rows without words are left out. One cell across the whole of a first row is a caption."""
    kept = [_trimmed(row) for row in table if any(cell.strip() for cell in row)]
    caption = [Part("plain", kept.pop(0)[0])] if len(kept) > 1 and len(kept[0]) == 1 < len(kept[1]) else []
    header = _heads(kept) or (first_is_header and not caption)
    return caption + [Part("row", cells=row, header=header and i == 0) for i, row in enumerate(kept)]


def _trimmed(row: Sequence[str]) -> tuple[str, ...]:
    """The row's cells without the empty ones at its end, which line up with nothing."""
    cells = [cell.strip() for cell in row]
    while not cells[-1]:
        cells.pop()
    return tuple(cells)


def _heads(table: Sequence[Sequence[str]]) -> bool:
    """Whether an unmarked first row reads as a header: three rows or more, all its cells filled, short, without digits.

    In a table of names and values ("Approved by | Governors") the first row is no shorter than the others.
    """
    if len(table) < 3 or len(table[0]) < 2 or not all(table[0]):
        return False
    if any(len(cell) > _SHORT_CELL or re.search(r"\d", cell) for cell in table[0]):
        return False
    others = [sum(map(len, row)) for row in table[1:]]
    return sum(map(len, table[0])) < 0.75 * sum(others) / len(others)


def bold_heading(words: str, runs: Iterable[tuple[str, bool]]) -> bool:
    """Whether a paragraph is a heading by being bold: short, one line, and no sentence, lead-in or item.

    `runs`: its text in pieces, and whether each is bold. "**Safeguarding lead** (Mr Abara)" is one too.
    """
    return (
        len(words) <= _SHORT_LINE
        and bold_share(runs) > _MOSTLY
        and "\n" not in words
        and not words.endswith((".", ";", ",", ":"))
        and not _BULLET_SIGNS.match(words)
        and bool(re.search(r"[^\W\d_]", words))
    )


def bold_share(runs: Iterable[tuple[str, bool]]) -> float:
    """Share of letters that are bold; 0 where the first is not."""
    counts = [(sum(map(str.isalpha, text)), bold) for text, bold in runs]
    lettered = [(count, bold) for count, bold in counts if count]
    if not lettered or not lettered[0][1]:
        return 0.0
    return sum(count for count, bold in lettered if bold) / sum(count for count, _ in lettered)
