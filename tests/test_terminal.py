"""What a person reads in a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clausewise.comparison import Comparison
from clausewise.evaluation import Miss, Report
from clausewise.terminal import STANCES, answer_text, citation, comparison_text, quote_text, reply_text, report_text
from clausewise.types import Answer, Clause, Document, Quote, Reply, Span, Stance

TEXT = "All adults\nmust not:\n- bring a dog, or\n  a cat, on site\n"
PAGED = Document("larch/pets", "larch", "Pets Policy", "larch/pets.pdf", "pdf", "0" * 64, TEXT, pages=(0, 21))
PLAIN = Document("larch/pets", "larch", "Pets Policy", "larch/pets.txt", "text", "0" * 64, TEXT)
NAMES = {"larch": "Larch Road School", "maple": "Maple School", "oak": "Oak Academy", "pine": "Pine Infant School", "yew": "Yew Primary"}
LEAD, ITEM = Span(0, 20), Span(23, 55)


def made(
    document: Document = PAGED, number: str | None = "2.1", headings: tuple[str, ...] = ("2 Animals", "Dogs"), lead: bool = True
) -> Quote:
    leads = (LEAD,) if lead else ()
    return Quote(document, Clause("larch/pets#2.1/1", document.id, "larch", "item", ITEM, ITEM, number, headings, leads), ITEM, 0.8)


def answered(stance: Stance | None = "prohibited") -> Answer:
    return Answer("larch", "Larch Road School", "answered", None, stance, 0.9, (made(),))


SILENT = Answer("maple", "Maple School", "not_covered", "too_weak", None, 0.8, (), (made(), made(PLAIN)))


def test_a_quote_shows_its_lead_in_its_words_on_one_line_and_its_place() -> None:
    assert quote_text(made()) == (
        "  [All adults must not:] “bring a dog, or a cat, on site”\n"
        "    Pets Policy | clause 2.1 | 2 Animals > Dogs | page 2 | larch/pets#2.1/1"
    )


def test_a_long_quote_is_wrapped_and_stays_whole() -> None:
    words = " ".join(f"word{n}" for n in range(60))
    document = Document("larch/long", "larch", "Long Policy", "long.txt", "text", "0" * 64, words)
    span = Span(0, len(words))
    shown = quote_text(Quote(document, Clause("larch/long#1", "larch/long", "larch", "clause", span, span), span, 0.5)).split("\n")
    assert max(map(len, shown[:-1])) <= 100
    assert " ".join(line.strip() for line in shown[:-1]) == f"“{words}”"


def test_a_citation_leaves_out_what_there_is_not() -> None:
    assert citation(made(PLAIN, None, ())) == "Pets Policy | larch/pets#2.1/1"


@pytest.mark.parametrize(("stance", "words"), list(STANCES.items()))
def test_a_stance_stands_beside_the_school(stance: Stance, words: str) -> None:
    assert answer_text(answered(stance), NAMES).split("\n")[0] == f"Larch Road School - {words}"


def test_a_fact_has_no_stance() -> None:
    assert answer_text(answered(None), NAMES).split("\n")[0] == "Larch Road School"


def test_a_silence_shows_one_clause_that_does_not_answer() -> None:
    shown = answer_text(SILENT, NAMES)
    assert shown.startswith(
        "Maple School: the policy does not say (nothing in it comes near enough).\nNearest clause, which does not answer:\n"
    )
    assert shown.count("“") == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("nothing_found", "nothing in it comes near"),
        ("no_policies", "this school has no policies in the index"),
        ("out_of_scope", "out_of_scope"),
    ],
)
def test_a_silence_says_why(reason: str, words: str) -> None:
    answer = Answer("maple", "Maple School", "not_covered", reason, None, 1.0)
    assert answer_text(answer, NAMES) == f"Maple School: the policy does not say ({words})."


def test_a_number_that_no_clause_has_is_said_in_plain_words() -> None:
    answer = replace(SILENT, reason="no_such_clause", closest=())
    assert answer_text(answer, NAMES) == "Maple School: the school's policy has no clause of that number."
    assert answer_text(replace(answer, covered_by=("larch",)), NAMES) == (
        "Maple School: the school's policy has no clause of that number.\nLarch Road School's policy does have a clause of that number."
    )


@pytest.mark.parametrize(
    ("covered_by", "said"),
    [
        (("larch",), "Larch Road School's policy does cover it."),
        (("larch", "oak"), "The policies of Larch Road School and Oak Academy do cover it."),
        (("larch", "oak", "pine"), "The policies of Larch Road School, Oak Academy and Pine Infant School do cover it."),
        (("larch", "oak", "pine", "yew"), "The policies of Larch Road School, Oak Academy, Pine Infant School and 1 more do cover it."),
        (
            ("larch", "oak", "pine", "yew", "elm"),
            "The policies of Larch Road School, Oak Academy, Pine Infant School and 2 more do cover it.",
        ),
        (("elm",), "elm's policy does cover it."),
    ],
)
def test_a_silence_names_the_schools_that_do_have_a_rule(covered_by: tuple[str, ...], said: str) -> None:
    lines = answer_text(replace(SILENT, covered_by=covered_by), NAMES).split("\n")
    assert lines[:3] == [
        "Maple School: the policy does not say (nothing in it comes near enough).",
        said,
        "Nearest clause, which does not answer:",
    ]


def test_a_reply_shows_how_a_follow_up_was_understood() -> None:
    reply = Reply("and cats?", "Are dogs allowed? and cats?", ("larch",), (answered(),))
    assert reply_text(reply, NAMES).split("\n\n")[0] == "Understood as: Are dogs allowed? and cats?"


def test_a_question_that_stands_alone_is_not_repeated() -> None:
    reply = Reply("Dogs?", "Dogs?", ("larch", "maple"), (answered(), SILENT))
    assert reply_text(reply, NAMES) == f"{answer_text(answered(), NAMES)}\n\n{answer_text(SILENT, NAMES)}"


def test_a_comparison_names_its_topic_and_every_school() -> None:
    assert (
        comparison_text(Comparison("dogs", (answered(), SILENT)), NAMES)
        == f"Topic: dogs\n\n{answer_text(answered(), NAMES)}\n\n{answer_text(SILENT, NAMES)}"
    )


def test_a_report_lists_measures_and_misses() -> None:
    report = Report("suite", {"hit@1": 0.5, "MRR": None}, (Miss("q1", "larch", "Dogs?", "larch/pets#1", "larch/pets#2"),))
    measures = report_text(report, misses=False)
    assert [line.split() for line in measures.split("\n")] == [["hit@1", "0.5"], ["MRR", "None"]]
    assert report_text(report, misses=True) == f"{measures}\nq1 [larch] Dogs?\n    said larch/pets#1\n    want larch/pets#2"
