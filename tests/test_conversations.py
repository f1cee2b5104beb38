"""Conversations are kept whole, each for one user alone, and what is deleted is gone from the file."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clausewise.conversations import FILE, TITLE, TURNS, Conversations, Turn
from clausewise.errors import BadConversation, ClausewiseError, StoreError, UnknownConversation

ANN, BOB = "browser:ann", "browser:bob"
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
REPLY = {"id": None, "question": "q", "standalone_question": "Q “é” 🙂", "schools": ["ash"], "answers": [{"school": "ash", "quotes": []}]}
NASTY = "<script>window.hacked = 1</script> '; DROP TABLE turn;-- % _ \\ \x00 {{7*7}}"


def turn(question: str = "May I?", schools: tuple[str, ...] = (), minutes: int = 0, **reply: Any) -> Turn:
    return Turn(question, schools, REPLY | reply, "c0ffee", NOON + timedelta(minutes=minutes))


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "data" / "of" / "school")


def bytes_of(kept: Conversations) -> bytes:
    """Of the database and of whatever SQLite keeps beside it."""
    return b"".join(path.read_bytes() for path in sorted(kept.database.path.parent.iterdir()))


def test_a_conversation_comes_back_as_it_was_after_a_restart(kept: Conversations) -> None:
    first, second = turn(NASTY, ("ash", "birch")), turn("And then?", ("cedar",), 7)
    id = kept.begin(ANN, first)
    kept.add(ANN, id, second)
    again = Conversations(kept.database.path.parent)
    assert again.turns(ANN, id) == (first, second)
    (found,) = again.all(ANN)
    assert found == again.find(ANN, id)
    assert (found.id, found.made, found.changed) == (id, NOON, NOON + timedelta(minutes=7))
    assert (found.questions, found.schools) == ((NASTY, "And then?"), ("ash", "birch", "cedar"))


def test_a_turn_is_asked_now_unless_it_says_when() -> None:
    before = datetime.now(UTC)
    assert before <= Turn("q", (), REPLY, "c0ffee").asked <= datetime.now(UTC)


def test_a_conversation_that_ever_asked_every_school_names_none(kept: Conversations) -> None:
    id = kept.begin(ANN, turn(schools=("ash",)))
    kept.add(ANN, id, turn())
    assert kept.find(ANN, id).schools == ()


def test_ids_cannot_be_guessed_and_stand_in_an_address_as_they_are(kept: Conversations) -> None:
    ids = {kept.begin(ANN, turn()) for _ in range(50)}
    assert len(ids) == 50
    assert all(len(id) == 22 and id.replace("-", "").replace("_", "").isalnum() and id.isascii() for id in ids)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("May I?", "May I?"),
        (" May\n I \t? ", "May I ?"),
        ("a" * 80, "a" * 80),
        ("a" * 81, "a" * 79 + "…"),
        ("word " * 30, "word " * 15 + "word…"),
        ("é" * 30 + " " + "🙂" * 60, "é" * 30 + " " + "🙂" * 48 + "…"),
    ],
)
def test_the_first_question_cut_short_is_the_title(kept: Conversations, question: str, title: str) -> None:
    id = kept.begin(ANN, turn(question))
    kept.add(ANN, id, turn("Another?"))
    assert kept.find(ANN, id).title == title


def test_a_title_of_the_user_s_own_stays(kept: Conversations) -> None:
    id = kept.begin(ANN, turn("May we?"))
    assert kept.find(ANN, id).title == "May we?"
    kept.rename(ANN, id, f"  For the\n{NASTY} ")
    kept.add(ANN, id, turn("May they?"))
    assert kept.find(ANN, id).title == f"For the {NASTY}"
    kept.rename(ANN, id, "x" * TITLE)
    for title, size in (("", "0"), (" \n", "0"), ("x" * 201, "201"), ("é" * 3000, "3,000")):
        with pytest.raises(BadConversation, match=f"^title: found {size} characters; expected 1 to 200$"):
            kept.rename(ANN, id, title)
    assert kept.find(ANN, id).title == "x" * TITLE


def test_a_question_of_a_child_at_risk_is_never_kept(kept: Conversations) -> None:
    secret = turn("A pupil told me something", concerns=["disclosure"])
    with pytest.raises(ValueError, match="is not kept"):
        kept.begin(ANN, secret)
    assert not kept.database.path.exists()
    id = kept.begin(ANN, turn("one", concerns=[]))
    with pytest.raises(ValueError, match="is not kept"):
        kept.add(ANN, id, secret)
    assert [found.question for found in kept.turns(ANN, id)] == ["one"]
    assert b"A pupil told" not in bytes_of(kept)


def test_a_conversation_has_room_for_so_many_turns(kept: Conversations) -> None:
    id = kept.begin(ANN, turn())
    with sqlite3.connect(kept.database.path) as connection:
        connection.execute("UPDATE turn SET position = ?", (TURNS - 1,))
    connection.close()
    kept.add(ANN, id, turn("the last"))
    with pytest.raises(BadConversation, match=r"^found 200 questions in this conversation, the most that one holds; begin a new one$"):
        kept.add(ANN, id, turn("one more"))
    assert kept.turns(ANN, id)[-1].question == "the last"


def test_the_last_changed_stands_first(kept: Conversations) -> None:
    first, second, third = (kept.begin(ANN, turn(str(number), minutes=number)) for number in range(3))
    assert [found.id for found in kept.all(ANN)] == [third, second, first]
    kept.add(ANN, first, turn(minutes=9))
    kept.rename(ANN, second, "A new name is no new question")
    assert [found.id for found in kept.all(ANN)] == [first, third, second]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", {"photos", "mail", "odd"}),
        ("PHOTOS", {"photos"}),
        ("école", {"photos"}),
        ("next  day", {"mail"}),
        ("trip to", {"mail"}),
        ("%", {"odd"}),
        ("_", {"odd"}),
        ("a%b", set()),
        ("' or 1=1 --", set()),
        ("100% of_it", {"odd"}),
    ],
)
def test_words_are_found_in_titles_and_questions_as_they_stand(kept: Conversations, search: str, found: set[str]) -> None:
    ids = {
        "photos": kept.begin(ANN, turn("May I take photos of the ÉCOLE?")),
        "mail": kept.begin(ANN, turn("Must I answer mail?")),
        "odd": kept.begin(ANN, turn("100% of_it?")),
    }
    kept.add(ANN, ids["mail"], turn("Even the next\nday?"))
    kept.rename(ANN, ids["mail"], "Trip to the sea")
    kept.begin(BOB, turn("PHOTOS école next day trip to 100% of_it"))
    assert {conversation.id for conversation in kept.all(ANN, search)} == {ids[name] for name in found}


USES: dict[str, Callable[[Conversations, str, str], object]] = {
    "turns": lambda kept, user, id: kept.turns(user, id),
    "find": lambda kept, user, id: kept.find(user, id),
    "add": lambda kept, user, id: kept.add(user, id, turn("mine")),
    "rename": lambda kept, user, id: kept.rename(user, id, "mine"),
    "delete": lambda kept, user, id: kept.delete(user, id),
}


@pytest.mark.parametrize("use", USES)
def test_another_user_s_conversation_does_not_exist(kept: Conversations, use: str) -> None:
    id = kept.begin(ANN, turn("Ann’s"))
    before = kept.find(ANN, id), kept.turns(ANN, id)
    for user, named in ((BOB, id), (ANN, "nowhere"), ("", id), (ANN, "%"), (ANN, "x\ny" * 99)):
        with pytest.raises(UnknownConversation) as raised:
            USES[use](kept, user, named)
        assert str(raised.value) == f"found no conversation {named[:60]!r} of yours; expected one that is in your list"
        assert isinstance(raised.value, ClausewiseError)
    assert (kept.all(BOB), kept.delete_all(BOB)) == ([], 0)
    assert (kept.find(ANN, id), kept.turns(ANN, id)) == before


def test_what_is_deleted_is_gone_from_the_file(kept: Conversations) -> None:
    words = [f"Wilhelmina{number} " * 400 for number in range(4)]
    ids = [kept.begin(ANN, turn(text, note=text)) for text in words[:3]]
    other = kept.begin(BOB, turn(words[3]))
    kept.delete(ANN, ids[0])
    assert (b"Wilhelmina0" in bytes_of(kept), b"Wilhelmina1" in bytes_of(kept)) == (False, True)
    assert {found.id for found in kept.all(ANN)} == set(ids[1:])
    assert kept.delete_all(ANN) == 2
    assert [word for word in (b"Wilhelmina1", b"Wilhelmina2") if word in bytes_of(kept)] == []
    assert kept.turns(BOB, other)[0].question == words[3]
    with pytest.raises(UnknownConversation):
        kept.delete(ANN, ids[0])


def test_conversations_that_nobody_went_on_with_are_deleted(kept: Conversations) -> None:
    now = datetime.now(UTC)
    _, young, begun_long_ago = (kept.begin(ANN, Turn("q", (), REPLY, "c0ffee", now - timedelta(days=days))) for days in (31, 29, 900))
    kept.begin(BOB, Turn("his", (), REPLY, "c0ffee", now - timedelta(days=31)))
    kept.add(ANN, begun_long_ago, Turn("again", (), REPLY, "c0ffee"))
    assert kept.prune(32) == 0
    assert kept.prune(30) == 2
    assert {found.id for found in kept.all(ANN)} == {young, begun_long_ago}
    assert kept.all(BOB) == []
    assert kept.prune(30) == 0


def test_reading_makes_no_file(kept: Conversations) -> None:
    assert (kept.all(ANN), kept.prune(1), kept.delete_all(ANN)) == ([], 0, 0)
    for use in ("turns", "find", "delete"):
        with pytest.raises(UnknownConversation):
            USES[use](kept, ANN, "nowhere")
    assert not kept.database.path.parent.exists()


def test_nobody_else_on_the_machine_can_read_the_file(kept: Conversations) -> None:
    kept.begin(ANN, turn())
    assert kept.database.path.name == FILE
    reader = sqlite3.connect(kept.database.path)  # holds the files beside it there
    reader.execute("SELECT count(*) FROM turn").fetchone()
    kept.begin(ANN, turn())
    beside = {path.name: stat.S_IMODE(path.stat().st_mode) for path in kept.database.path.parent.iterdir()}
    reader.close()
    assert beside == {FILE: 0o600, f"{FILE}-wal": 0o600, f"{FILE}-shm": 0o600}


@pytest.mark.parametrize(
    "damage", ["DROP TABLE turn", "UPDATE turn SET schools = 'none'", "UPDATE turn SET asked = 'noon'", "UPDATE turn SET reply = '{'"]
)
def test_damage_is_one_line(kept: Conversations, damage: str) -> None:
    id = kept.begin(ANN, turn())
    with sqlite3.connect(kept.database.path) as connection:
        connection.execute(damage)
    connection.close()
    with pytest.raises(StoreError, match="found a damaged file"):
        kept.turns(ANN, id)
