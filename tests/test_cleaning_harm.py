"""Cleaning does no harm to real documents, where they are present: statutes, reports, verse and articles."""

import io
import re
from collections import Counter, defaultdict
from functools import cache

import numpy as np
import orjson
import pyarrow as pa
import pytest
import zstandard
from shared_data import shared_data

from cci_tools.cleaning.repair import Cleaned, clean_all
from cci_tools.cleaning.rules import FORMAT, plan

KINDS = {
    "statutes": ("law", "twlaw", "justlaws"),
    "reports": ("xwlb", "govreport"),
    "verse": ("poetry",),
    "articles": ("oiwiki", "lctt", "paddle", "howtocook", "tidb"),
}
EACH = 750
HANZI = "\u3400-\u9fff"
MARKERS = re.compile("<!-- [A-Z ]+ -->\n")  # of the program that made the dump of the statutes
STRAY = re.compile(f"(?<=[{HANZI}])[,;:?!](?=[{HANZI}])|[０-９Ａ-Ｚａ-ｚ]")
"""What the national standard for punctuation calls a mistake, and any reader can see: not a clean document."""


@cache
def documents() -> tuple[tuple[str, str], ...]:
    """Kind and text of all documents of these kinds, without the marks of the dump."""
    kind_of = {part: kind for kind, parts in KINDS.items() for part in parts}
    found = []
    with open(shared_data("corpus", "corpus_dev.jsonl.zst"), "rb") as file:
        for line in io.BufferedReader(zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(file)):
            kind = kind_of.get(line[8:24].partition(b"-")[0].decode())
            if kind is not None:
                found.append((kind, MARKERS.sub("", orjson.loads(line)["text"])))
    return tuple(found)


def sample(clean: bool) -> list[tuple[str, str]]:
    """750 documents of each kind, evenly spread."""
    chosen = []
    for kind in KINDS:
        texts = [text for k, text in documents() if k == kind and not (clean and STRAY.search(text))]
        chosen += [(kind, text) for text in texts[:: len(texts) // EACH][:EACH]]
    assert len(chosen) == EACH * len(KINDS)
    return chosen


def cleaned(texts: list[str]) -> dict[int, Cleaned]:
    return clean_all(pa.array(texts, pa.large_string()), np.arange(len(texts)), plan())


def seen(result: Cleaned) -> set[str]:
    """The rules that changed what a reader sees."""
    return set(result.repairs) - set(FORMAT)


def test_at_most_one_clean_document_in_a_hundred_is_changed() -> None:
    rows = sample(clean=True)
    changed: dict[str, Counter[str]] = defaultdict(Counter)
    results = cleaned([text for _, text in rows])
    for row, result in results.items():
        changed[rows[row][0]].update(seen(result))
    total = sum(bool(seen(result)) for result in results.values())
    assert total <= 0.01 * len(rows), changed
    assert not any(result.reject for result in results.values())


def test_stray_marks_are_mended_in_place() -> None:
    """Of documents as they are, one in twenty-five has a half-width mark in full-width prose or a full-width digit."""
    rows = sample(clean=False)
    results = cleaned([text for _, text in rows])
    mended = others = 0
    for row, result in results.items():
        if rules := seen(result):
            others += not rules <= {"punctuation", "width"}
            if set(result.repairs) <= {"punctuation", "width"}:
                before, after = rows[row][1], result.text
                pairs = {(a, b) for a, b in zip(before, after, strict=True) if a != b}
                assert all(abs(ord(a) - ord(b)) == 0xFEE0 for a, b in pairs)
                mended += 1
    assert others <= 0.01 * len(rows) and mended <= 0.04 * len(rows)


@pytest.mark.parametrize("script", ["keep", "simplified", "traditional"])
def test_cleaning_real_documents_twice_is_cleaning_them_once(script: str) -> None:
    everything = documents()
    count = 20_000 if script == "keep" else 2_000
    texts = [text for _, text in everything[:: len(everything) // count]][:count]
    chosen = plan(script=script)
    results = clean_all(pa.array(texts, pa.large_string()), np.arange(count), chosen)
    once = [results[row].text if row in results else text for row, text in enumerate(texts)]
    again = clean_all(pa.array(once, pa.large_string()), np.arange(count), chosen)
    assert not any(result.repairs for result in again.values())
    assert sum(a != b for a, b in zip(texts, once, strict=True)) > 0.05 * count
