"""Slow plain twins of the matching kernels, and of matching as a whole."""

import re
from collections import Counter, defaultdict

import numpy as np

from cci_tools.kernels.sign import keys as kernel_keys

MASK = (1 << 64) - 1
BASE = 0xD1342543DE82EF95


def key(text):
    """The matching key as a str (the key itself has twins of its own, with the signing kernel)."""
    codes, _ = kernel_keys([text])
    return "".join(map(chr, codes))


def mix64(x):
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


def shingles(text, width=5):
    k = key(text)
    return {k[i : i + width] for i in range(len(k) - width + 1)}


def jaccard_counts(a, b, width=5):
    a, b = shingles(a, width), shingles(b, width)
    return len(a & b), len(a | b)


RUN = "(?:(?:[0-9]+[十百千万亿拾佰仟]*)+|[〇零一二三四五六七八九十百千万亿两廿卅壹贰叁参肆伍陆柒捌玖拾佰仟]+)"
FIGURE = re.compile(f"{RUN}(?:年{RUN})?(?:月{RUN})?(?:日{RUN})?(?:[时点]{RUN})?(?:分{RUN})?")
UNITS = "年月日时点分"
EVERYDAY = str.maketrans("零两壹贰叁参肆伍陆柒捌玖拾佰仟", "〇二一二三三四五六七八九十百千")

PAGE_BEFORE = re.compile(
    "(?:(?:发布|发表|更新)(?:时间|日期)|发稿时间|浏览|阅读|点击|点赞|评论|收藏|转发|分享|人气|回复|跟帖|播放"
    "|(?:浏览|阅读|点击)[数量]|(?:访问|播放)量|[览读击问载]次数|备案号|icp备|copyright)$"
)
PAGE_BEHIND = re.compile("来源|次(?:浏览|阅读|点击|播放)|人(?:浏览|阅读|评论|点赞)|条评论|htm")


def slots(text, context=3):
    """(Context, whether the figure has no digit) -> figures as tuples of numbers without leading zeros."""
    k = key(text)
    gaps, figures, end = [], [], 0
    for found in FIGURE.finditer(k):
        gaps.append(k[end : found.start()])
        figures.append(found.group())
        end = found.end()
    gaps.append(k[end:])
    letters = "\0" * context + "".join(gaps) + "\0" * context
    at = context  # place of the figure in `letters`
    result = defaultdict(list)
    for gap, figure in zip(gaps, figures, strict=False):
        at += len(gap)
        if PAGE_BEFORE.search(letters[:at]) or PAGE_BEHIND.match(letters[at:]):
            continue
        parts = tuple(part.lstrip("0").translate(EVERYDAY) for part in re.split(f"([{UNITS}])", figure))
        result[letters[at - context : at + context], not re.search("[0-9]", figure)].append(parts)
    return result


def number_conflicts(a, b):
    """Shared slots and conflicts, each as [with a digit, without]."""
    a, b = slots(a), slots(b)
    all_a, all_b = (Counter(figure for figures in of.values() for figure in figures) for of in (a, b))
    shared, conflicts = [0, 0], [0, 0]
    only_a, only_b = (Counter(), Counter()), (Counter(), Counter())
    for slot in a.keys() & b.keys():
        _, kind = slot
        here_a, here_b = Counter(a[slot]), Counter(b[slot])
        fewer = min(len(a[slot]), len(b[slot]))
        agree = (here_a & here_b).total()
        shared[kind] += fewer
        conflicts[kind] += fewer - agree
        if fewer > agree:
            only_a[kind].update(here_a - here_b)
            only_b[kind].update(here_b - here_a)
    for kind in (0, 1):
        if conflicts[kind] >= 4 and 5 * conflicts[kind] > shared[kind]:
            continue
        conflicts[kind] = min(
            conflicts[kind], (only_a[kind] & (all_a - all_b)).total(), (only_b[kind] & (all_b - all_a)).total()
        )
    return shared, conflicts


def conflicting(a, b, width=5):
    shared, conflicts = number_conflicts(a, b)
    common, together = jaccard_counts(a, b, width)
    differing = together - common
    return any(
        10 * c > s or (100 * c > s and differing <= 2 * (width + 10) * sum(conflicts))
        for s, c in zip(shared, conflicts, strict=True)
    )


