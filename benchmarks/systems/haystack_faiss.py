"""Haystack with its FAISS store: its default splitter, of 200 words without overlap."""

from __future__ import annotations

from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.preprocessors import DocumentSplitter
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from haystack_integrations.components.retrievers.faiss import FAISSEmbeddingRetriever
from haystack_integrations.document_stores.faiss import FAISSDocumentStore

from benchmarks.systems.texts import Built, Question, Source, Text

PACKAGES = ("haystack-ai", "sentence-transformers-haystack", "faiss-haystack")
DIMENSIONS = 384


def build(source: Source, folder: Path, model: Path) -> Built:
    pieces = [Document(content=text.text, meta={"school": text.school, "place": text.place}) for text in source.texts]
    if source.whole:
        pieces = DocumentSplitter().run(pieces)["documents"]
    made = SentenceTransformersDocumentEmbedder(model=str(model), progress_bar=False).run(pieces)["documents"]
    store = FAISSDocumentStore(embedding_dim=DIMENSIONS)
    store.write_documents(made)
    store.save(folder / "store")
    return Built(len(pieces), {})


def load(folder: Path, model: Path) -> Pipeline:
    store = FAISSDocumentStore(index_path=str(folder / "store"), embedding_dim=DIMENSIONS)
    opened = Pipeline()
    opened.add_component("embedder", SentenceTransformersTextEmbedder(model=str(model), progress_bar=False))
    opened.add_component("retriever", FAISSEmbeddingRetriever(document_store=store))
    opened.connect("embedder.embedding", "retriever.query_embedding")
    return opened


def search(opened: Pipeline, question: Question, k: int) -> list[Text]:
    found = opened.run({"embedder": {"text": question.text}, "retriever": {"top_k": k}})["retriever"]["documents"]
    return [Text(document.meta["school"], document.content) for document in found]
