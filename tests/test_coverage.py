"""The kinds of policy that each school has, lacks or has overdue; and the list of kinds, which is data."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from conftest import MAX_BYTES, ROOT

from clausewise.comparison.coverage import SHIPPED, Coverage, coverage, load_kinds, names
from clausewise.documents import load_corpus
from clausewise.errors import BadKinds
from clausewise.types import Document, School

TODAY = date(2026, 11, 24)
KINDS = load_kinds()


@pytest.fixture(scope="module")
def sample() -> Coverage:
    corpus = load_corpus(ROOT / "corpus", MAX_BYTES)
    return coverage(corpus.documents, corpus.schools, KINDS, TODAY)


def kinds_of(title: str, name: str = "x") -> list[str]:
    document = Document(f"larch/{name}", "larch", title, "x", "text", "", "")
    return [kind.id for kind in KINDS if kind.fits(names(document))]


def test_how_many_schools_have_a_kind(sample: Coverage) -> None:
    for kind in KINDS:
        states = [sample.cells[school.id, kind.id].state for school in sample.schools]
        assert sample.tally(kind.id) == {state: states.count(state) for state in ("has", "overdue", "lacks")}
    assert sum(sample.tally("social-media").values()) == 6 > sample.tally("social-media")["lacks"]


# the list


def test_the_shipped_kinds() -> None:
    assert len(KINDS) == 28
    assert {kind.statutory for kind in KINDS} == {True, False, None}
    assert [kind.id for kind in KINDS if kind.statutory is False] == ["social-media", "artificial-intelligence"]


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("Social Media Policy", ["social-media"]),
        ("Social Networking Policy for Staff", ["social-media"]),
        ("Mobile Phones and Smart Devices in School", ["mobile-devices"]),
        ("Smart Watch Rules", ["mobile-devices"]),
        ("E-Safety Policy", ["online-safety"]),
        ("Online Safety and Acceptable Use Policy", ["online-safety", "acceptable-use"]),
        ("ICT Acceptable Use Agreement", ["acceptable-use"]),
        ("Child Protection and Safeguarding Policy", ["child-protection"]),
        ("Behaviour Policy", ["behaviour"]),
        ("Staff Behaviour Policy (Code of Conduct)", ["staff-conduct"]),
        ("Behaviour and Anti-Bullying Policy", ["behaviour", "anti-bullying"]),
        ("Data Protection (GDPR) Policy", ["data-protection"]),
        ("Whistle-blowing Policy", ["whistleblowing"]),
        ("Complaints Procedure", ["complaints"]),
        ("SEND Information Report", ["send"]),
        ("Attendance and Punctuality Policy", ["attendance"]),
        ("Suspension and Permanent Exclusion Policy", ["exclusions"]),
        ("Inclusion Policy", []),
        ("RSE Policy", ["rse"]),
        ("Relationships and Sex Education Policy", ["rse"]),
        ("Health and Safety Policy", ["health-and-safety"]),
        ("Relationships and Health Education", ["rse"]),
        ("First Aid and Medicines Policy", ["first-aid", "medical-conditions"]),
        ("Supporting Pupils with Medical Conditions", ["medical-conditions"]),
        ("Equality Information and Objectives", ["equality"]),
        ("Charging and Remissions Policy", ["charging"]),
        ("Admissions Arrangements 2027", ["admissions"]),
        ("Accessibility Plan", ["accessibility"]),
        ("Staff Disciplinary Procedure", ["staff-discipline"]),
        ("Safer Recruitment Policy", ["safer-recruitment"]),
        ("Use of AI Policy", ["artificial-intelligence"]),
        ("Ai Weiwei Trip Policy", []),
        ("Please send us your views", []),
        ("Remote Learning Policy", ["remote-education"]),
        ("Visitors and Visiting Speakers", ["visitors"]),
        ("School Uniform Policy", ["uniform"]),
        ("Pupils’ Handbook", []),
        ("Dogs on Site Policy", []),
    ],
)
def test_titles(title: str, kinds: list[str]) -> None:
    assert kinds_of(title) == kinds
    assert kinds_of(title.upper()) == kinds or "AI" in title.upper().split() or "SEND" in title.upper()


def test_a_files_name_counts_where_the_title_says_nothing() -> None:
    assert kinds_of("Larch Primary School", "anti-bullying-2026") == ["anti-bullying"]


# schools x kinds


def test_the_sample(sample: Coverage) -> None:
    table = {school.id: {cell.kind: cell.state for cell in sample.row(school.id) if cell.state != "lacks"} for school in sample.schools}
    both = {"online-safety": "has", "acceptable-use": "has"}
    assert table == {
        "ashlar-grove": {"social-media": "overdue", "mobile-devices": "has"},
        "gannet-point": {"social-media": "has", "mobile-devices": "overdue", **both},
        "harbour-lane": {"social-media": "has", "mobile-devices": "has", **both},
        "limekiln-bank": {"mobile-devices": "has", **both},
        "samphire-road": {"social-media": "has", **both},
        "thornbeck-high": {"social-media": "has", "mobile-devices": "has", **both},
    }
    assert sample.unplaced == ()
    assert len(sample.cells) == 6 * 28


def test_a_superseded_version_counts_for_nothing(sample: Coverage) -> None:
    cell = sample.cells["gannet-point", "social-media"]
    assert (cell.documents, cell.overdue) == (("gannet-point/social-media-policy",), ())


def test_a_document_of_no_kind_is_named_and_other_schools_are_left_out() -> None:
    documents = [Document(f"{school}/dogs", school, "Dogs Policy", "x", "text", "", "") for school in ("larch", "maple")]
    found = coverage(documents, [School("larch", "Larch")], KINDS, TODAY)
    assert found.unplaced == ("larch/dogs",)
    assert {cell.state for cell in found.row("larch")} == {"lacks"}
    assert found.row("larch")[0].as_dict() == {"school": "larch", "kind": "social-media", "state": "lacks", "documents": [], "overdue": []}


# a broken file

GOOD = '[[kind]]\nid = "dogs"\ntitle = "Dogs"\npatterns = ["dogs?"]\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found no [[kind]] table"),
        ("kind = 3\n", "found no [[kind]] table"),
        ("[[kind]\n", "not valid TOML"),
        ("[[kind]]\n", "kind 1, id"),
        ('[[kind]]\nid = "Dogs!"\ntitle = "Dogs"\npatterns = ["dogs"]\n', "kind 1, id: found 'Dogs!'"),
        ('[[kind]]\nid = "dogs"\ntitle = "Dogs"\npatterns = []\n', "kind 1, patterns"),
        ('[[kind]]\nid = "dogs"\ntitle = "Dogs"\npatterns = ["(dogs"]\n', "kind 1, patterns: found '(dogs', no regular expression"),
        (GOOD + 'statutory = "yes"\n', "kind 1, statutory"),
        (GOOD + 'owner = "head"\n', "kind 1, owner"),
        (GOOD + GOOD, "the id 'dogs' stands twice"),
        (GOOD + GOOD.replace('"dogs"', '"hounds"'), "the title 'Dogs' stands twice"),
        ("kind = [3]\n", "kind 1, the table: found 3"),
    ],
)
def test_a_broken_file_is_named_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "kinds.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadKinds) as caught:
        load_kinds(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert words in message
    assert "\n" not in message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadKinds, match="cannot be read"):
        load_kinds(tmp_path / "kinds.toml")


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "kinds.toml").write_text("\ufeff" + GOOD, "utf-8")
    (kind,) = load_kinds(tmp_path / "kinds.toml")
    assert (kind.id, kind.title, kind.patterns, kind.statutory) == ("dogs", "Dogs", ("dogs?",), None)
    assert SHIPPED.name == "policy_kinds.toml"
