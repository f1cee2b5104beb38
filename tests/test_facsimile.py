"""A page as it is printed: the quote's own letters are marked, on the right page and at the right one of two like sentences."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import pypdfium2
import pytest
from conftest import MAX_BYTES, POLICIES, ROOT
from fpdf import FPDF
from PIL import Image
from pypdf import PdfReader, PdfWriter, Transformation
from pypdf.generic import RectangleObject
from test_readers_pdf import Sheet, draw_table

from clausewise import facsimile
from clausewise.clauses import parse
from clausewise.documents import Corpus, load_corpus
from clausewise.errors import NotDrawn
from clausewise.facsimile import Box, Facsimile, Wanted, drawing, drawn, wanted
from clausewise.facsimile.letters import aligned, letters
from clausewise.facsimile.marks import lines
from clausewise.settings import Limits
from clausewise.types import Clause, Document, Span

POINTS = 72 / 25.4  # to a millimetre
TWICE = "Staff must not use a phone in class."
FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def read(path: Path) -> Document:
    home = path.parent / "corpus" / "elm"
    home.mkdir(parents=True, exist_ok=True)
    (home / path.name).write_bytes(path.read_bytes())
    return next(d for d in load_corpus(home.parent, MAX_BYTES).documents if d.path == f"elm/{path.name}")


def span(document: Document, words: str, nth: int = 0) -> Span:
    start = -1
    for _ in range(nth + 1):
        start = document.text.index(words, start + 1)
    return Span(start, start + len(words))


def page(document: Document, path: Path, number: int, marked: Span) -> Facsimile:
    return drawing.draw(path.read_bytes(), wanted(document, number, marked))


def within(path: Path, number: int, found: Facsimile) -> str:
    """The letters that pdfium tells of what stands in the boxes, and nothing else does."""
    leaf = pypdfium2.PdfDocument(path.read_bytes())[number - 1]
    textpage, position = leaf.get_textpage(), leaf.render(scale=found.width / leaf.get_width()).get_posconv(leaf)
    told = ""
    for left, top, right, bottom in found.boxes:
        corners = position.to_page(int(left) + 1, int(top) + 1), position.to_page(int(right) - 1, int(bottom) - 1)
        x, y = zip(*corners, strict=True)
        told += textpage.get_text_bounded(min(x), min(y), max(x), max(y))
    return letters(told)[0]


def millimetres(found: Facsimile, box: Box, width: float = 210) -> Box:
    left, top, right, bottom = (edge * width / found.width for edge in box)
    return left, top, right, bottom


# letters


def test_what_two_readers_differ_in_is_no_letter() -> None:
    assert letters("a ﬁne-\ntuned né, ½!") == ("afinetunedne12", [0, 2, 2, 3, 4, 7, 8, 9, 10, 11, 13, 14, 17, 17])


def met(one: str, other: str) -> list[int | None]:
    return aligned(*letters(one), letters(other)[0])


def test_a_moved_part_is_found_and_what_only_one_has_is_left() -> None:
    one, other = "the first part of the page" + " the next part that is moved", "running head the next part that is moved the first part of the page"
    assert met(one, other) == [*range(33, 54), *range(11, 33)]
    assert met("the secondx line", "the second line") == [*range(9), None, *range(9, 13)]
    assert met("Abcd", "abcd") == [None, 1, 2, 3]
    assert met("", "abc") == []


def test_equals_are_matched_in_order() -> None:
    assert met("any times, any times", "any times other any times") == [*range(8), *range(13, 21)]


def test_a_repeated_sentence_goes_by_what_is_around_it() -> None:
    same = "no phone may be used in class"
    found = met(f"pupils {same} at all. visitors {same} either way", f"visitors {same} either way. pupils {same} at all")
    length = len(letters(same)[0])
    assert found[6] == len("visitorseitherwaypupils") + length
    assert found[len("pupilsatallvisitors") + length] == len("visitors")


def test_a_word_is_not_parted_for_a_letter_that_happens_to_be_the_same() -> None:
    """The head's last letter is that of the word before the page's end, and what follows it is longer."""
    found = met("a reasonable colleague " + "goes on with many a word", "a reasonable colleague Acceptable Use goes on with many a word")
    assert found == [*range(20), *range(33, 52)]


def test_a_run_that_stands_everywhere_costs_no_time() -> None:
    assert set(met("a " * 20_000, "a" * 20_000)) <= {None, *range(20_000)}


def test_letters_of_a_line_are_boxed_together_and_columns_apart() -> None:
    assert lines([(0, 0, 8, 10), (10, 2, 18, 12), (100, 0, 108, 10), (0, 20, 8, 30)]) == [(0, 0, 18, 12), (100, 0, 108, 10), (0, 20, 8, 30)]
    assert lines([(0, 0, 8, 10), (9, 9, 11, 13), (12, 0, 20, 10)]) == [(0, 0, 20, 13)]  # a comma


# made pages


@pytest.mark.parametrize("nth", [0, 1, 2])
def test_a_repeated_sentence_is_marked_at_the_right_one(tmp_path: Path, nth: int) -> None:
    sheet = Sheet(running=True)
    for number in (1, 2, 3):
        sheet.put(f"{number}.1 {TWICE}", y=40.0 * number)
    path = sheet.save(tmp_path)
    document = read(path)
    found = page(document, path, 1, span(document, TWICE, nth))
    (box,) = found.boxes
    assert found.share == 1
    assert 40 * (nth + 1) - 1 <= millimetres(found, box)[1] <= millimetres(found, box)[3] <= 40 * (nth + 1) + 8
    assert within(path, 1, found) == letters(TWICE)[0]


def test_a_heading_is_marked_and_not_the_running_head_of_the_same_words(tmp_path: Path) -> None:
    sheet = Sheet(running=True)
    sheet.put("1.1 Staff keep to the rule.", y=60)
    sheet.add_page()
    sheet.put("Anytown Primary School", "heading", y=90)
    sheet.put("1.2 Pupils keep to it too.", y=120)
    path = sheet.save(tmp_path)
    document = read(path)
    found = page(document, path, 2, span(document, "Anytown Primary School"))
    assert [millimetres(found, box)[1] for box in found.boxes] == [pytest.approx(90, abs=4)]


def test_marks_are_yellow_and_framed_and_nothing_else_changes(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.put(TWICE, y=40)
    path = sheet.save(tmp_path)
    document = read(path)
    found, plain = (Image.open(BytesIO(page(document, path, 1, one).png)) for one in (span(document, TWICE), Span(0, 0)))
    ((left, top, right, bottom),) = (tuple(map(int, box)) for box in page(document, path, 1, span(document, TWICE)).boxes)
    assert found.getpixel((left + 1, top + 1)) == (255, 231, 92)
    assert found.getpixel((left - 1, (top + bottom) // 2)) == (102, 72, 0)
    for pixel in ((left - 9, top), (right + 9, top), (left, top - 9), (left, bottom + 9)):
        assert found.getpixel(pixel) == plain.getpixel(pixel) == (255, 255, 255)


def columns(folder: Path) -> Path:
    sheet = Sheet()
    left = [f"Left column, line {n}: staff sign the register." for n in range(1, 9)]
    right = [f"Right column, line {n}: pupils sign the book." for n in range(1, 9)]
    sheet.set_y(40)
    sheet.lines(*left)
    sheet.set_y(40)
    for line in right:
        sheet.put(line, x=115)
    return sheet.save(folder)


def test_two_columns(tmp_path: Path) -> None:
    path = columns(tmp_path)
    document = read(path)
    found = page(document, path, 1, span(document, "line 5: pupils sign the book."))
    assert within(path, 1, found) == "line5pupilssignthebook"
    assert millimetres(found, found.boxes[0])[0] > 115


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_shown_upright_with_its_marks(tmp_path: Path, turn: int) -> None:
    """Its letters lie on their side, or stand on their heads, and the page's rotation sets them upright."""
    path = columns(tmp_path)
    upright = page(read(path), path, 1, span(read(path), "line 5: pupils sign the book."))
    writer = PdfWriter(clone_from=PdfReader(path))
    (leaf,) = writer.pages
    width, height = (float(edge) for edge in leaf.mediabox[2:])
    shift, size = {90: ((height, 0), (height, width)), 180: ((width, height), (width, height)), 270: ((0, width), (height, width))}[turn]
    leaf.add_transformation(Transformation().rotate(turn).translate(*shift))
    leaf.mediabox = leaf.cropbox = RectangleObject((0, 0, *size))
    leaf.rotate(turn)
    writer.write(tmp_path / "turned.pdf")
    document = read(tmp_path / "turned.pdf")
    found = page(document, tmp_path / "turned.pdf", 1, span(document, "line 5: pupils sign the book."))
    assert within(tmp_path / "turned.pdf", 1, found) == "line5pupilssignthebook"
    assert found.boxes[0] == pytest.approx(upright.boxes[0], abs=2)


