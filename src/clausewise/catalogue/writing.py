"""Contents -> a catalogue's file. Written once, in order, a document at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from clausewise.catalogue import file, records
from clausewise.catalogue.file import Connection, checksum
from clausewise.catalogue.records import Shelf
from clausewise.labels import folded, heading
from clausewise.lexical import words
from clausewise.spelling import spoken
from clausewise.thesaurus import Row
from clausewise.types import Clause, Document, Passage, School

Entry = tuple[Document, Sequence[Clause], Sequence[Passage]]
_KEPT = 8_192  # headings, and titles, that schools have in common


@dataclass(frozen=True, slots=True)
class Contents:
    """What a catalogue is made of.

    `entries`: each document with its clauses and passages, a school's documents together; the passages' rows count up from 0.
    `terms`: BM25's, whose numbers are their places.
    """

    schools: Sequence[School]
    entries: Sequence[Entry]
    terms: Sequence[str]
    thesaurus: Sequence[Row] = ()


def write(contents: Contents, path: Path | None) -> Connection:
    """The file at `path`, where none may be, or one in memory. Raises OSError."""
    with file.told(path):
        connection = file.created(path)
        _Writer(connection).write(contents)
        connection.execute("COMMIT")
        connection.executescript(file.INDEXES)
    return connection


@dataclass(slots=True)
class _Writer:
    """Counts what is written: of documents, clauses and passages each so many."""

    connection: Connection
    documents: int = 0
    clauses: int = 0
    passages: int = 0
    heard: set[str] = field(default_factory=set)  # texts of passages whose words are among the spoken
    spoken: set[str] = field(default_factory=set)

    def write(self, contents: Contents) -> None:
        numbers = {school.id: number for number, school in enumerate(contents.schools)}
        shelves: dict[str, Shelf] = {}
        for school, entries in groupby(contents.entries, key=lambda entry: entry[0].school):
            if school in shelves:
                raise AssertionError(f"the documents of {school} do not stand together")
            shelves[school] = self._shelve(numbers[school], entries)
        for school, number in zip(contents.schools, numbers.values(), strict=True):
            shelf = records.shelf_row(shelves.get(school.id, Shelf(number)))
            self._insert("schools", [(number, school.id, shelf, records.school_row(school))])
        self._insert("thesaurus", enumerate(map(records.thesaurus_row, contents.thesaurus)))
        self._insert("terms", ((word, number) for number, word in enumerate(contents.terms)))
        self._add("spoken", [(word,) for word in sorted(self.spoken)])

    def _shelve(self, school: int, entries: Iterable[Entry]) -> Shelf:
        documents, clauses_from, rows, in_force = self.documents, self.clauses, self.passages, 0
        labels, titles = set[str](), set[str]()
        for document, clauses, passages in entries:
            self._document(document, clauses, passages)
            in_force += not document.superseded_by
            labels |= {folded(document.title), *(_label(text) for clause in clauses for text in clause.headings)}
            titles.add(_stems(document.title))
        self._add("labels", [(label, school) for label in sorted(labels)])
        self._add("titles", [(school, stems) for stems in sorted(titles)])
        ranges = range(documents, self.documents), range(clauses_from, self.clauses), range(rows, self.passages)
        return Shelf(school, *ranges, in_force)

    def _document(self, document: Document, clauses: Sequence[Clause], passages: Sequence[Passage]) -> None:
        last = self.clauses + len(clauses)
        self._insert("documents", [(self.documents, document.id, self.clauses, last, records.document_row(document))])
        self._insert("texts", [(self.documents, document.text)])
        self._clauses(clauses, passages)
        self._insert("passages", ((passage.row, records.passage_row(passage)) for passage in passages))
        self._hear({passage.text for passage in passages})
        self.documents += 1

    def _hear(self, texts: set[str]) -> None:
        """What many schools say is heard once."""
        self.spoken |= spoken(texts - self.heard)
        self.heard |= texts

    def _clauses(self, clauses: Sequence[Clause], passages: Sequence[Passage]) -> None:
        sizes = {clause: len([*own]) for clause, own in groupby(passages, key=lambda passage: passage.clause)}
        rows, begun = [], self.passages
        for number, clause in enumerate(clauses, start=self.clauses):
            first, self.passages = self.passages, self.passages + sizes.get(clause.id, 0)
            rows.append((number, clause.id, first, self.passages, records.clause_row(clause)))
        if [passage.row for passage in passages] != list(range(begun, self.passages)):
            raise AssertionError(f"the passages of {clauses[0].document} do not stand in the order of its clauses")
        self._insert("clauses", rows)
        self.clauses += len(clauses)

    def _insert(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """With the checksum of each."""
        self._add(table, [(*row, checksum(row)) for row in rows])

    def _add(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            self.connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


@lru_cache(_KEPT)
def _label(text: str) -> str:
    return folded(heading(text))


@lru_cache(_KEPT)
def _stems(title: str) -> str:
    return " ".join(sorted(set(words([title])[0])))
