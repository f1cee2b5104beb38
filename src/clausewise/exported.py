"""A model as onnxruntime and the fast tokenizer run it: open in a third of a second, without torch. The only room that knows them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from onnxruntime import SessionOptions

GRAPH, TOKENIZER = "model.onnx", "tokenizer.json"
Array = np.ndarray[Any, np.dtype[np.float32]]
Input = str | tuple[str, str]  # a text, or a question and a clause that a cross-encoder reads together
_READ = 256  # texts that the tokenizer reads at a time
_TOKENS = 384  # that the model takes at a time, padding included: what becomes of more leaves the core's own cache
_NAMES = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}  # the graph's -> the tokenizer's


class Model(Protocol):
    """What runs a model: Exported, or one of reference.py's."""

    def run(self, inputs: Sequence[Input], outputs: Sequence[str]) -> list[list[Array]]:
        """For each of `inputs` its row of each of `outputs`; of what has a row for each token, the padding is left out."""
        ...


class Exported:
    """The graph and the tokenizer in `folder`, as exporting.py wrote them. A run takes one thread; many may run at once."""

    def __init__(self, folder: Path) -> None:
        from onnxruntime import InferenceSession
        from tokenizers import Tokenizer

        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._session = InferenceSession(str(folder / GRAPH), _options(), providers=["CPUExecutionProvider"])
        self._asked = [node.name for node in self._session.get_inputs()]

    def run(self, inputs: Sequence[Input], outputs: Sequence[str]) -> list[list[Array]]:
        found: list[list[Array]] = [[] for _ in inputs]
        order = sorted(range(len(inputs)), key=lambda i: -_length(inputs[i]))
        for start in range(0, len(order), _READ):
            part = order[start : start + _READ]
            for place, values in self._values([inputs[i] for i in part], outputs):
                found[part[place]] = values
        return found

    def _values(self, inputs: Sequence[Input], outputs: Sequence[str]) -> Iterator[tuple[int, list[Array]]]:
        """The place of each of `inputs`, and its row of each of `outputs`."""
        read = self._tokenizer.encode_batch(list(inputs))  # padded to the longest of all
        fed = {name: np.array([getattr(one, _NAMES[name]) for one in read], dtype=np.int64) for name in self._asked}
        words = np.array([one.attention_mask for one in read], dtype=bool)
        for rows in _batches(words.sum(axis=1)):
            used = words[rows].any(axis=0)
            values = self._session.run(list(outputs), {name: each[rows][:, used] for name, each in fed.items()})
            yield from ((row, [_own(value[i], words[row, used]) for value in values]) for i, row in enumerate(rows))


def _options() -> SessionOptions:
    """One thread: several would wait for one another at each step, and a row's last bits would hang on how many there are."""
    from onnxruntime import SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return options


def _batches(lengths: np.ndarray[Any, np.dtype[np.int_]]) -> Iterator[list[int]]:
    """The places of texts of these lengths, in tokens, the longest first, so many at a time as _TOKENS has room for."""
    left = np.argsort(-lengths, kind="stable").tolist()
    while left:
        count = max(1, _TOKENS // max(1, int(lengths[left[0]])))
        yield left[:count]
        left = left[count:]


def _own(row: Array, words: np.ndarray[Any, np.dtype[np.bool_]]) -> Array:
    """A text's row of an output; of one that has a row for each token, without the padding."""
    return row[words] if row.ndim > 1 else row


def _length(text: Input) -> int:
    return len(text) if isinstance(text, str) else sum(map(len, text))
