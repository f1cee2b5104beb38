"""Tables on a page: lines whose words stand in columns, between drawn rules or with clear gaps -> rows of cells."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from clausewise.readers.pdf_lines import Line, Page, lines
from clausewise.readers.pdf_marks import Chunk, Rule

_TOUCH = 3.0  # points: rules that come so near belong to one table
_ALIGN = 4.0  # points: how far the words of one column start from each other
_MAX_RULES = 2000  # more than that is a drawing
_SHORTEST = 4.0  # points: shorter strokes draw signs
_FAR = 3.2  # of the font size: a gap between lines that ends a table without rules


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the lines of each cell, from the top down. `table`: which table of the page it belongs to."""

    cells: tuple[tuple[Line, ...], ...]
    y: float
    table: int

    @property
    def bold(self) -> bool:
        return all(line.bold for cell in self.cells for line in cell)


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a ruled table's columns and rows begin and end; `ys` from the bottom up."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]

    def holds(self, line: Line) -> bool:
        middle = line.y + 0.3 * line.size
        return self.ys[0] < middle < self.ys[-1] and self.xs[0] - _TOUCH < line.x0 and line.x0 < self.xs[-1]

    def place(self, chunk: Chunk) -> tuple[int, int]:
        """(row from the bottom, column)"""
        column = min(max(bisect_right(self.xs, chunk.x0 + 1) - 1, 0), len(self.xs) - 2)
        return min(max(bisect_right(self.ys, chunk.y + 0.3 * chunk.size) - 1, 0), len(self.ys) - 2), column


def with_tables(page_lines: Sequence[Line], rules: Sequence[Rule]) -> list[Line | Row]:
    """The page from the top down, lines that make up tables gathered into rows."""
    grids = _grids(rules)
    homes = [next((i for i, grid in enumerate(grids) if grid.holds(line)), None) for line in page_lines]
    result: list[Line | Row] = []
    done: set[int] = set()
    for home, group in groupby(zip(homes, page_lines, strict=True), key=lambda pair: pair[0]):
        if home is None:
            result += _unruled([line for _, line in group], len(grids) + len(result))
        elif home not in done:
            done.add(home)
            result += _ruled(grids[home], [line for line, at in zip(page_lines, homes, strict=True) if at == home], home)
    return result


def tables_of(page: Page, page_lines: Sequence[Line]) -> list[list[Line]]:
    """The lines of each ruled table."""
    return [[line for line in page_lines if grid.holds(line)] for grid in _grids(page.rules)]


def _ruled(grid: Grid, held: Iterable[Line], table: int) -> Iterator[Row]:
    places: dict[int, dict[int, list[Chunk]]] = {}
    for chunk in (chunk for line in held for chunk in line.chunks):
        row, column = grid.place(chunk)
        places.setdefault(row, {}).setdefault(column, []).append(chunk)
    for row in sorted(places, reverse=True):
        cells = tuple(tuple(lines(places[row].get(column, []))) for column in range(len(grid.xs) - 1))
        yield Row(cells, max(line.y for cell in cells for line in cell), table)


def _grids(rules: Sequence[Rule]) -> list[Grid]:
    """Sets of rules that touch, with two columns or more."""
    strokes = list({(round(r.x0), round(r.y0), round(r.x1), round(r.y1)): r for r in rules}.values())
    strokes = [r for r in strokes if max(r.x1 - r.x0, r.y1 - r.y0) >= _SHORTEST]
    if len(strokes) > _MAX_RULES:
        return []
    found = []
    for group in _touching(strokes):
        xs = _clustered(r.x0 for r in group if r.upright)
        ys = _clustered([y for r in group if not r.upright for y in (r.y0,)] + [y for r in group if r.upright for y in (r.y0, r.y1)])
        if len(xs) > 2 and len(ys) > 1:
            found.append(Grid(xs, ys))
    return found


def _touching(strokes: Sequence[Rule]) -> list[list[Rule]]:
    groups: list[list[Rule]] = []
    for stroke in strokes:
        near = [g for g in groups if any(_near(stroke, other) for other in g)]
        groups = [g for g in groups if not any(g is n for n in near)] + [[stroke, *(r for g in near for r in g)]]
    return groups


