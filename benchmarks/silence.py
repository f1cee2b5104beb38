"""Risk and coverage: what is answered, and how much of it is wrong, as the confidence asked for rises.

    python benchmarks/silence.py --on evals/sample indexes/default --on evals/five-schools indexes/five-schools

Over (question, school) pairs. Coverage: the share of pairs that is answered. Risk: the share of the answered whose first
quote is not a right clause. Overall: right answers and right silences, of all. AURC: the mean risk over all coverages.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from clausewise import Assistant
from clausewise.evaluation import load_suite
from clausewise.silence import confidence, threshold


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--on", nargs=2, type=Path, action="append", required=True, metavar=("SUITE", "INDEX"))
    for suite, index in parser.parse_args().on:
        report(suite.name, *pairs(Assistant(index), suite))


def pairs(assistant: Assistant, suite: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Confidence, whether the policy answers, and whether the first clause is a right one: each of shape (n,)."""
    rows = []
    for case in load_suite(suite)[1]:
        ranked = assistant.rank(case.question, [case.school] if case.school else None, case.history)
        for school, gold in case.gold.items():
            best = ranked.best[school][0]
            sure = confidence(ranked.understood.search, best, ranked.elsewhere(school))
            rows.append((sure, bool(gold.right), best.passage.clause in gold.right))
    sure, answerable, right = zip(*rows, strict=True)
    return np.array(sure), np.array(answerable), np.array(right)


def report(name: str, sure: np.ndarray, answerable: np.ndarray, right: np.ndarray) -> None:
    order = np.argsort(-sure, kind="stable")
    risks = 1 - np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    area = roc_auc_score(answerable, sure)
    print(f"\n### {name}: {len(sure)} pairs, {int((~answerable).sum())} silent; AUROC {area:.3f}, AURC {risks.mean():.3f}\n")
    print("| confidence from | coverage | risk | silence found | answerable refused | overall |\n| --- | --- | --- | --- | --- | --- |")
    for level in sorted({0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, threshold()}):
        said = sure >= level
        risk = 1 - right[said].mean() if said.any() else 0.0
        found, refused = (~said)[~answerable].mean(), (~said)[answerable].mean()
        overall = np.where(said, right, ~answerable).mean()
        mark = " (in force)" if level == threshold() else ""
        print(f"| {level:.2f}{mark} | {said.mean():.3f} | {risk:.3f} | {found:.3f} | {refused:.3f} | {overall:.3f} |")


if __name__ == "__main__":
    main()
