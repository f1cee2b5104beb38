"""Where clauses of a re-issued policy went. Truth comes from the edits: a new version is made of pieces of the old, each of which keeps the id it had."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks import anchoring as edited
from benchmarks.anchoring import KINDS, Followed, Version
from clausewise.anchoring import Anchor, anchors
from clausewise.catalogue import Texts

Open = Callable[..., Texts]
SAMPLES = [
    "ashlar-grove/mobile-devices-policy",  # Markdown
    "thornbeck-high/mobile-devices-policy",
    "samphire-road/social-media-policy",
    "samphire-road/online-safety-policy",  # text
    "limekiln-bank/mobile-devices-policy",
    "gannet-point/mobile-devices-policy",  # read from PDF
    "harbour-lane/mobile-devices-policy",  # read from Word
    "thornbeck-high/social-media-policy",  # read from HTML
]


@pytest.fixture
def opened() -> Open:
    """Files (path -> text) -> their index."""
    return edited.opened


def policy(*clauses: str) -> str:
    return "\n\n".join(("# Phones Policy", *clauses)) + "\n"


def one(opened: Open, before: str, after: str, place: str, name: str = "phones") -> Anchor:
    """The anchor of clause `place` of a policy `before`, re-issued as `after`."""
    id = f"larch/phones#{place}"
    return anchors(opened({"larch/phones.md": before}), opened({f"larch/{name}.md": after}), [id])[id]


def places(anchor: Anchor) -> tuple[str, ...]:
    return tuple(id.partition("#")[2] for id in anchor.new)


STAFF = ("## 1 Staff", "1.1 Staff keep their phones in a locker during lessons.", "1.2 Staff must tell the office within 5 days.")


# one edit, one answer


def test_only_same_and_moved_are_sure() -> None:
    anchor = Anchor("a/b#1", ("a/b#1",), "same", 1.0, "", "")
    assert anchor.sure
    assert [replace(anchor, how=how).sure for how in ("moved", "reworded", "split", "merged", "removed")] == [
        True,
        False,
        False,
        False,
        False,
    ]


def test_the_number_of_an_old_clause_on_another_rule_is_not_taken_for_it(opened: Open) -> None:
    """The dangerous case: 1.1 is still there, and is another rule now."""
    after = policy(
        "## 1 Staff", "1.1 Pupils may carry a phone on a residential trip.", "1.2 Staff keep their phones in a locker during lessons."
    )
    moved, gone = one(opened, policy(*STAFF), after, "1.1"), one(opened, policy(*STAFF), after, "1.2")
    assert (moved.how, places(moved), moved.sure) == ("moved", ("1.2",), True)
    assert (gone.how, gone.new, gone.sure, gone.new_text, gone.likeness) == ("removed", (), False, "", 0.0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("must tell", "should tell"),
        ("must tell", "may tell"),
        ("must tell", "must not tell"),
        ("5 days", "45 days"),
        ("Staff must", "Pupils must"),
    ],
)
def test_one_changed_word_is_never_sure(opened: Open, old: str, new: str) -> None:
    after = policy(*STAFF).replace(old, new)
    anchor = one(opened, policy(*STAFF), after, "1.2")
    assert (anchor.how, places(anchor), anchor.sure) == ("reworded", ("1.2",), False)
    assert 0.8 < anchor.likeness < 1
    assert anchor.new_text == anchor.old_text.replace(old, new)


def test_white_space_typography_and_a_closing_stop_are_no_words(opened: Open) -> None:
    before = policy("1.1 A pupil's phone\nis switched off – always; **well-\nbeing** comes first.", "## News", "- trips;", "- clubs.")
    after = policy("1.1 A pupil’s  phone is switched off - always;\nwell-being comes first.", "## News", "- trips;", "- clubs;", "- films.")
    assert [one(opened, before, after, place).how for place in ("1.1", "news/1", "news/2")] == ["same"] * 3


def test_a_reworded_clause_is_found_behind_a_new_number(opened: Open) -> None:
    after = policy(
        "## 1 Scope",
        "1.1 This policy binds everyone on the site.",
        "## 2 Staff",
        STAFF[1].replace("1.1", "2.1"),
        "2.2 Staff should tell the office within 5 days.",
    )
    anchor = one(opened, policy(*STAFF), after, "1.2")
    assert (anchor.how, places(anchor)) == ("reworded", ("2.2",))


LIST = (
    "## Staff",
    "Staff must:",
    "- lock their phones away;",
    "- tell the head of any loss; and",
    "- keep numbers of pupils to themselves.",
)


def test_a_heading_that_is_numbered_otherwise_moved(opened: Open) -> None:
    after = policy(
        "## 1 Scope", "1.1 This policy binds everyone on the site.", "## 2 Staff", *(rule.replace("1.", "2.", 1) for rule in STAFF[1:])
    )
    found = [one(opened, policy(*STAFF), after, place) for place in ("1", "1.1", "1.2")]
    assert [(a.how, places(a)) for a in found] == [("moved", ("2",)), ("moved", ("2.1",)), ("moved", ("2.2",))]


BUS = "A phone is handed to the bus escort each morning."


@pytest.mark.parametrize(
    ("new", "here", "elsewhere"),
    [
        ("A phone is handed to the bus escort each evening.", "reworded", "reworded"),
        ("A phone is kept by the bus driver each evening.", "reworded", "removed"),
        ("Watches count.", "removed", "removed"),
    ],
)
def test_the_further_away_the_liker_a_rewording_must_be(opened: Open, new: str, here: str, elsewhere: str) -> None:
    start, end = ("## Lockers", "Lockers are numbered."), ("## Lessons", "Tablets stay shut.")
    before = policy("## Buses", BUS, *start, *end)
    assert one(opened, before, policy("## Buses", new, *start, *end), "buses/1").how == here
    assert one(opened, before, policy("## Buses", *start, new, *end), "buses/1").how == elsewhere


def test_an_item_added_in_the_middle_moves_those_after_it(opened: Open) -> None:
    after = policy(*LIST[:3], "- switch off their watches;", *LIST[3:])
    found = {place: one(opened, policy(*LIST), after, place) for place in ("staff/1", "staff/1/1", "staff/1/2", "staff/1/3")}
    assert {place: (a.how, places(a)) for place, a in found.items()} == {
        "staff/1": ("same", ("staff/1",)),
        "staff/1/1": ("same", ("staff/1/1",)),
        "staff/1/2": ("moved", ("staff/1/3",)),
        "staff/1/3": ("moved", ("staff/1/4",)),
    }


def test_an_item_added_at_the_end_leaves_the_others_sure(opened: Open) -> None:
    after = policy(*LIST[:3], "- tell the head of any loss;", "- keep numbers of pupils to themselves; and", "- sign for them.")
    assert [one(opened, policy(*LIST), after, f"staff/1/{n}").how for n in (1, 2, 3)] == ["same"] * 3


def test_an_item_under_another_lead_in_is_reworded(opened: Open) -> None:
    anchor = one(opened, policy(*LIST), policy(*LIST).replace("Staff must:", "Staff should:"), "staff/1/2")
    assert (anchor.how, places(anchor), anchor.sure) == ("reworded", ("staff/1/2",), False)
    assert (anchor.old_text, anchor.new_text) == ("Staff must: tell the head of any loss", "Staff should: tell the head of any loss")


def test_a_list_joined_by_or_instead_of_and_is_reworded(opened: Open) -> None:
    """ "; or" is no part of an item's body."""
    anchor = one(opened, policy(*LIST), policy(*LIST).replace("; and", "; or"), "staff/1/1")
    assert (anchor.how, places(anchor)) == ("reworded", ("staff/1/1",))


