"""Clausewise: the index that `clausewise index` makes, and the clauses that `clausewise search` lists."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks.systems.texts import Built, Question, Source, Text
from clausewise import Assistant
from clausewise.building import build as build_index
from clausewise.documents import load_corpus
from clausewise.embeddings import Encoder
from clausewise.settings import Settings
from clausewise.steps import here, on_every_core

PACKAGES = ("clausewise", "sentence-transformers", "transformers", "torch", "onnxruntime", "tokenizers", "numpy", "faiss-cpu", "bm25s")


def build(source: Source, folder: Path, model: Path) -> Built:
    """By the product's own clauses and model, from the files; on every core, unless the environment allows one thread alone."""
    engine = here if os.environ.get("OMP_NUM_THREADS") == "1" else on_every_core
    start = time.perf_counter()
    corpus = load_corpus(source.folder, Settings().max_bytes)
    reading = time.perf_counter() - start
    encoder = Encoder()
    encoder.encode(["."])
    told, start = list[float](), time.perf_counter()
    built = build_index(corpus, encoder, folder, lambda *_: told.append(time.perf_counter()), engine)
    encoding = told[-1] - told[0]
    rest = time.perf_counter() - start - encoding
    return Built(len(built.index.passages), {"reading": reading, "encoding": encoding, "all else": rest})


def load(folder: Path, model: Path) -> Assistant:
    return Assistant(folder)


def search(opened: Assistant, question: Question, k: int) -> list[Text]:
    found = opened.search(question.text, [question.school] if question.school else None, k)
    return [Text(quote.clause.school, quote.text) for quote in found]
