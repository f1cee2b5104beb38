"""Strings on a page -> lines in reading order, without running headers, footers and page numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from clausewise.readers.pdf_columns import columns
from clausewise.readers.pdf_marks import Chunk, Dot, Rule

_SAME_LINE, _RAISED = 0.3, 0.6  # of the font size: how far baselines of one line differ; of a raised number
_WORD_GAP = 0.13  # of the font size; a space is rarely narrower than 0.2
CLEAR_GAP = 1.0  # of the font size; what justification rarely stretches a space to
_BESIDE = 0.3  # of the font size: how far a bullet's middle is from that of small letters; half of how wide it may be
_EDGE_LINES = 4  # a running header or footer is among so many lines from the page's edge
_EDGE_SHARE = 0.2  # and within this share of its height
_MOST = 0.4  # of the pages: odd and even pages may have headers of their own, and the cover none
_SHIFTS = range(-3, 3)  # printed page number less page count, where covers are not counted
_PAGE_NUMBER = re.compile(r"(?:[-–|\s]*(?:page|p\.)?[-–|\s]*)(?:\d{1,3}|[ivx]{1,5})(?:\s*(?:of|/)\s*\d{1,3})?[-–|\s]*", re.I)
_PRINTED_NUMBER = re.compile(r"(?:(?<=page )|(?<=page)|^)\d{1,3}\b(?![.)])|\b\d{1,3}$", re.I)  # "2. Aims" is no second "1. Aims"
_LONE_MARKER = re.compile(r"[•·●▪■◦‣⁃–—\-*o]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,5})[.)]|\d{1,2}(?:\.\d{1,2})*\.?")


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on one page; its lower left corner is the origin."""

    chunks: tuple[Chunk, ...]
    rules: tuple[Rule, ...]
    width: float
    height: float
    slanted: tuple[str, ...] = ()
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True)
class Line:
    """Strings on one baseline, left to right. `right`: where its column's lines end; 0 on a page without columns."""

    chunks: tuple[Chunk, ...]
    right: float = 0.0

    @cached_property
    def size(self) -> float:
        sizes: Counter[float] = Counter()
        for chunk in self.chunks:
            sizes[round(chunk.size * 2) / 2] += len(chunk.text.strip())
        return max(sizes.items(), key=lambda item: (item[1], item[0]))[0] or 1.0

    @cached_property
    def y(self) -> float:
        return max(self.chunks, key=lambda c: (c.size, len(c.text))).y

    @cached_property
    def x0(self) -> float:
        return self.chunks[0].x0

    @cached_property
    def x1(self) -> float:
        return max(chunk.x1 for chunk in self.chunks)

    @cached_property
    def bold(self) -> bool:
        """Whether all its words are; a bullet or number before them need not be."""
        worded = [c for c in self.chunks if any(map(str.isalpha, c.text))]
        return bool(worded) and all(chunk.bold for chunk in worded)

    @cached_property
    def segments(self) -> tuple[Line, ...]:
        """The line cut at clear gaps; a bullet or number stays with the words that it stands before."""
        groups: list[list[Chunk]] = [[self.chunks[0]]]
        for before, chunk in zip(self.chunks, self.chunks[1:], strict=False):
            marker = len(groups) == 1 and bool(_LONE_MARKER.fullmatch("".join(c.text for c in groups[0]).strip()))
            if chunk.x0 - before.x1 > CLEAR_GAP * max(chunk.size, before.size) and not marker:
                groups.append([])
            groups[-1].append(chunk)
        return tuple(Line(tuple(group)) for group in groups)

    @cached_property
    def text(self) -> str:
        """Its words, white space folded; a page number set apart at the end of a contents entry follows a tab."""
        pieces = [self.chunks[0].text]
        for before, chunk in zip(self.chunks, self.chunks[1:], strict=False):
            apart = chunk.x0 - before.x1 > _WORD_GAP * min(chunk.size, before.size) or _misread(before, chunk)
            pieces.append(" " * apart + chunk.text)
        words = re.sub(r"[ \t\n]+", " ", "".join(pieces)).strip()
        if len(self.segments) == 2 and re.fullmatch(r"\d{1,3}", self.segments[1].text):
            words = re.sub(r" ?(\d{1,3})$", r"\t\1", words)
        return words


def _misread(before: Chunk, chunk: Chunk) -> bool:
    """Whether a raised number would read as part of the number before it: "the age of 18.", note 1, is not 18.1."""
    raised = chunk.size < 0.9 * before.size and chunk.y > before.y + 0.1 * before.size
    return raised and chunk.text[:1].isdigit() and bool(re.search(r"\d[.,]?$", before.text))


def lines(chunks: Iterable[Chunk]) -> list[Line]:
    """Lines from the top down."""
    groups: list[list[Chunk]] = []
    for chunk in sorted(_once(chunks), key=lambda c: (-c.y, c.x0)):
        if groups and _on_line(groups[-1], chunk):
            groups[-1].append(chunk)
        else:
            groups.append([chunk])
    return [Line(tuple(sorted(group, key=lambda c: (c.x0, c.order)))) for group in groups]


def _on_line(group: Sequence[Chunk], chunk: Chunk) -> bool:
    base = max(group, key=lambda c: c.size)
    raised = abs(base.size - chunk.size) > 0.1 * max(base.size, chunk.size)
    return abs(base.y - chunk.y) <= (_RAISED if raised else _SAME_LINE) * max(base.size, chunk.size)


