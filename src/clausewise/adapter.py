"""What training made of the packaged model: a low-rank change of its weights, and a head for late interaction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clausewise.errors import ModelError
from clausewise.late import Head

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Array = np.ndarray[Any, np.dtype[np.float32]]
FORMAT = "1"
_LATE = "late."  # the head's tensors stand in the same file: neither is of use without the other


def apply_adapter(model: SentenceTransformer, path: Path) -> None:
    """Add the adapter's update to `model`'s weights, in place: all of it, or none and a ModelError.

    The file holds `NAME.up` (rows, rank) and `NAME.down` (rank, columns), whose product is added to the weight NAME, and
    `NAME.delta`, added as it stands.
    """
    import torch

    weights = dict(model[0].auto_model.named_parameters())  # type: ignore[union-attr]
    updates = _updates(path, _tensors(path, late=False))
    for name, update in updates.items():
        if name not in weights or weights[name].shape != update.shape:
            raise ModelError(f"{path}: {name} {update.shape} does not fit the model; install Clausewise again")
    with torch.no_grad():
        for name, update in updates.items():
            weights[name] += torch.from_numpy(update).to(weights[name])


def late_head(path: Path) -> Head:
    """The head of late interaction that was trained together with the adapter. Of the file, no other tensors are read."""
    tensors = _tensors(path, late=True)
    try:
        project, weigh = (tensors[_LATE + name] for name in ("project", "weigh"))
    except KeyError as error:
        raise ModelError(f"{path}: holds no {error}; install Clausewise again") from None
    if project.ndim != 2 or weigh.shape != (project.shape[1] + 1,):
        raise ModelError(f"{path}: {_LATE}project {project.shape} and {_LATE}weigh {weigh.shape} do not fit; install Clausewise again")
    return Head(project, weigh)


def _tensors(path: Path, late: bool) -> dict[str, Array]:
    """`late`: those of the head; else all others. By numpy: a question needs the head, and shall not wait for torch."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="np") as file:
            version = (file.metadata() or {}).get("format_version")
            keys = [key for key in file.keys() if key.startswith(_LATE) == late]  # noqa: SIM118 (the file is no mapping)
            tensors = {key: file.get_tensor(key).astype(np.float32) for key in keys}
    except SafetensorError as error:
        raise ModelError(f"{path}: is damaged ({error}); install Clausewise again") from None
    if version != FORMAT:
        raise ModelError(f"{path}: found an adapter of format {version}, expected {FORMAT}; install Clausewise again")
    return tensors


def _updates(path: Path, tensors: dict[str, Array]) -> dict[str, Array]:
    try:
        return {key.rpartition(".")[0]: _update(key, tensors) for key in tensors if not key.endswith(".down")}
    except (KeyError, ValueError) as error:  # half of a pair is missing, or the two do not fit each other
        raise ModelError(f"{path}: is damaged ({' '.join(str(error).split())}); install Clausewise again") from None


def _update(key: str, tensors: dict[str, Array]) -> Array:
    name, _, part = key.rpartition(".")
    return tensors[key] @ tensors[f"{name}.down"] if part == "up" else tensors[key]
