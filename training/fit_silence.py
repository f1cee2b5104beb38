"""Fit the model that says how sure an answer is: logistic regression over the signs of clausewise.silence.

Data: a suite whose (question, school) pairs are answered or silent, over an index of its policies. The encoder saw none
of them. A pair that the gold calls arguable is left out. The threshold is the highest of 0.50, 0.55, 0.60, ... that
refuses at most --refuse of what the policies answer. Takes seconds.

    python training/fit_silence.py --suite evals/sample --index indexes/default
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from clausewise import Assistant
from clausewise.evaluation import load_suite
from clausewise.silence import FEATURES, MODEL, features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", type=Path, required=True)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--refuse", type=float, default=0.08)
    parser.add_argument("--out", type=Path, default=MODEL)
    args = parser.parse_args()
    signs, answered = pairs(Assistant(args.index), args.suite)
    for name, column in zip(FEATURES, signs.T, strict=True):
        print(f"  {name:12} AUROC {roc_auc_score(answered, column):.3f}")
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.5)).fit(signs, answered)
    sure = model.predict_proba(signs)[:, 1]
    candidates = [t for t in np.arange(0.5, 0.9, 0.05) if (sure[answered] < t).mean() <= args.refuse]
    threshold = round(float(max(candidates, default=0.5)), 2)
    print(f"{len(answered)} pairs, {int(answered.sum())} answered; together AUROC {roc_auc_score(answered, sure):.3f}")
    print(f"threshold {threshold}: refuses {(sure[answered] < threshold).mean():.1%} of the answered, finds {(sure[~answered] < threshold).mean():.1%} of the silent")
    save(model, threshold, args.out)


def pairs(assistant: Assistant, suite: Path) -> tuple[np.ndarray, np.ndarray]:
    """Signs (n, features) and whether the policy answers (n,)."""
    rows, answered = [], []
    for case in load_suite(suite)[1]:
        ranked = assistant.rank(case.question, [case.school] if case.school else None, case.history)
        for school, gold in case.gold.items():
            if not gold.right and len(gold.stances) > 1:
                continue
            rows.append(features(ranked.understood.search, ranked.best[school][0], ranked.elsewhere(school)))
            answered.append(bool(gold.right))
    return np.array(rows), np.array(answered)


def save(model: object, threshold: float, path: Path) -> None:
    scaler, logistic = model[0], model[1]  # type: ignore[index]
    row = {
        "features": list(FEATURES),
        "mean": scaler.mean_.round(5).tolist(),
        "scale": scaler.scale_.round(5).tolist(),
        "weights": logistic.coef_[0].round(5).tolist(),
        "intercept": round(float(logistic.intercept_[0]), 5),
        "threshold": threshold,
    }
    path.write_text(json.dumps(row, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
