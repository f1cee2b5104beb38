"""The best passage of each of many schools, which a school's answer is judged against.

Nothing but the first of a school is asked for. So late interaction, the dearest figure, is worked out only where a passage
could still be the first, were it the highest that it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from clausewise.nearest import Table
from clausewise.ranking import Scored
from clausewise.vectors import Rows

_SURELY = 8  # passages of each school that are looked at before any is passed over

Score = Callable[[Table, Table, Table], Table]  # cosines, late interactions, shares of BM25 -> scores that rise with each
Late = Callable[[Rows], Table]  # rows, ascending -> their late interaction


def firsts(rows: Rows, cosines: Table, shares: Table, sizes: Sequence[int], score: Score, late: Late, most: float) -> Scored:
    """The passage of each school that scores highest, ties to the earlier; in the schools' order.

    `rows`: ascending, (n,), of the schools one after the other; the first `sizes[0]` are the first school's, and so on; none
    is 0. `cosines`, `shares`: of the rows. `most`: that `late` can be.
    """
    school = np.repeat(np.arange(len(sizes)), sizes)
    place = np.arange(len(rows)) - np.repeat(np.cumsum([0, *sizes[:-1]]), sizes)  # within its school
    highest = score(cosines, np.full(len(rows), most), shares)
    order = np.lexsort((-highest, school))  # the schools stay where they are
    words, scores, best = np.zeros(len(rows)), np.full(len(rows), -np.inf), np.full(len(sizes), -np.inf)
    for these in (place < _SURELY, place >= _SURELY):
        looked_at = np.sort(order[these & (highest[order] >= best[school])])
        words[looked_at] = late(rows[looked_at])
        scores[looked_at] = score(cosines[looked_at], words[looked_at], shares[looked_at])
        np.maximum.at(best, school[looked_at], scores[looked_at])
    first = np.lexsort((rows, -scores, school))[place == 0]
    return Scored(rows[first], *(table[None, first] for table in (scores, cosines, words, shares)))
