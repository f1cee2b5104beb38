"""Does a question read as if somebody, most often a child, may be at risk?

It does where it tells of someone: a disclosure, signs that were seen, an adult's worrying conduct, a plan to hurt; at first
or third hand, now or long ago. "What do I do if a child discloses abuse?" does too: who asks so may have a child in mind.
A question about a policy that only names such a thing does not.

A linear model weighs signs (safeguarding.toml: what names harm, who told whom, how the question is put; also two at a time)
and the encoder's vector of the question. Its weights are data, fitted by training/fit_safeguarding.py. A vector is worth
nothing to weights of another encoder, so there are weights for the signs alone too. What they reach is in
evals/safeguarding.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from clausewise.types import Concern

SIGNS = Path(__file__).with_suffix(".toml")
SEARCHES = (
    "Who do I tell if I am worried that a child may be at risk of harm?",
    "Concerns about a child's safety or welfare are reported to the designated safeguarding lead at once.",
    "A pupil has told me something worrying: what must I do and whom do I tell?",
    "What do staff do when a safeguarding concern about a child or an adult's behaviour comes to light?",
)  # what the school's own clause is found by, taken together
NEAR = 0.5  # score below which a clause is none; of eleven schools those with one have 0.54 or more, the others 0.43 or less
MODEL = Path(__file__).parent / "model" / "safeguarding.json"
_LONG = 30  # words from which a question is a story


HEADING = "Someone may be at risk."
DANGER = "If a child is in immediate danger, call 999."
STEPS = "Do not promise to keep it secret. Write down what was said or seen, in the same words."
KEPT = "Nothing of this question is kept."
_TELLS = re.compile(r"\b(?:tells?|told|reports?|reported|informs?|informed|refers?|referred|at once|immediately|straight away)\b", re.I)
_WHOM = re.compile(r"\b(?:safeguarding|child protection|head ?teacher|principal|police|authorit(?:y|ies))\b", re.I)


def tell(concerns: Sequence[Concern]) -> str:
    """The sentence that says whom to tell; of several schools, whose they are is for the reader to know."""
    if len(concerns) > 1:
        return "Tell the safeguarding lead of your own school now."
    (concern,) = concerns
    if concern.lead:
        return f"Tell the safeguarding lead of {concern.school_name} now: {concern.lead}."
    return f"Tell the safeguarding lead of {concern.school_name} now, or the headteacher."


def lead(concern: Concern) -> str:
    """Whom to tell at one of several schools."""
    return concern.lead or "its safeguarding lead, or the headteacher"


def directs(clause: str) -> bool:
    """Whether a clause says that something is to be told, and to somebody who protects children."""
    return bool(_TELLS.search(clause) and _WHOM.search(clause))


def at_risk(question: str, vector: Sequence[float] | None = None) -> bool:
    """Whether the school's safeguarding lead is to be shown. `vector`: as `score` takes it."""
    return score(question, vector) >= 0.5


def score(question: str, vector: Sequence[float] | None = None) -> float:
    """0 to 1, from 0.5 on at risk: no probability, since the threshold is set by what may be missed.

    `vector`: the question's unit vector by the encoder that the weights know (`knows`); None: go by the signs alone.
    1.0 where the words leave no doubt.
    """
    if _certain(plain(question)):
        return 1.0
    model = _model()["signs" if vector is None else "both"]
    total = model["intercept"] + sum(model["weights"].get(sign, 0.0) for sign in signs(question))
    if vector is not None:
        total += sum(weight * float(value) for weight, value in zip(model["vector"], vector, strict=True))
    return 1 / (1 + math.exp(model["threshold"] - total))


def knows(encoder: str) -> bool:
    """Whether the weights were fitted to the vectors of the encoder with this digest."""
    return bool(_model()["encoder"] == encoder)


def signs(question: str) -> set[str]:
    """Names of the signs in a question. "harm": any of that part; "harms": two of them; "a+b": both."""
    text = plain(question)
    parts, patterns = _signs()
    found = {name for name, pattern in patterns.items() if pattern.search(text)}
    harms = len(found & parts["harm"])
    counted = {"harm": harms > 0, "harms": harms > 1, "long": len(text.split()) > _LONG}
    found |= {name for name, there in counted.items() if there}
    paired = sorted(found & (parts["telling"] | parts["frame"] | parts["opening"] | {"harm"}))
    return found | {f"{a}+{b}" for a, b in combinations(paired, 2)}


def plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())


def _certain(text: str) -> bool:
    return bool(_signs()[1]["certain"].search(text))


@cache
def _signs() -> tuple[Mapping[str, frozenset[str]], Mapping[str, re.Pattern[str]]]:
    """The names in each part of safeguarding.toml, and each name's pattern."""
    read = tomllib.loads(SIGNS.read_text("utf-8"))
    named = {f"{{{name}}}": f"(?:{'|'.join(words)})" for name, words in read.pop("parts").items()}
    patterns = {name: _pattern(words, part == "opening", named) for part, signs in read.items() for name, words in signs.items()}
    return {part: frozenset(signs) for part, signs in read.items()}, patterns


def _pattern(words: Sequence[str], opening: bool, named: Mapping[str, str]) -> re.Pattern[str]:
    """Any of `words`, whole; `opening`: only where a sentence begins."""
    joined = "|".join(words)
    for name, part in named.items():
        joined = joined.replace(name, part)
    return re.compile(rf"(?:^|[.!?:] )\W{{0,3}}(?:{joined})" if opening else rf"\b(?:{joined})(?!\w)")


@cache
def _model() -> dict[str, Any]:
    return dict(json.loads(MODEL.read_text("utf-8")))
