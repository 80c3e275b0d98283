"""Write measures_data.inc: the class of every code point below LIMIT, as ranges.

Run with Python 3.11 (Unicode 14.0), so that the classes do not change by accident:
python make_measures_data.py > measures_data.inc

Classes are the Unicode general categories by their first letter: L and M are letters, N digits, P punctuation, S
symbols; space is what `str.isspace` says. Everything else (controls, format characters, private use, unassigned) is in
no range.
"""

import unicodedata

UNICODE, LIMIT = "14.0.0", 0x33000
CLASSES = {"L": 1, "M": 1, "N": 2, "P": 3, "S": 4}
SPACE = 5


def class_of(code: int) -> int:
    """Class of one code point, 0 for none."""
    character = chr(code)
    return SPACE if character.isspace() else CLASSES.get(unicodedata.category(character)[0], 0)


def main() -> None:
    assert unicodedata.unidata_version == UNICODE, unicodedata.unidata_version
    ranges: list[list[int]] = []
    for code in range(LIMIT):
        found = class_of(code)
        if ranges and ranges[-1][2] == found and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        elif found:
            ranges.append([code, code, found])
    print(f"// Written by make_measures_data.py: Unicode {UNICODE}. Do not edit.")
    print("// First and last code point; 1 letter, 2 digit, 3 punctuation, 4 symbol, 5 space.")
    print("constexpr uint32_t CLASS_RANGES[][3] = {")
    for i in range(0, len(ranges), 6):
        print("    " + " ".join(f"{{{a:#x}, {b:#x}, {c}}}," for a, b, c in ranges[i : i + 6]))
    print("};")


if __name__ == "__main__":
    main()
