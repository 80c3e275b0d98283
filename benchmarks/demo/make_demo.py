"""Write the demo dump: ``python benchmarks/demo/make_demo.py [--out seeds/demo]``.

The same texts, seeds and code give the same files; only the packed ones (.zst, .gz, .parquet) also depend on the
versions of their libraries. `expected.json` says for every planted document what a run should do with it.
"""

import argparse
import csv
import datetime
import gzip
import io
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import planted as spoil
from grammar import Made, make_news, make_notices
from texts import Piece, read_pieces

SEED = 20261122
ROOT = Path(__file__).resolve().parents[2]

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
    path = {"gov": f"zwgk/{day:%Y%m}/t{day:%Y%m%d}_{number:05}.html", "paper": f"rb/html/{day:%Y-%m/%d}/content_{number:05}.htm"}
    url = f"https://{host}/" + path.get(site, f"{day:%Y/%m%d}/{number:05}.html")
    when = published(site, day, 7 + number % 12)
    return {"id": id, "url": url, "title": title, "source": name, "published": when, "text": text}


def piece_row(piece: Piece, number: int, site: str = "", day: str = "") -> Row:
    """`news_row` of a hand-written piece, whose fields are title, site, day."""
    _, *more = piece.fields
    site, day = site or more[0], day or more[1]
    return news_row(piece.key, site, piece.title, piece.text, datetime.date.fromisoformat(day), number)


def copy_of(row: Row, id: str, **changes: Any) -> Row:
    """A record with another id and other changes."""
    return {**row, "id": id, **changes}


def crawl_row(id: str, host: str, title: str, text: str) -> Row:
    """A record as a crawler writes it: no source, no date."""
    return {"id": id, "url": f"http://{host}/{id}.html", "title": title, "text": text}


def build() -> Dump:
    """All records of the dump."""
    dump, rng = Dump(), random.Random(SEED)
    news = [piece_row(piece, 1000 + i) for i, piece in enumerate(read_pieces("news"))]
    made = [_made_row("news", i, item) for i, item in enumerate(make_news(rng, 6))]
    for row in (*news, *made):
        dump.add("news.jsonl", "news", row)
    for i, item in enumerate(make_notices(rng, 9)):
        dump.add("notices.jsonl.zst", "notice", _made_row("notice", i, item))
    for i, piece in enumerate(read_pieces("regulations")):
        dump.add("regulations.jsonl", "regulation", piece_row(piece, 300 + i))
    for i, piece in enumerate(read_pieces("traditional")):
        dump.add("traditional.jsonl", "traditional", piece_row(piece, 500 + i))
    for kind, name in (("product doc", "docs"), ("recipe", "recipes")):
        for i, piece in enumerate(read_pieces(name)):
            day = str(datetime.date(2025, 6, 1) + datetime.timedelta(days=i))
            dump.add("docs.jsonl.gz", kind, piece_row(piece, 700 + i, "docs", day))
    extra = {piece.key: piece for piece in read_pieces("planted")}
    essays = [*read_pieces("essays"), extra["half-punct-base"], extra["social"], extra["hardwrap"]]
    rows = [{"content": piece.text, "id": f"essay-{i:03}"} for i, piece in enumerate(essays[:-1], 1)]
    for row in rows:
        dump.add("essays.parquet", "essay", row)
    for piece in read_pieces("forum"):
        dump.add("forum.csv", "forum post", _forum_row(piece))
    for i, piece in enumerate(read_pieces("verse"), 1):
        dump.add(f"verse/{i:02}.txt", "verse", {"text": f"{piece.title}\n\n{piece.text}\n"})
    dump.add("gb18030/almanac.txt", "essay", {"text": extra["almanac"].text + "\n"})
    originals = {row["id"]: row for row in (*news, *made)} | {row["id"]: row for row in rows}
    plant_reader(dump)
    plant_compliance(dump, extra)
    plant_cleaning(dump, extra, rng)
    plant_quality(dump, extra)
    plant_benchmark(dump, extra)
    plant_duplicates(dump, originals, extra, rng)
    for name in ("news.jsonl", "essays.parquet", "forum.csv", "crawl.jsonl", "notices.jsonl.zst"):
        rng.shuffle(dump.rows[name])
    for row in dump.rows["essays.parquet"]:
        assert isinstance(row, dict)
        row["score"] = round(rng.uniform(2.4, 4.8), 4)
    return dump


def _made_row(kind: str, number: int, item: Made) -> Row:
    return news_row(f"{kind}-{number + 101}", item.site, item.title, item.text, item.day, 2000 + number)


def _forum_row(piece: Piece) -> Row:
    title, _, when = piece.fields
    url = f"https://www.quanzi.example/thread-{piece.key[-3:]}-1-1.html"
    return {"id": piece.key, "url": url, "title": title, "posted_at": when, "text": piece.text}


