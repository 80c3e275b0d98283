"""Is this text in the corpus? An index of texts that can be asked, saved, loaded and merged."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cci_tools.dedup.bands import choose_bands
from cci_tools.dedup.columns import as_binary, digests_of, large_strings, signatures_of, strings
from cci_tools.dedup.known import every_document, read_texts
from cci_tools.dedup.lookup import Lookup, Signed, rows_of
from cci_tools.dedup.releases import formats, open_release, scheme_of
from cci_tools.dedup.search import Fetch, difference, estimate_bounds
from cci_tools.dedup.signature import pieces
from cci_tools.dedup.verify import verify
from cci_tools.kernels.match import Rows
from cci_tools.kernels.sign import SCHEMES, Scheme, sign

FORMAT = 1
"""Version of the file that `Index.save` writes."""

ANSWER = pa.schema(
    {"index": pa.int64(), "id": pa.string(), "similarity": pa.float64(), "kind": pa.string(),
     "standard_error": pa.float64()}
)  # fmt: skip
"""The columns of `Index.query`'s table."""

_METADATA = b"cci_tools.index"
_ROWS = 4096
"""Texts that are looked up, or written, at once."""

Texts: TypeAlias = Sequence[str] | pa.Array | pa.ChunkedArray


class Index:
    """Texts of a corpus, to look up other texts in.

    A text is found when its matching key (see `cci_tools.signatures`) equals that of a document, or when the Jaccard
    similarity of their shingle sets reaches a threshold. Sketches propose: they are made by Fast Similarity Sketching
    [1]_ and cut into bands as in section 3.4 of [2]_. With the texts at hand every proposal is verified exactly.
    Without them the answer is the estimate from the sketches, and says so.

    Parameters
    ----------
    texts : sequence of str, pyarrow string array or chunked array, column of a `datasets.Dataset`
        The corpus.
    ids : sequence of str or pyarrow string array, optional
        Names of the texts, all different; their numbers by default.
    width : int, default 5
        Characters of a shingle, 1 to 64. Smaller finds looser similarity.
    slots : int, default 128
        Slots of a sketch, 4 bytes each: 64, 128, 256 or 512. More make estimates sharper.
    scheme : {"fss", "affine32"}, default "fss"
        How slots are filled; "affine32" is faster for texts under 200 characters.
    keep_texts : bool, default True
        Whether texts are kept, for exact answers.

    Raises
    ------
    TypeError
        `texts` does not hold strings.
    ValueError
        `ids` repeat or are not one a text; `width` or `slots` out of range.

    References
    ----------
    .. [1] Dahlgaard, Knudsen, Thorup: Fast Similarity Sketching. FOCS 2017.
    .. [2] Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3rd edition. Cambridge 2020.

    Examples
    --------
    >>> index = Index(["春眠不觉晓，处处闻啼鸟。", "白日依山尽，黄河入海流。"], ["meng", "wang"])
    >>> index.query(["春眠不覺曉 處處聞啼鳥", "床前明月光"]).to_pylist()
    [{'index': 0, 'id': 'meng', 'similarity': 1.0, 'kind': 'exact_duplicate', 'standard_error': 0.0}]
    """

    def __init__(
        self,
        texts: Texts,
        ids: Sequence[str] | pa.Array | pa.ChunkedArray | None = None,
        *,
        width: int = 5,
        slots: int = 128,
        scheme: Scheme = "fss",
        keep_texts: bool = True,
    ) -> None:
        columns = [large_strings(piece) for piece in pieces(texts)]
        column = pa.chunked_array([chunk for each in columns for chunk in each.chunks], pa.large_string())
        signed = sign(column, width=width, slots=slots, scheme=scheme)
        names = [str(number) for number in range(len(column))] if ids is None else ids
        fetch: Fetch | None = (lambda rows: column.take(pa.array(rows))) if keep_texts else None
        self._set(names, Signed(*signed), fetch, width, scheme)

    def _set(self, ids: Any, documents: Signed, fetch: Fetch | None, width: int, scheme: Scheme) -> Self:
        self._ids = strings(ids)
        if len(self._ids) != len(documents.key_lengths):
            raise ValueError(f"ids: {len(self._ids)} for {len(documents.key_lengths)} texts")
        if self._ids.null_count or len(self._ids.unique()) < len(self._ids):
            raise ValueError("ids: an id is missing, or occurs twice; corpora can be loaded with a prefix each")
        self._lookup, self._fetch = Lookup(documents, width), fetch
        self.width, self.slots, self.scheme = width, documents.signatures.shape[1], scheme
        return self

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def exact(self) -> bool:
        """Whether answers are verified with the texts."""
        return self._fetch is not None

    def query(
        self,
        texts: Texts,
        *,
        threshold: float = 0.8,
        recall: float = 0.99,
        numbers: Literal["distinct", "ignore"] = "distinct",
    ) -> pa.Table:
        """Which of the texts are in the corpus, and as what.

        Parameters
        ----------
        texts : sequence of str, pyarrow string array or chunked array, column of a `datasets.Dataset`
            The texts to look up.
        threshold : float, default 0.8
            Jaccard similarity from which on a document is named.
        recall : float, default 0.99
            Probability that a document just at the threshold is found. The first query with a threshold and recall
            sorts their bands: 16 bytes for each document and band, 16 bands at the default.
        numbers : {"distinct", "ignore"}, default "distinct"
            With "distinct", a document that states other figures is not named. Has no effect without the texts.

        Returns
        -------
        pyarrow.Table
            One row for each document found: `index` of the query, `id`, `similarity`, `kind`, `standard_error`; by
            query, the most similar first. The kind is "exact_duplicate" (equal keys), "near_duplicate" (verified), or
            "estimate": then `similarity` is the share of equal slots, and its standard error is not 0.

        Raises
        ------
        TypeError
            `texts` does not hold strings.
        ValueError
            A value out of range, or a recall that so few slots can't give.
        """
        banding, bounds = choose_bands(threshold, recall, self.slots), estimate_bounds(threshold, self.slots)
        tables, first = [ANSWER.empty_table()], 0
        for part in _parts(texts):
            queries = Signed(*sign(part, width=self.width, slots=self.slots, scheme=self.scheme))
            equal = self._lookup.equal(queries)
            near = self._lookup.near(queries, banding, bounds.near if self.exact else bounds.sure)
            a, b = rows_of(difference(near, equal))
            if self.exact:
                similarity = self._verified(a, b, part, queries, numbers)
                kind, error = "near_duplicate", np.zeros(len(a))
            else:
                shared = self._lookup.shared(queries, a, b)
                similarity, likely = shared / self.slots, (shared + 1) / (self.slots + 2)  # so that the error is not 0
                kind, error = "estimate", np.sqrt(likely * (1 - likely) / self.slots)
            found = similarity >= threshold  # false for NaN, where figures differ
            row, query = rows_of(equal)
            tables.append(self._table(first + query, row, np.ones(len(row)), "exact_duplicate", np.zeros(len(row))))
            tables.append(self._table(first + b[found], a[found], similarity[found], kind, error[found]))
            first += len(part)
        # A stable order: where similarities are equal, exact duplicates come first, then the index's own order.
        return pa.concat_tables(tables).sort_by([("index", "ascending"), ("similarity", "descending")])

    def _table(
        self, index: Rows, row: Rows, similarity: npt.NDArray[np.float64], kind: str, error: npt.NDArray[np.float64]
    ) -> pa.Table:
        ids = self._ids.take(pa.array(row))
        return pa.table([index, ids, similarity, pa.repeat(kind, len(row)), error], schema=ANSWER)

    def _verified(self, a: Rows, b: Rows, texts: pa.Array, queries: Signed, numbers: str) -> npt.NDArray[np.float64]:
        """Exact Jaccard of documents `a` and queries `b`; NaN where figures differ."""
        count, fetch = len(self), self._fetch
        assert fetch is not None

        def both(rows: Rows) -> pa.ChunkedArray:
            asked = texts.take(pa.array(rows[rows >= count] - count))
            chunks = [*large_strings(fetch(rows[rows < count])).chunks, *large_strings(asked).chunks]
            return pa.chunked_array(chunks, pa.large_string())

        lengths = np.concatenate((self._lookup.documents.key_lengths, queries.key_lengths))
        return verify(a, count + b, lengths, both, width=self.width, numbers=numbers, memory=1 << 28).similarity

    def save(self, path: str | os.PathLike[str], *, texts: bool = True) -> None:
        """Write the index to one file, whole or not at all.

        Parameters
        ----------
        path : path
            File to write.
        texts : bool, default True
            Whether the texts are written too, if the index has them. A file without them gives estimates.
        """
        fetch = self._fetch if texts else None
        fields = [("id", pa.string()), ("key_length", pa.int32()), ("digest", pa.binary(16))]
        fields += [("signature", pa.binary(4 * self.slots)), *([("text", pa.large_string())] if fetch else [])]
        about = {"format": FORMAT, "scheme": SCHEMES[self.scheme], "width": self.width, "slots": self.slots}
        schema = pa.schema(fields, {_METADATA: json.dumps(about).encode()})
        signatures, digests, key_lengths = self._lookup.documents
        temporary = f"{os.fspath(path)}.{os.getpid()}"
        try:
            with pa.OSFile(temporary, "wb") as file, pa.ipc.new_file(file, schema) as writer:
                for start in range(0, len(self), _ROWS):
                    rows = np.arange(start, min(start + _ROWS, len(self)))
                    values = [self._ids.take(pa.array(rows)), pa.array(key_lengths[rows])]
                    values += [as_binary(digests[rows]), as_binary(signatures[rows])]
                    values += [large_strings(fetch(rows)).combine_chunks()] if fetch else []
                    writer.write_batch(pa.record_batch(values, schema=schema))
            os.replace(temporary, path)
        finally:
            Path(temporary).unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, prefix: str = "") -> Self:
        """An index that was saved, or that of a corpus.

        Parameters
        ----------
        path : path
            File of `save`, mapped into memory; or output folder of a run, whose texts are read from its ``data/``.
        prefix : str
            Put before every id. An id names a document within its corpus only; with a prefix each, corpora that use
            the same ids can be merged.

        Raises
        ------
        FileNotFoundError
            There is nothing.
        ValueError
            It is no index, is damaged, or was written by another version.
        """
        self = cls.__new__(cls)
        if Path(path).is_dir():
            release = open_release(Path(path))
            known, signatures = every_document(release)
            documents = Signed(signatures, known.digests, known.key_lengths)
            texts: Fetch | None = (lambda rows: read_texts([release], known, rows)) if release.texts else None
            return self._set(strings(known.ids, prefix), documents, texts, release.width, release.scheme)
        with pa.memory_map(os.fspath(path)) as file:
            try:
                table = pa.ipc.open_file(file).read_all()
                about = json.loads((table.schema.metadata or {})[_METADATA])
            except (pa.ArrowException, KeyError, ValueError) as error:
                raise ValueError(f"{path}: not an index of cci_tools, or damaged") from error
        scheme = scheme_of(about["scheme"])
        if about["format"] != FORMAT or scheme is None:
            found = f"an index of format {about['format']} with signatures {about['scheme']}"
            this = f"format {FORMAT} with {formats()}"
            raise ValueError(f"{path}: {found}; this version reads {this}; make the index again")
        signatures, digests = signatures_of(table.column("signature")), digests_of(table.column("digest"))
        documents = Signed(signatures, digests, table.column("key_length").to_numpy())
        column = table.column("text") if "text" in table.column_names else None
        fetch: Fetch | None = None if column is None else lambda rows: column.take(pa.array(rows))
        return self._set(strings(table.column("id"), prefix), documents, fetch, about["width"], scheme)

    def merge(self, *others: "Index") -> "Index":
        """One index of the documents of several; none of them is changed.

        Raises
        ------
        ValueError
            They have other schemes, widths or slots, only some have texts, or an id occurs twice.
        """
        indexes = (self, *others)
        if len({(index.scheme, index.width, index.slots, index.exact) for index in indexes}) > 1:
            raise ValueError("to merge, indexes need the same scheme, width and slots, and all have texts or none")
        starts = np.cumsum([0, *map(len, indexes)])

        def fetch(rows: Rows) -> pa.ChunkedArray:
            bounds = np.searchsorted(rows, starts)
            chunks = []
            for index, start, low, high in zip(indexes, starts, bounds, bounds[1:], strict=False):
                if index._fetch is not None and low < high:
                    chunks += large_strings(index._fetch(rows[low:high] - start)).chunks
            return pa.chunked_array(chunks, pa.large_string())

        ids = pa.concat_arrays([index._ids for index in indexes])
        parts = zip(*(index._lookup.documents for index in indexes), strict=True)
        merged = Index.__new__(Index)
        documents = Signed(*map(np.concatenate, parts))
        return merged._set(ids, documents, fetch if self.exact else None, self.width, self.scheme)


def _parts(texts: Texts) -> Iterator[pa.Array]:
    """The texts, some thousands at a time."""
    for piece in pieces(texts):
        for chunk in large_strings(piece).chunks:
            for start in range(0, len(chunk), _ROWS):
                yield chunk.slice(start, _ROWS)
