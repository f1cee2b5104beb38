"""Fit how sure a cell of the matrix is that its school speaks to its topic: logistic regression on one sign.

Data: the visible half of evals/topics, whose cells are silent or not. The sign is the mean late interaction of the best
clause with the topic's searches. Of the signs tried (cosine, score, late interaction, the next clause's distance, what
other schools score, what the clause scores on other topics) it was the best alone, and no pair was better in fitting on
one corpus and measuring on the other (DECISIONS.md, 2026-11-29). Takes seconds.

    python training/fit_topics.py
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from clausewise import Assistant
from clausewise.comparison.matrix import MODEL, THRESHOLD
from clausewise.comparison.topics import load_topics

LABELS = Path(__file__).parents[1] / "evals" / "topics"
CORPORA = {"sample": "indexes/default", "five-schools": "indexes/five-schools"}


def main() -> None:
    found = {name: signs(name, index) for name, index in CORPORA.items()}
    for name, (late, spoken) in found.items():
        (other,) = (model(*pair) for rest, pair in found.items() if rest != name)
        right = ((other.predict_proba(late)[:, 1] >= THRESHOLD) == spoken).mean()
        print(f"{name}: {len(spoken)} cells, AUROC {roc_auc_score(spoken, late[:, 0]):.3f}, right by the other corpus' fit {right:.3f}")
    fitted = model(*(np.concatenate(parts) for parts in zip(*found.values(), strict=True)))
    row = {"late": round(float(fitted.coef_[0][0]), 4), "intercept": round(float(fitted.intercept_[0]), 4)}
    MODEL.write_text(json.dumps(row, indent=1) + "\n", "utf-8")
    print(row)


def model(late: np.ndarray, spoken: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=100).fit(late, spoken)


def signs(name: str, index: str) -> tuple[np.ndarray, np.ndarray]:
    """The sign of each labelled cell, shape (n, 1), and whether its school speaks to its topic, shape (n,)."""
    assistant = Assistant(index)
    late = {
        (topic.id, school): hit.late
        for topic in load_topics("social-media")
        for school, best in assistant.topic_hits(topic, [school.id for school in assistant.schools])
        for hit in [hit for hit in best if topic.counts(hit.passage)][:1]
    }
    rows = [json.loads(line) for line in (LABELS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    labels = [row for row in rows if (row["topic"], row["school"]) in late]
    return np.array([[late[row["topic"], row["school"]]] for row in labels]), np.array([row["stance"] != "silent" for row in labels])


if __name__ == "__main__":
    main()
