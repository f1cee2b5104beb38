"""Write a source as a PDF: running header and footer, contents with page numbers, footnotes, tables that cross pages."""

import os
import re
from functools import partial
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate, Paragraph, Spacer, Table
from reportlab.platypus.tableofcontents import TableOfContents
from source import Block, Source

LOOKS = {
    "sans": ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", HexColor("#1d4e79"), 10.5, 0),
    "serif": ("Times-Roman", "Times-Bold", "Times-Italic", HexColor("#5a1f2b"), 11.5, TA_JUSTIFY),
}
MARGIN = 24 * mm
STAMP = "1767225600"  # 1 January 2026, the date inside every file
GREY = HexColor("#666666")


class PageCountCanvas(Canvas):
    """A canvas that writes `Page 2 of 5` once the number of pages is known."""

    def __init__(self, *args, font: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.font = font
        self.pages: list[dict] = []

    def showPage(self):
        self.pages.append(dict(self.__dict__))
        self._startPage()

    def save(self):
        for page in self.pages:
            self.__dict__.update(page)
            self.setFont(self.font, 8.5)
            self.setFillColor(GREY)
            self.drawRightString(A4[0] - MARGIN, 14 * mm, f"Page {self._pageNumber} of {len(self.pages)}")
            super().showPage()
        super().save()


class Footnote(Flowable):
    """Takes no room where it stands; puts its text at the foot of the page that it lands on."""

    def __init__(self, paragraph: Paragraph):
        super().__init__()
        self.paragraph = paragraph

    def wrap(self, width, height):
        return 0, 0

    def draw(self):
        self.canv._doctemplate.footnotes.append(self.paragraph)


class Contents(TableOfContents):
    """A contents list with each entry, its dots and its page as one line of text, in reading order."""

    def __init__(self, style: ParagraphStyle):
        super().__init__()
        self.style = style

    def wrap(self, width, height):
        lines = [[self.entry(width, *entry)] for entry in self._lastEntries] or [[""]]
        self._table = Table(lines, [width], style=[("LEFTPADDING", (0, 0), (-1, -1), 0), ("BOTTOMPADDING", (0, 0), (-1, -1), 0)])
        self.width, self.height = self._table.wrapOn(self.canv, width, height)
        return self.width, self.height

    def entry(self, width: float, level: int, text: str, page: int, key: str) -> Paragraph:
        """One line, filled with dots to the width."""
        measure = partial(stringWidth, fontName=self.style.fontName, fontSize=self.style.fontSize)
        dots = "." * int((width - 14 - measure(f"{text}  {page}")) / measure("."))
        return Paragraph(f'<a href="#{key}">{text} {dots} {page}</a>', self.style)


class PolicyTemplate(BaseDocTemplate):
    """Page furniture, entries for the contents page, bookmarks."""

    def __init__(self, filename: str, source: Source, styles: dict[str, ParagraphStyle]):
        meta = source.meta
        super().__init__(filename, pagesize=A4, pageCompression=1, title=meta["title"], author=meta["school"], subject=meta["trust"])
        self.meta, self.styles, self.footnotes = meta, styles, []
        frame = Frame(MARGIN, 28 * mm, A4[0] - 2 * MARGIN, A4[1] - 54 * mm, id="body", leftPadding=0, rightPadding=0)
        self.addPageTemplates(PageTemplate("page", [frame], onPage=draw_header, onPageEnd=draw_foot))

    def afterFlowable(self, flowable):
        if getattr(flowable, "style", None) and flowable.style.name == "heading":
            text, key = flowable.getPlainText(), f"section-{self.seq.nextf('section')}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(text, key)
            self.notify("TOCEntry", (0, text, self.page, key))


def draw_header(canvas: Canvas, template: PolicyTemplate) -> None:
    """The running header, on every page but the first."""
    if template.page == 1:
        return
    canvas.setFont(template.styles["text"].fontName, 8.5)
    canvas.setFillColor(GREY)
    canvas.drawString(MARGIN, A4[1] - 16 * mm, template.meta["header"])
    canvas.setStrokeColor(GREY)
    canvas.line(MARGIN, A4[1] - 18 * mm, A4[0] - MARGIN, A4[1] - 18 * mm)


def draw_foot(canvas: Canvas, template: PolicyTemplate) -> None:
    """The page's footnotes, then the running footer."""
    for paragraph in template.footnotes:
        paragraph.wrapOn(canvas, A4[0] - 2 * MARGIN, 20 * mm)
        canvas.line(MARGIN, 27 * mm, MARGIN + 40 * mm, 27 * mm)
        paragraph.drawOn(canvas, MARGIN, 22 * mm)
    template.footnotes.clear()
    canvas.setFont(template.styles["text"].fontName, 8.5)
    canvas.setFillColor(GREY)
    canvas.drawString(MARGIN, 14 * mm, template.meta["footer"])


def make_styles(look: str) -> dict[str, ParagraphStyle]:
    """The paragraph styles of a look."""
    regular, bold, italic, colour, size, align = LOOKS[look]
    text = ParagraphStyle(
        "text", fontName=regular, fontSize=size, leading=size * 1.36, spaceAfter=6, alignment=align,
        embeddedHyphenation=1, allowWidows=1, allowOrphans=1, bulletFontName=regular, bulletFontSize=size,
    )  # fmt: skip
    derive = partial(ParagraphStyle, parent=text)
    return {
        "text": text,
        "school": derive("school", fontName=bold, fontSize=13, leading=17, textColor=colour, alignment=0),
        "title": derive("title", fontName=bold, fontSize=24, leading=29, spaceBefore=10, spaceAfter=8, textColor=colour, alignment=0),
        "subtitle": derive("subtitle", fontName=italic, alignment=0, spaceAfter=14),
        "contents": derive("contents", fontName=bold, fontSize=14, leading=18, spaceBefore=8, textColor=colour),
        "heading": derive("heading", fontName=bold, fontSize=14, leading=18, spaceBefore=10, textColor=colour, alignment=0, keepWithNext=1),
        "clause": derive("clause", leftIndent=11 * mm, spaceBefore=2),
        "letter": derive("letter", leftIndent=19 * mm, bulletIndent=11 * mm, spaceAfter=3),
        "bullet1": derive("bullet1", leftIndent=16 * mm, bulletIndent=11 * mm, spaceAfter=3),
        "bullet2": derive("bullet2", leftIndent=23 * mm, bulletIndent=18 * mm, spaceAfter=3),
        "cell": derive("cell", fontSize=size - 1.5, leading=(size - 1.5) * 1.25, spaceAfter=0, alignment=0),
        "head": derive("head", fontName=bold, fontSize=size - 1.5, leading=(size - 1.5) * 1.25, spaceAfter=0, alignment=0),
        "note": derive("note", fontSize=8.5, leading=10.5, alignment=0),
    }


def inline(text: str) -> str:
    """The notation inside a block as reportlab's mark-up."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace("\u00ac", "\u00ad")
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)
    return re.sub(r"\[\^(\d+)\]", r"<super>\1</super>", text)


def make_table(rows: list[list[str]], styles: dict[str, ParagraphStyle], width: float, colour) -> Table:
    """A ruled table whose header row is repeated on each page."""
    cells = [[Paragraph(inline(cell), styles["head" if i == 0 else "cell"]) for cell in row] for i, row in enumerate(rows)]
    longest = [max(len(row[column]) for row in rows) + 14 for column in range(len(rows[0]))]
    widths = [width * length / sum(longest) for length in longest]
    rules = [
        ("GRID", (0, 0), (-1, -1), 0.5, GREY),
        ("BACKGROUND", (0, 0), (-1, 0), HexColor("#e4e9ef")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
    ]
    return Table(cells, widths, repeatRows=1, style=rules, spaceBefore=4, spaceAfter=10, hAlign="LEFT")


def flow_block(block: Block, source: Source, styles: dict[str, ParagraphStyle]) -> list[Flowable]:
    """The flowables of one block, its footnotes after it."""
    if block.kind == "table":
        return [make_table(block.rows, styles, A4[0] - 2 * MARGIN, GREY)]
    text = inline(block.text)
    if block.kind == "heading":
        return [Paragraph(f"{block.number} {text}".strip(), styles["heading"])]
    if block.kind == "paragraph":
        return [Paragraph(text, styles["text"])]
    name = f"bullet{block.depth}" if block.kind == "bullet" else block.kind
    mark = {"bullet1": "\u2022", "bullet2": "\u2013"}.get(name, block.number)
    notes = [source.notes()[number] for number in re.findall(r"\[\^(\d+)\]", block.text)]
    feet = [Footnote(Paragraph(f"<super>{i}</super> {inline(note)}", styles["note"])) for i, note in enumerate(notes, 1)]
    return [Paragraph(text, styles[name], bulletText=mark), *feet]


def opening(source: Source, styles: dict[str, ParagraphStyle]) -> list[Flowable]:
    """School, title, subtitle and, where wanted, a contents page."""
    meta = source.meta
    front: list[Flowable] = [Paragraph(inline(meta["school"]), styles["school"]), Paragraph(inline(meta["title"]), styles["title"])]
    front.append(Paragraph(inline(meta["subtitle"]), styles["subtitle"]))
    if meta.get("contents") != "yes":
        return front
    entries = Contents(ParagraphStyle("entry", parent=styles["text"], alignment=0, spaceAfter=0))
    return [*front, Spacer(0, 30 * mm), Paragraph("Contents", styles["contents"]), entries, PageBreak()]


def write_pdf(source: Source, path: Path) -> None:
    """Lay the source out and write it to `path`."""
    os.environ["SOURCE_DATE_EPOCH"] = STAMP
    styles = make_styles(source.meta.get("look", "sans"))
    story = opening(source, styles)
    for block in source.body():
        story.extend(flow_block(block, source, styles))
    template = PolicyTemplate(str(path), source, styles)
    template.multiBuild(story, canvasmaker=partial(PageCountCanvas, font=styles["text"].fontName))
