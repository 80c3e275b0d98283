"""Plain twin of the matching key: the rule, with Unicode's and OpenCC's own data and the list of variants."""

import functools
import runpy
import unicodedata
from pathlib import Path

import opencc

SOURCE = Path(__file__).parents[2] / "cci_tools" / "kernels" / "src" / "make_fold_data.py"
SAME = {c: group[0] for group in runpy.run_path(str(SOURCE))["VARIANTS"].split() for c in group}
SIMPLIFY = opencc.OpenCC("t2s")


@functools.cache
def fold(character: str) -> str:
    """Folded form of one character, "" where the key skips it."""
    composed = unicodedata.normalize("NFKC", character)
    if character not in SAME and not any(c.isalnum() for c in composed):
        return ""
    base = "".join(c for c in unicodedata.normalize("NFKD", character) if unicodedata.category(c) not in ("Mn", "Me"))
    for form in (base, composed, character):
        if len(form) == 1:
            break
    if len(form.casefold()) == 1:
        form = form.casefold()
    simple = SIMPLIFY.convert(form)
    simple = SAME.get(simple, simple)
    return simple if simple == character else fold(simple)


def fold_text(text: str) -> str:
    return "".join(map(fold, text))
