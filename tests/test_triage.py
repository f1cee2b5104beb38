"""From a complaint to a case in one step: what each reason makes, what is refused, and that the case is then measured."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made import CASES, CORPUS, opened, stand_in, write_index, write_suite

from clausewise.assistant import Assistant
from clausewise.cli import main
from clausewise.errors import BadSuite
from clausewise.evaluation import triage as triaging
from clausewise.evaluation.cases import load_suite
from clausewise.evaluation.runs import ask_all
from clausewise.evaluation.triage import Wanted, case_of
from clausewise.index import load_texts
from clausewise.store import REASONS, Store

OLD = "# Watches Policy\n\nApproved: 1 March 2019\n\n1.1 Watches stay in bags.\n"
NEW = "# Watches Policy\n\nApproved: 1 March 2024\n\n1.1 Watches stay at home.\n"
FILES = {**CORPUS, "yew/watches-policy-2019.md": OLD, "yew/watches-policy.md": NEW}
HAND, TRIP, LOCKER, DOG = "larch/phones#1.1", "larch/phones#1.2", "larch/phones#2.1", "larch/dogs#preamble/1"
NEEDS = ("wrong_section", "should_have_answered", "wrong_school", "out_of_date")
QUESTION = "May pupils carry a phone on a residential trip?"
COMPLAINT: dict[str, Any] = {
    "reason": "wrong_section",
    "question": QUESTION,
    "school": "larch",
    "status": "answered",
    "stance": "prohibited",
    "quotes": ((HAND, 70, 130), (TRIP, 135, 180)),
}
SILENT: dict[str, Any] = {
    "reason": "should_have_answered",
    "question": "And on the bus?",
    "history": ("Are phones allowed?",),
    "schools": ("larch",),
    "school": "larch",
    "status": "not_covered",
    "closest": ((TRIP, 135, 180), (TRIP, 135, 150)),
}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("indexes") / "small", FILES)


@pytest.fixture(scope="module")
def assistant(index: Path) -> Assistant:
    return opened(index)


class Complained(Store):
    """Its complaints are about answers of this index, unless they name another."""

    def __init__(self, folder: Path, index: str) -> None:
        super().__init__(folder)
        self.index = index

    def add_feedback(self, **given: Any) -> int:
        return super().add_feedback(**{"index": self.index, **given})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: Path) -> Store:
    monkeypatch.setenv("CLAUSEWISE_DATA", str(tmp_path / "data"))
    return Complained(tmp_path / "data", load_texts(index).checksum)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return write_suite(tmp_path / "phones")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], index: Path, store: Store) -> Run:
    stand_in(monkeypatch)

    def ran(*argv: object) -> tuple[int, str, str]:
        code = main(["eval", "triage", *map(str, argv), "--index", str(index)])
        return code, *capsys.readouterr()

    return ran


@pytest.fixture
def refuse(run: Run, suite: Path, store: Store) -> Callable[..., str]:
    """Run what must be refused: one line, nothing written, no complaint closed; the line."""

    def refused(*argv: object) -> str:
        before = (suite / "cases.jsonl").read_bytes(), store.feedback(open_only=False)
        code, out, err = run(*argv)
        assert (code, out) == (2, "")
        assert re.fullmatch(r"clausewise: [^\n]+\n", err)
        assert ((suite / "cases.jsonl").read_bytes(), store.feedback(open_only=False)) == before
        return err.removeprefix("clausewise: ").rstrip("\n")

    return refused


def complaint(store: Store, **changes: Any) -> int:
    return store.add_feedback(**COMPLAINT | changes)


def last(suite: Path) -> dict[str, Any]:
    return dict(json.loads((suite / "cases.jsonl").read_text("utf-8").splitlines()[-1]))


# what each reason makes


def test_what_should_have_been_silent(run: Run, store: Store, suite: Path) -> None:
    complaint(store, reason="should_be_silent", comment="no rule at all")
    assert run(1, suite) == (0, f"{suite}: case feedback-1 of larch is added, and complaint 1 is closed\n", "")
    assert last(suite) == {
        "id": "feedback-1",
        "kind": "unanswerable",
        "question": QUESTION,
        "school": "larch",
        "history": [],
        "gold": {"larch": {"clauses": {}, "stance": ["silent"]}},
        "tags": ["feedback", "should_be_silent"],
        "origin": "feedback 1",
    }
    closed = store.feedback_by_id(1)
    assert (closed.closed, closed.case) == (True, "phones/feedback-1")


@pytest.mark.parametrize("reason", NEEDS)
def test_what_needs_the_clause_that_answers(reason: str, run: Run, refuse: Callable[..., str], store: Store, suite: Path) -> None:
    complaint(store, reason=reason)
    assert refuse(1, suite) == (
        f"complaint 1 ({reason}): found no clause that answers; expected --clause CLAUSE; shown were: {HAND}, {TRIP}; "
        "or drop it with: clausewise eval triage 1 --close"
    )
    assert run(1, suite, "--clause", TRIP, "--clause", LOCKER, "--clause", TRIP, "--stance", "permitted", "--tag", "trip")[0] == 0
    made = last(suite)
    assert made["gold"] == {"larch": {"clauses": {TRIP: 2, LOCKER: 2}, "stance": ["permitted"]}}
    assert (made["kind"], made["tags"]) == ("single", ["feedback", reason, "trip"])


def test_a_silence_that_should_have_been_an_answer(run: Run, refuse: Callable[..., str], store: Store, suite: Path) -> None:
    store.add_feedback(**SILENT)
    assert f"shown were: {TRIP}; or drop it" in refuse(1, suite)
    assert "found no stance for larch/phones#1.2" in refuse(1, suite, "--clause", TRIP)
    assert run(1, suite, "--clause", TRIP, "--stance", "conditional")[0] == 0
    made = last(suite)
    assert (made["kind"], made["question"], made["history"]) == ("followup", "And on the bus?", ["Are phones allowed?"])
    assert made["gold"] == {"larch": {"clauses": {TRIP: 2}, "stance": ["conditional"]}}


def test_what_is_incomplete_keeps_the_clause_that_was_quoted_first(run: Run, refuse: Callable[..., str], store: Store, suite: Path) -> None:
    complaint(store, reason="incomplete")
    assert "expected --beside CLAUSE (what is missing beside it) or --clause CLAUSE (all that answer)" in refuse(1, suite)
    assert run(1, suite, "--beside", LOCKER)[0] == 0
    assert last(suite)["gold"] == {"larch": {"clauses": {HAND: 2}, "stance": ["prohibited"], "beside": [LOCKER]}}


def test_what_is_incomplete_may_name_all_that_answer(run: Run, store: Store, suite: Path) -> None:
    complaint(store, reason="incomplete")
    assert run(1, suite, "--clause", HAND, "--clause", LOCKER)[0] == 0
    assert last(suite)["gold"] == {"larch": {"clauses": {HAND: 2, LOCKER: 2}, "stance": ["prohibited"]}}


def test_the_clause_names_the_school(run: Run, store: Store, suite: Path) -> None:
    complaint(store, reason="wrong_school")
    assert run(1, suite, "--clause", "maple/phones#1.1", "--stance", "required")[1].startswith(
        f"{suite}: case feedback-1 of maple is added"
    )
    made = last(suite)
    assert (made["school"], list(made["gold"])) == ("maple", ["maple"])


def test_silence_may_be_said_of_any_complaint(run: Run, store: Store, suite: Path) -> None:
    complaint(store)
    assert run(1, suite, "--silent")[0] == 0
    assert last(suite)["gold"] == {"larch": {"clauses": {}, "stance": ["silent"]}}


def test_the_one_who_triages_may_know_better_than_the_one_who_complained(run: Run, store: Store, suite: Path) -> None:
    complaint(store, reason="should_be_silent")
    assert run(1, suite, "--clause", HAND)[0] == 0
    assert last(suite)["gold"] == {"larch": {"clauses": {HAND: 2}, "stance": ["prohibited"]}}


@pytest.mark.parametrize(
    ("stance", "given", "wanted"), [("advised", None, "advised"), (None, None, "factual"), ("advised", "required", "required")]
)
def test_the_stance_is_the_answer_s_where_its_first_clause_is_right(
    stance: str | None, given: str | None, wanted: str, store: Store, assistant: Assistant
) -> None:
    found = store.feedback_by_id(complaint(store, stance=stance))
    case = case_of(found, assistant.index, Wanted((HAND,), stance=given))
    assert case.gold["larch"].stances == (wanted,)


# what is refused

BAD: dict[str, tuple[list[str], str]] = {
    "a clause that is not there": (
        ["--clause", "larch/phones#9.9", "--stance", "required"],
        "complaint 1: found no clause larch/phones#9.9 in the index; expected the id of one, as `clausewise search` shows it",
    ),
    "a clause beside that is not there": (
        ["--clause", HAND, "--beside", "larch/phones#9.9"],
        "complaint 1: found no clause larch/phones#9.9 in the index; expected the id of one, as `clausewise search` shows it",
    ),
    "clauses of two schools": (
        ["--clause", HAND, "--clause", "maple/phones#1.1"],
        "complaint 1: found clauses of larch and maple; expected those of one school",
    ),
    "a clause beside of another school": (
        ["--clause", HAND, "--beside", "maple/phones#1.2"],
        "complaint 1: found clauses of larch and maple; expected those of one school",
    ),
    "a clause of a superseded version": (
        ["--clause", "yew/watches-policy-2019#1.1", "--stance", "required"],
        "complaint 1: yew/watches-policy-2019#1.1 stands in a superseded version; expected a clause of yew/watches-policy",
    ),
    "a heading": (
        ["--clause", "larch/phones#pupils", "--stance", "required"],
        "complaint 1: larch/phones#pupils is never quoted (a heading, a chart); expected a clause that says something",
    ),
    "a clause twice": (
        ["--clause", HAND, "--beside", HAND],
        f"complaint 1: {HAND} answers and stands beside the answer; expected one of the two",
    ),
    "no stance": (
        ["--clause", TRIP],
        f"complaint 1: found no stance for {TRIP}; expected --stance with one of: "
        "prohibited, required, conditional, permitted, advised, factual",
    ),
    "a stance that is none": (
        ["--clause", TRIP, "--stance", "silent"],
        "complaint 1: found the stance 'silent'; expected --stance with one of: "
        "prohibited, required, conditional, permitted, advised, factual",
    ),
    "a silence with a clause": (
        ["--silent", "--clause", HAND],
        "complaint 1: found a silence with a clause or a stance; expected one or the other",
    ),
    "a silence with a stance": (
        ["--silent", "--stance", "required"],
        "complaint 1: found a silence with a clause or a stance; expected one or the other",
    ),
    "a case and a closing": (
        ["--close"],
        "triage: found neither what makes a case nor what closes; expected ID SUITE, with options, or ID --close alone",
    ),
}


@pytest.mark.parametrize("why", BAD)
def test_it_is_refused_in_one_line(why: str, refuse: Callable[..., str], store: Store, suite: Path) -> None:
    complaint(store)
    argv, told = BAD[why]
    assert refuse(1, suite, *argv) == told


@pytest.mark.parametrize("argv", [[1], ["--close"], ["--clause", HAND], [1, "--close", "--silent"], [1, "--silent"]])
def test_half_a_command_is_refused(argv: list[object], refuse: Callable[..., str], store: Store) -> None:
    complaint(store)
    assert refuse(*argv).startswith("triage: found neither what makes a case nor what closes")


def test_a_number_that_is_none(refuse: Callable[..., str]) -> None:
    told = "argument ID: found 'seven', expected the number of a complaint, as `clausewise eval triage` lists it; see: "
    assert refuse("seven").startswith(told)


def test_a_complaint_that_is_not_there(refuse: Callable[..., str], store: Store, suite: Path) -> None:
    complaint(store)
    assert refuse(7, suite, "--silent") == f"found no feedback 7 in {store.path}; expected one from 1 to 1"
    assert refuse(7, "--close") == f"found no feedback 7 in {store.path}; expected one from 1 to 1"


def test_what_was_quoted_first_may_be_gone(refuse: Callable[..., str], store: Store, suite: Path) -> None:
    complaint(store, reason="incomplete", quotes=(("larch/phones#0.1", 0, 9),))
    assert refuse(1, suite, "--beside", LOCKER).startswith("complaint 1: found no clause larch/phones#0.1 in the index")


def test_the_school_may_be_gone(refuse: Callable[..., str], store: Store, suite: Path) -> None:
    complaint(store, school="oak")
    assert refuse(1, suite, "--silent") == "complaint 1: is about oak, which the index does not hold; it holds: larch, maple, yew"


# of answers that another index gave


@pytest.mark.parametrize(
    ("reason", "argv"),
    [
        ("should_be_silent", []),
        ("wrong_section", ["--clause", HAND]),
        ("incomplete", ["--beside", LOCKER]),
        ("incomplete", ["--clause", HAND, "--beside", LOCKER]),
        ("wrong_section", ["--stance", "prohibited"]),
    ],
)
def test_nothing_is_taken_from_an_answer_that_another_index_gave(
    reason: str, argv: list[str], refuse: Callable[..., str], store: Store, suite: Path
) -> None:
    """The id that was quoted may be another rule's now."""
    complaint(store, reason=reason, index="abcdef0123456789" * 4)
    assert refuse(1, suite, *argv) == (
        f"complaint 1 ({reason}): was answered from another index (abcdef0123456789), so a clause's id may name another rule now; "
        f"expected --clause CLAUSE with --stance STANCE, or --silent; shown then were: {HAND}, {TRIP}; "
        "or drop it with: clausewise eval triage 1 --close"
    )


