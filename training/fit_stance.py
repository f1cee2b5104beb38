"""Fit the model that reads a rule's stance: multinomial logistic regression over clausewise.stance.features.

Data: the answerable staff questions, each with the unit that answers it best. Judged by folders left out in turn (a
folder has one author). Features seen in fewer than --rare questions are left out, and so are weights near nought, which
keeps the file small. Takes about a minute.

    python training/fit_stance.py --data ../shared/data/staff_questions training/data
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from clausewise.stance import FACT, MODEL, features

FACT_THRESHOLD = 0.75  # how sure it must be that a question asks for a fact before no stance is given
SMALL = 0.04  # weights below it are left out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--c", type=float, default=0.03, help="inverse strength of the penalty")
    parser.add_argument("--rare", type=int, default=8)
    parser.add_argument("--out", type=Path, default=MODEL)
    args = parser.parse_args()
    rows, stances, folders = zip(*examples(args.data), strict=True)
    counts = Counter(name for row in rows for name in row)
    vectors = DictVectorizer()
    signs = csr_matrix(vectors.fit_transform([{name: 1.0 for name in row if counts[name] >= args.rare} for row in rows]))
    classes = np.array(stances)
    model = LogisticRegression(C=args.c, max_iter=500)
    shares = cross_val_predict(model, signs, classes, groups=np.array(folders), cv=GroupKFold(11), method="predict_proba")
    report(classes, shares, sorted(set(stances)))
    model.fit(signs, classes)
    save(model, vectors.get_feature_names_out(), args.out)


def examples(data: list[Path]) -> Iterator[tuple[set[str], str, str]]:
    """(features, stance, folder) of every answerable question."""
    for folder in sorted((path for home in data for path in home.iterdir() if path.is_dir()), key=lambda path: path.name):
        units = {unit["id"]: unit for unit in read(folder / "units.jsonl")}
        for row in read(folder / "questions.jsonl"):
            if row["answerable"]:
                unit = units[row["gold_unit_ids"][0]]
                yield features(unit["text"], unit["lead_in"], row["question"]), row["stance"], folder.name


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def report(wanted: np.ndarray, shares: np.ndarray, names: list[str]) -> None:
    fact = names.index(FACT)
    said_fact = shares[:, fact] > FACT_THRESHOLD
    rest = shares.copy()
    rest[:, fact] = -1
    said = np.where(said_fact, FACT, np.array(names)[rest.argmax(axis=1)])
    ruled = wanted != FACT
    print(f"{len(wanted)} questions, {int(ruled.sum())} with a stance")
    print(f"  right stance, of those with one: {(said == wanted)[ruled].mean():.3f}; wrongly given none: {said_fact[ruled].mean():.3f}")
    print(f"  rightly given none, of those without: {said_fact[~ruled].mean():.3f}")
    for name in names:
        print(f"  {name:12} recall {(said == name)[wanted == name].mean():.3f}, precision {(wanted == name)[said == name].mean():.3f}")


def save(model: LogisticRegression, names: np.ndarray, path: Path) -> None:
    kept = {name: column.round(3).tolist() for name, column in zip(names, model.coef_.T, strict=True) if np.abs(column).max() >= SMALL}
    row = {
        "classes": model.classes_.tolist(),
        "fact_threshold": FACT_THRESHOLD,
        "intercept": model.intercept_.round(4).tolist(),
        "weights": kept,
    }
    path.write_text(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    print(f"{path.name}: {len(kept)} features, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
