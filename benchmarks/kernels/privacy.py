"""Personal information on one core: the scan, the rules and the stage, in MB of text a second of CPU time.

    python benchmarks/kernels/privacy.py [FILE of documents, one JSON object with `id` and `text` a line; .zst too]

Without a file the texts are made up: articles, and one in eight with a contact line. By part, which is what stands
before the first "-" of the id: how many documents have places that the rules look at, and finds by kind per 10,000
documents.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cleaning import SENTENCE, read
from timing import seconds

from cci_tools.cleaning.privacy import mask_all
from cci_tools.cleaning.privacy_cues import CUES
from cci_tools.cleaning.privacy_kinds import actions
from cci_tools.cleaning.stage_privacy import Privacy
from cci_tools.kernels.arrow import text_buffers
from cci_tools.kernels.privacy import privacy_candidates
from cci_tools.stage import make_batch


def made_up(count: int = 16_000) -> Iterator[tuple[str, str]]:
    for i in range(count):
        text = "\n".join(f"{SENTENCE * (1 + (i + j) % 4)}{i * j}。" for j in range(8))
        contact = f"\n联系人：方某，手机139{i:08}，邮箱fang{i}@yunchuan-post.cn，电话010-6{i:07}。"
        yield f"{'contact' if i % 8 == 0 else 'plain'}-{i}", text + contact * (i % 8 == 0)


def measure(name: str, texts: list[str]) -> None:
    column = pa.array(texts, pa.large_string())
    values, _ = text_buffers(column)
    size, rows, chosen, stage = len(values) / 1e6, np.arange(len(texts)), actions(), Privacy()
    batches = [make_batch(texts[i : i + 3000]) for i in range(0, len(texts), 3000)]
    scan = seconds(lambda: privacy_candidates(column, CUES))
    whole = seconds(lambda: [stage.process(batch) for batch in batches])
    done = mask_all(column, rows, chosen)
    looked_at = np.mean(np.diff(privacy_candidates(column, CUES).offsets) > 0)
    found = sum((Counter(masked.counts) for masked in done.values()), Counter[str]())
    kinds = ", ".join(f"{kind} {1e4 * n / len(texts):.0f}" for kind, n in found.most_common())
    speeds = f"{size / scan:10.0f} {size / whole:11.0f}"
    print(f"{name:10} {len(texts):9} {size:7.1f} {speeds} {100 * looked_at:8.1f}%  {kinds}")


def main() -> None:
    parts: dict[str, list[str]] = {}
    everything = []
    for name, text in read(sys.argv[1]) if len(sys.argv) > 1 else made_up():
        parts.setdefault(name.partition("-")[0], []).append(text)
        everything.append(text)
    print(f"{'part':10} {'documents':>9} {'MB':>7} {'scan, MB/s':>10} {'stage, MB/s':>11} {'looked at':>9}  finds")
    measure("all", everything)
    for name, texts in sorted(parts.items(), key=lambda item: -len(item[1])):
        measure(name, texts)


if __name__ == "__main__":
    main()
