"""The encoder and a product of numpy's, without a framework: what the machinery of the others is measured against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer

from benchmarks.systems.texts import Built, Question, Source, Text, read, write

PACKAGES = ("sentence-transformers", "transformers", "torch", "numpy")


def build(source: Source, folder: Path, model: Path) -> Built:
    """The texts as they are, one vector each."""
    vectors = SentenceTransformer(str(model), device="cpu").encode([text.text for text in source.texts], show_progress_bar=False)
    np.save(folder / "vectors.npy", vectors)
    write(folder / "texts.jsonl", source.texts)
    return Built(len(source.texts), {})


def load(folder: Path, model: Path) -> tuple[Any, ...]:
    texts = [Text(**row) for row in read(folder / "texts.jsonl")]
    return SentenceTransformer(str(model), device="cpu"), np.load(folder / "vectors.npy"), texts


def search(opened: tuple[Any, ...], question: Question, k: int) -> list[Text]:
    model, vectors, texts = opened
    scores = vectors @ model.encode(question.text, show_progress_bar=False)
    return [texts[row] for row in np.argsort(-scores, kind="stable")[:k]]
