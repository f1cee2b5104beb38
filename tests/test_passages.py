"""Clauses to passages: exact offsets, whole sentences, and the context that is embedded but never quoted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clausewise.blocks import recognise
from clausewise.clauses import parse
from clausewise.passages import _split, passages, sentences
from clausewise.types import Document, Passage, Span

LINES = (
    "1. Scope", "# Policy", "1.1 Staff must:", "4.4 Staff walk. Pupils run! Do they? Yes.", "- run;", "- · hop; or", "  - sing",
    "(a) walk. Talk.", "| a | b. C |", "|---|---|", "|  |  |", "¹ A note. And more.", "---",
    "All staff, e.g. The Head, walk. **They run.** So be it.", "They are as follows:", "“Nothing” is private. (See below.) “It is.” No.",
    "word " * 230 + "end.", "", "", "\x0c", "!!!", "**", "...",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(LINES), max_size=20).map("\n".join) | st.text(max_size=200)
SENTENCES = (
    "Staff walk.", "Pupils run!", "Do they?", "“Yes.”", "(See 4.)", "e.g. A badge", "no. 8 is shut.", " ", "  ", "\n", "\u00a0", "É",
    "x" * 950, "w " * 500,
)  # fmt: skip


def document(text: str, school: str = "larch") -> Document:
    return Document(f"{school}/p", school, "", f"{school}/p.txt", "text", "0" * 64, text, recognise(text))


def made(text: str) -> list[Passage]:
    found = document(text)
    return passages(found, parse(found))


def quotes(text: str) -> list[str]:
    return [passage.span.of(text) for passage in made(text)]


def parts(text: str) -> list[str]:
    return [span.of(text) for span in sentences(text, Span(0, len(text)))]


# offsets


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_every_passage_lies_in_the_body_of_its_clause(text: str) -> None:
    found = document(text)
    clauses = {clause.id: clause for clause in parse(found)}
    end = 0
    for passage in passages(found, tuple(clauses.values())):
        clause = clauses[passage.clause]
        assert clause.answers
        assert clause.body.start <= passage.span.start < passage.span.end <= clause.body.end
        assert end <= passage.span.start
        end = passage.span.end


@given(st.lists(st.sampled_from(SENTENCES), max_size=15).map(" ".join) | st.text(max_size=300), st.integers(0, 5))
@settings(max_examples=150, deadline=None)
def test_parts_join_to_the_whole(text: str, start: int) -> None:
    whole = Span(min(start, len(text)), len(text))
    found = _split(text, whole, (r"(?<=[.!?])\s+",), 1)
    assert "".join(span.of(text) for span in found) == whole.of(text)
    assert [a.end for a in found[:-1]] == [b.start for b in found[1:]]


@given(st.lists(st.sampled_from(SENTENCES), max_size=15).map(" ".join))
@settings(max_examples=100, deadline=None)
def test_sentences_leave_nothing_but_white_space_between_them(text: str) -> None:
    at = 0
    for span in sentences(text, Span(0, len(text))):
        assert not text[at : span.start].strip()
        at = span.end
    assert not text[at:].strip()


def test_offsets_count_in_the_document_not_in_the_clause() -> None:
    text = "3. Rules\n\n3.1 Staff walk. Pupils run.\n"
    assert [(p.span.start, p.span.end) for p in made(text)] == [(14, 25), (26, 37)]
    assert quotes(text) == ["Staff walk.", "Pupils run."]


def test_boilerplate_that_stands_three_times_has_three_places() -> None:
    rule = "All use is monitored. All use is logged."
    text = f"Staff\n\n{rule}\n\nPupils\n\n{rule} {rule}\n"
    assert quotes(text) == ["All use is monitored.", "All use is logged."] * 3
    assert [p.span.start for p in made(text)] == [7, 29, 57, 79, 98, 120]
    assert [p.clause for p in made(text)] == ["larch/p#staff/1"] * 2 + ["larch/p#pupils/1"] * 4


def test_rows_count_up_from_the_first() -> None:
    found = document("Staff walk. Pupils run.\n\nAll hop.\n")
    assert [p.row for p in passages(found, parse(found), 7)] == [7, 8, 9]


def test_a_passage_knows_its_clause_document_and_school() -> None:
    (passage,) = made("2.1 Staff walk.\n")
    assert (passage.clause, passage.document, passage.school) == ("larch/p#2.1", "larch/p", "larch")


# sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Staff walk. Pupils run! Do they? Yes.", ["Staff walk.", "Pupils run!", "Do they?", "Yes."]),
        ("Staff  walk.\n\n Pupils run.", ["Staff  walk.", "Pupils run."]),
        ("“Nothing” is private. “It is.” They said so.", ["“Nothing” is private.", "“It is.”", "They said so."]),
        ("Staff walk (or hop). (See below.) Pupils run.", ["Staff walk (or hop).", "(See below.)", "Pupils run."]),
        ("**Staff walk.** Pupils run.", ["Staff walk.", "Pupils run."]),
        ("It costs 3.50 pounds. It is 8.30 am now.", ["It costs 3.50 pounds.", "It is 8.30 am now."]),
        ("See section 4.2. Staff walk.", ["See section 4.2.", "Staff walk."]),
        ("Write to office@larch.example. They answer.", ["Write to office@larch.example.", "They answer."]),
        ("no full stop", ["no full stop"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_a_sentence_each(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Use sites, e.g. Facebook, with care.",
        "Use one site, i.e. Facebook, with care.",
        "Tell Mr. Lee or Mrs. Oak or Ms. Elm or Dr. Ash of it.",
        "Go to St. Mary for it.",
        "The charity (No. Four) pays.",
        "Use blogs, wikis, etc. and take care.",
        "Say... nothing.",
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str) -> None:
    assert parts(text) == [text]


@pytest.mark.parametrize(
    "text", ["E.g. Facebook is one.", "The Rev. Lee leads it.", "Ask Prof. Oak for it.", "See Sch. A and App. B for it."]
)
def test_another_abbreviation_ends_no_sentence(text: str) -> None:
    assert parts(text) == [text]


def test_an_overlong_sentence_comes_in_parts_that_break_between_words() -> None:
    text = "the staff of the school walk on, " * 60 + "and stop."
    found = sentences(text, Span(0, len(text)))
    assert len(found) == 3
    assert all(span.end - span.start <= 900 for span in found)
    assert " ".join(span.of(text) for span in found) == text


def test_an_overlong_sentence_breaks_after_a_comma() -> None:
    text = "the staff of the school walk on, " * 60 + "and stop."
    assert [text[span.end - 1] for span in sentences(text, Span(0, len(text)))] == [",", ",", "."]


def test_a_sentence_of_nine_hundred_characters_is_whole() -> None:
    text = "w" * 899 + "."
    assert parts(text + " Next.") == [text, "Next."]


def test_a_word_that_has_no_end_is_not_lost() -> None:
    text = "w" * 2000
    assert "".join(parts(text)) == text


# what is a passage


def test_an_item_is_a_passage_and_its_lead_in_is_none() -> None:
    text = "5.1 Staff should:\n\n- never share a password;\n- keep phones private.\n"
    assert [p.clause for p in made(text)] == ["larch/p#5.1/1", "larch/p#5.1/2"]
    assert quotes(text) == ["never share a password", "keep phones private."]


def test_a_lead_in_without_a_colon_is_no_passage_either() -> None:
    assert quotes("3.4 Any use must not\n\n- bring shame\n") == ["bring shame"]


def test_what_a_lead_in_says_before_its_last_sentence_is_a_passage() -> None:
    text = "Scope\n\nStaff like cake. In the hall they must:\n\n- sit\n"
    assert quotes(text) == ["Staff like cake.", "sit"]


def test_a_lead_in_that_is_a_whole_sentence_is_a_passage() -> None:
    text = "Pictures may be taken where the following rules are kept.\n\n- ask first\n"
    assert quotes(text) == ["Pictures may be taken where the following rules are kept.", "ask first"]


def test_an_item_that_leads_in_is_no_passage() -> None:
    assert quotes("Staff must not:\n\n- run, for example by:\n  - racing;\n- shout.\n") == ["racing", "shout."]


def test_a_bold_actor_is_no_passage() -> None:
    assert quotes("Use\n\n- **Staff**\n - Wear a badge.\n") == ["Wear a badge."]


def test_words_that_lead_in_numbered_clauses_are_no_passage() -> None:
    assert quotes("3. Bans\n\nThese are banned:\n\n3.1 Phones.\n\n3.2 Bells.\n") == ["Phones.", "Bells."]


def test_words_that_announce_a_table_are_no_passage() -> None:
    text = "3.4 The badges have these meanings:\n\n| Badge | Meaning |\n|---|---|\n| Red | Stop |\n"
    assert quotes(text) == ["Red | Stop"]


def test_a_row_is_one_passage() -> None:
    text = "| Badge | Meaning |\n|---|---|\n| Red | Stop. Then go. |\n"
    assert quotes(text) == ["Red | Stop. Then go."]


def test_what_answers_nothing_is_no_passage() -> None:
    text = "Contents\n\n1. Rules\t3\n\n1. Rules\n\nWalk there.\n\n---\n\nSigned: ______\n"
    assert quotes(text) == ["Walk there."]


def test_a_mark_without_a_word_is_no_passage() -> None:
    assert quotes("Staff must:\n\n- !!!\n- walk.\n") == ["walk."]


# what is embedded


def embedded(text: str) -> list[str]:
    return [passage.text for passage in made(text)]


def test_the_views_are_full_without_headings_in_the_whole_clause_and_alone() -> None:
    found = made("1. Dogs\n\nStaff must not:\n\n- bring a dog. Nor a cat\n")[-1]
    assert found.views == (
        "1. Dogs. Staff must not: Nor a cat",
        "Staff must not: Nor a cat",
        "1. Dogs. Staff must not: bring a dog. Nor a cat",
        "Nor a cat",
    )


def test_headings_and_lead_ins_are_embedded_with_the_sentence() -> None:
    text = "3. Bans\n\n3.1 In lessons\n\nStaff must not:\n\n- run, for example by:\n  - racing;\n"
    assert embedded(text) == ["3. Bans > 3.1 In lessons. Staff must not: run, for example by: racing"]


def test_the_header_of_a_table_is_embedded_with_its_rows() -> None:
    (found,) = embedded("Badges\n\n| Badge | Meaning |\n|---|---|\n| Red | Stop |\n")
    assert found.startswith("Badges. ")
    assert [found.count(word) for word in ("Badge ", "Meaning", "Red", "Stop")] == [1, 1, 1, 1]


def test_a_sentence_without_context_is_embedded_alone() -> None:
    assert embedded("Staff\n walk to  the   gate.\n") == ["Staff walk to the gate."]


def test_white_space_is_folded_in_what_is_embedded_and_kept_in_the_quote() -> None:
    text = "Scope\n\nStaff  walk,\n  all\u00a0of them.\n"
    assert embedded(text) == ["Scope. Staff walk, all of them."]
    assert quotes(text) == ["Staff  walk,\n  all\u00a0of them."]


def test_the_school_is_never_embedded() -> None:
    text = "1. Scope\n\n1.1 Staff must:\n\n- walk;\n- hop.\n"
    larch, pine = document(text, "larch"), document(text, "pine")
    assert [p.text for p in passages(larch, parse(larch))] == [p.text for p in passages(pine, parse(pine))]
    assert not any("larch" in p.text.lower() for p in passages(larch, parse(larch)))


def test_a_sisters_lead_in_is_not_embedded() -> None:
    text = "Staff must not:\n\n- run, for example by:\n  - racing;\n- shout.\n"
    assert embedded(text)[1] == "Staff must not: shout."


def test_a_view_holds_no_more_of_what_surrounds_a_sentence_than_could_be_read() -> None:
    """A paragraph of thousands of sentences would otherwise be held thousands of times."""
    words = " ".join(f"Staff of class {n} wear a badge." for n in range(2_000))
    found = made(f"# {'Badges ' * 2_000}\n\n{words}\n")
    assert len(found) == 2_000
    assert max(len(view) for passage in found for view in passage.views) <= 2 * 4_000 + 900
    assert {passage.views[3] for passage in found} == {f"Staff of class {n} wear a badge." for n in range(2_000)}


def test_a_row_longer_than_could_be_read_is_searched_in_parts() -> None:
    row = "| " + " | ".join("Staff wear a badge at the gate." for _ in range(200)) + " |"
    assert len(made(f"| Rules |\n|---|\n{row[:3_000]} |\n")) == 1
    assert max(passage.span.end - passage.span.start for passage in made(f"{row}\n")) <= 900
