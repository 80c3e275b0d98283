"""Slow plain twins of the matching kernels, and of matching as a whole."""

import re
from collections import Counter, defaultdict

import numpy as np
from reference.figures import UNITS, figures

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


PAGE_BEFORE = re.compile(
    "(?:(?:发布|发表|更新)(?:时间|日期)|发稿时间|浏览|阅读|点击|点赞|评论|收藏|转发|分享|人气|回复|跟帖|播放"
    "|(?:浏览|阅读|点击)[数量]|(?:访问|播放)量|[览读击问载]次数|备案号|icp备|copyright)$"
)
PAGE_BEHIND = re.compile("来源|次(?:浏览|阅读|点击|播放)|人(?:浏览|阅读|评论|点赞)|条评论|htm")


def slots(text, context=3):
    """Context -> what its figures say, and whether they have no digit."""
    letters, found = [], []
    for item in figures(text):
        if isinstance(item, str):
            letters.append(item)
        else:
            found.append((len(letters), item))
    letters = "\0" * context + "".join(letters) + "\0" * context
    result = defaultdict(list)
    for at, figure in found:
        at += context  # place of the figure in `letters`
        if not PAGE_BEFORE.search(letters[:at]) and not PAGE_BEHIND.match(letters[at:]):
            result[letters[at - context : at + context]].append(figure)
    return result


def number_conflicts(a, b):
    """Shared slots and conflicts, each as [with a digit in both, in none, in one of them]."""
    a, b = slots(a), slots(b)
    all_a, all_b = (Counter(figure for figures in of.values() for figure in figures) for of in (a, b))
    shared, conflicts = [0, 0, 0], [0, 0, 0]
    only_a, only_b = ([Counter(), Counter(), Counter()] for _ in "ab")
    for slot in a.keys() & b.keys():
        here_a, here_b = Counter(a[slot]), Counter(b[slot])
        for kind, other, form in ((0, 0, 0), (1, 1, 1), (0, 1, 2), (1, 0, 2)):
            for said in {said for said, _ in here_a}:
                both = min(here_a[said, kind], here_b[said, other])
                here_a[said, kind] -= both
                here_b[said, other] -= both
                shared[form] += both
        of_a, of_b = ([of_kind(here, 0), of_kind(here, 1)] for here in (here_a, here_b))
        each = [min(x.total(), y.total()) for x, y in zip(of_a, of_b, strict=True)]
        together = min(here_a.total(), here_b.total())
        if sum(each) < together:
            of_a, of_b, each = [0, 0, +here_a], [0, 0, +here_b], [0, 0, together]
        for form, count in enumerate(each):
            if count:
                conflicts[form] += count
                only_a[form] += of_a[form]
                only_b[form] += of_b[form]
    for form in range(3):
        shared[form] += conflicts[form]
        if conflicts[form] < 4 or 5 * conflicts[form] <= shared[form]:
            here_a, here_b, in_a, in_b = (
                values(counter) if form == 2 else counter for counter in (only_a[form], only_b[form], all_a, all_b)
            )
            conflicts[form] = min(conflicts[form], (here_a & (in_a - in_b)).total(), (here_b & (in_b - in_a)).total())
    return shared, conflicts


def of_kind(counter, kind):
    return Counter({figure: count for figure, count in counter.items() if figure[1] == kind})


def values(counter):
    result = Counter()
    for (said, _), count in counter.items():
        result[said] += count
    return result


def conflicting(a, b, width=5):
    shared, conflicts = number_conflicts(a, b)
    common, together = jaccard_counts(a, b, width)
    changed = conflicts[0] + conflicts[1] + shared[2]
    return any(
        10 * c > s or (100 * c > s and together - common <= 2 * (width + 10) * changed)
        for s, c in zip(shared, conflicts, strict=True)
    )


def number_sketch(text, hashes):
    line = [MASK] * hashes
    for context, said_here in slots(text).items():
        of_context = 1
        for c in context:
            of_context = (of_context * BASE + ord(c)) & MASK
        for said, _ in said_here:
            before = number = 0
            for c in said:
                if c in UNITS:
                    before, number = (mix64((before + number) & MASK) + ord(c)) & MASK, 0
                else:
                    number = mix64((number * 16 + ord(c)) & MASK)
            slot = mix64((mix64(of_context) + (mix64((before + number) & MASK) >> 1)) & MASK)
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
