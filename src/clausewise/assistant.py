"""The facade: search, ask, compare. The only place where the parts are wired together."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapidfuzz import process

from clausewise import safeguarding
from clausewise.answering import answer, quote, surety, unmentioned
from clausewise.catalogue.lazy import ById
from clausewise.clarifying import Clarifier
from clausewise.comparison.matrix import DEPTH, THRESHOLD, UNMENTIONED, Cell, Matrix, confidence
from clausewise.comparison.positions import Comparison
from clausewise.conversation import Scope, Understood, understand
from clausewise.embeddings import Encoder, Vectors
from clausewise.errors import BadQuestion, UnknownSchool
from clausewise.index import Index, load
from clausewise.naming import Names
from clausewise.quoting import verified
from clausewise.references import named
from clausewise.reranking import Reranker
from clausewise.retrieval import Query, Retriever
from clausewise.settings import DEFAULT_INDEX, Settings
from clausewise.types import Answer, Concern, Document, Hit, Quote, Reply, School
from clausewise.vectors import joined

if TYPE_CHECKING:
    from clausewise.comparison.topics import Topic


Tell = Callable[[int], None]  # takes how many parts of some work are done
MOST = 50  # schools that a question is answered for which is asked of every school


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question as understood, and the schools looked at: those that it is asked of, and after them some to compare with.

    `best`: for each the best hit of each of its clauses, in order; made when it is asked for. `first`: the first of these, of
    those to compare with and of as many of those asked as one is judged against, that have any. `vector`: the question's, (1, d).
    """

    understood: Understood
    best: Mapping[str, Sequence[Hit]]
    first: Mapping[str, Hit]
    vector: Vectors

    @property
    def beside(self) -> list[str]:
        """The schools that it is compared with and that have any passage."""
        return [school for school in self.first if school not in self.understood.schools]

    def elsewhere(self, school: str, most: int) -> list[float]:
        """The best score of each other school, of the first `most` of them: a school costs the same however many there are."""
        return list(islice((hit.score for other, hit in self.first.items() if other != school), most))


