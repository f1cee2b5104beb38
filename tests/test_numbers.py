"""Quantities of rules, on sentences of our own."""

from __future__ import annotations

import pytest

from clausewise.comparison.numbers import outliers, quantities

CASES = [
    ("Answer within 24 hours.", [("duration", 24, "hours", "at most")]),
    ("Answer within one day.", [("duration", 24, "hours", "at most")]),
    ("Reply within five working days.", [("duration", 5, "working days", "at most")]),
    ("Reply within two school days.", [("duration", 2, "school days", "at most")]),
    ("Hand it in by the end of the next working day.", [("duration", 1, "working days", "")]),
    ("A note comes the next day.", [("duration", 24, "hours", "")]),
    ("Wait for half an hour.", [("duration", 0.5, "hours", "")]),
    ("A 30 minute detention follows.", [("duration", 0.5, "hours", "")]),
    ("Keep the slip for at least two years.", [("duration", 24, "months", "at least")]),
    ("They may be added a year after leaving.", [("duration", 12, "months", "")]),
    ("Coats are kept for a week.", [("duration", 168, "hours", "")]),
    ("Films are deleted after six months.", [("duration", 6, "months", "")]),
    ("The key is lent for not more than one term.", [("duration", 1, "terms", "at most")]),
    ("Wait two full weeks.", [("duration", 336, "hours", "")]),
    ("A stay of two to three weeks.", [("duration", 336, "hours", "")]),
    ("Not until the person is 18 and two full years have passed.", [("age", 18, "years", ""), ("duration", 24, "months", "")]),
    ("No child under 13 may join.", [("age", 13, "years", "under")]),
    ("Under-13s wait outside.", [("age", 13, "years", "under")]),
    ("Anyone aged 18 or over may vote.", [("age", 18, "years", "at least")]),
    ("Pupils wait until they are 18.", [("age", 18, "years", "")]),
    ("Pupils who have reached the age of 16 may leave.", [("age", 16, "years", "")]),
    ("Those over the age of 18 may stay.", [("age", 18, "years", "over")]),
    ("Students aged 16 may choose.", [("age", 16, "years", "")]),
    ("The site's minimum age (often 13 years) holds.", [("age", 13, "years", "")]),
    ("A child of seven years old may swim.", [("age", 7, "years", "")]),
    ("Years 7 to 11 eat first.", [("year_group", 7, "year", "")]),
    ("Pupils below Year 3 stay inside.", [("year_group", 3, "year", "under")]),
    ("Bags are shut from 8.35 a.m. to 3.15 p.m.", [("time", 8 + 35 / 60, "", ""), ("time", 15.25, "", "")]),
    ("The box opens at 8.45 and shuts at 3.20.", [("time", 8.75, "", ""), ("time", 15 + 20 / 60, "", "")]),
    ("No calls before 10am or after 15:30.", [("time", 10, "", ""), ("time", 15.5, "", "")]),
    ("Lunch begins at noon.", [("time", 12, "", "")]),
    ("A new pouch costs £12.50.", [("money", 12.5, "pounds", "")]),
    ("Fines above £1,000 go to the board.", [("money", 1000, "pounds", "over")]),
    ("At least 20 per cent must agree.", [("percent", 20, "percent", "at least")]),
    ("About 75% came.", [("percent", 75, "percent", "")]),
    ("Two members of staff are present.", [("count", 2, "members of staff", "")]),
    ("Name at least two administrators.", [("count", 2, "administrators", "at least")]),
    ("A code has 12 characters.", [("count", 12, "characters", "")]),
    ("Pupils stand in groups of three or more.", [("count", 3, "groups", "at least")]),
    ("A request by five or more workers is heard.", [("count", 5, "workers", "at least")]),
    ("Goods come 9.30 to 11.30 only.", [("time", 9.5, "", ""), ("time", 11.5, "", "")]),
    ("Checked half-termly.", [("frequency", 0.5, "terms", "")]),
    ("Checked every half term.", [("frequency", 0.5, "terms", "")]),
    ("Reviewed annually.", [("frequency", 12, "months", "")]),
    ("Reviewed every year.", [("frequency", 12, "months", "")]),
    ("Reviewed every two years.", [("frequency", 24, "months", "")]),
    ("Reviewed every other year.", [("frequency", 24, "months", "")]),
    ("Tested once a term.", [("frequency", 1, "terms", "")]),
    ("Tested twice a year.", [("frequency", 6, "months", "")]),
    ("Tested three times a week.", [("frequency", 56, "hours", "")]),
    ("Read 7 days a week.", [("frequency", 24, "hours", "")]),
    ("Walked every fortnight.", [("frequency", 336, "hours", "")]),
    ("Checked every school day.", [("frequency", 1, "school days", "")]),
]
NONE = [
    "4.1 Staff keep keys.",
    "See section 12 and clauses 4.1 to 4.3.",
    "Approved on 12 March 2026; next review 12/03/2027.",
    "Approved in May 2022, under the Ducks Act 2010.",
    "Ring 01234 567890 or 999.",
    "Ring +44 1234 567 890.",
    "Read https://example.org/2024/12/ducks on the site.",
    "Write to ducks24@example.org.",
    "Document THS/POL/09, version 3.1, issue 3.",
    "Company no. 8451787.",
    "Part Two of the Standards.",
    "Spring Term 2029.",
    "Pupils in Key Stage 2 learn this.",
    "One day they may be grateful.",
    "Four out of ten ducks agreed.",
    "Psalm 23:1",
    "A two-way radio.",
    "For two reasons.",
    "Fill in form SM1.",
    "",
]


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[text for text, _ in CASES])
def test_a_quantity_is_normalised(text: str, wanted: list[tuple[str, float, str, str]]) -> None:
    found = [(q.kind, q.value, "" if q.kind == "time" else q.unit, q.bound) for q in quantities(text)]
    assert found == [(kind, pytest.approx(value), unit, bound) for kind, value, unit, bound in wanted]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_quantity_is_left(text: str) -> None:
    assert quantities(text) == ()


@pytest.mark.parametrize(("text", "_"), CASES, ids=[text for text, _ in CASES])
def test_the_words_stand_where_they_are_said_to(text: str, _: object) -> None:
    assert all(text[q.start : q.end] == q.text for q in quantities(text))


def test_words_are_as_printed_with_their_bound() -> None:
    assert [q.text for q in quantities("Reply within\n24 hours, and keep it for two  weeks.")] == ["within\n24 hours", "two  weeks"]


def test_a_range_has_two_ends() -> None:
    assert [(q.value, q.high) for q in quantities("Those aged 11 to 15, and Years 7–9, wait two to three weeks.")] == [
        (11, 15),
        (7, 9),
        (336, 504),
    ]


def test_the_majority_makes_outliers() -> None:
    assert outliers({"a": 24, "b": 24, "c": 48}) == ("c",)
    assert outliers({"a": 24, "b": 24, "c": 48, "d": 12, "e": 24}) == ("c", "d")


def test_without_a_majority_the_quartiles_do() -> None:
    assert outliers({"a": 10, "b": 11, "c": 12, "d": 13, "e": 100}) == ("e",)
    assert outliers({"a": 10, "b": 11, "c": 12, "d": 13}) == ()


def test_two_values_have_no_outlier() -> None:
    assert outliers({"a": 1, "b": 2}) == ()
    assert outliers({}) == ()
    assert outliers({"a": 1, "b": 2, "c": 3}) == ()
