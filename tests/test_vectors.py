"""Nearest rows: exact, filtered before the search, in a total order, and the same after a round trip through a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clausewise.checksums import Checked, of_blocks
from clausewise.vectors import VectorIndex, joined

ROWS = np.array([[1, 0], [0, 1], [0.6, 0.8], [1, 0], [-1, 0]], dtype=np.float32)
EAST = np.array([[1, 0]], dtype=np.float32)


@pytest.fixture
def index() -> VectorIndex:
    return VectorIndex(ROWS)


def test_scores_are_cosines_best_first_and_ties_go_by_row(index: VectorIndex) -> None:
    found = index.search(EAST, 5)
    assert [row for row, _ in found] == [0, 3, 2, 1, 4]
    assert [score for _, score in found] == pytest.approx([1, 1, 0.6, 0, -1])


def test_ties_go_by_row_when_the_filter_is_given_backwards(index: VectorIndex) -> None:
    assert [row for row, _ in index.search(EAST, 2, [3, 0])] == [0, 3]


def test_k_larger_than_the_rows_is_not_padded(index: VectorIndex) -> None:
    assert [row for row, _ in index.search(EAST, 50)] == [0, 3, 2, 1, 4]
    assert [row for row, _ in index.search(EAST, 50, [4, 1])] == [1, 4]


def test_the_filter_comes_before_the_search(index: VectorIndex) -> None:
    """The two nearest rows of all are no part of it: filtered afterwards, nothing would be left."""
    assert [row for row, _ in index.search(EAST, 2, [1, 2, 4])] == [2, 1]


@pytest.mark.parametrize(("k", "rows"), [(0, None), (3, []), (0, [1])])
def test_nothing_asked_nothing_found(index: VectorIndex, k: int, rows: list[int] | None) -> None:
    assert index.search(EAST, k, rows) == []


def test_an_empty_index_finds_nothing() -> None:
    empty = VectorIndex(np.zeros((0, 2), dtype=np.float32))
    assert len(empty) == 0
    assert empty.search(EAST, 3) == []
    assert empty.vectors().size == 0


def test_a_saved_index_is_the_same_index(index: VectorIndex, tmp_path: Path) -> None:
    path = tmp_path / "vectors.npy"
    index.save(path, tmp_path / "cells.npy")
    again = VectorIndex(Checked(path, of_blocks(path)))
    assert len(again) == 5
    assert np.array_equal(again.vectors(), ROWS)
    assert again.search(EAST, 5, [1, 2, 3]) == index.search(EAST, 5, [1, 2, 3])


def test_a_double_precision_matrix_in_any_memory_order_is_taken() -> None:
    index = VectorIndex(np.asfortranarray(ROWS.astype(np.float64)))  # type: ignore[arg-type]
    assert np.array_equal(index.vectors(), ROWS)


@pytest.mark.parametrize("rows", [range(1, 4), range(5), [4, 1, 2], [3], range(2, 2)])
def test_rows_are_found_alike_on_disk_and_in_memory(rows: range | list[int], index: VectorIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "vectors.npy", tmp_path / "cells.npy")
    kept = VectorIndex(Checked(tmp_path / "vectors.npy", of_blocks(tmp_path / "vectors.npy")))
    assert kept.search(EAST, 2, rows) == index.search(EAST, 2, rows) == index.search(EAST, 2, list(rows))
    assert kept.cosines(EAST, rows).tolist() == index.cosines(EAST, rows).tolist() == [[ROWS[row] @ EAST[0] for row in rows]]


@pytest.mark.parametrize(
    ("ranges", "rows"),
    [
        ([], range(0)),
        ([range(3, 3)], range(0)),
        ([range(2, 5)], range(2, 5)),
        ([range(5, 7), range(2, 5), range(9, 9)], range(2, 7)),
        ([range(5, 7), range(0, 2)], [0, 1, 5, 6]),
    ],
)
def test_ranges_that_follow_on_one_another_are_one(ranges: list[range], rows: range | list[int]) -> None:
    found = joined(ranges)
    assert isinstance(found, range) == isinstance(rows, range)
    assert list(found) == list(rows)