def _once(chunks: Iterable[Chunk]) -> list[Chunk]:
    """Some programs fake bold by printing a string twice, a hair apart."""
    places: dict[tuple[str, int], list[int]] = defaultdict(list)
    kept: list[Chunk] = []
    for chunk in chunks:
        twins = places[(chunk.text, round(chunk.size))]
        twin = next((t for t in twins if abs(kept[t].x0 - chunk.x0) < 1.5 and abs(kept[t].y - chunk.y) < 1.5), None)
        if twin is None:
            twins.append(len(kept))
            kept.append(chunk)
        else:
            kept[twin] = replace(kept[twin], bold=True)
    return kept


def without_furniture(
    pages: Sequence[Page], tables: Callable[[Page, Sequence[Line]], list[list[Line]]]
) -> tuple[list[list[Line]], list[str]]:
    """The lines of each page less those that run along its edges; and what those said, once per wording.

    A table's header may stand at the top of many pages; of the page's `tables`, only one that runs as a whole is left out.
    """
    laid = [_laid(page) for page in pages]
    running = _running(pages, laid)
    kept: list[list[Line]] = []
    dropped: dict[str, str] = {}
    count = 0
    for number, (page, page_lines) in enumerate(zip(pages, laid, strict=True)):
        edge = {id(line) for line in _furniture(page, page_lines, number, running)}
        for table in tables(page, page_lines):
            held = {id(line) for line in table}
            edge -= held if held - edge else set()
        kept.append([line for line in page_lines if id(line) not in edge])
        for line in (line for line in page_lines if id(line) in edge):
            count += 1
            dropped.setdefault(re.sub(r"\d+", "#", line.text), line.text)
    return kept, _notes(count, list(dropped.values()))


def _drawn_bullets(page: Page) -> Iterator[Chunk]:
    """Browsers draw a list's bullets as small shapes; each that stands just before a line's first words is read as one."""
    for dot in page.dots:
        beside = [c for c in page.chunks if abs((dot.y0 + dot.y1) / 2 - c.y - 0.3 * c.size) < _BESIDE * c.size]
        first = min((c for c in beside if c.x0 > dot.x1), key=lambda c: c.x0, default=None)
        if first is not None and first.x0 - dot.x1 < 3 * first.size and dot.x1 - dot.x0 < _BESIDE * 2 * first.size:
            yield replace(first, text="•", x0=dot.x0, x1=dot.x1, bold=False)


def _laid(page: Page) -> list[Line]:
    """All lines of a page in reading order, column by column where it is set in columns."""
    groups = columns(page.chunks)
    bullets = list(_drawn_bullets(page))
    result: list[Line] = []
    for group in groups:
        own = [b for b in bullets if any(b.order == c.order for c in group)]
        right = max(chunk.x1 for chunk in group) if len(groups) > 1 else 0.0
        result += [replace(line, right=right) for line in lines([*group, *own])]
    return result


def _notes(count: int, said: Sequence[str]) -> list[str]:
    if not count:
        return []
    quoted = ", ".join(f'"{" ".join(words.split())}"' for words in said)
    what = "1 line that runs" if count == 1 else f"{count} lines that run"
    return [f"left out {what} along the pages' edges: {quoted}"]


def _edges(page: Page, page_lines: Sequence[Line]) -> list[Line]:
    top, bottom = page.height * (1 - _EDGE_SHARE), page.height * _EDGE_SHARE
    downwards = sorted(page_lines, key=lambda line: -line.y)
    first = [line for line in downwards[:_EDGE_LINES] if line.y > top]
    last = [line for line in downwards[-_EDGE_LINES:] if line.y < bottom]
    return first + [line for line in last if line not in first]


def _keys(line: Line, number: int) -> set[tuple[str, int]]:
    """Wordings under which a line may recur at its height: as it stands, or with the page's number folded."""
    height = round(line.y / 4)
    words = {line.text}
    for found in _PRINTED_NUMBER.finditer(line.text):
        if int(found.group()) - number - 1 in _SHIFTS:
            words.add(f"{line.text[: found.start()]}#{int(found.group()) - number}{line.text[found.end() :]}")
    return {(w, h) for w in words for h in (height, height + 1)}


def _running(pages: Sequence[Page], laid: Sequence[Sequence[Line]]) -> set[tuple[str, int]]:
    """Wordings that stand at the edge of most pages."""
    counts: Counter[tuple[str, int]] = Counter()
    for number, (page, page_lines) in enumerate(zip(pages, laid, strict=True)):
        counts.update(set().union(*(_keys(line, number) for line in _edges(page, page_lines))))
    filled = sum(bool(page_lines) for page_lines in laid)
    return {key for key, count in counts.items() if count >= max(2, _MOST * filled)}


def _furniture(page: Page, page_lines: Sequence[Line], number: int, running: set[tuple[str, int]]) -> Iterator[Line]:
    edges = _edges(page, page_lines)
    for line in page_lines:
        if all(chunk.edge for chunk in line.chunks) or (
            line in edges and (_keys(line, number) & running or _is_page_number(line, page_lines) or _is_head(line, page_lines, number))
        ):
            yield line


def _is_head(line: Line, page_lines: Sequence[Line], number: int) -> bool:
    """Whether a line above all others of a later page, smaller than they and set apart, runs there though it stands only once.

    Two pages of which the first, with the title, has no running head cannot show it twice.
    """
    below = sorted((other for other in page_lines if other.y < line.y), key=lambda other: -other.y)
    if not number or len(below) < 3 or len(below) != len(page_lines) - 1:
        return False
    usual = sorted(other.size for other in below)[len(below) // 2]
    return line.size < 0.95 * usual and line.y - below[0].y > 1.8 * usual


def _is_page_number(line: Line, page_lines: Sequence[Line]) -> bool:
    """A lone number on the outermost line, or "Page 2 of 5" anywhere at the edge."""
    if not _PAGE_NUMBER.fullmatch(line.text):
        return False
    return bool(re.search(r"page|\bof\b|/", line.text, re.I)) or line in (page_lines[0], page_lines[-1])
