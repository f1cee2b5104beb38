"""The passages that may be the best of their schools, and that one of them is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from conftest import WordsEncoder

from clausewise.assistant import Assistant
from clausewise.background import MOST, likely
from clausewise.index import Index
from clausewise.retrieval import Retriever
from clausewise.settings import Settings

RULES = MOST + 20


@pytest.fixture
def index(make_index: Callable[..., Index]) -> Index:
    """Larch has more rules than are looked at, those with "phones" last; ash and yew have few; elm has none."""
    larch = "\n\n".join(f"{n}.1 {'Dogs stay' if n <= 20 else 'Phones'} at home on day {n}." for n in range(1, RULES + 1))
    files = {"larch/p.md": f"# Phone Policy\n\n{larch}\n", "yew/p.md": "# Phone Policy\n\n1.1 Phones ring.\n\n2.1 Cats may stay.\n"}
    return make_index({"ash/p.md": "# Dogs Policy\n\n1.1 Dogs come on a lead.\n", "elm/p.md": "", **files})


@pytest.fixture
def retriever(index: Index, words: WordsEncoder) -> Retriever:
    return Retriever(index, words, Settings(candidates=10_000))  # type: ignore[arg-type]


def test_of_a_school_the_highest_are_looked_at_and_of_a_small_one_all(index: Index, retriever: Retriever) -> None:
    query = retriever.prepare("phones at home")
    schools = [index.rows["larch"], index.rows["yew"]]
    found = likely(index, query.vector, query.terms, schools, lambda near: near.bm25[0])
    assert np.array_equal(found.rows[-2:], index.rows["yew"])
    assert [index.rows["larch"].index(row) for row in found.rows[:-2].tolist()] == list(range(20, RULES))[-MOST:]
    whole = np.stack([index.lexical.scores(query.terms, range(len(index.passages)))])
    assert found.bm25.tolist() == whole[:, found.rows].tolist()
    assert found.cosines[0] == pytest.approx((index.vectors.vectors() @ query.vector[0])[found.rows], abs=1e-6)


def test_schools_need_not_stand_side_by_side(index: Index, retriever: Retriever) -> None:
    query = retriever.prepare("dogs")
    apart = likely(index, query.vector, query.terms, [index.rows["ash"], index.rows["yew"]], lambda near: near.cosines[0])
    assert apart.rows.tolist() == [*index.rows["ash"], *index.rows["yew"]]


@pytest.mark.parametrize("question", ["phones at home on day 60", "dogs on a lead", "may cats stay", "zeppelins"])
def test_the_first_of_a_school_is_its_best_hit(index: Index, retriever: Retriever, question: str) -> None:
    query = retriever.prepare(question)
    firsts = retriever.firsts(query, index.rows)
    assert firsts.keys() == {"ash", "larch", "yew"}
    for school, first in firsts.items():
        best = retriever.hits(query, index.rows[school])[0]
        assert (first.passage, first.score) == (best.passage, pytest.approx(best.score))
    assert retriever.firsts(query, {"elm": index.rows.get("elm", range(0))}) == {}


def test_the_firsts_of_the_sample_are_its_best_hits(sample: Assistant) -> None:
    for question in ("May staff accept friend requests from pupils?", "What if my phone rings?", "How much is lunch?", "who checks the filters"):
        query = sample.retriever.prepare(question)
        firsts = sample.retriever.firsts(query, sample.index.rows)
        for school, rows in sample.index.rows.items():
            best = sample.retriever.hits(query, rows, len(rows))[0]
            assert (firsts[school].passage, firsts[school].score) == (best.passage, pytest.approx(best.score))
