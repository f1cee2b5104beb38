"""Read a policy source: front matter, then blocks in a small Markdown-like notation.

The front matter is `key: value` lines up to a line `---`. A block starts with a mark and runs to the next
mark or blank line: `# heading`, `1.1 clause`, `(a) sub-clause`, `- bullet` (two spaces deeper per level),
`| table | row |`, `[^1]: footnote`; anything else is a paragraph. Inside a block, `**bold**`, `*italic*`,
`[^1]` (a footnote's marker) and `¬` (where a PDF may break a word with a hyphen) are understood.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

MARKS = [
    ("heading", re.compile(r"(?P<depth>#{1,2}) (?:(?P<number>\d+\.\d*) )?(?P<text>.*)")),
    ("clause", re.compile(r"(?P<number>\d+\.\d+) (?P<text>.*)")),
    ("letter", re.compile(r"(?P<number>\([a-z]\)) (?P<text>.*)")),
    ("bullet", re.compile(r"(?P<depth> *)- (?P<text>.*)")),
    ("note", re.compile(r"\[\^(?P<number>\d+)\]: (?P<text>.*)")),
]
RULE_ROW = re.compile(r"\|(?: *-+ *\|)+$")


@dataclass
class Block:
    """One unit of a policy; `depth` is a heading's level or a bullet's nesting, both from 1."""

    kind: str
    text: str = ""
    number: str = ""
    depth: int = 1
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Source:
    """A policy: its front matter and its blocks."""

    meta: dict[str, str]
    blocks: list[Block]

    def notes(self) -> dict[str, str]:
        """The footnotes by number."""
        return {b.number: b.text for b in self.blocks if b.kind == "note"}

    def body(self) -> list[Block]:
        """The blocks without the footnotes."""
        return [b for b in self.blocks if b.kind != "note"]


def read_source(path: Path) -> Source:
    """Parse the source file at `path`."""
    head, _, body = path.read_text(encoding="utf-8").partition("\n---\n")
    meta = dict(line.split(": ", 1) for line in head.splitlines())
    if meta.get("quotes") == "curly":
        body = body.replace("'", "\u2019")
        body = re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", body)
    return Source(meta, parse_blocks(body))


def parse_blocks(body: str) -> list[Block]:
    """Split the text after the front matter into blocks."""
    blocks: list[Block] = []
    open_block = False
    for line in body.splitlines():
        if not line.strip():
            open_block = False
        elif line.startswith("|"):
            add_row(blocks, line, open_block)
            open_block = True
        elif (block := marked_block(line)) is not None:
            blocks.append(block)
            open_block = True
        elif open_block:
            blocks[-1].text += " " + line.strip()
        else:
            blocks.append(Block("paragraph", line.strip()))
            open_block = True
    return blocks


def marked_block(line: str) -> Block | None:
    """The block that starts on this line, if it carries a mark."""
    for kind, pattern in MARKS:
        if found := pattern.match(line):
            parts = found.groupdict()
            depth = parts.get("depth") or ""
            level = len(depth) // 2 + 1 if kind == "bullet" else len(depth) or 1
            return Block(kind, parts["text"].strip(), parts.get("number") or "", level)
    return None


def add_row(blocks: list[Block], line: str, open_block: bool) -> None:
    """Add a table row to the open table, or start a table with it."""
    if RULE_ROW.match(line):
        return
    if not (open_block and blocks and blocks[-1].kind == "table"):
        blocks.append(Block("table"))
    blocks[-1].rows.append([cell.strip() for cell in line.strip("|").split("|")])
