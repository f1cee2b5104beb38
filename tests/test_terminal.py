"""What a person reads in a terminal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from made import row, run_of, scored

from clausewise.comparison import Comparison
from clausewise.evaluation.differences import difference
from clausewise.evaluation.gates import Gate, judge
from clausewise.evaluation.report import report
from clausewise.evaluation.runs import Row, Run
from clausewise.terminal import STANCES, answer_text, citation, comparison_text, quote_text, replay_text, reply_text, report_text
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


# a run


def reported(run: Run, old: Run | None = None, gate: Gate | None = None) -> dict[str, Any]:
    against, gate = difference(old, run) if old else None, gate or Gate()
    return report(run, against, gate, judge(gate, run, against), {})


def figure(shown: str, name: str) -> list[str]:
    """The line of that measure, in words."""
    return next(line.split() for line in shown.split("\n") if line.startswith(f"{name} "))


def miss(case: str, *quotes: str) -> Row:
    return row(case, quotes=quotes, scores={"overall": (0.0, 1.0), "hit@1": (0.0, 1.0)})


def test_a_report_lists_measures_with_their_intervals_and_the_verdict() -> None:
    run = run_of([scored("a", hit_at_1=1), scored("b", hit_at_1=0)])
    shown = report_text(reported(run), misses=False)
    assert shown.startswith(f"made, run {run.id}: 2 cases, 2 answers\n\nmeasure ")
    assert figure(shown, "hit@1") == ["hit@1", "0.500", "0.000–1.000"]
    assert figure(shown, "MRR") == ["MRR", "-"]
    assert figure(shown, "wrong_school") == ["wrong_school", "0"]
    assert shown.endswith("\n\nno baseline to compare with\n\ngate: passed (2 of 2 conditions hold)")


def test_misses_name_what_was_said_and_wanted() -> None:
    run = run_of(
        [
            scored("a"),
            miss("b", "oak/p#2", "oak/p#1"),
            row("c", right={}, quotes=("oak/p#3",), scores={"overall": (0.0, 1.0)}),
            row("d", status=None, scores={"overall": (0.0, 1.0)}),
        ]
    )
    found = reported(run)
    assert report_text(found, misses=True) == report_text(found, misses=False) + "\n\n" + "\n".join(
        [
            "b [oak] b?\n    said oak/p#2\n    want oak/p#1",
            "c [oak] c?\n    said oak/p#3\n    want not_covered",
            "d [oak] d?\n    said no answer\n    want oak/p#1",
        ]
    )


def test_a_report_beside_its_baseline_shows_what_changed() -> None:
    old = run_of(
        [miss("a", "oak/p#2"), row("b", quotes=("oak/p#1",), scores={"overall": (1.0, 1.0), "hit@1": (1.0, 1.0)})], settings={"quotes": 3}
    )
    right = row("a", quotes=("oak/p#1",), scores={"overall": (1.0, 1.0), "hit@1": (1.0, 1.0)})
    new = run_of([right, row("b", status="not_covered", scores={"overall": (0.0, 1.0), "hit@1": (0.0, 1.0)})], settings={"quotes": 1})
    shown = report_text(reported(new, old, Gate({"hit@1": 0.75}, {}, {}, {"hit@1": 0.0})), misses=False)
    assert figure(shown, "hit@1") == ["hit@1", "0.500", "0.000–1.000", "0.500", "+0.000", "1.000"]
    assert figure(shown, "cases") == ["cases", "2", "2", "-", "-"]
    assert f"against run {old.id}, on 2 answers to the same cases: 1 worse, 1 better, 0 otherwise\n" in shown
    assert "  worse   b [oak] b?\n            was  required: oak/p#1*\n            now  not_covered\n" in shown
    assert "  better  a [oak] a?\n            was  required: oak/p#2\n            now  required: oak/p#1*\n" in shown
    assert shown.index("  worse ") < shown.index("  better ")
    assert "quotes" in shown.partition("against run")[2].partition("  worse ")[0]
    assert "gate: FAILED (4 of 5 conditions hold)\n  failed  hit@1: found 0.500, expected at least 0.75" in shown


def test_a_long_list_of_changes_is_cut_short() -> None:
    old = run_of([row(f"q{n}", quotes=("oak/p#1",), scores={"overall": (1.0, 1.0)}) for n in range(25)])
    new = run_of([miss(f"q{n}", "oak/p#2") for n in range(25)])
    shown = report_text(reported(new, old), misses=False)
    assert shown.count("  worse   q") == 20
    assert "\n  ... 5 more worse; all of them: --report FILE.html\n" in shown


def test_cases_that_wait_are_named_unless_they_are_held_back() -> None:
    run = run_of([scored("a")], waiting=[f"w{n}" for n in range(6)])
    assert "6 cases wait for their clauses to be confirmed and were not asked: w0, w1, w2, w3, w4, ...\n" in report_text(
        reported(run), misses=False
    )
    assert "6 cases wait for their clauses to be confirmed and were not asked\n" in report_text(
        reported(run, gate=Gate(held_back=True)), misses=False
    )


def test_a_replay_tells_what_came_out_otherwise() -> None:
    old, new = run_of([row("a", quotes=("oak/p#1",))]), run_of([row("a", status="not_covered", closest=("oak/p#1",))])
    assert replay_text(reported(old, old), None) == f"run {old.id}: 1 answers produced again, 0 differ"
    shown = replay_text(reported(new, old), "a")
    assert shown.startswith(
        f"run {old.id}: 1 answers produced again, 1 differ\n  otherwise  a [oak] a?\n            was  required: oak/p#1*\n            now  not_covered\n"
    )
    assert shown.endswith("\noak: a?\n  not_covered, no stance\n  “”\n    oak/p#1")
