"""A Milvus collection finds what the index's own files find, by milvus-lite; or a line says why it cannot."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import LARCH_DOGS, MAX_BYTES, POLICIES, ROOT, WordsEncoder, write

from clausewise import milvus
from clausewise.assistant import Assistant
from clausewise.building import build_with, indexing
from clausewise.cli import main
from clausewise.documents import load_corpus
from clausewise.embeddings import Encoder
from clausewise.errors import IndexNotWritten, VectorStoreError
from clausewise.index import Index, load
from clausewise.milvus import MilvusStore, copied, vector_store
from clausewise.nearest import OwnFiles
from clausewise.settings import Settings

SHARED = Path(__file__).parents[2] / "shared" / "evals" / "questions.jsonl"
REMEDY = "build again with: clausewise index"
ASKED = ["must pupils hand their phones to the office?", "may I bring a dog", "zzz"]


@pytest.fixture
def uri(tmp_path: Path) -> str:
    if importlib.util.find_spec("milvus_lite") is None or importlib.util.find_spec("pymilvus") is None:
        if os.environ.get("CI"):
            pytest.fail("milvus-lite is not installed: these tests must run under CI (pip install -e '.[test]')")
        pytest.skip("milvus-lite is not installed, so nothing was searched in Milvus (pip install 'clausewise[milvus]' milvus-lite)")
    return str(tmp_path / "milvus.db")


def client(uri: str) -> Any:
    return milvus._client(uri)


def indexed(corpus: Path, encoder: Any, folder: Path, uri: str) -> Index:
    with indexing(folder) as writer:
        return build_with(writer, load_corpus(corpus, MAX_BYTES), encoder, also=partial(copied, uri, folder)).index


def collections(uri: str) -> list[str]:
    return sorted(client(uri).list_collections())


def in_force(uri: str, name: str) -> str:
    return str(client(uri).describe_alias(f"clausewise_{name}")["collection_name"])


def named(index: Index, name: str) -> str:
    return f"clausewise_{name}_{index.searched[:16]}"


# the same answers


@pytest.mark.slow
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_rows_cosines_and_bm25_are_the_index_s_own(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path, limit: int) -> None:
    index = indexed(small_corpus, words, tmp_path / "index", uri)
    store, own = vector_store(index, uri), OwnFiles(index)
    assert isinstance(store, MilvusStore)
    vectors, terms = words.encode(ASKED), [index.lexical.terms(text) for text in ASKED]
    for rows in (*index.rows.values(), range(len(index.passages)), np.array([1, 2, 4])):
        theirs, ours = store.nearest(vectors, terms, rows, limit), own.nearest(vectors, terms, rows, limit)
        assert np.array_equal(theirs.bm25.shape, theirs.cosines.shape)
        if limit == 100:
            assert np.array_equal(theirs.rows, ours.rows)
        assert set(theirs.rows) <= set(rows)
        every = own.nearest(vectors, terms, rows, 100)
        places = np.searchsorted(every.rows, theirs.rows)
        assert np.allclose(theirs.cosines, every.cosines[:, places], atol=1e-6)
        assert np.array_equal(theirs.bm25, every.bm25[:, places])
        assert np.allclose(theirs.cosines.max(axis=1), every.cosines.max(axis=1), atol=1e-6)  # the nearest is never left out


@pytest.mark.slow
def test_a_school_s_name_is_no_part_of_the_filter_s_language(uri: str, words: WordsEncoder, tmp_path: Path) -> None:
    name = "st \"mary's\" or é"
    corpus = write(tmp_path / "corpus", {f"{name}/dogs.md": LARCH_DOGS, "larch/dogs.md": LARCH_DOGS})
    index = indexed(corpus, words, tmp_path / "index", uri)
    (school,) = [each for each in index.rows if each != "larch"]
    found = vector_store(index, uri).nearest(words.encode(ASKED), [()] * 3, index.rows[school], 100)
    assert found.rows.tolist() == [*index.rows[school]]


def same_answers(own: Assistant, uri: str, lines: list[str]) -> None:
    """Every object, byte for byte."""
    theirs = Assistant(own.index, Settings(milvus=uri), own.encoder)
    assert isinstance(theirs.retriever._store, MilvusStore)
    for line in lines:
        assert json.dumps(theirs.ask_line(line)) == json.dumps(own.ask_line(line))


def questions(file: Path) -> list[str]:
    cases = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [json.dumps({name: case.get(name) for name in ("id", "question", "school")} | {"history": case.get("history", [])}) for case in cases]


def copy_of(index: Index, corpus: Path, encoder: Encoder, folder: Path, uri: str) -> Index:
    """`index` built again, its vectors carried over, and into a collection."""
    assert index.generation is not None
    shutil.copytree(index.generation.folder.parents[1], folder)
    return indexed(corpus, encoder, folder, uri)


@pytest.mark.slow
def test_the_sample_suite_gets_the_same_answers(uri: str, sample: Assistant, encoder: Encoder, tmp_path: Path) -> None:
    index = copy_of(sample.index, ROOT / "corpus", encoder, tmp_path / "index", uri)
    lines = questions(ROOT / "evals" / "sample" / "cases.jsonl")
    assert len(lines) > 100
    same_answers(Assistant(index, Settings(), encoder), uri, lines)


@pytest.mark.slow
def test_the_five_schools_suites_get_the_same_answers(uri: str, five: Assistant, encoder: Encoder, tmp_path: Path) -> None:
    index = copy_of(five.index, POLICIES, encoder, tmp_path / "index", uri)
    lines = [line for suite in ("five-schools", "five-schools-held-back") for line in questions(ROOT / "evals" / suite / "cases.jsonl")] + (questions(SHARED) if SHARED.exists() else [])
    assert len(lines) >= 200
    same_answers(Assistant(index, Settings(), encoder), uri, lines)


# one collection after another


@pytest.mark.slow
def test_a_collection_is_built_beside_and_those_are_dropped_that_nobody_answers_from(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    def changed(text: str) -> Index:
        write(small_corpus, {"maple/extra.md": f"# Extra Policy\n\n1.1 Pupils bring {text} pens.\n"})
        index = indexed(small_corpus, words, tmp_path / "index", uri)
        assert in_force(uri, "index") == named(index, "index")
        return index

    open_ones = [changed(text) for text in ("one", "two", "three")]
    assert all(isinstance(vector_store(index, uri), MilvusStore) for index in open_ones)
    open_ones.clear()
    gc.collect()
    last = [named(changed(text), "index") for text in ("four", "five")]
    assert collections(uri) == sorted(last)  # the one before is kept for who answers from it elsewhere


@pytest.mark.slow
def test_the_same_rows_are_not_sent_again(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    indexed(small_corpus, words, tmp_path / "index", uri)
    monkeypatch.setattr(milvus, "_fill", lambda *_: pytest.fail("sent again"))
    indexed(small_corpus, words, tmp_path / "index", uri)
    assert len(collections(uri)) == 1


@pytest.mark.slow
def test_another_index_s_collections_are_left_alone(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    other = indexed(small_corpus, words, tmp_path / "index_2", uri)
    for text in ("one", "two", "three"):
        write(small_corpus, {"maple/extra.md": f"# Extra Policy\n\n1.1 Pupils bring {text} pens.\n"})
        indexed(small_corpus, words, tmp_path / "index", uri)
    assert named(other, "index_2") in collections(uri)
    assert in_force(uri, "index_2") == named(other, "index_2")


@pytest.mark.slow
def test_no_word_of_a_policy_goes_there(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    index = indexed(small_corpus, words, tmp_path / "index", uri)
    rows = client(uri).query(named(index, "index"), "row >= 0", ["*"])
    assert len(rows) == len(index.passages)
    assert {name for row in rows for name in row} == {"row", "school", "words", "vector", "bm25"}
    assert all(number.isdecimal() for row in rows for number in row["words"].split())


@pytest.mark.slow
def test_the_collection_of_the_index_in_force_outlives_builds_that_fail_after_theirs_is_made(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    in_use = indexed(small_corpus, words, tmp_path / "index", uri)

    def full(*given: Any) -> None:
        copied(uri, tmp_path / "index", *given)
        raise OSError("No space left on device")

    for text in ("one", "two", "three"):
        write(small_corpus, {"maple/extra.md": f"# Extra Policy\n\n1.1 Pupils bring {text} pens.\n"})
        with pytest.raises(IndexNotWritten), indexing(tmp_path / "index") as writer:
            build_with(writer, load_corpus(small_corpus, MAX_BYTES), words, also=full)  # type: ignore[arg-type]
        assert isinstance(vector_store(in_use, uri), MilvusStore)
    assert len(collections(uri)) == 3


def test_more_than_milvus_finds_at_once_are_found_in_the_index_s_own_files(small_index: Index, words: WordsEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus, "_MOST", 2)
    store, vectors = MilvusStore(None, "", "", small_index), words.encode(ASKED)  # type: ignore[arg-type]
    terms, rows = [small_index.lexical.terms(text) for text in ASKED], range(len(small_index.passages))
    for limit in (1, len(rows)):  # the rows of six rankings, all of the rows
        theirs, ours = store.nearest(vectors, terms, rows, limit), OwnFiles(small_index).nearest(vectors, terms, rows, limit)
        assert (theirs.rows.tolist(), theirs.cosines.tolist()) == (ours.rows.tolist(), ours.cosines.tolist())


# what is not as it should be


def built_without(small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> Index:
    return indexed(small_corpus, words, tmp_path / "index", "")


@pytest.mark.slow
def test_an_index_without_a_collection_is_told(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    with pytest.raises(VectorStoreError, match=f"found no collection of this index; {REMEDY}"):
        vector_store(built_without(small_corpus, words, tmp_path), uri)


@pytest.mark.slow
def test_another_index_s_collection_is_not_searched(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    indexed(small_corpus, words, tmp_path / "index", uri)
    write(small_corpus, {"maple/extra.md": "# Extra Policy\n\n1.1 Pupils bring pens.\n"})
    with pytest.raises(VectorStoreError, match="found no collection of this index"):
        vector_store(built_without(small_corpus, words, tmp_path), uri)


@pytest.mark.slow
def test_a_half_built_collection_is_told_and_built_again(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    index = indexed(small_corpus, words, tmp_path / "index", uri)
    client(uri).delete(named(index, "index"), filter="row in [1, 2]")
    with pytest.raises(VectorStoreError, match=f"found {named(index, 'index')}, which is not whole; {REMEDY}"):
        vector_store(index, uri)
    again = indexed(small_corpus, words, tmp_path / "index", uri)
    assert again.searched == index.searched
    assert isinstance(vector_store(again, uri), MilvusStore)


@pytest.mark.slow
def test_rows_that_are_lost_while_it_is_open_are_told(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    index = indexed(small_corpus, words, tmp_path / "index", uri)
    store = vector_store(index, uri)
    client(uri).delete(named(index, "index"), filter="row in [1, 2]")
    with pytest.raises(VectorStoreError, match=f"has lost rows; {REMEDY}"):
        store.nearest(words.encode(ASKED), [()] * 3, range(len(index.passages)), 100)


@pytest.mark.slow
def test_a_build_that_milvus_refuses_leaves_the_index_in_force(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    before = indexed(small_corpus, words, tmp_path / "index", uri)
    write(small_corpus, {"maple/extra.md": "# Extra Policy\n\n1.1 Pupils bring pens.\n"})
    with pytest.raises(VectorStoreError, match=r"Fail connecting to server on 127\.0\.0\.1:1"):
        indexed(small_corpus, words, tmp_path / "index", "http://127.0.0.1:1")
    assert load(tmp_path / "index", words).searched == before.searched  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://127.0.0.1:1/schools", "/nowhere/at/all/milvus.db"])
def test_a_server_that_is_not_there_is_told_in_a_line(uri: str, small_corpus: Path, words: WordsEncoder, tmp_path: Path, address: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(VectorStoreError, match=f"^Milvus at {address}: .*; set CLAUSEWISE_MILVUS to one that can") as caught:
        vector_store(built_without(small_corpus, words, tmp_path), address)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_without_pymilvus_a_line_names_the_extra(small_index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(VectorStoreError, match=r"pymilvus is not installed; .*clausewise\[milvus\]"):
        vector_store(small_index, "http://127.0.0.1:1")


def test_without_an_address_an_index_is_searched_in_its_own_files(small_index: Index) -> None:
    assert isinstance(vector_store(small_index, ""), OwnFiles)


def test_an_index_without_passages_needs_no_collection(tmp_path: Path, words: WordsEncoder) -> None:
    index = indexed(write(tmp_path / "corpus", {"larch/schools.toml": ""}).parent / "corpus", words, tmp_path / "index", "http://127.0.0.1:1")
    assert isinstance(vector_store(index, "http://127.0.0.1:1"), OwnFiles)


@pytest.mark.slow
def test_the_commands_build_and_ask_a_collection(uri: str, small_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "index")
    question = ["ask", "--index", folder, "--json", "May pupils carry a phone on a residential trip?"]
    monkeypatch.setenv("CLAUSEWISE_MILVUS", uri)
    assert main(["index", "--corpus", str(small_corpus), "--index", folder]) == 0
    assert f"rows are in Milvus at {uri}, as clausewise_index_" in capsys.readouterr().err
    assert main(question) == 0
    found = capsys.readouterr().out
    monkeypatch.setenv("CLAUSEWISE_MILVUS", "")
    assert main(question) == 0
    assert capsys.readouterr().out == found
    monkeypatch.setenv("CLAUSEWISE_MILVUS", "http://127.0.0.1:1")
    assert main(question) == 2
    assert capsys.readouterr().err.startswith("clausewise: Milvus at http://127.0.0.1:1: Fail connecting")