def plant_reader(dump: Dump) -> None:
    """Lines that are no documents."""
    broken: tuple[tuple[str, str, Row | bytes], ...] = (
        ("a line cut off in the middle", "malformed_json", '{"text": "石桥区本周开展电动自行车集中'.encode()),
        ("a byte that is not UTF-8", "invalid_utf8", '{"text": "临湖'.encode() + b"\xff\xfe" + '湿地公园开放公告"}'.encode()),
        ("an array in place of an object", "not_an_object", '["云川", "临湖", "石桥"]'.encode()),
        ("no field with a text", "missing_text", {"id": "no-text", "url": "http://mirror.example/empty.html", "title": "无正文"}),
        ("a number in place of a text", "text_not_string", {"id": "number-text", "url": "http://mirror.example/4", "text": 20250304}),
    )
    for defect, reason, row in broken:
        dump.plant("crawl.jsonl", row, defect, "reader", reason=f"reader.{reason}")


def plant_compliance(dump: Dump, extra: dict[str, Piece]) -> None:
    """Good texts on hosts that are refused."""
    for key, host in (("denied-health", "lucky-bet.invalid"), ("denied-story", "m.lucky-bet.invalid")):
        row = crawl_row(key, host, extra[key].title, extra[key].text)
        dump.plant("crawl.jsonl", row, "a host on the deny list", "compliance", reason="compliance.denied_host")
    text = "有没有人知道北岸老水厂周一开不开门？上次带孩子去扑了个空，门口贴的告示被雨淋得看不清了，只看见一个“检”字。"
    row = crawl_row("user-content", "bbs.yunchuan.example", "问一下老水厂的开放时间", text)
    dump.plant("crawl.jsonl", row, "a forum under a listed site", "compliance", reason="compliance.user_content")


def plant_cleaning(dump: Dump, extra: dict[str, Piece], rng: random.Random) -> None:
    """Texts to be mended, texts that look damaged and are not, and texts that are lost."""

    def kept(key: str, dirty: str, defect: str, site: str = "", **more: Any) -> None:
        title = extra[key].title
        if site:
            row = news_row(key, site, title, dirty, datetime.date(2025, 2, 18), 9000 + len(dump.expected))
            dump.plant("news.jsonl", row, defect, "kept", **more)
        else:
            dump.plant("crawl.jsonl", crawl_row(key, "mirror.example", title, dirty), defect, "kept", **more)

    text = {key: piece.text for key, piece in extra.items()}
    kept("entities", spoil.with_entities(text["entities"]), "HTML entities, tags, remains of a CMS", "news",
         absent=["&nbsp;", "&amp;", "&#65292;", "<br>", "_hmt", "UCAP-CONTENT", "enpproperty"], clean=text["entities"])
    kept("invisible", spoil.with_invisible(text["invisible"], rng), "invisible characters",
         absent=["\u200b", "\ufeff", "\u00ad", "\u200e", "\u2060", "\u2028"], clean=text["invisible"])
    kept("fullwidth", text["fullwidth"], "full-width digits and letters", "gov",
         absent=["２０２４", "ＤＮＡ", "ＹＣ"], present=["2024年3月", "67种", "12.6公斤", "DNA条形码"])
    kept("boilerplate", spoil.furniture(text["boilerplate"], rng), "page furniture at head and tail", "news",
         absent=["责任编辑", "打印", "上一篇", "下一篇", "ICP备", "扫一扫", "版权声明", "首页 >"], clean=text["boilerplate"])
    kept("repeated-lines", text["repeated-lines"], "a caption three times", "paper", once=["图为修理师傅为市民修补雨伞。"])
    kept("dashes", text["dashes"], "years glued together by a lost dash", "district",
         absent=["20262030", "20262027", "20282030"], present=["2026—2030年", "2026—2027年", "2028—2030年"])
    kept("pua", spoil.with_private_use(text["pua"]), "private-use bullets and radicals",
         absent=["\uf06c", "\u2faf", "\u2f08"], present=["谜面", "老人们说"])
    kept("spaces", spoil.spaced(text["spaces"]), "a space after every character",
         present=["竹编用的竹子以三年生的为好", "破篾是基本功"])
    kept("hardwrap", spoil.hard_wrapped(text["hardwrap"], 32), "lines cut after 32 characters", clean=text["hardwrap"])
    kept("mojibake-latin", spoil.as_latin(text["mojibake-latin"]), "UTF-8 read as Windows-1252",
         clean=text["mojibake-latin"])
    kept("mojibake-gbk", spoil.as_gbk(text["mojibake-gbk"]), "UTF-8 read as GBK in some sentences", "tv",
         clean=text["mojibake-gbk"])
    private = {"mobile": "13900000000", "email": "fang.yanqiu@example.com", "idcard": "110101190001010000"}
    kept("pii", text["pii"].format(**private), "a mobile number, an e-mail address, an identity number", "district",
         absent=list(private.values()), present=["永和里三号院", "联系人方砚秋"])
    for key, defect in (
        ("mojibake-about", "an article about mojibake: not damaged"),
        ("gloss", "readings of rare characters: not a spun copy"),
        ("symbols", "symbols that a compatibility normalisation would ruin"),
    ):
        kept(key, text[key], defect, clean=text[key])

    def lost(id: str, title: str, text: str, defect: str, reason: str) -> None:
        row = crawl_row(id, "mirror.example", title, text)
        dump.plant("crawl.jsonl", row, defect, "cleaning", reason=f"cleaning.{reason}")

    essay = read_pieces("essays")
    lost("lost-mojibake", "锟斤拷", spoil.destroyed(extra["chain"].text, rng), "text that no charset brings back", "mojibake")
    lost("lost-empty", "无题", " \n　\n\u200b\n ", "white space only", "empty")
    lost("lost-spun", extra["spun-gbk"].title, text["spun-gbk"], "a spinner's copy with readings put in", "spun_copy")
    lost("lost-font", essay[21].title, spoil.obfuscated(essay[21].text), "characters that only a web font shows", "font_obfuscated")
    words = "澳门百家乐_时时彩投注|老虎机-真人娱乐城_六合彩开奖_北京赛车"
    official = extra["hijack-official"]
    row = crawl_row("lost-hijacked", "www.oldtown.example", official.title, f"{words}\n{official.text}\n{words}")
    dump.plant("crawl.jsonl", row, "gambling words on a hijacked official page", "cleaning", reason="cleaning.hidden_advertising")


