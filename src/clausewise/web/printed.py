"""/policies/<school>/<policy>/page/<number>: a page of a PDF as it is printed, a clause marked on it; with .png, its image."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clausewise.errors import NotDrawn
from clausewise.facsimile import Facsimile, drawn, wanted
from clausewise.types import Clause, Document, Span
from clausewise.web import words
from clausewise.web.kept import Kept

if TYPE_CHECKING:
    from clausewise.index import Index
    from clausewise.web.desk import Desk

_NO_FOLDER = (
    "The page cannot be shown as printed: this program was not told where the policies’ files are; "
    "start it with: clausewise serve --corpus DIR"
)
_CHANGED = "The file {} has changed since the policies were indexed; index them again, or put the file back"
_GONE = "The file {} is not there to be read any more; put it back, or index the policies again"
_MOST = 32  # images that are kept


@dataclass(frozen=True, slots=True)
class Place:
    """Page `number`, from 1, of a PDF, and the clause of it that was asked for, if one was."""

    document: Document
    number: int
    clause: Clause | None

    @property
    def span(self) -> Span:
        return self.clause.span if self.clause else Span(0, 0)

    @property
    def name(self) -> str:
        return words.place(self.clause) if self.clause else ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says of a clause: a line, and the numbers of other pages that it stands on."""

    line: str
    pages: tuple[int, ...] = ()


def place(document: Document, number: str, anchor: str, index: Index) -> Place:
    """Raises NotDrawn where there is no such page or clause."""
    if document.format != "pdf":
        raise NotDrawn(f"This policy is no PDF ({words.FORMATS.get(document.format, document.format)}), so it has no pages as printed.")
    if not (number.isascii() and number.isdigit() and len(number) < 7 and 1 <= int(number) <= len(document.pages)):
        raise NotDrawn(f"This policy has no page {number[:20]}; its pages are 1 to {len(document.pages)}.")
    clause = index.clause.get(f"{document.id}#{anchor}")
    if anchor and clause is None:
        raise NotDrawn(f"This policy has no clause {anchor[:60]} now; it may have been renumbered.")
    return Place(document, int(number), clause)


class Press:
    """Draws pages, and keeps the last of them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._kept: Kept[Facsimile | NotDrawn] = Kept(_MOST)  # what cannot be drawn is not tried again and again

    def prints(self, document: Document) -> bool:
        return self.desk.corpus is not None and document.format == "pdf"

    def tried(self, place: Place) -> Facsimile | NotDrawn:
        """As `facsimile`, with what that raises as a value."""
        try:
            return self.facsimile(place)
        except NotDrawn as error:
            return error

    def facsimile(self, place: Place) -> Facsimile:
        """Raises NotDrawn where it is not the file that was indexed, or cannot be drawn."""
        document = place.document
        pdf = _file(self.desk.corpus, document, self.desk.whole.settings.max_bytes)
        found = self._kept.get((document.digest, place.number, place.span), lambda: _drawn(pdf, place))
        if isinstance(found, NotDrawn):
            raise found
        return found


def told(place: Place, found: Facsimile) -> Told | None:
    """Where the clause stands that was asked for; None where none was."""
    if place.clause is None:
        return None
    others = tuple(number for number in found.pages if number != place.number)
    if found.boxes:
        return Told(f"{place.name} is marked. The rest of it:" if others else f"{place.name} is marked.", others)
    begins, ends = (place.document.page(offset) or 0 for offset in (place.span.start, place.span.end - 1))
    if found.sure or not begins <= place.number <= ends:
        return Told(f"{place.name} is not on this page but here:", others or (begins,))
    return Told(
        f"{place.name} is not marked: only {found.share:.0%} of its letters were found in print. Below are its words as they were read."
    )


def alt(place: Place, school: str, found: Facsimile) -> str:
    marked = f". {place.name} is marked: framed, on yellow" if found.boxes else ""
    return f"Page {place.number} of {place.document.title}, {school}, as printed{marked}."


def _drawn(pdf: bytes, place: Place) -> Facsimile | NotDrawn:
    try:
        return drawn(pdf, wanted(place.document, place.number, place.span))
    except NotDrawn as error:
        return error


def _file(corpus: Path | None, document: Document, most: int) -> bytes:
    """The file that the document was read from, byte for byte."""
    if corpus is None:
        raise NotDrawn(_NO_FOLDER)
    try:
        with (corpus / document.path).open("rb") as file:
            found = file.read(most + 1)
    except OSError:
        raise NotDrawn(_GONE.format(document.path)) from None
    if hashlib.sha256(found).hexdigest() != document.digest:
        raise NotDrawn(_CHANGED.format(document.path))
    return found
