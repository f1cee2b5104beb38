"""What each block of a policy is: a rule, or what stands around the rules (contents, flow charts, signatures)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clausewise.blocks import strip_marks
from clausewise.types import Block, ClauseKind, Document

_CONTENTS = re.compile(r"(?:table of )?contents(?: page)?:?", re.I)
_ENTRY = re.compile(r".*(?:\s|\.|\||>)\d{1,3}\W*(?:</b>)?\W*$", re.S)
_FOOTNOTE = re.compile(r"(?:<sup>\s*\d+\s*</sup>|\[\^?\d+\]:?|[¹²³⁴-⁹])\s*\S")
_RULE = re.compile(r"[\s|:=_*-]+")
_SIGNER = r"(?:signed|signature|date|name|print name|position|chair|head ?teacher)"
_OFFICE = r"(?: (?:of|by|the|governors?|trustees?|head ?teacher|chair|signature|name|date|board|\(.*?\)))*"
_BLANK_TO_FILL = re.compile(rf"{_SIGNER}(?:\b[^.]{{0,40}}(?:_{{2,}}|\.{{4,}}|…)|{_OFFICE}\s*:)[\s_.…]*", re.I)
_UNFILLED = re.compile(rf"(?:{_SIGNER}|role|approved by|agreed by)\b[^.]{{0,30}}", re.I)
_LABEL = re.compile(r"\b(?:date|review|signed|signature|version|authorised|approved|on|person|name|position|chair|author|owner)\b", re.I)
_CHART_BOXES = 5  # so many short lines in a row, none with a sentence below it, are a drawing flattened to text


def classify(document: Document) -> list[ClauseKind]:
    """One kind per block of `document`, in order."""
    kinds = [_by_itself(document.text, block) for block in document.blocks]
    _mark_signatures(document, kinds)
    _mark_captions(document, kinds)
    _mark_footnotes(document, kinds)
    _mark_title(document, kinds)
    _mark_contents(document, kinds)
    _mark_charts(document, kinds)
    _mark_tables(document, kinds)
    return kinds


def _words(document: Document, i: int) -> str:
    block = document.blocks[i]
    return document.text[block.start : block.end].strip()


def _by_itself(text: str, block: Block) -> ClauseKind:
    words = text[block.start : block.end].strip()
    if _RULE.fullmatch(words):
        return "furniture"
    if block.kind in ("heading", "item", "row"):
        return "heading" if block.kind == "heading" else "item" if block.kind == "item" else "row"
    if _FOOTNOTE.match(words):
        return "footnote"
    return "clause"


def _mark_signatures(document: Document, kinds: list[ClauseKind]) -> None:
    """ "Signed: ____", but not "Headteacher:" above a list of what the headteacher does."""
    for i, kind in enumerate(kinds):
        above_list = kinds[i + 1 : i + 2] == ["item"]
        if kind in ("clause", "heading") and not above_list and _BLANK_TO_FILL.fullmatch(_words(document, i)):
            kinds[i] = "signature"


def _mark_captions(document: Document, kinds: list[ClauseKind]) -> None:
    """A few words above a table, closing on no full stop, are its heading."""
    for i, kind in enumerate(kinds[:-1]):
        words = _words(document, i)
        if kind == "clause" and kinds[i + 1] == "row" and len(words.split()) <= 6 and words[-1] not in ".:;!?":
            kinds[i] = "heading"


def _mark_footnotes(document: Document, kinds: list[ClauseKind]) -> None:
    """ "1 The age ..." where sections are numbered: a note whose raised number came down in the extraction."""
    numbered = sum(kind == "heading" and _words(document, i)[0].isdigit() for i, kind in enumerate(kinds))
    for i, kind in enumerate(kinds):
        if kind == "clause" and numbered > 1 and re.match(r"\d{1,2} +[A-Z]", _words(document, i)):
            kinds[i] = "footnote"


def _mark_title(document: Document, kinds: list[ClauseKind]) -> None:
    for i, kind in enumerate(kinds):
        if kind == "heading" and _same(strip_marks(_words(document, i)), document.title):
            kinds[i] = "title"
            kinds[:i] = ["heading" if _is_banner(document, j, kinds[j]) else kinds[j] for j in range(i)]
            return


def _is_banner(document: Document, i: int, kind: ClauseKind) -> bool:
    """Whether a line above the title is a name set there, as the school's or trust's often is."""
    words = _words(document, i)
    return kind == "clause" and len(words.split()) <= 8 and words[-1] not in ".:;!?" and "\t" not in words and ":" not in words


def _same(a: str, b: str) -> bool:
    return " ".join(a.lower().split()) == " ".join(b.lower().split())


def _mark_contents(document: Document, kinds: list[ClauseKind]) -> None:
    """A contents list: the heading "Contents" and the entries below it, or three lines in a row that end on a page."""
    headings = {_bare(_words(document, i)) for i, kind in enumerate(kinds) if kind == "heading"}
    i = 0
    while i < len(kinds):
        if kinds[i] == "heading" and _CONTENTS.fullmatch(strip_marks(_words(document, i))):
            end = _entries_end(document, kinds, i + 1, headings)
            kinds[i:end] = ["contents"] * (end - i)
        elif kinds[i] == "row":
            end = _paged_end(document, kinds, i)
            if end - i >= 3:
                kinds[i:end] = ["contents"] * (end - i)
        else:
            end = i
        i = max(end, i + 1)


def _bare(words: str) -> str:
    """An entry's or heading's words without number, page and marks, to compare them."""
    words = re.sub(r"</?\w+>|[*|#]", " ", words)
    words = re.sub(r"^\W*(?:\d[\d.]*|[-•·])?\s*|[\s.…]*\d{1,3}\W*$", "", words.strip())
    return " ".join(words.lower().split())


def _entries_end(document: Document, kinds: Sequence[ClauseKind], i: int, headings: set[str]) -> int:
    """Index behind the last entry. The section that a list's first entry names ends the list when it comes again."""
    seen: set[str] = set()
    while i < len(kinds):
        words = _words(document, i)
        bare = _bare(words)
        if kinds[i] not in ("row", "furniture") and (bare in seen or not (_ENTRY.fullmatch(words) or bare in headings)):
            break
        seen.add(bare)
        i += 1
    return i


