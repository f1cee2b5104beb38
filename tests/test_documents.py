"""A folder of policies to documents: names, titles, ids, which is in force, and what cannot be read."""

from __future__ import annotations

import hashlib
import os
import sys
from datetime import date
from pathlib import Path

import pytest
from conftest import WordsEncoder

from clausewise.building import build
from clausewise.documents import Corpus, document_dict, health, load_corpus
from clausewise.errors import CorpusError
from clausewise.parsing import MISNAMED
from clausewise.thesaurus import Row
from clausewise.types import Document

RULES = "All staff wear a badge at the gate.\n"


def corpus(folder: Path, files: dict[str, str | bytes]) -> Corpus:
    for name, words in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(words.encode() if isinstance(words, str) else words)
    return load_corpus(folder, 1_000_000)


def only(folder: Path, files: dict[str, str | bytes]) -> Document:
    (document,) = corpus(folder, files).documents
    return document


def name_of(folder: Path, files: dict[str, str | bytes]) -> str:
    return corpus(folder, files).schools[0].name


def refusal(folder: Path, files: dict[str, str | bytes]) -> str:
    with pytest.raises(CorpusError) as caught:
        corpus(folder, files)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# a document's own facts


def test_a_document_says_where_it_comes_from(tmp_path: Path) -> None:
    words = f"# Badge Policy\n\n{RULES}"
    found = only(tmp_path, {"larch/Badge Policy (2026).md": words})
    assert (found.id, found.school, found.path) == ("larch/badge-policy-2026", "larch", "larch/Badge Policy (2026).md")
    assert (found.format, found.title, found.text) == ("markdown", "Badge Policy", words)
    assert found.digest == hashlib.sha256(words.encode()).hexdigest()
    assert (found.pages, found.superseded_by) == ((), None)


def test_documents_come_in_order_of_school_and_path(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"pine/b.md": RULES, "larch/z.md": RULES, "larch/a.md": RULES}
    found = corpus(tmp_path, files)
    assert [d.id for d in found.documents] == ["larch/a", "larch/z", "pine/b"]
    assert [s.id for s in found.schools] == ["larch", "pine"]


def test_a_folder_within_a_school_stands_in_the_id(tmp_path: Path) -> None:
    assert only(tmp_path, {"larch/Staff Policies/badges.md": RULES}).id == "larch/staff-policies/badges"


def test_the_dates_of_a_document_are_read(tmp_path: Path) -> None:
    found = only(tmp_path, {"larch/badges.md": f"Approved 5 May 2026. Next review: May 2027.\n\n{RULES}"})
    assert [(d.role, d.text) for d in found.dates] == [("approved", "5 May 2026"), ("next_review", "May 2027")]


# titles


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Badge Policy\n\n", "Badge Policy"),
        ("BADGE POLICY\n\n", "Badge Policy"),
        ("CODE OF CONDUCT FOR THE STAFF\n\n", "Code of Conduct for the Staff"),
        ("Larch School\n\n**Badge Policy**\n\n", "Badge Policy"),
        ("LARCH SCHOOL\n\nBadges and Bells\n\nStaff Handbook\n\n", "Staff Handbook"),
        ("# Badges\n\n## Scope\n\n", "Badges"),
        ("1. Scope of this policy\n\n", "Badges and bells"),
        ("Scope\n\n", "Badges and bells"),
        ("", "Badges and bells"),
    ],
)
def test_title(tmp_path: Path, text: str, title: str) -> None:
    assert only(tmp_path, {"larch/badges-and-bells.txt": text + RULES}).title == title


@pytest.mark.parametrize(("text", "title"), [("CHILDREN’S PHONES POLICY", "Children’s Phones Policy"), ("PUPIL'S CODE", "Pupil's Code")])
def test_a_title_in_capitals_keeps_its_apostrophes(tmp_path: Path, text: str, title: str) -> None:
    assert only(tmp_path, {"larch/p.txt": f"{text}\n\n{RULES}"}).title == title


# the school's name


def test_schools_toml_names_a_school_and_what_files_cannot_say(tmp_path: Path) -> None:
    facts = '[schools.larch]\nname = "Larch Hill School"\ntrust = "Tree Trust"\naliases = ["Larch", "LHS"]\n[schools.larch.contacts]\nhead = "Ann Lee"\n'
    (school,) = corpus(tmp_path, {"schools.toml": facts, "larch/p.md": f"Larch Primary School has rules.\n\n{RULES}"}).schools
    assert (school.id, school.name, school.trust) == ("larch", "Larch Hill School", "Tree Trust")
    assert school.aliases == ("Larch", "LHS")
    assert school.contacts == {"head": "Ann Lee"}


