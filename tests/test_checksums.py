"""Of a large array nothing is handed out that is not what was written, and what is not asked for is not read."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from clausewise import checksums
from clausewise.checksums import Checked, of_blocks, sha256
from clausewise.durable import write_array
from clausewise.errors import DamagedIndex

CUT = """
import os, sys
from pathlib import Path
from clausewise import checksums
from clausewise.errors import DamagedIndex
checksums.BLOCK = 64
path = Path(sys.argv[1])
found = checksums.Checked(path, path.with_name("sums").read_bytes())
os.truncate(path, 64 * 63 + 1)
try:
    found[-1:]
except DamagedIndex as error:
    print(error)
"""
ROWS = np.arange(40 * 8, dtype=np.float32).reshape(40, 8)  # 32 bytes a row, after a header of 128


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of two rows."""
    monkeypatch.setattr(checksums, "BLOCK", 64)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_array(tmp_path / "rows.npy", ROWS)
    return tmp_path / "rows.npy"


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))


def test_an_array_is_what_was_written(path: Path) -> None:
    found = Checked(path, of_blocks(path))
    assert (found.shape, len(found)) == ((40, 8), 40)
    assert np.array_equal(found[:], ROWS)
    assert np.array_equal(found[3:5], ROWS[3:5])
    assert np.array_equal(found[7:], ROWS[7:])
    assert found[40:].shape == (0, 8)
    assert np.array_equal(found.take(np.array([39, 0, 0, 7])), ROWS[[39, 0, 0, 7]])
    assert np.array_equal(np.load(path), ROWS)  # numpy's own format


def test_an_array_cannot_be_changed(path: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        Checked(path, of_blocks(path))[0:1][0, 0] = 1


@pytest.mark.parametrize("shape", [(0, 4), (0,), (5,), (3, 2, 2)])
def test_arrays_of_every_shape(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape), dtype=np.int8).reshape(shape)
    write_array(tmp_path / "a.npy", array)
    found = Checked(tmp_path / "a.npy", of_blocks(tmp_path / "a.npy"))
    assert np.array_equal(found[:], array)
    assert found[:].dtype == np.int8


def test_rows_by_steps_are_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="steps of 2"):
        Checked(path, of_blocks(path))[::2]


def test_damage_is_found_by_who_uses_it_and_by_nobody_else(path: Path) -> None:
    sums = of_blocks(path)
    flip(path, 128 + 32 * 10)  # row 10, which shares a block with row 11
    found = Checked(path, sums)
    assert np.array_equal(found[0:10], ROWS[0:10])
    assert np.array_equal(found[12:40], ROWS[12:40])
    for use in (lambda: found[10:11], lambda: found[11:12], lambda: found[:], lambda: found.take(np.array([3, 11]))):
        with pytest.raises(DamagedIndex, match=r"rows\.npy: block 8 of 22 is not what was written; build it again"):
            use()


def test_damage_to_the_header_is_found_at_once(path: Path) -> None:
    sums = of_blocks(path)
    flip(path, 20)
    with pytest.raises(DamagedIndex, match="block 1 of 22"):
        Checked(path, sums)


def test_a_file_that_is_cut_short_when_it_is_open_is_damage_and_ends_no_process(path: Path) -> None:
    """In a process of its own, which a signal would end."""
    write_array(path, np.arange(4 * mmap.PAGESIZE, dtype=np.int8))
    (path.parent / "sums").write_bytes(of_blocks(path))
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    ended = subprocess.run([sys.executable, "-c", CUT, path], env=environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "rows.npy: block 258 of 258 is not what was written; build it again" in ended.stdout


def test_an_array_of_objects_is_damage_and_no_address_in_it_is_followed(path: Path) -> None:
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": (4,)})
        file.write(b"A" * 32)
    with pytest.raises(DamagedIndex, match=r"rows\.npy: holds Python's objects; build it again"):
        Checked(path, of_blocks(path))[0:1]


def test_a_block_is_read_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, read = Checked(path, of_blocks(path)), []
    digest = checksums.xxh3_128_digest
    monkeypatch.setattr(checksums, "xxh3_128_digest", lambda data: read.append(len(data)) or digest(data))
    for _ in range(3):
        found[0:4]
    assert read == [64, 64]  # its header's blocks are two, of which the first was read before


def test_of_a_file_of_many_blocks_and_a_rest(path: Path) -> None:
    assert len(of_blocks(path)) == 16 * 22  # 128 bytes and 40 rows of 32
    path.write_bytes(path.read_bytes() + b"x")
    assert len(of_blocks(path)) == 16 * 23
    path.write_bytes(b"")
    assert of_blocks(path) == b""


def test_the_sha256_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
