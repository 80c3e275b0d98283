"""What content management systems, counters, players and paginators leave in a text."""

import re

from cci_tools.cleaning.markup import technical

_BLANK = "[ \t\u3000\xa0]*"
_TO_END = "[^\n\u3400-\u9fff]*(?:\n|\\Z)"
_PAGE = "首页|第一页|[上前]一[页頁]|下一[页頁]|尾页|末页|最后一页|共?\\s*\\d{1,4}\\s*页|\\d{1,4}|\\.{2,3}|…|[<>«»|]+|转到第?|第|页|GO|go"

PATTERNS = {
    "counter": re.compile(
        f"^[^\n]*(?:\\b_hmt\\b|hm\\.baidu\\.com|document\\.write(?:ln)?\\(|window\\.onload\\s*=){_TO_END}", re.M
    ),
    "trs_style": re.compile("\\.?TRS_Editor(?:\\s+[A-Za-z]+|\\s*,\\s*)*\\s*\\{[^{}]*\\}[ \t]*\n?"),
    "enp_property": re.compile("<!--enpproperty.*?/enpproperty-->[ \t]*\n?|<!--/?enpcontent-->", re.S),
    "ucap_content": re.compile(f"^[ \t]*(?:<[^<>\n]*)?UCAP-CONTENT{_TO_END}", re.M),
    "image_mark": re.compile("\\[\\[\\[-img[^\\]\n]*\\]\\]\\]?[ \t]*\n?"),
    "no_player": re.compile(
        f"^{_BLANK}(?:对不起|抱歉|很抱歉)?[，, ]*[您你]的(?:当前)?浏览器(?:暂时|暂)?不支持[^\n]{{0,80}}(?:\n|\\Z)", re.M
    ),
    "loading": re.compile(f"^{_BLANK}(?:视频|播放器)加载(?:中|失败)[^\n]{{0,20}}(?:\n|\\Z)", re.M),
    "flash": re.compile(
        f"^{_BLANK}[^\n]{{0,20}}(?:安装|下载|升级)[^\n]{{0,20}}[Ff]lash ?(?:[Pp]layer|插件)[^\n]{{0,30}}(?:\n|\\Z)",
        re.M,
    ),
    # In brackets a paginator may stand at the end of a paragraph, else it fills its line.
    "pages": re.compile(
        f"(?:首页|第一页)?{_BLANK}(?:[上前]一[页頁]{_BLANK})?(?:\\[\\d{{1,3}}\\]{_BLANK})+\\[?下一[页頁]\\]?(?:{_BLANK}(?:尾页|末页|>+))*"
        f"|(?:首页|第一页)?{_BLANK}[上前]一[页頁]{_BLANK}(?:\\[\\d{{1,3}}\\]{_BLANK})+(?:下一[页頁])?(?=\n|\\Z)"
    ),
    "page_line": re.compile(f"^(?=[^\n]*[上下前]一[页頁]){_BLANK}(?:(?:{_PAGE}){_BLANK}){{2,}}(?:\n|\\Z)", re.M),
    "search_hits": re.compile(f"{_BLANK}共找到[ \t]*[\\d,]+\\s*个相关网页\\.?"),
}
"""What is removed, by name."""

NEEDLES = (
    *("_hmt", "hm.baidu.com", "document.write", "window.onload", "TRS_Editor", "<!--enp", "<!--/enp", "UCAP-CONTENT"),
    *(
        "[[[-img",
        "不支持",
        "视频加载",
        "播放器加载",
        "lash",
        "下一页",
        "下一頁",
        "上一页",
        "上一頁",
        "前一页",
        "前一頁",
        "共找到",
    ),
)
"""Strings without which `residue` changes nothing."""


def residue(text: str) -> tuple[str, int]:
    r"""Remove counters, style sheets and image marks of content management systems, player notices and paginators.

    Technical texts stay as they are.

    >>> residue("成都一男子获奖。[1] [2] [3] 下一页")
    ('成都一男子获奖。', 1)
    >>> residue("上一页 1 2 3 下一页\n正文")
    ('正文', 1)
    """
    if not any(map(text.__contains__, NEEDLES)) or technical(text):
        return text, 0
    total = 0
    for pattern in PATTERNS.values():
        text, count = pattern.subn("", text)
        total += count
    return text, total
