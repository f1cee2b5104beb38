"""An index is what its corpus says, describes itself, and is refused when it is not what its manifest says."""

from __future__ import annotations

import errno
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import LARCH_PHONES, MAX_BYTES, ROOT, WordsEncoder, generation, write

from clausewise import building, checksums, durable, snapshots, steps
from clausewise import index as rooms
from clausewise.building import Built, build
from clausewise.documents import load_corpus
from clausewise.errors import ClausewiseError, DamagedIndex, IndexMismatch, MissingIndex
from clausewise.generations import checksum
from clausewise.index import FORMAT, Index, load, load_texts, verify
from clausewise.journal import key
from clausewise.thesaurus import Row
from clausewise.types import Span

FILES = (
    "bm25_ends.npy",
    "bm25_rows.npy",
    "bm25_rows.npy.blocks",
    "bm25_scores.npy",
    "bm25_scores.npy.blocks",
    "catalogue.sqlite",
    "catalogue.sqlite.blocks",
    "clause_numbers.npy",
    "clause_numbers.npy.blocks",
    "keys.npy",
    "vectors.npy",
    "vectors.npy.blocks",
    "word_ends.npy",
    "words.npy",
    "words.npy.blocks",
)
HIVE = "said,means,kind\nthe hive | hive,learning platform,platform\nward,lesson | contact time,time\n"
REMEDY = "build it again with: clausewise index"


def indexed(corpus: Path, encoder: WordsEncoder, folder: Path) -> Built:
    return build(load_corpus(corpus, MAX_BYTES), encoder, folder)  # type: ignore[arg-type]


def opened(folder: Path, encoder: WordsEncoder) -> Index:
    return load(folder, encoder)  # type: ignore[arg-type]


def manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((generation(folder) / "manifest.json").read_text("utf-8")))


