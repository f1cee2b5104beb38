"""The suites hold together, and no sentence of the real policies stands in the project."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import POLICIES, ROOT

from clausewise.assistant import Assistant
from clausewise.evaluation.cases import Case, load_suite

SUITES = ("sample", "five-schools")
RUN = 9  # so many words in a row are a sentence of somebody's, not a turn of phrase


def cases(suite: str) -> tuple[Case, ...]:
    return load_suite(ROOT / "evals" / suite).cases


def ids(suite: str) -> Iterator[tuple[str, str, str]]:
    """(case, school, clause id) of every gold clause."""
    for case in cases(suite):
        for school, gold in case.gold.items():
            yield from ((case.id, school, clause) for clause in gold.qrels)


@pytest.mark.parametrize("suite", SUITES)
def test_a_suite_is_large_enough_and_loads(suite: str) -> None:
    assert load_suite(ROOT / "evals" / suite).name == suite
    assert len(cases(suite)) >= 80


@pytest.mark.parametrize("suite", SUITES)
def test_a_suite_asks_in_every_way(suite: str) -> None:
    kinds = {case.kind for case in cases(suite)}
    assert {"single", "followup", "all_schools", "unanswerable"} <= kinds
    assert all(case.history for case in cases(suite) if case.kind == "followup")
    assert all(case.school is None for case in cases(suite) if case.kind == "all_schools")


@pytest.mark.parametrize("suite", SUITES)
def test_gold_is_of_the_school_that_is_asked(suite: str) -> None:
    assert [(case, clause) for case, school, clause in ids(suite) if not clause.startswith(f"{school}/")] == []
    followed = {case.id: case for case in cases(suite)}
    for case in followed.values():
        assert case.school is None or case.school in case.gold or case.kind == "followup"


@pytest.mark.parametrize("suite", SUITES)
def test_a_silence_is_said_to_be_one(suite: str) -> None:
    """Gold without a clause that answers is a silence, and a silence has no such clause."""
    for case in cases(suite):
        for school, gold in case.gold.items():
            assert ("silent" in gold.stances) == (not gold.right), (case.id, school)


@pytest.mark.parametrize("suite", SUITES)
def test_no_question_stands_twice(suite: str) -> None:
    asked = [(case.question.lower(), case.school, case.history) for case in cases(suite)]
    assert len(asked) == len(set(asked))


def test_the_sample_suite_names_clauses_that_exist_and_answer(sample: Assistant) -> None:
    check_ids("sample", sample)


def test_the_five_schools_suite_names_clauses_that_exist_and_answer(five: Assistant) -> None:
    check_ids("five-schools", five)


def check_ids(suite: str, assistant: Assistant) -> None:
    index = assistant.index
    assert [(case, clause) for case, _, clause in ids(suite) if clause not in index.clause] == []
    quotable = {passage.clause for passage in index.passages}
    hopeless = [(c.id, school) for c in cases(suite) for school, gold in c.gold.items() if gold.right and not gold.right & quotable]
    assert hopeless == []  # a lead-in may be named beside its items; alone it could never be quoted
    schools = {school.id for school in assistant.schools}
    assert {case.school for case in cases(suite) if case.school} <= schools
    assert {school for case in cases(suite) for school in case.gold} <= schools


# other people's sentences


def runs(text: str) -> Iterator[tuple[int, str]]:
    """Every run of RUN words, with the number of its first word's line."""
    words = [(found.group(), found.start()) for found in re.finditer(r"[a-z0-9]+", text.lower().replace("’", "").replace("'", ""))]
    for i in range(len(words) - RUN + 1):
        yield words[i][1], " ".join(word for word, _ in words[i : i + RUN])


def tracked() -> list[Path]:
    """The project's files: what git tracks, and what it would, were it added."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_sentence_of_the_policies_stands_in_the_project() -> None:
    if not POLICIES.is_dir():
        pytest.skip(f"the five schools' policies are not at {POLICIES}")
    theirs = {run for path in sorted(POLICIES.glob("*/*.txt")) for _, run in runs(path.read_text("utf-8"))}
    assert len(theirs) > 5000
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # no text
        found += [f"{path.relative_to(ROOT)}: {run}" for _, run in runs(text) if run in theirs][:1]
    assert found == []


def test_a_borrowed_sentence_would_be_seen() -> None:
    borrowed = "Dogs’ owners, who are asked nicely, keep them on a short lead."
    assert next(runs(borrowed))[1] == "dogs owners who are asked nicely keep them on"
