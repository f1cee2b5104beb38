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

from clausewise.background import likely
from clausewise.embeddings import Encoder, Vectors
from clausewise.index import Index
from clausewise.late import Words
from clausewise.milvus import vector_store
from clausewise.nearest import Nearest, Table, Terms
from clausewise.ranking import Hits, Scored
from clausewise.settings import Settings
from clausewise.spelling import Speller, spoken
from clausewise.thesaurus import Thesaurus
from clausewise.types import Hit
from clausewise.vectors import Rows, joined

_ROWS_A_SCHOOL = 40  # that a search for the nearest schools looks at, for each that it is to find
_HALF = 6.0  # BM25 score that counts as half a match
_NOTHING = Scored(np.zeros(0, dtype=np.int64), *[np.zeros((1, 0))] * 4)


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

    def hits(self, query: Query, rows: Sequence[int] | Rows, at_least: int = 0) -> Hits:
        """The passages among `rows` that the query comes near, best first; ties go to the earlier passage.

        Each ranking contributes `Settings.candidates` of them, or `at_least`, where that is more.
        """
        limit = max(self._settings.candidates, at_least)
        found = self._scored([query], rows, limit) if len(rows) else _NOTHING
        ranks = {"dense": _ranks(found.dense[0], limit, -np.inf), "lexical": _ranks(found.lexical[0], limit, 0.0)}
        return Hits(self._index, found, np.lexsort((found.rows, -found.scores[0])), ranks)

    def firsts(self, query: Query, rows: Mapping[str, range]) -> dict[str, Hit]:
        """School -> its best hit, of those that have any; by `likely` passages alone."""
        schools = sorted((school for school in rows if rows[school]), key=lambda school: rows[school].start)
        if not schools:
            return {}
        ranges = [rows[school] for school in schools]
        found = self._figures([query], likely(self._index, query.vector, query.terms, ranges, self._unread))
        school = np.searchsorted([own.start for own in ranges], found.rows, side="right")
        order = np.lexsort((found.rows, -found.scores[0], school))
        firsts = order[np.unique(school, return_index=True)[1]]
        return dict(zip(schools, Hits(self._index, found, firsts, {}), strict=True))

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
        return [Hit(self._index.passages[row], *figures) for row, *figures in islice(_in_order(values), most)]

    def nearest_schools(self, query: Query, rows: Mapping[str, range], most: int) -> tuple[str, ...]:
        """The `most` schools of `rows` whose best passages come nearest to the query, best first; from one search over all rows."""
        found = self._scored([query], joined(rows.values()), _ROWS_A_SCHOOL * most)
        order = found.rows[np.lexsort((found.rows, -found.scores[0]))]
        schools = sorted((school for school in rows if rows[school]), key=lambda school: rows[school].start)
        places = np.searchsorted([rows[school].start for school in schools], order, side="right") - 1
        return tuple(islice(dict.fromkeys(schools[place] for place in places.tolist()), most))

    def _scored(self, queries: Sequence[Query], rows: Sequence[int] | Rows, limit: int) -> Scored:
        """Every query with the passages that come near any of them."""
        vectors = np.concatenate([query.vector for query in queries])
        return self._figures(queries, self._store.nearest(vectors, [query.terms for query in queries], rows, limit))

    def _figures(self, queries: Sequence[Query], near: Nearest) -> Scored:
        late = self._index.words.scores([query.words for query in queries], near.rows).astype(np.float64)
        share = _share(near.bm25)
        return Scored(near.rows, self._mix.score(near.cosines, late, share), near.cosines, late, share)

    def _unread(self, near: Nearest) -> Table:
        """Scores of one query before late interaction is looked at."""
        return self._mix.score(near.cosines[0], np.zeros(len(near.rows)), _share(near.bm25[0]))


def _share(bm25: Table) -> Table:
    """BM25, from 0 on, as 0 to 1."""
    return np.asarray(bm25 / (bm25 + _HALF))


def _ranks(scores: Table, limit: int, above: float) -> Rows:
    """For each position its rank from 1 among the `limit` highest scores that are higher than `above`; 0 for none."""
    order = np.argsort(-scores, kind="stable")[:limit]
    ranks = np.zeros(len(scores), dtype=np.int64)
    ranks[order] = np.where(scores[order] > above, np.arange(1, len(order) + 1), 0)
    return ranks


def _firsts(clauses: Rows, scores: Table) -> Rows:
    """The position of each clause's highest score, the clauses in ascending order."""
    order = np.argsort(-scores, kind="stable")
    return np.asarray(order[np.unique(clauses[order], return_index=True)[1]])


def _in_order(values: tuple[Rows | Table, ...]) -> Iterator[tuple[Any, ...]]:
    """Columns of rows, scores and what else belongs to them -> the values of each row, the highest score first, ties by row."""
    order = np.lexsort((values[0], -values[1]))
    return zip(*(column[order].tolist() for column in values), strict=True)
