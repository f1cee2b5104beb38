"""The comparison with peers: its tables say what was measured, where a peer does better too; our own part of it runs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from conftest import ROOT
from made import opened, write_index

from benchmarks.systems import limits, sets
from benchmarks.systems.bench import BARE, GIVEN, ONE_THREAD, OURS, SPLITTING, Bench
from benchmarks.systems.report import ASKING, BUILD, BUILDING, COLD, DISK, FIGURES, P50, P95, Limits, Row, losses, middle, table
from benchmarks.systems.texts import Question, Text, policies, read


def row(name: str, kind: str, *figures: float) -> Row:
    return Row(name, kind, dict(zip(FIGURES, figures, strict=True)))


CLAUSEWISE = row("Clausewise, search", "ours", 472, 20.04, 3.4, 2.5, 12.0, 15.0, 900, 500)
PEER = row("Peer", "peer", 94, 10.02, 0.5, 5.0, 12.0, 20.0, 800, 550)
OTHER = row("Other", "peer", 50, 30.0, 1.0, 6.0, 24.0, 14.0, 950, 600)
ALONE = row("encoder", "bare", 472, 1.0, 0.1, 0.5, 1.0, 1.0, 100, 100)


def test_a_table_shows_each_figure_with_its_decimals() -> None:
    assert table([CLAUSEWISE, row("Many", "peer", 12345, 1000.06, 0.004, 1, 1, 1, 1, 1)]).splitlines()[1:] == [
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| Clausewise, search | 472 | 20.0 | 3.40 | 2.50 | 12.0 | 15.0 | 900 | 500 |",
        "| Many | 12,345 | 1,000.1 | 0.00 | 1.00 | 1.0 | 1.0 | 1 | 1 |",
    ]


def test_what_a_peer_does_better_is_told_with_the_best_peer() -> None:
    """An equal figure is no loss, and the bare encoder no peer; what all rows of ours share is told once."""
    asked = row("Clausewise, ask one school", "ours", 472, 20.04, 3.4, 2.5, 18.0, 13.0, 900, 500)
    assert losses([CLAUSEWISE, asked, PEER, OTHER, ALONE]).splitlines() == [
        "- build, s: Peer 10.0; Clausewise 20.0 (2.00 times)",
        "- disk, MiB: Peer 0.50; Clausewise 3.40 (6.80 times)",
        "- warm p50, ms: Peer 12.0; Clausewise, ask one school 18.0 (1.50 times)",
        "- warm p95, ms: Other 14.0; Clausewise, search 15.0 (1.07 times)",
        "- memory to build, MiB: Peer 800; Clausewise 900 (1.12 times)",
    ]
    assert losses([ALONE, PEER]) == "- nowhere"


def test_a_row_is_the_median_of_its_rounds() -> None:
    rounds = [Row("Peer", "peer", {BUILD: build, P50: p50}) for build, p50 in ((3.0, 1.0), (1.0, 2.0), (2.0, 9.0))]
    assert middle(rounds) == Row("Peer", "peer", {BUILD: 2.0, P50: 2.0})


def test_shares_are_of_what_the_machine_allows() -> None:
    found = Limits(0.010, 0.0125, 0.020, 6e9, 8e9, {"reading": 1.0, "encoding": 8.0, "all else": 1.0})
    assert [line.split(" | ")[-1] for line in found.table().splitlines()[2:]] == ["80% |", "50% |", "80% |", "75% |"]


def test_sentences_of_a_copy_say_of_which() -> None:
    text = "1. Staff must not.\n2. Ask at 8.30 a.m.; or later;\n"
    assert sets.marked(text, 7) == "1. Staff must not at site 7.\n2. Ask at 8.30 a.m.; or later at site 7;\n"


def test_copies_share_few_sentences(tmp_path: Path) -> None:
    grown = sets.grown(34, tmp_path)
    texts, passages = policies(grown.folder), [Text(**each) for each in read(grown.passages)]
    assert (len(texts), len(grown.schools)) == (34, len({text.school for text in texts}))
    assert len({passage.text for passage in passages}) > 0.9 * len(passages)
    assert [passage.place for passage in passages] == list(range(len(passages)))


def test_questions_are_asked_in_turn_of_each_school(tmp_path: Path) -> None:
    asked = sets.Policies("two", tmp_path, tmp_path, ["a?", "b?", "c?"], ["elm", "oak"])
    assert asked.asked(3, of_one=True) == [Question("a?", "elm"), Question("b?", "oak"), Question("c?", "elm"), Question("a?", "oak")]
    assert asked.asked(1, of_one=False) == [Question("a?"), Question("b?")]


@pytest.mark.skipif(not sets.SHARED.is_dir(), reason="no public questions here")
def test_a_text_that_holds_the_gold_span_is_right() -> None:
    span = "Staff must keep a record of every call that they make."
    gold = sets.Gold([Question("q", "elm")] * 3, [[span]] * 3)
    found = gold.judged([[f"{span} And more."], ["Pupils may not.", span], []])
    assert (found["hit@1"], found["hit@3"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert found["characters of the first"] == len("Pupils may not.")


def test_every_system_is_built_opened_and_searched_alike() -> None:
    for module in {module for system in (OURS, *SPLITTING, *GIVEN, BARE) for module, _ in system.rows.values()}:
        tree = ast.parse((ROOT / "benchmarks" / "systems" / f"{module}.py").read_text("utf-8"))
        named = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
        made = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} | named
        assert {"build", "load", "search"} <= made, module


def test_peers_are_pinned_and_no_dependency_of_ours() -> None:
    pins = re.findall(r"^([a-z0-9-]+)==[\d.]+$", (ROOT / "benchmarks" / "peers.txt").read_text("utf-8"), re.M)
    assert {"langchain-community", "llama-index-core", "haystack-ai", "txtai"} <= set(pins)
    ours = (ROOT / "pyproject.toml").read_text("utf-8")
    assert [pin for pin in ("langchain-community", "llama-index", "haystack", "txtai") if pin in ours] == []


@pytest.mark.slow
def test_our_part_is_measured(tmp_path: Path) -> None:
    policies, bench = sets.grown(2, tmp_path), Bench(tmp_path, 3, Path("no-peers"))
    assert re.search(r"exports the model besides: [\d.]+ s, [\d,]+ MiB of memory, and [1-9]\d+ MiB kept", bench.first_build(policies))
    rows = bench.rows(policies, [OURS], 1, ONE_THREAD)
    assert [row.name for row in rows] == list(OURS.rows)
    for figures in (row.figures for row in rows):
        assert figures["pieces"] == len(read(policies.passages)) > 20
        assert 0 < figures[P50] <= figures[P95]
        assert figures[COLD] > 0.1
        assert figures[BUILD] > figures["build: encoding"] > 0
        assert figures[DISK] > 0.1
        assert min(figures[BUILDING], figures[ASKING]) > 100
    assert {"clausewise", "torch"} <= bench.versions["Clausewise"].keys()


def test_limits_are_measured_on_an_index_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SCANNED", 1000)
    monkeypatch.setattr(limits, "READ", 100_000)
    answering = limits.answering(opened(write_index(tmp_path / "index")), ["May pupils carry a phone?", "Do watches count as phones?"])
    found = Limits(**answering, scan=limits.scan(), bandwidth=limits.bandwidth(), build={"encoding": 1.0})
    assert 0 < found.encoder < found.search
    assert min(found.ask, found.scan, found.bandwidth) > 0
