"""Apply the low-rank adapter to the packaged all-MiniLM-L6-v2 model (to be moved into the product)."""

from pathlib import Path

import torch
from safetensors import safe_open
from sentence_transformers import SentenceTransformer


def apply_adapter(model: SentenceTransformer, path: str | Path) -> SentenceTransformer:
    """Add the adapter's update to the model's weights, in place: all of it, or nothing and a ValueError."""
    weights = dict(model[0].auto_model.named_parameters())
    with safe_open(str(path), framework="pt") as file:
        if (file.metadata() or {}).get("format_version") != "1":
            raise ValueError(f"{path}: not an adapter of format version 1")
        tensors = {key: file.get_tensor(key).float() for key in file.keys()}
    updates = {}
    for key in tensors:
        name, _, part = key.rpartition(".")
        if part == "delta":
            updates[name] = tensors[key]
        elif part == "up":
            up, down = tensors[key], tensors.get(f"{name}.down", torch.empty(0, 0))
            if down.dim() != 2 or up.dim() != 2 or up.shape[1] != down.shape[0]:
                raise ValueError(f"{path}: {name}: the two factors do not fit each other")
            updates[name] = up @ down
    for name, update in updates.items():
        if name not in weights or weights[name].shape != update.shape:
            raise ValueError(f"{path}: {name} {tuple(update.shape)} does not fit the model")
    with torch.no_grad():
        for name, update in updates.items():
            weights[name] += update.to(weights[name])
    return model
