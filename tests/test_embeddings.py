"""Texts -> unit vectors and words, and a model that says what it is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from clausewise import embeddings
from clausewise.embeddings import Encoder
from clausewise.errors import ModelError
from clausewise.exported import Exported
from clausewise.index import load
from clausewise.late import Head, WordIndex
from clausewise.late import encode as kept
from clausewise.reference import Encoding


def folder(path: Path, **files: bytes) -> str:
    path.mkdir()
    for name, data in files.items():
        (path / name.replace("__", ".")).write_bytes(data)
    return str(path)


def test_making_an_encoder_and_its_digest_reads_no_weights() -> None:
    made = Encoder()
    assert made.name == "all-MiniLM-L6-v2 + adapter"
    assert re.fullmatch(r"[0-9a-f]{64}", made.digest)
    assert "_model" not in made.__dict__


def test_the_digest_is_that_of_the_weights_wherever_they_lie(tmp_path: Path) -> None:
    one = Encoder(folder(tmp_path / "one", config__json=b"{}", model__safetensors=b"abc"))
    same = Encoder(folder(tmp_path / "two", config__json=b"{}", model__safetensors=b"abc", README__md=b"words"))
    other = Encoder(folder(tmp_path / "three", config__json=b"{}", model__safetensors=b"abd"))
    assert one.digest == same.digest
    assert one.digest != other.digest


def test_the_digest_of_a_name_on_a_hub_is_the_name_s() -> None:
    assert Encoder("some/model").digest == Encoder("some/model").digest
    assert Encoder("some/model").digest != Encoder("some/other").digest


def test_another_adapter_is_another_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged = Encoder().digest
    (tmp_path / "adapter.safetensors").write_bytes(b"another")
    monkeypatch.setattr(embeddings, "ADAPTER", tmp_path / "adapter.safetensors")
    changed = Encoder().digest
    monkeypatch.setattr(embeddings, "ADAPTER", tmp_path / "none.safetensors")
    assert len({packaged, changed, Encoder().digest}) == 3


def test_a_model_that_is_not_installed_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match="CLAUSEWISE_MODEL"):
        Encoder()


@pytest.mark.slow
def test_a_folder_that_holds_no_model_is_a_model_error_of_one_line(tmp_path: Path) -> None:
    path = folder(tmp_path / "bare", config__json=b"not json")
    with pytest.raises(ModelError) as raised:
        Encoder(path).encode(["dogs"])
    assert path in str(raised.value)
    assert "CLAUSEWISE_MODEL" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.slow
def test_an_unknown_model_ends_the_command_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "corpus" / "larch").mkdir(parents=True)
    (tmp_path / "corpus" / "larch" / "dogs.md").write_text("# Dogs Policy\n\nDogs may come.\n")
    command = [
        sys.executable,
        "-c",
        "import sys; from clausewise.cli import main; sys.exit(main())",
        "index",
        "--corpus",
        "corpus",
        "--index",
        "made",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "CLAUSEWISE_MODEL": "no-such/model", "HF_HUB_OFFLINE": "1"}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    errors = [text for text in ended.stderr.splitlines() if text.startswith("clausewise: ")]
    assert len(errors) == 1
    assert "no-such/model" in errors[0]
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "made").exists()


@pytest.mark.slow
def test_vectors_are_unit_float32_and_near_for_like_sentences(encoder: Encoder) -> None:
    texts = ["Dogs must stay on a lead.", "Keep your dog on its lead at all times.", "The accounts close in April."]
    vectors = encoder.encode(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert float(vectors[0] @ vectors[1]) > float(vectors[0] @ vectors[2]) + 0.3


@pytest.mark.slow
def test_a_text_has_the_same_vector_alone_and_in_company(encoder: Encoder) -> None:
    long = "Volunteers who help on trips are told where their phones are kept. " * 8
    alone, among = encoder.encode(["Dogs?"]), encoder.encode([long, "Dogs?", "Cats and cats."])
    assert np.allclose(alone[0], among[1], atol=1e-5)


@pytest.mark.slow
def test_the_packaged_adapter_changes_the_packaged_model(encoder: Encoder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embeddings, "ADAPTER", tmp_path / "none.safetensors")
    plain = Encoder().encode(["can i add a mum on facebook"])
    assert 0.3 < float(plain[0] @ encoder.encode(["can i add a mum on facebook"])[0]) < 0.999


# words


class States:
    """In a model's place: the vector, not yet of length 1, and the token states, of width 2, of two texts."""

    def run(self, inputs: Sequence[str], outputs: Sequence[str]) -> list[list[Any]]:
        rows = [([3.0, 4.0], [[3.0, 4.0], [0.0, 5.0], [9.0, 9.0]]), ([0.0, 2.0], [[3.0, 4.0], [0.0, 5.0]])]
        return [[np.array(row, dtype=np.float32) for row in found[: len(outputs)]] for found in rows[: len(inputs)]]


def stand_in(head: Head | None = None) -> Encoder:
    made = Encoder("some/model")
    made.__dict__.update(_model=States(), _head=head)  # where the properties keep what they have loaded
    return made


def test_vectors_are_of_length_one() -> None:
    vectors = stand_in().encode(["dogs on site", "dogs"])
    assert vectors == pytest.approx(np.array([[0.6, 0.8], [0, 1]]))
    assert vectors.dtype == np.float32


def test_words_are_the_token_states() -> None:
    vectors, found = stand_in().encode_words(["dogs on site", "dogs"])
    assert vectors == pytest.approx(np.array([[0.6, 0.8], [0, 1]]))
    assert found[0].vectors == pytest.approx(np.array([[0.6, 0.8], [0, 1], [0.5**0.5, 0.5**0.5]]))
    assert found[1].vectors == pytest.approx(np.array([[0.6, 0.8], [0, 1]]))


