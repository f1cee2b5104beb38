"""Write a source as HTML, Markdown or plain text. Only the test policy in five formats needs these."""

import html
import re
from itertools import groupby
from pathlib import Path

from source import Block, Source


def clean(text: str) -> str:
    """Text without the marks for bold, italic and hyphens."""
    return re.sub(r"\*+", "", text.replace("\u00ac", ""))


def table_lines(rows: list[list[str]], rule: bool) -> list[str]:
    """A table as lines with bars, with Markdown's rule under the header if wanted."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "| " + " | ".join("---" for _ in rows[0]) + " |", *lines[1:]] if rule else lines


def text_lines(block: Block, markdown: bool) -> list[str]:
    """The lines of one block."""
    if block.kind == "table":
        return table_lines(block.rows, markdown)
    text = block.text if markdown else clean(block.text)
    marks = {"heading": "#" * (block.depth + 1) if markdown else "", "bullet": "  " * (block.depth - 1) + "-"}
    start = [marks.get(block.kind, ""), block.number]
    return [" ".join(part for part in (*start, text) if part)]


def write_lines(source: Source, path: Path, markdown: bool) -> None:
    """Write Markdown or plain text: list items on consecutive lines, a blank line around everything else."""
    title = source.meta["title"]
    groups = [[source.meta["school"]], [f"# {title}" if markdown else title], [source.meta["subtitle"]]]
    for in_list, blocks in groupby(source.body(), key=lambda b: b.kind == "bullet"):
        lines = [text_lines(block, markdown) for block in blocks]
        groups.extend([[line for item in lines for line in item]] if in_list else lines)
    path.write_text("\n\n".join("\n".join(group) for group in groups) + "\n", encoding="utf-8", newline="\n")


def html_list(items: list[Block]) -> str:
    """A run of bullets as nested lists."""
    out, depth = "", 0
    for item in items:
        out += "<ul>" * (item.depth - depth) + "</li></ul>" * (depth - item.depth)
        out += "</li>" if item.depth <= depth else ""
        out += f"\n<li>{html.escape(clean(item.text), quote=False)}"
        depth = item.depth
    return out + "</li></ul>" * depth


def html_table(rows: list[list[str]]) -> str:
    """A table whose first row is its header."""
    lines = []
    for index, row in enumerate(rows):
        tag = "td" if index else "th"
        lines.append("<tr>" + "".join(f"<{tag}>{html.escape(cell, quote=False)}</{tag}>" for cell in row) + "</tr>")
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def html_block(block: Block) -> str:
    """One block, other than a bullet, as an element."""
    if block.kind == "table":
        return html_table(block.rows)
    text = html.escape(clean(f"{block.number} {block.text}".strip()), quote=False)
    return f"<h{block.depth + 1}>{text}</h{block.depth + 1}>" if block.kind == "heading" else f"<p>{text}</p>"


def write_html(source: Source, path: Path) -> None:
    """Write a small HTML page with one element for each block."""
    title, school, subtitle = (html.escape(source.meta[key], quote=False) for key in ("title", "school", "subtitle"))
    parts = [f"<p>{school}</p>", f"<h1>{title}</h1>", f"<p>{subtitle}</p>"]
    for in_list, group in groupby(source.body(), key=lambda b: b.kind == "bullet"):
        blocks = list(group)
        parts.extend([html_list(blocks)] if in_list else map(html_block, blocks))
    page = f'<!DOCTYPE html>\n<html lang="en-GB">\n<head><meta charset="utf-8"><title>{title}</title></head>\n<body>\n'
    path.write_text(page + "\n".join(parts) + "\n</body>\n</html>\n", encoding="utf-8", newline="\n")
