"""LangChain with FAISS, by its tutorial: recursive splitter of 1,000 characters with 200 of overlap."""

from __future__ import annotations

from pathlib import Path

from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from benchmarks.systems.texts import Built, Question, Source, Text

PACKAGES = ("langchain-community", "langchain-huggingface", "langchain-text-splitters", "faiss-cpu")


def build(source: Source, folder: Path, model: Path) -> Built:
    pieces = [Document(text.text, metadata={"school": text.school}) for text in source.texts]
    if source.whole:
        pieces = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(pieces)
    FAISS.from_documents(pieces, _embeddings(model)).save_local(str(folder))
    return Built(len(pieces), {})


def load(folder: Path, model: Path) -> FAISS:
    return FAISS.load_local(str(folder), _embeddings(model), allow_dangerous_deserialization=True)


def search(opened: FAISS, question: Question, k: int) -> list[Text]:
    return [Text(found.metadata["school"], found.page_content) for found in opened.similarity_search(question.text, k=k)]


def _embeddings(model: Path) -> HuggingFaceEmbeddings:
    return HuggingFaceEmbeddings(model_name=str(model), model_kwargs={"device": "cpu"})
