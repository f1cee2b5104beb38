"""What a quoted rule says of what was asked: prohibited, required, permitted, conditional, advised, or nothing.

A linear model over the words of the rule with its lead-in (one and two at a time), over the question's words, and over
the signs below: modal verbs, their negations, conditions. Its weights are data, fitted by training/fit_stance.py to the
staff questions; the signs alone, with rules written by hand, were right less often (DECISIONS.md, 2026-11-21).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, cast

from clausewise.duties import duty
from clausewise.types import Stance

MODEL = Path(__file__).parent / "model" / "stance.json"
_BY_IMPLICATION = 0.6  # so sure it must be that a rule with a modal verb, and none that forbids, forbids what was asked
_UNSIGNED_FACT = 0.4  # so sure it must be of a fact where the rule has no modal verb or other sign
_LIMITED = re.compile(r"\b(?:during|outside|within) (?:\w+ ){0,3}(?:breaks?|lunch\w*|lessons?|hours|sessions?|day|times?)\b", re.I)
_NO_BAN = ("advised", "required", "permitted")  # what a "must not" never is; it may be conditional
FACT = "factual"  # the class of questions that ask for a fact: no stance

_LEAVE = r"(?:consent|permission|approval|agreement|leave)"
_SIGNS = {
    "forbids": r"(?:must|may|should|shall|will|can|do|does|are|is|be)(?:n't| not| never)(?! (?:only|necessarily))"
    r"(?! (?:need|have) to)|never|cannot|prohibited|forbidden|banned|not (?:be )?(?:permitted|allowed|acceptable)|unacceptable|"
    r"no circumstances|refrain|avoid|decline|nobody|neither|no (?:member of staff|one|pupil|adult|employee|governor|volunteer)s? "
    r"(?:may|should|must|is)|not (?:to|link|use|share|post|give|make)",
    "frees": r"need not|do(?:es)?(?: not|n't) (?:need|have to|expect|apply|prevent|require)|(?:not|never) required|no need|not expected",
    "requires": r"must|shall|required?|requires|ha(?:ve|s) to|needs? to|is to|are to|obliged|immediately|at once|responsible for|"
    r"expect(?:ed to|s)",
    "advises": r"should|ought|advis(?:ed|able)|recommended|encouraged?|good practice|sensible|consider|try to|asked to|caution|"
    r"bear in mind",
    "permits": r"may|can|allowed|permitted|free to|welcome to|acceptable|entitled|discretion|happy for",
    "condition": r"unless|except(?:ion|ional)?|save|only|provided|providing|so long as|as long as|subject to|"
    rf"with(?:out)? (?:the |their |prior |written |express )*{_LEAVE}|other than|until|apart from",
    "if": r"if|where|when|once|in an emergency",
}
_PATTERNS = {name: re.compile(rf"\b(?:{pattern})\b") for name, pattern in _SIGNS.items()}
_WORD = re.compile(r"\w[\w']*|[;:]")


def features(rule: str, lead_in: str | None, question: str) -> set[str]:
    """The signs that the model weighs: "s:" of the patterns, "r:" words of the rule, "q:" words of the question."""
    text = _plain(f"{lead_in} : {rule}" if lead_in else rule)
    bound = _PATTERNS["frees"].sub(" ", text)  # the "required" of "not required" requires nothing
    found = sorted(name for name, pattern in _PATTERNS.items() if pattern.search(text if name == "frees" else bound))
    signs = {f"s:{name}" for name in found} | {f"s:{a}+{b}" for a, b in combinations(found, 2)}
    return signs | set(_grams("r:", text)) | set(_grams("q:", _plain(question)))


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split())


def _grams(mark: str, text: str) -> Iterable[str]:
    words = _WORD.findall(text)
    yield from (mark + word for word in words)
    yield from (f"{mark}{a} {b}" for a, b in pairwise(words))


@cache
def _model() -> dict[str, Any]:
    return dict(json.loads(MODEL.read_text("utf-8")))


def probabilities(rule: str, lead_in: str | None = None, question: str = "") -> dict[str, float]:
    """Class -> probability; the classes are the stances and "factual"."""
    model = _model()
    totals = list(model["intercept"])
    for feature in sorted(features(rule, lead_in, question)):
        totals = [total + weight for total, weight in zip(totals, model["weights"].get(feature, ()), strict=False)] or totals
    highest = max(totals)
    shares = [math.exp(total - highest) for total in totals]
    return {name: share / sum(shares) for name, share in zip(model["classes"], shares, strict=True)}


def stance(rule: str, lead_in: str | None = None, question: str = "") -> Stance | None:
    """The stance of the sentence or list item `rule` under its `lead_in`; None where `question` asks for a fact."""
    shares = probabilities(rule, lead_in, question)
    signs = {feature[2:] for feature in features(rule, lead_in, "") if feature.startswith("s:") and "+" not in feature}
    if "frees" in signs and not signs & {"forbids", "requires", "condition", "if"}:
        return "permitted"  # "need not", and nothing else: rare in the training data, and plain
    if shares.pop(FACT) > (_model()["fact_threshold"] if signs else _UNSIGNED_FACT):
        return None
    if signs and "forbids" not in signs and shares["prohibited"] < _BY_IMPLICATION:
        shares.pop("prohibited")  # "Pupils may wear any watch" under "not allowed" would be worse than a missed implication
    found = cast(Stance, max(shares, key=lambda name: (shares[name], name)))
    if found in _NO_BAN and _forbids(rule, lead_in):
        return "prohibited"
    return "conditional" if found == "permitted" and (signs & {"condition", "if"} or _LIMITED.search(rule)) else found


def _forbids(rule: str, lead_in: str | None) -> bool:
    """Whether the rule's own duty is a "must not": the model weighs all of its words, and may miss the one that binds."""
    bound = duty(rule, lead_in)
    return bound is not None and bound.negative and bound.strength == "must"
