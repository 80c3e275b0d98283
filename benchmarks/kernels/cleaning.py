"""Cleaning on one core: charset detection, the scan, the stage and the conversions, in MB of text a second.

    python benchmarks/kernels/cleaning.py [FILE of documents, one JSON object with `id` and `text` a line; .zst too]

Without a file the texts are made up: clean articles, and one in eight with furniture, entities and CRLF. Changed
documents are counted by part, which is what stands before the first "-" of the id; "seen" leaves out the rules that
change nothing that a reader sees (`FORMAT`).
"""

import io
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow as pa
import zstandard

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from timing import seconds

from cci_tools.cleaning import script
from cci_tools.cleaning.charset import detect
from cci_tools.cleaning.repair import clean_all
from cci_tools.cleaning.rules import FORMAT, plan
from cci_tools.cleaning.stage import Cleaning
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.scan import needles, scan
from cci_tools.stage import make_batch

SENTENCE = "市政府召开全体会议，研究部署下半年重点工作，审议并原则通过有关文件，要求各部门狠抓落实。"


def made_up(count: int = 16_000) -> Iterator[tuple[str, str]]:
    for i in range(count):
        text = "\n".join(f"{SENTENCE * (1 + (i + j) % 4)}{i * j}。" for j in range(8))
        if i % 8 == 0:
            text = f"来源：本站  浏览次数：{i}\n{text}\n责任编辑：王某".replace("会议", "&nbsp;会议").replace(
                "\n", "\r\n"
            )
        yield f"{'dirty' if i % 8 == 0 else 'clean'}-{i}", text


def read(path: str) -> Iterator[tuple[str, str]]:
    with open(path, "rb") as file:
        stream = (
            zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(file) if path.endswith(".zst") else file
        )
        for line in io.BufferedReader(stream):  # type: ignore[arg-type]
            row = orjson.loads(line)
            yield str(row.get("id", "")), row["text"]


def main() -> None:
    rows = list(read(sys.argv[1]) if len(sys.argv) > 1 else made_up())
    parts, texts = [name.partition("-")[0] for name, _ in rows], [text for _, text in rows]
    column = pa.array(texts, pa.large_string())
    values, offsets = text_buffers(column)
    size = len(values) / 1e6
    chosen, stage = plan(), Cleaning()
    stage.open()
    batches = [make_batch(texts[i : i + 3000]) for i in range(0, len(texts), 3000)]

    print(f"{len(texts)} documents, {size:.1f} MB")
    print(f"scan without needles {size / seconds(lambda: scan(values, offsets, needles([]))):8.0f} MB/s")
    print(f"scan                 {size / seconds(lambda: scan(values, offsets, chosen.needles)):8.0f} MB/s")
    print(f"script of each text  {size / seconds(lambda: script.count(values, offsets)):8.0f} MB/s")
    print(f"stage                {size / seconds(lambda: [stage.process(batch) for batch in batches]):8.1f} MB/s")
    for target in ("simplified", "traditional"):
        convert = script.converter(target)
        print(f"to {target:18}{size / seconds(lambda: list(map(convert, texts)), 1):8.1f} MB/s")  # noqa: B023
    for charset in ("utf-8", "gb18030", "utf-16-le"):
        files = [text.encode(charset, "replace") for text in texts[:20_000]]
        whole, joined = sum(map(len, files)) / 1e6, b"".join(files)
        print(
            f"charset, {charset:10}{whole / seconds(lambda: list(map(detect, files)), 1):10.1f} MB/s in "  # noqa: B023
            f"{len(files)} files of a text each, {seconds(lambda: detect(joined), 1) * 1e3:.1f} ms for all in one"  # noqa: B023
        )

    done = clean_all(column, pa.array(range(len(texts))).to_numpy(), chosen)
    changed: dict[str, Counter[str]] = defaultdict(Counter)
    rejected: dict[str, Counter[str]] = defaultdict(Counter)
    for row, result in done.items():
        changed[parts[row]].update(result.repairs.keys())
        changed[parts[row]]["any"] += bool(result.repairs)
        changed[parts[row]]["seen"] += bool(set(result.repairs) - set(FORMAT))
        if result.reject:
            rejected[parts[row]][result.reject] += 1
    print(f"\n{'part':10} {'documents':>9} {'any':>7} {'seen':>7}  rules")
    for part, count in Counter(parts).most_common():
        rules = ", ".join(f"{name} {n}" for name, n in changed[part].most_common() if name not in ("any", "seen"))
        verdicts = ", ".join(f"{name} {n}" for name, n in rejected[part].most_common())
        share = [f"{100 * changed[part][key] / count:6.2f}%" for key in ("any", "seen")]
        print(f"{part:10} {count:9} {share[0]} {share[1]}  {rules}{f'; rejected: {verdicts}' if verdicts else ''}")


if __name__ == "__main__":
    main()