@pytest.mark.parametrize(
    "text",
    [
        "Name of School\tLarch Hill Centre\n\n",
        "School/Academy Name: Larch Hill Centre\n\n",
        "School: Larch Hill Centre\n\n",
        "| Name of the school | Larch Hill Centre |\n\n",
    ],
)
def test_a_label_names_the_school(tmp_path: Path, text: str) -> None:
    assert name_of(tmp_path, {"larch-hill/p.txt": f"{text}Larch Hill School and Larch Hill School.\n\n{RULES}"}) == "Larch Hill Centre"


@pytest.mark.parametrize(
    "name",
    [
        "Larch Primary School",
        "Larch C of E Primary School",
        "St Larch Catholic Academy",
        "Larch Academies",
        "Larch Federation",
        "Larch High School",
    ],
)
def test_the_documents_words_name_the_school(tmp_path: Path, name: str) -> None:
    assert name_of(tmp_path, {"larch/p.txt": f"All staff of {name} wear a badge. Visitors to {name} wear one too.\n"}) == name


def test_a_name_that_does_not_fit_the_folder_is_another_schools(tmp_path: Path) -> None:
    assert (
        name_of(tmp_path, {"larch-hill/p.txt": "The swimming lessons are at Pine Primary School. Pine Primary School has a pool.\n"})
        == "Larch Hill"
    )


def test_the_folder_names_the_school_where_nothing_else_does(tmp_path: Path) -> None:
    assert name_of(tmp_path, {"larch_hill-school/p.txt": RULES}) == "Larch Hill School"


def test_a_school_without_policies_is_a_school(tmp_path: Path) -> None:
    (tmp_path / "pine").mkdir()
    found = corpus(tmp_path, {"larch/p.md": RULES})
    assert [(s.id, s.name) for s in found.schools] == [("larch", "Larch"), ("pine", "Pine")]


# schools.toml that cannot be used


def test_toml_that_is_not_valid_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, {"schools.toml": "[schools.larch\n", "larch/p.md": RULES})
    assert message.startswith(f"{tmp_path / 'schools.toml'}: not valid TOML (")


def test_toml_in_another_encoding_is_refused(tmp_path: Path) -> None:
    assert "not valid TOML" in refusal(tmp_path, {"schools.toml": b'[schools.larch]\nname = "Caf\xe9"\n', "larch/p.md": RULES})


@pytest.mark.parametrize("facts", ['schools = "larch"\n', "[schools]\nlarch = 3\n", "[[schools]]\nname = 'Larch'\n"])
def test_toml_of_another_form_is_refused(tmp_path: Path, facts: str) -> None:
    assert "[schools.FOLDER]" in refusal(tmp_path, {"schools.toml": facts, "larch/p.md": RULES})


def test_an_entry_without_a_folder_is_refused_by_name(tmp_path: Path) -> None:
    message = refusal(tmp_path, {"schools.toml": "[schools.pine]\n[schools.elm]\n", "larch/p.md": RULES})
    assert "found elm, pine, which no folder is named after" in message


def test_one_alias_need_not_be_a_list(tmp_path: Path) -> None:
    found = corpus(tmp_path, {"schools.toml": '[schools.larch]\naliases = "Larch Hill"\n', "larch/p.md": RULES})
    assert found.schools[0].aliases == ("Larch Hill",)


def test_contacts_of_another_form_are_refused(tmp_path: Path) -> None:
    assert "contacts" in refusal(tmp_path, {"schools.toml": '[schools.larch]\ncontacts = "the office"\n', "larch/p.md": RULES})


def test_toml_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    facts = b'\xef\xbb\xbf[schools.larch]\nname = "Larch Hill"\n'
    assert name_of(tmp_path, {"schools.toml": facts, "larch/p.md": RULES}) == "Larch Hill"


# the folder


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="found no such folder"):
        load_corpus(tmp_path / "none", 1_000_000)


def test_a_folder_without_schools_is_refused(tmp_path: Path) -> None:
    assert "found no school's folder" in refusal(tmp_path, {"policy.md": RULES})


def test_hidden_and_underscore_folders_and_files_are_ignored(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "larch/p.md": RULES,
        ".git/p.md": RULES,
        "_drafts/p.md": RULES,
        "larch/.hidden.md": RULES,
        "larch/_old/p.md": RULES,
        "larch/~$p.docx": b"lock",
        "larch/.git/config": "x",
    }
    found = corpus(tmp_path, files)
    assert [d.id for d in found.documents] == ["larch/p"]
    assert [s.id for s in found.schools] == ["larch"]
    assert found.failures == ()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a file system has no such names")
