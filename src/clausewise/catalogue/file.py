"""The file of a catalogue: its tables, and reading it so that damage is found where it is met. Knows sqlite3.

Whoever opens it has read it through (see index): what is damaged in SQLite's own trees hides rows, which nothing that is
read of them can tell. For what becomes of the file while it is open, which may be months, the last column of a row is a
checksum of the others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any
from zlib import crc32

from clausewise.checksums import damaged

# `first` and `last`: of a document its clauses', of a clause its passages' numbers, [first, last). `shelf`: see records.Shelf.
TABLES = """
CREATE TABLE schools (number INTEGER PRIMARY KEY, id TEXT, shelf TEXT, body TEXT, checked INTEGER);
CREATE TABLE documents (number INTEGER PRIMARY KEY, id TEXT, first INTEGER, last INTEGER, body TEXT, checked INTEGER);
CREATE TABLE texts (number INTEGER PRIMARY KEY, body TEXT, checked INTEGER);
CREATE TABLE clauses (number INTEGER PRIMARY KEY, id TEXT, first INTEGER, last INTEGER, body TEXT, checked INTEGER);
CREATE TABLE passages (number INTEGER PRIMARY KEY, body TEXT, checked INTEGER);
CREATE TABLE thesaurus (number INTEGER PRIMARY KEY, body TEXT, checked INTEGER);
CREATE TABLE terms (word TEXT PRIMARY KEY, number INTEGER, checked INTEGER) WITHOUT ROWID;
CREATE TABLE spoken (word TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE labels (label TEXT, school INTEGER, PRIMARY KEY (label, school)) WITHOUT ROWID;
CREATE TABLE titles (school INTEGER, stems TEXT, PRIMARY KEY (school, stems)) WITHOUT ROWID;
"""
INDEXES = "CREATE UNIQUE INDEX document_ids ON documents (id); CREATE UNIQUE INDEX clause_ids ON clauses (id);"
_PAGES = 2_000  # KiB of the file that SQLite keeps in memory; the system keeps the rest

Row = tuple[Any, ...]
Connection = sqlite3.Connection


class File:
    """A catalogue's file, or one in memory, opened to be read by any thread. Its methods raise DamagedIndex."""

    def __init__(self, connection: Connection, name: Path | str, held: object = None) -> None:
        self._connection, self._name, self._held, self._turn = connection, name, held, Lock()

    @classmethod
    def open(cls, path: Path, held: object) -> File:
        """It is read as a file that never changes, so nothing is locked and nothing written beside it."""
        try:
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise damaged(path, f"cannot be opened ({error})") from None
        file = cls(connection, path, held)
        file.rows(f"PRAGMA cache_size = -{_PAGES}")
        return file

    def rows(self, query: str, *values: object) -> list[Row]:
        """As they stand."""
        try:
            with self._turn:
                return self._connection.execute(query, values).fetchall()
        except UnicodeEncodeError:  # half of a character stands in no row
            return []
        except sqlite3.Error as error:
            raise damaged(self._name, f"is not what was written ({error})") from error

    def checked(self, query: str, *values: object) -> list[Row]:
        """Rows whose last column is their checksum, without it."""
        found = self.rows(query, *values)
        if any(checksum(row[:-1]) != row[-1] for row in found):
            raise damaged(self._name, "a row is not what was written")
        return [row[:-1] for row in found]

    def between(self, columns: str, table: str, numbers: range) -> list[Row]:
        """The rows of these numbers, every one of them, in order."""
        query = f"SELECT {columns}, checked FROM {table} WHERE number >= ? AND number < ? ORDER BY number"
        found = self.checked(query, numbers.start, numbers.stop)
        if [row[0] for row in found] != list(numbers):
            raise damaged(self._name, f"found {len(found)} rows of {table}, expected {len(numbers)}")
        return found


def checksum(values: Sequence[object]) -> int:
    return crc32("\x1f".join(map(str, values)).encode())


@contextmanager
def told(path: Path | None) -> Iterator[None]:
    """What SQLite cannot write, as an OSError, as of any file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OSError(f"{path}: {error}") from None


def created(path: Path | None) -> Connection:
    """A new file at `path`, or one in memory, in one transaction that is not yet committed."""
    connection = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
    for setting in ("journal_mode = OFF", "synchronous = OFF"):  # nobody reads it before it is whole; the index sees that it lasts
        connection.execute(f"PRAGMA {setting}")
    connection.executescript(TABLES)
    connection.execute("BEGIN")
    return connection
