"""What may be set, with its defaults. One frozen value, passed down; nothing is read from the environment elsewhere."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from clausewise.errors import ClausewiseError


@dataclass(frozen=True, slots=True)
class Settings:
    """Every switch of the product.

    `model`: a sentence-transformers name or path; empty for the packaged model with our adapter. `reranker`: the name or
    path of a sentence-transformers CrossEncoder that looks at the nearest clauses again; empty for none. `max_bytes`: the
    largest policy file that is read. `quotes` and `closest`: at most so many per answer. `candidates`: rows that each
    ranking contributes before fusion. `background`: so many other schools are searched to judge whether one is silent.
    """

    model: str = ""
    reranker: str = ""
    max_bytes: int = 50_000_000
    quotes: int = 3
    closest: int = 2
    candidates: int = 200
    background: int = 20
    host: str = "127.0.0.1"
    port: int = 7860

    @classmethod
    def from_environment(cls) -> Settings:
        """The defaults, overridden by CLAUSEWISE_MODEL, CLAUSEWISE_RERANKER, CLAUSEWISE_HOST and CLAUSEWISE_PORT."""
        return cls(
            model=os.environ.get("CLAUSEWISE_MODEL", ""),
            reranker=os.environ.get("CLAUSEWISE_RERANKER", ""),
            host=os.environ.get("CLAUSEWISE_HOST", "") or "127.0.0.1",
            port=_port(os.environ.get("CLAUSEWISE_PORT", "") or "7860"),
        )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise ClausewiseError(f"CLAUSEWISE_PORT: found {text!r}; expected a number from 0 to 65535 (0: any free port)")
    return int(text)


DEFAULT_CORPUS = Path("corpus")
DEFAULT_INDEX = Path("indexes/default")
