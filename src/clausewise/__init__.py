"""Clausewise: ask your schools' policies; get the clause, word for word, with the school that wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clausewise.assistant import Assistant

__all__ = ["Assistant"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """The assistant is imported when it is asked for: the processes that read files are up at once without it."""
    if name == "Assistant":
        from clausewise.assistant import Assistant

        return Assistant
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
