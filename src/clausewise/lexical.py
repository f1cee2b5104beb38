"""BM25 over the passages' words: the only room that knows bm25s."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Scores = np.ndarray[tuple[int], np.dtype[np.float32]]


class LexicalIndex:
    """BM25 (Lucene's variant) over stemmed English words."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        self._size = len(texts)
        self._bm25 = bm25s.BM25(method="lucene")
        tokens = words(texts)
        self.vocabulary = frozenset(word for row in tokens for word in row)
        if self.vocabulary:
            self._bm25.index(tokens, show_progress=False)

    def scores(self, query: str) -> Scores:
        """BM25 of every row for `query`, shape (n,), at least 0."""
        known = [word for word in words([query])[0] if word in self.vocabulary]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)


def words(texts: Sequence[str]) -> list[list[str]]:
    """For each text the lower-cased stems of the words that carry meaning."""
    import bm25s
    import Stemmer

    plain = [text.replace("’", "'").lower() for text in texts]
    stemmer = Stemmer.Stemmer("english")
    return list(bm25s.tokenize(plain, stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False))
