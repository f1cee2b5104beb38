"""What is remembered of complaints and silence: kept whole, by several writers, and nothing beyond what is said."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from clausewise.errors import StoreError, UnknownFeedback
from clausewise.settings import Settings
from clausewise.store import FILE, OFFERED, REASONS, Feedback, Store, Unanswered, iso_week, silences

COMPLAINT: dict[str, Any] = {
    "reason": "wrong_section",
    "comment": "It’s section 5 that “matters”; DROP TABLE feedback;--",
    "question": "Can a mum add me on Facebook? 🙂\nThank you",
    "history": ("first?", "second?"),
    "schools": ("ash",),
    "school": "ash",
    "status": "answered",
    "stance": "prohibited",
    "quotes": (("ash/social-media#5.3/1", 12, 88), ("ash/social-media#5.4", 90, 120)),
    "closest": (),
    "index": "0" * 64,
}
SILENT: dict[str, Any] = {
    "reason": "should_have_answered",
    "question": "And dogs?",
    "school": "birch",
    "status": "not_covered",
    "closest": (("birch/dogs#2", 0, 7),),
    "index": "1" * 64,
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data" / "of" / "school")


def bytes_of(store: Store) -> bytes:
    """Of the database and of whatever SQLite keeps beside it."""
    return b"".join(path.read_bytes() for path in sorted(store.path.parent.iterdir()))


def test_a_complaint_comes_back_as_it_was_made(store: Store) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert store.add_feedback(**COMPLAINT) == 1
    assert store.add_feedback(**SILENT) == 2
    first, second = store.feedback()
    assert first == Feedback(id=1, made=first.made, case=None, closed=False, **COMPLAINT)
    assert second == Feedback(
        id=2, made=second.made, case=None, closed=False, comment="", history=(), schools=(), stance=None, quotes=(), **SILENT
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", first.made)
    assert before <= datetime.fromisoformat(first.made) <= datetime.now(UTC)
    assert store.feedback_by_id(2) == second
    assert Store(store.path.parent).feedback() == [first, second]


def test_a_closed_complaint_is_kept_and_no_longer_open(store: Store) -> None:
    for _ in range(3):
        store.add_feedback(**COMPLAINT)
    store.close_feedback(1, "sample/f001")
    store.close_feedback(2, None)
    assert [found.id for found in store.feedback()] == [3]
    assert [(found.id, found.case, found.closed) for found in store.feedback(open_only=False)] == [
        (1, "sample/f001", True),
        (2, None, True),
        (3, None, False),
    ]
    store.close_feedback(1, None)
    assert store.feedback_by_id(1).case == "sample/f001"


def test_a_complaint_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(UnknownFeedback, match=r"found no feedback 7 in .*clausewise.sqlite; there is none yet"):
        store.feedback_by_id(7)
    with pytest.raises(UnknownFeedback, match="there is none yet"):
        store.close_feedback(7, None)
    assert not store.path.parent.exists()
    store.add_feedback(**COMPLAINT)
    store.add_feedback(**COMPLAINT)
    with pytest.raises(UnknownFeedback, match=r"found no feedback 7 .*; expected one from 1 to 2"):
        store.close_feedback(7, None)


def test_silence_is_counted_and_the_commonest_comes_first(store: Store) -> None:
    rows = [("2026-W48", "birch", "birch/dogs", "birch/dogs#2")] * 2 + [("2026-W49", "birch", "birch/dogs", "birch/dogs#2")]
    for row in [*rows, ("2026-W49", "ash", "ash/dogs", "ash/dogs#2"), ("2026-W47", "ash", "ash/dogs", "ash/dogs#2")]:
        store.count_unanswered(*row)
    assert store.unanswered() == [
        Unanswered("2026-W48", "birch", "birch/dogs", "birch/dogs#2", 2),
        Unanswered("2026-W47", "ash", "ash/dogs", "ash/dogs#2", 1),
        Unanswered("2026-W49", "ash", "ash/dogs", "ash/dogs#2", 1),
        Unanswered("2026-W49", "birch", "birch/dogs", "birch/dogs#2", 1),
    ]
    assert store.feedback(open_only=False) == []


def test_nothing_is_made_until_something_is_remembered(store: Store) -> None:
    assert store.feedback() == []
    assert store.unanswered() == []
    assert not store.path.parent.exists()


def test_a_file_that_was_begun_and_left_empty_is_taken_up(store: Store) -> None:
    store.path.parent.mkdir(parents=True)
    store.path.touch()
    assert store.feedback() == []
    assert store.add_feedback(**COMPLAINT) == 1


def test_the_file_is_in_wal_mode_and_says_its_version(store: Store) -> None:
    store.add_feedback(**COMPLAINT)
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def test_threads_may_write_at_once(store: Store) -> None:
    """From the first write on, when the file itself is not there yet."""
    begin, ids = threading.Barrier(8), []

    def write() -> None:
        begin.wait()
        for _ in range(10):
            ids.append(store.add_feedback(**COMPLAINT))
            store.count_unanswered("2026-W48", "ash", "ash/dogs", "ash/dogs#2")

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ids) == list(range(1, 81))
    assert len(store.feedback()) == 80
    assert [row.count for row in store.unanswered()] == [80]


def test_two_processes_may_write_at_once(store: Store) -> None:
    code = f"""
