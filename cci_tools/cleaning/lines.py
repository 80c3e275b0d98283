"""Lines: repeats, lost dashes, spaces and hard wraps inside Chinese."""

import re
from collections import Counter
from itertools import pairwise

from cci_tools.cleaning.markup import has_code
from cci_tools.cleaning.unicode import BLANK, HANZI

_SENTENCE = re.compile("[。！？；]")
_YEARS = re.compile("(?<![0-9])((?:19|20)[0-9]{2})((?:19|20)[0-9]{2})(?=年|学年|學年|财年|財年|赛季|賽季)")


def repeats(text: str) -> tuple[str, int]:
    r"""Remove a title that stands twice at the top, and a paragraph that is the same as the one before it.

    A paragraph is 20 characters or longer and holds the end of a sentence; shorter repeats are refrains, forms, code.

    >>> repeats("关于放假的通知\n关于放假的通知\n各单位：现将安排通知如下。")
    ('关于放假的通知\n各单位：现将安排通知如下。', 1)
    >>> repeats("啊，朋友，再见吧\n啊，朋友，再见吧\n再见吧，再见吧")[1]
    0
    """
    lines = text.split("\n")
    filled = [i for i, line in enumerate(lines) if line.strip(BLANK)]
    drop: set[int] = set()
    for place, (one, two) in enumerate(pairwise(filled)):
        first, second = lines[one].strip(BLANK), lines[two].strip(BLANK)
        if first != second or len(first.encode()) < 12:
            continue
        paragraph = len(first) >= 20 and _SENTENCE.search(first) and len(re.findall(f"[{HANZI}]", first)) >= 15
        if paragraph or (place == 0 and _is_title(first, lines, filled)):
            drop.update(range(one + 1, two + 1))
    if not drop:
        return text, 0
    return "\n".join(line for i, line in enumerate(lines) if i not in drop), sum(i in drop for i in filled)


def _is_title(line: str, lines: list[str], filled: list[int]) -> bool:
    """Whether a doubled first line is a title: no sentence, not verse, and longer lines follow."""
    if re.search("[，。！？；,;|=(){}]", line) or len(line) > 60 or len(filled) < 3:
        return False
    return any(_SENTENCE.search(lines[i]) or len(lines[i]) > len(line) for i in filled[2:6])


_CAPTION = re.compile(
    "图为|圖為|资料图|資料圖|图片来源|图片说明|组图|配图|供图|制图|漫画[:：]|(?:摄|攝)(?:影)?[)）\\]】]?[。.]?\\Z"
)
_LISTED = re.compile("[-*#>|+•·●■◆]|[0-9]+[.、)）]|第.{1,6}[章节條条]|.*[|\t`]")
_VOTE = re.compile("表决|表決|赞成|同意|反对|反對|弃权|棄權")
_COUNT, _SHARE, _PARAGRAPH, _BYTES = 3, 0.5, 60, 24


def captions(text: str) -> tuple[str, int]:
    r"""Of a caption that stands in a text three times or more, as under the pictures of a photo story, keep the first.

    A caption names itself (图为…, 资料图, …摄), or is a paragraph of 60 characters or more whose copies make up half
    of the text: refrains, forms, votes, rows and items of lists are neither. Texts with code stay.

    >>> captions("资料图：新型列车\n甲\n资料图：新型列车\n乙\n资料图：新型列车")
    ('资料图：新型列车\n甲\n乙', 2)
    """
    if has_code(text):
        return text, 0
    lines = [line.strip(BLANK) for line in text.split("\n")]
    often = {line: n for line, n in Counter(lines).items() if n >= _COUNT and len(line.encode()) >= _BYTES}
    if not often:
        return text, 0
    again = {line for line, n in often.items() if not _LISTED.match(line) and _is_caption(line, n, len(text))}
    seen: set[str] = set()
    kept, dropped = [], 0
    for line, whole in zip(lines, text.split("\n"), strict=True):
        if line in seen:
            dropped += 1
            continue
        if line in again:
            seen.add(line)
        kept.append(whole)
    return ("\n".join(kept), dropped) if dropped else (text, 0)


