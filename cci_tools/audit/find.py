"""Find documents of a corpus, kept and rejected, by what a person knows of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.corpus import KINDS, Corpus, Place
from cci_tools.kernels.sign import sign


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for; a document is found when one of these fits.

    Parameters
    ----------
    ids : tuple of str
        As published, or as the dump had them: the digest that makes a repeated id unique may be left out.
    urls : tuple of str
        Letter for letter, but for the scheme and a slash at the end.
    digests : tuple of str
        32 hexadecimal digits, the digest of the matching key (column `digest` of the index): equal for copies that
        differ in width, case, punctuation, space and Traditional forms only.
    phrases : tuple of str
        A part of the text, letter for letter.
    """

    ids: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.ids or self.urls or self.digests or self.phrases):
            raise ValueError("nothing to look for: give an id, a url, a digest or a phrase")
        for digest in self.digests:
            if len(digest) != 32 or set(digest.lower()) - set("0123456789abcdef"):
                raise ValueError(f"{digest!r} is not a digest: 32 hexadecimal digits")
        if "" in self.phrases:
            raise ValueError("an empty phrase is in every text")


def find(corpus: Corpus, wanted: Wanted, kinds: Sequence[str] = KINDS) -> Iterator[Place]:
    """Places of the documents that are looked for, in the order of the files.

    Parameters
    ----------
    corpus : Corpus
    wanted : Wanted
    kinds : sequence of str, default all
        Folders to look in.
    """
    columns = ["id", "url"]
    if wanted.phrases or wanted.digests:
        columns.append("text")
    for kind in kinds:
        for file, first, batch in corpus.batches(kind, columns):
            for row in np.flatnonzero(_fits(batch, wanted)):
                yield Place(file, first + int(row))


def _fits(batch: pa.RecordBatch, wanted: Wanted) -> npt.NDArray[np.bool_]:
    mask = np.zeros(batch.num_rows, bool)

    def also(fits: pa.Array) -> None:
        nonlocal mask
        mask |= pc.fill_null(fits, False).to_numpy(zero_copy_only=False)

    if wanted.ids:
        ids = pa.array(wanted.ids, pa.string())
        also(pc.is_in(batch.column("id"), ids))
        also(pc.is_in(pc.replace_substring_regex(batch.column("id"), "#[0-9a-f]{16}$", ""), ids))
    if wanted.urls:
        also(pc.is_in(_bare(batch.column("url")), _bare(pa.array(wanted.urls, pa.string()))))
    for phrase in wanted.phrases:
        also(pc.match_substring(batch.column("text"), phrase))
    if wanted.digests and batch.num_rows:
        digests = sign(batch.column("text")).digests
        for digest in wanted.digests:
            mask |= (digests == np.frombuffer(bytes.fromhex(digest), np.uint64)).all(axis=1)
    return mask


def _bare(urls: pa.Array) -> pa.Array:
    """Addresses without their scheme and without a slash at the end."""
    return pc.replace_substring_regex(urls, r"^[A-Za-z][A-Za-z0-9+.-]*://|/$", "")
