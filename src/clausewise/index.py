"""Build, save, load and check an index: what retrieval needs of a corpus, in one folder that describes itself.

Policies are the truth and the index is disposable. How its folder comes to hold one is told in generations and writing;
vectors of passages whose embedded texts and model are unchanged are carried over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from clausewise import checksums, durable
from clausewise.catalogue import Catalogue, Contents, Entry
from clausewise.checksums import REBUILD, Checked
from clausewise.documents import Corpus
from clausewise.embeddings import Encoder
from clausewise.errors import ClausewiseError, DamagedIndex, IndexMismatch
from clausewise.generations import MANIFEST, Generation, all_opened, opened
from clausewise.journal import Journal, Record, key
from clausewise.late import Codes, WordIndex
from clausewise.lexical import Column, LexicalIndex, indexed
from clausewise.passages import passages as split
from clausewise.steps import Engine, here, parts
from clausewise.thesaurus import Row
from clausewise.types import Clause, Document, Passage, School, Span
from clausewise.vectors import Rows, VectorIndex
from clausewise.writing import Writer, writing

Vector = np.ndarray[Any, np.dtype[np.float32]]
Held = tuple[Vector, Codes]
Progress = Callable[[str, int, int], None]  # a line, and how many texts of how many are embedded
FORMAT = 5  # raised whenever the files, or how clauses and passages are made, change
_CATALOGUE, _NUMBERS = "catalogue.sqlite", "clause_numbers.npy"
_BM25 = ("bm25_scores.npy", "bm25_rows.npy", "bm25_ends.npy")
_LARGE = ("vectors.npy", "words.npy", *_BM25[:2], _NUMBERS)  # verified as they are used
_KEYS = "keys.npy"  # what the embeddings of each row are kept by, shape (n, 32): see journal
# Files of format 3, which stood in the index's folder itself.
_EARLIER = (
    MANIFEST,
    "schools.jsonl",
    "documents.jsonl",
    "clauses.jsonl",
    "passages.jsonl",
    "thesaurus.jsonl",
    "vectors.faiss",
    "words.npy",
    "word_ends.npy",
)


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
        lexical, terms = indexed(passage.text for passage in passages)
        numbers: dict[str, int] = {}
        of_rows = np.array([numbers.setdefault(passage.clause, len(numbers)) for passage in passages], dtype=np.int32)
        return cls(Contents(schools, entries, terms, thesaurus), vectors, words, lexical, of_rows)


Also = Callable[[Parts, str], object]  # the rows, and what tells them from another index's


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
        return _searched(lambda name: str(self.manifest["files"][name]["sha256"])) if self.generation else ""

    def within(self, schools: Collection[str]) -> Index:
        """What it holds of these schools; the passages keep their rows, and only `rows` and the clauses lead to one."""
        unread = [each for each in self.manifest.get("unread", ()) if each[0] in schools]
        return replace(self, catalogue=self.catalogue.within(schools), manifest={**self.manifest, "unread": unread})


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did, for the report. `reused` of the index's vectors were carried over, `encoded` made new."""

    index: Index
    reused: int
    encoded: int


def build(corpus: Corpus, encoder: Encoder, folder: Path, progress: Progress = lambda *_: None, engine: Engine = here) -> Built:
    """Index `corpus` into `folder`, replacing the index there. A superseded version is kept but never answers.

    `engine`: what embeds the texts, by `encoder` or by others of the same digest.
    Raises IndexInUse while another process does, IndexMismatch where the folder holds anything but an index, and
    IndexNotWritten; the index that was there is then in force.
    """
    with indexing(folder) as writer:
        return build_with(writer, corpus, encoder, progress, engine)


def indexing(folder: Path) -> AbstractContextManager[Writer]:
    """The only writer of the index in `folder`: for who reads the policies under the same lock, so that the newest are indexed last."""
    return writing(folder, _EARLIER)


