"""Full and half width: letters and digits become ASCII, stray half-width marks in Chinese prose become full-width."""

import re
from bisect import bisect_right

from cci_tools.cleaning.markup import code_spans, has_code
from cci_tools.cleaning.unicode import HANZI

_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_ABOUT = re.compile("全角|半角|全形|半形|(?i:full[- ]?width)")
_ALIGNED = re.compile("[\u2502\u2503\u250c-\u254b\u2551-\u256c＝√≦≧Σ∑]")  # a drawn table, a formula
_DRAWN = re.compile("[\u2502\u2503\u250c-\u254b\u2551-\u256c]|[\u2500\u2501\u2550]{6}")
_WORD = "[０-９Ａ-Ｚａ-ｚ0-9A-Za-z]+"
_TOKEN = re.compile(f"{_WORD}(?:％?[：／．－＋＆＠＿]{_WORD})*(?:％|＋{{1,2}})?")
_HALF = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F) if chr(c) != "％"}
_PERCENT = re.compile("[0-9]％")
_MARK = re.compile("[：．]")
_NUMBER_BEFORE = re.compile("(?:\\A|[^0-9A-Za-z０-９Ａ-Ｚａ-ｚ])([0-9０-９]+)\\Z")
_NUMBER = re.compile("[0-9０-９]+")
_NUMERAL = re.compile("[〇○零一二三四五六七八九十百千‧・]")
_ROUND = ("○", "〇")
_USER = re.compile("@[^ \t:：,，。@]*\\Z")
_LABEL = re.compile("[图圖表例题題式注附步第案版条條]\\Z")


def width(text: str) -> tuple[str, int]:
    """Full-width letters and digits become ASCII, a whole token at a time; a token without any stays as it is.

    A token is a run of letters and digits with the marks between them (：／．－＋＆＠＿) and a ％ or ＋ at its end, and
    all of these turn with it: １０：３０ becomes 10:30, Ａ３８１／０次 A381/0次, ３５．５％ 35.5%. Outside of tokens
    punctuation stays. Not inside are the point of an item's number (１．２０世纪 at the start of a line) and a
    colon that is not between two short numbers (表１：２００５年). Left alone are the ０ that stands for 〇, numbers
    that have ○ for ０, ｘ for ×, names of users (@Ｚ１), texts with drawn tables and fractions or with formulas in such
    letters, which would lose their shape or call one thing by two names, and texts about width. ％ stays in a text
    that has it behind ASCII digits too.

    >>> width("增长１２．３％，１０：３０宣布达到ＧＢ２３１２标准。")
    ('增长12.3%，10:30宣布达到GB2312标准。', 16)
    """
    if not _WIDE.search(text) or _ABOUT.search(text) or _DRAWN.search(text):
        return text, 0
    percent = "％" if _PERCENT.search(text) else "%"
    lines = text.split("\n")
    if any(_ALIGNED.search(line) and _WIDE.search(line) for line in lines):
        return text, 0
    changed = 0
    for i, line in enumerate(lines):
        if _WIDE.search(line):
            lines[i] = _TOKEN.sub(lambda match: _plain(match).replace("％", percent), line)
            changed += sum(a != b for a, b in zip(line, lines[i], strict=True))
    return "\n".join(lines), changed


def _plain(match: re.Match[str]) -> str:
    token, start, end = match.group(), match.start(), match.end()
    if not _WIDE.search(token):
        return token
    before, after = match.string[max(0, start - 1) : start], match.string[end : end + 1]
    if not token.strip("０") and (_NUMERAL.match(before) or _NUMERAL.match(after)):
        return token
    if before in _ROUND or after in _ROUND or _USER.search(match.string, max(0, start - 20), start):
        return token
    if token == "ｘ" and re.match(f"[{HANZI}）)]", before) and re.match(f"[{HANZI}（(]", after):
        return token
    chars = list(token.translate(_HALF))
    opens_line = _opens_line(match.string, start)
    for mark in _MARK.finditer(token):
        if (_ends_label if mark.group() == "：" else _ends_number)(token, mark.start(), opens_line, before):
            chars[mark.start()] = mark.group()
    return "".join(chars)


def _opens_line(line: str, start: int) -> bool:
    """Whether nothing but blanks comes before; looked at from the back, so that long lines cost no square."""
    while start and line[start - 1] in " \t\u3000":
        start -= 1
    return start == 0


def _ends_number(token: str, point: int, opens_line: bool, _: str) -> bool:
    """Whether a point belongs to the number or letter of an item, not to a decimal, a version, an abbreviation."""
    letter = point == 1 and not _NUMBER.match(token)
    item = (
        opens_line
        and (letter or (point < 10 and _NUMBER.fullmatch(token, 0, point) is not None))
        and not token.endswith("％")
    )
    return item or (letter and _NUMBER.match(token, point + 1) is not None)