def test_a_split_clause_names_its_parts_in_order(opened: Open) -> None:
    before = policy(
        "## 1 Pupils",
        "1.1 Phones are handed to the office each morning. Anyone who keeps a phone back loses break for a week.",
        "1.2 Watches count.",
    )
    after = policy(
        "## 1 Pupils",
        "1.1 Phones are handed to the office each morning.",
        "1.2 Anyone who keeps a phone back loses break for a week.",
        "1.3 Watches count.",
    )
    anchor = one(opened, before, after, "1.1")
    assert (anchor.how, places(anchor), anchor.sure) == ("split", ("1.1", "1.2"), False)
    assert anchor.new_text.split("\n") == [
        "Phones are handed to the office each morning.",
        "Anyone who keeps a phone back loses break for a week.",
    ]
    assert places(one(opened, before, after, "1.2")) == ("1.3",)
    back = [one(opened, after, before, place) for place in ("1.1", "1.2")]
    assert [(a.how, places(a), a.sure) for a in back] == [("merged", ("1.1",), False)] * 2


def test_a_clause_that_only_grew_is_reworded_not_merged(opened: Open) -> None:
    after = policy(*STAFF).replace("during lessons.", "during lessons and on duty.")
    assert one(opened, policy(*STAFF), after, "1.1").how == "reworded"


