"""The four forms of a report: what they count, that nobody's words become markup, and the page in a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from clausewise.evaluation import html, junit, markdown, measures, plots, wording
from clausewise.evaluation.cases import Gold
from clausewise.evaluation.differences import WEIGHTS, difference
from clausewise.evaluation.gates import Gate, judge
from clausewise.evaluation.report import report
from clausewise.evaluation.runs import Place, Row, Run
from clausewise.types import Clause, Document, Span

PAYLOAD = '<script>alert(1)</script>"onload="alert(2) @head #12 | `x` http://evil.example/ $y$ &amp; **b** [a](b)'
SCHOOL = '<img src=x onerror=alert(3)> "hall'
RULES = ("Pupils hand in their phones.", f"Staff may keep a phone {PAYLOAD}", "A lost phone is reported to the office.")


def policy(school: str) -> tuple[Document, list[Clause]]:
    """Three clauses, numbered 1.1 to 1.3, the last one hanging from a lead-in."""
    text = "\n\n".join(RULES)
    starts = [text.index(rule) for rule in RULES]
    name = f"{school}/phones"
    document = Document(name, school, "Phones", "phones.md", "text", "d" * 64, text, pages=(0,))
    spans = [Span(start, start + len(rule)) for start, rule in zip(starts, RULES, strict=True)]
    clauses = [
        Clause(f"{name}#1.{n}", name, school, "clause", span, span, f"1.{n}", ("1 Phones",), (spans[0],) if n == 3 else ())
        for n, span in enumerate(spans, start=1)
    ]
    return document, clauses


def library(*schools: str) -> Any:
    """What a report looks words up in."""
    found = [policy(school) for school in schools]
    clauses = {clause.id: clause for _, some in found for clause in some}
    return SimpleNamespace(document={document.id: document for document, _ in found}, clause=clauses)


def row(case: str, said: int | None, wanted: int | None, school: str = "ash", question: str = "Phones?", tags: tuple[str, ...] = ()) -> Row:
    """An answer: clause 1.`said` quoted (0: silence, None: no answer) where 1.`wanted` is right (None: the policy is silent)."""
    clause = {number: f"{school}/phones#1.{number}" for number in (1, 2, 3)}
    text = "\n\n".join(RULES)
    quotes = tuple(Place(clause[n], start := text.index(RULES[n - 1]), start + len(RULES[n - 1]), RULES[n - 1]) for n in (said,) if n)
    right = said is not None and (said == wanted if wanted else said == 0)
    scores: dict[str, tuple[float, float | None]] = {
        "overall": (float(right), 1.0),
        "quotes": (len(quotes), None),
        "verbatim": (len(quotes), None),
    }
    if wanted:
        scores |= {"hit@1": (float(right), 1.0), "MRR": (float(right), 1.0), "wrong_school": (0.0, None)}
    gold = Gold(
        {clause[wanted]: 2, clause[3]: 1} if wanted else {},
        ("prohibited",) if wanted else ("silent",),
        beside=(clause[3],) if wanted == 2 else (),
    )
    return Row(
        case=case, school=school, kind="single", tags=tags, question=question, asked=school, history=("And laptops?",), matter=case, gold=gold,
        gold_texts={}, standalone_question=f"{question} (phones)", status=None if said is None else "answered" if said else "not_covered",
        reason="too_weak" if said == 0 else None, stance="prohibited" if said else None, sure=0.9 if said else 0.3, quotes=quotes, closest=(),
        ranking=tuple(clause.values()), scores=scores,
    )  # fmt: skip


def run(*rows: Row, index: str = "one", name: str = "phones") -> Run:
    made_by = {"suite": name, "index": index, "model": "words", "settings": {"quotes": 3}, "documents": {"ash/phones": "d" * 64}}
    seconds = {row.case: 0.25 for row in rows}
    return Run("0123456789ab", name, made_by, rows, ("w1", "w2"), "2026-11-21T09:00:00Z", seconds)


NEW = (
    row("c1", 1, 1, tags=("easy",)),
    row("c2", 2, 2, SCHOOL, PAYLOAD, (PAYLOAD,)),  # was wrong
    row("c3", 3, 1),  # was right
    row("c4", 2, 1),  # was wrong too
    row("c5", 0, 1),  # new, and refused
    row("c6", 0, None, SCHOOL),
    row("c7", None, 1),  # had no answer before either
)
OLD = (
    row("c1", 1, 1, tags=("easy",)),
    row("c2", 0, 2, SCHOOL, PAYLOAD, (PAYLOAD,)),
    row("c3", 1, 1),
    row("c4", 3, 1),
    row("c6", 0, None, SCHOOL),
    row("c7", None, 1),
)
GATE = Gate(floors={"hit@1": 0.9}, ceilings={"latency_p95_ms": 1000.0}, tag_floors={"easy": {"overall": 0.5}})


def made(new: tuple[Row, ...] = NEW, old: tuple[Row, ...] | None = OLD, gate: Gate = GATE, words: bool = True) -> dict[str, Any]:
    """A report; without a baseline where `old` is None, without a policy's words unless `words`."""
    now = run(*new)
    against = difference(replace(run(*old), made_by={**now.made_by, "settings": {"quotes": 1}}), now) if old is not None else None
    texts = library("ash", SCHOOL)
    return report(now, against, gate, judge(gate, now, against), {"one": texts} if words else {})


