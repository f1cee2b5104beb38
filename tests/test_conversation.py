"""Follow-ups made to stand alone, and the schools that a question is asked of."""

from __future__ import annotations

import json
import tomllib

import pytest
from conftest import ROOT

from clausewise.conversation import Scope, Understood, understand
from clausewise.naming import Names
from clausewise.types import School

SCHOOLS = (
    School("coast-academies", "Coast Academies"),
    School("corbets-tey", "Corbets Tey School"),
    School("pear-tree", "Pear Tree Primary School"),
    School("primary-advantage", "Primary Advantage"),
    School("wybunbury-delves", "Wybunbury Delves C of E Primary School"),
)
ALL = tuple(school.id for school in SCHOOLS)
FRIENDS = "Can I accept a friend request from a parent?"
FRIENDS_AT_TEY = "Can I accept a friend request from a parent at Corbets Tey?"


def read(question: str, *history: str, asked: list[str] | None = None) -> Understood:
    return understand(question, history, asked, Names(SCHOOLS))


# follow-ups


@pytest.mark.parametrize(
    "follow_up",
    [
        "what about governors?",
        "And volunteers?",
        "even at weekends?",
        "Is it different for supply teachers?",
        "why?",
        "Does that go for ex-pupils too?",
    ],
)
def test_a_follow_up_takes_the_question_before_it_along(follow_up: str) -> None:
    found = read(follow_up, FRIENDS)
    assert found.standalone == f"{FRIENDS} {follow_up}"
    assert found.search == f"{FRIENDS} {follow_up}"
    assert found.schools == ALL


@pytest.mark.parametrize("follow_up", ["and at Pear Tree?", "What about Pear Tree?", "And pear tree?", "Pear Tree?", "peartree?"])
def test_a_follow_up_that_only_changes_the_school_asks_the_same_again(follow_up: str) -> None:
    found = read(follow_up, FRIENDS)
    assert found.search == FRIENDS
    assert found.schools == ("pear-tree",)


def test_a_follow_up_of_a_follow_up_goes_back_to_the_question() -> None:
    found = read("even at weekends?", FRIENDS_AT_TEY, "what about volunteers?")
    assert found.standalone == f"{FRIENDS_AT_TEY} what about volunteers? even at weekends?"
    assert found.search.startswith("Can I accept a friend request from a parent")
    assert "Corbets" not in found.search
    assert found.schools == ("corbets-tey",)


def test_a_follow_up_goes_back_no_further_than_a_question_that_stands_alone() -> None:
    found = read("what about governors?", "May pupils wear smart watches during exams?", FRIENDS)
    assert found.standalone == f"{FRIENDS} what about governors?"


@pytest.mark.parametrize(
    "question",
    [
        "What happens if a pupil sends me a message on Instagram?",
        "Who signs off the school website and newsletters?",
        "What is the rule on mobile phones in the dining hall?",
        "Must visitors leave smart watches at the front desk?",
    ],
)
def test_a_new_topic_stands_alone(question: str) -> None:
    found = read(question, FRIENDS_AT_TEY)
    assert found.standalone == question
    assert found.search == question


def test_a_new_topic_whose_pronoun_has_its_noun_beside_it_stands_alone() -> None:
    question = "How long must we keep photographs of pupils after they leave?"
    assert read(question, FRIENDS).search == question


def test_a_first_question_stands_alone_however_short() -> None:
    assert read("phones?") == Understood("phones?", "phones?", Scope(ALL, "every"))


def test_history_of_nothing_but_blanks_adds_nothing() -> None:
    assert read("what about governors?", "", "  ").search == "what about governors?"


def test_a_standalone_question_asked_afresh_is_asked_of_the_same_schools() -> None:
    found = read("and at Pear Tree?", FRIENDS_AT_TEY)
    assert read(found.standalone).schools == found.schools == ("pear-tree",)


def test_a_school_of_an_earlier_turn_that_is_not_asked_now_is_not_named() -> None:
    assert read("what about governors?", FRIENDS_AT_TEY, asked=["pear-tree"]).standalone == f"{FRIENDS} what about governors?"
    assert read("why?", FRIENDS_AT_TEY, "and at Pear Tree?").standalone == f"{FRIENDS} and at Pear Tree? why?"


SUITES = {
    "five-schools": SCHOOLS,
    "sample": tuple(
        School(folder, found["name"], None, tuple(found["aliases"]))
        for folder, found in sorted(tomllib.loads((ROOT / "corpus" / "schools.toml").read_text("utf-8"))["schools"].items())
    ),
}


