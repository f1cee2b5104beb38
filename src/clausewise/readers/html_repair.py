"""End tags that HTML lets authors leave out. `html.parser` nests what follows instead of closing what was open."""

from __future__ import annotations

from typing import Any

_CLOSES = {  # a tag -> the open ones that it ends; their containers, beyond which it does not reach
    "li": ({"li"}, {"ul", "ol", "menu"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
    "td": ({"td", "th"}, {"tr", "table"}),
    "th": ({"td", "th"}, {"tr", "table"}),
    "tr": ({"tr"}, {"table"}),
    "thead": ({"thead", "tbody", "tfoot"}, {"table"}),
    "tbody": ({"thead", "tbody", "tfoot"}, {"table"}),
    "tfoot": ({"thead", "tbody", "tfoot"}, {"table"}),
}


def close_open_tags(soup: Any) -> None:
    """Move each item, cell, row and section out of the one before it that has no end tag."""
    for tag in soup.find_all(list(_CLOSES)):
        ends, containers = _CLOSES[tag.name]
        outer = tag.find_parent(list(ends | containers))
        if outer is not None and outer.name in ends:
            _move_after(outer, [tag, *tag.next_siblings])


def _move_after(outer: Any, moved: list[Any]) -> None:
    for node in reversed(moved):
        outer.insert_after(node.extract())