def test_a_cropped_page_is_shown_as_it_is_cropped(tmp_path: Path) -> None:
    path = columns(tmp_path)
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.pages[0].cropbox = RectangleObject((300.0, 400.0, 595.0, 800.0))
    writer.write(tmp_path / "cropped.pdf")
    document = read(tmp_path / "cropped.pdf")
    found = page(document, tmp_path / "cropped.pdf", 1, span(document, "line 5: pupils sign the book."))
    assert (found.width, found.height) == (1240, pytest.approx(1240 * 400 / 295, abs=2))
    assert within(tmp_path / "cropped.pdf", 1, found) == "line5pupilssignthebook"
    outside = page(document, tmp_path / "cropped.pdf", 1, span(document, "line 5: staff sign the register."))
    assert (outside.share, outside.boxes) == (1, ())


def test_ligatures_accents_and_hyphens(tmp_path: Path) -> None:
    sheet = FPDF()
    sheet.add_page()
    sheet.add_font("DejaVu", fname=FONT)
    sheet.set_font("DejaVu", size=12)
    sheet.set_text_shaping(False)
    for line in ("1.1 The oﬃce ﬁles each ﬂoor plan, and the mana-", "gement keeps the café’s “résumé” of it."):
        sheet.cell(h=8, text=line, new_x="LMARGIN", new_y="NEXT")
    path = tmp_path / "signs.pdf"
    sheet.output(str(path))
    document = read(path)
    document = replace(document, text=document.text.replace("mana-\n\ngement", "management"))  # as where the line is a full one
    words = "The office files each floor plan, and the management keeps the café’s “résumé” of it."
    found = page(document, path, 1, span(document, words))
    assert (found.share, len(found.boxes)) == (1, 2)
    assert within(path, 1, found) == letters(words)[0]


