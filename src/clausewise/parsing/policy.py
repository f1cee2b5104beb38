"""One policy file -> its document, its clauses, and what it calls its school. Runs in a process with limits (see `worker`)."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from clausewise import readers
from clausewise.blocks import strip_marks
from clausewise.clauses import parse, slug
from clausewise.dates import stated_dates
from clausewise.errors import ReadError
from clausewise.parsing import Job, Policy
from clausewise.types import Document, Source

MOST = 50_000  # sentences of one policy: about 2,000 pages
_LONG = 900  # characters; what is longer is searched in parts
_ENDS = re.compile(r"[.!?]\W{0,3}\s")
_NAMED = re.compile(r"\b(?:policy|policies|procedures?|code|agreement|handbook|guidance|statement|protocol)\b", re.I)
_NAME_LABEL = re.compile(
    r"^\W*(?:name of (?:the )?(?:school|academy)|(?:school|academy)(?:\s*/\s*(?:school|academy))?(?: name)?)\s*[:|\t]\s*(.+)", re.I
)
_NAME = re.compile(
    r"\b((?:[A-Z][\w’']+|St\.?)(?:[ \u00a0](?:[A-Z][\w’']+|C of E|of|the|and|&|RC|CE)){0,12}?"
    r"[ \u00a0](?:(?:Primary|Infant|Junior|Secondary|High|Nursery|Special|Catholic|Community|C of E|CE)[ \u00a0]){0,6}"
    r"(?:School|Academy|Academies|College|Federation|Nursery))\b"
)


def read(job: Job) -> Policy:
    """Raises ReadError, with one line that names the file, and MemoryError."""
    form, source, digest = readers.read(Path(job.path), job.max_bytes)
    document = Document(
        id=job.id,
        school=job.school,
        title=_title(source) or job.id.rpartition("/")[2].replace("-", " ").capitalize(),
        path=job.shown,
        format=form,
        digest=digest,
        text=source.text,
        blocks=source.blocks,
        pages=source.pages,
        empty_pages=source.empty_pages,
        dates=stated_dates(source.text, source.blocks),
        notes=source.notes,
    )
    _check_size(job.path, document)
    return Policy(document, parse(document), _names(document))


def _check_size(path: str, document: Document) -> None:
    """What each sentence costs later is bounded, so that of all of them is."""
    found = len(document.blocks) + len(document.text) // _LONG + sum(1 for _ in _ENDS.finditer(document.text))
    if found > MOST:
        raise ReadError(f"{path}: this file holds about {found:,} sentences, over the limit of {MOST:,}; split it into its policies")


def _title(source: Source) -> str | None:
    """The heading, among the first blocks, that names a policy; else the heading that its author put above all."""
    front = [(b, _heading_words(source.text[b.start : b.end])) for b in source.blocks[:20] if b.kind == "heading"]
    named = [words for _, words in front if _NAMED.search(words) and not words[0].isdigit()]
    top = [words for block, words in front if block.level == 1 and not words[0].isdigit()]
    chosen = next(iter(named or top), None)
    return _without_capitals(chosen) if chosen and chosen.isupper() else chosen


def _without_capitals(words: str) -> str:
    """ "CODE OF CONDUCT" -> "Code of Conduct"."""
    small = re.compile(r"(?<=\s)(?:A|An|And|At|By|For|In|Of|On|Or|The|To|With)(?=\s)")
    titled = re.sub(r"[^\W\d_]+(?:[’'][^\W\d_]+)?", lambda found: found.group().capitalize(), words)
    return small.sub(lambda found: found.group().lower(), titled)


def _heading_words(words: str) -> str:
    return " ".join(strip_marks(words).split())


def _names(document: Document) -> Counter[str]:
    """What may be the school's name, and its weight: the one after a label before those that the text mentions."""
    names: Counter[str] = Counter()
    for block in document.blocks:
        words = document.text[block.start : block.end]
        if labelled := _NAME_LABEL.match(words.strip()):
            names[" ".join(labelled.group(1).strip(" |\t").split())] += 100
        names.update(" ".join(m.group(1).split()) for m in _NAME.finditer(words))
        if block.kind == "heading" and slug(words) == slug(document.school) and not words.isupper():
            names[_heading_words(words)] += 50
    return names