@pytest.mark.parametrize(
    ("argv", "gold"),
    [
        (["--silent"], {"clauses": {}, "stance": ["silent"]}),
        (["--clause", HAND, "--stance", "required"], {"clauses": {HAND: 2}, "stance": ["required"]}),
        (
            ["--clause", TRIP, "--beside", LOCKER, "--stance", "permitted"],
            {"clauses": {TRIP: 2}, "stance": ["permitted"], "beside": [LOCKER]},
        ),
    ],
)
def test_such_a_complaint_is_triaged_by_what_is_said_alone(
    argv: list[str], gold: dict[str, Any], run: Run, store: Store, suite: Path
) -> None:
    complaint(store, reason="incomplete", index="0" * 64)
    assert run(1, suite, *argv)[0] == 0
    assert last(suite)["gold"] == {"larch": gold}


def test_a_silence_of_another_index_that_showed_nothing(refuse: Callable[..., str], store: Store, suite: Path) -> None:
    store.add_feedback(**SILENT | {"closest": (), "index": "0" * 64})
    assert "shown then were: none; or drop it" in refuse(1, suite)


# once, and whole


def test_a_complaint_is_triaged_once(run: Run, refuse: Callable[..., str], store: Store, suite: Path) -> None:
    complaint(store)
    assert run(1, suite, "--silent")[0] == 0
    told = "complaint 1: is the case phones/feedback-1 already; expected an open one, which `clausewise eval triage` lists"
    assert refuse(1, suite, "--silent") == told
    assert refuse(1, "--close") == told
    assert [case.id for case in load_suite(suite).cases].count("feedback-1") == 1


