"""A corpus folder -> documents: one folder per school, its policies inside, `schools.toml` for what files cannot say."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from clausewise import readers, thesaurus
from clausewise.blocks import strip_marks
from clausewise.clauses import slug
from clausewise.dates import review, stated_dates
from clausewise.errors import CorpusError, ReadError
from clausewise.types import Document, School, Source

_NAMED = re.compile(r"\b(?:policy|policies|procedures?|code|agreement|handbook|guidance|statement|protocol)\b", re.I)
_NAME_LABEL = re.compile(
    r"^\W*(?:name of (?:the )?(?:school|academy)|(?:school|academy)(?:\s*/\s*(?:school|academy))?(?: name)?)\s*[:|\t]\s*(.+)", re.I
)
_NAME = re.compile(
    r"\b((?:[A-Z][\w’']+|St\.?)(?:[ \u00a0](?:[A-Z][\w’']+|C of E|of|the|and|&|RC|CE))*?"
    r"[ \u00a0](?:(?:Primary|Infant|Junior|Secondary|High|Nursery|Special|Catholic|Community|C of E|CE)[ \u00a0])*"
    r"(?:School|Academy|Academies|College|Federation|Nursery))\b"
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a folder holds. `unread`: for each file that could not be read its school's id, "" for none's, and one line.

    `thesaurus`: its own table's rows.
    """

    schools: tuple[School, ...]
    documents: tuple[Document, ...]
    unread: tuple[tuple[str, str], ...]
    thesaurus: tuple[thesaurus.Row, ...] = ()

    @property
    def failures(self) -> tuple[str, ...]:
        return tuple(line for _, line in self.unread)


def load_corpus(folder: Path, max_bytes: int) -> Corpus:
    """Read every policy below `folder`. A file that cannot be read costs itself and one line, never the others."""
    if not folder.is_dir():
        raise CorpusError(f"{folder}: found no such folder; expected one with a folder of policies for each school; name it with --corpus")
    facts = _school_facts(folder / "schools.toml")
    schools, documents, unread = [], [], [("", line) for line in _strays(folder)]
    for home in sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] not in "._"):
        read = list(_read_school(folder, home, max_bytes))
        good = [item for item in read if isinstance(item, Document)]
        unread += [(home.name, item) for item in read if isinstance(item, str)]
        schools.append(_school(home.name, good, facts.pop(home.name, {})))
        documents += _superseded(good)
    if not schools:
        raise CorpusError(f"{folder}: found no school's folder in it; expected one folder per school with its policies inside")
    if facts:
        raise CorpusError(
            f"{folder / 'schools.toml'}: found {', '.join(sorted(facts))}, which no folder is named after; rename the entry or the folder"
        )
    own = folder / thesaurus.NAME
    return Corpus(tuple(schools), tuple(documents), tuple(unread), thesaurus.read_rows(own) if own.exists() else ())


