"""A page of a PDF as it is printed, with a quote marked on it: the only room that knows pdfium.

pdfium is C++ and a policy is anybody's file, so a page is drawn by a process of its own (`python -m clausewise.facsimile`),
one at a time: what a file breaks, or holds up, is that process, and never the server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from clausewise.errors import NotDrawn
from clausewise.letters import aligned, letters
from clausewise.types import Document, Span

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels from the upper left corner
SURE = 0.95  # of a quote's letters must be found on the page, or nothing is marked
_WIDTH, _TALLEST = 1240, 3600  # pixels: A4 at 150 dots per inch; a page of whatever size is drawn no larger
_SECONDS, _BYTES = 30, 1 << 30  # that the process may take
_MOST = 60_000  # letters on a page
_APART = 3.0  # line heights: what stands further off on the same line is another column, or another cell
_PAD = 3.0
_MARK, _EDGE, _HALO = (255, 231, 92), (102, 72, 0), (255, 255, 255)
_TURN = Lock()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Page `number`, from 1; `text`: its canonical text; `start` to `end`: what is to be marked of that, nothing if they are the same."""

    number: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Facsimile:
    """`png`: the page's image, `width` by `height` pixels. `share`: of the wanted letters, how many were found (1 where none are).

    `boxes`: what is marked, a box for each line; none where `share` is below SURE.
    """

    png: bytes
    width: int
    height: int
    share: float
    boxes: tuple[Box, ...]


def wanted(document: Document, number: int, span: Span | None) -> Wanted:
    """What is to be drawn of page `number`: of `span`, the part that stands on it. Raises IndexError where there is no such page."""
    begin = document.pages[number - 1]
    end = document.pages[number] if number < len(document.pages) else len(document.text)
    start, stop = (max(span.start, begin), min(span.end, end)) if span else (begin, begin)
    return Wanted(number, document.text[begin:end], start - begin, max(stop, start) - begin)


def drawn(pdf: bytes, page: Wanted) -> Facsimile:
    """The page, drawn by another process. Raises NotDrawn where the file is damaged, needs a password or takes too long."""
    told = json.dumps(asdict(page)).encode() + b"\n"
    command = [sys.executable, "-P", "-m", "clausewise.facsimile"]
    home = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    try:
        with _TURN:
            ended = subprocess.run(command, input=told + pdf, capture_output=True, timeout=_SECONDS, env=home)
    except subprocess.TimeoutExpired:
        raise NotDrawn(f"page {page.number} took more than {_SECONDS} seconds to draw; save the policy again as PDF") from None
    except OSError as error:
        raise NotDrawn(f"page {page.number} cannot be drawn now ({error.strerror})") from None
    if ended.returncode:
        why = ended.stderr.decode("utf-8", "replace").strip() if ended.returncode == 1 else ""
        raise NotDrawn(f"page {page.number} cannot be drawn ({why or 'the file is damaged'}); save the policy again as PDF")
    head, _, png = ended.stdout.partition(b"\n")
    facts = json.loads(head)
    return Facsimile(png, facts["width"], facts["height"], facts["share"], tuple(map(tuple, facts["boxes"])))


def draw(pdf: bytes, page: Wanted) -> Facsimile:
    """The page, drawn here: only for a process that may break. Raises whatever pdfium does."""
    import pypdfium2

    opened = pypdfium2.PdfDocument(pdf)
    leaf = opened[page.number - 1]
    bitmap = leaf.render(scale=_scale(*leaf.get_size()))
    image = bitmap.to_pil().convert("RGB")
    boxes, share = _found(leaf, bitmap, page) if page.end > page.start else ((), 1.0)
    if boxes:
        image = _marked(image, boxes)
    kept = BytesIO()
    image.save(kept, "PNG")
    return Facsimile(kept.getvalue(), *image.size, share, boxes)


def _scale(width: float, height: float) -> float:
    return min(_WIDTH / width, _TALLEST / height)


