"""What each block of a policy is: a rule, or what stands around the rules."""

from __future__ import annotations

import pytest

from clausewise.blocks import recognise
from clausewise.classify import classify
from clausewise.types import Document

RULES = "\n1. Scope\n\nAll staff wear a badge.\n\n2. Rules\n\nAll staff walk.\n"


def document(text: str, title: str = "Badge Policy") -> Document:
    return Document("larch/badges", "larch", title, "larch/badges.txt", "text", "0" * 64, text, recognise(text))


def kinds(text: str, title: str = "Badge Policy") -> list[str]:
    return list(classify(document(text, title)))


def test_one_kind_for_each_block() -> None:
    made = document(RULES)
    assert classify(made) == ["heading", "clause", "heading", "clause"]
    assert len(made.blocks) == 4


def test_a_text_without_blocks_has_no_kinds() -> None:
    assert kinds("\n \n") == []


def test_items_and_rows_keep_their_kind() -> None:
    assert kinds("Staff must:\n\n- walk\n\n| Red | Stop |\n| Green | Go |\n") == ["clause", "item", "row", "row"]


# titles


def test_the_heading_that_says_the_title_is_the_title() -> None:
    assert kinds("BADGE\u00a0POLICY\n\nAll staff wear a badge.\n") == ["title", "clause"]


def test_marks_do_not_hide_the_title() -> None:
    assert kinds("# **Badge Policy**\n\nAll staff wear a badge.\n") == ["title", "clause"]


def test_a_title_stands_once() -> None:
    assert kinds("Badge Policy\n\nAll staff wear one.\n\nBadge Policy\n\nPupils do not.\n") == ["title", "clause", "heading", "clause"]


# contents


def test_contents_with_pages_are_no_rules() -> None:
    assert kinds("Contents\n\n1. Scope\t1\n2. Rules\t2\n" + RULES) == ["contents"] * 3 + ["heading", "clause"] * 2


def test_contents_with_dotted_leaders_need_no_heading() -> None:
    text = "Scope ....... 1\nRules ....... 2\nReview ....... 3\n" + RULES
    assert kinds(text) == ["contents"] * 3 + ["heading", "clause"] * 2


def test_two_lines_that_end_on_a_number_are_no_contents() -> None:
    assert kinds("Badges\t12\nBells\t3\n") == ["row", "row"]


def test_contents_without_pages_end_where_their_first_section_comes_again() -> None:
    text = "Contents\n\nScope\n\nRules\n\nScope\n\nAll staff wear a badge.\n\nRules\n\nAll staff walk.\n"
    assert kinds(text) == ["contents"] * 3 + ["heading", "clause"] * 2


def test_contents_may_be_a_list() -> None:
    text = "# Policy\n\n## Contents\n\n1. Scope\n2. Rules\n\n## 1. Scope\n\nAll staff wear a badge.\n\n## 2. Rules\n\nAll staff walk.\n"
    assert kinds(text, "Policy") == ["title"] + ["contents"] * 3 + ["heading", "clause"] * 2


def test_contents_may_be_a_table_in_bold() -> None:
    table = "|  |  |\n|---|---|\n| <b>1. Scope</b> | <b>3</b> |\n| <b>2. Rules</b> | <b>1</b> |\n"
    assert kinds("## Table of Contents\n\n" + table + RULES) == ["contents"] * 5 + ["heading", "clause"] * 2


# what stands around the rules


def test_short_lines_one_after_the_other_are_a_flow_chart() -> None:
    chart = "Ask the office\n\nOffice decides\n\nHead agrees\n\nBook the bus\n\nGo\n"
    assert kinds(chart + RULES) == ["chart"] * 5 + ["heading", "clause"] * 2


def test_four_headings_in_a_row_are_no_flow_chart() -> None:
    assert kinds("Larch School\n\nOffice\n\nBadges\n\nStaff\n\nAll staff wear a badge.\n") == ["heading"] * 4 + ["clause"]


def test_numbered_headings_are_no_flow_chart() -> None:
    assert kinds("1. One\n\n2. Two\n\n3. Three\n\n4. Four\n\n5. Five\n\nAll staff walk.\n") == ["heading"] * 5 + ["clause"]


@pytest.mark.parametrize("line", ["Signed: ________", "Date: ......", "Signed by the head for governors: ____", "Print name: ____"])
def test_a_line_to_fill_in_is_for_a_signature(line: str) -> None:
    assert kinds(f"All staff wear a badge.\n\n{line}\n") == ["clause", "signature"]


@pytest.mark.parametrize("line", ["Signed ________", "Chair of Governors …"])
def test_a_line_to_fill_in_needs_no_colon(line: str) -> None:
    assert kinds(f"All staff wear a badge.\n\n{line}\n") == ["clause", "signature"]


@pytest.mark.parametrize("line", ["Headteacher will:", "Name badges must be:", "Chair of Governors will:", "Date and time must be noted:"])
def test_a_lead_in_is_no_line_for_a_signature(line: str) -> None:
    assert kinds(f"{line}\n\n- kept\n- shown\n") == ["clause", "item", "item"]


def test_a_row_of_labels_alone_is_for_signatures() -> None:
    assert kinds("Date agreed\tReview Date\tSigned by the Chair\n" + RULES)[0] == "signature"


def test_a_row_of_labels_with_a_date_is_filled_in() -> None:
    assert kinds("Date agreed\t5 May 2026\n" + RULES)[0] == "row"


def test_rows_that_nobody_filled_in_are_for_signatures() -> None:
    text = "Approval\n\n| Approved by |  |\n| Date |  |\n| Signed |  |\n" + RULES
    assert kinds(text)[1:4] == ["signature"] * 3


@pytest.mark.parametrize(
    "note", ["¹ Or the deputy head.", "<sup>1</sup> Or the deputy head.", "[1] Or the deputy head.", "[^1]: Or the deputy."]
)
def test_a_raised_number_opens_a_footnote(note: str) -> None:
    assert kinds(f"The head¹ decides.\n\n{note}\n") == ["clause", "footnote"]


def test_a_number_that_came_down_opens_a_footnote_where_sections_are_numbered() -> None:
    assert kinds(RULES + "\n1 The age is counted on the first of September.\n")[-1] == "footnote"


def test_a_number_without_a_full_stop_is_no_footnote_where_sections_are_not() -> None:
    assert kinds("Scope\n\n1 The age is counted on the first of September.\n") == ["heading", "clause"]


@pytest.mark.parametrize("rule", ["---", "***", "____", "====", "* * *"])
def test_a_rule_is_furniture(rule: str) -> None:
    assert kinds(f"All staff walk.\n\n{rule}\n\nAll pupils walk.\n") == ["clause", "furniture", "clause"]


# tables


def test_the_header_and_rule_of_a_table_are_furniture() -> None:
    assert kinds("| Badge | Meaning |\n|---|---|\n| Red | Stop |\n| Green | Go |\n") == ["furniture", "furniture", "row", "row"]


def test_an_empty_row_is_furniture_and_leaves_the_others_alone() -> None:
    assert kinds("| Red | Stop |\n| | |\n| Green | Go |\n") == ["row", "furniture", "row"]


def test_a_few_words_above_a_table_are_its_heading() -> None:
    text = "All staff wear a badge.\n\nBadges for visitors\nRed\tStop\nGreen\tGo\n"
    assert kinds(text) == ["clause", "heading", "row", "row"]


def test_words_that_end_on_a_colon_above_a_table_stay_a_clause() -> None:
    assert kinds("The badges are:\nRed\tStop\nGreen\tGo\n") == ["clause", "row", "row"]
