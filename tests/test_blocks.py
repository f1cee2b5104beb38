"""Plain text and Markdown to blocks: what each line looks like, and that no character is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausewise.blocks import inner, looks_like_heading, recognise, strip_marks
from clausewise.types import Block, Span

PIECES = (
    "# ", "## ", "1. ", "1.1 ", "4.0 ", "(a) ", "- ", "· ", "  - ", "\t", "\n", "\n\n", "|", " | ", "|---|", "**", "__", "---",
    "Staff must", "walk.", "run;", "Scope", "LOUD WORDS", "Contents", "5", " ", "....", "Signed: ____", "¹ ", "Appendix A",
    "[bookmark: _GoBack]", "\u00a0", "\x0c", "<b>", "</b>", "<sup>1</sup>", ":", "“", "é", "\u2028", "\x85", "\v", "o ", "*", "Date",
    "a.", "…",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=200)


def kinds(text: str) -> list[str]:
    return [block.kind for block in recognise(text)]


def words(text: str) -> list[str]:
    return [text[block.start : block.end] for block in recognise(text)]


def items(text: str) -> list[tuple[int, str]]:
    return [(block.level, block.marker) for block in recognise(text) if block.kind == "item"]


def cells(text: str, block: Block) -> list[str]:
    return [cell.of(text) for cell in block.cells]


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_blocks_tile_any_text(text: str) -> None:
    at = 0
    for block in recognise(text):
        assert at <= block.start < block.end <= len(text)
        assert not text[at : block.start].strip()
        at = block.end
    assert not text[at:].strip()


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_cells_lie_apart_within_their_row(text: str) -> None:
    for block in recognise(text):
        at = block.start
        for cell in block.cells:
            assert at <= cell.start <= cell.end <= block.end
            at = cell.end


def test_offsets_count_code_points_of_the_text_as_it_stands() -> None:
    text = "\n\n  Scope 🏫\n\nAll staff wear a badge at the gate.\n"
    assert [(block.start, block.end) for block in recognise(text)] == [(2, 11), (13, 48)]


def test_text_of_white_space_has_no_blocks() -> None:
    assert recognise(" \n\t\n\x0c\n") == ()


# headings


@pytest.mark.parametrize(
    "line",
    [
        "Scope",
        "1. Scope",
        "1.0 Aims & Purpose",
        "AIMS",
        "6.1 Rules for visitors to the pool",
        "Appendix A – Form of leave",
        "Personal Use:",
        "Managing accounts:",
        "Use of images (staff)",
        "The dos",
        "Governors’ duties",
        "**Staff**",
        "## Scope ##",
    ],
)
def test_reads_as_a_heading(line: str) -> None:
    assert looks_like_heading(line)


@pytest.mark.parametrize(
    "line",
    [
        "All staff wear a badge.",
        "This policy:",
        "Staff must not",
        "scope",
        "The head will",
        "1.1 Staff must wear a badge",
        "Email: a@b.example",
        "Ring at 8:30",
        "Pupils may run; staff may not;",
        "",
        "one two three four five six seven eight nine ten eleven twelve thirteen",
        "Name: Ann Lee",
    ],
)
def test_does_not_read_as_a_heading(line: str) -> None:
    assert not looks_like_heading(line)


def test_a_line_to_sign_on_is_no_heading() -> None:
    assert not looks_like_heading("Signed ____")


def test_hashes_give_a_heading_its_level() -> None:
    text = "# Policy\n\n### Scope\n\nAll staff wear a badge.\n"
    assert [(b.kind, b.level) for b in recognise(text)] == [("heading", 1), ("heading", 3), ("paragraph", 0)]


def test_a_short_line_set_apart_is_a_heading_of_no_known_level() -> None:
    assert [(b.kind, b.level) for b in recognise("Scope\n\nAll staff wear a badge.\n")] == [("heading", 0), ("paragraph", 0)]


def test_a_bold_line_is_a_heading_though_nothing_sets_it_apart() -> None:
    assert kinds("**Staff**\nAll staff wear a badge.\n") == ["heading", "paragraph"]


def test_a_name_in_capitals_over_two_lines_is_one_heading() -> None:
    text = "PEAR\nACADEMIES\n\nAll staff wear a badge at the gate.\n"
    assert words(text)[0] == "PEAR\nACADEMIES"
    assert kinds(text) == ["heading", "paragraph"]


def test_offsets_known_to_be_headings_are_headings() -> None:
    text = "we begin in lower case\n\nall staff wear a badge.\n"
    assert [(b.kind, b.level) for b in recognise(text, {0: 2})] == [("heading", 2), ("paragraph", 0)]


def test_a_number_alone_on_its_line_is_a_heading_not_an_item() -> None:
    assert kinds("1. Scope\n\nAll staff wear a badge.\n\n2. Rules\n\nAll staff walk.\n") == ["heading", "paragraph", "heading", "paragraph"]


def test_numbers_after_a_colon_are_a_list() -> None:
    assert kinds("The rules of the gate are:\n\n1. Open at eight\n2. Close at nine\n") == ["paragraph", "item", "item"]


def test_a_numbered_list_that_a_colon_opened_may_have_blank_lines_between_its_items() -> None:
    assert kinds("The rules of the gate are:\n\n1. Open at eight\n\n2. Close at nine\n\n3. Ring\n") == ["paragraph", "item", "item", "item"]


# lists


@pytest.mark.parametrize("marker", ["-", "*", "+", "•", "·", "▪", "‣", "–", "o", "\uf0b7", "1.", "1)", "(a)", "a)", "iv.", "(ii)"])
def test_a_marker_makes_an_item(marker: str) -> None:
    block = recognise(f"Staff must:\n{marker} walk\n")[1]
    assert (block.kind, block.level, block.marker) == ("item", 0, marker)


def test_a_doubled_bullet_is_one_marker() -> None:
    assert items("- · walk\n- run\n") == [(0, "- ·"), (0, "-")]


def test_a_bullet_may_be_followed_by_a_space_that_does_not_break() -> None:
    assert items("-\u00a0walk\n") == [(0, "-")]


def test_indents_become_depths() -> None:
    assert [level for level, _ in items("- a\n    - b\n        - c\n    - d\n- e\n")] == [0, 1, 2, 1, 0]


def test_one_space_of_indent_is_enough_to_go_deeper() -> None:
    assert [level for level, _ in items("- **Staff**\n - walk\n - talk\n- **Pupils**\n - run\n")] == [0, 1, 1, 0, 1]


def test_bullets_under_a_number_that_ends_on_a_colon_go_deeper() -> None:
    assert items("1. run, for example by:\n· racing;\n· sprinting; or\n1. shout.\n") == [(0, "1."), (1, "·"), (1, "·"), (0, "1.")]


def test_bullets_of_another_kind_without_a_colon_stay_level() -> None:
    assert items("1. run\n· race\n") == [(0, "1."), (0, "·")]


def test_depth_starts_again_after_a_paragraph() -> None:
    assert [level for level, _ in items("- a\n  - b\n\nAll staff walk.\n\n  - c\n")] == [0, 1, 0]


def test_a_blank_line_does_not_end_a_list() -> None:
    assert [level for level, _ in items("- a\n  - b\n\n  - c\n\n- d\n")] == [0, 1, 1, 0]


def test_an_indented_line_goes_on_with_its_item() -> None:
    assert words("- keep pictures off\n  their own phones\n- tell the head\n") == [
        "- keep pictures off\n  their own phones",
        "- tell the head",
    ]


# paragraphs


def test_hard_wrapped_lines_make_one_paragraph() -> None:
    text = "The office keeps a register of visitors, and the\nGovernors read it once a year. Staff\nsign it when they arrive.\n\nIt is kept for a year.\n"
    assert words(text) == [text[:111], "It is kept for a year."]


def test_lines_of_a_file_that_is_not_wrapped_are_paragraphs_of_their_own() -> None:
    long = "Staff keep their phones in the office " * 4
    assert kinds(f"{long}\nThe head keeps the key.\nAll else is kept at home.\nSo it stands.\n") == ["paragraph"] * 4


def test_numbered_clauses_on_lines_that_follow_each_other_stay_apart() -> None:
    assert words("1.1 No phones.\n1.2 No tablets.\n1.3 No watches.\n1.4 No bells.\n") == [
        "1.1 No phones.",
        "1.2 No tablets.",
        "1.3 No watches.",
        "1.4 No bells.",
    ]


def test_a_wrapped_line_may_begin_with_a_number_of_days() -> None:
    text = "The office keeps the register for no more than\n30 days from the visit. It is then\nshredded by the site manager of the school,\nwho signs for it.\n"
    assert kinds(text) == ["paragraph"]


def test_a_wrapped_line_may_begin_with_the_number_that_closes_a_sentence() -> None:
    text = "The gate is closed to every child who is under\n13. Staff open it when the parents ask them\nto do so, and close it when they have gone,\nas they must.\n"
    assert kinds(text) == ["paragraph"]


def test_a_wrapped_line_may_begin_with_a_time_of_day() -> None:
    text = "The gate is closed to every visitor from the hour of\n2.30 pm on each day of the week save for\nFriday, when the whole school goes home\nat noon.\n"
    assert kinds(text) == ["paragraph"]


def test_a_form_feed_parts_paragraphs() -> None:
    assert words("Page one ends.\n\x0c\nPage two begins.\n") == ["Page one ends.", "Page two begins."]


def test_a_rule_is_a_paragraph_of_its_own() -> None:
    assert words("All staff walk.\n---\nAll pupils walk.\n") == ["All staff walk.", "---", "All pupils walk."]


# tables


def test_a_markdown_row_has_cells_and_its_header_is_known() -> None:
    text = "| Badge | Meaning |\n|:--|--:|\n| Red | Stop |\n"
    blocks = recognise(text)
    assert [(b.kind, b.header) for b in blocks] == [("row", True), ("row", False), ("row", False)]
    assert [cells(text, b) for b in blocks] == [["Badge", "Meaning"], [":--", "--:"], ["Red", "Stop"]]


def test_an_empty_cell_keeps_its_place() -> None:
    text = "| Red |  | Stop |\n"
    assert cells(text, recognise(text)[0]) == ["Red", "", "Stop"]


def test_tabs_make_a_row() -> None:
    text = "\tName of School\tPear School\n"
    assert cells(text, recognise(text)[0]) == ["Name of School", "Pear School"]


def test_a_bar_between_spaces_makes_a_row() -> None:
    text = "Green | Carry a phone\n"
    assert cells(text, recognise(text)[0]) == ["Green", "Carry a phone"]


def test_a_tab_after_a_clause_number_makes_no_row() -> None:
    assert kinds("1.1\tStaff wear a badge at the gate.\n") == ["paragraph"]


@pytest.mark.parametrize("line", ["1. Scope\t4", "Scope ........ 4", "Scope    4", "Scope … 4"])
def test_a_contents_line_is_a_row(line: str) -> None:
    assert kinds(line) == ["row"]


def test_an_empty_row_makes_no_header_of_the_row_above() -> None:
    text = "| Badge | Meaning |\n|---|---|\n| Red | Stop |\n|  |  |\n| Green | Go |\n"
    assert [b.header for b in recognise(text)] == [True, False, False, False, False]


# marks


@pytest.mark.parametrize(
    ("marked", "bare"),
    [
        ("**Staff**", "Staff"),
        ("__Staff__", "Staff"),
        ("## **Staff** ##", "Staff"),
        ("<b>Staff</b>", "Staff"),
        ("[bookmark: _GoBack]Phones", "Phones"),
        (" Staff ", "Staff"),
        ("**Note** that", "**Note** that"),
        ("All **staff**", "All **staff**"),
        ("snake_case", "snake_case"),
        ("", ""),
    ],
)
def test_marks_at_the_edges_are_stripped(marked: str, bare: str) -> None:
    assert strip_marks(marked) == bare


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_inner_never_leaves_its_span(text: str) -> None:
    for start, end in ((0, len(text)), (len(text) // 3, len(text) // 2)):
        found = inner(text, Span(start, end))
        assert start <= found.start <= found.end <= end
