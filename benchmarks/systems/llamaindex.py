"""LlamaIndex with its FAISS store: its default sentence splitter, of 1,024 tokens with 200 of overlap.

The encoder reads the first 256 tokens of a chunk.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss
from llama_index.core import Document, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.faiss import FaissVectorStore

from benchmarks.systems.texts import Built, Question, Source, Text

PACKAGES = ("llama-index-core", "llama-index-embeddings-huggingface", "llama-index-vector-stores-faiss")
DIMENSIONS = 384


def build(source: Source, folder: Path, model: Path) -> Built:
    kind = Document if source.whole else TextNode
    pieces = [kind(text=t.text, metadata={"school": t.school}, excluded_embed_metadata_keys=["school"]) for t in source.texts]
    if source.whole:
        pieces = SentenceSplitter().get_nodes_from_documents(pieces)
    store = FaissVectorStore(faiss.IndexFlatIP(DIMENSIONS))
    context = StorageContext.from_defaults(vector_store=store)
    VectorStoreIndex(pieces, storage_context=context, embed_model=_embedding(model)).storage_context.persist(str(folder))
    return Built(len(pieces), {})


def load(folder: Path, model: Path) -> Any:
    context = StorageContext.from_defaults(vector_store=FaissVectorStore.from_persist_dir(str(folder)), persist_dir=str(folder))
    return load_index_from_storage(context, embed_model=_embedding(model))


def search(opened: Any, question: Question, k: int) -> list[Text]:
    nodes = opened.as_retriever(similarity_top_k=min(k, len(opened.index_struct.nodes_dict))).retrieve(question.text)
    return [Text(found.metadata["school"], found.text) for found in nodes]


def _embedding(model: Path) -> HuggingFaceEmbedding:
    return HuggingFaceEmbedding(model_name=str(model), device="cpu")
