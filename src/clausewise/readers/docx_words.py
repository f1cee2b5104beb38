"""The words of one Word paragraph, and how they look. Works on XML elements; opens no file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from clausewise.readers.numbering import W

_WORDLESS = {  # deleted and moved-away text, pictures and text boxes (read apart), properties, field codes
    f"{W}{name}" for name in ("del", "moveFrom", "drawing", "pict", "object", "pPr", "rPr", "instrText", "delText", "rubyPr", "rt")
}  # fmt: skip
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SYMBOLS = {  # Wingdings' ticks and boxes, the symbols that forms are filled in with
    "F0FC": "✓", "F0FE": "☑", "F0A8": "☐", "F06F": "☐", "F0FB": "✗", "F0FD": "☒", "F0B7": "•", "F0A7": "▪", "F0E0": "→",
}  # fmt: skip


def pieces(element: Any) -> Iterator[tuple[str, Any]]:
    """(text, its run) in order: inserted text counts, deleted does not; footnote marks read as "[1]"."""
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _WORDLESS or child.tag == _FALLBACK:
            continue
        if child.tag == f"{W}r" and not _hidden(child):
            yield from ((text, child) for text in _run(child))
        elif child.tag not in (f"{W}r", f"{W}p", f"{W}tbl"):
            yield from pieces(child)


def _run(run: Any) -> Iterator[str]:
    for child in run:
        name = str(child.tag).removeprefix(W)
        if name == "t":
            yield child.text or ""
        elif name in ("footnoteReference", "endnoteReference"):
            yield f"\0{name[0]}{child.get(f'{W}id')}\0"
        elif name in ("br", "cr"):
            yield "" if child.get(f"{W}type") in ("page", "column") else "\n"
        else:
            yield {"tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}.get(name, "") or _symbol(child, name)


def _symbol(child: Any, name: str) -> str:
    return _SYMBOLS.get(str(child.get(f"{W}char")).upper(), "") if name == "sym" else ""


def _hidden(run: Any) -> bool:
    return _on(run.find(f"{W}rPr"), "vanish") is True


def _on(properties: Any, name: str) -> bool | None:
    """A switch such as bold; None where the properties do not say."""
    switch = properties.find(f"{W}{name}") if properties is not None else None
    return None if switch is None else switch.get(f"{W}val") not in ("0", "false", "off", "none")


def runs(paragraph: Any, style_is_bold: bool) -> Iterator[tuple[str, bool]]:
    """Its text in pieces, and whether each is bold."""
    for text, run in pieces(paragraph):
        stated = _on(run.find(f"{W}rPr"), "b")
        yield text, style_is_bold if stated is None else stated


def text_boxes(paragraph: Any) -> list[Any]:
    """Contents of the text boxes anchored here. Word writes each twice; the copy for old programs is left out."""
    return [box for box in paragraph.iter(f"{W}txbxContent") if not _within(box, paragraph, (_FALLBACK, f"{W}txbxContent"))]


def _within(element: Any, limit: Any, tags: tuple[str, ...]) -> bool:
    parent = element.getparent()
    while parent is not None and parent is not limit:
        if parent.tag in tags:
            return True
        parent = parent.getparent()
    return False


def switched_on(properties: Any, name: str) -> bool:
    return _on(properties, name) is True
