"""How surely and how rightly clauses are followed into a re-issued policy, by kind of edit; shares from 0 to 1.

    python benchmarks/anchoring.py [--versions 10]

Each policy of corpus/ and of ../shared/policies is edited at random, so many times for each kind. Truth comes from the
edits: a new version is made of pieces of the old, each of which keeps the id it had. A policy in Word, PDF or HTML is
edited as the text that was read of it.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
CORPORA = (ROOT / "corpus", ROOT.parent / "shared" / "policies")
sys.path[:0] = [str(ROOT / "src")]

from clausewise.anchoring import anchors  # noqa: E402
from clausewise.catalogue import Gathered  # noqa: E402
from clausewise.clauses import parse  # noqa: E402
from clausewise.documents import load_corpus  # noqa: E402
from clausewise.settings import Settings  # noqa: E402

KINDS = ("renumber", "insert", "copy", "remove", "reword", "split")
Pieces = list[tuple[str | None, str]]  # (id in the old version, text); None: new
_NUMBER = re.compile(r"\A(#+ )?(\d{1,2})(?=(?:\.\d+)*\.?\s+\S)")  # mark of a heading, first number
_PLACE = re.compile(r"\A(\d+(?:\.\d+)*)\.(\d+)(?=[.\s])")  # of 4.3: "4", "3"
_NEXT_SENTENCE = re.compile(r"(?<=[a-z0-9)][.!?])\s+(?=[A-Z])")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--versions", type=int, default=10, help="of each policy, for each kind of edit (default: %(default)s)")
    args = parser.parse_args()
    for corpus in CORPORA:
        if not corpus.is_dir():
            print(f"{corpus}: is not there, and left out", file=sys.stderr)
            continue
        table(corpus, args.versions)


@dataclass(frozen=True, slots=True)
class Followed:
    """`untouched`: answering clauses whose words and lead-ins no edit changed; `followed` of them are sure. `sure`: so many
    of all clauses are; `wrong`: ids of these that went elsewhere, or whose words changed."""

    untouched: int
    followed: int
    sure: int
    wrong: tuple[str, ...]


def table(corpus: Path, versions: int) -> None:
    found = policies(corpus)
    print(f"\n### {corpus.name}: {len(found)} policies, {versions} versions of each for each kind of edit\n")
    print(f"| edit | untouched clauses | of them sure | lowest of a policy | sure | of them right |\n{'| --- ' * 6}|")
    for name, kinds in {**{kind: (kind,) for kind in KINDS}, "six of any kind": ()}.items():
        report(name, [[edited(text, suffix, kinds, seed) for seed in range(versions)] for text, suffix in found.values()])


def report(kind: str, found: list[list[Followed]]) -> None:
    """A row of the table: versions of each policy."""
    every = [one for versions in found for one in versions]
    lowest = min(sum(one.followed for one in versions) / sum(one.untouched for one in versions) for versions in found)
    untouched, sure = sum(one.untouched for one in every), sum(one.sure for one in every)
    wrong = [id for one in every for id in one.wrong]
    share, right = sum(one.followed for one in every) / untouched, 1 - len(wrong) / sure
    told = f"{right:.4f}{f' (all but {len(wrong)})' if wrong else ''}"
    print(f"| {kind} | {untouched:,} | {share:.3f} | {lowest:.3f} | {sure:,} | {told} |", flush=True)


def edited(text: str, suffix: str, kinds: Sequence[str], seed: int) -> Followed:
    """What became of a policy's clauses after edits of these kinds, one after the other; () for six of any kind."""
    version, rng = Version(text, suffix), random.Random(seed)
    for kind in kinds or rng.choices(KINDS, k=6):
        version.edit(kind, rng)
    return version.followed()


@cache
def policies(corpus: Path) -> Mapping[str, tuple[str, str]]:
    """Document id -> (its text, the suffix of a file that may hold it)."""
    documents = load_corpus(corpus, Settings().max_bytes).documents
    return {document.id: (document.text, ".md" if document.format == "markdown" else ".txt") for document in documents}


def opened(files: Mapping[str, str]) -> Gathered:
    """Files (path -> text) -> their texts."""
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="")
        corpus = load_corpus(Path(folder), Settings().max_bytes)
    return Gathered(corpus.documents, [clause for document in corpus.documents for clause in parse(document)])


