"""A model of sentence-transformers -> a graph for onnxruntime and the tokenizer's own file, held against the model that they came from."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from clausewise.exported import GRAPH, TOKENIZER, Array, Exported, Input
from clausewise.reference import SCORE, WORDS, Encoding, Scoring

FAR = 0.01  # of a row's own length: a vector so far from its like has a cosine of 0.99995 with it
_OPSET = 17
_SENTENCES = (
    "",
    " \t\n",
    "?",
    "Dogs?",
    "May staff accept friend requests from pupils?",
    "MAY STAFF ACCEPT FRIEND REQUESTS FROM PUPILS?",
    "can i add a mum on facebook",
    "Pupils hand in their phones at 8.45 a.m.; they get them back at 3.15 p.m. (see 4.2(b)).",
    "“Naïve” café – the pupil’s résumé… 50 € or £40, ½ an hour, 10 °C",
    "Ysgol Gynradd: mae’n rhaid i ddisgyblion wisgo’r wisg ysgol; dzień dobry, año, Øystein, İstanbul, ﬁre",
    "学校の方針では携帯電話は禁止です。 Школьная политика запрещает телефоны. سياسة المدرسة",
    "👩🏽‍🏫 ok 👍 [MASK] [SEP] [PAD] <s> ##ing \u200b\u00ad\ufffd",
    "https://example.org/policies/safeguarding?as=1a2b#4.2 head@example.org",
    "a" * 300,
    "Volunteers who help on residential trips are told where their phones are kept. " * 3,
    "No dog comes through the gate, except an assistance dog whose owner has told the office beforehand. " * 40,
    "word " * 2000,
)


class NotExported(Exception):
    """A model that onnxruntime cannot run as sentence-transformers does; the message, one line, says why."""


def export(model: Encoding | Scoring, folder: Path) -> None:
    """Write `model` into `folder`. Raises NotExported where it cannot be, or gives something else there; and OSError."""
    try:
        _write(model, folder)
        difference = distance(model, Exported(folder))
    except (NotExported, OSError):
        raise
    except Exception as error:
        raise NotExported(f"{type(error).__name__}: {' '.join(str(error).split())[:160]}") from None
    if not difference <= FAR:
        raise NotExported(f"what it gives as ONNX is {difference:.3g} away from what it gives by torch; {FAR} may be")


def _write(model: Encoding | Scoring, folder: Path) -> None:
    import torch

    tokenizer = getattr(model.module.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise NotExported("it has no fast tokenizer")
    features = {name: value for name, value in model.module.preprocess(_sample(model)[3:5]).items() if isinstance(value, torch.Tensor)}
    tokenizer.save(str(folder / TOKENIZER))  # as the line above set it: padding, longest length
    names = [*features, *model.outputs]
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a trace may miss; `distance` looks at what it did
        torch.onnx.export(
            _graph(model, list(features)),
            tuple(features.values()),
            str(folder / GRAPH),
            dynamo=False,
            opset_version=_OPSET,
            input_names=list(features),
            output_names=list(model.outputs),
            dynamic_axes={name: {0: "texts"} if name in model.outputs and name != WORDS else {0: "texts", 1: "tokens"} for name in names},
        )


def _graph(model: Encoding | Scoring, names: Sequence[str]) -> Any:
    from torch import Tensor, nn

    class Graph(nn.Module):
        """Tensors in the order of `names` -> those of the model's outputs."""

        def __init__(self) -> None:
            super().__init__()
            self.module = model.module.eval()

        def forward(self, *features: Tensor) -> tuple[Tensor, ...]:
            return model.values(self.module(dict(zip(names, features, strict=True))))

    return Graph()


def distance(model: Encoding | Scoring, exported: Exported) -> float:
    """How far what `exported` gives is from what `model` gives, at most, as a share of its length: together and alone.

    Rows are vectors, each token's too; the scores of a cross-encoder are one row. Infinite where the tokens are not the same.
    """
    inputs = _sample(model)
    wanted = model.run(inputs, model.outputs)
    together = exported.run(inputs, model.outputs)
    alone = [row for one in inputs for row in exported.run([one], model.outputs)]
    return max(_apart(given, wanted, model.outputs) for given in (together, alone))


def _apart(given: Sequence[Sequence[Array]], wanted: Sequence[Sequence[Array]], outputs: Sequence[str]) -> float:
    if any(a.shape != b.shape for one, other in zip(given, wanted, strict=True) for a, b in zip(one, other, strict=True)):
        return float("inf")
    columns = zip(zip(*given, strict=True), zip(*wanted, strict=True), outputs, strict=True)
    pairs = [(_rows(a, name), _rows(b, name)) for a, b, name in columns]
    return max(float((np.linalg.norm(a - b, axis=1) / np.maximum(np.linalg.norm(b, axis=1), 1e-9)).max()) for a, b in pairs)


def _rows(values: Sequence[Array], output: str) -> Array:
    return np.stack(values)[None] if output == SCORE else np.vstack(values)


def _sample(model: Encoding | Scoring) -> list[Input]:
    return list(_SENTENCES) if isinstance(model, Encoding) else list(zip(_SENTENCES, reversed(_SENTENCES), strict=True))
