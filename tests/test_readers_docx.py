"""Word documents: numbers as Word prints them, lists, tables, changes, notes and boxes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml
from test_readers import assert_partition, put, refusal

from clausewise.errors import ReadError
from clausewise.readers import docx as reader
from clausewise.readers import read
from clausewise.types import Source

NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(document: Any, folder: Path) -> Path:
    path = folder / "policy.docx"
    document.save(str(path))
    return path


def load(document: Any, folder: Path) -> Source:
    form, source, _ = read(saved(document, folder))
    assert form == "docx"
    assert_partition(source)
    return source


def shape(source: Source) -> list[tuple[str, int, str, str]]:
    return [(b.kind, b.level, b.marker, source.text[b.start : b.end]) for b in source.blocks]


def level(depth: int, style: str, pattern: str, start: int = 1, extra: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{style}"/>{extra}<w:lvlText w:val="{pattern}"/>'
        f'<w:pPr><w:ind w:left="{(depth + 1) * 360}"/></w:pPr></w:lvl>'
    )


def add_list(document: Any, number: int, levels: str, override: int | None = None, abstract: int | None = None) -> None:
    """A list `number`, of its own kind or sharing that of list `abstract`."""
    root = document.part.numbering_part.element
    if abstract is None:
        first = root.find(".//{*}num")
        first.addprevious(parse_xml(f'<w:abstractNum {NS} w:abstractNumId="{number}">{levels}</w:abstractNum>'))
    start = f'<w:lvlOverride w:ilvl="0"><w:startOverride w:val="{override}"/></w:lvlOverride>' if override is not None else ""
    root.append(parse_xml(f'<w:num {NS} w:numId="{number}"><w:abstractNumId w:val="{abstract or number}"/>{start}</w:num>'))


def listed(document: Any, text: str, number: int, depth: int = 0, style: str | None = None) -> Any:
    paragraph = document.add_paragraph(text, style)
    paragraph._p.get_or_add_pPr().append(parse_xml(f'<w:numPr {NS}><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'))
    return paragraph


POLICY_NUMBERS = level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2") + level(2, "lowerLetter", "(%3)") + level(3, "lowerRoman", "%4.")


def test_title_headings_and_paragraphs(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Mobile Phones", 0)
    document.add_heading("Aims", 2)
    document.add_paragraph("Phones\tstay off.\nAlways.")
    document.add_paragraph("   ")
    document.add_paragraph().add_run("Personal use").bold = True
    document.add_paragraph("Staff").add_run(" must")
    document.sections[0].header.paragraphs[0].text = "Running header"
    source = load(document, tmp_path)
    assert source.text == "Mobile Phones\n\nAims\n\nPhones\tstay off.\nAlways.\n\nPersonal use\n\nStaff must"
    assert [b.kind + str(b.level) for b in source.blocks] == ["heading1", "heading2", "paragraph0", "heading0", "paragraph0"]
    assert (source.pages, source.notes) == ((), ())


def test_automatic_numbers_are_printed_as_word_does(tmp_path: Path) -> None:
    document = Document()
    add_list(document, 90, POLICY_NUMBERS)
    listed(document, "Scope", 90, 0, "Heading 1")
    listed(document, "This policy applies to staff.", 90, 1)
    listed(document, "It applies to:", 90, 1)
    listed(document, "governors;", 90, 2)
    listed(document, "volunteers:", 90, 2)
    listed(document, "in school;", 90, 3)
    listed(document, "on trips.", 90, 3)
    listed(document, "Conduct", 90, 0, "Heading 1")
    listed(document, "Staff must be kind.", 90, 1)
    listed(document, "pupils.", 90, 2)
    assert shape(load(document, tmp_path)) == [
        ("heading", 1, "", "1. Scope"),
        ("paragraph", 0, "", "1.1 This policy applies to staff."),
        ("paragraph", 0, "", "1.2 It applies to:"),
        ("item", 0, "(a)", "(a) governors;"),
        ("item", 0, "(b)", "(b) volunteers:"),
        ("item", 1, "i.", "i. in school;"),
        ("item", 1, "ii.", "ii. on trips."),
        ("heading", 1, "", "2. Conduct"),
        ("paragraph", 0, "", "2.1 Staff must be kind."),
        ("item", 0, "(a)", "(a) pupils."),
    ]


def test_lists_restart_share_counters_and_start_where_they_say(tmp_path: Path) -> None:
    document = Document()
    add_list(document, 90, level(0, "decimal", "%1)", start=3))
    add_list(document, 91, "", override=1, abstract=90)
    add_list(document, 92, "", abstract=90)
    for number in (90, 90, 91, 91, 92):
        listed(document, "x", number)
    add_list(document, 93, level(0, "upperRoman", "%1.") + level(1, "decimal", "%1-%2", extra="<w:isLgl/>"))
    for depth in (0, 0, 1):
        listed(document, "y", 93, depth)
    source = load(document, tmp_path)
    assert [source.text[b.start : b.end] for b in source.blocks] == ["3) x", "4) x", "1) x", "2) x", "3) x", "I. y", "II. y", "2-1 y"]


def test_a_level_may_go_on_counting_past_the_level_above(tmp_path: Path) -> None:
    document = Document()
    add_list(document, 90, level(0, "decimal", "%1.") + level(1, "lowerLetter", "%2)", extra='<w:lvlRestart w:val="0"/>'))
    for depth in (0, 1, 0, 1):
        listed(document, "x", 90, depth)
    assert [b.marker for b in load(document, tmp_path).blocks] == ["1.", "a)", "2.", "b)"]


def test_numbers_come_from_styles_and_can_be_switched_off(tmp_path: Path) -> None:
    document = Document()
    add_list(document, 90, POLICY_NUMBERS)
    style = document.styles["Heading 1"].element
    style.get_or_add_pPr().append(parse_xml(f'<w:numPr {NS}><w:numId w:val="90"/></w:numPr>'))
    document.add_heading("Aims", 1)
    listed(document, "Contents", 0, 0, "Heading 1")
    document.add_heading("Scope", 1)
    assert [t for *_, t in shape(load(document, tmp_path))] == ["1. Aims", "Contents", "2. Scope"]


def test_bullets_nest_by_indent_and_typed_bullets_are_items(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("Staff must:")
    document.add_paragraph("lock phones:", "List Bullet")
    document.add_paragraph("in class", "List Bullet 2")
    document.add_paragraph("report loss", "List Bullet")
    document.add_paragraph("Pupils must:")
    document.add_paragraph("•\task first")
    document.add_paragraph("(a) then go")
    document.add_paragraph("first", "List Number")
    source = load(document, tmp_path)
    assert [(b.kind, b.level, b.marker) for b in source.blocks] == [
        ("paragraph", 0, ""),
        ("item", 0, "-"),
        ("item", 1, "-"),
        ("item", 0, "-"),
        ("paragraph", 0, ""),
        ("item", 0, "•"),
        ("item", 0, "(a)"),
        ("item", 0, "1."),
    ]
    assert "- lock phones:\n\n  - in class\n\n- report loss\n\nPupils must:\n\n• ask first" in source.text


def test_tables_become_rows_and_merged_cells_are_read_once(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(4, 3)
    for row, words in zip(table.rows, ["What Who When", "Loss Head Today", "Theft x Today", "Fire x Now"], strict=True):
        for cell, word in zip(row.cells, words.split(), strict=True):
            cell.text = word
    table.cell(1, 1).merge(table.cell(2, 1)).text = "Head"
    table.cell(3, 0).merge(table.cell(3, 1)).text = "Fire"
    table.cell(1, 2).add_paragraph("or sooner", "List Bullet")
    source = load(document, tmp_path)
    assert [t for *_, t in shape(source)] == ["What | Who | When", "Loss | Head | Today\n- or sooner", "Theft |  | Today", "Fire |  | Now"]
    assert [[c.of(source.text) for c in b.cells] for b in source.blocks][2] == ["Theft", "", "Today"]


HEADERS: dict[str, Callable[[Any], object]] = {
    "marked": lambda row: row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {NS}/>")),
    "bold": lambda row: [setattr(run, "bold", True) for cell in row.cells for run in cell.paragraphs[0].runs],
    "shaded": lambda row: [c._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {NS} w:fill="D9D9D9"/>')) for c in row.cells],
}


@pytest.mark.parametrize("way", [*HEADERS, "none"])
def test_a_header_row_is_marked_bold_or_shaded(tmp_path: Path, way: str) -> None:
    document = Document()
    table = document.add_table(2, 2)
    for cell, word in zip(table._cells, ["Role 1", "Name", "Head", "Mr A"], strict=True):
        cell.text = word
    HEADERS.get(way, bool)(table.rows[0])
    assert [b.header for b in load(document, tmp_path).blocks] == [way != "none", False]


def test_a_row_of_one_cell_above_a_table_is_its_caption(tmp_path: Path) -> None:
    document = Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Document control"
    table.cell(1, 0).text, table.cell(1, 1).text = "Owner", "Mrs B"
    assert [(k, t) for k, _, _, t in shape(load(document, tmp_path))][1] == ("row", "Owner | Mrs B")
    assert next(b.cells for b in load(document, tmp_path).blocks) == ()


def test_a_box_made_of_a_table_is_read_as_the_page(tmp_path: Path) -> None:
    document = Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "Key points:"
    cell.add_paragraph("no phones", "List Bullet")
    assert [b.kind for b in load(document, tmp_path).blocks] == ["paragraph", "item"]


def test_inserted_text_counts_and_deleted_text_does_not(tmp_path: Path) -> None:
    document = Document()
    paragraph = document.add_paragraph("Staff ")
    paragraph._p.append(parse_xml(f"<w:del {NS}><w:r><w:delText>may </w:delText></w:r></w:del>"))
    paragraph._p.append(parse_xml(f'<w:ins {NS}><w:r><w:t xml:space="preserve">must not </w:t></w:r></w:ins>'))
    paragraph._p.append(parse_xml(f"<w:moveFrom {NS}><w:r><w:t>soon</w:t></w:r></w:moveFrom>"))
    paragraph._p.append(parse_xml(f"<w:hyperlink {NS}><w:r><w:t>post</w:t></w:r></w:hyperlink>"))
    paragraph._p.append(parse_xml(f"<w:r {NS}><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"))
    paragraph._p.append(
        parse_xml(
            f'<w:sdt {NS}><w:sdtContent><w:r><w:t xml:space="preserve"> e</w:t><w:noBreakHyphen/><w:t>mail</w:t></w:r></w:sdtContent></w:sdt>'
        )
    )
    assert load(document, tmp_path).text == "Staff must not post e-mail"


def rewritten(path: Path, change: dict[str, Callable[[str], str]], added: dict[str, str]) -> Path:
    """The package with parts changed and added; python-docx writes no footnotes."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change[name](data.decode()) if name in change else data)
        for name, text in added.items():
            new.writestr(name, text)
    path.write_bytes(out.getvalue())
    return path


