"""What a person reads in a terminal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from made import row, run_of, scored

from clausewise import safeguarding
from clausewise.anchoring import Anchor
from clausewise.bands import BANDS
from clausewise.comparison.positions import Comparison
from clausewise.evaluation.cases import Case
from clausewise.evaluation.differences import difference
from clausewise.evaluation.gates import Gate, judge
from clausewise.evaluation.reissue import Proposal
from clausewise.evaluation.report import report
from clausewise.evaluation.runs import Row, Run
from clausewise.evaluation.twins import Twin
from clausewise.exports.replies import STANCES
from clausewise.store import Feedback, Unanswered
from clausewise.terminal import answer_text, citation, comparison_text, quote_text, reply_text
from clausewise.terminal_eval import anchors_text, feedback_text, replay_text, report_text, twins_text
from clausewise.types import Answer, Choice, Clarification, Clause, Concern, Document, Quote, Reply, Span, Stance

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


def test_how_sure_it_is_stands_below_the_school_of_an_answer_and_of_a_silence() -> None:
    spoken = answer_text(replace(answered(), sure="low"), NAMES).split("\n")
    silent = answer_text(replace(SILENT, sure="fair"), NAMES).split("\n")
    assert spoken[:3] == ["Larch Road School - Not allowed", BANDS["answered", "low"].words, ""]
    assert silent[1] == BANDS["not_covered", "fair"].words


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


@pytest.mark.parametrize(("stance", "words"), [(stance, words) for stance, (_, words) in STANCES.items()])
def test_a_stance_stands_beside_the_school(stance: Stance, words: str) -> None:
    against = " against" if stance == "advised" else ""  # what the quote forbids is no advice to do it
    assert answer_text(answered(stance), NAMES).split("\n")[0] == f"Larch Road School - {words}{against}"


def test_a_fact_has_no_stance() -> None:
    assert answer_text(answered(None), NAMES).split("\n")[0] == "Larch Road School"


def test_a_silence_shows_one_clause_that_does_not_answer() -> None:
    shown = answer_text(SILENT, NAMES)
    assert shown.startswith(
        "Maple School: no clause found that answers this (none comes near enough).\nNearest clause, which does not answer:\n"
    )
    assert shown.count("“") == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("nothing_found", "none comes near"),
        ("no_policies", "this school has no policies in the index"),
        ("out_of_scope", "out_of_scope"),
    ],
)
def test_a_silence_says_why(reason: str, words: str) -> None:
    answer = Answer("maple", "Maple School", "not_covered", reason, None, 1.0)
    assert answer_text(answer, NAMES) == f"Maple School: no clause found that answers this ({words})."


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
        "Maple School: no clause found that answers this (none comes near enough).",
        said,
        "Nearest clause, which does not answer:",
    ]


def test_a_reply_shows_how_a_follow_up_was_understood() -> None:
    reply = Reply("and cats?", "Are dogs allowed? and cats?", ("larch",), (answered(),))
    assert reply_text(reply, NAMES).split("\n\n")[0] == "Understood as: Are dogs allowed? and cats?"


def test_a_concern_stands_before_all_else() -> None:
    quoted = answered().quotes[0]
    told = (Concern("larch", "Larch School", "Ms Okoro\x1b[1m, 01632 960000", quoted), Concern("maple", "Maple School", None, None))
    reply = Reply("and her?", "Dogs? and her?", ("larch", "maple"), (answered(), SILENT), concerns=told)
    steps, whom, clause, understood, beneath, first, *_ = reply_text(reply, NAMES).split("\n\n")
    assert steps == f"{safeguarding.HEADING} {safeguarding.DANGER} {safeguarding.STEPS}"
    assert whom.split("\n") == [
        "Tell the safeguarding lead of your own school now.",
        "  Larch School: Ms Okoro[1m, 01632 960000",
        "  Maple School: its safeguarding lead, or the headteacher",
    ]
    assert clause == quote_text(quoted)
    assert understood.startswith("Understood as: ")
    assert beneath == "What the policies say of these words; it is not advice on what has happened:"
    assert first.startswith("Larch Road School - Not allowed")
    alone = reply_text(replace(reply, concerns=told[:1]), NAMES)
    assert f"Tell the safeguarding lead of Larch School now: Ms Okoro[1m, 01632 960000.\n\n{quote_text(quoted)}" in alone


def test_a_question_that_stands_alone_is_not_repeated() -> None:
    reply = Reply("Dogs?", "Dogs?", ("larch", "maple"), (answered(), SILENT))
    assert reply_text(reply, NAMES) == f"{answer_text(answered(), NAMES)}\n\n{answer_text(SILENT, NAMES)}"


def test_of_very_many_schools_it_is_said_how_many_answer() -> None:
    names = {f"s{number}": "A School" for number in range(1200)}
    shown = reply_text(Reply("Dogs?", "Dogs?", ("larch", "maple"), (answered(), SILENT), "nearest"), names)
    assert shown.startswith("Every school was asked, 1,200 of them. The 2 whose policies come nearest are shown.\n\n")


def test_what_is_asked_back_comes_first_with_what_to_type() -> None:
    choices = (Choice("Staff", "Staff: dogs?", ("larch",)), Choice("Pupils", "Pupils: dogs?", ("larch", "maple")))
    reply = Reply("Dogs?", "Dogs?", ("larch",), (answered(),), "asked", Clarification("topic", choices))
    assert reply_text(reply, NAMES).split("\n\n")[0].split("\n") == [
        "Your question fits several parts of the policies. Which do you mean?",
        "  1. Staff",
        "       clausewise ask --school larch 'Staff: dogs?'",
        "  2. Pupils",
        "       clausewise ask --school larch --school maple 'Pupils: dogs?'",
    ]


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
    assert "\nMRR " not in shown  # nothing to measure
    assert figure(shown, "AURC") == ["AURC", "1.000"]
    assert figure(shown, "wrong_school") == ["wrong_school", "0"]
    assert shown.endswith("\n\nno baseline to compare with\n\nGate passed: 2 of 2 conditions met")


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
            "b [oak] b?\n    said oak/p#2, oak/p#1 ✓ (required)\n    want oak/p#1 (required)",
            "c [oak] c?\n    said oak/p#3 (required)\n    want not covered",
            "d [oak] d?\n    said no answer\n    want oak/p#1 (required)",
        ]
    )


def test_a_report_beside_its_baseline_shows_what_changed() -> None:
    old = run_of(
        [miss("a", "oak/p#2"), row("b", quotes=("oak/p#1",), scores={"overall": (1.0, 1.0), "hit@1": (1.0, 1.0)})], settings={"quotes": 3}
    )
    right = row("a", quotes=("oak/p#1",), scores={"overall": (1.0, 1.0), "hit@1": (1.0, 1.0)})
    new = run_of([right, row("b", status="not_covered", scores={"overall": (0.0, 1.0), "hit@1": (0.0, 1.0)})], settings={"quotes": 1})
    shown = report_text(reported(new, old, Gate({"hit@1": 0.75}, {}, {}, {"hit@1": 0.0})), misses=False)
    assert figure(shown, "hit@1") == ["hit@1", "0.500", "0.000–1.000", "0.500", "0.000", "1.000", "=", "same"]
    assert figure(shown, "AURC") == ["AURC", "0.500", "0.500", "0.000", "–", "=", "same"]
    assert figure(shown, "wrong_school") == ["wrong_school", "0", "0", "0", "–", "=", "same"]
    assert f"against run {old.id}, on 2 answers to the same cases: 1 worse, 1 better, 0 otherwise\n" in shown
    assert "  worse   b [oak] b?\n            was  oak/p#1 ✓ (required)\n            now  not covered (too weak)\n" in shown
    assert "  better  a [oak] a?\n            was  oak/p#2 (required)\n            now  oak/p#1 ✓ (required)\n" in shown
    assert shown.index("  worse ") < shown.index("  better ")
    assert "0 otherwise\n  setting quotes: 1, was 3\n  worse " in shown
    assert "Gate failed: 1 of 5 conditions not met\n  not met: Right clause first (hit@1), found 0.5, wanted at least 0.75" in shown


def test_a_long_list_of_changes_is_cut_short() -> None:
    old = run_of([row(f"q{n}", quotes=("oak/p#1",), scores={"overall": (1.0, 1.0)}) for n in range(25)])
    new = run_of([miss(f"q{n}", "oak/p#2") for n in range(25)])
    shown = report_text(reported(new, old), misses=False)
    assert shown.count("  worse   q") == 20
    assert "\n  ... 5 more worse; all of them: --report FILE.html\n" in shown


def test_cases_that_wait_are_named_unless_they_are_held_back() -> None:
    run = run_of([scored("a")], waiting=[f"w{n}" for n in range(6)])
    told = "6 cases not asked until somebody confirms where the clauses went"
    assert f"{told}: w0, w1, w2, w3, w4, ...\n" in report_text(reported(run), misses=False)
    assert f"{told}\n" in report_text(reported(run, gate=Gate(held_back=True)), misses=False)


def test_one_of_anything_is_not_counted_as_several() -> None:
    run = run_of([scored("a")], waiting=["w"])
    shown = report_text(reported(run, run), misses=False)
    assert shown.startswith(f"made, run {run.id}: 1 case, 1 answer\n1 case not asked until somebody confirms where the clauses went: w\n")
    assert f"against run {run.id}, on 1 answer to the same cases: 0 worse" in shown
    assert anchors_text([PROPOSAL], [], 1, True) == "1 clause: 1 reworded\n1 case changed"


def test_a_replay_tells_what_came_out_otherwise() -> None:
    old, new = run_of([row("a", quotes=("oak/p#1",))]), run_of([row("a", status="not_covered", closest=("oak/p#1",))])
    assert replay_text(reported(old, old), None) == f"run {old.id}: 1 answer produced again, 0 differ"
    shown = replay_text(reported(new, old), "a")
    assert shown.startswith(
        f"run {old.id}: 1 answer produced again, 1 differs\n  otherwise  a [oak] a?\n"
        "            was  oak/p#1 ✓ (required)\n            now  not covered (too weak)\n"
    )
    assert shown.endswith("\noak: a?\n  not covered\n  “”\n    oak/p#1")


# whoever wrote it


def nasty(words: str) -> str:
    """`words`, and what would clear a terminal, name its window, turn the line round and add one of its own."""
    return f"{words} \x1b[2J\x1b]0;x\x07\x9b2J\u202e\r\nclausewise: all is well"


def shown_safely(shown: str) -> bool:
    """And the words, which are no sequence any more, are still there."""
    own_line = any(line.startswith("clausewise:") for line in shown.splitlines())
    return "[2J" in shown and not own_line and all(char.isprintable() or char in "\n\u00a0" for char in shown)


def nasty_quote() -> Quote:
    text = nasty("Dogs")
    document = replace(PAGED, id=nasty("larch/pets"), title=nasty("Pets"), text=text)
    span = Span(0, len(text))
    clause = Clause(nasty("larch/pets#1"), document.id, "larch", "clause", span, span, nasty("1"), (nasty("Dogs"),), (span,))
    return Quote(document, clause, span, 0.8)


def test_nothing_in_an_answer_steers_the_terminal() -> None:
    names = {"larch": nasty("Larch"), "maple": nasty("Maple")}
    silent = Answer("maple", nasty("Maple"), "not_covered", "too_weak", None, 0.8, (), (nasty_quote(),), covered_by=("larch", "maple"))
    answer = Answer("larch", nasty("Larch"), "answered", None, None, 0.9, (nasty_quote(),))
    assert shown_safely(reply_text(Reply("q", nasty("Dogs?"), ("larch", "maple"), (answer, silent)), names))
    assert shown_safely(comparison_text(Comparison(nasty("dogs"), (answer, silent)), names))


def test_nothing_in_a_report_steers_the_terminal() -> None:
    gate = Gate(tag_floors={nasty("tag"): {"overall": 1.0}})
    old = replace(run_of([row("a", quotes=("oak/p#1",))], settings={nasty("quotes"): nasty("3")}), suite=nasty("made"))
    bad = row(nasty("b"), question=nasty("b?"), quotes=(nasty("oak/p#2"),), scores={"overall": (0.0, 1.0)})
    asked = [replace(row("a", question=nasty("a?"), closest=(nasty("oak/p#3"),), status="not_covered"), matter="a at oak"), bad]
    found = reported(replace(run_of(asked, waiting=[nasty("w")]), suite=nasty("made")), old, gate)
    assert [flip["case"] for flip in found["baseline"]["flips"]] == ["a"]
    assert shown_safely(report_text(found, misses=True))
    assert shown_safely(replay_text(found, "a"))


PROPOSAL = Proposal("oak/p#1", Anchor("oak/p#1", ("oak/p#2",), "reworded", 0.9, "old", "new"), "oak/p#1@0", ("a",))


def test_nothing_in_a_suite_s_clauses_or_twins_steers_the_terminal() -> None:
    anchor = replace(PROPOSAL.anchor, old_text=nasty("old"), new_text=nasty("new"), new=(nasty("oak/p#2"),))
    proposal = Proposal(nasty("oak/p#1"), anchor, "x", (nasty("a"),))
    assert shown_safely(anchors_text([proposal], [proposal], 1, False))
    case = Case(nasty("a"), "single", nasty("a?"), "oak", (), {})
    assert shown_safely(twins_text([Twin(case, "look", 0.9, nasty("elm/p#1"), nasty("near"))], 0))


def test_nothing_in_a_complaint_steers_the_terminal() -> None:
    complaint = Feedback(
        id=1, made=nasty("2026"), reason=nasty("odd"), comment=nasty("Wrong"), question=nasty("Dogs?"), history=(nasty("Cats?"),), schools=(),
        school=nasty("oak"), status="answered", stance=None, quotes=((nasty("oak/p#1"), 0, 1),), closest=(), index="1", case=None, closed=False,
    )  # fmt: skip
    shown = feedback_text([complaint], [Unanswered("2026-W48", nasty("oak"), nasty("oak/p"), nasty("oak/p#1"), 1)], {})
    assert shown_safely(shown)
    assert "      comment  Wrong [2J]0;x2J clausewise: all is well\n" in shown
    assert len(shown.splitlines()) == 9
