"""Which passwords are taken, and that hashes hold for theirs alone."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from clausewise import passwords

GOOD = "heron lantern gravel tuesday"


def test_the_hash_is_argon2id_with_the_parameters_of_rfc_9106() -> None:
    kept = passwords.hashed(GOOD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert (passwords.holds(kept, GOOD), passwords.holds(kept, GOOD + " "), passwords.outdated(kept)) == (True, False, False)


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("short pass", "found 10 characters; expected 12 to 200"),
        ("x" * 201, "found 201 characters"),
        ("aaaaaaaaaaaaaaaa", "easily guessed"),
        ("123456789012", "easily guessed"),
        ("Password1234!", "easily guessed"),
        ("qwertyuiop2024", "easily guessed"),
        ("Welcome-Admin-2026", "easily guessed"),
        ("jane.doe@school.example", "easily guessed"),
        ("JaneDoe2026!!", "easily guessed"),
        (GOOD, ""),
        ("tr0ub4dor&3xkcd", ""),
        ("мой длинный пароль", ""),
    ],
)
def test_weak_passwords_are_refused_in_one_line(password: str, told: str) -> None:
    found = passwords.refusal(password, "jane.doe@school.example")
    assert told in found if told else found == ""


@pytest.mark.usefixtures("cheap")
def test_an_accent_is_the_same_however_it_is_typed() -> None:
    assert passwords.holds(passwords.hashed("cafe\u0301 lantern gravel"), "caf\u00e9 lantern gravel")


@pytest.mark.usefixtures("cheap")
def test_where_no_hash_is_kept_one_is_checked_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, kept, given: checked.append(kept) or verify(self, kept, given))
    assert not passwords.holds(None, "the password of nobody")
    assert not passwords.holds(passwords.hashed(GOOD), "wrong")
    assert [kept.split("$")[3] for kept in checked] == ["m=64,t=1,p=1"] * 2


def test_a_hash_that_is_none_holds_for_nothing() -> None:
    assert not passwords.holds("not a hash", GOOD)


def test_a_hash_of_weaker_parameters_is_outdated() -> None:
    assert passwords.outdated(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(GOOD))
