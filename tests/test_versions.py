"""Two versions of a policy side by side: what weakened comes first, a new number is no new rule, and no word is made up."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
from conftest import MAX_BYTES, ROOT

from benchmarks import anchoring as edited
from clausewise.catalogue import Gathered, Texts
from clausewise.clauses import parse
from clausewise.comparison.versions import KINDS, Change, changes
from clausewise.comparison.words import word_diff
from clausewise.documents import load_corpus

Diff = Callable[[str, str], tuple[Change, ...]]
LOCKER = "1.1 Staff keep their phones in a locker during lessons."
TELL = "1.2 Staff must inform the office of a loss within 5 days."
DOGS = "1.3 No dog comes through the gate, except an assistance dog."
LIST = (
    "## 2 Trips",
    "2.1 On a trip, staff must:",
    "- lock their phones away;",
    "- ring the office each evening; and",
    "- carry a list of pupils.",
)


def policy(*clauses: str) -> str:
    return "\n\n".join(("# Phones Policy", "## 1 Staff", *clauses)) + "\n"


def opened(text: str, name: str = "phones", school: str = "larch") -> Texts:
    return edited.opened({f"{school}/{name}.md": text})


def diff(before: str, after: str) -> tuple[Change, ...]:
    return changes(opened(before), opened(after), "larch/phones", "larch/phones")


def one(before: str, after: str) -> Change:
    (change,) = diff(policy(before), policy(after))
    return change


def places(ids: tuple[str, ...]) -> list[str]:
    return [id.partition("#")[2] for id in ids]


@pytest.fixture(scope="module")
def gannet() -> tuple[Change, ...]:
    """The sample's superseded policy and the one in force, of one index."""
    corpus = load_corpus(ROOT / "corpus", MAX_BYTES)
    texts = Gathered(corpus.documents, [clause for document in corpus.documents for clause in parse(document)])
    return changes(texts, texts, "gannet-point/social-media-policy-2022", "gannet-point/social-media-policy")


# how strongly a rule binds


@pytest.mark.parametrize(
    ("old", "new", "kind", "says"),
    [
        ("must inform", "should inform", "weakened", "must became should"),
        ("must inform", "may inform", "weakened", "must became may"),
        ("must not inform", "may inform", "weakened", "must not became may"),
        ("must not inform", "should not inform", "weakened", "must not became should not"),
        ("are required to inform", "are encouraged to inform", "weakened", "must became should"),
        ("should inform", "must inform", "strengthened", "should became must"),
        ("may inform", "must not inform", "strengthened", "may became must not"),
        ("may inform", "should inform", "strengthened", "may became should"),
        ("must inform", "must not inform", "reworded", "must became must not"),
        ("should not inform", "should inform", "reworded", "should not became should"),
    ],
)
def test_duties(old: str, new: str, kind: str, says: str) -> None:
    change = one(TELL.replace("must inform", old), TELL.replace("must inform", new))
    assert (change.kind, change.matter, change.says) == (kind, "negation" if kind == "reworded" else "duty", says)
    assert (places(change.old), places(change.new), change.guess) == (["1.2"], ["1.2"], False)


def test_a_weakened_rule_is_named_first_and_an_unchanged_one_not_at_all() -> None:
    after = policy(
        DOGS.replace("1.3", "1.1"),
        "1.2 Staff ring the office within 3 days.",
        TELL.replace("1.2", "1.4").replace("must", "should"),
        "1.5 Bags are searched at the gate.",
    )
    before = policy(LOCKER, "1.2 Staff ring the office within 5 days.", DOGS, TELL.replace("1.2", "1.4"))
    assert [(c.kind, c.says) for c in diff(before, after)] == [
        ("weakened", "must became should"),
        ("reworded", "5 became 3"),
        ("new", ""),
        ("gone", ""),
        ("moved", "1.3 became 1.1"),
    ]


def test_one_weakened_sentence_of_two_is_enough() -> None:
    tail = " The office must write it in the book."
    change = one(TELL + tail, TELL + tail.replace("must", "should"))
    assert (change.kind, change.says) == ("weakened", "must became should")


