"""How sure an answer is, in bands that promise how often such answers are right, and in plain words.

Confidence speaks of the status alone: a policy that surely deals with a question may still be quoted at the wrong
clause. Where two clauses score nearly alike the first is often not the one, so the distance between them is the second
sign of an answer's band; a silence goes by its confidence. training/fit_bands.py fits the weights, benchmarks/bands.py
measures the promises.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from clausewise.types import Answer, Hit, Status, Sure

MODEL = Path(__file__).parent / "model" / "bands.json"
SIGNS = ("confidence", "lead")
HIGH, FAIR = 0.85, 0.6  # probability that the first quote is right, from which an answer is in these bands
SILENT = 0.7  # confidence from which a silence is in the band "fair"; there is no "high": no bound was right 9 times in 10
_WIDE = 0.3  # lead of the first clause, beyond which more says nothing
_LOGIT = 10.0  # a probability of 0 or 1 counts as this far from even


@dataclass(frozen=True, slots=True)
class Band:
    """`share`: how many of the band's answers are right, 0 to 1; None where no one figure held for all that was measured.

    Right means that the first quote is a clause that answers; of a silence, that the policy does not say.
    """

    name: Sure
    share: float | None
    words: str


BANDS: dict[tuple[Status, Sure], Band] = {
    ("answered", "high"): Band("high", 0.9, "Sure: of answers like this, about 9 in 10 quote the right clause first."),
    ("answered", "fair"): Band(
        "fair", 0.667, "Fairly sure: of answers like this, about 2 in 3 quote the right clause first. Read around it."
    ),
    ("answered", "low"): Band(
        "low", 0.4, "Not sure: of answers like this, about 4 in 10 quote the right clause first. Read around it, and ask."
    ),
    ("not_covered", "fair"): Band(
        "fair", 0.8, "Fairly sure: of 10 silences like this, about 8 are right; in the others the policy does say."
    ),
    ("not_covered", "low"): Band("low", None, "Not sure: the policy may well say so elsewhere. Read the closest clauses, and ask."),
}


def band(answer: Answer) -> Band | None:
    """The band of `answer`; None where it claims none: a clause asked for by its number, a cell of a comparison."""
    return BANDS[answer.status, answer.sure] if answer.sure else None


def told(answer: Answer) -> str:
    """How sure `answer` is, in a sentence or two; empty where it claims no band."""
    found = band(answer)
    return found.words if found else ""


def answer_band(confidence: float, best: Sequence[Hit]) -> Sure:
    """`best`: the best hit of each clause, in order; at least one."""
    sure = probability(signs(confidence, best))
    return "high" if sure >= HIGH else "fair" if sure >= FAIR else "low"


def silence_band(confidence: float) -> Sure:
    """`confidence`: that the policy does not say."""
    return "fair" if confidence >= SILENT else "low"


def signs(confidence: float, best: Sequence[Hit]) -> list[float]:
    """In the order of SIGNS: the log-odds of the confidence, and the first clause's lead over the second, 0 to _WIDE."""
    lead = best[0].score - best[1].score if len(best) > 1 else _WIDE
    return [_log_odds(confidence), min(max(lead, 0.0), _WIDE)]


def probability(signs: Sequence[float]) -> float:
    """That the first clause answers, 0 to 1."""
    model = _model()
    total = model["intercept"] + sum(sign * weight for sign, weight in zip(signs, model["weights"], strict=True))
    return 1 / (1 + math.exp(-total))


def _log_odds(share: float) -> float:
    if not 0 < share < 1:
        return math.copysign(_LOGIT, share - 0.5)
    return min(max(math.log(share / (1 - share)), -_LOGIT), _LOGIT)


@cache
def _model() -> dict[str, Any]:
    return dict(json.loads(MODEL.read_text("utf-8")))
