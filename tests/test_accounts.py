"""Accounts with their keys, the log and the switch: one file, for nobody else to read."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from clausewise import keys, passwords
from clausewise.accounts import Account, Accounts, User
from clausewise.errors import BadAccount, StoreError

pytestmark = pytest.mark.usefixtures("cheap")
GOOD, OTHER = "heron lantern gravel tuesday", "pewter orchard window eleven"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Accounts:
    return Accounts(tmp_path / "data", clock)


@pytest.fixture
def jane(accounts: Accounts) -> Account:
    return accounts.add(" Jane@School.Example ", "staff", "Amber Trust", GOOD)


def test_an_account_is_kept_under_one_form_of_its_name(accounts: Accounts, jane: Account) -> None:
    assert (jane.name, str(jane)) == ("jane@school.example", "jane@school.example: staff, Amber Trust")
    assert jane.user == User("account:1", "jane@school.example", "staff", "Amber Trust")
    assert accounts.named("JANE@school.example") == jane
    with pytest.raises(BadAccount, match="found an account 'jane@school\\.example' already"):
        accounts.add("jane@SCHOOL.example", "lead")
    assert accounts.all("Zircon Trust") == []
    assert accounts.all("Amber Trust") == accounts.all() == [jane]


@pytest.mark.parametrize("name", ["", "  ", "two words", "a\x00b", "x" * 101])
def test_what_can_be_no_name_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(BadAccount, match="expected a sign-in name or an e-mail address"):
        accounts.add(name, "staff")


def test_neither_passwords_nor_tokens_stand_in_the_file_which_others_cannot_read(accounts: Accounts, jane: Account) -> None:
    made = [accounts.keys.make(jane.id, kind) for kind in ("session", "token", "link")]
    held = b"".join(path.read_bytes() for path in accounts.path.parent.iterdir())
    assert [secret for secret in (GOOD, *made) if secret.encode() in held] == []
    assert stat.S_IMODE(accounts.path.stat().st_mode) == 0o600
    assert "password=" not in repr(jane)


def test_reading_makes_no_file(accounts: Accounts) -> None:
    assert (accounts.all(), accounts.administrators(), accounts.switch.note(), accounts.audit.entries()) == ([], [], None, [])
    assert not accounts.path.parent.exists()


def test_a_name_and_its_password_sign_in(accounts: Accounts, jane: Account) -> None:
    assert accounts.signing_in("Jane@school.example", GOOD) == jane
    for name, password in (("jane@school.example", OTHER), ("nobody", GOOD), ("two words", GOOD), ("jane@school.example", "")):
        assert accounts.signing_in(name, password) is None
    accounts.add("sam", "staff")
    assert accounts.signing_in("sam", "") is None


def test_a_hash_is_made_anew_when_its_parameters_are_raised(accounts: Accounts, jane: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    assert accounts.signing_in(jane.name, GOOD)
    kept = accounts.named(jane.name).password or ""
    assert "t=2" in kept
    assert accounts.signing_in(jane.name, GOOD)
    assert accounts.named(jane.name).password == kept


def test_a_session_ends_when_it_is_idle_and_after_a_day(accounts: Accounts, jane: Account, clock: Clock) -> None:
    token = accounts.keys.make(jane.id, "session")
    clock.now += keys.IDLE - 1
    assert accounts.known_by("session", token)
    clock.now += keys.IDLE - 1
    assert accounts.known_by("session", token), "it was used in the meantime"
    clock.now += keys.IDLE
    assert accounts.known_by("session", token) is None
    busy, begun = accounts.keys.make(jane.id, "session"), clock.now
    while clock.now < begun + keys.DAY - keys.HOUR:
        clock.now += keys.HOUR
        assert accounts.known_by("session", busy)
    clock.now += keys.HOUR
    assert accounts.known_by("session", busy) is None
    accounts.keys.make(jane.id, "session")
    assert len(accounts.keys.of(jane.id, "session")) == 1


def test_a_key_is_of_one_kind_and_of_nobody_else(accounts: Accounts, jane: Account) -> None:
    token = accounts.keys.make(jane.id, "token", "timetable")
    assert token.startswith("cwt-")
    found = accounts.known_by("token", token)
    assert found
    assert (found[0], found[1].label) == (jane, "timetable")
    assert [accounts.known_by(kind, token) for kind in ("session", "link")] == [None, None]  # type: ignore[arg-type]
    assert accounts.known_by("token", token + "x") is None
    accounts.keys.end(jane.id + 1, found[1].id)
    assert accounts.known_by("token", token), "nobody ends another's key"
    accounts.keys.end(jane.id, found[1].id)
    assert accounts.known_by("token", token) is None


def test_a_link_works_for_three_days_and_only_the_newest(accounts: Accounts, jane: Account, clock: Clock) -> None:
    first, second = (accounts.keys.make(jane.id, "link") for _ in range(2))
    assert (accounts.known_by("link", first), bool(accounts.known_by("link", second))) == (None, True)
    clock.now += 3 * keys.DAY
    assert accounts.known_by("link", second) is None


def test_who_is_disabled_is_out_at_once_and_gets_in_by_nothing(accounts: Accounts, jane: Account) -> None:
    accounts.add("root", "administrator")
    session, token = accounts.keys.make(jane.id, "session"), accounts.keys.make(jane.id, "token")
    accounts.linked("https://id.example", "subject-1", jane.name)
    accounts.change(jane, "staff", "Amber Trust", disabled=True)
    assert accounts.known_by("session", session) is accounts.known_by("token", token) is accounts.signing_in(jane.name, GOOD) is None
    assert accounts.linked("https://id.example", "subject-1", jane.name) is None
    accounts.change(jane, "lead", None, disabled=False)
    assert accounts.known_by("session", session) is accounts.known_by("token", token) is None
    found = accounts.known_by("token", accounts.keys.make(jane.id, "token"))
    assert found
    assert (found[0].role, found[0].trust) == ("lead", None)


def test_a_new_password_ends_sessions_and_links_but_one(accounts: Accounts, jane: Account) -> None:
    mine, other = (accounts.keys.make(jane.id, "session") for _ in range(2))
    link, known = accounts.keys.make(jane.id, "link"), accounts.known_by("session", mine)
    with pytest.raises(BadAccount, match="easily guessed"):
        accounts.set_password(jane, "password12345")
    with pytest.raises(BadAccount, match="found 0 characters"):
        accounts.set_password(jane, "")
    assert known
    accounts.set_password(jane, OTHER, but=known[1].id)
    assert [bool(accounts.known_by("session", token)) for token in (mine, other)] == [True, False]
    assert accounts.known_by("link", link) is None
    assert (bool(accounts.signing_in(jane.name, OTHER)), accounts.signing_in(jane.name, GOOD)) == (True, None)


def test_somebody_always_administers_every_school(accounts: Accounts) -> None:
    root = accounts.add("root", "administrator")
    accounts.add("ours", "administrator", "Amber Trust")
    for change in (("lead", None, False), ("administrator", "Amber Trust", False), ("administrator", None, True)):
        with pytest.raises(BadAccount, match="root is the last administrator of every school"):
            accounts.change(root, *change)  # type: ignore[arg-type]
    with pytest.raises(BadAccount, match="make another first"):
        accounts.remove(root)
    accounts.add("second", "administrator")
    accounts.remove(root)
    assert [account.name for account in accounts.administrators()] == ["second"]


def test_an_id_is_never_used_again(accounts: Accounts, jane: Account) -> None:
    token = accounts.keys.make(jane.id, "token")
    accounts.remove(jane)
    assert accounts.add("jane@school.example", "staff").id == jane.id + 1
    assert accounts.known_by("token", token) is None


def test_the_school_s_own_account_is_linked_once(accounts: Accounts, jane: Account) -> None:
    issuer = "https://id.example"
    assert accounts.linked(issuer, "subject-1", None) is None
    assert accounts.linked(issuer, "subject-1", "nobody@school.example") is None
    found = accounts.linked(issuer, "subject-1", "JANE@school.example")
    assert found
    assert found.id == jane.id
    assert accounts.linked(issuer, "subject-2", "jane@school.example") is None, "the address has gone to somebody else"
    again = accounts.linked(issuer, "subject-1", "new-name@school.example")
    assert again
    assert (again.id, again.subject) == (jane.id, "subject-1")


def test_the_log_is_read_newest_first_by_trust_words_and_action(accounts: Accounts, clock: Clock) -> None:
    log = accounts.audit
    log.add("signed_in", "jane", address="10.0.0.7", trust="Amber Trust")
    log.add("policy_added", "root", "ash/Phones.pdf")
    log.add("signed_in", "root")
    assert [entry.who for entry in log.entries()] == ["root", "root", "jane"]
    assert [entry.who for entry in log.entries("Amber Trust")] == ["jane"]
    assert [entry.detail for entry in log.entries(words="phones.PDF")] == ["ash/Phones.pdf"]
    assert [entry.address for entry in log.entries(words="10.0", action="signed_in")] == ["10.0.0.7"]
    assert len(log.entries(most=1)) == 1
    clock.now += 366 * keys.DAY
    log.add("signed_in", "late")
    assert [(entry.who, entry.time) for entry in log.entries()] == [("late", "2028-01-16T08:00:00+00:00")]


def test_asking_is_on_until_it_is_turned_off(accounts: Accounts) -> None:
    accounts.switch.turn_off("Ask the office.")
    accounts.switch.turn_off("Ask the head.")
    assert accounts.switch.note() == "Ask the head."
    accounts.switch.turn_on()
    assert accounts.switch.note() is None


def test_a_file_of_a_later_version_is_refused(accounts: Accounts, jane: Account) -> None:
    with accounts.database.writing() as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="a later Clausewise wrote it"):
        accounts.named(jane.name)
