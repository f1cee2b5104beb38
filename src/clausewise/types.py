"""Every value that flows through Clausewise, from a file on disk to a quote on a page.

All are frozen. Offsets count code points of a document's canonical text and are half-open: [start, end).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

BlockKind = Literal["heading", "paragraph", "item", "row"]
ClauseKind = Literal["title", "heading", "clause", "item", "row", "footnote", "contents", "chart", "signature", "furniture"]
ANSWERING_KINDS: frozenset[str] = frozenset({"clause", "item", "row", "footnote"})
Stance = Literal["prohibited", "required", "permitted", "conditional", "advised"]
Status = Literal["answered", "not_covered"]
Sure = Literal["high", "fair", "low"]
# Why a question was asked of some schools: it names them; they were asked for; the same, though it speaks of every school;
# an earlier turn names them; nothing narrows it, so that it is asked of all.
ScopeFrom = Literal["named", "asked", "kept", "earlier", "every", "nearest"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch [start, end) of a document's canonical text, in code points."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Block:
    """A line group as its author laid it out, before it is known what it means.

    `start` to `end` holds the printed marker too. `level`: 1 to 6 for a heading (0: not known), nesting depth from 0
    for an item. `marker`: the item's bullet or number as printed. `cells`: a row's cells, none of them overlapping.
    `header`: the row heads its table.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    marker: str = ""
    cells: tuple[Span, ...] = ()
    header: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader makes of a file: canonical text, where pages start in it, and its blocks in order.

    `pages`: offset of the first character of each page, ascending; empty where the format has no pages.
    `empty_pages`: numbers, from 1, of the pages that carry no text. `notes`: what was left out, for the health line.
    """

    text: str
    blocks: tuple[Block, ...]
    pages: tuple[int, ...] = ()
    empty_pages: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date as the text states it; nothing is filled in.

    `role`: what the text calls it. `text`: its words. `earliest` and `latest` bound what the words can mean:
    "October 2021" runs from the 1st to the 31st, "Spring 2022" from 1 March to 31 May.
    """

    role: Literal["written", "amended", "approved", "reviewed", "next_review"]
    text: str
    earliest: date
    latest: date
    span: Span


@dataclass(frozen=True, slots=True)
class School:
    """A folder of the corpus, and what `schools.toml` says of it. `contacts`: role -> whom to reach."""

    id: str
    name: str
    trust: str | None = None
    aliases: tuple[str, ...] = ()
    contacts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """One policy. `id` is `school/file-name-without-suffix`; `digest` is the SHA-256 of the file's bytes, in hex."""

    id: str
    school: str
    title: str
    path: str
    format: str
    digest: str
    text: str
    blocks: tuple[Block, ...] = ()
    pages: tuple[int, ...] = ()
    empty_pages: tuple[int, ...] = ()
    dates: tuple[StatedDate, ...] = ()
    notes: tuple[str, ...] = ()
    superseded_by: str | None = None

    def page(self, offset: int) -> int | None:
        """Number of the page, from 1, that holds `offset`; None where the format has no pages."""
        return sum(start <= offset for start in self.pages) or None

    def stated(self, role: str) -> StatedDate | None:
        """The latest date that the text states in this role."""
        dates = [d for d in self.dates if d.role == role]
        return max(dates, key=lambda d: (d.latest, d.span)) if dates else None


@dataclass(frozen=True, slots=True)
class Clause:
    """A place in a policy: the smallest thing with an address.

    `span` holds marker and number; `body` is what may be quoted. `headings`: the path above, outermost first.
    `lead_ins`: the words that its sense hangs from, outermost first, and `lead_in_ids`, the clauses they stand in.
    """

    id: str
    document: str
    school: str
    kind: ClauseKind
    span: Span
    body: Span
    number: str | None = None
    headings: tuple[str, ...] = ()
    lead_ins: tuple[Span, ...] = ()
    lead_in_ids: tuple[str, ...] = ()
    parent: str | None = None
    page: int | None = None

    @property
    def answers(self) -> bool:
        return self.kind in ANSWERING_KINDS