def _near(a: Rule, b: Rule) -> bool:
    return (
        a.x0 - _TOUCH < b.x1 and b.x0 - _TOUCH < a.x1 and a.y0 - _TOUCH < b.y1 and b.y0 - _TOUCH < a.y1
    )  # fmt: skip


def _clustered(values: Iterable[float]) -> tuple[float, ...]:
    """Values in order, those that differ by a rule's thickness taken as one."""
    result: list[float] = []
    for value in sorted(values):
        if not result or value - result[-1] > _TOUCH:
            result.append(value)
    return tuple(result)


def _unruled(free: Sequence[Line], first: int) -> Iterator[Line | Row]:
    at, table = 0, first
    while at < len(free):
        end = _region(free, at)
        if end > at + 1:
            region = free[at:end]
            yield from _by_columns(region) if _column_major(region) else _rows(region, table)
            table += 1
            at = end
        else:
            yield free[at]
            at += 1


def _region(free: Sequence[Line], at: int) -> int:
    """End of the table without rules that begins at line `at`; `at` itself where none does."""
    if not _is_columnar(free[at]):
        return at
    columns = [segment.x0 for segment in free[at].segments]
    end, rows = at + 1, 1
    for i in range(at + 1, len(free)):
        line = free[i]
        if not 0 < free[i - 1].y - line.y <= _FAR * line.size or not _fits(line, columns):
            break
        if _is_columnar(line):
            rows, end = rows + 1, i + 1
            columns = sorted({*columns, *(s.x0 for s in line.segments if all(abs(s.x0 - c) > _ALIGN for c in columns))})
        elif abs(line.x0 - columns[0]) > _ALIGN:
            end = i + 1
    return end if rows > 1 else at


def _is_columnar(line: Line) -> bool:
    return len(line.segments) > 1 and "\t" not in line.text and "..." not in line.text


def _fits(line: Line, columns: Sequence[float]) -> bool:
    """Whether each segment starts at a column (two at least, of several) and ends before the next."""
    aligned = [s for s in line.segments if any(abs(s.x0 - c) <= _ALIGN for c in columns)]
    ends = all(not any(s.x0 + _ALIGN < c < s.x1 for c in columns) for s in line.segments)
    return ends and len(aligned) >= min(2, len(line.segments))


def _column_major(region: Sequence[Line]) -> bool:
    """Whether the page was written column by column, as newspapers are: then it is no table."""
    both = [line for line in region if len(line.segments) > 1]
    if len(both) < 4:
        return False
    pairs = itertools.pairwise(both)
    return all(a.segments[1].chunks[0].order > b.segments[0].chunks[0].order for a, b in pairs)


def _columns(region: Sequence[Line]) -> list[float]:
    columns: list[float] = []
    for segment in sorted((s for line in region for s in line.segments), key=lambda s: s.x0):
        if not columns or segment.x0 - columns[-1] > 2 * _ALIGN:
            columns.append(segment.x0)
    return columns


def _by_columns(region: Sequence[Line]) -> Iterator[Line]:
    columns = _columns(region)
    for column in range(len(columns)):
        yield from (s for line in region for s in line.segments if _column(s, columns) == column)


def _column(segment: Line, columns: Sequence[float]) -> int:
    return max(bisect_right(columns, segment.x0 + 2 * _ALIGN) - 1, 0)


def _rows(region: Sequence[Line], table: int) -> Iterator[Row]:
    """A new row begins where the first column has words beside another's, or below a header; other lines go on with the row."""
    columns = _columns(region)
    current: list[Line] = []
    for line in region:
        begins = bool(current) and (line.bold != current[-1].bold or (len(line.segments) > 1 and not _only_first(current, columns)))
        if begins and _column(line.segments[0], columns) == 0:
            yield _row(current, columns, table)
            current = []
        current.append(line)
    yield _row(current, columns, table)


def _only_first(current: Sequence[Line], columns: Sequence[float]) -> bool:
    """Whether the row so far has words in its first column alone: its other cells are centred beside them."""
    return all(_column(segment, columns) == 0 for line in current for segment in line.segments)


def _row(row_lines: Sequence[Line], columns: Sequence[float], table: int) -> Row:
    cells: list[list[Line]] = [[] for _ in columns]
    for segment in (s for line in row_lines for s in line.segments):
        cells[_column(segment, columns)].append(segment)
    return Row(tuple(map(tuple, cells)), row_lines[0].y, table)
