"""An index whose writer is killed, or let down by its disk, or whose files are damaged, is found whole or refused: the benchmark's tables."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked, and killed")
FILES = 21  # of a generation, with current, lock and the journal


def tables(*options: str) -> list[list[str]]:
    """The cells of the rows that benchmarks/durability.py prints."""
    command = [sys.executable, str(ROOT / "benchmarks" / "durability.py"), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    return [line.strip("| ").split(" | ") for line in ended.stdout.splitlines() if line.startswith("| ") and "---" not in line]


def test_a_writer_that_is_killed_now_and_then_leaves_the_old_index_or_the_new_one() -> None:
    """One step in thirty, and three moments each."""
    rows = {done: (int(times), found) for done, times, found in tables("--every", "30", "--random", "9", "--parts", "build", "update", "prune")[1:-1]}
    assert {done for done in rows if "killed" in done} == {f"{part}, killed at a {when}" for part in ("build", "update", "prune") for when in ("step", "moment")}
    assert rows["update, killed at a step"][0] >= 3
    assert "old, resumed" in rows["update, killed at a step"][1]
    assert "refused in one line" in rows["update, full disk"][1]
    assert "refused in one line" in rows["update, broken disk"][1]


@pytest.mark.slow
def test_a_writer_that_is_killed_at_any_step_or_moment_leaves_the_old_index_or_the_new_one() -> None:
    rows = {done: (int(times), found) for done, times, found in tables("--parts", "build", "update", "prune")[1:-1]}
    assert sum(times for done, (times, _) in rows.items() if "moment" in done) == 300
    assert min(times for done, (times, _) in rows.items() if "step" in done) > 90
    for done in ("build, killed at a step", "update, killed at a step"):
        assert all(word in rows[done][1] for word in ("new", "resumed"))
    assert all("refused in one line" in found for done, (_, found) in rows.items() if done.endswith((", full disk", ", no rights", ", broken disk")))


@pytest.mark.slow
def test_damage_is_found_when_the_index_is_opened_or_used_and_mended_by_the_next_build() -> None:
    rows = {name: cells for name, *cells in tables("--flips", "2", "--parts", "damage")[2:]}
    assert len(rows) == FILES
    assert all("no answer hangs on it" in cells for name, cells in rows.items() if name in ("journal", "lock"))
    assert rows["keys.npy"] == ["by --verify"] * 5
    assert rows["catalogue.sqlite"] == ["at open"] * 5
    assert "by --verify" not in " ".join(rows["cells.npy"])
    rest = [cell for name, cells in rows.items() if name not in ("journal", "lock", "keys.npy") for cell in cells]
    assert {cell.partition(" (")[0] for cell in rest} == {"at open", "at first use"}
