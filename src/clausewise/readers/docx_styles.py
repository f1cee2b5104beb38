"""What a Word paragraph's styles say of it: heading level, list, indent, boldness. Works on XML; opens no file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from clausewise.readers.docx_words import switched_on
from clausewise.readers.numbering import W, indent_of

_TITLES = {"title": 1, "subtitle": 2}
_MAX_LEVEL = 6


@dataclass(slots=True)
class Styles:
    """The document's paragraph styles by id."""

    by_id: dict[str, Any] = field(default_factory=dict)
    default: str = ""

    def chain(self, paragraph: Any) -> Iterator[Any]:
        """The paragraph's style, then those that it is based on."""
        stated = paragraph.find(f"{W}pPr/{W}pStyle")
        name = stated.get(f"{W}val") if stated is not None else self.default
        seen: set[str] = set()
        while name in self.by_id and name not in seen:
            seen.add(name)
            yield self.by_id[name]
            base = self.by_id[name].find(f"{W}basedOn")
            name = base.get(f"{W}val") if base is not None else ""

    def heading(self, paragraph: Any) -> int | None:
        """Level from 1 to 6 of a heading; None for other paragraphs."""
        own = paragraph.find(f"{W}pPr/{W}outlineLvl")
        if own is not None:
            return _outline(own)
        for style in self.chain(paragraph):
            name = style.find(f"{W}name")
            level = _named(str(name.get(f"{W}val")) if name is not None else "")
            outline = style.find(f"{W}pPr/{W}outlineLvl")
            if level or outline is not None:
                return level or _outline(outline)
        return None

    def numbering(self, paragraph: Any) -> tuple[str, int] | None:
        """(list, depth) of a paragraph in an automatic list. Its own setting goes before its styles'; list 0 is none."""
        num: str | None = None
        depth: int | None = None
        for holder in (paragraph, *self.chain(paragraph)):
            found = holder.find(f"{W}pPr/{W}numPr")
            if found is None:
                continue
            number, level = found.find(f"{W}numId"), found.find(f"{W}ilvl")
            num = number.get(f"{W}val") if num is None and number is not None else num
            depth = int(level.get(f"{W}val")) if depth is None and level is not None else depth
            if num is not None:
                break
        return None if num in (None, "0") else (str(num), depth or 0)

    def indent(self, paragraph: Any) -> tuple[int | None, int | None]:
        """(own, style's) left indent in twentieths of a point."""
        styles = (indent_of(style.find(f"{W}pPr")) for style in self.chain(paragraph))
        return indent_of(paragraph.find(f"{W}pPr")), next((i for i in styles if i is not None), None)

    def bold(self, paragraph: Any) -> bool:
        for style in self.chain(paragraph):
            properties = style.find(f"{W}rPr")
            if properties is not None and properties.find(f"{W}b") is not None:
                return switched_on(properties, "b")
        return False

    def is_contents(self, paragraph: Any) -> bool:
        """Whether it is an entry of an automatic contents list."""
        names = (style.find(f"{W}name") for style in self.chain(paragraph))
        return any(re.match(r"toc \d", str(name.get(f"{W}val")).lower()) for name in names if name is not None)


def read_styles(root: Any) -> Styles:
    """From the root element of styles.xml."""
    styles = Styles()
    for style in root.iter(f"{W}style"):
        if style.get(f"{W}type") == "paragraph":
            styles.by_id[style.get(f"{W}styleId")] = style
            if style.get(f"{W}default") in ("1", "true"):
                styles.default = style.get(f"{W}styleId")
    return styles


def _outline(element: Any) -> int | None:
    """Word counts outline levels from 0; 9 is body text."""
    level = int(element.get(f"{W}val"))
    return min(level + 1, _MAX_LEVEL) if 0 <= level < 9 else None


def _named(name: str) -> int | None:
    lowered = name.lower()
    if found := re.fullmatch(r"heading (\d)", lowered):
        return min(int(found.group(1)), _MAX_LEVEL)
    return _TITLES.get(lowered)
