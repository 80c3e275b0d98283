"""Entities, tags and escapes that were left in a text, outside of code and of texts about markup."""

import html
import re
from collections.abc import Callable
from functools import lru_cache

# Signs of code or lightweight markup (Markdown, HTML, C, roff, reStructuredText): there, tags and escapes are content,
# and entities too unless they are spaces.
# By the character that they share, which is quickly looked for.
_CODE_MARKS = (
    ("`", ("```",)),
    ("~", ("~~~",)),
    ("]", ("](",)),
    ("#", ("#include",)),
    ("\\", ("\\f",)),
    ("<", ("<code", "<pre", "<?xml", "<?php")),
    ("\n.", ("\n.SH", "\n.TP", "\n.PP", "\n.. ")),
)
_INLINE_CODE = re.compile("`[^`\n]+`")
# Words of texts whose subject is markup or programming: there, all of it is content.
_HYPERTEXT = re.compile(
    "HTML|XML|Markdown|转义|轉義|实体引用|字符实体|字元實體|标记语言|標記語言|html(?<![.\\w]html)5?(?![\\w/.])", re.A
)
_PROGRAMMING = re.compile("CSS|PHP|代码|代碼|源码|源碼|前端|脚本|插件")
_CODE = re.compile(
    "^(?:```|~~~)[^\n]*\n.*?(?:^(?:```|~~~)[^\n]*$|\\Z)|^(?: {4}|\t)[^\n]*$|(?<!`)(`{1,9})(?!`)[^\n]{1,500}?\\1"
    "|<(code|pre)\\b(?:(?!<\\2\\b).)*?</\\2>|\\b(?:https?|ftp)://[^\\s<>()\\[\\]\"'，。]+",
    re.M | re.S,
)


@lru_cache(maxsize=2)  # several rules ask of the same text in turn
def has_code(text: str) -> bool:
    """Whether a text holds code or lightweight markup."""
    marked = any(sign in text and any(map(text.__contains__, marks)) for sign, marks in _CODE_MARKS)
    return marked or ("`" in text and _INLINE_CODE.search(text) is not None)


@lru_cache(maxsize=2)
def about_markup(text: str) -> bool:
    """Whether markup may be what a text is about."""
    return _HYPERTEXT.search(text) is not None


def technical(text: str) -> bool:
    """Whether tags, escapes and scripts in a text may be its content."""
    return has_code(text) or about_markup(text) or _PROGRAMMING.search(text) is not None


# Names are listed: html.unescape would also turn "&copy2" and "&notin" without a semicolon into signs.
_NAMES = "|".join(
    (
        "nbsp|ensp|emsp|thinsp|zwnj|zwj|shy|lt|gt|amp|quot|apos|ndash|mdash|lsquo|rsquo|ldquo|rdquo|sbquo|bdquo|laquo|raquo",
        "hellip|middot|bull|times|divide|plusmn|deg|permil|copy|reg|trade|sect|para|yen|cent|pound|euro|larr|uarr|rarr|darr",
        "harr|rArr|hArr|sup[123]|frac1[24]|frac34|micro|le|ge|ne|asymp|infin|radic|sum|prod|[Oo]slash|[Aa]lpha|[Bb]eta",
        "[Gg]amma|[Dd]elta|[Tt]heta|[Ll]ambda|mu|[Pp]i|[Ss]igma|[Oo]mega|szlig|iexcl|iquest|loz",
        "[AaEeIiOoUuYy](?:acute|grave|circ|uml|tilde)|[Nn]tilde|[Cc]cedil|[Aa]ring|(?:AE|ae|oe|OE)lig",
    )
)
_AMP = "&(?:(?:amp|#0*38|#[xX]0*26);)*"
_ENTITY = re.compile(f"{_AMP}(#[0-9]{{1,7}}|#[xX][0-9a-fA-F]{{1,6}}|{_NAMES});|{_AMP}nbsp(?![a-z=;])")
_SPACE_ENTITY = re.compile(
    f"{_AMP}(nbsp|ensp|emsp|thinsp|#160|#[xX][aA]0|#819[2-9]|#820[0-3]|#[xX]200[0-9a-bA-B]|#12288|#[xX]3000|#65279);"
)


def entities(text: str) -> tuple[str, int]:
    r"""Character references become characters, however often they were escaped.

    In a text with code or Markdown only those of spaces are decoded, outside of the code; where markup is the subject,
    none.

    >>> entities("一&nbsp;二&amp;nbsp;三&#20013;&hellip;")
    ('一\xa0二\xa0三中…', 4)
    >>> entities("用 `&nbsp;` 表示空格")
    ('用 `&nbsp;` 表示空格', 0)
    """
    if not _ENTITY.search(text) or about_markup(text) or "\\f" in text or "\n.SH" in text:
        return text, 0
    if has_code(text):
        if not _SPACE_ENTITY.search(text):
            return text, 0
        return _outside_code(text, _SPACE_ENTITY, _character)
    total = 0
    for _ in range(4):  # "&#38;" beside "lt;" gives a new one
        fixed, count = _ENTITY.subn(_character, text)
        if fixed == text:
            break
        text, total = fixed, total + count
    return text, total