class Assistant:
    """Answers questions over one index, given open or by its folder; the model is read at the first question.

    `encoder`: an open one of the settings' model, whose weights are then not read a second time.
    """

    def __init__(self, index: Path | str | Index = DEFAULT_INDEX, settings: Settings | None = None, encoder: Encoder | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self.encoder = encoder or Encoder(self.settings.model)
        self.index = index if isinstance(index, Index) else load(Path(index), self.encoder)
        self.retriever = Retriever(self.index, self.encoder, self.settings)
        self._reranker = Reranker(self.settings.reranker) if self.settings.reranker else None
        self._school = {school.id: school for school in self.index.schools}
        self._risks = cache(partial(self.retriever.prepare_all, safeguarding.SEARCHES))
        self.names = Names(self.index.schools)
        self._clarifier = Clarifier(self.index, self.names, self._nearest)

    @property
    def schools(self) -> tuple[School, ...]:
        return self.index.schools

    @property
    def documents(self) -> Sequence[Document]:
        return self.index.documents

    def within(self, schools: Collection[str]) -> Assistant:
        """The same over these schools alone: it lists, searches and quotes nothing of another. It shares what is in memory.

        It does not refer to the whole, which may be let go of with what is kept of it.
        """
        view = copy(self)
        view.index = self.index.within(schools)
        view._school = {school.id: school for school in view.schools}
        view.names = Names(view.schools)
        view._clarifier = Clarifier(view.index, view.names, view._nearest)
        return view

    def ask(self, question: str, schools: Sequence[str] | None = None, history: Sequence[str] = ()) -> Reply:
        """Answer `question`: one answer for each school in scope. `schools`: ids; None means every school.

        Of more than MOST schools those that come nearest to it answer, and those that say most stand first.
        Raises BadQuestion for an empty question and UnknownSchool, with the nearest names, for an id that is not there.
        """
        return self.reply(question, self.rank(question, schools, history))

    def reply(self, question: str, ranked: Ranked) -> Reply:
        """What `ask` answers to a question whose clauses are ranked."""
        understood = ranked.understood
        back = self._clarifier.clarification(question, understood, ranked.best)
        answers, concerns = self._answers(ranked), self._concerns(question, ranked)
        if understood.scope.source == "nearest":
            answers = tuple(sorted(answers, key=lambda answer: (answer.status != "answered", -answer.confidence)))
        schools = tuple(answer.school for answer in answers)
        return Reply(question, understood.standalone, schools, answers, understood.scope.source, back, concerns)

    def at_risk(self, text: str) -> bool:
        """Whether `text` reads as if somebody, most often a child, may be at risk."""
        return bool(text) and self._at_risk(text, self.encoder.encode([text]))

    def _at_risk(self, text: str, vector: Vectors) -> bool:
        """`vector`: of `text`, (1, d)."""
        return safeguarding.at_risk(text, vector[0].tolist() if safeguarding.knows(self.encoder.digest) else None)

    def _concerns(self, question: str, ranked: Ranked) -> tuple[Concern, ...]:
        """A turn that tells of a risk is looked at by itself too: a follow-up to it could drown it, and be kept with it."""
        understood = ranked.understood
        parts = (question.strip(), understood.standalone.removesuffix(question.strip()).strip())
        leaning = parts if parts[1] else ()
        if not self._at_risk(understood.standalone, ranked.vector) and not any(map(self.at_risk, leaning)):
            return ()
        return tuple(self._concern(self._school[school], self._risks()) for school in understood.schools)

    def _concern(self, school: School, queries: Sequence[Query]) -> Concern:
        """Whom to tell, with the nearest of the school's clauses that says so."""
        near = self.retriever.fused(queries, self.index.rows[school.id], DEPTH)
        quotes = (quote(self.index, hit.passage, hit.score) for hit in near if hit.score >= safeguarding.NEAR)
        told = next((found for found in quotes if safeguarding.directs(found.text)), None)
        return Concern(school.id, school.name, school.contacts.get("safeguarding_lead"), told)

    def _answers(self, ranked: Ranked, tell: Tell = lambda _: None) -> tuple[Answer, ...]:
        answers = []
        for done, school in enumerate(ranked.understood.schools, start=1):
            answers.append(self._answer(school, ranked))
            tell(done)
        if all(found.status == "answered" for found in answers):
            return tuple(answers)
        cover = self._cover(ranked)
        return tuple(replace(found, covered_by=cover) if found.status == "not_covered" else found for found in answers)

    def _cover(self, ranked: Ranked) -> tuple[str, ...]:
        """The schools beside those asked that answer the question, the surest first."""
        search, sure = ranked.understood.search, dict[str, float]()
        for school in ranked.beside:
            best = ranked.best[school] if named(search) else [ranked.first[school]]
            found = surety(best, ranked.elsewhere(school, self.settings.background), search, self.settings)
            sure |= {} if found is None else {school: found}
        return tuple(sorted(sure, key=lambda school: -sure[school]))

    def _answer(self, school: str, ranked: Ranked) -> Answer:
        others = ranked.elsewhere(school, self.settings.background)
        return self._verified(
            answer(self.index, self._school[school], ranked.best[school], others, ranked.understood.search, self.settings)
        )

    def _verified(self, found: Answer) -> Answer:
        """Raises QuoteMismatch where a quote is not what its document says."""
        verified({"answers": [found.as_dict()]}, self.index)
        return found

    def rank(self, question: str, schools: Sequence[str] | None = None, history: Sequence[str] = ()) -> Ranked:
        """What `ask` answers from: the clauses of each school in scope, and of some others to compare with, ranked."""
        self._check(question, schools, history)
        return self._rank(understand(question, history, schools and list(dict.fromkeys(schools)), self.names))

    def _rank(self, understood: Understood) -> Ranked:
        query = self.retriever.prepare(understood.search)
        if understood.scope.source == "every" and len(understood.schools) > MOST:
            near = self.retriever.nearest_schools(query, self.index.rows, MOST)
            understood = replace(understood, scope=replace(understood.scope, schools=near, source="nearest"))
        others = [s.id for s in self.schools if s.id not in understood.schools][: self.settings.background]
        best = self._ranked(query, (*understood.schools, *others))
        judging = islice((school for school in understood.schools if best[school]), self.settings.background + 1)
        first = {school: best[school][0] for school in judging}
        return Ranked(understood, best, first | self._firsts(query, best, others), query.vector)

    def _firsts(self, query: Query, best: Mapping[str, Sequence[Hit]], schools: Sequence[str]) -> dict[str, Hit]:
        """Of each of `schools` that has any the first hit of `best`, which is made only where a reranker could put another first."""
        if self._reranker:
            return {school: best[school][0] for school in schools if best[school]}
        found = self.retriever.firsts(query, {school: self.index.rows[school] for school in schools})
        return {school: found[school] for school in schools if school in found}

    def _nearest(self, question: str, schools: Sequence[str]) -> Mapping[str, Sequence[Hit]]:
        """The ranked clauses of just these schools, or of those of them that the question names."""
        understood = understand(question, (), schools, self.names)
        return self._ranked(self.retriever.prepare(understood.search), understood.schools)

    def _ranked(self, query: Query, schools: Sequence[str]) -> Mapping[str, Sequence[Hit]]:
        """The clauses of each of `schools`, ranked when they are asked for."""
        rank = cache(lambda school: self._best(query, school) if school in schools else None)
        return ById(rank, lambda: iter(schools), lambda: len(schools))

    def _best(self, query: Query, school: str) -> Sequence[Hit]:
        """Of a question that names a clause by number every passage is ranked: that clause need not come near its words."""
        rows = self.index.rows[school]
        found = self.retriever.hits(query, rows, len(rows) if named(query.text) else 0).per_clause()
        return self._reranker.reorder(query.text, found) if self._reranker else found

    def search(self, query: str, schools: Sequence[str] | None = None, k: int = 10) -> list[Quote]:
        """The `k` clauses nearest to `query`, best first, each with its best passage as the quote."""
        self._check(query, schools)
        rows = joined(self.index.rows[school] for school in dict.fromkeys(schools or self.index.rows))
        hits = self.retriever.hits(self.retriever.prepare(query), rows, 10 * k).per_clause()
        return [quote(self.index, hit.passage, hit.score) for hit in hits[:k]]

    def ask_line(self, line: str) -> dict[str, Any]:
        """Answer a question line of the contract with an answer line; raises as `ask` does."""
        case, question, schools, history = parse_line(line)
        return self.ask(question, schools, history).as_dict(case)

    def search_line(self, line: str, k: int = 10) -> dict[str, Any]:
        """Answer a question line with the ranked clauses."""
        case, query, schools, _ = parse_line(line)
        return {"id": case, "query": query, "results": [quote.as_dict() for quote in self.search(query, schools, k)]}

    def compare(self, topic: str, schools: Sequence[str] | None = None, tell: Tell = lambda _: None) -> Comparison:
        """Where each of `schools` (None: every school) stands on `topic`.

        `tell` is told how many schools are done; what it raises ends the work.
        """
        self._check(topic, schools)
        scope = tuple(dict.fromkeys(schools or (school.id for school in self.schools)))
        understood = replace(understand(topic, (), scope, self.names), scope=Scope(scope, "asked"))  # a name in the topic narrows nothing
        return Comparison(topic, self._answers(self._rank(understood), tell))

    def matrix(self, topics: Sequence[Topic], schools: Sequence[str] | None = None, tell: Tell = lambda _: None) -> Matrix:
        """What each of `schools` (None: every school) says to each topic; raises UnknownSchool as `ask` does.

        `tell` is told how many topics are done; what it raises ends the work.
        """
        self._check("topics", schools)
        scope = tuple(dict.fromkeys(schools or self._school))
        cells: dict[tuple[str, str], Cell] = {}
        for done, topic in enumerate(topics, start=1):
            cells |= {(topic.id, answer.school): Cell(topic, answer) for answer in self._positions(topic, scope)}
            tell(done)
        return Matrix(tuple(topics), tuple(self._school[school] for school in scope), cells)

    def _positions(self, topic: Topic, scope: Sequence[str]) -> Iterator[Answer]:
        settings = self.settings if self.settings.threshold is not None else replace(self.settings, threshold=THRESHOLD)
        for school, near in self.topic_hits(topic, scope):
            best = [hit for hit in near if topic.counts(hit.passage)]
            if best:
                found = answer(self.index, self._school[school], best, (), topic.questions[0], settings, confidence(best[0]))
            else:
                found = unmentioned(self.index, self._school[school], near, 1 - UNMENTIONED, settings)
            yield self._verified(found)

    def topic_hits(self, topic: Topic, scope: Sequence[str]) -> Iterator[tuple[str, list[Hit]]]:
        """Each school of `scope` with its clauses that come nearest to `topic`, each as a hit, in order."""
        queries = self.retriever.prepare_all(topic.searches)
        return ((school, self.retriever.fused(queries, self.index.rows[school], DEPTH)) for school in scope)

    def _check(self, question: str, schools: Sequence[str] | None, history: Sequence[str] = ()) -> None:
        if not any(char.isalnum() for char in question):
            raise BadQuestion("the question is empty; expected a sentence or a few words to look for")
        if any("\ud800" <= char <= "\udfff" for text in (question, *history) for char in text):
            raise BadQuestion("the question holds half of a character (a lone surrogate); expected whole Unicode text")
        for school in schools or ():
            if school not in self._school:
                raise UnknownSchool(self._unknown(school))

    def _unknown(self, school: str) -> str:
        names = {s.id: f"{s.id} {s.name}".lower() for s in self.schools}
        near = [found[2] for found in process.extract(school.lower(), names, limit=3)]
        return f"found no school {school!r} in the index; the nearest are: {', '.join(near)}; name one by its id"


def parse_line(line: str) -> tuple[Any, str, list[str] | None, list[str]]:
    """A question line -> id, question, schools (None: all), history. Raises BadQuestion saying what is wrong."""
    try:
        found = json.loads(line)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadQuestion("found half of a character (a lone surrogate, or bytes that are not UTF-8); expected whole text") from None
    except (ValueError, RecursionError) as error:
        raise BadQuestion(f"found a line that is not JSON ({error}); expected an object with a question") from None
    if not isinstance(found, dict) or not isinstance(found.get("question"), str):
        raise BadQuestion('found no question; expected an object such as {"id": "q1", "question": "...", "school": null, "history": []}')
    school, history = found.get("school"), found.get("history")
    if not (school is None or (isinstance(school, str) and school)):
        raise BadQuestion(f"school: found {json.dumps(school)}; expected a school's id, or null for every school")
    if not (history is None or (isinstance(history, list) and all(isinstance(turn, str) for turn in history))):
        raise BadQuestion("history: expected a list of the earlier user turns, each a string")
    return found.get("id"), found["question"], (None if school is None else [school]), history or []