@pytest.fixture
def folder(small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> Path:
    indexed(small_corpus, words, tmp_path / "index")
    words.seen.clear()
    return tmp_path / "index"


# round trip


def test_what_is_loaded_is_what_was_built(small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    built = indexed(small_corpus, words, tmp_path / "index").index
    again = opened(tmp_path / "index", words)
    for part in ("schools", "documents", "clauses", "passages", "thesaurus", "manifest"):
        assert getattr(again, part) == getattr(built, part)
    assert np.array_equal(again.vectors.vectors(), built.vectors.vectors())
    assert held_words(again) == held_words(built)


def test_loaded_documents_are_those_of_the_corpus(sample_index: Path, sample: Any) -> None:
    """Every field, its dates included, of all formats; only blocks are not kept, since clauses stand for them."""
    corpus = load_corpus(ROOT / "corpus", MAX_BYTES)
    assert sample.index.schools == corpus.schools
    assert sample.index.documents == tuple(replace(document, blocks=()) for document in corpus.documents)
    assert sum(len(document.dates) for document in sample.index.documents) > 10


def test_places_and_rows(folder: Path, words: WordsEncoder) -> None:
    index = opened(folder, words)
    assert [p.clause for p in index.passages] == [
        "larch/dogs#preamble/1",
        "larch/phones#1.1",
        "larch/phones#1.2",
        "larch/phones#2.1",
        "maple/phones#1.1",
        "maple/phones#1.2",
    ]
    assert [p.row for p in index.passages] == [0, 1, 2, 3, 4, 5]
    assert index.rows == {"larch": range(4), "maple": range(4, 6)}
    assert index.passages[1].span.of(index.document["larch/phones"].text) == "Pupils must hand their phones to the office each morning."
    assert index.clause["larch/phones#2.1"].headings == ("Staff",)


def views_mean(encoder: WordsEncoder, index: Index) -> np.ndarray:
    """Row i: the mean of the vectors of passage i's views, one by one."""
    return np.array([encoder.encode(list(p.views)).mean(axis=0) for p in index.passages])


def test_row_i_of_the_vectors_belongs_to_passage_i(folder: Path, words: WordsEncoder) -> None:
    index = opened(folder, words)
    assert np.allclose(index.vectors.vectors(), views_mean(words, index), atol=1e-6)


def held_words(index: Index) -> list[list[list[int]]]:
    return [index.words.codes(row).tolist() for row in range(len(index.words))]


def test_row_i_of_the_words_holds_the_first_view_of_passage_i(folder: Path, words: WordsEncoder) -> None:
    """The stand-in's words are unit vectors of one coordinate, which an 8-bit number holds as 127."""
    index = opened(folder, words)
    assert len(index.words) == 6
    whole = [(found.vectors * 127).tolist() for found in words.encode_words([p.text for p in index.passages])[1]]
    assert held_words(index) == whole
    assert index.passages[1].text == "Pupils. Pupils must hand their phones to the office each morning."
    assert len(held_words(index)[1]) == 11


def test_a_clause_s_sentences_and_all_of_it_may_be_quoted(words: WordsEncoder, tmp_path: Path) -> None:
    text = "# Dogs Policy\n\n## 1 Gate\n\n1.1 Dogs stay outside. Dogs that assist may come in.\n"
    index = indexed(write(tmp_path / "dogs", {"larch/dogs.md": text}), words, tmp_path / "index").index
    first, second = (text.index(part) for part in ("Dogs stay", "Dogs that"))
    assert index.quotable == {"larch/dogs#1.1": {Span(first, first + 18), Span(second, second + 29), Span(first, second + 29)}}
    assert index.clause["larch/dogs#1"].kind == "heading"


def test_the_corpus_own_thesaurus_is_kept(small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    assert indexed(small_corpus, words, tmp_path / "index").index.thesaurus == ()
    write(small_corpus, {"thesaurus.csv": HIVE})
    built = indexed(small_corpus, words, tmp_path / "index")
    assert (built.reused, built.encoded) == (6, 0)  # its words are never embedded
    assert opened(tmp_path / "index", words).thesaurus == (
        Row(("the hive", "hive"), ("learning platform",), "platform", 2),
        Row(("ward",), ("lesson", "contact time"), "time", 3),
    )


def test_the_same_corpus_gives_the_same_files(small_corpus: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        indexed(small_corpus, WordsEncoder(), tmp_path / name)
    for name in (*FILES, "manifest.json"):
        assert (generation(tmp_path / "one") / name).read_bytes() == (generation(tmp_path / "two") / name).read_bytes()


def test_a_corpus_without_a_sentence_makes_an_index_without_passages(words: WordsEncoder, tmp_path: Path) -> None:
    built = indexed(write(tmp_path / "bare", {"larch/title.md": "# Social Media Policy\n"}), words, tmp_path / "index")
    assert (built.reused, built.encoded, built.index.passages, built.index.rows) == (0, 0, (), {"larch": range(0)})
    assert (len(built.index.words), built.index.quotable) == (0, {})


# what is embedded again


def test_an_unchanged_corpus_embeds_nothing_again(small_corpus: Path, folder: Path, words: WordsEncoder) -> None:
    before = {name: (generation(folder) / name).read_bytes() for name in (*FILES, "manifest.json")}
    built = indexed(small_corpus, words, folder)
    assert (built.reused, built.encoded, words.seen) == (6, 0, [])
    assert generation(folder).name == "000002"
    assert {name: (generation(folder) / name).read_bytes() for name in before} == before


def test_an_edited_file_embeds_only_what_changed(small_corpus: Path, folder: Path, words: WordsEncoder) -> None:
    write(small_corpus, {"larch/phones.md": LARCH_PHONES.replace("in a locker", "in a drawer")})
    built = indexed(small_corpus, words, folder)
    assert (built.reused, built.encoded) == (5, 1)
    plain = "Staff keep their phones in a drawer during lessons."
    assert words.seen == [f"Staff. {plain}", plain]  # the first view, of which the words are kept, before the others
    assert (
        built.index.passages[3].span.of(built.index.document["larch/phones"].text) == "Staff keep their phones in a drawer during lessons."
    )


def test_a_clause_put_in_front_moves_every_quote_with_its_words(small_corpus: Path, folder: Path, words: WordsEncoder) -> None:
    write(small_corpus, {"larch/phones.md": LARCH_PHONES.replace("1.1 Pupils", "1.0 Bags stay shut.\n\n1.1 Pupils")})
    index = indexed(small_corpus, words, folder).index
    assert words.seen == ["Pupils. Bags stay shut.", "Bags stay shut."]
    text = index.document["larch/phones"].text
    moved = {p.clause: p.span.of(text) for p in index.passages if p.document == "larch/phones"}
    assert moved["larch/phones#1.1"] == "Pupils must hand their phones to the office each morning."
    assert np.allclose(index.vectors.vectors(), views_mean(WordsEncoder(), index), atol=1e-6)
    fresh = indexed(small_corpus, WordsEncoder(), folder.with_name("fresh")).index
    assert held_words(index) == held_words(fresh)  # those carried over too, at their new rows


def test_a_removed_file_disappears(small_corpus: Path, folder: Path, words: WordsEncoder) -> None:
    (small_corpus / "larch" / "phones.md").unlink()
    index = indexed(small_corpus, words, folder).index
    assert [d.id for d in index.documents] == ["larch/dogs", "maple/phones"]
    assert {c.document for c in index.clauses} == {"larch/dogs", "maple/phones"}
    assert [(p.row, p.document) for p in index.passages] == [(0, "larch/dogs"), (1, "maple/phones"), (2, "maple/phones")]
    assert len(index.vectors) == len(index.words) == 3
    assert [len(codes) for codes in held_words(index)] == [10, 11, 6]
    assert words.seen == []
    assert sorted(manifest(folder)["documents"]) == ["larch/dogs", "maple/phones"]


def test_another_model_embeds_everything_again(small_corpus: Path, folder: Path) -> None:
    built = indexed(small_corpus, WordsEncoder("other", 32), folder)
    assert (built.reused, built.encoded) == (0, 6)
    assert built.index.vectors.vectors().shape == (6, 32)
    assert manifest(folder)["model"] == "other"


@pytest.mark.parametrize(
    ("name", "kept"),
    [("vectors.npy", 0), ("words.npy", 0), ("words.npy.blocks", 0), ("word_ends.npy", 0), ("keys.npy", 0), ("catalogue.sqlite", 6)],
)
def test_a_damaged_index_is_built_anew(name: str, kept: int, small_corpus: Path, folder: Path, words: WordsEncoder) -> None:
    """Of the embeddings, what is whole is kept."""
    (generation(folder) / name).write_bytes(b"")
    built = indexed(small_corpus, words, folder)
    assert (built.reused, built.encoded) == (kept, 6 - kept)
    assert opened(folder, words).passages == built.index.passages


def test_clauses_that_read_alike_are_embedded_once(small_corpus: Path, tmp_path: Path, words: WordsEncoder) -> None:
    """Clause 1.1 stands in both schools: its views are embedded once, for two passages of two clauses."""
    index = indexed(small_corpus, words, tmp_path / "index").index
    assert len(words.seen) == len(set(words.seen)) == 9  # five sentences, four of which have headings
    assert [p.clause for p in index.passages if p.text == index.passages[1].text] == ["larch/phones#1.1", "maple/phones#1.1"]


def test_a_clause_that_forty_schools_share_is_embedded_once_and_stands_in_forty_places(words: WordsEncoder, tmp_path: Path) -> None:
    corpus = write(tmp_path / "forty", {f"school-{n:02}/phones.md": LARCH_PHONES for n in range(40)})
    built = indexed(corpus, words, tmp_path / "index")
    assert len(words.seen) == len(set(words.seen)) == 6  # three sentences, each with its heading and without
    assert len(built.index.passages) == 120
    assert {p.clause for p in built.index.passages if "locker" in p.text} == {f"school-{n:02}/phones#2.1" for n in range(40)}
    row = words.encode(["Staff. Staff keep their phones in a locker during lessons."])
    found = built.index.vectors.search(row, 40)
    assert {built.index.passages[at].school for at, _ in found} == {f"school-{n:02}" for n in range(40)}


def test_where_one_policy_of_a_hundred_changes_the_others_are_not_embedded_again(words: WordsEncoder, tmp_path: Path) -> None:
    policies = {f"larch/policy-{n}.md": f"# Policy {n}\n" + "".join(f"\n1.{i} Rule {i} of {n} holds.\n" for i in range(1, 6)) for n in range(100)}
    corpus = write(tmp_path / "hundred", policies)
    indexed(corpus, words, tmp_path / "index")
    words.seen.clear()
    write(corpus, {"larch/policy-7.md": policies["larch/policy-7.md"].replace("holds", "is void")})
    built = indexed(corpus, words, tmp_path / "index")
    assert (built.reused, built.encoded) == (495, 5)
    assert all("is void" in text for text in words.seen)


def test_what_a_build_that_was_stopped_had_embedded_is_not_embedded_again(
    small_corpus: Path, tmp_path: Path, words: WordsEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_STEP", 200)

    def stop(line: str, done: int, of: int) -> None:
        if line == "embedded 4 of 9":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(load_corpus(small_corpus, MAX_BYTES), words, tmp_path / "index", stop)  # type: ignore[arg-type]
    before = words.seen[:]
    assert len(before) == 4
    lines: list[str] = []
    build(load_corpus(small_corpus, MAX_BYTES), words, tmp_path / "index", lambda line, *_: lines.append(line))  # type: ignore[arg-type]
    assert lines[0] == "embedding 5 texts with words; a run that did not end embedded 4"
    assert len(words.seen) == len(set(words.seen)) == 9
    fresh = indexed(small_corpus, WordsEncoder(), tmp_path / "fresh").index
    index = opened(tmp_path / "index", words)
    assert np.array_equal(index.vectors.vectors(), fresh.vectors.vectors())
    assert held_words(index) == held_words(fresh)
    assert not (tmp_path / "index" / "journal").exists()


def test_nothing_of_a_policy_that_was_removed_lingers(small_corpus: Path, folder: Path, words: WordsEncoder) -> None:
    vector = words.encode(["No dog comes through the gate, except an assistance dog."])
    views = opened(folder, words).passages[0].views
    traces = [b"assistance dog", vector.tobytes(), key(words.digest, *views)]

    def found() -> list[bool]:
        data = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        return [any(trace in one for one in data) for trace in traces]

    assert found() == [True, True, True]
    (small_corpus / "larch" / "dogs.md").unlink()
    indexed(small_corpus, words, folder)
    assert found() == [False, False, False]


def test_an_index_of_another_format_gives_its_embeddings_to_the_next(
    small_corpus: Path, folder: Path, words: WordsEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (rooms, building):
        monkeypatch.setattr(room, "FORMAT", FORMAT + 1)
    built = indexed(small_corpus, words, folder)
    assert (built.reused, built.encoded) == (6, 0)


def test_an_index_that_stands_in_the_folder_itself_is_refused_and_gives_way(small_corpus: Path, folder: Path, words: WordsEncoder) -> None:
    """As version 3 had it."""
    old = write(folder.with_name("old"), dict.fromkeys(building._EARLIER, "[]"))
    found = {"format": 3, "model": "words", "model_digest": words.digest, "files": {}}
    (old / "manifest.json").write_text(json.dumps({**found, "checksum": checksum(found)}))
    with pytest.raises(IndexMismatch, match="found an index of format 3, expected 5; build it again with: clausewise index"):
        opened(old, words)
    indexed(small_corpus, words, old)
    assert sorted(p.name for p in old.iterdir()) == ["current", "generations", "lock"]
    assert opened(old, words).passages == opened(folder, words).passages


# the manifest


def test_the_manifest_says_what_it_was_built_from_and_by(small_corpus: Path, folder: Path, words: WordsEncoder) -> None:
    paths = {"larch/dogs": "larch/dogs.md", "larch/phones": "larch/phones.md", "maple/phones": "maple/phones.md"}
    found = manifest(folder)
    own_checksum_aside = {key: found[key] for key in ("format", "model", "model_digest", "documents", "counts", "files")}
    assert own_checksum_aside == {
        "format": FORMAT,
        "model": "words",
        "model_digest": words.digest,
        "documents": {i: hashlib.sha256((small_corpus / path).read_bytes()).hexdigest() for i, path in paths.items()},
        "counts": {"schools": 2, "documents": 3, "clauses": len(opened(folder, words).clauses), "passages": 6},
        "files": {
            path.name: {"size": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in generation(folder).iterdir()
            if path.name in FILES
        },
    }


def test_the_folder_holds_the_manifest_and_its_files_and_nothing_else(folder: Path) -> None:
    assert sorted(p.name for p in folder.iterdir()) == ["current", "generations", "lock"]
    assert [p.name for p in (folder / "generations").iterdir()] == ["000001"]
    assert sorted(p.name for p in generation(folder).iterdir()) == sorted([*FILES, "manifest.json"])
    assert sorted(p.name for p in folder.parent.iterdir() if "index" in p.name) == ["index"]


def test_the_manifest_is_written_last(small_corpus: Path, words: WordsEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[str, list[str]]] = []
    sync = durable.sync

    def spy(path: Path) -> None:
        sync(path)
        synced.append((path.name, sorted(p.name for p in path.parent.iterdir())))

    monkeypatch.setattr(durable, "sync", spy)
    indexed(small_corpus, words, tmp_path / "index")
    assert sorted(name for name, _ in synced) == list(FILES)
    assert all("manifest.json" not in there for _, there in synced)


@pytest.mark.parametrize("step", [(building, "_describe"), (building.Catalogue, "write"), (durable, "sync"), (durable, "write")])
def test_a_build_that_breaks_leaves_the_old_index(
    step: tuple[Any, str], small_corpus: Path, folder: Path, words: WordsEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = opened(folder, words)
    write(small_corpus, {"larch/cats.md": "# Cats Policy\n\nCats are welcome in the library.\n"})

    def broken(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(*step, broken)
    with pytest.raises(KeyboardInterrupt):
        indexed(small_corpus, words, folder)
    assert opened(folder, words).passages == old.passages


def full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_said_in_one_line_and_costs_nothing(
    small_corpus: Path, folder: Path, words: WordsEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = opened(folder, words)
    monkeypatch.setattr(durable, "sync", full)
    with pytest.raises(ClausewiseError) as raised:
        indexed(small_corpus, words, folder)
    assert str(folder) in str(raised.value)
    assert "No space left on device" in str(raised.value)
    assert opened(folder, words).passages == old.passages


def test_a_full_disk_leaves_nothing_half_written_in_the_index(
    small_corpus: Path, folder: Path, words: WordsEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "sync", full)
    with pytest.raises(ClausewiseError):
        indexed(small_corpus, words, folder)
    assert sorted(p.name for p in folder.iterdir()) == ["current", "generations", "lock"]
    assert [p.name for p in (folder / "generations").iterdir()] == ["000001"]


# damage and mismatch


def test_of_a_damaged_block_only_the_rows_are_embedded_again(
    small_corpus: Path, folder: Path, words: WordsEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "BLOCK", 256)  # a vector of 64 numbers, whose header takes half a block
    indexed(small_corpus, words, folder)
    path = generation(folder) / "vectors.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1  # of row 5, whose block holds half of row 4 too
    path.write_bytes(data[:])
    built = indexed(small_corpus, words, folder)
    assert (built.reused, built.encoded) == (5, 1)
    assert verify(folder) == []


def test_a_file_that_cannot_be_read_is_named_and_embedded_again(
    small_corpus: Path, folder: Path, words: WordsEncoder, refused: Callable[[str, int], None]
) -> None:
    refused("000001/keys.npy", errno.EIO)
    assert [fault.partition(";")[0] for fault in verify(folder)] == [f"{generation(folder) / 'keys.npy'}: cannot be read (Input/output error)"]
    built = indexed(small_corpus, words, folder)
    assert (built.reused, built.encoded) == (0, 6)


def test_every_file_that_is_damaged_is_named(folder: Path) -> None:
    assert verify(folder) == []
    cut(generation(folder) / "keys.npy")
    flipped(generation(folder) / "catalogue.sqlite")
    first, second = verify(folder)
    assert f"{generation(folder) / 'catalogue.sqlite'}: its bytes are not those that were written; {REMEDY}" == first
    assert f"{generation(folder) / 'keys.npy'}: found 313 bytes, expected 320; {REMEDY}" == second
    assert verify(folder.with_name("nowhere")) != []


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def lengthened(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


def used(index: Index) -> None:
    rows = range(len(index.words))
    for row in rows:
        index.words.codes(row)
    index.vectors.cosines(index.vectors.vectors(), rows)
    index.lexical.scores(index.lexical.terms(index.passages[0].text), rows)
    index.clause_numbers(np.asarray(rows))


@pytest.mark.parametrize("name", [name for name in FILES if name != "keys.npy"])  # which only a build reads
@pytest.mark.parametrize("harm", [Path.unlink, emptied, cut, flipped, lengthened])
def test_damage_to_a_file_is_named_with_its_remedy(name: str, harm: Any, small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    write(small_corpus, {"thesaurus.csv": HIVE})
    folder = tmp_path / "index"
    indexed(small_corpus, words, folder)
    harm(generation(folder) / name)
    with pytest.raises(DamagedIndex) as raised:
        used(opened(folder, words))
    message = str(raised.value)
    assert str(generation(folder) / name) in message
    assert REMEDY in message
    assert "\n" not in message


def test_no_bit_of_a_catalogue_can_flip_unseen(folder: Path) -> None:
    """In trees that SQLite searches by id, too, where a row that is lost looks like one that never was."""
    path = generation(folder) / "catalogue.sqlite"
    whole, chance = path.read_bytes(), random.Random(7)
    for _ in range(300):
        place, bit = chance.randrange(len(whole)), chance.randrange(8)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
        with pytest.raises(DamagedIndex, match=r"catalogue\.sqlite: its bytes are not those that were written"):
            load_texts(folder)
    path.write_bytes(whole)
    assert len(load_texts(folder).schools) == 2


def test_a_folder_in_a_file_s_place_is_damage(folder: Path, words: WordsEncoder) -> None:
    (generation(folder) / "catalogue.sqlite").unlink()
    (generation(folder) / "catalogue.sqlite").mkdir()
    with pytest.raises(DamagedIndex, match=r"catalogue\.sqlite"):
        opened(folder, words)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "null", "{}", '{"format": 1}', '{"format": 1, "model": "m", "model_digest": "d", "files": []}', "\0"]
)
def test_a_manifest_that_is_none_is_damage(text: str, folder: Path, words: WordsEncoder) -> None:
    (generation(folder) / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(DamagedIndex, match=r"manifest\.json") as raised:
        opened(folder, words)
    assert REMEDY in str(raised.value)


@pytest.mark.parametrize("name", ["catalogue.sqlite", "words.npy", "word_ends.npy", "bm25_rows.npy"])
def test_a_manifest_that_leaves_a_file_out_is_damage(name: str, folder: Path, words: WordsEncoder) -> None:
    found, kept = manifest(folder), snapshots.keep(folder, manifest(folder)["checksum"])
    del found["files"][name], found["checksum"]
    found["checksum"] = checksum(found)
    (kept / "manifest.json").write_text(json.dumps(found), "utf-8")
    with pytest.raises(DamagedIndex, match=r"manifest\.json"):
        opened(kept, words)


def test_any_byte_flipped_in_the_manifest_is_noticed(folder: Path, words: WordsEncoder) -> None:
    path = generation(folder) / "manifest.json"
    whole = path.read_bytes()
    unnoticed = []
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            opened(folder, words)
            unnoticed.append(place)
        except ClausewiseError:
            pass
    assert [whole[max(0, i - 30) : i + 10] for i in unnoticed[:3]] == []


def test_another_model_is_a_mismatch_that_names_both(folder: Path) -> None:
    with pytest.raises(IndexMismatch) as raised:
        opened(folder, WordsEncoder("other"))
    assert all(part in str(raised.value) for part in (str(folder), "words", "other", REMEDY))


def test_the_same_name_with_other_weights_is_a_mismatch(folder: Path) -> None:
    with pytest.raises(IndexMismatch):
        opened(folder, WordsEncoder("words", 128))


@pytest.mark.parametrize("found", [FORMAT + 1, 0, str(FORMAT)])
def test_another_format_is_a_mismatch_that_names_both(
    found: Any, folder: Path, words: WordsEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "FORMAT", found)
    with pytest.raises(IndexMismatch) as raised:
        opened(folder, words)
    assert all(part in str(raised.value) for part in (str(folder), f"found an index of format {FORMAT}, expected {found}", REMEDY))


@pytest.mark.parametrize("name", ["nowhere", "deep/nowhere", "empty"])
def test_a_missing_index_says_how_to_make_one(name: str, words: WordsEncoder, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingIndex) as raised:
        opened(tmp_path / name, words)
    assert str(tmp_path / name) in str(raised.value)
    assert f"clausewise index --corpus DIR --index {tmp_path / name}" in str(raised.value)


# what is never replaced


def test_a_folder_that_holds_other_things_is_never_replaced(small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    home = write(tmp_path / "documents", {"letter.txt": "Dear Ms Birch", "deep/photo.txt": "a picture"})
    with pytest.raises(IndexMismatch) as raised:
        indexed(small_corpus, words, home)
    assert str(home) in str(raised.value)
    assert "deep" in str(raised.value)
    assert "--index" in str(raised.value)
    assert (home / "letter.txt").read_text() == "Dear Ms Birch"
    assert (home / "deep" / "photo.txt").read_text() == "a picture"
    assert words.seen == []  # refused before any work


def test_an_index_with_one_strange_file_in_it_is_not_replaced(small_corpus: Path, folder: Path, words: WordsEncoder) -> None:
    write(folder, {"notes.txt": "keep me"})
    with pytest.raises(IndexMismatch, match=r"notes\.txt"):
        indexed(small_corpus, words, folder)
    assert (folder / "notes.txt").read_text() == "keep me"
    assert len(opened(folder, words).passages) == 6


def test_a_file_is_not_replaced(small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    write(tmp_path, {"index.txt": "mine"})
    with pytest.raises(IndexMismatch, match="found a file"):
        indexed(small_corpus, words, tmp_path / "index.txt")
    assert (tmp_path / "index.txt").read_text() == "mine"


def test_an_empty_folder_is_used(small_corpus: Path, words: WordsEncoder, tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    indexed(small_corpus, words, tmp_path / "index")
    assert len(opened(tmp_path / "index", words).passages) == 6


def test_the_working_directory_can_hold_the_index(
    small_corpus: Path, words: WordsEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    indexed(small_corpus, words, Path())
    assert len(opened(tmp_path / "here", words).passages) == 6


# versions


OLD = "# Dogs Policy\n\nApproved: 3 May 2019\n\n1.1 Dogs may come in on Fridays.\n"
NEW = "# Dogs Policy\n\nApproved: 4 June 2024\n\n1.1 Dogs stay outside the gate.\n"


def test_a_superseded_document_is_kept_but_has_no_passages(words: WordsEncoder, tmp_path: Path) -> None:
    corpus = write(tmp_path / "versions", {"larch/a-dogs-2019.md": OLD, "larch/b-dogs.md": NEW})
    index = indexed(corpus, words, tmp_path / "index").index
    assert index.document["larch/a-dogs-2019"].superseded_by == "larch/b-dogs"
    assert index.document["larch/b-dogs"].superseded_by is None
    assert "larch/a-dogs-2019#1.1" in index.clause
    assert {p.document for p in index.passages} == {"larch/b-dogs"}
    assert [p.row for p in index.passages] == list(range(len(index.passages)))
    assert "larch/a-dogs-2019" in index.manifest["documents"]


def test_the_sample_s_superseded_version_has_no_passages(sample: Any) -> None:
    old = sample.index.document["gannet-point/social-media-policy-2022"]
    assert old.superseded_by == "gannet-point/social-media-policy"
    assert [p for p in sample.index.passages if p.document == old.id] == []
    assert [c for c in sample.index.clauses if c.document == old.id and c.answers] != []


def test_every_span_of_the_sample_index_lies_in_its_document(sample: Any) -> None:
    for passage in sample.index.passages:
        clause, text = sample.index.clause[passage.clause], sample.index.document[passage.document].text
        assert clause.body.start <= passage.span.start < passage.span.end <= clause.body.end <= len(text)
        assert passage.span == Span(passage.span.start, passage.span.start + len(passage.span.of(text)))
        assert clause.document == passage.document
        assert clause.school == passage.school
