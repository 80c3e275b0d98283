"""What cannot be repaired: spun copies, hidden advertising, unreadable texts. In doubt a text is kept."""

import re
from collections.abc import Callable

from cci_tools.cleaning import mojibake
from cci_tools.cleaning.unicode import HANZI, obfuscated
from cci_tools.kernels.scan import Flag

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
_BARE = str.maketrans(_TONED, "aaaaeeeeiiiioooouuuuüüüü")
_READING = re.compile(f"([{HANZI}])\\(([a-zü{_TONED}]{{1,6}})\\)")
_TONE = re.compile(f"[{_TONED}]")
_SYLLABLE = re.compile(
    "(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:[aeiouü]|ai|ei|ui|ao|ou|iu|ie|ue|üe|er|an|en|in|un|ün|ang|eng|ing|ong|"
    "ia|iao|ian|iang|iong|ua|uo|uai|uan|uang|io)"
)
_TEACHING = re.compile("拼音|读音|讀音|注音|生字|多音字|声调|聲調|汉字教学|读作|讀作")
_DAMAGE = re.compile(f"\\?[；？]\\?|[{HANZI}]\\([a-zü{_TONED}]{{1,6}}\\)\\?")


def spun_copy(text: str) -> float:
    """Share of characters with a Latin reading in brackets if the text is a spinner's copy, else 0.

    Spinners put 现(xiàn) behind common characters, everywhere; the original exists elsewhere. Wanted are, in a text
    that does not teach readings: readings with tone marks of four different common characters (three, if five are read
    or the spinner's byte damage ``?；?`` shows) at 0.3 % of the text; without tone marks, of eight at 1 %.

    >>> spun_copy("实(shí)现(xiàn)发(fā)展，实(shí)现(xiàn)繁荣") > 0.003
    True
    >>> spun_copy("亳(bó)州在安徽")
    0.0
    """
    found = [(char, reading) for char, reading in _READING.findall(text) if mojibake.is_common(char)]
    found = [(char, reading) for char, reading in found if _SYLLABLE.fullmatch(reading.translate(_BARE))]
    share = len(found) / len(text) if text else 0.0
    if share < 0.003 or _TEACHING.search(text):
        return 0.0
    distinct = len({char for char, _ in found})
    if 2 * sum(_TONE.search(reading) is not None for _, reading in found) >= len(found):
        certain = distinct >= (3 if len(found) >= 5 or _DAMAGE.search(text) else 4)
    else:
        certain = distinct >= 8 and share >= 0.01
    return share if certain else 0.0


ADVERTISING = (
    *("博彩", "彩票", "六合彩", "时时彩", "百家乐", "老虎机", "棋牌", "娱乐城", "赌场", "赌博", "真人", "投注", "开奖"),
    *("葡京", "威尼斯人", "赛车", "赔率", "下注", "牛牛", "捕鱼", "体彩", "竞彩", "澳门", "彩金", "返水", "电子游艺"),
    *("太阳城", "皇冠", "永利", "金沙", "银河", "必威", "亚博"),
    *(
        "成人",
        "无码",
        "有码",
        "人妻",
        "久久",
        "毛片",
        "偷拍",
        "自拍",
        "伦理",
        "黄色",
        "色情",
        "三级片",
        "一区",
        "二区",
        "三区",
    ),
    *(
        "在线观看",
        "免费视频",
        "在线视频",
        "国产",
        "亚洲",
        "欧美",
        "日韩",
        "日本",
        "精品",
        "激情",
        "丝袜",
        "少妇",
        "乱伦",
        "熟女",
    ),
    *("高清", "诱惑", "情色", "美女"),
)
"""Words of gambling and pornographic link farms. Each is harmless alone."""

_ADVERTISING = re.compile("|".join(sorted(ADVERTISING, key=len, reverse=True)))
_UNMISTAKABLE = re.compile(
    "博彩|六合彩|时时彩|百家乐|老虎机|娱乐城|葡京|威尼斯人|太阳城|必威|亚博|投注|电子游艺|"
    "无码|有码|人妻|毛片|乱伦|熟女|三级片|久久|色情|情色|AV|av"
)
_SEPARATOR = re.compile("[_|｜\\-－—,，、/ ·]")
_PROSE = re.compile("[。！？；：“”]")
_HANZI = re.compile(f"[{HANZI}]")


def hidden_advertising(text: str) -> int:
    r"""Words of link farms in the lines that string them together, among the first three and the last three lines.

    Such a line holds four different words or more, one of them unmistakable, or three with two such, between
    separators, no sentence, and little else. 0 if there is no such line.

    >>> hidden_advertising("市政府召开常务会议\n百家乐_时时彩|老虎机-真人娱乐城")
    5
    >>> hidden_advertising("警方破获网络赌博案，涉及百家乐、老虎机等，查扣投注资金若干。")
    0
    """
    filled = [line for line in text.split("\n") if line.strip()]
    total = 0
    for line in dict.fromkeys((*filled[:3], *filled[-3:])):
        found = _ADVERTISING.findall(line)
        certain = len(set(_UNMISTAKABLE.findall(line)))
        if len(set(found)) + min(certain, 2) < 5 or not certain or _PROSE.search(line):
            continue
        if len(_SEPARATOR.findall(line)) >= 2 and sum(map(len, found)) >= 0.4 * len(_HANZI.findall(line)):
            total += len(found)
    return total


def unreadable(text: str) -> float:
    """Share of characters that a wrong charset destroyed.

    0 when they are fewer than four, or stand in one or two places and make up less than a fifth of the text: a lost
    emoji or name is no reason to lose a document.

    >>> unreadable("管教\ufffd\ufffd一轮明月，管教\ufffd\ufffd一轮明月，江风吹我入云端。")
    0.0
    """
    lost, places = mojibake.unmended(text)
    share = lost / len(text) if text else 0.0
    return share if lost >= 4 and (places >= 3 or share >= 0.2) else 0.0


_CONTENT = re.compile("[^\\W_]")


def empty(text: str) -> bool:
    """Whether a text has no letter, digit or Hanzi.

    >>> empty("……\u3000——")
    True
    """
    return _CONTENT.search(text) is None


_CHECKS: tuple[tuple[str, int, Callable[[str], float], float], ...] = (
    ("empty", int(Flag.BARE), empty, 1),
    ("font_obfuscated", int(Flag.PRIVATE), obfuscated, 0.005),
    ("mojibake", int(Flag.REPLACEMENT | Flag.MISREAD), unreadable, 0.001),
    ("spun_copy", int(Flag.PINYIN), spun_copy, 0.003),
    ("hidden_advertising", int(Flag.ADVERTISING), hidden_advertising, 3),
)


def verdict(text: str, flags: int = -1) -> tuple[str, dict[str, object]] | None:
    """Reason and detail (rule, value, threshold) to reject a text, or None.

    Parameters
    ----------
    text : str
        A text after all repairs.
    flags : int, default -1
        Flags of its scan; verdicts whose flags are not set are skipped. The default tries them all.
    """
    for rule, marks, measure, threshold in _CHECKS:
        value = measure(text) if flags & marks else 0
        if value >= threshold:
            return rule, {"rule": rule, "value": round(float(value), 5), "threshold": threshold}
    return None