def soup(value: dict[str, Any]) -> BeautifulSoup:
    return BeautifulSoup(html.render(value), "html.parser")


def words_of(element: Any) -> str:
    return " ".join(element.get_text().split())


# the words that the forms share


def test_every_measure_has_a_name_and_a_definition() -> None:
    known = {*measures.SHARES, *measures.COUNTS, "AURC", "latency_p50_ms", "latency_p95_ms"}
    assert wording.NAMES.keys() == known
    assert html.DEFINITIONS.keys() == known


def test_a_flip_is_told_by_what_weighs_most() -> None:
    assert set(wording._WHY) == set(WEIGHTS)
    moved = {"moved": {"MRR": [1.0, 0.5], "overall": [1.0, 0.0]}}
    assert wording.why({**moved, "turn": "worse"}) == "was right, is wrong now"
    assert wording.why({"moved": {"MRR": [0.5, 1.0]}, "turn": "better"}) == "right clause quoted further up"
    assert wording.why({"moved": {"char_recall": [0.5, 1.0]}, "turn": "otherwise"}) == "changed, no better or worse"


def test_a_condition_has_its_measure_s_plain_name() -> None:
    told = [wording.condition(name) for name in ("hit@1", "hit@3, tag typo", "gold clauses reworded")]
    assert told == ["Right clause first (hit@1)", "Right clause in top 3 (hit@3), tag typo", "Gold clauses reworded"]


def test_what_was_said_and_wanted_is_told_in_a_line() -> None:
    cases = {case["case"]: case for case in made()["cases"]}
    assert [wording.given(cases[name]["answer"]) for name in ("c2", "c4", "c5", "c7")] == [
        f"{SCHOOL}/phones#1.2 ✓ (prohibited)",
        "ash/phones#1.2 (prohibited)",
        "not covered (too weak)",
        "no answer",
    ]
    assert [wording.wanted(cases[name]["gold"]) for name in ("c4", "c6")] == ["ash/phones#1.1 (prohibited)", "not covered"]
    assert made()["misses"][1] == ["c4", "ash", "ash/phones#1.2 (prohibited)", "ash/phones#1.1 (prohibited)"]


def test_what_is_not_printed_is_left_out_and_lines_are_joined() -> None:
    assert wording.flat("a\u00a0b\n c \x1b[2Jd\u202e\u200be\x9b\ud800") == "a b c [2Jde"
    assert wording.short("ab\x00c def", 5) == "abc…"