def test_footnotes_stand_at_the_end(tmp_path: Path) -> None:
    document = Document()
    for words, note in (("The Headteacher", 7), (" decides", 3), (" at last", 7)):
        document.add_paragraph(words)._p.append(parse_xml(f'<w:r {NS}><w:footnoteReference w:id="{note}"/></w:r>'))
    note = '<w:footnote w:id="{}"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> {}</w:t></w:r></w:p></w:footnote>'
    notes = "".join(note.format(*words) for words in ((-1, "line"), (3, "Or deputy."), (7, "Or head of school.")))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    path = rewritten(
        saved(document, tmp_path),
        {
            "word/_rels/document.xml.rels": lambda x: x.replace(
                "</Relationships>", f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
            ),
            "[Content_Types].xml": lambda x: x.replace(
                "</Types>", '<Override PartName="/word/footnotes.xml" ContentType="application/xml"/></Types>'
            ),
        },
        {"word/footnotes.xml": f"<w:footnotes {NS}>{notes}</w:footnotes>"},
    )
    _, source, _ = read(path)
    assert source.text == "The Headteacher[1]\n\ndecides[2]\n\nat last[1]\n\n[1] Or head of school.\n\n[2] Or deputy."
    assert source.notes == ("footnotes put at the end of the text, as [1] and so on: 2",)


