"""Sets of questions with known clauses, each as an index of the product and questions over it.

A set is a corpus and a suite of ours, the public gold questions, held-out folders of the training questions, or one of
the public sets in ../shared/data. What is not there is left out, with a line that says so.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "training"), str(SHARED / "evals")]

from questions import load_folders, load_public, query_text, unit_text  # noqa: E402

from clausewise.assistant import Assistant, Ranked  # noqa: E402
from clausewise.clauses import parse  # noqa: E402
from clausewise.conversation import understand  # noqa: E402
from clausewise.documents import load_corpus  # noqa: E402
from clausewise.embeddings import Encoder  # noqa: E402
from clausewise.index import Index  # noqa: E402
from clausewise.late import WordIndex, encode  # noqa: E402
from clausewise.naming import Names  # noqa: E402
from clausewise.passages import passages as split  # noqa: E402
from clausewise.settings import Settings  # noqa: E402
from clausewise.types import Answer, Clause, Document, Passage, School, Span  # noqa: E402
from clausewise.vectors import VectorIndex  # noqa: E402


@dataclass(frozen=True)
class Question:
    """`right`: the clauses of `school` that answer it; none: the school is silent."""

    text: str
    school: str
    right: frozenset[str]


@dataclass(frozen=True)
class QuestionSet:
    """`background`: so many other schools say how sure it is that one is silent; 0 where their policies are of other kinds.

    A public set has no documents or clauses: it can be ranked, and not answered from.
    """

    name: str
    passages: tuple[Passage, ...]
    schools: tuple[School, ...]
    questions: tuple[Question, ...]
    documents: tuple[Document, ...] = ()
    clauses: tuple[Clause, ...] = ()
    background: int = Settings().background


def index_of(found: QuestionSet, encoder: Encoder, all_views: bool = True) -> Index:
    """The set's passages, indexed in memory; with `all_views` False by their fullest view alone."""
    passages = tuple(p if all_views else replace(p, views=p.views[:1]) for p in found.passages)
    texts = sorted({view for p in passages for view in p.views}, key=lambda text: (len(text), text))
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    firsts = sorted({p.text for p in passages}, key=lambda text: (len(text), text))
    codes = dict(zip(firsts, map(encode, encoder.encode_words(firsts)[1]), strict=True))
    means = np.array([np.mean([vectors[view] for view in p.views], axis=0) for p in passages], dtype=np.float32)
    words = WordIndex.of([codes[p.text] for p in passages])
    return Index(found.schools, found.documents, found.clauses, passages, VectorIndex(means), words, (), {})


def answered(found: QuestionSet, encoder: Encoder) -> Iterator[tuple[Question, Ranked, Answer]]:
    """What the product says to each question, and what it ranked; a question that names another school is left out."""
    assistant = Assistant(index_of(found, encoder), Settings(background=found.background), encoder)
    for question in found.questions:
        ranked = assistant.rank(question.text, [question.school])
        for answer in assistant.reply(question.text, ranked).answers:
            if answer.school == question.school:
                yield question, ranked, answer


def question_sets(most: int, names: Sequence[str] = ()) -> Iterator[QuestionSet]:
    """The sets named, or all; at most `most` questions of each of the large ones."""
    makers = {
        "sample": lambda: _suite("sample", ROOT / "corpus", ROOT / "evals" / "sample"),
        "five schools": lambda: _suite("five schools", SHARED / "policies", ROOT / "evals" / "five-schools"),
        "five schools, held back": lambda: _suite(
            "five schools, held back", SHARED / "policies", ROOT / "evals" / "five-schools-held-back"
        ),
        "public 40": lambda: _public_40("public 40"),
        "folders J K": lambda: _folders("folders J K", ["J", "K"], most, 0),
        "folder V": lambda: _folders("folder V", ["V"], most, Settings().background),
        "doc2dial": lambda: _public("doc2dial", most),
        "obliqa": lambda: _public("obliqa", most),
        "policyqa": lambda: _policyqa("policyqa", most),
        "squad2": lambda: _squad2("squad2", most),
    }
    for name in names or makers:
        try:
            yield makers[name]()
        except FileNotFoundError as error:
            print(f"{name}: left out, {error.filename} is not there", file=sys.stderr)