def two_pages(folder: Path) -> Path:
    sheet = Sheet(running=True)
    sheet.put("1.1 Staff who take a phone on a visit of the school sign for it in the office before they go, and", y=265)
    sheet.add_page()
    sheet.put("hand it back to the office on the day that they return to school, whatever the hour is.", y=30)
    sheet.put(f"1.2 {TWICE}", y=50)
    sheet.add_page()
    sheet.put("1.3 The head may allow more.", y=30)
    return sheet.save(folder)


def test_of_a_clause_on_two_pages_each_shows_its_part(tmp_path: Path) -> None:
    path = two_pages(tmp_path)
    document = read(path)
    clause = next(clause for clause in parse(document) if clause.number == "1.1")
    found = {number: page(document, path, number, clause.span) for number in (1, 2, 3)}
    assert {number: one.pages for number, one in found.items()} == {1: (1, 2), 2: (1, 2), 3: (2,)}
    assert within(path, 1, found[1]) + within(path, 2, found[2]) == letters(clause.span.of(document.text))[0]
    assert found[3].boxes == ()


def test_a_row_is_marked_cell_by_cell(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.put("1.1 What is kept where:", y=100)
    sheet.gap()
    draw_table(sheet, [["Device", "Kept in"], ["Tablets of the school", "The library"], ["Cameras", "The library"]])
    path = sheet.save(tmp_path)
    document = read(path)
    cameras = next(clause for clause in parse(document) if clause.span.of(document.text).startswith("Cameras"))
    found = page(document, path, 1, cameras.span)
    assert len(found.boxes) == 2
    assert within(path, 1, found) == "CamerasThelibrary"
    assert found.boxes[0][1] == pytest.approx(found.boxes[1][1], abs=3)


def test_a_row_that_a_page_break_cut_is_marked_on_both_pages(tmp_path: Path) -> None:
    """The reader tells the rest of it with its start, on the page before."""
    sheet = Sheet()
    sheet.put("Tablets are kept in the library, which is", y=270)
    sheet.add_page()
    sheet.put("locked when no one is there.", y=20)
    sheet.put("1.2 Cameras are kept in the office.", y=60)
    path = sheet.save(tmp_path)
    document = read(path)
    text = document.text.replace("is\n\nlocked", "is locked")
    told = replace(document, text=text, pages=(0, text.index("1.2")))
    row = span(told, "Tablets are kept in the library, which is locked when no one is there.")
    for number, words in ((1, "Tabletsarekeptinthelibrarywhichis"), (2, "lockedwhennooneisthere")):
        found = page(told, path, number, row)
        assert (found.share, found.pages, within(path, number, found)) == (1, (1, 2), words)


def test_words_that_are_not_in_print_are_not_marked(tmp_path: Path) -> None:
    path = two_pages(tmp_path)
    document = read(path)
    other = replace(document, text=document.text.replace("The head may allow more", "No governor can forbid it"))
    found = page(other, path, 3, span(other, "No governor can forbid it"))
    assert (found.boxes, found.pages) == ((), ())
    assert found.share < 0.95


def test_an_empty_page_is_shown(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.put(f"1.1 {TWICE}")
    sheet.add_page()
    path = sheet.save(tmp_path)
    document = read(path)
    found = page(document, path, 2, Span(0, 0))
    assert (found.width, found.height, found.share, found.boxes) == (1240, 1754, 0, ())


@pytest.mark.parametrize(("width", "height", "pixels"), [(14400, 14400, (1240, 1240)), (20, 14400, (5, 3600)), (14400, 20, (1240, 2)), (3, 3, (1240, 1240))])
def test_a_page_of_any_size_is_drawn_no_larger(width: float, height: float, pixels: tuple[int, int]) -> None:
    writer = PdfWriter()
    writer.add_blank_page(width, height)
    kept = BytesIO()
    writer.write(kept)
    found = drawing.draw(kept.getvalue(), Wanted(1, 1, 1, "", 0, 0))
    assert (found.width, found.height) == pixels


# the process


def test_a_page_is_drawn_alike_by_its_own_process(tmp_path: Path) -> None:
    path = two_pages(tmp_path)
    document = read(path)
    marked = span(document, TWICE)
    assert drawn(path.read_bytes(), wanted(document, 2, marked)) == page(document, path, 2, marked)


def refusal(pdf: bytes, number: int = 1) -> str:
    with pytest.raises(NotDrawn) as refused:
        drawn(pdf, Wanted(number, number, number, "", 0, 0))
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_file_that_cannot_be_drawn_is_told_in_a_line(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.put("Secret words.")
    sheet.set_encryption(owner_password="owner", user_password="user")
    locked = sheet.save(tmp_path).read_bytes()
    assert refusal(locked).startswith("Page 1 cannot be drawn from the file (Failed to load document (PDFium: Incorrect password error).)")
    assert refusal(b"").startswith("Page 1 cannot be drawn from the file (")
    assert refusal(b"%PDF-1.7\n" + bytes(range(256)) * 9).startswith("Page 1 cannot be drawn from the file (Failed to load document")
    plain = two_pages(tmp_path).read_bytes()
    assert refusal(plain, 9).startswith("Page 9 cannot be drawn from the file (")


def test_a_process_that_breaks_or_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "broken_program.py"
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(facsimile, "_PROGRAM", "broken_program")
    program.write_text("import os\nfrom clausewise.confined import serve\nserve(lambda _: os.abort())\n")
    assert refusal(b"%PDF").startswith("Page 1 cannot be drawn from the file (it is damaged);")
    program.write_text("import time\nfrom clausewise.confined import serve\nserve(lambda _: time.sleep(60))\n")
    monkeypatch.setattr(facsimile, "_LIMITS", Limits(seconds=0.2))
    assert refusal(b"%PDF") == "Page 1 cannot be drawn: that takes more than 0.2 seconds; open the file itself"


def outcome(pdf: bytes) -> bool:
    """Whether its page is drawn, or refused in a line."""
    try:
        return drawn(pdf, Wanted(1, 1, 1, "", 0, 0)).png.startswith(b"\x89PNG")
    except NotDrawn as error:
        return "\n" not in str(error)


def test_whatever_is_wrong_within_a_file_is_a_line(tmp_path: Path) -> None:
    whole = two_pages(tmp_path).read_bytes()
    for cut in range(5):
        hurt = bytearray(whole)
        hurt[len(whole) * cut // 5 : len(whole) * cut // 5 + 40] = b"\xff" * 40
        assert outcome(bytes(hurt))


# every clause


def placed(corpus: Corpus, folder: Path) -> tuple[int, list[str], list[str]]:
    """How many clauses may be quoted, which of them are not marked, and which are where pdfium tells other letters in the boxes."""
    count, missed, other = 0, list[str](), list[str]()
    for document in corpus.documents:
        opened = pypdfium2.PdfDocument((folder / document.path).read_bytes()) if document.format == "pdf" else None
        for clause in (clause for clause in parse(document) if clause.answers and opened):
            count += 1
            found = _boxes(opened, document, clause)
            missed += [] if found is not None else [clause.id]
            other += [clause.id] if found not in (None, letters(clause.span.of(document.text))[0]) else []
    return count, missed, other


def _boxes(opened: Any, document: Document, clause: Clause) -> str | None:
    """What pdfium tells of the clause's boxes on each of its pages; None where it is not marked."""
    told = ""
    for number in range(document.page(clause.span.start) or 0, (document.page(clause.span.end - 1) or 0) + 1):
        leaf, found = opened[number - 1], drawing.find(opened, wanted(document, number, clause.span))
        if found.share < facsimile.SURE:
            return None
        textpage = leaf.get_textpage()
        for left, bottom, right, top in lines(textpage.get_charbox(at) for at in found.here):
            told += textpage.get_text_bounded(left - 0.5, bottom - 0.5, right + 0.5, top + 0.5)
    return letters(told)[0]


@pytest.mark.slow
def test_every_clause_of_the_sample_corpus_is_marked_where_it_stands() -> None:
    count, missed, other = placed(load_corpus(ROOT / "corpus", MAX_BYTES), ROOT / "corpus")
    assert count > 250  # 260 when this was written
    assert (missed, other) == ([], [])


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The five real policies, which are at hand as text, set on pages: headed, justified, with the words that they repeat."""
    if not POLICIES.is_dir():
        pytest.skip(f"the five schools' policies are not at {POLICIES}")
    folder = tmp_path_factory.mktemp("printed")
    for document in load_corpus(POLICIES, MAX_BYTES).documents:
        sheet = FPDF()
        sheet.set_margin(22)
        sheet.add_font("DejaVu", fname=FONT)
        sheet.set_font("DejaVu", size=11)
        sheet.add_page()
        for block in document.blocks:
            sheet.multi_cell(0, 6, " ".join(document.text[block.start : block.end].split()), align="J", new_x="LMARGIN", new_y="NEXT")
            sheet.ln(3)
        (folder / document.school).mkdir()
        sheet.output(str(folder / document.school / "policy.pdf"))
    return folder


@pytest.mark.slow
def test_every_clause_of_the_five_policies_in_print_is_marked_where_it_stands(printed: Path) -> None:
    count, missed, other = placed(load_corpus(printed, MAX_BYTES), printed)
    assert count > 350  # 389 when this was written
    assert (missed, other) == ([], [])


@pytest.mark.slow
def test_every_clause_of_real_pdfs_that_stand_beside_the_project_is_marked() -> None:
    if not [*POLICIES.rglob("*.pdf")]:
        pytest.skip(f"no PDF is at {POLICIES}")
    count, missed, other = placed(load_corpus(POLICIES, MAX_BYTES), POLICIES)
    assert len(missed) + len(other) <= count / 100
