"""Fit the probability that an answer's first quote is right: logistic regression over the signs of clausewise.bands.

Data: the answers that the product gives to the folders that neither the encoder nor the model of silence has seen, J and
K, and V; the two sets weigh the same. A question that the policy does not answer counts as wrong. The suites and the
public questions are not touched, so that the bands' promises can be measured on them (benchmarks/bands.py). Takes some
minutes, nearly all of them for asking.

    python training/fit_bands.py
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from question_sets import QuestionSet, answered, question_sets

from clausewise.bands import MODEL, SIGNS, signs
from clausewise.embeddings import Encoder

SETS = ("folders J K", "folder V")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=600, help="questions of a set (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=MODEL)
    args = parser.parse_args()
    encoder = Encoder()
    parts = {found.name: answers(found, encoder) for found in question_sets(args.most, SETS)}
    together, right = (np.concatenate(columns) for columns in zip(*parts.values(), strict=True))
    weights = np.concatenate([np.full(len(part[1]), len(right) / len(parts) / len(part[1])) for part in parts.values()])
    model = LogisticRegression(C=100).fit(together, right, sample_weight=weights)
    for name, (rows, truth) in parts.items():
        columns = zip((*SIGNS, "together"), (*rows.T, model.decision_function(rows)), strict=True)
        told = ", ".join(f"{sign} {roc_auc_score(truth, column):.3f}" for sign, column in columns)
        print(f"{name}: {len(truth)} answers, {truth.mean():.3f} right; AUROC {told}")
    row = {"signs": list(SIGNS), "weights": model.coef_[0].round(4).tolist(), "intercept": round(float(model.intercept_[0]), 4)}
    args.out.write_text(json.dumps(row, indent=1) + "\n", "utf-8")
    print(row)


def answers(found: QuestionSet, encoder: Encoder) -> tuple[np.ndarray, np.ndarray]:
    """Signs (n, 2) of each answer that claims a band, and whether its first quote is right (n,)."""
    rows, right = [], []
    for question, ranked, answer in answered(found, encoder):
        if answer.status == "answered" and answer.sure:
            rows.append(signs(answer.confidence, ranked.best[question.school]))
            right.append(answer.quotes[0].clause.id in question.right)
    return np.array(rows), np.array(right)


if __name__ == "__main__":
    main()
