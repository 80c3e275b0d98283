"""Slow, plain twin of the probe kernel: the matching key from its definition, n-gram hashes in Python integers."""

import functools
import importlib.util
from pathlib import Path
from types import ModuleType

import opencc

BASE, MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1
LIMIT = 0x33000


@functools.cache
def _definition() -> tuple[ModuleType, opencc.OpenCC]:
    path = Path(__file__).resolve().parents[2] / "cci_tools" / "kernels" / "src" / "make_fold_data.py"
    spec = importlib.util.spec_from_file_location("make_fold_data", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, opencc.OpenCC("t2s")


@functools.cache
def fold(code: int) -> int:
    if code >= LIMIT or 0xD800 <= code < 0xE000:
        return 0
    module, simplify = _definition()
    folded = module.fold(chr(code), simplify)
    while folded and (further := module.fold(chr(folded), simplify)) not in (0, folded):
        folded = further
    return folded


def key(data: bytes) -> list[int]:
    return [c for c in (fold(ord(c)) for c in data.decode("utf-8", "replace")) if c]


def key_positions(data: bytes) -> list[int]:
    return [i for i, c in enumerate(data.decode("utf-8", "replace")) if fold(ord(c))]


def ngram_hash(codes: list[int]) -> int:
    h = 0
    for code in codes:
        h = (h * BASE + (code * 0x9E3779B1 & 0xFFFFFFFF)) & MASK
    h ^= h >> 32
    return (h * 0xD6E8FEB86659FD93 & MASK) >> 32


def ngram_hashes(data: bytes, width: int) -> list[int]:
    codes = key(data)
    if 0 < len(codes) < width:
        return [ngram_hash(codes)]
    return [ngram_hash(codes[i : i + width]) for i in range(len(codes) - width + 1)]


def find_ngrams(data: bytes, width: int, hashes: list[int]) -> list[tuple[int, int]]:
    number = {h: i for i, h in enumerate(hashes)}
    found = ngram_hashes(data, width) if len(key(data)) >= width else []
    return [(position, number[h]) for position, h in enumerate(found) if h in number]