def plant_quality(dump: Dump, extra: dict[str, Piece]) -> None:
    """Advertisements, and pages with no text to speak of."""
    for number, key in enumerate(("ad-gamble", "ad-loan", "ad-part-time"), 901):
        url = f"https://www.quanzi.example/thread-{number}-1-1.html"
        row = {"id": key, "url": url, "title": extra[key].title, "posted_at": "2025-07-01 03:33", "text": extra[key].text}
        dump.plant("forum.csv", row, "an advertisement in a forum", "quality")
    for key, host, defect in (
        ("seo-stuffed", "www.kaisuo.invalid", "key words for search engines"),
        ("nav-only", "www.yunchuan-life.example", "navigation and nothing else"),
    ):
        dump.plant("crawl.jsonl", crawl_row(key, host, extra[key].title, extra[key].text), defect, "quality")
    row = crawl_row("repetitive", "www.quanzi-mirror.example", "签到帖", spoil.repetitive())
    dump.plant("crawl.jsonl", row, "one sentence over and over", "quality")


def plant_benchmark(dump: Dump, extra: dict[str, Piece]) -> None:
    """Documents that carry an item of the demo benchmark, and one on the subject of an item that does not."""
    lines = (ROOT / "seeds" / "demo" / "benchmark.jsonl").read_text(encoding="utf-8").strip().split("\n")
    items = {item["id"]: item for item in map(json.loads, lines)}
    item = items["demo-06"]
    options = "\n".join(f"{letter}．{choice}" for letter, choice in zip("ABCD", item["choices"], strict=True))
    question = f"{item['passage']}\n\n{item['question']}（　　）\n{options}\n\n参考答案：{item['answer']}。"
    prose = extra["bench-prose"].text.replace("{item}", question)
    row = crawl_row("bench-prose", "teacher.example", extra["bench-prose"].title, prose)
    dump.plant("crawl.jsonl", row, "a whole item inside prose", "decontamination", item="demo-06")
    wide = extra["bench-traditional"]
    row = crawl_row("bench-traditional", "teacher.example", wide.title, wide.text)
    dump.plant("crawl.jsonl", row, "an item in Traditional characters and full-width digits", "decontamination", item="demo-10")
    same = extra["bench-innocent"]
    row = crawl_row("bench-innocent", "teacher.example", same.title, same.text)
    dump.plant("crawl.jsonl", row, "the subject of an item, not the item", "kept", clean=same.text)


