"""An export that gives something else than the model is not used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny

from clausewise import exporting
from clausewise.exported import Exported
from clausewise.exporting import FAR, NotExported, distance, export
from clausewise.reference import VECTOR, WORDS, Encoding, Scoring

pytestmark = pytest.mark.slow  # sentence-transformers takes seconds to import


@pytest.fixture(scope="module")
def encoding(tmp_path_factory: pytest.TempPathFactory) -> Encoding:
    return Encoding(tiny.encoder(tmp_path_factory.mktemp("models") / "encoder"), None)


@pytest.fixture(scope="module")
def scoring(tmp_path_factory: pytest.TempPathFactory) -> Scoring:
    return Scoring(tiny.cross_encoder(tmp_path_factory.mktemp("models") / "cross"))


@pytest.fixture(scope="module")
def exported(encoding: Encoding, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    export(encoding, made := tmp_path_factory.mktemp("made"))
    return Exported(made)


class Changed:
    """In an export's place: what it gives, changed."""

    def __init__(self, inner: Any, change: Any) -> None:
        self.inner, self.change = inner, change

    def run(self, inputs: Any, outputs: Any) -> Any:
        return [[self.change(name, row) for name, row in zip(outputs, rows, strict=True)] for rows in self.inner.run(inputs, outputs)]


def test_the_sentences_are_of_every_kind() -> None:
    said = exporting._SENTENCES
    assert len(said) == len(set(said)) > exporting.FAR
    assert {"", "?"} < set(said)
    assert max(len(text.split()) for text in said) > 512
    assert any(not text.isascii() for text in said)


def test_a_faithful_export_is_five_places_near(encoding: Encoding, exported: Exported) -> None:
    assert 0 <= distance(encoding, exported) < 1e-5


def test_a_vector_so_far_away_has_a_cosine_of_four_nines() -> None:
    assert np.cos(FAR) > 0.9999


@pytest.mark.parametrize("output", [VECTOR, WORDS])
@pytest.mark.parametrize(("share", "fits"), [(0.005, True), (0.02, False)])
def test_how_far_each_output_is_counts(output: str, share: float, fits: bool, encoding: Encoding, exported: Exported) -> None:
    longer = Changed(exported, lambda name, row: row * (1 + share) if name == output else row)
    found = distance(encoding, longer)  # type: ignore[arg-type]
    assert found == pytest.approx(share, abs=1e-4)
    assert (found <= FAR) is fits


def test_other_tokens_are_no_match_at_all(encoding: Encoding, exported: Exported) -> None:
    fewer = Changed(exported, lambda name, row: row[:-1] if name == WORDS else row)
    assert distance(encoding, fewer) == float("inf")  # type: ignore[arg-type]


def test_one_text_that_differs_alone_is_found(encoding: Encoding, exported: Exported) -> None:
    class Alone:
        def run(self, inputs: Any, outputs: Any) -> Any:
            found = exported.run(inputs, outputs)
            return [[row * 1.5 for row in rows] for rows in found] if inputs == ["Dogs?"] else found

    assert distance(encoding, Alone()) == pytest.approx(0.5, abs=1e-4)  # type: ignore[arg-type]


def test_scores_are_one_row(scoring: Scoring, tmp_path: Path) -> None:
    export(scoring, tmp_path)
    assert distance(scoring, Exported(tmp_path)) < 1e-5
    off = Changed(Exported(tmp_path), lambda _, score: score * np.float32(1.02))
    assert distance(scoring, off) == pytest.approx(0.02, abs=1e-4)  # type: ignore[arg-type]


@pytest.mark.parametrize("found", [0.02, float("inf"), float("nan")])
def test_an_export_that_gives_something_else_is_refused(
    found: float, encoding: Encoding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "distance", lambda *_: found)
    with pytest.raises(NotExported, match=r"what it gives as ONNX is (0\.02|inf|nan) away from what it gives by torch; 0\.01 may be"):
        export(encoding, tmp_path)


def test_a_prompt_that_the_graph_does_not_know_is_noticed(encoding: Encoding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding.module, "prompts", {"always": "Read this: "})
    monkeypatch.setattr(encoding.module, "default_prompt_name", "always")
    with pytest.raises(NotExported, match="inf away"):
        export(encoding, tmp_path)


def test_whatever_torch_says_is_one_line(encoding: Encoding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("cannot be\n  traced " + "x" * 999)

    monkeypatch.setattr("torch.onnx.export", broken)
    with pytest.raises(NotExported) as raised:
        export(encoding, tmp_path)
    assert str(raised.value).startswith("RuntimeError: cannot be traced xxx")
    assert len(str(raised.value)) < 200


def test_a_full_disk_is_not_the_model_s_fault(encoding: Encoding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        export(encoding, tmp_path)
