"""Text that was read with the wrong charset: mended where the bytes prove it, counted where they are lost."""

import re
from collections.abc import Callable
from functools import cache

import numpy as np

from cci_tools.cleaning.markup import has_code
from cci_tools.kernels.scan import misread_classes

# Windows-1252 shows 27 of the bytes 0x80-0x9F as printable characters; Latin-1 and browsers pass the others through.
_BYTE_OF = {chr(c): bytes([c]) for c in range(0x80, 0x100)}
_BYTE_OF.update(
    {bytes([c]).decode("cp1252"): bytes([c]) for c in range(0x80, 0xA0) if c not in b"\x81\x8d\x8f\x90\x9d"}
)
_TAIL = "".join(re.escape(char) for char, byte in _BYTE_OF.items() if byte < b"\xc0")
_LATIN = re.compile(f"(?:[\xc2-\xdf][{_TAIL}]|[\xe0-\xef][{_TAIL}]{{2}}|[\xf0-\xf4][{_TAIL}]{{3}})+")
_MARKS = re.compile(
    "[\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2460-\u27bf\u3000-\u303f\uff01-\uff5e]|[\U0001f300-\U0001faff]"
)
_LATIN_LETTER = re.compile(f"[\xc2-\xc3][{_TAIL}]")
_LATIN_GBK = re.compile("(?:[\xa1-\xa3\xb0-\xf7][\xa1-\xfe]){4,}")
_LATIN_GBK_SHORT = re.compile("(?:[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]){1,3}")
_FREQUENT = re.compile(
    "[的一是在了不和有大人中国为上我以要他时来用们到作地出于会可也年生能而子那得着下自之发后里，。、]"
)
_ABOUT = ("乱码", "亂碼", "编码", "編碼", "ojibake", "MOJIBAKE", "锟斤拷是")

_RUN = re.compile("[^\x00-\x7f]{3,}")  # either charset gives two bytes for each of these, or none
_PIECE = re.compile("[^，。、：；！？“”（）《》\u3000]{3,}")
BIG5_LETTERS = ("ㄛ", "ㄩ", "ㄐ")
"""What Big5 shows for the GBK bytes of ，：！."""

_LOST = re.compile("\ufffd|锟斤拷|锟斤|斤拷锟")


def _is_about(text: str) -> bool:
    """Whether encodings may be what a text is about."""
    return any(map(text.__contains__, _ABOUT))


def latin(text: str) -> tuple[str, int]:
    """UTF-8 or GBK that was read as Latin-1 or Windows-1252 becomes text again.

    UTF-8 sequences of three or four bytes are proof; those of two (Ã©) are mended only beside such proof, because Â and
    Ã are letters. GBK must give at least four Hanzi in a row, nearly all common, some of them the most common of all;
    beside such proof, in the same line, shorter runs are mended too. Texts about encodings stay as they are.

    >>> latin("å›½å®¶ï¼Œ2024")
    ('国家，2024', 3)
    >>> latin("ÖÐ»ªÈËÃñ¹²ºÍ¹úµÄ·¨ÂÉ")
    ('中华人民共和国的法律', 10)
    >>> latin("2021Äê11ÔÂ25ÈÕ ÊÐÈËÃñ´ú±í´ó»áÍ¨¹ý")
    ('2021年11月25日 市人民代表大会通过', 12)
    """
    if _is_about(text):
        return text, 0
    mended = 0

    def from_utf8(match: re.Match[str]) -> str:
        nonlocal mended
        try:
            plain = _bytes(match.group()).decode("utf-8")
        except UnicodeDecodeError:
            return match.group()
        if not any(_MARKS.match(c) or is_common(c) for c in plain):
            return match.group()
        mended += len(plain)
        return plain

    def from_gbk(match: re.Match[str]) -> str:
        nonlocal mended
        try:
            plain = _bytes(match.group()).decode("gb2312")
        except UnicodeDecodeError:
            return match.group()
        if not _FREQUENT.search(plain) or _common(plain) < 0.8:
            return match.group()
        mended += len(plain)
        return plain

    def from_short(match: re.Match[str]) -> str:
        nonlocal mended
        try:
            plain = _bytes(match.group()).decode("gb2312")
        except UnicodeDecodeError:
            return match.group()
        mended += len(plain)
        return plain

    fixed = _LATIN.sub(from_utf8, text)
    if mended:
        fixed = _LATIN_LETTER.sub(lambda match: _bytes(match.group()).decode("utf-8"), fixed)
    lines = fixed.split("\n") if _LATIN_GBK.search(fixed) else []
    for number, line in enumerate(lines):
        whole = _LATIN_GBK.sub(from_gbk, line)
        if whole != line:
            lines[number] = _LATIN_GBK_SHORT.sub(from_short, whole)
    fixed = "\n".join(lines) if lines else fixed
    return (fixed, mended) if mended else (text, 0)


