"""Build, save, load and check an index: what retrieval needs of a corpus, in one folder that describes itself.

Policies are the truth and the index is disposable. It is written beside the old one, its manifest last, and then takes
the old one's place; vectors of passages whose embedded text and model are unchanged are carried over.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from clausewise.clauses import parse
from clausewise.documents import Corpus
from clausewise.embeddings import Encoder
from clausewise.errors import DamagedIndex, IndexMismatch, IndexNotWritten, MissingIndex
from clausewise.late import Codes, WordIndex, encode
from clausewise.lexical import LexicalIndex
from clausewise.passages import passages as split
from clausewise.thesaurus import Row
from clausewise.types import Clause, Document, Passage, School, Span, StatedDate
from clausewise.vectors import VectorIndex

Vector = np.ndarray[Any, np.dtype[np.float32]]
Held = tuple[Vector, Codes]
Progress = Callable[[str, int, int], None]  # a line, and how many texts of how many are embedded
FORMAT = 3  # raised whenever the files, or how clauses and passages are made, change
_MANIFEST = "manifest.json"
_STEP = 256  # texts embedded between two lines of progress
_FILES = (
    "schools.jsonl",
    "documents.jsonl",
    "clauses.jsonl",
    "passages.jsonl",
    "thesaurus.jsonl",
    "vectors.faiss",
    "words.npy",
    "word_ends.npy",
)


@dataclass(frozen=True)
class Index:
    """An opened index. Row i of `vectors` and of `words` belongs to `passages[i]`."""

    schools: tuple[School, ...]
    documents: tuple[Document, ...]
    clauses: tuple[Clause, ...]
    passages: tuple[Passage, ...]
    vectors: VectorIndex
    words: WordIndex
    thesaurus: tuple[Row, ...]
    manifest: dict[str, Any]

    @cached_property
    def document(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    @cached_property
    def clause(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.clauses}

    @cached_property
    def quotable(self) -> dict[str, frozenset[Span]]:
        """Clause -> all that may be quoted of it: each of its sentences, and the whole of it."""
        found: dict[str, set[Span]] = {}
        for passage in self.passages:
            if passage.clause in self.clause:
                found.setdefault(passage.clause, {self.clause[passage.clause].body}).add(passage.span)
        return {clause: frozenset(spans) for clause, spans in found.items()}

    @property
    def failures(self) -> tuple[str, ...]:
        """A line for each file that could not be read when this was built; an index of an earlier version kept none."""
        return tuple(line for _, line in self.manifest.get("unread", ()))

    @cached_property
    def lexical(self) -> LexicalIndex:
        return LexicalIndex([passage.text for passage in self.passages])

    @cached_property
    def clause_numbers(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """For each row the number of its clause, counted from 0 in the order of the passages: shape (n,)."""
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(passage.clause, len(numbers)) for passage in self.passages], dtype=np.int64)

    @cached_property
    def rows(self) -> dict[str, list[int]]:
        """School -> its rows."""
        rows: dict[str, list[int]] = {school.id: [] for school in self.schools}
        for passage in self.passages:
            if passage.school in rows:
                rows[passage.school].append(passage.row)
        return rows

    def within(self, schools: Collection[str]) -> Index:
        """What it holds of these schools; the passages keep their rows, and only `rows` and the clauses lead to one."""
        return replace(
            self,
            schools=tuple(school for school in self.schools if school.id in schools),
            documents=tuple(document for document in self.documents if document.school in schools),
            clauses=tuple(clause for clause in self.clauses if clause.school in schools),
            manifest={**self.manifest, "unread": [each for each in self.manifest.get("unread", ()) if each[0] in schools]},
        )


@dataclass(frozen=True)
class Texts:
    """The words of an index without what searches them; of use whichever model made it. `checksum`: its manifest's."""

    documents: tuple[Document, ...]
    clauses: tuple[Clause, ...]
    checksum: str

    @cached_property
    def document(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    @cached_property
    def clause(self) -> dict[str, Clause]:
        return {clause.id: clause for clause in self.clauses}


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did, for the report. `reused` of the index's vectors were carried over, `encoded` made new."""

    index: Index
    reused: int
    encoded: int


def build(corpus: Corpus, encoder: Encoder, folder: Path, progress: Progress = lambda *_: None) -> Built:
    """Index `corpus` into `folder`, replacing the index there. A superseded version is kept but never answers."""
    folder = folder.resolve()
    _check_ours(folder)
    clauses: list[Clause] = []
    found: list[Passage] = []
    for document in corpus.documents:
        parsed = parse(document)
        clauses += parsed
        found += [] if document.superseded_by else split(document, parsed, len(found))
    held, reused = _held(found, encoder, folder, progress)
    vectors = np.array([vector for vector, _ in held], dtype=np.float32).reshape(len(held), -1 if held else 1)
    documents = tuple(replace(document, blocks=()) for document in corpus.documents)
    words = WordIndex.of([codes for _, codes in held])
    index = Index(corpus.schools, documents, tuple(clauses), tuple(found), VectorIndex(vectors), words, corpus.thesaurus, {})
    manifest = _describe(index, encoder) | ({"unread": [list(each) for each in corpus.unread]} if corpus.unread else {})
    try:
        _write(replace(index, manifest=manifest), folder)
    except OSError as error:
        raise IndexNotWritten(
            f"{folder}: cannot be written ({error.strerror}); make room or rights there, or name another with --index"
        ) from None
    return Built(load(folder, encoder), reused, len(found) - reused)


def _held(found: Sequence[Passage], encoder: Encoder, folder: Path, progress: Progress) -> tuple[list[Held], int]:
    """What is held of each passage, and of how many it was carried over.

    The vector is the mean of its views' (so that its product with a question is their mean cosine); the words are those
    of the first view.
    """
    known = _known(folder, encoder)
    fresh = {p.views for p in found} - known.keys()
    reused = sum(passage.views not in fresh for passage in found)
    vectors, codes = encoded(fresh, encoder, progress)
    known |= {views: (np.mean([vectors[view] for view in views], axis=0), codes[views[0]]) for views in fresh}
    return [known[p.views] for p in found], reused


def encoded(fresh: Set[tuple[str, ...]], encoder: Encoder, progress: Progress) -> tuple[dict[str, Vector], dict[str, Codes]]:
    """Text -> vector, and the first of the views -> words. In order of length, so that a batch holds little padding."""
    firsts = {views[0] for views in fresh}
    texts = sorted({view for views in fresh for view in views}, key=lambda text: (text not in firsts, len(text), text))
    vectors: dict[str, Vector] = {}
    codes: dict[str, Codes] = {}
    if texts:
        progress(f"embedding {len(texts)} texts with {encoder.name}", 0, len(texts))
    for start in range(0, len(texts), _STEP):
        part = texts[start : start + _STEP]
        if part[0] in firsts:  # the rest of the part, if it is not, gets words that nobody asks for
            made, words = encoder.encode_words(part)
            codes |= {text: encode(found) for text, found in zip(part, words, strict=True)}
        else:
            made = encoder.encode(part)
        vectors |= dict(zip(part, made, strict=True))
        done = start + len(part)
        progress(f"embedded {done} of {len(texts)}", done, len(texts))
    return vectors, codes


def _known(folder: Path, encoder: Encoder) -> dict[tuple[str, ...], Held]:
    """Views -> what is held of them in the index that is there, if the same model made it and it is whole."""
    try:
        old = load(folder, encoder)
    except (MissingIndex, DamagedIndex, IndexMismatch):
        return {}
    vectors = old.vectors.vectors()
    return {p.views: (vectors[p.row], np.array(old.words.codes(p.row))) for p in old.passages}


def _describe(index: Index, encoder: Encoder) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "model": encoder.name,
        "model_digest": encoder.digest,
        "documents": {document.id: document.digest for document in index.documents},
        "counts": {
            "schools": len(index.schools),
            "documents": len(index.documents),
            "clauses": len(index.clauses),
            "passages": len(index.passages),
        },
    }


