"""Who a text says it comes from: a hint, never proof. Anybody can write 来源：新华社 under a text."""

import re
from collections.abc import Iterator

HEAD, TAIL = 500, 300
"""Characters at the two ends of a text where a byline may stand."""

HINT = r"来源|來源|稿源|出处|据|據|[电電讯訊]|消息"
"""A text end without it has no byline; for a quick look at a column."""

_NAME = r"[\u4e00-\u9fffA-Za-z0-9·]{2,20}"
_LABELLED = re.compile(
    rf"(?:^|[\s|｜（(\[【])(?:本文|信息|文章|新闻|稿件|资料|内容)?(?:来源|來源|稿源|出处)(?:于)?\s?[:：]\s*[《“【]?({_NAME})",
    re.M,
)
_REPORTED = re.compile(
    rf"^[\s（(]*[据據][《“]?({_NAME}?)[》”]?(?:网站)?(?:客户端)?(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?(?:报道|報道|报导|消息|电|電|讯|訊)",
    re.M,
)
_DATELINE = re.compile(rf"^[\s（(【]*({_NAME}?)(?:(?:\d{{4}}年)?\d{{1,2}}月)?\d{{1,2}}日(?:电|電|讯|訊|消息)", re.M)
_LEAD = re.compile(rf"^[\s（(【]*({_NAME}?)(?:讯|訊|消息)[\s（(：:】]", re.M)


def bylines(text: str) -> Iterator[str]:
    """Names that the ends of a text may give as its source, the likeliest first.

    A dateline runs name and place together (新华社北京3月5日电), so every beginning of it is a candidate, the longest
    first: look them up in a list of names.

    Examples
    --------
    >>> next(bylines("标题\\n来源：新华社  2024-03-18\\n正文"))
    '新华社'
    >>> list(bylines("新华社北京3月5日电"))
    ['新华社北京', '新华社北', '新华社', '新华']
    """
    head, tail = text[:HEAD], text[HEAD:][-TAIL:]
    for part in (head, tail):
        for match in _LABELLED.finditer(part):
            yield match[1]
    for pattern in (_REPORTED, _DATELINE, _LEAD):
        if dateline := pattern.search(head):
            name = dateline[1]
            yield from (name[:size] for size in range(len(name), 1, -1))
