"""Bytes -> text, for the formats that do not say reliably how they are encoded."""

from __future__ import annotations

import codecs
import re

from clausewise.errors import ReadError

_BOMS = (  # UTF-32's mark begins with UTF-16's, so it is tried first
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096
_ODD = re.compile("[\x00-\x08\x0e-\x19\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")  # controls that no text holds
_JUNK = 0.01  # share of control characters above which a file is no text
_BLANKS = codecs.BOM_UTF8 + b" \t\r\n\f"


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of `data`, with newlines as "\\n" and without a byte-order mark.

    Tried in turn: a byte-order mark, the NUL pattern of UTF-16, the `declared` encoding, UTF-8, Windows-1252.
    Raises ReadError (without the file's name, which the door adds) where the bytes are no text.
    """
    text = _decode(data, declared).replace("\r\n", "\n").replace("\r", "\n")
    if _junk(text):
        raise ReadError("this is not text: it holds binary data where words were expected; save it as UTF-8 text")
    return text


def _decode(data: bytes, declared: str | None) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := _wide(data[:_SAMPLE]):
        return data.decode(wide, "replace")
    if declared and (text := _as_declared(data, declared)) is not None:
        return text
    return data.decode("utf-8", "clausewise-windows")


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: in English every other byte is NUL, and the others hardly ever."""
    pairs = len(sample) // 2
    high, low = sample[0 : 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if pairs and low > 0.6 * pairs and high < 0.05 * pairs:
        return "utf-16-le"
    if pairs and high > 0.6 * pairs and low < 0.05 * pairs:
        return "utf-16-be"
    return None


def _as_declared(data: bytes, encoding: str) -> str | None:
    """None where the declaration is wrong. "Latin-1" on the web means Windows-1252, which has the curly quotes."""
    try:
        name = codecs.lookup(encoding).name
        return data.decode("cp1252" if name in ("iso8859-1", "ascii") else name)
    except (LookupError, UnicodeError):
        return None


def _windows(error: UnicodeError) -> tuple[str, int]:
    """What is not UTF-8 is read as Windows-1252, byte by byte: files patched together from both do exist."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("clausewise-windows", _windows)


def _junk(text: str) -> bool:
    return "\0" in text or sum(1 for _ in _ODD.finditer(text)) > _JUNK * len(text)


def looks_like_html(data: bytes) -> bool:
    """Whether a file opens as an HTML page does."""
    head = data[:512].replace(b"\0", b"").lstrip(_BLANKS + codecs.BOM_UTF16_LE).lower()
    return head.startswith((b"<!doctype html", b"<html"))


def is_blank(data: bytes) -> bool:
    return not data[:_SAMPLE].strip(_BLANKS + b"\0\xfe\xff") and not data.strip(_BLANKS + b"\0\xfe\xff")
