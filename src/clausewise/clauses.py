"""A document's blocks -> clauses: numbers, headings, lists with their lead-ins, and what is no rule at all.

Every block becomes exactly one clause, so clauses tile the document: no character of its text belongs to none or to
two. A clause's id says where it stands. With a printed number: `#5.3`. Without: the id of what it stands under (the
heading's number, else its slug; the lead-in; the item above) and its ordinal there: `#personal-use/2`, `#5.1/4`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from clausewise.blocks import inner, strip_marks
from clausewise.classify import classify
from clausewise.types import Block, Clause, ClauseKind, Document, Span

_NUMBER = re.compile(r"(?P<n>\d{1,2}(?:\.\d{1,2})+|\d{1,2}(?=\.[\s\u00a0])|(?<!\S)\d{1,2}(?=[\s\u00a0]+[A-Z]))\.?[\s\u00a0]+(?=\S)")
_LETTERED = re.compile(r"(?P<n>(?:Appendix|Annex|Schedule|Section|Part) [A-Z0-9]{1,3})\b[.:]?[\s\u00a0–-]*")
_TOP = re.compile(r"(?:appendix|appendices|annex|schedule|glossary)\b", re.I)
_OPENS = re.compile(r"\b(?:following|follows|below|must not|must|should)\b", re.I)
_LAST_SENTENCE = re.compile(r"(?:^|[.!?][”\"’')]?\s+)((?:(?![.!?][”\"’')]?\s+[A-Z]).)+)$", re.S)
_CONTROL_HEADING = re.compile(r"(?:document|version|policy)s? (?:control|details|history|status)|approvals?\b|sign(?:ed|-off)", re.I)
_CONTROL = re.compile(
    r"(?:(?:policy |document |date |last |next )*(?:written|amended|adopted|approved|ratified|agreed|reviewed|review|version|author|owner|"
    r"title|signed|issued|date|status)\b|name of (?:the )?school|person )",
    re.I,
)
_UNSIGNED = re.compile(r"(?<=\S)\s+(?:(?:governor|chair|head ?teacher|trustee)(?:['’]s)? )?(?:signature|signed|date):\s*$", re.I)
_TAIL = re.compile(r"(?:[;,]\s*(?:and|or)?)$")


def slug(words: str) -> str:
    """ "Personal use (staff)" -> "personal-use-staff"."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower().replace("’", "").replace("'", "")).strip("-") or "section"


def parse(document: Document) -> tuple[Clause, ...]:
    """The clauses of `document`, in order; one per block."""
    kinds = classify(document)
    walker = _Walker(document, kinds)
    return tuple(walker.step(i) for i in range(len(document.blocks)))


@dataclass(slots=True)
class _Section:
    level: int
    id: str
    words: str
    number: str | None
    clause: str
    marked: bool  # as a heading by its author: # in Markdown, a heading style in Word


