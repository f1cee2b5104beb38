"""What a band promises: bounds, order, words, and that the sample's answers keep it."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import pytest

from clausewise.assistant import Assistant
from clausewise.bands import BANDS, MODEL, SIGNS, answer_band, band, probability, signs, silence_band, told
from clausewise.evaluation.cases import load_suite
from clausewise.types import Answer, Hit, Passage, Span, Status, Sure

MADE = {"weights": [1.0, 10.0], "intercept": -1.0}
SUITE = Path(__file__).parents[1] / "evals" / "sample"
ORDER = ("low", "fair", "high")


def hits(*scores: float) -> list[Hit]:
    passages = [Passage(row, f"larch/dogs#{row}", "larch/dogs", "larch", Span(0, 4), ("Dogs",)) for row in range(len(scores))]
    return [Hit(passage, score, score, score, 0.0) for passage, score in zip(passages, scores, strict=True)]


def answer(status: Status, sure: Sure | None) -> Answer:
    return Answer("larch", "Larch Road School", status, None, None, 0.9, sure=sure)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clausewise.bands._model", lambda: MADE)


def test_the_packaged_weights_fit_the_signs_and_none_pulls_down() -> None:
    model = json.loads(MODEL.read_text("utf-8"))
    assert tuple(model["signs"]) == SIGNS == ("confidence", "lead")
    assert len(model["weights"]) == 2
    assert min(model["weights"]) > 0


def test_signs_by_hand() -> None:
    assert signs(0.75, hits(0.8, 0.7, 0.1)) == pytest.approx([math.log(3), 0.1])


@pytest.mark.parametrize(
    ("scores", "lead"),
    [((0.9,), 0.3), ((0.9, 0.2), 0.3), ((0.5, 0.5), 0.0), ((0.5, 0.6), 0.0)],  # the last: as a reranker may order them
)
def test_the_lead_has_bounds(scores: tuple[float, ...], lead: float) -> None:
    assert signs(0.5, hits(*scores)) == [0.0, lead]


@pytest.mark.parametrize(("confidence", "odds"), [(0.0, -10.0), (1.0, 10.0), (1 - 1e-12, 10.0), (1e-12, -10.0)])
def test_certainty_is_finite(confidence: float, odds: float) -> None:
    assert signs(confidence, hits(0.5))[0] == odds


@pytest.mark.usefixtures("made")
def test_probability_by_hand() -> None:
    """-1 + ln 3 * 1 + 0.1 * 10 = ln 3."""
    assert probability(signs(0.75, hits(0.8, 0.7))) == pytest.approx(0.75)


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(("sure", "name"), [(0.86, "high"), (0.84, "fair"), (0.61, "fair"), (0.59, "low")])
def test_the_bounds_of_answers(sure: float, name: str) -> None:
    """With a lead of 0.1 the probability is the confidence: -1 + 0.1 * 10 = 0."""
    assert answer_band(sure, hits(0.8, 0.7)) == name


@pytest.mark.parametrize(("confidence", "name"), [(1.0, "fair"), (0.71, "fair"), (0.69, "low"), (0.41, "low")])
def test_the_bounds_of_silences(confidence: float, name: str) -> None:
    assert silence_band(confidence) == name


@pytest.mark.parametrize("second", [0.8, 0.75, 0.65, 0.4])
def test_a_surer_answer_is_in_no_lower_band(second: float) -> None:
    found = [ORDER.index(answer_band(step / 40, hits(0.8, second))) for step in range(41)]
    assert found == sorted(found)


@pytest.mark.parametrize("confidence", [0.6, 0.8, 0.95, 0.99])
def test_an_answer_that_stands_out_more_is_in_no_lower_band(confidence: float) -> None:
    found = [ORDER.index(answer_band(confidence, hits(0.8, 0.8 - step / 40))) for step in range(15)]
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_a_higher_band_promises_more() -> None:
    shares = {sure: found.share for (status, sure), found in BANDS.items() if status == "answered"}
    assert shares["low"] < shares["fair"] < shares["high"] < 1  # type: ignore[operator]
    assert {key: found.name for key, found in BANDS.items()} == {(status, sure): sure for status, sure in BANDS}


def test_the_words_say_the_share_that_is_promised() -> None:
    figures = {0.9: "about 9 in 10", 0.667: "about 2 in 3", 0.4: "about 4 in 10", 0.8: "of 10 silences like this, about 8"}
    for found in BANDS.values():
        assert figures[found.share] in found.words if found.share else not any(char.isdigit() for char in found.words)


def test_no_silence_claims_to_be_sure() -> None:
    assert ("not_covered", "high") not in BANDS


def test_what_claims_no_band_says_nothing() -> None:
    assert band(answer("answered", None)) is None
    assert told(answer("answered", None)) == ""
    assert told(answer("answered", "high")) == BANDS["answered", "high"].words


@pytest.mark.slow
def test_a_clause_asked_for_by_its_number_claims_no_band(sample: Assistant) -> None:
    found = sample.ask("What does clause 4.1 say?").answers
    assert {answer.confidence for answer in found} == {1.0}
    assert {answer.sure for answer in found} == {None}


@pytest.mark.slow
def test_the_sample_keeps_the_promises(sample: Assistant) -> None:
    """The bands' weights have not seen the sample. A promise in the Wilson interval of a share is a share no further from it than this."""
    counts: Counter[tuple[Status, Sure]] = Counter()
    right: Counter[tuple[Status, Sure]] = Counter()
    for case in load_suite(SUITE).cases:
        for found in sample.ask(case.question, [case.school] if case.school else None, case.history).answers:
            gold = case.gold.get(found.school)
            if gold and found.sure:
                counts[found.status, found.sure] += 1
                right[found.status, found.sure] += found.quotes[0].clause.id in gold.right if found.quotes else not gold.right
    large = {key: found for key, found in BANDS.items() if counts[key] >= 30 and found.share is not None}
    assert ("answered", "high") in large
    for key, found in large.items():
        assert found.share is not None
        error = 1.96 * math.sqrt(found.share * (1 - found.share) / counts[key])
        assert abs(right[key] / counts[key] - found.share) <= error, f"{key}: {right[key]} of {counts[key]}, promised {found.share}"
