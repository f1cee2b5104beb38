"""Topics x schools: every cell is there, quotes its own school, and says what it was searched for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from made import opened, write_index

from benchmarks.topics import LABELS, macro_f1
from clausewise.assistant import Assistant
from clausewise.comparison.matrix import THRESHOLD, UNMENTIONED, confidence
from clausewise.comparison.topics import Topic, load_topics
from clausewise.errors import UnknownSchool
from clausewise.settings import Settings
from clausewise.types import Hit, Passage, Span

TRIPS = Topic("trips", "Phones on trips", "May pupils have one?", ("May pupils carry a phone on a residential trip?", "phone on a trip"))
WATCHES = Topic("watches", "Smart watches", "Are they phones?", ("Do smart watches count as phones?",))


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return opened(write_index(tmp_path_factory.mktemp("indexes") / "small"))


def test_every_topic_has_a_cell_of_every_school(assistant: Assistant) -> None:
    matrix = assistant.matrix([TRIPS, WATCHES])
    assert [*matrix.cells] == [("trips", "larch"), ("trips", "maple"), ("watches", "larch"), ("watches", "maple")]
    assert [cell.school for cell in matrix.row("trips")] == ["larch", "maple"]
    (larch, _), (_, maple) = matrix.row("trips"), matrix.row("watches")
    assert (larch.position, larch.answer.quotes[0].clause.id) == ("permitted", "larch/phones#1.2")
    assert (maple.position, maple.answer.quotes[0].clause.id) == ("factual", "maple/phones#1.2")


def test_a_cell_quotes_or_says_what_was_looked_at(assistant: Assistant) -> None:
    for (_, school), cell in assistant.matrix([TRIPS, WATCHES]).cells.items():
        shown = cell.answer.quotes or cell.answer.closest
        assert shown
        assert {quote.clause.school for quote in (*cell.answer.quotes, *cell.answer.closest)} == {school}
        assert (cell.position == "silent") == (not cell.answer.quotes)
        assert cell.as_dict()["searched"] == [*cell.topic.questions, *cell.topic.wordings]


def test_a_school_s_cell_does_not_depend_on_which_others_are_shown(assistant: Assistant) -> None:
    whole, one = assistant.matrix([TRIPS]), assistant.matrix([TRIPS], ["maple"])
    assert one.cells["trips", "maple"] == whole.cells["trips", "maple"]
    assert [school.id for school in one.schools] == ["maple"]


def test_a_threshold_that_is_set_counts_for_cells_too(tmp_path: Path) -> None:
    strict = opened(write_index(tmp_path / "small"), Settings(threshold=1.0))
    assert {cell.position for cell in strict.matrix([TRIPS, WATCHES]).cells.values()} == {"silent"}


def test_an_unknown_school_is_refused(assistant: Assistant) -> None:
    with pytest.raises(UnknownSchool, match="found no school 'larh'"):
        assistant.matrix([TRIPS], ["larh"])


def test_a_clause_counts_only_if_it_mentions_what_it_must(assistant: Assistant) -> None:
    """Larch's rule on trips is the nearest there is, and says nothing of trains."""
    trains = replace(TRIPS, mentions=("train*", "railway"))
    cell = assistant.matrix([trains]).cells["trips", "larch"]
    assert (cell.position, cell.answer.confidence, cell.answer.quotes) == ("silent", 1 - UNMENTIONED, ())
    assert cell.answer.reason == "not_mentioned"
    assert cell.answer.closest[0].clause.id == "larch/phones#1.2"  # what was looked at
    assert assistant.matrix([replace(TRIPS, mentions=("trip*",))]).cells["trips", "larch"].position == "permitted"


def test_no_threshold_lets_a_clause_count_that_mentions_nothing(tmp_path: Path) -> None:
    lax = opened(write_index(tmp_path / "small"), Settings(threshold=0.0))
    assert lax.matrix([replace(TRIPS, mentions=("train*",))]).cells["trips", "larch"].position == "silent"


def test_the_words_of_the_nearest_clause_tell_how_sure_a_cell_is() -> None:
    hits = [Hit(Passage(0, "a", "oak/p", "oak", Span(0, 1), ("",)), 0.5, 0.5, late, 0.0) for late in (0.3, 0.5, 0.7)]
    low, middle, high = map(confidence, hits)
    assert 0 < low < THRESHOLD < middle + 0.2
    assert low < middle < high < 1


def test_macro_f1_worked_out_by_hand() -> None:
    pairs = [("silent", "silent"), ("silent", "advised"), ("required", "required"), ("required", "required")]
    assert macro_f1(pairs) == pytest.approx((2 / 3 + 0 + 1) / 3)  # a position that is said and never wanted counts as nought


@pytest.mark.parametrize("name", ["sample", "five-schools"])
def test_labels_are_of_known_topics_and_half_of_them_are_held_back(name: str) -> None:
    import json

    topics = {topic.id for topic in load_topics("social-media")}
    seen, held = (
        [json.loads(line) for line in (LABELS / f"{name}{part}.jsonl").read_text("utf-8").splitlines()] for part in ("", "-held-back")
    )
    keys = [(cell["school"], cell["topic"]) for cell in (*seen, *held)]
    assert len(keys) == len(set(keys)) == len({school for school, _ in keys}) * len(topics)
    assert {topic for _, topic in keys} == topics
    assert 0.4 < len(held) / len(keys) < 0.6
