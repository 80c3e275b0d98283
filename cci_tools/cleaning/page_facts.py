"""What a page says of itself: title, date, source and editor, from its head and from the lines around its text."""

import re
from dataclasses import asdict, dataclass, replace
from html import unescape

from cci_tools.cleaning.page_lines import attributes, lines
from cci_tools.kernels.page import NUMBERS, Page

AROUND = 40
"""Lines before the main text that are looked at."""

_META, _TITLE, _H1, _H2 = NUMBERS["meta"], NUMBERS["title"], NUMBERS["h1"], NUMBERS["h2"]
_SKIP = {NUMBERS[name] for name in ("script", "style", "noscript", "iframe", "template", "select", "svg", "title")}
_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d{2}[-/.年]\s?(?:0?[1-9]|1[0-2])[-/.月]\s?(?:3[01]|[12]\d|0?[1-9])(?!\d)日?"
    r"(?:T|[\s\xa0]{0,3})(?:(?:[01]?\d|2[0-3])[:：][0-5]\d(?:[:：][0-5]\d)?)?)"
)
_NAMES = r"[^\s\xa0\u3000:：|｜，,。；;（）()\[\]【】<>]{1,24}"
_SOURCE_CUE, _EDITOR_CUE = "来源|來源|稿源|出处|轉自", "责任编辑|責任編輯|责编|编辑|編輯"
_SOURCE = re.compile(rf"(?:{_SOURCE_CUE})(?:于)?\s{{0,3}}[:：]\s{{0,3}}({_NAMES})")
_EDITOR = re.compile(rf"(?:{_EDITOR_CUE})\s{{0,3}}[:：]\s{{0,3}}({_NAMES}(?:[ 、，]{_NAMES}){{0,2}})")
_BYLINE = re.compile(
    rf"[\s\xa0\u3000|｜【\[（(/·*-]*(?:(?:(?:本文|文章|新闻|信息|稿件|内容)?(?:{_SOURCE_CUE})|{_EDITOR_CUE}|美编|校对|审核|终审|初审"
    r"|复审|监制|发布(?:时间|日期|机构|人|者)?|发表(?:时间|日期|于)|时间|日期|更新时间|浏览(?:次数|量)?|点击(?:次数|数|率)?"
    r"|阅读(?:次数|量)?|字体(?:大小)?|字号)\s{0,3}[:：][\s\xa0\u3000]*(?:[^。！？!?\n]{0,40}))[】\]）)\s]*"
)
_EDITED = re.compile(r"[（(\[【]\s*(?:责任编辑|責任編輯|责编|编辑|編輯)\s*[:：]?[^（()）\[\]【】。]{1,30}[)）\]】]\s*$")
_EDITOR_WORD = "编辑".encode()
_MARKUP = re.compile("<[^<>]*>?")
_META_DATES = (
    *("article:published_time", "publishdate", "pubdate", "publish_time", "weibo:article:create_at", "og:release_date"),
    *("firstpublishedtime", "date", "datepublished", "og:time"),
)
_META_SOURCES = ("contentsource", "source", "og:article:author_source", "mediaid")
_META_EDITORS = ("editor", "contenteditor")
_SUFFIX = re.compile(
    r"\s*(?:[_|｜]+|--+|——+|(?<=\s)[-–—](?=\s)|-(?=[^-]{2,12}(?:网|站|报|频道|论坛|吧|博客|新闻|在线|政府)$))\s*"
)


@dataclass(frozen=True)
class Facts:
    """What a page says of itself; empty where it does not."""

    title: str = ""
    published: str = ""
    source: str = ""
    editor: str = ""

    def record(self) -> dict[str, str]:
        """The facts that are known."""
        return {name: value for name, value in asdict(self).items() if value}


