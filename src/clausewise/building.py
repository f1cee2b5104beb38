"""A corpus -> an index in force: split, embedded where nothing is carried over, written whole. What reads it is index's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from clausewise import checksums, durable
from clausewise.catalogue import Catalogue, Contents, Entry
from clausewise.checksums import Checked
from clausewise.documents import Corpus
from clausewise.embeddings import Encoder
from clausewise.errors import DamagedIndex
from clausewise.generations import MANIFEST, all_opened
from clausewise.index import BM25, CATALOGUE, CELLS, FORMAT, NUMBERS, Index, Parts, load, searched_digest
from clausewise.journal import Journal, Record, key
from clausewise.late import Codes, WordIndex
from clausewise.passages import passages as split
from clausewise.steps import Engine, here, parts, work
from clausewise.types import Passage
from clausewise.vectors import VectorIndex
from clausewise.writing import Writer, writing

Vector = np.ndarray[Any, np.dtype[np.float32]]
Held = tuple[Vector, Codes]
Progress = Callable[[str, int, int], None]  # a line; of the work of embedding (see steps) so much of so much is done
Also = Callable[[Parts, str], object]  # the rows, and what tells them from another index's
_LARGE = (CATALOGUE, "vectors.npy", CELLS, "words.npy", *BM25[:2], NUMBERS)  # verified by blocks
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
        also(parts, searched_digest(lambda name: checksums.sha256(place / name)))

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
    whole = work(texts)
    if texts:
        resumed = f"; a run that did not end embedded {len(vectors)}" if vectors else ""
        progress(f"embedding {len(texts)} texts with {encoder.name}{resumed}", 0, whole)
    count = done = 0
    for made in engine(encoder, parts(texts, firsts)):
        vectors |= dict(zip(made.part.texts, made.vectors, strict=True))
        codes |= dict(zip(made.part.texts, made.codes, strict=made.part.words))
        if journal is not None:
            journal.add(Record(key(encoder.digest, text), vectors[text], codes.get(text)) for text in made.part.texts)
        count, done = count + len(made.part.texts), done + work(made.part.texts)
        progress(f"embedded {count} of {len(texts)}", done, whole)
    return vectors, codes


def _journalled(texts: Sequence[str], encoder: Encoder, journal: Journal | None) -> tuple[dict[str, Vector], dict[str, Codes]]:
    """What a build that did not end has embedded of these texts."""
    found = {text: record for text in texts if journal is not None and (record := journal.get(key(encoder.digest, text)))}
    words = {text: record.words for text, record in found.items() if record.words is not None}
    return {text: record.vector for text, record in found.items()}, words


def _known(wanted: Set[tuple[str, ...]], encoder: Encoder, folder: Path) -> dict[tuple[str, ...], Held]:
    """Views -> what is held of them in the newest generation that is there, as far as it is whole and of the same model."""
    for generation in all_opened(folder):
        with suppress(DamagedIndex, OSError):
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


def _fill(place: Path, parts: Parts, encoder: Encoder) -> None:
    """The files of an index in the folder of a generation."""
    Catalogue.write(parts.contents, place / CATALOGUE)
    parts.vectors.save(place / "vectors.npy", place / CELLS)
    parts.words.save(place / "words.npy", place / "word_ends.npy")
    for name, array in zip(BM25, parts.lexical.arrays, strict=True):
        durable.write_array(place / name, array[:])
    durable.write_array(place / NUMBERS, parts.numbers)
    named = cache(lambda views: key(encoder.digest, *views))  # many schools have the same
    keys = b"".join(named(passage.views) for _, _, own in parts.contents.entries for passage in own)
    durable.write_array(place / _KEYS, np.frombuffer(keys, np.uint8).reshape(-1, 32))
