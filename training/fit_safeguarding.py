"""Fit what tells that somebody may be at risk: logistic regression over the signs and vectors of clausewise.safeguarding.

Data: the visible phrases of evals/safeguarding, those written later against what a first fit got wrong, and the questions
of folders L to U in training/data; those that read as risk, or might, are named in evals/safeguarding/questions.jsonl (null:
left out). Nothing that is held back is read. The threshold is the highest that finds the share FIND of all those at risk, each
judged by a model that did not see it. Takes some minutes, most of it encoding.

    python training/fit_safeguarding.py
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from clausewise.embeddings import Encoder
from clausewise.safeguarding import MODEL, signs

PHRASES = Path("evals/safeguarding")
FOLDERS = "LMNOPQRSTU"
RARE = 4  # a sign seen in fewer rows is left out
ORDINARY = 0.2  # weight of an ordinary question; a phrase weighs 1
VECTOR = 10.0  # a vector's scale beside a sign's 0 or 1; of 6, 10 and 14 the best balance of misses and false alarms
FIND = {"signs": 0.9, "both": 0.95}  # the signs alone would pay for more with a false alarm in five hard phrases
C = 1.0  # inverse strength of the penalty


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=MODEL)
    args = parser.parse_args()
    texts, truth, weights = (np.array(column) for column in zip(*[*phrases(), *later(), *questions()], strict=True))
    encoder = Encoder()
    found = [signs(text) for text in texts]
    counts = Counter(name for row in found for name in row)
    names = sorted(name for name, count in counts.items() if count >= RARE)
    table = np.array([[name in row for name in names] for row in found], dtype=np.float64)
    beside = np.hstack([table, encoder.encode(list(texts)) * VECTOR])
    models = {name: fitted(rows, truth, weights, FIND[name]) for name, rows in (("signs", table), ("both", beside))}
    args.out.write_text(json.dumps(row_of(encoder.digest, models, names), separators=(",", ":")) + "\n", "utf-8")


def phrases() -> list[tuple[str, bool, float]]:
    return [(row["phrase"], row["at_risk"], 1.0) for row in read(PHRASES / "phrases.jsonl") if row["split"] == "visible"]


def later() -> list[tuple[str, bool, float]]:
    return [(row["phrase"], row["at_risk"], 1.0) for row in read(PHRASES / "later.jsonl")]


def questions() -> list[tuple[str, bool, float]]:
    """Ordinary questions with their earlier turns, as the assistant puts them together; a few are at risk."""
    labels = {row["id"]: row["at_risk"] for row in read(PHRASES / "questions.jsonl")}
    rows = [row for name in FOLDERS for row in read(Path("training/data", name, "questions.jsonl"))]
    told = [(" ".join([*row["history"][-2:], row["question"]]), labels.get(row["id"], False)) for row in rows]
    return [(text, risk, 1.0 if risk else ORDINARY) for text, risk in told if risk is not None]


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def fitted(table: np.ndarray, truth: np.ndarray, weights: np.ndarray, find: float) -> dict:
    """The model, and its threshold by cross-validation over five parts."""
    said = np.zeros(len(truth))
    for rest, part in StratifiedKFold(5, shuffle=True, random_state=0).split(table, truth):
        said[part] = trained(table[rest], truth[rest], weights[rest]).decision_function(table[part])
    ends = np.cumsum([len(phrases()), len(later())])
    kinds = np.digitize(np.arange(len(truth)), ends)
    ordered = np.sort(said[truth])
    threshold = ordered[int((1 - find) * len(ordered))]
    for kind, name in enumerate(("phrases", "later", "questions")):
        rows = kinds == kind
        print(f"{name}: finds {(said >= threshold)[rows & truth].mean():.3f}, false alarms {(said >= threshold)[rows & ~truth].mean():.4f}")
    model = trained(table, truth, weights)
    return {"weights": model.coef_[0], "intercept": float(model.intercept_[0]), "threshold": float(threshold)}


def trained(table: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=C, max_iter=3000).fit(table, truth, sample_weight=weights)


def row_of(encoder: str, models: dict, names: list[str]) -> dict:
    """What the file holds; the vector's scale goes into its weights."""
    row: dict = {"encoder": encoder}
    for name, model in models.items():
        by_sign = dict(zip(names, model["weights"].round(3).tolist(), strict=False))
        row[name] = {key: round(model[key], 4) for key in ("intercept", "threshold")} | {"weights": by_sign}
    row["both"]["vector"] = (models["both"]["weights"][len(names) :] * VECTOR).round(3).tolist()
    return row


if __name__ == "__main__":
    main()
