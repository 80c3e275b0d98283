"""The day of publication, from what dumps and URLs say about it."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.compliance import head_dates

EARLIEST = date(1901, 1, 1)
LATEST = date(2030, 12, 31)
"""Later days are typing errors and placeholders (2099, 9999). Fixed, not today's, so that a run can be repeated."""

FOUND_IN = ("metadata", "url", "text")

_EPOCH = date(1970, 1, 1)  # as a day of publication it stands for a missing value
_CHINA = 8 * 3600  # seconds since the epoch have no time zone; the day is that of China
_EPOCH_DIGITS = {9: 1, 10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
_COMPACT_DIGITS = (8, 10, 12, 14, 17)  # day; hour, minute, second, millisecond

# An existing day in the form of ISO 8601, all but 29 February, which the slow path takes.
_ISO = (
    r"^(?:19|20)\d\d-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    r"|02-(?:0[1-9]|1\d|2[0-8]))(?:[T ]|$)"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE]\+?\d+)?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)[T ]\d\d:?\d\d")
# A time may follow the day without a space: 2024-03-1810:22.
_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})\s*(?:[-/._]|年)\s*(\d{1,2})\s*(?:[-/._]|月)\s*(\d{1,2})(?!\d(?!\d?:\d\d))",
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY_FIRST = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -]+{_MONTH},?[ -]+(?P<year>\d{{4}}|\d\d)\b", re.I
)
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH}[ -]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? +"
    r"(?:\d{1,2}:\d\d(?::\d\d)? +(?:[a-z]+ +|[+-]\d{4} +)*)?(?P<year>\d{4})\b",
    re.I,
)
_DIGITS = {digit: str(value) for value, digit in enumerate("〇一二三四五六七八九")} | dict.fromkeys("○零Oo0", "0")
_NUMERALS = re.compile(r"[〇○零Oo0一二三四五六七八九十廿卅元]+(?=[年月日号號])")
_REPUBLIC = re.compile(r"民[国國]\s*(\d{1,3})\s*年")

_URL_YEAR = r"(?<!\d)((?:19|20)\d\d)"
_URL_DATES = tuple(
    re.compile(_URL_YEAR + rest)
    for rest in (
        r"/(\d{1,2})/(\d{1,2})/",
        r"[-_](\d{1,2})[-_](\d{1,2})(?!\d)",
        r"(\d\d)(\d\d)(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?(?!\d)",
        r"[-/_.]?(\d\d)[-/_.]?(\d\d)(?!\d)",
    )
)
_URL_HINT = r"(?:19|20)\d\d[-/_.]?\d"
_URL_EARLIEST = date(1990, 1, 1)


def parse_date(text: str, latest: date = LATEST) -> date | None:
    """The calendar day that a text states, in the time zone in which it states it.

    Read are ISO 8601 and its relatives (``2024-3-18 10:22``, ``2024/03/18``, ``2024.03.18``, ``20240318102233``),
    Chinese dates in either kind of numerals (``2024年3月18日``, ``二〇二四年三月十八日``, ``民國113年3月18日``), time
    since 1970 in seconds or smaller units (the day in China), and English dates (RFC 822, ``Mar 18, 2024``). Other
    text may stand before and behind.

    Parameters
    ----------
    text : str
        As the dump has it.
    latest : datetime.date
        A later day is taken for an error.

    Returns
    -------
    datetime.date or None
        None where there is no day, the day does not exist, lies before 1901 or after `latest`, or is 1970-01-01;
        and where day and month cannot be told apart (``03/04/2024``).

    Examples
    --------
    >>> parse_date("2024-03-18T23:30:00-05:00"), parse_date("发布时间：二〇二四年三月十八日")
    (datetime.date(2024, 3, 18), datetime.date(2024, 3, 18))
    >>> parse_date("1710777600"), parse_date("Mon, 18 Mar 2024 10:22:33 +0800")
    (datetime.date(2024, 3, 19), datetime.date(2024, 3, 18))
    >>> parse_date("2024-02-30"), parse_date("2099-01-01"), parse_date("三天前")
    (None, None, None)
    """
    text = unicodedata.normalize("NFKC", text[:200]).strip()
    if _NUMBER.fullmatch(text):
        return _parse_number(text, latest)
    if match := _COMPACT.match(text) or _YEAR_FIRST.search(text):
        return _day(*match.groups(), latest=latest)
    if match := _DAY_FIRST.search(text) or _MONTH_FIRST.search(text):
        month = _MONTHS.index(match["month"][:3].lower()) + 1
        year = int(match["year"])
        century = 0 if len(match["year"]) == 4 else 2000 if year < 70 else 1900
        return _day(century + year, month, match["day"], latest=latest)
    text = _REPUBLIC.sub(lambda m: f"{int(m[1]) + 1911}年", _NUMERALS.sub(_western, text))
    match = _YEAR_FIRST.search(text)
    return _day(*match.groups(), latest=latest) if match else None


