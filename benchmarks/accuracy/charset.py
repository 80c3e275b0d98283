"""Encodings told apart: samples of real text written in each of them, and files that were found in one.

    python benchmarks/accuracy/charset.py DOCUMENTS.jsonl[.zst] [ENCODINGS.tar.zst] [--other] [--samples 400]

A sample is a run of characters from the middle of a document, half of it Hanzi or more. It is read right if the decoded
text is the text that was encoded. The table counts, for each encoding and length, what was detected; shares of samples
read right stand at the end of the rows. `--other` does the same with those of charset_normalizer, chardet and cchardet
that are installed. The archive holds files in GB 18030; one is read right if it loses next to nothing.
"""

import argparse
import io
import random
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import orjson
import zstandard

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cci_tools.cleaning.charset import detect

SIMPLIFIED = ("utf-8", "gb2312", "gb18030", "hz", "utf-16-le", "utf-16-be")
TRADITIONAL = ("utf-8", "big5", "big5hkscs", "euc-tw", "gbk", "utf-16-le", "utf-16-be")
LARGER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}  # what these are read as
LENGTHS = (20, 50, 200)
Detector = Callable[[bytes], str | None]


def documents(path: str) -> list[str]:
    with open(path, "rb") as file:
        options = {"max_window_size": 2**31}
        stream = zstandard.ZstdDecompressor(**options).stream_reader(file) if path.endswith(".zst") else file
        return [orjson.loads(line)["text"] for line in io.BufferedReader(stream)]  # type: ignore[arg-type]


def is_hanzi(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def samples(texts: list[str], length: int, charset: str, count: int, seed: int) -> list[str]:
    """Runs of characters that the encoding has, one from a document."""
    chosen = random.Random(seed)
    found: list[str] = []
    for text in chosen.sample(texts, len(texts)):
        if len(text) < length:
            continue
        start = chosen.randrange(len(text) - length + 1)
        piece = text[start : start + length]
        if 2 * sum(map(is_hanzi, piece)) < length or "\ufffd" in piece:
            continue
        try:
            if piece.encode(charset).decode(LARGER.get(charset, charset)) == piece:
                found.append(piece)
        except UnicodeError:
            continue
        if len(found) == count:
            break
    return found


def others() -> dict[str, Detector]:
    """Other detectors, by name, as far as they are installed."""
    found: dict[str, Detector] = {}
    for name in ("charset_normalizer", "chardet", "cchardet"):
        try:
            module = import_module(name)
        except ImportError:
            continue
        if name == "charset_normalizer":
            found[name] = lambda data, of=module.from_bytes: (best := of(data).best()) and best.encoding
        else:
            found[name] = lambda data, of=module.detect: of(data)["encoding"]
    return found


def reads(data: bytes, charset: str | None) -> str | None:
    try:
        name = (charset or "utf-8").lower()
        return data.decode(LARGER.get(name, name), "replace").removeprefix("\ufeff")
    except LookupError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("documents")
    parser.add_argument("archive", nargs="?")
    parser.add_argument("--other", action="store_true")
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--errors", action="store_true", help="print the samples read wrong")
    options = parser.parse_args()
    texts = documents(options.documents)
    kinds = {True: [], False: []}  # type: dict[bool, list[str]]
    for text in texts:
        hanzi = [char for char in text[:2000] if is_hanzi(char)]
        simple = sum(len(char.encode("gb2312", "ignore")) > 0 for char in hanzi)
        other = sum(len(char.encode("big5", "ignore")) > 0 for char in hanzi)
        if len(hanzi) >= 20 and simple != other:
            kinds[simple > other].append(text)
    detectors: dict[str, Detector] = {
        "cci_tools": lambda data: detect(data).name,
        **(others() if options.other else {}),
    }
    rows = [(True, charset) for charset in SIMPLIFIED] + [(False, charset) for charset in TRADITIONAL]
    for name, detector in detectors.items():
        print(f"\n{name}\n{'script':12}{'encoding':12}{'length':>6}{'samples':>9}{'right':>9}  detected")
        totals: dict[int, list[int]] = {length: [0, 0] for length in LENGTHS}
        spent = size = 0.0
        for simplified, charset in rows:
            for length in LENGTHS:
                pieces = samples(kinds[simplified], length, charset, options.samples, length)
                seen: Counter[str] = Counter()
                right = 0
                for piece in pieces:
                    data = piece.encode(charset)
                    start = time.process_time()
                    found = detector(data)
                    spent += time.process_time() - start
                    size += len(data)
                    seen[str(found)] += 1
                    right += (good := reads(data, found) == piece)
                    if not good and options.errors and name == "cci_tools":
                        print("   ", found, repr(piece))
                totals[length][0] += right
                totals[length][1] += len(pieces)
                names = ", ".join(f"{key} {n}" for key, n in seen.most_common(5))
                script = "Simplified" if simplified else "Traditional"
                share = f"{100 * right / max(len(pieces), 1):8.2f}%"
                print(f"{script:12}{charset:12}{length:6}{len(pieces):9}{share}  {names}")
        for length, (right, count) in totals.items():
            print(f"{name}: {length} characters: {right} of {count} read right, {100 * right / max(count, 1):.2f} %")
        print(f"{name}: {size / 1e6 / max(spent, 1e-9):.2f} MB/s on these samples")
        speed(name, detector, kinds)
        if options.archive:
            archive(name, detector, options.archive)


def speed(name: str, detector: Detector, kinds: dict[bool, list[str]]) -> None:
    """MB a second on files of one megabyte."""
    for simplified, charset in ((True, "utf-8"), (True, "gb18030"), (False, "big5"), (True, "utf-16-le")):
        data = "\n".join(kinds[simplified][:2000]).encode(charset, "replace")[: 1 << 20]
        start = time.process_time()
        detector(data)
        seconds = max(time.process_time() - start, 1e-6)
        print(f"{name}: {charset}, a file of {len(data) / 1e6:.1f} MB: {len(data) / 1e6 / seconds:.1f} MB/s")


def archive(name: str, detector: Detector, path: str) -> None:
    """Files that are in GB 18030 whatever they say."""
    right = count = 0
    with zstandard.open(path, "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as files:
        for member in files:
            if not member.isfile() or member.name.endswith(".jsonl"):
                continue
            data = files.extractfile(member).read()  # type: ignore[union-attr]
            wanted, got = decode_gb(data), reads(data, detector(data)) or ""
            right += (
                sum(a != b for a, b in zip(wanted, got, strict=False)) + abs(len(wanted) - len(got))
                <= len(wanted) // 100
            )
            count += 1
    print(f"{name}: {right} of {count} files in GB 18030 read right")


def decode_gb(data: bytes) -> str:
    return data.decode("gb18030", "replace")


if __name__ == "__main__":
    main()
