"""Build, save, load and check an index: what retrieval needs of a corpus, in one folder that describes itself.

Policies are the truth and the index is disposable. How its folder comes to hold one is told in generations and writing;
vectors of passages whose embedded texts and model are unchanged are carried over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from clausewise import durable, rows
from clausewise.checksums import REBUILD, Checked
from clausewise.documents import Corpus
from clausewise.embeddings import Encoder
from clausewise.errors import ClausewiseError, DamagedIndex, IndexMismatch
from clausewise.generations import MANIFEST, Generation, all_opened, opened
from clausewise.journal import Journal, Record, key
from clausewise.late import Codes, WordIndex, encode
from clausewise.lexical import LexicalIndex
from clausewise.passages import passages as split
from clausewise.thesaurus import Row
from clausewise.types import Clause, Document, Passage, School, Span
from clausewise.vectors import VectorIndex
from clausewise.writing import Writer, writing

Vector = np.ndarray[Any, np.dtype[np.float32]]
Held = tuple[Vector, Codes]
Progress = Callable[[str, int, int], None]  # a line, and how many texts of how many are embedded
FORMAT = 4  # raised whenever the files, or how clauses and passages are made, change
_STEP = 256  # texts embedded between two lines of progress, and kept in the journal at a time
_LARGE = ("vectors.npy", "words.npy")  # verified as they are used
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


@dataclass(frozen=True)
class Index:
    """An opened index. Row i of `vectors` and of `words` belongs to `passages[i]`. `generation`: its files; None in memory alone."""

    schools: tuple[School, ...]
    documents: tuple[Document, ...]
    clauses: tuple[Clause, ...]
    passages: tuple[Passage, ...]
    vectors: VectorIndex
    words: WordIndex
    thesaurus: tuple[Row, ...]
    manifest: dict[str, Any]
    generation: Generation | None = field(default=None, compare=False, repr=False)

    @cached_property
    def document(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    @cached_property
    def clause(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.clauses}

    @cached_property
    def quotable(self) -> dict[str, frozenset[Span]]:
        """Clause -> all that may be quoted of it: each of its sentences, and the whole of it."""
        found: dict[str, set[Span]] = {}
        for passage in self.passages:
            if passage.clause in self.clause:
                found.setdefault(passage.clause, {self.clause[passage.clause].body}).add(passage.span)
        return {clause: frozenset(spans) for clause, spans in found.items()}

    @property
    def failures(self) -> tuple[str, ...]:
        """A line for each file that could not be read when this was built; an index of an earlier version kept none."""
        return tuple(line for _, line in self.manifest.get("unread", ()))

    @cached_property
    def lexical(self) -> LexicalIndex:
        return LexicalIndex([passage.text for passage in self.passages])

    @cached_property
    def clause_numbers(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """For each row the number of its clause, counted from 0 in the order of the passages: shape (n,)."""
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(passage.clause, len(numbers)) for passage in self.passages], dtype=np.int64)

    @cached_property
    def rows(self) -> dict[str, list[int]]:
        """School -> its rows."""
        rows: dict[str, list[int]] = {school.id: [] for school in self.schools}
        for passage in self.passages:
            if passage.school in rows:
                rows[passage.school].append(passage.row)
        return rows

    def within(self, schools: Collection[str]) -> Index:
        """What it holds of these schools; the passages keep their rows, and only `rows` and the clauses lead to one."""
        return replace(
            self,
            schools=tuple(school for school in self.schools if school.id in schools),
            documents=tuple(document for document in self.documents if document.school in schools),
            clauses=tuple(clause for clause in self.clauses if clause.school in schools),
            manifest={**self.manifest, "unread": [each for each in self.manifest.get("unread", ()) if each[0] in schools]},
        )


@dataclass(frozen=True)
class Texts:
    """The words of an index without what searches them; of use whichever model made it. `checksum`: its manifest's."""

    documents: tuple[Document, ...]
    clauses: tuple[Clause, ...]
    checksum: str

    @cached_property
    def document(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    @cached_property
    def clause(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.clauses}


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did, for the report. `reused` of the index's vectors were carried over, `encoded` made new."""

    index: Index
    reused: int
    encoded: int


def build(corpus: Corpus, encoder: Encoder, folder: Path, progress: Progress = lambda *_: None) -> Built:
    """Index `corpus` into `folder`, replacing the index there. A superseded version is kept but never answers.

    Raises IndexInUse while another process does, IndexMismatch where the folder holds anything but an index, and
    IndexNotWritten; the index that was there is then in force.
    """
    with indexing(folder) as writer:
        return build_with(writer, corpus, encoder, progress)


def indexing(folder: Path) -> AbstractContextManager[Writer]:
    """The only writer of the index in `folder`: for who reads the policies under the same lock, so that the newest are indexed last."""
    return writing(folder, _EARLIER)


def build_with(writer: Writer, corpus: Corpus, encoder: Encoder, progress: Progress = lambda *_: None) -> Built:
    """What `build` does, under a lock that is held."""
    clauses: list[Clause] = []
    found: list[Passage] = []
    for document in corpus.documents:
        parsed = corpus.clauses[document.id]
        clauses += parsed
        found += [] if document.superseded_by else split(document, parsed, len(found))
    held, reused = _held(found, encoder, writer, progress)
    vectors = np.array([vector for vector, _ in held], dtype=np.float32).reshape(len(held), -1 if held else 1)
    documents = tuple(replace(document, blocks=()) for document in corpus.documents)
    words = WordIndex.of([codes for _, codes in held])
    index = Index(corpus.schools, documents, tuple(clauses), tuple(found), VectorIndex(vectors), words, corpus.thesaurus, {})
    manifest = _describe(index, encoder) | ({"unread": [list(each) for each in corpus.unread]} if corpus.unread else {})
    writer.publish(lambda place: _fill(place, index, encoder), manifest, _LARGE)
    return Built(load(writer.folder, encoder), reused, len(found) - reused)


def _held(found: Sequence[Passage], encoder: Encoder, writer: Writer, progress: Progress) -> tuple[list[Held], int]:
    """What is held of each passage, and of how many it was carried over.

    The vector is the mean of its views' (so that its product with a question is their mean cosine); the words are those
    of the first view.
    """
    known = _known({p.views for p in found}, encoder, writer.folder)
    fresh = {p.views for p in found} - known.keys()
    reused = sum(passage.views not in fresh for passage in found)
    with closing(Journal(writer.journal, encoder.digest)) as journal:
        vectors, codes = encoded(fresh, encoder, progress, journal)
    known |= {views: (np.mean([vectors[view] for view in views], axis=0), codes[views[0]]) for views in fresh}
    return [known[p.views] for p in found], reused


def encoded(
    fresh: Set[tuple[str, ...]], encoder: Encoder, progress: Progress, journal: Journal | None = None
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
    for start in range(0, len(texts), _STEP):
        part = texts[start : start + _STEP]
        if part[0] in firsts:  # the rest of the part, if it is not, gets words that nobody asks for
            made, words = encoder.encode_words(part)
            codes |= {text: encode(found) for text, found in zip(part, words, strict=True)}
        else:
            made = encoder.encode(part)
        vectors |= dict(zip(part, made, strict=True))
        if journal is not None:
            journal.add(Record(key(encoder.digest, text), vectors[text], codes.get(text)) for text in part)
        done = start + len(part)
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


def _describe(index: Index, encoder: Encoder) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "model": encoder.name,
        "model_digest": encoder.digest,
        "documents": {document.id: document.digest for document in index.documents},
        "counts": {
            "schools": len(index.schools),
            "documents": len(index.documents),
            "clauses": len(index.clauses),
            "passages": len(index.passages),
        },
    }


# files


def _fill(place: Path, index: Index, encoder: Encoder) -> None:
    """The files of an index in the folder of a generation."""
    _write_rows(place / "schools.jsonl", index.schools)
    _write_rows(place / "documents.jsonl", index.documents)
    _write_rows(place / "clauses.jsonl", index.clauses)
    _write_rows(place / "passages.jsonl", index.passages)
    _write_rows(place / "thesaurus.jsonl", index.thesaurus)
    index.vectors.save(place / "vectors.npy")
    index.words.save(place / "words.npy", place / "word_ends.npy")
    keys = b"".join(key(encoder.digest, *passage.views) for passage in index.passages)
    durable.write_array(place / _KEYS, np.frombuffer(keys, np.uint8).reshape(-1, 32))


def _write_rows(path: Path, values: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for value in values:
            file.write(json.dumps(rows.row(value), ensure_ascii=False, default=rows.plain) + "\n")


def load(folder: Path, encoder: Encoder) -> Index:
    """Open the index in `folder`.

    Raises MissingIndex, DamagedIndex (a file is not the one that the manifest describes) or IndexMismatch (made by
    another format or model).
    """
    own = _own(folder)
    if own.manifest["model_digest"] != encoder.digest:
        raise IndexMismatch(f"{folder}: was made with the model {own.manifest['model']}, but {encoder.name} is in force; {REBUILD}")
    texts = _texts(own)
    return Index(
        schools=_schools(own),
        documents=texts.documents,
        clauses=texts.clauses,
        passages=tuple(
            Passage(**{**row, "span": Span(**row["span"]), "views": tuple(row["views"])}) for row in _rows(own.file("passages.jsonl"))
        ),
        vectors=VectorIndex.load(own.array("vectors.npy")),
        words=WordIndex.load(own.array("words.npy"), own.file("word_ends.npy")),
        thesaurus=tuple(
            Row(**{**row, "said": tuple(row["said"]), "means": tuple(row["means"])}) for row in _rows(own.file("thesaurus.jsonl"))
        ),
        manifest=own.manifest,
        generation=own,
    )


def load_schools(folder: Path) -> tuple[School, ...]:
    """The schools of the index in `folder`. Raises as `load_texts` does."""
    return _schools(_own(folder))


def _schools(own: Generation) -> tuple[School, ...]:
    return tuple(School(**{**row, "aliases": tuple(row["aliases"])}) for row in _rows(own.file("schools.jsonl")))


def load_texts(folder: Path) -> Texts:
    """The words of the index in `folder`, of whichever model. Raises MissingIndex, DamagedIndex or IndexMismatch as `load` does."""
    return _texts(_own(folder))


def _texts(own: Generation) -> Texts:
    documents = tuple(rows.document(row) for row in _rows(own.file("documents.jsonl")))
    return Texts(documents, tuple(rows.clause(row) for row in _rows(own.file("clauses.jsonl"))), own.manifest["checksum"])


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


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
