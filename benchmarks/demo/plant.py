"""What is planted in the demo dump: for every stage of the pipeline something to reject, to mend, or to leave alone."""

import datetime
import json
import random
from pathlib import Path
from typing import Any

import spoil
from rows import HOSTS, Dump, Row, crawl_row, news_row
from texts import Piece, read_pieces

BENCHMARK = Path(__file__).resolve().parents[2] / "seeds" / "demo" / "benchmark.jsonl"
"""Invented examination questions; two of them are planted."""

MENU = "navigation and nothing else; only what many pages of a site repeat tells it from verse"


def reader(dump: Dump) -> None:
    """Lines that are no documents."""
    broken: tuple[tuple[str, str, Row | bytes], ...] = (
        ("a line cut off in the middle", "malformed_json", '{"text": "石桥区本周开展电动自行车集中'.encode()),
        (
            "a byte that is not UTF-8",
            "invalid_utf8",
            '{"text": "临湖'.encode() + b"\xff\xfe" + '湿地公园开放公告"}'.encode(),
        ),
        ("an array in place of an object", "not_an_object", '["云川", "临湖", "石桥"]'.encode()),
        (
            "no field with a text",
            "missing_text",
            {"id": "no-text", "url": "http://mirror.example/empty.html", "title": "无正文"},
        ),
        (
            "a number in place of a text",
            "text_not_string",
            {"id": "number-text", "url": "http://mirror.example/4", "text": 20250304},
        ),
    )
    for defect, reason, row in broken:
        dump.plant("crawl.jsonl", row, defect, "reader", reason=f"reader.{reason}")


def compliance(dump: Dump, extra: dict[str, Piece]) -> None:
    """Good texts on hosts that are refused."""
    for key, host in (("denied-health", "lucky-bet.invalid"), ("denied-story", "m.lucky-bet.invalid")):
        row = crawl_row(key, host, extra[key].title, extra[key].text)
        dump.plant("crawl.jsonl", row, "a host on the deny list", "compliance", reason="compliance.denied_host")
    text = "有没有人知道北岸老水厂周一开不开门？上次带孩子去扑了个空，门口贴的告示被雨淋得看不清了，只看见一个“检”字。"
    row = crawl_row("user-content", "bbs.yunchuan.example", "问一下老水厂的开放时间", text)
    dump.plant("crawl.jsonl", row, "a forum under a listed site", "compliance", reason="compliance.user_content")