def _strays(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix.lower() in readers.FORMATS and path.stem.lower() != "readme":
            yield f"{path.name}: found outside any school's folder; move it into the folder of the school that it belongs to"


def _school_facts(path: Path) -> dict[str, Mapping[str, Any]]:
    if not path.exists():
        return {}
    try:
        found = tomllib.loads(path.read_text("utf-8-sig")).get("schools", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: not valid TOML ({error}); mend it, or remove it to go by the documents' own words") from None
    if not isinstance(found, dict) or not all(isinstance(entry, dict) for entry in found.values()):
        raise CorpusError(f"{path}: expected tables named [schools.FOLDER]; see corpus/schools.toml for an example")
    for school, entry in found.items():
        _check_facts(path, school, entry)
    return dict(found)


def _check_facts(path: Path, school: str, entry: Mapping[str, Any]) -> None:
    forms = {"name": str, "trust": str, "aliases": list, "contacts": dict}
    for key, form in forms.items():
        value = entry.get(key, form())
        value = [value] if key == "aliases" and isinstance(value, str) else value
        texts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
        if not isinstance(value, form) or not all(isinstance(text, str) for text in texts):
            wanted = {"str": "a text", "list": "a list of texts", "dict": "a table of texts"}[form.__name__]
            raise CorpusError(f"{path}: [schools.{school}] {key}: found {value!r}; expected {wanted}")


def _read_school(folder: Path, home: Path, max_bytes: int) -> Iterator[Document | str]:
    files = [p for p in sorted(home.rglob("*")) if p.is_file() and not any(part[0] in "._~" for part in p.relative_to(home).parts)]
    stems = Counter(_stem(home, path) for path in files)
    used: Counter[str] = Counter()
    for path in files:
        name = _stem(home, path)
        if stems[name] > 1:  # policy.pdf beside policy.docx: neither may hide the other
            name = f"{name}.{path.suffix.lstrip('.').lower()}"
        used[name] += 1
        name = f"{name}~{used[name]}" if used[name] > 1 else name
        try:
            yield _document(folder, home.name, name, path, max_bytes)
        except ReadError as error:
            yield str(error)


def _stem(home: Path, path: Path) -> str:
    return "/".join(slug(part) for part in path.relative_to(home).with_suffix("").parts)


def _document(folder: Path, school: str, name: str, path: Path, max_bytes: int) -> Document:
    shown = path.relative_to(folder).as_posix()
    form, source = readers.read(path, max_bytes)
    return Document(
        id=f"{school}/{name}",
        school=school,
        title=_title(source) or name.rpartition("/")[2].replace("-", " ").capitalize(),
        path=shown,
        format=form,
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        text=source.text,
        blocks=source.blocks,
        pages=source.pages,
        empty_pages=source.empty_pages,
        dates=stated_dates(source.text, source.blocks),
        notes=source.notes,
    )


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


def _school(name: str, documents: list[Document], facts: Mapping[str, Any]) -> School:
    return School(
        id=name,
        name=str(facts.get("name") or _name_in(documents, name) or name.replace("-", " ").replace("_", " ").title()),
        trust=facts.get("trust"),
        aliases=(facts["aliases"],) if isinstance(facts.get("aliases"), str) else tuple(facts.get("aliases", ())),
        contacts=dict(facts.get("contacts", {})),
    )


def _name_in(documents: list[Document], folder: str) -> str | None:
    """The school's name as its documents print it: the one after a label, else the commonest that fits the folder."""
    wanted = set(slug(folder).split("-"))
    names: Counter[str] = Counter()
    for document in documents:
        for block in document.blocks:
            words = document.text[block.start : block.end]
            if labelled := _NAME_LABEL.match(words.strip()):
                names[" ".join(labelled.group(1).strip(" |\t").split())] += 100
            names.update(" ".join(m.group(1).split()) for m in _NAME.finditer(words))
            if block.kind == "heading" and slug(words) == slug(folder) and not words.isupper():
                names[_heading_words(words)] += 50
    fitting = [(count, name) for name, count in names.items() if wanted <= set(slug(name).split("-"))]
    return min(fitting, key=lambda pair: (-pair[0], pair[1]))[1] if fitting else None


def _superseded(documents: list[Document]) -> list[Document]:
    """Of a school's documents with one title, the one approved or reviewed last is in force; dates must tell them apart."""
    result = []
    for document in documents:
        later = [d for d in documents if d.title.lower() == document.title.lower() and _in_force(d) > _in_force(document)]
        newest = max(later, key=_in_force) if later and _in_force(document) else None
        result.append(replace(document, superseded_by=newest.id if newest else None))
    return result


def _in_force(document: Document) -> str:
    stated = [document.stated(role) for role in ("approved", "reviewed", "amended", "written")]
    return max((d.latest.isoformat() for d in stated if d), default="")


def health(document: Document) -> str:
    """One line on what was read of a file: pages, characters, clauses, and what else is to be known."""
    pages = f"{len(document.pages)} page{'s' * (len(document.pages) != 1)}, " if document.pages else ""
    read = f"{document.path}: {pages}{len(document.text)} characters, {len(document.blocks)} clauses"
    return "; ".join([read, *remarks(document)])


def remarks(document: Document) -> list[str]:
    """What is to be known of a file as it was read: pages without text, what takes its place, what was left out."""
    empty = [f"no text on page {', '.join(map(str, document.empty_pages))}"] if document.empty_pages else []
    newer = [f"superseded by {document.superseded_by}, so it answers nothing"] if document.superseded_by else []
    return [*empty, *newer, *document.notes]


def document_line(document: Document, today: date) -> str:
    """A document as `clausewise documents` lists it."""
    state = f"superseded by {document.superseded_by}" if document.superseded_by else review(document, today).text
    return f"{document.id}  {document.title}  [{document.format}]  {state}"


def document_dict(document: Document, today: date) -> dict[str, Any]:
    """A document as `clausewise documents --json` shows it; dates with their words and where they stand."""
    return {
        "document": document.id,
        "school": document.school,
        "title": document.title,
        "path": document.path,
        "format": document.format,
        "digest": document.digest,
        "pages": len(document.pages) or None,
        "pages_without_text": list(document.empty_pages),
        "characters": len(document.text),
        "superseded_by": document.superseded_by,
        "notes": list(document.notes),
        "dates": [{"role": d.role, "text": d.text, "start": d.span.start, "end": d.span.end} for d in document.dates],
        "review": review(document, today).status,
    }
