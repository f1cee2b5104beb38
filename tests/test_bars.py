"""A bar is drawn where somebody watches, and tells truly how long is left."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from conftest import MAX_BYTES, WordsEncoder

from clausewise import steps
from clausewise.bars import asking, embedding
from clausewise.building import build
from clausewise.documents import load_corpus
from clausewise.embeddings import Encoder
from clausewise.steps import Embedded, Part, embed
from clausewise.web import desk as rooms
from clausewise.web.desk import Desk

SECONDS = 0.5  # that a character takes


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("tqdm.std.time", found)
    monkeypatch.setattr(rooms, "monotonic", found)
    return found


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Rules of two words to two hundred."""
    place = tmp_path / "corpus" / "larch" / "rules.md"
    place.parent.mkdir(parents=True)
    rules = (f"1.{number} Pupils {' '.join(f'rule{number}of{i}' for i in range(1 + number * number // 8))} hold.\n\n" for number in range(1, 41))
    place.write_text("# Rules\n\n" + "".join(rules))
    return place.parents[1]


class Engine:
    """Takes equally long for each character. `ended`: when a part was done."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.ended = clock, list[float]()

    def __call__(self, encoder: Encoder, parts: Sequence[Part]) -> Iterator[Embedded]:
        for part in parts:
            self.clock.now += SECONDS * sum(map(len, part.texts))
            self.ended.append(self.clock.now)
            yield embed(encoder, part)


def told(corpus: Path, words: WordsEncoder, engine: Engine, progress: Any) -> None:
    build(load_corpus(corpus, MAX_BYTES), words, corpus.parent / "index", progress, engine)  # type: ignore[arg-type]


def checked(estimates: Sequence[float], engine: Engine, began: float) -> None:
    """`estimates`: of what was left when each part was done."""
    whole = engine.ended[-1] - began
    pairs = [(left, engine.ended[-1] - ended) for left, ended in zip(estimates, engine.ended, strict=True) if ended - began > whole / 10]
    assert len(pairs) > 20
    for left, truth in pairs:
        assert abs(left - truth) <= 0.2 * truth + 1  # a bar tells whole seconds


def test_a_terminal_is_told_truly_how_long_is_left(
    corpus: Path, words: WordsEncoder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_STEP", 500)
    monkeypatch.setattr(sys, "stderr", Terminal())
    engine, began = Engine(clock), clock.now
    told(corpus, words, engine, embedding())
    lines = sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert lines.startswith("embedding ")
    drawn = re.findall(r"about ([\d:]+) left", lines)
    checked([_seconds(left) for left in drawn], engine, began)
    assert "100%" in lines


def test_a_page_is_told_truly_how_long_is_left(corpus: Path, words: WordsEncoder, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_STEP", 500)
    engine, began, desk, left = Engine(clock), clock.now, Desk(None), list[float]()  # type: ignore[arg-type]

    def tell(line: str, done: int, of: int) -> None:
        desk._tell(line, done, of)
        if done:
            left.append(desk.progress.left)  # type: ignore[arg-type]

    told(corpus, words, engine, tell)
    checked(left, engine, began)


def _seconds(told: str) -> int:
    """Of "1:02:03"."""
    return sum(int(part) * 60**place for place, part in enumerate(reversed(told.split(":"))))


def test_a_file_gets_a_line_and_no_bar(corpus: Path, words: WordsEncoder, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    told(corpus, words, Engine(clock), embedding())
    assert re.fullmatch(r"embedding \d+ texts with words\n", capsys.readouterr().err)


def test_cases_are_counted(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    step = asking()
    for done in range(1, 5):
        clock.now += 1
        step(done, 4)
    assert re.findall(r"(\d)/4 \[00:0(\d)<00:0(\d)", sys.stderr.getvalue())[:3] == [("1", "1", "3"), ("2", "2", "2"), ("3", "3", "1")]  # type: ignore[attr-defined]