def test_the_summary_is_plain_english() -> None:
    text = " ".join(wording.summary(made())).replace("\u00a0", " ")
    assert text.startswith("42.9 % of 7 answers to 7 questions are right (95 % interval ")
    assert "Of 6 answers that both runs gave, 1 got worse, 1 better and 1 changed without getting better or worse." in text
    assert "1 answer went from right to wrong, 1 from wrong to right." in text
    assert "What most often got worse: was right, is wrong now (1)." in text
    assert text.endswith("No measure moved by more than chance would move it.")
    assert wording.summary(made(old=None))[-1] == "There is no baseline to compare with."
    alone = wording.summary(made(gate=Gate()))[0]
    assert alone.endswith("The suite sets no conditions of its own, so only those that hold for every suite were judged.")


def test_a_measure_that_moved_beyond_chance_is_told() -> None:
    new = tuple(row(f"c{n}", 1 if n < 3 else 3, 1) for n in range(30))
    value = made(new, tuple(row(f"c{n}", 1, 1) for n in range(30)))
    assert wording.summary(value)[-1].replace("\u00a0", " ") == (
        "Right overall (overall) fell from 100.0 % to 10.0 %; Right clause first (hit@1) fell from 100.0 % to 10.0 %; "
        "1 other measure moved by more than chance."
    )
    rows = {row["name"]: row for row in wording.measure_rows(value)}
    assert rows["hit@1"]["turn"] == "▼ worse"
    assert rows["quotes"]["turn"] == ""


@pytest.mark.parametrize(
    ("difference", "p", "name", "turn"),
    [
        (0.1, 0.01, "hit@1", "▲ better"),
        (0.1, 0.2, "hit@1", "▲ better, may be chance"),
        (0.1, 0.01, "refused_answerable", "▲ worse"),
        (-0.1, None, "AURC", "▼ better, not tested"),
        (1, None, "wrong_school", "▲ worse, not tested"),
        (0.0004, 0.01, "hit@1", "= same"),
        (None, None, "hit@1", ""),
    ],
)
def test_the_arrow_is_the_value_s_and_the_word_says_whether_that_is_good(
    difference: float | None, p: float | None, name: str, turn: str
) -> None:
    assert wording._turn(name, {"difference": difference, "p": p}, {"less_is_better": ["refused_answerable", "AURC"]}) == turn


def test_numbers_are_printed_as_people_write_them() -> None:
    shown = [
        wording.number(name, value) for name, value in (("hit@1", -0.0001), ("hit@1", -0.25), ("quotes", 1234), ("latency_p50_ms", 31.4))
    ]
    assert shown == ["0.000", "−0.250", "1,234", "31\u00a0ms"]
    assert wording.number("hit@1", None) == "–"
    assert [wording.chance(p) for p in (None, 0.0005, 0.05)] == ["–", "< 0.001", "0.050"]


def test_a_suite_without_cases_can_be_reported() -> None:
    value = made((), None)
    assert wording.summary(value) == ["0 answers to 0 questions: nothing was measured."]
    assert soup(value).find("svg") is None
    assert markdown.render(value)
    # six conditions, that something be asked among them, and two cases that wait; without a baseline, no seventh
    assert ElementTree.fromstring(junit.render(value)).get("tests") == "8"


# Markdown


def test_markdown_tells_verdict_measures_failed_conditions_and_flips() -> None:
    text = markdown.render(made()).replace("\u00a0", " ")
    assert text.startswith("## ❌ phones: Gate failed: 1 of 6 conditions not met\n")
    assert "| Right clause first (hit@\u200b1) | 0.3333 | at least 0.9 |" in text
    assert "### What made the run differ from the baseline\n\n- setting quotes: 3, was 1\n" in text
    assert "| Right clause first | `hit@1` | 0.333 (" in text
    assert "### Worse: 1 answer\n" in text
    assert "| `c3` | `ash` | Phones? | was right, is wrong now | prohibited `phones#1.1` | prohibited `phones#1.3` |" in text
    assert "### Better: 1 answer\n" in text
    assert "| not covered | prohibited `phones#1.2` |" in text


