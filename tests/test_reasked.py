"""An earlier version in force again, in memory, and which saved questions get another answer under the later one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import WordsEncoder
from made import case_row, gold_row, opened, stand_in, write_index, write_suite

from clausewise.assistant import Assistant
from clausewise.cli import main
from clausewise.evaluation.cases import load_suite
from clausewise.evaluation.reasked import asked_twice
from clausewise.restored import restored

OLD = """# Mobile Phone Policy

Approved on 1 May 2024

## Pupils

1.1 Pupils must hand their phones to the office each morning.

1.2 Pupils must not carry a phone on a residential trip.

1.3 Staff keep their phones in a locker during lessons.
"""
NEW = """# Mobile Phone Policy

Approved on 1 May 2026

## Pupils

1.1 Pupils may carry a phone on a residential trip.

1.2 Pupils must hand their phones to the office each morning.
"""
OTHER = "# Mobile Phone Policy\n\nPupils must hand their phones to the office each morning.\n"
FILES = {"larch/phones-2024.md": OLD, "larch/phones.md": NEW, "maple/phones.md": OTHER}
CASES = [
    case_row("trip", "May pupils carry a phone on a residential trip?", "larch", {"larch": gold_row({})}),
    case_row("office", "Must pupils hand their phones to the office each morning?", None, {"larch": gold_row({}), "maple": gold_row({})}),
    case_row("locker", "Do staff keep their phones in a locker during lessons?", "larch", {"larch": gold_row({})}),
    case_row("maple", "Must pupils hand their phones to the office?", "maple", {"maple": gold_row({})}),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("indexes") / "versions", FILES)


@pytest.fixture
def now(index: Path) -> Assistant:
    return opened(index)


def test_the_earlier_version_answers_and_the_later_one_does_not(now: Assistant) -> None:
    made = restored(now.index, now.encoder, "larch/phones-2024", "larch/phones")
    assert {passage.document for passage in made.passages} == {"larch/phones-2024", "maple/phones"}
    assert [passage.row for passage in made.passages] == list(range(len(made.vectors))) == list(range(len(made.words)))
    assert made.document["larch/phones-2024"].superseded_by is None
    assert made.document["larch/phones"].superseded_by == "larch/phones-2024"
    assert now.index.document["larch/phones-2024"].superseded_by == "larch/phones"  # as it was
    (answer,) = Assistant(made, now.settings, now.encoder).ask("May pupils carry a phone on a residential trip?", ["larch"]).answers
    assert answer.quotes[0].clause.id == "larch/phones-2024#1.2"


def test_what_is_restored_is_what_an_index_of_the_earlier_version_holds(now: Assistant, tmp_path: Path) -> None:
    """The vectors and words of each passage, to the bit: embedded now or then, kept or made anew."""
    made = restored(now.index, now.encoder, "larch/phones-2024", "larch/phones")
    fresh = opened(write_index(tmp_path / "fresh", {"larch/phones-2024.md": OLD, "maple/phones.md": OTHER})).index
    wanted = {passage.views: (fresh.vectors.vectors()[passage.row], fresh.words.codes(passage.row)) for passage in fresh.passages}
    assert len(made.passages) == len(fresh.passages)
    for passage in made.passages:
        assert np.array_equal(made.vectors.vectors()[passage.row], wanted[passage.views][0])
        assert np.array_equal(made.words.codes(passage.row), wanted[passage.views][1])


def test_a_document_that_is_not_there_is_an_error(now: Assistant) -> None:
    with pytest.raises(KeyError):
        restored(now.index, WordsEncoder(), "larch/phones-2024", "larch/dogs")  # type: ignore[arg-type]


def test_questions_that_turn_are_told_and_a_clause_that_moved_is_none(now: Assistant, tmp_path: Path) -> None:
    old = Assistant(restored(now.index, now.encoder, "larch/phones-2024", "larch/phones"), now.settings, now.encoder)
    cases = load_suite(write_suite(tmp_path / "suite", CASES)).cases
    pairs = [*asked_twice(cases, "larch", old, now)]
    assert [pair.case for pair in pairs] == ["trip", "office", "locker"]
    found = {pair.case: pair for pair in pairs if pair.turned}
    assert list(found) == ["trip", "locker"]  # "office" moved from 1.1 to 1.2; "maple" is another school's
    assert (found["trip"].was.quotes[0].clause.number, found["trip"].now.quotes[0].clause.number) == ("1.2", "1.1")
    assert found["trip"].what == "stance"
    assert (found["trip"].was.stance, found["trip"].now.stance) == ("prohibited", "permitted")
    assert found["locker"].was.quotes[0].clause.number == "1.3"


def test_the_command_tells_them(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stand_in(monkeypatch)
    suite = write_suite(tmp_path / "suite", CASES)
    argv = ["changes", "larch/phones-2024", "larch/phones", "--index", str(index), "--questions", str(suite)]
    assert main(argv) == 0
    out = capsys.readouterr().out
    assert "saved questions: 3 questions asked under both versions, 2 answered otherwise" in out
    assert "trip  May pupils carry a phone on a residential trip?\n  was  Not allowed, larch/phones-2024#1.2\n" in out
    assert main([*argv, "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["asked"] == 3
    assert [one["case"] for one in row["questions"]] == ["trip", "locker"]
    assert row["questions"][0]["what"] == "stance"


def test_an_earlier_index_may_be_named(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(monkeypatch)
    earlier = write_index(tmp_path / "earlier", {"larch/phones.md": OLD, "maple/phones.md": OTHER})
    suite = write_suite(tmp_path / "suite", CASES[:1])
    argv = ["changes", "larch/phones", "larch/phones", "--old-index", str(earlier), "--index", str(index), "--questions", str(suite)]
    assert main([*argv, "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["questions"]
    assert (one["was"]["stance"], one["now"]["stance"]) == ("prohibited", "permitted")


def test_a_suite_that_is_not_there_is_one_line(index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stand_in(monkeypatch)
    assert main(["changes", "larch/phones-2024", "larch/phones", "--index", str(index), "--questions", "nowhere"]) == 2
    assert "expected a suite" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("larch/phones", "larch/phones-2024", "larch/phones-2024 is superseded by larch/phones; with --questions expected"),
        ("maple/phones", "larch/phones", "maple/phones is another school's than larch/phones"),
    ],
)
def test_versions_that_answer_nothing_are_refused(
    index: Path, old: str, new: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(monkeypatch)
    suite = write_suite(tmp_path / "suite", CASES)
    assert main(["changes", old, new, "--index", str(index), "--questions", str(suite)]) == 2
    assert told in capsys.readouterr().err


def test_a_question_that_names_another_school_is_not_counted(now: Assistant, tmp_path: Path) -> None:
    stray = case_row("stray", "What does Maple say about phones?", "larch", {"larch": gold_row({})})
    assert [*asked_twice(load_suite(write_suite(tmp_path / "suite", [stray])).cases, "larch", now, now)] == []
