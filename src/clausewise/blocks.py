"""Plain text or Markdown -> blocks: which lines belong together, and what each group looks like.

Only the look is judged here (a short line on its own, a bullet, a row of cells); what it means in a policy is for
`clauses`. Every character that is not white space falls into exactly one block, so nothing can be lost on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from clausewise.types import Block, Span

BULLETS = "-*+•·●▪■◦‣⁃–—\uf0b7\uf0a7"
_BULLET = rf"[{re.escape(BULLETS)}](?:[ \t\u00a0]+[{re.escape(BULLETS)}])?"
_ORDERED = r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,5})[.)]"
_ITEM = re.compile(rf"(?P<indent>[ \t\u00a0]*)(?P<marker>{_BULLET}|o(?=[ \t])|{_ORDERED})[ \t\u00a0]+(?=\S)")
_HASHES = re.compile(r"[ \t]{0,3}(#{1,6})[ \t]+(?=\S)")
_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})+\.?(?=\s)|\d{1,2}\.?(?=\s)|[A-Z]\d{0,2}\.(?=\s)|(?:Appendix|Annex|Section|Part) \w{1,3}\b[.:]?")
_CONTENTS_LINE = re.compile(r".*\S(?:\t+|\s*\.{3,}\s*|[ ]{3,}|\s*…\s*)\d{1,3}\s*$")
_RULE = re.compile(r"\s*(?:[-_*=]\s?){3,}$")
_LEAD_WORDS = re.compile(r"\b(?:should|must|will|can|may|is|are|be|that|by|this|following|follows|expects?|aims?)\b", re.I)
_DUTY = re.compile(r"\b(?:should|must|shall|will|may|cannot)\b", re.I)
_UNFINISHED = re.compile(r"\b(?:(?:must|should|shall|will|may|can|are|is|be|that)(?: not)?|not)$", re.I)
_FULL = 40  # characters; a wrapped line that is longer, and ends no sentence, goes on in the next
_WRAP = 120  # a file none of whose lines is longer was wrapped by its editor, so a line break is no paragraph's end


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    blank_before: bool
    blank_after: bool


def recognise(text: str, headings: Mapping[int, int] | None = None) -> tuple[Block, ...]:
    """Split `text` into blocks. `headings`: offset of a line's start -> its level, for lines known to be headings."""
    lines = list(_lines(text))
    wrapped = bool(lines) and max(len(line.text) for line in lines) <= _WRAP and len(lines) > 3
    blocks: list[Block] = []
    for line in lines:
        block = _begin(line, text, blocks, headings or {})
        if block is None and blocks and _continues(line, blocks[-1], text, wrapped):
            blocks[-1] = replace(blocks[-1], end=line.end)
        else:
            blocks.append(block or Block("paragraph", line.start, line.end))
    return _with_headers(_with_depths(_with_headings(blocks, text, lines, headings or {}), text), text)


def _lines(text: str) -> Iterator[_Line]:
    """The lines that are not blank; a form feed counts as white space."""
    spans = [m.span() for m in re.finditer(r"[^\n]+", text) if m.group().strip()]
    for i, (start, end) in enumerate(spans):
        before = text[spans[i - 1][1] : start] if i else "\n\n"
        after = text[end : spans[i + 1][0]] if i + 1 < len(spans) else "\n\n"
        yield _Line(start, end, text[start:end], before.count("\n") > 1, after.count("\n") > 1)


def _begin(line: _Line, text: str, blocks: list[Block], headings: Mapping[int, int]) -> Block | None:
    """The block that `line` begins by its own look; None where it may go on with the one before."""
    if line.start in headings:
        return Block("heading", line.start, line.end, headings[line.start])
    if hashes := _HASHES.match(line.text):
        return Block("heading", line.start, line.end, len(hashes.group(1)))
    if _RULE.fullmatch(line.text):
        return Block("paragraph", line.start, line.end)
    if _CONTENTS_LINE.fullmatch(line.text) or _is_row(line.text):
        return Block("row", line.start, line.end, cells=_cells(line))
    if (item := _ITEM.match(line.text)) and not _mid_sentence(line, item, text, blocks) and not _plain_number(line, item, blocks, text):
        return Block("item", line.start, line.end, _columns(item["indent"]), item["marker"])
    return None


def _mid_sentence(line: _Line, item: re.Match[str], text: str, blocks: list[Block]) -> bool:
    """Whether a wrapped line only happens to begin with a number: "... must be at least / 13. Staff check ..."."""
    if line.blank_before or not blocks or not item["marker"][0].isdigit():
        return False
    before = text[blocks[-1].start : blocks[-1].end].rstrip().splitlines()[-1]
    counts_on = blocks[-1].marker.strip("().").isdigit() and int(blocks[-1].marker.strip("().")) + 1 == int(item["marker"].strip("()."))
    return len(before) > _FULL and len(line.text) <= _WRAP and before[-1] not in ".:;!?" and not counts_on


