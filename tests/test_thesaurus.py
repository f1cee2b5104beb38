"""The asker's words: what the packaged table makes of a question, how a corpus extends it, and what a bad row is told."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from conftest import MAX_BYTES, ROOT

from clausewise.documents import load_corpus
from clausewise.errors import CorpusError
from clausewise.thesaurus import HEADER, KINDS, PACKAGED, Row, Thesaurus, _words, read_rows

PACKAGE = Thesaurus(read_rows(PACKAGED))


def table(folder: Path, *lines: str, name: str = "thesaurus.csv") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("\n".join(["said,means,kind", *lines]) + "\n", "utf-8")
    return path


# the packaged table


def test_every_row_of_the_packaged_table_is_read() -> None:
    with PACKAGED.open(encoding="utf-8", newline="") as file:
        header, *cells = csv.reader(file)
    assert tuple(header) == HEADER
    assert 250 <= len(cells) <= 400
    assert [(" | ".join(row.said), " | ".join(row.means), row.kind) for row in PACKAGE.rows] == [tuple(row) for row in cells]
    assert {row.kind for row in PACKAGE.rows} == set(KINDS)


def test_every_phrase_leads_to_its_own_meanings() -> None:
    """Not shadowed by a shorter phrase, nor lost by the way that words are taken apart."""
    for row in PACKAGE.rows:
        for phrase in row.said:
            said = _words(phrase)
            wanted = [m for m in row.means if not any(said[i : i + len(_words(m))] == _words(m) for i in range(len(said)))]
            assert list(PACKAGE.expansions(phrase)) == wanted, phrase


def test_no_phrase_stands_in_two_rows() -> None:
    counts = Counter(_words(phrase) for row in PACKAGE.rows for phrase in row.said)
    assert [" ".join(words) for words, count in counts.items() if count > 1] == []


def test_no_phrase_is_its_own_meaning() -> None:
    assert [p for row in PACKAGE.rows for p in row.said if _words(p) in set(map(_words, row.means))] == []


def test_words_of_two_senses_stand_only_in_longer_phrases() -> None:
    alone = {" ".join(_words(phrase)) for row in PACKAGE.rows for phrase in row.said}
    harmful = {"follow", "post", "head", "story", "snap", "add", "friend", "share", "x", "it", "teams", "cover", "lead", "block"}
    assert alone & harmful == set()


def test_the_table_is_packaged() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert PACKAGED.name in settings["tool"]["setuptools"]["package-data"]["clausewise"]


# expansions


@pytest.mark.parametrize(
    ("question", "expansions"),
    [
        ("Can I be on insta?", ("social media", "social networking site", "account")),
        ("Who may see the KIDS’ files", ("pupil", "child", "student")),
        ("do TAs count", ("staff", "support staff", "member of staff")),
        ("he was slagging off the head", ("derogatory", "defamatory", "bring into disrepute", "headteacher")),
        ("will I get sacked?", ("dismissal", "gross misconduct", "disciplinary action")),
        (
            "my own phone in lessons",
            ("personal device", "mobile phone", "mobile device", "working hours", "contact time", "presence of pupils"),
        ),
        ("a mum sent me a friend request", ("parent", "carer", "accept friend request", "invitation to connect", "contact")),
        ("is it on my story", ("post", "image", "upload")),
        ("can i use my log-in", ("user account", "password", "credentials")),
        ("what's the weather", ()),
        ("", ()),
        ("?!", ()),
    ],
)
def test_expansions_in_the_order_of_the_question(question: str, expansions: tuple[str, ...]) -> None:
    assert PACKAGE.expansions(question) == expansions


@pytest.mark.parametrize(
    "question",
    [
        "the story of the Romans",
        "which rules do we follow",
        "a post in the fence",
        "off the top of my head",
        "sharing a snap judgement",
        "a kidney infection",
        "planning the festival",
        "is it in teams of four",
        "Jean and Sue are away",
        "I'll say we'll go",
    ],
)
def test_ordinary_words_stand_for_nothing(question: str) -> None:
    assert PACKAGE.expansions(question) == ()


def test_what_the_question_says_already_is_not_said_again() -> None:
    assert PACKAGE.expansions("does the social media rule cover insta accounts") == ("social networking site",)


def test_a_meaning_of_two_phrases_is_said_once() -> None:
    assert PACKAGE.expansions("insta and fb") == ("social media", "social networking site", "account")


def test_the_longest_phrase_takes_its_words(tmp_path: Path) -> None:
    made = Thesaurus(read_rows(table(tmp_path, "old,aged,thing", "old boy network,alumni body,thing", "boy,pupil,person")))
    assert made.expansions("the old boy network") == ("alumni body",)
    assert made.expansions("an old boy") == ("aged", "pupil")
    assert made.expansions("a boy is old") == ("pupil", "aged")


def test_no_phrase_is_found_across_a_stop(tmp_path: Path) -> None:
    made = Thesaurus(read_rows(table(tmp_path, "log in,user account,thing")))
    assert made.expansions("Put it in the log. In the morning") == ()
    assert made.expansions("a log-in, please") == ("user account",)


@pytest.mark.parametrize("said", ["nan", "NAN", "nans", "nan's", "nans'", "nan’s", "(nan)", "nan/gran"])
def test_case_plural_and_possessive_make_no_difference(said: str) -> None:
    assert PACKAGE.expansions(f"her {said} rang") == ("parent", "carer", "family member")


def test_expand_adds_the_expansions() -> None:
    assert PACKAGE.expand("Can I be on insta?") == "Can I be on insta? social media social networking site account"
    assert PACKAGE.expand("what's the weather") == "what's the weather"


# a corpus' own table


def test_a_corpus_table_extends_the_packaged_one(tmp_path: Path) -> None:
    own = table(
        tmp_path, "the hive | hive,learning platform,platform", "", "insta,picture site | social media,platform", "cherubs,kids,person"
    )
    both = Thesaurus.extended(read_rows(own))
    assert len(both.rows) == len(PACKAGE.rows) + 3
    assert both.expansions("is it on Hive") == ("learning platform",)
    assert both.expansions("insta") == ("social media", "social networking site", "account", "picture site")
    assert both.expansions("our cherubs") == ("kids",)
    assert both.expansions("sacked") == PACKAGE.expansions("sacked")


def test_a_corpus_without_a_table_has_the_packaged_one() -> None:
    assert Thesaurus.extended(()).rows == PACKAGE.rows


def test_the_corpus_rows_stand_after_the_packaged_ones(tmp_path: Path) -> None:
    own = read_rows(table(tmp_path, "the hive,learning platform,platform"))
    assert Thesaurus.extended(own).rows == (*PACKAGE.rows, *own)
    assert own == (Row(("the hive",), ("learning platform",), "platform", 2),)


def test_the_sample_corpus_table_fits_its_schools() -> None:
    """Each of its words is new to the packaged table, and each meaning is a word that one of the sample's policies uses."""
    texts = " ".join(document.text.lower() for document in load_corpus(ROOT / "corpus", MAX_BYTES).documents)
    own = read_rows(ROOT / "corpus" / "thesaurus.csv")
    assert 2 <= len(own) <= 3
    for row in own:
        assert [meaning for meaning in row.means if meaning not in texts] == []
        for phrase in row.said:
            assert PACKAGE.expansions(phrase) == ()
            assert Thesaurus.extended(own).expansions(phrase) == row.means


