"""What is asked back, and that no choice is asked back again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import WordsEncoder

from clausewise.assistant import Assistant
from clausewise.clarifying import heading
from clausewise.index import Index
from clausewise.settings import Settings
from clausewise.types import Clarification

PHONES = """# Mobile Phone Policy

## 1. Purpose

1.1 This says what a phone is for.

## 2. Pupils

2.1 Pupils hand in a phone.

## 3. STAFF

3.1 Staff lock away a phone.

## 4. Dogs

4.1 Dogs come on a lead.
"""
FILES = {"ash-lane/p.md": PHONES, "ash-hill/p.md": PHONES, "birch/p.md": "# Cats Policy\n\n## Cats\n\n1.1 Cats stay at home.\n"}


@pytest.fixture
def opened(make_index: Callable[..., Index], words: WordsEncoder) -> Assistant:
    return Assistant(make_index(FILES), Settings(), words)  # type: ignore[arg-type]


def back(assistant: Assistant, question: str, *schools: str, history: tuple[str, ...] = ()) -> Clarification | None:
    """What is asked back; that no choice leads to another is checked each time."""
    found = assistant.ask(question, schools or None, history).clarification
    for choice in found.choices if found else ():
        assert assistant.ask(choice.question, choice.schools).clarification is None
    return found


# schools


def test_a_name_that_fits_two_schools_gives_a_choice_for_each_and_one_for_both(opened: Assistant) -> None:
    found = back(opened, "Do pupils hand in a phone at Ash?", history=())
    assert found is None  # a name of three letters is no name by itself
    found = back(opened, "What about phones at Ash Lane or at Ash Hill?")
    assert found is None  # both are named outright


def test_a_clause_under_no_heading_leads_to_no_topic(make_index: Callable[..., Index], words: WordsEncoder) -> None:
    """A policy without headings is answered from, and is no choice; asking for a topic may find it first."""
    pupils = "# Mobile Phone Policy\n\n## Pupils\n\n1.1 Pupils hand their phones to the office at the gate.\n"
    files = {
        "larch/phones.md": f"{pupils}\n1.2 Pupils may carry a phone on a residential trip.\n\n## Staff\n\n2.1 Staff keep their phones in a drawer during lessons.\n",
        "larch/dogs.md": "# Dogs on Site Policy\n\nNo dog comes through the gate, except an assistance dog.\n",
        "maple/phones.md": f"{pupils.replace('at the gate', 'each morning')}\n1.2 Smart watches count as phones.\n",
        "larch/bees.md": "# Bees Policy\n\n1.1 No hive stands near the playground.\n\n1.2 Pupils must not open a hive. Staff may, in a veil.\n",
    }
    assistant = Assistant(make_index(files), Settings(), words)  # type: ignore[arg-type]
    for question in ("Pupils", "Staff", "Dogs on Site Policy", "Mobile Phone Policy", "Uniform Policy"):
        assert {answer.school for answer in assistant.ask(question).answers} == {"larch", "maple"}


# topics


def test_a_heading_that_names_another_school_is_no_choice_and_no_fault(make_index: Callable[..., Index], words: WordsEncoder) -> None:
    joined = PHONES.replace("2. Pupils", "2. Pupils from Birch School").replace("3. STAFF", "3. Staff from Birch School")
    assistant = Assistant(make_index(FILES | {"ash-lane/p.md": joined}), Settings(), words)  # type: ignore[arg-type]
    assert back(assistant, "Phone?", "ash-lane") is None
    assert back(Assistant(make_index(FILES), Settings(), words), "Phone?", "ash-lane") is not None  # type: ignore[arg-type]


def test_a_word_that_stands_under_several_headings_is_asked_back(opened: Assistant) -> None:
    found = back(opened, "phone?", "ash-lane")
    assert found is not None
    assert found.kind == "topic"
    assert {choice.label for choice in found.choices} == {"Mobile Phone Policy › Pupils", "Mobile Phone Policy › Staff"}
    assert all(choice.schools == ("ash-lane",) for choice in found.choices)


def test_a_choice_leads_to_its_heading(opened: Assistant) -> None:
    found = back(opened, "phone?", "ash-lane")
    assert found is not None
    for choice in found.choices:
        ranked = opened.rank(choice.question, choice.schools)
        clause = opened.index.clause[ranked.best["ash-lane"][0].passage.clause]
        assert heading(clause.headings[-1]) == choice.label.rpartition(" › ")[2]


def test_the_same_topic_of_several_schools_is_one_choice(opened: Assistant) -> None:
    found = back(opened, "phone?", "ash-lane", "ash-hill")
    assert found is not None
    assert sorted(choice.label for choice in found.choices) == ["Pupils", "Staff"]


@pytest.mark.parametrize(
    "question", ["dogs?", "Do pupils hand in a phone?", "Staff: phone?", "What does 2.1 say?", "Mobile Phone Policy › Pupils: phone?"]
)
def test_what_is_plain_is_not_asked_back(opened: Assistant, question: str) -> None:
    assert back(opened, question, "ash-lane") is None


def test_a_follow_up_is_as_full_as_the_question_that_it_leans_on(opened: Assistant) -> None:
    assert back(opened, "and phones?", "ash-lane", history=("Do dogs come on a lead in the garden?",)) is None


def test_within_some_schools_nothing_of_another_is_offered(opened: Assistant) -> None:
    found = back(opened.within(["ash-hill"]), "phone?")
    assert found is not None
    assert {choice.schools for choice in found.choices} == {("ash-hill",)}
    assert back(opened.within(["birch"]), "phone?") is None


# two questions


@pytest.mark.parametrize(
    "question",
    ["Can dogs come on a lead and do pupils hand in a phone?", "Can dogs come on a lead? And do pupils hand in a phone?"],
)
def test_two_questions_are_put_one_at_a_time(opened: Assistant, question: str) -> None:
    found = back(opened, question, "ash-lane")
    assert found is not None
    assert found.kind == "question"
    assert [choice.question for choice in found.choices] == ["Can dogs come on a lead?", "Do pupils hand in a phone?"]


def test_a_question_that_was_answered_before_is_not_asked_back(opened: Assistant) -> None:
    """A follow-up may lean on it without need."""
    earlier, question = "Where do staff lock away a phone?", "Do dogs come on leads?"
    assert opened.ask(question, None, (earlier,)).standalone_question == f"{earlier} {question}"
    assert back(opened, question, history=(earlier,)) is None
    assert back(opened, f"{earlier} {question}") is not None


@pytest.mark.parametrize(
    "question",
    [
        "Can dogs come on a lead and do they stay at home?",
        "Do pupils hand in a phone and when?",
        "Do pupils hand in a phone and do pupils hand in a phone at the gate?",
        "Pupils hand in a phone and staff lock away a phone",
    ],
)
def test_one_question_of_two_parts_stays_one(opened: Assistant, question: str) -> None:
    assert back(opened, question, "ash-lane") is None


# labels


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("4. Pupils", "Pupils"),
        ("12.0  Monitoring", "Monitoring"),
        ("4 PUPILS", "Pupils"),
        ("AIM", "AIM"),
        ("6.2 Children", "Children"),
        ("Staff", "Staff"),
    ],
)
def test_a_heading_as_a_label_has_no_number_and_no_capitals(text: str, label: str) -> None:
    assert heading(text) == label