def test_a_name_that_is_not_utf_8_costs_itself_and_a_line(tmp_path: Path, words: WordsEncoder) -> None:
    folder = tmp_path / os.fsdecode(b"\xe9t\xe9")
    for name in (b"larch/p.md", b"larch/caf\xe9.md", b"larch/caf\xe9.pdf", b"larch/a/\xe9.md", b"larch/q.pdf", b"\xe9cole/p.md", b"str\xe9.md"):
        path = folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RULES)
    found = load_corpus(folder, 1_000_000)
    assert ([s.id for s in found.schools], [d.id for d in found.documents]) == (["larch"], ["larch/p"])
    *alone, broken = [(school, line.removeprefix(f"{tmp_path}/\\udce9t\\udce9/")) for school, line in found.unread]
    assert alone == [
        ("", "str\\udce9.md: found outside any school's folder; move it into the folder of the school that it belongs to"),
        ("", f"\\udce9cole: {MISNAMED}"),
        ("larch", f"larch/a/\\udce9.md: {MISNAMED}"),
        ("larch", f"larch/caf\\udce9.md: {MISNAMED}"),
        ("larch", f"larch/caf\\udce9.pdf: {MISNAMED}"),
    ]
    assert broken[1].startswith("larch/q.pdf: this is no PDF at all")
    built = build(found, words, tmp_path / "index")  # type: ignore[arg-type]
    assert built.index.failures == found.failures


def test_a_stray_file_costs_one_line(tmp_path: Path) -> None:
    found = corpus(tmp_path, {"larch/p.md": RULES, "badges.txt": RULES, "README.md": "How this works.", "notes.csv": "a,b"})
    assert found.failures == ("badges.txt: found outside any school's folder; move it into the folder of the school that it belongs to",)
    assert [d.id for d in found.documents] == ["larch/p"]


def test_the_corpus_own_thesaurus_is_read_and_is_no_stray(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"larch/p.md": RULES, "thesaurus.csv": "said,means,kind\nthe hive | hive,learning platform,platform\n"}
    found = corpus(tmp_path, files)
    assert found.thesaurus == (Row(("the hive", "hive"), ("learning platform",), "platform", 2),)
    assert found.failures == ()
    assert [d.id for d in found.documents] == ["larch/p"]


def test_a_corpus_need_not_have_a_thesaurus(tmp_path: Path) -> None:
    assert corpus(tmp_path, {"larch/p.md": RULES}).thesaurus == ()


def test_a_bad_row_of_the_thesaurus_stops_the_reading_with_one_line(tmp_path: Path) -> None:
    said = refusal(tmp_path, {"larch/p.md": RULES, "thesaurus.csv": "said,means,kind\nhive,learning platform,app\n"})
    assert said.startswith(f'{tmp_path / "thesaurus.csv"}, line 2: found the kind "app"; expected one of platform, person,')
    assert "\n" not in said


def test_a_folder_called_like_the_thesaurus_is_told_in_one_line(tmp_path: Path) -> None:
    assert "thesaurus.csv: cannot be read (Is a directory)" in refusal(tmp_path, {"larch/p.md": RULES, "thesaurus.csv/p.md": RULES})


def test_files_that_cannot_be_read_cost_one_line_each_and_the_others_are_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "larch/a.pdf": b"%PDF-1.7\nbroken",
        "larch/b.docx": b"not a zip",
        "larch/c.txt": b"",
        "larch/d.png": b"\x89PNG\r\n\x1a\n",
        "larch/e.md": RULES,
        "larch/f.txt": b"word " * 300_000,
        "pine/p.md": RULES,
    }
    found = corpus(tmp_path, files)
    assert [d.id for d in found.documents] == ["larch/e", "pine/p"]
    assert [line.partition(": ")[0] for line in found.failures] == [
        str(tmp_path / f"larch/{n}") for n in ("a.pdf", "b.docx", "c.txt", "d.png", "f.txt")
    ]
    assert not any("\n" in line for line in found.failures)


def test_a_file_that_cannot_be_read_is_its_schools_however_deep_and_whatever_its_folder_is_called(tmp_path: Path) -> None:
    found = corpus(tmp_path, {"larch/p.md": RULES, "larch/pine/a.txt": b"", "pine/2024/b.txt": b"", "c.txt": RULES})
    assert [(school, line.partition(": ")[0]) for school, line in found.unread] == [
        ("", "c.txt"),
        ("larch", str(tmp_path / "larch/pine/a.txt")),
        ("pine", str(tmp_path / "pine/2024/b.txt")),
    ]


