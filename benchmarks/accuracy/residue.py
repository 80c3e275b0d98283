"""What is left of the kinds of dirt after cleaning: documents and places of each kind, before and after.

    python benchmarks/accuracy/residue.py DOCUMENTS.jsonl[.zst] [--show 30] [--seed 0]

The signs of dirt are plain patterns of this file, and not the rules of the package, so that a rule that looks away is
seen. Not all that a pattern finds is dirt: tags in texts about HTML and half-width marks of an author's style stay on
purpose. `--show` prints so many changed documents, spread over the parts, as differences of lines.
"""

import argparse
import difflib
import io
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import zstandard

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cci_tools.cleaning.repair import clean_all
from cci_tools.cleaning.rules import FORMAT, plan

H = "\u3400-\u9fff"
SIGNS = {
    "1 furniture: editor, date, views": "(?m)^.{0,30}(?:责任编辑|责编|浏览次数|点击数|发布时间)\\s*[:：].{0,60}$",
    "1 furniture: tools of the page": "(?m)^.{0,20}(?:打印本页|关闭窗口|返回顶部|我要纠错|分享到|字号[:：]).{0,30}$",
    "1 furniture: previous, next, related": "(?m)^(?:[上下]一[篇条][:：].*|相关(?:阅读|链接|新闻|稿件)[:：]?)$",
    "1 furniture: copyright, registration": "(?m)^.{0,60}(?:ICP[备证]|公网安备|版权所有|[Rr]ights [Rr]eserved).{0,60}$",
    "2 a paragraph twice in a row": "(?m)^([^\n]{20,})\n+\\1$",
    "3 invisible characters": "[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff\xad\ufff9-\ufffb]",
    "3 control characters": "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]",
    "3 line ends": "\r|\u2028|\u2029|\x85",
    "3 no-break and typographic spaces": "[\xa0\u2000-\u200a\u202f\u205f]",
    "3 space at line ends": "(?m)[ \t\u3000]+$",
    "4 private use": "[\ue000-\uf8ff\U000f0000-\U0010ffff]",
    "5 radicals, compatibility ideographs": "[\u2e80-\u2fdf\uf900-\ufaff]",
    "5 full-width letters and digits": "[０-９Ａ-Ｚａ-ｚ]+",
    "5 half-width marks between Hanzi": f"(?<=[{H}])[,;:?!](?=[{H}])",
    "6 UTF-8 read as Latin-1": "[ä-é][\x80-\xbf\u0152-\u2122]{2}|Ã.|Â\xa0",
    "6 UTF-8 read as GBK": "鐨勶|锛[屾堝]|銆[傚]|鍦ㄤ|涓€|鏄[竴]",
    "6 lost characters": "\ufffd+|锟斤拷",
    "7 pinyin behind characters": f"[{H}]\\([a-zü]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-zü]*\\)",
    "8 lost dashes between years": "(?<!\\d)(?:19|20)\\d{2}(?:19|20)\\d{2}(?=年|学年|赛季)",
    "9 entities": "&(?:#\\d{2,6}|#x[0-9a-f]{2,5}|nbsp|lt|gt|amp|quot|ldquo|rdquo|middot|mdash|hellip);",
    "9 tags": "</?(?:p|br|div|span|font|strong|b|a|img|table|td|tr)\\b[^<>\n]{0,200}>|<!--",
    "9 escapes": "(?:\\\\u[0-9a-f]{4}){2,}",
    "9 residue of systems": "TRS_Editor|enpproperty|UCAP-CONTENT|_hmt|document\\.write|浏览器不支持|\\[\\[\\[-img",
    "9 paginators": "(?:\\[\\d+\\] *)+下一页|上一页\\s*[\\d\\s]+下一页",
    "10 strings of advertising words": "(?:(?:博彩|百家乐|老虎机|时时彩|六合彩|真人|娱乐城)[_|｜\\- ]?){3,}",
    "11 spaces between all characters": f"(?:[{H}] ){{7,}}",
}
"""Kinds of dirt, with their numbers in the catalogue that the rules follow, and a plain sign of each."""


def read(path: str) -> Iterator[tuple[str, str, str | None]]:
    with open(path, "rb") as file:
        unpack = zstandard.ZstdDecompressor(max_window_size=2**31)
        for line in io.BufferedReader(unpack.stream_reader(file) if path.endswith(".zst") else file):  # type: ignore[arg-type]
            row = orjson.loads(line)
            yield str(row.get("id", "")), row["text"], row.get("url")


def count(texts: list[str], pattern: re.Pattern[str]) -> tuple[int, int]:
    """Documents with the sign, and places."""
    places = [sum(1 for _ in pattern.finditer(text)) for text in texts]
    return sum(n > 0 for n in places), sum(places)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rows = list(read(options.documents))
    texts = [text for _, text, _ in rows]
    urls = pa.array([url for _, _, url in rows], pa.large_string())
    results = clean_all(pa.array(texts, pa.large_string()), np.arange(len(rows)), plan(), urls)
    kept = [row for row in range(len(rows)) if not (row in results and results[row].reject)]
    after = [results[row].text if row in results else texts[row] for row in kept]
    print(f"{len(rows)} documents, {len(rows) - len(kept)} rejected")
    print(f"{'kind of dirt':50}{'documents':>10}{'after':>7}{'places':>9}{'after':>8}")
    for name, sign in SIGNS.items():
        pattern = re.compile(sign)
        (documents, places), (documents_left, left) = count(texts, pattern), count(after, pattern)
        print(f"{name:50}{documents:10}{documents_left:7}{places:9}{left:8}")
    if options.show:
        show(rows, results, options.show, options.seed)


def show(rows: list[tuple[str, str, str | None]], results: dict, number: int, seed: int) -> None:
    """Changed documents side by side, as many from each part as there is room for."""
    parts: dict[str, list[int]] = defaultdict(list)
    for row, result in results.items():
        if set(result.repairs) - set(FORMAT):
            parts[rows[row][0].partition("-")[0]].append(row)
    chosen = random.Random(seed)
    queue = [
        row for part in parts.values() for row in chosen.sample(part, min(len(part), -(-number // len(parts)) + 1))
    ]
    for row in chosen.sample(queue, min(number, len(queue))):
        name, text, _ = rows[row]
        print(f"\n=== {name} {dict(Counter(results[row].repairs))} {results[row].reject or ''}")
        for line in difflib.unified_diff(text.split("\n"), results[row].text.split("\n"), lineterm="", n=0):
            if not line.startswith(("---", "+++", "@@")):
                print(f"  {line[:300]!r}")


if __name__ == "__main__":
    main()
