"""A topic across schools: who says what, and who says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from clausewise.comparison.positions import Comparison
from clausewise.errors import BadQuestion, UnknownSchool
from clausewise.types import Answer, Stance


def answered(school: str, stance: Stance | None) -> Answer:
    return Answer(school, school.title(), "answered", None, stance, 0.9)


def silent(school: str) -> Answer:
    return Answer(school, school.title(), "not_covered", "too_weak", None, 0.7)


MIXED = Comparison(
    "dogs", (answered("oak", "prohibited"), silent("elm"), answered("ash", None), answered("fir", "prohibited"), silent("yew"))
)


def test_schools_are_grouped_by_stance_in_their_order() -> None:
    assert MIXED.by_stance == {"prohibited": ["oak", "fir"], "unstated": ["ash"]}
    assert MIXED.silent == ("elm", "yew")


def test_every_school_stands_in_exactly_one_group() -> None:
    grouped = [school for group in MIXED.by_stance.values() for school in group] + list(MIXED.silent)
    assert sorted(grouped) == ["ash", "elm", "fir", "oak", "yew"]


def test_as_json() -> None:
    assert Comparison("dogs", (silent("elm"), answered("oak", "advised"))).as_dict() == {
        "topic": "dogs",
        "schools": ["elm", "oak"],
        "by_stance": {"advised": ["oak"]},
        "silent": ["elm"],
        "positions": [silent("elm").as_dict(), answered("oak", "advised").as_dict()],
    }


def test_a_comparison_of_no_schools_is_empty() -> None:
    assert Comparison("dogs", ()).as_dict() == {"topic": "dogs", "schools": [], "by_stance": {}, "silent": [], "positions": []}


# over the sample


def test_every_school_of_the_sample_has_a_position(sample: Any) -> None:
    found = sample.compare("friend requests from parents").as_dict()
    assert found["schools"] == ["ashlar-grove", "gannet-point", "harbour-lane", "limekiln-bank", "samphire-road", "thornbeck-high"]
    assert [p["school"] for p in found["positions"]] == found["schools"]
    assert all(q["clause"].startswith(f"{p['school']}/") for p in found["positions"] for q in p["quotes"] + p["closest"])


def test_the_schools_asked_for_are_compared_in_the_order_given(sample: Any) -> None:
    assert sample.compare("smart watches", ["thornbeck-high", "ashlar-grove"]).as_dict()["schools"] == ["thornbeck-high", "ashlar-grove"]


def test_a_topic_is_not_empty(sample: Any) -> None:
    with pytest.raises(BadQuestion):
        sample.compare(" ?")
    with pytest.raises(UnknownSchool, match="harbour-lane"):
        sample.compare("dogs", ["harbor-lane"])


def test_a_topic_that_names_a_school_still_compares_the_schools_asked_for(sample: Any) -> None:
    """A name in the topic narrows nothing."""
    found = sample.compare("friend requests, as at Harbour Lane", ["ashlar-grove", "gannet-point"])
    assert [a.school for a in found.answers] == ["ashlar-grove", "gannet-point"]
