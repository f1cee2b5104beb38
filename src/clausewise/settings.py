"""What may be set, with its defaults. One frozen value, passed down; nothing is read from the environment elsewhere."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from clausewise.errors import ClausewiseError


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be taken for one file: `seconds` of a processor's time, `memory` bytes."""

    seconds: float = 60
    memory: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Settings:
    """Every switch of the product.

    `model`: a sentence-transformers name or path; empty for the packaged model with our adapter. `reranker`: the name or
    path of a sentence-transformers CrossEncoder that looks at the nearest clauses again; empty for none. `max_bytes`: the
    largest policy file that is read. `quotes` and `closest`: at most so many per answer. `candidates`: rows that each
    ranking contributes before fusion. `background`: so many other schools are searched to judge whether one is silent.
    `threshold`: the confidence, 0 to 1, below which a policy is said not to answer; None for the fitted one. `data`: the
    folder of what a served page remembers. `evals`: the folder of the suites that it shows. `keep_days`: a conversation is
    deleted so many days after its last question. `read_seconds` and `read_mib`: what reading one policy file may take of a
    processor's time, and of memory. `milvus`: the address of a Milvus server, or the .db file of milvus-lite, that passages
    are searched in; empty for the index's own files.
    """

    model: str = ""
    reranker: str = ""
    max_bytes: int = 50_000_000
    quotes: int = 3
    closest: int = 2
    candidates: int = 200
    background: int = 20
    threshold: float | None = None
    host: str = "127.0.0.1"
    port: int = 7860
    data: str = "data"
    evals: str = "evals"
    keep_days: int = 180
    read_seconds: int = 60
    read_mib: int = 1024
    milvus: str = ""

    @property
    def limits(self) -> Limits:
        return Limits(self.read_seconds, self.read_mib << 20)

    @classmethod
    def from_environment(cls) -> Settings:
        """The defaults, overridden by CLAUSEWISE_MODEL, CLAUSEWISE_RERANKER, CLAUSEWISE_HOST, CLAUSEWISE_PORT, CLAUSEWISE_DATA,
        CLAUSEWISE_EVALS, CLAUSEWISE_KEEP_DAYS, CLAUSEWISE_READ_SECONDS, CLAUSEWISE_READ_MIB and CLAUSEWISE_MILVUS.
        """
        return cls(
            model=os.environ.get("CLAUSEWISE_MODEL", ""),
            reranker=os.environ.get("CLAUSEWISE_RERANKER", ""),
            host=os.environ.get("CLAUSEWISE_HOST", "") or "127.0.0.1",
            port=_port(os.environ.get("CLAUSEWISE_PORT", "") or "7860"),
            data=os.environ.get("CLAUSEWISE_DATA", "") or "data",
            evals=os.environ.get("CLAUSEWISE_EVALS", "") or "evals",
            keep_days=_whole("CLAUSEWISE_KEEP_DAYS", 180, "days", 1, _LONGEST),
            read_seconds=_whole("CLAUSEWISE_READ_SECONDS", 60, "seconds", 1, 3_600),
            read_mib=_whole("CLAUSEWISE_READ_MIB", 1024, "MiB", 256, 1 << 20),
            milvus=_milvus(os.environ.get("CLAUSEWISE_MILVUS", "")),
        )

    def changed(self, pairs: Sequence[str]) -> Settings:
        """These settings with some that bear on answers set otherwise, each given as "name=value"."""
        return replace(self, **dict(map(_setting, pairs)))


_LONGEST = 36_500  # days
_NUMBERS: Mapping[str, tuple[type[int] | type[float], float, float]] = {
    "quotes": (int, 1, 100),
    "closest": (int, 0, 100),
    "candidates": (int, 1, 1_000_000),
    "background": (int, 0, 1_000_000),
    "threshold": (float, 0, 1),
}


def _setting(pair: str) -> tuple[str, Any]:
    name, equals, value = pair.partition("=")
    if name in ("model", "reranker") and equals:
        return name, value
    if name not in _NUMBERS or not equals:
        raise ClausewiseError(f"found {pair!r}; expected name=value with a name of: {', '.join(('model', 'reranker', *_NUMBERS))}")
    form, least, most = _NUMBERS[name]
    try:
        found = form(value)
    except ValueError:
        found = math.nan
    if not least <= found <= most:
        raise ClausewiseError(f"{name}: found {value!r}; expected {'a whole' if form is int else 'a'} number from {least} to {most}")
    return name, found


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise ClausewiseError(f"CLAUSEWISE_PORT: found {text!r}; expected a number from 0 to 65535 (0: any free port)")
    return int(text)


def _whole(name: str, default: int, unit: str, least: int, most: int) -> int:
    text = os.environ.get(name, "") or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and least <= int(text) <= most):
        raise ClausewiseError(f"{name}: found {text[:20]!r}; expected a whole number of {unit} from {least} to {most}")
    return int(text)


