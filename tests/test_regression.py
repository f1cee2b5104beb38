"""A suite judged, kept, held against its baseline, and a run's answers produced again after the policies have changed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import LARCH_PHONES
from made import CASES, CORPUS, opened, run_of, scored, snapshots_of, stand_in, write_index, write_suite

from clausewise import snapshots
from clausewise.errors import BadRun, BadSuite, DamagedIndex, MissingIndex
from clausewise.evaluation import runs
from clausewise.evaluation.cases import NOTE
from clausewise.evaluation.differences import difference
from clausewise.evaluation.gates import Gate
from clausewise.evaluation.regression import Evaluation, baseline, evaluate, find_run, judged, replay, save, set_baseline
from clausewise.settings import Settings

EDITED = {
    "larch/phones.md": LARCH_PHONES.replace(
        "1.2 Pupils may carry a phone on a residential trip.", "1.2 Pupils never carry a phone."
    ).replace("2.1 Staff", "3.1 Staff"),
    "maple/phones.md": "# Mobile Phone Policy\n\n1.1 Phones stay at home.\n",
}


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return write_index(tmp_path / "indexes" / "small")


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return write_suite(tmp_path / "suite", gate='[floors]\n"hit@1" = 0.9\n[no_worse]\n"hit@1" = 0\n')


def evaluated(suite: Path, index: Path, settings: Settings | None = None) -> Evaluation:
    return evaluate(suite, opened(index, settings), index)


# judged and kept


def test_a_suite_is_judged_by_its_gate(suite: Path, index: Path) -> None:
    found = evaluated(suite, index)
    assert found.against is None
    assert {check.name: check.passed for check in found.verdict.checks} == {
        "wrong_school": True,
        "verbatim": True,
        "hit@1": True,
        "hit@1, to the baseline": False,
    }
    set_baseline(suite, found.run)
    again = evaluated(suite, index)
    assert again.verdict.passed
    assert again.against is not None
    assert again.against.old == replace(found.run, made=None, seconds=None)


def test_judging_keeps_nothing_and_saving_keeps_run_and_index(suite: Path, index: Path) -> None:
    found = evaluated(suite, index)
    assert not (suite / "runs").exists()
    assert snapshots_of(index) == []
    assert save(found.run, suite, index) == suite / "runs" / found.run.id
    assert runs.load(suite / "runs" / found.run.id) == found.run
    assert snapshots_of(index) == [snapshots.find(index, found.run.made_by["index"])]


def test_a_damaged_baseline_is_refused_before_anything_is_asked(suite: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (suite / "baseline").mkdir()
    assistant = opened(index)
    monkeypatch.setattr(assistant, "rank", None)
    with pytest.raises(BadRun, match=r"baseline: found no run\.json"):
        evaluate(suite, assistant, index)


def test_a_bad_gate_is_refused_before_anything_is_asked(suite: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (suite / "gate.toml").write_text("floor = 1\n")
    assistant = opened(index)
    monkeypatch.setattr(assistant, "rank", None)
    with pytest.raises(BadSuite, match=r"gate\.toml"):
        evaluate(suite, assistant, index)


def test_words_come_from_the_snapshots_of_both_runs(suite: Path, index: Path) -> None:
    old = evaluated(suite, index).run
    save(old, suite, index)
    write_index(index, EDITED)
    changed = [
        {**CASES[0], "gold": {"larch": {"clauses": {"larch/phones#1.2": 2}, "stance": ["prohibited"]}, "maple": CASES[0]["gold"]["maple"]}}
    ]
    write_suite(suite, changed)
    new = evaluated(suite, index).run
    save(new, suite, index)
    report = judged(new, Gate(), old, index).report()
    assert report["cases"][0]["answer"]["quotes"][0]["text"] == "Pupils never carry a phone."
    flips = judged(
        replace(new, rows=tuple(replace(row, matter=old.rows[n].matter) for n, row in enumerate(new.rows))), Gate(), old, index
    ).report()["baseline"]["flips"]
    assert flips[0]["old"]["quotes"][0]["text"] == "Pupils may carry a phone on a residential trip."
    assert flips[0]["new"]["quotes"][0]["text"] == "Pupils never carry a phone."
    elsewhere = judged(new, Gate(), None, index.parent / "other" / "index").report()
    assert elsewhere["cases"][0]["answer"]["quotes"][0] == {
        **elsewhere["cases"][0]["answer"]["quotes"][0],
        "clause": "larch/phones#1.2",
        "text": None,
    }


def test_a_setting_that_does_harm_is_seen_case_by_case(suite: Path, index: Path) -> None:
    set_baseline(suite, evaluated(suite, index).run)
    found = evaluated(suite, index, Settings(threshold=1.0))
    assert found.against is not None
    assert [(flip.turn, flip.new.case, flip.new.school) for flip in found.against.flips] == [
        ("worse", "trip", "larch"),
        ("worse", "watch", "maple"),
        ("worse", "locker", "larch"),
        ("worse", "dog", "larch"),
    ]
    assert [check.name for check in found.verdict.checks if not check.passed] == ["hit@1", "hit@1, to the baseline"]
    assert found.against.made_by == {"settings.threshold": (None, 1.0)}


def test_a_run_from_before_the_ids_were_followed_is_no_baseline(suite: Path, index: Path) -> None:
    """Its index is not the one that the ids belong to now; the next `anchor` would take it for that."""
    run = evaluated(suite, index).run
    (suite / NOTE).write_text(json.dumps({"index": "1" * 64}), "utf-8")
    with pytest.raises(BadRun, match=r"made before the suite's clauses were followed to another index; ask again first"):
        set_baseline(suite, run)
    assert (suite / NOTE).exists()
    assert not (suite / "baseline").exists()
    (suite / NOTE).write_text(json.dumps({"index": run.made_by["index"]}), "utf-8")
    set_baseline(suite, run)
    assert not (suite / NOTE).exists()


# saved runs


def test_the_last_run_is_found_or_the_one_that_is_named(tmp_path: Path) -> None:
    one, two = run_of([scored("a")]), run_of([scored("b")])
    for run, made in ((one, "2026-11-22T12:00:00Z"), (two, "2026-11-21T12:00:00Z")):
        runs.save(replace(run, made=made), tmp_path / "runs" / run.id)
    assert find_run(tmp_path).id == one.id
    assert find_run(tmp_path, two.id).id == two.id
    assert find_run(tmp_path, two.id[:5]).id == two.id


def test_a_run_that_is_not_there_or_not_the_only_one_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadRun, match=r"runs: found no saved run; make one with: clausewise eval "):
        find_run(tmp_path)
    saved = [run_of([scored(name)]) for name in "ab"]
    for run in saved:
        runs.save(run, tmp_path / "runs" / run.id)
    names = ", ".join(folder.name for folder in runs.saved_runs(tmp_path))
    assert {run.id for run in saved} == {*names.split(", ")}
    with pytest.raises(BadRun, match=f"^xyz: found no saved runs of that id; expected one of: {names}$"):
        find_run(tmp_path, "xyz")
    with pytest.raises(BadRun, match=f"^: found 2 saved runs of that id; expected one of: {names}$"):
        find_run(tmp_path, "")


def test_a_baseline_is_a_run_without_its_timings(tmp_path: Path) -> None:
    assert baseline(tmp_path) is None
    run = run_of([scored("a")])
    assert set_baseline(tmp_path, run) == tmp_path / "baseline"
    assert baseline(tmp_path) == replace(run, made=None, seconds=None)
    assert sorted(path.name for path in (tmp_path / "baseline").iterdir()) == ["rows.jsonl", "run.json"]
    other = run_of([scored("b")])
    set_baseline(tmp_path, other)
    assert baseline(tmp_path) == replace(other, made=None, seconds=None)


# replay


def test_a_run_s_answers_are_produced_again_after_the_policies_have_changed(suite: Path, index: Path) -> None:
    run = evaluated(suite, index, Settings(closest=1)).run
    save(run, suite, index)
    write_index(index, EDITED)
    assert opened(index).ask(CASES[0]["question"], ["larch"]).answers[0].stance != "permitted"
    old, again = replay(runs.load(suite / "runs" / run.id), index)
    assert again.rows == run.rows
    assert again.id == run.id  # the same index, settings, questions: the same run
    assert difference(old, again).flips == ()


def test_a_single_case_is_replayed(suite: Path, index: Path) -> None:
    write_suite(suite, [{**CASES[0], "origin": "feedback 7"}, *CASES[1:]])
    run = evaluated(suite, index).run
    save(run, suite, index)
    old, again = replay(run, index, "trip")
    assert [row.key for row in old.rows] == [row.key for row in again.rows] == [("trip", "larch"), ("trip", "maple")]
    assert again.rows == run.rows[:2]
    assert difference(old, again).shared == 2
    assert difference(old, again).made_by == {}


def test_what_another_version_answers_otherwise_shows_in_a_replay(suite: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = evaluated(suite, index).run
    save(run, suite, index)
    monkeypatch.setattr("clausewise.answering.threshold", lambda: 1.0)
    old, again = replay(run, index)
    assert [flip.new.case for flip in difference(old, again).flips] == ["trip", "watch", "locker", "dog"]


def test_what_cannot_be_replayed_is_one_line(suite: Path, index: Path) -> None:
    run = evaluated(suite, index).run
    with pytest.raises(MissingIndex) as raised:
        replay(run, index)
    assert str(raised.value).startswith(f"found no snapshot {run.made_by['index'][:16]} beside {index}; ")
    assert "\n" not in str(raised.value)
    save(run, suite, index)
    with pytest.raises(BadRun, match=rf"^run {run.id}: found no case 'nothing'; expected one such as trip$"):
        replay(run, index, "nothing")
    with pytest.raises(BadRun, match="it asked none"):
        replay(replace(run, rows=()), index)
    kept = snapshots.find(index, run.made_by["index"])
    assert kept is not None
    (kept / "catalogue.sqlite").write_text("")
    with pytest.raises(DamagedIndex):
        replay(run, index)


def test_a_damaged_snapshot_leaves_addresses_alone(suite: Path, index: Path) -> None:
    run = evaluated(suite, index).run
    save(run, suite, index)
    kept = snapshots.find(index, run.made_by["index"])
    assert kept is not None
    (kept / "catalogue.sqlite").unlink()
    quote = judged(run, Gate(), None, index).report()["cases"][0]["answer"]["quotes"][0]
    assert (quote["clause"], quote["start"], quote["text"]) == ("larch/phones#1.2", 101, None)


def test_the_corpus_that_is_indexed_twice_is_one_index(suite: Path, index: Path, tmp_path: Path) -> None:
    """Another folder, the same policies: the run of one is replayed beside the other."""
    run = evaluated(suite, index).run
    twin = write_index(tmp_path / "elsewhere" / "other", CORPUS)
    assert evaluated(suite, twin).run.id == run.id
    save(run, suite, twin)
    assert replay(run, twin)[1].rows == run.rows
