"""The policies that every system indexes, the questions that it is asked, and the public gold spans that judge it."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import mean, median

from benchmarks.systems.texts import Question, Text, write
from clausewise.documents import Corpus, load_corpus
from clausewise.passages import passages
from clausewise.settings import Settings

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"


@dataclass(frozen=True, slots=True)
class Policies:
    """`folder`: a folder of text files for each school. `passages`: ours of them, with headings and lead-ins, as a file."""

    name: str
    folder: Path
    passages: Path
    questions: Sequence[str]
    schools: Sequence[str]

    def asked(self, count: int, of_one: bool) -> list[Question]:
        """`count` questions and one to begin with: of one school each, in turn, or of every one."""
        schools = cycle(self.schools if of_one else [""])
        return [Question(text, school) for text, school in islice(zip(cycle(self.questions), schools, strict=False), count + 1)]


def real(home: Path) -> Policies | None:
    """The five real policies; None where they are not there."""
    if not (SHARED / "policies").is_dir():
        return None
    suites = [ROOT / "evals" / suite / "cases.jsonl" for suite in ("five-schools", "five-schools-held-back")]
    return _made("Five real policies", SHARED / "policies", [*suites, SHARED / "evals" / "questions.jsonl"], home)


def grown(count: int, home: Path) -> Policies:
    """`count` policies by rule from the sample: copies of each, in which every sentence says of which copy it is.

    Else schools would share their sentences word for word, and what embeds a text once would have little to do.
    """
    documents = [document for document in _corpus(ROOT / "corpus").documents if not document.superseded_by]
    folder = home / "grown"
    for number in range(count):
        copy, document = 1 + number // len(documents), documents[number % len(documents)]
        path = folder / f"{document.school}-{copy}" / f"{Path(document.path).stem}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(marked(document.text, copy), "utf-8")
    return _made(f"{count} policies made by rule", folder, [ROOT / "evals" / "sample" / "cases.jsonl"], home)


def marked(text: str, copy: int) -> str:
    """`text` with the copy's number before each full stop or semicolon that ends a sentence or an item."""
    return re.sub(r"(?<=[a-z])(?=[.;](?:\s|$))", f" at site {copy}", text)


def _made(name: str, folder: Path, suites: Sequence[Path], home: Path) -> Policies:
    corpus, path = _corpus(folder), home / f"{name}.jsonl"
    write(path, _passages(corpus))
    questions = [row["question"] for suite in suites if suite.exists() for row in _lines(suite)]
    return Policies(name, folder, path, list(dict.fromkeys(questions)), [school.id for school in corpus.schools])


def _passages(corpus: Corpus) -> Iterator[Text]:
    """What an index of ours would hold of `corpus`."""
    place = 0
    for document in corpus.documents:
        if not document.superseded_by:
            for passage in passages(document, corpus.clauses[document.id], place):
                yield Text(document.school, passage.text, passage.row)
                place = passage.row + 1


def _corpus(folder: Path) -> Corpus:
    return load_corpus(folder, Settings().max_bytes)


@dataclass(frozen=True, slots=True)
class Gold:
    """The public questions that a policy answers and that follow up nothing; `spans`: each one's right words."""

    questions: Sequence[Question]
    spans: Sequence[Sequence[str]]

    def judged(self, found: Sequence[Sequence[str]]) -> dict[str, float]:
        """`found`: of each question the first texts. Right by the public scorer's rule: either holds most of the other."""
        same = _scorer()
        right = [[any(same(text, span) for span in spans) for text in texts] for texts, spans in zip(found, self.spans, strict=True)]
        return {
            "hit@1": mean(any(each[:1]) for each in right),
            "hit@3": mean(any(each[:3]) for each in right),
            "characters of the first": median(len(texts[0]) if texts else 0 for texts in found),
        }


def gold() -> Gold:
    questions, spans = [], []
    for row in _lines(SHARED / "evals" / "questions.jsonl"):
        for school, wanted in row["gold"].items():
            right = [evidence for evidence in wanted["evidence"] if evidence.get("grade") == 2]
            if right and not row["history"]:
                questions.append(Question(row["question"], school))
                spans.append([span for evidence in right for span in [evidence["quote"], *evidence.get("alts", [])]])
    return Gold(questions, spans)


def _scorer():  # type: ignore[no-untyped-def]
    spec = importlib.util.spec_from_file_location("score", SHARED / "evals" / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.same_span


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]
