"""How sure it is that a ranking's first passage answers the question at all.

A threshold on similarity tells questions that are off the topic from the rest, and can hardly tell a near miss. Two
things help: how well the same question fits other schools' policies (where another school's rule fits much better, this
school's nearest clause is seldom an answer), and the question's length (a long story fits any one sentence less well).
training/fit_silence.py fits the weights, on the sample suite; what was tried and left out is in DECISIONS.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from clausewise.lexical import words
from clausewise.types import Hit

MODEL = Path(__file__).parent / "model" / "silence.json"
_TOPIC = 4  # words that carry meaning, up to which a question is a topic rather than a question
_SHORT = 6  # words that carry meaning; a topic of two or three is no likelier to be passed over than a short question
FEATURES = ("similarity", "standing", "length")


def features(question: str, best: Hit, elsewhere: Sequence[float]) -> list[float]:
    """The signs, in the order of FEATURES; `elsewhere`: the best score of each other school.

    Standing is NaN where there is no other school, and for a topic of a few words: that one school uses those very words
    says nothing against the rule of another. It is taken against the mean of the upper half of the others, since
    their maximum would grow with the number of schools.
    """
    upper = sorted(elsewhere, reverse=True)[: (len(elsewhere) + 1) // 2]
    asked = len(set(words([question])[0]))
    standing = best.score - sum(upper) / len(upper) if upper and asked > _TOPIC else math.nan
    return [best.dense, standing, math.log1p(max(_SHORT, asked))]


@cache
def _model() -> dict[str, Any]:
    return dict(json.loads(MODEL.read_text("utf-8")))


def confidence(question: str, best: Hit, elsewhere: Sequence[float]) -> float:
    """Probability, 0 to 1, that `best` answers `question`. A sign that is NaN says nothing either way."""
    model = _model()
    signs = zip(features(question, best, elsewhere), model["mean"], model["scale"], model["weights"], strict=True)
    total = model["intercept"] + sum((value - mean) / scale * weight for value, mean, scale, weight in signs if not math.isnan(value))
    return 1 / (1 + math.exp(-total))


def threshold() -> float:
    """The confidence below which a policy is said not to answer."""
    return float(_model()["threshold"])
