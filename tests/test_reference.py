"""Rows as sentence-transformers gives them, without their padding."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from clausewise.errors import ModelError
from clausewise.reference import VECTOR, WORDS, Encoding, Scoring

torch = pytest.importorskip("torch")


def encoding(rows: list[dict[str, Any]]) -> Encoding:
    """`rows`: what a SentenceTransformer gives where all outputs are asked for."""
    made = Encoding.__new__(Encoding)
    made.module = SimpleNamespace(encode=lambda texts, output_value, **_: rows[: len(texts)] if output_value is None else None)
    return made


ROWS = [
    {VECTOR: torch.tensor([3.0, 4.0]), WORDS: torch.tensor([[1.0, 2], [3, 4], [5, 6]]), "attention_mask": torch.tensor([1, 1, 1])},
    {VECTOR: torch.tensor([0.0, 2.0]), WORDS: torch.tensor([[1.0, 2], [3, 4], [9, 9]]), "attention_mask": torch.tensor([1, 1, 0])},
]


def test_the_padding_is_left_out() -> None:
    found = encoding(ROWS).run(["dogs on site", "dogs"], (VECTOR, WORDS))
    assert [[row.tolist() for row in rows] for rows in found] == [[[3, 4], [[1, 2], [3, 4], [5, 6]]], [[0, 2], [[1, 2], [3, 4]]]]


def test_of_the_outputs_those_that_are_asked_for_come_in_that_order() -> None:
    (vector,), (words, again) = encoding(ROWS).run(["dogs"], (VECTOR,))[0], encoding(ROWS).run(["dogs"], (WORDS, VECTOR))[0]
    assert vector.tolist() == again.tolist() == [3, 4]
    assert words.shape == (3, 2)


def test_half_precision_is_given_as_float32() -> None:
    (found,) = encoding([{VECTOR: torch.tensor([3.0, 4.0], dtype=torch.bfloat16)}]).run(["dogs"], (VECTOR,))[0]
    assert found.dtype == "float32"


def test_a_model_without_token_states_has_one_word_for_the_whole_text() -> None:
    (vector, words) = encoding([{VECTOR: torch.tensor([3.0, 4.0])}]).run(["dogs"], (VECTOR, WORDS))[0]
    assert vector.tolist() == [3, 4]
    assert words.tolist() == [[3, 4]]


@pytest.mark.slow
@pytest.mark.parametrize("make", [lambda name: Encoding(name, None), lambda name: Scoring(name)])
def test_a_name_that_leads_to_no_model_is_a_model_error_of_one_line(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match=r"^no-such/model: sentence-transformers cannot load it as a (Sentence|Cross)\w+ \(.+\); name another"):
        make("no-such/model")