def _character(match: re.Match[str]) -> str:
    reference = f"&{match.group(1) or 'nbsp'};"
    char = html.unescape(reference)
    return match.group() if char in (reference, "\ufffd", "") else char


def code_spans(text: str) -> list[tuple[int, int]]:
    """Where code and addresses of the web stand in a text that `has_code`, in order."""
    return [code.span() for code in _CODE.finditer(text)]


def _outside_code(text: str, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> tuple[str, int]:
    pieces: list[str] = []
    total = end = 0
    for code in _CODE.finditer(text):
        piece, count = pattern.subn(replace, text[end : code.start()])
        pieces += (piece, code.group())
        total, end = total + count, code.end()
    piece, count = pattern.subn(replace, text[end:])
    return "".join([*pieces, piece]), total + count


_COMMENT = re.compile("<!--(?:(?!<!--)[ -~])*?-->[ \t]*(?:\n|\\Z)(\n?)")
_BLOCK = re.compile(r"<(script|style)\b[^<>]*>(?:(?!<\1\b).)*?</\1\s{0,9}>[ \t]*\n?", re.S | re.I)
_TEMPLATE = re.compile(r"^[ \t]*\{\{[ \w.$|:'\"()-]+\}\}[ \t]*(?:\n|\Z)", re.M | re.A)
_CELL = re.compile("<t[dh]\\b", re.I)
_BREAK = re.compile(r"<br\s*/?>[ \t]*\n?|</p\s*>[ \t]*\n?", re.I)
_INLINE = re.compile(
    "<(/?)(p|b|i|u|s|em|strong|font|span|small|big|center|div|a|img|o:p|st1:[a-z]+|section|strike|nobr)"
    "(\\s++[a-z_:][a-z0-9_:.-]*+\\s*+=[^<>\n]*+)?\\s*+/?>",
    re.I | re.A,
)


def tags(text: str) -> tuple[str, int]:
    r"""Remove comments that fill a line, scripts and style sheets, template marks, and tags of inline formatting.

    A line break and the end of a paragraph become a line feed. In a text with tables all but scripts, style sheets and
    comments stays, since without tags the cells would run together. Technical texts stay as they are.

    >>> tags("<p>关注<a href='/n/1'>本报</a><br/>微博</p>")
    ('关注本报\n微博\n', 5)
    >>> tags("标签 <div> 是 HTML 的块级元素")
    ('标签 <div> 是 HTML 的块级元素', 0)
    """
    total = 0
    if "<!--" in text and not has_code(text) and not about_markup(text):
        text, total = _drop_comments(text)
    if ("<" not in text and "{{" not in text) or technical(text):
        return text, total
    text, blocks = _BLOCK.subn("", text)
    text, templates = _TEMPLATE.subn("", text)
    if _CELL.search(text):
        return text, total + blocks + templates
    text, inline = _strip_inline(text)
    text, breaks = _BREAK.subn("\n", text)
    return text, total + blocks + templates + inline + breaks


def _drop_comments(text: str) -> tuple[str, int]:
    """Remove comments in ASCII that fill a line, and one of two blank lines that then meet."""
    count = 0

    def drop(match: re.Match[str]) -> str:
        nonlocal count
        before = text[max(0, match.start() - 2) : match.start()]
        if before[-1:] not in ("", "\n"):
            return match.group()
        count += 1
        return match.group(1) if before not in ("", "\n\n") else ""

    return _COMMENT.sub(drop, text), count


def _strip_inline(text: str) -> tuple[str, int]:
    """Remove inline tags; one without attributes only beside its partner, for `<font>` may be a blank to fill in."""
    found = [(match.group(1) == "/", match.group(2).lower()) for match in _INLINE.finditer(text)]
    paired = {name for end, name in found if end} & {name for end, name in found if not end}
    count = 0

    def remove(match: re.Match[str]) -> str:
        nonlocal count
        end, name, attributes = match.groups()
        if (end and name.lower() == "p") or not (attributes or name.lower() in paired):
            return match.group()
        count += 1
        return ""

    return _INLINE.sub(remove, text), count


_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4}[ -\[\]-~]{0,3}?){4,}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def escapes(text: str) -> tuple[str, int]:
    r"""Runs of four or more ``\uXXXX`` escapes that spell Hanzi become Hanzi. Technical texts stay as they are.

    >>> escapes("标题：\\u6210\\u90fd\\u571f\\u8c6a")
    ('标题：成都土豪', 1)
    """
    if technical(text):
        return text, 0
    runs = 0

    def decode(match: re.Match[str]) -> str:
        nonlocal runs
        plain = _ESCAPE.sub(lambda m: chr(int(m.group(1), 16)), match.group())
        try:
            plain = plain.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            return match.group()
        if sum("\u3000" <= c <= "\u9fff" or c >= "\uff00" for c in plain) < 0.6 * len(plain):
            return match.group()
        runs += 1
        return plain

    return _ESCAPES.sub(decode, text), runs
