"""What the page says of whom a question was asked, and why."""

from __future__ import annotations

import pytest

from clausewise.types import Choice, Clarification, Reply, ScopeFrom
from clausewise.web.words import scope_note

NAMES = {"ash": "Ash Lane", "birch": "Birch Green", "cedar": "Cedar Road", "elm": "Elm Hill", "fir": "Fir Park"}


@pytest.mark.parametrize(
    ("schools", "source", "chosen", "said"),
    [
        (["birch"], "named", ["ash"], "You named Birch Green, so it was asked of Birch Green and not of Ash Lane."),
        (["birch"], "named", ["ash", "birch"], "You named Birch Green, so it was asked of Birch Green and not of Ash Lane."),
        (["birch"], "named", ["ash", "cedar"], "You named Birch Green, so it was asked of Birch Green and not of Ash Lane or Cedar Road."),
        (["ash", "birch"], "named", ["ash"], "You named Ash Lane and Birch Green, so it was asked of those schools as well."),
        (["birch"], "named", [], "You named Birch Green, so it was asked of that school alone."),
        (["birch"], "named", ["birch"], ""),
        (list(NAMES), "named", [], ""),
        (["birch"], "earlier", [], "Asked of Birch Green, as named earlier in this conversation."),
        (
            ["ash", "birch"],
            "kept",
            ["ash", "birch"],
            "You spoke of every school; it was asked only of those chosen: Ash Lane and Birch Green.",
        ),
        (list(NAMES), "kept", list(NAMES), ""),
        (["ash"], "asked", ["ash"], ""),
        (list(NAMES), "every", [], ""),
        (list(NAMES)[:3], "nearest", [], "Every school was asked, 5 of them. The 3 whose policies come nearest are shown."),
        (
            list(NAMES)[1:],
            "earlier",
            [],
            "Asked of Birch Green, Cedar Road, Elm Hill and 1 more, as named earlier in this conversation.",
        ),
    ],
)
def test_the_scope_is_said_where_it_may_surprise(schools: list[str], source: ScopeFrom, chosen: list[str], said: str) -> None:
    assert scope_note(Reply("q", "q", tuple(schools), (), source), chosen, NAMES) == said


def test_of_a_name_that_fits_several_schools_it_is_said_which() -> None:
    back = Clarification("school", (Choice("Ash Lane", "q", ("ash",)), Choice("Birch Green", "q", ("birch",))))
    note = scope_note(Reply("q", "q", ("ash", "birch"), (), "named", back), ["elm"], NAMES)
    assert note == "The name in your question fits more than one school, so it was asked of Ash Lane and Birch Green."
