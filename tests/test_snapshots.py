"""An index kept as it was: at no cost, whole, and untouched by what becomes of the index."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import generation
from made import CORPUS, opened, snapshots_of, write_index

from clausewise import snapshots
from clausewise.errors import IndexMismatch, MissingIndex
from clausewise.index import load_texts

OTHER = {"larch/phones.md": "# Phone Policy\n\n1.1 Phones stay at home.\n"}


def files_of(folder: Path) -> dict[str, bytes]:
    """By name: of an index's folder those of the generation in force, of a snapshot's its own."""
    inside = generation(folder) if (folder / "current").exists() else folder
    return {path.name: path.read_bytes() for path in inside.iterdir()}


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return write_index(tmp_path / "indexes" / "small")


def kept(index: Path) -> Path:
    return snapshots.keep(index, load_texts(index).checksum)


def test_a_snapshot_stands_beside_the_index_under_its_checksum(index: Path) -> None:
    checksum = load_texts(index).checksum
    assert snapshots.find(index, checksum) is None
    assert snapshots_of(index) == []
    place = snapshots.keep(index, checksum)
    assert place == index.parent / "snapshots" / checksum[:16]
    assert files_of(place) == files_of(index)
    assert snapshots.find(index, checksum) == place
    assert snapshots_of(index) == [place]
    assert load_texts(place).checksum == checksum


def test_a_snapshot_costs_no_room(index: Path) -> None:
    place = kept(index)
    assert all(os.path.samefile(place / path.name, path) for path in generation(index).iterdir())


def test_without_hard_links_the_files_are_copied(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refused)
    place = kept(index)
    assert files_of(place) == files_of(index)
    assert not any(os.path.samefile(place / path.name, path) for path in generation(index).iterdir())


def test_an_index_is_kept_once(index: Path) -> None:
    place = kept(index)
    before = place.stat().st_ino
    assert kept(index) == place
    assert place.stat().st_ino == before
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_snapshot_outlives_a_rebuild_and_a_removal_of_its_index(index: Path) -> None:
    old = load_texts(index).checksum
    place = kept(index)
    before = files_of(place)
    write_index(index, OTHER)
    assert load_texts(index).checksum != old
    assert files_of(place) == before
    second = kept(index)
    assert second != place
    assert sorted(snapshots_of(index)) == sorted([place, second])
    shutil.rmtree(index)
    assert files_of(place) == before
    answer = opened(place).ask("May a dog come through the gate?", ["larch"]).answers[0]
    assert [quote.clause.id for quote in answer.quotes] == ["larch/dogs#preamble/1"]


def test_the_same_policies_indexed_again_need_no_second_snapshot(index: Path) -> None:
    place = kept(index)
    write_index(index, CORPUS)
    assert kept(index) == place
    assert snapshots_of(index) == [place]


def test_an_index_that_was_built_anew_meanwhile_is_not_kept_under_the_old_name(index: Path) -> None:
    checksum = load_texts(index).checksum
    write_index(index, OTHER)
    with pytest.raises(IndexMismatch, match="was built anew while it was in use"):
        snapshots.keep(index, checksum)
    assert snapshots.find(index, checksum) is None
    assert snapshots_of(index) == []
    assert not (index.parent / "snapshots").exists()


def test_an_index_that_is_built_anew_while_it_is_copied_is_kept_as_it_was(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A generation that is being copied is in use, and is not removed."""
    checksum, before, link = load_texts(index).checksum, files_of(index), snapshots._link

    def meanwhile(source: str, target: str) -> None:
        if load_texts(index).checksum == checksum:
            write_index(index, OTHER)
        link(source, target)

    monkeypatch.setattr(snapshots, "_link", meanwhile)
    assert files_of(snapshots.keep(index, checksum)) == before != files_of(index)


def test_an_index_that_is_in_use_can_still_be_kept_when_it_was_built_anew(index: Path) -> None:
    """A complaint about an answer of a page that has not taken up the new one yet."""
    before, assistant = files_of(index), opened(index)
    write_index(index, OTHER)
    assert files_of(snapshots.keep(index, assistant.index.manifest["checksum"])) == before


def test_threads_may_keep_an_index_at_once(index: Path) -> None:
    checksum = load_texts(index).checksum
    with ThreadPoolExecutor(8) as pool:
        places = {*pool.map(lambda _: snapshots.keep(index, checksum), range(16))}
    assert places == {index.parent / "snapshots" / checksum[:16]}
    assert files_of(places.pop()) == files_of(index)
    assert len([*(index.parent / "snapshots").iterdir()]) == 1


def test_where_there_is_no_index_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(MissingIndex):
        snapshots.keep(tmp_path / "none", "0" * 64)
    assert [*tmp_path.iterdir()] == []


def test_a_copy_that_breaks_off_leaves_nothing(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots, "_link", full)
    with pytest.raises(OSError, match="No space left"):
        kept(index)
    assert [*(index.parent / "snapshots").iterdir()] == []


def test_another_process_may_be_quicker(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def late(self: Path, target: Path) -> Path:
        """While this one copied, the other finished."""
        os.mkdir(target)
        os.link(self / "manifest.json", target / "manifest.json")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", late)
    place = kept(index)
    assert [path.name for path in place.iterdir()] == ["manifest.json"]
    assert snapshots_of(index) == [place]


def test_a_version_of_a_policy_is_found_by_its_digest(index: Path) -> None:
    place = kept(index)
    then = load_texts(index)
    digest = then.document["larch/phones"].digest
    write_index(index, OTHER)
    found = snapshots.holding(index, "larch/phones", digest[:12])
    assert found is not None
    assert (found.checksum, found.document["larch/phones"]) == (then.checksum, then.document["larch/phones"])
    assert snapshots.holding(index, "maple/phones", digest) is None
    assert snapshots.holding(index, "larch/phones", load_texts(index).document["larch/phones"].digest) is None
    (place / "catalogue.sqlite").unlink()
    assert snapshots.holding(index, "larch/phones", digest) is None
    (place / "manifest.json").write_text("{}")
    assert snapshots.holding(index, "larch/phones", digest) is None
