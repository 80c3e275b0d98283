"""Slow, plain twin of the signing kernel: the definition in sign.hpp, in Python integers."""

import functools
import re
import unicodedata

import numpy as np
import xxhash

GAMMA, MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1


def mix(z: int) -> int:
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def digest(key: str) -> tuple[int, int]:
    return divmod(xxhash.xxh3_128_intdigest(key.encode("utf-32-le")), 1 << 64)


def shingle_hashes(key: str, width: int = 5, seed: int = 0) -> list[int]:
    constants = [mix(seed + (j + 1) * GAMMA & MASK) | 1 for j in range(width)]
    shingles = [key[i : i + width] for i in range(max(1, len(key) - width + 1))] if key else []
    return [mix(sum(ord(c) * k for c, k in zip(s, constants, strict=False)) & MASK) for s in shingles]


def signature(key: str, width: int = 5, slots: int = 128, seed: int = 0) -> list[int]:
    hashes = set(shingle_hashes(key, width, seed))
    shift = 64 - slots.bit_length() + 1
    best: dict[int, tuple[int, int]] = {}  # slot -> (round, value)
    for number in range(2 * slots):
        if not hashes or len(best) == slots:
            break
        for h in hashes:
            value = mix(h + number * GAMMA & MASK) if number else h
            slot = value >> shift if number < slots else number - slots
            best[slot] = min(best.get(slot, (number, value)), (number, value))
    return [best[slot][1] & 0xFFFFFFFF if slot in best else 0xFFFFFFFF for slot in range(slots)]


def mix32(h: np.ndarray) -> np.ndarray:
    h = (h ^ h >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    h = (h ^ h >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return h ^ h >> np.uint32(16)


def affine(key: str, a: np.ndarray, b: np.ndarray, width: int = 5, seed: int = 0) -> np.ndarray:
    hashes = np.array(shingle_hashes(key, width, seed), np.uint64).astype(np.uint32)
    values = a[None, :] * mix32(hashes)[:, None] + b[None, :]
    return values.min(axis=0, initial=0xFFFFFFFF)
