"""PDFs: the only room that knows pypdf. What stands on the pages is put in order by `pdf_lines` to `pdf_flow`."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream
from pypdf.generic._font import Font as PdfFont

from clausewise.errors import ReadError
from clausewise.readers.pdf_flow import flow
from clausewise.readers.pdf_ink import Font, Ink
from clausewise.readers.pdf_lines import Page
from clausewise.readers.pdf_marks import IDENTITY, Matrix, mult
from clausewise.types import Source

_LIGATURES = {ord("ﬀ"): "ff", ord("ﬁ"): "fi", ord("ﬂ"): "fl", ord("ﬃ"): "ffi", ord("ﬄ"): "ffl", ord("ﬅ"): "st", ord("ﬆ"): "st"}
_BOLD = re.compile(r"bold|black|heavy|demi|[-,]bd\b|\bbd(?:mt)?$", re.I)
_BOLD_WEIGHT = 600
_FORCE_BOLD = 1 << 18  # a flag of the font's descriptor
_SYMBOL_FONT = re.compile(r"symbol|wingdings|dingbats|webdings", re.I)
_SYMBOL_BULLETS = set("\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf0a8\uf06e·§ØvüÜnl²")  # what Word's bullet fonts call their signs
_DAMAGED = "this PDF is damaged ({}); open it in its own program and save it again as PDF"

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings on sloppy files would reach the user's screen


def read(data: bytes) -> Source:
    """Raises ReadError where `data` is no PDF, is damaged, needs a password or carries no text."""
    try:
        reader = _open(data)
        pages = [_page(page) for page in reader.pages]
    except (ReadError, MemoryError):
        raise
    except Exception as error:  # pypdf lets through whatever a damaged object raises
        raise ReadError(_DAMAGED.format(" ".join(str(error).split())[:100] or type(error).__name__)) from error
    if not pages:
        raise ReadError(_DAMAGED.format("it has no pages"))
    if not any(page.chunks for page in pages):
        raise ReadError("this PDF holds pictures of pages and no text (scanned); run OCR (for example ocrmypdf) and index it again")
    return flow(pages)


def _open(data: bytes) -> PdfReader:
    reader = PdfReader(BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise ReadError("this PDF needs a password to open it; save a copy without one")
    return reader


def _page(page: PageObject) -> Page:
    """A page's chunks and rules, turned as its rotation says, within its media box."""
    fonts: dict[int, Font | None] = {}
    ink = Ink(lambda resources, name: _font(resources, name, fonts), _form)
    left, bottom, right, top = (float(v) for v in page.mediabox)
    upright = _turn((page.rotation or 0) % 360, left, bottom, right, top)
    ink.state = type(ink.state)(ctm=upright)
    contents = _object(page.get("/Contents"))
    if contents is not None:
        ink.run(_operations(contents), page.get("/Resources"))
    width, height = (right - left, top - bottom) if (page.rotation or 0) % 180 == 0 else (top - bottom, right - left)
    chunks = [c for c in ink.chunks if -1 <= c.x0 <= width + 1 and -1 <= c.y <= height + 1]
    return Page(tuple(chunks), tuple(ink.rules), width, height, tuple(ink.slanted), tuple(ink.dots))


def _turn(rotation: int, left: float, bottom: float, right: float, top: float) -> Matrix:
    """Maps the media box so that its lower left corner, as the page is shown, is the origin."""
    home: Matrix = (1.0, 0.0, 0.0, 1.0, -left, -bottom)
    width, height = right - left, top - bottom
    turns: dict[int, Matrix] = {
        90: (0.0, -1.0, 1.0, 0.0, 0.0, width),
        180: (-1.0, 0.0, 0.0, -1.0, width, height),
        270: (0.0, 1.0, -1.0, 0.0, height, 0.0),
    }
    return mult(home, turns.get(rotation, IDENTITY))


def _operations(stream: Any) -> Iterable[tuple[Any, bytes]]:
    """Strings stay bytes, since only their font knows what they spell."""
    return ContentStream(stream, None, "bytes").operations


def _resource(resources: Any, kind: str, name: Any) -> Any:
    """The font or form that `name` stands for, or None."""
    table = _object(_object(resources).get(kind)) if resources is not None else None
    return _object(table.get(name)) if table else None


def _object(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def _form(resources: Any, name: Any) -> tuple[Iterable[tuple[Any, bytes]], Any, Matrix] | None:
    form = _resource(resources, "/XObject", name)
    if form is None or form.get("/Subtype") != "/Form":
        return None
    a, b, c, d, e, f = (float(v) for v in form.get("/Matrix", IDENTITY))
    inner = form.get("/Resources", resources)
    return _operations(form), inner, (a, b, c, d, e, f)


def _font(resources: Any, name: Any, known: dict[int, Font | None]) -> Font | None:
    found = _resource(resources, "/Font", name)
    if found is None:
        return None
    if id(found) not in known:
        known[id(found)] = _Font.of(PdfFont.from_font_resource(found), found)
    return known[id(found)]


@dataclass(slots=True)
class _Font:
    """A pypdf font that spells out strings."""

    font: PdfFont
    bold: bool
    symbols: bool
    source: Any  # kept alive, since fonts are known by their identity
    spelt: dict[Any, tuple[str, float, bool]] = field(default_factory=dict)

    @classmethod
    def of(cls, font: PdfFont, source: Any) -> Font:
        descriptor = font.font_descriptor
        weight = str(descriptor.weight)
        heavy = (weight.isdigit() and int(weight) >= _BOLD_WEIGHT) or bool(int(descriptor.flags) & _FORCE_BOLD)
        bold = heavy or bool(_BOLD.search(font.name) or _BOLD.search(weight))
        return cls(font, bold, bool(_SYMBOL_FONT.search(font.name)), source)

    def spell(self, codes: Any) -> Sequence[tuple[str, float, bool]]:
        return [self.character(code) for code in self.codes(codes)]

    def codes(self, shown: Any) -> Sequence[Any]:
        """Single bytes of a simple font; characters of the named encoding, mostly two bytes each, of a composite one."""
        if isinstance(shown, str):
            return shown
        if isinstance(self.font.encoding, str):
            try:
                return bytes(shown).decode(self.font.encoding, "surrogatepass")
            except UnicodeDecodeError:
                return bytes(shown).decode(self.font.encoding, "replace")
        return bytes(shown)

    def character(self, code: Any) -> tuple[str, float, bool]:
        if code not in self.spelt:
            raw = chr(code) if isinstance(code, int) else code
            decoded = self.font.encoding.get(code, raw) if isinstance(self.font.encoding, dict) and isinstance(code, int) else raw
            text = str(self.font.character_map.get(decoded, decoded)).translate(_LIGATURES)
            width = self.font.space_width if raw == self.font.space_char else self.font.get_text_width(raw)
            self.spelt[code] = (self.readable(text), width / 1000, code == 32 or code == " ")
        return self.spelt[code]

    def readable(self, text: str) -> str:
        """Bullets of symbol fonts by a sign that every font has; characters that print nothing left out."""
        if text == "\x7f":  # WinAnsi prints a bullet where it has no character, and some programs rely on it
            return "•"
        if text in _SYMBOL_BULLETS and (self.symbols or text >= "\uf000"):
            return "•"
        return (
            "".join(c for c in text if c >= " " and c not in "\ufeff\u200b" and not "\ud800" <= c <= "\udfff")
            .replace("\u2010", "-")
            .replace("\u2011", "-")
        )
