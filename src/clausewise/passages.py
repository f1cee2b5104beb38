"""Clauses -> passages: a sentence each, with views of its context for the embedding. The only room that knows langchain.

The splitter is given no overlap and told to keep white space, so its parts joined are the whole, and offsets add up;
its own `start_index` searches for the text and goes wrong on boilerplate that stands twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from clausewise.blocks import inner
from clausewise.types import Clause, Document, Passage, Span

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

# After a full stop (not of "e.g.", "i.e.", "etc. and", "No.", "Mr.") and before a capital, a quotation or a bracket.
_SENTENCE = (
    r"(?:(?<=[.!?])|(?<=[.!?][”\"’')])|(?<=[.!?]\*\*))(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bE\.g\.)(?<!\bI\.e\.)(?<!\bNo\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bRev\.)(?<!\bProf\.)(?<!\bApp\.)(?<!\bSch\.)"
    r"\s+(?=[A-Z“\"‘'(*\[<])"
)
_CONTEXT = 4000  # characters of the heading path, of the lead-ins, and of the clause that a view holds at most
_LONGEST = 900  # characters; the encoder reads about 256 tokens, and a quote should stay readable


@cache
def _splitter(patterns: tuple[str, ...], size: int) -> RecursiveCharacterTextSplitter:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        separators=list(patterns), is_separator_regex=True, keep_separator="end", chunk_size=size, chunk_overlap=0, strip_whitespace=False
    )


def sentences(text: str, span: Span) -> list[Span]:
    """The sentences within `span`, without the white space between them; overlong ones in parts."""
    parts = []
    for part in _split(text, span, (_SENTENCE,), 1):  # size 1: every boundary splits, nothing is merged again
        whole = part.end - part.start <= _LONGEST
        parts += [part] if whole else _split(text, part, (r"(?<=[;.])\s+", r"(?<=,)\s+", r"\s+"), _LONGEST)
    return [kept for part in parts if (kept := inner(text, part)).end > kept.start]


def _split(text: str, span: Span, patterns: tuple[str, ...], size: int) -> list[Span]:
    pieces = _splitter(patterns, size).split_text(span.of(text))
    if "".join(pieces) != span.of(text):
        raise AssertionError("the splitter's parts do not join to the whole")
    spans, start = [], span.start
    for piece in pieces:
        spans.append(Span(start, start + len(piece)))
        start += len(piece)
    return spans


def passages(document: Document, clauses: Sequence[Clause], first_row: int = 0) -> list[Passage]:
    """One passage for each sentence that can answer; `row` counts up from `first_row`."""
    parents = {i for clause in clauses for i in clause.lead_in_ids}
    found: list[Passage] = []
    for clause in clauses:
        context = _context(document, clause)
        for span in _answering(document, clause, clause.id in parents):
            views = _views(span.of(document.text), *context)
            found.append(Passage(first_row + len(found), clause.id, document.id, document.school, span, views))
    return found


def _answering(document: Document, clause: Clause, leads: bool) -> Iterator[Span]:
    """A lead-in says nothing without its list, so it is no passage of its own."""
    if not clause.answers:
        return
    whole = clause.kind == "row" and clause.body.end - clause.body.start <= _CONTEXT
    for span in [clause.body] if whole else sentences(document.text, clause.body):
        words = span.of(document.text)
        ends_lead = leads and span.end == clause.body.end
        if re.search(r"\w", words) and not (ends_lead and (words[-1] not in ".!?" or len(words.split()) < 4)):
            yield span


def _context(document: Document, clause: Clause) -> tuple[str, str, str]:
    """Heading path, lead-ins and the whole clause, each cut off far behind what the encoder reads of it."""
    path = f"{' > '.join(clause.headings)}." if clause.headings else ""
    leads = " ".join(lead.of(document.text) for lead in clause.lead_ins)
    return path[:_CONTEXT], leads[:_CONTEXT], clause.body.of(document.text)[:_CONTEXT]


def _views(sentence: str, path: str, leads: str, whole: str) -> tuple[str, ...]:
    """What the encoder reads of a sentence: with headings and lead-ins, without headings, in its whole clause, alone.

    Never the school, which is a filter. The mean of the four finds more than any one of them (DECISIONS.md).
    """
    views = ((path, leads, sentence), (leads, sentence), (path, leads, whole), (sentence,))
    return tuple(" ".join(" ".join(view).split()) for view in views)
