"""A run depends on nothing but its inputs, holds no words of a policy, and comes back from its files as it was."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import LARCH_PHONES, ROOT
from made import CASES, CORPUS, case_row, gold_row, opened, run_of, scored, write_index, write_suite

from clausewise import __version__
from clausewise.assistant import Assistant
from clausewise.errors import BadRun, BadSuite, QuoteMismatch
from clausewise.evaluation.cases import load_suite
from clausewise.evaluation.measures import measures
from clausewise.evaluation.runs import Place, Row, Run, _digest, ask_all, code_digest, load, save, saved_runs, text_digest
from clausewise.settings import Settings


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("indexes") / "small")


@pytest.fixture
def assistant(index: Path) -> Assistant:
    return opened(index)


@pytest.fixture
def run(assistant: Assistant, tmp_path: Path) -> Run:
    return ask_all(load_suite(write_suite(tmp_path / "suite")), assistant)


def ask(rows: list[dict[str, Any]], assistant: Assistant, folder: Path) -> Run:
    return ask_all(load_suite(write_suite(folder, rows)), assistant)


# what is asked and kept


def test_a_row_for_each_case_and_school_in_the_suite_s_order(run: Run) -> None:
    assert [row.key for row in run.rows] == [
        ("trip", "larch"),
        ("trip", "maple"),
        ("watch", "maple"),
        ("locker", "larch"),
        ("pool", "maple"),
        ("dog", "larch"),
    ]
    assert [row.right for row in run.rows] == [True] * 6
    assert [(row.status, row.stance) for row in run.rows] == [
        ("answered", "permitted"),
        ("not_covered", None),
        ("answered", None),
        ("answered", "required"),
        ("not_covered", None),
        ("answered", "conditional"),
    ]
    assert (run.suite, run.waiting, list(run.seconds or {})) == ("suite", (), ["trip", "watch", "locker", "pool", "dog"])


def test_an_answer_of_a_school_that_was_not_asked_is_another_school_s(assistant: Assistant, tmp_path: Path) -> None:
    """A follow-up that was taken to be about all schools, say: each quote of the other school stands under a wrong name."""
    asked = {**CASES[2], "history": ["Do smart watches count as phones?"]}
    (fine,) = ask([asked], assistant, tmp_path / "fine").rows
    assert (fine.school, fine.scores["wrong_school"]) == ("larch", (0.0, None))
    both = assistant.rank(asked["question"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assistant, "rank", lambda *_: both)
        (row,) = ask([asked], assistant, tmp_path / "strayed").rows
    strange = row.scores["quotes"][0] - fine.scores["quotes"][0]
    assert strange > 0
    assert (row.scores["wrong_school"], row.scores["verbatim"]) == ((strange, None), row.scores["quotes"])
    assert row.quotes == fine.quotes


def test_answers_that_an_all_schools_case_has_no_gold_of_are_verified_too(assistant: Assistant, tmp_path: Path) -> None:
    two, one = ask([CASES[0]], assistant, tmp_path / "two"), {**CASES[0], "gold": {"larch": CASES[0]["gold"]["larch"]}}
    (row,) = ask([one], assistant, tmp_path / "one").rows
    assert row.scores["quotes"] == (sum(other.scores["quotes"][0] for other in two.rows), None)
    assert (row.scores["wrong_school"], row.scores["verbatim"]) == ((0.0, None), row.scores["quotes"])


def test_what_a_row_says_of_an_answer(run: Run, assistant: Assistant) -> None:
    row = run.rows[0]
    words = "Pupils may carry a phone on a residential trip."
    assert row.quotes == (Place("larch/phones#1.2", 101, 148, _digest(words)),)
    assert assistant.index.document["larch/phones"].text[101:148] == words
    assert (row.asked, row.history, row.question, row.standalone_question) == (None, (), CASES[0]["question"], CASES[0]["question"])
    assert row.ranking[0] == "larch/phones#1.2"
    assert sorted(row.ranking) == ["larch/dogs#preamble/1", "larch/phones#1.1", "larch/phones#1.2", "larch/phones#2.1"]
    assert row.gold_texts == {clause: text_digest(clause, assistant.index) for clause in ("larch/phones#1.2", "larch/phones#1.1")}
    assert (row.scores["hit@1"], row.scores["wrong_school"], row.scores["quotes"]) == ((1.0, 1.0), (0.0, None), (1.0, None))
    silent = run.rows[1]
    assert (silent.reason, silent.quotes, [place.clause for place in silent.closest]) == (
        "too_weak",
        (),
        ["maple/phones#1.1", "maple/phones#1.2"],
    )
    assert silent.sure < 0.5 < row.sure
    assert run.rows[2].tags == ("watch",)


def test_what_made_a_run(run: Run, assistant: Assistant) -> None:
    manifest = assistant.index.manifest
    assert {name: run.made_by[name] for name in ("suite", "index", "documents", "model", "model_digest", "version", "code")} == {
        "suite": "suite",
        "index": manifest["checksum"],
        "documents": manifest["documents"],
        "model": "words",
        "model_digest": manifest["model_digest"],
        "version": __version__,
        "code": code_digest(),
    }
    assert run.made_by["settings"]["threshold"] is None
    assert not run.made_by["settings"].keys() & {"host", "port", "data", "milvus"}  # no answer depends on them
    assert run.made is not None
    assert run.made.endswith("Z")


def test_a_follow_up_is_asked_with_its_history(assistant: Assistant, tmp_path: Path) -> None:
    gold = {"larch": gold_row({"larch/phones#1.2": 2}, "permitted")}
    run = ask([case_row("q", "and on a residential trip?", "larch", gold, history=["May pupils carry a phone?"])], assistant, tmp_path)
    assert run.rows[0].history == ("May pupils carry a phone?",)
    assert "carry a phone" in run.rows[0].standalone_question
    assert run.rows[0].right


def test_a_school_that_gets_no_answer_is_a_row_of_noughts(assistant: Assistant, tmp_path: Path) -> None:
    gold = {"larch": gold_row({"larch/phones#2.1": 2}, "required"), "maple": gold_row({})}
    run = ask([case_row("q", "Where do staff keep their phones during lessons?", "larch", gold)], assistant, tmp_path)
    assert [(row.status, row.right, row.sure) for row in run.rows][1] == (None, False, 0.0)


def test_cases_that_wait_are_named_and_not_asked(assistant: Assistant, tmp_path: Path) -> None:
    waits = case_row(
        "old", "Are smart watches allowed?", "maple", {"maple": gold_row({"maple/phones#9.9@2d9aedfdf074da26": 2}, "required")}
    )
    run = ask([waits, *CASES[1:3]], assistant, tmp_path)
    assert (run.waiting, [row.case for row in run.rows]) == (("old",), ["watch", "locker"])
    assert "old" not in (run.seconds or {})
    only = ask([waits], assistant, tmp_path / "only")
    assert (only.waiting, only.rows) == (("old",), ())


def test_progress_counts_the_cases_that_are_asked(assistant: Assistant, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    ask_all(load_suite(write_suite(tmp_path, CASES[:2])), assistant, lambda done, of: seen.append((done, of)))
    assert seen == [(1, 2), (2, 2)]


def test_a_reply_that_is_withheld_counts_against_verbatim(assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reply = assistant.reply

    def withheld(question: str, ranked: Any) -> Any:
        if question == CASES[0]["question"]:
            raise QuoteMismatch("a quote is not what its policy says")
        return reply(question, ranked)

    monkeypatch.setattr(assistant, "reply", withheld)
    run = ask(CASES, assistant, tmp_path)
    found = measures(run)
    assert isinstance(found["quotes"], int)
    assert found["verbatim"] == found["quotes"] - 2  # the case has two schools
    assert [row.right for row in run.rows] == [False, False, True, True, True, True]
    assert [(row.status, row.quotes, row.sure) for row in run.rows[:2]] == [(None, (), 0.0)] * 2
    assert run.rows[0].ranking[0] == "larch/phones#1.2"


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (case_row("q", "Dogs?", "larch", {"larch": gold_row({"larch/phones#1.1": 2, "larch/phones#9": 1}, "required")}), "larch/phones#9"),
        (
            case_row("q", "Dogs?", "larch", {"larch": gold_row({"larch/phones#1.1": 2}, "required", beside=["larch/cats#1"])}),
            "larch/cats#1",
        ),
        (case_row("q", "Dogs?", "oak", {"larch": gold_row({})}), "oak"),
        (case_row("q", "Dogs?", None, {"larch": gold_row({}), "oak": gold_row({})}), "oak"),
    ],
)
def test_what_the_index_does_not_hold_is_named_before_anything_is_asked(
    row: dict[str, Any], named: str, assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "rank", None)
    with pytest.raises(BadSuite) as raised:
        ask([CASES[3], row], assistant, tmp_path / "suite")
    assert str(raised.value).startswith(f"{tmp_path / 'suite' / 'cases.jsonl'}, line 2: q names {named}, which the index does not hold; ")
    assert "clausewise eval " in str(raised.value)
    assert "\n" not in str(raised.value)


# the same matter


def matters(folder: Path, files: dict[str, str], *rows: dict[str, Any]) -> list[str]:
    return [row.matter for row in ask(list(rows), opened(write_index(folder / "index", files)), folder / "suite").rows]


def locker(**more: Any) -> dict[str, Any]:
    return {**CASES[2], **more}


def test_a_case_is_the_same_whatever_number_its_clause_bears(tmp_path: Path) -> None:
    (old,) = matters(tmp_path / "old", CORPUS, locker())
    renumbered = {**CORPUS, "larch/phones.md": LARCH_PHONES.replace("2.1 Staff keep", "2.7 Staff  keep")}
    gold = {"larch": gold_row({"larch/phones#2.7": 2}, "required")}
    assert matters(tmp_path / "new", renumbered, locker(gold=gold, id="other", kind="any", tags=["x"], origin="y")) == [old]


def test_a_case_is_another_once_its_question_or_its_clause_says_something_else(tmp_path: Path) -> None:
    gold = gold_row({"larch/phones#2.1": 2}, "required")
    others = [
        locker(),
        locker(id="a", question="Where do staff keep phones?"),
        locker(id="b", school=None),
        locker(id="c", history=["Phones?"]),
        locker(id="d", gold={"larch": {**gold, "stance": ["advised"]}}),
        locker(id="e", gold={"larch": {**gold, "clauses": {"larch/phones#2.1": 2, "larch/phones#1.1": 1}}}),
        locker(id="f", gold={"larch": {**gold, "beside": ["larch/phones#1.1"]}}),
    ]
    found = matters(tmp_path / "old", CORPUS, *others)
    reworded = {**CORPUS, "larch/phones.md": LARCH_PHONES.replace("in a locker", "in a drawer")}
    assert len({*found, *matters(tmp_path / "new", reworded, locker())}) == 8


def test_a_clause_s_digest_is_of_its_words_and_its_lead_ins(make_index: Callable[..., Any]) -> None:
    text = "# Pets Policy\n\n1.1 All staff must:\n\n- feed the  fish\n\n2.1 Visitors may:\n\n- feed the fish\n"
    other = text.replace("feed the  fish", "feed\n  the fish")
    index = make_index({"oak/pets.md": text, "elm/pets.md": other})
    assert text_digest("oak/pets#1.1/1", index) == text_digest("elm/pets#1.1/1", index)
    assert text_digest("oak/pets#1.1/1", index) != text_digest("oak/pets#2.1/1", index)
    assert text_digest("oak/pets#1.1/1", index) == hashlib.sha256(b"All staff must: feed the fish").hexdigest()[:16]


# the same inputs, the same run


def files_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("run.json", "rows.jsonl")}


def test_the_same_inputs_give_the_same_id_and_the_same_bytes(run: Run, index: Path, tmp_path: Path) -> None:
    again = ask_all(load_suite(tmp_path / "suite"), opened(index))
    save(run, tmp_path / "one")
    save(again, tmp_path / "two")
    assert again.id == run.id
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_what_bears_on_answers_gives_another_id(run: Run, index: Path, tmp_path: Path) -> None:
    suite = load_suite(tmp_path / "suite")
    others = [
        ask_all(suite, opened(index, Settings(closest=1))),
        ask_all(suite, opened(index, Settings(threshold=0.999999))),
        ask_all(replace(suite, cases=suite.cases[:4]), opened(index)),
        ask_all(suite, opened(write_index(tmp_path / "index", {**CORPUS, "maple/dogs.md": "# Dogs Policy\n\n1.1 Dogs stay out.\n"}))),
    ]
    assert len({run.id, *(other.id for other in others)}) == 5
    assert ask_all(suite, opened(index, Settings(host="0.0.0.0", port=1, data="elsewhere"))).id == run.id


def test_timings_do_not_enter_the_id(run: Run, tmp_path: Path) -> None:
    save(run, tmp_path / "one")
    save(replace(run, made="2000-01-01T00:00:00Z", seconds={"trip": 9.0}), tmp_path / "two")
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    assert (load(tmp_path / "one").id, load(tmp_path / "two").id) == (run.id, run.id)
    assert load(tmp_path / "two").seconds == {"trip": 9.0}


def test_two_hash_seeds_give_the_same_run(index: Path, tmp_path: Path) -> None:
    write_suite(tmp_path / "suite")
    code = f"""
