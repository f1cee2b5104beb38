"""Two runs of a suite -> what changed: each measure with its significance, and each case that got better or worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from clausewise.evaluation.measures import Change, changes

if TYPE_CHECKING:
    from clausewise.evaluation.runs import Row, Run

Turn = Literal["worse", "better", "otherwise"]
# What makes one answer better than another for its reader, the weightiest first.
WEIGHTS = ("overall", "stance_accuracy", "hit@3", "completeness", "MRR", "char_recall@1", "char_precision@1")


@dataclass(frozen=True, slots=True)
class Flip:
    """One case at one school, answered differently. `turn`: worse, better, or otherwise: other words, no better or worse."""

    turn: Turn
    old: Row
    new: Row


@dataclass(frozen=True, slots=True)
class Difference:
    """`old` to `new` on the `shared` (case, school) pairs.

    `changed`: cases whose question, gold, or the words of whose gold differ; they, and the `added` and `dropped` ones, are
    left out of the comparison. `reworded`: clause ids in the gold that say something else now than in the old run, unless
    the suite has been made to follow since. `made_by`: what made the two runs differently, name -> (old, new).
    """

    old: Run
    new: Run
    shared: int
    changes: Mapping[str, Change]
    flips: tuple[Flip, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    changed: tuple[str, ...]
    reworded: tuple[str, ...]
    made_by: Mapping[str, tuple[object, object]]

    def turned(self, turn: Turn) -> list[Flip]:
        return [flip for flip in self.flips if flip.turn == turn]


def difference(old: Run, new: Run) -> Difference:
    from clausewise.evaluation.runs import FOLLOWED  # here, since what is above serves an answer's text, which needs no pydantic

    before, after = {row.key: row for row in old.rows}, {row.key: row for row in new.rows}
    same = [key for key in after if key in before and before[key].matter == after[key].matter]
    pairs = [(before[key], after[key]) for key in same]
    cases, known = {row.case for row in new.rows}, {row.case for row in old.rows}
    return Difference(
        old,
        new,
        len(pairs),
        changes([a for a, _ in pairs], [b for _, b in pairs]),
        tuple(sorted((flip for a, b in pairs if (flip := _flip(a, b))), key=lambda f: ("worse", "better", "otherwise").index(f.turn))),
        added=tuple(sorted(cases - known)),
        dropped=tuple(sorted(known - cases)),
        changed=tuple(sorted((cases & known) - {key[0] for key in same})),
        reworded=_reworded(before, after) if FOLLOWED not in new.made_by else (),
        made_by={name: pair for name, pair in unlike(old.made_by, new.made_by).items() if name != FOLLOWED},
    )


def _reworded(old: Mapping[tuple[str, str], Row], new: Mapping[tuple[str, str], Row]) -> tuple[str, ...]:
    both = [(old[key].gold_texts, new[key].gold_texts) for key in new if key in old]
    return tuple(sorted({clause for pair in both for clause in reworded(*pair)}))


def reworded(old: Mapping[str, str], new: Mapping[str, str]) -> set[str]:
    """Of a gold's clauses (id -> digest of its words) those that say something else now, unless all merely changed numbers."""
    if sorted(old.values()) == sorted(new.values()):
        return set()
    return {clause for clause, text in new.items() if old.get(clause, text) != text}


def _flip(old: Row, new: Row) -> Flip | None:
    before, after = _worth(old), _worth(new)
    if before == after and old.answer == new.answer:
        return None
    return Flip("better" if after > before else "worse" if after < before else "otherwise", old, new)


def _worth(row: Row) -> tuple[float, ...]:
    found = (row.scores.get(name, (0.0, 1.0)) for name in WEIGHTS)
    return tuple(round(part / whole, 4) if whole else 0.0 for part, whole in found)


def unlike(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """What made the runs, where it differs; of a table (settings, documents) the entries that do."""
    found: dict[str, tuple[object, object]] = {}
    for name in dict.fromkeys((*old, *new)):
        one, other = old.get(name), new.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found |= {f"{name}.{key}": pair for key, pair in unlike(one, other).items()}
        elif one != other:
            found[name] = (one, other)
    return found
