"""A corpus folder -> documents: one folder per school, its policies inside, `schools.toml` for what files cannot say."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from clausewise import readers, thesaurus
from clausewise.clauses import slug
from clausewise.dates import review
from clausewise.errors import CorpusError, escaped
from clausewise.parsing import MISNAMED, Job, Policy, parsed
from clausewise.settings import Limits
from clausewise.types import Clause, Document, School


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a folder holds. `unread`: for each file that could not be read its school's id, "" for none's, and one line.

    `thesaurus`: its own table's rows. `clauses`: a document's id -> its clauses.
    """

    schools: tuple[School, ...]
    documents: tuple[Document, ...]
    unread: tuple[tuple[str, str], ...]
    thesaurus: tuple[thesaurus.Row, ...] = ()
    clauses: Mapping[str, tuple[Clause, ...]] = field(default_factory=dict)

    @property
    def failures(self) -> tuple[str, ...]:
        return tuple(line for _, line in self.unread)


def load_corpus(folder: Path, max_bytes: int, limits: Limits | None = None) -> Corpus:
    """Read every policy below `folder`. A file that cannot be read within `limits` costs itself and one line, never the others."""
    if not folder.is_dir():
        raise CorpusError(f"{folder}: found no such folder; expected one with a folder of policies for each school; name it with --corpus")
    facts = _school_facts(folder / "schools.toml")
    homes = sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] not in "._")
    _check_homes(folder, homes, facts)
    own = folder / thesaurus.NAME
    table = thesaurus.read_rows(own) if own.exists() else ()
    schools, documents, unread = [], [], [("", line) for line in (*_strays(folder), *_misnamed(homes))]
    homes = [home for home in homes if escaped(home.name) == home.name]
    jobs = [job for home in homes for job in _jobs(folder, home, max_bytes)]
    clauses: dict[str, tuple[Clause, ...]] = {}
    found = list(zip(jobs, parsed(jobs, limits or Limits()), strict=True))
    for home in homes:
        policies = [item for job, item in found if job.school == home.name and isinstance(item, Policy)]
        unread += [(home.name, item) for job, item in found if job.school == home.name and isinstance(item, str)]
        schools.append(_school(home.name, policies, facts.get(home.name, {})))
        documents += _superseded([policy.document for policy in policies])
        clauses |= {policy.document.id: policy.clauses for policy in policies}
    return Corpus(tuple(schools), tuple(documents), tuple((school, escaped(line)) for school, line in unread), table, clauses)


def _check_homes(folder: Path, homes: Sequence[Path], facts: Mapping[str, Any]) -> None:
    if not homes:
        raise CorpusError(f"{folder}: found no school's folder in it; expected one folder per school with its policies inside")
    if strange := sorted(facts.keys() - {home.name for home in homes}):
        raise CorpusError(
            f"{folder / 'schools.toml'}: found {', '.join(strange)}, which no folder is named after; rename the entry or the folder"
        )


def _strays(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix.lower() in readers.FORMATS and path.stem.lower() != "readme":
            yield f"{path.name}: found outside any school's folder; move it into the folder of the school that it belongs to"


def _misnamed(homes: Sequence[Path]) -> Iterator[str]:
    return (f"{home.name}: {MISNAMED}" for home in homes if escaped(home.name) != home.name)


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


def _jobs(folder: Path, home: Path, max_bytes: int) -> Iterator[Job]:
    files = [p for p in sorted(home.rglob("*")) if p.is_file() and not any(part[0] in "._~" for part in p.relative_to(home).parts)]
    stems = Counter(_stem(home, path) for path in files)
    used: Counter[str] = Counter()
    for path in files:
        name = _stem(home, path)
        if stems[name] > 1:  # policy.pdf beside policy.docx: neither may hide the other
            name = f"{name}.{path.suffix.lstrip('.').lower()}"
        used[name] += 1
        name = f"{name}~{used[name]}" if used[name] > 1 else name
        yield Job(str(path), path.relative_to(folder).as_posix(), home.name, f"{home.name}/{name}", max_bytes)


def _stem(home: Path, path: Path) -> str:
    return "/".join(slug(part) for part in path.relative_to(home).with_suffix("").parts)


def _school(name: str, policies: list[Policy], facts: Mapping[str, Any]) -> School:
    return School(
        id=name,
        name=str(facts.get("name") or _name_in(policies, name) or name.replace("-", " ").replace("_", " ").title()),
        trust=facts.get("trust"),
        aliases=(facts["aliases"],) if isinstance(facts.get("aliases"), str) else tuple(facts.get("aliases", ())),
        contacts=dict(facts.get("contacts", {})),
    )


def _name_in(policies: list[Policy], folder: str) -> str | None:
    """The school's name as its policies print it: the weightiest that fits the folder."""
    wanted = set(slug(folder).split("-"))
    names: Counter[str] = Counter()
    for policy in policies:
        names.update(policy.names)
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