import sys
sys.path.insert(0, {str(ROOT / "tests")!r})
from pathlib import Path
from made import opened
from clausewise.evaluation.cases import load_suite
from clausewise.evaluation.runs import ask_all, save
save(ask_all(load_suite(Path(sys.argv[1])), opened(Path(sys.argv[2]))), Path(sys.argv[3]))
"""
    for seed in ("1", "77"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": seed}
        paths = [str(tmp_path / "suite"), str(index), str(tmp_path / seed)]
        subprocess.run([sys.executable, "-c", code, *paths], env=environment, capture_output=True, check=True)
    assert files_of(tmp_path / "1") == files_of(tmp_path / "77")


# files


def test_a_run_comes_back_as_it_was(run: Run, tmp_path: Path) -> None:
    save(run, tmp_path / "saved")
    assert load(tmp_path / "saved") == run
    assert sorted(path.name for path in (tmp_path / "saved").iterdir()) == ["rows.jsonl", "run.json", "timings.json"]
    save(load(tmp_path / "saved"), tmp_path / "again")
    assert files_of(tmp_path / "again") == files_of(tmp_path / "saved")


def test_every_field_comes_back(tmp_path: Path) -> None:
    from clausewise.evaluation.cases import Gold
    from clausewise.types import Span

    gold = Gold({"a": 2, "b\u2028": 1}, ("required",), ("c",), {"a": (Span(0, 3), Span(5, 9))})
    odd = replace(
        scored("é\u2028\x85", MRR=(1 / 3, 1.0), verbatim=(0.0, None)),
        gold=gold,
        status=None,
        history=("x", "y"),
        asked=None,
    )
    run = run_of([odd, scored("b")], waiting=["w"])
    save(run, tmp_path)
    assert load(tmp_path) == run


def test_a_run_kept_without_its_timings_has_none(run: Run, tmp_path: Path) -> None:
    save(run, tmp_path / "saved", timings=False)
    assert load(tmp_path / "saved") == replace(run, made=None, seconds=None)


def test_no_words_of_a_policy_are_kept(run: Run, assistant: Assistant, tmp_path: Path) -> None:
    save(run, tmp_path / "saved")
    kept = b"".join(path.read_bytes() for path in (tmp_path / "saved").iterdir()).lower()
    index = assistant.index
    bodies = {clause.body.of(index.document[clause.document].text).lower() for clause in index.clauses if clause.answers}
    assert len(bodies) == 5
    asked = " ".join(row.question for row in run.rows).lower()
    for body in bodies:
        words = body.rstrip(".").split()
        for start in range(len(words) - 3):
            some = " ".join(words[start : start + 4])
            assert some in asked or some.encode() not in kept


def hurt_row(text: str) -> str:
    rows = [json.loads(line) for line in text.splitlines()]
    rows[0]["scores"]["overall"] = [0.0, 1.0]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


HURTS: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "no head": ("run.json", lambda _: None),
    "no rows": ("rows.jsonl", lambda _: None),
    "an empty head": ("run.json", lambda _: ""),
    "a head that is a list": ("run.json", lambda _: "[]"),
    "a head without its parts": ("run.json", lambda _: "{}"),
    "another head": ("run.json", lambda text: text.replace('"words"', '"other"')),
    "half a row": ("rows.jsonl", lambda text: text[:-40]),
    "a row too few": ("rows.jsonl", lambda text: "".join(text.splitlines(keepends=True)[:-1])),
    "no row at all": ("rows.jsonl", lambda _: ""),
    "a row twice": ("rows.jsonl", lambda text: text + text.splitlines(keepends=True)[-1]),
    "a row that was mended": ("rows.jsonl", hurt_row),
    "a row of something else": ("rows.jsonl", lambda text: text + "{}\n"),
    "timings that are none": ("timings.json", lambda _: "{"),
    "timings in a list": ("timings.json", lambda _: "[]"),
}


@pytest.mark.parametrize(("name", "hurt"), HURTS.values(), ids=HURTS)
def test_a_run_that_is_damaged_is_one_line(name: str, hurt: Callable[[str], str | None], run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    save(run, folder)
    text = hurt((folder / name).read_text("utf-8"))
    if text is None:
        (folder / name).unlink()
    else:
        assert text != (folder / name).read_text("utf-8")
        (folder / name).write_text(text, "utf-8")
    with pytest.raises(BadRun) as raised:
        load(folder)
    message = str(raised.value)
    assert "\n" not in message
    if text is None:
        assert message == f"{folder}: found no {name}; expected a run that `clausewise eval` saved"
    else:
        assert message.startswith(f"{folder}: is damaged (")
        assert message.endswith("); remove it and run the suite again")


def test_a_run_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadRun, match=r"nowhere: found no run\.json; expected a run"):
        load(tmp_path / "nowhere")


def test_saved_runs_are_listed_from_the_oldest(tmp_path: Path) -> None:
    one, two, three = (run_of([scored(name)]) for name in "abc")
    for run, made in ((one, "2026-11-21T12:00:00Z"), (two, "2026-11-20T12:00:00Z"), (three, "2026-11-22T12:00:00Z")):
        save(replace(run, made=made), tmp_path / "runs" / run.id)
    (tmp_path / "runs" / "half").mkdir()
    (tmp_path / "runs" / "half" / "rows.jsonl").write_text("")
    assert [path.name for path in saved_runs(tmp_path)] == [two.id, one.id, three.id]
    assert saved_runs(tmp_path / "nowhere") == []


def test_of_runs_of_one_second_the_one_that_was_written_last_is_the_last(tmp_path: Path) -> None:
    made = [run_of([scored(name)]) for name in "abcdef"]
    for number, run in enumerate(made):
        save(run, tmp_path / "runs" / run.id)
        os.utime(tmp_path / "runs" / run.id / "run.json", ns=(number, number))
    assert [path.name for path in saved_runs(tmp_path)] == [run.id for run in made]


def test_a_row_is_right_by_its_measure_and_reads_as_its_words(run: Run) -> None:
    row: Row = run.rows[0]
    moved = replace(row, quotes=(replace(row.quotes[0], clause="larch/phones#9.9", start=7),))
    assert moved.answer == row.answer
    assert replace(row, quotes=(replace(row.quotes[0], words="0" * 16),)).answer != row.answer
    assert replace(row, stance="required").answer != row.answer
    assert not replace(row, scores={"overall": (0.0, 1.0)}).right
