"""A policy is issued anew: the suite's cases follow their clauses, or wait until somebody has confirmed where they went.

A clause whose words are unchanged is followed by itself, whatever its number is now. Any other is named in the suite as
it stood in the old index (`oak/policy#5.3@2d9aedfdf074da26`): the case then waits, and no run measures it against a
clause that happens to bear the old number.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from clausewise.anchoring import Anchor, anchors
from clausewise.catalogue import Texts
from clausewise.errors import BadSuite
from clausewise.evaluation.cases import NOTE, Case, Gold, Suite, case_line, cases_file, reads

DIGITS = 16  # of a fingerprint; as a snapshot's folder is named


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a clause of the gold went. `named`: as the suite names it now. `waiting_name`: as it is named while it waits."""

    named: str
    anchor: Anchor
    waiting_name: str
    cases: tuple[str, ...]


def proposals(suite: Suite, old: Mapping[str, Texts], checksum: str, new: Texts) -> list[Proposal]:
    """For every clause that the suite names, where it is in `new`.

    `old`: indexes by fingerprint. `checksum`: that of the index which the ids without one belong to. Raises BadSuite for
    an id that its index does not hold, or whose index is not among `old`.
    """
    users: dict[str, list[str]] = {}
    for case in suite.cases:
        for clause in dict.fromkeys(clause for gold in case.gold.values() for clause in gold.clauses):
            users.setdefault(clause, []).append(case.id)
    names: dict[str, list[str]] = {}
    for named in users:
        names.setdefault(named.partition("@")[2] or checksum[:DIGITS], []).append(named)
    found = [(named, digits, anchor) for digits, some in names.items() for named, anchor in _went(suite, some, digits, old, new)]
    return sorted((Proposal(n, a, f"{a.old}@{digits}", tuple(users[n])) for n, digits, a in found), key=lambda p: p.named)


def _went(
    suite: Suite, names: Sequence[str], digits: str, old: Mapping[str, Texts], new: Texts
) -> Iterator[tuple[str, Anchor]]:
    texts = next((texts for known, texts in old.items() if known[:DIGITS] == digits), None)
    if texts is None:
        raise BadSuite(f"{suite.folder}: names {names[0]}, and found no snapshot {digits} to look it up in; name its folder with --old")
    ids = [named.partition("@")[0] for named in names]
    if missing := [clause for clause in ids if clause not in texts.clause]:
        raise BadSuite(f"{suite.folder}: names {missing[0]}, which the index {digits} does not hold; mend the suite, or name another --old")
    went = anchors(texts, new, ids)
    yield from ((named, went[clause]) for named, clause in zip(names, ids, strict=True))


def follow(suite: Suite, found: Sequence[Proposal], decisions: Mapping[str, tuple[str, ...]]) -> dict[str, Case]:
    """The cases that change. `decisions`: a clause as the suite names it -> where a person says it went; () for nowhere.

    What is neither sure nor decided waits. All ids change at once: a number that one clause leaves is another's now.
    """
    goes = {p.named: decisions.get(p.named, p.anchor.new if p.anchor.sure else (p.waiting_name,)) for p in found}
    same_words = {p.named for p in found if p.anchor.sure or goes[p.named] == (p.waiting_name,)}
    moved = {case.id: replace(case, gold={s: _gold(gold, goes, same_words) for s, gold in case.gold.items()}) for case in suite.cases}
    return {case.id: moved[case.id] for case in suite.cases if moved[case.id] != case}


def _gold(gold: Gold, goes: Mapping[str, tuple[str, ...]], same_words: Set[str]) -> Gold:
    """A rule that is gone leaves a silence. A clause whose words have changed loses its spans: they are counted in the old ones."""
    qrels: dict[str, int] = {}
    for clause, grade in gold.qrels.items():
        qrels |= {new: max(grade, qrels.get(new, 0)) for new in goes[clause]}
    if gold.right and 2 not in qrels.values():
        return Gold(qrels, ("silent",))
    beside = tuple(dict.fromkeys(new for clause in gold.beside for new in goes[clause] if qrels.get(new) != 2))
    spans = {goes[clause][0]: some for clause, some in gold.spans.items() if clause in same_words and len(goes[clause]) == 1}
    return Gold(qrels, gold.stances, beside, spans)


def write(suite: Suite, changed: Mapping[str, Case], checksum: str) -> None:
    """Put the changed cases in the place of the old ones; all else in the suite's file stays as it is, byte for byte.

    `checksum`: that of the index which the ids belong to from now on; it is noted until there is a baseline on it. Raises
    BadSuite, and changes nothing, where the file cannot be written, or would not be read as the cases that it is to hold.
    """
    path = cases_file(suite.folder)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read()
        text = (_in_lines if path.suffix == ".jsonl" else _in_yaml)(text, changed)
        if not reads(path, text.removeprefix("\ufeff"), [changed.get(case.id, case) for case in suite.cases]):
            raise BadSuite(f"{path}: found cases that share parts (YAML anchors); write each of them out, then follow the clauses again")
        drafts = {path: text, suite.folder / NOTE: json.dumps({"index": checksum}) + "\n"}
        for target, words in drafts.items():
            _draft(target).write_bytes(words.encode())
        for target in drafts:  # back to back: ids without their note would be followed twice
            _draft(target).replace(target)
    except OSError as error:
        raise BadSuite(f"{path}: cannot be written ({error.strerror}); mend the folder's rights, or make room") from None


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")


def _in_lines(text: str, changed: Mapping[str, Case]) -> str:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        case = changed.get(json.loads(line.removeprefix("\ufeff"))["id"]) if line.strip("\ufeff \t\r") else None
        lines[number] = case_line(case) + "\r" * line.endswith("\r") if case else line
    return "\n".join(lines)


def _in_yaml(text: str, changed: Mapping[str, Case]) -> str:
    """From the last item to the first, so that the places of those before hold."""
    mark = len(text) - len(text.removeprefix("\ufeff"))
    root = yaml.compose(text[mark:], Loader=yaml.SafeLoader)
    for node in reversed(root.value if root else ()):
        row: dict[str, Any] = yaml.SafeLoader("").construct_document(node)
        if case := changed.get(row["id"]):
            start, end = mark + node.start_mark.index, mark + node.end_mark.index
            text = text[:start] + case_line(case) + text[start + len(_item(text[start:end])) :]
    return text


def _item(text: str) -> str:
    """Without what follows the item's last line: PyYAML lets it reach to the next item, over blank lines and comments."""
    lines = text.splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].strip().startswith("#")):
        lines.pop()
    return "".join(lines).rstrip()