from clausewise.store import Store
store = Store({str(store.path.parent)!r})
for _ in range(25):
    store.add_feedback(reason="incomplete", question="q", school="ash", status="answered", index="x")
    store.count_unanswered("2026-W48", "ash", "ash/dogs", "ash/dogs#2")
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    writers = [subprocess.Popen([sys.executable, "-c", code], env=environment) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert [found.id for found in store.feedback()] == list(range(1, 51))
    assert [row.count for row in store.unanswered()] == [50]


def test_a_write_that_fails_leaves_nothing_behind(store: Store) -> None:
    store.add_feedback(**COMPLAINT)
    with suppress(KeyboardInterrupt), store.database.writing() as connection:
        connection.execute("DELETE FROM feedback")
        raise KeyboardInterrupt
    assert len(store.feedback()) == 1
    assert store.add_feedback(**COMPLAINT) == 2


@pytest.mark.parametrize("content", [b"not a database, but text " * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_file_is_refused_and_left_as_it_is(store: Store, content: bytes) -> None:
    store.path.parent.mkdir(parents=True)
    store.path.write_bytes(content)
    said = r"clausewise\.sqlite: found a damaged file, or one that is not ours \(.+\), expected a store of Clausewise: put back a copy, or move"
    for use in (store.feedback, store.unanswered, lambda: store.add_feedback(**COMPLAINT)):
        with pytest.raises(StoreError, match=said):
            use()
    assert store.path.read_bytes() == content


@pytest.mark.parametrize(
    "damage", ["DROP TABLE feedback", "UPDATE feedback SET quotes = '[[1]]'", "UPDATE feedback SET history = 'no list'"]
)
def test_damage_within_the_file_is_told_too(store: Store, damage: str) -> None:
    store.add_feedback(**COMPLAINT)
    with sqlite3.connect(store.path) as connection:
        connection.execute(damage)
    with pytest.raises(StoreError, match="found a damaged file"):
        store.feedback()


def test_a_file_of_a_later_version_is_refused_and_left_as_it_is(store: Store) -> None:
    store.add_feedback(**COMPLAINT)
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    before = store.path.read_bytes()
    said = r"clausewise\.sqlite: found version 9 of the store, expected 1 at most; .* name another folder with CLAUSEWISE_DATA"
    for use in (store.feedback, lambda: store.count_unanswered("2026-W48", "a", "a/b", "a/b#1")):
        with pytest.raises(StoreError, match=said):
            use()
    assert store.path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_a_plain_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(
            StoreError, match=r"cannot be read or written \(.+\); expected a folder with room and the right to write: make room"
        ):
            Store(folder).add_feedback(**COMPLAINT)


def test_a_full_disk_is_a_plain_message(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add_feedback(**COMPLAINT)
    connected = store.database._connected

    def full(mode: str) -> sqlite3.Connection:
        connection = connected(mode)
        connection.execute("PRAGMA max_page_count = 1")  # as many pages as there are
        return connection

    monkeypatch.setattr(store.database, "_connected", full)
    with pytest.raises(StoreError, match=r"cannot be read or written \(database or disk is full\)"):
        store.add_feedback(**{**COMPLAINT, "comment": "x" * 100_000})


def test_a_file_that_is_locked_is_a_plain_message(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clausewise.database.WAIT", 0.05)
    store.add_feedback(**COMPLAINT)
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"cannot be read or written \(database is locked\)"):
        store.add_feedback(**COMPLAINT)
    assert len(store.feedback()) == 1  # readers do not wait
    holder.close()


def test_odd_folder_names_are_only_names(tmp_path: Path) -> None:
    store = Store(tmp_path / "50% of ?mode=memory#é")
    store.add_feedback(**COMPLAINT)
    assert [path.name for path in store.path.parent.iterdir()] == [FILE]
    assert len(store.feedback()) == 1


def test_of_a_silent_answer_nothing_but_its_place_is_in_the_file(store: Store) -> None:
    shown = {
        "question": "May Wilhelmina bring her python?",
        "standalone_question": "May Wilhelmina bring her python?",
        "schools": ["birch"],
        "answers": [
            {
                "school": "birch",
                "status": "not_covered",
                "quotes": [],
                "closest": [{"document": "birch/dogs", "clause": "birch/dogs#2", "text": "No dogs."}],
            }
        ],
    }
    for place in silences(shown, 2):
        store.count_unanswered("2026-W48", *place)
    assert [row.clause for row in store.unanswered()] == ["birch/dogs#2"]
    kept = bytes_of(store)
    assert b"birch/dogs#2" in kept
    assert [word for word in (b"Wilhelmina", b"python", b"bring", b"No dogs") if word in kept] == []


def reply(schools: list[str], **silent: list[dict[str, Any]]) -> dict[str, Any]:
    """A reply in its JSON form: each of `silent` with its closest clauses, the other schools answered."""
    found = {"ash": {"status": "answered", "closest": []}} | {s: {"status": "not_covered", "closest": c} for s, c in silent.items()}
    return {"schools": schools, "answers": [{"school": s, **found[s]} for s in schools]}


def near(clause: str, score: float) -> dict[str, Any]:
    return {"document": clause.partition("#")[0], "clause": clause, "score": score}


NEAR, NEXT, BETTER, EVEN = near("birch/dogs#2", 0.7), near("birch/cats#9", 0.6), near("ash/pets#1", 0.8), near("ash/pets#1", 0.7)
COUNTED = [("birch", "birch/dogs", "birch/dogs#2")]
ASH = [("ash", "ash/pets", "ash/pets#1")]


@pytest.mark.parametrize(
    ("shown", "indexed", "counted"),
    [
        (reply(["birch"], birch=[NEAR, NEXT]), 2, COUNTED),
        (reply(["ash"]), 2, []),
        (reply(["birch"], birch=[]), 2, []),  # nothing near: there is no place to count
        (reply(["ash", "birch"], birch=[NEAR]), 2, []),  # every school, and one answers
        (reply(["ash", "birch"], ash=[BETTER], birch=[NEAR, NEXT]), 2, ASH),  # every school, and none answers: the nearest of all
        (reply(["ash", "birch"], ash=[NEXT], birch=[NEAR]), 2, COUNTED),
        (reply(["ash", "birch"], ash=[EVEN], birch=[NEAR]), 2, ASH),  # as near: the first
        (reply(["ash", "birch"], ash=[], birch=[NEAR]), 2, COUNTED),  # one of them has no policy
        (reply(["ash", "birch"], ash=[], birch=[]), 2, []),
        (reply(["ash", "birch"], ash=[BETTER], birch=[NEAR]), 3, ASH + COUNTED),  # two that the question names
        (reply(["ash", "birch"], birch=[NEAR]), 3, COUNTED),  # two that the question names
        (reply(["birch"], birch=[NEAR]), 1, COUNTED),  # the only one
    ],
)
def test_silence_counts_for_a_school_asked_by_name_and_once_where_no_school_answers(
    shown: dict[str, Any], indexed: int, counted: list[tuple[str, str, str]]
) -> None:
    assert list(silences(shown, indexed)) == counted


@pytest.mark.parametrize(
    ("day", "week"),
    [(date(2026, 11, 28), "2026-W48"), (date(2027, 1, 1), "2026-W53"), (date(2024, 12, 30), "2025-W01")],
)
def test_a_week_is_an_iso_week(day: date, week: str) -> None:
    assert iso_week(day) == week


def test_every_reason_is_offered_for_some_answer() -> None:
    assert {reason for offered in OFFERED.values() for reason in offered} == set(REASONS)
    assert "should_have_answered" not in OFFERED["answered"]
    assert set(OFFERED["not_covered"]) == {"should_have_answered", "wrong_school", "out_of_date"}


def test_the_folder_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAUSEWISE_DATA", raising=False)
    assert Settings.from_environment().data == Settings().data == "data"
    monkeypatch.setenv("CLAUSEWISE_DATA", "/var/lib/clausewise")
    assert Settings.from_environment().data == "/var/lib/clausewise"