def build_with(
    writer: Writer,
    corpus: Corpus,
    encoder: Encoder,
    progress: Progress = lambda *_: None,
    engine: Engine = here,
    also: Also = lambda *_: None,
) -> Built:
    """What `build` does, under a lock that is held. `also`: what else is to hold the rows before the index is in force."""
    entries = list(_parsed(corpus))
    found = [passage for _, _, own in entries for passage in own]
    held, reused = _held(found, encoder, writer, progress, engine)
    vectors = np.array([vector for vector, _ in held], dtype=np.float32).reshape(len(held), -1 if held else 1)
    words = WordIndex.of([codes for _, codes in held])
    parts = Parts.of(corpus.schools, entries, VectorIndex(vectors), words, corpus.thesaurus)
    publish(writer, parts, encoder, corpus.unread, also)
    return Built(load(writer.folder, encoder), reused, len(found) - reused)


def publish(
    writer: Writer, parts: Parts, encoder: Encoder, unread: Sequence[Sequence[str]] = (), also: Also = lambda *_: None
) -> None:
    """Let an index of these parts be the one in force. `unread`: of each file that could not be read, its school, and a line."""

    def fill(place: Path) -> None:
        _fill(place, parts, encoder)
        also(parts, _searched(lambda name: checksums.whole(place / name)))

    manifest = _describe(parts.contents, encoder) | ({"unread": [list(each) for each in unread]} if unread else {})
    writer.publish(fill, manifest, _LARGE)


def _parsed(corpus: Corpus) -> Iterator[Entry]:
    """Each document, without its blocks, with its clauses and passages."""
    row = 0
    for document in corpus.documents:
        clauses = corpus.clauses[document.id]
        passages = [] if document.superseded_by else split(document, clauses, row)
        row += len(passages)
        yield replace(document, blocks=()), clauses, passages


def _held(
    found: Sequence[Passage], encoder: Encoder, writer: Writer, progress: Progress, engine: Engine
) -> tuple[list[Held], int]:
    """What is held of each passage, and of how many it was carried over.

    The vector is the mean of its views' (so that its product with a question is their mean cosine); the words are those
    of the first view.
    """
    known = _known({p.views for p in found}, encoder, writer.folder)
    fresh = {p.views for p in found} - known.keys()
    reused = sum(passage.views not in fresh for passage in found)
    with closing(Journal(writer.journal, encoder.digest)) as journal:
        vectors, codes = encoded(fresh, encoder, progress, journal, engine)
    known |= {views: (np.mean([vectors[view] for view in views], axis=0), codes[views[0]]) for views in fresh}
    return [known[p.views] for p in found], reused


def encoded(
    fresh: Set[tuple[str, ...]], encoder: Encoder, progress: Progress, journal: Journal | None = None, engine: Engine = here
) -> tuple[dict[str, Vector], dict[str, Codes]]:
    """Text -> vector, and the first of the views -> words. In order of length, so that a batch holds little padding.

    What the journal has is not embedded again; what is, it has afterwards.
    """
    firsts = {views[0] for views in fresh}
    texts = sorted({view for views in fresh for view in views}, key=lambda text: (text not in firsts, len(text), text))
    vectors, codes = _journalled(texts, encoder, journal)
    texts = [text for text in texts if text not in vectors or (text in firsts and text not in codes)]
    if texts:
        resumed = f"; a run that did not end embedded {len(vectors)}" if vectors else ""
        progress(f"embedding {len(texts)} texts with {encoder.name}{resumed}", 0, len(texts))
    done = 0
    for made in engine(encoder, parts(texts, firsts)):
        vectors |= dict(zip(made.part.texts, made.vectors, strict=True))
        codes |= dict(zip(made.part.texts, made.codes, strict=made.part.words))
        if journal is not None:
            journal.add(Record(key(encoder.digest, text), vectors[text], codes.get(text)) for text in made.part.texts)
        done += len(made.part.texts)
        progress(f"embedded {done} of {len(texts)}", done, len(texts))
    return vectors, codes


