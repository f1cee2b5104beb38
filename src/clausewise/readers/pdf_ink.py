"""What a PDF page's drawing operators put on the paper: strings of text and straight rules, with their positions.

Knows the operators, not the file: fonts and nested forms come from outside. `visitor_text` of pypdf would be simpler,
but it gives no string's right edge, so words, cells and gaps could not be told apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from clausewise.readers.pdf_marks import IDENTITY, Chunk, Dot, Matrix, Rule, apply, mult

_PAINT = {b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"}
_FILL_AND_STROKE = 2  # a rendering mode in which a word processor fakes bold
_MAX_DEPTH = 12
_DOT = 8.0  # points: the largest bullet
_LEVEL = 0.05  # sine of the slope beyond which a string does not run along the line


class Font(Protocol):
    """A font of the page. `spell`: for each code its text, its width in ems, and whether it is the one-byte space."""

    bold: bool

    def spell(self, codes: Any) -> Sequence[tuple[str, float, bool]]: ...


@dataclass(frozen=True, slots=True)
class _State:
    ctm: Matrix = IDENTITY
    font: Font | None = None
    size: float = 0.0
    char_space: float = 0.0
    word_space: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0


@dataclass(slots=True)
class Ink:
    """Collects chunks and rules. `fonts`, `forms`: (resources, name) -> font, or (operations, resources, matrix)."""

    fonts: Callable[[Any, Any], Font | None]
    forms: Callable[[Any, Any], tuple[Iterable[tuple[Any, bytes]], Any, Matrix] | None]
    state: _State = field(default_factory=_State)
    saved: list[_State] = field(default_factory=list)
    matrix: Matrix = IDENTITY
    line: Matrix = IDENTITY
    chunks: list[Chunk] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    slanted: list[str] = field(default_factory=list)
    path: list[tuple[float, float, float, float]] = field(default_factory=list)
    pen: tuple[float, float] = (0.0, 0.0)
    outline: list[tuple[float, float]] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    marks: list[bool] = field(default_factory=list)

    def run(self, operations: Iterable[tuple[Any, bytes]], resources: Any, depth: int = 0) -> None:
        for operands, operator in operations:
            try:
                self.step(operator, list(operands) if isinstance(operands, list) else operands, resources, depth)
            except (IndexError, TypeError, ValueError, KeyError, AttributeError):
                continue  # one malformed operator costs itself, not the page

    def step(self, operator: bytes, operands: Any, resources: Any, depth: int) -> None:
        if handler := _HANDLERS.get(operator):
            handler(self, operands)
        elif operator == b"Tf":
            self.state = replace(self.state, font=self.fonts(resources, operands[0]), size=float(operands[1]))
        elif operator == b"Do" and depth < _MAX_DEPTH:
            self.form(operands[0], resources, depth)
        elif operator in _PAINT:
            self.paint()
        elif operator == b"n":  # the path only clips
            self.path, self.outline = [], []

    def form(self, name: Any, resources: Any, depth: int) -> None:
        if (found := self.forms(resources, name)) is None:
            return
        operations, inner, matrix = found
        outer, saved = self.state, self.saved
        self.state, self.saved = replace(outer, ctm=mult(matrix, outer.ctm)), []
        self.run(operations, inner, depth + 1)
        self.state, self.saved = outer, saved

    def begin_mark(self, operands: Any, artifact: bool = False) -> None:
        """Word and LibreOffice mark running headers and footers as "pagination artifacts"."""
        self.marks.append(artifact or _is_pagination(operands))

    def end_mark(self) -> None:
        if self.marks:
            self.marks.pop()

    def move(self, x: float, y: float) -> None:
        self.line = mult((1.0, 0.0, 0.0, 1.0, x, y), self.line)
        self.matrix = self.line

    def show_all(self, items: Any) -> None:
        for item in items:
            if isinstance(item, (int, float)):
                self.advance(-float(item) / 1000 * self.state.size * self.state.scale)
            else:
                self.show(item)

    def advance(self, width: float) -> None:
        self.matrix = mult((1.0, 0.0, 0.0, 1.0, width, 0.0), self.matrix)

    def show(self, codes: Any) -> None:
        """Add a chunk that reaches from its first to its last visible character, and move on past it."""
        state = self.state
        if state.font is None:
            return
        start, width, left, right, words = self.matrix, 0.0, None, 0.0, []
        for text, em, space in state.font.spell(codes):
            step = (em * state.size + state.char_space + (state.word_space if space else 0.0)) * state.scale
            if text.strip():
                left = width if left is None else left
                right = width + em * state.size * state.scale
            words.append(text)
            width += step
        self.advance(width)
        if left is not None:
            self.add("".join(words), mult(start, state.ctm), left, right)

    def add(self, text: str, matrix: Matrix, left: float, right: float) -> None:
        state = self.state
        along, size = math.hypot(matrix[0], matrix[1]), math.hypot(matrix[2], matrix[3]) * state.size
        if not along or not size or matrix[0] <= 0 or abs(matrix[1]) / along > _LEVEL:
            self.slanted.append(text)
            return
        x, y = matrix[4] + state.rise * matrix[2], matrix[5] + state.rise * matrix[3]
        bold = (state.font is not None and state.font.bold) or state.mode == _FILL_AND_STROKE
        ends = (x + left * matrix[0], x + right * matrix[0])
        self.chunks.append(Chunk(text, *ends, y, size, bold, len(self.chunks), any(self.marks)))

    def rectangle(self, x: float, y: float, width: float, height: float) -> None:
        right, top = x + width, y + height
        self.path += [(x, y, right, y), (x, top, right, top), (x, y, x, top), (right, y, right, top)]
        self.to(x, y)
        self.outline.append((right, top))

    def draw(self, x: float, y: float) -> None:
        self.path.append((*self.pen, x, y))
        self.to(x, y)

    def to(self, x: float, y: float) -> None:
        self.pen = (x, y)
        self.outline.append(self.pen)

    def paint(self) -> None:
        for x0, y0, x1, y1 in self.path:
            (ax, ay), (bx, by) = apply(self.state.ctm, x0, y0), apply(self.state.ctm, x1, y1)
            if min(abs(ax - bx), abs(ay - by)) < 0.5:
                self.rules.append(Rule(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
        self.dot([apply(self.state.ctm, x, y) for x, y in self.outline])
        self.path, self.outline = [], []

    def dot(self, points: list[tuple[float, float]]) -> None:
        if not points:
            return
        xs, ys = [x for x, _ in points], [y for _, y in points]
        width, height = max(xs) - min(xs), max(ys) - min(ys)
        if 1 < width < _DOT and 1 < height < _DOT and 0.7 < width / height < 1.4:
            self.dots.append(Dot(min(xs), min(ys), max(xs), max(ys)))

    def save(self) -> None:
        self.saved.append(self.state)

    def restore(self) -> None:
        if self.saved:
            self.state = self.saved.pop()


def _is_pagination(operands: Any) -> bool:
    return str(operands[0]) == "/Artifact" and len(operands) > 1 and isinstance(operands[1], dict) and (
        str(operands[1].get("/Type")) == "/Pagination"
    )  # fmt: skip


def _matrix(operands: Any) -> Matrix:
    a, b, c, d, e, f = (float(o) for o in operands[:6])
    return (a, b, c, d, e, f)


def _set(name: str, factor: float = 1.0) -> Callable[[Ink, Any], None]:
    def handler(ink: Ink, operands: Any) -> None:
        changed: dict[str, Any] = {name: float(operands[0]) * factor}
        ink.state = replace(ink.state, **changed)

    return handler


def _begin_text(ink: Ink, _: Any) -> None:
    ink.matrix = ink.line = IDENTITY


def _place(ink: Ink, operands: Any) -> None:
    ink.matrix = ink.line = _matrix(operands)


def _move_and_lead(ink: Ink, operands: Any) -> None:
    ink.state = replace(ink.state, leading=-float(operands[1]))
    ink.move(float(operands[0]), float(operands[1]))


def _next_line(ink: Ink, _: Any = None) -> None:
    ink.move(0.0, -ink.state.leading)


def _next_line_show(ink: Ink, operands: Any) -> None:
    _next_line(ink)
    ink.show(operands[-1])


def _spaced_show(ink: Ink, operands: Any) -> None:
    ink.state = replace(ink.state, word_space=float(operands[0]), char_space=float(operands[1]))
    _next_line_show(ink, operands)


def _concatenate(ink: Ink, operands: Any) -> None:
    ink.state = replace(ink.state, ctm=mult(_matrix(operands), ink.state.ctm))


def _to(ink: Ink, operands: Any) -> None:
    """A move, or a curve, of which only the end matters."""
    ink.to(float(operands[-2]), float(operands[-1]))


_HANDLERS: dict[bytes, Callable[[Ink, Any], None]] = {
    b"q": lambda ink, _: ink.save(),
    b"Q": lambda ink, _: ink.restore(),
    b"cm": _concatenate,
    b"BT": _begin_text,
    b"Tm": _place,
    b"Td": lambda ink, o: ink.move(float(o[0]), float(o[1])),
    b"TD": _move_and_lead,
    b"T*": _next_line,
    b"Tj": lambda ink, o: ink.show(o[0]),
    b"TJ": lambda ink, o: ink.show_all(o[0]),
    b"'": _next_line_show,
    b'"': _spaced_show,
    b"Tc": _set("char_space"),
    b"Tw": _set("word_space"),
    b"Tz": _set("scale", 0.01),
    b"TL": _set("leading"),
    b"Ts": _set("rise"),
    b"Tr": lambda ink, o: setattr(ink, "state", replace(ink.state, mode=int(o[0]))),
    b"BDC": lambda ink, o: ink.begin_mark(o),
    b"BMC": lambda ink, o: ink.begin_mark([""]),
    b"EMC": lambda ink, _: ink.end_mark(),
    b"m": _to,
    b"c": _to,
    b"v": _to,
    b"y": _to,
    b"l": lambda ink, o: ink.draw(float(o[0]), float(o[1])),
    b"re": lambda ink, o: ink.rectangle(*(float(v) for v in o[:4])),
}
