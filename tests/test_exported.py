"""What onnxruntime and the fast tokenizer make of texts is what sentence-transformers makes of them."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from conftest import ROOT

from clausewise.exported import _TOKENS, Exported, _batches
from clausewise.exporting import _SENTENCES, export
from clausewise.reference import SCORE, VECTOR, WORDS, Encoding, Scoring

pytestmark = pytest.mark.slow  # sentence-transformers takes seconds to import


@pytest.fixture(scope="module")
def encoding(tmp_path_factory: pytest.TempPathFactory) -> Encoding:
    return Encoding(tiny.encoder(tmp_path_factory.mktemp("models") / "encoder"), None)


@pytest.fixture(scope="module")
def folder(encoding: Encoding, tmp_path_factory: pytest.TempPathFactory) -> Path:
    export(encoding, made := tmp_path_factory.mktemp("exported"))
    return made


@pytest.fixture(scope="module")
def exported(folder: Path) -> Exported:
    return Exported(folder)


def texts() -> list[str]:
    """Sentences of the sample policies, whole and cut anywhere, and strings of any characters; some too long to be read whole."""
    chance = random.Random(7)
    found = [line for path in sorted((ROOT / "corpus").rglob("*.md")) for line in path.read_text("utf-8").splitlines() if line]
    cut = [line[chance.randrange(len(line)) :] for line in chance.choices(found, k=100)]
    strange = ["".join(chr(chance.choice((chance.randrange(32, 0x250), chance.randrange(0x2000, 0xD7FF)))) for _ in range(40)) for _ in range(100)]
    return [*_SENTENCES, *chance.choices(found, k=200), *cut, *strange, " ".join(found[:300])]


def test_the_tokens_are_those_of_sentence_transformers(encoding: Encoding, exported: Exported) -> None:
    given = texts()
    assert len(given) > 400
    for start in range(0, len(given), 7):
        part = given[start : start + 7]
        wanted, read = encoding.module.preprocess(part), exported._tokenizer.encode_batch(part)
        assert [one.ids for one in read] == wanted["input_ids"].tolist()
        assert [one.attention_mask for one in read] == wanted["attention_mask"].tolist()
        assert [one.type_ids for one in read] == wanted["token_type_ids"].tolist()
    assert max(len(one.ids) for one in exported._tokenizer.encode_batch(given)) == 64


def test_the_tokens_of_pairs_are_too(tmp_path: Path) -> None:
    scoring = Scoring(tiny.cross_encoder(tmp_path / "model"))
    (tmp_path / "made").mkdir()
    export(scoring, tmp_path / "made")
    tokenizer = Exported(tmp_path / "made")._tokenizer
    given = texts()
    pairs = list(zip(given, reversed(given), strict=True))
    for start in range(0, len(pairs), 7):
        wanted, read = scoring.module.preprocess(pairs[start : start + 7]), tokenizer.encode_batch(pairs[start : start + 7])
        assert [one.ids for one in read] == wanted["input_ids"].tolist()
        assert [one.type_ids for one in read] == wanted["token_type_ids"].tolist()


def test_vectors_and_words_agree_to_five_places(encoding: Encoding, exported: Exported) -> None:
    given = texts()[::4]
    wanted, found = encoding.run(given, (VECTOR, WORDS)), exported.run(given, (VECTOR, WORDS))
    for (vector, words), (its_vector, its_words) in zip(wanted, found, strict=True):
        assert np.allclose(vector, its_vector, atol=1e-5)
        assert words.shape == its_words.shape
        assert np.allclose(words, its_words, atol=1e-5)


def test_scores_of_pairs_agree_to_five_places(tmp_path: Path) -> None:
    scoring = Scoring(tiny.cross_encoder(tmp_path / "model"))
    (tmp_path / "made").mkdir()
    export(scoring, tmp_path / "made")
    pairs = [("Dogs?", "Dogs must stay on a lead."), ("Dogs?", ""), ("May I?", "Volunteers keep their phones. " * 40)]
    wanted, found = scoring.run(pairs, (SCORE,)), Exported(tmp_path / "made").run(pairs, (SCORE,))
    assert [float(score) for (score,) in found] == pytest.approx([float(score) for (score,) in wanted], abs=1e-5)
    assert all(0 < float(score) < 1 for (score,) in found)  # after the cross-encoder's own last step, a sigmoid


def test_each_text_has_its_own_row_however_long_the_others_are(exported: Exported) -> None:
    given = ["word " * length for length in random.Random(3).sample(range(50), 50)]
    found = exported.run(given, (WORDS,))
    assert [len(words) for (words,) in found] == [text.count("word") + 2 for text in given]
    assert [len(vector) for (vector,) in exported.run(given, (VECTOR,))] == [32] * 50
    assert exported.run([], (VECTOR,)) == []


def test_the_same_text_gives_the_same_bytes(folder: Path, exported: Exported) -> None:
    def said(model: Exported) -> list[bytes]:
        return [row.tobytes() for rows in model.run(["Dogs?", "May I bring my phone?"], (VECTOR, WORDS)) for row in rows]

    assert said(exported) == said(exported) == said(Exported(folder))


def test_a_run_takes_one_thread(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    seen: list[Any] = []
    real = onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda path, options, providers: seen.append(options) or real(path, options, providers=providers))  # type: ignore[func-returns-value]
    Exported(folder)
    (options,) = seen
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_a_batch_holds_texts_of_about_one_length_and_so_many_tokens() -> None:
    lengths = np.random.default_rng(1).integers(1, 120, 500)
    found = list(_batches(lengths))
    assert sorted(row for rows in found for row in rows) == list(range(500))
    assert all(len(rows) * lengths[rows].max() <= _TOKENS for rows in found)
    assert sum(len(rows) * lengths[rows].max() for rows in found) < 1.1 * lengths.sum()
    assert list(_batches(np.array([_TOKENS + 1, 0, _TOKENS + 2]))) == [[2], [0], [1]]


def test_many_may_run_at_once_and_each_text_has_the_same_bytes(exported: Exported) -> None:
    given = [texts()[start : start + 20] for start in range(0, 200, 20)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda part: exported.run(part, (VECTOR,)), given))
    assert [[vector.tobytes() for (vector,) in rows] for rows in found] == [
        [vector.tobytes() for (vector,) in exported.run(part, (VECTOR,))] for part in given
    ]
