"""PDFs: lines joined to paragraphs, running lines left out, tables, pages, and files that cannot be read."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from fpdf import FPDF
from fpdf.encryption import AccessPermission
from test_readers import assert_partition, put, refusal

from clausewise.errors import ReadError
from clausewise.readers import read
from clausewise.readers.pdf_words import Vocabulary
from clausewise.types import Source

SIZES = {"title": 20, "heading": 14, "body": 11, "note": 8}


class Sheet(FPDF):
    """A PDF written line by line. `running`: whether pages carry a header and a footer."""

    def __init__(self, running: bool = False) -> None:
        super().__init__()
        self.running = running
        self.set_margin(20)
        self.set_auto_page_break(False)
        self.add_page()

    def header(self) -> None:
        if self.running:
            self.put("Anytown Primary School", "note", y=8)

    def footer(self) -> None:
        if self.running:
            self.put(f"Page {self.page_no()} of {{nb}}", "note", y=285)

    def put(self, text: str, kind: str = "body", x: float = 20, y: float | None = None, bold: bool = False) -> None:
        """One line, 1.3 times its size high."""
        self.set_font("Helvetica", "B" if bold or kind in ("title", "heading") else "", SIZES[kind])
        self.set_xy(x, self.get_y() if y is None else y)
        self.cell(text=text)
        self.set_xy(20, self.get_y() + SIZES[kind] * 0.46)

    def lines(self, *texts: str, x: float = 20) -> None:
        for text in texts:
            self.put(text, x=x)

    def gap(self) -> None:
        self.set_y(self.get_y() + 4)

    def save(self, folder: Path, name: str = "policy.pdf") -> Path:
        path = folder / name
        self.output(str(path))
        return path


FULL = "Staff must not use a phone in class at any time, nor may they lend a phone of their own to any"
FULL_TOO = "person who is working or helping in the school, whether or not a pupil is there to see it, and"


def load(sheet: Sheet, folder: Path) -> Source:
    form, source, _ = read(sheet.save(folder))
    assert form == "pdf"
    assert_partition(source)
    return source


def shape(source: Source) -> list[tuple[str, int, str, str]]:
    return [(b.kind, b.level, b.marker, source.text[b.start : b.end]) for b in source.blocks]


def test_wrapped_lines_are_joined_and_headings_told_by_type(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.put("Mobile Phone Policy", "title")
    sheet.gap()
    sheet.put("1. Scope", "heading")
    sheet.gap()
    sheet.lines(FULL, FULL_TOO, "that is that.")
    sheet.gap()
    sheet.lines("It was approved in May.")
    sheet.gap()
    sheet.put("Personal use", bold=True)
    sheet.lines("Phones stay off.", "Watches too.")
    source = load(sheet, tmp_path)
    assert shape(source) == [
        ("heading", 1, "", "Mobile Phone Policy"),
        ("heading", 2, "", "1. Scope"),
        ("paragraph", 0, "", f"{FULL} {FULL_TOO} that is that."),
        ("paragraph", 0, "", "It was approved in May."),
        ("heading", 3, "", "Personal use"),
        ("paragraph", 0, "", "Phones stay off."),
        ("paragraph", 0, "", "Watches too."),
    ]
    assert source.text == "\n\n".join(words for *_, words in shape(source))
    assert (source.pages, source.empty_pages, source.notes) == ((0,), (), ())


def test_clauses_lists_and_their_depth(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.lines("5.1 When they are in class, staff must not use a phone or any other device of their own, as in", "5.3 below, and must:")
    sheet.lines("(a) lock it away;", "(b) tell the office where it", x=25)
    sheet.lines("is; and", x=30)
    sheet.lines("(c) never lend it:", x=25)
    sheet.lines("- to pupils", "- to visitors", x=32)
    sheet.lines("5.2 Pupils must not.")
    assert shape(load(sheet, tmp_path)) == [
        (
            "paragraph",
            0,
            "",
            "5.1 When they are in class, staff must not use a phone or any other device of their own, as in 5.3 below, and must:",
        ),
        ("item", 0, "(a)", "(a) lock it away;"),
        ("item", 0, "(b)", "(b) tell the office where it is; and"),
        ("item", 0, "(c)", "(c) never lend it:"),
        ("item", 1, "-", "- to pupils"),
        ("item", 1, "-", "- to visitors"),
        ("paragraph", 0, "", "5.2 Pupils must not."),
    ]


def test_a_sentence_goes_on_over_a_page_break(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.lines(FULL)
    sheet.add_page()
    sheet.lines("other person.", "Next paragraph.")
    sheet.add_page()
    sheet.lines("last page.")
    source = load(sheet, tmp_path)
    assert source.text == f"{FULL} other person.\n\nNext paragraph.\n\nlast page."
    assert source.pages == (0, len(FULL) + 1, source.text.index("last"))


def test_running_lines_are_left_out_and_noted_once(tmp_path: Path) -> None:
    sheet = Sheet(running=True)
    for number in range(1, 5):
        sheet.put(f"{number}. Section", "heading", y=25)
        sheet.gap()
        sheet.lines(f"Rule {number} is a rule of its own.")
        if number < 4:
            sheet.add_page()
    source = load(sheet, tmp_path)
    assert source.text.split("\n\n") == [words for n in range(1, 5) for words in (f"{n}. Section", f"Rule {n} is a rule of its own.")]
    assert source.notes == ('left out 8 lines that run along the pages\' edges: "Anytown Primary School", "Page 1 of 4"',)
    assert [source.text[p : p + 2] for p in source.pages] == ["1.", "2.", "3.", "4."]


def test_a_lone_page_number_is_left_out_and_a_lone_year_is_not(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.lines("Words.")
    sheet.put("2026", y=120)
    sheet.put("1", y=285)
    source = load(sheet, tmp_path)
    assert source.text == "Words.\n\n2026"
    assert source.notes == ('left out 1 line that runs along the pages\' edges: "1"',)


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("confidential infor-", "mation", "confidential information"),
        ("signs of self-", "harm", "signs of self-harm"),
        ("the e-", "safety lead", "the e-safety lead"),
        ("day-to-", "day", "day-to-day"),
        ("safe-", "guarding", "safeguarding"),
        ("decision-", "making", "decision-making"),
        ("follow-", "up", "follow-up"),
        ("pre-", "vent", "prevent"),
        ("Anglo-", "French", "Anglo-French"),
        ("staff and/", "or pupils", "staff and/or pupils"),
        ("see https://example.org/", "policies", "see https://example.org/policies"),
        ("confi\u00ad", "dence", "confidence"),
        ("10-", "15", "10- 15"),
    ],
)
def test_line_ends_are_joined(before: str, after: str, joined: str) -> None:
    words = ["safeguarding and follow-up calls; a decision is the making of us", "prevent harm", "a safe guarding dog"]
    assert Vocabulary.of(words).join(before, after) == joined


def test_hyphens_in_a_document_follow_its_own_spelling(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.lines(f"{FULL[:-8]} infor-", "mation, and a look-ahead. It was the head who asked for a list that was look-", "ahead in kind.")
    assert load(sheet, tmp_path).text.endswith(
        "information, and a look-ahead. It was the head who asked for a list that was look-ahead in kind."
    )


ROWS = [
    ["What happened", "Who to tell"],
    ["A phone was lost or stolen while the pupil was on a trip with the school", "Head"],
    ["Bullying", "Class teacher, the same day"],
]


def draw_table(sheet: Sheet, rows: list[list[str]], borders: str = "ALL") -> None:
    sheet.set_font("Helvetica", "", SIZES["body"])
    with sheet.table(rows, borders_layout=borders, col_widths=(60, 60), width=120, align="LEFT", text_align="LEFT"):
        pass


@pytest.mark.parametrize("borders", ["ALL", "NONE"])
def test_table_rows_keep_their_cells(tmp_path: Path, borders: str) -> None:
    sheet = Sheet()
    sheet.lines(FULL, "other person.")
    sheet.gap()
    draw_table(sheet, ROWS, borders)
    sheet.gap()
    sheet.lines(FULL)
    source = load(sheet, tmp_path)
    rows = [b for b in source.blocks if b.kind == "row"]
    assert [[c.of(source.text) for c in b.cells] for b in rows] == ROWS
    assert [b.header for b in rows] == [True, False, False]
    assert source.text.split("\n\n")[1:4] == [" | ".join(row) for row in ROWS]


def test_a_table_goes_on_over_a_page_break_without_its_header(tmp_path: Path) -> None:
    sheet = Sheet()
    draw_table(sheet, ROWS)
    sheet.add_page()
    draw_table(sheet, [ROWS[0], ["Fire", "Everybody"]])
    source = load(sheet, tmp_path)
    assert [source.text[b.start : b.end] for b in source.blocks] == [*(" | ".join(row) for row in ROWS), "Fire | Everybody"]
    assert [b.header for b in source.blocks] == [True, False, False, False]
    assert source.notes == ('left out a table header that 1 page repeats: "What happened | Who to tell"',)
    assert source.pages == (0, source.text.index("Fire"))


def test_contents_keep_one_entry_a_line(tmp_path: Path) -> None:
    sheet = Sheet()
    for entry, page in (("1. Aims", "2"), ("2. Scope of this policy", "3")):
        y = sheet.get_y()
        sheet.put(entry)
        sheet.put(page, x=180, y=y)
    sheet.lines("3. Rules .................. 4", "4. Review .................. 5")
    source = load(sheet, tmp_path)
    assert source.text.split("\n\n") == [
        "1. Aims\t2",
        "2. Scope of this policy\t3",
        "3. Rules .................. 4",
        "4. Review .................. 5",
    ]


def test_a_raised_note_number_stays_apart_from_a_number(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.set_font("Helvetica", "", 11)
    sheet.cell(text="until the age of 18.")
    sheet.set_font("Helvetica", "", 7)
    sheet.set_xy(sheet.get_x() - 2, sheet.get_y() - 0.4)
    sheet.cell(text="1")
    assert load(sheet, tmp_path).text == "until the age of 18. 1"


def test_bold_words_within_a_line_join_their_neighbours(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.set_font("Helvetica", "", 11)
    sheet.write_html("<p>Staff <b>must not</b> lend <b>phone</b>s.</p>")
    assert load(sheet, tmp_path).text == "Staff must not lend phones."


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    sheet = Sheet()
    for words in ("", "One.", "", "Two.", ""):
        if words:
            sheet.lines(words)
        sheet.add_page()
    source = load(sheet, tmp_path)
    assert source.text == "One.\n\nTwo."
    assert source.empty_pages == (1, 3, 5, 6)
    assert source.pages == (0, 0, 6, 6, 10, 10)


def test_slanted_text_is_left_out_and_noted(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.lines("Words.")
    with sheet.rotation(45, 100, 150):
        sheet.put("DRAFT", "title", y=150)
    source = load(sheet, tmp_path)
    assert (source.text, source.notes) == ("Words.", ("left out text that does not run level, such as a watermark: 'DRAFT'",))


def test_markup_in_a_pdf_is_text(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.put("Policy", "heading")
    sheet.gap()
    sheet.lines("# Not a heading.")
    sheet.gap()
    sheet.lines("<script>alert(1)</script>.")
    assert [(k, t) for k, _, _, t in shape(load(sheet, tmp_path))][1:] == [
        ("paragraph", "# Not a heading."),
        ("paragraph", "<script>alert(1)</script>."),
    ]


SCANNED = "this PDF holds pictures of pages and no text (scanned); run OCR (for example ocrmypdf) and index it again"


def test_a_scanned_pdf_is_refused_with_what_to_do(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.rect(20, 20, 100, 100, style="F")
    sheet.add_page()
    assert refusal(sheet.save(tmp_path)) == SCANNED


def encrypted(folder: Path, user: str | None) -> Path:
    sheet = Sheet()
    sheet.lines("Secret words.")
    sheet.set_encryption(owner_password="owner", user_password=user, permissions=AccessPermission.none())
    return sheet.save(folder)


def test_a_password_is_needed_only_where_the_reader_needs_one(tmp_path: Path) -> None:
    assert read(encrypted(tmp_path, None))[1].text == "Secret words."
    assert refusal(encrypted(tmp_path, "user")) == "this PDF needs a password to open it; save a copy without one"


def test_a_damaged_pdf_is_refused_quietly(tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    sheet = Sheet()
    sheet.lines(FULL)
    whole = sheet.save(tmp_path).read_bytes()
    for share in (0.1, 0.3, 0.5):
        found = refusal(put(tmp_path, "cut.pdf", whole[: int(len(whole) * share)]))
        assert found.startswith("this PDF is damaged (")
        assert found.endswith("); open it in its own program and save it again as PDF")
    assert capfd.readouterr() == ("", "")
    assert [r for r in caplog.records if r.levelno < logging.CRITICAL] == []


def test_whatever_is_wrong_within_only_a_read_error_comes_out(tmp_path: Path) -> None:
    sheet = Sheet(running=True)
    sheet.lines(FULL, FULL_TOO)
    draw_table(sheet, ROWS)
    sheet.set_compression(False)
    whole = sheet.save(tmp_path).read_bytes()
    for at in range(12, len(whole), max(len(whole) // 150, 1)):
        outcome(put(tmp_path, "hurt.pdf", whole[:at] + bytes([(whole[at] * 7 + 13) % 256, 0x28]) + whole[at + 2 :]))


def outcome(path: Path) -> None:
    """Read, or refused in one line."""
    try:
        assert_partition(read(path)[1])
    except ReadError:
        refusal(path)


def test_the_private_parts_of_pypdf_that_are_used_are_there() -> None:
    from pypdf.generic._font import Font

    assert {"from_font_resource", "get_text_width"} <= set(dir(Font))


def test_one_policy_in_five_formats_reads_alike(tmp_path: Path) -> None:
    """Markers of bullets and levels of headings may differ; headings, numbers, items and their depth may not."""
    from docx import Document

    document = Document()
    sheet = Sheet()
    document.add_heading("Phone Policy", 0)
    sheet.put("Phone Policy", "title")
    sheet.gap()
    for number in (1, 2):
        document.add_heading(f"{number}. Part {number}", 1)
        sheet.put(f"{number}. Part {number}", "heading")
        sheet.gap()
        document.add_paragraph(f"{number}.1 Staff must:")
        sheet.lines(f"{number}.1 Staff must:")
        for words, style, x in (
            ("lock phones:", "List Bullet", 25),
            ("in class;", "List Bullet 2", 32),
            ("report loss.", "List Bullet", 25),
        ):
            document.add_paragraph(words, style)
            sheet.lines(f"- {words}", x=x)
        sheet.gap()
    items = "<ul><li>lock phones:<ul><li>in class;</li></ul></li><li>report loss.</li></ul>"
    page = "<h1>Phone Policy</h1>" + "".join(f"<h2>{n}. Part {n}</h2><p>{n}.1 Staff must:</p>{items}" for n in (1, 2))
    marks = "# Phone Policy\n\n" + "".join(
        f"## {n}. Part {n}\n\n{n}.1 Staff must:\n\n- lock phones:\n  - in class;\n- report loss.\n\n" for n in (1, 2)
    )
    document.save(str(tmp_path / "policy.docx"))
    paths = [sheet.save(tmp_path), tmp_path / "policy.docx", put(tmp_path, "policy.html", page), put(tmp_path, "policy.md", marks)]
    paths.append(put(tmp_path, "policy.txt", marks.replace("# ", "").replace("#", "")))
    looks = {path.suffix: looks_of(read(path)[1]) for path in paths}
    assert looks[".docx"] == [
        ("heading", 0, "Phone Policy"),
        *[
            line
            for n in (1, 2)
            for line in (
                ("heading", 0, f"{n}. Part {n}"),
                ("paragraph", 0, f"{n}.1 Staff must:"),
                ("item", 0, "lock phones:"),
                ("item", 1, "in class;"),
                ("item", 0, "report loss."),
            )
        ],
    ]
    assert {suffix for suffix, look in looks.items() if look == looks[".docx"]} == {".pdf", ".docx", ".html", ".md", ".txt"}


def looks_of(source: Source) -> list[tuple[str, int, str]]:
    words = ((b, source.text[b.start : b.end].strip().removeprefix(b.marker).lstrip("# ")) for b in source.blocks)
    return [(b.kind, b.level if b.kind == "item" else 0, text) for b, text in words]


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.put("News", "title")
    top = sheet.get_y()
    left = [
        "Staff must tell the office if",
        "they lose a phone. It does",
        "not matter whose it was or",
        "how it came to be lost, nor",
        "when.",
    ]
    right = [
        "Pupils hand phones in at the",
        "door. They may have them",
        "back at home time, unless a",
        "teacher has kept them. Then",
        "a parent fetches them.",
    ]
    sheet.lines(*left)
    sheet.set_y(top)
    sheet.lines(*right, x=110)
    sheet.gap()
    sheet.lines(FULL, FULL_TOO, "so on.")
    assert load(sheet, tmp_path).text == "\n\n".join(["News", " ".join(left), " ".join(right), f"{FULL} {FULL_TOO} so on."])
