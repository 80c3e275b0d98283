"""Edited copies with known truth, texts with other figures, and notices of one template: a part of `dedup.py`."""

import random
import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

import opencc

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
