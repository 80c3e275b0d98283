"""Slow, plain twin of the perplexity kernel: hashes of n-grams of tokens, and back-off by the definition."""

import math

MASK = 2**64 - 1


def mixed(h: int) -> int:
    """Finaliser of splitmix64."""
    h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9 & MASK
    h = (h ^ h >> 27) * 0x94D049BB133111EB & MASK
    return h ^ h >> 31


def token_hash(token: bytes) -> int:
    """FNV-1a, mixed."""
    h = 0xCBF29CE484222325
    for byte in token:
        h = (h ^ byte) * 0x100000001B3 & MASK
    return mixed(h)


def gram_hash(tokens: list[bytes]) -> int:
    """Hash of an n-gram, from its last token to its first."""
    h = 0
    for token in reversed(tokens):
        h = mixed((h * 0x9E3779B97F4A7C15 + token_hash(token)) & MASK) | 1
    return h


def entries(slots: list[int]) -> dict[int, tuple[float, float]]:
    """Fingerprint to costs in nats: of the last token, of backing off. For tables without equal fingerprints."""
    return {slot >> 32: ((slot >> 16 & 0xFFFF) / 2000, (slot & 0xFFFF) / 2000) for slot in slots if slot}


def perplexity(line: bytes, slots: list[int], order: int, unknown: float) -> float:
    """Perplexity of a line of tokens."""
    tokens, known = [token for token in line.split(b" ") if token], entries(slots)

    def find(gram: list[bytes]) -> tuple[float, float] | None:
        return known.get(gram_hash(gram) >> 32 | 1)

    def cost(context: list[bytes], token: bytes) -> float:
        if found := find([*context, token]):
            return found[0]
        if not context:
            return unknown
        back = find(context)
        return (back[1] if back else 0.0) + cost(context[1:], token)

    total = sum(cost(tokens[max(0, i - order + 1) : i], token) for i, token in enumerate(tokens))
    return math.exp(total / len(tokens)) if tokens else math.nan
