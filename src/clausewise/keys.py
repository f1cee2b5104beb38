"""What proves who somebody is once they have signed in: sessions, API tokens, and links that set a password once.

Each is a random token of 256 bits. Only its SHA-256 is kept, so that whoever reads the file can use none of them; a slow hash would
add nothing to a secret that nobody can guess.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from clausewise.database import Database, Row
from clausewise.errors import StoreError

Kind = Literal["session", "token", "link"]
Clock = Callable[[], float]  # seconds since 1970
HOUR, DAY = 3600, 24 * 3600
IDLE = 8 * HOUR  # of a session: the lunch hour and a free afternoon do not end it, a night does
# Since it was made: a session that is never idle ends within a day all the same, and a link of Friday works on Monday.
LONGEST: dict[Kind, int] = {"session": DAY, "link": 3 * DAY, "token": 365 * DAY}
NOTED = 60  # seconds; that a key is in use is written down no more often
PREFIX = "cwt-"  # of API tokens, for whatever looks for secrets in files to know them by

TABLES = """
CREATE TABLE keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account INTEGER NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, label TEXT NOT NULL,
  made REAL NOT NULL, used REAL NOT NULL
);
CREATE INDEX keys_of ON keys (account, kind);
"""


@dataclass(frozen=True, slots=True)
class Key:
    """`account`: the id of whose it is. `made` and `used`: seconds since 1970; `used` is exact to NOTED."""

    id: int
    account: int
    kind: Kind
    label: str
    made: float
    used: float

    def ended(self, now: float) -> bool:
        return now >= self.made + LONGEST[self.kind] or (self.kind == "session" and now >= self.used + IDLE)


class Keys:
    """Every method may raise StoreError."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock

    def make(self, account: int, kind: Kind, label: str = "") -> str:
        """A new token; nobody can be told it again. Of links an account has only the newest."""
        now, token = self.clock(), (PREFIX if kind == "token" else "") + secrets.token_urlsafe(32)
        with self.database.writing() as connection:
            connection.execute("DELETE FROM keys WHERE kind = 'session' AND (made < ? OR used < ?)", (now - DAY, now - IDLE))
            if kind == "link":
                connection.execute("DELETE FROM keys WHERE kind = 'link' AND account = ?", (account,))
            connection.execute(
                "INSERT INTO keys (account, kind, digest, label, made, used) VALUES (?, ?, ?, ?, ?, ?)",
                (account, kind, digest(token), label, now, now),
            )
        return token

    def note(self, key: Key) -> None:
        """That it is in use now, unless that was written down a moment ago."""
        if self.clock() < key.used + NOTED:
            return
        try:
            with self.database.writing() as connection:
                connection.execute("UPDATE keys SET used = ? WHERE id = ?", (self.clock(), key.id))
        except StoreError:  # a full disk must not shut out who is signed in; it is noted the next time
            return

    def of(self, account: int, kind: Kind) -> list[Key]:
        """Those that have not ended, the oldest first."""
        found = self.database.rows(_key, f"SELECT {_COLUMNS} FROM keys WHERE account = ? AND kind = ? ORDER BY id", account, kind)
        return [key for key in found if not key.ended(self.clock())]

    def end(self, account: int, id: int) -> None:
        with self.database.writing() as connection:
            connection.execute("DELETE FROM keys WHERE account = ? AND id = ?", (account, id))

    def end_all(self, account: int, *kinds: Kind, but: int = 0) -> None:
        """End all keys of these kinds but one."""
        with self.database.writing() as connection:
            for kind in kinds:
                connection.execute("DELETE FROM keys WHERE account = ? AND kind = ? AND id != ?", (account, kind, but))


_COLUMNS = "id, account, kind, label, made, used"


def _key(row: Row) -> Key:
    return Key(**dict(row))


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