def test_the_second_duty_of_a_sentence_counts_too() -> None:
    change = one("1.1 Staff may carry a phone and must not use it in class.", "1.1 Staff may carry a phone and should not use it in class.")
    assert (change.kind, change.says) == ("weakened", "must became should")


def test_a_rule_that_weakens_here_and_strengthens_there_is_weakened() -> None:
    change = one(f"{TELL} The office may ring the police.", f"{TELL.replace('must', 'should')} The office must ring the police.")
    assert (change.kind, change.says) == ("weakened", "must became should; may became must")


def test_a_changed_lead_in_is_one_change_with_its_items() -> None:
    (change,) = diff(policy(*LIST), policy(*LIST).replace("must:", "should:"))
    assert (change.kind, change.says) == ("weakened", "must became should")
    assert places(change.old) == places(change.new) == ["2.1", "2.1/1", "2.1/2", "2.1/3"]
    assert [run for run in change.words if run[0] != "same"] == [("gone", "must:"), ("new", "should:")]


def test_an_item_that_changes_with_its_lead_in_is_a_change_of_its_own() -> None:
    found = diff(policy(*LIST), policy(*LIST).replace("must:", "should:").replace("each evening", "each morning"))
    assert [(c.kind, places(c.old)) for c in found] == [("weakened", ["2.1", "2.1/1", "2.1/3"]), ("weakened", ["2.1/2"])]


# numbers, words, headings


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("5 days", "3 days", "5 became 3"),
        ("5 days", "three days", "5 became 3"),
        ("5 days", "one day", "5 became 1"),
        ("within 5 days", "at once", "5 gone"),
        ("of a loss", "of a loss of 2 keys", "2 new"),
        ("5 days", "5 days or 1.5 terms", "1.5 new"),
    ],
)
def test_numbers(old: str, new: str, says: str) -> None:
    change = one(TELL, TELL.replace(old, new))
    assert (change.kind, change.matter, change.says) == ("reworded", "number", says)


@pytest.mark.parametrize(("old", "new"), [("5 days", "five days"), ("5 days", "5 days (see section 4.2)"), ("a loss", "any loss at all")])
def test_no_number_changed(old: str, new: str) -> None:
    change = one(TELL, TELL.replace(old, new))
    assert (change.kind, change.matter, change.says) == ("reworded", "words", "")


@pytest.mark.parametrize(
    ("old", "new"), [("are allowed in the hall", "are banned in the hall"), ("are seen in the hall", "are never seen in the hall")]
)
def test_a_negation_of_what_is_no_duty(old: str, new: str) -> None:
    change = one(f"1.1 Bags and coats {old} before school.", f"1.1 Bags and coats {new} before school.")
    assert change.matter in ("negation", "duty")


@pytest.mark.parametrize(("old", "new"), [("under", "in"), ("until", "before"), ("uniform", "coats")])
def test_a_word_that_begins_like_a_negation_is_none(old: str, new: str) -> None:
    assert one(f"1.1 Staff keep phones {old} desks in lessons.", f"1.1 Staff keep phones {new} desks in lessons.").matter == "words"


def test_the_policys_own_dates_are_no_rules_number() -> None:
    (change,) = diff(policy(LOCKER, "Approved by the governors on 5 May 2024."), policy(LOCKER, "Approved by the governors on 6 May 2026."))
    assert (change.kind, change.matter, change.says) == ("reworded", "date", "5 May 2024 became 6 May 2026")


def test_the_same_words_under_another_audience_are_reworded() -> None:
    (change,) = diff(policy(TELL), policy(TELL).replace("## 1 Staff", "## 1 Pupils"))
    assert (change.kind, change.matter, change.says) == ("reworded", "heading", "now under 1 Pupils")


# places


def test_a_renumbered_clause_is_moved_and_nothing_else() -> None:
    found = diff(
        policy(LOCKER, TELL), policy("1.1 Bags are searched at the gate.", LOCKER.replace("1.1", "1.2"), TELL.replace("1.2", "1.3"))
    )
    assert [(c.kind, c.says) for c in found] == [("new", ""), ("moved", "1.1 became 1.2"), ("moved", "1.2 became 1.3")]