def test_text_boxes_are_read_once_where_they_stand(tmp_path: Path) -> None:
    document = Document()
    box = "<w:txbxContent><w:p><w:r><w:t>Ring 999.</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    document.add_paragraph("Before.")._p.append(
        parse_xml(
            f"<w:r {NS} {mc}><mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
            f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    document.add_paragraph("After.")
    source = load(document, tmp_path)
    assert source.text == "Before.\n\nRing 999.\n\nAfter."
    assert source.notes == ("text boxes put after the paragraph that holds them: 1",)


def test_contents_entries_keep_their_page_numbers(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Policy", 0)
    document.add_paragraph("1.\tAims\t3")
    source = load(document, tmp_path)
    assert [(k, t) for k, _, _, t in shape(source)] == [("heading", "Policy"), ("row", "1. Aims\t3")]


def test_markdown_in_a_document_is_text(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Policy", 0)
    for words in ("# Not a heading", "a | b", "<script>alert(1)</script>"):
        document.add_paragraph(words)
    source = load(document, tmp_path)
    assert [(k, t) for k, _, _, t in shape(source)][1:] == [
        ("paragraph", "# Not a heading"),
        ("paragraph", "a | b"),
        ("paragraph", "<script>alert(1)</script>"),
    ]


def test_a_damaged_document_is_refused(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("words " * 500)
    whole = saved(document, tmp_path).read_bytes()
    cut = refusal(put(tmp_path, "cut.docx", whole[: len(whole) // 2]))
    assert cut == "this Word document is damaged (File is not a zip file); open it in Word, let Word repair it, and save it again"
    broken = rewritten(saved(document, tmp_path), {"word/document.xml": lambda x: x[:-50]}, {})
    assert re.match(r"this Word document is damaged \(.+\); open it in Word", refusal(broken))
    missing = rewritten(saved(document, tmp_path), {"_rels/.rels": lambda x: x.replace("word/document.xml", "word/gone.xml")}, {})
    assert re.match(r"this Word document is damaged \(.+\); open it in Word", refusal(missing))


def test_a_spreadsheet_and_plain_bytes_are_no_document(tmp_path: Path) -> None:
    assert refusal(put(tmp_path, "p.docx", "words")).startswith("this is no Word document (.docx) at all, or it is damaged; ")
    with zipfile.ZipFile(tmp_path / "sheet.docx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert refusal(tmp_path / "sheet.docx").startswith("this is a ZIP archive, where a Word document (.docx), ")


def test_a_document_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("words")
    data = rewritten(saved(document, tmp_path), {}, {"word/media/x.bmp": "0" * 5_000_000}).read_bytes()
    with pytest.raises(ReadError, match=r"unpacks to [\d,]+ bytes, over the limit of 1,000,000; save it again without its pictures"):
        reader.read(data, max_unzipped=1_000_000)


def test_an_empty_document_is_refused(tmp_path: Path) -> None:
    assert refusal(saved(Document(), tmp_path)) == "this file holds no words, where a policy was expected; check that it is the right file"
