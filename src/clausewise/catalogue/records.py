"""Values as rows of text, and back: JSON arrays, a value's parts in a fixed order. What a column of its own holds is left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from clausewise.thesaurus import Row
from clausewise.types import Clause, Document, Passage, School, Span, StatedDate


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the documents, clauses and passages of school `number` stand: their numbers. `in_force`: of its documents so many are."""

    number: int
    documents: range = range(0)
    clauses: range = range(0)
    rows: range = range(0)
    in_force: int = 0


_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _span(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _spans(rows: Sequence[Sequence[int]]) -> tuple[Span, ...]:
    return tuple(Span(*row) for row in rows)


def school_row(school: School) -> str:
    return _text((school.name, school.trust, school.aliases, dict(school.contacts)))


def school(id: str, row: str) -> School:
    name, trust, aliases, contacts = json.loads(row)
    return School(id, name, trust, tuple(aliases), contacts)


def shelf_row(shelf: Shelf) -> str:
    return _text([shelf.number, *((each.start, each.stop) for each in (shelf.documents, shelf.clauses, shelf.rows)), shelf.in_force])


def shelf(row: str) -> Shelf:
    number, documents, clauses, rows, in_force = json.loads(row)
    return Shelf(number, range(*documents), range(*clauses), range(*rows), in_force)


def document_row(document: Document) -> str:
    """Without its text, and without blocks, which clauses stand for."""
    d = document
    dates = [(s.role, s.text, s.earliest.isoformat(), s.latest.isoformat(), _span(s.span)) for s in d.dates]
    return _text((d.school, d.title, d.path, d.format, d.digest, d.pages, d.empty_pages, dates, d.notes, d.superseded_by))


def document(id: str, row: str, text: str) -> Document:
    school, title, path, form, digest, pages, empty, dates, notes, newer = json.loads(row)
    stated = tuple(
        StatedDate(role, words, date.fromisoformat(earliest), date.fromisoformat(latest), Span(*span))
        for role, words, earliest, latest, span in dates
    )
    return Document(id, school, title, path, form, digest, text, (), tuple(pages), tuple(empty), stated, tuple(notes), newer)


def title(row: str) -> tuple[str, str]:
    """Of a document: its school, and its title."""
    school, title, *_ = json.loads(row)
    return school, title


def clause_row(clause: Clause) -> str:
    c = clause
    leads = [_span(span) for span in c.lead_ins]
    return _text((c.document, c.school, c.kind, _span(c.span), _span(c.body), c.number, c.headings, leads, c.lead_in_ids, c.parent, c.page))


def clause(id: str, row: str) -> Clause:
    document, school, kind, span, body, number, headings, leads, lead_ids, parent, page = json.loads(row)
    return Clause(
        id, document, school, kind, Span(*span), Span(*body), number, tuple(headings), _spans(leads), tuple(lead_ids), parent, page
    )


def passage_row(passage: Passage) -> str:
    return _text((passage.clause, passage.document, passage.school, _span(passage.span), passage.views))


def passage(row: int, text: str) -> Passage:
    clause, document, school, span, views = json.loads(text)
    return Passage(row, clause, document, school, Span(*span), tuple(views))


def thesaurus_row(row: Row) -> str:
    return _text(tuple(asdict(row).values()))


def thesaurus(text: str) -> Row:
    said, means, kind, line = json.loads(text)
    return Row(tuple(said), tuple(means), kind, line)
