"""The benchmarks of growth: what they measure is what they say, and they run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from benchmarks.nearest import recall, varied

BEST = [1 - i / 100 for i in range(12)]


def test_recall_is_of_the_ten_nearest_and_counts_equals_alike() -> None:
    assert recall([BEST], [BEST]) == 1
    assert recall([[*BEST[:9], BEST[10]]], [BEST]) == 0.9
    assert recall([[*BEST[:9], BEST[9]], []], [BEST, BEST]) == 0.5
    assert recall([[0.5] * 10], [[0.5] * 12]) == 1


def test_vectors_are_turned_away_but_keep_their_length() -> None:
    base = np.random.default_rng(0).standard_normal((30, 384), dtype=np.float32)
    found = varied(base, 70)
    like = [float(vector @ base[i % 30] / (base[i % 30] @ base[i % 30])) for i, vector in enumerate(found)]
    assert found.shape == (70, 384)
    assert 0.4 < min(like) < 0.7 < 0.95 < max(like) < 1.1
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.linalg.norm(base, axis=1)[np.arange(70) % 30], rel=0.15)


def run(name: str, *words: str) -> list[list[str]]:
    """The cells of each row of the tables that a benchmark prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), *words]
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in ended.stdout.splitlines() if line.startswith("|")]


@pytest.mark.slow
def test_both_run_and_draw_their_curves(sample_index: Path, tmp_path: Path) -> None:
    index = str(sample_index)
    near = run("nearest", "--rows", "1000", "2000", "--questions", "3", "--index", index, "--plot", str(tmp_path / "near.svg"))
    assert [row[0] for row in near[2:]] == ["1,000", "2,000"]
    assert all(float(row[1]) > 0 for row in near[2:])
    grown = run("growth", "--passages", "1000", "2000", "--index", index, "--plot", str(tmp_path / "growth.svg"))
    assert [row[:2] for row in grown[2:4]] == [["915", "1"], ["1,830", "2"]]
    assert grown[4][0] == "exponent to 1,830"
    assert all("<svg" in (tmp_path / name).read_text() for name in ("near.svg", "growth.svg"))
