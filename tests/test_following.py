"""A page, and the tools, take up what another process builds; a damaged index is a line in the log, and the old one answers on."""

from __future__ import annotations

import errno
import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import LARCH_DOGS, MAX_BYTES, ROOT, WordsEncoder, generation, write
from made import CORPUS, SOMEBODY, opened, write_index

from clausewise import following as rooms
from clausewise.assistant import Assistant
from clausewise.building import build
from clausewise.documents import load_corpus
from clausewise.following import Following
from clausewise.generations import numbered
from clausewise.web.desk import Desk

LIONS = {**CORPUS, "larch/dogs.md": LARCH_DOGS.replace("dog", "lion")}
BUILD = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
from conftest import MAX_BYTES, WordsEncoder
from clausewise.documents import load_corpus
from clausewise.building import build
build(load_corpus(Path(sys.argv[3]), MAX_BYTES), WordsEncoder(), Path(sys.argv[4]))
"""


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return write_index(tmp_path / "indexes" / "small")


@pytest.fixture
def following(index: Path) -> Following:
    return Following(opened(index), index)


def quoted(assistant: Assistant) -> str:
    (answer,) = assistant.ask("May a dog come through the gate?", ["larch"]).answers
    return answer.quotes[0].text if answer.quotes else ""


def test_what_is_built_anew_answers_from_the_next_look_on(following: Following, index: Path) -> None:
    before = following.now
    following.look()
    assert following.now is before
    write_index(index, LIONS)
    assert following.now is before
    following.look()
    assert quoted(following.now) == "No lion comes through the gate, except an assistance lion."
    assert quoted(before) == "No dog comes through the gate, except an assistance dog."
    assert following.now.encoder is before.encoder


def test_the_old_one_s_files_go_when_its_last_question_is_answered(following: Following, index: Path) -> None:
    before = following.now
    write_index(index, LIONS)
    following.look()
    assert numbered(index) == [1, 2]
    del before
    following.look()
    assert numbered(index) == [2]


def test_the_same_generation_is_not_opened_twice(following: Following, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_index(index)
    following.look()
    now = following.now
    assert numbered(index) == [2]
    following.look()
    assert following.now is now
    built = Assistant(build_again(index), now.settings, now.encoder)
    taken = Following(built, index)
    taken.look()
    assert taken.now is built  # what this process built itself is what is in force


def build_again(index: Path):  # type: ignore[no-untyped-def]
    corpus = load_corpus(write(index.parent / "again", CORPUS), MAX_BYTES)
    return build(corpus, WordsEncoder(), index).index  # type: ignore[arg-type]


def test_a_damaged_one_is_a_line_in_the_log_and_the_old_one_answers_on(
    following: Following, index: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = following.now
    write_index(index, LIONS)
    path = generation(index) / "catalogue.sqlite"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            following.look()
    assert following.now is before
    (line,) = [record.getMessage() for record in caplog.records]
    assert f"{path}: found {len(whole) - 1} bytes, expected {len(whole)}" in line
    assert quoted(before) == "No dog comes through the gate, except an assistance dog."
    write_index(index, LIONS)
    following.look()
    assert "lion" in quoted(following.now)


def test_what_could_not_be_opened_once_is_tried_again_but_not_at_every_look(
    following: Following, index: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def without_room(*_: object) -> None:
        tried.append(1)
        raise OSError(errno.EMFILE, "Too many open files", "/x")

    write_index(index, LIONS)
    with monkeypatch.context() as patch:
        patch.setattr(rooms, "load", without_room)
        for _ in range(2 * rooms.AGAIN):
            following.look()
    assert (len(tried), len(caplog.records), quoted(following.now)[:6]) == (2, 1, "No dog")
    for _ in range(rooms.AGAIN):
        following.look()
    assert quoted(following.now).startswith("No lion")


@pytest.mark.parametrize("text", [None, "?"])
def test_without_a_generation_in_force_the_old_one_answers_on(
    following: Following, index: Path, text: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    before = following.now
    (index / "current").write_text(text) if text else (index / "current").unlink()
    for _ in range(3):
        following.look()
    assert following.now is before
    assert len(caplog.records) == (1 if text else 0)


def test_another_model_s_index_is_not_taken_up(following: Following, index: Path, caplog: pytest.LogCaptureFixture) -> None:
    before, corpus = following.now, load_corpus(write(index.parent / "other", LIONS), MAX_BYTES)
    build(corpus, WordsEncoder("other"), index)  # type: ignore[arg-type]
    following.look()
    assert following.now is before
    assert "was made with the model other, but words is in force" in caplog.text


def test_a_desk_that_follows_loses_no_question_while_another_process_builds(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "EVERY", 0.1)
    desk = Desk(opened(index), None, index)
    corpus = write(tmp_path / "lions", LIONS)
    with desk.following:
        with subprocess.Popen([sys.executable, "-c", BUILD, str(ROOT / "src"), str(ROOT / "tests"), str(corpus), str(index)]) as builder:
            seen: list[str] = []
            while builder.poll() is None:
                seen.append(quoted(desk.assistant(SOMEBODY)))
        assert builder.returncode == 0
        built = time.monotonic()
        while "lion" not in quoted(desk.assistant(SOMEBODY)) and time.monotonic() < built + 20:
            time.sleep(0.05)
    assert "lion" in quoted(desk.assistant(SOMEBODY))
    assert len(seen) > 3
    assert {text for text in seen if "dog" not in text and "lion" not in text} == set()