def _plain_number(line: _Line, item: re.Match[str], blocks: list[Block], text: str) -> bool:
    """Whether "3. Scope" is a heading and no list item: short, alone, and not within a list that a colon opened."""
    if not item["marker"][0].isdigit() or item["indent"]:
        return False
    opened = bool(blocks) and text[blocks[-1].start : blocks[-1].end].rstrip().endswith((":", ";"))
    opened = opened or (bool(blocks) and blocks[-1].kind == "item" and blocks[-1].marker[:1].isdigit())
    return not opened and line.blank_before and line.blank_after and looks_like_heading(line.text)


def _is_row(line: str) -> bool:
    stripped = line.strip()
    if stripped.startswith("|") and stripped.endswith("|") and len(stripped) > 2:
        return True
    if " | " in stripped:
        return True
    return "\t" in stripped and not _ITEM.match(line) and not re.match(r"\d{1,2}(?:\.\d{1,2})*\.?\t", stripped)


def _cells(line: _Line) -> tuple[Span, ...]:
    """Spans of the row's cells, trimmed; an empty cell keeps its place as an empty span."""
    stripped = line.text.strip()
    bars = r"(?<=\|)[^|]*(?=\|)" if stripped.startswith("|") else r"[^|]+"
    pattern = bars if "|" in stripped else r"[^\t]+"
    cells = []
    for match in re.finditer(pattern, line.text):
        words = match.group().strip()
        start = line.start + match.start() + (len(match.group()) - len(match.group().lstrip()) if words else 0)
        cells.append(Span(start, start + len(words)))
    return tuple(cells)


def _columns(indent: str) -> int:
    return len(indent.expandtabs(4))


def _continues(line: _Line, block: Block, text: str, wrapped: bool) -> bool:
    """Whether `line`, which begins nothing, goes on with `block`."""
    if line.blank_before or block.kind in ("row", "heading") or _RULE.fullmatch(text[block.start : block.end]):
        return False
    if line.text[0].isspace() or line.text.lstrip()[0].islower():
        return True
    before = text[block.start : block.end]
    if before.isupper() and looks_like_heading(before):  # "COAST / ACADEMIES" is a name set over two lines of a title page
        return line.text.isupper() and len(before) + len(line.text) < 40
    if _NUMBER.match(line.text):
        last = before.splitlines()[-1]
        return wrapped and (len(last) > _FULL and last.rstrip()[-1] not in ".:;!?")
    return wrapped


def looks_like_heading(line: str) -> bool:
    """Whether the words alone read as a heading: short, opening with a capital or number, closing on no full stop."""
    words = strip_marks(line)
    number = _NUMBER.match(words)
    title = words[number.end() :].lstrip(" :–-\u00a0") if number else words
    if not title or len(title.split()) > (16 if number else 12) or len(title) > 110 or not title[0].isupper():
        return False
    if _UNFINISHED.search(title) or (number and _DUTY.search(title)):
        return False
    if re.search(r"_{2,}|\.{4,}|…", line):
        return False
    if re.search(r"[.;,)”’']$|: \S|:\d|@", title) and not title.endswith("s’"):
        return bool(re.fullmatch(r"[^:.;]+\([^)]+\)", title))
    return _heading_before_colon(title[:-1]) if title.endswith(":") else True


def _heading_before_colon(title: str) -> bool:
    """Tell "Personal Use:" (a heading) from "This policy:" (a lead-in): capitals throughout, or a bare -ing phrase."""
    words = [w for w in re.findall(r"[^\W\d_]+", title) if len(w) > 2]
    capitals = len(words) > 1 and all(w[0].isupper() for w in words)
    return (capitals or title.split()[0].endswith("ing")) and not _LEAD_WORDS.search(title)


def strip_marks(words: str) -> str:
    """The words of a line without Markdown's or HTML's emphasis at its edges, and without heading marks."""
    span = inner(words, Span(0, len(words)))
    return span.of(words)


_OPEN = re.compile(r"(?:\s|#{1,6}(?=\s)|\*\*|__|</?(?:b|strong|i|em|u)>|\[bookmark: [^\]]*\])+")
_CLOSE = re.compile(r"(?:\s|#+(?=\s*$)|\*\*|__|</?(?:b|strong|i|em|u)>)+$")

_EDGE = 200  # characters; closing marks are looked for no further from the end, since looking takes its square


