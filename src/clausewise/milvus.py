"""An index's rows in Milvus, as another vector store. The only room that knows pymilvus (an extra).

A collection holds each row's vector, its words for Milvus's BM25 function, and its school, the partition key. The words are
the numbers of the stems that the index made: the same are counted, and no word of a policy goes there. How rare a word is
Milvus counts by shard, milvus-lite by partition: its BM25 says which rows are looked at, and the index's own how near they
are. The collection is named after what it holds and read by that name, so an index is never searched in another's rows. The
alias "clausewise_" and the index's name says which was made last; the one before, and those of the generations that are there, are
kept for who answers from them.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clausewise.embeddings import Vectors
from clausewise.errors import VectorStoreError
from clausewise.generations import all_opened
from clausewise.index import Index, Parts, searched_digest
from clausewise.nearest import Nearest, OwnFiles, Terms, VectorStore, ascending, bm25
from clausewise.settings import milvus_token
from clausewise.vectors import Rows

if TYPE_CHECKING:
    from pymilvus import MilvusClient

_BATCH = 1_000  # rows that are sent at once
_WAIT = 30.0  # seconds for an answer
_LONG = 3_600.0  # seconds for all that was sent to be durable
_MOST = 16_384  # that Milvus finds in one search
_DIGITS = 16  # of the digest of what a collection holds, in its name
_BUILD = "build again with: clausewise index"
_OTHERWISE = "set CLAUSEWISE_MILVUS to one that can, or to nothing to search the index's own files"



def vector_store(index: Index, uri: str) -> VectorStore:
    """What `index` is searched in: its collection at `uri`, or its own files where there is none ("") or it is in memory alone.

    Raises VectorStoreError where the collection is not there, or not whole.
    """
    if not uri or not index.searched or not len(index.passages):
        return OwnFiles(index)
    with _told(uri):
        client = _client(uri)
        named = [name for name in client.list_collections() if _is_of(name, index.searched)]
        whole = [name for name in named if _count(client, name) == len(index.passages)]
    if not whole:
        found = f"{named[0]}, which is not whole" if named else "no collection of this index"
        raise VectorStoreError(f"Milvus at {uri}: found {found}; {_BUILD}")
    return MilvusStore(client, uri, whole[0], index)


class MilvusStore:
    """The collection at `uri` that holds the rows of `index`."""

    def __init__(self, client: MilvusClient, uri: str, collection: str, index: Index) -> None:
        self._client, self._uri, self._collection, self._index = client, uri, collection, index

    def nearest(self, vectors: Vectors, terms: Sequence[Terms], rows: Sequence[int] | Rows, limit: int) -> Nearest:
        """As VectorStore says; more than Milvus finds at once are found in the index's own files."""
        near = every = ascending(rows)
        if min(len(every), 2 * len(vectors) * limit) > _MOST:
            return OwnFiles(self._index).nearest(vectors, terms, rows, limit)
        if len(every) > limit:
            near = self._near(vectors, terms, self._scope(every), limit)
        cosines = self._search("vector", [*vectors], self._scope(near), len(near))
        if any(len(found) < len(near) for found in cosines):
            raise VectorStoreError(f"Milvus at {self._uri}: {self._collection} has lost rows; {_BUILD}")
        dense = np.array([[found[row] for row in near.tolist()] for found in cosines], dtype=np.float64)
        return Nearest(near, dense, bm25(self._index, terms, near).astype(np.float64))

    def _near(self, vectors: Vectors, terms: Sequence[Terms], scope: str, limit: int) -> Rows:
        asked = [spelt(each) for each in terms if each]
        found = [*self._search("vector", [*vectors], scope, limit), *self._search("bm25", asked, scope, limit)]
        return np.unique(np.array([row for each in found for row in each], dtype=np.int64))

    def _scope(self, rows: Rows) -> str:
        """A filter for these rows, which ascend: by school, so that Milvus looks in their partitions alone."""
        places = {school: np.searchsorted(rows, (own.start, own.stop)) for school, own in self._index.rows.items()}
        counts = {school: int(last - first) for school, (first, last) in places.items() if last > first}
        schools = f"school in {json.dumps([*counts], ensure_ascii=False)}"
        whole = all(count == len(self._index.rows[school]) for school, count in counts.items())
        return schools if whole else f"{schools} and row in {rows.tolist()}"

    def _search(self, field: str, asked: Sequence[Any], scope: str, limit: int) -> list[dict[int, float]]:
        """For each that is asked, row -> score of the `limit` best."""
        if not asked:
            return []
        with _told(self._uri):
            found: Any = self._client.search(
                self._collection, list(asked), scope, limit, output_fields=["row"], anns_field=field, timeout=_WAIT
            )
        return [{int(hit["row"]): float(hit["distance"]) for hit in hits} for hits in found]


def spelt(terms: Terms) -> str:
    """As Milvus is given them, in a row's words as in a question."""
    return " ".join(map(str, terms))