def plant_duplicates(dump: Dump, originals: dict[str, Row], extra: dict[str, Piece], rng: random.Random) -> None:
    """Copies, whole and changed, and a chain whose ends are no duplicates."""

    def body(id: str) -> str:
        text: str = originals[id].get("text") or originals[id]["content"]
        return text

    def duplicate(id: str, of: str, text: str, defect: str, host: str = "mirror.example") -> None:
        row = crawl_row(id, host, originals[of].get("title", ""), text)
        dump.plant("crawl.jsonl", row, defect, "dedup", duplicate_of=of)

    for number, of in enumerate(("news-003", "news-011", "news-105"), 1):
        host, name = HOSTS["tv"]
        row = copy_of(originals[of], f"exact-news-{number}", url=f"https://{host}/zz/{number:04}.html", source=name)
        dump.plant("news.jsonl", row, "an exact copy on another listed host", "dedup", duplicate_of=of)
    for number, of in enumerate(("essay-009", "essay-018"), 1):
        row = copy_of(originals[of], f"exact-essay-{number}", content=body(of))
        dump.plant("essays.parquet", row, "an exact copy in the same file", "dedup", duplicate_of=of)
    for number, of in enumerate(("news-008", "essay-005", "news-110", "essay-016"), 1):
        duplicate(f"furniture-{number}", of, spoil.furniture(body(of), rng), "a copy with page furniture around it")
    duplicate("half-width", "essay-023", spoil.half_width(body("essay-023")), "a copy with half-width punctuation")
    for number, (of, key) in enumerate((("essay-012", "copy-essay-012"), ("news-022", "copy-news-022")), 1):
        duplicate(f"traditional-{number}", of, extra[key].text, "a copy in Traditional characters", "www.lanwan-mirror.example")
    for number, of in enumerate(("news-019", "essay-013"), 1):
        text = spoil.without_sentences(body(of), 0.08, rng)
        duplicate(f"sentences-{number}", of, text, "a copy without some of its sentences")
    duplicate("cut", "news-006", body("news-006")[: int(len(body("news-006")) * 0.9)], "a copy without its end")
    duplicate("indented", "essay-021", spoil.indented(body("essay-021")), "a copy with other white space")
    all_three = spoil.furniture(spoil.half_width(spoil.without_sentences(body("news-012"), 0.05, rng)), rng)
    duplicate("repost", "news-012", all_three, "a copy with furniture, other punctuation and sentences missing")
    first, second, third = spoil.chain(extra["chain"])
    title, day = extra["chain"].title, datetime.date(2024, 5, 9)
    dump.plant("news.jsonl", news_row("chain-1", "gov", title, first, day, 9501), "start of a chain", "kept")
    dump.plant("news.jsonl", news_row("chain-2", "paper", title, second, day, 9502), "middle of a chain", "dedup", duplicate_of="chain-1")
    dump.plant("news.jsonl", news_row("chain-3", "news", title, third, day, 9503), "end of a chain: near to the middle only", "kept")


def write(dump: Dump, out: Path) -> None:
    """Write the dump under ``out/dump``, and ``out/expected.json``."""
    origins: dict[int, str] = {}
    for name, rows in dump.rows.items():
        path = out / "dump" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".txt"):
            (row,) = rows
            assert isinstance(row, dict)
            path.write_bytes(row["text"].encode("gb18030" if name.startswith("gb18030") else "utf-8"))
        elif name.endswith(".csv"):
            path.write_bytes(_csv(rows))
        elif name.endswith(".parquet"):
            _parquet(rows, path)
        else:
            path.write_bytes(_packed(name, _lines(name, rows, origins)))
    for entry in dump.expected:
        if "row" in entry:
            row = entry.pop("row")
            entry["origin"] = origins[id(row)]
    report = {
        "documents": sum(dump.kinds.values()),
        "kinds": dict(sorted(dump.kinds.items())),
        "planted": sorted(dump.expected, key=lambda entry: (entry["stage"], entry["defect"], entry.get("id", ""))),
    }
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (out / "expected.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def _lines(name: str, rows: list[Row | bytes], origins: dict[int, str]) -> bytes:
    data = bytearray()
    for row in rows:
        origins[id(row)] = f"dump/{name}#byte={len(data)}"
        data += row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode()
        data += b"\n"
    return bytes(data)


def _packed(name: str, data: bytes) -> bytes:
    if name.endswith(".zst"):
        import zstandard

        return zstandard.ZstdCompressor(level=19).compress(data)
    return gzip.compress(data, mtime=0) if name.endswith(".gz") else data


def _csv(rows: list[Row | bytes]) -> bytes:
    """With a byte order mark and CRLF, as spreadsheet programs write it."""
    buffer = io.StringIO()
    names = [name for name in rows[0] if isinstance(name, str)]
    writer = csv.DictWriter(buffer, names)
    writer.writeheader()
    writer.writerows(row for row in rows if isinstance(row, dict))
    return buffer.getvalue().encode("utf-8-sig")


def _parquet(rows: list[Row | bytes], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = {"content": pa.string(), "id": pa.string(), "score": pa.float64()}
    records = [row for row in rows if isinstance(row, dict)]
    table = pa.table({name: pa.array([row[name] for row in records], kind) for name, kind in names.items()})
    pq.write_table(table, path, compression="zstd")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "seeds" / "demo")
    write(build(), parser.parse_args().out)


if __name__ == "__main__":
    main()
