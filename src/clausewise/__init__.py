"""Clausewise: ask your schools' policies; get the clause, word for word, with the school that wrote it."""

from clausewise.assistant import Assistant

__all__ = ["Assistant"]
__version__ = "0.1.0"
