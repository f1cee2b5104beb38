"""The second look, with a cross-encoder made for the tests; and a name that leads to none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from conftest import WordsEncoder

from clausewise.assistant import Assistant
from clausewise.building import build
from clausewise.documents import load_corpus
from clausewise.errors import ModelError
from clausewise.exported import Exported
from clausewise.index import Index
from clausewise.reference import Scoring
from clausewise.reranking import DEPTH, Reranker
from clausewise.settings import Settings
from clausewise.types import Hit


class ByWord:
    """In a model's place: a clause's score is the number of times that it says `word`."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.seen: list[tuple[str, str]] = []

    def run(self, inputs: Sequence[tuple[str, str]], outputs: Sequence[str]) -> list[list[Any]]:
        assert outputs == ("scores",)
        self.seen += inputs
        return [[np.float32(text.count(self.word))] for _, text in inputs]


def reranker(model: ByWord) -> Reranker:
    made = Reranker("stand-in")
    made.__dict__["_model"] = model  # where the property keeps what it has loaded
    return made


def hits(index: Index) -> list[Hit]:
    return [Hit(passage, 0.9 - row / 10, 0.5, 0.5, 0.0) for row, passage in enumerate(index.passages)]


def rows(best: Sequence[Hit]) -> list[int]:
    return [hit.passage.row for hit in best]


def test_the_cross_encoder_s_order_holds_and_ties_stay_as_they_were(small_index: Index) -> None:
    model = ByWord("phone")
    found = reranker(model).reorder("Phones?", hits(small_index))
    texts = [passage.text for passage in small_index.passages]
    assert [text.count("phone") for text in texts] == [0, 1, 1, 1, 1, 1]
    assert rows(found) == [1, 2, 3, 4, 5, 0]
    assert model.seen == [("Phones?", text) for text in texts]


def test_a_hit_keeps_its_scores(small_index: Index) -> None:
    before = hits(small_index)
    assert sorted(reranker(ByWord("watches")).reorder("Watches?", before), key=lambda hit: hit.passage.row) == before


def test_only_the_first_are_looked_at_again(small_index: Index) -> None:
    many = [hits(small_index)[0]] * (DEPTH - 1) + hits(small_index)[1:4]
    model = ByWord("residential trip")  # in passage 2, which stands just below the depth
    found = reranker(model).reorder("Trips?", many)
    assert len(model.seen) == DEPTH == 10
    assert rows(found) == rows(many)


@pytest.mark.parametrize("count", [0, 1])
def test_where_there_is_nothing_to_put_in_order_no_model_is_read(count: int, small_index: Index) -> None:
    unread = Reranker("/no/such/model")
    assert rows(unread.reorder("Dogs?", hits(small_index)[:count])) == [0][:count]


@pytest.mark.slow
def test_a_path_that_does_not_exist_is_a_model_error_of_one_line(
    small_index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    path = str(tmp_path / "no-model")
    with pytest.raises(ModelError) as raised:
        Reranker(path).reorder("Dogs?", hits(small_index))
    message = str(raised.value)
    assert message.startswith(f"{path}: sentence-transformers cannot load it as a CrossEncoder (")
    assert message.endswith("); name another with CLAUSEWISE_RERANKER, or unset it")
    assert "\n" not in message


@pytest.mark.slow
def test_onnxruntime_puts_clauses_in_the_order_of_the_cross_encoder(small_index: Index, tmp_path: Path) -> None:
    path, best = tiny.cross_encoder(tmp_path / "model"), hits(small_index)
    made = Reranker(path)
    found = made.reorder("May pupils carry a phone?", best)
    assert isinstance(made._model, Exported)
    scores = Scoring(path).module.predict([("May pupils carry a phone?", hit.passage.text) for hit in best])
    assert rows(found) == sorted(range(len(best)), key=lambda row: -scores[row])
    assert rows(found) != rows(best)


@pytest.mark.slow
def test_a_cross_encoder_of_several_scores_is_none_to_order_by(small_index: Index, tmp_path: Path) -> None:
    path = tiny.cross_encoder(tmp_path / "model", 3)
    with pytest.raises(ModelError) as raised:
        Reranker(path).reorder("Dogs?", hits(small_index))
    assert str(raised.value) == f"{path}: found a cross-encoder of 3 scores a pair, expected one; name another with CLAUSEWISE_RERANKER, or unset it"


# in the assistant


@pytest.fixture
def opened(small_corpus: Path, words: WordsEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Open an assistant over the small corpus, with the cross-encoder named."""
    monkeypatch.setattr("clausewise.assistant.Encoder", lambda model="": words)
    build(load_corpus(small_corpus, 10**6), words, tmp_path / "index")  # type: ignore[arg-type]
    return lambda name: Assistant(tmp_path / "index", Settings(reranker=name))


def test_an_assistant_reranks_each_school_s_clauses(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = ByWord("locker")
    monkeypatch.setattr("clausewise.assistant.Reranker", lambda name: reranker(model))
    plain, again = opened("").rank("phones in the office"), opened("stand-in").rank("phones in the office")
    assert rows(plain.best["larch"])[0] == 1
    assert rows(again.best["larch"]) == [3, *[row for row in rows(plain.best["larch"]) if row != 3]]
    assert rows(again.best["maple"]) == rows(plain.best["maple"])
    assert {question for question, _ in model.seen} == {"phones in the office"}


def test_an_assistant_has_no_reranker_unless_one_is_named(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr("clausewise.assistant.Reranker", made.append)
    opened("")
    assert made == []
    opened("cross/encoder")
    assert made == ["cross/encoder"]


def test_the_environment_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAUSEWISE_RERANKER", raising=False)
    assert Settings.from_environment().reranker == ""
    monkeypatch.setenv("CLAUSEWISE_RERANKER", "models/cross")
    assert Settings.from_environment().reranker == "models/cross"