def cleaning(dump: Dump, extra: dict[str, Piece], rng: random.Random) -> None:
    """Texts to be mended, texts that look damaged and are not, and texts that are lost."""

    def kept(key: str, dirty: str, defect: str, site: str = "", **more: Any) -> None:
        title = extra[key].title
        if site:
            row = news_row(key, site, title, dirty, datetime.date(2025, 2, 18), 9000 + len(dump.expected))
            dump.plant("news.jsonl", row, defect, "kept", **more)
        else:
            dump.plant("crawl.jsonl", crawl_row(key, "mirror.example", title, dirty), defect, "kept", **more)

    text = {key: piece.text for key, piece in extra.items()}
    kept(
        "entities",
        spoil.with_entities(text["entities"]),
        "HTML entities, tags, remains of a CMS",
        "news",
        absent=["&nbsp;", "&amp;", "&#65292;", "<br>", "_hmt", "UCAP-CONTENT", "enpproperty"],
        clean=text["entities"],
    )
    kept(
        "invisible",
        spoil.with_invisible(text["invisible"], rng),
        "invisible characters",
        absent=["\u200b", "\ufeff", "\u00ad", "\u200e", "\u2060", "\u2028"],
        clean=text["invisible"],
    )
    kept(
        "fullwidth",
        text["fullwidth"],
        "full-width digits and letters",
        "gov",
        absent=["２０２４", "ＤＮＡ", "ＹＣ"],
        present=["2024年3月", "67种", "12.6公斤", "DNA条形码"],
    )
    kept(
        "boilerplate",
        spoil.furniture(text["boilerplate"], rng),
        "page furniture at head and tail",
        "news",
        absent=["责任编辑", "打印", "上一篇", "下一篇", "ICP备", "扫一扫", "版权声明", "首页 >"],
        clean=text["boilerplate"],
    )
    title = extra["repeated-lines"].title
    kept(
        "repeated-lines",
        spoil.doubled(title, text["repeated-lines"], 1),
        "title and paragraph twice",
        "paper",
        clean=f"{title}\n{text['repeated-lines']}",
    )
    kept(
        "dashes",
        text["dashes"],
        "years glued together by a lost dash",
        "district",
        absent=["20262030", "20262027", "20282030"],
        present=["2026—2030年", "2026—2027年", "2028—2030年"],
    )
    kept(
        "pua",
        spoil.with_private_use(text["pua"]),
        "private-use bullets and radicals",
        absent=["\uf06c", "\u2faf", "\u2f08"],
        present=["谜面", "老人们说"],
    )
    kept(
        "spaces",
        spoil.spaced(text["spaces"]),
        "a space after every character",
        present=["竹编用的竹子以三年生的为好", "破篾是基本功"],
    )
    kept("hardwrap", spoil.hard_wrapped(text["hardwrap"], 32), "lines cut after 32 characters", clean=text["hardwrap"])
    kept(
        "mojibake-latin",
        spoil.as_latin(text["mojibake-latin"]),
        "UTF-8 read as Windows-1252",
        clean=text["mojibake-latin"],
    )
    kept(
        "mojibake-gbk",
        spoil.as_gbk(text["mojibake-gbk"]),
        "UTF-8 read as GBK in some sentences",
        "tv",
        clean=text["mojibake-gbk"],
    )
    private = {"mobile": "13900000000", "email": "fang.yanqiu@example.com", "idcard": "110101190001010000"}
    kept(
        "pii",
        text["pii"].format(**private),
        "a mobile number, an e-mail address, an identity number",
        "district",
        absent=list(private.values()),
        present=["永和里三号院", "联系人方砚秋", "手机<手机号1>", "电子邮箱<邮箱1>", "身份证号<身份证号1>已"],
    )
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
    lost(
        "lost-mojibake",
        "锟斤拷",
        spoil.destroyed(extra["chain"].text, rng),
        "text that no charset brings back",
        "mojibake",
    )
    lost("lost-empty", "无题", " \n　\n\u200b\n ", "white space only", "empty")
    lost("lost-spun", extra["spun-gbk"].title, text["spun-gbk"], "a spinner's copy with readings put in", "spun_copy")
    lost(
        "lost-font",
        essay[21].title,
        spoil.obfuscated(essay[21].text),
        "characters that only a web font shows",
        "font_obfuscated",
    )
    words = "澳门百家乐_时时彩投注|老虎机-真人娱乐城_六合彩开奖_北京赛车"
    official = extra["hijack-official"]
    row = crawl_row("lost-hijacked", "www.oldtown.example", official.title, f"{words}\n{official.text}\n{words}")
    dump.plant(
        "crawl.jsonl",
        row,
        "gambling words on a hijacked official page",
        "cleaning",
        reason="cleaning.hidden_advertising",
    )


def quality(dump: Dump, extra: dict[str, Piece]) -> None:
    """Advertisements, and pages with no text to speak of."""
    for number, key in enumerate(("ad-gamble", "ad-loan", "ad-part-time"), 901):
        url = f"https://www.quanzi.example/thread-{number}-1-1.html"
        row = {
            "id": key,
            "url": url,
            "title": extra[key].title,
            "posted_at": "2025-07-01 03:33",
            "text": extra[key].text,
        }
        dump.plant("forum.csv", row, "an advertisement in a forum", "risk")
    for key, host, defect in (
        ("seo-stuffed", "www.kaisuo.invalid", "keywords for search engines"),
        ("nav-teasers", "www.yunchuan-life.example", "calls to read on and nothing else"),
    ):
        dump.plant("crawl.jsonl", crawl_row(key, host, extra[key].title, extra[key].text), defect, "quality")
    # Lines as short as a menu's are also those of a primer in four-character verse: one page alone tells nothing.
    menu = extra["nav-only"]
    dump.plant("crawl.jsonl", crawl_row("nav-only", "www.yunchuan-life.example", menu.title, menu.text), MENU, "kept")
    row = crawl_row("repetitive", "www.quanzi-mirror.example", "签到帖", spoil.repetitive())
    dump.plant("crawl.jsonl", row, "one sentence over and over", "quality")


