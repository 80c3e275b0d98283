"""Records of the demo dump: the sites that carry them, their fields, and what is planted among them."""

import datetime
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from grammar import Made
from texts import Piece

HOSTS = {
    "gov": ("www.yunchuan.gov.example", "云川市人民政府"),
    "county": ("www.luling.gov.example", "鹭岭县人民政府"),
    "district": ("www.shiqiao.gov.example", "石桥区人民政府"),
    "paper": ("paper.yunchuan.example", "云川日报"),
    "news": ("news.yunchuan.example", "云川新闻网"),
    "tv": ("tv.yunchuan.example", "云川广播电视台"),
    "docs": ("docs.lanting.example", "岚亭技术文档"),
    "hk": ("www.lanwan.example", "瀾灣文藝"),
    "tw": ("www.hexi-community.example", "和溪社區"),
}
"""Host and name of every site that publishes; the hosts are invented, under a reserved domain."""

Row = dict[str, Any]


@dataclass
class Dump:
    """Rows by file, and what is planted among them.

    Attributes
    ----------
    rows : dict of str to list
        Records of each file; a record that is `bytes` is written as it stands.
    kinds : Counter
        Documents of each kind.
    expected : list of dict
        What should become of each planted document.
    """

    rows: dict[str, list[Row | bytes]] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    expected: list[Row] = field(default_factory=list)

    def add(self, file: str, kind: str, row: Row | bytes) -> None:
        """One document."""
        self.rows.setdefault(file, []).append(row)
        self.kinds[kind] += 1

    def plant(self, file: str, row: Row | bytes, defect: str, stage: str, kind: str = "planted", **more: Any) -> None:
        """One document with a defect that `stage` should reject, or, where it is ``kept``, mend or leave alone.

        A record without an id is known by its origin, which is set when the file is written.
        """
        self.add(file, kind, row)
        known = {"id": row["id"]} if isinstance(row, dict) and "id" in row else {"row": row}
        self.expected.append({**known, "file": file, "defect": defect, "stage": stage, **more})


def published(site: str, day: datetime.date, hour: int) -> str:
    """A date of publication in the form that the site uses."""
    forms = {
        "paper": f"{day.year}年{day.month:02}月{day.day:02}日",
        "news": f"{day} {hour:02}:15",
        "tv": f"{day}T{hour:02}:30:00+08:00",
    }
    return forms.get(site, str(day))


def news_row(id: str, site: str, title: str, text: str, day: datetime.date, number: int) -> Row:
    """A record with all fields, as a news site's dump has them."""
    host, name = HOSTS[site]
    path = {
        "gov": f"zwgk/{day:%Y%m}/t{day:%Y%m%d}_{number:05}.html",
        "paper": f"rb/html/{day:%Y-%m/%d}/content_{number:05}.htm",
    }
    url = f"https://{host}/" + path.get(site, f"{day:%Y/%m%d}/{number:05}.html")
    when = published(site, day, 7 + number % 12)
    return {"id": id, "url": url, "title": title, "source": name, "published": when, "text": text}


def piece_row(piece: Piece, number: int, site: str = "", day: str = "") -> Row:
    """`news_row` of a hand-written piece, whose fields are title, site, day."""
    _, *more = piece.fields
    site, day = site or more[0], day or more[1]
    return news_row(piece.key, site, piece.title, piece.text, datetime.date.fromisoformat(day), number)


def made_row(kind: str, number: int, item: Made) -> Row:
    """`news_row` of a text made from a grammar."""
    return news_row(f"{kind}-{number + 101}", item.site, item.title, item.text, item.day, 2000 + number)


def crawl_row(id: str, host: str, title: str, text: str) -> Row:
    """A record as a crawler writes it: no source, no date."""
    return {"id": id, "url": f"http://{host}/{id}.html", "title": title, "text": text}


def forum_row(piece: Piece) -> Row:
    """A record of the forum, whose pieces have title, site, time."""
    title, _, when = piece.fields
    url = f"https://www.quanzi.example/thread-{piece.key[-3:]}-1-1.html"
    return {"id": piece.key, "url": url, "title": title, "posted_at": when, "text": piece.text}
