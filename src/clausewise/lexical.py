"""BM25 over the passages' words: the only room that knows bm25s.

bm25s makes the scores, one of each stem in each passage that has it. They are added up here, of the passages asked for
alone, in the order in which bm25s would and so to the same bit: a school costs the same however many others there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

import numpy as np

Scores = np.ndarray[tuple[int], np.dtype[np.float32]]
Array = np.ndarray[Any, np.dtype[Any]]
_STEP = 4_096  # texts read at a time
_WORD = re.compile(r"\b\w\w+\b")
_STOP = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of", "on", "or"}
    | {"such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with"}
)


class Column(Protocol):
    """An array of which some rows that follow on one another can be had; it need not be in memory."""

    def __len__(self) -> int: ...
    def __getitem__(self, rows: slice, /) -> Any: ...


class LexicalIndex:
    """BM25 (Lucene's variant) over stemmed English words.

    Stem i stands in the passages `rows[ends[i]:ends[i + 1]]`, ascending, and contributes to them the `scores` there.
    `number`: a stem's number, if any passage has it.
    """

    def __init__(self, scores: Column, rows: Column, ends: Array, number: Callable[[str], int | None]) -> None:
        self._scores, self._rows, self._ends, self._number = scores, rows, ends, number

    @property
    def arrays(self) -> tuple[Column, Column, Array]:
        return self._scores, self._rows, self._ends

    def terms(self, query: str) -> tuple[int, ...]:
        """The numbers of the query's stems that any passage has, as often as it says them."""
        found = (self._number(word) for word in words([query])[0])
        return tuple(number for number in found if number is not None)

    def scores(self, terms: Sequence[int], rows: range) -> Scores:
        """BM25 of each of `rows`, which follow on one another: shape (len(rows),), at least 0."""
        total = np.zeros(len(rows), dtype=np.float32)
        for term in terms:
            start, stop = int(self._ends[term]), int(self._ends[term + 1])
            has = self._rows[start:stop]
            first, last = np.searchsorted(has, (rows.start, rows.stop)).tolist()
            total[has[first:last] - rows.start] += self._scores[start + first : start + last]
        return total


def indexed(texts: Sequence[str]) -> tuple[LexicalIndex, list[str]]:
    """The index of the texts, row by row, and its stems in the order of their numbers. What many schools say is read once."""
    import bm25s

    numbers: dict[str, int] = {}
    distinct = dict.fromkeys(texts)
    found = ([numbers.setdefault(word, len(numbers)) for word in stems] for stems in _read(distinct))
    of = dict(zip(distinct, found, strict=True))
    rows = [of[text] for text in texts]
    made: dict[str, Array] = {"data": np.zeros(0, np.float32), "indices": np.zeros(0, np.int32), "indptr": np.zeros(1, np.int64)}
    if numbers:
        bm25 = bm25s.BM25(method="lucene")
        made = bm25.build_index_from_ids([*numbers.values()], rows, show_progress=False)
    return LexicalIndex(made["data"], made["indices"], made["indptr"], numbers.get), list(numbers)


def _read(texts: Iterable[str]) -> Iterator[list[str]]:
    left = iter(texts)
    while part := list(islice(left, _STEP)):
        yield from words(part)


def words(texts: Sequence[str]) -> list[list[str]]:
    """For each text the lower-cased stems of the words that carry meaning.

    They are those that bm25s makes with its English stop words (a test compares); to import it takes longer than an answer.
    """
    import Stemmer

    stems = Stemmer.Stemmer("english").stemWords
    return [stems([word for word in _WORD.findall(_plain(text)) if word not in _STOP]) for text in texts]


def _plain(text: str) -> str:
    return text.replace("’", "'").lower()
