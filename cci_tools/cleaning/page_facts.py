"""What a page says of itself: title, date, source and editor, from its head and from the lines around its text."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from html import unescape

from cci_tools.cleaning.page_lines import attributes, lines
from cci_tools.kernels.page import NUMBERS, Page

AROUND = 40
"""Lines before the main text that are looked at."""

BELOW = 12
"""Lines after the main text that are looked at for what the lines before do not say."""

_META, _TITLE, _H1, _H2 = NUMBERS["meta"], NUMBERS["title"], NUMBERS["h1"], NUMBERS["h2"]
_SKIP = {NUMBERS[name] for name in ("script", "style", "noscript", "iframe", "template", "select", "svg", "title")}
_CLOCK = r"(?:[01]?\d|2[0-3])[:：][0-5]\d(?:[:：][0-5]\d)?"
_STAMP = (  # the elements of date and time may follow each other without a space
    r"(?:19|20)\d{2}[-/.年]\s?(?:0?[1-9]|1[0-2])[-/.月]\s?(?:3[01]|[12]\d|0?[1-9])"
    rf"(?:(?=(?:[01]\d|2[0-3])[:：][0-5]\d)|(?!\d))日?(?:T|[\s\xa0]{{0,3}})(?:{_CLOCK})?"
)
_DATE = re.compile(rf"(?<!\d)({_STAMP})")
_GLUED = re.compile(r"(?<=\d{2})(?=\d{2}[:：])")
_SHORT_YEAR = re.compile(
    r"(?:发布|发表|更新|录入)(?:时间|日期|于)?\s{0,3}[:：]\s{0,3}"
    rf"(\d{{2}}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:\s{{0,3}}({_CLOCK})|(?!\d))"
)
_SOURCE_CUE, _EDITOR_CUE = "来源|來源|稿源|出处|轉自", "责任编辑|責任編輯|责编|编辑|編輯"
_LABELS = (
    rf"(?:本文|文章|新闻|信息|稿件|内容)?(?:{_SOURCE_CUE})|{_EDITOR_CUE}|美编|校对|审核|终审|初审|复审|监制"
    "|发布(?:时间|日期|机构|人|者)?|发表(?:时间|日期|于)|时间|日期|更新时间|浏览(?:次数|量)?|点击(?:次数|数|率)?|阅读(?:次数|量)?|字体(?:大小)?|字号"
)
_OTHER_LABELS = "作者|记者|通讯员|摄影|撰稿|供稿|人气|评论|分类|所属分类|标签|栏目"
_NEXT = rf"(?!(?:{_LABELS}|{_OTHER_LABELS})\s{{0,3}}[:：])"
_NAMES = rf"(?:{_NEXT}[^\s\xa0\u3000:：|｜，,。；;（）()\[\]【】<>]){{1,24}}"
_SOURCE = re.compile(rf"(?:{_SOURCE_CUE})(?:于)?\s{{0,3}}[:：]\s{{0,3}}({_NAMES})")
_EDITOR = re.compile(rf"(?:{_EDITOR_CUE})\s{{0,3}}[:：]\s{{0,3}}({_NAMES}(?:[ 、，]{_NAMES}){{0,2}})")
_GAP = r"[\s\xa0\u3000|｜【\[（(/·*-]*"
_BYLINE = re.compile(
    rf"{_GAP}(?:(?:[^\s:：。，！？\d]{{2,12}}{_GAP})?{_STAMP}[\s\xa0\u3000）)\]】|｜/·-]*)?"
    rf"(?=(?:{_LABELS})\s{{0,3}}[:：])(?:(?:{_LABELS}|{_OTHER_LABELS})\s{{0,3}}[:：](?>(?:{_NEXT}[^。！？!?\n]){{0,40}}))++"
)
_DATED = re.compile(
    rf"{_GAP}({_STAMP})[\s）)\]】|]*(?:[（(][^（）()]{{0,16}}更新[)）]|[^。，！？]{{0,12}}(?:阅读|浏览|评论|点击|人气)[^。，！？]{{0,10}})?"
)
_ISSUED = re.compile(rf"{_GAP}{_STAMP}(?:[^\s，。！？]{{2,16}})?")
_ADDRESS = re.compile(r"https?://[^\s\u3400-\u9fff]+")
_BRACKETS = "（()）【】[] "
_WHEN = re.compile(r"[\s（(【\[]*(?:时间|日期)\s{0,3}[:：]")
_EVENT = re.compile(
    r"\s*(?:(?:活动|会议|报名|考试|培训|比赛|演出)?地\s*点|主持人?|主讲人?|参会人员|参加人员|出席人员|对象|费用|票价)\s*[:：]"
)
_BELOW_CUE = re.compile(f"{_SOURCE_CUE}|发布|发稿|录入|上传".encode())
_BELOW_DATE = re.compile(rf"(?:发布|发稿|录入|上传)(?:时间|日期)\s{{0,3}}[:：]\s{{0,3}}({_STAMP})")
_BELOW_PAIR = re.compile(
    rf"(?:{_SOURCE_CUE})\s{{0,3}}[:：]\s{{0,3}}({_NAMES})\s{{0,3}}(?:发布)?(?:时间|日期)\s{{0,3}}[:：]\s{{0,3}}({_STAMP})"
)
_BELOW_SOURCE = re.compile(
    rf"{_GAP}(?:本文|文章|新闻|信息|稿件|内容)?(?:{_SOURCE_CUE})\s{{0,3}}[:：]\s{{0,3}}({_NAMES}){_GAP}[)）\]】]*"
)
_NOBODY = re.compile(
    r"(?i:\d+|未知|不详|佚名|匿名|暂无|无|admin\w*|administrator|null|undefined|root|.*[A-Za-z0-9-]\.[A-Za-z]{2,}.*|\W+)"
)
_SECTION = re.compile(
    "(?:新闻|工作|政务|公司|企业|行业|学校|学院|学会|校园|部门|党建|媒体|图片|通知|公示|信息|政策|学术|科研|教学|综合|最新|基层|中心"
    "|单位|本站|热点|时政|详细|文章|产品)?(?:新闻|动态|公告|资讯|要闻|通知|公示|快讯|报道|详情|内容|正文|列表|信息|中心|公开|文章"
    "|详情页|内容页)(?:网页)?|无标题文档|首页|(?i:untitled document|untitled|index|home|document)"
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
        name = (found.get("name") or found.get("property") or found.get("itemprop") or "").strip().lower()
        if name and found.get("content", "").strip():
            heads.setdefault(name, found["content"].strip()[:300])
    before = _before(page, first) if after else []
    near = "\n".join(before[-8:])
    title = _title(page, heads, before)
    published = next((heads[name] for name in _META_DATES if _DATE.match(heads.get(name, ""))), "")
    source = next((heads[name] for name in _META_SOURCES if name in heads), "")
    editor = next((name for key in _META_EDITORS if (name := _person(heads.get(key, "")))), "")
    about = Facts(
        title=title,
        published=published or _date(near, _DATE.search),
        source=_found(_SOURCE, near, title)
        or (_institution(source, title) if not re.match(_SOURCE_CUE, source) else _found(_SOURCE, source, title)),
        editor=next(filter(None, map(_person, _EDITOR.findall(near))), "")
        or editor
        or _editor_below(page, first, after),
    )
    return _below(page, about, after) if after and not (about.published and about.source) else about


def _date(text: str, find: Callable[[str], re.Match[str] | None]) -> str:
    """The date that is found in a text; the year of one that is labelled may have two digits."""
    if date := find(text):
        return _GLUED.sub(" ", date[1].strip(), count=1)
    if short := _SHORT_YEAR.search(text):
        century = "20" if int(short[1][:2]) < 70 else "19"
        return f"{century}{short[1]} {short[2] or ''}".strip()
    return ""


def _person(name: str) -> str:
    """A name that names somebody: no number of an account, no host."""
    return "" if _NOBODY.fullmatch(name) else name.strip()


def _institution(name: str, title: str) -> str:
    """A name that names a source: not the title over again, as pages made for search engines have it."""
    return "" if _NOBODY.fullmatch(name) or (name == title and len(name) > 12) else name.strip()


def _found(pattern: re.Pattern[str], text: str, title: str) -> str:
    return next((name for found in pattern.findall(text) if (name := _institution(found, title))), "")


def _below(page: Page, about: Facts, after: int) -> Facts:
    """Date and source from labelled lines under the main text, where the lines before it name none."""
    tags = page.rows[0]
    last = min(len(tags), after + 12 * BELOW)
    if after >= last or not _BELOW_CUE.search(page.data, int(page.start[after]), int(page.stop[last - 1])):
        return about
    for line, _ in lines(page, after, last, lambda node: tags[node] in _SKIP)[:BELOW]:
        if len(line) > 120:
            continue
        if pair := _BELOW_PAIR.search(line):
            source, date = pair[1], pair[2]
        else:
            source, date = (
                found[1] if (found := find(line)) else "" for find in (_BELOW_SOURCE.fullmatch, _BELOW_DATE.search)
            )
        about = replace(
            about,
            published=about.published or _date(date, _DATE.match),
            source=about.source or _institution(source, about.title),
        )
    return about


def _editor_below(page: Page, first: int, after: int) -> str:
    """The editor in the markup from the main text on, wherever the page puts the name."""
    at = int(page.start[first]) if after else len(page.data)
    for _ in range(4):
        at = page.data.find(_EDITOR_WORD, at)
        if at < 0:
            break
        shown = unescape(_MARKUP.sub("", page.data[max(at - 12, 0) : at + 160].decode("utf-8", "ignore")))
        if (found := _EDITOR.search(shown)) and (name := _person(found[1])):
            return name
        at += len(_EDITOR_WORD)
    return ""


def take_byline(kept: list[str], about: Facts) -> tuple[list[str], Facts]:
    """Lines of source, date and editor at either end of a text moved to the facts; the title that it repeats, and an
    address over it, left out.

    >>> take_byline(["来源：某市日报 2024-03-18", "正文一段。", "（责任编辑：王某）"], Facts())
    (['正文一段。'], Facts(title='', published='2024-03-18', source='某市日报', editor='王某'))
    """
    ends = {*range(min(6, len(kept))), *range(max(len(kept) - 8, 0), len(kept))}
    event = any(_EVENT.match(line) for line in kept[:12])
    titled = -2
    left: list[str] = []
    for number, line in enumerate(kept):
        if number in ends and len(line) <= 100:
            byline = _BYLINE.fullmatch(line) and not (event and _WHEN.match(line))
            repeated = line.strip(_BRACKETS) == about.title.strip(_BRACKETS)
            titled = number if repeated else titled
            if byline or repeated:
                about = _completed(about, line)
                continue
        under_title = titled == number - 1 and _ISSUED.fullmatch(line)
        if under_title or (number < 4 and (date := _DATED.fullmatch(line)) and _is_stamp(date[1], about)):
            about = _completed(about, line)
            continue
        if number == 0 and _ADDRESS.fullmatch(line):
            continue
        if number == len(kept) - 1 and (credit := _EDITED.search(line)):
            about = _completed(about, credit[0])
            line = line[: credit.start()].rstrip()
        if line:
            left.append(line)
    return left, about


def _is_stamp(date: str, about: Facts) -> bool:
    """A date in a line of its own is that of the page if it has a time of day, or is the one that is known."""
    return ":" in date or "：" in date or _day(date) == _day(about.published)


def _day(date: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", date)[:3]]


def _completed(about: Facts, line: str) -> Facts:
    found = {
        "published": _date(line, _DATE.search),
        "source": _found(_SOURCE, line, about.title),
        "editor": next(filter(None, map(_person, _EDITOR.findall(line))), ""),
    }
    return replace(about, **{name: value for name, value in found.items() if value and not getattr(about, name)})


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


def _title(page: Page, heads: dict[str, str], before: list[str]) -> str:
    """The heading that the window title begins with; else the window title without the name of the site.

    Where that is the name of a section, the line over date and source, if there is one.
    """
    window = ""
    for node in (page.tag == _TITLE).nonzero()[0].tolist()[:1]:
        if node + 1 < page.after[node]:
            text = page.data[page.start[node + 1] : page.stop[node + 1]].decode("utf-8", "replace")
            window = " ".join(unescape(text).split())[:300]
    given = heads.get("articletitle") or heads.get("og:title") or ""
    headings = [_inner(page, node) for tag in (_H1, _H2) for node in (page.tag == tag).nonzero()[0].tolist()[:8]]
    squeezed = "".join(window.split())
    over = _over_byline(before) if _SECTION.fullmatch(next(iter(_SUFFIX.split(window)), "").strip()) else ""
    if over:
        return over
    for text in (*headings, given, *(line for line in reversed(before) if len(line) >= 4)):
        if 2 <= len(text) <= 120 and squeezed.startswith("".join(text.split())[:40]):
            return text
    if given and not _SECTION.fullmatch(given):
        return given
    parts = [part for part in _SUFFIX.split(window) if part]
    if parts:
        return parts[0] if len(parts[0]) >= 4 else max(parts, key=len)
    return headings[0] if len(headings) == 1 else ""


def _over_byline(before: list[str]) -> str:
    """The line before that of date and source, next to the main text."""
    bylines = [at for at, line in enumerate(before) if _BYLINE.fullmatch(line) or _DATED.fullmatch(line)]
    at = bylines[-1] if bylines else 0
    while at and at in bylines:
        at -= 1
    over = before[at] if bylines else ""
    crumbs = re.search("[>＞»]|首页|位置", over)
    return "" if crumbs or not 6 <= len(over) <= 80 or over.endswith(("。", "，")) else over