def test_nothing_in_markdown_is_markup_or_a_mention() -> None:
    escaped = markdown.escape(PAYLOAD + "\n\u0000next GH-7 www.evil.example :smile: _a_ ~b~")
    assert "\n" not in escaped
    assert "\x00" not in escaped
    for live in ("@head", "#12", "http://", "GH-7", "www.e", ":smile"):
        assert live not in escaped
    assert re.findall(r"(?<!\\)[\\`*_\[\]<>|~&$]", re.sub(r"\\[\\`*_\[\]<>|~&$^=]", "", escaped)) == []
    assert escaped.replace("\u200b", "").replace("\\", "") == f"{PAYLOAD} next GH-7 www.evil.example :smile: _a_ ~b~"


def test_a_cell_cannot_end_its_row_nor_code_its_fence() -> None:
    assert markdown.code("a`b|c\nd") == "`` a`b\\|c d ``"
    assert markdown.code("") == ""
    for line in markdown.render(made()).splitlines():
        if line.startswith("|") and "c2" in line:
            assert len(re.findall(r"(?<!\\)\|", line)) == 7


def test_markdown_stays_within_a_comment_and_counts_what_it_leaves_out() -> None:
    rows = [row(f"case-{n}", 3, 1, question=f"{n} " + "word | " * 40) for n in range(900)]
    value = made(tuple(rows), tuple(row(old.case, 1, 1, question=old.question) for old in rows))
    text = markdown.render(value)
    assert 50_000 < len(text) <= markdown.LIMIT
    out = re.search(r"(\d+) more rows left out for want of room\.", text)
    assert out
    assert text.count("\n| `case-") + int(out[1]) == 900
    assert text.count("<details>") == text.count("</details>") == 1
    assert text.count("Worse: 900 answers") == 1


# JUnit


def cases_of(value: dict[str, Any]) -> dict[str, ElementTree.Element]:
    return {f"{test.get('classname')} {test.get('name')}": test for test in ElementTree.fromstring(junit.render(value)).iter("testcase")}


def test_junit_counts_are_the_report_s() -> None:
    value = made()
    root = ElementTree.fromstring(junit.render(value))
    suite = root[0]
    assert (root.tag, suite.tag, suite.get("name"), suite.get("timestamp")) == ("testsuites", "testsuite", "phones", "2026-11-21T09:00:00")
    assert len(suite) == len(value["cases"]) + len(value["gate"]["checks"]) + len(value["waiting"]) == 15
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "15",
        "failures": "3",  # c3 turned worse, c5 is new, and a condition of the gate
        "errors": "0",
        "skipped": "4",  # c4 and c7 are known misses, two cases wait
        "time": "1.750",
    }


