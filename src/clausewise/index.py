"""An index: what retrieval needs of a corpus, in one folder that describes itself. It is opened and checked here.

Policies are the truth and the index is disposable. How it is made is told in building, how its folder comes to hold it in
generations and writing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from clausewise.catalogue import Catalogue, Contents, Entry
from clausewise.cells import Cells
from clausewise.checksums import REBUILD
from clausewise.embeddings import Encoder
from clausewise.errors import ClausewiseError, IndexMismatch
from clausewise.generations import Generation, opened
from clausewise.late import WordIndex
from clausewise.lexical import Column, LexicalIndex, indexed
from clausewise.thesaurus import Row
from clausewise.types import Clause, Document, Passage, School, Span
from clausewise.vectors import Rows, VectorIndex

FORMAT = 5  # raised whenever the files, or how clauses and passages are made, change
CATALOGUE, NUMBERS = "catalogue.sqlite", "clause_numbers.npy"
CELLS = "cells.npy"  # of an index that is large enough for them
BM25 = ("bm25_scores.npy", "bm25_rows.npy", "bm25_ends.npy")


@dataclass(frozen=True, slots=True)
class Parts:
    """What an index is made of: the texts, what is searched, row by row, and for each row the number of its clause."""

    contents: Contents
    vectors: VectorIndex
    words: WordIndex
    lexical: LexicalIndex
    numbers: np.ndarray[Any, np.dtype[np.int32]]

    @classmethod
    def of(
        cls, schools: Sequence[School], entries: Sequence[Entry], vectors: VectorIndex, words: WordIndex, thesaurus: Sequence[Row] = ()
    ) -> Parts:
        passages = [passage for _, _, own in entries for passage in own]
        lexical, terms = indexed([passage.text for passage in passages])
        numbers: dict[str, int] = {}
        of_rows = np.array([numbers.setdefault(passage.clause, len(numbers)) for passage in passages], dtype=np.int32)
        return cls(Contents(schools, entries, terms, thesaurus), vectors, words, lexical, of_rows)


@dataclass(frozen=True)
class Index:
    """An opened index. Row i of `vectors`, of `words` and of `lexical` belongs to the passage i of the catalogue.

    `numbers`: for each row the number of its clause, counted from 0 in the order of the passages. `generation`: its files;
    None in memory alone.
    """

    catalogue: Catalogue
    vectors: VectorIndex
    words: WordIndex
    lexical: LexicalIndex
    numbers: Column
    manifest: dict[str, Any]
    generation: Generation | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, parts: Parts, manifest: dict[str, Any]) -> Index:
        """One in memory alone."""
        return cls(Catalogue.of(parts.contents), parts.vectors, parts.words, parts.lexical, parts.numbers, manifest)

    @property
    def schools(self) -> tuple[School, ...]:
        return self.catalogue.schools

    @property
    def documents(self) -> Sequence[Document]:
        return self.catalogue.documents

    @property
    def clauses(self) -> Sequence[Clause]:
        return self.catalogue.clauses

    @property
    def passages(self) -> Sequence[Passage]:
        """By row."""
        return self.catalogue.passages

    @property
    def document(self) -> Mapping[str, Document]:
        return self.catalogue.document

    @property
    def clause(self) -> Mapping[str, Clause]:
        return self.catalogue.clause

    @property
    def quotable(self) -> Mapping[str, frozenset[Span]]:
        """Clause -> all that may be quoted of it: each of its sentences, and the whole of it."""
        return self.catalogue.quotable

    @property
    def rows(self) -> dict[str, range]:
        """School -> its rows."""
        return self.catalogue.rows

    def documents_of(self, school: str) -> Sequence[Document]:
        return self.catalogue.documents_of(school)

    def clauses_of(self, document: str) -> Sequence[Clause]:
        return self.catalogue.clauses_of(document)

    @property
    def thesaurus(self) -> tuple[Row, ...]:
        return self.catalogue.thesaurus

    @property
    def failures(self) -> tuple[str, ...]:
        """A line for each file that could not be read when this was built; an index of an earlier version kept none."""
        return tuple(line for _, line in self.manifest.get("unread", ()))

    def clause_numbers(self, rows: Rows) -> Rows:
        """Of rows, which ascend, the numbers of their clauses."""
        first, last = int(rows[0]), int(rows[-1])
        return np.asarray(self.numbers[first : last + 1], dtype=np.int64)[rows - first]

    @property
    def searched(self) -> str:
        """What tells its rows from another index's, in hex: over the files that are searched; "" in memory alone."""
        return searched_digest(lambda name: str(self.manifest["files"][name]["sha256"])) if self.generation else ""

    def within(self, schools: Collection[str]) -> Index:
        """What it holds of these schools; the passages keep their rows, and only `rows` and the clauses lead to one."""
        unread = [each for each in self.manifest.get("unread", ()) if each[0] in schools]
        return replace(self, catalogue=self.catalogue.within(schools), manifest={**self.manifest, "unread": unread})


def searched_digest(digest: Callable[[str], str]) -> str:
    """`digest`: of a file, by its name, the SHA-256 in hex."""
    return hashlib.sha256(" ".join(digest(name) for name in (CATALOGUE, "vectors.npy", *BM25)).encode()).hexdigest()


def load(folder: Path, encoder: Encoder) -> Index:
    """Open the index in `folder`.

    Raises MissingIndex, DamagedIndex (a file is not the one that the manifest describes) or IndexMismatch (made by
    another format or model).
    """
    own = _own(folder)
    if own.manifest["model_digest"] != encoder.digest:
        raise IndexMismatch(f"{folder}: was made with the model {own.manifest['model']}, but {encoder.name} is in force; {REBUILD}")
    catalogue = _catalogue(own)
    scores, rows, ends = BM25
    return Index(
        catalogue=catalogue,
        vectors=VectorIndex(own.array("vectors.npy"), Cells(own.array(CELLS)) if CELLS in own.manifest["files"] else None),
        words=WordIndex.load(own.array("words.npy"), own.file("word_ends.npy")),
        lexical=LexicalIndex(own.array(scores), own.array(rows), np.load(own.file(ends), allow_pickle=False), catalogue.term),
        numbers=own.array(NUMBERS),
        manifest=own.manifest,
        generation=own,
    )


def load_schools(folder: Path) -> tuple[School, ...]:
    """The schools of the index in `folder`. Raises as `load_texts` does."""
    return load_texts(folder).schools


def load_texts(folder: Path) -> Catalogue:
    """The words of the index in `folder`, of whichever model. Raises MissingIndex, DamagedIndex or IndexMismatch as `load` does."""
    return _catalogue(_own(folder))


def _catalogue(own: Generation) -> Catalogue:
    return Catalogue.open(own.large(CATALOGUE), own.manifest["checksum"], own)


def verify(folder: Path) -> list[str]:
    """A line for each fault of the index in `folder`, whose every file is read."""
    try:
        return _own(folder).faults()
    except ClausewiseError as error:
        return [str(error)]


def _own(folder: Path) -> Generation:
    """The generation in force, of this format."""
    found = opened(folder)
    if found.manifest["format"] != FORMAT:
        raise IndexMismatch(f"{folder}: found an index of format {found.manifest['format']}, expected {FORMAT}; {REBUILD}")
    return found