def test_a_complaint_is_closed_without_a_case(run: Run, refuse: Callable[..., str], store: Store, suite: Path) -> None:
    complaint(store)
    assert run(1, "--close") == (0, "complaint 1 is closed, without a case\n", "")
    assert store.feedback() == []
    assert refuse(1, suite, "--silent").startswith("complaint 1: was closed without a case already")


def test_where_the_case_cannot_be_written_the_complaint_stays_open(refuse: Callable[..., str], store: Store, suite: Path) -> None:
    complaint(store)
    (suite / "cases.yaml").write_text("- id: x\n", "utf-8")
    assert refuse(1, suite, "--silent").endswith("found cases.jsonl and cases.yaml; expected one of them; put all cases into one")
    (suite / "cases.yaml").unlink()
    (suite / "cases.jsonl").write_text('{"id": \n', "utf-8")
    assert "line 1: found no JSON object" in refuse(1, suite, "--silent")
    assert [found.id for found in store.feedback()] == [1]


def test_a_folder_without_the_right_to_write(
    refuse: Callable[..., str], store: Store, suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint(store)

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(triaging, "add_case", refused)
    told = refuse(1, suite, "--silent")
    assert told == f"{suite}: cannot be written (Permission denied); name a folder that can, complaint 1 is still open"


@pytest.mark.parametrize(
    ("taken", "made"), [([], "feedback-1"), (["1"], "feedback-1-2"), (["1", "1-2", "1-4"], "feedback-1-3"), (["1-2"], "feedback-1")]
)
def test_a_store_that_was_begun_anew_gives_no_id_twice(taken: list[str], made: str, run: Run, store: Store, suite: Path) -> None:
    complaint(store)
    write_suite(suite, [CASES[0], *({**CASES[1], "id": f"feedback-{id}", "question": f"Question {id}?"} for id in taken)])
    assert run(1, suite, "--silent") == (0, f"{suite}: case {made} of larch is added, and complaint 1 is closed\n", "")
    assert (last(suite)["id"], last(suite)["origin"]) == (made, "feedback 1")
    assert store.feedback_by_id(1).case == f"phones/{made}"


def test_a_slip_in_the_suite_s_name_makes_no_suite(run: Run, store: Store, tmp_path: Path, suite: Path) -> None:
    complaint(store)
    for folder in (tmp_path / "phnoes", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        code, out, err = run(1, folder, "--silent")
        assert (code, out) == (2, "")
        assert err == (
            f"clausewise: {folder / 'cases.jsonl'}: found no such file; expected a suite: a folder with cases.jsonl or cases.yaml in it\n"
        )
    assert not (tmp_path / "phnoes").exists()
    assert [*(tmp_path / "empty").iterdir()] == []
    assert len(store.feedback()) == 1


def test_a_new_suite_may_begin_with_a_complaint(run: Run, store: Store, tmp_path: Path) -> None:
    """Where its file is there, though empty."""
    complaint(store)
    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh" / "cases.yaml").touch()
    assert run(1, tmp_path / "fresh", "--silent")[0] == 0
    assert [case.id for case in load_suite(tmp_path / "fresh").cases] == ["feedback-1"]


def test_it_is_closed_only_after_the_case_loads(monkeypatch: pytest.MonkeyPatch, store: Store, suite: Path, assistant: Assistant) -> None:
    complaint(store)

    def broken(folder: Path) -> None:
        raise BadSuite("does not load")

    monkeypatch.setattr(triaging, "load_suite", broken)
    with pytest.raises(BadSuite, match="does not load"):
        triaging.triage(store, 1, suite, assistant.index, Wanted(silent=True))
    assert not store.feedback_by_id(1).closed


# then


def test_the_case_is_measured(run: Run, store: Store, suite: Path, assistant: Assistant) -> None:
    complaint(store)
    assert run(1, suite, "--clause", TRIP, "--stance", "permitted")[0] == 0
    rows = {row.case: row for row in ask_all(load_suite(suite), assistant).rows}
    made = rows["feedback-1"]
    assert (made.school, made.right, made.quotes[0].clause) == ("larch", True, TRIP)
    assert made.scores["hit@1"] == (1.0, 1.0)
    assert made.tags == ("feedback", "wrong_section")


def test_no_words_of_a_policy_are_written(run: Run, store: Store, suite: Path) -> None:
    before = (suite / "cases.jsonl").read_text("utf-8")
    complaint(store, question="Is that so?")
    store.add_feedback(**SILENT)
    assert run(1, suite, "--clause", HAND, "--beside", LOCKER)[0] == 0
    assert run(2, suite, "--clause", TRIP, "--stance", "permitted")[0] == 0
    added = (suite / "cases.jsonl").read_text("utf-8").removeprefix(before)
    assert added.count("\n") == 2
    for words in ("office", "each morning", "residential", "locker", "during lessons", "hand their"):
        assert words not in added


# the list


def test_nothing_to_triage(run: Run, store: Store) -> None:
    assert run() == (0, "no open complaints\n\nno question was asked in vain\n", "")
    assert not store.path.exists()


def test_open_complaints_are_listed(run: Run, store: Store) -> None:
    first, second, third = complaint(store, comment="It’s\nsection 1"), store.add_feedback(**SILENT), complaint(store)
    store.close_feedback(third, None)
    code, out, err = run()
    assert (code, err) == (0, "")
    made = [store.feedback_by_id(id).made for id in (first, second)]
    assert out.splitlines()[:9] == [
        f"1     {made[0]}  {REASONS['wrong_section']}",
        f"      asked  {QUESTION}",
        f"      larch said  prohibited: {HAND}, {TRIP}",
        "      comment  It’s section 1",
        f"2     {made[1]}  {REASONS['should_have_answered']}",
        "      after  Are phones allowed?",
        "      asked  And on the bus?",
        f"      larch said  silent; nearest: {TRIP}",
        "",
    ]


def test_questions_in_vain_are_counted_by_policy_and_by_nearest_clause(run: Run, store: Store) -> None:
    counts = [
        ("2026-W47", "larch", "larch/phones", TRIP, 2),
        ("2026-W48", "larch", "larch/phones", TRIP, 1),
        ("2026-W48", "larch", "larch/phones", HAND, 1),
        ("2026-W48", "larch", "larch/dogs", DOG, 1),
        ("2026-W48", "maple", "maple/phones", "maple/phones#1.1", 5),
    ]
    for week, school, document, clause, count in counts:
        for _ in range(count):
            store.count_unanswered(week, school, document, clause)
    assert run()[1].splitlines()[2:] == [
        "asked in vain, by policy and nearest clause:",
        "    5  maple  maple/phones",
        "          5  maple/phones#1.1",
        "    4  larch  larch/phones",
        f"          3  {TRIP}",
        f"          1  {HAND}",
        "    1  larch  larch/dogs",
        f"          1  {DOG}",
    ]
