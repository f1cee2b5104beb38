"""Which lines belong to one paragraph, and which paragraphs are headings."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from clausewise.readers.parts import bold_heading, bold_share
from clausewise.readers.pdf_lines import Line
from clausewise.readers.pdf_words import Vocabulary

_BULLET = re.compile(r"[•·●▪■◦‣⁃➢➤✓\-–—*](?=\s)|o(?= )")
_ORDERED = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,5})[.)](?=\s)")
_CLAUSE = re.compile(r"\d{1,2}(?:\.\d{1,2})+\.?(?=\s)")
_NUMBERED = re.compile(r"(?:\d{1,2}|[A-Z])(?:\.\d{1,2})*\.?\s+[A-Z]|(?:Appendix|Annex|Section|Part)\b")
_CONTENTS = re.compile(r".*(?:\t|\.{3,}\s*|…\s*)\d{1,3}$")
_UNFINISHED = re.compile(r"[^.!?:;]$")
_LARGER = 1.08  # times the body's size: what counts as a heading's type
_SMALLER = 0.92  # times the body's size: how footnotes are set
_APART = 1.35  # times the usual distance of lines: more begins a new paragraph
_SIZE_STEP = 0.6  # points: less is no other size
_SLACK = 0.6  # of the font size: how inexactly widths are known
_INDENT = 3.0  # points: how far at least the lines of an item hang to the right of its marker
_FEW = 12  # lines: with fewer, none may be full
_LONG = 0.6  # of the room up to the margin
_HEADING_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Type:
    """How the body is set: its size, the usual distance of its lines (of their size), and each page's right margin."""

    size: float
    leading: float
    right: float


@dataclass(slots=True)
class Paragraph:
    """Lines that were joined. `pages`: (page, offset in the text) where each page that it touches begins in it."""

    lines: list[Line]
    text: str
    marker: str
    clause: bool
    page: int
    pages: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def begin(cls, line: Line, page: int) -> Paragraph:
        text = line.text
        clause = _CLAUSE.match(text)
        found = clause or _BULLET.match(text) or _ORDERED.match(text)
        return cls([line], text, found.group() if found else "", clause is not None, page, [(page, 0)])

    @property
    def x0(self) -> float:
        return self.lines[0].x0

    @property
    def look(self) -> tuple[float, bool]:
        return self.lines[0].size, bold_share(self.runs()) > 0

    def runs(self) -> Iterator[tuple[str, bool]]:
        return ((chunk.text, chunk.bold) for line in self.lines for chunk in line.chunks)

    def is_footnote(self, types: Type) -> bool:
        return self.lines[0].size < _SMALLER * types.size and self.text[:1].isdigit()

    def add(self, line: Line, page: int, vocabulary: Vocabulary) -> None:
        self.text = vocabulary.join(self.text, line.text)
        if page != self.page:
            self.page = page
            self.pages.append((page, len(self.text) - len(line.text)))
        self.lines.append(line)

    def goes_on(self, line: Line, page: int, types: Type) -> bool:
        """Whether `line`, the next in reading order, belongs to this paragraph."""
        last = self.lines[-1]
        if abs(last.size - line.size) > _SIZE_STEP or _CONTENTS.fullmatch(last.text) or self.begins_anew(line, types):
            return False
        full = _is_full(last, line, types)
        hanging = bool(self.marker) and line.x0 > self.x0 + _INDENT and not self.text.endswith((";", ":"))
        lower = _is_lower(line.text) and (full or hanging or _is_long(last, types))
        if last.bold != line.bold and not (lower and full):
            return False
        if page != self.page or line.y > last.y:
            return bool(_UNFINISHED.search(self.text)) and (lower or (full and not last.bold))
        if last.y - line.y > _APART * types.leading * line.size:
            return False
        return full or lower or (last.size > types.size * _LARGER and not _NUMBERED.match(line.text))

    def begins_anew(self, line: Line, types: Type) -> bool:
        """Whether the line opens with a bullet or number; in mid-sentence "5.3 applies" is only a reference."""
        if _BULLET.match(line.text):
            return True
        number = _CLAUSE.match(line.text) or _ORDERED.match(line.text)
        if number is None:
            return False
        reference = number.group()[0].isdigit() and _is_lower(line.text[number.end() :].strip())
        return not (reference and _UNFINISHED.search(self.text) and _is_full(self.lines[-1], line, types))


def _is_lower(text: str) -> bool:
    found = re.match(r"[\"'(‘“\[]*(\w)", text)
    return bool(found) and found.group(1).islower() if found else False


def _is_full(last: Line, line: Line, types: Type) -> bool:
    """Whether the next line's first word would not have fitted on the last."""
    width = (line.x1 - line.x0) / max(len(line.text), 1)
    word = len(line.text.split(" ")[0])
    return last.x1 + (word + 1) * width > (last.right or types.right) - _SLACK * line.size


def _is_long(last: Line, types: Type) -> bool:
    """Whether a line may have been broken before the margin: it is not much shorter, and ends no item of a list."""
    return last.x1 - last.x0 > _LONG * ((last.right or types.right) - last.x0) and not last.text.endswith((";", ":"))


def typography(lines: Sequence[Line], width: float) -> Type:
    """The commonest size by characters, the commonest distance of lines of that size, and where full lines end."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    body = [line for line in lines if abs(line.size - size) <= _SIZE_STEP]
    steps = Counter(round((a.y - b.y) / size, 1) for a, b in itertools.pairwise(body) if 0.9 <= (a.y - b.y) / size <= 2.4)
    leading = min((s for s, n in steps.items() if n >= 0.5 * max(steps.values())), default=1.2)
    return Type(size, leading + 0.05, _right(body, width))


def _right(body: Sequence[Line], width: float) -> float:
    """Where full lines end: the farthest that at least a few lines of a single stretch of words reach.

    On a sheet of few lines the right margin is taken to be as wide as the left.
    """
    ends = sorted(line.x1 for line in body if len(line.segments) == 1)
    if len(ends) < _FEW:
        return max([*ends, width - min((line.x0 for line in body), default=0.0) - _INDENT])
    return ends[-1 - len(ends) // 50]


def is_heading(paragraph: Paragraph, types: Type) -> bool:
    """Larger or bold throughout, short, and no item, lead-in or sentence."""
    size, bold = paragraph.look
    if not any(map(str.isalpha, paragraph.text)) or _BULLET.match(paragraph.text) or "\t" in paragraph.text:
        return False
    if size >= types.size * _LARGER:
        return len(paragraph.text) <= _HEADING_LENGTH and not paragraph.text.endswith((".", ";", ","))
    return bold and size >= types.size - _SIZE_STEP and bold_heading(paragraph.text, paragraph.runs())
