"""Texts are embedded in the same parts whoever embeds them."""

from __future__ import annotations

from threading import Barrier

import numpy as np
import pytest
from conftest import WordsEncoder

from clausewise import steps
from clausewise.late import encode
from clausewise.steps import Part, embed, here, on_every_core, parts


def test_a_part_holds_so_much_work_and_words_are_wanted_of_all_of_its_texts_or_of_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_STEP", 4)
    monkeypatch.setattr(steps, "_TEXT", 0)
    made = parts(["a", "bb", "cc", "longer", "d", "e"], {"a", "bb", "cc"})
    assert made == [Part(("a", "bb"), True), Part(("cc",), True), Part(("longer",), False), Part(("d", "e"), False)]


def test_no_texts_are_no_parts() -> None:
    assert parts([], set()) == []


def test_words_are_had_where_they_are_wanted(words: WordsEncoder) -> None:
    with_words, without = here(words, [Part(("a phone", "a dog"), True), Part(("a phone",), False)])  # type: ignore[arg-type]
    assert len(with_words.codes) == 2
    assert np.array_equal(with_words.codes[1], encode(words.encode_words(["a dog"])[1][0]))
    assert without.codes == ()
    assert np.array_equal(with_words.vectors[:1], without.vectors)


def test_on_every_core_the_bits_are_those_of_one_after_the_other(words: WordsEncoder) -> None:
    made = parts([f"Rule {number} holds" for number in range(2_000)], {"Rule 0 holds"})
    assert len(made) > 2
    ours, theirs = list(here(words, made)), list(on_every_core(words, made))  # type: ignore[arg-type]
    for one, other in zip(ours, theirs, strict=True):
        assert one.part == other.part
        assert np.array_equal(one.vectors, other.vectors)


def test_each_core_is_at_a_part_of_its_own(words: WordsEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """No part is done before all are begun."""
    met = Barrier(3, timeout=20)
    monkeypatch.setattr(steps, "cores", lambda: 3)
    monkeypatch.setattr(words, "encode", lambda texts: met.wait() * 0 + len(texts))
    made = on_every_core(words, [Part(("a",) * count, False) for count in (1, 2, 3)])  # type: ignore[arg-type]
    assert [found.vectors for found in made] == [1, 2, 3]


def test_what_is_given_up_is_not_begun(words: WordsEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "cores", lambda: 1)
    going = on_every_core(words, [Part((str(number),), True) for number in range(10_000)])  # type: ignore[arg-type]
    next(going)
    going.close()  # type: ignore[attr-defined]
    assert len(words.seen) < 10_000


def test_a_fault_of_one_part_is_told(words: WordsEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "encode", lambda texts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        list(on_every_core(words, [Part(("a",), False)]))  # type: ignore[arg-type]


def test_what_is_embedded_says_of_what(words: WordsEncoder) -> None:
    part = Part(("a phone",), True)
    assert embed(words, part).part == part  # type: ignore[arg-type]