def test_only_a_miss_that_is_news_is_a_failure() -> None:
    tests = cases_of(made())
    assert len(tests["phones.single c1 [ash] Phones?"]) == 0
    failure = tests["phones.single c3 [ash] Phones?"].find("failure")
    assert failure is not None
    assert failure.get("message") == "wanted ash/phones#1.1 (prohibited); said ash/phones#1.3 (prohibited)"
    assert failure.get("type") == "wrong_clause"
    assert (failure.text or "").endswith(f"ash/phones#1.3: {RULES[2]}")
    skipped = tests["phones.single c4 [ash] Phones?"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "known miss: wanted ash/phones#1.1 (prohibited); said ash/phones#1.2 (prohibited)"
    assert tests["phones.single c5 [ash] Phones?"].find("failure") is not None
    assert tests["phones.gate hit@1"].find("failure") is not None
    assert tests["phones.gate verbatim"].find("failure") is None
    assert tests["phones.waiting w1"].find("skipped") is not None


def test_without_a_baseline_every_miss_is_a_failure() -> None:
    value = made(old=None)
    assert len([test for test in cases_of(value).values() if test.find("failure") is not None]) == len(value["misses"]) + 1


def test_characters_that_xml_forbids_are_left_out() -> None:
    value = made((row("c1", 3, 1, question="a\x00b\x0bc\ufffed\ud800 <&>"),), None)
    assert "phones.single c1 [ash] abcd <&>" in {name.replace("ab c", "abc") for name in cases_of(value)}


def test_one_case_of_a_held_back_suite_that_waits_is_one_case() -> None:
    value = made(gate=replace(GATE, held_back=True)) | {"waiting": ["held back"]}
    assert "phones.waiting 1 case" in cases_of(value)


def test_a_question_put_to_several_schools_takes_its_time_once() -> None:
    value = made((row("c1", 1, 1), row("c1", 1, 1, SCHOOL)), None)
    assert [test.get("time") for name, test in cases_of(value).items() if "c1" in name] == ["0.125", "0.125"]


# HTML


def test_nobody_s_words_become_markup() -> None:
    page = soup(made())
    ours = (Path(html.__file__).parent / "report.js").read_text("utf-8")
    assert [script.string for script in page.find_all("script")] == [ours]
    assert page.find_all(["img", "link", "iframe", "object", "embed", "base"]) == []
    assert [name for element in page.find_all(True) for name in element.attrs if name.startswith("on")] == []
    case = page.find("tbody", attrs={"data-school": SCHOOL, "data-outcome": "right"})
    assert case is not None
    assert case["data-tag"] == '["' + PAYLOAD.replace('"', '\\"') + '"]'
    assert case.summary.get_text() == PAYLOAD
    assert case.mark.get_text() == RULES[1]
    assert SCHOOL in [cell.get_text() for cell in page.find_all("th", attrs={"scope": "row"})]
    labels = [text.get_text() for svg in page.find_all("svg") for text in svg.find_all("text")]
    assert "<img src=x onerror=aler…" in labels


def test_the_page_loads_nothing() -> None:
    text = html.render(made())
    page = BeautifulSoup(text, "html.parser")
    assert [e for e in page.find_all(True) for name in ("src", "srcset", "data", "action", "xlink:href") if e.has_attr(name)] == []
    links = {e["href"] for e in page.find_all(href=True)}
    assert all(link.startswith("#") for link in links)
    assert all(page.find(id=link[1:]) is not None for link in links)
    assert "@import" not in text
    assert [found for found in re.findall(r"url\(([^)]*)\)", text) if not found.startswith("#")] == []
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy is not None
    assert policy["content"].startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")


def test_ids_are_unique_and_headings_in_order() -> None:
    page = soup(made())
    ids = [element["id"] for element in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for table in page.find_all("table"):
        assert table.caption is not None
        assert all(cell.has_attr("scope") for cell in table.find_all("th"))


def test_the_page_shows_verdict_flips_and_a_case_whole() -> None:
    page = soup(made())
    assert words_of(page.h1) == "phones"
    differs = page.find(id="unlike").parent
    assert [words_of(line) for line in differs.ul.find_all("li")] == ["setting quotes: 3, was 1"]
    assert [words_of(cell) for cell in differs.details.tbody.tr.find_all(["th", "td"])] == ["settings.quotes", "1", "3"]
    assert "of 2,000 runs" in words_of(page.find(id="definitions").parent)
    assert "with 17 measures" in words_of(page.find(id="definitions").parent)
    assert words_of(page.find(id="verdict")) == "✕ Gate failed: 1 of 6 conditions not met"
    assert "✕ not met: Right clause first (hit@1), found 0.3333, wanted at least 0.9" in words_of(page.find(class_="checks"))
    assert words_of(page.find(class_="verdict").details.summary) == "5 conditions met"
    worse = page.find("details", class_="flip")
    assert words_of(worse.summary) == "Phones? c3, ash: was right, is wrong now"
    assert [words_of(badge) for badge in worse.find_all(class_="turn")] == ["no longer quoted", "newly quoted"]
    case = page.find(id=worse.a["href"][1:])
    assert [words_of(term) for term in case.find_all("dt")] == [
        "Asked before",
        "Understood as",
        "Asked of",
        "Wanted",
        "Said",
        "Nearest clauses",
    ]
    assert case.mark.get_text() == RULES[2]
    assert [words_of(clause) for clause in case.find(class_="ranking").find_all("li")] == [
        "ash/phones#1.1 ✓ answers",
        "ash/phones#1.2",
        "ash/phones#1.3 supports",
    ]
    assert words_of(case.find(class_="lead-in")) == f"Lead-in {RULES[0]}"
    assert "w1, w2" in words_of(page.find(id="waiting").parent)
    assert "words" in words_of(page.footer)


def test_a_quote_stands_in_a_context_of_whole_words() -> None:
    assert html._tail("word " * 100).startswith("… word word")
    assert html._head("word " * 100).endswith("word word …")
    assert html._tail("a\n\n  b ") == "a\nb "
    assert html._head("short") == "short"


def test_where_the_words_are_gone_the_address_is_left() -> None:
    value = made(words=False)
    text = words_of(soup(value))
    assert "ash/phones#1.3 supports Its words are not at hand: the index that this run asked is no longer kept." in text
    assert RULES[2] not in text
    assert "its words are not at hand" in junit.render(value)
    assert "`phones#1.3`" in markdown.render(value)


def test_a_held_back_suite_names_no_case() -> None:
    value = made(gate=replace(GATE, held_back=True))
    page = html.render(value)
    for text in (page, markdown.render(value), junit.render(value)):
        assert [
            name for name in ("c1", "c2", "c3", "w1", "w2", "Phones?", "#1.1", RULES[0]) if re.search(rf"\b{re.escape(name)}", text)
        ] == []
    assert "<script" not in page
    assert BeautifulSoup(page, "html.parser").find(id="cases") is None
    assert len(BeautifulSoup(page, "html.parser").find_all("svg")) == 4
    root = ElementTree.fromstring(junit.render(value))
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("7", "1", "1")


# plots


def test_a_plot_follows_the_page_s_colours_and_is_told() -> None:
    svg = plots.measures(made())
    assert set(re.findall(r"(?:fill|stroke):(#\w+)", svg)) == set()
    assert "var(--cw-accent)" in svg
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    label = (root.get("aria-label") or "").replace("\u00a0", " ")
    assert label.startswith("Each measure with its 95 % interval: Right overall 42.9 %, baseline 50.0 %; Right clause first 33.3 %")
    assert [word for word in ("http", "DejaVu", "metadata", "style>") if word in svg] == []


def test_plots_are_drawn_alike_whatever_the_user_s_settings_and_leave_them_be() -> None:
    import matplotlib

    value = made()
    wanted = plots.stances(value)
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.facecolor": "red"}):
        assert plots.stances(value) == wanted
        assert matplotlib.rcParams["font.size"] == 30


def test_the_operating_point_is_where_the_run_stands() -> None:
    """Four of seven answered; of the four surest, two have a right clause nearest: c2's and c4's nearest are wrong."""
    root = ElementTree.fromstring(plots.risk_coverage(made()))
    assert (root.get("aria-label") or "").replace("\u00a0", " ").startswith("Risk over coverage: this run answers 57.1 %")


def test_a_trend_names_each_measure_and_skips_what_is_missing() -> None:
    points = [
        {"run": f"{n}" * 12, "made": f"2026-11-0{n}T09:00:00Z" if n > 1 else None, "measures": {"hit@1": n / 10, "overall": None}}
        for n in (1, 2, 3)
    ]
    root = ElementTree.fromstring(plots.trend(points))
    assert (root.get("aria-label") or "").replace("\u00a0", " ") == "The last 3 runs: Right clause first from 10.0 % to 30.0 %"
    drawn = [text.text for text in root.iter("text")]
    assert "Right clause first" in drawn
    assert "Right overall" not in drawn
    assert "3333333" in drawn
    assert "11-03" in drawn
    assert plots.trend([]) == ""
    assert plots.trend([{"run": "a", "made": None, "measures": {"hit@1": None}}]) == ""
    assert plots.trend(points[:1])


# all of them


def test_the_same_report_gives_the_same_bytes() -> None:
    value = made()
    forms = (html.render, markdown.render, junit.render)
    assert [form(value) for form in forms] == [form(value) for form in forms]


def test_no_hash_seed_changes_a_byte(tmp_path: Path) -> None:
    code = "import hashlib, test_reports as t; v = t.made(); print([hashlib.sha256(f.render(v).encode()).hexdigest() for f in (t.html, t.markdown, t.junit)])"
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(html.__file__).parents[2])])
    seeds = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
        ).stdout
        for seed in ("1", "2")
    ]
    assert seeds[0] == seeds[1]
    assert len(seeds[0]) > 190


