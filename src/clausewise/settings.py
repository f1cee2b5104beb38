"""What may be set, with its defaults. One frozen value, passed down; nothing is read from the environment elsewhere."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clausewise.errors import ClausewiseError


@dataclass(frozen=True, slots=True)
class Settings:
    """Every switch of the product.

    `model`: a sentence-transformers name or path; empty for the packaged model with our adapter. `reranker`: the name or
    path of a sentence-transformers CrossEncoder that looks at the nearest clauses again; empty for none. `max_bytes`: the
    largest policy file that is read. `quotes` and `closest`: at most so many per answer. `candidates`: rows that each
    ranking contributes before fusion. `background`: so many other schools are searched to judge whether one is silent.
    `threshold`: the confidence, 0 to 1, below which a policy is said not to answer; None for the fitted one. `data`: the
    folder of what a served page remembers. `evals`: the folder of the suites that it shows. `keep_days`: a conversation is
    deleted so many days after its last question.
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

    @classmethod
    def from_environment(cls) -> Settings:
        """The defaults, overridden by CLAUSEWISE_MODEL, CLAUSEWISE_RERANKER, CLAUSEWISE_HOST, CLAUSEWISE_PORT, CLAUSEWISE_DATA,
        CLAUSEWISE_EVALS and CLAUSEWISE_KEEP_DAYS.
        """
        return cls(
            model=os.environ.get("CLAUSEWISE_MODEL", ""),
            reranker=os.environ.get("CLAUSEWISE_RERANKER", ""),
            host=os.environ.get("CLAUSEWISE_HOST", "") or "127.0.0.1",
            port=_port(os.environ.get("CLAUSEWISE_PORT", "") or "7860"),
            data=os.environ.get("CLAUSEWISE_DATA", "") or "data",
            evals=os.environ.get("CLAUSEWISE_EVALS", "") or "evals",
            keep_days=_days(os.environ.get("CLAUSEWISE_KEEP_DAYS", "") or "180"),
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


def _days(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= _LONGEST and len(text) <= 6):
        raise ClausewiseError(f"CLAUSEWISE_KEEP_DAYS: found {text[:20]!r}; expected a whole number of days from 1 to {_LONGEST}")
    return int(text)


DEFAULT_CORPUS = Path("corpus")
DEFAULT_INDEX = Path("indexes/default")
