"""Entities, tags, escapes and the remains of content management systems, outside of code."""

import html
import re

# Names are listed: html.unescape would also turn "&copy2" or "&notin" without a semicolon into signs.
_NAMES = (
    "nbsp|ensp|emsp|thinsp|zwnj|zwj|shy|lt|gt|amp|quot|apos|ndash|mdash|lsquo|rsquo|ldquo|rdquo|sbquo|bdquo|laquo|raquo|hellip|"
    "middot|bull|times|divide|plusmn|deg|permil|copy|reg|trade|sect|para|yen|cent|pound|euro|larr|uarr|rarr|darr|harr|"
    "rArr|hArr|sup[123]|frac1[24]|frac34|micro|le|ge|ne|asymp|infin|radic|sum|prod|oslash|Oslash|alpha|beta|gamma|delta|"
    "theta|lambda|mu|pi|sigma|omega|Delta|Omega|szlig|iexcl|iquest|loz|"
    "[AaEeIiOoUuYy](?:acute|grave|circ|uml|tilde)|[Nn]tilde|[Cc]cedil|[Aa]ring|(?:AE|ae|oe|OE)lig"
)
_AMP = "&(?:(?:amp|#0*38|#[xX]0*26);)*"
_ENTITY = re.compile(f"{_AMP}(#[0-9]{{1,7}}|#[xX][0-9a-fA-F]{{1,6}}|{_NAMES});|{_AMP}nbsp(?![A-Za-z0-9_=;])")
_SPACE_ENTITY = re.compile(
    f"{_AMP}(nbsp|ensp|emsp|thinsp|#160|#[xX][aA]0|#819[2-9]|#820[0-3]|#[xX]200[0-9a-bA-B]|#12288|#[xX]3000|#65279);"
)

# Signs that a text holds code, or that markup is what it is about: there, entities and tags are content.
_CODE_MARKS = ("```", "~~~", "<code", "<pre", "<?xml", "<?php", "](", "#include", "\n.SH", "\n.TP", "\n.PP", "\n.. ", "\\fB", "\\fI", "<dependency")
_SUBJECT = re.compile("HTML|XML|Markdown|CSS|PHP|\\bhtml5?\\b(?![/.])|转义|轉義|实体引用|字符实体|字元實體|标记语言|標記語言|代码|代碼|源码|前端|脚本|插件")
_HYPERTEXT = re.compile("HTML|XML|Markdown")
_INLINE_CODE = re.compile("`[^`\n]+`")
_CODE = re.compile(
    r"^(?:```|~~~)[^\n]*\n.*?(?:^(?:```|~~~)[^\n]*$|\Z)|^(?: {4}|\t)[^\n]*$|(`+)[^`\n].*?\1|<(code|pre)\b.*?</\2>|[A-Za-z][A-Za-z0-9+.-]*://[^\s<>()\[\]\"'，。]+",
    re.M | re.S,
)


def entities(text: str) -> tuple[str, int]:
    """Character references become characters, however often they were escaped.

    In a technical text only spaces are decoded, outside of code, and nothing at all where markup is the subject.

    >>> entities("一&nbsp;二&amp;nbsp;三&#20013;&hellip;")
    ('一\xa0二\xa0三中…', 4)
    >>> entities("用 `&nbsp;` 表示空格")
    ('用 `&nbsp;` 表示空格', 0)
    """
    if about_markup(text):
        return text, 0
    if has_code(text):
        return _outside_code(text, _SPACE_ENTITY, _character)
    total = 0
    while True:  # "&#38;" beside "lt;" gives a new one; each round makes the text shorter
        fixed, count = _ENTITY.subn(_character, text)
        if fixed == text:
            return text, total
        text, total = fixed, total + count


def _character(match: re.Match[str]) -> str:
    reference = f"&{match.group(1) or 'nbsp'};"
    char = html.unescape(reference)
    return match.group() if char in (reference, "\ufffd") else char


def has_code(text: str) -> bool:
    """Whether a text holds code or lightweight markup."""
    return any(mark in text for mark in _CODE_MARKS) or ("`" in text and _INLINE_CODE.search(text) is not None)


