"""BM25 against figures worked out by hand."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from clausewise.lexical import LexicalIndex, words

# Stems of the rows: [phone, offic], [phone, phone, locker], [dog, gate, garden, path]: 3 words on average.
ROWS = ["Phones in the office.", "Phone, phone and locker!", "The dog, the gate, the garden, the path"]


def bm25(tf: int, df: int, length: int) -> float:
    """Lucene's BM25 of one word in three rows of 3 words on average, with k1 = 1.5 and b = 0.75."""
    idf = log(1 + (3 - df + 0.5) / (df + 0.5))
    return idf * tf / (tf + 1.5 * (1 - 0.75 + 0.75 * length / 3))


@pytest.fixture
def index() -> LexicalIndex:
    return LexicalIndex(ROWS)


def test_words_are_lower_case_stems_without_stop_words() -> None:
    assert words(["The Phones are LOCKED in lockers"]) == [["phone", "lock", "locker"]]


def test_a_typographic_apostrophe_reads_as_a_plain_one() -> None:
    assert words(["pupils’ phones", "child’s phone"]) == words(["pupils' phones", "child's phone"])


def test_scores_of_one_word(index: LexicalIndex) -> None:
    assert index.scores("phone").tolist() == pytest.approx([bm25(1, 2, 2), bm25(2, 2, 3), 0])


def test_scores_of_two_words_add_up(index: LexicalIndex) -> None:
    assert index.scores("lockers for phones").tolist() == pytest.approx([bm25(1, 2, 2), bm25(2, 2, 3) + bm25(1, 1, 3), 0])


def test_the_row_with_the_rarer_word_comes_first(index: LexicalIndex) -> None:
    assert np.argsort(-index.scores("phone at the gate")).tolist() == [2, 1, 0]


@pytest.mark.parametrize("query", ["zeppelin", "", "the and of", "?!", "👍"])
def test_words_that_no_row_has_score_nothing(index: LexicalIndex, query: str) -> None:
    assert index.scores(query).tolist() == [0, 0, 0]


def test_an_unknown_word_takes_nothing_from_a_known_one(index: LexicalIndex) -> None:
    assert index.scores("zeppelin phone").tolist() == index.scores("phone").tolist()


@pytest.mark.parametrize("rows", [[], [""], ["the of and", ""]])
def test_an_index_without_words_scores_nothing(rows: list[str]) -> None:
    assert LexicalIndex(rows).scores("phone").tolist() == [0] * len(rows)
