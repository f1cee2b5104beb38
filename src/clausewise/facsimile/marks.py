"""Boxes around letters -> boxes around lines, and how they look on a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from clausewise.facsimile import Box

if TYPE_CHECKING:
    from PIL.Image import Image

_APART = 3.0  # line heights: what stands further off on the same line is in another column, or another cell
_PAD = 3.0  # pixels
_MARK, _EDGE, _HALO = (255, 231, 92), (102, 72, 0), (255, 255, 255)


def lines(letters: Iterable[Box]) -> list[Box]:
    """Letters' boxes in reading order -> one for each line, or for each part of one that stands apart."""
    found: list[Box] = []
    for box in letters:
        if found and _goes_on(found[-1], box):
            line = found.pop()
            found.append((min(line[0], box[0]), min(line[1], box[1]), max(line[2], box[2]), max(line[3], box[3])))
        else:
            found.append(box)
    return found


def _goes_on(line: Box, box: Box) -> bool:
    heights = line[3] - line[1], box[3] - box[1]
    level = min(line[3], box[3]) - max(line[1], box[1]) >= min(heights) / 4  # a comma hangs low
    return level and line[0] <= box[0] <= line[2] + _APART * max(heights)


def clipped(boxes: Iterable[Box], width: int, height: int) -> Iterator[Box]:
    """With some room around each; what lies off the page is left out."""
    for left, top, right, bottom in boxes:
        box = max(left - _PAD, 0), max(top - _PAD, 0), min(right + _PAD, width - 1), min(bottom + _PAD, height - 1)
        if box[0] < box[2] and box[1] < box[3]:
            yield box


def marked(image: Image, boxes: Iterable[Box]) -> Image:
    """Yellow lets the letters through; the edge, dark within light, is seen without colour and on any ground."""
    from PIL import Image, ImageChops, ImageDraw

    tint = Image.new("RGB", image.size, "white")
    for box in boxes:
        ImageDraw.Draw(tint).rectangle(box, fill=_MARK)
    made = ImageChops.multiply(image, tint)
    pen = ImageDraw.Draw(made)
    for left, top, right, bottom in boxes:
        pen.rectangle((left - 2, top - 2, right + 2, bottom + 2), outline=_HALO)
        pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=_EDGE, width=2)
    return made
