"""A matrix -> plain data: what every form of it is rendered from, with what made it, so that it can be made again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from clausewise import __version__
from clausewise.comparison.audiences import covered
from clausewise.comparison.differences import differences
from clausewise.comparison.matrix import Cell, Matrix
from clausewise.comparison.numbers import quantities
from clausewise.comparison.positions import Comparison
from clausewise.comparison.topics import Topic
from clausewise.dates import review
from clausewise.index import Index
from clausewise.types import Document, School


def report(title: str, matrix: Matrix, index: Index, today: date) -> dict[str, Any]:
    """`today`: the day that reviews are held against; with the same index, topics and day every byte is the same."""
    scope = {school.id for school in matrix.schools}
    own = (index.documents_of(school.id) for school in index.schools if school.id in scope)
    documents = [document for documents in own for document in documents if not document.superseded_by]
    return {
        "title": title,
        "made": today.isoformat(),
        "made_by": {
            "version": __version__,
            "index": index.manifest["checksum"],
            "model": index.manifest["model"],
            "documents": {document.id: document.digest for document in documents},
        },
        "schools": [_school(school, documents, index, today) for school in matrix.schools],
        **_told(matrix),
    }


def single(comparison: Comparison, schools: Sequence[School]) -> dict[str, Any]:
    """Of one topic, in the words of whoever asked for it: what the answers say, without documents, whom they cover, and what made it.

    `schools`: those compared, and perhaps others.
    """
    topic, known = Topic("topic", comparison.topic, "", (comparison.topic,)), {school.id: school for school in schools}
    cells = {(topic.id, answer.school): Cell(topic, answer) for answer in comparison.answers}
    matrix = Matrix((topic,), tuple(known[answer.school] for answer in comparison.answers), cells)
    return {"schools": [{"id": school.id, "name": school.name, "trust": school.trust} for school in matrix.schools], **_told(matrix)}


def _told(matrix: Matrix) -> dict[str, Any]:
    """Topics, cells and differences."""
    return {
        "topics": [
            {
                "id": t.id,
                "title": t.title,
                "about": t.about,
                "questions": list(t.questions),
                "wordings": list(t.wordings),
                "mentions": list(t.mentions),
            }
            for t in matrix.topics
        ],
        "cells": [_cell(cell) for topic in matrix.topics for cell in matrix.row(topic.id)],
        "differences": [
            {"topic": found.topic, "kind": found.kind, "told": found.told, "schools": list(found.schools)} for found in differences(matrix)
        ],
    }


def _school(school: School, documents: list[Document], index: Index, today: date) -> dict[str, Any]:
    """`covers`, `excludes`: group -> id of the clause that says whom the school's policies bind."""
    own = [_document(document, today) for document in documents if document.school == school.id]
    clauses = [clause for document in index.documents_of(school.id) for clause in index.clauses_of(document.id)]
    scope = covered(clauses, index.document)
    who = {"covers": dict(scope.covered), "excludes": dict(scope.excluded)}
    return {"id": school.id, "name": school.name, "trust": school.trust, "documents": own, **who}


def _document(document: Document, today: date) -> dict[str, Any]:
    dates = {role: document.stated(role) for role in ("approved", "next_review")}
    stated = {role: {"text": found.text, "start": found.span.start} if found else None for role, found in dates.items()}
    row = {"document": document.id, "title": document.title, "digest": document.digest, **stated}
    status = review(document, today).status
    return {**row, "review": "later" if status == "current" else status}


def _cell(cell: Cell) -> dict[str, Any]:
    numbers = [
        {"kind": found.kind, "value": found.value, "unit": found.unit, "text": found.text, "clause": quote.clause.id}
        for quote in cell.answer.quotes[:1]
        for found in quantities(quote.text)
    ]
    return {**cell.as_dict(), "strength": cell.strength, "numbers": numbers}
