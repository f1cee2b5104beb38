"""The log of who did what to a served Clausewise. What anybody asked never stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clausewise.database import Database, Row
from clausewise.keys import Clock

KEPT = timedelta(days=365)
LONG = 300  # characters of a detail at most
ACTIONS: Mapping[str, str] = {
    "signed_in": "Signed in",
    "refused": "Sign-in refused",
    "held_back": "Made to wait after failures",
    "signed_out": "Signed out",
    "account_made": "Account made",
    "account_changed": "Account changed",
    "account_removed": "Account removed",
    "password_set": "Password set",
    "link_made": "Link to set a password made",
    "token_made": "API token made",
    "token_revoked": "API token revoked",
    "policy_added": "Policy handed in",
    "asking_off": "Asking turned off",
    "asking_on": "Asking turned on",
}

TABLES = """
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL,
  address TEXT NOT NULL, trust TEXT
);
CREATE INDEX audit_time ON audit (time);
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """`time`: ISO, in UTC, to the second. `action`: of ACTIONS. `trust`: whose administrators may read it.

    None: only those of every school.
    """

    id: int
    time: str
    who: str
    action: str
    detail: str
    address: str
    trust: str | None


class Audit:
    """Every method may raise StoreError."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock

    def add(self, action: str, who: str, detail: str = "", *, address: str = "", trust: str | None = None) -> None:
        """Add an entry, and drop those that are older than a year."""
        now = datetime.fromtimestamp(self.clock(), UTC)
        with self.database.writing() as connection:
            connection.execute("DELETE FROM audit WHERE time < ?", (_iso(now - KEPT),))
            connection.execute(
                "INSERT INTO audit (time, who, action, detail, address, trust) VALUES (?, ?, ?, ?, ?, ?)",
                (_iso(now), who, action, detail[:LONG], address, trust),
            )

    def entries(self, trust: str | None = None, words: str = "", action: str = "", most: int = -1) -> list[Entry]:
        """The newest first, `most` of them; with `trust` those of its own. `words`: somewhere in who, detail or address, in any case."""
        query = (
            "SELECT * FROM audit WHERE (?1 IS NULL OR trust = ?1) AND (?2 = '' OR action = ?2) "
            "AND (?3 = '' OR instr(lower(who || ' ' || detail || ' ' || address), ?3)) ORDER BY id DESC LIMIT ?4"
        )
        return self.database.rows(_entry, query, trust, action, words.lower(), most)


def _iso(when: datetime) -> str:
    return when.isoformat(timespec="seconds")


def _entry(row: Row) -> Entry:
    return Entry(**dict(row))