def test_a_section_that_got_another_number_moves_its_numbered_clauses_alone() -> None:
    found = diff(
        policy(LOCKER, "Bags stay in the hall all day."),
        policy(LOCKER, "Bags stay in the hall all day.").replace("# 1 Staff", "# 2 Staff").replace("1.1", "2.1"),
    )
    assert [(c.kind, c.says) for c in found] == [("moved", "1.1 became 2.1")]


def test_an_unnumbered_clause_that_slips_down_stands_where_it_stood() -> None:
    found = diff(policy("Bags stay in the hall all day."), policy("Coats hang in the cloakroom.", "Bags stay in the hall all day."))
    assert [(c.kind, c.new_text) for c in found] == [("new", "Coats hang in the cloakroom.")]


def test_a_split() -> None:
    before = "1.1 Staff must lock their phones in the cupboard before lessons. They must hand the key to the office at the end of the day."
    after = before.replace(" They", "\n\n1.2 They")
    (change,) = diff(policy(before), policy(after))
    assert (change.kind, places(change.old), places(change.new)) == ("split", ["1.1"], ["1.1", "1.2"])
    (weaker,) = diff(policy(before), policy(after.replace("They must", "They should")))
    assert (weaker.kind, weaker.says, places(weaker.new)) == ("weakened", "must became should", ["1.1", "1.2"])


def test_a_merger() -> None:
    after = "1.1 Staff must lock their phones in the cupboard before lessons. They must hand the key to the office at the end of the day."
    (change,) = diff(policy(after.replace(" They", "\n\n1.2 They")), policy(after))
    assert (change.kind, places(change.old), places(change.new)) == ("merged", ["1.1", "1.2"], ["1.1"])


def test_removed_and_new() -> None:
    found = diff(policy(LOCKER, TELL), policy(LOCKER, DOGS))
    assert [(c.kind, places(c.old), places(c.new)) for c in found] == [("new", [], ["1.3"]), ("gone", ["1.2"], [])]
    assert (found[0].old_text, found[0].words) == ("", (("new", DOGS[4:]),))
    assert (found[1].new_text, found[1].words) == ("", (("gone", TELL[4:]),))


def test_of_two_copies_one_is_gone() -> None:
    found = diff(policy("- the head", "- the head"), policy("- the head"))
    assert [c.kind for c in found] == ["gone"]


def test_the_same_text_has_no_changes() -> None:
    assert diff(policy(LOCKER, TELL, DOGS, *LIST), policy(LOCKER, TELL, DOGS, *LIST)) == ()


def test_a_comma_or_capital_is_no_change() -> None:
    assert diff(policy(TELL), policy(TELL.replace("a loss within", "a Loss, within"))) == ()


# which documents


def test_another_name_or_school_is_the_same_place() -> None:
    before, after = opened(policy(LOCKER, TELL)), opened(policy(LOCKER, TELL.replace("must", "may")), "phones-2026", "maple")
    (change,) = changes(before, after, "larch/phones", "maple/phones-2026")
    assert (change.kind, change.old, change.new) == ("weakened", ("larch/phones#1.2",), ("maple/phones-2026#1.2",))


def test_a_clause_that_went_to_another_policy_of_the_school_moved() -> None:
    dogs = "# Dogs Policy\n\n## 1 Staff\n\nNo dog comes through the gate, except an assistance dog.\n"
    old = edited.opened({"larch/phones.md": policy(LOCKER, TELL), "larch/dogs.md": dogs})
    new = edited.opened({"larch/phones.md": policy(LOCKER), "larch/dogs.md": f"{dogs}\n{TELL}\n"})
    (change,) = changes(old, new, "larch/phones", "larch/phones")
    assert (change.kind, change.new, change.says) == ("moved", ("larch/dogs#1.2",), "larch/phones#1.2 became larch/dogs#1.2")


def test_an_unknown_document_is_refused() -> None:
    with pytest.raises(KeyError, match="larch/dogs"):
        changes(opened(policy(TELL)), opened(policy(TELL)), "larch/phones", "larch/dogs")


# the sample's pair


