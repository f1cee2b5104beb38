"""What a rule says of what was asked, on rules of our own: a model reads it, and these are the readings that it may not get wrong."""

from __future__ import annotations

import json
import math

import pytest

from clausewise.stance import FACT, MODEL, features, probabilities, stance

QUESTION = "Is that all right?"
NOT_YET = "the fitted model misreads this rule; take the mark away once it reads it"
MISREAD = {  # rules of the lists below that it gets wrong
    "Coaches may not use their own car except in an emergency.",
    "post a picture of a child without consent",
}

PROHIBITED = [
    ("Staff must not lend their passwords to anyone.", None),
    ("Volunteers may not take pictures on the playground.", None),
    ("Never give a child your home number.", None),
    ("Pupils cannot keep a watch on during a test.", None),
    ("Chewing gum is banned in the library.", None),
    ("Livestreaming lessons is forbidden.", None),
    ("The use of drones over the site is prohibited.", None),
    ("Bringing a dog on site is not permitted.", None),
    ("Visitors are not allowed to film the assembly.", None),
    ("Under no circumstances does a tutor drive a pupil home.", None),
    ("No member of staff may sell goods in the staff room.", None),
    ("Do not reply to anonymous messages.", None),
    ("Staff mustn’t tag one another in class pictures.", None),
    ("Governors shall not speak to the press.", None),
    ("It is not acceptable to shout across the yard.", None),
    ("Nobody may climb the roof.", None),
    ("Neither staff nor pupils may climb the roof.", None),
    ("share a pupil's timetable", "Coaches must not:"),
    ("a personal mobile number", "Staff never give to families:"),
    ("swap shifts through a chat group", "Employees are not permitted to"),
    ("bring a dog", "During the school day staff must not:"),
]
REQUIRED = [
    ("Coaches must sign the register on arrival.", None),
    ("Every visitor shall wear a badge.", None),
    ("Leavers have to hand back their keys.", None),
    ("A risk assessment is required before each trip.", None),
    ("The bursar is responsible for the lost property box.", None),
    ("Report a lost laptop immediately.", None),
    ("Drivers are expected to carry their licence.", None),
    ("Keys must be handed in by Friday at the latest.", None),
    ("Staff must only use school cameras.", None),
    ("wear a badge", "All visitors must:"),
    ("keep the gate shut", "Caretakers are required to"),
]
PERMITTED = [
    ("Supply teachers may use the staff car park.", None),
    ("Sixth formers are free to leave at lunch.", None),
    ("Parents are welcome to picnic on the field.", None),
    ("Volunteers can borrow a tablet from the office.", None),
    ("Cycling to school is allowed.", None),
    ("borrow a tablet", "Volunteers may:"),
    ("The head may, but need not, grant leave.", None),
]
NO_DUTY = [
    ("Staff need not answer messages in the evening.", None),
    ("Parents do not have to give a reason.", None),
    ("A doctor's note is not required.", None),
    ("There is no need to tell the office of a late train.", None),
]
CONDITIONAL = [
    ("Pupils may not eat in class unless the nurse has agreed.", None),
    ("Dogs may come on site only with the head's leave.", None),
    ("Staff may film a lesson provided that families agreed.", None),
    ("No one may enter the pool without the written permission of the head.", None),
    ("Pupils can use a phone if they feel unwell.", None),
    ("The hall may be hired subject to a deposit.", None),
    ("Phones may be used only after the bell.", None),
    ("Tablets must be returned unless the head has agreed to a longer loan.", None),
    ("Coaches may not use their own car except in an emergency.", None),
    ("Pupils may use tablets only during lessons.", None),
    ("post a picture of a child without consent", "Volunteers must not"),
]
ADVISED = [
    ("Staff should think before they press send.", None),
    ("Tutors are encouraged to vary their passwords.", None),
    ("It is good practice to close the tab.", None),
    ("Parents are advised to check the settings.", None),
    ("Consider turning comments off.", None),
    ("ask a colleague to read it first", "Before posting, staff should:"),
]


def wanted(name: str, rules: list[tuple[str, str | None]]) -> list[object]:
    misread = pytest.mark.xfail(strict=True, reason=NOT_YET)
    return [pytest.param(rule, lead, name, id=f"{name}: {rule}", marks=[misread] * (rule in MISREAD)) for rule, lead in rules]


