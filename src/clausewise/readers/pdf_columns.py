"""Pages set in columns, as newsletters are: which strings make up each column. A table's rows are no columns."""

from __future__ import annotations

from collections.abc import Sequence

from clausewise.readers.pdf_marks import Chunk

_LEAST = 4  # lines: a cell of a table that wraps is seldom longer, and a column seldom shorter
_UP = 1.5  # of the font size: how far up the pen jumps at least from one column to the next


def columns(chunks: Sequence[Chunk]) -> list[tuple[Chunk, ...]]:
    """The page's strings in groups to be read one after another; one group where there are no columns.

    Programs write a column to its end before they begin the next, and a table row by row: so a jump of the pen up and
    to the right, with several lines to the left of it and several after it, begins a column.
    """
    groups: list[tuple[Chunk, ...]] = []
    current: list[Chunk] = []
    at = 0
    while at < len(chunks):
        column = _column(chunks, at, current)
        if column:
            top = column[0].y + column[0].size / 2
            groups.append(tuple(c for c in current if c.y > top))
            groups.append(tuple(c for c in current if c.y <= top))
            current = list(column)
            at += len(column)
            if at < len(chunks) and not _column(chunks, at, current):
                groups.append(tuple(current))
                current = []
        else:
            current.append(chunks[at])
            at += 1
    return [group for group in (*groups, tuple(current)) if group]


def _column(chunks: Sequence[Chunk], at: int, current: Sequence[Chunk]) -> Sequence[Chunk]:
    """The column that begins at `at`, to the right of lines in `current`; empty where none does."""
    first = chunks[at]
    if not current or first.y < current[-1].y + _UP * first.size:
        return ()
    end = at
    while end < len(chunks) and chunks[end].x0 >= first.x0 - 2 and chunks[end].y <= first.y + first.size / 2:
        end += 1
    beside = [c for c in current if c.y <= first.y + first.size / 2]
    apart = all(c.x1 < first.x0 for c in beside)
    return chunks[at:end] if apart and min(_height(beside), _height(chunks[at:end])) >= _LEAST else ()


def _height(chunks: Sequence[Chunk]) -> int:
    """Number of baselines."""
    return len({round(chunk.y) for chunk in chunks})