def number_sketch(text, hashes):
    line = [MASK] * hashes
    for (context, kind), figures in slots(text).items():
        of_context = 1
        for c in context:
            of_context = (of_context * BASE + ord(c)) & MASK
        for parts in figures:
            before = number = 0
            for part in parts:
                if part in tuple(UNITS):
                    before, number = (mix64((before + number) & MASK) + ord(part)) & MASK, 0
                else:
                    for c in part:
                        number = mix64((number * 16 + ord(c)) & MASK)
            slot = mix64(((mix64(of_context) & ~1 | kind) + mix64((before + number) & MASK)) & MASK)
            line = [min(line[i], mix64((slot + i * 0x9E3779B97F4A7C15) & MASK)) for i in range(hashes)]
    return line


def band_key(slots_of_band, band):
    k = band + 1
    for slot in slots_of_band:
        k = (k + int(slot)) * BASE & MASK
    return mix64(k)


def group_digests(digests, ranks, rows):
    best = list(range(len(ranks)))
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(digests[row])].append(row)
    for members in groups.values():
        for row in members:
            best[row] = min(members, key=lambda r: ranks[r])
    return best


def equal_slots(signatures, a, b):
    return int((signatures[a] == signatures[b]).sum())


def band_candidates(keys, rows, ranks, signatures, hard, *, near, sure, cap, last=True, other_facts=lambda a, b: False):
    """Pairs of rows (better first), absorbed rows, and the positions in `keys` that overflowed."""
    pairs, absorbed, overflow = set(), set(), []
    for line, line_keys in enumerate(keys):
        buckets = defaultdict(list)
        for column, k in enumerate(line_keys):
            buckets[k].append(column)
        for columns in buckets.values():
            found, taken = set(), set()
            leaders, columns = [], sorted(columns, key=lambda c: ranks[rows[c]])
            for column in columns:
                row = rows[column]
                shared = [
                    0 if other_facts(leader, column) else equal_slots(signatures, rows[leader], row)
                    for leader in leaders
                ]
                found |= {(rows[leader], row) for leader, s in zip(leaders, shared, strict=True) if s >= near}
                if any(s >= sure for s in shared) and not hard[row]:
                    taken.add(row)
                elif len(leaders) < cap:
                    leaders.append(column)
                elif last:
                    overflow.append(line * len(rows) + column)
                else:
                    overflow += [line * len(rows) + c for c in columns]
                    break
            else:
                pairs |= found
                absorbed |= taken
    return pairs, absorbed, sorted(overflow)


def keep_first(n, edges):
    """`edges`: (better rank, worse rank) -> similarity. The kept neighbour of each rank, None for the kept."""
    winner = {}
    for rank in range(n):
        kept = [(-s, u) for (u, v), s in edges.items() if v == rank and winner[u] is None]
        winner[rank] = min(kept)[1] if kept else None
    return winner


def components(n, edges):
    lowest, edges = list(range(n)), list(edges)
    changed = True
    while changed:
        changed = False
        for a, b in edges:
            low = min(lowest[a], lowest[b])
            changed |= lowest[a] != low or lowest[b] != low
            lowest[a] = lowest[b] = low
    return lowest


def kept_rows(texts, documents, settings, banding, near):
    """Rows that matching keeps, by comparing every document with every better one.

    Pairs that share no band, or whose sketches are not near, are out of matching's sight, and here too.
    """
    n = len(texts)
    order = sorted(range(n), key=lambda row: documents.ranks[row])
    sets = [shingles(text, settings.width) for text in texts]
    used = banding.bands * banding.rows
    kept = []
    for row in order:
        loses = False
        for better in kept:
            if documents.key_lengths[row] and (documents.digests[row] == documents.digests[better]).all():
                loses = True
            if min(documents.key_lengths[row], documents.key_lengths[better]) < settings.width:
                continue
            equal = documents.signatures[row] == documents.signatures[better]
            if not equal[:used].reshape(banding).all(axis=1).any() or equal.sum() < near:
                continue
            j = len(sets[row] & sets[better]) / len(sets[row] | sets[better])
            if settings.numbers == "distinct" and conflicting(texts[row], texts[better], settings.width):
                continue
            loses |= j >= settings.threshold
        if not loses:
            kept.append(row)
    return sorted(kept)


def dense(values):
    """Ranks 0 .. n - 1 by value, as matching wants them."""
    ranks = np.empty(len(values), np.uint32)
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks
