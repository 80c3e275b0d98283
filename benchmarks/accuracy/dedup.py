"""Accuracy of near-duplicate removal: natural pairs of real texts, and planted edits with known truth, beside peers.

    python benchmarks/accuracy/dedup.py CORPUS [--ids FILE --pairs FILE] [--documents 3000] [--seeds 1 2 3] [--peers]

CORPUS is a .jsonl.zst of documents with `id` and `text`. PAIRS lists all pairs of the documents in IDS whose exact
Jaccard is at least 0.6 (fields `a`, `b`, `jaccard`); documents in no pair serve as bases of the planted set. Peers are
datasketch and rensa as their documentation uses them: 5-grams of the text as it is, 128 permutations, threshold 0.8.
"""

import argparse
import io
import json
import random
import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import opencc
import zstandard

from cci_tools.dedup.near_duplicates import near_duplicates

THRESHOLD = 0.8
SIMPLIFY, TRADITIONAL = opencc.OpenCC("t2s"), opencc.OpenCC("s2t")

# D is a date, T a time, N a number: every page has its own.
HEADS = (
    "首页 > 要闻 > 详情",
    "您当前的位置：网站首页 >> 新闻动态",
    "发布日期：D T　来源：综合　阅读：N 次",
    "D T 来源：本报",
    "字体：【大】【中】【小】　打印　关闭",
    "编者按：",
    "登录　注册　收藏本站",
    "更新时间：D　浏览次数：N",
    "一键分享到：微博 微信",
)
FEET = (
    "责任编辑：李某某",
    "【关闭窗口】【返回顶部】",
    "上一条：没有了　下一条：本周工作安排",
    "转载请注明出处，侵权必究",
    "关注公众号，第一时间获取更多资讯！",
    "版权所有 备案号 N",
    "推荐阅读：",
    "本文仅代表作者观点，不代表本站立场",
    "点击量：N",
    "点赞 N　评论 N　收藏 N",
    "相关链接：政府网站 新闻网站",
    "网址：http://www.example.com/a/N.html",
    "已有 N 人阅读",
)
FULL, HALF = "，。；：？！（）“”", ',.;:?!()""'
SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]+|[^。！？!?\n]+$")


class Planted(NamedTuple):
    text: str
    cluster: int
    edit: str  # "base", an edit, "figures" (every digit changed), "notice" (one template)
    jaccard: float  # with the base


def read(path: Path) -> Iterator[dict[str, Any]]:
    with open(path, "rb") as file:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8", newline="\n"):
            yield json.loads(line)


def shingles(text: str) -> set[str]:
    """5-grams by the standard library and OpenCC, and by nothing of the code under test."""
    key = SIMPLIFY.convert(re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).lower()))
    return {key[i : i + 5] for i in range(len(key) - 4)}


def jaccard(a: str, b: str) -> float:
    x, y = shingles(a), shingles(b)
    return len(x & y) / max(1, len(x | y))


def furniture(text: str, rng: random.Random) -> str:
    def figures(line: str) -> str:
        line = line.replace("D", f"{rng.randint(2019, 2025)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}")
        line = line.replace("T", f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}")
        return re.sub("N", lambda n: str(rng.randint(1, 99999)), line)

    head = [figures(line) for line in rng.sample(HEADS, rng.randint(1, 3))]
    return "\n".join([*head, text, *(figures(line) for line in rng.sample(FEET, rng.randint(1, 4)))])


def sentences_cut(text: str, rng: random.Random) -> str:
    sentences = SENTENCE.findall(text)
    cut = set(rng.sample(range(len(sentences)), max(1, round(len(sentences) * rng.uniform(0.02, 0.12)))))
    return "".join(s for i, s in enumerate(sentences) if i not in cut)


def widths(text: str, rng: random.Random) -> str:
    pairs = (FULL, HALF) if sum(text.count(c) for c in FULL) else (HALF[:8], FULL[:8])
    text = text.translate(str.maketrans(*pairs))
    return re.sub("[0-9]", lambda d: chr(ord(d.group()) + 0xFEE0), text) if rng.random() < 0.5 else text


