"""Which passages a question finds: filtered by school first, fused by the stated sum, one hit per clause, in a total order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from conftest import WordsEncoder

from clausewise.index import Index
from clausewise.lexical import LexicalIndex
from clausewise.retrieval import Mix, Query, Retriever
from clausewise.settings import Settings
from clausewise.thesaurus import Thesaurus
from clausewise.types import Hit

PHONES = "must pupils hand their phones to the office?"


@pytest.fixture
def retriever(small_index: Index, words: WordsEncoder) -> Retriever:
    return Retriever(small_index, words, Settings())  # type: ignore[arg-type]


def clauses(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.clause for hit in hits]


def test_a_query_holds_a_vector_its_words_and_its_stems(retriever: Retriever, small_index: Index, words: WordsEncoder) -> None:
    words.seen.clear()
    query = retriever.prepare(PHONES)
    assert words.seen == [PHONES]  # once, for both
    vector, (asked,) = words.encode_words([PHONES])
    assert np.array_equal(query.vector, vector)
    assert np.array_equal(query.words.vectors, asked.vectors)
    assert query.words.weights.tolist() == asked.weights.tolist()
    assert query.terms == small_index.lexical.terms(Thesaurus.extended(()).expand(PHONES)) != ()


def test_the_thesaurus_is_for_bm25_alone(make_index: Callable[..., Index], words: WordsEncoder) -> None:
    """ "The hive" is this corpus' word for its learning platform; the question's vector and words stay the asker's own."""
    files = {
        "larch/it.md": "# IT Policy\n\n1.1 The learning platform closes at night.\n\n1.2 Bees are kept behind the hall.\n",
        "thesaurus.csv": "said,means,kind\nthe hive,learning platform,platform\n",
    }
    index = make_index(files)
    with_it = Retriever(index, words, Settings()).prepare("is the hive open")  # type: ignore[arg-type]
    without = Retriever(index, words, Settings(), Mix(thesaurus=False)).prepare("is the hive open")  # type: ignore[arg-type]
    assert with_it.terms == index.lexical.terms("is the hive open learning platform")
    found = index.lexical.scores(with_it.terms, range(2))
    assert found[0] > found[1] == 0
    assert without.terms == ()
    assert np.array_equal(with_it.vector, without.vector)
    assert np.array_equal(with_it.words.vectors, without.words.vectors)
    assert with_it.text == "is the hive open"


def test_only_the_rows_asked_for_are_found(retriever: Retriever, small_index: Index) -> None:
    query = retriever.prepare(PHONES)
    for school, first in (("larch", "larch/phones#1.1"), ("maple", "maple/phones#1.1")):
        hits = retriever.hits(query, small_index.rows[school])
        assert {hit.passage.school for hit in hits} == {school}
        assert hits[0].passage.clause == first


def test_the_school_filter_comes_before_the_search(make_index: Callable[..., Index], words: WordsEncoder) -> None:
    """Forty passages of a large school fit better; the small one is not crowded out of three candidates."""
    large = "# Phone Policy\n\n" + "\n\n".join(f"{n}.1 Phones and phones and phones, rule {n}." for n in range(1, 41))
    index = make_index({"large/phones.md": large, "small/gate.md": "# Gate Policy\n\nKeep phones away from the gate after the bell."})
    hits = Retriever(index, words, Settings(candidates=3)).hits(  # type: ignore[arg-type]
        Retriever(index, words, Settings()).prepare("phones"),
        index.rows["small"],  # type: ignore[arg-type]
    )
    assert [hit.passage.school for hit in hits] == ["small"]
    assert hits[0].ranks == {"dense": 1, "lexical": 1}


def test_no_rows_no_hits(retriever: Retriever) -> None:
    assert retriever.hits(retriever.prepare(PHONES), []) == []


def test_more_candidates_than_rows_give_each_row_once(retriever: Retriever, small_index: Index) -> None:
    hits = retriever.hits(retriever.prepare(PHONES), range(6))
    assert sorted(hit.passage.row for hit in hits) == [0, 1, 2, 3, 4, 5]