def _ends_label(token: str, colon: int, _: bool, before: str) -> bool:
    """Whether a colon is anything but that of a time, a score, a ratio."""
    left, right = _NUMBER_BEFORE.search(token[max(0, colon - 5) : colon]), _NUMBER.match(token, colon + 1)
    if not left or not right or (left.start() == 0 and _LABEL.search(before)):
        return True
    return len(left.group(1)) > 3 or len(right.group()) > 3


_HALF_MARK = re.compile(f"[,;:?!](?<=[{HANZI}].)(?=[{HANZI}])")
_TO_FULL = dict(zip(",;:?!", "，；：？！", strict=True))
_FULL_MARK = re.compile("[，。；：？！、]|\\A（")
_LEFT, _RIGHT = re.compile(f"(.?)([{HANZI}]+)\\Z", re.S), re.compile(f"([{HANZI}]+)(.?)", re.S)
_HANDLE = re.compile("@[^ \t:：@]*\\Z")  # "@name:" is how a reply begins
_NOTATION = re.compile("格式|语法|語法|比例|比值|之比|写作|寫作|写成|寫成")
_UNITS = re.compile("(?:[年月日时時分]|小时|小時|分钟|分鐘):(?:[月日时時分秒]|小时|小時|分钟|分鐘|秒钟|秒鐘)")
_LEADS = re.compile("(?:指|如下|包括|包含|例如|比如|表示|指出|认为|認為|强调|強調|说|說|问|問|答|道|注意|是)\\Z")
_ASKS = re.compile("[吗嗎呢么麼吧啊呀没否嘛]\\Z|什么|什麼|怎|哪|谁|誰|何|多少|几|幾|是否|能否|可否|难道|難道|岂|豈")


def punctuation(text: str, share: float = 0.95) -> tuple[str, int]:
    """Half-width , ; : ? ! between two Hanzi become full-width in prose that is full-width otherwise.

    A text whose author writes half-width throughout, or mixes them freely, has a style and not a fault: nothing is
    changed unless at least `share` of these marks are full-width already, and at least ten of them; nor is a mark in a
    line that has no full-width one, as titles, comma-separated values and posts of other authors in a thread have none;
    nor in code, fenced or not. Of what remains these stay: a mark between two words that fill a bracket
    or a pair of quotes (报价;图片); a colon before fewer than six Hanzi, for it may be a notation (容器名:单元名,
    编辑:王某), but behind 包括 and the like; a colon in a chain of them, between units (时:分), after ``@name`` or the
    word 格式; a question mark where nothing is asked, for it may stand for a lost character (威廉?詹姆斯); indented
    lines; and in texts with code all but , and ;.

    >>> punctuation("政府工作报告，" * 40 + "工作,报告，格式为时:分")[0][-12:]
    '工作，报告，格式为时:分'
    """
    half, full = len(_HALF_MARK.findall(text)), sum(map(text.count, "，；：？！"))
    if not half or full < 10 or full < share * (half + full):
        return text, 0
    code = code_spans(text) if has_code(text) else None
    begins = [begin for begin, _ in code or ()]
    changed, start, end, allowed = 0, -1, -1, ""  # of the line that was looked at last

    def widen(match: re.Match[str]) -> str:
        nonlocal changed, start, end, allowed
        mark, at = match.group(), match.start()
        if at >= end:
            start = text.rfind("\n", 0, at) + 1
            end = len(text) if (found := text.find("\n", at)) < 0 else found
            allowed = _allowed(text[start:end], code is not None)
        if code and (span := bisect_right(begins, at)) and at < code[span - 1][1]:
            return mark
        if mark not in allowed or _stays(text[max(start, at - 40) : at], mark, text[at + 1 : min(end, at + 41)]):
            return mark
        changed += 1
        return _TO_FULL[mark]

    return _HALF_MARK.sub(widen, text), changed


def _allowed(line: str, code: bool) -> str:
    """The marks that may be widened in a line."""
    if line.startswith(("    ", "\t")) or not _FULL_MARK.search(line):
        return ""
    return ",;" if code else ",;:?!"


def _stays(before: str, mark: str, after: str) -> bool:
    """Whether a mark between two Hanzi may be right as it is."""
    left, right = _LEFT.search(before), _RIGHT.match(after)
    if not left or not right:
        return True
    opening, closing = left.group(1), right.group(2)
    if opening and closing and opening in "([{（【《“‘\"'`<" and closing in ")]}）】》”’\"'`>":
        return True
    if mark == "?":
        return _ASKS.search(re.split("[，。；：？！,;:?!]", before)[-1]) is None
    if mark != ":":
        return False
    if opening == ":" or closing == ":" or (len(right.group(1)) < 6 and not _LEADS.search(left.group(2))):
        return True
    return any((_HANDLE.search(before), _NOTATION.search(before), _UNITS.search(f"{before[-2:]}:{after[:2]}")))
