"""A question -> hits: dense and BM25 rankings of one school's passages, fused, one hit per clause.

The school chooses the rows before anything is searched. Scores are fused as a weighted sum rather than by ranks: on
held-out staff questions the sum was better at rank 1 (DECISIONS.md, 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clausewise.embeddings import Encoder, Vectors
from clausewise.index import Index
from clausewise.late import Words
from clausewise.lexical import Scores
from clausewise.settings import Settings
from clausewise.spelling import Speller
from clausewise.thesaurus import Thesaurus
from clausewise.types import Hit

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


@dataclass(frozen=True, slots=True)
class Query:
    """A question made ready for search: its vector (1, d), its words and its BM25 score of every row (n,)."""

    text: str
    vector: Vectors
    words: Words
    lexical: Scores


class Retriever:
    """Ranks the passages of an index."""

    def __init__(self, index: Index, encoder: Encoder, settings: Settings, mix: Mix = Mix()) -> None:
        self._index, self._encoder, self._settings, self._mix = index, encoder, settings, mix
        self._thesaurus = Thesaurus.extended(index.thesaurus)
        said = (phrase for row in self._thesaurus.rows for phrase in row.said)
        self._speller = Speller([*(passage.text for passage in index.passages), *said])

    def prepare(self, text: str) -> Query:
        """Encode `text` once, for all the schools that it is asked of."""
        return self.prepare_all([text])[0]

    def prepare_all(self, texts: Sequence[str]) -> list[Query]:
        """The same for many texts, which are encoded together."""
        mended = [self._speller.mend(text) if self._mix.spelling else text for text in texts]
        vectors, words = self._encoder.encode_words(mended)
        sought = [self._thesaurus.expand(text) if self._mix.thesaurus else text for text in mended]
        return [
            Query(text, vectors[i : i + 1], words[i], self._index.lexical.scores(sought[i])) for i, text in enumerate(texts)
        ]

    def hits(self, query: Query, rows: Sequence[int], at_least: int = 0) -> list[Hit]:
        """The passages among `rows` that the query comes near, best first; ties go to the earlier passage.

        Each ranking contributes `Settings.candidates` of them, or `at_least`, where that is more.
        """
        if not rows:
            return []
        limit = max(self._settings.candidates, at_least)
        dense = self._index.vectors.search(query.vector, limit, rows)
        lexical = sorted(((row, float(query.lexical[row])) for row in rows if query.lexical[row] > 0), key=lambda p: (-p[1], p[0]))[:limit]
        ranks = {"dense": _ranks(dense), "lexical": _ranks(lexical)}
        cosine = dict(dense) | self._cosines(query, [row for row, _ in lexical if row not in ranks["dense"]])
        late = self._index.words.best(query.words, list(cosine)) @ query.words.weights
        found = [
            self._hit(row, cosine[row], float(words), float(query.lexical[row]), ranks) for row, words in zip(cosine, late, strict=True)
        ]
        return sorted(found, key=lambda hit: (-hit.score, hit.passage.row))

    def _hit(self, row: int, cosine: float, late: float, bm25: float, ranks: dict[str, dict[int, int]]) -> Hit:
        matched = bm25 / (bm25 + _HALF)
        score = (cosine + self._mix.late * late) / (1 + self._mix.late) + self._mix.lexical * matched
        own = {name: order[row] for name, order in ranks.items() if row in order}
        return Hit(self._index.passages[row], score, cosine, late, matched, own)

    def _cosines(self, query: Query, rows: Sequence[int]) -> dict[int, float]:
        if not rows:
            return {}
        return dict(self._index.vectors.search(query.vector, len(rows), rows))


def per_clause(hits: Sequence[Hit]) -> list[Hit]:
    """The best hit of each clause, in order. By the clause's id: schools share clauses word for word."""
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.passage.clause, hit)
    return list(best.values())


def _ranks(pairs: Sequence[tuple[int, float]]) -> dict[int, int]:
    return {row: rank for rank, (row, _) in enumerate(pairs, start=1)}
