"""How sure it is that there is an answer: by the packaged weights, without surprises."""

from __future__ import annotations

import json
import math

import pytest

from clausewise.silence import FEATURES, MODEL, confidence, features, threshold
from clausewise.types import Hit, Passage, Span

MADE = {"mean": [0.5, 0.0, 2.0], "scale": [0.1, 0.2, 0.5], "weights": [1.0, 2.0, 0.5], "intercept": 0.25, "threshold": 0.55}


def hit(dense: float, lexical: float = 0.0) -> Hit:
    return Hit(Passage(0, "larch/dogs#1.1", "larch/dogs", "larch", Span(0, 4), ("Dogs",)), dense + 0.15 * lexical, dense, dense, lexical)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clausewise.silence._model", lambda: MADE)


def test_the_packaged_weights_fit_the_features() -> None:
    model = json.loads(MODEL.read_text("utf-8"))
    assert tuple(model["features"]) == FEATURES == ("similarity", "standing", "length")
    assert all(len(model[key]) == 3 for key in ("mean", "scale", "weights"))
    assert min(model["scale"]) > 0
    assert 0 < threshold() < 1


def test_similarity_is_the_cosine_and_length_counts_different_stems() -> None:
    """Eight different stems: "the", "at" and "and" carry nothing, and a word said twice is one word."""
    similarity, _, length = features("dogs, cats, rabbits, horses, sheep, goats and ducks at the gate; dogs", hit(0.4, 0.9), [])
    assert similarity == 0.4
    assert length == pytest.approx(math.log(9))


FIVE = "dogs, cats, rabbits, horses and sheep"


@pytest.mark.parametrize(
    ("elsewhere", "standing"),
    [
        ([0.5], 0.1),  # 0.6 - 0.5
        ([0.9, 0.1], -0.3),  # the upper half of two is one
        ([0.2, 0.8, 0.6], -0.1),  # of three, two: 0.8 and 0.6
        ([0.1, 0.2, 0.8, 0.4], 0.0),  # of four, two: 0.8 and 0.4
    ],
)
def test_standing_is_taken_against_the_upper_half_of_the_others(elsewhere: list[float], standing: float) -> None:
    assert features(FIVE, hit(0.6), elsewhere)[1] == pytest.approx(standing)
    assert features(FIVE, hit(0.6), elsewhere[::-1])[1] == pytest.approx(standing)


def test_standing_is_not_a_number_without_other_schools() -> None:
    assert math.isnan(features(FIVE, hit(0.6), [])[1])


def test_a_topic_of_a_few_words_is_not_weighed_against_other_schools() -> None:
    assert math.isnan(features("dogs, cats, rabbits and horses", hit(0.6), [0.9])[1])
    assert features(FIVE, hit(0.6), [0.9])[1] == pytest.approx(-0.3)


@pytest.mark.usefixtures("made")
def test_confidence_by_hand() -> None:
    """0.25 + (0.6 - 0.5) / 0.1 * 1 + (0.6 - 0.5) / 0.2 * 2 + (ln 7 - 2) / 0.5 * 0.5; five words count as six."""
    assert confidence(FIVE, hit(0.6), [0.5]) == pytest.approx(1 / (1 + math.exp(-(0.25 + math.log(7)))))


@pytest.mark.usefixtures("made")
def test_a_sign_that_is_not_a_number_says_nothing_either_way() -> None:
    """As if the school stood exactly where schools stand on average."""
    assert confidence(FIVE, hit(0.6), []) == pytest.approx(confidence(FIVE, hit(0.6), [0.6]))
    assert confidence(FIVE, hit(0.6), []) == pytest.approx(1 / (1 + math.exp(-(0.25 + 1 + math.log(7) - 2))))


@pytest.mark.parametrize("elsewhere", [[], [0.5], [0.2, 0.9, 0.4]])
@pytest.mark.parametrize("question", ["dogs?", "May a governor bring a dog to the summer fair at the weekend?"])
def test_confidence_rises_with_similarity(question: str, elsewhere: list[float]) -> None:
    sure = [confidence(question, hit(step / 20), elsewhere) for step in range(-20, 21)]
    assert sure == sorted(sure)
    assert sure[0] < sure[-1]
    assert all(0 < value < 1 for value in sure)


def test_confidence_falls_as_other_schools_fit_better() -> None:
    sure = [confidence(FIVE, hit(0.5), [other / 10]) for other in range(11)]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] > sure[-1]


@pytest.mark.parametrize("question", ["", "the of and", "?"])
def test_a_question_without_words_still_gets_a_probability(question: str) -> None:
    assert features(question, hit(0.5), [])[2] == features("dogs, cats", hit(0.5), [])[2] == pytest.approx(math.log(7))
    assert 0 < confidence(question, hit(0.5), []) < 1


def test_the_order_of_other_schools_does_not_matter() -> None:
    assert confidence("dogs", hit(0.5), [0.1, 0.7, 0.3]) == confidence("dogs", hit(0.5), [0.7, 0.3, 0.1])
