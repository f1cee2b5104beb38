"""txtai with content kept (SQLite beside FAISS): its segmentation by paragraphs."""

from __future__ import annotations

from pathlib import Path

from txtai import Embeddings
from txtai.pipeline import Segmentation

from benchmarks.systems.texts import Built, Question, Source, Text

PACKAGES = ("txtai",)


def build(source: Source, folder: Path, model: Path) -> Built:
    pieces = [(text.school, text.text) for text in source.texts]
    if source.whole:
        segment = Segmentation(paragraphs=True)
        pieces = [(school, piece) for school, text in pieces for piece in segment(text) if piece]
    made = Embeddings(path=str(model), content=True)
    made.index({"text": piece, "school": school} for school, piece in pieces)
    made.save(str(folder))
    made.close()
    return Built(len(pieces), {})


def load(folder: Path, model: Path) -> Embeddings:
    opened = Embeddings()
    opened.load(str(folder))
    return opened


def search(opened: Embeddings, question: Question, k: int) -> list[Text]:
    sql = f"select school, text from txtai where similar(:question, {k})"
    return [Text(found["school"], found["text"]) for found in opened.search(sql, k, parameters={"question": question.text})]