def inner(text: str, span: Span) -> Span:
    """`span` without white space and without emphasis, heading or bookmark marks at its edges.

    Only whole pairs go: of "**No watches.** Staff ..." the opening mark stays, since its partner stands inside.
    """
    opened = _OPEN.match(text, span.start, span.end)
    start = opened.end() if opened else span.start
    closed = _CLOSE.search(text, max(start, start + len(text[start : span.end].rstrip()) - _EDGE), span.end)
    end = closed.start() if closed else span.end
    for mark in ("**", "__"):
        if text.count(mark, start, end) % 2:
            start -= len(mark) if text[start - len(mark) : start] == mark and start - len(mark) >= span.start else 0
            end += len(mark) if text.count(mark, start, end) % 2 and text[end : end + len(mark)] == mark else 0
    return Span(start, end)


def _with_headings(blocks: list[Block], text: str, lines: list[_Line], known: Mapping[int, int]) -> list[Block]:
    """Turn paragraphs that are one short line, set apart, into headings (level 0: not known)."""
    by_start = {line.start: line for line in lines}
    result: list[Block] = []
    for block in blocks:
        line = by_start[block.start]
        words = text[block.start : block.end]
        capitals = words.isupper() and (line.blank_before or (bool(result) and result[-1].kind == "heading"))
        alone = capitals or (line.blank_before and block.end == line.end and line.blank_after)
        bold = bool(re.fullmatch(r"\s*(?:\*\*|__|<b>|<strong>).+(?:\*\*|__|</b>|</strong>)\s*", words))
        if block.kind == "paragraph" and (alone or bold) and looks_like_heading(words.replace("\n", " ")):
            block = replace(block, kind="heading", level=0)
        result.append(block)
    return result


def _with_depths(blocks: list[Block], text: str) -> list[Block]:
    """Turn items' indents into nesting depths, list by list; a new kind of marker after a colon also goes deeper."""
    result: list[Block] = []
    stack: list[tuple[int, bool]] = []
    for block in blocks:
        if block.kind != "item":
            stack = []
        else:
            ordered = block.marker.strip("()").rstrip(".)").isalnum() and block.marker != "o"
            opened = bool(result) and text[result[-1].start : result[-1].end].rstrip().endswith(":")
            stack = _nest(stack, block.level, ordered, opened)
            block = replace(block, level=len(stack) - 1)
        result.append(block)
    return result


def _nest(stack: list[tuple[int, bool]], indent: int, ordered: bool, opened: bool) -> list[tuple[int, bool]]:
    while stack and stack[-1][0] > indent:
        stack = stack[:-1]
    if stack and stack[-1] != (indent, ordered) and (indent, ordered) in stack:
        return stack[: stack.index((indent, ordered)) + 1]
    if not stack or indent > stack[-1][0] or (stack[-1][1] != ordered and opened):
        return [*stack, (indent, ordered)]
    return [*stack[:-1], (indent, ordered)]


def _with_headers(blocks: list[Block], text: str) -> tuple[Block, ...]:
    """Mark a table's header: the row above a Markdown rule (|---|---|); in plain text a first row of nothing but labels."""
    result = list(blocks)
    for i in range(1, len(result)):
        rule = result[i].kind == "row" and re.fullmatch(r"[\s|:]*-[\s|:-]*", text[result[i].start : result[i].end])
        if rule and result[i - 1].kind == "row":
            result[i - 1] = replace(result[i - 1], header=True)
    for i, block in enumerate(result):
        if block.kind == "row" and not (i and result[i - 1].kind == "row") and _heads_its_table(result[i : i + 3], text):
            result[i] = replace(block, header=True)
    return tuple(result)


_OWN_DATA = re.compile(r"\b(?:name|date|review|reviewed|approved|policy|version|owner|author|status)\b|\d", re.I)


def _heads_its_table(rows: list[Block], text: str) -> bool:
    """Three rows or more of as many cells, and the first of short labels; a table of the policy's own dates has no header."""
    if any(not re.search(r"\w", text[row.start : row.end]) for row in rows):  # Markdown's rule says by itself what the header is
        return False
    if len(rows) < 3 or any(row.kind != "row" or len(row.cells) != len(rows[0].cells) for row in rows) or len(rows[0].cells) < 2:
        return False
    labels = [cell.of(text).strip() for cell in rows[0].cells]
    longer = max(len(cell.of(text)) for row in rows[1:] for cell in row.cells) > max(map(len, labels))
    return longer and all(label and len(label.split()) <= 6 and label[-1] not in ".:;" and not _OWN_DATA.search(label) for label in labels)
