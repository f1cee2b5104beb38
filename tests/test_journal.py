"""What was embedded before a build was killed is found again, byte for byte, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from clausewise.errors import IndexNotWritten
from clausewise.journal import Journal, Record, key

DIGEST = "d" * 64


def record(name: str, words: int | None = 2) -> Record:
    chance = np.random.default_rng(len(name))
    codes = None if words is None else chance.integers(-127, 128, (words, 3)).astype(np.int8)
    return Record(key(DIGEST, name), chance.random(4, dtype=np.float32), codes)


def same(found: Record | None, wanted: Record) -> bool:
    assert found is not None
    words = found.words is None if wanted.words is None else np.array_equal(found.words, wanted.words)
    return found.key == wanted.key and np.array_equal(found.vector, wanted.vector) and words


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def written(path: Path, *names: str) -> Path:
    journal = Journal(path, DIGEST)
    for name in names:
        journal.add([record(name)])
    journal.close()
    return path


def test_a_key_is_of_the_model_and_of_each_text() -> None:
    keys = {key("a", "x"), key("b", "x"), key("a", "y"), key("a", "x", "y"), key("a", "xy"), key("a", "x", ""), key("ax", "")}
    assert len(keys) == 7
    assert key("a", "x") == key("a", "x")
    assert len(key("a", "x")) == 32


@pytest.mark.parametrize("words", [None, 0, 1, 7])
def test_what_is_added_is_found(path: Path, words: int | None) -> None:
    journal = Journal(path, DIGEST)
    assert (len(journal), journal.get(key(DIGEST, "a"))) == (0, None)
    journal.add([record("a", words), record("bb", words)])
    for opened in (journal, Journal(path, DIGEST)):
        assert len(opened) == 2
        assert same(opened.get(key(DIGEST, "a")), record("a", words))
        assert same(opened.get(key(DIGEST, "bb")), record("bb", words))
        assert opened.get(key(DIGEST, "c")) is None


def test_an_empty_journal_makes_no_file(path: Path) -> None:
    Journal(path, DIGEST).close()
    assert not path.exists()


def test_a_text_that_is_added_again_has_what_it_had_last(path: Path) -> None:
    journal = Journal(path, DIGEST)
    journal.add([record("a", None)])
    journal.add([record("a", 3)])
    assert same(Journal(path, DIGEST).get(key(DIGEST, "a")), record("a", 3))


def test_another_model_s_journal_is_dropped(path: Path) -> None:
    written(path, "a", "bb")
    other = Journal(path, "e" * 64)
    assert len(other) == 0
    other.add([record("ccc")])
    assert len(Journal(path, "e" * 64)) == 1
    assert len(Journal(path, DIGEST)) == 0


def test_cut_anywhere_it_holds_the_records_before_the_cut_and_goes_on_from_there(path: Path, tmp_path: Path) -> None:
    data = written(path, "a", "bb", "ccc").read_bytes()
    size = (len(data) - 32) // 3
    cut = tmp_path / "cut"
    for end in range(len(data) + 1):
        cut.write_bytes(data[:end])
        journal = Journal(cut, DIGEST)
        whole = max(end - 32, 0) // size
        assert len(journal) == whole
        journal.add([record("dddd")])
        journal.close()
        again = Journal(cut, DIGEST)
        assert len(again) == whole + 1
        assert same(again.get(key(DIGEST, "dddd")), record("dddd"))
        again.close()


def test_any_bit_flipped_costs_the_records_from_there_and_changes_none(path: Path, tmp_path: Path) -> None:
    data, names = written(path, "a", "bb", "ccc").read_bytes(), ("a", "bb", "ccc")
    size = (len(data) - 32) // 3
    hurt = tmp_path / "hurt"
    for place in range(len(data)):
        hurt.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
        journal = Journal(hurt, DIGEST)
        kept = 0 if place < 32 else (place - 32) // size
        assert len(journal) == kept
        assert all(same(journal.get(key(DIGEST, name)), record(name)) for name in names[:kept])
        journal.close()


@pytest.mark.parametrize("junk", [b"", b"\0" * 1000, b"\xff" * 1000, b"{}"])
def test_what_is_no_journal_holds_nothing(path: Path, junk: bytes) -> None:
    path.write_bytes(junk)
    assert len(Journal(path, DIGEST)) == 0
    assert len(Journal(written(path, "a"), DIGEST)) == 1


def test_records_are_on_the_disk_when_they_are_added(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size) or sync(handle))
    Journal(path, DIGEST).add([record("a")])
    assert synced[-1] == path.stat().st_size > 32


def test_a_full_disk_is_one_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(IndexNotWritten, match=r"cannot be written \(No space left on device\); make room or rights there"):
        Journal(path, DIGEST).add([record("a")])


def test_a_folder_in_its_place_is_one_line(path: Path) -> None:
    path.mkdir()
    with pytest.raises(IndexNotWritten, match="Is a directory"):
        Journal(path, DIGEST)