# files


def _write(index: Index, folder: Path) -> None:
    """Write beside, make durable, then swap: a reader finds the old index or the new one, whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.new-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        _fill(fresh, index)
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _fill(fresh: Path, index: Index) -> None:
    _write_rows(fresh / "schools.jsonl", index.schools)
    _write_rows(fresh / "documents.jsonl", index.documents)
    _write_rows(fresh / "clauses.jsonl", index.clauses)
    _write_rows(fresh / "passages.jsonl", index.passages)
    _write_rows(fresh / "thesaurus.jsonl", index.thesaurus)
    index.vectors.save(fresh / "vectors.faiss")
    index.words.save(fresh / "words.npy", fresh / "word_ends.npy")
    checksums = {name: _sha256(fresh / name) for name in _FILES}
    for name in _FILES:
        _sync(fresh / name)
    manifest = {**index.manifest, "files": checksums}
    text = json.dumps({**manifest, "checksum": _digest(manifest)}, indent=1, ensure_ascii=False, sort_keys=True)
    (fresh / _MANIFEST).write_text(text, "utf-8")
    _sync(fresh / _MANIFEST)


def _check_ours(folder: Path) -> None:
    """Refuse to replace a folder that holds anything but an index: a slip in --index must not cost anyone a file."""
    if folder.is_file():
        raise IndexMismatch(f"{folder}: found a file; expected a folder for the index; name another with --index")
    strange = sorted({p.name for p in folder.iterdir()} - {_MANIFEST, *_FILES}) if folder.is_dir() else []
    if strange:
        raise IndexMismatch(f"{folder}: found {strange[0]} in it, which is no part of an index; name an empty or new folder with --index")


def _swap(fresh: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old-{os.getpid()}")
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _digest(manifest: dict[str, Any]) -> str:
    """Checksum of a manifest over everything in it but the checksum itself, and what could not be read, which bears on no answer."""
    left_out = ("checksum", "unread", "failures")  # the last is an earlier version's name for what was not read
    rest = {name: value for name, value in manifest.items() if name not in left_out}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_rows(path: Path, rows: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(asdict(row), ensure_ascii=False, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an index")


def load(folder: Path, encoder: Encoder) -> Index:
    """Open the index in `folder`.

    Raises MissingIndex, DamagedIndex (a file is not the one that the manifest describes) or IndexMismatch (made by
    another format or model).
    """
    manifest = _own_manifest(folder)
    if manifest["model_digest"] != encoder.digest:
        raise IndexMismatch(f"{folder}: was made with the model {manifest['model']}, but {encoder.name} is in force; {_REBUILD}")
    _check_files(folder, manifest, _FILES)
    texts = _texts(folder, manifest)
    return Index(
        schools=_schools(folder),
        documents=texts.documents,
        clauses=texts.clauses,
        passages=tuple(
            Passage(**{**row, "span": Span(**row["span"]), "views": tuple(row["views"])}) for row in _rows(folder / "passages.jsonl")
        ),
        vectors=VectorIndex.load(folder / "vectors.faiss"),
        words=WordIndex.load(folder / "words.npy", folder / "word_ends.npy"),
        thesaurus=tuple(
            Row(**{**row, "said": tuple(row["said"]), "means": tuple(row["means"])}) for row in _rows(folder / "thesaurus.jsonl")
        ),
        manifest=manifest,
    )


def load_schools(folder: Path) -> tuple[School, ...]:
    """The schools of the index in `folder`. Raises as `load_texts` does."""
    _check_files(folder, _own_manifest(folder), ("schools.jsonl",))
    return _schools(folder)


def _schools(folder: Path) -> tuple[School, ...]:
    return tuple(School(**{**row, "aliases": tuple(row["aliases"])}) for row in _rows(folder / "schools.jsonl"))


def load_texts(folder: Path) -> Texts:
    """The words of the index in `folder`, of whichever model. Raises MissingIndex, DamagedIndex or IndexMismatch as `load` does."""
    manifest = _own_manifest(folder)
    _check_files(folder, manifest, ("documents.jsonl", "clauses.jsonl"))
    return _texts(folder, manifest)


def _texts(folder: Path, manifest: dict[str, Any]) -> Texts:
    documents = tuple(_document(row) for row in _rows(folder / "documents.jsonl"))
    return Texts(documents, tuple(_clause(row) for row in _rows(folder / "clauses.jsonl")), manifest["checksum"])


def _check_files(folder: Path, manifest: dict[str, Any], names: Iterable[str]) -> None:
    for name in names:
        if not (folder / name).is_file() or _sha256(folder / name) != manifest["files"][name]:
            raise DamagedIndex(f"{folder / name}: is missing or damaged; {_REBUILD}")


_REBUILD = "build it again with: clausewise index"


def _own_manifest(folder: Path) -> dict[str, Any]:
    manifest = _manifest(folder)
    if manifest["format"] != FORMAT:
        raise IndexMismatch(f"{folder}: found an index of format {manifest['format']}, expected {FORMAT}; {_REBUILD}")
    return manifest


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
        if manifest["checksum"] == _digest(manifest) and manifest["files"].keys() >= set(_FILES):
            return dict(manifest)
    except FileNotFoundError:
        raise MissingIndex(f"{folder}: found no index; make one with: clausewise index --corpus DIR --index {folder}") from None
    except (OSError, ValueError, AttributeError, TypeError, KeyError):
        pass
    raise DamagedIndex(f"{folder / _MANIFEST}: is damaged; {_REBUILD}")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _document(row: dict[str, Any]) -> Document:
    dates = tuple(
        StatedDate(
            **{**d, "earliest": date.fromisoformat(d["earliest"]), "latest": date.fromisoformat(d["latest"]), "span": Span(**d["span"])}
        )
        for d in row["dates"]
    )
    lists = {key: tuple(row[key]) for key in ("blocks", "pages", "empty_pages", "notes")}
    return Document(**{**row, **lists, "dates": dates})


def _clause(row: dict[str, Any]) -> Clause:
    spans = {key: Span(**row[key]) for key in ("span", "body")}
    lists = {key: tuple(row[key]) for key in ("headings", "lead_in_ids")}
    return Clause(**{**row, **spans, **lists, "lead_ins": tuple(Span(**s) for s in row["lead_ins"])})