def _bytes(run: str) -> bytes:
    return b"".join(_BYTE_OF[char] for char in run)


def gbk(text: str) -> tuple[str, int]:
    """UTF-8 that was read as GBK becomes text again.

    A run is mended only if its GBK bytes are UTF-8 to the last byte and what they say is far more common Chinese than
    what stood there.

    >>> gbk("鎴栧皢鎻愰珮锛屼笉")
    ('或将提高，不', 6)
    """
    if not _misread().search(text) or _is_about(text):
        return text, 0
    return _mend_runs(text, _gbk_bytes, "utf-8", _misread())


def big5(text: str) -> tuple[str, int]:
    """GBK that was read as Big5 becomes text again: ㄛ for ， and ㄩ for ： give it away.

    >>> big5("涴岆珨跺聆彸ㄛ涴岆珨跺聆彸﹝")
    ('这是一个测试，这是一个测试。', 14)
    """
    if not any(letter in text for letter in BIG5_LETTERS) or _is_about(text) or "注音" in text:
        return text, 0
    return _mend_runs(text, lambda run: run.encode("big5hkscs"), "gbk")


@cache
def _misread() -> re.Pattern[str]:
    """Two characters that a run can begin with."""
    classes = misread_classes()
    first, second = (re.escape("".join(map(chr, np.flatnonzero(classes & bit)))) for bit in (1, 2))
    return re.compile(f"[{first}][{second}]")


def _gbk_bytes(run: str) -> bytes:
    raw = b"\x80".join(piece.encode("gb18030") for piece in run.split("€"))  # "€" is 0x80 in code page 936
    if len(raw) > 2 * len(run):
        raise UnicodeError("a character of four bytes, which GBK does not have")
    return raw


def _mend_runs(
    text: str, to_bytes: Callable[[str], bytes], charset: str, proof: re.Pattern[str] | None = None
) -> tuple[str, int]:
    """Decode each run, or the pieces of it between marks, anew: if all its bytes agree and the outcome is plainer."""
    mended = 0

    def decode(match: re.Match[str]) -> str:
        nonlocal mended
        run = match.group()
        if proof and not proof.search(run):
            return run
        try:
            plain = to_bytes(run).decode(charset)
        except UnicodeError:
            return run if match.re is _PIECE else _PIECE.sub(decode, run)
        if _common(plain) < 0.7 or _common(plain) < _common(run) + 0.3:
            return run
        mended += len(plain)
        return plain

    return _RUN.sub(decode, text), mended


def _common(text: str) -> float:
    """Share of the Hanzi of a text that are among the 3,755 most common simplified or 5,401 traditional ones."""
    hanzi = [c for c in text if "\u3400" <= c <= "\u9fff"]
    return sum(is_common(c) for c in hanzi) / len(hanzi) if hanzi else 0.0


def is_common(char: str) -> bool:
    try:
        return 0xB0 <= char.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        pass
    try:
        return 0xA4 <= char.encode("big5")[0] <= 0xC6
    except UnicodeEncodeError:
        return False


def lost(text: str) -> int:
    """Characters that a wrong charset has destroyed: U+FFFD, and 锟斤拷, which is U+FFFD read as GBK.

    >>> lost("管教\ufffd\ufffd锟斤拷")
    5
    """
    return sum(len(m) for m in _LOST.findall(text))


_LOST_LINE = re.compile("[ \t\u3000]*(?:(?:\ufffd|锟斤拷?)[ \t\u3000]*)+")


def lost_lines(text: str) -> tuple[str, int]:
    r"""Remove lines that hold nothing but lost characters, as bullets and emoji leave them; texts with code stay.

    >>> lost_lines("\ufffd\ufffd\n今天开幕。\n \ufffd")
    ('今天开幕。', 2)
    """
    if _is_about(text) or has_code(text):
        return text, 0
    lines = text.split("\n")
    kept = [line for line in lines if not _LOST_LINE.fullmatch(line)]
    return "\n".join(kept), len(lines) - len(kept)


_NEAR = 10
_FENCED = re.compile("^(```|~~~).*?^\\1", re.M | re.S)
_DAMAGE = re.compile(_LOST.pattern + "|锛[屾堜岀氱]|銆[傚侀併]|鐨勬|鐨勭|鏄[竴惁]|涓€|鍦ㄤ|鈥[漡渟滀]")


def unmended(text: str) -> tuple[int, int]:
    """Characters that a wrong charset has destroyed or that could not be mended, and the number of places of them.

    None are counted in texts about encodings and in listings, which may show binary data. Misread text that lost a byte
    on the way is counted by its most typical pairs. Damage within ten characters of damage is in the same place.
    """
    if _is_about(text):
        return 0, 0
    text = _FENCED.sub("", text)
    count, places, end = 0, 0, -_NEAR - 1
    for match in _DAMAGE.finditer(text):
        count += len(match.group())
        places += match.start() > end + _NEAR
        end = match.end()
    return count, places