def about_markup(text: str) -> bool:
    """Whether markup or programming may be what a text is about."""
    return _SUBJECT.search(text) is not None or "\n.SH" in text or "\\f" in text


def technical(text: str) -> bool:
    """Whether tags, escapes and scripts in a text may be content."""
    return has_code(text) or about_markup(text)


def _outside_code(text: str, pattern: re.Pattern[str], replacement) -> tuple[str, int]:  # type: ignore[no-untyped-def]
    pieces, total, end = [], 0, 0
    for code in _CODE.finditer(text):
        piece, count = pattern.subn(replacement, text[end : code.start()])
        pieces += (piece, code.group())
        total, end = total + count, code.end()
    piece, count = pattern.subn(replacement, text[end:])
    return "".join([*pieces, piece]), total + count


_COMMENT_LINE = re.compile("^[ \t]*<!--[ -~]*?-->[ \t]*(?:\n[ \t]*(?=\n)|\n|\\Z)", re.M)
_BLOCK = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>[ \t]*\n?", re.S | re.I)
_BREAK = re.compile(r"<br\s*/?>[ \t]*\n?", re.I)
_INLINE = re.compile(
    r"<(/?)(b|i|u|s|em|strong|font|span|small|big|center|div|a|img|o:p|st1:[a-z]+|section|strike|nobr)(\s[^<>\n]*)?/?>", re.I
)
_TEMPLATE = re.compile(r"^[ \t]*\{\{[ \w.$|:'\"()-]+\}\}[ \t]*(?:\n|\Z)", re.M | re.A)


def tags(text: str) -> tuple[str, int]:
    """Remove comments that fill a line, scripts and style sheets, template marks, and tags of inline formatting.

    A line break and the end of a paragraph become a line feed. Tables stay, since without their tags the cells would
    run together. Technical texts stay as they are.

    >>> tags("<p>关注<a href='/n/1'>本报</a><br/>微博</p>")
    ('关注本报\\n微博\\n', 5)
    >>> tags("标签 <div> 是 HTML 的块级元素")
    ('标签 <div> 是 HTML 的块级元素', 0)
    """
    comments = blocks = 0
    if "<!--" in text and not has_code(text) and not _HYPERTEXT.search(text):
        text, comments = _COMMENT_LINE.subn("", text)
    if "<" not in text or technical(text):
        return text, comments
    text, blocks = _BLOCK.subn("", text)
    text, templates = _TEMPLATE.subn("", text)
    text, breaks = _BREAK.subn("\n", text)
    text, opened = re.subn(r"<p(?:\s[^<>\n]*)?>[ \t]*\n?", "", text, flags=re.I)
    text, closed = re.subn(r"</p\s*>[ \t]*\n?", "\n", text, flags=re.I)
    text, inline = _strip_inline(text)
    return text, comments + blocks + templates + breaks + opened + closed + inline


def _strip_inline(text: str) -> tuple[str, int]:
    """Remove tags of inline formatting; one without attributes only if its partner is there: `<font>` may be a blank to fill in."""
    found = [(bool(m.group(1)), m.group(2).lower(), bool(m.group(3))) for m in _INLINE.finditer(text)]
    closed = {name for end, name, _ in found if end}
    opened = {name for end, name, _ in found if not end}
    count = 0

    def remove(match: re.Match[str]) -> str:
        nonlocal count
        name = match.group(2).lower()
        if not match.group(3) and name not in (opened if match.group(1) else closed):
            return match.group()
        count += 1
        return ""

    return _INLINE.sub(remove, text), count


_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4}[ -\[\]-~]{0,3}?){4,}")
_ONE = re.compile(r"\\u([0-9a-fA-F]{4})")


def escapes(text: str) -> tuple[str, int]:
    r"""Runs of four or more \\uXXXX escapes that spell Hanzi become Hanzi. Technical texts stay.

    >>> escapes("标题：\\u6210\\u90fd\\u571f\\u8c6a")
    ('标题：成都土豪', 1)
    """
    if technical(text):
        return text, 0
    runs = 0

    def decode(match: re.Match[str]) -> str:
        nonlocal runs
        plain = _ONE.sub(lambda m: chr(int(m.group(1), 16)), match.group())
        try:
            plain = plain.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            return match.group()
        if sum("\u3000" <= c <= "\u9fff" or c >= "\uff00" for c in plain) < 0.6 * len(plain):
            return match.group()
        runs += 1
        return plain

    return _ESCAPES.sub(decode, text), runs


