"""Look-ups in the source table: URLs a second on one core, on a made-up list with the shape of a real crawl.

    python benchmarks/kernels/hosts.py [deny list ...]

Half of the URLs have hosts of the shipped registry, with sub-domains, the other half hosts that no rule matches; how
often a host occurs falls with its rank (Zipf). One URL in a hundred is not well formed.
"""

import hashlib
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from cci_tools.compliance.registry import read_denied, read_registry
from cci_tools.compliance.table import SourceTable
from cci_tools.resources import folder

URLS = 500_000
UNLISTED_HOSTS = 50_000
BATCH = 4_000  # documents of a batch of about 10 MB
SUB_DOMAINS = ("www.", "", "news.", "m.", "bbs.", "politics.", "epaper.")
ODD = ("HTTP://WWW.{}:80/", "http://user@{}./a", "//{}/b", "{}:8080/c", "http:\\\\{}\\d", "javascript:void('{}')")


def make_urls(domains: list[str]) -> list[str]:
    """The list: the same for the same registry."""
    random = np.random.default_rng(20241122)
    listed = [SUB_DOMAINS[i % len(SUB_DOMAINS)] + domain for i, domain in enumerate(random.permutation(domains))]
    unlisted = [f"www.site{i}.example" for i in range(UNLISTED_HOSTS)]
    picked = []
    for hosts in (listed, unlisted):
        weights = 1 / (np.arange(len(hosts)) + 10)
        picked.append(random.choice(hosts, URLS, p=weights / weights.sum()))
    chosen = np.where(random.random(URLS) < 0.5, *picked).tolist()
    days = random.integers(1, 29, URLS).tolist()
    urls = [f"http://{host}/2024/03{day:02}/c{i}.html" for i, (host, day) in enumerate(zip(chosen, days, strict=True))]
    for i in range(0, URLS, 100):
        urls[i] = ODD[i // 100 % len(ODD)].format(chosen[i])
    return urls


def seconds(work: Callable[[], object], repeat: int = 5) -> float:
    """Processor time of the fastest of several runs."""
    times = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    seeds = folder("seeds")
    lists = [seeds / "denied_hosts.csv", *map(Path, sys.argv[1:])]
    start = time.process_time()
    denied = [row for path in lists for row in read_denied(path)]
    table = SourceTable(read_registry(seeds / "sources.csv"), denied)
    loading = time.process_time() - start
    urls = make_urls([source.domain for source in table.sources])
    batches = [pa.array(urls[i : i + BATCH]) for i in range(0, URLS, BATCH)]
    columns = seconds(lambda: [table.lookup_all(batch) for batch in batches])
    single = seconds(lambda: [table.lookup(url) for url in urls])
    tiers = Counter(table.lookup(url).source.tier for url in urls)
    digest = hashlib.sha256("\n".join(urls).encode()).hexdigest()[:12]
    print(f"{URLS:,} URLs, {len({table.lookup(url).host for url in urls}):,} hosts, sha256 {digest}")
    print(f"rules: {len(table.sources):,} sources, {len(denied):,} denied hosts, loaded in {loading:.2f} s")
    print(f"columns (lookup_all): {URLS / columns / 1e6:.1f} million URLs/s")
    print(f"one by one (lookup):  {URLS / single / 1e6:.1f} million URLs/s")
    print("tiers: " + ", ".join(f"{tier} {count / URLS:.1%}" for tier, count in tiers.most_common()))


if __name__ == "__main__":
    main()