# ids


def test_two_files_of_one_stem_keep_apart(tmp_path: Path) -> None:
    found = corpus(tmp_path, {"larch/p.md": RULES, "larch/p.txt": RULES, "larch/q.md": RULES})
    assert [d.id for d in found.documents] == ["larch/p.md", "larch/p.txt", "larch/q"]


@pytest.mark.parametrize("names", [("Social Media.txt", "social-media.txt"), ("政策.txt", "規則.txt"), ("p (1).md", "p-1.md")])
def test_two_files_never_share_an_id(tmp_path: Path, names: tuple[str, str]) -> None:
    found = corpus(tmp_path, {f"larch/{name}": RULES for name in names})
    assert len({d.id for d in found.documents}) == 2


# which is in force


def dated(words: str, title: str = "Badge Policy") -> str:
    return f"# {title}\n\n{words}\n\n{RULES}"


def superseded(folder: Path, files: dict[str, str | bytes]) -> dict[str, str | None]:
    return {d.id: d.superseded_by for d in corpus(folder, files).documents}


def test_the_later_of_one_title_is_in_force(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "larch/a.md": dated("Approved: May 2022."),
        "larch/b.md": dated("Approved: 3 May 2026.", "BADGE POLICY"),
        "larch/c.md": dated("Approved: May 2024."),
    }
    assert superseded(tmp_path, files) == {"larch/a": "larch/b", "larch/b": None, "larch/c": "larch/b"}


def test_a_review_counts_like_an_approval(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"larch/a.md": dated("Approved: May 2022."), "larch/b.md": dated("Last reviewed: May 2023.")}
    assert superseded(tmp_path, files) == {"larch/a": "larch/b", "larch/b": None}


def test_a_next_review_does_not_put_a_policy_in_force(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "larch/a.md": dated("Approved: May 2022. Next review: May 2030."),
        "larch/b.md": dated("Approved: May 2023."),
    }
    assert superseded(tmp_path, files) == {"larch/a": "larch/b", "larch/b": None}


def test_without_a_date_nothing_is_superseded(tmp_path: Path) -> None:
    assert superseded(tmp_path, {"larch/a.md": dated(""), "larch/b.md": dated("Approved: May 2023.")}) == {"larch/a": None, "larch/b": None}


def test_of_one_date_neither_is_superseded(tmp_path: Path) -> None:
    assert superseded(tmp_path, {"larch/a.md": dated("Approved: May 2023."), "larch/b.md": dated("Adopted: May 2023.")}) == {
        "larch/a": None,
        "larch/b": None,
    }


def test_another_title_or_school_is_not_superseded(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "larch/a.md": dated("Approved: May 2022."),
        "larch/b.md": dated("Approved: May 2026.", "Bell Policy"),
        "pine/a.md": dated("Approved: May 2026."),
    }
    assert set(superseded(tmp_path, files).values()) == {None}


# what is shown


def test_health_says_what_was_read(tmp_path: Path) -> None:
    found = corpus(tmp_path, {"larch/a.md": dated("Approved: May 2022."), "larch/b.md": dated("Approved: May 2026.")}).documents[0]
    characters = len(found.text)
    assert health(found) == f"larch/a.md: {characters} characters, 3 clauses; superseded by larch/b, so it answers nothing"


def test_health_counts_pages_and_names_those_without_text() -> None:
    made = Document(
        "larch/p", "larch", "P", "larch/p.pdf", "pdf", "0", "Hello.", pages=(0, 6, 6), empty_pages=(2, 3), notes=("left out a line",)
    )
    assert health(made) == "larch/p.pdf: 3 pages, 6 characters, 0 clauses; no text on page 2, 3; left out a line"


def test_a_document_as_json_shows_it(tmp_path: Path) -> None:
    found = only(tmp_path, {"larch/p.md": "# Badge Policy\n\nApproved 5 May 2026. Next review: May 2027.\n"})
    assert document_dict(found, date(2028, 1, 1)) == {
        "document": "larch/p",
        "school": "larch",
        "title": "Badge Policy",
        "path": "larch/p.md",
        "format": "markdown",
        "digest": found.digest,
        "pages": None,
        "pages_without_text": [],
        "characters": 60,
        "superseded_by": None,
        "notes": [],
        "dates": [
            {"role": "approved", "text": "5 May 2026", "start": 25, "end": 35},
            {"role": "next_review", "text": "May 2027", "start": 50, "end": 58},
        ],
        "review": "overdue",
    }
