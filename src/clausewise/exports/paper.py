"""What every paper in Word shares: its looks and properties, its foot, a line in small print. The same paper gives the same bytes."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from clausewise.exports.wording import legal
from clausewise.exports.zips import settled

INK = RGBColor(0x1F, 0x4E, 0x5F)
SOFT = RGBColor(0x56, 0x60, 0x68)


def begun(title: str, author: str, made: datetime) -> Any:
    """An empty paper on A4."""
    paper = docx.Document()
    _looks(paper)
    core = paper.core_properties
    core.title = legal(title)[:255]
    core.author = core.last_modified_by = legal(author)
    core.language, core.revision, core.comments = "en-GB", 1, ""
    core.created = core.modified = made
    return paper


def saved(paper: Any, made: datetime) -> bytes:
    """Its bytes, without a trace of when they were written."""
    out = BytesIO()
    paper.save(out)
    return settled(out.getvalue(), made)


def soft(paper: Any, text: str) -> Any:
    """A paragraph in small print."""
    paragraph = paper.add_paragraph()
    run = paragraph.add_run(legal(text))
    run.font.size, run.font.color.rgb = Pt(9), SOFT
    return paragraph


def quoted(paper: Any, lead_in: str | None, text: str) -> None:
    """The words of a quote, below those that it hangs from, and on one page with what comes next."""
    if lead_in:
        lead = paper.add_paragraph(style="Quote")
        lead.add_run("Lead-in: ").bold = True
        lead.add_run(legal(lead_in))
        lead.paragraph_format.keep_with_next = True
    paper.add_paragraph(legal(text), "Quote").paragraph_format.keep_with_next = True


def link(paragraph: Any, text: str, address: str) -> None:
    """Words in small print, at the end of a paragraph, that lead to an address."""
    run = paragraph.add_run(legal(text))
    run.font.size, run.font.underline, run.font.color.rgb = Pt(9), True, INK
    made = OxmlElement("w:hyperlink")
    made.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    made.append(run._r)
    paragraph._p.append(made)


def foot(paper: Any, text: str) -> None:
    """What stands at the foot of each page, with the page's number."""
    paragraph = paper.sections[0].footer.paragraphs[0]
    paragraph.add_run(legal(f"{text}. Page "))
    _field(paragraph, "PAGE")
    paragraph.add_run(" of ")
    _field(paragraph, "NUMPAGES")


def _looks(paper: Any) -> None:
    section = paper.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.PORTRAIT, Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    normal = paper.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(4)
    for name, size in (("Title", 24), ("Heading 1", 16), ("Heading 2", 13), ("Heading 3", 11)):
        font = paper.styles[name].font
        font.name, font.size, font.color.rgb = "Calibri", Pt(size), INK
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            paper.styles[name].element.rPr.rFonts.attrib.pop(qn(f"w:{theme}"), None)
    quote = paper.styles["Quote"]
    quote.font.name, quote.font.italic, quote.font.size = "Cambria", False, Pt(10.5)
    quote.paragraph_format.left_indent, quote.paragraph_format.space_after = Cm(0.8), Pt(2)
    for language in paper.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")


def _field(paragraph: Any, name: str) -> None:
    """A number that Word fills in."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = OxmlElement("w:r")
    run.text = "1"
    field.append(run)
    paragraph._p.append(field)
