"""BM25 against figures worked out by hand."""

from __future__ import annotations

from math import log
from typing import Any

import bm25s
import numpy as np
import pytest
import Stemmer
from conftest import ROOT

from clausewise.lexical import LexicalIndex, Scores, indexed, words

# Stems of the rows: [phone, offic], [phone, phone, locker], [dog, gate, garden, path]: 3 words on average.
ROWS = ["Phones in the office.", "Phone, phone and locker!", "The dog, the gate, the garden, the path"]


def bm25(tf: int, df: int, length: int) -> float:
    """Lucene's BM25 of one word in three rows of 3 words on average, with k1 = 1.5 and b = 0.75."""
    idf = log(1 + (3 - df + 0.5) / (df + 0.5))
    return idf * tf / (tf + 1.5 * (1 - 0.75 + 0.75 * length / 3))


@pytest.fixture
def index() -> LexicalIndex:
    return indexed(ROWS)[0]


def scores(index: LexicalIndex, query: str, rows: range = range(3)) -> Scores:
    return index.scores(index.terms(query), rows)


def test_words_are_lower_case_stems_without_stop_words() -> None:
    assert words(["The Phones are LOCKED in lockers"]) == [["phone", "lock", "locker"]]


def test_words_are_those_that_bm25s_makes() -> None:
    """Of every letter there is, alone and in words, and of whole policies."""
    letters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    texts = [" ".join(f"{letter} {letter}ing a{letter}s" for letter in letters), *(path.read_text("utf-8") for path in (ROOT / "corpus").rglob("*.md"))]
    assert len(texts) == 5
    plain = [text.replace("’", "'").lower() for text in texts]
    made = bm25s.tokenize(plain, stopwords="en", stemmer=Stemmer.Stemmer("english"), return_ids=False, show_progress=False)
    assert words(texts) == made


def test_a_typographic_apostrophe_reads_as_a_plain_one() -> None:
    assert words(["pupils’ phones", "child’s phone"]) == words(["pupils' phones", "child's phone"])


def test_scores_of_one_word(index: LexicalIndex) -> None:
    assert scores(index, "phone").tolist() == pytest.approx([bm25(1, 2, 2), bm25(2, 2, 3), 0])


def test_scores_of_two_words_add_up(index: LexicalIndex) -> None:
    assert scores(index, "lockers for phones").tolist() == pytest.approx([bm25(1, 2, 2), bm25(2, 2, 3) + bm25(1, 1, 3), 0])


def test_the_row_with_the_rarer_word_comes_first(index: LexicalIndex) -> None:
    assert np.argsort(-scores(index, "phone at the gate")).tolist() == [2, 1, 0]


@pytest.mark.parametrize("query", ["zeppelin", "", "the and of", "?!", "👍"])
def test_words_that_no_row_has_score_nothing(index: LexicalIndex, query: str) -> None:
    assert scores(index, query).tolist() == [0, 0, 0]


def test_an_unknown_word_takes_nothing_from_a_known_one(index: LexicalIndex) -> None:
    assert scores(index, "zeppelin phone").tolist() == scores(index, "phone").tolist()


@pytest.mark.parametrize("rows", [[], [""], ["the of and", ""]])
def test_an_index_without_words_scores_nothing(rows: list[str]) -> None:
    index, stems = indexed(rows)
    assert stems == []
    assert scores(index, "phone", range(len(rows))).tolist() == [0] * len(rows)


def test_rows_score_the_same_by_themselves_as_among_all(index: LexicalIndex) -> None:
    whole = scores(index, "phones in the locker by the gate").tolist()
    assert all(whole)
    for start in range(3):
        for stop in range(start, 4):
            assert scores(index, "phones in the locker by the gate", range(start, stop)).tolist() == whole[start:stop]


def test_a_stem_s_number_is_its_place(index: LexicalIndex) -> None:
    assert indexed(ROWS)[1] == ["phone", "offic", "locker", "dog", "gate", "garden", "path"]
    assert index.terms("The gate, phones: GATE zeppelin") == (4, 0, 4)


def test_scores_are_bm25s_own_to_the_bit(sample: Any) -> None:
    """Of the sample's passages, for questions that say words twice, in any order."""
    import bm25s

    texts = [passage.text for passage in sample.index.passages]
    theirs = bm25s.BM25(method="lucene")
    theirs.index(words(texts), show_progress=False)
    known = {word for row in words(texts) for word in row}
    for query in (
        "May staff accept friend requests from pupils, or from former pupils?",
        "photographs of pupils",
        "phones phones phone",
        texts[7],
    ):
        expected = theirs.get_scores([word for word in words([query])[0] if word in known])
        ours = scores(sample.index.lexical, query, range(len(texts)))
        assert expected.max() > 0
        assert ours.dtype == expected.dtype
        assert ours.tobytes() == expected.tobytes()
