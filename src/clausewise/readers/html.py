"""HTML pages: the only room that knows bs4."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from clausewise.readers.decoding import decode
from clausewise.readers.html_repair import close_open_tags
from clausewise.readers.numerals import numeral
from clausewise.readers.parts import Part, bold_heading, compose, rows
from clausewise.types import Source

_SILENT = {"script", "style", "template", "noscript", "head", "title", "meta", "link", "svg", "math", "iframe", "object"}
_CHROME = {"nav", "form", "button", "select", "textarea", "input", "dialog"}
_PAGE_EDGES = {"header", "footer"}
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_BLOCKS = {
    "html", "body", "div", "p", "section", "article", "main", "aside", "header", "footer", "blockquote", "pre", "address", "figure",
    "figcaption", "details", "summary", "dl", "dt", "dd", "ul", "ol", "menu", "li", "table", "hr", "fieldset", "center", "hgroup",
    "caption", "thead", "tbody", "tfoot", "tr", "td", "th", *_HEADINGS,
}  # fmt: skip
_LISTS = {"ul", "ol", "menu"}
_SPACES = re.compile(r"[ \t\n\r\f]+")
_BREAK = "\v"  # stands for <br> until white space has been folded; no HTML text can hold it
_BOLD = {"b", "strong"}


def read(data: bytes) -> Source:
    """Raises ReadError where `data` is no text."""
    soup = BeautifulSoup(decode(data, _declared(data)), "html.parser")
    close_open_tags(soup)
    walk = _Walk()
    walk.children(soup.body or soup)
    walk.flush()
    text, blocks, _ = compose(walk.parts)
    return Source(text, blocks, notes=tuple(walk.notes()))


def _declared(data: bytes) -> str | None:
    """The encoding that a meta element names."""
    found = re.search(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([-\w]+)", data[:4096], re.I)
    return found.group(1).decode("ascii") if found else None


@dataclass(slots=True)
class _Walk:
    """One pass over the page in order. Inline text gathers until a block begins or ends."""

    parts: list[Part] = field(default_factory=list)
    dropped: dict[str, list[str]] = field(default_factory=dict)
    inline: list[str] = field(default_factory=list)
    runs: list[tuple[str, bool]] = field(default_factory=list)
    links: list[bool] = field(default_factory=list)
    depth: int = -1
    marker: str = ""
    level: int | None = None
    term: bool = False

    def children(self, tag: Tag) -> None:
        for child in tag.children:
            self.visit(child)

    def visit(self, node: PageElement) -> None:
        if isinstance(node, NavigableString):
            self.say(node)
        elif isinstance(node, Tag):
            self.element(node)

    def say(self, node: NavigableString) -> None:
        if isinstance(node, PreformattedString):  # comments and the like are no text
            return
        if node.find_parent("sup") is not None and re.search(r"\d[.,]?$", "".join(self.inline)) and node[:1].isdigit():
            self.inline.append(" ")  # "the age of 18.", note 1, must not read as 18.1
        kept = str(node) if node.find_parent("pre") is None else str(node).replace("\n", _BREAK)
        self.inline.append(kept)
        if kept.strip():
            self.runs.append((kept, self.term or node.find_parent(_BOLD) is not None))
            self.links.append(node.find_parent("a") is not None or not any(map(str.isalnum, kept)))

    def element(self, tag: Tag) -> None:
        if tag.name in _SILENT:
            return
        if reason := _left_out(tag):
            self.dropped.setdefault(reason, []).append(_words(tag.get_text(" ")))
        elif tag.name == "br":
            self.inline.append(_BREAK)
        elif tag.name not in _BLOCKS:
            self.children(tag)
        else:
            self.block(tag)

    def block(self, tag: Tag) -> None:
        self.flush()
        special: dict[str, Callable[[Tag], None]] = {"table": self.table, **dict.fromkeys(_LISTS, self.list)}
        if tag.name in _HEADINGS:
            self.level = _HEADINGS[tag.name]
            self.children(tag)
            self.flush()
            self.level = None
        else:
            self.term = tag.name == "dt"
            special.get(tag.name, self.children)(tag)
            self.flush()
            self.term = False

    def list(self, tag: Tag) -> None:
        self.depth += 1
        number = _integer(tag.get("start"), 1)
        for child in tag.children:
            if isinstance(child, Tag) and child.name == "li":
                number = _integer(child.get("value"), number)
                self.item(child, "-" if tag.name != "ol" else _ordinal(number, str(tag.get("type") or "1")) + ".")
                number += 1
            else:
                self.visit(child)
                self.flush()
        self.depth -= 1

    def item(self, tag: Tag, marker: str) -> None:
        """Its first words bear the marker; what follows in blocks of its own is a paragraph or a deeper list."""
        self.flush()
        self.marker = marker
        self.children(tag)
        self.flush()
        self.marker = ""

    def flush(self) -> None:
        """End the block that inline text has gathered, if it holds any words."""
        words, runs, links = _words("".join(self.inline)), self.runs, self.links
        self.inline, self.runs, self.links = [], [], []
        if not words:
            return
        if self.level is not None:
            self.parts.append(Part("heading", words, self.level))
        elif self.marker:
            self.parts.append(Part("item", f"{self.marker} {words}", self.depth, self.marker))
            self.marker = ""
        elif len(links) > 2 and all(links) and self.depth < 0:
            self.dropped.setdefault("page's navigation", []).append(words)  # a line of nothing but links
        elif self.depth < 0 and bold_heading(words, runs):
            self.parts.append(Part("heading", words))
        else:
            self.parts.append(Part("plain", words, max(self.depth + 1, 0)))

    def table(self, tag: Tag) -> None:
        """A table of one column, or one that holds another, lays out the page; its cells are read as the page is."""
        lines = list(_rows(tag))
        cells = [_cells(line) for line in lines]
        if tag.find("table") or max(map(len, cells), default=0) < 2:
            self.children(tag)
            return
        for caption in tag.find_all("caption", recursive=False):
            self.children(caption)
            self.flush()
        words = [[_cell(cell) for cell in row] for row in cells]
        self.parts.extend(rows(words, bool(lines) and _is_header(lines[0], cells[0])))

    def notes(self) -> Iterator[str]:
        for what, said in self.dropped.items():
            if words := [w for w in said if w]:
                yield f'left out the {what}: "{_shortened("; ".join(words))}"'


def _left_out(tag: Tag) -> str:
    """Why an element is no part of the policy; "" where it is."""
    if tag.name in _CHROME:
        return {"nav": "page's navigation", "dialog": "page's dialogue"}.get(tag.name, "page's form")
    if tag.name in _PAGE_EDGES and tag.find_parent(["main", "article"]) is None:
        return f"page's {tag.name}"
    style = str(tag.get("style") or "").replace(" ", "").lower()
    return "hidden text" if tag.has_attr("hidden") or "display:none" in style else ""


def _rows(table: Tag) -> Iterator[Tag]:
    for row in table.find_all("tr"):
        if row.find_parent("table") is table:
            yield row


def _cells(row: Tag) -> list[Tag]:
    return row.find_all(["td", "th"], recursive=False)


def _cell(tag: Tag) -> str:
    """A cell's words; blocks within it begin on a new line, items with their marker."""
    walk = _Walk()
    walk.children(tag)
    walk.flush()
    return "\n".join(part.words for part in walk.parts)


def _is_header(row: Tag, cells: list[Tag]) -> bool:
    """In thead, or th throughout, or bold throughout."""
    filled = [cell for cell in cells if cell.get_text().strip()]
    return bool(filled) and (
        row.find_parent("thead") is not None or all(cell.name == "th" for cell in filled) or all(_all_bold(cell) for cell in filled)
    )


def _all_bold(cell: Tag) -> bool:
    return all(s.find_parent(_BOLD) is not None for s in cell.find_all(string=True) if s.strip())


def _words(raw: str) -> str:
    """White space folded as a browser does; a line break stays one."""
    lines = (_SPACES.sub(" ", line).strip(" ") for line in raw.split(_BREAK))
    return "\n".join(lines).strip("\n \u00a0")


def _shortened(words: str, limit: int = 120) -> str:
    folded = " ".join(words.split())
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "…"


def _integer(value: object, default: int) -> int:
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,6}", value.strip()) else default


def _ordinal(number: int, style: str) -> str:
    return numeral(number, {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}.get(style, "decimal"))