@dataclass(slots=True)
class _Walker:
    """Reads blocks in order and remembers what the next one stands under."""

    document: Document
    kinds: Sequence[ClauseKind]
    sections: list[_Section] = field(default_factory=list)
    base: str = "preamble"
    counts: Counter[str] = field(default_factory=Counter)
    used: set[str] = field(default_factory=set)
    repeats: dict[str, int] = field(default_factory=dict)  # a place -> the last mark that it got
    lead: Clause | None = None  # the paragraph just read, if a list may hang from it
    items: list[Clause] = field(default_factory=list)
    open_lead: Clause | None = None  # "... as follows:" with numbered clauses, not a list, to come
    open_level: int = 0  # level of the section that it stands in; it governs nothing beyond that
    ruled: bool = False  # a section other than a document-control one has begun
    header: Clause | None = None  # of the table that is being read
    in_table: bool = False
    printed: dict[int, str] = field(default_factory=dict)
    marked_base: int = 0  # the mark (#, Heading n) that sections carry; 0 where none does
    has_capitals: bool = False  # headings are set in them

    def __post_init__(self) -> None:
        self.printed = _sequences(self.document)
        text, pairs = self.document.text, zip(self.document.blocks, self.kinds, strict=True)
        headings = [(b, strip_marks(text[b.start : b.end])) for b, kind in pairs if kind == "heading"]
        self.marked_base = _marked_base(headings)
        self.has_capitals = sum(words.isupper() for block, words in headings if not block.level) > 1

    def step(self, i: int) -> Clause:
        block, kind = self.document.blocks[i], self.kinds[i]
        if block.kind != "row":
            self.header, self.in_table = None, False
        if kind == "item":
            return self._item(i, block)
        self.items = []
        if kind in ("title", "heading"):
            return self._heading(i, block, kind)
        if kind == "row":
            return self._row(i, block)
        if kind == "clause":
            return self._paragraph(i, block)
        return self._aside(block, kind)

    # each of these reads one kind of block

    def _heading(self, i: int, block: Block, kind: ClauseKind) -> Clause:
        body = inner(self.document.text, Span(block.start, block.end))
        words = " ".join(strip_marks(body.of(self.document.text)).split()).rstrip(" :")
        number, _ = split_number(self.document.text, body)
        level = 0 if kind == "title" else self._level(i, block, words, number)
        while self.sections and (self.sections[-1].level >= level or kind == "title"):
            self.sections.pop()
        if level <= self.open_level:
            self.open_lead = None
        self.ruled = kind == "heading" and (self.ruled or not _CONTROL_HEADING.match(words))
        place = self._unique(number if number and number[0].isdigit() else slug(number or words))
        leads = self._governing(number)
        clause = self._clause(place, kind, block, body, number, leads)
        if kind == "heading":
            self.sections.append(_Section(level, place, words, number, clause.id, block.level > 0))
        self.lead = clause if leads else None
        return clause

    def _paragraph(self, i: int, block: Block) -> Clause:
        whole = inner(self.document.text, Span(block.start, block.end))
        number, body = split_number(self.document.text, whole)
        place = self._unique(number) if number else self._next(self._place())
        clause = self._clause(place, "clause", block, body, number, self._governing(number))
        after = self.document.blocks[i + 1].kind if i + 1 < len(self.kinds) else ""
        followed = after == "item" or (after == "row" and body.of(self.document.text).endswith(":"))
        self.lead = clause if followed and self._is_lead(clause) else None
        if not number:
            closes = body.of(self.document.text).endswith(":")
            self.open_lead = clause if closes and not followed else None
            self.open_level = self.sections[-1].level if self.sections else 0
        return clause

    def _item(self, i: int, block: Block) -> Clause:
        self.items = self.items[: block.level]
        parent = self.items[-1] if self.items else self.lead
        whole = Span(block.start, block.end)
        start = whole.start + self.document.text[block.start : block.end].index(block.marker) + len(block.marker)
        body = inner(self.document.text, Span(start, block.end))
        body = Span(body.start, body.start + _trimmed(body.of(self.document.text)))
        under = parent.id.partition("#")[2] if parent else self._place()
        number = self._item_number(i, parent)
        clause = self._clause(self._next(under), "item", block, body, number, self._chain(parent))
        self.items.append(clause)
        return clause

    def _row(self, i: int, block: Block) -> Clause:
        if not self.in_table and self._is_control_table(i):
            self._leave_section()
        self.in_table = True
        filled = [cell for cell in block.cells if cell.end > cell.start]
        body = Span(filled[0].start, filled[-1].end)
        if label := _UNSIGNED.search(body.of(self.document.text)):
            body = Span(body.start, body.start + label.start())
        leads = tuple(above for above in (self.lead, self.header) if above)
        under = self.lead.id.partition("#")[2] if self.lead else self._place()
        return self._clause(self._next(under), "row", block, body, None, leads)

    def _aside(self, block: Block, kind: ClauseKind) -> Clause:
        """What is no rule: a contents line, a flow chart's box, a line for a signature, a rule, a table's header."""
        filled = [cell for cell in block.cells if cell.end > cell.start]
        body = Span(filled[0].start, filled[-1].end) if filled else inner(self.document.text, Span(block.start, block.end))
        clause = self._clause(self._next(kind), kind, block, body, None, ())
        if block.header and filled:
            self.header = clause
        if kind == "signature":
            self._leave_section()
        return clause

    # what the next block stands under

    def _place(self) -> str:
        return self.sections[-1].id if self.sections else self.base

    def _is_control_table(self, i: int) -> bool:
        """Whether the table that begins at block `i` states the policy's own data: its dates, owner, approval."""
        text, rows = self.document.text, []
        while i < len(self.kinds) and self.kinds[i] in ("row", "furniture"):
            rows += [self.document.blocks[i]] if self.kinds[i] == "row" else []
            i += 1
        labels = [row.cells[0].of(text).strip() for row in rows if row.cells]
        return sum(bool(_CONTROL.match(label)) for label in labels) * 2 > len(labels)

    def _leave_section(self) -> None:
        """A table of dates and approvals stands apart from the section that it follows, and so does what comes after."""
        self.base = "document-control" if self.ruled else self.base
        self.sections, self.lead = [], None

    def _next(self, under: str) -> str:
        self.counts[under] += 1
        return self._unique(f"{under}/{self.counts[under]}")

    def _unique(self, place: str) -> str:
        """A number or heading that stands twice gets a mark of its own: `personal-use`, `personal-use~2`."""
        candidate, n = place, self.repeats.get(place, 1)
        while candidate in self.used:
            n += 1
            candidate = f"{place}~{n}"
        self.used.add(candidate)
        self.repeats[place] = n
        return candidate

    def _governing(self, number: str | None) -> tuple[Clause, ...]:
        """The lead-in that numbered clauses hang from, where one stands open above them."""
        return (self.open_lead,) if number and "." in number and self.open_lead else ()

    def _is_lead(self, clause: Clause) -> bool:
        """Whether the list after this paragraph hangs from it: it is numbered, unfinished, or announces what follows."""
        words = clause.body.of(self.document.text)
        last = _last_sentence(words)
        return bool(clause.number or words[-1:] not in ".!?”’" or (_OPENS.search(last) and "following" in last.lower()))

    def _chain(self, parent: Clause | None) -> tuple[Clause, ...]:
        """Lead-ins of an item below `parent`, outermost first."""
        if parent is None:
            return ()
        by_id = {clause.id: clause for clause in (self.lead, self.open_lead, *self.items) if clause}
        above = tuple(by_id[i] for i in parent.lead_in_ids if i in by_id)
        return (*above, parent)

    def _item_number(self, i: int, parent: Clause | None) -> str | None:
        printed = self.printed.get(i)
        if printed is None:
            return None
        above = parent.number if parent else (self.sections[-1].number if self.sections else None)
        return f"{above}({printed})" if above else printed

    def _level(self, i: int, block: Block, words: str, number: str | None) -> int:
        """Depth of a heading, from 1: by its number, else as its author marked it, else by how it is set."""
        if number and not number[0].isdigit():
            return 1
        if number:
            parts = number.split(".")
            return len(parts) - (len(parts) == 2 and parts[1] == "0")
        if block.level:
            return max(1, block.level - self.marked_base + 1)
        if words.isupper() or _TOP.match(words):
            return 1
        if i and self.kinds[i - 1] == "heading" and self.sections and not self.marked_base:
            return self.sections[-1].level + 1
        if self.sections and _are_sisters(words, self.sections[-1].words):
            return self.sections[-1].level
        if self.has_capitals:
            return 2
        anchors = [section for section in self.sections if section.number or section.marked]
        return anchors[-1].level + 1 if anchors else 1

    def _clause(self, place: str, kind: ClauseKind, block: Block, body: Span, number: str | None, leads: tuple[Clause, ...]) -> Clause:
        text = self.document.text
        return Clause(
            id=f"{self.document.id}#{place}",
            document=self.document.id,
            school=self.document.school,
            kind=kind,
            span=Span(block.start, block.end),
            body=body,
            number=number,
            headings=tuple(section.words for section in self.sections),
            lead_ins=tuple(_lead_span(text, clause) for clause in leads),
            lead_in_ids=tuple(clause.id for clause in leads),
            parent=leads[-1].id if leads else (self.sections[-1].clause if self.sections else None),
            page=self.document.page(body.start),
        )