def test_a_table_with_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "thesaurus.csv"
    path.write_bytes("\ufeffsaid,means,kind\r\nthe hive | hives,learning platform,platform\r\n".encode())
    assert read_rows(path) == (Row(("the hive", "hives"), ("learning platform",), "platform", 2),)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("hive,platform", 'line 3: found 2 cells; expected three, "said,means,kind"; part phrases with " | ", not with commas'),
        ("hive,a,b,thing", 'line 3: found 4 cells; expected three, "said,means,kind"; part phrases with " | ", not with commas'),
        (
            "hive,learning platform,app",
            'line 3: found the kind "app"; expected one of platform, person, role, action, sanction, device, document, time, thing; write one of these',
        ),
        (
            "hive | ...,learning platform,thing",
            'line 3: found an empty phrase under said; expected words parted by " | "; fill it in or take out the "|"',
        ),
        (
            ",learning platform,thing",
            'line 3: found an empty phrase under said; expected words parted by " | "; fill it in or take out the "|"',
        ),
        (
            "hive,learning platform |,thing",
            'line 3: found an empty phrase under means; expected words parted by " | "; fill it in or take out the "|"',
        ),
        ("hive,Hives,thing", 'line 3: found "hive" under said and under means; expected other words there; take one of them out'),
        ("Seen,looked at,thing", 'line 3: found "Seen", which line 2 has too; expected each phrase once; take one of them out'),
        (
            '"hive,a,thing',
            'line 3: found quotation marks that do not pair (unexpected end of data); expected "..." round a whole cell; mend them',
        ),
    ],
)
def test_a_bad_row_is_told_in_one_line(tmp_path: Path, row: str, message: str) -> None:
    path = table(tmp_path, "seen,viewed,thing", row)
    with pytest.raises(CorpusError) as caught:
        read_rows(path)
    assert str(caught.value) == f"{path}, {message}"


def test_a_file_that_is_no_table_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "thesaurus.csv"
    for content, message in (
        (
            b"hive;learning platform;thing\n",
            ', line 1: found "hive;learning platform;thing"; expected the header "said,means,kind"; make it the first line',
        ),
        (b"", ', line 1: found an empty file; expected the header "said,means,kind"; write it, or remove the file'),
        (
            b"said,means,kind\ncaf\xe9,canteen,thing\n",
            ": found other characters than UTF-8; expected a CSV file in UTF-8; save it as CSV UTF-8",
        ),
    ):
        path.write_bytes(content)
        with pytest.raises(CorpusError) as caught:
            read_rows(path)
        assert str(caught.value) == f"{path}{message}"


def test_a_table_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none\.csv: cannot be read \(No such file or directory\)"):
        read_rows(tmp_path / "none.csv")
