"""Models small enough to be made, exported and run in a test: random weights, the packaged model's vocabulary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clausewise.embeddings import packaged

SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "max_position_embeddings": 64}


def encoder(folder: Path) -> str:
    """A SentenceTransformer of 32 numbers a vector, which reads 64 tokens."""
    from transformers import BertConfig, BertModel

    return _saved(folder, lambda: BertModel(BertConfig(**SHAPE)))


def cross_encoder(folder: Path, scores: int = 1) -> str:
    from transformers import BertConfig, BertForSequenceClassification

    return _saved(folder, lambda: BertForSequenceClassification(BertConfig(**SHAPE, num_labels=scores)))


def static(folder: Path) -> str:
    """A SentenceTransformer whose vectors are means of a table's rows: it has no graph, and no token vectors."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    torch.manual_seed(1)
    tokenizer = Tokenizer.from_file(str(packaged() / "tokenizer.json"))
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=8)], device="cpu").save(str(folder))
    return str(folder)


def _saved(folder: Path, make: Any) -> str:
    import torch
    from transformers import AutoTokenizer

    torch.manual_seed(1)
    make().save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(str(packaged()))
    tokenizer.model_max_length = 64
    tokenizer.save_pretrained(folder)
    return str(folder)
