"""Repeated passages on one core: counting, learning and cutting, what is cut of each part, and what is cut most.

    python benchmarks/kernels/passages.py [FILE of documents: JSON with `id`, `text`, `url`, one a line; .zst too]

Without a file the texts are made up: the pages of twenty sites, with menu and footer. Speeds are MB of text in a CPU
second, best of three, without reading; the file of counts is given in bytes for a million lines. A part is what stands
before the first "-" of the id; all documents of a part without a URL are one site.
"""

import dataclasses
import io
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import zstandard

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from timing import seconds

from cci_tools.dedup.passages import PassageCounter, learn, load, sites_of
from cci_tools.dedup.stages_passages import Passages
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.passages import count_passages
from cci_tools.stage import make_batch

MENU = "某某在线{}\n首页\n新闻\n财经\n科技\n关于我们\n"
FOOTER = "\n网站地图\n联系方式\n版权所有，未经许可不得转载。\n某备{}号"
HANZI = "市政府召开全体会议研究部署下半年重点工作审议并原则通过有关文件要求各部门狠抓落实"


def made_up(count: int = 16_000) -> Iterator[tuple[str, str, str]]:
    generator = np.random.default_rng(0)
    for i in range(count):
        body = "\n".join("".join(generator.choice(list(HANZI), 200)) + "。" for _ in range(6))
        site = i % 20
        yield f"page-{i}", MENU.format(site) + body + FOOTER.format(site), f"http://{site}.example.cn/{i}"


def read(path: str) -> Iterator[tuple[str, str, str]]:
    with open(path, "rb") as file:
        stream = (
            zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(file) if path.endswith(".zst") else file
        )
        for line in io.BufferedReader(stream):  # type: ignore[arg-type]
            row = orjson.loads(line)
            name = str(row.get("id", ""))
            yield name, row["text"], row.get("url") or f"http://{name.partition('-')[0]}.invalid/"


def main() -> None:
    rows = list(read(sys.argv[1]) if len(sys.argv) > 1 else made_up())
    names, texts, urls = zip(*rows, strict=True)
    stage = Passages()
    step = 3000
    batches = [
        make_batch(texts[i : i + step], id=names[i : i + step], url=urls[i : i + step], origin=names[i : i + step])
        for i in range(0, len(texts), step)
    ]
    values, offsets = text_buffers(pa.array(texts, pa.large_string()))
    sites = sites_of(pa.array(urls), pa.nulls(len(urls), pa.string()))
    size, lines = len(values) / 1e6, sum(text.count("\n") + 1 for text in texts)

    def count() -> PassageCounter:
        counter = PassageCounter(stage)
        for batch in batches:
            stage.count(batch, counter)
        return counter

    with tempfile.TemporaryDirectory() as folder:
        counts, learnt = Path(folder, "counts.arrow"), Path(folder, "learnt.arrow")
        count().write(counts)
        cutter = dataclasses.replace(stage, learnt=str(learnt))
        learning = seconds(lambda: learn([counts], stage, learnt))
        print(f"{len(texts)} documents, {size:.1f} MB, {lines / 1e6:.2f} million lines")
        print(f"count, kernel  {size / seconds(lambda: count_passages(values, offsets, sites)):8.0f} MB/s")
        print(f"count, stage   {size / seconds(count):8.0f} MB/s")
        print(f"cut, stage     {size / seconds(lambda: [cutter.process(batch) for batch in batches]):8.0f} MB/s")
        print(f"learn          {learning:8.2f} s")
        print(f"file of counts {counts.stat().st_size / lines:8.1f} MB for a million lines")
        found = load(str(learnt), stage)
        print(f"learnt         {len(found.lines):8} keys of lines, {len(found.paragraphs)} paragraphs")
        done = [cutter.process(batch) for batch in batches]

    table: dict[str, Counter[str]] = defaultdict(Counter)
    cut: Counter[tuple[str, str]] = Counter()
    for before, after in zip(batches, done, strict=True):
        columns = [after.column(name).to_pylist() for name in ("text", "passages_removed", "reason")]
        for name, old, new, removed, reason in zip(
            before.column("id").to_pylist(), before.column("text").to_pylist(), *columns, strict=True
        ):
            part = name.partition("-")[0]
            table[part].update(documents=1, bytes=len(old), changed=removed > 0, removed=removed, empty=bool(reason))
            table[part]["cut"] += len(old) - len(new)
            if removed:
                gone = Counter(old.split("\n")) - Counter(() if reason else new.split("\n"))
                cut.update({(part, line.strip()): n for line, n in gone.items() if line.strip()})
    print(f"\n{'part':10} {'documents':>9} {'changed':>8} {'passages':>9} {'empty':>6} {'of the text':>11}")
    for part, of in sorted(table.items(), key=lambda item: -item[1]["cut"]):
        share = 100 * of["cut"] / max(of["bytes"], 1)
        print(f"{part:10} {of['documents']:9} {of['changed']:8} {of['removed']:9} {of['empty']:6} {share:10.2f}%")
    print("\ncut most often")
    for (part, line), times in cut.most_common(40):
        print(f"{times:8}  {part:10} {line[:80]}")


if __name__ == "__main__":
    main()
