"""Slow, plain twin of the signing kernel: the definition in sign.hpp, in Python integers."""

import xxhash

GAMMA, MASK = 0x9E3779B97F4A7C15, (1 << 64) - 1
GAMMA32, MASK32 = 0x9E3779B9, (1 << 32) - 1


def mix(z: int) -> int:
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def mix32(h: int) -> int:
    h = (h ^ h >> 16) * 0x85EBCA6B & MASK32
    h = (h ^ h >> 13) * 0xC2B2AE35 & MASK32
    return h ^ h >> 16


def digest(key: str) -> tuple[int, int]:
    return divmod(xxhash.xxh3_128_intdigest(key.encode("utf-32-le")), 1 << 64)


def shingle_hashes(key: str, width: int = 5, seed: int = 0) -> list[int]:
    constants = [mix(seed + (j + 1) * GAMMA & MASK) | 1 for j in range(width)]
    shingles = [key[i : i + width] for i in range(max(1, len(key) - width + 1))] if key else []
    return [mix(sum(ord(c) * k for c, k in zip(s, constants, strict=False)) & MASK) for s in shingles]


def signature(key: str, width: int = 5, slots: int = 128, seed: int = 0) -> list[int]:
    hashes = set(shingle_hashes(key, width, seed))
    best: dict[int, tuple[int, int, int]] = {}  # slot -> (round, v_r, low half of h)
    for number in range(2 * slots):
        if not hashes or len(best) == slots:
            break
        for h in hashes:
            value = mix32((h >> 32) + number * GAMMA32 & MASK32) if number else h >> 32
            slot = value * slots >> 32 if number < slots else number - slots
            entry = (number, value, h & MASK32)
            best[slot] = min(best.get(slot, entry), entry)
    return [best[s][2] + best[s][0] * GAMMA32 & MASK32 if s in best else MASK32 for s in range(slots)]


def affine(key: str, a: list[int], b: list[int], width: int = 5, seed: int = 0) -> list[int]:
    hashes = [mix32(h & MASK32) for h in shingle_hashes(key, width, seed)]
    return [min((x * h + y & MASK32 for h in hashes), default=MASK32) for x, y in zip(a, b, strict=True)]