def test_the_score_is_the_stated_sum(retriever: Retriever, small_index: Index) -> None:
    """(cosine + late share * late) / (1 + late share) + lexical share * bm25 / (bm25 + 6), whatever the ranks."""
    query = retriever.prepare(PHONES)
    cosines = small_index.vectors.vectors() @ query.vector[0]
    late = small_index.words.best(query.words, range(6)) @ query.words.weights
    lexical = small_index.lexical.scores(query.terms, range(6))
    hits = retriever.hits(query, range(6))
    mix = Mix()
    for hit in hits:
        row, bm25 = hit.passage.row, float(lexical[hit.passage.row])
        assert hit.dense == pytest.approx(float(cosines[row]), abs=1e-6)
        assert hit.lexical == pytest.approx(bm25 / (bm25 + 6))
        assert hit.late == pytest.approx(float(late[row]), abs=1e-6)
        near = (float(cosines[row]) + mix.late * float(late[row])) / (1 + mix.late)
        assert hit.score == pytest.approx(near + mix.lexical * bm25 / (bm25 + 6), abs=1e-6)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.parametrize(
    ("mix", "score"),
    [
        (Mix(late=0, lexical=0), 0.4),
        (Mix(late=1, lexical=0), 0.6),  # (0.4 + 0.8) / 2
        (Mix(late=3, lexical=0.2), 0.8),  # (0.4 + 3 * 0.8) / 4 + 0.2 * 6 / 12
    ],
)
def test_the_sum_by_hand(mix: Mix, score: float) -> None:
    """Cosine 0.4, late interaction 0.8, BM25 6."""
    assert mix.score(np.array([0.4]), np.array([0.8]), np.array([0.5])).tolist() == [pytest.approx(score)]


def test_late_interaction_is_the_share_of_the_question_s_words_that_stand_in_the_passage(retriever: Retriever) -> None:
    """As the stand-in's words are alike or have nothing in common: "smart watches in lessons" shares two of four with one clause."""
    query = retriever.prepare("smart watches in lessons")
    late = {hit.passage.clause: hit.late for hit in retriever.hits(query, range(6))}
    assert late["maple/phones#1.2"] == pytest.approx(0.5)
    assert late["larch/phones#2.1"] == pytest.approx(0.5)


def test_ranks_are_those_of_each_single_ranking(retriever: Retriever, small_index: Index) -> None:
    query = retriever.prepare("smart watches")
    hits = {hit.passage.clause: hit for hit in retriever.hits(query, small_index.rows["maple"])}
    assert hits["maple/phones#1.2"].ranks == {"dense": 1, "lexical": 1}
    assert hits["maple/phones#1.1"].ranks == {"dense": 2}
    assert hits["maple/phones#1.1"].lexical == 0


def test_a_row_that_only_bm25_brings_in_gets_its_cosine_all_the_same(small_index: Index, words: WordsEncoder) -> None:
    alone = LexicalIndex(np.array([6], np.float32), np.array([3], np.int32), np.array([0, 1]), {"stem": 0}.get)  # 6 in row 3
    retriever = Retriever(replace(small_index, lexical=alone), words, Settings(candidates=1))  # type: ignore[arg-type]
    vector = small_index.vectors.vectors()[1:2]  # of larch's clause 1.1
    (own,) = words.encode_words([small_index.passages[1].text])[1]
    hits = retriever.hits(Query("made", vector, own, (0,)), range(6))
    found = {hit.passage.row: hit for hit in hits}
    assert sorted(found) == [1, 3]
    assert found[3].ranks == {"lexical": 1}
    assert found[3].dense == pytest.approx(float(small_index.vectors.vectors()[3] @ vector[0]), abs=1e-6)
    assert (found[1].late, found[3].late) == (pytest.approx(1), pytest.approx(3 / 11))  # "their", "phones", and a word with the same hash
    mix = Mix()
    near = (found[3].dense + mix.late * found[3].late) / (1 + mix.late)
    assert found[3].score == pytest.approx(near + mix.lexical * 0.5)


def test_identical_clauses_of_two_schools_stay_two_and_tie_by_row(retriever: Retriever) -> None:
    hits = retriever.hits(retriever.prepare("Pupils. Pupils must hand their phones to the office each morning."), range(6)).per_clause()
    assert clauses(hits)[:2] == ["larch/phones#1.1", "maple/phones#1.1"]
    assert hits[0].score == hits[1].score
    assert hits[0].passage.row < hits[1].passage.row


def test_rows_given_in_another_order_find_the_same(retriever: Retriever) -> None:
    query = retriever.prepare(PHONES)
    assert retriever.hits(query, [5, 1, 4, 0, 3, 2]) == retriever.hits(query, range(6))


