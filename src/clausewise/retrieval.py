"""A question -> hits: dense and BM25 rankings of one school's passages, fused, one hit per clause.

The school chooses the rows before anything is searched. Scores are fused as a weighted sum rather than by ranks: on
held-out staff questions the sum was better at rank 1 (DECISIONS.md, 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from clausewise.embeddings import Encoder, Vectors
from clausewise.index import Index
from clausewise.late import Words
from clausewise.milvus import vector_store
from clausewise.nearest import Table, Terms
from clausewise.settings import Settings
from clausewise.spelling import Speller, spoken
from clausewise.thesaurus import Thesaurus
from clausewise.types import Hit
from clausewise.vectors import Rows, joined

_ROWS_A_SCHOOL = 40  # that a search for the nearest schools looks at, for each that it is to find
_HALF = 6.0  # BM25 score that counts as half a match


@dataclass(frozen=True, slots=True)
class Mix:
    """The shares of a score: (cosine + late * late interaction) / (1 + late) + lexical * BM25 / (BM25 + 6).

    `thesaurus`: whether BM25 also looks for what the question's words stand for. `spelling`: whether slips of the finger
    are mended. Measured in benchmarks/retrieval.py.
    """

    late: float = 1.0
    lexical: float = 0.15
    thesaurus: bool = True
    spelling: bool = True

    def score(self, cosine: Table, late: Table, matched: Table) -> Table:
        """`matched`: BM25 / (BM25 + 6)."""
        return (cosine + self.late * late) / (1 + self.late) + self.lexical * matched


@dataclass(frozen=True, slots=True)
class Query:
    """A question made ready for search: its vector (1, d), its words, and the numbers of the stems that BM25 looks for."""

    text: str
    vector: Vectors
    words: Words
    terms: Terms


@dataclass(frozen=True, slots=True)
class Scored:
    """Queries against passages. `rows`: of the passages, ascending, (n,); all else (queries, n), float64."""

    rows: Rows
    scores: Table
    dense: Table
    late: Table
    lexical: Table


class Retriever:
    """Ranks the passages of an index."""

    def __init__(self, index: Index, encoder: Encoder, settings: Settings, mix: Mix = Mix()) -> None:
        self._index, self._encoder, self._settings, self._mix = index, encoder, settings, mix
        self._store = vector_store(index, settings.milvus)
        self._thesaurus = Thesaurus.extended(index.thesaurus)
        said = spoken(phrase for row in self._thesaurus.rows for phrase in row.said)
        self._speller = Speller(lambda word: word in said or index.catalogue.spoken(word))

    def prepare(self, text: str) -> Query:
        """Encode `text` once, for all the schools that it is asked of."""
        return self.prepare_all([text])[0]

    def prepare_all(self, texts: Sequence[str]) -> list[Query]:
        """The same for many texts, which are encoded together."""
        mended = [self._speller.mend(text) if self._mix.spelling else text for text in texts]
        vectors, words = self._encoder.encode_words(mended)
        sought = [self._thesaurus.expand(text) if self._mix.thesaurus else text for text in mended]
        return [Query(text, vectors[i : i + 1], words[i], self._index.lexical.terms(sought[i])) for i, text in enumerate(texts)]

    def hits(self, query: Query, rows: Sequence[int] | Rows, at_least: int = 0) -> list[Hit]:
        """The passages among `rows` that the query comes near, best first; ties go to the earlier passage.

        Each ranking contributes `Settings.candidates` of them, or `at_least`, where that is more.
        """
        if not len(rows):
            return []
        limit = max(self._settings.candidates, at_least)
        found = self._scored([query], rows, limit)
        ranks = {"dense": _ranks(found.dense[0], limit, -np.inf), "lexical": _ranks(found.lexical[0], limit, 0.0)}
        values = (found.rows, found.scores[0], found.dense[0], found.late[0], found.lexical[0])
        return [self._hit(each, {name: order[i] for name, order in ranks.items() if i in order}) for i, each in _in_order(values)]

    def fused(self, queries: Sequence[Query], rows: Sequence[int] | Rows, most: int) -> list[Hit]:
        """The `most` clauses among `rows` that the queries, taken together, come nearest to; each as the hit of its best passage.

        A clause's scores are the mean, over the queries, of its best passage's for each.
        """
        if not len(rows):
            return []
        found = self._scored(queries, rows, self._settings.candidates)
        clauses = self._index.clause_numbers(found.rows)
        best = np.stack([_firsts(clauses, scores) for scores in found.scores])  # (queries, clauses): positions
        tables = [np.take_along_axis(table, best, axis=1) for table in (found.scores, found.dense, found.late, found.lexical)]
        nearest = best[tables[0].argmax(axis=0), np.arange(best.shape[1])]
        values = (found.rows[nearest], *(table.mean(axis=0) for table in tables))
        return [self._hit(each, {}) for _, each in islice(_in_order(values), most)]

    def nearest_schools(self, query: Query, rows: Mapping[str, range], most: int) -> tuple[str, ...]:
        """The `most` schools of `rows` whose best passages come nearest to the query, best first; from one search over all rows."""
        found = self._scored([query], joined(rows.values()), _ROWS_A_SCHOOL * most)
        order = found.rows[np.lexsort((found.rows, -found.scores[0]))]
        schools = sorted((school for school in rows if rows[school]), key=lambda school: rows[school].start)
        places = np.searchsorted([rows[school].start for school in schools], order, side="right") - 1
        return tuple(islice(dict.fromkeys(schools[place] for place in places.tolist()), most))

    def _hit(self, values: tuple[Any, ...], ranks: dict[str, int]) -> Hit:
        """`values`: row, score, dense, late, lexical."""
        row, score, dense, late, lexical = values
        return Hit(self._index.passages[row], score, dense, late, lexical, ranks)

    def _scored(self, queries: Sequence[Query], rows: Sequence[int] | Rows, limit: int) -> Scored:
        """Every query with the passages that come near any of them."""
        vectors = np.concatenate([query.vector for query in queries])
        found = self._store.nearest(vectors, [query.terms for query in queries], rows, limit)
        late = self._index.words.scores([query.words for query in queries], found.rows).astype(np.float64)
        share = found.bm25 / (found.bm25 + _HALF)
        return Scored(found.rows, self._mix.score(found.cosines, late, share), found.cosines, late, share)


def per_clause(hits: Sequence[Hit]) -> list[Hit]:
    """The best hit of each clause, in order. By the clause's id: schools share clauses word for word."""
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.passage.clause, hit)
    return list(best.values())


def _ranks(scores: Table, limit: int, above: float) -> dict[int, int]:
    """Position -> rank from 1, of the `limit` highest scores that are higher than `above`."""
    order = np.argsort(-scores, kind="stable")[:limit]
    return {int(i): rank for rank, i in enumerate(order, start=1) if scores[i] > above}


def _firsts(clauses: Rows, scores: Table) -> Rows:
    """The position of each clause's highest score, the clauses in ascending order."""
    order = np.argsort(-scores, kind="stable")
    return np.asarray(order[np.unique(clauses[order], return_index=True)[1]])


def _in_order(values: tuple[Rows | Table, ...]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Columns of rows, scores and what else belongs to them -> (position, values), the highest score first, ties by row."""
    order = np.lexsort((values[0], -values[1]))
    return zip(order.tolist(), zip(*(column[order].tolist() for column in values), strict=True), strict=True)
