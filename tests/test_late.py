"""Late interaction: each word of the question against its nearest word of a passage, by values worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import WordsEncoder

from clausewise import late
from clausewise.checksums import Checked, of_blocks
from clausewise.late import Codes, Head, WordIndex, Words, encode

DOG, CAT, BETWEEN = [1.0, 0.0], [0.0, 1.0], [0.6, 0.8]


def words(*vectors: list[float], weights: list[float] | None = None) -> Words:
    even = [1 / len(vectors)] * len(vectors)
    return Words(np.array(vectors, dtype=np.float32), np.array(weights or even, dtype=np.float32))


@pytest.fixture
def three() -> WordIndex:
    """Row 0: a dog. Row 1: a cat and what lies between. Row 2: what lies between."""
    return WordIndex.of([encode(words(DOG)), encode(words(CAT, BETWEEN)), encode(words(BETWEEN))])


def random_words(tokens: int, width: int = 128, seed: int = 1) -> Words:
    vectors = np.random.default_rng(seed).normal(size=(tokens, width)).astype(np.float32)
    return Words(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.full(tokens, 1 / tokens, dtype=np.float32))


# a passage's words as they are kept


def test_a_coordinate_is_kept_as_a_whole_number_of_127_parts() -> None:
    codes = encode(words(DOG, BETWEEN, [-1.0, 0.0]))
    assert codes.dtype == np.int8
    assert codes.tolist() == [[127, 0], [76, 102], [-127, 0]]  # 0.6 * 127 = 76.2, 0.8 * 127 = 101.6


def test_a_coordinate_is_off_by_at_most_one_part_in_254() -> None:
    found = random_words(500)
    error = np.abs(encode(found).astype(np.float64) / 127 - found.vectors)
    assert 0.003 < error.max() <= 1 / 254 + 1e-7


def test_a_cosine_of_kept_words_is_off_by_little() -> None:
    asked, kept = random_words(20, seed=2), random_words(400, seed=3)
    exact = (asked.vectors @ kept.vectors.T).max(axis=1)
    assert WordIndex.of([encode(kept)]).best(asked, [0])[0] == pytest.approx(exact, abs=0.01)


# the nearest word


def test_each_word_asked_finds_its_nearest_of_each_passage(three: WordIndex) -> None:
    found = three.best(words(DOG, CAT), [0, 1, 2])
    assert found.dtype == np.float32
    assert found == pytest.approx(np.array([[1, 0], [76 / 127, 1], [76 / 127, 102 / 127]]))


def test_weighted_by_how_much_each_word_matters_it_is_a_score(three: WordIndex) -> None:
    asked = words(DOG, CAT, weights=[0.75, 0.25])
    scores = three.best(asked, [0, 1, 2]) @ asked.weights
    assert scores == pytest.approx([0.75, 0.75 * 76 / 127 + 0.25, (0.75 * 76 + 0.25 * 102) / 127])


def test_a_word_of_the_passage_that_nothing_asks_for_costs_nothing(three: WordIndex) -> None:
    longer = WordIndex.of([encode(words(CAT)), encode(words(CAT, DOG, [-1.0, 0.0]))])
    assert longer.best(words(CAT), [0, 1]).tolist() == [[1.0], [1.0]]


def test_the_farthest_word_can_lie_opposite() -> None:
    assert WordIndex.of([encode(words([-1.0, 0.0]))]).best(words(DOG), [0]).tolist() == [[-1.0]]


@pytest.mark.parametrize("rows", [[2, 0, 1], [1], [2, 2, 0], [1, 0], [0]])
def test_rows_come_in_the_order_asked_for(rows: list[int], three: WordIndex) -> None:
    asked = words(DOG, CAT, BETWEEN)
    everything = three.best(asked, [0, 1, 2])
    assert three.best(asked, rows).tolist() == [everything[row].tolist() for row in rows]


def test_passages_of_any_length_are_kept_apart() -> None:
    texts = [random_words(tokens, 8, seed=tokens) for tokens in (1, 7, 2, 30, 1)]
    index, asked = WordIndex.of([encode(text) for text in texts]), random_words(5, 8, seed=99)
    for row, text in enumerate(texts):
        alone = (encode(text).astype(np.float32) @ asked.vectors.T / 127).max(axis=0)
        assert index.best(asked, range(5))[row] == pytest.approx(alone, abs=1e-6)
        assert index.codes(row).tolist() == encode(text).tolist()
    assert len(index) == 5


@pytest.mark.parametrize("rows", [range(5), [4, 2, 0], []])
def test_words_are_read_a_part_at_a_time(rows: Sequence[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts need not end where a passage does."""
    index = WordIndex.of([encode(random_words(tokens, 8, seed=tokens)) for tokens in (1, 7, 2, 30, 1)])
    asked = random_words(5, 8, seed=99)
    whole = index.best(asked, rows)
    monkeypatch.setattr(late, "_PART", 3)
    assert index.best(asked, rows) == pytest.approx(whole)
    assert whole.shape == (len(rows), 5)


