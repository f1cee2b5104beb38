"""The change that training made to the packaged model's weights: low-rank, a few megabytes, added when it is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clausewise.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

FORMAT = "1"


def apply_adapter(model: SentenceTransformer, path: Path) -> None:
    """Add the adapter's update to `model`'s weights, in place: all of it, or none and a ModelError.

    The file holds `NAME.up` (rows, rank) and `NAME.down` (rank, columns), whose product is added to the weight NAME, and
    `NAME.delta`, added as it stands.
    """
    import torch

    weights = dict(model[0].auto_model.named_parameters())  # type: ignore[union-attr]
    updates = _updates(path)
    for name, update in updates.items():
        if name not in weights or weights[name].shape != update.shape:
            raise ModelError(f"{path}: {name} {tuple(update.shape)} does not fit the model; install Clausewise again")
    with torch.no_grad():
        for name, update in updates.items():
            weights[name] += update.to(weights[name])


def _updates(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            version = (file.metadata() or {}).get("format_version")
            tensors = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118 (the file is no mapping)
    except SafetensorError as error:
        raise ModelError(f"{path}: is damaged ({error}); install Clausewise again") from None
    if version != FORMAT:
        raise ModelError(f"{path}: found an adapter of format {version}, expected {FORMAT}; install Clausewise again")
    updates = {}
    for key, tensor in tensors.items():
        name, _, part = key.rpartition(".")
        if part == "delta":
            updates[name] = tensor
        elif part == "up":
            updates[name] = tensor @ tensors[f"{name}.down"]
    return updates
