"""What is wrong with a suite itself: each finding planted once, and a clean suite in which nothing is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import LARCH_PHONES
from made import CASES, CORPUS, case_row, gold_row, opened, write_index, write_suite

from clausewise.assistant import Assistant
from clausewise.evaluation.cases import load_suite
from clausewise.evaluation.checking import Finding, check, faults
from clausewise.evaluation.runs import Run, ask_all

OLD = "# Mobile Phone Policy\n\nApproved: 1 March 2019\n\n1.1 Phones stay in bags.\n"
NEW = "# Mobile Phone Policy\n\nApproved: 1 March 2024\n\n1.1 Phones stay at home.\n"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {**CORPUS, "yew/mobile-phone-policy-2019.md": OLD, "yew/mobile-phone-policy.md": NEW}
    return write_index(tmp_path_factory.mktemp("indexes") / "small", files)


@pytest.fixture(scope="module")
def assistant(index: Path) -> Assistant:
    return opened(index)


def found(folder: Path, assistant: Assistant, *rows: dict[str, Any], baseline: Run | None = None) -> list[tuple[bool, str, str]]:
    findings = check(load_suite(write_suite(folder, rows)), assistant, baseline)
    for finding in findings:
        number = [row["id"] for row in rows].index(finding.case) + 1
        assert finding.place == f"{folder / 'cases.jsonl'}, line {number}"
    return [(finding.fault, finding.case, finding.told) for finding in findings]


def ruled(
    id: str, clauses: dict[str, int], school: str = "larch", question: str = "Where do staff keep phones?", **more: Any
) -> dict[str, Any]:
    return case_row(id, question, school, {school: gold_row(clauses, "required", **more)})


def test_nothing_is_found_in_a_clean_suite(assistant: Assistant, tmp_path: Path) -> None:
    run = ask_all(load_suite(write_suite(tmp_path)), assistant)
    assert found(tmp_path, assistant, *CASES, baseline=run) == []


LOCKER, HAND = "larch/phones#2.1", "larch/phones#1.1"
PLANTED: dict[str, tuple[dict[str, Any], tuple[bool, str]]] = {
    "it waits": (
        ruled("q", {"larch/phones#9@2d9aedfdf074da26": 2}),
        (False, "waits for its clauses to be confirmed; see: clausewise eval anchor"),
    ),
    "it asks a school that is not there": (
        case_row("q", "Dogs?", "birch", {"larch": gold_row({LOCKER: 2}, "required")}),
        (True, "names a school that the index does not hold: birch"),
    ),
    "its gold is of schools that are not there": (
        case_row("q", "Dogs?", None, {"oak": gold_row({}), "birch": gold_row({}), "larch": gold_row({LOCKER: 2}, "required")}),
        (True, "names a school that the index does not hold: birch, oak"),
    ),
    "a clause that is not there": (
        ruled("q", {LOCKER: 2, "larch/phones#9.9": 1}),
        (True, "gold of larch: larch/phones#9.9 is not in the index"),
    ),
    "a clause beside that is not there": (
        ruled("q", {LOCKER: 2}, beside=["larch/phones#9.9"]),
        (True, "gold of larch: larch/phones#9.9 is not in the index"),
    ),
    "a clause of another school": (
        ruled("q", {LOCKER: 2, "maple/phones#1.1": 1}),
        (True, "gold of larch: maple/phones#1.1 is of another school"),
    ),
    "a clause of an old version": (
        ruled("q", {"yew/mobile-phone-policy#1.1": 2, "yew/mobile-phone-policy-2019#1.1": 1}, "yew"),
        (True, "gold of yew: yew/mobile-phone-policy-2019#1.1 stands in a superseded version; yew/mobile-phone-policy is in force"),
    ),
    "an answer that cannot be quoted": (
        ruled("q", {"larch/phones#staff": 2, LOCKER: 1}),
        (True, "gold of larch: no clause that answers can be quoted (a heading, a chart, or not in the index)"),
    ),
    "a span beyond the clause": (
        ruled("q", {LOCKER: 2}, spans={LOCKER: [[0, 51], [3, 52]]}),
        (True, f"gold of larch: a span goes beyond the 51 characters of {LOCKER}"),
    ),
    "a clause that answers and stands beside": (
        ruled("q", {LOCKER: 2, HAND: 2}, beside=[HAND]),
        (True, f"gold of larch: {HAND} answers and stands beside the answer; expected one of the two"),
    ),
}


@pytest.mark.parametrize(("row", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_fault_is_found_once(row: dict[str, Any], expected: tuple[bool, str], assistant: Assistant, tmp_path: Path) -> None:
    assert found(tmp_path, assistant, *CASES[3:], row) == [(expected[0], "q", expected[1])]


def test_a_silence_in_which_a_rule_is_found_is_looked_at(assistant: Assistant, tmp_path: Path) -> None:
    row = case_row("q", "Where do staff keep their phones during lessons?", None, {"larch": gold_row({}), "maple": gold_row({})})
    (finding,) = found(tmp_path, assistant, row)
    assert finding[:2] == (False, "q")
    assert finding[2].startswith(f"is silent at larch, but {LOCKER} is found with confidence ")


TRIP = "May pupils carry a phone on a residential trip?"
NEARLY = "May pupils carry their phone on a residential trip?"
CARRY = {"larch/phones#1.2": 2}


def pair(one: dict[str, Any], other: dict[str, Any], assistant: Assistant, folder: Path) -> list[tuple[bool, str, str]]:
    return found(folder, assistant, {**CASES[0], "id": "a", **one}, {**CASES[0], "id": "b", **other})


def larch(*stances: str, clauses: dict[str, int] = CARRY) -> dict[str, Any]:
    return {"larch": gold_row(clauses, *stances)}


def test_questions_that_ask_the_same_are_found(assistant: Assistant, tmp_path: Path) -> None:
    assert pair({}, {}, assistant, tmp_path) == [(True, "b", "asks what a asks")]
    assert pair({}, {"question": "may pupils carry a phone, on a residential trip"}, assistant, tmp_path) == [
        (True, "b", "asks what a asks")
    ]
    assert pair({}, {"question": NEARLY}, assistant, tmp_path) == [(False, "b", "asks nearly what a asks")]
    assert pair({}, {"school": "larch", "gold": larch("permitted")}, assistant, tmp_path) == [(False, "b", "asks nearly what a asks")]


def test_questions_that_ask_another_thing_are_not(assistant: Assistant, tmp_path: Path) -> None:
    assert pair({}, {"question": "May pupils carry a phone on the bus?"}, assistant, tmp_path) == []
    assert pair({}, {"history": ["Phones?"]}, assistant, tmp_path) == []
    assert (
        pair({"school": "larch", "gold": larch("permitted")}, {"school": "maple", "gold": {"maple": gold_row({})}}, assistant, tmp_path)
        == []
    )


def test_gold_that_contradicts_itself_is_found(assistant: Assistant, tmp_path: Path) -> None:
    one = {"school": "larch", "gold": larch("permitted", "conditional")}
    same = {"school": "larch", "gold": larch("conditional")}
    assert pair(one, same, assistant, tmp_path) == [(True, "b", "asks what a asks")]
    stance = {**same, "gold": larch("prohibited")}
    assert pair(one, stance, assistant, tmp_path) == [(True, "b", "contradicts a (no stance is right for both)")]
    clause = {**same, "gold": larch("permitted", clauses={HAND: 2})}
    assert pair(one, clause, assistant, tmp_path) == [(True, "b", "contradicts a (no clause answers both)")]
    silence = {**same, "gold": {"larch": gold_row({})}}
    told = [finding for finding in pair(one, silence, assistant, tmp_path) if finding[0]]
    assert told == [(True, "b", "contradicts a (one is silent, one is not)")]


def test_nearly_the_same_words_with_other_gold_are_to_be_looked_at(assistant: Assistant, tmp_path: Path) -> None:
    """They may ask another thing: "in Year 7", "in Year 9"."""
    one = {"school": "larch", "gold": larch("permitted")}
    other = {"school": "larch", "question": NEARLY, "gold": larch("prohibited")}
    assert pair(one, other, assistant, tmp_path) == [(False, "b", "contradicts a (no stance is right for both)")]


def test_gold_that_no_answer_can_meet_is_to_be_looked_at(assistant: Assistant, tmp_path: Path) -> None:
    asked = ruled("q", {LOCKER: 2})
    asked["gold"]["maple"] = gold_row({})
    told = "asks larch alone, and has gold of maple too, which no answer can meet"
    assert (False, "q", told) in found(tmp_path, assistant, asked)


def test_a_clause_that_says_something_else_than_when_the_baseline_was_made_is_looked_at(assistant: Assistant, tmp_path: Path) -> None:
    reworded = {**CORPUS, "larch/phones.md": LARCH_PHONES.replace("in a locker", "in a drawer")}
    old = opened(write_index(tmp_path / "old", reworded))
    run = ask_all(load_suite(write_suite(tmp_path / "suite")), old)
    (finding,) = found(tmp_path / "suite", assistant, *CASES, baseline=run)
    assert finding[:2] == (False, "locker")
    assert finding[2].startswith(f"{LOCKER} says something else than when the baseline was made")


def test_findings_stand_in_the_order_of_the_cases_and_faults_are_counted(assistant: Assistant, tmp_path: Path) -> None:
    waits = ruled("w", {"larch/phones#9@2d9aedfdf074da26": 2}, question="Lockers?")
    bad = case_row(
        "b",
        "Where do staff keep their phones during lessons?",
        None,
        {"larch": gold_row({}, beside=["larch/phones#9.9"]), "maple": gold_row({})},
    )
    told = found(tmp_path, assistant, waits, bad, {**CASES[3], "id": "c"}, {**CASES[3], "id": "d"})
    assert [(fault, case) for fault, case, _ in told] == [(False, "w"), (True, "b"), (False, "b"), (True, "d")]
    findings = [Finding(fault, case, "", "") for fault, case, _ in told]
    assert (faults(findings), faults([])) == (2, 0)
    assert faults([replace(findings[0], fault=True), *findings]) == 3
