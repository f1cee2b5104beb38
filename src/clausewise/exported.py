"""A model as onnxruntime and the fast tokenizer run it: open in a third of a second, without torch. The only room that knows them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from onnxruntime import SessionOptions

GRAPH, TOKENIZER = "model.onnx", "tokenizer.json"
Array = np.ndarray[Any, np.dtype[np.float32]]
Input = str | tuple[str, str]  # a text, or a question and a clause that a cross-encoder reads together
_BATCH = 16  # larger ones hold more padding: slower, even on many cores
_NAMES = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}  # the graph's -> the tokenizer's


class Model(Protocol):
    """What runs a model: Exported, or one of reference.py's."""

    def run(self, inputs: Sequence[Input], outputs: Sequence[str]) -> list[list[Array]]:
        """For each of `inputs` its row of each of `outputs`; of what has a row for each token, the padding is left out."""
        ...


class Exported:
    """The graph and the tokenizer in `folder`, as exporting.py wrote them.

    `threads`: those that one run takes; None: as many as there are cores.
    """

    def __init__(self, folder: Path, threads: int | None) -> None:
        from onnxruntime import InferenceSession
        from tokenizers import Tokenizer

        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._session = InferenceSession(str(folder / GRAPH), _options(threads), providers=["CPUExecutionProvider"])
        self._asked = [node.name for node in self._session.get_inputs()]

    def run(self, inputs: Sequence[Input], outputs: Sequence[str]) -> list[list[Array]]:
        found: list[list[Array]] = [[] for _ in inputs]
        order = sorted(range(len(inputs)), key=lambda i: -_length(inputs[i]))
        for start in range(0, len(order), _BATCH):
            part = order[start : start + _BATCH]
            for row, values in zip(part, self._batch([inputs[i] for i in part], outputs), strict=True):
                found[row] = values
        return found

    def _batch(self, inputs: Sequence[Input], outputs: Sequence[str]) -> list[list[Array]]:
        read = self._tokenizer.encode_batch(list(inputs))
        fed = {name: np.array([getattr(one, _NAMES[name]) for one in read], dtype=np.int64) for name in self._asked}
        values = self._session.run(list(outputs), fed)
        words = np.array([one.attention_mask for one in read], dtype=bool)
        return [[value[i][words[i]] if value.ndim > 2 else value[i] for value in values] for i in range(len(inputs))]


def _options(threads: int | None) -> SessionOptions:
    """No thread waits spinning, which would slow those that are asked at once."""
    from onnxruntime import SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = threads or os.cpu_count() or 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _length(text: Input) -> int:
    return len(text) if isinstance(text, str) else sum(map(len, text))
