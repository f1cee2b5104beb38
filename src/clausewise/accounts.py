"""Who uses a served Clausewise, and what they may do."""

from __future__ import annotations

import re
import time
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from clausewise import audit, keys, passwords, switch
from clausewise.database import Database, Row
from clausewise.errors import BadAccount

Role = Literal["staff", "lead", "administrator"]
ROLES: tuple[Role, ...] = ("staff", "lead", "administrator")  # each may do what those before it may
FILE = "accounts.sqlite"
NAME = 100  # characters at most

TABLES = (
    """
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, trust TEXT, password TEXT, issuer TEXT, subject TEXT,
  disabled INTEGER NOT NULL DEFAULT 0, made TEXT NOT NULL, UNIQUE (issuer, subject)
);
"""
    + keys.TABLES
    + audit.TABLES
    + switch.TABLES
)


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. `id`: of an account, or of a browser where nobody signs in; then `name` is "".

    `trust`: whose schools they see; None: every school.
    """

    id: str
    name: str
    role: Role
    trust: str | None = None

    def may(self, role: Role) -> bool:
        """Whether what that role may do is theirs to do."""
        return ROLES.index(self.role) >= ROLES.index(role)

    @property
    def signed_in(self) -> bool:
        return bool(self.name)


@dataclass(frozen=True, slots=True)
class Account:
    """`name`: a sign-in name or an e-mail address, as `plain` writes it. `password`: its hash, None for none.

    `issuer` and `subject`: who this is to the identity provider, once they have come from there. `made`: ISO, in UTC.
    """

    id: int
    name: str
    role: Role
    trust: str | None
    password: str | None = field(repr=False)
    issuer: str | None
    subject: str | None
    disabled: bool
    made: str

    def __str__(self) -> str:
        """As a list and the log tell it."""
        return f"{self.name}: {self.role}, {self.trust or 'every school'}{', disabled' if self.disabled else ''}"

    @property
    def user(self) -> User:
        return User(f"account:{self.id}", self.name, self.role, self.trust)


class Accounts:
    """The file `accounts.sqlite` in `folder`, made at the first write; with the keys, the log and the switch that stand in it.

    Every method may raise StoreError.
    """

    def __init__(self, folder: Path | str, clock: keys.Clock = time.time) -> None:
        self.path, self.clock = Path(folder) / FILE, clock
        self.database = Database(self.path, TABLES)
        self.keys = keys.Keys(self.database, clock)
        self.audit = audit.Audit(self.database, clock)
        self.switch = switch.Switch(self.database)

    def add(self, name: str, role: Role, trust: str | None = None, password: str = "") -> Account:
        """A new account; without a password nobody can sign in to it with one. Raises BadAccount."""
        name = plain(name)
        if self._where("name = ?", name):
            raise BadAccount(f"found an account {name!r} already; expected a name that is not taken, or change that one")
        kept, made = self._hash(name, password), datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="seconds")
        with self.database.writing() as connection:
            connection.execute(
                "INSERT INTO accounts (name, role, trust, password, made) VALUES (?, ?, ?, ?, ?)", (name, role, trust or None, kept, made)
            )
        return self.named(name)

    def all(self, trust: str | None = None) -> list[Account]:
        """By name; with `trust` only its own."""
        return self._where("?1 IS NULL OR trust = ?1", trust)

    def named(self, name: str) -> Account:
        """Raises BadAccount where there is none."""
        found = self._where("name = ?", plain(name))
        if not found:
            raise BadAccount(f"found no account {plain(name)!r}; see: clausewise accounts list")
        return found[0]

    def account(self, id: int) -> Account | None:
        found = self._where("id = ?", id)
        return found[0] if found else None

    def known_by(self, kind: keys.Kind, token: str) -> tuple[Account, keys.Key] | None:
        """Whose key `token` is, and the key; None if it has ended, or its account is disabled."""
        found = self.database.rows(
            lambda row: (_account(row), keys.Key(*(row[name] for name in ("key", "id", "kind", "label", "key_made", "used")))),
            "SELECT accounts.*, keys.id AS key, kind, label, keys.made AS key_made, used FROM keys JOIN accounts ON accounts.id = account "
            "WHERE digest = ? AND kind = ? AND disabled = 0",
            keys.digest(token),
            kind,
        )
        if not found or found[0][1].ended(self.clock()):
            return None
        self.keys.note(found[0][1])
        return found[0]

    def signing_in(self, name: str, password: str) -> Account | None:
        """The account whose name and password these are. Takes as long where there is none."""
        try:
            found = self._where("name = ? AND disabled = 0", plain(name))
        except BadAccount:
            found = []
        account = found[0] if found else None
        if not passwords.holds(account.password if account else None, password) or account is None:
            return None
        if passwords.outdated(account.password or ""):
            self._set(account.id, password=passwords.hashed(password))
        return account

    def linked(self, issuer: str, subject: str, email: str | None) -> Account | None:
        """The account of whom the provider `issuer` calls `subject`.

        At their first coming it is found by `email`; None where the provider vouches for none.
        """
        found = self._where("issuer = ? AND subject = ? AND disabled = 0", issuer, subject)
        if not found and email:
            found = self._where("name = ? AND issuer IS NULL AND disabled = 0", plain(email))
            for account in found:
                self._set(account.id, issuer=issuer, subject=subject)
        return found[0] if found else None

    def change(self, account: Account, role: Role, trust: str | None, disabled: bool) -> Account:
        """Raises BadAccount where nobody would be left to administer every school. Who is disabled is out at once."""
        if (role, trust, disabled) != ("administrator", None, False):
            self._check_last(account)
        self._set(account.id, role=role, trust=trust or None, disabled=disabled)
        if disabled:
            self.keys.end_all(account.id, "session", "link", "token")
        return self.named(account.name)

    def set_password(self, account: Account, password: str, but: int = 0) -> None:
        """End all sessions and API tokens too, but the key `but`: whoever knew the old one is out. Raises BadAccount for a weak one."""
        self._set(account.id, password=self._hash(account.name, password, empty=False))
        self.keys.end_all(account.id, "session", "link", "token", but=but)

    def remove(self, account: Account) -> None:
        """Raises BadAccount as `change` does."""
        self._check_last(account)
        with self.database.writing() as connection:
            connection.execute("DELETE FROM keys WHERE account = ?", (account.id,))
            connection.execute("DELETE FROM accounts WHERE id = ?", (account.id,))

    def administrators(self) -> list[Account]:
        """Those who administer every school."""
        return self._where("role = 'administrator' AND trust IS NULL AND disabled = 0")

    def _check_last(self, account: Account) -> None:
        if [one.id for one in self.administrators()] == [account.id]:
            raise BadAccount(f"{account.name} is the last administrator of every school; expected one to remain: make another first")

    def _hash(self, name: str, password: str, empty: bool = True) -> str | None:
        if empty and not password:
            return None
        if told := passwords.refusal(password, name):
            raise BadAccount(told)
        return passwords.hashed(password)

    def _set(self, id: int, **values: object) -> None:
        assigned = ", ".join(f"{name} = :{name}" for name in values)
        with self.database.writing() as connection:
            connection.execute(f"UPDATE accounts SET {assigned} WHERE id = :id", {**values, "id": id})

    def _where(self, condition: str, *values: object) -> list[Account]:
        return self.database.rows(_account, f"SELECT * FROM accounts WHERE {condition} ORDER BY name", *values)


def plain(name: str) -> str:
    """A name in its one form, whatever the case it is typed in. Raises BadAccount where it can be none."""
    found = unicodedata.normalize("NFKC", name.strip()).casefold()
    if not found.isprintable() or not re.fullmatch(r"\S+", found) or len(found) > NAME:
        raise BadAccount(f"name: found {name[:NAME]!r}; expected a sign-in name or an e-mail address of at most {NAME} characters")
    return found


def _account(row: Row) -> Account:
    values = {name: row[name] for name in ("id", "name", "role", "trust", "password", "issuer", "subject", "made")}
    return Account(**values, disabled=bool(row["disabled"]))
