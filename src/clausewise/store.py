"""What a served Clausewise remembers, in one SQLite file: complaints about answers, and counts of silence.

A quote is kept as its address, never as its words; nobody's name, address or session is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from clausewise.database import Database, Row
from clausewise.errors import UnknownFeedback
from clausewise.types import Stance, Status

FILE = "clausewise.sqlite"
Place = tuple[str, int, int]  # clause id, and where in its document's text a quote starts and ends, in code points

# What may be wrong with an answer, in the words that are shown.
REASONS: Mapping[str, str] = {
    "wrong_school": "It is about the wrong school",
    "wrong_section": "It quotes the wrong section",
    "incomplete": "Part of the rule is missing",
    "out_of_date": "The policy is out of date",
    "should_be_silent": "It should have said nothing",
    "should_have_answered": "The policy does answer this",
}
# Which of them can be true of an answer of each status, in the order shown.
OFFERED: Mapping[Status, tuple[str, ...]] = {
    "answered": ("wrong_section", "incomplete", "wrong_school", "out_of_date", "should_be_silent"),
    "not_covered": ("should_have_answered", "wrong_school", "out_of_date"),
}

TABLES = """
CREATE TABLE feedback (
  id INTEGER PRIMARY KEY AUTOINCREMENT, made TEXT NOT NULL, reason TEXT NOT NULL, comment TEXT NOT NULL, question TEXT NOT NULL,
  history TEXT NOT NULL, schools TEXT NOT NULL, school TEXT NOT NULL, status TEXT NOT NULL, stance TEXT, quotes TEXT NOT NULL,
  closest TEXT NOT NULL, "index" TEXT NOT NULL, "case" TEXT, closed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE unanswered (
  week TEXT NOT NULL, school TEXT NOT NULL, document TEXT NOT NULL, clause TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (week, school, document, clause)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Feedback:
    """A complaint about what one school's policies were said to say.

    `made`: ISO date and time in UTC, to the second. `history`: the earlier questions, oldest first. `schools`: the scope
    asked, () for all; `school`: whose answer is complained of. `index`: checksum of the index that answered. `case`:
    "suite/case id" once one was made of it.
    """

    id: int
    made: str
    reason: str
    comment: str
    question: str
    history: tuple[str, ...]
    schools: tuple[str, ...]
    school: str
    status: Status
    stance: Stance | None
    quotes: tuple[Place, ...]
    closest: tuple[Place, ...]
    index: str
    case: str | None
    closed: bool


@dataclass(frozen=True, slots=True)
class Unanswered:
    """How often, in an ISO week ("2026-W48"), `school` was silent with this clause, of this policy, the nearest.

    What was asked of every school, and answered by none, is counted at the one whose clause came nearest (see `silences`).
    """

    week: str
    school: str
    document: str
    clause: str
    count: int


def iso_week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def silences(shown: Mapping[str, Any], indexed: int) -> Iterator[tuple[str, str, str]]:
    """(school, document, clause) to be counted of a reply in its JSON form: each school that was asked by name, is silent
    and has a nearest clause. `indexed`: so many schools are in the index.

    A question put to every school counts once, for the nearest clause of all, and only if none of them answers: that some
    are silent is in the nature of such a question. With only one school in the index, that school is meant.
    """
    silent = [answer for answer in shown["answers"] if answer["status"] == "not_covered"]
    nearest = [(answer["school"], answer["closest"][0]) for answer in silent if answer["closest"]]
    if len(shown["schools"]) == indexed > 1:
        nearest = [max(nearest, key=lambda found: found[1]["score"])] if nearest and len(silent) == indexed else []
    for school, clause in nearest:
        yield school, clause["document"], clause["clause"]


class Store:
    """The file `clausewise.sqlite` in `folder`; both are made at the first write. Every method may raise StoreError."""

    def __init__(self, folder: Path | str) -> None:
        self.path = Path(folder) / FILE
        self.database = Database(self.path, TABLES)

    def add_feedback(
        self,
        *,
        reason: str,
        question: str,
        school: str,
        status: Status,
        index: str,
        comment: str = "",
        history: Sequence[str] = (),
        schools: Sequence[str] = (),
        stance: Stance | None = None,
        quotes: Sequence[Place] = (),
        closest: Sequence[Place] = (),
    ) -> int:
        """Keep a complaint, as `Feedback` describes it, and return its id: 1, 2, 3 and so on, never used again."""
        row = {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "reason": reason,
            "comment": comment,
            "question": question,
            "history": _json(history),
            "schools": _json(schools),
            "school": school,
            "status": status,
            "stance": stance,
            "quotes": _json(quotes),
            "closest": _json(closest),
            "index": index,
        }
        columns, values = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
        with self.database.writing() as connection:
            return int(connection.execute(f"INSERT INTO feedback ({columns}) VALUES ({values})", row).lastrowid or 0)

    def feedback(self, open_only: bool = True) -> list[Feedback]:
        """Complaints, the oldest first; only those that nobody has closed, unless told otherwise."""
        return self.database.rows(_feedback, f"SELECT * FROM feedback {'WHERE closed = 0' if open_only else ''} ORDER BY id")

    def feedback_by_id(self, id: int) -> Feedback:
        """Raises UnknownFeedback."""
        found = self.database.rows(_feedback, "SELECT * FROM feedback WHERE id = ?", id)
        if not found:
            raise self._unknown(id)
        return found[0]

    def close_feedback(self, id: int, case: str | None) -> None:
        """Note that a complaint is dealt with, and the "suite/case id" that came of it; a case once noted stays.

        Raises UnknownFeedback.
        """
        self.feedback_by_id(id)
        with self.database.writing() as connection:
            connection.execute('UPDATE feedback SET closed = 1, "case" = coalesce(?, "case") WHERE id = ?', (case, id))

    def count_unanswered(self, week: str, school: str, document: str, clause: str) -> None:
        """Count one more silence, as `Unanswered` describes it; nothing of the question comes here."""
        with self.database.writing() as connection:
            connection.execute(
                "INSERT INTO unanswered VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
                (week, school, document, clause),
            )

    def unanswered(self) -> list[Unanswered]:
        """The largest count first, then by school, policy, clause and week."""
        return self.database.rows(_unanswered, "SELECT * FROM unanswered ORDER BY count DESC, school, document, clause, week")

    def _unknown(self, id: int) -> UnknownFeedback:
        ids = [found.id for found in self.feedback(open_only=False)]
        expected = f"expected one from {ids[0]} to {ids[-1]}" if ids else "there is none yet"
        return UnknownFeedback(f"found no feedback {id} in {self.path}; {expected}")


def _json(values: Sequence[object]) -> str:
    return json.dumps(values, ensure_ascii=False)


def _feedback(row: Row) -> Feedback:
    lists = {name: tuple(json.loads(row[name])) for name in ("history", "schools")}
    places = {name: tuple((clause, start, end) for clause, start, end in json.loads(row[name])) for name in ("quotes", "closest")}
    return Feedback(**dict(row) | lists | places | {"closed": bool(row["closed"])})


def _unanswered(row: Row) -> Unanswered:
    return Unanswered(**dict(row))