# copies, headings


COPY = "The headteacher may grant an exception in writing."


@pytest.mark.parametrize(
    ("after", "wanted"),
    [
        ([COPY, "Watches count.", "Tablets count too.", COPY], [("same", 1), ("moved", 4)]),
        ([COPY, "Tablets count too.", COPY], [("same", 1), ("same", 3)]),
        (["Tablets count.", COPY, "Watches count.", COPY], [("moved", 2), ("moved", 4)]),
        ([COPY, "Watches count."], [("same", 1), ("removed", 0)]),
        (["Watches count.", COPY], [("removed", 0), ("moved", 2)]),
    ],
)
def test_copies_are_told_apart_by_what_stands_around_them(opened: Open, after: list[str], wanted: list[tuple[str, int]]) -> None:
    before = policy("## Devices", COPY, "Watches count.", COPY)
    found = [one(opened, before, policy("## Devices", *after), f"devices/{n}") for n in (1, 3)]
    assert [(a.how, int(places(a)[0][-1]) if a.new else 0) for a in found] == wanted


def test_copies_that_nothing_tells_apart_are_not_sure(opened: Open) -> None:
    before, after = policy("## Devices", COPY, "Watches count."), policy("## Devices", COPY, COPY, "Watches count.")
    anchor = one(opened, before, after, "devices/1")
    assert (anchor.how, places(anchor), anchor.likeness, anchor.sure) == ("reworded", ("devices/1", "devices/2"), 1.0, False)
    assert [one(opened, after, before, f"devices/{n}").how for n in (1, 2)] == ["reworded"] * 2


def test_copies_under_two_headings_follow_their_headings(opened: Open) -> None:
    before = policy("## Trips", COPY, "## Clubs", COPY)
    after = policy("## Clubs", COPY, "## Trips", COPY)
    assert [(a.how, places(a)) for a in (one(opened, before, after, f"{place}/1") for place in ("trips", "clubs"))] == [
        ("same", ("trips/1",)),
        ("same", ("clubs/1",)),
    ]
    assert one(opened, before, policy("## Clubs", COPY), "trips/1").how == "removed"


@pytest.mark.parametrize(
    ("old", "new", "how"),
    [
        ("Personal phones", "Phones and watches", "moved"),
        ("1 Staff", "2 Staff", "moved"),
        ("Staff", "Pupils", "reworded"),
        ("Acceptable use", "Unacceptable use", "reworded"),
        ("Years 7 to 11", "Years 12 and 13", "reworded"),
    ],
)
def test_a_heading_that_binds_others_makes_the_same_words_unsure(opened: Open, old: str, new: str, how: str) -> None:
    rule = "Phones are used in the study room after four o'clock."
    before = opened({"larch/phones.md": policy(f"## {old}", rule)})
    id = next(clause.id for clause in before.clauses if clause.answers)
    assert anchors(before, opened({"larch/phones.md": policy(f"## {new}", rule)}), [id])[id].how == how


def test_a_few_words_do_not_stand_alone_under_another_heading(opened: Open) -> None:
    before, after = policy("## Who is told", "- the head"), policy("## Who is asked", "- the head")
    assert [one(opened, before, text, "who-is-told/1").how for text in (before, after)] == ["same", "reworded"]


# documents and schools


def test_a_renamed_file_is_paired_by_its_clauses(opened: Open) -> None:
    old = opened(
        {"larch/phones.md": policy(*STAFF), "larch/dogs.md": "# Dogs Policy\n\nNo dog comes through the gate, except an assistance dog.\n"}
    )
    new = opened(
        {
            "larch/phones-2026.md": policy(*STAFF[:2], "1.2 Staff must tell the office within 3 days."),
            "larch/dogs.md": old.document["larch/dogs"].text,
        }
    )
    found = anchors(old, new, ["larch/phones#1.1", "larch/phones#1.2"])
    assert [(a.how, a.new) for a in found.values()] == [("moved", ("larch/phones-2026#1.1",)), ("reworded", ("larch/phones-2026#1.2",))]


def test_a_policy_that_is_gone_is_not_paired_with_another(opened: Open) -> None:
    old = opened({"larch/phones.md": policy(*STAFF)})
    new = opened(
        {"larch/dogs.md": "# Dogs Policy\n\n1.1 No dog comes through the gate.\n\n1.2 Staff must tell the office within 3 days.\n"}
    )
    assert [a.how for a in anchors(old, new, ["larch/phones#1.1", "larch/phones#1.2"]).values()] == ["removed"] * 2


