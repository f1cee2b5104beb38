"""Who shares wording word for word, and who changed which words, on policies of our own."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from clausewise.comparison.wording import Shared, share, shared, told
from clausewise.comparison.words import word_diff
from clausewise.index import Index
from clausewise.types import Clause, Document, School, Span

RULE = "Staff must keep every key of the boat shed on the board by the office door."
POLICY = "# Key Policy\n\n## Keys\n\n1.1 {}\n\n1.2 {}\n"
OTHER = "Ducks are fed at noon by whoever is nearest to the pond that day."


@pytest.fixture
def keys(make_index: Callable[..., Index]) -> Callable[..., Index]:
    def make(**rules: str) -> Index:
        return make_index({f"{school}/keys.md": POLICY.format(rule, "The shed is painted.") for school, rule in rules.items()})

    return make


def only(index: Index) -> Shared:
    (group,) = shared(index)
    return group


def test_the_same_words_are_shared_word_for_word(keys: Callable[..., Index]) -> None:
    group = only(keys(larch=RULE, maple=RULE, birch=OTHER))
    assert group.word_for_word
    assert not group.duty_changed
    assert group.clauses == ("larch/keys#1.1", "maple/keys#1.1")
    assert group.schools == ("larch", "maple")
    assert group.versions[0].text == RULE


def test_type_white_space_and_case_are_folded(keys: Callable[..., Index]) -> None:
    assert only(keys(larch=RULE + " It is the school's.", maple=RULE.replace("Staff", "STAFF") + "\nIt is the  school’s")).word_for_word


def test_the_commonest_version_stands_first_and_the_others_show_what_changed(keys: Callable[..., Index]) -> None:
    group = only(keys(ash=RULE.replace("every key", "each key"), larch=RULE, maple=RULE))
    first, second = group.versions
    assert (first.schools, first.changes, first.duty_changed) == (("larch", "maple"), (), False)
    assert (second.schools, told(second.changes), second.duty_changed) == (("ash",), {"gone": ["every"], "new": ["each"]}, False)
    assert not group.word_for_word


@pytest.mark.parametrize("change", [("must", "should"), ("must", "may"), ("must", "must not")])
def test_a_changed_duty_is_marked(keys: Callable[..., Index], change: tuple[str, str]) -> None:
    group = only(keys(ash=RULE.replace(*change), larch=RULE, maple=RULE))
    assert [version.duty_changed for version in group.versions] == [False, True]
    assert group.duty_changed


def test_a_duty_changed_in_the_lead_in_is_another_version(make_index: Callable[..., Index]) -> None:
    item = "lend the key of the boat shed to anyone who has no badge"
    files = {
        f"{school}/keys.md": f"# Key Policy\n\n## Keys\n\nStaff {verb}:\n\n- {item}\n"
        for school, verb in (("a", "must not"), ("b", "should not"))
    }
    group = only(make_index(files))
    assert [(version.schools, version.duty_changed) for version in group.versions] == [(("a",), False), (("b",), True)]
    assert told(group.versions[1].changes) == {"gone": [], "new": []}


def test_the_schools_own_name_is_folded_out(make_index: Callable[..., Index], tmp_path: object) -> None:
    toml = '[schools.larch]\nname = "Larch Lane School"\naliases = ["Larch"]\n[schools.maple]\nname = "Maple College"\n'
    rule = "{} keeps every key of the boat shed on a board by the office door."
    files = {
        "schools.toml": toml,
        "larch/keys.md": POLICY.format(rule.format("Larch Lane School"), "x"),
        "maple/keys.md": POLICY.format(rule.format("Maple College"), "y"),
    }
    group = only(make_index(files))
    assert group.word_for_word
    assert group.versions[0].text.startswith("Larch Lane School keeps")


def test_short_and_unlike_clauses_are_not_shared(keys: Callable[..., Index]) -> None:
    assert shared(keys(larch="Staff must lock the shed.", maple="Staff must lock the shed.")) == ()
    assert shared(keys(larch=RULE, maple=OTHER)) == ()


def test_one_school_shares_nothing_with_itself(make_index: Callable[..., Index]) -> None:
    assert shared(make_index({"larch/a.md": POLICY.format(RULE, RULE), "larch/b.md": POLICY.format(RULE, RULE)})) == ()


def test_shares_are_of_each_schools_own_clauses(make_index: Callable[..., Index]) -> None:
    files = {
        "larch/a.md": POLICY.format(RULE, OTHER),
        "maple/a.md": POLICY.format(RULE, "The kite on the roof is taken down before the storm arrives in autumn."),
        "oak/a.md": POLICY.format(OTHER, RULE),
    }
    index = make_index(files)
    assert share(index) == {
        ("larch", "maple"): 0.5, ("larch", "oak"): 1.0, ("maple", "larch"): 0.5, ("maple", "oak"): 0.5, ("oak", "larch"): 1.0, ("oak", "maple"): 0.5,
    }  # fmt: skip
    assert share(index, shared(index)) == share(index)


def test_changes_join_to_both_texts() -> None:
    old, new = ["a", "b", "c", "d", "e"], ["a", "x", "c", "e", "f"]
    made = word_diff(" ".join(old), " ".join(new))
    assert made == (("same", "a"), ("gone", "b"), ("new", "x"), ("same", "c"), ("gone", "d"), ("same", "e"), ("new", "f"))
    assert word_diff(" ".join(old), " ".join(old)) == (("same", "a b c d e"),)


@dataclass(frozen=True)
class Made:
    schools: tuple[School, ...]
    documents: tuple[Document, ...]
    clauses: tuple[Clause, ...]


def many(schools: int, clauses: int) -> Made:
    """Policies of made-up words; a third of their clauses come from one model, with some of its words changed."""
    chance = random.Random(7)
    vocabulary = [f"w{number}" for number in range(900)]
    model = [chance.choices(vocabulary, k=chance.randint(8, 45)) for _ in range(clauses)]
    documents, found = [], []
    for number in range(schools):
        text, id = "", f"s{number:03}/policy"
        for place in range(clauses):
            words = list(model[place]) if chance.random() < 1 / 3 else chance.choices(vocabulary, k=chance.randint(8, 45))
            words[chance.randrange(len(words))] = chance.choice(vocabulary)
            span = Span(len(text), len(text) + len(" ".join(words)))
            text += " ".join(words) + "\n"
            found.append(Clause(f"{id}#{place}", id, id[:4], "clause", span, span))
        documents.append(Document(id, id[:4], "Policy", id, "md", "", text))
    return Made(tuple(School(document.school, document.school.upper()) for document in documents), tuple(documents), tuple(found))


@pytest.mark.slow
def test_ten_schools_of_five_hundred_clauses_come_out_the_same() -> None:
    made = many(10, 500)
    groups = shared(made)
    assert len(groups) > 100
    assert shared(Made(made.schools, made.documents, tuple(reversed(made.clauses))))[0].schools == groups[0].schools
    assert shared(made) == groups
    assert shared(Made((), (), ())) == ()
