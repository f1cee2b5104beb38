"""Whom policies say that they cover, on sentences of our own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from clausewise.comparison.audiences import GROUPS, Coverage, covered, named
from clausewise.index import Index


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("All staff and governors", {"staff", "governors"}),
        ("employees, agency workers and trainees", {"staff", "supply", "trainees"}),
        ("Teachers and volunteers", {"teachers", "volunteers"}),
        ("teaching and support staff", {"teachers", "staff"}),
        ("supply teachers", {"supply"}),
        ("student teachers and students on placement", {"trainees"}),
        ("former pupils", {"former_pupils"}),
        ("pupils and former pupils", {"pupils", "former_pupils"}),
        ("parent governors", {"governors"}),
        ("the governing body and trustees", {"governors"}),
        ("contractors, visitors and guests", {"contractors", "visitors"}),
        ("families and carers", {"parents"}),
        ("adults working with pupils", set()),
        ("images of pupils", set()),
        ("the shed", set()),
        ("", set()),
    ],
)
def test_groups_are_named(text: str, wanted: set[str]) -> None:
    assert named(text) == wanted
    assert wanted <= set(GROUPS)


def read(make_index: Callable[..., Index], body: str) -> Coverage:
    index = make_index({"larch/ducks.md": f"# Duck Policy\n\n## 1. Scope\n\n{body}\n"})
    return covered(index.clauses, index.document)


@pytest.mark.parametrize(
    ("body", "inside", "outside"),
    [
        ("This policy applies to staff, governors and volunteers.", {"staff", "governors", "volunteers"}, set()),
        ("This policy covers contractors who work with pupils on site, and visitors.", {"contractors", "visitors"}, set()),
        ("The duck policy is for pupils.", {"pupils"}, set()),
        ("It applies to every employee.", {"staff"}, set()),
        ("This policy applies to staff except supply teachers.", {"staff"}, {"supply"}),
        ("This policy applies to staff. It does not apply to parents or visitors.", {"staff"}, {"parents", "visitors"}),
        ("This policy applies to all who work here. This includes therapists, governors and trainees.", {"governors", "trainees"}, set()),
        ("In this policy “staff” includes agency workers and volunteers.", {"supply", "volunteers"}, set()),
        ("This policy applies to:\n\n- governors\n- volunteers who help with ducks.", {"governors", "volunteers"}, set()),
        ("This policy does not apply to:\n\n- visitors\n- parents.", set(), {"visitors", "parents"}),
        ("This policy:\n\n- applies to all staff\n- helps pupils.", {"staff"}, set()),
        ("Staff keep the ducks. Parents may watch.", set(), set()),
        ("A new fence covers the pupils' ducks.", set(), set()),
    ],
)
def test_a_policy_says_whom_it_covers(make_index: Callable[..., Index], body: str, inside: set[str], outside: set[str]) -> None:
    found = read(make_index, body)
    assert (set(found.covered), set(found.excluded)) == (inside, outside)


def test_each_group_has_the_clause_that_says_so(make_index: Callable[..., Index]) -> None:
    found = read(make_index, "1.1 This policy applies to staff.\n\n1.2 It applies to staff and to visitors.")
    assert found.covered == {"staff": "larch/ducks#1.1", "visitors": "larch/ducks#1.2"}


def test_what_one_policy_covers_is_not_left_out_by_another(make_index: Callable[..., Index]) -> None:
    files = {
        "larch/a.md": "# A Policy\n\nThis policy does not apply to visitors.\n",
        "larch/b.md": "# B Policy\n\nThis policy applies to visitors.\n",
    }
    index = make_index(files)
    assert covered(index.clauses, index.document) == Coverage({"visitors": "larch/b#preamble/1"}, {})


def test_it_may_speak_of_something_else(make_index: Callable[..., Index]) -> None:
    index = make_index({"larch/ducks.md": "# Duck Policy\n\n## Roof\n\nThe roof is new. It covers pupils and ducks.\n"})
    assert covered(index.clauses, index.document) == Coverage({}, {})


def test_no_clauses_no_groups(tmp_path: Path) -> None:
    assert covered([], {}) == Coverage({}, {})
