"""`clausewise eval`: every action, its exit codes, and that nothing of a held-back suite is ever shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import LARCH_PHONES, write
from made import CASES, CORPUS, snapshots_of, stand_in, write_index, write_suite

from clausewise.cli import main
from clausewise.evaluation import runs

GATE = '[floors]\n"hit@1" = 0.9\n'
HARM = "threshold=1"  # everything is refused
FORMS = ("json", "html", "md", "xml")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return write_index(tmp_path / "indexes" / "small")


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return write_suite(tmp_path / "phones", gate=GATE)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], index: Path) -> Run:
    """Run an action of `eval` over the small index: exit code, standard output, standard error."""

    def ran(*argv: object) -> tuple[int, str, str]:
        code = main(["eval", *map(str, argv), "--index", str(index)])
        return code, *capsys.readouterr()

    return ran


@pytest.fixture
def refuse(run: Run) -> Callable[..., str]:
    """Run what must be refused; its one line."""

    def refused(*argv: object) -> str:
        code, out, err = run(*argv)
        assert (code, out) == (2, "")
        assert re.fullmatch(r"clausewise: [^\n]+\n", err)
        return err.removeprefix("clausewise: ").rstrip("\n")

    return refused


def saved(suite: Path) -> list[str]:
    return sorted(path.name for path in (suite / "runs").glob("*"))


# run


def test_a_suite_alone_is_short_for_run(run: Run, suite: Path) -> None:
    short, long = run(suite, "--json"), run("run", suite, "--json")
    reports = [json.loads(out) for _, out, _ in (short, long)]
    for report in reports:
        report.pop("made")
        for name in ("latency_p50_ms", "latency_p95_ms"):
            assert report["measures"].pop(name) > 0
        for case in report["cases"]:
            assert case.pop("seconds") >= 0
    assert reports[0] == reports[1]
    assert short[0] == long[0] == 0
    assert short[2] == long[2] == ""


def test_the_report_as_json(run: Run, suite: Path) -> None:
    code, out, _ = run(suite, "--json")
    report = json.loads(out)
    assert (code, out.count("\n")) == (0, 1)
    assert (report["suite"], report["misses"], report["baseline"], report["waiting"]) == ("phones", [], None, [])
    assert {name: report["measures"][name] for name in ("cases", "pairs", "overall", "hit@1", "wrong_school", "quotes", "verbatim")} == {
        "cases": 5,
        "pairs": 6,
        "overall": 1.0,
        "hit@1": 1.0,
        "wrong_school": 0,
        "quotes": 8,  # 4 answers of one quote, 2 silences with two nearest clauses
        "verbatim": 8,
    }
    assert report["gate"]["passed"] is True
    assert [case["outcome"] for case in report["cases"]] == ["right", "right_silence", "right", "right", "right_silence", "right"]


def test_the_report_as_text(run: Run, suite: Path) -> None:
    code, out, err = run(suite)
    assert (code, err) == (0, "")
    (name,) = saved(suite)
    assert out.startswith(f"phones, run {name}: 5 cases, 6 answers\n")
    assert re.search(r"^hit@1 +1\.000  1\.000–1\.000$", out, re.M)
    assert "no baseline to compare with" in out
    assert out.endswith("Gate passed: 3 of 3 conditions met\n")


def test_a_setting_that_does_harm_fails_the_gate_and_names_the_cases(run: Run, suite: Path) -> None:
    run(suite)
    code, out, _ = run("baseline", suite)
    (name,) = saved(suite)
    assert (code, out) == (0, f"{suite / 'baseline'}: holds run {name} of {runs.load(suite / 'runs' / name).made} now\n")
    code, out, _ = run(suite, "--set", HARM, "--save", "--misses")
    assert code == 1
    assert f"against run {name}, on 6 answers to the same cases: 4 worse, 0 better, 0 otherwise" in out
    assert re.findall(r"^  worse   (\w+) \[(\w+)\]", out, re.M) == [
        ("trip", "larch"),
        ("locker", "larch"),
        ("dog", "larch"),
        ("watch", "maple"),  # takes no stance, so less went wrong
    ]
    assert "            was  larch/phones#1.2 ✓ (permitted)\n            now  not covered (too weak)" in out
    assert "Gate failed: 1 of 4 conditions not met\n  not met: Right clause first (hit@1), found 0, wanted at least 0.9" in out
    assert (
        "trip [larch] May pupils carry a phone on a residential trip?\n    said not covered (too weak)\n    want larch/phones#1.2 (permitted)"
        in out
    )
    assert "threshold" in out
    code, out, _ = run(suite)
    assert code == 0
    assert "0 worse, 0 better, 0 otherwise" in out
    assert len(saved(suite)) == 2


def test_what_is_not_to_be_kept_is_not(run: Run, suite: Path, index: Path) -> None:
    assert run(suite, "--no-save")[0] == 0
    assert (saved(suite), snapshots_of(index)) == ([], [])
    assert run(suite)[0] == 0
    assert (len(saved(suite)), len(snapshots_of(index))) == (1, 1)


def test_a_run_that_cannot_be_kept_is_shown_all_the_same(run: Run, suite: Path) -> None:
    (suite / "runs").write_text("in the way")
    code, out, err = run(suite)
    assert code == 0
    assert out.startswith("phones, run ")
    assert re.fullmatch(r"clausewise: the run is not kept: [^\n]+runs[^\n]+\n", err)


def test_questions_that_wait_are_counted_and_named(run: Run, suite: Path) -> None:
    gold = {"larch": {"clauses": {"larch/phones#7@2d9aedfdf074da26": 2}, "stance": ["required"]}}
    write_suite(suite, [{**CASES[2], "id": f"wait{n}", "gold": gold} for n in range(7)] + CASES, GATE)
    out = run(suite)[1]
    assert "7 cases not asked until somebody confirms where the clauses went: wait0, wait1, wait2, wait3, wait4, ...\n" in out
    assert json.loads(run(suite, "--json")[1])["waiting"] == [f"wait{n}" for n in range(7)]


def test_a_suite_all_of_which_waits_can_be_shown(run: Run, suite: Path) -> None:
    gold = {"larch": {"clauses": {"larch/phones#7@2d9aedfdf074da26": 2}, "stance": ["required"]}}
    write_suite(suite, [{**CASES[2], "gold": gold}], GATE)
    code, out, err = run(suite)
    assert (code, err) == (1, "")  # nothing was measured, so the floor is not held
    assert "0 cases, 0 answers" in out


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("threshold", "found 'threshold'; expected name=value with a name of: model, reranker, quotes, "),
        ("treshold=1", "found 'treshold=1'; expected name=value"),
        ("port=8000", "found 'port=8000'; expected name=value"),
        ("threshold=2", "threshold: found '2'; expected a number from 0 to 1"),
        ("threshold=nan", "threshold: found 'nan'; expected a number from 0 to 1"),
        ("quotes=0", "quotes: found '0'; expected a whole number from 1 to 100"),
        ("quotes=2.5", "quotes: found '2.5'; expected a whole number"),
        ("", "found ''; expected name=value"),
    ],
)
def test_a_setting_that_is_none_is_refused(setting: str, told: str, refuse: Callable[..., str], suite: Path) -> None:
    assert refuse(suite, "--set", setting).startswith(told)


def test_what_is_no_suite_is_refused(refuse: Callable[..., str], suite: Path, tmp_path: Path) -> None:
    assert "found no such file; expected a suite" in refuse(tmp_path / "nowhere")
    assert "found no such file; expected a suite" in refuse("check", tmp_path / "nowhere")
    write(suite, {"cases.jsonl": "\n{"})
    assert refuse(suite).startswith(f"{suite / 'cases.jsonl'}, line 2: ")
    write(suite, {"cases.jsonl": "", "gate.toml": "floor = 1"})
    assert "holds no cases" in refuse(suite)


def test_a_bad_gate_is_refused(refuse: Callable[..., str], suite: Path) -> None:
    write(suite, {"gate.toml": "[floors]\nhit = 1\n"})
    for action in ("run", "check"):
        assert refuse(action, suite).startswith(f"{suite / 'gate.toml'}: found no measure 'hit'")


@pytest.mark.parametrize("argv", [[], ["run"], ["rum", "x", "y"], ["diff", "x"], ["report"], ["run", "x", "--mises"]])
def test_what_the_command_does_not_take_points_to_help(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", *argv]) == 2
    assert re.fullmatch(r"clausewise: [^\n]+--help\n", capsys.readouterr().err)


def test_help_names_every_action(capsys: pytest.CaptureFixture[str]) -> None:
    from clausewise.cli_eval import ACTIONS

    with pytest.raises(SystemExit) as ended:
        main(["eval", "--help"])
    assert ended.value.code == 0
    assert re.findall(r"^    (\w+)  ", capsys.readouterr().out, re.M) == [*ACTIONS]


# reports


def test_a_report_in_every_form(run: Run, suite: Path, tmp_path: Path) -> None:
    paths = [tmp_path / "out" / "deep" / f"report.{form}" for form in FORMS]
    options = [word for path in paths for word in ("--report", path)]
    code, out, err = run(suite, *options)
    assert (code, err) == (0, "")
    texts = {path.suffix: path.read_text("utf-8") for path in paths}
    assert json.loads(texts[".json"])["suite"] == "phones"
    assert texts[".html"].lstrip().lower().startswith("<!doctype html>")
    assert texts[".xml"].startswith("<?xml")
    assert all("larch/phones#1.2" in texts[form] for form in (".json", ".html"))
    assert out.startswith("phones, run ")


def test_a_report_is_written_even_if_the_gate_fails(run: Run, suite: Path, tmp_path: Path) -> None:
    code, _, _ = run(suite, "--set", HARM, "--save", "--report", tmp_path / "R.JSON")
    assert code == 1
    assert json.loads((tmp_path / "R.JSON").read_text("utf-8"))["gate"]["passed"] is False


@pytest.mark.parametrize("name", ["report.pdf", "report", ".json"])
def test_a_report_of_another_form_is_refused_before_anything_is_asked(name: str, refuse: Callable[..., str], suite: Path) -> None:
    assert f"found '{name}', expected a name that ends in .json, .html, .md, .xml" in refuse(suite, "--report", name)
    assert saved(suite) == []


def test_a_report_that_cannot_be_written_is_one_line(refuse: Callable[..., str], suite: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    (tmp_path / "folder.json").mkdir()
    told = refuse(suite, "--report", tmp_path / "taken" / "report.json")
    assert told.startswith(f"{tmp_path / 'taken' / 'report.json'}: cannot be written (")
    assert told.endswith("; name another file with --report")
    assert "cannot be written (Is a directory)" in refuse(suite, "--report", tmp_path / "folder.json")
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_saved_run_is_shown_again_without_asking(run: Run, suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run(suite)[1]
    harmed = run(suite, "--set", HARM, "--save")
    (one,) = [name for name in saved(suite) if name in shown]
    monkeypatch.setattr("clausewise.assistant.Assistant.ask", None)
    monkeypatch.setattr("clausewise.assistant.Assistant.rank", None)
    assert run("report", suite, one) == (0, shown, "")
    (other,) = [name for name in saved(suite) if name != one]
    assert run("report", suite, other[:6])[1] == harmed[1]
    assert run("report", suite, other)[0] == 1
    assert "    want larch/phones#2.1" in run("report", suite, other, "--misses")[1]
    assert (
        json.loads(run("report", suite, one, "--json")[1])["cases"][0]["answer"]["quotes"][0]["text"]
        == "Pupils may carry a phone on a residential trip."
    )


def test_a_run_that_is_not_saved_cannot_be_shown(refuse: Callable[..., str], run: Run, suite: Path) -> None:
    assert "found no saved run; make one with: clausewise eval" in refuse("report", suite)
    assert "found no saved run" in refuse("baseline", suite)
    run(suite)
    assert "zzz: found no saved runs of that id" in refuse("report", suite, "zzz")
    assert "zzz: found no saved runs of that id" in refuse("baseline", suite, "zzz")


def test_a_trial_of_a_setting_is_not_kept_unless_asked_for(run: Run, suite: Path) -> None:
    run(suite, "--set", HARM)
    assert saved(suite) == []
    run(suite, "--set", HARM, "--save")
    assert len(saved(suite)) == 1


def test_runs_of_no_suite_are_not_listed(refuse: Callable[..., str], tmp_path: Path) -> None:
    assert "found no such file; expected a suite" in refuse("runs", tmp_path / "nowhere")


def test_saved_runs_are_listed(run: Run, suite: Path) -> None:
    assert run("runs", suite) == (0, "", "")
    run(suite)
    run(suite, "--set", HARM, "--save")
    code, out, err = run("runs", suite)
    assert (code, err) == (0, "")
    lines = dict(line.split("  ", 1) for line in out.splitlines())
    assert sorted(lines) == saved(suite)
    assert sorted(re.findall(r"overall ([\d.]+)  hit@1 ([\d.]+)  ", out)) == [("0.3333", "0.0"), ("1.0", "1.0")]


# check


def test_a_clean_suite_passes_its_check(run: Run, suite: Path) -> None:
    assert run("check", suite) == (0, "phones: 5 cases, 0 faults, 0 to look at\n", "")


def test_faults_of_a_suite_are_named_and_fail_its_check(run: Run, suite: Path) -> None:
    twice = {**CASES[3], "id": "again"}
    lost = {**CASES[4], "id": "lost", "question": "Horses?", "gold": {"larch": {"clauses": {"larch/dogs#9": 1}, "stance": ["silent"]}}}
    write_suite(suite, [*CASES, twice, lost])
    code, out, err = run("check", suite)
    assert (code, err) == (1, "")
    place = suite / "cases.jsonl"
    assert out.splitlines() == [
        f"fault  {place}, line 6  again: asks what pool asks",
        f"fault  {place}, line 7  lost: gold of larch: larch/dogs#9 is not in the index",
        "phones: 7 cases, 2 faults, 0 to look at",
    ]


# diff


def test_any_two_runs_are_compared(run: Run, suite: Path, tmp_path: Path) -> None:
    run(suite)
    (one,) = saved(suite)
    run(suite, "--set", HARM, "--save")
    (other,) = [name for name in saved(suite) if name != one]
    args = ("diff", suite / "runs" / one, suite / "runs" / other)
    code, out, err = run(*args)
    assert (code, err) == (0, "")  # the gate of neither suite is asked
    assert f"against run {one}, on 6 answers to the same cases: 4 worse, 0 better, 0 otherwise" in out
    assert "4 better" in run("diff", *args[:0:-1])[1]
    report = json.loads(run(*args, "--json", "--report", tmp_path / "diff.json")[1])
    assert json.loads((tmp_path / "diff.json").read_text("utf-8")) == report
    assert [flip["case"] for flip in report["baseline"]["flips"]] == ["trip", "watch", "locker", "dog"]


def test_a_run_that_is_damaged_is_refused(refuse: Callable[..., str], run: Run, suite: Path, tmp_path: Path) -> None:
    run(suite)
    (one,) = saved(suite)
    folder = suite / "runs" / one
    assert refuse("diff", folder, tmp_path / "nowhere").startswith(f"{tmp_path / 'nowhere'}: found no run.json")
    (folder / "rows.jsonl").write_text("{}\n")
    for argv in (("diff", folder, folder), ("report", suite), ("replay", folder)):
        assert refuse(*argv).startswith(f"{folder}: is damaged (")


def test_a_damaged_run_is_named_among_the_others(run: Run, suite: Path) -> None:
    run(suite)
    run(suite, "--set", "quotes=1", "--save")
    one, other = saved(suite)
    (suite / "runs" / one / "rows.jsonl").write_text("{}\n")
    code, out, err = run("runs", suite)
    assert (code, [line.split()[0] for line in out.splitlines()]) == (0, [other])
    assert err.startswith(f"clausewise: {suite / 'runs' / one}: is damaged (")


# replay


def test_a_run_is_replayed_after_the_policies_have_changed(run: Run, suite: Path, index: Path) -> None:
    run(suite)
    (name,) = saved(suite)
    folder = suite / "runs" / name
    write_index(index, {**CORPUS, "larch/phones.md": LARCH_PHONES.replace("may carry", "never carry")})
    assert run("replay", folder) == (0, f"run {name}: 6 answers produced again, 0 differ\n", "")
    code, out, err = run("replay", folder, "trip")
    assert (code, err) == (0, "")
    assert out.startswith(f"run {name}: 2 answers produced again, 0 differ\n\nlarch: {CASES[0]['question']}\n  permitted\n")
    assert "“Pupils may carry a phone on a residential trip.”\n    larch/phones#1.2\n" in out


def test_answers_that_come_out_otherwise_fail_a_replay(run: Run, suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(suite)
    (name,) = saved(suite)
    monkeypatch.setattr("clausewise.answering.threshold", lambda: 1.0)
    code, out, _ = run("replay", suite / "runs" / name)
    assert code == 1
    assert out.startswith(f"run {name}: 6 answers produced again, 4 differ\n  worse   trip [larch] ")


def test_what_cannot_be_replayed_is_one_line(refuse: Callable[..., str], run: Run, suite: Path, index: Path) -> None:
    run(suite)
    (name,) = saved(suite)
    assert "found no case 'nothing'; expected one such as trip" in refuse("replay", suite / "runs" / name, "nothing")
    (kept,) = snapshots_of(index)
    kept.rename(kept.with_name("elsewhere"))
    assert refuse("replay", suite / "runs" / name).startswith(f"found no snapshot {kept.name} beside {index}; ")


# anchor


def test_a_policy_that_is_issued_anew_is_followed_and_the_baseline_moves_on(
    run: Run, refuse: Callable[..., str], suite: Path, index: Path
) -> None:
    run(suite)
    run("baseline", suite)
    (first,) = saved(suite)
    anew = LARCH_PHONES.replace("2.1 Staff", "2.2 Staff").replace("may carry a phone", "may carry one phone")
    write_index(index, {**CORPUS, "larch/phones.md": anew})
    assert "locker names larch/phones#2.1, which the index does not hold" in refuse(suite)
    code, out, _ = run("anchor", suite, "--write")
    assert (code, "1 moved" in out, "1 reworded" in out) == (1, True, True)
    code, out, _ = run(suite)
    assert (code, "1 case not asked until somebody confirms where the clauses went: trip\n" in out) == (0, True)
    assert run("anchor", suite, "--confirm", "larch/phones#1.2")[0] == 0
    assert run("check", suite)[0] == 0
    code, out, _ = run(suite)
    assert (code, "Gate passed" in out) == (0, True)
    (last,) = [name for name in saved(suite) if f"run {name}:" in out]
    assert run("baseline", suite, last)[0] == 0
    code, out, _ = run(suite)
    assert (code, "on 6 answers to the same cases: 0 worse, 0 better, 0 otherwise" in out) == (0, True)
    assert first != last


def test_a_clause_that_was_reworded_under_its_number_stops_gate_and_baseline(
    run: Run, refuse: Callable[..., str], suite: Path, index: Path
) -> None:
    run(suite)
    run("baseline", suite)
    write_index(index, {**CORPUS, "larch/phones.md": LARCH_PHONES.replace("in a locker", "in a drawer")})
    code, out, _ = run(suite)
    assert code == 1
    assert "not met: Gold clauses reworded, found 1, wanted 0" in out
    (new,) = [name for name in saved(suite) if f"run {name}:" in out]
    assert "found larch/phones#2.1 saying something else than in the baseline" in refuse("baseline", suite, new)
    assert "look   " in run("check", suite)[1]
    (old,) = [folder for folder in snapshots_of(index) if folder.name in runs.load(suite / "baseline").made_by["index"]]
    write(old.with_name("0123456789abcdef"), {"manifest.json": "{"})  # a snapshot that is damaged stops nobody
    assert run("anchor", suite, "--confirm", "larch/phones#2.1")[0] == 0
    assert run("check", suite)[1] == "phones: 5 cases, 0 faults, 0 to look at\n"
    code, out, _ = run(suite)
    assert code == 0
    (last,) = [name for name in saved(suite) if f"run {name}:" in out]
    assert run("baseline", suite, last)[0] == 0
    assert run(suite)[0] == 0


# held back

SECRET = [
    {**row, "id": f"zq{n}", "question": row["question"]}
    for n, row in enumerate([*CASES, {**CASES[2], "question": "Where may the lost lockers be, and who keeps them?"}])
]
WAITING = {
    **CASES[2],
    "id": "zq9",
    "question": "Who waits?",
    "gold": {"larch": {"clauses": {"larch/phones#7@2d9aedfdf074da26": 2}, "stance": ["required"]}},
}


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A held-back suite with a baseline of other answers, a case that waits, and one that came in since."""
    return write_suite(tmp_path / "locked", SECRET[:5], f"held_back = true\n{GATE}")


