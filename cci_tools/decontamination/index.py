"""Benchmark indexes: hashes of the n-grams of evaluation items and their ids, never their text.

Layout of a file, all numbers little-endian: 8 bytes ``CCIBENCH``; uint32 format version; uint32 length of the
header; the header, JSON in UTF-8 (scheme, width, items, sets, digest, and name, type and length of each array), padded
with spaces to a multiple of 8; the arrays of `ARRAYS` one after the other, each padded with zeros to a multiple of 8.
The same input gives the same bytes.
"""

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from cci_tools.decontamination.files import benchmark_files, read_records
from cci_tools.decontamination.items import Item, items_of
from cci_tools.decontamination.parts import Role, part_ngrams, parts_of
from cci_tools.kernels.probe import SCHEME

MAGIC, VERSION = b"CCIBENCH", 1
WIDTH = 8
"""Characters of the matching key in an n-gram. Shorter ones occur in too much ordinary text, longer ones miss short
questions and touched ones: ``benchmarks/accuracy/decontamination.py --widths`` prints the comparison."""

ARRAYS: dict[str, str] = {
    "item_set": "<u2",  # number of the item's set in the header
    "item_asks": "|u1",  # whether the question ends by asking
    "item_ids": "|u1",  # UTF-8 of all ids
    "item_id_offsets": "<u4",
    "item_offsets": "<u4",  # item i has the entries item_offsets[i]:item_offsets[i + 1] of the next two
    "entry_part": "<u4",
    "entry_role": "|u1",
    "part_length": "<u2",  # characters of the key; below the width, the one hash is that of the whole key
    "part_information": "<u2",  # the same, where Latin letters and digits count a third
    "part_offsets": "<u4",  # part p has the n-grams part_offsets[p]:part_offsets[p + 1] of the next two
    "ngram_hash": "<u4",
    "ngram_position": "<u2",
}
"""Name and type of the arrays, in the order of the file."""


@dataclass(frozen=True)
class BenchmarkSet:
    """One split of a benchmark, as a header names it."""

    benchmark: str
    split: str
    licence: str | None
    date: str | None
    items: int


@dataclass(frozen=True, eq=False)
class Index:
    """An index in memory; `arrays` are those of `ARRAYS`."""

    sets: tuple[BenchmarkSet, ...]
    arrays: Mapping[str, npt.NDArray[Any]]
    width: int = WIDTH

    def __len__(self) -> int:
        return len(self.arrays["item_set"])

    def __str__(self) -> str:
        sets = ", ".join(f"{of.benchmark} {of.split}".rstrip() + f" ({of.items})" for of in self.sets)
        return f"{len(self)} items: {sets}"

    def name(self, item: int) -> tuple[str, str, str]:
        """Benchmark, split and id of an item."""
        start, end = self.arrays["item_id_offsets"][item : item + 2]
        of = self.sets[self.arrays["item_set"][item]]
        return of.benchmark, of.split, self.arrays["item_ids"][start:end].tobytes().decode()

    def save(self, path: str | Path) -> None:
        """Write the file described at the head of this module."""
        names = {name: np.ascontiguousarray(self.arrays[name], kind) for name, kind in ARRAYS.items()}
        payload = b"".join(_padded(array.tobytes()) for array in names.values())
        header: dict[str, Any] = {
            "scheme": SCHEME,
            "width": self.width,
            "items": len(self),
            "sets": [asdict(of) for of in self.sets],
            "digest": xxhash.xxh3_64_hexdigest(payload),
            "arrays": [[name, ARRAYS[name], len(array)] for name, array in names.items()],
        }
        text = _padded(json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode(), b" ")
        Path(path).write_bytes(MAGIC + struct.pack("<II", VERSION, len(text)) + text + payload)


def _padded(data: bytes, filler: bytes = b"\0") -> bytes:
    return data + filler * (-len(data) % 8)


