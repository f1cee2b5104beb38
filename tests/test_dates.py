"""Dates that a policy states of itself: read as they stand, by the words beside them, and never made up."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausewise.blocks import recognise
from clausewise.dates import Review, review, stated_dates
from clausewise.types import Document, StatedDate

PIECES = (
    "Approved", "Next review", "Review date", "reviewed", "Updated", ": ", " ", "\t", " | ", ". ", "\n", "\n\n", "5 May 2026",
    "31/02/2026", "May 2026", "Spring 2022", "2010", "99.99.99", "2026-13-40", "Winter", "the governors ", "Sept. ", "0000-00-00",
    "1 May 0000",
)  # fmt: skip


def found(text: str) -> list[StatedDate]:
    return list(stated_dates(text, recognise(text)))


def roles(text: str) -> list[tuple[str, str]]:
    return [(stated.role, stated.text) for stated in found(text)]


def bounds(words: str) -> tuple[str, str]:
    stated = found(f"Approved: {words}")
    assert [s.text for s in stated] == [words]
    return stated[0].earliest.isoformat(), stated[0].latest.isoformat()


def document(text: str) -> Document:
    blocks = recognise(text)
    return Document("larch/p", "larch", "P", "larch/p.txt", "text", "0" * 64, text, blocks, dates=stated_dates(text, blocks))


# forms


@pytest.mark.parametrize(
    "words",
    [
        "5 May 2026",
        "05 May 2026",
        "5th May 2026",
        "5th of May 2026",
        "5 May, 2026",
        "5 MAY 2026",
        "5\u00a0May\u00a02026",
        "05/05/2026",
        "5/5/26",
        "05.05.26",
        "5.5.2026",
        "2026-05-05",
    ],
)
def test_a_day(words: str) -> None:
    assert bounds(words) == ("2026-05-05", "2026-05-05")


@pytest.mark.parametrize(
    ("words", "day"),
    [("1st June 2026", "2026-06-01"), ("2nd Sept 2026", "2026-09-02"), ("3rd Feb. 2024", "2024-02-03"), ("29 Feb 2024", "2024-02-29")],
)
def test_a_day_of_another_month(words: str, day: str) -> None:
    assert bounds(words) == (day, day)


def test_a_day_that_a_review_is_due_not_later_than() -> None:
    text = "To be reviewed not later than 1 September 2027"
    assert roles(text) == [("next_review", "1 September 2027")]


def test_the_day_comes_before_the_month() -> None:
    assert bounds("05/06/2026") == ("2026-06-05", "2026-06-05")


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("May 2026", "2026-05-01", "2026-05-31"),
        ("Feb 2024", "2024-02-01", "2024-02-29"),
        ("february 2025", "2025-02-01", "2025-02-28"),
        ("Sept 2026", "2026-09-01", "2026-09-30"),
        ("Sept. 2026", "2026-09-01", "2026-09-30"),
        ("DECEMBER 2025", "2025-12-01", "2025-12-31"),
    ],
)
def test_a_month_runs_from_its_first_day_to_its_last(words: str, first: str, last: str) -> None:
    assert bounds(words) == (first, last)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("Spring 2022", "2022-03-01", "2022-05-31"),
        ("Summer 2022", "2022-06-01", "2022-08-31"),
        ("Autumn 2022", "2022-09-01", "2022-11-30"),
        ("Winter 2022", "2022-12-01", "2022-12-31"),
        ("spring 2022", "2022-03-01", "2022-05-31"),
    ],
)
def test_a_season_stays_a_season(words: str, first: str, last: str) -> None:
    assert bounds(words) == (first, last)


@pytest.mark.parametrize("words", ["Summer Term 2023", "Summer term, 2023"])
def test_the_words_of_a_term_are_kept(words: str) -> None:
    assert roles(f"Next review: {words}") == [("next_review", words)]


@pytest.mark.parametrize("words", ["31 February 2026", "31/02/2026", "12/13/2026", "2026-13-01", "0 May 2026", "32 May 2026"])
def test_a_day_that_no_calendar_has_is_no_date(words: str) -> None:
    assert found(f"Approved: {words}") == []


@pytest.mark.parametrize(
    "words", ["2026", "May", "Spring", "5 May", "the academic year 2025-26", "every two years", "annually", "12345", "1.2.3"]
)
def test_half_a_date_is_none(words: str) -> None:
    assert found(f"Approved: {words}") == []


def test_a_date_knows_where_it_stands() -> None:
    text = "Badge Policy\n\nApproved by the governors on 5 May 2026.\n"
    (stated,) = found(text)
    assert (stated.span.start, stated.span.end, stated.span.of(text)) == (43, 53, "5 May 2026")


# roles


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Written: October 2012", "written"),
        ("Policy written October 2012", "written"),
        ("Drafted October 2012", "written"),
        ("Created: 1/2/2012", "written"),
        ("Amended October 2018", "amended"),
        ("Revised: October 2018", "amended"),
        ("Updated October 2018", "amended"),
        ("Approved by governors on 5 May 2026.", "approved"),
        ("Date of approval: May 2026", "approved"),
        ("Adopted October 2018", "approved"),
        ("Ratified: 3 May 2020", "approved"),
        ("Agreed: 3 May 2020", "approved"),
        ("Effective from 1 September 2025", "approved"),
        ("In force from 1 September 2025", "approved"),
        ("Last reviewed: May 2024", "reviewed"),
        ("Date reviewed: May 2024", "reviewed"),
        ("Reviewed: May 2024", "reviewed"),
        ("This policy was last reviewed in May 2024.", "reviewed"),
        ("This policy has been reviewed in May 2024.", "reviewed"),
        ("Last updated 4 May 2020", "reviewed"),
        ("Next review: May 2027", "next_review"),
        ("Date of next review: May 2027", "next_review"),
        ("Next review date: May 2027", "next_review"),
        ("Review due: May 2027", "next_review"),
        ("Review by May 2027", "next_review"),
        ("To be reviewed in May 2027", "next_review"),
        ("It will be reviewed again in May 2027.", "next_review"),
        ("It is due for review in May 2027.", "next_review"),
        ("This policy expires on 31 July 2026", "next_review"),
        ("The governors will review this policy in May 2027.", "next_review"),
    ],
)
def test_the_words_before_a_date_give_its_role(text: str, role: str) -> None:
    assert [stated.role for stated in found(text)] == [role]


def test_a_sentence_may_hold_two_dates() -> None:
    text = "The policy was last reviewed in March 2024 and will be reviewed again in March 2026."
    assert roles(text) == [("reviewed", "March 2024"), ("next_review", "March 2026")]


def test_each_sentence_labels_its_own_date() -> None:
    assert roles("Approved on 5 May 2026. Next review: May 2027.") == [("approved", "5 May 2026"), ("next_review", "May 2027")]


def test_two_dates_may_share_a_label() -> None:
    assert roles("Amended November 2015 and October 2018") == [("amended", "November 2015"), ("amended", "October 2018")]


def test_the_nearest_label_wins() -> None:
    assert roles("Next review date May 2025 (approved May 2024)") == [("next_review", "May 2025"), ("approved", "May 2024")]


def test_a_row_labels_its_date() -> None:
    text = "| Policy amended | March 2015<br>May 2018 |\n| Last adopted by the Finance Committee of the whole Board | October 2018 |\n"
    assert roles(text) == [("amended", "March 2015"), ("amended", "May 2018"), ("approved", "October 2018")]


def test_a_column_labels_its_dates() -> None:
    text = "| Approved | Next review |\n|---|---|\n| May 2024 | May 2025 |\n"
    assert roles(text) == [("approved", "May 2024"), ("next_review", "May 2025")]


def test_a_bare_review_date_is_the_next_one() -> None:
    assert roles("Last reviewed May 2024. Review date: May 2025.") == [("reviewed", "May 2024"), ("next_review", "May 2025")]


def test_a_bare_review_date_beside_the_next_one_is_the_last() -> None:
    assert roles("Review date: May 2024\n\nNext review: May 2025") == [("reviewed", "May 2024"), ("next_review", "May 2025")]


def test_a_table_with_tabs_labels_its_dates() -> None:
    text = "\tPolicy Review Date\t11 November 2020\n\tNext Review Date\tSpring 2022\n"
    assert roles(text) == [("reviewed", "11 November 2020"), ("next_review", "Spring 2022")]


def test_a_next_review_that_is_stated_twice_is_the_next_one_twice() -> None:
    text = "Next review date: July 2027\n\nThe policy is next due for review in July 2027.\n"
    assert roles(text) == [("next_review", "July 2027"), ("next_review", "July 2027")]


def test_what_governors_will_review_is_not_reviewed_yet() -> None:
    text = "Next review: May 2029\n\nThe governors will review this policy in May 2029.\n"
    assert roles(text) == [("next_review", "May 2029"), ("next_review", "May 2029")]


@pytest.mark.parametrize(
    "text",
    ["Reviewed by governors on 3 March 2024", "Reviewed by the DSL: March 2024", "This policy was reviewed by the head in March 2024."],
)
def test_what_somebody_reviewed_is_no_next_review(text: str) -> None:
    assert [stated.role for stated in found(text)] == ["reviewed"]


# nothing is made up


@pytest.mark.parametrize(
    "text",
    [
        "The policy was reviewed under the Equality Act 2010.",
        "Approved in line with the Education Act 2002.",
        "Adopted under the Data Protection Act 2018 and the UK GDPR.",
        "Governors approve the budget. The trip is on 5 May 2026.",
        "The hall was built in May 1968.",
        "Pupils leave on 20 July 2026.",
        "The policy is reviewed annually.",
        "Date:",
        "Approved by:\tDate:\tReview date:",
        "Staff who joined before May 2020 have agreed to it.",
    ],
)
def test_a_date_without_a_label_stays_away(text: str) -> None:
    assert found(text) == []


def test_a_date_far_from_its_label_stays_away() -> None:
    text = "The plan was approved by the full board of governors of this school after a long and careful talk in May 2020."
    assert found(text) == []


def test_a_label_does_not_reach_into_the_next_block() -> None:
    assert found("Date approved and signed:\n\nThe fair is on 5 May 2026.\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "This policy follows Keeping Children Safe in Education, published September 2024.",
        "See the guidance that the department issued in May 2019.",
        "Updated in line with the Equality Act, October 2010.",
    ],
)
def test_the_date_of_another_document_is_not_the_policys(text: str) -> None:
    assert found(text) == []


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@settings(max_examples=300, deadline=None)
def test_every_date_stands_in_the_text_and_is_bounded(text: str) -> None:
    for stated in found(text):
        assert stated.span.of(text) == stated.text
        assert stated.earliest <= stated.latest


# where a policy stands with its review


def test_no_next_review_is_said_to_be_not_stated() -> None:
    assert review(document("Approved May 2024"), date(2026, 1, 1)) == Review("not_stated", "no next review date stated")


@pytest.mark.parametrize(
    ("today", "status", "text"),
    [
        (date(2027, 1, 1), "current", "next review 5 May 2027"),
        (date(2027, 4, 6), "current", "next review 5 May 2027"),
        (date(2027, 4, 7), "due_soon", "next review 5 May 2027: due within 28 days"),
        (date(2027, 5, 5), "due_soon", "next review 5 May 2027: due within 28 days"),
        (date(2027, 5, 6), "overdue", "next review 5 May 2027: overdue by 1 day"),
        (date(2027, 5, 7), "overdue", "next review 5 May 2027: overdue by 2 days"),
        (date(2027, 6, 4), "overdue", "next review 5 May 2027: overdue by 30 days"),
        (date(2027, 6, 5), "overdue", "next review 5 May 2027: overdue by 1 month"),
        (date(2027, 7, 6), "overdue", "next review 5 May 2027: overdue by 2 months"),
        (date(2028, 5, 5), "overdue", "next review 5 May 2027: overdue by 1 year"),
        (date(2029, 6, 5), "overdue", "next review 5 May 2027: overdue by 2 years 1 month"),
    ],
)
def test_review_in_words(today: date, status: str, text: str) -> None:
    assert review(document("Next review: 5 May 2027"), today) == Review(status, text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "last"),
    [
        ("Spring 2022", date(2022, 5, 31)),
        ("May 2022", date(2022, 5, 31)),
        ("February 2024", date(2024, 2, 29)),
        ("Winter 2022", date(2022, 12, 31)),
    ],
)
def test_a_season_or_month_is_overdue_only_when_past(words: str, last: date) -> None:
    made = document(f"Next review: {words}")
    assert review(made, last) == Review("due_soon", f"next review {words}: due within 28 days")
    assert review(made, date.fromordinal(last.toordinal() + 1)) == Review("overdue", f"next review {words}: overdue by 1 day")


def test_the_autumn_term_is_not_past_in_december() -> None:
    assert review(document("Next review: Autumn Term 2025"), date(2025, 12, 5)).status != "overdue"


def test_of_two_next_reviews_the_later_counts() -> None:
    made = document("Next review: May 2024\n\nNext review: May 2027\n")
    assert review(made, date(2026, 1, 1)) == Review("current", "next review May 2027")


def test_a_date_that_wraps_is_shown_on_one_line() -> None:
    text = "The governors look at this policy each year, and\ntheir next review is due on 5 May\n2027, when the head\nreports to them.\n"
    made = document(text)
    assert [d.text for d in made.dates] == ["5 May\n2027"]
    assert review(made, date(2027, 1, 1)).text == "next review 5 May 2027"
