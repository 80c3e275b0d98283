"""The rules for what only a cue word tells from any other number or name."""

import re
from collections.abc import Iterator

from cci_tools.cleaning import privacy_numbers as numbers
from cci_tools.cleaning.privacy_context import Document
from cci_tools.cleaning.privacy_rules import Span

_QQ = re.compile(
    "(?P<label>(?:号码|号|帐号|账号|群号|群|交流群?|在线|客服|咨询|联系|[:是为=/() -]|[一二三四五]群){0,5}\\s{0,2})"
    "(?P<value>[1-9][0-9]{4,10})(?![0-9]|[.@-][0-9A-Za-z]|@|[A-Za-z_]|\\s?(?:[万亿元人年个名次%]|多))"
)
_MORE_QQ = re.compile(
    "\\s?(?:[,，、;；/]|或者?|和|及)\\s?(?P<value>[1-9][0-9]{5,10})(?![0-9]|[.@-][0-9A-Za-z]|@|[A-Za-z_])"
)


def qq(document: Document, start: int, end: int) -> Iterator[Span]:
    """QQ numbers behind their name, and further ones in a list."""
    if re.search("[A-Za-z0-9_./@-]\\Z", document.before(start, 1)) or document.in_url(start):
        return
    after = document.after(end, 160)
    match = _QQ.match(after)
    if not match or (len(match["value"]) < 6 and not re.search("[:号为是]", match["label"])):
        return
    while match:
        value = match["value"]
        if not (len(value) == 11 and numbers.mobile(value)):
            yield Span("qq", end + match.start("value"), end + match.end("value"))
        match = _MORE_QQ.match(after, match.end())


_WECHAT = re.compile(
    "(?P<label>(?:号码|号|帐号|账号|id|/?qq|同号|联系|客服|咨询|添加|加|[(](?:同手机|手机同号)[)]|[:是为= /-]){0,6}"
    "\\s?)"
    "(?P<value>[A-Za-z][A-Za-z0-9_-]{5,19}|[1-9][0-9]{5,10})(?![A-Za-z0-9_@-]|\\.[A-Za-z0-9])",
    re.I,
)
_NO_NAME = re.compile(
    "(?:wechat|weixin|qrcode|android|iphone|windows|official|https?|login|share|public|weibo)\\Z", re.I
)


def wechat(document: Document, start: int, end: int) -> Iterator[Span]:
    """A WeChat name behind its cue: with a colon or 号 before it, and not of letters alone unless both say so."""
    if re.search("[A-Za-z0-9_./@-]\\Z", document.before(start, 1)) or document.in_url(start) or document.in_code(start):
        return
    match = _WECHAT.match(document.after(end, 60))
    if not match:
        return
    value, label = match["value"], match["label"] + document.text[end - 1 : end]
    named = "号" in label or "id" in label.lower()
    if not (named or re.search("[:：]", label)) or _NO_NAME.match(value):
        return
    if value.isdigit() and numbers.mobile(value):
        return
    yield Span("wechat", end + match.start("value"), end + match.end("value"))


_NUMBER = "(?:号码|号|編號|编号|No\\.?|number|[:是为= ()]){0,4}\\s?"
_PASSPORT = re.compile(
    f"{_NUMBER}(?P<value>[EGDSPHK][0-9]{{8}}|E[A-HJ-NP-Z][0-9]{{7}}|1[45][0-9]{{7}}|[A-Z]{{1,2}}[0-9]{{6,8}})"
    "(?![0-9A-Za-z])",
    re.I,
)
_HK_MACAO = re.compile(
    f"{_NUMBER}(?P<value>[CHMW][0-9]{{8}}(?:[0-9]{{2}})?|C[A-HJ-NP-Z][0-9]{{7}})(?![0-9A-Za-z])", re.I
)
_TAIWAN = re.compile(f"{_NUMBER}(?P<value>[TL]?[0-9]{{8}}(?:[0-9]{{2}}(?:\\([A-Z]\\))?)?)(?![0-9A-Za-z])", re.I)


def passport(document: Document, start: int, end: int) -> Iterator[Span]:
    """The number of a passport."""
    yield from _behind(document, end, (("passport", _PASSPORT),))


def permit(document: Document, start: int, end: int) -> Iterator[Span]:
    """The number of a permit for Hong Kong and Macao, or for Taiwan, told apart by words and letters."""
    words = document.text[max(0, start - 16) : end]
    taiwan = re.search("台胞|臺胞|台湾|臺灣|台灣", words) is not None
    rules = (("hk_macao_permit", _HK_MACAO), ("taiwan_permit", _TAIWAN))
    yield from _behind(document, end, rules[1:] if taiwan else rules[:1])


def _behind(document: Document, end: int, rules: tuple[tuple[str, re.Pattern[str]], ...]) -> Iterator[Span]:
    after = document.after(end, 40)
    for kind, pattern in rules:
        if match := pattern.match(after):
            yield Span(kind, end + match.start("value"), end + match.end("value"))
            return


_TELEPHONE = re.compile(
    "(?:号码|:|是|为|/|传真|\\s){0,4}\\s?"
    "(?P<value>[(]?0[1-9][0-9]{1,2}[)]?[- ]?[1-9][0-9]{2,3}[ -]?[0-9]{4}(?:-[0-9]{1,5})?|"
    "[2-8][0-9]{3}[ -]?[0-9]{3,4})(?![0-9A-Za-z]|[.-][0-9]|\\s?[元万亿人次个年])"
)


def telephone(document: Document, start: int, end: int) -> Iterator[Span]:
    """A landline behind its cue, with or without an area code; short numbers and hotlines are nobody's."""
    match = _TELEPHONE.match(document.after(end, 40))
    if match and not document.in_code(start):
        value = re.sub("[() ]", "", match["value"])
        if not value.startswith(("400", "800")):
            yield Span("landline", end + match.start("value"), end + match.end("value"))


_NUMERAL = "(?:[0-9]{1,5}(?:[-之][0-9]{1,4}){0,2}[A-Za-z]?|[〇零一二三四五六七八九十百]{1,7})"
_ROAD = (
    "(?:路|街|道|巷|弄|里|村|镇|乡|区|市|县|小区|苑|园|胡同|组|屯|庄|城|寨|坊|院|楼|幢|栋|單元|单元|座)"
    "(?:[东西南北中上下内外]{1,2}段?|[一二三四五六七八九十]段)?"
)
_NOT_HOUSE = "(?!线|車|车|机|文|令|召|称|公告|法庭|选手|台风|楼市)"
_ESTATE = "(?:[\u4e00-\u9fff]{1,8}?(?:小区|公寓|花园|家园|新村|苑))?"
_ROOM = f"(?:[\u4e00-\u9fff]{{0,12}}?{_NUMERAL}?(?:号楼|栋|幢|座|单元|楼|层|室|号|户)){{0,4}}"
_ADDRESS = re.compile(
    "(?:住?[于在]|位于|[:：为是] ?){0,2}(?P<value>[\u4e00-\u9fff0-9A-Za-z·() -]{1,40}?"
    f"{_ROAD}[甲乙丙附近第]?{_NUMERAL}(?:号|號|室){_NOT_HOUSE}{_ESTATE}{_ROOM})"
)


def address(document: Document, start: int, end: int) -> Iterator[Span]:
    """Where a person lives, behind a word that says so, and down to the number of the house or room."""
    if match := _ADDRESS.match(document.after(end, 90)):
        yield Span("address", end + match.start("value"), end + match.end("value"))
