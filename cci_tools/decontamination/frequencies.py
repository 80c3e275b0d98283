"""How often the n-grams of an index occur in a corpus: what it says often, statutes and idioms, proves little.

The counts are exact and only of the n-grams that the index holds, and they do not depend on the order in which they are
added up. An item that a document holds does not count there: a question that was copied a thousand times is still a
question, and must not hide itself.

Layout of a file, all numbers little-endian: 8 bytes ``CCIFREQS``; uint32 format version; uint32 length of the header;
the header, JSON in UTF-8 (scheme, width, documents, entries, digest), padded with spaces to a multiple of 8; the
hashes, uint32, ascending; their document counts, uint32.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from cci_tools.decontamination.document import Integers
from cci_tools.decontamination.index import Index
from cci_tools.decontamination.match import Matcher, findings
from cci_tools.kernels.probe import SCHEME, find_ngrams, probe_set

MAGIC, VERSION = b"CCIFREQS", 1


@dataclass(frozen=True, eq=False)
class Frequencies:
    """In how many of some documents each n-gram of an index occurs; `hashes` ascend."""

    hashes: npt.NDArray[np.uint32]
    counts: Integers
    documents: int
    width: int

    def __add__(self, other: "Frequencies") -> "Frequencies":
        """The counts of both corpora together."""
        if self.width != other.width:
            raise ValueError("frequencies of different n-gram widths cannot be added")
        hashes = np.union1d(self.hashes, other.hashes)
        counts = np.zeros(len(hashes), np.int64)
        for part in (self, other):
            counts[np.searchsorted(hashes, part.hashes)] += part.counts
        return Frequencies(hashes, counts, self.documents + other.documents, self.width)

    def of(self, index: Index) -> Integers:
        """The count of each n-gram of an index, shape (number of n-grams of the index,).

        Raises
        ------
        ValueError
            The index holds n-grams that were not counted, or has another width.
        """
        wanted = index.arrays["ngram_hash"]
        at = np.minimum(np.searchsorted(self.hashes, wanted), max(len(self.hashes) - 1, 0))
        if index.width != self.width or (len(wanted) and (not len(self.hashes) or (self.hashes[at] != wanted).any())):
            raise ValueError(
                "the frequencies were counted for other benchmark indexes; count them again with "
                "`cci-clean index frequencies` and the indexes of this recipe"
            )
        return self.counts[at] if len(wanted) else np.zeros(0, np.int64)

    def save(self, path: str | Path) -> None:
        """Write the file described at the head of this module; equal counts give equal bytes."""
        payload = self.hashes.astype("<u4").tobytes() + np.minimum(self.counts, 0xFFFFFFFF).astype("<u4").tobytes()
        header = {
            "scheme": SCHEME,
            "width": self.width,
            "documents": self.documents,
            "entries": len(self.hashes),
            "digest": xxhash.xxh3_64_hexdigest(payload),
        }
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        Path(path).write_bytes(MAGIC + struct.pack("<II", VERSION, len(text)) + text + payload)


def load_frequencies(path: str | Path) -> Frequencies:
    """Read a file of frequencies.

    Raises
    ------
    FileNotFoundError
        No such file.
    ValueError
        Not such a file, of another version or scheme, cut off, or damaged.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file of frequencies; make one with `cci-clean index frequencies`")
    data = path.read_bytes()
    if data[:8] != MAGIC or len(data) < 16:
        raise ValueError(f"{path}: not a file of frequencies; make one with `cci-clean index frequencies`")
    version, length = struct.unpack_from("<II", data, 8)
    if version != VERSION:
        raise ValueError(f"{path}: frequencies of format {version}, this release reads {VERSION}; count them again")
    payload = data[16 + length :]
    try:
        header = json.loads(data[16 : 16 + length])
        entries, documents, width = int(header["entries"]), int(header["documents"]), int(header["width"])
        scheme, digest = header["scheme"], header["digest"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: the header is cut off or damaged; copy the file or count again") from error
    if scheme != SCHEME:
        raise ValueError(f"{path}: made with scheme {scheme}, this release uses {SCHEME}; count them again")
    if xxhash.xxh3_64_hexdigest(payload) != digest or len(payload) != 8 * entries:
        raise ValueError(f"{path}: cut off or damaged (the digest differs); copy the file or count again")
    hashes, counts = np.frombuffer(payload, "<u4", entries), np.frombuffer(payload, "<u4", entries, 4 * entries)
    return Frequencies(hashes, counts.astype(np.int64), documents, width)


class FrequencyCounter:
    """Counts the n-grams of an index over batches of documents.

    Parameters
    ----------
    index : Index or Matcher
        What the frequencies are for.
    """

    def __init__(self, index: Index | Matcher) -> None:
        self._matcher = index if isinstance(index, Matcher) else Matcher(index)
        self._hashes, self._number = np.unique(self._matcher.index.arrays["ngram_hash"], return_inverse=True)
        self._set = probe_set(self._hashes)
        self._counts = np.zeros(len(self._hashes), np.int64)
        self._documents = 0

    def add(self, texts: Sequence[str] | Any) -> None:
        """Count a batch of documents."""
        size = len(self._hashes)
        found = find_ngrams(texts, self._matcher.index.width, self._set)
        self._documents += len(found.offsets) - 1
        text = np.repeat(np.arange(len(found.offsets) - 1), np.diff(found.offsets))
        once = np.unique(text * size + found.numbers)
        own = [
            text * size + self._number[self._matcher.ngrams(item)]
            for text, _, item, _ in findings(texts, self._matcher)
        ]
        if own:
            once = np.setdiff1d(once, np.concatenate(own))
        self._counts += np.bincount(once % max(size, 1), minlength=size)

    def result(self) -> Frequencies:
        """What was counted so far."""
        return Frequencies(self._hashes, self._counts.copy(), self._documents, self._matcher.index.width)
