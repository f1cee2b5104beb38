"""Conversations as they are kept: each belongs to one user, and for everybody else there is none.

What was answered is kept in its JSON form, the quotes' words with it, so that it can be read again as it was given
(`revived`). A question that reads as a child at risk is never kept.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from clausewise.database import Connection, Database, Row
from clausewise.errors import BadConversation, UnknownConversation

FILE = "conversations.sqlite"
TURNS = 200  # of a conversation, at most
TITLE = 200  # characters of a title at most
_SHORT = 80  # characters of a question that stands for a title

TABLES = """
CREATE TABLE conversation (id TEXT PRIMARY KEY, user TEXT NOT NULL, title TEXT, made TEXT NOT NULL, changed TEXT NOT NULL);
CREATE INDEX conversation_of_user ON conversation (user, changed);
CREATE TABLE turn (
  conversation TEXT NOT NULL, position INTEGER NOT NULL, asked TEXT NOT NULL, question TEXT NOT NULL, schools TEXT NOT NULL,
  reply TEXT NOT NULL, "index" TEXT NOT NULL, PRIMARY KEY (conversation, position)
);
"""
_OWN = "SELECT id FROM conversation WHERE id = ? AND user = ?"
_LISTED = """
SELECT c.id, c.title, c.made, c.changed, t.question, t.schools FROM conversation c JOIN turn t ON t.conversation = c.id
WHERE c.user = ? {} ORDER BY c.changed DESC, c.id, t.position
"""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Turn:
    """`question` as typed. `schools`: ids of those chosen, () for all. `reply`: Reply.as_dict. `index`: checksum of the one that answered.

    `asked`: when, in UTC.
    """

    question: str
    schools: tuple[str, ...]
    reply: Mapping[str, Any]
    index: str
    asked: datetime = field(default_factory=_now)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a list shows of one. `made` and `changed`: when its first and its last question were put, in UTC.

    `schools`: ids of all that were chosen, in their order; () where a question was put to every school.
    """

    id: str
    title: str
    made: datetime
    changed: datetime
    questions: tuple[str, ...]
    schools: tuple[str, ...]

    def holds(self, words: str) -> bool:
        """Whether its title or a question of it has these words, in small letters or capitals."""
        sought = _flat(words).casefold()
        return any(sought in _flat(text).casefold() for text in (self.title, *self.questions))


class Conversations:
    """The conversations of a folder. Every method may raise StoreError, and where it names one, UnknownConversation."""

    def __init__(self, folder: Path | str) -> None:
        self.database = Database(Path(folder) / FILE, TABLES)

    def begin(self, user: str, turn: Turn) -> str:
        """Keep a new conversation with its first turn; its id, which nobody can guess. Raises ValueError as `add` does."""
        _check(turn)
        id, when = secrets.token_urlsafe(16), _text(turn.asked)
        with self._writing() as connection:
            connection.execute("INSERT INTO conversation VALUES (?, ?, NULL, ?, ?)", (id, user, when, when))
            _insert(connection, id, 1, turn)
        return id

    def add(self, user: str, conversation: str, turn: Turn) -> None:
        """Append a turn. Raises BadConversation where there is no room, ValueError for one with concerns, which is not to be kept."""
        _check(turn)
        with self._writing() as connection:
            position = _last(connection, user, conversation) + 1
            if position > TURNS:
                raise BadConversation(f"found {TURNS} questions in this conversation, the most that one holds; begin a new one")
            _insert(connection, conversation, position, turn)

    def turns(self, user: str, conversation: str) -> tuple[Turn, ...]:
        """In the order in which they were put."""
        self.find(user, conversation)
        return tuple(self.database.rows(_turn, "SELECT * FROM turn WHERE conversation = ? ORDER BY position", conversation))

    def find(self, user: str, conversation: str) -> Conversation:
        found = _grouped(self.database.rows(_listed, _LISTED.format("AND c.id = ?"), user, conversation))
        if not found:
            raise _unknown(conversation)
        return found[0]

    def all(self, user: str, search: str = "") -> list[Conversation]:
        """The user's own, the last changed first: those that hold the words of `search`."""
        found = _grouped(self.database.rows(_listed, _LISTED.format(""), user))
        return [conversation for conversation in found if conversation.holds(search)]

    def rename(self, user: str, conversation: str, title: str) -> None:
        """Raises BadConversation for a title that is empty or too long."""
        title = _flat(title)
        if not 0 < len(title) <= TITLE:
            raise BadConversation(f"title: found {len(title):,} characters; expected 1 to {TITLE}")
        with self._writing() as connection:
            _last(connection, user, conversation)
            connection.execute("UPDATE conversation SET title = ? WHERE id = ?", (title, conversation))

    def delete(self, user: str, conversation: str) -> None:
        if not self._delete("id = ? AND user = ?", conversation, user):
            raise _unknown(conversation)

    def delete_all(self, user: str) -> int:
        """Delete all of the user's; how many there were."""
        return self._delete("user = ?", user)

    def prune(self, days: int) -> int:
        """Delete those, whosever they are, whose last question is more than `days` days old; how many there were."""
        return self._delete("changed < ?", _text(_now() - timedelta(days=days)))

    def _delete(self, which: str, *values: str) -> int:
        if not self.database.path.exists():
            return 0
        with self._writing() as connection:
            connection.execute(f"DELETE FROM turn WHERE conversation IN (SELECT id FROM conversation WHERE {which})", values)
            return int(connection.execute(f"DELETE FROM conversation WHERE {which}", values).rowcount)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self.database.writing() as connection:
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten in the file
            yield connection