def _marked_base(headings: Sequence[tuple[Block, str]]) -> int:
    """The smallest mark among numbered headings, else among all; 0 where none is marked."""
    marked = [(b.level, w) for b, w in headings if b.level]
    numbered = [level for level, w in marked if re.match(r"\d{1,2}\.?(?:0)?\s", w)]
    return min(numbered or [level for level, _ in marked], default=0)


def split_number(text: str, span: Span) -> tuple[str | None, Span]:
    """Part "5.3 Staff are ..." into its number, as printed, and the span of the words after it."""
    found = _NUMBER.match(text, span.start, span.end) or _LETTERED.match(text, span.start, span.end)
    if not found:
        return None, span
    return found["n"], inner(text, Span(found.end(), span.end)) if found.end() < span.end else span


def _are_sisters(words: str, before: str) -> bool:
    """ "The Do’s", "The Don’ts": short headings that begin alike stand side by side."""
    return words.split()[0] == before.split()[0] and max(len(words.split()), len(before.split())) <= 3


def _trimmed(words: str) -> int:
    """Length of a list item without its closing "; or"."""
    tail = _TAIL.search(words)
    return len(words[: tail.start()].rstrip()) if tail else len(words)


def _last_sentence(words: str) -> str:
    found = _LAST_SENTENCE.search(words)
    return found.group(1) if found else words


def _lead_span(text: str, clause: Clause) -> Span:
    """The words that a list hangs from: of a paragraph, its last sentence."""
    words = clause.body.of(text)
    last = _last_sentence(words) if clause.kind == "clause" else words
    return Span(clause.body.end - len(last), clause.body.end)


def _sequences(document: Document) -> dict[int, str]:
    """Index of an item's block -> its printed number, for the lists whose numbers count up; "1." "1." "1." do not."""
    runs: dict[tuple[int, int], list[int]] = {}
    start: dict[int, int] = {}
    for i, block in enumerate(document.blocks):
        if block.kind != "item":
            start = {}
            continue
        start = {level: first for level, first in start.items() if level <= block.level}
        runs.setdefault((start.setdefault(block.level, i), block.level), []).append(i)
    printed: dict[int, str] = {}
    for run in runs.values():
        values = [document.blocks[i].marker.strip("().") for i in run]
        if _counts_up(values):
            printed.update(zip(run, values, strict=True))
    return printed


_ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv"]


def _counts_up(values: list[str]) -> bool:
    letters = [chr(ord("a") + n) for n in range(26)]
    numbers = [str(n + 1) for n in range(60)]
    return any(values == row[: len(values)] for row in (numbers, letters, _ROMAN))
