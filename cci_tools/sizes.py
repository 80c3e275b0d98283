"""Sizes as people write them."""

import re

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def parse_size(text: str) -> int:
    """Bytes of a size such as ``256MB``; decimal units, ``B`` may be left out.

    Raises
    ------
    ValueError
        Not a size.

    Examples
    --------
    >>> parse_size("256MB"), parse_size("1.5 g"), parse_size("4096")
    (256000000, 1500000000, 4096)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?\s*", text.upper())
    size = int(float(match[1]) * _UNITS[match[2]]) if match else 0
    if size <= 0:
        raise ValueError(f"{text!r} is not a size; write for example 256MB or 8GB")
    return size
