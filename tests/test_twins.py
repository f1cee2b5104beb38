"""Silent twins: a school that covers a question in other words gets none, a school that is silent does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import MAX_BYTES, open_with, write
from made import case_row, gold_row, write_suite

from clausewise.assistant import Assistant
from clausewise.building import build
from clausewise.cli import main
from clausewise.documents import load_corpus
from clausewise.embeddings import Encoder
from clausewise.evaluation.cases import case_dict, load_suite
from clausewise.evaluation.checking import alike
from clausewise.evaluation.twins import DOUBT, FAR, FAR_BY_RULE, FAR_BY_SECTION, Twin, _section, _verdict, twins

ALDER = """# Devices Policy

Approved: 1 March 2025

## Staff

1.1 Staff must not wear smart glasses that can film, anywhere on the site.

1.2 Staff may charge an electric car in the car park after three o'clock.

## Lost property

2.1 A lost school laptop must be reported to the office within one hour.
"""
BIRCH = """# Technology Policy

## Adults

3.1 Spectacles with a built-in camera or video recorder are banned for all members of staff while they are at school.

3.2 If a laptop that belongs to the school goes missing, tell reception at once, before an hour is up.
"""
CEDAR = """# Uniform Policy

4.1 Pupils wear a green jumper and black shoes in winter.

4.2 Earrings are taken out before swimming lessons.
"""
TOML = '[schools.birch]\nname = "Birch Wood Primary School"\naliases = ["Birchies"]\n'
CORPUS = {"alder/devices.md": ALDER, "birch/technology.md": BIRCH, "cedar/uniform.md": CEDAR, "schools.toml": TOML}
GLASSES, CAR, LAPTOP = "alder/devices#1.1", "alder/devices#1.2", "alder/devices#2.1"
QUESTION = "Can I keep my smart glasses on, the ones with a little camera in the frame?"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    folder = tmp_path_factory.mktemp("twins")
    build(load_corpus(write(folder / "corpus", CORPUS), MAX_BYTES), encoder, folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def assistant(index: Path, encoder: Encoder) -> Assistant:
    return open_with(encoder, index)


def glasses(id: str = "g1", question: str = QUESTION, **more: object) -> dict[str, object]:
    return case_row(id, question, "alder", {"alder": gold_row({GLASSES: 2}, "prohibited")}, **more)


@pytest.fixture
def found(tmp_path: Path, assistant: Assistant) -> Callable[..., dict[str, Twin]]:
    """The twins of a suite of these cases, by id."""

    def made(*rows: dict[str, object]) -> dict[str, Twin]:
        return {twin.case.id: twin for twin in twins(load_suite(write_suite(tmp_path / "suite", rows)), assistant)}

    return made


# by likeness


def test_a_school_that_covers_it_in_other_words_gets_no_twin_and_a_silent_one_does(found: Callable[..., dict[str, Twin]]) -> None:
    made = found(glasses())
    assert {id: twin.verdict for id, twin in made.items()} == {"g1-birch": "covered", "g1-cedar": "silent"}
    assert made["g1-birch"].nearest == "birch/technology#3.1"
    assert made["g1-birch"].near > DOUBT
    assert made["g1-cedar"].near < FAR
    assert made["g1-cedar"].nearest.startswith("cedar/uniform#4.")


def test_a_twin_asks_the_same_of_the_other_school(found: Callable[..., dict[str, Twin]]) -> None:
    history = ["I have a new pair of spectacles"]
    twin = found(glasses(history=history, tags=["staff"], kind="followup"))["g1-cedar"]
    assert case_dict(twin.case) == {
        "id": "g1-cedar",
        "kind": "unanswerable",
        "question": QUESTION,
        "school": "cedar",
        "history": history,
        "gold": {"cedar": {"clauses": {}, "stance": ["silent"]}},
        "tags": ["twin", "staff"],
        "origin": "twin of g1",
    }


def test_it_is_the_rule_that_is_compared_not_the_question_alone(found: Callable[..., dict[str, Twin]]) -> None:
    """The question's words say nothing of cars, the rule that answers it does."""
    question = "Where and when might I top up my Nissan Leaf on a weekday?"
    rows = [case_row("c1", question, "alder", {"alder": gold_row({clause: 2}, "conditional")}) for clause in (CAR,)]
    assert found(*rows)["c1-cedar"].verdict == "silent"
    laptop = case_row("l1", "left mine on the train, who wants to know and how soon", "alder", {"alder": gold_row({LAPTOP: 2}, "required")})
    assert found(laptop)["l1-birch"].nearest == "birch/technology#3.2"


def test_the_same_suite_gives_the_same_twins(found: Callable[..., dict[str, Twin]]) -> None:
    rows = [glasses(), glasses("g2", "are those camera specs alright on playground duty")]
    first = found(*rows)
    assert first == found(*rows)
    assert list(first) == ["g1-birch", "g1-cedar", "g2-birch", "g2-cedar"]


