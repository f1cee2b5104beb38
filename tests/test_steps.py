"""Texts are embedded in the same parts whoever embeds them."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import WordsEncoder

from clausewise import steps
from clausewise.late import encode
from clausewise.steps import Part, embed, here, parts


def test_a_part_that_begins_with_a_text_whose_words_are_wanted_gets_words_throughout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_STEP", 2)
    made = parts(["a", "b", "c", "d", "e"], {"a", "b", "c"})
    assert made == [Part(("a", "b"), True), Part(("c", "d"), True), Part(("e",), False)]


def test_no_texts_are_no_parts() -> None:
    assert parts([], set()) == []


def test_words_are_had_where_they_are_wanted(words: WordsEncoder) -> None:
    with_words, without = here(words, [Part(("a phone", "a dog"), True), Part(("a phone",), False)])  # type: ignore[arg-type]
    assert len(with_words.codes) == 2
    assert np.array_equal(with_words.codes[1], encode(words.encode_words(["a dog"])[1][0]))
    assert without.codes == ()
    assert np.array_equal(with_words.vectors[:1], without.vectors)


def test_what_is_embedded_says_of_what(words: WordsEncoder) -> None:
    part = Part(("a phone",), True)
    assert embed(words, part).part == part  # type: ignore[arg-type]