def test_a_clause_that_went_to_another_policy_of_the_school_moved(opened: Open) -> None:
    dogs = "# Dogs Policy\n\n1.1 No dog comes through the gate.\n"
    old = opened({"larch/phones.md": policy(*STAFF), "larch/dogs.md": dogs})
    new = opened({"larch/phones.md": policy(*STAFF[:2]), "larch/dogs.md": f"{dogs}\n1.2 Staff must tell the office within 5 days.\n"})
    assert anchors(old, new, ["larch/phones#1.2"])["larch/phones#1.2"].new == ("larch/dogs#1.2",)


def test_a_shared_clause_is_never_anchored_at_the_sister_school(opened: Open) -> None:
    old = opened({"larch/phones.md": policy(*STAFF), "maple/phones.md": policy(*STAFF)})
    new = opened({"larch/phones.md": policy(*STAFF[:2]), "maple/phones.md": policy(*STAFF)})
    found = anchors(old, new, ["larch/phones#1.2", "maple/phones#1.2"])
    assert [(a.how, a.new) for a in found.values()] == [("removed", ()), ("same", ("maple/phones#1.2",))]


def test_a_superseded_version_is_no_target(opened: Open) -> None:
    first, second = (policy(f"Approved: {year}.", *STAFF) for year in ("1 May 2024", "1 May 2026"))
    old, new = opened({"larch/phones.md": first}), opened({"larch/phones.md": first, "larch/phones-2026.md": second})
    assert new.document["larch/phones"].superseded_by == "larch/phones-2026"
    found = anchors(old, new, ["larch/phones#1.1"])["larch/phones#1.1"]
    assert (found.how, found.new) == ("moved", ("larch/phones-2026#1.1",))


def test_an_unknown_id_is_refused(opened: Open) -> None:
    index = opened({"larch/phones.md": policy(*STAFF)})
    with pytest.raises(KeyError, match=r"larch/phones#9\.9"):
        anchors(index, index, ["larch/phones#9.9"])


# whole sample policies, edited at random


def version(sample: str) -> Version:
    return Version(*edited.policies(edited.CORPORA[0])[sample])


def share(found: list[Followed]) -> float:
    """Of the clauses that no edit touched, those that are sure; none of these may be wrong."""
    assert [one.wrong for one in found] == [()] * len(found)
    return sum(one.followed for one in found) / sum(one.untouched for one in found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_what_an_edit_leaves_alone_is_anchored_surely_and_rightly(sample: str, kind: str) -> None:
    found = []
    for seed in range(3):
        made = version(sample)
        made.edit(kind, random.Random(seed))
        found.append(made.followed())
    assert share(found) >= (0.95 if kind == "renumber" else 0.9)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_clause_split_in_two_is_never_sure(sample: str) -> None:
    for seed in range(8):
        made = version(sample)
        made.split(random.Random(seed))
        ((id,), new) = made.changed, edited.opened({f"school/policy{made.suffix}": made.text})
        anchor = anchors(made.old, new, [id])[id]
        assert (anchor.how in ("split", "reworded"), anchor.sure) == (True, False)


def test_a_split_shifts_the_numbers_of_its_section() -> None:
    made = Version(
        "Phones Policy\n\n3.9 A day.\n\n4.1 First. \n\n4.2 Hand it in.  Take it home.\n\n4.3 Watches count.\n\n5.3 End.\n", ".txt"
    )
    made.split(random.Random(1))
    assert [text.strip() for _, text in made.pieces][-6:] == [
        "3.9 A day.",
        "4.1 First.",
        "4.2 Hand it in.",
        "4.3 Take it home.",
        "4.4 Watches count.",
        "5.3 End.",
    ]


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_sure_anchor_is_wrong_after_random_edits(sample: str) -> None:
    text, suffix = edited.policies(edited.CORPORA[0])[sample]
    assert share([edited.edited(text, suffix, (), seed) for seed in range(8)]) >= 0.9


def test_the_answer_does_not_hang_on_the_order_of_ids(opened: Open) -> None:
    made, rng = version(SAMPLES[0]), random.Random(5)
    for _ in range(8):
        made.reword(rng)
        made.insert(rng)
    new = opened({"school/policy.md": made.text})
    ids = [clause.id for clause in made.old.clauses]
    assert anchors(made.old, new, ids[::-1]) == anchors(made.old, new, ids)
    assert list(anchors(made.old, new, ids[::-1])) == ids[::-1]