# what cannot be asked of another school

SKIPPED: dict[str, dict[str, object]] = {
    "it names its own school": glasses(question="Can I keep my camera glasses on at Alder this week?"),
    "it names another by an alias": glasses(question="Do Birchies let you wear your smart glasses in class?"),
    "an earlier turn names one": glasses(history=["What about Birch Wood Primary School then?"]),
    "a handle holds a name": glasses(question="Is @MissT_BirchWoodPrimarySchool fine while I wear camera glasses?"),
    "it is a topic": glasses(question="smart glasses"),
    "it asks about the document": glasses(kind="metadata"),
    "it waits": case_row("g1", QUESTION, "alder", {"alder": gold_row({f"{GLASSES}@2d9aedfdf074da26": 2}, "prohibited")}),
    "its school is not in the index": case_row("g1", QUESTION, "oak", {"oak": gold_row({"oak/p#1": 2}, "prohibited")}),
    "no clause answers": case_row("g1", QUESTION, "alder", {"alder": gold_row({})}),
    "every school is asked": case_row("g1", QUESTION, None, {"alder": gold_row({GLASSES: 2}, "prohibited")}),
    "what answers is never quoted": case_row("g1", QUESTION, "alder", {"alder": gold_row({"alder/devices#staff": 2}, "prohibited")}),
}


@pytest.mark.parametrize("why", SKIPPED)
def test_no_twin_is_made_where(why: str, found: Callable[..., dict[str, Twin]]) -> None:
    assert found(SKIPPED[why]) == {}


def test_a_question_that_the_other_school_is_asked_already_is_not_asked_twice(found: Callable[..., dict[str, Twin]]) -> None:
    near = f"{QUESTION.lower().rstrip('?')} ?"
    assert list(found(glasses(), case_row("c9", near, "cedar", {"cedar": gold_row({})}))) == ["g1-birch"]
    assert alike(QUESTION, near)
    reworded = QUESTION.replace("the ones with a little camera in the frame", "if the camera is off")
    assert not alike(QUESTION, reworded)
    assert list(found(glasses(), case_row("c9", reworded, "cedar", {"cedar": gold_row({})}))) == ["g1-birch", "g1-cedar"]
    other = case_row("c9", near, "cedar", {"cedar": gold_row({})}, history=["and so?"])
    assert list(found(glasses(), other)) == ["g1-birch", "g1-cedar"]
    taken = case_row("g1-cedar", "Something else entirely?", "cedar", {"cedar": gold_row({})})
    assert list(found(glasses(), taken)) == ["g1-birch"]


# by what people said


def asked_of_all(clause: str, **answers: str | None) -> dict[str, object]:
    gold = {school: gold_row({clause: 2} if clause else {}, *(["required"] if clause else [])) for school, clause in answers.items()}
    return case_row("all", "Somebody asks all schools something else", None, {"alder": gold_row({clause: 2}, "required"), **gold})


def test_a_school_that_is_known_to_answer_the_same_rule_gets_no_twin(found: Callable[..., dict[str, Twin]]) -> None:
    twin = found(glasses(), asked_of_all(GLASSES, cedar="cedar/uniform#4.1"))["g1-cedar"]
    assert (twin.verdict, twin.why) == ("covered", "all has its answer to the same rule")


def test_a_rule_of_the_same_section_makes_it_doubtful(found: Callable[..., dict[str, Twin]]) -> None:
    twin = found(glasses(), asked_of_all(CAR, cedar="cedar/uniform#4.1"))["g1-cedar"]
    assert (twin.verdict, twin.why) == ("look", "all has its answer to a rule of the same section")
    assert found(glasses(), asked_of_all(LAPTOP, cedar="cedar/uniform#4.1"))["g1-cedar"].verdict == "silent"


def test_a_case_does_not_vouch_for_itself(found: Callable[..., dict[str, Twin]]) -> None:
    gold = {"alder": gold_row({GLASSES: 2}, "prohibited"), "birch": gold_row({})}
    assert "g1-birch" not in found(case_row("g1", QUESTION, "alder", gold))


STEPS = [
    (0.0, {}, {}, "silent"),
    (FAR, {}, {}, "silent"),
    (FAR + 0.01, {}, {}, "look"),
    (DOUBT, {}, {}, "look"),
    (DOUBT + 0.01, {}, {}, "covered"),
    (FAR_BY_SECTION, {}, {"s": False}, "silent"),
    (FAR_BY_SECTION + 0.01, {}, {"s": False}, "look"),
    (0.0, {}, {"s": True}, "look"),
    (0.0, {}, {"r": False, "s": True}, "look"),
    (DOUBT + 0.01, {}, {"s": False}, "covered"),
    (FAR_BY_RULE, {"s": False}, {"r": True}, "silent"),
    (FAR_BY_RULE + 0.01, {"s": False}, {}, "look"),
    (1.5, {"s": False}, {}, "look"),
    (0.0, {"s": True}, {}, "covered"),
    (0.0, {"r": False, "s": True}, {}, "covered"),
]


