"""Schools' names in a question, and those that fit several schools."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import ROOT

from clausewise.conversation import Understood, understand
from clausewise.naming import Names
from clausewise.types import School

ASKING_BACK = ROOT / "evals" / "asking-back"
SETS = {
    name: Names([School(school["id"], school["name"], None, tuple(school.get("aliases", ()))) for school in schools])
    for name, schools in json.loads((ASKING_BACK / "schools.json").read_text("utf-8")).items()
}
ROWS = [json.loads(line) for line in (ASKING_BACK / "questions.jsonl").read_text("utf-8").splitlines()]
ASHLARS = SETS["ashlars"]


def read(question: str, *history: str, asked: list[str] | None = None) -> Understood:
    return understand(question, history, asked, ASHLARS)


@pytest.mark.parametrize("row", [row for row in ROWS if row["kind"] == "school" and not row["held_back"]], ids=lambda row: str(row["id"]))
def test_a_name_that_fits_several_schools_is_asked_of_those_and_is_in_doubt(row: dict[str, Any]) -> None:
    found = understand(row["question"], (), None, SETS[row["schools"]])
    assert list(found.scope.doubtful) == row["fits"]
    assert set(row["fits"]) <= set(found.schools) < {school.id for school in SETS[row["schools"]].schools}


@pytest.mark.parametrize(
    ("question", "school"),
    [
        ("Dogs at Ashlar Grove?", "ashlar-grove"),
        ("Ashlar Grove: are dogs allowed at Ashlar?", "ashlar-grove"),
        ("Dogs at Thornbeck?", "thornbeck"),
        ("Dogs at Thornback?", "thornback"),
    ],
)
def test_the_name_that_is_most_like_is_meant(question: str, school: str) -> None:
    scope = read(question).scope
    assert (scope.schools, scope.doubtful) == ((school,), ())


@pytest.mark.parametrize("question", ["Is the ashlar wall safe?", "May pupils climb an ashlar block?", "Ashlar"])
def test_a_shared_word_that_is_no_name_names_none(question: str) -> None:
    assert read(question).scope.source == "every"


def test_a_saint_is_known_however_the_name_is_written() -> None:
    names = SETS["saints"]
    for said in ("St John's", "st johns", "St. John’s", "Saint John's"):
        assert understand(f"Can staff at {said} bring dogs?", (), None, names).schools == ("st-johns",)
    assert names.read("Can staff at St John's bring dogs?").bare == "Can staff bring dogs?"


# doubt, and what settles it


def test_schools_that_are_asked_settle_a_name() -> None:
    scope = read("Dogs at Ashlar?", asked=["ashlar-mill", "thornbeck"]).scope
    assert (scope.schools, scope.doubtful, scope.told) == (("ashlar-mill",), (), True)


def test_all_that_a_name_fits_may_be_chosen() -> None:
    scope = read("Dogs at Ashlar?", asked=["ashlar-grove", "ashlar-mill"]).scope
    assert (scope.schools, scope.doubtful, scope.told) == (("ashlar-grove", "ashlar-mill"), (), True)


def test_among_more_schools_a_name_stays_in_doubt() -> None:
    scope = read("Dogs at Ashlar?", asked=["ashlar-grove", "ashlar-mill", "thornbeck"]).scope
    assert (scope.schools, scope.doubtful) == (("ashlar-grove", "ashlar-mill"), ("ashlar-grove", "ashlar-mill"))


def test_a_school_named_before_settles_a_name() -> None:
    scope = read("and at Ashlar?", "Can dogs come in at Ashlar Mill?").scope
    assert (scope.schools, scope.doubtful, scope.told) == (("ashlar-mill",), (), False)


def test_doubt_lasts_as_long_as_the_scope_that_it_came_with() -> None:
    assert read("what about cats?", "Can dogs come in at Ashlar?").scope.doubtful == ("ashlar-grove", "ashlar-mill")


def test_two_names_in_doubt_are_not_asked_back() -> None:
    scope = understand("Dogs at Harbour or at Quarry?", (), None, SETS["lanes"]).scope
    assert (len(scope.schools), scope.doubtful) == (5, ())


# many schools


def test_a_thousand_schools_are_read_as_a_few_are() -> None:
    """One is named in each way that names are read, among schools whose names share nothing with it."""
    others = [School(f"school-{number}", f"{chr(97 + number % 26) * 5}{chr(97 + number // 26 % 26) * 4} School") for number in range(999)]
    few, many = (Names([*others[:count], School("thornbeck-high", "Thornbeck High School", None, ("The Beck",))]) for count in (2, 999))
    for question in ("Dogs at Thornbeck High?", "Dogs at thornbek high school?", "Thornbeck's dogs", "dogs at the beck", "Dogs at home?"):
        assert few.read(question) == many.read(question)
    assert many.read("Dogs at Thornbeck?").fits == (("thornbeck-high",),)


def test_a_letter_of_many_words_is_read_to_its_end() -> None:
    assert SETS["saints"].read("We were asked. " * 400 + "Are dogs allowed at St John's?").fits == (("st-johns",),)
