"""HTML pages and texts that no school sends. Each is made by a function, the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable

RULE = "All staff wear a badge at the gate.\n\n"
MANY = 200_000  # bytes of a line that a pattern might choke on


def html(inside: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{inside}</body></html>".encode()


def again(piece: str, end: str = "", length: int = MANY) -> Callable[[], bytes]:
    """A rule, and a paragraph of one piece again and again."""
    return lambda: f"{RULE}{piece * (length // len(piece))}{end}\n\n{RULE}".encode()


# What a pattern of ours might try in every way that there is: piece, end.
LINES: dict[str, tuple[str, str]] = {
    "spaces": (" ", "x"), "no-break-spaces": ("\u00a0", "x"), "tabs": ("\t", "x"), "dots": (".", "x"), "dots-and-spaces": (". ", "x"), "hashes": ("#", "x"), "hashes-and-spaces": ("# ", "x"),
    "stars": ("*", "x"), "underscores": ("_", "x"), "dashes": ("- ", "x"), "bars": ("|", "x"), "bars-and-spaces": (" | ", "x"), "brackets": ("(", "x"), "bookmarks": ("[bookmark: ", "x"),
    "bold": ("<b>", "x"), "numbers": ("1.", "x"), "digits": ("1", "x"), "thousands": ("1,111", "x"), "roman": ("ivx", "x"), "names": ("Aaa ", "x"), "names-of-schools": ("St. Of The ", "x"),
    "school": ("School", "x"), "dates": ("1 May 2026 ", "x"), "nearly-dates": ("1 May 202 ", "x"), "reviewed": ("reviewed ", "1 May 2026"), "before-a-date": ("of the ", "1 May 2026"), "capitals-before-a-date": ("Approved Of The Abc ", "1 May 2026"),
    "policy-before-a-date": ("policy ", "1 May 2026"), "signed": ("Signed ", "x"), "signed-by": ("Signed by the of ", "x"), "signature-lines": ("Date: ____ ", "x"), "contents": ("a\t1 ", "x"), "ends": (". A", "x"), "quotes": (".” ", "x"), "footnotes": ("<sup>1", "x"),
    "must": ("must not ", "x"), "following": ("following must ", ":"), "semicolons": ("; and ", "; or"), "colons": ("a: ", "x"), "rules": ("-_*=", "x"), "at-signs": ("a@", "x"), "apostrophes": ("a’", "x"), "ellipses": ("… ", "x"), "lines": ("a\n", "x"), "items": ("- a\n", "x"), "letters": ("A1 ", "x"),
}  # fmt: skip
FILES: dict[str, Callable[[], bytes]] = {
    "million-tags.html": lambda: html("<div>" * 1_000_000 + RULE),
    "thousand-tags-deep.html": lambda: html("<div>" * 3_000 + RULE),
    "bold-and-deep.html": lambda: html("<b><i>" * 700 + RULE + "</i></b>" * 700),
    "million-attributes.html": lambda: html("<p " + "".join(f"a{n}=1 " for n in range(1_000_000)) + f">{RULE}"),
    "huge-attribute.html": lambda: html(f"<p title='{'a' * 30_000_000}'>{RULE}"),
    "attribute-without-end.html": lambda: html(f"<p title='{'a' * 3_000_000}"),
    "comment-without-end.html": lambda: html(f"{RULE}<!-- {'- ' * 1_000_000}"),
    "comments-begun.html": lambda: html(RULE + "<!--" * 500_000),
    "declarations-begun.html": lambda: html(RULE + "<!" * 500_000),
    "sections-begun.html": lambda: html(RULE + "<![CDATA[" * 200_000),
    "instructions-begun.html": lambda: html(RULE + "<?" * 500_000),
    "tags-begun.html": lambda: html(RULE + "<a " * 500_000),
    "ends-begun.html": lambda: html(RULE + "</" * 500_000),
    "script-without-end.html": lambda: html(RULE + "<script>" + "</scrip" * 300_000),
    "entities.html": lambda: html(RULE + "&#99999999999999999999;&#x110000;&#xD800;&notanentity;&" * 50_000),
    "entity-without-end.html": lambda: html(RULE + "&#" + "9" * 100_000),
    "items-without-end.html": lambda: html("<ul>" + f"<li>{RULE}" * 20_000),
    "cells-without-end.html": lambda: html("<table>" + f"<tr><td>{RULE}<td>{RULE}" * 10_000),
    "lists-in-lists.html": lambda: html("<ul><li>a" * 50_000),
    "tables-in-tables.html": lambda: html("<table><tr><td>a<td>" * 20_000),
    "two-hundred-thousand-cells.html": lambda: html("<table>" + f"<tr>{'<td>a</td>' * 100}</tr>" * 2_000 + "</table>"),
    "list-from-a-billion.html": lambda: html("<ol type=i start=999999>" + f"<li>{RULE}</li>" * 10_000 + "</ol>"),
    "says-punycode.html": lambda: html(RULE * 20_000, "<meta charset=punycode>"),
    "says-zlib.html": lambda: html(RULE, "<meta charset=zlib>"),
    "says-utf-16.html": lambda: html(RULE * 100, "<meta charset=utf-16>"),
    "says-utf-7.html": lambda: html(RULE * 100 + "+ADw-script+AD4-", "<meta charset=utf-7>"),
    "nuls.txt": lambda: (RULE + "\0" * 1_000_000).encode(),
    "one-line.txt": lambda: (RULE.strip() + " ").encode() * 1_300_000,
    "one-word.txt": lambda: b"a" * 49_000_000,
    "empty-lines.txt": lambda: RULE.encode() + b"\n" * 40_000_000 + RULE.encode(),
    "a-letter-a-line.txt": lambda: b"a\n\n" * 5_000_000,
    "combining-marks.txt": lambda: (RULE + "a" + "\u0301" * 2_000_000).encode(),
    "right-to-left.txt": lambda: (RULE + "\u202e\u2066" * 500_000 + "etag eht").encode(),
    "half-characters.txt": lambda: RULE.encode() + b"\xed\xa0\x80\xf4\x90\x80\x80\xff" * 10_000 + RULE.encode() * 10_000,
    "cut-utf-16.txt": lambda: b"\xff\xfe" + RULE.encode("utf-16-le") * 100 + b"\0",
    "million-headings.md": lambda: b"# Badges\n\n" * 1_000_000,
    "same-headings.md": lambda: f"# Badges\n\n{RULE}".encode() * 15_000,
    "other-headings.md": lambda: "".join(f"## {n} Badges of class {n}\n\n{RULE}" for n in range(15_000)).encode(),
    "nested-items.md": lambda: "".join(f"{' ' * n}- item {n}\n" for n in range(4_000)).encode(),
    "million-items.md": lambda: b"- a badge\n" * 1_000_000,
    "row-of-cells.md": lambda: (RULE + "| a " * 1_000_000 + "|\n").encode(),
    "million-rows.md": lambda: b"| a | b |\n" * 1_000_000,
    "long-headings.md": lambda: "".join(f"{'#' * level} {'a' * 100_000}\n\n" for level in range(1, 7)).encode() + RULE.encode() * 2_000,
    "long-lead-in.md": lambda: f"{'Staff wear ' * 10_000}:\n\n".encode() + b"- a badge\n" * 5_000,
    "long-paragraph.txt": lambda: (RULE.strip() + " ").encode() * 30_000,
    **{f"pattern-{name}.txt": again(*line) for name, line in LINES.items()},
}
