"""The only module that knows pdfium, and a program that `confined` runs: it is given a line of JSON (`Wanted`) and then a PDF, and
answers with a line of JSON (`Facsimile` but for its image, or what is wrong) and then a PNG.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Any

from clausewise.confined import serve
from clausewise.facsimile import SURE, Box, Facsimile, Wanted
from clausewise.facsimile.letters import aligned, letters
from clausewise.facsimile.marks import clipped, lines, marked

_WIDTH, _TALLEST = 1240, 3600  # pixels: A4 at 150 dots per inch; a page of whatever size is drawn no larger
_MOST = 100_000  # letters on three pages


@dataclass(frozen=True, slots=True)
class Found:
    """`here`: numbers, as pdfium counts, of the wanted characters on the page; none where too few of all were found."""

    here: tuple[int, ...] = ()
    share: float = 0.0
    pages: tuple[int, ...] = ()


def draw(pdf: bytes, page: Wanted) -> Facsimile:
    """Raises whatever pdfium does; for a process that may break."""
    import pypdfium2

    opened = pypdfium2.PdfDocument(pdf)
    leaf = opened[page.number - 1]
    width, height = leaf.get_size()
    bitmap = leaf.render(scale=min(_WIDTH / width, _TALLEST / height))
    found = find(opened, page) if page.end > page.start else Found()
    boxes = tuple(clipped(lines(_in_pixels(leaf, bitmap, found.here)), bitmap.width, bitmap.height))
    kept = BytesIO()
    marked(bitmap.to_pil().convert("RGB"), boxes).save(kept, "PNG", compress_level=3)
    return Facsimile(kept.getvalue(), bitmap.width, bitmap.height, found.share, boxes, found.pages)


def find(opened: Any, page: Wanted) -> Found:
    """Where the wanted letters stand: the letters of the pages, as pdfium tells them, are set against those of their canonical text."""
    printed = [(number, at, one) for number in range(page.first, page.last + 1) for at, one in enumerate(_characters(opened[number - 1]))]
    told, places = letters(character for _, _, character in printed)
    own, offsets = letters(page.text)
    if max(len(told), len(own)) > _MOST:
        return Found()
    sought = [place for place, offset in zip(aligned(own, offsets, told), offsets, strict=True) if page.start <= offset < page.end]
    hits = sorted({places[place] for place in sought if place is not None})
    share = sum(place is not None for place in sought) / len(sought) if sought else 0.0
    if share < SURE:
        return Found(share=share)
    here = tuple(printed[hit][1] for hit in _with_signs(hits, printed, page) if printed[hit][0] == page.number)
    return Found(here, share, tuple(sorted({printed[hit][0] for hit in hits})))


def _characters(leaf: Any) -> Iterator[str]:
    """The page's characters as pdfium numbers them; what has no meaning is a space."""
    from pypdfium2 import raw

    textpage = leaf.get_textpage()
    for at in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(textpage, at)
        yield chr(code) if 32 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else " "


def _with_signs(hits: Sequence[int], printed: Sequence[tuple[int, int, str]], page: Wanted) -> Iterator[int]:
    """With the signs that stand between two letters that were met, and those that the wanted words begin and end with."""
    wanted = page.text[page.start : page.end].strip()
    if _stands(hits[0] - 1, wanted[0], printed):
        yield hits[0] - 1
    for hit, following in pairwise(hits):
        yield hit
        between = range(hit + 1, following)
        if not any(printed[at][2].isalnum() for at in between):
            yield from (at for at in between if not printed[at][2].isspace())
    yield hits[-1]
    if _stands(hits[-1] + 1, wanted[-1], printed):
        yield hits[-1] + 1


def _stands(at: int, sign: str, printed: Sequence[tuple[int, int, str]]) -> bool:
    return not sign.isalnum() and 0 <= at < len(printed) and printed[at][2] == sign


def _in_pixels(leaf: Any, bitmap: Any, characters: Sequence[int]) -> Iterator[Box]:
    """Their boxes on the image, however the page is turned or cropped."""
    textpage, position = leaf.get_textpage(), bitmap.get_posconv(leaf)
    for at in characters:
        left, bottom, right, top = textpage.get_charbox(at)
        x, y = zip(position.to_bitmap(left, bottom), position.to_bitmap(right, top), strict=True)
        yield min(x), min(y), max(x), max(y)


def answer(told: bytes) -> bytes:
    head, _, pdf = told.partition(b"\n")
    try:
        made = draw(pdf, Wanted(**json.loads(head)))
    except MemoryError:
        raise
    except Exception as error:  # whatever a damaged file raises
        return json.dumps({"broken": " ".join(str(error).split())[:100] or type(error).__name__}).encode()
    facts = {"width": made.width, "height": made.height, "share": made.share, "boxes": made.boxes, "pages": made.pages}
    return json.dumps(facts).encode() + b"\n" + made.png


if __name__ == "__main__":
    serve(answer)
