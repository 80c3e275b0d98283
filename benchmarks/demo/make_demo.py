"""Write the demo dump: ``python benchmarks/demo/make_demo.py [--out seeds/demo]``.

The same texts, seed and code give the same files; only the packed ones (.zst, .gz, .parquet) also depend on the
versions of their libraries. ``expected.json`` says for every planted document what a run should do with it.
"""

import argparse
import datetime
import random
from pathlib import Path

import plant
from files import write
from grammar import make_news, make_notices
from rows import Dump, Row, forum_row, made_row, piece_row
from texts import read_pieces

SEED = 20261122
OUT = Path(__file__).resolve().parents[2] / "seeds" / "demo"


def build() -> Dump:
    """All records of the dump."""
    dump, rng = Dump(), random.Random(SEED)
    news = [piece_row(piece, 1000 + i) for i, piece in enumerate(read_pieces("news"))]
    made = [made_row("news", i, item) for i, item in enumerate(make_news(rng, 6))]
    for row in (*news, *made):
        dump.add("news.jsonl", "news", row)
    for i, item in enumerate(make_notices(rng, 9)):
        dump.add("notices.jsonl.zst", "notice", made_row("notice", i, item))
    for i, piece in enumerate(read_pieces("regulations")):
        dump.add("regulations.jsonl", "regulation", piece_row(piece, 300 + i))
    for i, piece in enumerate(read_pieces("traditional")):
        dump.add("traditional.jsonl", "traditional", piece_row(piece, 500 + i))
    for kind, name in (("product doc", "docs"), ("recipe", "recipes")):
        for i, piece in enumerate(read_pieces(name)):
            day = str(datetime.date(2025, 6, 1) + datetime.timedelta(days=i))
            dump.add("docs.jsonl.gz", kind, piece_row(piece, 700 + i, "docs", day))
    extra = {piece.key: piece for piece in read_pieces("planted")}
    pieces = [*read_pieces("essays"), extra["half-punct-base"], extra["social"]]
    essays: list[Row] = [{"content": piece.text, "id": f"essay-{i:03}"} for i, piece in enumerate(pieces, 1)]
    for row in essays:
        dump.add("essays.parquet", "essay", row)
    for piece in read_pieces("forum"):
        dump.add("forum.csv", "forum post", forum_row(piece))
    for i, piece in enumerate(read_pieces("verse"), 1):
        dump.add(f"verse/{i:02}.txt", "verse", {"text": f"{piece.title}\n\n{piece.text}\n"})
    dump.add("gb18030/almanac.txt", "essay", {"text": extra["almanac"].text + "\n"})
    originals = {row["id"]: row for row in (*news, *made, *essays)}
    plant.reader(dump)
    plant.compliance(dump, extra)
    plant.cleaning(dump, extra, rng)
    plant.quality(dump, extra)
    plant.benchmark(dump, extra)
    plant.duplicates(dump, originals, extra, rng)
    for name in ("news.jsonl", "essays.parquet", "forum.csv", "crawl.jsonl", "notices.jsonl.zst"):
        rng.shuffle(dump.rows[name])
    for record in dump.rows["essays.parquet"]:
        assert isinstance(record, dict)
        record["score"] = round(rng.uniform(2.4, 4.8), 4)
    return dump


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=OUT)
    write(build(), parser.parse_args().out)


if __name__ == "__main__":
    main()
