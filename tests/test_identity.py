"""Identity is where a thing stands: a clause that two schools share word for word stays two clauses."""

from __future__ import annotations

import pytest

from clausewise.assistant import Assistant
from clausewise.types import Answer

SHARED = {"harbour-lane": "harbour-lane/social-media-policy#5.2", "samphire-road": "samphire-road/social-media-policy#parents/2"}
QUESTION = "A parent has sent me a friend request on my personal account. What must I do, and by when?"


def words(text: str) -> str:
    return " ".join(text.split())


def first(assistant: Assistant, question: str, school: str) -> Answer:
    return assistant.ask(question, [school]).answers[0]


def test_the_clause_is_shared_word_for_word(sample: Assistant) -> None:
    bodies = [sample.index.clause[i].body.of(sample.index.document[i.partition("#")[0]].text) for i in SHARED.values()]
    assert words(bodies[0]) == words(bodies[1])
    assert words(bodies[0]).startswith("A member of staff who receives a friend request")


@pytest.mark.parametrize("school", SHARED)
def test_each_school_is_answered_under_its_own_id(school: str, sample: Assistant) -> None:
    answer = first(sample, QUESTION, school)
    assert answer.quotes[0].clause.id == SHARED[school]
    assert {q.document.school for q in answer.quotes} == {school}


def test_asked_of_both_each_answers_with_its_own(sample: Assistant) -> None:
    reply = sample.ask(QUESTION, list(SHARED))
    assert {a.school: a.quotes[0].clause.id for a in reply.answers} == SHARED
    texts = {words(a.quotes[0].text) for a in reply.answers}
    assert len(texts) == 1  # the same words
    places = {(a.quotes[0].document.id, a.quotes[0].span) for a in reply.answers}
    assert len(places) == 2  # at two addresses


def test_asked_of_every_school_both_keep_theirs(sample: Assistant) -> None:
    answers = {a.school: a for a in sample.ask(QUESTION).answers}
    assert {school: answers[school].quotes[0].clause.id for school in SHARED} == SHARED


def test_named_in_the_question_each_answers_with_its_own(sample: Assistant) -> None:
    for name, school in (("Harbour Lane", "harbour-lane"), ("Samphire Road", "samphire-road")):
        reply = sample.ask(f"At {name}, a parent has sent me a friend request. What must I do?")
        assert reply.schools == (school,)
        assert reply.answers[0].quotes[0].clause.id == SHARED[school]


def test_a_search_over_both_finds_both(sample: Assistant) -> None:
    found = [quote.clause.id for quote in sample.search(QUESTION, list(SHARED), k=6)]
    assert set(SHARED.values()) <= set(found)
    assert len(found) == len(set(found)) == 6


def test_no_id_stands_twice(sample: Assistant, five: Assistant) -> None:
    for assistant in (sample, five):
        ids = [clause.id for clause in assistant.index.clauses]
        assert len(ids) == len(set(ids))
        assert all(clause.id.startswith(f"{clause.document}#") for clause in assistant.index.clauses)
        assert all(clause.document.startswith(f"{clause.school}/") for clause in assistant.index.clauses)