def copied(uri: str, folder: Path, parts: Parts, searched: str, tell: Callable[[str], object] = lambda _: None) -> None:
    """Let a collection at `uri` hold the rows of the index that is to be in force in `folder`, and drop those that nobody needs.

    `searched`: what tells the rows from others'. Raises VectorStoreError; the collection that was in force then still is.
    """
    rows = sum(len(passages) for _, _, passages in parts.contents.entries)
    if not uri or not rows:
        return
    alias = f"clausewise_{re.sub('[^0-9A-Za-z]', '_', folder.resolve().name)}"
    collection = f"{alias}_{searched[:_DIGITS]}"
    with _told(uri):
        client = _client(uri)
        try:
            if not client.has_collection(collection) or _count(client, collection) < rows:
                _fill(client, collection, parts)
            if _count(client, collection) != rows:
                raise VectorStoreError(f"Milvus at {uri}: {collection} holds {_count(client, collection)} of {rows} rows; {_BUILD}")
            _let_in_force(client, alias, collection, {f"{alias}_{digest[:_DIGITS]}" for digest in _generations(folder)})
        finally:
            client.close()
    tell(f"{rows} rows are in Milvus at {uri}, as {collection}")


def _fill(client: MilvusClient, collection: str, parts: Parts) -> None:
    """Anew: what is there was left half built."""
    client.drop_collection(collection)
    vectors = parts.vectors.vectors()
    _create(client, collection, vectors.shape[1])
    left = _rows(parts, vectors)
    while batch := list(islice(left, _BATCH)):
        client.insert(collection, batch, timeout=_WAIT)
    client.flush(collection, timeout=_LONG)


def _create(client: MilvusClient, collection: str, dimensions: int) -> None:
    from pymilvus import DataType, Function, FunctionType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("row", DataType.INT64, is_primary=True)
    schema.add_field("school", DataType.VARCHAR, max_length=1_024, is_partition_key=True)
    schema.add_field("words", DataType.VARCHAR, max_length=65_535, enable_analyzer=True, analyzer_params={"tokenizer": "standard"})
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
    schema.add_field("bm25", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, input_field_names=["words"], output_field_names=["bm25"]))
    indexes = client.prepare_index_params()
    indexes.add_index("vector", index_type="FLAT", metric_type="IP")
    indexes.add_index("bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params={"bm25_k1": 1.5, "bm25_b": 0.75})
    client.create_collection(
        collection,
        schema=schema,
        index_params=indexes,
        consistency_level="Eventually",  # nothing is written after the first search
    )


def _rows(parts: Parts, vectors: Vectors) -> Iterator[dict[str, Any]]:
    for _, _, passages in parts.contents.entries:
        for passage in passages:
            words = spelt(parts.lexical.terms(passage.text))
            yield {"row": passage.row, "school": passage.school, "words": words, "vector": vectors[passage.row]}


def _generations(folder: Path) -> Iterator[str]:
    """Of each generation that is there what tells its rows from others': a build that failed later left the alias at none of them."""
    for generation in all_opened(folder):
        files = generation.manifest["files"]
        with suppress(KeyError):  # of an earlier format
            yield searched_digest({name: str(noted["sha256"]) for name, noted in files.items()}.__getitem__)


def _let_in_force(client: MilvusClient, alias: str, collection: str, needed: Set[str]) -> None:
    """The alias is switched at once; what it named till now is kept, and what is needed, all else of the same index dropped."""
    ours = [name for name in client.list_collections() if re.fullmatch(rf"{alias}_[0-9a-f]{{{_DIGITS}}}", name)]
    before = next((name for name in ours if alias in client.list_aliases(name)["aliases"]), None)
    if before is None:
        client.create_alias(collection, alias)
    elif before != collection:
        client.alter_alias(collection, alias)
        for name in set(ours) - {before, collection} - needed:
            client.drop_collection(name)


def _client(uri: str) -> MilvusClient:
    try:
        from pymilvus import MilvusClient
    except ImportError:
        remedy = "install it with: python -m pip install 'clausewise[milvus]'"
        raise VectorStoreError(f"CLAUSEWISE_MILVUS is set, and pymilvus is not installed; {remedy}") from None
    for name in ("pymilvus", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is told once, in a line
    return MilvusClient(uri, token=milvus_token(), timeout=_WAIT)


@contextmanager
def _told(uri: str) -> Iterator[None]:
    """Raises VectorStoreError for whatever the server or its client finds wrong."""
    try:
        yield
    except VectorStoreError:
        raise
    except Exception as error:
        message = getattr(error, "message", "") or str(error)
        raise VectorStoreError(f"Milvus at {uri}: {' '.join(message.split())[:200]}; {_OTHERWISE}") from None


def _count(client: MilvusClient, collection: str) -> int:
    """How many rows it holds, loaded for search as well: milvus-lite opens with none that is."""
    client.load_collection(collection)
    found: Any = client.query(collection, "", ["count(*)"], timeout=_WAIT, consistency_level="Strong")
    return int(found[0]["count(*)"])


def _is_of(collection: str, searched: str) -> bool:
    return re.fullmatch(rf"clausewise_\w+_{searched[:_DIGITS]}", collection, re.ASCII) is not None