@pytest.mark.parametrize(("near", "exact", "section", "wanted"), STEPS)
def test_what_people_said_goes_before_likeness(near: float, exact: dict[str, bool], section: dict[str, bool], wanted: str) -> None:
    assert _verdict(near, exact, section)[0] == wanted


@pytest.mark.parametrize(
    ("clause", "section"),
    [
        ("ash/a#5.1", "ash/a#5"),
        ("ash/a#5.1/4", "ash/a#5.1"),
        ("ash/a#5.1/4/2", "ash/a#5.1/4"),
        ("ash/a#personal-use/2", "ash/a#personal-use"),
        ("ash/a#personal-use~2/1", "ash/a#personal-use~2"),
        ("ash/a#5", "ash/a#5"),
    ],
)
def test_a_clause_s_section(clause: str, section: str) -> None:
    assert _section(clause) == section


# the command

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], encoder: Encoder, index: Path) -> Run:
    monkeypatch.setattr("clausewise.assistant.Encoder", lambda model="": encoder)

    def ran(*argv: object) -> tuple[int, str, str]:
        code = main(["eval", "twins", *map(str, argv), "--index", str(index)])
        return code, *capsys.readouterr()

    return ran


def test_twins_are_listed_and_nothing_is_written(run: Run, tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite", [glasses()])
    before = (suite / "cases.jsonl").read_bytes()
    code, out, err = run(suite)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == f"silent: g1-cedar  {QUESTION}"
    assert re.fullmatch(r"        nearest cedar/uniform#4\.\d \(\d\.\d\d\): nothing comes near", lines[1])
    assert lines[2:] == ["2 pairs: 1 silent, 0 to look at, 1 covered or too near to say; nothing written"]
    assert (suite / "cases.jsonl").read_bytes() == before


def test_written_twins_are_cases_of_the_suite_and_are_made_once(run: Run, tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite", [glasses()])
    assert run(suite, "--write")[1].endswith("2 pairs: 1 silent, 0 to look at, 1 covered or too near to say; 1 written\n")
    last = json.loads((suite / "cases.jsonl").read_text("utf-8").splitlines()[-1])
    assert (last["id"], last["school"], last["origin"]) == ("g1-cedar", "cedar", "twin of g1")
    assert [case.id for case in load_suite(suite).cases] == ["g1", "g1-cedar"]
    assert run(suite, "--write")[1] == "1 pair: 0 silent, 0 to look at, 1 covered or too near to say; nothing written\n"
    assert len(load_suite(suite).cases) == 2


def test_what_is_to_be_looked_at_is_listed_and_not_written(run: Run, tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite", [glasses(), asked_of_all(CAR, cedar="cedar/uniform#4.1")])
    out = run(suite, "--write")[1]
    assert out.startswith(f"look:   g1-cedar  {QUESTION}\n")
    assert out.endswith("2 pairs: 0 silent, 1 to look at, 1 covered or too near to say; nothing written\n")
    assert [case.id for case in load_suite(suite).cases] == ["g1", "all"]


def test_nothing_of_a_suite_that_is_held_back_is_shown(run: Run, tmp_path: Path) -> None:
    suite = write_suite(tmp_path / "suite", [glasses()], gate="held_back = true\n")
    code, out, err = run(suite)
    assert (code, out) == (2, "")
    assert re.fullmatch(r"clausewise: [^\n]+ is held back [^\n]+; name another suite\n", err)


def test_a_suite_that_is_not_there(run: Run, tmp_path: Path) -> None:
    code, out, err = run(tmp_path / "none")
    assert (code, out) == (2, "")
    assert re.fullmatch(r"clausewise: [^\n]+ found no such file; expected a suite[^\n]+\n", err)


# on the sample: who is silent was read clause by clause


def test_twins_of_the_sample_are_those_that_were_read(sample: Assistant) -> None:
    """Of 29 silences 28 were found right by reading every clause; s044 asks an infant school about its sixth form."""
    suite = load_suite(Path(__file__).parents[1] / "evals" / "sample")
    known = ("s002", "s014", "s016", "s031", "s036", "s076", "s079", "s082")
    part = replace(suite, cases=tuple(case for case in suite.cases if case.id in known))
    silent = [twin.case.id for twin in twins(part, sample) if twin.verdict == "silent"]
    read = ["s002-limekiln-bank", "s014-samphire-road", "s016-limekiln-bank", "s031-ashlar-grove", "s031-limekiln-bank"]
    assert silent == [*read, "s036-limekiln-bank"]