class Version:
    """A policy in pieces, one for each clause, that edits put in another order. `suffix`: of a text file."""

    def __init__(self, text: str, suffix: str) -> None:
        self.suffix = suffix
        self.old = opened({f"school/policy{suffix}": text})
        text, clauses = self.old.documents[0].text, self.old.clauses
        ends = [clause.span.start for clause in clauses[1:]] + [len(text)]
        self.pieces: Pieces = [(clause.id, text[clause.span.start : end]) for clause, end in zip(clauses, ends, strict=True)]
        self.leads = {lead for clause in clauses for lead in clause.lead_in_ids}
        self.changed: set[str] = set()

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.pieces)

    def answering(self) -> Iterator[tuple[int, str, str]]:
        """(place, id, text) of each old clause that may answer and is still there."""
        for place, (id, text) in enumerate(self.pieces):
            if id and self.old.clause[id].answers:
                yield place, id, text

    def followed(self) -> Followed:
        new = opened({f"school/policy{self.suffix}": self.text})
        origin, ids = self.origins(new), [clause.id for clause in self.old.clauses if clause.answers]
        there = {id for id, _ in self.pieces}
        touched = {id for id in ids if {id, *self.old.clause[id].lead_in_ids} & self.changed}
        sure = {id: anchor for id, anchor in anchors(self.old, new, ids).items() if anchor.sure}
        wrong = tuple(id for id, anchor in sure.items() if id in self.changed or origin[anchor.new[0]] != id)
        untouched = (there & {*ids}) - touched
        return Followed(len(untouched), len(untouched & sure.keys()), len(sure), wrong)

    def origins(self, new: Gathered) -> dict[str, str | None]:
        """New clause -> the old clause whose piece it begins in."""
        starts, at = [], 0
        for _, text in self.pieces:
            starts.append(at)
            at += len(text)
        assert new.documents[0].text.rstrip() == self.text.rstrip()
        return {clause.id: self.pieces[bisect_right(starts, clause.span.start) - 1][0] for clause in new.clauses}

    # the edits

    def edit(self, kind: str, rng: random.Random) -> None:
        """`kind`: one of KINDS."""
        getattr(self, kind)(rng)

    def renumber(self, rng: random.Random) -> None:
        """A new section before the first, or the second, and every number after it one higher."""
        heads = [i for i, (id, _) in enumerate(self.pieces) if id and self.old.clause[id].kind == "heading"]
        at = heads[rng.randrange(2)]
        number = _NUMBER.match(self.pieces[at][1])
        first = int(number[2]) if number else 1
        mark = "## " if self.pieces[at][1].startswith("#") else ""
        section = f"{mark}{first} Words that we use\n\n{first}.1 A day is a school day.\n\n{first}.2 A term is one of three.\n\n"
        after = [(id, _NUMBER.sub(lambda m: f"{m[1] or ''}{int(m[2]) + 1}", text, count=1)) for id, text in self.pieces[at:]]
        self.pieces = [*self.pieces[:at], (None, section), *after]

    def insert(self, rng: random.Random) -> None:
        at, _, text = rng.choice([*self.answering()])
        mark = re.match(r"\s*(?:[-*•·]|\d+\.\d+\.?)?[ \t]*", text)
        assert mark
        self.pieces.insert(at, (None, f"{mark[0]}Every visitor signs the blue book beside the hatch.\n\n"))

    def copy(self, rng: random.Random) -> None:
        """A second copy of a rule, anywhere."""
        _, _, text = rng.choice([*self.answering()])
        at, _, _ = rng.choice([*self.answering()])
        self.pieces.insert(at, (None, text.rstrip() + "\n\n"))

    def remove(self, rng: random.Random) -> None:
        """A rule that no list hangs from."""
        at, _, _ = rng.choice([found for found in self.answering() if found[1] not in self.leads])
        self.pieces.pop(at)

    def reword(self, rng: random.Random) -> None:
        """One word, or one number, of one rule."""
        swaps = {"must": "should", "should": "may", "may": "must", "is": "was", "are": "were", "not": "always"}
        word = re.compile(r"(?<=[a-z] )(must|should|may|is|are|not|\d+)\b")
        at, id, text = rng.choice([found for found in self.answering() if word.search(found[2])])
        self.pieces[at] = (id, word.sub(lambda m: swaps.get(m[0]) or f"4{m[0]}", text, count=1))
        self.changed.add(id)

    def split(self, rng: random.Random) -> None:
        """A rule of several sentences in two clauses, each ending with one; of its section, every number after it one higher."""
        at, id, text = rng.choice([found for found in self.answering() if self.parts(*found[1:])])
        end = rng.choice(self.parts(id, text))
        number = _PLACE.match(text)
        second = text[end:].lstrip()
        if number:
            second = f"{number[1]}.{int(number[2]) + 1}{re.match(r'[.]?[ ]*', text[number.end() :])[0]}{second}"  # type: ignore[index]
            self.pieces[at + 1 :] = [(later, self.moved_on(piece, number)) for later, piece in self.pieces[at + 1 :]]
        self.pieces[at : at + 1] = [(id, text[:end] + "\n\n"), (None, second)]
        self.changed.add(id)

    def parts(self, id: str, text: str) -> list[int]:
        """Where a clause that no list hangs from may be split: after each of its sentences but the last."""
        alone = self.old.clause[id].kind == "clause" and id not in self.leads
        return [gap.start() for gap in _NEXT_SENTENCE.finditer(text)] if alone else []

    @staticmethod
    def moved_on(text: str, before: re.Match[str]) -> str:
        """A piece whose number is of the same section as `before`, and higher, with the next number."""
        section, place = before[1], int(before[2])
        return re.sub(
            rf"\A{re.escape(section)}\.(\d+)(?=[.\s])", lambda m: f"{section}.{int(m[1]) + 1}" if int(m[1]) > place else m[0], text
        )


if __name__ == "__main__":
    main()