def _corpus(folder: Path) -> QuestionSet:
    """The policies in `folder`, without questions."""
    if not folder.is_dir():
        raise FileNotFoundError(2, "no such folder", str(folder))
    corpus = load_corpus(folder, 50_000_000)
    found: list[Passage] = []
    clauses: list[Clause] = []
    for document in corpus.documents:
        parsed = parse(document)
        clauses += parsed
        if not document.superseded_by:
            found += split(document, parsed, len(found))
    return QuestionSet("", tuple(found), corpus.schools, (), tuple(corpus.documents), tuple(clauses))


def _suite(name: str, corpus: Path, suite: Path) -> QuestionSet:
    policies = _corpus(corpus)
    questions = []
    for row in _lines(suite / "cases.jsonl"):
        text = _understood(row, policies.schools)
        for school, gold in row["gold"].items():
            questions.append(Question(text, school, frozenset(c for c, grade in gold["clauses"].items() if grade == 2)))
    return replace(policies, name=name, questions=tuple(questions))


def _public_40(name: str) -> QuestionSet:
    """Gold spans -> the clauses with a sentence that the public scorer takes for one of them."""
    from score import same_span

    policies = _corpus(SHARED / "policies")
    words = {document.id: document.text for document in policies.documents}
    questions = []
    for row in _lines(SHARED / "evals" / "questions.jsonl"):
        text = _understood(row, policies.schools)
        for school, gold in row["gold"].items():
            spans = [s for e in gold["evidence"] if e.get("grade") == 2 for s in [e["quote"], *e.get("alts", [])]]
            own = [p for p in policies.passages if p.school == school]
            right = {p.clause for p in own if any(same_span(p.span.of(words[p.document]), span) for span in spans)}
            questions.append(Question(text, school, frozenset(right)))
    return replace(policies, name=name, questions=tuple(questions))


def _understood(row: dict, schools: tuple[School, ...]) -> str:
    return understand(row["question"], row.get("history") or [], [row["school"]] if row["school"] else None, Names(schools)).search


def _folders(name: str, folders: list[str], most: int, background: int) -> QuestionSet:
    units, asked = load_folders([SHARED / "data" / "staff_questions", ROOT / "training" / "data"], folders)
    found = _from_units(name, units, [(doc, q) for doc in asked for q in asked[doc]], most)
    written = [_written(doc, units[doc]) for doc in dict.fromkeys(p.document for p in found.passages)]
    clauses = {clause.id: clause for _, own in written for clause in own}
    passages = tuple(replace(p, span=clauses[p.clause].body) for p in found.passages)
    documents = tuple(document for document, _ in written)
    return replace(found, passages=passages, documents=documents, clauses=tuple(clauses.values()), background=background)


def _written(doc: str, units: list[dict]) -> tuple[Document, list[Clause]]:
    """A policy's units written one below the other, each a clause, behind its lead-in where it has one."""
    text, clauses = "", []
    for unit in units:
        lead = Span(len(text), len(text) + len(unit["lead_in"] or ""))
        text += f"{unit['lead_in']}\n" if unit["lead_in"] else ""
        body = Span(len(text), len(text) + len(unit["text"]))
        text += unit["text"] + "\n"
        leads = (lead,) if unit["lead_in"] else ()
        clauses.append(Clause(unit["id"], doc, doc, "clause", body, body, None, tuple(unit["headings"][1:]), leads))
    return Document(doc, doc, units[0]["headings"][0], doc, "text", "", text), clauses


