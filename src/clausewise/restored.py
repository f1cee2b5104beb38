"""An index as it would be with an earlier version of a policy in force: to learn what that version would answer.

A superseded version is kept but never answers, so its sentences are not embedded when an index is built. Here they are,
in memory; nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from clausewise.building import encoded
from clausewise.catalogue import Entry, entries
from clausewise.embeddings import Encoder
from clausewise.index import Index, Parts
from clausewise.late import WordIndex
from clausewise.passages import passages as split
from clausewise.types import Document, Passage
from clausewise.vectors import VectorIndex


def restored(index: Index, encoder: Encoder, old: str, new: str) -> Index:
    """`index` with the document `old` in force and the document `new` left out. Raises KeyError for one that it lacks."""
    left_out = index.document[new].id
    own = split(index.document[old], index.clauses_of(old))
    made, codes = encoded({passage.views for passage in own}, encoder, lambda *_: None)
    documents = [_standing(document, old, new) for document in index.documents]
    found = [_with(entry, {old: own, left_out: []}) for entry in entries(documents, index.clauses, index.passages)]
    passages = [passage for _, _, some in found for passage in some]
    known = index.vectors.vectors()
    vectors = np.zeros((len(passages), known.shape[1]), dtype=np.float32)
    for row, p in enumerate(passages):
        vectors[row] = np.mean([made[view] for view in p.views], axis=0) if p.document == old else known[p.row]
    words = WordIndex.of([codes[p.views[0]] if p.document == old else np.array(index.words.codes(p.row)) for p in passages])
    parts = Parts.of(index.schools, list(_renumbered(found)), VectorIndex(vectors), words, index.thesaurus)
    return Index.of(parts, index.manifest)


def _with(entry: Entry, passages: Mapping[str, Sequence[Passage]]) -> Entry:
    """The entry with other passages, if its document has some there."""
    return entry[0], entry[1], passages.get(entry[0].id, entry[2])


def _renumbered(found: list[Entry]) -> Iterator[Entry]:
    row = 0
    for document, clauses, passages in found:
        yield document, clauses, [replace(passage, row=row + i) for i, passage in enumerate(passages)]
        row += len(passages)


def _standing(document: Document, old: str, new: str) -> Document:
    if document.id == new:
        return replace(document, superseded_by=old)
    return replace(document, superseded_by=None) if document.id == old else document
