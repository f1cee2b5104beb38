"""Whether questions are answered: an administrator may turn asking off, with a note to those who come to ask."""

from __future__ import annotations

from clausewise.database import Database

TABLES = "CREATE TABLE switch (only INTEGER PRIMARY KEY CHECK (only = 1), note TEXT NOT NULL);"
NOTE = 500  # characters at most


class Switch:
    """Every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def note(self) -> str | None:
        """The note while asking is off; None while it is on."""
        found = self.database.rows(lambda row: str(row["note"]), "SELECT note FROM switch")
        return found[0] if found else None

    def turn_off(self, note: str) -> None:
        with self.database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO switch VALUES (1, ?)", (note[:NOTE],))

    def turn_on(self) -> None:
        with self.database.writing() as connection:
            connection.execute("DELETE FROM switch")
