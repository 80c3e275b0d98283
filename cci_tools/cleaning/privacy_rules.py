"""The rules for numbers: what stands at a place of the scan, judged by its checks and by the words around it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from cci_tools.cleaning import privacy_numbers as numbers
from cci_tools.cleaning.privacy_context import Document, Places, fold


class Span(NamedTuple):
    """Characters of a text that are personal information of a kind."""

    kind: str
    start: int
    end: int


_ID = re.compile(r"(?<![0-9])[0-9]{6}([ -]?)(?:[0-9]{8}|[0-9]{4}\1[0-9]{4})\1[0-9]{3}[0-9Xx](?![0-9A-Za-z])")
_ID_15 = re.compile(r"(?<![0-9])[0-9]{15}(?![0-9A-Za-z])")
_CARD = re.compile(
    r"(?<![0-9])(?:[0-9]{13,19}|[0-9]{4}([ -])[0-9]{4}(?:\1[0-9]{4}){1,2}(?:\1[0-9]{1,4})?)(?![0-9]|[ -][0-9])"
)
_MOBILE = re.compile(
    r"(?<![0-9])(?:(?:00)?86[ -]?|0)?"
    r"(1[3-9](?:[0-9]{9}|[0-9]([ -])[0-9]{4}\2[0-9]{4}|[0-9]{2}([ -])[0-9]{3}\3[0-9]{4}))(?![0-9])"
)
_LANDLINE = re.compile(r"(?<![0-9])(?:(?:00)?86[ -])?(0[1-9][0-9]{1,2}([ -]?)[1-9][0-9]{6,7})(?:-[0-9]{1,5})?(?![0-9])")

_NEAR = 80
"""Characters of a run of digits around a number that are looked at."""

_GAP = "[^0-9，。；,;!?<>\n]"  # between a cue and its number
_ID_CUE = re.compile(
    "(?:身份证|身份證|身分證|证件号|證件號|证件编号|身份证件|身份号|身份號|公民身份|\\bID ?(?:card|no|number))"
    f"(?:,号码)?{_GAP}{{0,14}}\\s{{0,2}}\\Z",
    re.I,
)
_CREDIT_CUE = re.compile(f"(?:信用代码|信用代碼|机构代码|税号|识别号){_GAP}{{0,8}}\\Z")
_CARD_CUE = re.compile(
    "(?:卡号|卡號|账号|帐号|帳號|賬號|账户|帐户|帳戶|开户行|开户银行|银行卡|銀行卡|储蓄卡|信用卡|借记卡|打款|汇款)"
    "[^0-9。；;<>]{0,24}\\Z"
)
_ORGANISATION = re.compile(
    "国库|财政|非税|公司|委员会|局|厅|基金|红十字|慈善|医院|学校|大学|中心|协会|集团|工会|党费|法院|银行股份"
)
_PHONE_CUE = re.compile(
    "(?:电话|電話|手机|手機|联系|聯繫|聯絡|致电|拨打|热线|短信|来电|咨询|移动|传呼|tel|phone|mobile|call|☎|📞|📱)"
    f"{_GAP}{{0,12}}(?:[1-9]: ?)?\\Z",
    re.I,
)
_LABEL = re.compile(
    "(?:(?:订单|訂單|单号|單號|编号|編號|文号|案号|流水|序列|批号|许可|备案|代码|代碼|ISBN|ISSN|DOI|学号|证书|工号|货号|型号|"
    "条码|条形码|运单|发票|项目|合同|标段|招标|图片|照片|帖子|uid|\\bid|时间戳|timestamp|size|坐标|经度|纬度|东经|北纬|基金|"
    f"股票|统一|登记|登記|等于|圆周率|价格|金额|总额|合计|市值|产量|人口|seed|hash|commit|bug){_GAP}{{0,6}}|[¥$￥€£#第共约近达]\\s?)\\Z",
    re.I,
)
_UNIT = re.compile(
    "\\s?(?:[亿万億萬元人次吨米股条个個件辆户名秒票倍年月%]|字节|位元|bytes?|[KMGTk]?i?B\\b|公里|千米|毫秒|微秒|纳秒|[mnu]s\\b|"
    "美元|港元|欧元|日元|号(?!码|微信))"
)
_USER_NAME = re.compile("@[^\\s@.]{0,12}\\Z")
_WORD_BEFORE = re.compile("[A-Za-z_]\\Z")
_WORD_CUE = re.compile("(?:tel|phone|mobile|mob|cell|call|mp|no|id|qq|wx|vx)\\Z", re.I)
_WORD_AFTER = re.compile("(?!qq|wx|vx|tel|e?-?mail|fax|msn|skype|http|www)[A-Za-z_]", re.I)
# Two numbers of one person, 13900000000/13900000001: no path, no formula.
_TWIN = re.compile("(?<![0-9])1[3-9][0-9]{9}[/-]\\Z"), re.compile("[/-]1[3-9][0-9]{9}(?![0-9])")
_MAIL_AFTER = re.compile("@[0-9A-Za-z]")
_DECIMAL = re.compile("[0-9][.]\\Z"), re.compile("[.](?:[0-9]|[a-z]{2,4}\\b)")
_TABLE = re.compile("[0-9][ -]\\Z"), re.compile("[ -][0-9]")
_FORMULA = re.compile("(?:[0-9][-/:]|[-.+*/=] ?)\\Z"), re.compile("[-+*/=^]|[.]{1,2}[0-9]")


def number(document: Document, start: int, end: int) -> Iterator[Span]:
    """Identity, card, mobile and landline numbers in a run of digits, with single spaces or hyphens between."""
    before, after = document.before(start), document.after(end)
    if _DECIMAL[0].search(before) or _DECIMAL[1].match(after) or _MAIL_AFTER.match(after):
        return
    if not _TWIN[0].search(before) and document.in_url(start):
        return
    if _WORD_BEFORE.search(before) and not _WORD_CUE.search(before):
        return
    digits = fold(document.text[start:end])
    free = Places()
    for kind, first, last in _numbers(document, start, digits, before, after):
        if free.take(first, last):
            yield Span(kind, start + first, start + last)


def _numbers(document: Document, start: int, digits: str, before: str, after: str) -> Iterator[tuple[str, int, int]]:
    """Kind, and place in the digits, of each number; the surest first."""
    whole = digits + after[:2]  # an identity number may end in X
    for match in _ID.finditer(whole):
        plain, ahead = _plain(match.group()), _ahead(before, digits, match)
        alone = not (_TABLE[0].search(ahead) or _TABLE[1].match(whole, match.end()) or _LABEL.search(ahead))
        if _ID_CUE.search(ahead) or (alone and numbers.id_card(plain)):
            yield "id_card", *match.span()
        elif numbers.credit_code(plain) and _CREDIT_CUE.search(ahead):
            yield "credit_code", *match.span()
    if _WORD_AFTER.match(after):
        return
    for match in _ID_15.finditer(digits):
        if numbers.id_card_15(match.group()) and _ID_CUE.search(_ahead(before, digits, match)):
            yield "id_card", *match.span()
    for match in _CARD.finditer(digits):
        ahead = _ahead(before, digits, match)
        of_person = _CARD_CUE.search(ahead) and not _ORGANISATION.search(ahead[-40:].rpartition("\n\n")[2] + after)
        if of_person and numbers.bank_card(_plain(match.group())):
            yield "bank_card", *match.span()
    for match in _MOBILE.finditer(digits):
        if numbers.mobile(_plain(match.group(1))):
            ahead, behind = _ahead(before, digits, match), digits[match.end() : match.end() + _NEAR] + after
            if _is_mobile(document, start, match, ahead, behind):
                # The plus sign of +86 stands before the digits.
                plus = match.start() == 0 and match.start(1) > 1 and before.endswith("+")
                yield "mobile", match.start() - plus, match.end()
    for match in _LANDLINE.finditer(digits):
        ahead, behind = _ahead(before, digits, match), digits[match.end() : match.end() + _NEAR] + after
        if numbers.landline(_plain(match.group(1))):
            table = _TABLE[0].search(ahead) or _TABLE[1].match(behind)
            if _PHONE_CUE.search(ahead) or (
                match.group(2) and not (table or _LABEL.search(ahead) or document.in_code(start))
            ):
                yield "landline", *match.span()


def _ahead(before: str, digits: str, match: re.Match[str]) -> str:
    """What stands before a number, as far as any rule looks: a run may be a table of a million digits."""
    at = match.start()
    return before + digits[:at] if at < _NEAR else digits[at - _NEAR : at]


def _plain(number: str) -> str:
    return number.replace(" ", "").replace("-", "")


def _is_mobile(document: Document, start: int, match: re.Match[str], before: str, after: str) -> bool:
    """Whether a number with the prefix of a mobile telephone is one."""
    if _USER_NAME.search(before):  # the name of a user
        return False
    if _PHONE_CUE.search(before):
        return True
    if match.start(1) - match.start() == 1:  # 0, as before calls to another province, but octal numbers too
        return False
    if (match.group(2) or match.group(3)) and (_TABLE[0].search(before) or _TABLE[1].match(after)):
        return False
    if _LABEL.search(before) or _UNIT.match(after) or document.in_code(start):
        return False
    if match.start(1) - match.start() > 1:
        before = before.removesuffix("+")
    left, right = _FORMULA[0].search(before), _FORMULA[1].match(after)
    return not (left and not _TWIN[0].search(before)) and not (right and not _TWIN[1].match(after))


def code(document: Document, start: int, end: int) -> Iterator[Span]:
    """A unified social credit code with letters."""
    if numbers.credit_code(fold(document.text[start:end])) and not document.in_url(start):
        yield Span("credit_code", start, end)


_PLATE = re.compile(
    "[A-HJ-NP-Z][·•.・‧ -]?(?:[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]|[A-HJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[A-HJK])"
    "(?![0-9A-Za-z])"
)
_NO_PLATE = re.compile("[.][0-9]|\\s?(?:[元万亿%]|号(?!车|小|轿|货|面|牌|大|客))")


def plate(document: Document, start: int, end: int) -> Iterator[Span]:
    """A licence plate: five characters with three digits or more, or six as electric cars have them."""
    match = _PLATE.match(document.after(end, 10))
    if not match or sum(map(str.isdigit, match.group())) < 3 or document.in_url(start):
        return
    if not _NO_PLATE.match(document.after(end + match.end(), 4)):
        yield Span("licence_plate", start, end + match.end())
