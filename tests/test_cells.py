"""Search by way of cells: nearly the nearest rows, of the rows asked for alone, and the same from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clausewise.cells import Cells, how_many
from clausewise.checksums import Checked, of_blocks
from clausewise.embeddings import Vectors
from clausewise.vectors import VectorIndex

SIZE, WIDTH = 4_000, 32


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """Forty rows near each of a hundred directions, in no order."""
    chance = np.random.default_rng(3)
    found = np.repeat(chance.standard_normal((100, WIDTH)), SIZE // 100, axis=0) + 0.4 * chance.standard_normal((SIZE, WIDTH))
    found = chance.permutation(found / np.linalg.norm(found, axis=1, keepdims=True))
    return np.ascontiguousarray(found, dtype=np.float32)


@pytest.fixture(scope="module")
def cells(vectors: Vectors) -> Cells:
    return Cells.of(vectors)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clausewise.vectors.LEAST", 1_000)


@pytest.mark.parametrize(("rows", "expected"), [(100_000, 512), (1_000_000, 2_048), (10_000_000, 8_192)])
def test_there_are_about_twice_as_many_cells_as_the_square_root(rows: int, expected: int) -> None:
    assert how_many(rows) == expected


@pytest.mark.parametrize("rows", [range(SIZE), range(500, 3_500), np.arange(0, SIZE, 2)], ids=["all", "range", "some"])
def test_nearly_all_of_the_nearest_are_found_and_none_that_was_not_asked_for(
    vectors: Vectors, cells: Cells, rows: range | np.ndarray, few: None
) -> None:
    exact, quick = VectorIndex(vectors), VectorIndex(vectors, cells)
    found = 0
    for row in range(0, SIZE, 100):
        one, other = exact.search(vectors[row : row + 1], 10, rows), quick.search(vectors[row : row + 1], 10, rows)
        assert len(other) == 10
        assert {place for place, _ in other} <= {*rows}
        assert other == sorted(other, key=lambda pair: (-pair[1], pair[0]))
        found += len({*one} & {*other})  # a row that both find has the same cosine to the bit
    assert found / 400 >= 0.98


def test_of_rows_that_all_lie_far_away_the_nearest_are_found(vectors: Vectors, cells: Cells, few: None) -> None:
    query = vectors[:1]
    far = np.sort(np.argsort(vectors @ query[0])[:1_200])
    assert len(cells.near(query, 10, far)) < 10  # else this shows nothing
    assert VectorIndex(vectors, cells).search(query, 10, far) == VectorIndex(vectors).search(query, 10, far)


def test_of_few_rows_every_one_is_looked_at(vectors: Vectors, cells: Cells, few: None) -> None:
    rows = range(100, 1_099)
    exact, quick = VectorIndex(vectors), VectorIndex(vectors, cells)
    for row in range(0, SIZE, 100):
        assert quick.search(vectors[row : row + 1], 300, rows) == exact.search(vectors[row : row + 1], 300, rows)


def test_a_search_looks_at_few_of_very_many(vectors: Vectors, cells: Cells) -> None:
    assert 20 <= len(cells.near(vectors[:1], 10, range(SIZE))) < SIZE // 10


def test_they_are_kept_and_found_again(vectors: Vectors, cells: Cells, few: None, tmp_path: Path) -> None:
    VectorIndex(vectors).save(tmp_path / "vectors.npy", tmp_path / "cells.npy")
    path = tmp_path / "cells.npy"
    again = Cells(Checked(path, of_blocks(path)))
    for row in range(0, SIZE, 500):
        assert {*again.near(vectors[row : row + 1], 10, range(SIZE))} == {*cells.near(vectors[row : row + 1], 10, range(SIZE))}


def test_a_few_vectors_have_none(tmp_path: Path) -> None:
    VectorIndex(np.eye(4, dtype=np.float32)).save(tmp_path / "vectors.npy", tmp_path / "cells.npy")
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.npy"]
