"""A page of a PDF as it is printed, with a quote marked on it.

pdfium is C++ and a policy is anybody's file, so a page is drawn by a process of its own (see `drawing`), one at a time:
what a file breaks, or holds up, is that process, and never the server.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from threading import Lock

from clausewise.confined import Confined, Lost
from clausewise.errors import NotDrawn
from clausewise.settings import Limits
from clausewise.types import Document, Span

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels from the upper left corner
SURE = 0.95  # of a quote's letters must be found, or nothing is marked
_PROGRAM, _LIMITS = "clausewise.facsimile.drawing", Limits(seconds=30)
_TURN = Lock()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Page `number`, from 1. `text`: canonical text of that page and of those beside it, `first` to `last`; of that, `start` to
    `end` is to be marked, and nothing if they are the same.

    The pages beside it count because a reader joins what a page break cut: the rest of a table's row is told with its start.
    """

    number: int
    first: int
    last: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Facsimile:
    """`png`: the page's image, `width` by `height` pixels. `share`: of the wanted letters, how many were found, 0 to 1.

    `boxes`: what is marked, a box for each line; none where `share` is below SURE. `pages`: numbers of the pages, of this and
    those beside it, that the letters stand on.
    """

    png: bytes
    width: int
    height: int
    share: float = 0.0
    boxes: tuple[Box, ...] = ()
    pages: tuple[int, ...] = ()

    @property
    def sure(self) -> bool:
        return self.share >= SURE


def wanted(document: Document, number: int, span: Span) -> Wanted:
    """What is to be drawn of page `number`, with what stands of `span` on it marked; the span may be empty."""
    first, last = max(number - 1, 1), min(number + 1, len(document.pages))
    begin = document.pages[first - 1]
    end = document.pages[last] if last < len(document.pages) else len(document.text)
    start, stop = max(span.start, begin), min(span.end, end)
    return Wanted(number, first, last, document.text[begin:end], start - begin, max(stop, start) - begin)


def drawn(pdf: bytes, page: Wanted) -> Facsimile:
    """Raises NotDrawn where the file is damaged, needs a password or takes too much, and NotStarted or OSError where no process starts."""
    head, _, png = _answered(pdf, page).partition(b"\n")
    facts = json.loads(head)
    if "broken" in facts:
        raise _not_drawn(page, facts["broken"])
    return Facsimile(png, **{**facts, "boxes": tuple(map(tuple, facts["boxes"])), "pages": tuple(facts["pages"])})


def _answered(pdf: bytes, page: Wanted) -> bytes:
    """What the process that draws has to say."""
    try:
        with _TURN, Confined(_PROGRAM, _LIMITS) as drawing:
            return drawing.ask(json.dumps(asdict(page)).encode() + b"\n" + pdf)
    except Lost as lost:
        if lost.why in ("time", "late"):
            told = f"that takes more than {_LIMITS.seconds:g} seconds"
            raise NotDrawn(f"Page {page.number} cannot be drawn: {told}; open the file itself") from None
        raise _not_drawn(page, "it is damaged") from None


def _not_drawn(page: Wanted, why: str) -> NotDrawn:
    return NotDrawn(f"Page {page.number} cannot be drawn from the file ({why}); open it in a PDF program and save it again")
