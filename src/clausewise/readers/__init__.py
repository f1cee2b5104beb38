"""The door to the readers: a policy file -> the name of its format, its text, and what tells its bytes from others.

A reader, and the package that it needs, is imported only when a file of its kind is read.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import cast

from clausewise.errors import ReadError
from clausewise.readers.decoding import is_blank, looks_like_html
from clausewise.settings import Settings
from clausewise.types import Source

MAX_BYTES = Settings().max_bytes
FORMATS = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
}
_MODULES = {"pdf": "pdf", "docx": "docx", "html": "html", "markdown": "text", "text": "text"}
_NAMES = {
    "pdf": "a PDF",
    "docx": "a Word document (.docx)",
    "html": "an HTML page",
    "markdown": "Markdown text",
    "text": "plain text",
    "doc": "an old Word file (.doc)",
    "locked": "a password-protected Office file",
    "ole": "an old Office file",
    "zip": "a ZIP archive",
    "rtf": "a Rich Text file (.rtf)",
    "png": "a PNG picture",
    "jpeg": "a JPEG picture",
    "gif": "a GIF picture",
}
_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REMEDIES = {
    "doc": "Clausewise reads .docx: open it in Word and save it as .docx",
    "rtf": "Clausewise reads .docx: open it in Word and save it as .docx",
    "ole": "Clausewise reads .docx: open it in its own program and save it as .docx or PDF",
    "locked": "remove its password (in Word: File, Info, Protect Document) and save it again",
}
_PDF_HEAD = 1024  # a PDF's mark may stand a little way into the file


def read(path: Path, max_bytes: int = MAX_BYTES) -> tuple[str, Source, str]:
    """(format, source, digest) of the policy at `path`; format: pdf, docx, html, markdown or text.

    The digest is the SHA-256, in hex, of the very bytes that were read: the file may be changing.
    Raises ReadError, with one line that names the file and says what to do, and MemoryError.
    """
    try:
        data = _load(path, max_bytes)
        form = _format(path, data)
        source = _reader(form)(data)
    except ReadError as error:
        raise ReadError(f"{path}: {error}") from error
    except MemoryError:
        raise
    except Exception as error:  # a damaged file can make a parser fail in any way at all
        raise ReadError(f"{path}: this file is damaged ({_reason(error)}); open it in its own program and save it again") from error
    if not source.text.strip():
        raise ReadError(f"{path}: this file holds no words, where a policy was expected; check that it is the right file")
    return form, source, hashlib.sha256(data).hexdigest()


def _load(path: Path, max_bytes: int) -> bytes:
    try:
        if path.is_dir():
            raise ReadError("this is a folder, where a policy file was expected; name a file in it")
        size = path.stat().st_size
        if size > max_bytes:
            raise ReadError(f"this file has {size:,} bytes, over the limit of {max_bytes:,}; split it, or leave its pictures out")
        data = path.read_bytes()
    except OSError as error:
        raise ReadError(f"this file cannot be opened ({error.strerror}); check that it exists and that you may read it") from error
    if is_blank(data):
        raise ReadError("this file is empty, where a policy was expected; replace it or remove it")
    return data


def _format(path: Path, data: bytes) -> str:
    """The format that the suffix names, once the content agrees."""
    stated, found = FORMATS.get(path.suffix.lower()), _found(data)
    if found in _REMEDIES and path.suffix.lower() in (".doc", ".dot", ".docx", ".rtf"):
        raise ReadError(f"this is {_NAMES[found]}; {_REMEDIES[found]}")
    if stated is None:
        suffix = f'its suffix is "{path.suffix}"' if path.suffix else "it has no suffix"
        raise ReadError(f"{suffix}; Clausewise reads {', '.join(FORMATS)}: save it as one of these")
    if found != stated and not (found == "" and stated in ("html", "markdown", "text")):
        raise ReadError(_disagreement(path, stated, found))
    return stated


def _disagreement(path: Path, stated: str, found: str) -> str:
    expected = f"{_NAMES[stated]}, as its suffix {path.suffix} says, was expected"
    if not found:
        return f"this is no {_NAMES[stated].split(' ', 1)[1]} at all, or it is damaged; {expected}: save it again from its own program"
    if found in _REMEDIES:
        return f"this is {_NAMES[found]}, where {expected}; {_REMEDIES[found]}"
    return f"this is {_NAMES[found]}, where {expected}; give it the right suffix, or save it again"


def _found(data: bytes) -> str:
    """What the content says it is; "" where it does not say, as text does not."""
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    if data.startswith(_OLE):
        return _ole(data)
    if data.startswith(b"PK\x03\x04"):
        return _zip(data)
    if looks_like_html(data):
        return "html"
    return "pdf" if b"%PDF-" in data[:_PDF_HEAD] and b"\0" not in data[:16] and b"\nendobj" in data.replace(b"\r", b"\n") else ""


def _ole(data: bytes) -> str:
    """Word before 2007, or any Office file behind a password; its directory spells names in UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "locked"
    return "doc" if "WordDocument".encode("utf-16-le") in data else "ole"


def _zip(data: bytes) -> str:
    """A damaged archive passes for DOCX where its bytes name Word's folder, so that the DOCX reader says what is wrong."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return "docx" if any(name.startswith("word/") for name in archive.namelist()) else "zip"
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "docx" if b"word/" in data else "zip"


def _reader(form: str) -> Callable[[bytes], Source]:
    return cast(Callable[[bytes], Source], import_module(f"clausewise.readers.{_MODULES[form]}").read)


def _reason(error: Exception) -> str:
    """One line of what a parser said."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:120]
