"""Plain text and Markdown: the file's characters as they stand, Markdown's marks included."""

from __future__ import annotations

from clausewise.blocks import recognise
from clausewise.readers.decoding import decode
from clausewise.types import Source


def read(data: bytes) -> Source:
    """Raises ReadError where `data` is no text."""
    text = decode(data)
    return Source(text, recognise(text))