# in a browser

@pytest.fixture
def open_page(chromium: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens a report from disk, off line; afterwards, nothing but the file was asked for, and no script failed."""
    contexts, requests, faults = [], list[str](), list[str]()

    def opened(value: dict[str, Any], scheme: str = "light", width: int = 1280, script: bool = True, part: str = "") -> Any:
        path = tmp_path / "report.html"
        path.write_text(html.render(value), "utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, java_script_enabled=script
        )
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri() + part)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert requests
    assert all(request.startswith("file:") and "report.html" in request for request in requests)
    assert faults == []


def visible_cases(page: Any) -> list[str]:
    return [found.split()[0] for found in page.locator(".cases tbody:visible th").all_inner_texts()]


@pytest.mark.browser
def test_answers_are_filtered_and_counted(open_page: Any) -> None:
    page = open_page(made())
    status = page.get_by_role("status")
    assert status.inner_text() == "7 answers"
    page.get_by_label("Outcome").select_option("all wrong")
    assert status.inner_text() == "4 of 7 answers"
    assert visible_cases(page) == ["c3", "c4", "c5", "c7"]
    page.get_by_label("Words").fill("KEEP  phone")
    assert status.inner_text() == "2 of 7 answers"  # c4 quotes it, c3 what stands after it
    page.get_by_label("Turned").select_option("worse")
    assert visible_cases(page) == ["c3"]
    page.get_by_role("button", name="Show all").click()
    assert page.get_by_role("status").inner_text() == "7 answers"
    page.get_by_label("Turned").select_option("not compared")
    assert visible_cases(page) == ["c5"]
    page.get_by_role("button", name="Show all").click()
    assert status.inner_text() == "7 answers"
    page.get_by_role("combobox", name="Tag").select_option(PAYLOAD)
    assert visible_cases(page) == ["c2"]
    page.get_by_label("Words").press("Enter")  # sends nothing
    assert visible_cases(page) == ["c2"]
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("combobox", name="School").select_option(SCHOOL)
    assert visible_cases(page) == ["c2", "c6"]


@pytest.mark.browser
def test_a_link_opens_its_case_even_one_that_is_filtered_out(open_page: Any) -> None:
    page = open_page(made())
    page.get_by_label("Outcome").select_option("all wrong")
    page.locator(".flip summary").filter(has_text="c2").click()
    page.locator(".flip").filter(has_text="c2").get_by_role("link", name="The whole case").click()
    case = page.locator(".cases tbody").filter(has=page.locator("th", has_text="c2"))
    case.locator("mark").wait_for(state="visible")
    assert page.get_by_role("status").inner_text() == "7 answers"
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    again = open_page(made(), part="#c3/ash")
    assert again.locator(".cases details[open] summary").all_inner_texts() == ["Phones?"]


@pytest.mark.browser
def test_without_scripts_the_page_is_whole(open_page: Any) -> None:
    page = open_page(made(), script=False)
    assert len(visible_cases(page)) == 7
    assert not page.locator("#filter").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 390)])
def test_the_page_can_be_used_by_everybody(open_page: Any, scheme: str, width: int, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(made(), scheme, width)
    page.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))")
    page.screenshot(path=tmp_path / f"{scheme}-{width}.png", full_page=True)
    found = Axe().run(page).response
    assert found["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_a_held_back_report_opens_without_a_fault(open_page: Any) -> None:
    page = open_page(made(gate=replace(GATE, held_back=True)))
    assert page.get_by_text("This suite is held back").is_visible()