def facts(page: Page, first: int, after: int) -> Facts:
    """Facts of a page whose main text is the nodes ``range(first, after)``."""
    heads: dict[str, str] = {}
    for node in (page.tag == _META).nonzero()[0].tolist()[:200]:
        found = attributes(page, node)
        name = (found.get("name") or found.get("property") or found.get("itemprop") or "").lower()
        if name and found.get("content", "").strip():
            heads.setdefault(name, found["content"].strip()[:300])
    before = _before(page, first) if after else []
    near = "\n".join(before[-8:])
    date = _DATE.search(near)
    source = _SOURCE.search(near)
    editor = _EDITOR.search(near)
    published = next((heads[name] for name in _META_DATES if _DATE.match(heads.get(name, ""))), "")
    return Facts(
        title=_title(page, heads, before, first, after),
        published=published or (date[1].strip() if date else ""),
        source=source[1] if source else next((heads[name] for name in _META_SOURCES if name in heads), ""),
        editor=editor[1]
        if editor
        else next((heads[name] for name in _META_EDITORS if name in heads), "") or _editor_below(page, first, after),
    )


def _editor_below(page: Page, first: int, after: int) -> str:
    """The editor in the markup from the main text on, wherever the page puts the name."""
    at = int(page.start[first]) if after else len(page.data)
    for _ in range(4):
        at = page.data.find(_EDITOR_WORD, at)
        if at < 0:
            break
        shown = _MARKUP.sub("", page.data[max(at - 12, 0) : at + 160].decode("utf-8", "ignore"))
        if found := _EDITOR.search(shown):
            return found[1]
        at += len(_EDITOR_WORD)
    return ""


def take_byline(kept: list[str], about: Facts) -> tuple[list[str], Facts]:
    """Lines of source, date and editor at either end of a text moved to the facts, and the title that it repeats.

    >>> take_byline(["来源：某市日报 2024-03-18", "正文一段。", "（责任编辑：王某）"], Facts())
    (['正文一段。'], Facts(title='', published='2024-03-18', source='某市日报', editor='王某'))
    """
    ends = {*range(min(6, len(kept))), *range(max(len(kept) - 8, 0), len(kept))}
    left: list[str] = []
    for number, line in enumerate(kept):
        if (
            number in ends
            and len(line) <= 100
            and (_BYLINE.fullmatch(line) or line.strip("（()）【】[] ") == about.title)
        ):
            about = _completed(about, line)
            continue
        if number == len(kept) - 1 and (credit := _EDITED.search(line)):
            about = _completed(about, credit[0])
            line = line[: credit.start()].rstrip()
        if line:
            left.append(line)
    return left, about


def _completed(about: Facts, line: str) -> Facts:
    for name, pattern in (("published", _DATE), ("source", _SOURCE), ("editor", _EDITOR)):
        if not getattr(about, name) and (found := pattern.search(line)):
            about = replace(about, **{name: found[1].strip()})
    return about


def _before(page: Page, first: int) -> list[str]:
    """Lines that stand before the main text."""
    tags = page.rows[0]
    start = max(0, first - 12 * AROUND)
    while start and page.parent[start] >= 0 and tags[start] == 0:
        start -= 1
    found = lines(page, start, first, lambda node: tags[node] in _SKIP)
    return [text[:300] for text, _ in found[-AROUND:]]


def _inner(page: Page, node: int) -> str:
    tags = page.rows[0]
    return " ".join(text for text, _ in lines(page, node + 1, int(page.after[node]), lambda n: tags[n] in _SKIP))[:300]


def _title(page: Page, heads: dict[str, str], before: list[str], first: int, after: int) -> str:
    """The heading that the window title begins with; else the window title without the name of the site."""
    window = ""
    for node in (page.tag == _TITLE).nonzero()[0].tolist()[:1]:
        if node + 1 < page.after[node]:
            text = page.data[page.start[node + 1] : page.stop[node + 1]].decode("utf-8", "replace")
            window = " ".join(unescape(text).split())[:300]
    given = heads.get("articletitle") or heads.get("og:title") or ""
    headings = [_inner(page, node) for tag in (_H1, _H2) for node in (page.tag == tag).nonzero()[0].tolist()[:8]]
    squeezed = "".join(window.split())
    for text in (*headings, given, *(line for line in reversed(before) if len(line) >= 4)):
        if 2 <= len(text) <= 120 and squeezed.startswith("".join(text.split())[:40]):
            return text
    if given:
        return given
    parts = [part for part in _SUFFIX.split(window) if part]
    if parts:
        return parts[0] if len(parts[0]) >= 4 else max(parts, key=len)
    return headings[0] if len(headings) == 1 else ""
