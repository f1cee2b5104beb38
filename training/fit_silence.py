"""Fit the model that says how sure an answer is: logistic regression over the signs of clausewise.silence.

Data: suites whose (question, school) pairs are answered or silent, each over an index of its policies. The encoder saw
none of them. A pair that the gold calls arguable is left out, and each suite weighs the same, in the fit and in the
threshold: the highest of 0.30, 0.32, ... that refuses at most --refuse of what the policies answer, as the mean of the
suites. Takes seconds.

    python training/fit_silence.py --on evals/sample indexes/default --on evals/five-schools indexes/five-schools
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
from clausewise.evaluation.cases import load_suite
from clausewise.silence import FEATURES, MODEL, features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--on", nargs=2, type=Path, action="append", required=True, metavar=("SUITE", "INDEX"))
    parser.add_argument("--refuse", type=float, default=0.1)
    parser.add_argument("--out", type=Path, default=MODEL)
    args = parser.parse_args()
    suites = {suite.name: pairs(Assistant(index), suite) for suite, index in args.on}
    signs, answered = (np.concatenate(parts) for parts in zip(*suites.values(), strict=True))
    weights = np.concatenate([np.full(len(part[1]), 1 / len(part[1])) for part in suites.values()])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.5))
    model.fit(signs, answered, logisticregression__sample_weight=weights / weights.mean())
    sure = {name: model.predict_proba(part[0])[:, 1] for name, part in suites.items()}
    threshold = highest(suites, sure, args.refuse)
    for name, (signs_here, truth) in suites.items():
        report(name, signs_here, truth, sure[name], threshold)
    save(model, threshold, args.out)


def highest(suites: dict, sure: dict, refuse: float) -> float:
    """The highest threshold at which, in the mean of the suites, at most `refuse` of the answered pairs are refused."""
    levels = np.arange(0.3, 0.9, 0.02)
    fine = [t for t in levels if np.mean([(sure[name][truth] < t).mean() for name, (_, truth) in suites.items()]) <= refuse]
    return round(float(max(fine, default=0.3)), 2)


def report(name: str, signs: np.ndarray, truth: np.ndarray, sure: np.ndarray, threshold: float) -> None:
    print(f"{name}: {len(truth)} pairs, {int(truth.sum())} answered")
    for sign, column in zip(FEATURES, signs.T, strict=True):
        print(f"  {sign:12} AUROC {roc_auc_score(truth, column):.3f}")
    print(f"  together     AUROC {roc_auc_score(truth, sure):.3f}")
    said = sure < threshold
    print(f"  below {threshold}: refuses {said[truth].mean():.1%} of the answered, finds {said[~truth].mean():.1%} of the silent")


def pairs(assistant: Assistant, suite: Path) -> tuple[np.ndarray, np.ndarray]:
    """Signs (n, features) and whether the policy answers (n,)."""
    rows, answered = [], []
    for case in load_suite(suite).cases:
        ranked = assistant.rank(case.question, [case.school] if case.school else None, case.history)
        for school, gold in case.gold.items():
            if not gold.right and len(gold.stances) > 1:
                continue
            rows.append(features(ranked.understood.search, ranked.best[school][0], ranked.elsewhere(school, assistant.settings.background)))
            answered.append(bool(gold.right))
    signs = np.array(rows)
    unknown = np.isnan(signs)  # a sign that is not there says nothing either way: as if it were the mean
    signs[unknown] = np.broadcast_to(np.nanmean(signs, axis=0), signs.shape)[unknown]
    return signs, np.array(answered)


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