@dataclass(frozen=True, slots=True)
class Passage:
    """What is searched: one sentence of a clause. The quote is `span` of the document.

    `views`: the sentence as it is embedded, with more and less of its context; the vector is the mean of theirs.
    """

    row: int
    clause: str
    document: str
    school: str
    span: Span
    views: tuple[str, ...]

    @property
    def text(self) -> str:
        """The fullest view: heading path, lead-ins, sentence."""
        return self.views[0]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found. `score`: fused, higher is nearer. `ranks`: its rank, from 1, in each single ranking.

    `dense`, `late`: cosines, of the texts and of their words. `lexical`: 0 to 1.
    """

    passage: Passage
    score: float
    dense: float
    late: float
    lexical: float
    ranks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quote:
    """An address in a document. Its words are derived, so they cannot differ from the document's.

    `exception`: its policy sets it beside the answer's first quote, as an exception to that rule.
    """

    document: Document
    clause: Clause
    span: Span
    score: float
    exception: bool = False

    @property
    def text(self) -> str:
        return self.span.of(self.document.text)

    @property
    def lead_in(self) -> str | None:
        return " ".join(span.of(self.document.text) for span in self.clause.lead_ins) or None

    def as_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "lead_in": self.lead_in,
            "clause": self.clause.id,
            "document": self.document.id,
            "title": self.document.title,
            "number": self.clause.number,
            "headings": list(self.clause.headings),
            "page": self.document.page(self.span.start),
            "start": self.span.start,
            "end": self.span.end,
            "score": round(self.score, 4),
            "exception": self.exception,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What one school's policies say. `confidence`: 0 to 1, that the status is right. `reason`: why not covered.

    `sure`: the band that says how often such an answer is right (see bands); None where none is claimed.
    `covered_by`: of a school that does not cover the question, ids of schools outside the question's scope that do, the surest first.
    """

    school: str
    school_name: str
    status: Status
    reason: str | None
    stance: Stance | None
    confidence: float
    quotes: tuple[Quote, ...] = ()
    closest: tuple[Quote, ...] = ()
    covered_by: tuple[str, ...] = ()
    sure: Sure | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "school": self.school,
            "school_name": self.school_name,
            "status": self.status,
            "reason": self.reason,
            "stance": self.stance,
            "confidence": round(self.confidence, 4),
            "sure": self.sure,
            "quotes": [quote.as_dict() for quote in self.quotes],
            "closest": [quote.as_dict() for quote in self.closest],
            "covered_by": list(self.covered_by),
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to put a question that can be read in several: ask `question` of `schools`. `label`: what it is about, in a few words."""

    label: str
    question: str
    schools: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {"label": self.label, "question": self.question, "schools": list(self.schools)}


@dataclass(frozen=True, slots=True)
class Clarification:
    """What must be asked back. `kind`: the school that a name means, the topic of a few words, or which of several questions goes first."""

    kind: Literal["school", "topic", "question"]
    choices: tuple[Choice, ...]

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "choices": [choice.as_dict() for choice in self.choices]}


@dataclass(frozen=True, slots=True)
class Concern:
    """Whom to tell at one school, where the question reads as if somebody may be at risk.

    `lead`: its safeguarding lead, as schools.toml has it. `quote`: its own clause that says what is to be done.
    """

    school: str
    school_name: str
    lead: str | None
    quote: Quote | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "school": self.school,
            "school_name": self.school_name,
            "lead": self.lead,
            "quote": self.quote.as_dict() if self.quote else None,
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer object of the contract: one answer for each school in scope, in the scope's order.

    `scope_from`: why these schools. `clarification`: the choices, where the question fits several schools or topics.
    `concerns`: one for each school in scope, where somebody may be at risk; then nothing of the question is to be kept.
    """

    question: str
    standalone_question: str
    schools: tuple[str, ...]
    answers: tuple[Answer, ...]
    scope_from: ScopeFrom = "every"
    clarification: Clarification | None = None
    concerns: tuple[Concern, ...] = ()

    def as_dict(self, case: Any = None) -> dict[str, Any]:
        return {
            "id": case,
            "question": self.question,
            "standalone_question": self.standalone_question,
            "schools": list(self.schools),
            "answers": [answer.as_dict() for answer in self.answers],
            "scope_from": self.scope_from,
            "clarification": self.clarification.as_dict() if self.clarification else None,
            "concerns": [concern.as_dict() for concern in self.concerns],
        }
