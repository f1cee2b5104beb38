"""The asker's words -> the policy's: "insta" is a social networking site, "slag off" is derogatory, "nan" is a parent or carer.

The words are data, a table that a policy lead reads and extends: `thesaurus.csv` beside this module, and one of the same form
in the corpus folder. This room knows no school and searches nothing; it says what a question's words stand for.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clausewise.errors import CorpusError

PACKAGED = Path(__file__).parent / "thesaurus.csv"
NAME = PACKAGED.name  # the same in a corpus folder
HEADER = ("said", "means", "kind")
KINDS = ("platform", "person", "role", "action", "sanction", "device", "document", "time", "thing")
_SPOKEN = re.compile(r"[^\W_]")  # what a phrase must have at least one of
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[.!?;,:()](?=\s|$)|\n")
_KEEP_S = frozenset(
    ["was", "his", "has", "its", "yes", "bus", "gas", "this", "does", "goes", "plus", "thus", "always", "sats", "dbs", "news"]
)

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One group: whoever says one of `said` means what a policy calls by one of `means`. `line`: where it ends in its file."""

    said: tuple[str, ...]
    means: tuple[str, ...]
    kind: str
    line: int


class Thesaurus:
    """Rows made ready for look-up; never changes. A phrase of two tables has the meanings of both, the first table's first."""

    def __init__(self, rows: tuple[Row, ...]) -> None:
        self.rows = rows
        self._means: dict[Words, tuple[str, ...]] = {}
        for row in rows:
            for phrase in row.said:
                words = _words(phrase)
                self._means[words] = tuple(dict.fromkeys([*self._means.get(words, ()), *row.means]))
        self._longest = max(map(len, self._means), default=0)
        self._openers = frozenset(words[0] for words in self._means)
        self._meant = {meaning: _words(meaning) for row in rows for meaning in row.means}

    @classmethod
    def extended(cls, own: tuple[Row, ...]) -> Thesaurus:
        """The packaged table, extended by a corpus' own rows."""
        return cls((*read_rows(PACKAGED), *own))

    def expansions(self, text: str) -> tuple[str, ...]:
        """The policy's words for what `text` says, in its order; none that it has already, none twice."""
        tokens = _words(text)
        found: dict[str, None] = {}
        for words in self._spoken(tokens):
            found.update(dict.fromkeys(self._means[words]))
        return tuple(meaning for meaning in found if not _within(self._meant[meaning], tokens))

    def expand(self, text: str) -> str:
        """`text`, followed by its expansions."""
        return " ".join([text, *self.expansions(text)])

    def _spoken(self, tokens: Words) -> list[Words]:
        """The table's phrases in `tokens`, in order: the longest first take their words, so that no two share one."""
        spans = []
        for start, token in enumerate(tokens):
            if token in self._openers:
                for end in range(start + 1, min(start + self._longest, len(tokens)) + 1):
                    words = tokens[start:end]
                    if words in self._means:
                        spans.append((start - end, start, words))
        taken: set[int] = set()
        chosen = []
        for size, start, words in sorted(spans):
            places = range(start, start - size)
            if taken.isdisjoint(places):
                taken.update(places)
                chosen.append((start, words))
        return [words for _, words in sorted(chosen)]


def _words(text: str) -> Words:
    """Lower-cased words without a possessive or plural ending; marks that end a phrase stay, so none is found across them."""
    return tuple(map(_singular, _TOKEN.findall(text.replace("’", "'").lower())))


def _singular(word: str) -> str:
    word = word.removesuffix("'s")
    plural = word[-1] == "s" and (len(word) > 2 or word[0].isdecimal()) and word[-2] not in "su'" and word not in _KEEP_S
    return word[:-1] if plural else word


def _within(phrase: Words, tokens: Words) -> bool:
    return any(tokens[start : start + len(phrase)] == phrase for start in range(len(tokens) - len(phrase) + 1))


# reading a table


def read_rows(path: Path) -> tuple[Row, ...]:
    """The rows of one table; a row that breaks its form stops the reading with one line that names it."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise CorpusError(f"{path}: found other characters than UTF-8; expected a CSV file in UTF-8; save it as CSV UTF-8") from None
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); expected a table of the asker's words; put it back") from None
    rows: list[Row] = []
    lines: dict[Words, int] = {}
    for line, cells in _records(path, text):
        row = _row(f"{path}, line {line}", cells, line)
        for phrase in row.said:
            if _words(phrase) in lines:
                raise CorpusError(
                    f'{path}, line {line}: found "{phrase}", which line {lines[_words(phrase)]} has too; '
                    "expected each phrase once; take one of them out"
                )
            lines[_words(phrase)] = line
        rows.append(row)
    return tuple(rows)


def _records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    headed = False
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if headed:
                yield reader.line_num, cells
            elif tuple(cells) != HEADER:
                raise CorpusError(
                    f'{path}, line {reader.line_num}: found "{",".join(cells)}"; '
                    f'expected the header "{",".join(HEADER)}"; make it the first line'
                )
            headed = True
    except csv.Error as error:
        raise CorpusError(
            f"{path}, line {reader.line_num}: found quotation marks that do not pair ({error}); "
            'expected "..." round a whole cell; mend them'
        ) from None
    if not headed:
        raise CorpusError(f'{path}, line 1: found an empty file; expected the header "{",".join(HEADER)}"; write it, or remove the file')


def _row(where: str, cells: list[str], line: int) -> Row:
    if len(cells) != len(HEADER):
        raise CorpusError(
            f'{where}: found {len(cells)} cell{"s" * (len(cells) != 1)}; expected three, "said,means,kind"; '
            'part phrases with " | ", not with commas'
        )
    said, means = (tuple(phrase.strip() for phrase in cell.split("|")) for cell in cells[:2])
    for name, phrases in (("said", said), ("means", means)):
        if not all(map(_SPOKEN.search, phrases)):
            raise CorpusError(
                f'{where}: found an empty phrase under {name}; expected words parted by " | "; fill it in or take out the "|"'
            )
    if cells[2] not in KINDS:
        raise CorpusError(f'{where}: found the kind "{cells[2]}"; expected one of {", ".join(KINDS)}; write one of these')
    own = [phrase for phrase in said if _words(phrase) in set(map(_words, means))]
    if own:
        raise CorpusError(f'{where}: found "{own[0]}" under said and under means; expected other words there; take one of them out')
    return Row(said, means, cells[2], line)
