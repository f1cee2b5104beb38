"""Write a source as a Word document: heading styles, automatic or typed numbers, nested bullets, tables, header and footer.

`numbering: auto` takes the typed numbers out of the text and lets a multilevel list produce them, as most
schools' templates do; `typed` leaves them in the text; `none` has none.
"""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from source import Block, Source

STAMP = (2026, 1, 1, 0, 0, 0)
LIST_ID = 77
LEVELS = [("decimal", "%1.", "Heading1"), ("decimal", "%1.%2", "Clause"), ("lowerLetter", "(%3)", None)]


def multilevel_list() -> str:
    """The abstract list that numbers headings 1., clauses 1.1 and sub-clauses (a)."""
    levels = ""
    for depth, (kind, pattern, style) in enumerate(LEVELS):
        link = f'<w:pStyle w:val="{style}"/>' if style else ""
        levels += (
            f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{link}<w:lvlText w:val="{pattern}"/>'
            f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{(0, 567, 1134)[depth] or 567}" w:hanging="567"/></w:pPr></w:lvl>'
        )
    return f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{LIST_ID}"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'


def add_numbering(document: WordDocument) -> None:
    """Put the multilevel list into numbering.xml, and tie the heading and clause styles to it."""
    numbering = document.part.numbering_part.element
    first_number = numbering.find(qn("w:num"))
    first_number.addprevious(parse_xml(multilevel_list()))
    number = f'<w:num {nsdecls("w")} w:numId="{LIST_ID}"><w:abstractNumId w:val="{LIST_ID}"/></w:num>'
    numbering.append(parse_xml(number))
    for depth, style in enumerate(["Heading 1", "Clause"]):
        number_paragraphs(document.styles[style].element.get_or_add_pPr(), depth)


def number_paragraphs(properties, depth: int) -> None:
    """Make the paragraphs with these properties items of the multilevel list."""
    number = properties.get_or_add_numPr()
    number.get_or_add_ilvl().val = depth
    number.get_or_add_numId().val = LIST_ID


def add_runs(paragraph, text: str) -> None:
    """Add text, with bold and italic as runs of their own."""
    for part in re.split(r"(\*\*.+?\*\*|\*.+?\*)", text.replace("\u00ac", "")):
        run = paragraph.add_run(part.strip("*"))
        run.bold = True if part.startswith("**") else None
        run.italic = True if part.startswith("*") and not part.startswith("**") else None


def add_field(paragraph, code: str) -> None:
    """Add a Word field such as PAGE."""
    run = paragraph.add_run()
    for kind in ("begin", None, "end"):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = code
        run._r.append(element)


def add_table(document: WordDocument, rows: list[list[str]]) -> None:
    """A ruled table; its first row is marked as a header that repeats."""
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for index, row in enumerate(rows):
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            add_runs(cell.paragraphs[0], f"**{text}**" if index == 0 and text else text)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.add_paragraph()


def add_block(document: WordDocument, block: Block, numbering: str) -> None:
    """Add one block in the style that it asks for."""
    if block.kind == "table":
        return add_table(document, block.rows)
    auto = numbering == "auto"
    separator = " " if block.kind == "heading" else "\t"
    typed = f"{block.number}{separator}{block.text}" if block.number and not auto else block.text
    style = {
        "heading": f"Heading {block.depth}",
        "bullet": "List Bullet" if block.depth == 1 else f"List Bullet {block.depth}",
        "clause": "Clause" if auto else None,
        "letter": "List Paragraph",
    }.get(block.kind)
    paragraph = document.add_paragraph(style=style)
    if auto and block.kind == "letter":
        number_paragraphs(paragraph._p.get_or_add_pPr(), 2)
    add_runs(paragraph, typed)


def set_up(document: WordDocument, source: Source) -> None:
    """Fonts, margins, header, footer and fixed properties."""
    meta, section = source.meta, document.sections[0]
    document.styles["Normal"].font.name = "Calibri"
    document.styles["Normal"].font.size = Pt(11)
    document.styles["Normal"].paragraph_format.space_after = Pt(6)
    for name in ("Title", "Heading 1", "Heading 2"):
        document.styles[name].font.color.rgb = RGBColor(0x1F, 0x4E, 0x5F)
    document.styles.add_style("Clause", WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Normal"]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.header.paragraphs[0].text = meta["header"]
    footer = section.footer.paragraphs[0]
    footer.text = meta["footer"] + "\tPage "
    add_field(footer, "PAGE")
    footer.add_run(" of ")
    add_field(footer, "NUMPAGES")
    core = document.core_properties
    core.title, core.author, core.subject = meta["title"], meta["school"], meta["trust"]
    core.created = core.modified = dt.datetime(*STAMP, tzinfo=dt.UTC)
    core.last_modified_by, core.comments, core.revision = meta["school"], "", 1


def freeze(data: bytes) -> bytes:
    """The same archive with fixed dates, so that every build gives the same bytes."""
    frozen = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(frozen, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, STAMP), old.read(name), zipfile.ZIP_DEFLATED)
    return frozen.getvalue()


def write_docx(source: Source, path: Path) -> None:
    """Build the document and write it to `path`."""
    document = Document()
    set_up(document, source)
    numbering = source.meta.get("numbering", "typed")
    if numbering == "auto":
        add_numbering(document)
    document.add_paragraph(source.meta["school"])
    document.add_paragraph(source.meta["title"], style="Title")
    document.add_paragraph(source.meta["subtitle"])
    for block in source.body():
        add_block(document, block, numbering)
    buffer = io.BytesIO()
    document.save(buffer)
    path.write_bytes(freeze(buffer.getvalue()))