def test_without_a_head_all_words_weigh_the_same() -> None:
    assert stand_in().encode_words(["dogs on site"])[1][0].weights == pytest.approx([1 / 3] * 3)


def test_the_head_makes_the_words_and_not_the_vector() -> None:
    turned = Head(np.array([[0, 1], [1, 0]], dtype=np.float32), np.zeros(3, dtype=np.float32))
    vectors, found = stand_in(turned).encode_words(["dogs on site", "dogs"])
    assert vectors == pytest.approx(np.array([[0.6, 0.8], [0, 1]]))
    assert found[1].vectors == pytest.approx(np.array([[0.8, 0.6], [1, 0]]))


@pytest.mark.slow
def test_words_and_vector_come_from_one_pass(encoder: Encoder) -> None:
    texts = ["Dogs must stay on a lead.", "Dogs?", "Volunteers who help on trips are told where their phones are kept. " * 8]
    vectors, found = encoder.encode_words(texts)
    assert np.allclose(vectors, encoder.encode(texts), atol=1e-5)
    assert [text.vectors.shape[1] for text in found] == [128] * 3
    assert len(found[1].vectors) < len(found[0].vectors) < len(found[2].vectors)
    for text in found:
        assert (text.vectors.dtype, text.weights.dtype) == (np.float32, np.float32)
        assert np.linalg.norm(text.vectors, axis=1) == pytest.approx(1, abs=1e-5)
        assert float(text.weights.sum()) == pytest.approx(1, abs=1e-5)
        assert float(text.weights.min()) > 0


@pytest.mark.slow
def test_a_text_has_the_same_words_alone_and_in_company(encoder: Encoder) -> None:
    long = "Volunteers who help on trips are told where their phones are kept. " * 8
    (alone,), among = encoder.encode_words(["Dogs?"])[1], encoder.encode_words([long, "Dogs?", "Cats and cats."])[1][1]
    assert np.allclose(alone.vectors, among.vectors, atol=1e-4)
    assert np.allclose(alone.weights, among.weights, atol=1e-5)


@pytest.mark.slow
def test_late_interaction_tells_the_rule_from_its_neighbour(encoder: Encoder) -> None:
    rules = ["Staff must not accept friend requests from parents.", "Parents must collect pupils by 3.30.", "The accounts close in April."]
    (asked,) = encoder.encode_words(["can i add a mum on facebook"])[1]
    index = WordIndex.of([kept(words) for words in encoder.encode_words(rules)[1]])
    scores = index.best(asked, range(3)) @ asked.weights
    assert scores.argmax() == 0
    assert float(scores[0]) > float(scores[1]) + 0.05


@pytest.mark.slow
def test_an_adapter_without_a_head_is_a_model_error_of_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch, save_file = pytest.importorskip("torch"), pytest.importorskip("safetensors.torch").save_file
    save_file({"embeddings.word_embeddings.weight.delta": torch.zeros(30522, 384)}, str(tmp_path / "a"), metadata={"format_version": "1"})
    monkeypatch.setattr(embeddings, "ADAPTER", tmp_path / "a")
    with pytest.raises(ModelError, match=r"holds no 'late\.project'; install Clausewise again"):
        Encoder().encode_words(["dogs"])


# which of the two runs it


def by_torch() -> Encoder:
    """The model in force, run by sentence-transformers."""
    made = Encoder()
    made.__dict__["_model"] = Encoding(str(embeddings.packaged()), embeddings.ADAPTER)
    return made


@pytest.mark.slow
def test_the_model_in_force_is_run_by_onnxruntime_and_agrees_to_five_places(encoder: Encoder) -> None:
    texts = [line for path in sorted((ROOT / "corpus").rglob("*.md")) for line in path.read_text("utf-8").splitlines() if line][::12]
    assert len(texts) > 10
    texts += ["", "?", "Volunteers who help on trips are told where their phones are kept. " * 40]
    (vectors, words), (wanted, its_words) = encoder.encode_words(texts), by_torch().encode_words(texts)
    assert isinstance(encoder._model, Exported)
    assert np.abs(vectors - wanted).max() < 1e-5
    assert float((vectors * wanted).sum(axis=1).min()) > 0.9999
    for found, its in zip(words, its_words, strict=True):
        assert found.vectors.shape == its.vectors.shape
        assert np.abs(found.vectors - its.vectors).max() < 1e-5
        assert np.abs(found.weights - its.weights).max() < 1e-5


COLD = """
import sys
from clausewise.cli import main
code = main(["ask", "--index", sys.argv[1], "Can pupils wear smart watches?", "--school", "thornbeck-high"])
print(sorted({"torch", "transformers", "sentence_transformers", "onnx", "pydantic", "huggingface_hub"} & set(sys.modules)), code)
"""


@pytest.mark.slow
def test_asking_opens_neither_torch_nor_what_stands_on_it(sample_index: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    ended = subprocess.run([sys.executable, "-c", COLD, str(sample_index)], env=environment, capture_output=True, text=True, check=True)
    assert "A smart watch is treated as a phone." in ended.stdout
    assert ended.stdout.splitlines()[-1] == "[] 0"
    assert ended.stderr == ""


@pytest.mark.slow
def test_an_index_that_one_made_the_other_opens(sample_index: Path) -> None:
    made = by_torch()
    assert load(sample_index, made).manifest["model_digest"] == made.digest == Encoder().digest