def test_sentences_of_one_clause_are_one_hit(make_index: Callable[..., Index], words: WordsEncoder) -> None:
    text = "# Dogs Policy\n\n1.1 Dogs stay outside. Dogs that assist may come in. Ask the office about dogs.\n\n1.2 Cats may stay.\n"
    index = make_index({"larch/dogs.md": text})
    retriever = Retriever(index, words, Settings())  # type: ignore[arg-type]
    hits = retriever.hits(retriever.prepare("Dogs that assist may come in."), index.rows["larch"])
    assert len(hits) == 4
    once = hits.per_clause()
    assert clauses(once) == ["larch/dogs#1.1", "larch/dogs#1.2"]
    assert once[0].passage.span.of(index.document["larch/dogs"].text) == "Dogs that assist may come in."


def test_per_clause_of_nothing_is_nothing(retriever: Retriever) -> None:
    assert retriever.hits(retriever.prepare(PHONES), []).per_clause() == []


# several queries as one


def by_hand(retriever: Retriever, queries: list[Query], rows: list[int]) -> dict[str, tuple[float, float]]:
    """Clause -> mean score and mean late interaction of its best passage for each query."""
    best = [{hit.passage.clause: hit for hit in retriever.hits(query, rows).per_clause()} for query in queries]
    return {
        clause: tuple(float(np.mean([getattr(found[clause], name) for found in best])) for name in ("score", "late"))  # type: ignore[misc]
        for clause in best[0]
    }


def test_queries_are_fused_by_the_mean_of_each_clause_s_best(retriever: Retriever, small_index: Index) -> None:
    queries = retriever.prepare_all([PHONES, "smart watches", "a locker during lessons"])
    for school, rows in small_index.rows.items():
        wanted = by_hand(retriever, queries, rows)
        found = retriever.fused(queries, rows, 50)
        assert {hit.passage.clause: (hit.score, hit.late) for hit in found} == {
            clause: (pytest.approx(score), pytest.approx(late)) for clause, (score, late) in wanted.items()
        }
        assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
        assert {hit.passage.school for hit in found} == {school}
        assert retriever.fused(queries, rows, 2) == found[:2]


def test_a_clause_is_shown_by_the_passage_that_one_query_comes_nearest_to(make_index: Callable[..., Index], words: WordsEncoder) -> None:
    text = "# Dogs Policy\n\n1.1 Dogs stay outside. Dogs that assist may come in. Ask the office about dogs.\n\n1.2 Cats may stay.\n"
    index = make_index({"larch/dogs.md": text})
    retriever = Retriever(index, words, Settings())  # type: ignore[arg-type]
    queries = retriever.prepare_all(["dogs", "Dogs that assist may come in."])
    first = retriever.fused(queries, index.rows["larch"], 1)[0]
    assert first.passage.span.of(index.document["larch/dogs"].text) == "Dogs that assist may come in."


def test_one_query_fused_is_that_query_s_clauses(retriever: Retriever, small_index: Index) -> None:
    query = retriever.prepare(PHONES)
    alone, fused = retriever.hits(query, range(6)).per_clause(), retriever.fused([query], range(6), 50)
    assert [(hit.passage.row, hit.score) for hit in fused] == [(hit.passage.row, hit.score) for hit in alone]


def test_queries_of_a_school_without_passages_find_nothing(retriever: Retriever) -> None:
    assert retriever.fused(retriever.prepare_all([PHONES]), [], 5) == []


def test_texts_prepared_together_are_as_if_prepared_alone(retriever: Retriever) -> None:
    """The stand-in encodes each text by itself, so to the bit; a real model rounds otherwise in a batch."""
    for alone, together in zip(map(retriever.prepare, (PHONES, "watches")), retriever.prepare_all([PHONES, "watches"]), strict=True):
        assert np.array_equal(alone.vector, together.vector)
        assert np.array_equal(alone.words.vectors, together.words.vectors)
        assert alone.terms == together.terms


def test_what_any_of_several_queries_comes_near_is_a_candidate(small_index: Index, words: WordsEncoder) -> None:
    """With one candidate a ranking: each query's nearest passage by vector and by BM25, and no other."""
    retriever = Retriever(small_index, words, Settings(candidates=1))  # type: ignore[arg-type]
    queries = retriever.prepare_all(["hand their phones to the office", "smart watches count", "a locker during lessons"])
    wanted = {hit.passage.clause for query in queries for hit in retriever.hits(query, range(6))}
    assert len(wanted) >= 3
    assert {hit.passage.clause for hit in retriever.fused(queries, range(6), 50)} == wanted