@pytest.mark.parametrize("suite", SUITES)
def test_what_a_follow_up_is_understood_as_is_understood_in_the_same_way_when_asked_afresh(suite: str) -> None:
    lines = (ROOT / "evals" / suite / "cases.jsonl").read_text("utf-8").splitlines()
    cases = [case for case in map(json.loads, lines) if case["history"]]
    assert len(cases) > 10
    for case in cases:
        found = understand(case["question"], case["history"], [case["school"]] if case["school"] else None, Names(SUITES[suite]))
        afresh = understand(found.standalone, (), found.schools, Names(SUITES[suite]))
        assert (afresh.standalone, afresh.search, afresh.schools) == (found.standalone, found.search, found.schools)


# names


@pytest.mark.parametrize(
    ("question", "school"),
    [
        ("Can staff at Pear Tree Primary School befriend parents?", "pear-tree"),
        ("can staff at pear tree primary school befriend parents?", "pear-tree"),
        ("can staff at pear tree befriend parents?", "pear-tree"),
        ("Does Pear Tree allow blogs?", "pear-tree"),
        ("does pear-tree allow blogs?", "pear-tree"),
        ("can peartree staff keep blogs?", "pear-tree"),
        ("Does Peartree allow blogs?", "pear-tree"),
        ("What is Pear Tree's rule on blogs?", "pear-tree"),
        ("What is Pear Tree’s rule on blogs?", "pear-tree"),
        ("PEAR TREE: blogs?", "pear-tree"),
        ("corbets tay rules on blogs", "corbets-tey"),
        ("Corbet's Tey rules on blogs", "corbets-tey"),
        ("at corbets, can I blog?", "corbets-tey"),
        ("Does Corbets Tey School allow blogs?", "corbets-tey"),
        ("does Wybunbry Delves allow blogs", "wybunbury-delves"),
        ("does Wybunbury allow blogs?", "wybunbury-delves"),
        ("at wybunbury can I blog?", "wybunbury-delves"),
        ("Wybunbury Delves C of E Primary School: blogs?", "wybunbury-delves"),
        ("Does Primary Advantage allow blogs?", "primary-advantage"),
        ("does primary advantage allow blogs?", "primary-advantage"),
        ("What does Coast say about blogs?", "coast-academies"),
        ("are blogs allowed at coast academies?", "coast-academies"),
        ("Photos of the coast on a Coast Academies trip?", "coast-academies"),
    ],
)
def test_a_school_is_known_in_full_in_part_misspelt_joined_and_in_any_case(question: str, school: str) -> None:
    assert read(question).schools == (school,)


@pytest.mark.parametrize("question", ["does wybunbury allow blogs?", "what about peartree and wybunbury"])
def test_a_word_that_is_nothing_but_a_name_is_one_in_lower_case_too(question: str) -> None:
    assert "wybunbury-delves" in read(question).schools


@pytest.mark.parametrize(
    "question",
    [
        "Can staff take advantage of a discount posted online?",
        "Can we post pictures of the coast from the residential?",
        "May children photograph a pear tree in the garden?",
        "Are primary pupils allowed phones at lunch?",
        "What do primary schools ask of volunteers?",
        "Is there a primary advantage to using Facebook?",
        "Can a teacher delve into pupil profiles?",
        "Advantage and disadvantage of a class blog?",
        "Do secondary academies differ?",
        "Trees, pears and plums: may we post the harvest?",
        "do coast trips need a risk assessment?",
    ],
)
def test_ordinary_words_name_no_school(question: str) -> None:
    found = read(question)
    assert found.schools == ALL
    assert found.search == question


@pytest.mark.parametrize(
    ("question", "search"),
    [
        ("Can staff at Pear Tree befriend parents?", "Can staff befriend parents?"),
        ("Can staff at Pear Tree Primary School befriend parents?", "Can staff befriend parents?"),
        ("Wybunbury Delves C of E Primary School allows blogs when?", "allows blogs when?"),
        ("Pear Tree's rule on blogs", "rule on blogs"),
        ("Can Pear Tree staff bring a dog to Pear Tree?", "Can staff bring a dog to ?"),
    ],
)
def test_a_name_is_a_filter_and_no_word_to_search_for(question: str, search: str) -> None:
    assert read(question).search == search
    assert read(question).standalone == question


@pytest.mark.parametrize(
    ("question", "schools"),
    [
        ("Pear Tree and Corbets Tey: who allows blogs?", ("corbets-tey", "pear-tree")),
        ("compare pear tree with coast academies on blogs", ("coast-academies", "pear-tree")),
        ("Is Wybunbury stricter than Primary Advantage on blogs?", ("primary-advantage", "wybunbury-delves")),
        ("Coast Academies or Pear Tree or Wybunbury: who bans phones?", ("coast-academies", "pear-tree", "wybunbury-delves")),
    ],
)
def test_each_school_that_is_named_is_in_scope_in_the_corpus_order(question: str, schools: tuple[str, ...]) -> None:
    assert read(question).schools == schools