def _public(name: str, most: int) -> QuestionSet:
    """The half that the encoder was not trained on."""
    units, asked = load_public(SHARED / "data", half=1)
    keep = [doc for doc in asked if doc.startswith(name) and len(units[doc]) < 260]
    if not keep:
        raise FileNotFoundError(2, "no such set", name)
    return _from_units(name, {doc: units[doc] for doc in keep}, [(doc, q) for doc in keep for q in asked[doc]], most)


def _from_units(name: str, units: dict[str, list[dict]], asked: list[tuple[str, dict]], most: int) -> QuestionSet:
    chosen = random.Random(1).sample(asked, min(most, len(asked)))
    shown = {doc for doc, _ in chosen}
    rows = [(doc, unit) for doc in units if doc in shown for unit in units[doc]]
    passages = tuple(_passage(row, doc, unit["id"], _views(unit)) for row, (doc, unit) in enumerate(rows))
    questions = tuple(Question(query_text(q), doc, frozenset(q["gold_unit_ids"])) for doc, q in chosen)
    return QuestionSet(name, passages, _schools(passages), questions)


def _views(unit: dict) -> tuple[str, ...]:
    full = unit_text(unit)
    return full, unit_text(unit, with_headings=False), full, unit["text"]


def _passage(row: int, school: str, clause: str, views: tuple[str, ...]) -> Passage:
    return Passage(row, clause, school, school, Span(0, 1), views)


def _schools(passages: Sequence[Passage]) -> tuple[School, ...]:
    return tuple(School(id=doc, name=doc) for doc in dict.fromkeys(p.school for p in passages))


def _policyqa(name: str, most: int) -> QuestionSet:
    home = SHARED / "data" / "policyqa_dev"
    whole = {row["id"]: row["text"] for row in _lines(home / "passages.jsonl.gz")}
    units = defaultdict(list)
    for row in _lines(home / "units.jsonl.gz"):
        units[row["doc_id"]].append((row["id"], row["text"], whole[row["passage_id"]], ""))
    asked = [(r["doc_id"], r["question"], frozenset(r["gold_unit_ids"])) for r in _lines(home / "questions.jsonl.gz") if r["gold_unit_ids"]]
    return _from_sentences(name, units, asked, most)


def _squad2(name: str, most: int) -> QuestionSet:
    """The six shortest articles; a unit is a sentence."""
    units, asked = defaultdict(list), []
    with gzip.open(SHARED / "data" / "squad2" / "dev-half.json.gz", "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    for article in sorted(articles, key=lambda a: sum(len(p["context"]) for p in a["paragraphs"]))[:6]:
        title = article["title"]
        for number, paragraph in enumerate(article["paragraphs"]):
            text, start = paragraph["context"], 0
            spans = []
            for end in [*(m.end() for m in re.finditer(r"[.!?](?=\s+[A-Z0-9“\"(])", text)), len(text)]:
                spans.append((start, end, f"{title}#{number}.{len(spans)}"))
                units[title].append((spans[-1][2], text[start:end].strip(), text, title.replace("_", " ")))
                start = end
            for question in paragraph["qas"]:
                starts = [answer["answer_start"] for answer in question["answers"]]
                right = frozenset(unit for start, end, unit in spans if any(start <= at < end for at in starts))
                if right and not question["is_impossible"]:
                    asked.append((title, question["question"], right))
    return _from_sentences(name, units, asked, most)


def _from_sentences(name: str, units: dict, asked: list, most: int) -> QuestionSet:
    """Units: (id, sentence, paragraph, title)."""
    chosen = random.Random(1).sample(asked, min(most, len(asked)))
    rows = [(doc, unit) for doc in units if doc in {q[0] for q in chosen} for unit in units[doc]]
    passages = []
    for row, (doc, (unit, text, whole, title)) in enumerate(rows):
        head = f"{title}. " if title else ""
        passages.append(_passage(row, doc, unit, (head + text, text, head + whole, text)))
    return QuestionSet(name, tuple(passages), _schools(passages), tuple(Question(text, doc, right) for doc, text, right in chosen))


def _lines(path: Path) -> list[dict]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]
