"""Measure an encoder on held-out folders of questions, by its vectors, by late interaction, and by both.

    python training/evaluate_encoder.py                                   # the encoder in force
    python training/evaluate_encoder.py --adapter new/adapter.safetensors
    python training/evaluate_encoder.py --model NAME-OR-PATH --folders J K

For every answerable question the units of its own policy are ranked: hit@1 and hit@3 (is a gold unit first, among the
first three) and MRR. Two AUROCs of the first unit's score: of questions that the policy answers against those that it
does not, and of questions against their twins, the same questions with all that answers them taken out of the policy.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from questions import DEFAULT_DATA, folders_of, load_folders, query_text, unit_text
from sklearn.metrics import roc_auc_score

from clausewise import embeddings
from clausewise.embeddings import Encoder
from clausewise.late import WordIndex, encode

ALIKE = 0.6  # a unit this close to the gold unit may answer too, so a twin is without it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="", help="a sentence-transformers name or path (default: the packaged one and the adapter)")
    parser.add_argument("--adapter", type=Path, help="another adapter.safetensors for the packaged model")
    parser.add_argument("--data", type=Path, nargs="+", default=DEFAULT_DATA)
    parser.add_argument("--folders", nargs="+", default=["JK", "V"], help="each a figure of its own; letters joined are taken together")
    args = parser.parse_args()
    embeddings.ADAPTER = args.adapter or embeddings.ADAPTER
    encoder = Encoder(args.model)
    for letters in args.folders:
        report(letters, measure(encoder, args.data, [letter for letter in letters if letter in folders_of(args.data)]))


def measure(encoder: Encoder, homes: list[Path], folders: list[str]) -> dict[str, tuple[list, ...]]:
    """Ranking -> ranks of gold units, (answerable, top score), (has its gold, top score)."""
    units, questions = load_folders(homes, folders)
    found: dict[str, tuple[list, list, list]] = defaultdict(lambda: ([], [], []))
    for doc_id, asked in questions.items():
        ids = [unit["id"] for unit in units[doc_id]]
        means, words = encoder.encode_words([unit_text(unit) for unit in units[doc_id]])
        index = WordIndex.of([encode(one) for one in words])
        vectors, queries = encoder.encode_words([query_text(question) for question in asked])
        for question, vector, query in zip(asked, vectors, queries, strict=True):
            cosine = means @ vector
            late = index.best(query, range(len(ids))) @ query.weights
            for name, scores in {"vectors": cosine, "late": late, "both": (cosine + 2 * late) / 3}.items():
                ranks, natural, twins = found[name]
                natural.append((question["answerable"], scores.max()))
                if question["answerable"]:
                    gold = [ids.index(unit) for unit in question["gold_unit_ids"]]
                    ranks.append(1 + int((scores > scores[gold].max()).sum()))
                    out = set(gold) | {ids.index(unit) for unit in question["support_unit_ids"]}
                    rest = [s for i, s in enumerate(scores) if i not in out and means[i] @ means[gold[0]] < ALIKE]
                    twins += [(True, scores.max()), (False, max(rest))]
    return dict(found)


def report(name: str, found: dict[str, tuple[list, ...]]) -> None:
    for ranking, (ranks, natural, twins) in found.items():
        places = np.array(ranks)
        areas = (
            roc_auc_score(*zip(*pairs, strict=True)) if len({answer for answer, _ in pairs}) > 1 else np.nan for pairs in (natural, twins)
        )
        print(
            f"{name:4} {ranking:8} hit@1 {(places == 1).mean():.3f}  hit@3 {(places <= 3).mean():.3f}  MRR {(1 / places).mean():.3f}  "
            "AUROC {:.3f}  twins {:.3f}".format(*areas)
            + f"  ({len(places)} answerable, {len(natural) - len(places)} not)",
            flush=True,
        )


if __name__ == "__main__":
    main()