def test_an_alias_names_a_school() -> None:
    schools = (School("elm", "Elm Lane School", aliases=("ELS", "The Annexe")), School("oak", "Oak Lane School"))
    assert understand("does ELS allow dogs?", (), None, Names(schools)).schools == ("elm",)
    assert understand("dogs at the annexe?", (), None, Names(schools)).schools == ("elm",)
    assert understand("dogs on the lane?", (), None, Names(schools)).schools == ("elm", "oak")


def test_a_word_that_two_names_share_names_neither() -> None:
    schools = (School("harbour-lane", "Harbour Lane School"), School("harbour-view", "Harbour View School"))
    assert understand("Are dogs allowed at Harbour?", (), None, Names(schools)).schools == ("harbour-lane", "harbour-view")
    assert understand("Are dogs allowed at Harbour View?", (), None, Names(schools)).schools == ("harbour-view",)


def test_every_name_of_a_school_is_taken_out_in_whatever_order_a_set_holds_them() -> None:
    schools = (School("elm", "Elm Hill School", aliases=("Oak Hill", "Ash Hill", "Fir Hill")), School("yew", "Yew Green School"))
    found = understand("Ash Hill, Oak Hill or Fir Hill: dogs?", (), None, Names(schools))
    assert found.schools == ("elm",)
    assert "Hill" not in found.search


# every school


@pytest.mark.parametrize(
    "question",
    [
        "what do all schools say about blogs?",
        "every school: blogs?",
        "which schools allow blogs?",
        "across the trust, are blogs allowed?",
        "Do any of our schools allow blogs?",
        "blogs at each of the five schools",
    ],
)
def test_every_school_means_every_school_whatever_came_before(question: str) -> None:
    assert read(question, FRIENDS_AT_TEY).schools == ALL


@pytest.mark.parametrize(
    "question",
    [
        "Can all staff post at school?",
        "Is any school account private?",
        "Must every pupil sign?",
        "The other day a parent added me, can I accept?",
        "May I spend the rest of the lunch hour on my phone?",
    ],
)
def test_all_staff_are_not_all_schools(question: str) -> None:
    """Otherwise the school spoken of is forgotten: the scope stays that of the turn before."""
    assert read(question, FRIENDS_AT_TEY).schools == ("corbets-tey",)


# scope: the question, else what was asked for, else the nearest earlier turn that names one, else all


def test_a_school_named_in_the_question_goes_before_the_one_asked_for() -> None:
    assert read("and at Pear Tree?", FRIENDS_AT_TEY, asked=["coast-academies"]).schools == ("pear-tree",)


def test_the_school_asked_for_goes_before_history() -> None:
    assert read("what about governors?", FRIENDS_AT_TEY, asked=["pear-tree"]).schools == ("pear-tree",)


def test_the_nearest_earlier_turn_that_names_a_school_counts() -> None:
    assert read("what about governors?", FRIENDS_AT_TEY, "and at Pear Tree?", "why?").schools == ("pear-tree",)
    assert read("what about governors?", "and at Pear Tree?", "what do all schools say?").schools == ALL


def test_the_schools_asked_for_keep_their_order() -> None:
    assert read("blogs?", asked=["pear-tree", "coast-academies"]).schools == ("pear-tree", "coast-academies")


def test_a_school_asked_for_stays_when_the_question_says_every() -> None:
    assert read("Do all policies forbid blogs?", asked=["pear-tree"]).schools == ("pear-tree",)


def test_of_schools_asked_for_only_a_name_leads_elsewhere() -> None:
    """Each picked school stays picked, whatever the question says of all of them, or an earlier turn said."""
    assert read("Do all schools forbid blogs?", asked=["pear-tree"]).scope == Scope(("pear-tree",), "kept")
    assert read("Pear Tree vs Corbets Tey, and the others?", asked=["pear-tree"]).scope == Scope(("pear-tree", "corbets-tey"), "kept")
    assert read("why?", FRIENDS_AT_TEY, "what do all schools say?", asked=["pear-tree"]).scope == Scope(("pear-tree",), "asked")


@pytest.mark.parametrize(
    ("question", "history", "asked", "source"),
    [
        ("Blogs at Pear Tree?", (), None, "named"),
        ("Blogs at Pear Tree?", (FRIENDS_AT_TEY,), ["coast-academies"], "named"),
        ("blogs?", (FRIENDS_AT_TEY,), ["coast-academies"], "asked"),
        ("blogs?", (FRIENDS_AT_TEY, "why?"), None, "earlier"),
        ("blogs?", (FRIENDS_AT_TEY, "what do all schools say?"), None, "every"),
        ("blogs?", (FRIENDS,), None, "every"),
    ],
)
def test_it_is_told_why_these_schools_are_asked(question: str, history: tuple[str, ...], asked: list[str] | None, source: str) -> None:
    assert read(question, *history, asked=asked).scope.source == source


def test_without_any_hint_every_school_is_asked() -> None:
    assert read("Are blogs allowed in the evening?").schools == ALL
