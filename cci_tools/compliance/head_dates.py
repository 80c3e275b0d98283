"""The day of publication that the head of a text states, for documents whose dump and URL state none."""

import re
from collections.abc import Callable
from datetime import date

LINES = 10
"""Lines, blank ones apart, that are the head of a text."""

CHARACTERS = 2000
"""Longer heads are not read to their end."""

EARLIEST = date(1990, 1, 1)
"""Earlier days in a text are what it tells of, not when its page was made."""

HINT = r"时间|日期|時間|年\d{1,2}月\d{1,2}日[电電讯訊]|(?m:^)[\s　]*(?:19|20)\d\d\s?[-/.年]"
"""A head without it has no date; for a quick look at a column."""

_DAY = r"(?P<day>(?:19|20)\d\d\s?(?:[-/.]|年)\s?\d{1,2}\s?(?:[-/.]|月)\s?\d{1,2}\s?日?)"
_CLOCK = r"(?:[\sT]*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
_DATA = (
    r"(?:来源|來源|稿源|信息来源|文章来源|作者|编辑|责任编辑|责编|浏览|阅读|点击|访问|字号|字体|人气|评论|分享|【|\[)"
)
_LABELLED = re.compile(
    r"[\s【\[（(]*(?:(?P<sure>(?:发布|发表|发稿|更新|發布|發表|更新|刊登|发文|印发|成文|公开)(?:时间|日期|時間))|(?:时间|日期|時間))"
    rf"[】\])）]?\s?[:：]\s*{_DAY}{_CLOCK}"
    # Nothing but further data about the page may follow: 时间：2024年3月1日至5日 is when something happens.
    rf"[】\])）]?(?:$|\s*[|｜]|\s+{_DATA})"
)
# A line of its own: a day with a time of day, or with data about the page behind it. A day alone may head a diary.
_STAMP = re.compile(rf"\s*{_DAY}(?:[\sT]*\d{{1,2}}[:：]\d{{2}}(?:[:：]\d{{2}})?\s*(?:$|[|｜]|{_DATA})|[\s|｜]*{_DATA})")
_DATELINE = re.compile(rf"[\s（(]*(?:据)?[\u4e00-\u9fff]{{2,8}}[社网報报][\u4e00-\u9fff]{{0,8}}{_DAY}[电電讯訊]")
_EVENT = re.compile(r"\s*(?:会议|活动|举办)?(?:地点|地址|主题|主办|对象|参会|主讲|报名|地點|嘉宾)")


def date_from_text(text: str, parse: Callable[[str, date], date | None], latest: date) -> date | None:
    """The day in the head of a text, only where it is said to be that of publication.

    Read are lines that begin with 发布时间：, 发布日期：, 时间： and the like before a full date with nothing but page
    data behind it, lines of a day with the time of day (2024-03-18 10:22 来源：…), and datelines with a year. 时间：,
    日期： and lines without a label do not count where a place or a subject is given beside them: an event, not a page.
    A dateline without a year (新华社北京3月5日电) tells no day.

    Parameters
    ----------
    text : str
    parse : callable
        `cci_tools.compliance.dates.parse_date`.
    latest : datetime.date
        A later day is taken for an error.

    Examples
    --------
    >>> from cci_tools.compliance.dates import LATEST, parse_date
    >>> def found(text):
    ...     return date_from_text(text, parse_date, LATEST)
    >>> found("关于印发方案的通知\\n发布时间：2024-03-18 10:22  来源：办公厅\\n各市：")
    datetime.date(2024, 3, 18)
    >>> found("标题\\n2024年3月18日 10:22  来源：本站\\n正文"), found("2024年3月18日 晴\\n今天")
    (datetime.date(2024, 3, 18), None)
    >>> found("时间：2024年3月18日\\n地点：市图书馆"), found("新华社北京3月5日电 会议")
    (None, None)
    """
    lines = [line for line in text[:CHARACTERS].split("\n") if line.strip()][:LINES]
    told_event = any(map(_EVENT.match, lines))
    for line in lines:
        match = _LABELLED.match(line)
        if match and not match["sure"] and told_event:
            match = None
        match = match or _DATELINE.match(line) or (None if told_event else _STAMP.match(line))
        if match:
            day = parse(match["day"], latest)
            return day if day and day >= EARLIEST else None
    return None
