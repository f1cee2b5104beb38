"""How strong a duty is, on rules of our own."""

from __future__ import annotations

import pytest

from clausewise.duties import duty, strength

MUST = [
    "Every visitor must wear a badge.",
    "Coaches shall sign the register.",
    "Drivers are required to carry a licence.",
    "Tutors are expected to keep the gate shut.",
    "Leavers have to hand back their keys.",
    "A new volunteer needs to meet the bursar.",
    "Staff will lock the shed each evening.",
    "The school will answer within two days.",
    "The shed keys are to be counted on Fridays.",
    "Pupils may only swim when a lifeguard is there.",
    "Only the caretaker may open the boiler room.",
    "A risk assessment is required before each trip.",
    "The trust requires all clubs to keep a register.",
    "It is essential that coaches know the route.",
    "If asked by a parent, staff must give their name.",
    "Coaches who drive a minibus must carry a licence.",
    "Tell the bursar when a window is broken.",
    "If a window is broken, tell the bursar.",
    "Report any broken window to the bursar.",
]
MUST_NOT = [
    "Staff should never lend keys.",
    "Visitors must not film the assembly.",
    "Governors shall not speak to the press.",
    "Pupils may not climb the roof.",
    "Coaches cannot lend the minibus to friends.",
    "Dogs are not permitted in the kitchen.",
    "Chewing gum is banned in the library.",
    "Do not feed the ducks.",
    "Never leave the shed unlocked.",
    "Nobody may climb the roof.",
    "No photograph, film or drawing of the safe may be kept.",
    "Staff mustn’t lend keys.",
    "Pupils do not bring scooters inside.",
    "Adults who help at the farm do not feed the pigs.",
    "Under no circumstances does a tutor drive alone.",
    "All coaches must avoid:",
    "**Ducks.** Do not feed them.",
]
SHOULD = [
    "Staff should keep a spare key.",
    "Tutors ought to check the shed.",
    "Parents are advised to label coats.",
    "Pupils are encouraged to walk to school.",
    "It is good practice to count the keys twice.",
    "Consider sharing a minibus.",
    "Please bring a coat.",
    "Visitors are asked to wait in the foyer.",
]
SHOULD_NOT = [
    "Staff should not lend keys.",
    "Tutors should avoid lending keys.",
    "Avoid lending keys.",
    "Parents are discouraged from parking on the verge.",
]
MAY = [
    "Pupils may keep a coat on.",
    "Visitors can use the car park.",
    "Sixth formers are free to leave at lunch.",
    "Dogs are permitted on the field.",
    "Parents are welcome to picnic on the field.",
    "Volunteers need not sign out.",
    "Scooters may be left by the gate.",
    "Visitors are not required to sign out.",
    "Nobody is required to bring a coat.",
    "Pupils may have a coat on in class.",
]
NONE = [
    "The shed stands behind the hall.",
    "Lending keys may lead to the loss of a badge.",
    "Loose gravel can damage the minibus.",
    "This will reduce the noise.",
    "A duck may have been fed already.",
    "The policy of May 2022 is withdrawn.",
    "The trust understands that staff may own dogs.",
    "Coats that pupils may wear are listed below.",
    "We do not wish to spoil anyone's lunch.",
    "Gravel which must be swept is kept by the gate.",
]


def shown(text: str, lead_in: str | None = None) -> str | None:
    found = duty(text, lead_in)
    return found and found.strength + (" not" if found.negative else "")


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        *(("must", text) for text in MUST),
        *(("must not", text) for text in MUST_NOT),
        *(("should", text) for text in SHOULD),
        *(("should not", text) for text in SHOULD_NOT),
        *(("may", text) for text in MAY),
        *((None, text) for text in NONE),
    ],
)
def test_a_rule_has_the_strength_of_its_modal(wanted: str | None, text: str) -> None:
    assert shown(text) == wanted


@pytest.mark.parametrize(
    ("wanted", "text", "lead_in"),
    [
        ("should", "label their coats", "Staff should:"),
        ("must not", "never lend keys", "Staff should:"),
        ("should not", "not lend keys", "Staff should:"),
        ("must not", "lend a key to:", "Staff must not:"),
        ("must not", "a friend", "All coaches must avoid: lending a key to:"),
        ("must not", "anything that may upset a duck", "Visitors must not bring:"),
        ("must", "must be ironed", "Shirts should be clean. Shirts:"),
        ("should", "they do not lend keys", "Coaches should ensure that:"),
        ("should not", "feed the ducks", "Please do not:"),
        ("may", "on the field", "Dogs are allowed:"),
        ("must not", "feeding the ducks", "The following are forbidden:"),
        ("must", "Visitors must wear a badge.", "Staff should:"),
        ("may", "Staff may bring a dog.", "The trust expects the following of coaches:"),
        (None, "keep ducks safe", "This policy aims to:"),
        (None, "no duck is hurt", "We have rules so that:"),
        (None, "the gate is shut", "Dogs may be brought, as long as:"),
        (None, "Shed | The caretaker", "Place | May it be locked?"),
        (None, "in the shed", "Pupils may keep a coat. The coat is:"),
    ],
)
def test_an_item_hangs_from_its_lead_in(wanted: str | None, text: str, lead_in: str) -> None:
    assert shown(text, lead_in) == wanted
    assert strength(text, lead_in) == (wanted.split()[0] if wanted else None)


def test_the_words_stand_where_they_are_said_to() -> None:
    text = "In the shed,\nstaff  must   not smoke; visitors may."
    found = duty(text)
    assert found
    assert (found.words, text[found.start : found.end], found.inherited) == ("must   not", "must   not", False)
    lead_in = "Sheds are old. Staff should:"
    above = duty("sweep them", lead_in)
    assert above
    assert above.inherited
    assert lead_in[above.start : above.end] == above.words == "should"


def test_the_first_duty_speaks_for_the_rule() -> None:
    assert shown("Pupils may bring a coat, but must not wear it in class.") == "may"
    assert shown("Pupils must hang up coats. They may keep scarves.") == "must"


def test_no_words_no_duty() -> None:
    assert duty("") is None
    assert duty("", "Staff must:") is not None  # an empty item is still bound