@pytest.mark.parametrize(
    ("rule", "lead_in", "name"),
    [
        *wanted("prohibited", PROHIBITED),
        *wanted("required", REQUIRED),
        *wanted("permitted", [*PERMITTED, *NO_DUTY]),
        *wanted("conditional", CONDITIONAL),
        *wanted("advised", ADVISED),
    ],
)
def test_a_plain_rule_has_its_plain_stance(rule: str, lead_in: str | None, name: str) -> None:
    assert stance(rule, lead_in, QUESTION) == name


@pytest.mark.parametrize(
    "rule", ["Staff should not argue with strangers.", "Governors should never promise a place.", "Pupils ought not to swap passwords."]
)
def test_should_not_advises_against_and_never_allows(rule: str) -> None:
    """The contract's `advised` is "should"; many a reader takes "should not" for a ban. Either will do, nothing else."""
    assert stance(rule, None, QUESTION) in ("advised", "prohibited")


@pytest.mark.parametrize(("rule", "lead_in"), [*PROHIBITED[:14], *PROHIBITED[17:]])
def test_no_wording_of_the_question_turns_a_ban_into_leave(rule: str, lead_in: str | None) -> None:
    for question in ("", "Can I do this?", "Am I allowed to, if I ask first?", "What does the policy say about it?"):
        assert stance(rule, lead_in, question) not in ("permitted", "advised")


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("When was this policy last reviewed?", "This policy was last reviewed in March 2024."),
        ("Who wrote this policy and when is it next due for review?", "Approved by governors on 3 May 2023; next review May 2026."),
        ("Who is the designated safeguarding lead?", "The designated safeguarding lead is Ms Birch."),
    ],
)
def test_a_question_that_asks_for_a_fact_has_no_stance(question: str, rule: str) -> None:
    assert stance(rule, None, question) is None


@pytest.mark.parametrize(("rule", "lead_in"), NO_DUTY)
def test_what_need_not_be_done_is_neither_banned_nor_required(rule: str, lead_in: str | None) -> None:
    for question in ("", "Can I?", "Do I have to?", "What does it say?"):
        assert stance(rule, lead_in, question) not in ("prohibited", "required")


def test_the_lead_in_turns_the_item() -> None:
    assert stance("bring a dog", "Visitors must not:", QUESTION) == "prohibited"
    assert stance("bring a dog", "Visitors may:", QUESTION) == "permitted"


def test_letters_case_white_space_and_apostrophes_do_not_matter() -> None:
    plain = probabilities("Staff mustn't bring dogs.", "At lunch:", QUESTION)
    assert probabilities("STAFF  mustn’t\nbring dogs.", "At   lunch:", QUESTION.upper()) == plain


def test_features_are_signs_and_words_by_their_source() -> None:
    found = features("Staff must not bring dogs unless asked.", None, "Dogs?")
    assert {"s:forbids", "s:condition", "r:must", "r:must not", "q:dogs"} <= found
    assert "q:must" not in found
    assert "s:permits" not in found


@pytest.mark.parametrize(
    ("rule", "signs"),
    [
        ("You need not sign.", {"s:frees"}),
        ("You do not have to sign.", {"s:frees"}),
        ("You may sign with the head's leave.", {"s:permits"}),
        ("You may sign with the written permission of the head.", {"s:permits", "s:condition"}),
        ("Except on Fridays, sign at once.", {"s:condition", "s:requires"}),
        ("You should sign.", {"s:advises"}),
    ],
)
def test_signs(rule: str, signs: set[str]) -> None:
    assert signs <= features(rule, None, "")


def test_probabilities_add_up_over_the_stances_and_fact() -> None:
    shares = probabilities("Staff must not bring dogs.", None, QUESTION)
    assert set(shares) == {"prohibited", "required", "permitted", "conditional", "advised", FACT}
    assert sum(shares.values()) == pytest.approx(1)
    assert min(shares.values()) > 0


@pytest.mark.parametrize("words", ["", "?", "狗", "🐕 🐕", "zzz " * 400])
def test_words_that_the_model_has_never_seen_fall_back_to_the_intercept(words: str) -> None:
    model = json.loads(MODEL.read_text("utf-8"))
    weights = [math.exp(value) for value in model["intercept"]]
    assert list(probabilities(words).values()) == pytest.approx([value / sum(weights) for value in weights])


def test_the_packaged_model_is_whole() -> None:
    model = json.loads(MODEL.read_text("utf-8"))
    size = len(model["classes"])
    assert len(model["intercept"]) == size == 6
    assert {len(row) for row in model["weights"].values()} == {size}
    assert 0 < model["fact_threshold"] < 1
