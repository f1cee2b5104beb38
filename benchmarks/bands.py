"""Does each band keep its promise? Of the answers in it, the share that is right, on every set of questions that has answers.

    python benchmarks/bands.py [--sets NAME ...] [--most 300]

Right means that the first quote is a gold clause, or that a silence is one; "first three" that one of the first three
clauses quoted is gold. A promise holds where it lies in the share's Wilson interval (95 %). The weights were fitted on
folders J, K and V, so what they show of answers is no test; of silences, for which nothing was fitted here, it is.
The second table is of answers alone: confidence as the probability that the first quote is right, and the fitted one.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

import numpy as np
from question_sets import QuestionSet, answered, question_sets
from sklearn.metrics import roc_auc_score

from clausewise.bands import BANDS, probability, signs
from clausewise.embeddings import Encoder
from clausewise.evaluation.scoring import clauses_quoted, hit
from clausewise.types import Status, Sure

SETS = ("sample", "five schools", "public 40", "folders J K", "folder V")
_Z = 1.96


@dataclass(frozen=True)
class Outcome:
    """`probability`: that the first quote is right; of a silence it is not used."""

    band: tuple[Status, Sure]
    right: bool
    first_three: bool
    confidence: float
    probability: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--most", type=int, default=300, help="questions of a large set (default: %(default)s)")
    args = parser.parse_args()
    encoder = Encoder()
    found = {each.name: outcomes(each, encoder) for each in question_sets(args.most, args.sets)}
    print("| set | band | n | right | share | 95 % | first three | promised | holds |\n" + "| --- " * 9 + "|")
    for name, some in found.items():
        for band in BANDS:
            report(name, band, [outcome for outcome in some if outcome.band == band])
    print("\n| set | answers | AUROC | Brier | ECE |\n" + "| --- " * 5 + "|")
    for name, some in found.items():
        compare(name, [outcome for outcome in some if outcome.band[0] == "answered"])


def outcomes(found: QuestionSet, encoder: Encoder) -> list[Outcome]:
    """Of every answer that claims a band."""
    made = []
    for question, ranked, answer in answered(found, encoder):
        if answer.sure:
            silent, quoted = answer.status == "not_covered", clauses_quoted(answer)
            right, first_three = ((not question.right) if silent else bool(hit(quoted, question.right, k)) for k in (1, 3))
            sure = probability(signs(answer.confidence, ranked.best[question.school]))
            made.append(Outcome((answer.status, answer.sure), right, first_three, answer.confidence, sure))
    return made


def wilson(right: int, of: int) -> tuple[float, float]:
    """The middle 95 % of a share; of nothing, everything."""
    if not of:
        return 0.0, 1.0
    share, spread = right / of, _Z * _Z / of
    half = _Z * math.sqrt(share * (1 - share) / of + spread / of / 4)
    return (share + spread / 2 - half) / (1 + spread), (share + spread / 2 + half) / (1 + spread)


def report(name: str, band: tuple[Status, Sure], some: list[Outcome]) -> None:
    if not some:
        return
    right, promised = sum(outcome.right for outcome in some), BANDS[band].share
    low, high = wilson(right, len(some))
    three = "" if band[0] == "not_covered" else f"{np.mean([outcome.first_three for outcome in some]):.2f}"
    holds = "" if promised is None else "yes" if low <= promised <= high else "more" if low > promised else "NO"
    told = f"{len(some)} | {right} | {right / len(some):.2f} | {low:.2f} to {high:.2f} | {three} | {promised or 'none'} | {holds}"
    print(f"| {name} | {' '.join(band)} | {told} |")


def compare(name: str, some: list[Outcome]) -> None:
    right = np.array([outcome.right for outcome in some])
    figures = (np.array([getattr(outcome, sign) for outcome in some]) for sign in ("confidence", "probability"))
    measured = [(roc_auc_score(right, sure), np.mean((sure - right) ** 2), ece(sure, right)) for sure in figures]
    print(f"| {name} | {len(some)} | " + " | ".join(f"{before:.3f} to {after:.3f}" for before, after in zip(*measured, strict=True)) + " |")


def ece(sure: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error, over ten bins of as many answers each."""
    bins = np.array_split(np.argsort(sure, kind="stable"), 10)
    return sum(abs(sure[part].mean() - right[part].mean()) * len(part) for part in bins if len(part)) / len(right)


if __name__ == "__main__":
    main()
