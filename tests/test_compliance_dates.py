"""Days of publication: golden cases, and the column function beside the plain one."""

import json
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cci_tools.compliance.dates import EARLIEST, LATEST, date_from_url, find_dates, parse_date, parse_dates

GOLDEN = Path(__file__).parent / "golden" / "compliance"


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (GOLDEN / name).read_text(encoding="utf-8").split("\n") if line]


@pytest.mark.parametrize("row", rows("dates.jsonl"), ids=lambda row: row["published"])
def test_published(row: dict[str, str]) -> None:
    assert str(parse_date(row["published"])) == str(row["date"])


@pytest.mark.parametrize("row", rows("url_dates.jsonl"), ids=lambda row: row["url"])
def test_url(row: dict[str, str]) -> None:
    assert str(date_from_url(row["url"])) == str(row["date"])


def test_column_is_the_plain_function() -> None:
    published = [row["published"] for row in rows("dates.jsonl")]
    none = pa.nulls(len(published), pa.string())
    assert parse_dates(pa.array(published), none).to_pylist() == [parse_date(text) for text in published]
    urls = [row["url"] for row in rows("url_dates.jsonl")]
    none = pa.nulls(len(urls), pa.string())
    assert parse_dates(none, pa.array(urls)).to_pylist() == [date_from_url(url) for url in urls]


def test_column_honours_slices_and_large_strings() -> None:
    published = pa.array(["x", "2024-03-18", None, "2024年3月19日", "", "2024-02-29"], pa.large_string()).slice(1)
    urls = pa.array(["", None, "/20240320/", "/20240320/", "/20240320/", None], pa.large_string()).slice(1)
    found = [str(day) for day in parse_dates(published, urls).to_pylist()]
    assert found == ["2024-03-18", "2024-03-20", "2024-03-19", "2024-03-20", "2024-02-29"]
    assert parse_dates(published.slice(0, 0), urls.slice(0, 0)).type == pa.date32()


def test_latest_is_the_callers() -> None:
    until = date(2024, 3, 18)
    texts = ["2024-03-18", "2024-03-19", "2024年3月18日", "2024年3月19日"]
    found = parse_dates(pa.array(texts), pa.nulls(4, pa.string()), until).to_pylist()
    assert found == [until, None, until, None]


days = st.dates(EARLIEST, LATEST).filter(lambda day: day != date(1970, 1, 1))


@given(days)
def test_every_day_in_every_form(day: date) -> None:
    digits = str.maketrans("0123456789", "〇一二三四五六七八九")
    numeral = ["", *"一二三四五六七八九", "十", *(f"十{d}" for d in "一二三四五六七八九"), "二十"]
    numeral += [*(f"二十{d}" for d in "一二三四五六七八九"), "三十", "三十一"]
    forms = [
        day.isoformat(),
        f"{day}T23:59:59-11:00",
        f"{day.year}/{day.month}/{day.day} 08:00",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y}{day:%m}{day:%d}",
        f"{str(day.year).translate(digits)}年{numeral[day.month]}月{numeral[day.day]}日",
        f"{day.day} {'JanFebMarAprMayJunJulAugSepOctNovDec'[day.month * 3 - 3 : day.month * 3]} {day.year}",
    ]
    assert {parse_date(form) for form in forms} == {day}
    assert parse_dates(pa.array(forms), pa.nulls(len(forms), pa.string())).to_pylist() == [day] * len(forms)


@given(st.integers(631152000, 1893456000 - 86400))
def test_epoch_seconds_and_milliseconds(seconds: int) -> None:
    expected = date(1970, 1, 1) + timedelta(days=(seconds + 8 * 3600) // 86400)
    assert parse_date(str(seconds)) == expected
    if seconds >= 10**9:
        assert parse_date(f"{seconds}999") == expected


@given(st.text(max_size=40) | st.text("0123456789-/.: 年月日十T+eE", max_size=24))
def test_never_fails(text: str) -> None:
    day = parse_date(text)
    assert day is None or EARLIEST <= day <= LATEST
    column = pa.array([text], pa.string())
    assert parse_dates(column, pa.nulls(1, pa.string())).to_pylist() == [day]
    assert parse_dates(pa.nulls(1, pa.string()), column).to_pylist() == [date_from_url(text)]


def test_dates_in_the_head_of_a_text() -> None:
    rows = [json.loads(line) for line in (GOLDEN / "text_dates.jsonl").read_text(encoding="utf-8").split("\n") if line]
    texts, none = pa.array([row["text"] for row in rows]), pa.nulls(len(rows), pa.string())
    days, found_in = find_dates(none, none, texts)
    assert [str(day) if day else None for day in days.to_pylist()] == [row["date"] for row in rows]
    assert found_in.to_pylist() == ["text" if row["date"] else None for row in rows]
