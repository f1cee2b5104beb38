"""A policy's clauses: their numbers, headings, lists and lead-ins, and where each stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausewise.blocks import recognise
from clausewise.clauses import parse, slug, split_number
from clausewise.types import Clause, Document, Span

LINES = (
    "1. Scope", "2.0 Rules", "# Policy", "### Staff", "Personal use", "LOUD WORDS", "**Staff**", "1.1 Staff must:", "4.4 Staff walk.",
    "Staff must not", "They are as follows:", "- run;", "- · hop; or", "  - sing", "(a) walk", "(b) talk", "  (i) softly", "1. one",
    "1. two", "2. three", "| a | b |", "|---|---|", "|  |  |", "Red\tStop", "Contents", "Scope\t4", "Rules\t5", "Aims\t6", "Signed: ____",
    "Date agreed\tReview Date", "¹ A note.", "---", "All staff walk to the gate.", "Appendix A – Form", "Section 2: Form",
    "| Policy approved | May 2026 |", "", "", "", "\x0c",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(LINES), max_size=30).map("\n".join) | st.text(max_size=200)


def document(text: str, title: str = "", pages: tuple[int, ...] = ()) -> Document:
    return Document("larch/p", "larch", title, "larch/p.txt", "text", "0" * 64, text, recognise(text), pages)


def clauses(text: str, title: str = "") -> list[Clause]:
    return list(parse(document(text, title)))


def place(clause_id: str) -> str:
    return clause_id.removeprefix("larch/p#")


def places(text: str, title: str = "") -> list[str]:
    return [place(clause.id) for clause in clauses(text, title)]


def bodies(text: str) -> list[str]:
    return [clause.body.of(text) for clause in clauses(text)]


def at(text: str, where: str) -> Clause:
    return next(clause for clause in clauses(text) if place(clause.id) == where)


def leads(text: str, where: str) -> list[str]:
    return [place(i) for i in at(text, where).lead_in_ids]


def lead_words(text: str, where: str) -> list[str]:
    return [span.of(text) for span in at(text, where).lead_ins]


# every document


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_clauses_tile_any_document(text: str) -> None:
    end = 0
    for clause in clauses(text):
        assert end <= clause.span.start <= clause.body.start <= clause.body.end <= clause.span.end
        assert not text[end : clause.span.start].strip()
        end = clause.span.end
    assert not text[end:].strip()


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_ids_are_unique_and_lead_ins_stand_before_what_hangs_from_them(text: str) -> None:
    seen: dict[str, Clause] = {}
    for clause in clauses(text):
        assert clause.id not in seen
        assert len(clause.lead_ins) == len(clause.lead_in_ids)
        for span, lead in zip(clause.lead_ins, clause.lead_in_ids, strict=True):
            assert seen[lead].body.start <= span.start <= span.end == seen[lead].body.end
        assert clause.parent is None or clause.parent in seen
        seen[clause.id] = clause


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_the_same_text_gives_the_same_clauses(text: str) -> None:
    assert clauses(text) == clauses(text)


def test_an_id_names_document_and_place_and_never_the_words() -> None:
    before = [clause.id for clause in clauses("1. Scope\n\n1.1 All staff walk.\n\n- never run\n")]
    after = [clause.id for clause in clauses("1. Scope\n\n1.1 Nobody here may walk.\n\n- always run\n")]
    assert before == after == ["larch/p#1", "larch/p#1.1", "larch/p#1.1/1"]


def test_a_clause_knows_its_school_document_and_page() -> None:
    text = "1. Scope\n\n1.1 All staff walk.\n\n1.2 All pupils walk.\n"
    found = parse(document(text, pages=(0, 30)))
    assert [(c.school, c.document, c.page) for c in found] == [("larch", "larch/p", 1), ("larch", "larch/p", 1), ("larch", "larch/p", 2)]


def test_a_text_without_pages_gives_none() -> None:
    assert clauses("All staff walk.")[0].page is None


# numbers


@pytest.mark.parametrize(
    ("line", "number", "rest"),
    [
        ("5.3 Staff walk.", "5.3", "Staff walk."),
        ("5.3. Staff walk.", "5.3", "Staff walk."),
        ("5. Staff", "5", "Staff"),
        ("5 Staff", "5", "Staff"),
        ("1.0 Aims", "1.0", "Aims"),
        ("2.1.14 Staff walk.", "2.1.14", "Staff walk."),
        ("5.3\u00a0Staff walk.", "5.3", "Staff walk."),
        ("5.3\tStaff walk.", "5.3", "Staff walk."),
        ("5.3 **Phones** stay out.", "5.3", "**Phones** stay out."),
        ("Appendix A – Form", "Appendix A", "Form"),
        ("Section 4: Form", "Section 4", "Form"),
        ("30 days after", None, "30 days after"),
        ("2026 was dry.", None, "2026 was dry."),
        ("Staff walk at 5.3 mph.", None, "Staff walk at 5.3 mph."),
        ("5.3", None, "5.3"),
    ],
)
def test_a_number_is_parted_from_its_words(line: str, number: str | None, rest: str) -> None:
    found, body = split_number(line, Span(0, len(line)))
    assert (found, body.of(line)) == (number, rest)


def test_the_span_holds_the_number_and_the_body_does_not() -> None:
    text = "3. Rules\n\n3.1 Staff walk.\n"
    clause = at(text, "3.1")
    assert (clause.number, clause.span, clause.body) == ("3.1", Span(10, 25), Span(14, 25))


def test_an_unnumbered_paragraph_takes_its_heading_and_its_ordinal() -> None:
    assert places("Personal use\n\nStaff walk.\n\nPupils run.\n") == ["personal-use", "personal-use/1", "personal-use/2"]
    assert places("5. Use\n\nStaff walk.\n\nPupils run.\n") == ["5", "5/1", "5/2"]


def test_words_before_any_heading_are_the_preamble() -> None:
    assert places("All staff walk.\n\nAll pupils walk.\n\nScope\n\nAll.\n") == ["preamble/1", "preamble/2", "scope", "scope/1"]


def test_a_heading_that_stands_twice_gets_a_mark_of_its_own() -> None:
    text = "Personal use\n\nStaff walk.\n\nRules\n\nStaff run.\n\nPersonal use\n\nPupils walk.\n"
    assert places(text) == ["personal-use", "personal-use/1", "rules", "rules/1", "personal-use~2", "personal-use~2/1"]


def test_a_number_that_stands_twice_gets_a_mark_of_its_own() -> None:
    assert places("1. Rules\n\n1.1 Walk.\n\n1.1 Run.\n") == ["1", "1.1", "1.1~2"]
    assert [c.number for c in clauses("1. Rules\n\n1.1 Walk.\n\n1.1 Run.\n")] == ["1", "1.1", "1.1"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Personal use (staff)", "personal-use-staff"),
        ("The Don’ts", "the-donts"),
        ("Roles & Duties", "roles-duties"),
        ("Café", "caf"),
        ("規則", "section"),
    ],
)
def test_slug(words: str, expected: str) -> None:
    assert slug(words) == expected


# headings and their levels


def headings(text: str) -> list[tuple[str, ...]]:
    return [clause.headings for clause in clauses(text) if clause.kind == "clause"]


def test_numbers_give_the_levels_of_headings() -> None:
    text = "3. Bans\n\n3.1 Phones\n\nNo phones.\n\n3.2 Bells\n\nNo bells.\n\n4. Rules\n\nWalk.\n"
    assert headings(text) == [("3. Bans", "3.1 Phones"), ("3. Bans", "3.2 Bells"), ("4. Rules",)]


def test_a_section_numbered_nought_stands_level_with_the_next() -> None:
    assert headings("1.0 Aims\n\n1.1 Walk.\n\n2.0 Scope\n\n2.1 Run.\n") == [("1.0 Aims",), ("2.0 Scope",)]


def test_marks_give_the_levels_of_headings() -> None:
    text = "# Policy\n\n## Staff\n\n### Phones\n\nNo phones.\n\n## Pupils\n\nNo bells.\n"
    assert headings(text) == [("Policy", "Staff", "Phones"), ("Policy", "Pupils")]


def test_numbers_outrank_marks_that_are_mixed() -> None:
    assert headings("## 1. Aims\n\nWalk.\n\n#### **2. Scope**\n\nRun.\n\n## 3. Rules\n\nHop.\n") == [
        ("1. Aims",),
        ("2. Scope",),
        ("3. Rules",),
    ]


def test_an_unmarked_heading_stands_below_the_marked_one() -> None:
    assert headings("## 1. Aims\n\nWalk.\n\nMobile apps\n\nRun.\n\n## 2. Scope\n\nHop.\n") == [
        ("1. Aims",),
        ("1. Aims", "Mobile apps"),
        ("2. Scope",),
    ]


def test_capitals_stand_above_other_headings() -> None:
    text = "AIMS\n\nWalk.\n\nPersonal use\n\nRun.\n\nWork use\n\nHop.\n\nDUTIES\n\nSkip.\n"
    assert headings(text) == [("AIMS",), ("AIMS", "Personal use"), ("AIMS", "Work use"), ("DUTIES",)]


def test_the_title_is_no_heading_above_the_clauses() -> None:
    found = clauses("Badge Policy\n\nScope\n\nAll staff.\n", "Badge Policy")
    assert [(c.kind, c.headings) for c in found] == [("title", ()), ("heading", ()), ("clause", ("Scope",))]


def test_an_appendix_stands_at_the_top() -> None:
    text = "1. Rules\n\n1.1 Walk.\n\nAppendix A – Form\n\nFill it in today.\n"
    assert headings(text) == [("1. Rules",), ("Appendix A – Form",)]
    assert clauses(text)[2].number == "Appendix A"


def test_a_colon_after_a_heading_is_no_part_of_it() -> None:
    assert headings("Personal Use:\n\nWalk.\n") == [("Personal Use",)]


def test_sections_named_section_stand_side_by_side() -> None:
    assert headings("Section 1: Scope\n\nAll staff walk.\n\nSection 2: Rules\n\nAll staff run.\n") == [
        ("Section 1: Scope",),
        ("Section 2: Rules",),
    ]


def test_sister_headings_have_one_path() -> None:
    text = "Managing accounts\n\nThe dos\n\n- walk\n\nThe don’ts\n\n- run\n"
    assert at(text, "the-dos/1").headings == ("Managing accounts", "The dos")
    assert at(text, "the-donts/1").headings == ("Managing accounts", "The don’ts")


# lists


def test_a_list_hangs_from_its_lead_in() -> None:
    text = "5. Use\n\n5.1 At work, staff should:\n\n- never share a password.\n- keep phones private.\n"
    assert places(text) == ["5", "5.1", "5.1/1", "5.1/2"]
    assert leads(text, "5.1/2") == ["5.1"]
    assert lead_words(text, "5.1/2") == ["At work, staff should:"]
    assert at(text, "5.1/2").parent == "larch/p#5.1"


def test_a_lead_in_needs_no_colon() -> None:
    assert leads("3.4 Any use at work must not\n\n- bring shame;\n- break trust.\n", "3.4/2") == ["3.4"]


def test_of_a_long_lead_in_only_the_last_sentence_leads() -> None:
    text = "Scope\n\nStaff like cake. It is theirs. In the hall they must:\n\n- sit\n"
    assert lead_words(text, "scope/1/1") == ["In the hall they must:"]


def test_a_paragraph_that_announces_what_follows_leads_in_though_it_ends_on_a_full_stop() -> None:
    text = "Scope\n\nPictures may be taken where the following rules are kept.\n\n- ask first\n"
    assert leads(text, "scope/1/1") == ["scope/1"]


def test_a_finished_paragraph_leads_nothing_in() -> None:
    text = "Scope\n\nAll staff show the same high standards at all times.\n\n- walk\n- run\n"
    assert places(text) == ["scope", "scope/1", "scope/2", "scope/3"]
    assert leads(text, "scope/2") == []


def test_a_list_below_a_heading_hangs_from_no_lead_in() -> None:
    text = "Conduct\n\n- walk\n- run\n"
    assert places(text) == ["conduct", "conduct/1", "conduct/2"]
    assert at(text, "conduct/2").parent == "larch/p#conduct"


def test_a_list_of_two_levels_carries_both_lead_ins() -> None:
    text = "Staff must not:\n\n- run, for example by:\n  - racing;\n  - sprinting; or\n- shout.\n"
    assert places(text) == ["preamble/1", "preamble/1/1", "preamble/1/1/1", "preamble/1/1/2", "preamble/1/2"]
    assert leads(text, "preamble/1/1/2") == ["preamble/1", "preamble/1/1"]
    assert lead_words(text, "preamble/1/1/2") == ["Staff must not:", "run, for example by:"]
    assert leads(text, "preamble/1/2") == ["preamble/1"]


def test_a_bold_actor_leads_its_bullets_in() -> None:
    text = "Personal use\n\n- **Staff**\n - Wear a badge.\n- **Parents/Carers**\n - Ring the bell.\n - Wait.\n"
    assert places(text) == ["personal-use", "personal-use/1", "personal-use/1/1", "personal-use/2", "personal-use/2/1", "personal-use/2/2"]
    assert lead_words(text, "personal-use/1/1") == ["Staff"]
    assert lead_words(text, "personal-use/2/2") == ["Parents/Carers"]


def test_a_list_broken_by_blank_lines_is_one_list() -> None:
    text = "The leader must:\n\n- count;\n\n- check; and\n\n\n\n- lock.\n\nAll go home.\n"
    assert places(text) == ["preamble/1", "preamble/1/1", "preamble/1/2", "preamble/1/3", "preamble/2"]
    assert leads(text, "preamble/1/3") == ["preamble/1"]


def test_a_paragraph_ends_a_list() -> None:
    text = "Staff must:\n\n- run\n\nPupils may:\n\n- skip\n"
    assert leads(text, "preamble/2/1") == ["preamble/2"]


@pytest.mark.parametrize(
    ("printed", "kept"),
    [("hop;", "hop"), ("hop; or", "hop"), ("hop; and", "hop"), ("hop, and", "hop"), ("hop.", "hop."), ("hop or", "hop or")],
)
def test_an_item_leaves_its_closing_and_or_behind(printed: str, kept: str) -> None:
    text = f"Staff must:\n\n- {printed}\n- skip.\n"
    assert bodies(text)[1] == kept


def test_a_doubled_bullet_is_no_part_of_the_words() -> None:
    assert bodies("Staff must:\n\n- · walk\n- run\n")[1:] == ["walk", "run"]


def test_an_item_that_wraps_is_one_item() -> None:
    assert bodies("Staff must:\n\n- keep pictures off\n  their phones\n- run\n")[1:] == ["keep pictures off\n  their phones", "run"]


# numbers of items


def numbers(text: str) -> list[str | None]:
    return [clause.number for clause in clauses(text) if clause.kind == "item"]


def test_letters_below_a_clause_give_its_number_with_theirs() -> None:
    assert numbers("4.4 Staff must not:\n\n(a) feed ducks;\n(b) feed geese.\n") == ["4.4(a)", "4.4(b)"]


def test_numbers_go_two_levels_down() -> None:
    text = "1.1 They may:\n\n(a) wait;\n(b) bark:\n  (i) softly;\n  (ii) once.\n(c) sit.\n"
    assert numbers(text) == ["1.1(a)", "1.1(b)", "1.1(b)(i)", "1.1(b)(ii)", "1.1(c)"]
    assert leads(text, "1.1/2/1") == ["1.1", "1.1/2"]


def test_letters_below_a_numbered_heading_take_its_number() -> None:
    assert numbers("7. Bans\n\n(a) no running\n(b) no shouting\n") == ["7(a)", "7(b)"]


def test_numbers_below_no_number_stand_alone() -> None:
    assert numbers("Staff must:\n\n1. walk\n2. sit\n3. hop\n") == ["1", "2", "3"]


def test_numbers_start_again_with_each_list() -> None:
    text = "1.1 Staff must:\n\n(a) run\n(b) walk\n\n1.2 Pupils must:\n\n(a) hop\n(b) skip\n"
    assert numbers(text) == ["1.1(a)", "1.1(b)", "1.2(a)", "1.2(b)"]


def test_roman_numbers_count_up() -> None:
    assert numbers("1.1 Staff must:\n\n(i) run\n(ii) walk\n(iii) hop\n(iv) skip\n") == ["1.1(i)", "1.1(ii)", "1.1(iii)", "1.1(iv)"]


def test_one_one_one_does_not_count_up() -> None:
    text = "Staff must not:\n\n1. run, for example by:\n· racing;\n· sprinting; or\n\n1. shout; or\n\n1. whistle.\n"
    assert numbers(text) == [None] * 5
    assert places(text) == ["preamble/1", "preamble/1/1", "preamble/1/1/1", "preamble/1/1/2", "preamble/1/2", "preamble/1/3"]
    assert leads(text, "preamble/1/1/2") == ["preamble/1", "preamble/1/1"]
    assert leads(text, "preamble/1/3") == ["preamble/1"]


def test_letters_with_a_gap_do_not_count_up() -> None:
    assert numbers("4.4 Staff must not:\n\n(a) feed ducks;\n(c) feed geese.\n") == [None, None]


def test_bullets_have_no_numbers() -> None:
    assert numbers("4.4 Staff must not:\n\n- feed ducks;\n- feed geese.\n") == [None, None]


@pytest.mark.xfail(strict=True, reason="a run of numbers must begin at 1, so a list that goes on after a note loses its numbers")
def test_a_list_that_goes_on_after_a_note_keeps_its_numbers() -> None:
    assert numbers("7. Bans\n\n1. one\n2. two\n\nA note stands here.\n\n3. three\n4. four\n") == ["7(1)", "7(2)", "7(3)", "7(4)"]


# a paragraph between two numbered clauses


RISKS = "6. Risks\n\n6.1 There are risks.\n\nThey are as follows:\n\n6.2 Water\n\n- Deep\n\n6.3 Fire\n\n- Hot\n\n7. Other\n\n7.1 No risk.\n"


def test_a_paragraph_between_numbered_clauses_leads_in_the_next_ones() -> None:
    assert leads(RISKS, "6.2") == leads(RISKS, "6.3") == ["6/1"]
    assert leads(RISKS, "6.2/1") == ["6/1", "6.2"]
    assert leads(RISKS, "6.3/1") == ["6/1", "6.3"]
    assert lead_words(RISKS, "6.3/1") == ["They are as follows:", "6.3 Fire"]


def test_it_leads_in_nothing_before_it_and_nothing_in_the_next_section() -> None:
    assert leads(RISKS, "6.1") == leads(RISKS, "7") == leads(RISKS, "7.1") == []


def test_it_leads_in_numbered_paragraphs_until_the_next_paragraph_without_a_number() -> None:
    text = "3. Bans\n\nThese are banned:\n\n3.1 Phones.\n\n3.2 Bells.\n\nParents are told of it.\n\n3.3 Drums are played.\n"
    assert leads(text, "3.1") == leads(text, "3.2") == ["3/1"]
    assert leads(text, "3.3") == []


def test_it_leads_in_nothing_beyond_the_section_that_it_stands_in() -> None:
    text = "3. Rules\n\n3.1 Phones\n\nThese are banned:\n\n3.1.1 Calls at lunch.\n\n3.2 Laptops\n\n3.2.1 Laptops are allowed.\n"
    assert leads(text, "3.1.1") == ["3.1/1"]
    assert leads(text, "3.2") == leads(text, "3.2.1") == []


# tables


BADGES = "2. Badges\n\n| Badge | Meaning |\n|---|---|\n| Red | Stop |\n| Green | Go |\n\nAll wear one.\n"


def test_rows_hang_from_their_header() -> None:
    assert places(BADGES) == ["2", "furniture/1", "furniture/2", "2/1", "2/2", "2/3"]
    assert leads(BADGES, "2/1") == leads(BADGES, "2/2") == ["furniture/1"]
    assert leads(BADGES, "2/3") == []


def test_the_body_of_a_row_runs_from_its_first_word_to_its_last() -> None:
    assert at(BADGES, "2/2").body.of(BADGES) == "Green | Go"
    assert at("| | Red | Stop | |\n| | Green | Go | |\n", "preamble/1").body == Span(4, 14)


def test_the_lead_in_of_a_row_has_no_bars_at_its_edges() -> None:
    assert lead_words(BADGES, "2/1") == ["Badge | Meaning"]


def test_a_row_above_an_empty_row_still_answers() -> None:
    text = "| Badge | Meaning |\n|---|---|\n| Red | Stop |\n| | |\n| Green | Go |\n"
    assert [c.body.of(text) for c in clauses(text) if c.answers] == ["Red | Stop", "Green | Go"]


def test_a_table_with_an_empty_header_takes_no_row_from_the_table_above() -> None:
    text = "| Badge | Meaning |\n|---|---|\n| Red | Stop |\n\n| | |\n|---|---|\n| Head | Ann Lee |\n"
    assert [c.body.of(text) for c in clauses(text) if c.answers] == ["Red | Stop", "Head | Ann Lee"]


def test_rows_hang_from_the_words_that_announce_their_table() -> None:
    text = "3.4 The badges have these meanings:\n\n| Badge | Meaning |\n|---|---|\n| Red | Stop |\n"
    row = next(c for c in clauses(text) if c.kind == "row")
    assert [place(i) for i in row.lead_in_ids] == ["3.4", "furniture/1"]


CONTROL = "2. Rules\n\n2.1 All walk.\n\n| | |\n|---|---|\n| Policy written | May 2024 |\n| Review date | May 2025 |\n\nThanks to all.\n"


def test_a_table_of_the_policys_own_dates_stands_apart_from_the_last_section() -> None:
    assert places(CONTROL)[-3:] == ["document-control/1", "document-control/2", "document-control/3"]
    assert [c.headings for c in clauses(CONTROL)][-3:] == [(), (), ()]


def test_another_table_stays_in_its_section() -> None:
    assert at(BADGES, "2/1").headings == ("2. Badges",)


def test_a_table_of_dates_before_any_section_is_preamble() -> None:
    assert places("Name of School\tLarch School\nReview Date\tMay 2025\n\nScope\n\nAll.\n") == [
        "preamble/1",
        "preamble/2",
        "scope",
        "scope/1",
    ]


# what is no rule


def test_a_signature_ends_the_section() -> None:
    text = "1. Rules\n\nStaff walk.\n\nSigned: ________\n\nThanks go to all.\n"
    assert places(text) == ["1", "1/1", "signature/1", "document-control/1"]
    assert at(text, "document-control/1").headings == ()


def test_contents_charts_rules_and_signatures_answer_nothing() -> None:
    text = "Contents\n\n1. Rules\t3\n\n1. Rules\n\nWalk.\n\n---\n\nSigned: ______\n"
    assert [(c.kind, c.answers) for c in clauses(text)] == [
        ("contents", False),
        ("contents", False),
        ("heading", False),
        ("clause", True),
        ("furniture", False),
        ("signature", False),
    ]


def test_a_flow_chart_is_no_path_of_headings() -> None:
    text = "Ask\n\nDecide\n\nAgree\n\nBook\n\nGo\n\n1. Rules\n\nWalk.\n"
    assert places(text) == ["chart/1", "chart/2", "chart/3", "chart/4", "chart/5", "1", "1/1"]
    assert at(text, "1/1").headings == ("1. Rules",)


def test_a_footnote_answers_and_does_not_count_among_its_sections_clauses() -> None:
    text = "4. Status\n\n---\n\n<sup>1</sup> Or the deputy head.\n\nThe head decides.\n"
    assert places(text) == ["4", "furniture/1", "footnote/1", "4/1"]
    assert at(text, "footnote/1").answers
    assert at(text, "footnote/1").headings == ("4. Status",)


def test_an_actor_with_a_colon_leads_a_list_in() -> None:
    text = "1. Duties\n\nHeadteacher will:\n\n- lock up\n- go home\n"
    assert leads(text, "1/1/1") == ["1/1"]
    assert at(text, "1/1/1").headings == ("1. Duties",)


# hard-wrapped text


def test_wrapped_text_gives_whole_clauses() -> None:
    text = "1. Visits\n\n1.1 Visitors sign at the desk, and the office\nkeeps the book for a year.\n\n1.2 The desk is open\nfrom eight.\n"
    assert places(text) == ["1", "1.1", "1.2"]
    assert bodies(text)[1:] == ["Visitors sign at the desk, and the office\nkeeps the book for a year.", "The desk is open\nfrom eight."]
