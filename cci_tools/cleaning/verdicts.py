"""What cannot be repaired: spun copies, hidden advertising, unreadable texts. Each verdict errs on the side of keeping."""

import re
from collections.abc import Callable

from cci_tools.cleaning import mojibake as charset
from cci_tools.cleaning.unicode import HANZI, obfuscated
from cci_tools.kernels.scan import Flag

_READING = re.compile(f"([{HANZI}])\\(([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{{1,6}})\\)")
_TONE = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]")
_SYLLABLE = re.compile(
    "(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:[aeiouü]|ai|ei|ui|ao|ou|iu|ie|ue|üe|er|an|en|in|un|ün|ang|eng|ing|ong|ia|iao|ian|"
    "iang|iong|ua|uo|uai|uan|uang|io)"
)
_BARE = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ", "aaaaeeeeiiiioooouuuuüüüü")
_TEACHING = re.compile("拼音|读音|讀音|注音|生字|多音字|声调|聲調|汉字教学|读作|讀作")
_DAMAGE = re.compile(f"[{HANZI}]?\\?[；？]\\?|[{HANZI}]\\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{{1,6}}\\)\\?")


def spun_copy(text: str) -> float:
    """Share of characters with a Latin reading in brackets if the text is a spinner's copy, else 0.

    Spinners put 现(xiàn) behind common characters, everywhere; the original exists elsewhere. Wanted are readings of at
    least three different common characters at 0.3 % of the text with tone marks (five and 1 % without), in a text that
    does not teach readings.

    >>> spun_copy("实(shí)现(xiàn)发(fā)展，实(shí)现(xiàn)繁荣") > 0.003
    True
    >>> spun_copy("亳(bó)州在安徽")
    0.0
    """
    if _TEACHING.search(text):
        return 0.0
    found = [(char, reading) for char, reading in _READING.findall(text) if charset.is_common(char)]
    found = [(c, r) for c, r in found if _SYLLABLE.fullmatch(r.translate(_BARE))]
    marked = sum(bool(_TONE.search(reading)) for _, reading in found)
    share = len(found) / len(text) if text else 0.0
    distinct = len({char for char, _ in found})
    if marked * 2 >= len(found):
        damaged = len(_DAMAGE.findall(text)) > len(found) // 2
        return share if distinct >= (3 if len(found) >= 5 or damaged else 4) and share >= 0.003 else 0.0
    return share if distinct >= 8 and share >= 0.01 else 0.0


ADVERTISING = tuple(
    "博彩 彩票 六合彩 时时彩 百家乐 老虎机 棋牌 娱乐城 赌场 赌博 真人 投注 开奖 葡京 威尼斯人 新葡京 赛车 赔率 下注 牛牛 捕鱼 体彩 竞彩 澳门 "
    "菠菜 彩金 返水 棋牌游戏 电子游艺 太阳城 皇冠 永利 金沙 银河 必威 亚博 "
    "成人 无码 有码 人妻 久久 毛片 偷拍 自拍 伦理 黄色 色情 三级片 一区 二区 三区 在线观看 免费视频 在线视频 国产 亚洲 欧美 日韩 日本 精品 激情 "
    "丝袜 少妇 乱伦 熟女 高清 诱惑 情色 美女 视频在线".split()
)
"""Words of gambling and pornographic link farms. Each is harmless alone."""

_ADVERTISING = re.compile("|".join(sorted(map(re.escape, ADVERTISING), key=len, reverse=True)))
_STRONG = re.compile(
    "博彩|六合彩|时时彩|百家乐|老虎机|娱乐城|葡京|威尼斯人|太阳城|必威|亚博|投注|电子游艺|无码|有码|人妻|毛片|乱伦|熟女|三级片|久久|色情|情色|淫|肏|av|AV"
)
_SEPARATOR = re.compile("[_|｜\\-－—,，、/ ·]")
_PROSE = re.compile("[。！？；：“”]")


def hidden_advertising(text: str, lines: int = 3) -> int:
    """Words of link farms in the lines that mix them, at the top or the end of a text; 0 if there is no such line.

    Such a line strings at least four different words together with separators, one of them unmistakable, has no
    sentence in it, and little else.

    >>> hidden_advertising("市政府召开常务会议\\n澳门百家乐_时时彩投注|老虎机-真人娱乐城")
    6
    >>> hidden_advertising("警方破获网络赌博案，涉及百家乐、老虎机等，查扣投注资金若干。")
    0
    """
    filled = [line for line in text.split("\n") if line.strip()]
    total = 0
    for line in dict.fromkeys((*filled[:lines], *filled[-lines:])):
        found = _ADVERTISING.findall(line)
        if len(set(found)) < 4 or not _STRONG.search(line) or _PROSE.search(line):
            continue
        if len(_SEPARATOR.findall(line)) >= 3 and sum(map(len, found)) >= 0.4 * len(re.findall(f"[{HANZI}]", line)):
            total += len(found)
    return total


def unreadable(text: str) -> float:
    """Share of characters destroyed by a wrong charset; 0 when there are fewer than four."""
    lost = charset.unmended(text)
    return lost / len(text) if lost >= 4 else 0.0


_CONTENT = re.compile("[^\\W_]")


def empty(text: str) -> bool:
    """Whether a text has no letter, digit or Hanzi."""
    return _CONTENT.search(text) is None


def verdict(text: str, flags: int = -1) -> tuple[str, dict[str, object]] | None:
    """Reason and detail (rule, value, threshold) to reject a text, or None; `flags` are those of its scan."""
    for rule, marks, measure, threshold in _CHECKS:
        value = measure(text) if flags & marks else 0
        if value >= threshold:
            return rule, {"rule": rule, "value": round(value, 5), "threshold": threshold}
    if flags & Flag.BARE and empty(text):
        return "empty", {"rule": "empty", "value": 0, "threshold": 1}
    return None


_CHECKS: tuple[tuple[str, Flag, Callable[[str], float], float], ...] = (
    ("font_obfuscated", Flag.PRIVATE, obfuscated, 0.005),
    ("mojibake", Flag.REPLACEMENT | Flag.MISREAD, unreadable, 0.001),
    ("spun_copy", Flag.PINYIN, spun_copy, 0.003),
    ("hidden_advertising", Flag.ADVERTISING, hidden_advertising, 4),
)
