"""Write fold_data.inc: the code-point table of the matching key, as ranges and pairs.

Run with Python 3.11 (Unicode 14.0) and the OpenCC version named below, so that the table, which is part of the
signature format, does not change by accident:  python make_fold_data.py > fold_data.inc

For each code point: compatibility form of one character (full-width to half-width and the like), lower case, then
Traditional to Simplified, one character to one. What is neither a letter nor a digit is skipped.
Sources of fact: the Unicode Character Database; OpenCC's t2s dictionary (Apache-2.0).
"""

import unicodedata

import opencc

UNICODE, OPENCC, LIMIT = "14.0.0", "1.4.2", 0x33000
# Characters that Simplified text writes with another one in most of their uses, where t2s, which is made for output
# and not for matching, leaves them alone without a phrase around them.
SUPPLEMENT = {"著": "着", "瞭": "了", "乾": "干", "藉": "借", "徵": "征"}


def fold(character: str, simplify: opencc.OpenCC) -> int:
    """Folded code point of one character, 0 where the key skips it."""
    form = unicodedata.normalize("NFKC", character).lower()
    if not any(c.isalnum() for c in form):
        return 0
    if len(form) > 1:
        form = character
    simple = SUPPLEMENT.get(form) or simplify.convert(form)
    return ord(simple) if len(simple) == 1 else ord(form)


def main() -> None:
    assert unicodedata.unidata_version == UNICODE, unicodedata.unidata_version
    assert opencc.__version__ == OPENCC, opencc.__version__
    simplify = opencc.OpenCC("t2s")
    table = [0 if 0xD800 <= c < 0xE000 else fold(chr(c), simplify) for c in range(LIMIT)]
    for code in range(LIMIT):  # a chain (form -> other form -> simplified) ends in one step
        while table[code] and table[table[code]] not in (0, table[code]):
            table[code] = table[table[code]]
    kept, start = [], None
    for code in range(LIMIT + 1):
        inside = code < LIMIT and table[code] != 0
        if inside and start is None:
            start = code
        if not inside and start is not None:
            kept.append((start, code - 1))
            start = None
    pairs = [(c, t) for c, t in enumerate(table) if t not in (0, c)]
    print(f"// Written by make_fold_data.py: Unicode {UNICODE}, OpenCC {OPENCC}. Do not edit.")
    print(f"constexpr uint32_t FOLD_LIMIT = {LIMIT:#x};")
    for name, rows in (("FOLD_KEPT", kept), ("FOLD_PAIRS", pairs)):
        print(f"constexpr uint32_t {name}[][2] = {{")
        for i in range(0, len(rows), 6):
            print("    " + " ".join(f"{{{a:#x}, {b:#x}}}," for a, b in rows[i : i + 6]))
        print("};")


if __name__ == "__main__":
    main()