def _paged_end(document: Document, kinds: Sequence[ClauseKind], i: int) -> int:
    while i < len(kinds) and kinds[i] == "row" and re.search(r"(?:\t|\.{3,}|…|\s{3,})\s*\d{1,3}$", _words(document, i)):
        i += 1
    return i


def _mark_charts(document: Document, kinds: list[ClauseKind]) -> None:
    i = 0
    while i < len(kinds):
        end = i
        while end < len(kinds) and kinds[end] == "heading" and _is_box(document, end):
            end += 1
        if end - i >= _CHART_BOXES:
            kinds[i:end] = ["chart"] * (end - i)
        i = max(end, i + 1)


def _is_box(document: Document, i: int) -> bool:
    return document.blocks[i].level == 0 and not _words(document, i)[0].isdigit()


def _mark_tables(document: Document, kinds: list[ClauseKind]) -> None:
    """A table's header is no rule, nor is a form that nobody filled in."""
    for i, kind in enumerate(kinds):
        if kind == "row":
            cells = [cell.of(document.text).strip() for cell in document.blocks[i].cells]
            alone = not (i and kinds[i - 1] in ("row", "furniture")) and not (i + 1 < len(kinds) and kinds[i + 1] == "row")
            if not any(cells):
                kinds[i] = "furniture"
            elif _is_unfilled(cells, alone):
                kinds[i] = "signature"
            elif document.blocks[i].header:
                kinds[i] = "furniture"
    for i in range(len(kinds) - 1, 0, -1):  # the labels above an unfilled form are part of it
        above = kinds[i - 1] in ("row", "furniture") and kinds[i] == "signature" and not (i > 1 and kinds[i - 2] == "row")
        words = [cell.of(document.text).strip() for cell in document.blocks[i - 1].cells]
        if above and words and _is_unfilled(words, alone=True):
            kinds[i - 1] = "signature"


def _is_unfilled(cells: list[str], alone: bool) -> bool:
    """Labels without values: one label in a row of empty cells, or a table that is nothing but a row of labels."""
    filled = [cell for cell in cells if cell]
    if len(cells) > 1 and len(filled) == 1:
        return bool(_UNFILLED.fullmatch(filled[0]))
    return alone and all(_LABEL.search(cell) and not re.search(r"\d", cell) for cell in filled)