def load_index(path: str | Path) -> Index:
    """Read an index.

    Raises
    ------
    FileNotFoundError
        No such file.
    ValueError
        Not an index, of another version, scheme or layout, cut off, or damaged; the message says which and what to do.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such benchmark index; build one with `cci-clean index benchmarks`")
    data = path.read_bytes()
    if data[:8] != MAGIC or len(data) < 16:
        raise ValueError(f"{path}: not a benchmark index; build one with `cci-clean index benchmarks`")
    version, length = struct.unpack_from("<II", data, 8)
    if version != VERSION:
        raise ValueError(f"{path}: index format {version}, this release reads {VERSION}; build the index again")
    try:
        header = json.loads(data[16 : 16 + length])
        counts = {name: int(count) for name, _, count in header["arrays"]}
        kinds = {name: kind for name, kind, _ in header["arrays"]}
        sets = tuple(BenchmarkSet(**of) for of in header["sets"])
        scheme, width, digest = header["scheme"], int(header["width"]), header["digest"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: the header is cut off or damaged; copy or build the index again") from error
    if scheme != SCHEME or kinds != ARRAYS:
        raise ValueError(f"{path}: made with scheme {scheme}, this release uses {SCHEME}; build the index again")
    payload = memoryview(data)[16 + length :]
    if xxhash.xxh3_64_hexdigest(payload) != digest:
        raise ValueError(f"{path}: cut off or damaged (the digest differs); copy or build the index again")
    size = sum(-(-counts[name] * np.dtype(kind).itemsize // 8) * 8 for name, kind in ARRAYS.items())
    if min(counts.values()) < 0 or size != len(payload) or counts["item_set"] != sum(of.items for of in sets):
        raise ValueError(f"{path}: the header is cut off or damaged; copy or build the index again")
    arrays, at = {}, 0
    for name, kind in ARRAYS.items():
        arrays[name] = np.frombuffer(payload, kind, counts[name], at)
        at += -(-arrays[name].nbytes // 8) * 8
    return Index(sets, arrays, width)


def merge_indexes(indexes: Sequence[Index]) -> Index:
    """One index with the items of several, in their order.

    Raises
    ------
    ValueError
        There is none, or their n-gram widths differ.
    """
    if not indexes:
        raise ValueError("no benchmark index was given")
    if len({index.width for index in indexes}) > 1:
        raise ValueError("benchmark indexes of different n-gram widths cannot be used together; build them again")
    if len(indexes) == 1:
        return indexes[0]
    shifted = {"item_set": "sets", "entry_part": "part_length"}
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, kind in ARRAYS.items():
        pieces, base = [], 0
        for number, index in enumerate(indexes):
            piece = index.arrays[name]
            if name.endswith("offsets"):
                pieces.append((piece if number == 0 else piece[1:]).astype(np.int64) + base)
                base += int(piece[-1])
            elif name in shifted:
                pieces.append(piece.astype(np.int64) + base)
                base += len(index.sets) if name == "item_set" else len(index.arrays[shifted[name]])
            else:
                pieces.append(piece)
        arrays[name] = np.concatenate(pieces).astype(kind)
    return Index(tuple(of for index in indexes for of in index.sets), arrays, indexes[0].width)


def build_index(
    files: Iterable[str | Path],
    out: str | Path | None = None,
    *,
    benchmark: str | None = None,
    split: str | None = None,
    licence: str | None = None,
    date: str | None = None,
    fields: Mapping[str, str] | None = None,
    width: int = WIDTH,
) -> Index:
    """Index the items of benchmark files.

    Parameters
    ----------
    files : iterable of str or Path
        JSON, JSON lines, CSV, TSV or Parquet, packed or not; a folder means all of them under it. Indexes (``.idx``)
        are taken over, before the items of the others.
    out : str or Path, optional
        Where to write the index.
    benchmark, split : str, optional
        Names for items that do not carry their own; by default the file's name, and none.
    licence, date : str, optional
        Licence of the benchmark and its date, noted in the header.
    fields : mapping of str to str, optional
        Field names for ``"question"``, ``"choices"``, ``"answer"``, ``"passage"``, ``"id"``; else they are found by
        their usual names (`items.FIELDS`).
    width : int, default 8
        Characters of an n-gram.

    Returns
    -------
    Index

    Raises
    ------
    FileNotFoundError, ValueError
        A file is missing or unreadable, or no item was found.

    Notes
    -----
    Questions are held whole up to 96 characters, choices and answers up to 16; of longer parts a sample chosen by
    hash: a quarter of the n-grams, an eighth in passages and beyond 256 characters; and always the end of a question.
    """
    items: list[Item] = []
    named = [Path(path) for path in files]
    indexes = [load_index(path) for path in named if path.suffix == ".idx"]
    paths = benchmark_files(path for path in named if path.suffix != ".idx")
    for path in paths:
        stem = path.name.split(".")[0]
        found = items_of(list(read_records(path)), benchmark=benchmark or stem, split=split or "", fields=fields)
        # One file a subject, each numbered from 0: the file's name makes the ids differ.
        items += (replace(i, id=f"{stem}-{i.id}") if len(paths) > 1 and i.id.isdigit() else i for i in found)
    if not items and (paths or not indexes):
        known = ", ".join(str(path) for path in paths[:3])
        raise ValueError(f"{known}: no item with a question was found; say which field holds it (question=NAME)")
    if items:
        indexes.append(index_items(items, licence=licence, date=date, width=width))
    index = merge_indexes(indexes)
    if out is not None:
        index.save(out)
    return index


def index_items(
    items: Sequence[Item], *, licence: str | None = None, date: str | None = None, width: int = WIDTH
) -> Index:
    """Index items that are already in memory; see `build_index`."""
    sets: dict[tuple[str, str], int] = {}
    parts: dict[tuple[Role, str], int] = {}
    item_set, item_offsets, entries = [], [0], []
    for item in items:
        item_set.append(sets.setdefault((item.benchmark, item.split), len(sets)))
        for role, text in parts_of(item, width):
            kind = Role.CHOICE if role in (Role.RIGHT, Role.ANSWER) else role  # these are sampled alike
            entries.append((parts.setdefault((kind, text), len(parts)), role))
        item_offsets.append(len(entries))
    ids = [item.id.encode() for item in items]
    counts = np.bincount(item_set, minlength=len(sets))
    lengths, information, offsets, hashes, positions = part_ngrams(list(parts), width)
    arrays = {
        "item_set": item_set,
        "item_asks": [item.asks for item in items],
        "item_ids": np.frombuffer(b"".join(ids), np.uint8),
        "item_id_offsets": np.cumsum([0, *map(len, ids)]),
        "item_offsets": item_offsets,
        "entry_part": [part for part, _ in entries],
        "entry_role": [role for _, role in entries],
        "part_length": lengths,
        "part_information": information,
        "part_offsets": offsets,
        "ngram_hash": hashes,
        "ngram_position": positions,
    }
    names = [BenchmarkSet(b, s, licence or None, date or None, int(counts[number])) for (b, s), number in sets.items()]
    return Index(tuple(names), {name: np.asarray(arrays[name]).astype(kind) for name, kind in ARRAYS.items()}, width)