def _is_caption(line: str, count: int, length: int) -> bool:
    if _CAPTION.search(line):
        return True
    prose = len(line) >= _PARAGRAPH and _SENTENCE.search(line) and not _VOTE.search(line)
    return bool(prose) and count * len(line) >= _SHARE * length


def lost_dashes(text: str) -> tuple[str, int]:
    """Put back the dash that a charset or a filter took from a range of years. Other ranges are never guessed.

    >>> lost_dashes("20232025年规划，电话01012345678")
    ('2023—2025年规划，电话01012345678', 1)
    """
    count = 0

    def dash(match: re.Match[str]) -> str:
        nonlocal count
        first, last = match.groups()
        if not 0 < int(last) - int(first) <= 50:
            return match.group()
        count += 1
        return f"{first}—{last}"

    return _YEARS.sub(dash, text), count


_EVEN = f"{HANZI}，。、；：？！"
_SPACED_RUN = re.compile(f"(?:[{_EVEN}] ){{7}}[{_EVEN}]")
_SPACED = re.compile(f" (?<=[{_EVEN}] )(?=[{_EVEN}])")
_PAIR = re.compile(f"[{_EVEN}](?= ?[{_EVEN}])")


def spaced(text: str) -> tuple[str, int]:
    """Remove the spaces that justified print leaves between all characters of a line.

    Only where such lines make up a third of the text, and seven in ten pairs of Hanzi in the line are spaced: names
    in lists, headings and verse set wide stay.

    >>> spaced("中 国 的 经 济 发 展 很 快 ， 人 民 生 活 改 善 。")
    ('中国的经济发展很快，人民生活改善。', 16)
    """
    if not _SPACED_RUN.search(text):
        return text, 0
    lines = text.split("\n")
    chosen = [i for i, line in enumerate(lines) if _is_spaced(line)]
    hanzi = len(re.findall(f"[{HANZI}]", text))
    if sum(len(re.findall(f"[{HANZI}]", lines[i])) for i in chosen) * 3 < hanzi:
        return text, 0
    count = 0
    for i in chosen:
        lines[i], removed = _SPACED.subn("", lines[i])
        count += removed
    return "\n".join(lines), count


def _is_spaced(line: str) -> bool:
    if not _SPACED_RUN.search(line) or not re.search("[，。、；]", line):
        return False
    return len(_SPACED.findall(line)) >= 0.7 * len(_PAIR.findall(line))


_OPENS = re.compile("[ \t\u3000]|[一二三四五六七八九十]+、|[（(]|[0-9]|[-*#>|•·●■◆]|第.{1,6}[章节條条]|[①-⑳]")
_CUT = re.compile(f"[{HANZI}]\\Z")
_GOES_ON = re.compile(f"[{HANZI}，、：；“”）》]\\Z")
_CONTINUES = re.compile(f"[{HANZI}，。、；：？！“”（）《》]")


def wraps(text: str) -> tuple[str, int]:
    """Join lines that were cut at a fixed width in the middle of sentences.

    Only in a text whose lines nearly all have the same width (20 characters or more, as print has, not verse), most of
    them unfinished; a line is joined to the next when it is full, unfinished, and the next neither opens with an
    indent nor with a number or a mark of a list.

    >>> wraps("短行不动\\n结束。")
    ('短行不动\\n结束。', 0)
    """
    lines = text.split("\n")
    widths = Counter(len(line) for line in lines if len(line) >= 15)
    if len(lines) < 7 or not widths or not _SENTENCE.search(text):
        return text, 0
    mode = max(widths, key=lambda w: (widths[w] + widths[w - 1] + widths[w + 1], w))
    full = [i for i, line in enumerate(lines) if mode - 2 <= len(line) <= mode + 1]
    cut = [i for i in full if _CUT.search(lines[i])]
    if (
        not 24 <= mode <= 200
        or len(full) < 0.7 * sum(widths.values())
        or len(cut) < max(6, 0.6 * len(full))
        or max(widths) > mode + 3
    ):
        return text, 0
    joined = {i for i in full if _GOES_ON.search(lines[i]) and i + 1 < len(lines) and _CONTINUES.match(lines[i + 1])}
    joined -= {i for i in joined if _OPENS.match(lines[i + 1])}
    pieces = [line + ("" if i in joined else "\n") for i, line in enumerate(lines)]
    return "".join(pieces)[:-1], len(joined)
