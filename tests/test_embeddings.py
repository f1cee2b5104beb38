"""Texts -> unit vectors, and a model that says what it is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from clausewise import embeddings
from clausewise.embeddings import Encoder
from clausewise.errors import ModelError


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