def _milvus(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s@]+|\S.*\.db", text):  # "@": a password, which has a setting of its own
        raise ClausewiseError(
            "CLAUSEWISE_MILVUS: expected an address such as http://127.0.0.1:19530, or a file of milvus-lite that ends in .db; "
            "a password goes to CLAUSEWISE_MILVUS_TOKEN"
        )
    return text


def milvus_token() -> str:
    """What a Milvus server knows this program by, as "user:password". No part of Settings, which saved runs repeat."""
    return os.environ.get("CLAUSEWISE_MILVUS_TOKEN", "")


WAYS = ("password", "oidc")


@dataclass(frozen=True, slots=True)
class SignIn:
    """How people sign in to a served page. No part of Settings, which saved runs repeat: a secret must not get among them.

    `ways`: of WAYS; none where nobody signs in. `address`: where browsers open the page, as "https://policies.example.org";
    "" where that is what they say it is. `issuer`, `client`, `secret`: the identity provider's address, and what it knows
    this page by. `any_email`: its e-mail addresses are believed where it does not say that it has verified them.
    """

    ways: tuple[str, ...] = ()
    address: str = ""
    issuer: str = ""
    client: str = ""
    secret: str = field(default="", repr=False)
    any_email: bool = False

    @property
    def secure(self) -> bool:
        return self.address.startswith("https:")

    @classmethod
    def from_environment(cls, host: str) -> SignIn:
        """From CLAUSEWISE_SIGN_IN, CLAUSEWISE_ADDRESS and CLAUSEWISE_OIDC_*; without them off where `host` is this machine alone."""
        ways = _ways(os.environ.get("CLAUSEWISE_SIGN_IN", "") or ("off" if loopback(host) else "password"))
        address = _address(os.environ.get("CLAUSEWISE_ADDRESS", ""))
        if "oidc" not in ways:
            return cls(ways, address)
        if not address:
            raise ClausewiseError("CLAUSEWISE_ADDRESS: found none; expected the page's own, such as https://policies.example.org")
        return cls(ways, address, *_provider(), _yes("CLAUSEWISE_OIDC_ANY_EMAIL"))


def loopback(host: str) -> bool:
    """Whether `host` is reached from this machine alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _ways(text: str) -> tuple[str, ...]:
    found = tuple(part.strip().lower() for part in text.split(","))
    if found == ("off",):
        return ()
    if not set(found) <= set(WAYS) or len(set(found)) < len(found):
        raise ClausewiseError(f"CLAUSEWISE_SIGN_IN: found {text!r}; expected one of: off, password, oidc, or password,oidc")
    return found


def _address(text: str) -> str:
    if text and not re.fullmatch(r"https?://[a-z0-9.-]+(?::\d+)?/?|https?://\[[0-9a-f:]+\](?::\d+)?/?", text.lower()):
        raise ClausewiseError(f"CLAUSEWISE_ADDRESS: found {text!r}; expected one without a path, such as https://policies.example.org")
    return text.lower().rstrip("/")


def _provider() -> tuple[str, str, str]:
    """Issuer, client id and client secret. Without TLS anybody on the way could say who signs in."""
    names = ("CLAUSEWISE_OIDC_ISSUER", "CLAUSEWISE_OIDC_CLIENT_ID", "CLAUSEWISE_OIDC_CLIENT_SECRET")
    issuer, client, secret = (os.environ.get(name, "") for name in names)
    missing = [name for name, value in zip(names, (issuer, client, secret), strict=True) if not value]
    if missing:
        raise ClausewiseError(f"{missing[0]}: found none; expected what your identity provider names for this page")
    parts = urlsplit(issuer)
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and loopback(parts.hostname))):
        raise ClausewiseError(f"CLAUSEWISE_OIDC_ISSUER: found {issuer!r}; expected an address that begins with https://")
    return issuer, client, secret


def _yes(name: str) -> bool:
    text = os.environ.get(name, "") or "no"
    if text not in ("yes", "no"):
        raise ClausewiseError(f"{name}: found {text!r}; expected yes or no")
    return text == "yes"


_QUOTA = Path("/sys/fs/cgroup/cpu.max")  # microseconds of time, and of a period; "max" for as many as there are


def cores() -> int:
    """How many this process may use; a container may be given the time of fewer than it sees."""
    seen = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        time, period = map(int, _QUOTA.read_text("ascii").split())
        return max(1, min(seen, math.ceil(time / period)))
    return seen


def cache_folder() -> Path:
    """Where what can be made again is kept: CLAUSEWISE_CACHE, or the user's own. No part of Settings: it bears on no answer."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("CLAUSEWISE_CACHE", "") or user_cache_path("clausewise", appauthor=False))


DEFAULT_CORPUS = Path("corpus")
DEFAULT_INDEX = Path("indexes/default")
