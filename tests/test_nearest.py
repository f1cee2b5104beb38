"""Which rows questions come near in the index's own files."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import WordsEncoder

from clausewise.index import Index
from clausewise.nearest import OwnFiles, _highest, bm25

ASKED = ["must pupils hand their phones to the office?", "may I bring a dog"]


@pytest.mark.parametrize("most", [1, 2, 3, 4, 5, 9])
def test_the_highest_scores_are_those_of_a_stable_sort(most: int) -> None:
    scores = np.array([0, 2, 1, 2, 0, 2, 3], dtype=np.float32)
    whole = [6, 1, 3, 5, 2]  # equal ones in the order of their rows, and none that is 0
    assert _highest(scores, most).tolist() == whole[:most]
    assert _highest(np.zeros(3, dtype=np.float32), most).tolist() == []


def test_as_few_rows_as_the_limit_are_all_near(small_index: Index, words: WordsEncoder) -> None:
    every = range(len(small_index.passages))
    terms = [small_index.lexical.terms(text) for text in ASKED]
    found = OwnFiles(small_index).nearest(words.encode(ASKED), terms, every, len(every))
    assert found.rows.tolist() == [*every]
    assert np.array_equal(found.cosines, small_index.vectors.cosines(words.encode(ASKED), every))
    for i, each in enumerate(terms):
        assert np.array_equal(found.bm25[i], small_index.lexical.scores(each, every))


def test_of_more_rows_those_are_near_that_a_ranking_has_first(small_index: Index, words: WordsEncoder) -> None:
    every = range(len(small_index.passages))
    vectors, terms = words.encode(ASKED), [small_index.lexical.terms(text) for text in ASKED]
    found = OwnFiles(small_index).nearest(vectors, terms, every, 1)
    dense = {int(i) for i in small_index.vectors.cosines(vectors, every).argmax(axis=1)}
    lexical = {int(small_index.lexical.scores(each, every).argmax()) for each in terms}
    assert found.rows.tolist() == sorted(dense | lexical)
    assert len(found.rows) < len(every)


def test_bm25_is_that_of_the_rows_asked_for(small_index: Index) -> None:
    terms = [small_index.lexical.terms(ASKED[0]), ()]
    every = small_index.lexical.scores(terms[0], range(len(small_index.passages)))
    rows = np.array([1, 3, 4])
    assert bm25(small_index, terms, rows).tolist() == [every[rows].tolist(), [0, 0, 0]]
    assert every[rows].any()
