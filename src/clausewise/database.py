"""A file of tables that a served Clausewise keeps: the only room that knows sqlite3.

A connection is opened for each call and closed after it, so threads and processes may share the file: SQLite's own lock
orders their writes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from clausewise.errors import StoreError

WAIT = 5.0  # seconds that a write waits for another's to end
# SQLite's primary result codes for a sound file that cannot be used now: locked, full, read-only, out of reach.
_BLOCKED = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
Row = sqlite3.Row
Connection = sqlite3.Connection
Made = TypeVar("Made")


class Database:
    """The file at `path`; it and its folder are made at the first write, with `tables`, in SQL. Every method may raise StoreError.

    `version`, from 1, is raised whenever a table changes.
    """

    def __init__(self, path: Path, tables: str, version: int = 1) -> None:
        self.path, self._tables, self._latest = path, tables, version

    def rows(self, made: Callable[[sqlite3.Row], Made], query: str, *values: object) -> list[Made]:
        """What is made of each row that `query` finds; none where nothing was ever written, since reading makes no file."""
        if not self.path.exists():
            return []
        with self._told(), closing(self._connected("rw")) as connection:
            rows = connection.execute(query, values).fetchall() if self._version(connection) else []
        try:
            return [made(row) for row in rows]
        except (ValueError, TypeError) as error:
            raise StoreError(self._damaged(str(error))) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction of one writer at a time, over tables that are there; what it raises undoes it."""
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                self.path.touch(0o600)  # for our eyes alone; what SQLite puts beside it has the same rights
            with closing(self._connected("rwc")) as connection:
                self._version(connection)  # refuses a later one's file before anything in it is changed
                with suppress(sqlite3.OperationalError):  # where another writes to the new file at this moment, a later write does it
                    connection.execute("PRAGMA journal_mode = WAL")  # readers need not wait for a writer; stays with the file
                connection.execute("BEGIN IMMEDIATE")
                if not self._version(connection):
                    for statement in (*self._tables.split(";")[:-1], f"PRAGMA user_version = {self._latest}"):
                        connection.execute(statement)
                yield connection
                connection.execute("COMMIT")

    def _connected(self, mode: str) -> sqlite3.Connection:
        """In autocommit, so that transactions begin where they are written; what is not committed goes with the connection."""
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=WAIT, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    def _version(self, connection: sqlite3.Connection) -> int:
        """0 for a file without tables; raises StoreError for one of a later Clausewise."""
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > self._latest:
            raise StoreError(
                f"{self.path}: found version {version} of the store, expected {self._latest} at most; a later Clausewise wrote it: "
                "use that one, or name another folder with CLAUSEWISE_DATA"
            )
        return version

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite and the file system object to, as a StoreError."""
        try:
            yield
        except OSError as error:
            raise StoreError(self._blocked(error.strerror or str(error))) from error
        except sqlite3.Error as error:
            told = self._blocked if error.sqlite_errorcode & 0xFF in _BLOCKED else self._damaged
            raise StoreError(told(str(error))) from error

    def _blocked(self, why: str) -> str:
        return (
            f"{self.path}: cannot be read or written ({why}); expected a folder with room and the right to write: "
            "make room, or name another folder with CLAUSEWISE_DATA"
        )

    def _damaged(self, why: str) -> str:
        return (
            f"{self.path}: found a damaged file, or one that is not ours ({why}), expected a store of Clausewise: "
            "put back a copy, or move it away and a new one is begun"
        )