def test_the_sample_pair(gannet: tuple[Change, ...]) -> None:
    bound = [(c.kind, c.says, places(c.old), places(c.new), c.guess) for c in gannet if c.matter == "duty"]
    assert bound == [
        ("strengthened", "should not became must not", ["4.1"], ["4.1"], True),
        ("strengthened", "may became must not", ["4.3"], ["4.3"], False),
        ("strengthened", "should not became must not", ["6.2"], ["6.3"], False),
        ("strengthened", "should not became must not", ["6.2/2"], ["6.3/2"], True),
    ]
    dates = [c.says for c in gannet if c.matter == "date"]
    assert dates == ["4 May 2022 became 9 July 2026", "May 2024 became July 2027"]
    assert {"6.3/5", "7.2/5", "4.5"} <= {places(c.new)[0] for c in gannet if c.kind == "new"}
    assert {"4.4", "6.3", "10.3"} <= {places(c.old)[0] for c in gannet if c.kind == "gone"}


def test_every_clause_of_either_version_is_accounted_for_once(gannet: tuple[Change, ...]) -> None:
    for side in ("old", "new"):
        ids = [id for change in gannet for id in getattr(change, side)]
        assert len(ids) == len(set(ids))


def test_changes_come_in_the_order_of_what_matters(gannet: tuple[Change, ...]) -> None:
    ranks = [KINDS.index(change.kind) for change in gannet]
    assert ranks == sorted(ranks)


def test_runs_join_to_the_new_text_and_hold_the_old(gannet: tuple[Change, ...]) -> None:
    for change in gannet:
        assert " ".join(words for op, words in change.words if op != "gone") == " ".join(change.new_text.split())
        assert sum(len(words.split()) for op, words in change.words if op != "new") == len(change.old_text.split())
        assert change.as_dict()["words"] == [list(run) for run in change.words]


def test_word_diff() -> None:
    assert word_diff("Staff must tell us.", "Staff should tell us, soon.") == (
        ("same", "Staff"), ("gone", "must"), ("new", "should"), ("same", "tell us,"), ("new", "soon."),
    )  # fmt: skip
    assert word_diff("", "") == ()


@pytest.mark.parametrize("sample", ["ashlar-grove/mobile-devices-policy", "samphire-road/social-media-policy"])
@pytest.mark.parametrize("seed", range(3))
def test_an_edited_sample_reports_its_edits_alone(sample: str, seed: int) -> None:
    """Random edits of six kinds: what no edit touched is not told as changed, moves apart."""
    text, suffix = edited.policies(edited.CORPORA[0])[sample]
    made = edited.Version(text, suffix)
    for kind in ("insert", "remove", "reword"):
        made.edit(kind, random.Random(seed))
    (document,) = made.old.documents
    found = changes(made.old, edited.opened({f"school/policy{suffix}": made.text}), document.id, document.id)
    touched = [c for c in found if c.kind != "moved"]
    assert 1 <= len(touched) <= 8, [(c.kind, c.old, c.new) for c in touched]


SAMPLES = [
    "harbour-lane/online-safety-policy",
    "gannet-point/social-media-policy",
    "ashlar-grove/mobile-devices-policy",
    "thornbeck-high/social-media-policy",
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_each_must_of_a_sample_policy_that_becomes_should_is_the_one_change(sample: str) -> None:
    text, suffix = edited.policies(edited.CORPORA[0])[sample]
    before = edited.opened({f"school/policy{suffix}": text})
    for found in list(re.finditer(r"\bmust\b", text))[::4]:
        after = edited.opened({f"school/policy{suffix}": f"{text[: found.start()]}should{text[found.end() :]}"})
        (change,) = changes(before, after, "school/policy", "school/policy")
        assert (change.kind, "must" in change.says) == ("weakened", True), change.old


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_policy_that_was_only_renumbered_has_no_other_words(sample: str) -> None:
    text, suffix = edited.policies(edited.CORPORA[0])[sample]
    made = edited.Version(text, suffix)
    assert changes(made.old, made.old, "school/policy", "school/policy") == ()
    made.edit("renumber", random.Random(3))
    found = changes(made.old, edited.opened({f"school/policy{suffix}": made.text}), "school/policy", "school/policy")
    assert sum(c.kind == "new" for c in found) == 2  # the section that shifts the numbers
    assert {c.kind for c in found} == {"new", "moved"}, [(c.kind, c.says, c.old) for c in found if c.kind != "moved"]