def date_from_url(url: str, latest: date = LATEST) -> date | None:
    """The day in the path of a URL, as content systems write it; for documents that state none.

    Examples
    --------
    >>> date_from_url("http://www.gov.cn/xinwen/202403/t20240318_123456.html")
    datetime.date(2024, 3, 18)
    >>> date_from_url("http://politics.people.com.cn/n1/2024/0318/c1001-40198765.html")
    datetime.date(2024, 3, 18)
    >>> date_from_url("http://www.gov.cn/zhengce/202403/content_6940000.htm") is None
    True
    """
    path = re.split(r"[?#]", url.partition("://")[2] or url, maxsplit=1)[0]
    path = path[path.find("/") :] if "/" in path else ""
    for pattern in _URL_DATES:
        for match in pattern.finditer(path):
            day = _day(*match.groups(), latest=latest)
            if day and day >= _URL_EARLIEST:
                return day
    return None


def parse_dates(published: pa.Array, urls: pa.Array, latest: date = LATEST) -> pa.Array:
    """The days of a column of documents by metadata and URL alone: `find_dates` without texts.

    Examples
    --------
    >>> parse_dates(pa.array(["2024年3月18日"]), pa.nulls(1, pa.string())).to_pylist()
    [datetime.date(2024, 3, 18)]
    """
    return find_dates(published, urls, pa.nulls(len(urls), pa.string()), latest)[0]


def find_dates(
    published: pa.Array, urls: pa.Array, texts: pa.Array, latest: date = LATEST
) -> tuple[pa.Array, pa.Array]:
    """The days of a column of documents, and where each was found.

    Days in the form of ISO 8601 are read by Arrow; any other value by `parse_date`. Where that gives none, the URL
    is asked, and then the head of the text.

    Parameters
    ----------
    published, urls, texts : pyarrow.Array
        `string`, shape (n,).
    latest : datetime.date
        A later day is taken for an error.

    Returns
    -------
    days : pyarrow.Array
        `date32`, shape (n,); null where no day is known.
    found_in : pyarrow.Array
        `string`, shape (n,): ``metadata``, ``url``, ``text``, or null.
    """
    count = len(published)
    days = np.zeros(count, np.int32)
    known = np.zeros(count, np.int8)  # 0: not known; else one more than the place in FOUND_IN
    iso = _true(pc.match_substring_regex(published, _ISO))
    if iso.any():
        plain = pc.utf8_slice_codeunits(published.filter(pa.array(iso)), 0, 10).cast(pa.date32()).cast(pa.int32())
        days[iso] = plain.to_numpy()
        first, last = (EARLIEST - _EPOCH).days, (latest - _EPOCH).days
        known[iso] = (first <= days[iso]) & (days[iso] <= last) & (days[iso] != 0)
    _fill(days, known, 1, published, ~iso & _true(pc.is_valid(published)), parse_date, latest)
    _fill(days, known, 2, urls, (known == 0) & _true(pc.match_substring_regex(urls, _URL_HINT)), date_from_url, latest)
    if not known.all():
        heads = pc.utf8_slice_codeunits(texts, 0, head_dates.CHARACTERS)
        hinted = (known == 0) & _true(pc.match_substring_regex(heads, head_dates.HINT))
        _fill(days, known, 3, heads, hinted, lambda text, day: head_dates.date_from_text(text, parse_date, day), latest)
    found_in = pa.array([None, *FOUND_IN], pa.string()).take(pa.array(known))
    return pa.array(days, mask=known == 0).cast(pa.date32()), found_in


def _true(mask: pa.Array) -> npt.NDArray[np.bool_]:
    values: npt.NDArray[np.bool_] = pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
    return values


def _fill(
    days: npt.NDArray[np.int32],
    known: npt.NDArray[np.int8],
    found_in: int,
    values: pa.Array,
    rows: npt.NDArray[np.bool_],
    parse: Callable[[str, date], date | None],
    latest: date,
) -> None:
    """Parse the values of some rows one by one."""
    for row, value in zip(np.flatnonzero(rows).tolist(), values.filter(pa.array(rows)).to_pylist(), strict=True):
        day = parse(value, latest)
        if day:
            days[row] = (day - _EPOCH).days
            known[row] = found_in


def _day(year: str | int, month: str | int, day: str | int, *, latest: date) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if EARLIEST <= found <= latest and found != _EPOCH else None


def _parse_number(text: str, latest: date) -> date | None:
    """A number alone: time since the epoch, or the digits of a day."""
    digits = text.partition(".")[0] if "e" not in text.lower() else f"{float(text):.0f}"
    if scale := _EPOCH_DIGITS.get(len(digits)):
        found = _EPOCH + timedelta(days=(int(digits) // scale + _CHINA) // 86400)
        if _URL_EARLIEST <= found <= latest:
            return found
    return _day(digits[:4], digits[4:6], digits[6:8], latest=latest) if len(digits) in _COMPACT_DIGITS else None


def _western(match: re.Match[str]) -> str:
    """Chinese numerals before 年, 月 or 日 in digits: 二〇二四 -> 2024, 廿三 -> 23, 元 -> 1.

    >>> [_western(re.match(".+", numeral)) for numeral in ("二〇〇八", "十", "三十一", "廿三", "元")]
    ['2008', '10', '31', '23', '1']
    """
    text = match[0].replace("廿", "二十").replace("卅", "三十").replace("元", "一")
    tens, ten, ones = text.partition("十")
    if not ten:
        return "".join(map(_DIGITS.__getitem__, text))
    if len(tens) > 1 or len(ones) > 1 or ones == "十":
        return match[0]
    return (_DIGITS[tens] if tens else "1") + (_DIGITS[ones] if ones else "0")