# on disk


def saved(index: WordIndex, folder: Path) -> WordIndex:
    codes, ends = folder / "words.npy", folder / "ends.npy"
    index.save(codes, ends)
    return WordIndex.load(Checked(codes, of_blocks(codes)), ends)


def test_what_is_loaded_is_what_was_saved(three: WordIndex, tmp_path: Path) -> None:
    again, asked = saved(three, tmp_path), words(DOG, CAT)
    assert [again.codes(row).tolist() for row in range(3)] == [[[127, 0]], [[0, 127], [76, 102]], [[76, 102]]]
    assert again.best(asked, [2, 1]).tolist() == three.best(asked, [2, 1]).tolist()
    assert np.load(tmp_path / "ends.npy").tolist() == [0, 1, 3, 4]


def test_no_passages_are_saved_and_loaded_too(tmp_path: Path) -> None:
    none: list[Codes] = []
    assert len(saved(WordIndex.of(none), tmp_path)) == 0


# the head


def test_the_head_projects_and_makes_unit_vectors() -> None:
    """States of width 3 to words of width 2: (3, 4, .) becomes (0.6, 0.8), (0, 0, .) stays nought."""
    head = Head(np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32), np.zeros(4, dtype=np.float32))
    found = head.words(np.array([[3, 4, 9], [0, 0, 5], [0, -2, 0]], dtype=np.float32))
    assert found.vectors == pytest.approx(np.array([[0.6, 0.8], [0, 0], [0, -1]]))
    assert found.weights == pytest.approx([1 / 3] * 3)
    assert (found.vectors.dtype, found.weights.dtype) == (np.float32, np.float32)


def test_the_head_weighs_by_softplus_and_the_weights_sum_to_one() -> None:
    """log(1 + e^z) at z = log 3 and log 15 is log 4 and log 16, which is twice as much."""
    weigh = np.array([np.log(5), np.log(3)], dtype=np.float32)  # z = state * log 5 + log 3
    found = Head(np.eye(1, dtype=np.float32), weigh).words(np.array([[0], [1]], dtype=np.float32))
    assert found.weights == pytest.approx([1 / 3, 2 / 3])


def test_the_head_leaves_the_states_as_they_are() -> None:
    states = np.array([[3, 4]], dtype=np.float32)
    Head(np.eye(2, dtype=np.float32), np.zeros(3, dtype=np.float32)).words(states)
    assert states.tolist() == [[3, 4]]


def test_the_stand_in_scores_by_the_share_of_words_that_a_passage_has() -> None:
    """What the tests of the other rooms count on."""
    encoder = WordsEncoder(dimensions=4096)
    (asked,), (passage,) = encoder.encode_words(["dogs on trips"])[1], encoder.encode_words(["No dogs on site"])[1]
    assert WordIndex.of([encode(passage)]).best(asked, [0]) @ asked.weights == pytest.approx([2 / 3])
