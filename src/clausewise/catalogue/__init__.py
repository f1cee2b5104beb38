"""The texts of an index in one file: schools, documents, clauses and passages, read when they are asked for.

Whoever holds a catalogue sees the schools of its view and nothing of another: every number that is read lies in their
ranges, and what an id leads to is theirs, or it is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Protocol

from clausewise.catalogue import records, writing
from clausewise.catalogue.file import File
from clausewise.catalogue.gathered import Gathered
from clausewise.catalogue.lazy import ById, Items, Numbered
from clausewise.catalogue.reading import Placed, Reader, T, Table, Titled
from clausewise.catalogue.records import Shelf
from clausewise.catalogue.writing import Contents, Entry
from clausewise.thesaurus import Row
from clausewise.types import Clause, Document, Passage, School, Span

__all__ = ["Catalogue", "Contents", "Entry", "Gathered", "Texts", "Titled", "entries"]


class Texts(Protocol):
    """Documents and their clauses, in order."""

    @property
    def documents(self) -> Sequence[Document]: ...
    @property
    def clauses(self) -> Sequence[Clause]: ...
    @property
    def document(self) -> Mapping[str, Document]: ...
    @property
    def clause(self) -> Mapping[str, Clause]: ...
    def documents_of(self, school: str) -> Sequence[Document]: ...
    def clauses_of(self, document: str) -> Sequence[Clause]: ...


class Catalogue:
    """What some schools of a file hold. Whatever reads may raise DamagedIndex. `checksum`: of the index that it belongs to."""

    def __init__(self, reader: Reader, schools: Sequence[School], shelves: Mapping[str, Shelf], checksum: str) -> None:
        self._reader, self.schools, self._shelves, self.checksum = reader, tuple(schools), shelves, checksum
        r, each = reader, shelves.values()
        self.documents = Items([s.documents for s in each], lambda n: r.document(n).value, lambda ns: _values(r.documents(ns)))
        self.clauses = Items([s.clauses for s in each], lambda n: r.clause(n).value, lambda ns: _values(r.clauses(ns)))
        self.passages = Numbered([s.rows for s in each], r.passage, r.passages)

    @classmethod
    def open(cls, path: Path, checksum: str = "", held: object = None) -> Catalogue:
        """`held`: what keeps the file where it is, for as long as it is read."""
        return cls._whole(File.open(path, held), checksum)

    @staticmethod
    def write(contents: Contents, path: Path) -> None:
        """The file of these, at a path where none may be. Raises OSError."""
        writing.write(contents, path).close()

    @classmethod
    def of(cls, contents: Contents) -> Catalogue:
        """One in memory."""
        return cls._whole(File(writing.write(contents, None), "the index in memory"), "")

    @classmethod
    def _whole(cls, file: File, checksum: str) -> Catalogue:
        rows = file.checked("SELECT number, id, shelf, body, checked FROM schools ORDER BY number")
        shelves = {id: records.shelf(shelf) for _, id, shelf, _ in rows}
        return cls(Reader(file), [records.school(id, body) for _, id, _, body in rows], shelves, checksum)

    def within(self, schools: Collection[str]) -> Catalogue:
        """The view of those of its schools; it shares what was read."""
        seen = [school for school in self.schools if school.id in schools]
        return Catalogue(self._reader, seen, {school.id: self._shelves[school.id] for school in seen}, self.checksum)

    @cached_property
    def rows(self) -> dict[str, range]:
        """School -> its passages' numbers."""
        return {school: shelf.rows for school, shelf in self._shelves.items()}

    @cached_property
    def in_force(self) -> dict[str, int]:
        """School -> how many of its documents are in force; without those of which none is."""
        return {school: shelf.in_force for school, shelf in self._shelves.items() if shelf.in_force}

    def titled(self) -> Iterator[Titled]:
        """Every document by its title; none of their texts is read."""
        return chain.from_iterable(self._reader.titled(shelf.documents) for shelf in self._shelves.values())

    def outlines(self) -> Iterator[Document]:
        """Every document, but with "" for its text: none of their texts is read."""
        return chain.from_iterable(self._reader.outlines(shelf.documents) for shelf in self._shelves.values())

    # by id

    @property
    def document(self) -> Mapping[str, Document]:
        return ById(lambda id: _value(self._document(id)), lambda: self._ids("documents"), lambda: len(self.documents))

    @property
    def clause(self) -> Mapping[str, Clause]:
        return ById(lambda id: _value(self._clause(id)), lambda: self._ids("clauses"), lambda: len(self.clauses))

    @property
    def quotable(self) -> Mapping[str, frozenset[Span]]:
        """Clause -> all that may be quoted of it: each of its sentences, and the whole of it."""
        return ById(self._quotable, lambda: self._ids("clauses", True), lambda: sum(1 for _ in self._ids("clauses", True)))

    def documents_of(self, school: str) -> Sequence[Document]:
        """In order; none of a school that is not in sight."""
        numbers = self._shelves[school].documents if school in self._shelves else ()
        return [self._reader.document(number).value for number in numbers]

    def clauses_of(self, document: str) -> Sequence[Clause]:
        """In order; none of a document that is not in sight."""
        placed = self._document(document)
        return _values(self._reader.clauses(placed.inside)) if placed else []

    def clauses_in(self, document: str) -> int:
        """How many."""
        placed = self._document(document)
        return len(placed.inside) if placed else 0

    def rows_in(self, clause: str) -> range:
        """A clause's passages' numbers."""
        placed = self._clause(clause)
        return placed.inside if placed else range(0)

    def _document(self, id: str) -> Placed[Document] | None:
        number = self._reader.number("documents", id)
        found = None if number is None else self._reader.document(number)
        return found if found and found.value.school in self._shelves else None

    def _clause(self, id: str) -> Placed[Clause] | None:
        number = self._reader.number("clauses", id)
        found = None if number is None else self._reader.clause(number)
        return found if found and found.value.school in self._shelves else None

    def _quotable(self, id: str) -> frozenset[Span] | None:
        placed = self._clause(id)
        passages = map(self._reader.passage, placed.inside) if placed else ()
        spans = {passage.span for passage in passages}
        return frozenset({placed.value.body, *spans}) if placed and spans else None

    def _ids(self, table: Table, quotable: bool = False) -> Iterator[str]:
        shelves = self._shelves.values()
        return chain.from_iterable(self._reader.ids(table, getattr(shelf, table), quotable) for shelf in shelves)

    # words

    @cached_property
    def titles(self) -> frozenset[frozenset[str]]:
        """The stems of each title."""
        rows = self._reader.file.rows("SELECT school, stems FROM titles")
        return frozenset(frozenset(stems.split()) for stems in {stems for school, stems in rows if school in self._numbers})

    def labels(self, labels: Collection[str]) -> bool:
        """Whether each of these, folded, is a title or a heading of a document in sight."""
        rows = (self._reader.file.rows("SELECT school FROM labels WHERE label = ?", label) for label in labels)
        return all(not self._numbers.isdisjoint(school for (school,) in found) for found in rows)

    @cached_property
    def _numbers(self) -> frozenset[int]:
        return frozenset(shelf.number for shelf in self._shelves.values())

    def term(self, word: str) -> int | None:
        """BM25's number of a stem, whichever school's passages have it."""
        return self._reader.term(word)

    def spoken(self, word: str) -> bool:
        """Whether any passage has this word, whichever school's."""
        return self._reader.spoken(word)

    @cached_property
    def thesaurus(self) -> tuple[Row, ...]:
        rows = self._reader.file.checked("SELECT number, body, checked FROM thesaurus ORDER BY number")
        return tuple(records.thesaurus(body) for _, body in rows)


def entries(documents: Sequence[Document], clauses: Iterable[Clause], passages: Iterable[Passage]) -> Iterator[Entry]:
    """Each document with its clauses and passages."""
    own_clauses: dict[str, list[Clause]] = {}
    own_passages: dict[str, list[Passage]] = {}
    for clause in clauses:
        own_clauses.setdefault(clause.document, []).append(clause)
    for passage in passages:
        own_passages.setdefault(passage.document, []).append(passage)
    return ((each, own_clauses.get(each.id, []), own_passages.get(each.id, [])) for each in documents)


def _value(placed: Placed[T] | None) -> T | None:
    return placed.value if placed else None


def _values(placed: Iterable[Placed[T]]) -> list[T]:
    return [each.value for each in placed]
