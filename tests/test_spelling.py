"""Slips are mended towards the policies' own words; names, short words and the asker's own words are left alone."""

from __future__ import annotations

import pytest

from clausewise.spelling import Speller, spoken

TEXTS = ["Staff must not use social networking sites to contact pupils.", "Safeguarding concerns go to the headteacher.", "insta"]


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(spoken(TEXTS).__contains__)


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("can i contcat pupils", "can i contact pupils"),
        ("safegarding worry", "safeguarding worry"),  # the policies' word, one letter short
        ("what happns if staff recieve a gift?", "what happens if staff receive a gift?"),
        ("the headtaecher, then?", "the headteacher, then?"),
        ("insta or tiktok", "insta or tiktok"),
        ("Gemmma said so", "Gemmma said so"),  # a name
        ("teh kdis", "teh kdis"),  # too short to tell
        ("xqzzvwk", "xqzzvwk"),  # nothing is near
        ("don’t they’re", "don’t they’re"),
        ("hoodies, zumba", "hoodies, zumba"),  # one letter for another is no slip: goodies, rumba
        ("my adress", "my address"),
        ("", ""),
        ("y6 2.30pm £5", "y6 2.30pm £5"),
    ],
)
def test_what_is_mended_and_what_is_not(speller: Speller, typed: str, mended: str) -> None:
    assert speller.mend(typed) == mended


def test_the_policies_words_come_before_commoner_ones() -> None:
    assert Speller(spoken(["The mentor decides."]).__contains__).mend("ask the menntor") == "ask the mentor"


def test_mending_twice_changes_nothing_more(speller: Speller) -> None:
    once = speller.mend("contcat the headtaecher about safegarding")
    assert speller.mend(once) == once
