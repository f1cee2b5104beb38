"""A Ray cluster makes the index that one machine makes, or says in a line why it cannot."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import MAX_BYTES, ROOT, WordsEncoder

from clausewise import steps
from clausewise.building import build
from clausewise.cli import main
from clausewise.documents import load_corpus
from clausewise.embeddings import Encoder
from clausewise.errors import ClausewiseError, ModelError, SpreadError
from clausewise.index import load
from clausewise.spread import Ray
from clausewise.steps import Part, here

TEXTS = ("Pupils hand in their phones.", "No dog comes through the gate.", "Staff keep their phones in a locker during lessons.")


@pytest.fixture(scope="module")
def two_machines() -> Iterator[str]:
    """The address of a cluster of two machines, which are processes of this one."""
    if importlib.util.find_spec("ray") is None:
        if os.environ.get("CI"):
            pytest.fail("ray is not installed: these tests must run under CI (pip install -e '.[test]')")
        pytest.skip("ray is not installed, so nothing was embedded by a cluster (pip install 'clausewise[ray]')")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")]))  # of the workers
        from ray.cluster_utils import Cluster

        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        cluster.add_node(num_cpus=1)
        yield cluster.address
        cluster.shutdown()


@pytest.fixture
def cluster(two_machines: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", two_machines)
    monkeypatch.setattr(steps, "_STEP", 2)


class DiesOnce(WordsEncoder):
    """Ends its process at the first text that it is given, unless one before it did."""

    def __init__(self, mark: Path) -> None:
        super().__init__()
        self.mark = mark

    def encode_words(self, texts: Any) -> Any:
        if not self.mark.exists():
            self.mark.write_text(str(os.getpid()))
            os._exit(1)
        return super().encode_words(texts)


def unreadable() -> Encoder:
    raise ModelError("the model's file is torn")


def engine(make: Callable[[], Any]) -> Ray:
    return Ray(make)


def run(make: Callable[[], Any], words: WordsEncoder) -> list[Any]:
    return list(engine(make)(words, [Part(TEXTS, True)]))  # type: ignore[arg-type]


@pytest.mark.slow
def test_an_index_has_the_same_vectors_and_words(cluster: None, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    corpus, told = load_corpus(small_corpus, MAX_BYTES), []
    ours = build(corpus, words, tmp_path / "here").index  # type: ignore[arg-type]
    built = build(corpus, words, tmp_path / "there", lambda line, *_: told.append(line), engine(WordsEncoder))  # type: ignore[arg-type]
    assert built.encoded == len(ours.passages) > 4
    assert np.array_equal(built.index.vectors.vectors(), ours.vectors.vectors())
    for row in range(len(ours.passages)):
        assert np.array_equal(built.index.words.codes(row), ours.words.codes(row))
    assert len(told) > 3
    assert told[-1].split() == ["embedded", told[-1].split()[1], "of", told[-1].split()[1]]


@pytest.mark.slow
def test_the_model_gives_the_same_bits(cluster: None, encoder: Encoder) -> None:
    parts = [Part(TEXTS, True), Part(TEXTS[:2], False)]
    ours = list(here(encoder, parts))
    found = {made.part.words: made for made in engine(Encoder)(encoder, parts)}
    for one in ours:
        assert np.array_equal(found[one.part.words].vectors, one.vectors)
        assert all(np.array_equal(a, b) for a, b in zip(found[one.part.words].codes, one.codes, strict=True))


@pytest.mark.slow
def test_the_parts_of_a_worker_that_dies_are_embedded_by_another(cluster: None, words: WordsEncoder, tmp_path: Path) -> None:
    (made,) = run(partial(DiesOnce, tmp_path / "mark"), words)
    assert int((tmp_path / "mark").read_text()) != os.getpid()
    assert np.array_equal(made.vectors, words.encode(TEXTS))


@pytest.mark.slow
def test_a_worker_with_another_model_is_not_mixed_in(cluster: None, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    corpus = load_corpus(small_corpus, MAX_BYTES)
    build(corpus, WordsEncoder("before"), tmp_path / "index")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=r"^the Ray worker on \S+ has another model than words as it is here .* install the same"):
        build(corpus, words, tmp_path / "index", engine=engine(partial(WordsEncoder, "another")))  # type: ignore[arg-type]
    assert load(tmp_path / "index", WordsEncoder("before")).manifest["model"] == "before"  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_worker_that_cannot_read_its_model_is_told_in_a_line(cluster: None, words: WordsEncoder) -> None:
    with pytest.raises(SpreadError, match="the model's file is torn") as caught:
        run(unreadable, words)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_the_command_embeds_by_a_cluster(cluster: None, small_corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "--corpus", str(small_corpus), "--index", str(tmp_path / "index"), "--engine", "ray"]) == 0
    assert "embedded now, 0 kept" in capsys.readouterr().out
    assert load(tmp_path / "index", Encoder()).manifest["counts"]["schools"] == 2


def test_nothing_to_embed_needs_no_cluster(words: WordsEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    assert list(engine(WordsEncoder)(words, [])) == []  # type: ignore[arg-type]


def test_without_ray_a_line_names_the_extra(words: WordsEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SpreadError, match=r"ray is not installed; .*clausewise\[ray\]"):
        run(WordsEncoder, words)


@pytest.mark.slow  # importing ray takes seconds
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("127.0.0.1:1", "found no cluster at RAY_ADDRESS=127.0.0.1:1 .*refused"),
        ("ray://127.0.0.1:1", "found no cluster at RAY_ADDRESS=ray://127.0.0.1:1"),
        ("127.0.0.1:99999", "found no cluster at RAY_ADDRESS=127.0.0.1:99999"),
        ("nonsense", "the cluster nonsense cannot be used"),
    ],
)
def test_a_cluster_that_is_not_there_is_told_in_a_line(
    address: str, told: str, words: WordsEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(ClausewiseError, match=f"^Ray: {told}.*; name another with RAY_ADDRESS, unset it") as caught:
        run(WordsEncoder, words)
    assert "\n" not in str(caught.value)


def test_another_engine_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "--engine", "hadoop"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