def white_space(text: str, rng: random.Random) -> str:
    if rng.random() < 0.5:
        return re.sub(r"[ \t\u3000\n]+", "", text)
    return re.sub("([。！？])", "\\1\n\u3000\u3000", text)


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "exact": lambda text, rng: text,
    "white space": white_space,
    "width": widths,
    "Traditional": lambda text, rng: TRADITIONAL.convert(text),
    "furniture": furniture,
    "sentences cut": sentences_cut,
    "end cut off": lambda text, rng: text[: int(len(text) * rng.uniform(0.8, 0.97))],
    "repost": lambda text, rng: furniture(widths(sentences_cut(text, rng), rng), rng),
}


def notice(rng: random.Random) -> str:
    n = rng.randint
    date = f"{n(2014, 2025)}年{n(1, 12)}月{n(1, 28)}日"
    bus = (
        f"关于{n(1, 90)}路公交线路临时改道的通告：因道路施工，自{date}{n(5, 9)}时起，{n(1, 90)}路公交车临时改道行驶，"
        f"撤销原站点{n(2, 9)}处，增设临时站点{n(2, 9)}处，首班车{n(5, 7)}:{n(10, 50)}，末班车{n(20, 23)}:{n(10, 50)}。"
        f"请广大乘客留意站牌公告，合理安排出行。服务热线{n(60000000, 69999999)}。"
    )
    water = (
        f"水质检测公报：{date}对出厂水取样{n(10, 99)}份，浑浊度0.{n(10, 99)}，余氯{n(0, 1)}.{n(10, 99)}，"
        f"菌落总数{n(1, 90)}，合格率{n(95, 99)}.{n(10, 99)}%。各项指标均符合国家生活饮用水卫生标准，"
        "本公报每周发布一次，欢迎社会各界监督。"
    )
    auction = (
        f"拍卖公告：受委托，定于{date}{n(9, 16)}时公开拍卖机动车{n(2, 60)}辆，起拍价{n(3000, 90000)}元，"
        f"保证金{n(1000, 9000)}元，有意竞买者请于拍卖前{n(1, 5)}日持有效证件办理登记手续，"
        f"展示地点为停车场{n(1, 9)}号区，联系电话{n(10**7, 10**8)}。"
    )
    return rng.choice((bus, water, auction))


def plant(bases: list[str], rng: random.Random) -> list[Planted]:
    """Bases with up to three edited copies each; texts that differ in every figure; notices written to a template."""
    planted = []
    for cluster, base in enumerate(bases):
        planted.append(Planted(base, cluster, "base", 1.0))
        for edit in rng.sample(sorted(EDITS), rng.choices(range(4), (45, 35, 13, 7))[0]):
            text = EDITS[edit](base, rng)
            planted.append(Planted(text, cluster, edit, jaccard(base, text)))
    with_figures = [base for base in bases if len(re.findall("[0-9]", base)) > 0.03 * len(base)][:200]
    for text in with_figures:
        changed = re.sub("[0-9]", lambda d: str((int(d.group()) + rng.randint(1, 9)) % 10), text)
        planted.append(Planted(changed, len(planted) + len(bases), "figures", 0.0))
    planted += [Planted(notice(rng), len(planted) + len(bases) + i, "notice", 0.0) for i in range(300)]
    rng.shuffle(planted)
    return planted


Remover = Callable[[list[str]], dict[int, int]]
"""Texts -> for each text removed, the kept one that it duplicates."""


def ours(texts: list[str]) -> dict[int, int]:
    found = near_duplicates(texts)
    return dict(zip(found.column("index").to_pylist(), found.column("duplicate_of").to_pylist(), strict=True))


def grams(text: str) -> list[str]:
    return list({text[i : i + 5] for i in range(max(1, len(text) - 4))})


def by_datasketch(texts: list[str]) -> dict[int, int]:
    from datasketch import MinHash, MinHashLSH

    index, removed = MinHashLSH(threshold=THRESHOLD, num_perm=128), {}
    for i, text in enumerate(texts):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([gram.encode() for gram in grams(text)])
        found = index.query(sketch)
        if found:
            removed[i] = min(found)
        else:
            index.insert(i, sketch)
    return removed


def by_rensa(texts: list[str]) -> dict[int, int]:
    from rensa import RMinHash, RMinHashLSH

    index, removed, sketches = RMinHashLSH(threshold=THRESHOLD, num_perm=128, num_bands=16), {}, {}
    for i, text in enumerate(texts):
        sketches[i] = sketch = RMinHash(num_perm=128, seed=42)
        sketch.update(grams(text))
        found = [j for j in index.query(sketch) if sketch.jaccard(sketches[j]) >= THRESHOLD]
        if found:
            removed[i] = min(found)
        else:
            index.insert(i, sketch)
    return removed