def _found(leaf: Any, bitmap: Any, page: Wanted) -> tuple[tuple[Box, ...], float]:
    """Boxes of the wanted letters, and the share that was found."""
    textpage = leaf.get_textpage()
    printed = _characters(textpage)
    spelt, places = letters(printed)
    own, offsets = letters(page.text)
    sought = [n for n, offset in enumerate(offsets) if page.start <= offset < page.end]
    if not sought or len(spelt) > _MOST:
        return (), 0.0
    met = aligned(own, spelt)
    hits = [places[at] for n in sought if (at := met[n]) is not None]
    share = len(hits) / len(sought)
    if share < SURE:
        return (), share
    position = bitmap.get_posconv(leaf)
    chosen = _with_stops(sorted(set(hits)), printed, page)
    boxes = (_in_pixels(textpage.get_charbox(at), position) for at in chosen)
    return tuple(_clipped(lines(boxes), bitmap.width, bitmap.height)), share


def _characters(textpage: Any) -> list[str]:
    """The page's characters as pdfium numbers them; what has no meaning is a space."""
    from pypdfium2 import raw

    codes = [raw.FPDFText_GetUnicode(textpage, at) for at in range(textpage.count_chars())]
    return [chr(code) if 32 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else " " for code in codes]


def _with_stops(chosen: list[int], printed: Sequence[str], page: Wanted) -> list[int]:
    """The characters at `chosen`, with a stop or mark that the wanted words end with."""
    after, last = chosen[-1] + 1, page.text[page.start : page.end].rstrip()[-1:]
    ends = after < len(printed) and printed[after] == last and not last.isalnum()
    return [*chosen, after] if ends else chosen


def _in_pixels(box: Sequence[float], position: Any) -> Box:
    """`box`: left, bottom, right, top in the page's own units, as it is before it is turned."""
    left, bottom, right, top = box
    x, y = zip(position.to_bitmap(left, bottom), position.to_bitmap(right, top), strict=True)
    return min(x), min(y), max(x), max(y)


def lines(boxes: Iterable[Box]) -> Iterator[Box]:
    """Letters' boxes in reading order -> one for each line, or for each part of one that stands apart."""
    line: Box | None = None
    for box in boxes:
        if line and _goes_on(line, box):
            line = min(line[0], box[0]), min(line[1], box[1]), max(line[2], box[2]), max(line[3], box[3])
        else:
            if line:
                yield line
            line = box
    if line:
        yield line


def _goes_on(line: Box, box: Box) -> bool:
    heights = line[3] - line[1], box[3] - box[1]
    level = min(line[3], box[3]) - max(line[1], box[1]) >= min(heights) / 2
    return level and -max(heights) <= box[0] - line[2] <= _APART * max(heights)


def _clipped(boxes: Iterable[Box], width: int, height: int) -> Iterator[Box]:
    """With some room around each; what lies off the page is left out."""
    for left, top, right, bottom in boxes:
        box = max(left - _PAD, 0), max(top - _PAD, 0), min(right + _PAD, width - 1), min(bottom + _PAD, height - 1)
        if box[0] < box[2] and box[1] < box[3]:
            yield box


def _marked(image: Image, boxes: Iterable[Box]) -> Image:
    """Yellow lets the letters through; the edge, dark within light, is seen without colour and on any ground."""
    from PIL import Image, ImageChops, ImageDraw

    tint = Image.new("RGB", image.size, "white")
    for box in boxes:
        ImageDraw.Draw(tint).rectangle(box, fill=_MARK)
    marked = ImageChops.multiply(image, tint)
    pen = ImageDraw.Draw(marked)
    for left, top, right, bottom in boxes:
        pen.rectangle((left - 3, top - 3, right + 3, bottom + 3), outline=_HALO, width=1)
        pen.rectangle((left - 2, top - 2, right + 2, bottom + 2), outline=_EDGE, width=2)
    return marked


def _main() -> None:
    """Draws what standard input asks for: a line of JSON (`Wanted`), then the PDF."""
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    page = Wanted(**json.loads(sys.stdin.buffer.readline()))
    try:
        made = draw(sys.stdin.buffer.read(), page)
    except Exception as error:  # whatever a damaged file raises
        sys.exit(" ".join(str(error).split())[:100] or type(error).__name__)
    facts = {"width": made.width, "height": made.height, "share": made.share, "boxes": made.boxes}
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + made.png)


if __name__ == "__main__":
    _main()
