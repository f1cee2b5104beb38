"""Clauses named by number: what a question names, what it does not, and what a rule refers to."""

from __future__ import annotations

import pytest

from clausewise.references import named, referred, stands_under


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("What does clause 5.3 say?", ("5.3",)),
        ("What does 5.3 say?", ("5.3",)),
        ("what does 5.3 mean for volunteers", ("5.3",)),
        ("Is that allowed under section 4?", ("4",)),
        ("Is it covered in 4.2?", ("4.2",)),
        ("is that a breach of 5.3?", ("5.3",)),
        ("See 5.3.1.", ("5.3.1",)),
        ("para 2.1", ("2.1",)),
        ("PARAGRAPH 12(b)", ("12",)),
        ("§3", ("3",)),
        ("§ 3.2, please", ("3.2",)),
        ("Clause no. 7 – who is it for?", ("7",)),
        ("does sub-section 2.4.1 apply to governors", ("2.4.1",)),
        ("explain point 6", ("6",)),
        ("what does rule 41 say", ("41",)),
        ("Section 4 or section 9?", ("4", "9")),
        ("section 9, section 4, section 9", ("9", "4")),
        ("clauses 5.3, 5.4 and 6", ("5.3", "5.4", "6")),
        ("compare sections 4 & 5", ("4", "5")),
        ("section 4 of the mobile phone policy", ("4",)),
        ("section 4 of the code of conduct", ("4",)),
        ("section 4 in the 2024 version", ("4",)),
    ],
)
def test_a_number_that_a_question_names(question: str, numbers: tuple[str, ...]) -> None:
    assert named(question) == numbers


@pytest.mark.parametrize(
    "question",
    [
        "Can I use my phone after 5.30pm?",
        "Can I use my phone in 5.30 pm assembly?",
        "Do we finish at 5.30?",
        "does 1.5 hours count as a break",
        "in 1.5 hours",
        "a fine of £2.50?",
        "a fine of 2.50?",
        "an average of 4.5?",
        "3% of",
        "section 5% of staff",
        "my year 6 class",
        "Year 6?",
        "can under 16s have an account",
        "pupils under 16?",
        "children aged 5 to 11",
        "key stage 2",
        "in 2024",
        "the policy of 12.11.2024",
        "was it approved in 12.11.2024?",
        "section 2024",
        "paragraph 12.11.2024",
        "at this point 20 pupils have phones",
        "my powerpoint 4.2 slides",
        "room 4.2",
        "page 4",
        "a group of 30",
        "Who makes a section 47 enquiry?",
        "section 17 assessments",
        "What is section 175 of the Education Act 2002?",
        "section 17 of the Children Act 1989",
        "section 5(2) of the Equality Act",
        "under paragraph 74 of KCSIE",
        "paragraph 12 of Keeping Children Safe in Education",
        "",
    ],
)
def test_a_number_that_is_no_clause_s(question: str) -> None:
    assert named(question) == ()


@pytest.mark.parametrize(
    ("rule", "numbers"),
    [
        ("Subject to section 7, staff may keep a phone.", ("7",)),
        ("Staff may, except as set out in clause 5.3, share it.", ("5.3",)),
        ("Follow the steps (see also paragraph 4.1).", ("4.1",)),
        ("In accordance with the section 2 and under clause 9.", ("2", "9")),
        ("See clause 4, and see clause 4.", ("4",)),
        ("Duties under section 26 of the Counter-Terrorism Act.", ()),
        ("Under section 26 of Schedule 2.", ()),
        ("Under section 175 the governors must act.", ()),
        ("Section 7 deals with photographs.", ()),
        ("Under 16 pupils may not.", ()),
        ("Pupils stay for 2 hours.", ()),
    ],
)
def test_a_number_that_a_rule_refers_to(rule: str, numbers: tuple[str, ...]) -> None:
    assert referred(rule) == numbers


@pytest.mark.parametrize("place", ["5", "5.3", "5.3.1", "5/2", "5.3/1", "5.3~2", "5~2", "5/2/1"])
def test_a_clause_stands_under_its_number_and_those_above(place: str) -> None:
    assert stands_under(f"larch/phones#{place}", "5")


@pytest.mark.parametrize("place", ["50", "55.1", "15", "1.5", "personal-use/5", "appendix-5", "preamble/5", "6"])
def test_a_clause_does_not_stand_under_a_number_that_only_looks_like_its_own(place: str) -> None:
    assert not stands_under(f"larch/phones#{place}", "5")


def test_the_document_s_own_name_counts_for_nothing() -> None:
    assert not stands_under("larch/5#6", "5")
    assert stands_under("larch/5.3-phones#5.3", "5.3")
    assert not stands_under("larch/phones#5.30", "5.3")