RESIDUE = ("_hmt", "hm.baidu.com", "TRS_Editor", "UCAP-CONTENT", "enpproperty", "[[[-img", "浏览器不支持", "视频加载", "播放器加载")
RESIDUE += ("下一页", "下一頁", "上一页", "共找到", "flash player", "Flash Player", "Flash插件", "document.write", "window.onload")
"""Strings without which `residue` changes nothing."""

_RESIDUE = [
    re.compile(r"^[^\n]*(?:\b_hmt\b|hm\.baidu\.com|document\.write(?:ln)?\(|window\.onload\s*=)[^\n\u3400-\u9fff]*(?:\n|\Z)", re.M),
    re.compile(r"\.?TRS_Editor(?:\s+[A-Za-z]+|\s*,\s*)*\s*\{[^{}]*\}[ \t]*\n?"),
    re.compile(r"<!--enpproperty.*?/enpproperty-->[ \t]*\n?", re.S),
    re.compile(r"<!--enpcontent-->|<!--/enpcontent-->|<\$\[/?(?:CMS_[A-Z]+|信息内容)\]>"),
    re.compile(r"^[ \t]*(?:<[^<>\n]*)?UCAP-CONTENT[^\n\u3400-\u9fff]*(?:\n|\Z)", re.M),
    re.compile(r"\[\[\[-img[^\]\n]*\]\]\]?[ \t]*\n?"),
    re.compile(
        r"^[ \t\u3000]*(?:对不起|抱歉|很抱歉)?[，, ]*(?:您|你)的(?:当前)?浏览器不支持[^\n]{0,40}(?:视频|音频|播放|HTML5|html5|video|audio|iframe|脚本|JavaScript)?"
        r"[^\n]{0,40}(?:\n|\Z)",
        re.M,
    ),
    re.compile(r"^[ \t\u3000]*(?:视频|播放器)加载(?:中|失败)[^\n]{0,20}(?:\n|\Z)", re.M),
    re.compile(r"^[ \t\u3000]*[^\n]{0,20}(?:安装|下载|升级)[^\n]{0,20}[Ff]lash ?(?:[Pp]layer|插件)[^\n]{0,30}(?:\n|\Z)", re.M),
    # A paginator: numbers beside 下一页. In brackets it may stand at the end of a paragraph, else it fills its line.
    re.compile(
        r"(?:首页|第一页)?[ \t\u3000\xa0]*(?:[上前]一[页頁][ \t\u3000\xa0]*)?(?:\[\d{1,3}\][ \t\u3000\xa0]*)+下一[页頁](?:[ \t\u3000\xa0]*(?:尾页|末页|>+))*"
    ),
    re.compile(
        r"^(?=[^\n]*[上下前]一[页頁])[ \t\u3000\xa0]*(?:(?:首页|第一页|[上前]一[页頁]|下一[页頁]|尾页|末页|最后一页|共?\s*\d{1,4}\s*页|\d{1,4}|\.{2,3}|…|[<>«»|]+|转到第?|第|页|GO|go)[ \t\u3000\xa0]*){2,}(?:\n|\Z)",
        re.M,
    ),
    re.compile(r"[ \t\u3000\xa0]*共找到[ \t]*[\d,]+\s*个相关网页\.?"),
]


def residue(text: str) -> tuple[str, int]:
    """Remove counters, style sheets and image marks of content management systems, player notices and paginators.

    >>> residue("成都一男子获奖。[1] [2] [3] 下一页")
    ('成都一男子获奖。', 1)
    >>> residue("上一页 1 2 3 下一页\\n正文")
    ('正文', 1)
    """
    if not any(mark in text for mark in RESIDUE) or technical(text):
        return text, 0
    total = 0
    for pattern in _RESIDUE:
        text, count = pattern.subn("", text)
        total += count
    return text, total