def leaks(text: str) -> list[str]:
    """What of the suite's cases stands in `text`: ids, questions, clauses of the gold."""
    clauses = {clause for row in (*SECRET, WAITING) for gold in row["gold"].values() for clause in gold["clauses"]}
    words = [*(row["id"] for row in (*SECRET, WAITING)), *(row["question"] for row in (*SECRET, WAITING)), *clauses]
    escaped = {json.dumps(word)[1:-1] for word in words}
    return sorted(word for word in {*words, *escaped} if word in text)


def test_nothing_that_names_a_case_of_a_held_back_suite_is_shown(run: Run, locked: Path, tmp_path: Path, index: Path) -> None:
    outputs: list[tuple[int, str, str]] = [run(locked)]
    (first,) = saved(locked)
    outputs.append(run("baseline", locked))
    write_suite(locked, [*SECRET, WAITING], f"held_back = true\n{GATE}")
    paths = [tmp_path / "out" / f"report.{form}" for form in FORMS]
    options = [word for path in paths for word in ("--report", path)]
    outputs += [run(locked, "--set", HARM, "--save", *options), run(locked, "--set", HARM, "--json")]
    (second,) = [name for name in saved(locked) if name != first]
    one, two = (locked / "runs" / name for name in (first, second))
    outputs += [run("report", locked), run("report", locked, first, "--json"), run("runs", locked), run("check", locked)]
    outputs += [run("diff", locked / "baseline", two), run("diff", one, two, "--json"), run("replay", one)]
    assert [code for code, _, _ in outputs] == [0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    texts = [text for _, out, err in outputs for text in (out, err)] + [path.read_text("utf-8") for path in paths]
    assert [leaks(text) for text in texts] == [[] for _ in texts]
    assert leaks((two / "rows.jsonl").read_text("utf-8"))  # what is looked for is there to be found
    report = json.loads(outputs[3][1])
    assert (report["held_back"], report["waiting"], report["baseline"]["turned"]["worse"]) == (True, ["held back"], 4)
    assert "1 case not asked until somebody confirms where the clauses went\n" in outputs[2][1]
    assert "4 worse, 0 better" in outputs[8][1]


def test_a_replay_that_differs_counts_and_names_no_case(run: Run, locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(locked)
    (name,) = saved(locked)
    monkeypatch.setattr("clausewise.answering.threshold", lambda: 1.0)
    code, out, err = run("replay", locked / "runs" / name)
    assert (code, err, leaks(out)) == (1, "", [])
    assert out.startswith(f"run {name}: 6 answers produced again, 4 differ\n")


def test_a_run_is_known_as_held_back_from_wherever_it_is_named(run: Run, locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(locked)
    (name,) = saved(locked)
    monkeypatch.chdir(locked / "runs")
    assert leaks("".join(map(str, run("diff", name, name, "--json")))) == []
    monkeypatch.chdir(locked / "runs" / name)
    assert leaks("".join(map(str, run("diff", ".", ".", "--json")))) == []


def test_what_would_name_a_case_is_refused_before_anything_is_asked(
    refuse: Callable[..., str], run: Run, locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(locked)
    (name,) = saved(locked)
    monkeypatch.setattr("clausewise.assistant.Assistant.rank", None)
    for argv in ((locked, "--misses"), ("report", locked, "--misses")):
        assert refuse(*argv) == f"{locked}: is held back (its gate.toml says so), so its misses are not shown; leave out --misses"
    assert refuse("replay", locked / "runs" / name, "zq0").startswith(f"{locked / 'runs' / name}: is of a suite that is held back")


def test_faults_of_a_held_back_suite_are_counted(run: Run, locked: Path) -> None:
    write_suite(locked, [*SECRET[:5], {**SECRET[3], "id": "zq8"}], "held_back = true\n")
    assert run("check", locked) == (1, "locked: 6 cases, 1 fault, 0 to look at\n", "")


def test_a_row_of_the_report_is_what_the_case_asks(run: Run, suite: Path) -> None:
    case: dict[str, Any] = json.loads(run(suite, "--json")[1])["cases"][0]
    assert (case["case"], case["school"], case["question"], case["asked"], case["kind"]) == (
        "trip",
        "larch",
        CASES[0]["question"],
        None,
        "all_schools",
    )
    assert case["gold"]["clauses"][0] == {
        "clause": "larch/phones#1.2",
        "text": "Pupils may carry a phone on a residential trip.",
        "grade": 2,
    }
    assert case["answer"]["quotes"][0]["grade"] == 2
