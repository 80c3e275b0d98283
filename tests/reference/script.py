"""Slow plain twin of the class counts: decode, look up, count."""

from collections import Counter


def count_classes(raw: bytes, classes: list[int]) -> list[int]:
    """Counts of the classes 0 to 4 among the characters above U+007F of the Basic Multilingual Plane."""
    text = raw.decode("utf-8", "replace")
    found = Counter(classes[ord(char)] for char in text if "\x80" <= char <= "\uffff")
    return [found[kind] for kind in range(5)]
