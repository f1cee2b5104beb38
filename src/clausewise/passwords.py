"""Passwords: which are taken, and the hashes that are kept of them. The only room that knows argon2-cffi.

Argon2id with the parameters of RFC 9106's second recommendation (64 MiB, 3 passes, 4 lanes): what a guess costs an attacker
who has the file is above all memory. A hash says its own parameters, so that they can be raised later.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 12, 200  # characters
OWN = 4  # letters at least that are neither the name's nor one of the words below
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_TURNS = BoundedSemaphore(2)  # so many at a time, since each takes 64 MiB
# What most of the commonest long passwords are made of, beside digits and signs.
_COMMON = (
    "password", "passwort", "passw0rd", "p@ssword", "p@ssw0rd", "qwertyuiop", "qwerty", "asdfghjkl", "asdf", "zxcvbnm", "letmein",
    "welcome", "iloveyou", "sunshine", "princess", "football", "liverpool", "arsenal", "chelsea", "monkey", "dragon", "superman",
    "batman", "abcdefgh", "abcd", "changeme", "change", "secret", "login", "administrator", "admin", "clausewise", "school",
    "teacher", "pupil", "summer", "winter", "spring", "autumn", "hello", "test", "user", "the", "my", "our", "is", "me",
)  # fmt: skip


def refusal(password: str, name: str) -> str:
    """Why `password` is not taken for the account called `name`; "" if it is."""
    if not LEAST <= len(password) <= MOST:
        return f"the password: found {len(password)} characters; expected {LEAST} to {MOST}, such as those of four words"
    if len(set(password)) < 5 or len(re.sub(r"[\W\d_]", "", _stripped(password, name))) < OWN:
        return "the password: found one that is easily guessed; expected one made neither of your name nor of common words and digits"
    return ""


def _stripped(password: str, name: str) -> str:
    text = password.casefold()
    parts = [name.casefold(), *re.split(r"[\W_]+", name.casefold())]
    for word in sorted((part for part in (*parts, *_COMMON) if len(part) > 1), key=len, reverse=True):
        text = text.replace(word, "")
    return text


def hashed(password: str) -> str:
    with _TURNS:
        return HASHER.hash(_one_form(password))


def holds(kept: str | None, password: str) -> bool:
    """Whether `password` is the one whose hash is kept. Where none is it takes as long, so that nobody learns which names there are."""
    nobodys = _nobodys()
    try:
        with _TURNS:
            return HASHER.verify(kept or nobodys, _one_form(password[: 2 * MOST])) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than those in force."""
    return HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return HASHER.hash("the password of nobody")


def _one_form(password: str) -> str:
    """Keyboards write an accented letter as one character or as two."""
    return unicodedata.normalize("NFKC", password)
