"""What content management systems, counters, players and paginators leave in a text."""

import re

from cci_tools.cleaning.markup import technical

_B = "[ \t\u3000\xa0]{0,40}+"  # blank; bounded, so that a long run of spaces costs no square
_END = "(?:\n|\\Z)"
_CODE_END = f"[^\n\u3400-\u9fff]*{_END}"
_PAGE = (
    "首页|第一页|[上前]一[页頁]|下一[页頁]|尾页|末页|最后一页|共?\\s*\\d{1,4}\\s*页|\\d{1,4}|\\.{2,3}|…|[<>«»|]+"
    "|转到第?|第|页|GO|go"
)
_NUMBERS = f"(?:\\[\\d{{1,3}}\\]{_B})++"

PATTERNS: dict[str, tuple[tuple[str, ...], str]] = {
    "counter": (
        ("_hmt", "hm.baidu.com", "document.write", "window.onload"),
        f"^(?>[^\n]*(?:\\b_hmt\\b|hm\\.baidu\\.com|document\\.write(?:ln)?\\(|window\\.onload[^\\S\n]*=)){_CODE_END}",
    ),
    "trs_style": (("TRS_Editor",), "\\.?TRS_Editor[A-Za-z,.\\s]{0,200}\\{[^{}]{0,4000}\\}[ \t]*\n?"),
    "enp_property": (
        ("<!--enp", "<!--/enp"),
        "(?s:<!--enpproperty(?:(?!<!--enpproperty).)*?/enpproperty-->[ \t]*\n?)|<!--/?enpcontent-->",
    ),
    "ucap_content": (("UCAP-CONTENT",), f"^[ \t]*(?><[^<>\n]*UCAP-CONTENT|UCAP-CONTENT){_CODE_END}"),
    "image_mark": (("[[[-img",), "\\[\\[\\[-img[^\\]\n]*+(?:\\]\\]\\]?[ \t]*\n?|(?P<stays>))"),
    "no_player": (
        ("浏览器不支持", "浏览器暂", "瀏覽器不支"),
        f"^{_B}(?:对不起|抱歉|很抱歉)?[，, ]*[您你]的(?:当前)?(?:浏览器(?:暂时|暂)?不支持|瀏覽器不支[持援])"
        f"[^\n]{{0,80}}{_END}",
    ),
    "loading": (("视频加载", "播放器加载"), f"^{_B}(?:视频|播放器)加载(?:中|失败)[^\n]{{0,20}}{_END}"),
    "flash": (
        ("lash player", "lash Player", "lashPlayer", "lash插件"),
        f"^{_B}[^\n]{{0,20}}(?:安装|下载|升级)[^\n]{{0,20}}[Ff]lash ?(?:[Pp]layer|插件)[^\n]{{0,30}}{_END}",
    ),
    # In brackets a paginator may stand at the end of a paragraph, else it fills its line.
    "pages": (
        ("下一页", "下一頁", "上一页", "上一頁", "前一页", "前一頁"),
        f"(?=[首第上前\\[])(?:(?:首页|第一页|[上前]一[页頁]){_B}){{0,2}}{_NUMBERS}\\[?下一[页頁]\\]?(?:{_B}(?:尾页|末页|>+))*"
        f"|(?=[首第上前])(?:(?:首页|第一页){_B})?[上前]一[页頁]{_B}{_NUMBERS}(?=\n|\\Z)"
        f"|^(?=[^\n]*[上下前]一[页頁]){_B}(?>(?:{_PAGE}){_B}){{2,}}{_END}"
        f"|(?P<stays>{_NUMBERS})",
    ),
    "search_hits": (("共找到",), "共找到[ \t]*[\\d,]+\\s*个相关网页\\.?"),
}
"""What is removed: name to strings without one of which the pattern cannot match, and the pattern.

A match with the group `stays` is kept: it is passed over as a whole, lest each opening in it be tried to the end.
"""

NEEDLES = tuple(needle for needles, _ in PATTERNS.values() for needle in needles)
"""Strings without which `residue` changes nothing."""

_COMPILED = [(needles, re.compile(pattern, re.M)) for needles, pattern in PATTERNS.values()]


def residue(text: str) -> tuple[str, int]:
    r"""Remove counters, style sheets and image marks of content management systems, player notices and paginators.

    Technical texts stay as they are.

    >>> residue("成都一男子获奖。[1] [2] [3] 下一页")
    ('成都一男子获奖。', 1)
    >>> residue("上一页 1 2 3 下一页\n正文")
    ('正文', 1)
    """
    present = [pattern for needles, pattern in _COMPILED if any(map(text.__contains__, needles))]
    if not present or technical(text):
        return text, 0
    total = 0
    for pattern in present:
        text, count = _remove(pattern, text) if pattern.groups else pattern.subn("", text)
        total += count
    return text, total


def _remove(pattern: re.Pattern[str], text: str) -> tuple[str, int]:
    """Remove the matches of a pattern that passes over what stays."""
    count = 0

    def remove(match: re.Match[str]) -> str:
        nonlocal count
        if match["stays"] is not None:
            return match.group()
        count += 1
        return ""

    return pattern.sub(remove, text), count