def _check(turn: Turn) -> None:
    if turn.reply.get("concerns"):
        raise ValueError("a question that reads as a child at risk is not kept")


def _last(connection: Connection, user: str, conversation: str) -> int:
    """The position of the last turn, from 1. Raises UnknownConversation."""
    if not connection.execute(_OWN, (conversation, user)).fetchone():
        raise _unknown(conversation)
    return int(connection.execute("SELECT max(position) FROM turn WHERE conversation = ?", (conversation,)).fetchone()[0])


def _insert(connection: Connection, conversation: str, position: int, turn: Turn) -> None:
    """At its position, where another may stand; the conversation has changed."""
    texts = json.dumps(turn.schools), json.dumps(turn.reply, ensure_ascii=False), turn.index
    values = conversation, position, _text(turn.asked), turn.question, *texts
    connection.execute("INSERT OR REPLACE INTO turn VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    connection.execute("UPDATE conversation SET changed = ? WHERE id = ?", (_text(turn.asked), conversation))


def _unknown(conversation: str) -> UnknownConversation:
    return UnknownConversation(f"found no conversation {conversation[:60]!r} of yours; expected one that is in your list")


def _turn(row: Row) -> Turn:
    schools, reply = tuple(json.loads(row["schools"])), json.loads(row["reply"])
    return Turn(row["question"], schools, reply, row["index"], datetime.fromisoformat(row["asked"]))


def _listed(row: Row) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(row[name]) for name in ("made", "changed")}
    return dict(row) | times | {"schools": tuple(json.loads(row["schools"]))}


def _grouped(rows: list[dict[str, Any]]) -> list[Conversation]:
    return [_conversation(list(turns)) for _, turns in groupby(rows, lambda row: row["id"])]


def _conversation(turns: list[dict[str, Any]]) -> Conversation:
    first = turns[0]
    chosen = [turn["schools"] for turn in turns]
    schools = tuple(dict.fromkeys(school for some in chosen for school in some)) if all(chosen) else ()
    questions = tuple(turn["question"] for turn in turns)
    return Conversation(first["id"], first["title"] or _shortened(questions[0]), first["made"], first["changed"], questions, schools)


def _shortened(question: str) -> str:
    """On one line, cut at a word where one ends in time."""
    text = _flat(question)
    if len(text) <= _SHORT:
        return text
    end = text.rfind(" ", _SHORT // 2, _SHORT)
    return text[: end if end > 0 else _SHORT - 1] + "…"


def _flat(text: str) -> str:
    return " ".join(text.split())


def _text(when: datetime) -> str:
    """In UTC and always of the same length, so that times sort as texts do."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")
