"""An index as it would be with an earlier version of a policy in force: to learn what that version would answer.

A superseded version is kept but never answers, so its sentences are not embedded when an index is built. Here they are,
in memory; nothing is written.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clausewise.embeddings import Encoder
from clausewise.index import Index, encoded
from clausewise.late import WordIndex
from clausewise.passages import passages as split
from clausewise.types import Document
from clausewise.vectors import VectorIndex


def restored(index: Index, encoder: Encoder, old: str, new: str) -> Index:
    """`index` with the document `old` in force and the document `new` left out. Raises KeyError for one that it lacks."""
    documents = tuple(_standing(document, old, new) for document in index.documents)
    left_out = {old, index.document[new].id}
    kept = [passage for passage in index.passages if passage.document not in left_out]
    own = split(index.document[old], [clause for clause in index.clauses if clause.document == old], len(kept))
    vectors, codes = encoded({passage.views for passage in own}, encoder, lambda *_: None)
    rows = [index.vectors.vectors()[[passage.row for passage in kept]]]
    rows += [np.array([np.mean([vectors[view] for view in passage.views], axis=0) for passage in own])] if own else []
    words = WordIndex.of([np.array(index.words.codes(p.row)) for p in kept] + [codes[p.views[0]] for p in own])
    found = (*(replace(passage, row=row) for row, passage in enumerate(kept)), *own)
    return Index(index.schools, documents, index.clauses, found, VectorIndex(np.concatenate(rows)), words, index.thesaurus, index.manifest)


def _standing(document: Document, old: str, new: str) -> Document:
    if document.id == new:
        return replace(document, superseded_by=old)
    return replace(document, superseded_by=None) if document.id == old else document
