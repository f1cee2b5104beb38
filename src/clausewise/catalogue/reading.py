"""A catalogue's file -> values, each kept for a while after it was read. Knows no view: who may see what is decided above."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Literal, NamedTuple, TypeVar

from clausewise.catalogue import records
from clausewise.catalogue.file import File
from clausewise.types import Clause, Document, Passage

T = TypeVar("T")
Table = Literal["documents", "clauses"]
# How many are kept: about 10 MB of documents, 10 of clauses, 30 of passages, 5 of numbers, 2 of words.
_DOCUMENTS, _CLAUSES, _PASSAGES, _NUMBERS, _WORDS = 512, 8_192, 16_384, 32_768, 8_192


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A document with the numbers of its clauses, or a clause with the rows of its passages."""

    value: T
    inside: range


class Titled(NamedTuple):
    id: str
    school: str
    title: str


class Reader:
    """What it keeps refers to the file and not to itself, so that a file is let go as soon as nobody reads it."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.document = lru_cache(_DOCUMENTS)(lambda number: _documents(file, _one(number))[0])
        self.clause = lru_cache(_CLAUSES)(lambda number: _clauses(file, _one(number))[0])
        self.passage = lru_cache(_PASSAGES)(lambda row: _passages(file, _one(row))[0])
        self.number = lru_cache(_NUMBERS)(lambda table, id: _number(file, table, id))
        self.term = lru_cache(_WORDS)(lambda word: _term(file, word))
        self.spoken = lru_cache(_WORDS)(lambda word: bool(file.rows("SELECT 1 FROM spoken WHERE word = ?", word)))

    def documents(self, numbers: range) -> list[Placed[Document]]:
        return _documents(self.file, numbers)

    def clauses(self, numbers: range) -> list[Placed[Clause]]:
        return _clauses(self.file, numbers)

    def passages(self, rows: range) -> list[Passage]:
        return _passages(self.file, rows)

    def titled(self, numbers: range) -> list[Titled]:
        rows = self.file.between("number, id, first, last, body", "documents", numbers)
        return [Titled(id, *records.title(body)) for _, id, _, _, body in rows]

    def outlines(self, numbers: range) -> list[Document]:
        rows = self.file.between("number, id, first, last, body", "documents", numbers)
        return [records.document(id, body, "") for _, id, _, _, body in rows]

    def ids(self, table: Table, numbers: range, quotable: bool = False) -> Iterator[str]:
        """In order; `quotable`: only those that have anything inside."""
        some = "AND last > first" if quotable else ""
        query = f"SELECT id FROM {table} WHERE number >= ? AND number < ? {some} ORDER BY number"
        return (row[0] for row in self.file.rows(query, numbers.start, numbers.stop))


def _one(number: int) -> range:
    return range(number, number + 1)


def _number(file: File, table: Table, id: str) -> int | None:
    """Of the document or clause of this id."""
    found = file.rows(f"SELECT number FROM {table} WHERE id = ?", id)
    return int(found[0][0]) if found else None


def _term(file: File, word: str) -> int | None:
    """The number of a stem."""
    found = file.checked("SELECT word, number, checked FROM terms WHERE word = ?", word)
    return int(found[0][1]) if found else None


def _documents(file: File, numbers: range) -> list[Placed[Document]]:
    texts = file.between("number, body", "texts", numbers)
    rows = file.between("number, id, first, last, body", "documents", numbers)
    return [
        Placed(records.document(id, body, text), range(first, last))
        for (_, id, first, last, body), (_, text) in zip(rows, texts, strict=True)
    ]


def _clauses(file: File, numbers: range) -> list[Placed[Clause]]:
    rows = file.between("number, id, first, last, body", "clauses", numbers)
    return [Placed(records.clause(id, body), range(first, last)) for _, id, first, last, body in rows]


def _passages(file: File, rows: range) -> list[Passage]:
    return [records.passage(row, body) for row, body in file.between("number, body", "passages", rows)]