def benchmark(dump: Dump, extra: dict[str, Piece]) -> None:
    """Documents that carry an item of the demo benchmark, and one on the subject of an item that does not."""
    lines = BENCHMARK.read_text(encoding="utf-8").strip().split("\n")
    items = {item["id"]: item for item in map(json.loads, lines)}
    item = items["demo-06"]
    options = "\n".join(f"{letter}．{choice}" for letter, choice in zip("ABCD", item["choices"], strict=True))
    question = f"{item['passage']}\n\n{item['question']}（　　）\n{options}\n\n参考答案：{item['answer']}。"
    prose = extra["bench-prose"].text.replace("{item}", question)
    row = crawl_row("bench-prose", "teacher.example", extra["bench-prose"].title, prose)
    dump.plant("crawl.jsonl", row, "a whole item inside prose", "decontamination", item="demo-06")
    wide = extra["bench-traditional"]
    row = crawl_row("bench-traditional", "teacher.example", wide.title, wide.text)
    dump.plant(
        "crawl.jsonl", row, "an item in Traditional characters and full-width digits", "decontamination", item="demo-10"
    )
    same = extra["bench-innocent"]
    row = crawl_row("bench-innocent", "teacher.example", same.title, same.text)
    dump.plant("crawl.jsonl", row, "the subject of an item, not the item", "kept", clean=same.text)


def duplicates(dump: Dump, originals: dict[str, Row], extra: dict[str, Piece], rng: random.Random) -> None:
    """Copies, whole and changed, and a chain whose ends are no duplicates."""

    def body(id: str) -> str:
        text: str = originals[id].get("text") or originals[id]["content"]
        return text

    def duplicate(id: str, of: str, text: str, defect: str, host: str = "mirror.example") -> None:
        row = crawl_row(id, host, originals[of].get("title", ""), text)
        dump.plant("crawl.jsonl", row, defect, "dedup", duplicate_of=of)

    for number, of in enumerate(("news-003", "news-011", "news-105"), 1):
        host, name = HOSTS["tv"]
        row = {
            **originals[of],
            "id": f"exact-news-{number}",
            "url": f"https://{host}/zz/{number:04}.html",
            "source": name,
        }
        dump.plant("news.jsonl", row, "an exact copy on another listed host", "dedup", duplicate_of=of)
    for number, of in enumerate(("essay-009", "essay-018"), 1):
        row = {**originals[of], "id": f"exact-essay-{number}"}
        dump.plant("essays.parquet", row, "an exact copy in the same file", "dedup", duplicate_of=of)
    for number, of in enumerate(("news-008", "news-019", "news-110", "news-022"), 1):
        duplicate(f"furniture-{number}", of, spoil.furniture(body(of), rng), "a copy with page furniture around it")
    duplicate("half-width", "essay-023", spoil.half_width(body("essay-023")), "a copy with half-width punctuation")
    for number, (of, key) in enumerate((("essay-012", "copy-essay-012"), ("news-022", "copy-news-022")), 1):
        duplicate(
            f"traditional-{number}",
            of,
            extra[key].text,
            "a copy in Traditional characters",
            "www.lanwan-mirror.example",
        )
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
    dump.plant(
        "news.jsonl",
        news_row("chain-2", "paper", title, second, day, 9502),
        "middle of a chain",
        "dedup",
        duplicate_of="chain-1",
    )
    dump.plant(
        "news.jsonl",
        news_row("chain-3", "news", title, third, day, 9503),
        "end of a chain: near to the middle only",
        "kept",
    )