def judge(planted: list[Planted], remove: Remover) -> dict[str, Any]:
    start = time.process_time()
    winner = remove([p.text for p in planted])
    seconds = time.process_time() - start
    base = {p.cluster: i for i, p in enumerate(planted) if p.edit == "base"}
    found = defaultdict(list)
    for i, p in enumerate(planted):
        if p.edit in EDITS and p.jaccard >= THRESHOLD + 0.02:
            found[p.edit].append(winner.get(i, i) == winner.get(base[p.cluster], base[p.cluster]))
    gone = [planted[i] for i in winner]
    kept = defaultdict(list)
    for i, p in enumerate(planted):
        if i not in winner:
            kept[p.cluster].append(p.text)
    missed = [jaccard(a, b) >= THRESHOLD + 0.02 for texts in kept.values() for a, b in combinations(texts, 2)]
    clusters = {p.cluster for p in planted}
    return {
        "recall": {edit: round(sum(hits) / len(hits), 3) for edit, hits in sorted(found.items())},
        "near_pairs_both_kept": sum(
            missed
        ),  # the rest of what recall lacks is near to a copy that lost, and to no winner
        "wrong_merges": sum(planted[i].cluster != planted[w].cluster for i, w in winner.items()),
        "other_figures_merged": sum(p.edit == "figures" for p in gone),
        "notices_merged": sum(p.edit == "notice" for p in gone),
        "clusters_lost": len(clusters - {p.cluster for i, p in enumerate(planted) if i not in winner}),
        "seconds": round(seconds, 2),
    }


def natural(texts: dict[str, str], pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """Removals by exact Jaccard, computed apart; and close pairs of which no document was removed."""
    names = list(texts)
    winner = ours(list(texts.values()))
    exact = [jaccard(texts[names[i]], texts[names[w]]) for i, w in winner.items()]
    kept = set(texts) - {names[i] for i in winner}

    def figures(name: str) -> list[str]:
        return re.findall(r"\d+", unicodedata.normalize("NFKC", texts[name]))

    close = [p for p in pairs if p["jaccard"] >= THRESHOLD + 0.05 and p["a"] in texts and p["b"] in texts]
    same = [p for p in close if figures(p["a"]) == figures(p["b"])]
    return {
        "documents": len(texts),
        "removed": len(winner),
        "winner_removed": sum(w in winner for w in winner.values()),
        "removals_below_threshold": sum(j < THRESHOLD for j in exact),
        "lowest_similarity": round(min(exact, default=1.0), 3),
        "close_pairs": len(close),
        "close_pairs_kept": sum(p["a"] in kept and p["b"] in kept for p in close),
        "close_pairs_of_equal_figures": len(same),
        "close_pairs_of_equal_figures_kept": sum(p["a"] in kept and p["b"] in kept for p in same),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--ids", type=Path, help="ids, one a line, for which --pairs is complete")
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--documents", type=int, default=3000, help="bases of the planted set (default 3000)")
    parser.add_argument("--seeds", type=int, nargs="*", default=[1])
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--json", type=Path, help="save the figures here")
    arguments = parser.parse_args()

    documents = {d["id"]: d["text"] for d in read(arguments.corpus)}
    pairs = list(read(arguments.pairs)) if arguments.pairs else []
    if arguments.ids:
        wanted = set(arguments.ids.read_text("utf-8").split())
        documents = {name: text for name, text in documents.items() if name in wanted}
    results: dict[str, Any] = {"planted": []}
    if pairs:
        results["natural"] = natural(documents, pairs)
        print("natural pairs:", json.dumps(results["natural"], indent=1))
    paired = {name for pair in pairs for name in (pair["a"], pair["b"])}
    alone = sorted(name for name, text in documents.items() if name not in paired and 300 <= len(text) <= 4000)
    removers: dict[str, Remover] = {"cci-tools": ours}
    if arguments.peers:
        removers |= {"datasketch": by_datasketch, "rensa": by_rensa}
    for seed in arguments.seeds:
        rng = random.Random(seed)
        chosen = rng.sample(alone, min(arguments.documents, len(alone)))
        planted = plant([documents[name] for name in chosen], rng)
        for name, remove in removers.items():
            row = {"seed": seed, "name": name, "documents": len(planted), **judge(planted, remove)}
            results["planted"].append(row)
            print(json.dumps(row, ensure_ascii=False), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
