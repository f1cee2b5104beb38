"""Clausewise: the index that `clausewise index` makes, and the clauses that `clausewise search` lists."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.systems.texts import Built, Question, Source, Text
from clausewise import Assistant
from clausewise.building import build as build_index
from clausewise.documents import load_corpus
from clausewise.embeddings import Encoder
from clausewise.settings import Settings

PACKAGES = ("clausewise", "sentence-transformers", "transformers", "torch", "onnxruntime", "tokenizers", "numpy", "faiss-cpu", "bm25s")


class Timed:
    """An encoder that counts the seconds spent in it, but for reading its weights."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.seconds = encoder, 0.0
        encoder.encode(["."])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode(self, texts: Sequence[str]) -> Any:
        return self._timed(self._encoder.encode, texts)

    def encode_words(self, texts: Sequence[str]) -> Any:
        return self._timed(self._encoder.encode_words, texts)

    def _timed(self, work: Callable[[Sequence[str]], Any], texts: Sequence[str]) -> Any:
        start = time.perf_counter()
        try:
            return work(texts)
        finally:
            self.seconds += time.perf_counter() - start


def build(source: Source, folder: Path, model: Path) -> Built:
    """By the product's own clauses and model, from the files; with as many threads as the environment allows."""
    start = time.perf_counter()
    corpus = load_corpus(source.folder, Settings().max_bytes)
    reading = time.perf_counter() - start
    encoder = Timed(Encoder(threads=None))
    start = time.perf_counter()
    built = build_index(corpus, encoder, folder)  # type: ignore[arg-type]
    rest = time.perf_counter() - start - encoder.seconds
    return Built(len(built.index.passages), {"reading": reading, "encoding": encoder.seconds, "all else": rest})


def load(folder: Path, model: Path) -> Assistant:
    return Assistant(folder)


def search(opened: Assistant, question: Question, k: int) -> list[Text]:
    found = opened.search(question.text, [question.school] if question.school else None, k)
    return [Text(quote.clause.school, quote.text) for quote in found]