def _journalled(texts: Sequence[str], encoder: Encoder, journal: Journal | None) -> tuple[dict[str, Vector], dict[str, Codes]]:
    """What a build that did not end has embedded of these texts."""
    found = {text: record for text in texts if journal is not None and (record := journal.get(key(encoder.digest, text)))}
    words = {text: record.words for text, record in found.items() if record.words is not None}
    return {text: record.vector for text, record in found.items()}, words


def _known(wanted: Set[tuple[str, ...]], encoder: Encoder, folder: Path) -> dict[tuple[str, ...], Held]:
    """Views -> what is held of them in the newest generation that is there, as far as it is whole and of the same model."""
    for generation in all_opened(folder):
        with suppress(DamagedIndex):
            keys = np.load(generation.file(_KEYS), allow_pickle=False)
            rows = {bytes(name): row for row, name in enumerate(keys)}
            vectors = generation.array("vectors.npy")
            words = WordIndex(generation.array("words.npy"), np.load(generation.file("word_ends.npy"), allow_pickle=False))
            return dict(_carried({views: rows.get(key(encoder.digest, *views), -1) for views in wanted}, vectors, words))
    return {}


def _carried(rows: Mapping[tuple[str, ...], int], vectors: Checked, words: WordIndex) -> Iterator[tuple[tuple[str, ...], Held]]:
    """What is held of the rows that are there (-1: none), without those of a damaged block."""
    for views, row in rows.items():
        if row >= 0:
            with suppress(DamagedIndex):
                yield views, (vectors[row : row + 1][0], np.array(words.codes(row)))


def _describe(contents: Contents, encoder: Encoder) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "model": encoder.name,
        "model_digest": encoder.digest,
        "documents": {document.id: document.digest for document, _, _ in contents.entries},
        "counts": {
            "schools": len(contents.schools),
            "documents": len(contents.entries),
            "clauses": sum(len(clauses) for _, clauses, _ in contents.entries),
            "passages": sum(len(passages) for _, _, passages in contents.entries),
        },
    }


# files


def _fill(place: Path, parts: Parts, encoder: Encoder) -> None:
    """The files of an index in the folder of a generation."""
    Catalogue.write(parts.contents, place / _CATALOGUE)
    parts.vectors.save(place / "vectors.npy")
    parts.words.save(place / "words.npy", place / "word_ends.npy")
    for name, array in zip(_BM25, parts.lexical.arrays, strict=True):
        durable.write_array(place / name, array[:])
    durable.write_array(place / _NUMBERS, parts.numbers)
    keys = b"".join(key(encoder.digest, *passage.views) for _, _, own in parts.contents.entries for passage in own)
    durable.write_array(place / _KEYS, np.frombuffer(keys, np.uint8).reshape(-1, 32))


def _searched(digest: Callable[[str], str]) -> str:
    """`digest`: of a file, by its name, the SHA-256 in hex."""
    return hashlib.sha256(" ".join(digest(name) for name in (_CATALOGUE, "vectors.npy", *_BM25)).encode()).hexdigest()


def load(folder: Path, encoder: Encoder) -> Index:
    """Open the index in `folder`.

    Raises MissingIndex, DamagedIndex (a file is not the one that the manifest describes) or IndexMismatch (made by
    another format or model).
    """
    own = _own(folder)
    if own.manifest["model_digest"] != encoder.digest:
        raise IndexMismatch(f"{folder}: was made with the model {own.manifest['model']}, but {encoder.name} is in force; {REBUILD}")
    catalogue = _catalogue(own)
    scores, rows, ends = _BM25
    return Index(
        catalogue=catalogue,
        vectors=VectorIndex(own.array("vectors.npy")),
        words=WordIndex.load(own.array("words.npy"), own.file("word_ends.npy")),
        lexical=LexicalIndex(own.array(scores), own.array(rows), np.load(own.file(ends), allow_pickle=False), catalogue.term),
        numbers=own.array(_NUMBERS),
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
    return Catalogue.open(own.verifying(_CATALOGUE), own.manifest["checksum"], own)


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
