"""Main text of Chinese pages: precision, recall and F1 of lines, by library, and MB of HTML a second.

    python benchmarks/accuracy/pages.py PAGES [--only NAME] [--worst N]

PAGES is a folder, or a .tar.zst, of the pages that ``page_references.jsonl`` names. What of a page is its main text was
decided by reading, site by site; the file holds hashes of the lines only. Forum posts in answer to the first are main
text, comments under news are not. `neutral` lines (title, captions, bylines) count neither for nor against.

A line ends at a line break, at the border of a table cell, and after 。！？；: how a library joins or breaks lines is
not what is measured here. Spaces and punctuation are not compared. Figures are means over pages; a library that gives
no text, or raises, has F1 0 on that page.

The pages are no blind test of this project: the names of elements in `cci_tools.cleaning.page_blocks` were collected
with their markup in sight, and errors on them were looked into. The row `cci_unnamed` is the extractor without the
names of main texts and posts. `half` is F1 on the pages whose digest is odd, to show how far chance goes.

Libraries that are not installed are left out: trafilatura, readability-lxml, resiliparse, newspaper4k, goose3, jusText,
boilerpy3, gne, inscriptis (all text, for comparison).
"""

import argparse
import io
import logging
import re
import sys
import tarfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
import xxhash

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cci_tools.cleaning.charset import decode

REFERENCES = Path(__file__).with_name("page_references.jsonl")
_ENDS = re.compile(r"[\n\t|。！？!?；;]")
_NOT_WORD = re.compile(r"[\W_]+")


def lines(text: str) -> list[str]:
    """Hashes of the lines of a text."""
    units = (_NOT_WORD.sub("", unit).lower() for unit in _ENDS.split(text))
    return [xxhash.xxh3_64_hexdigest(unit.encode())[:10] for unit in units if len(unit) > 1]


def score(text: str, reference: dict) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    wanted, neutral = Counter(reference["text"]), set(reference["neutral"]) - set(reference["text"])
    found = Counter(unit for unit in lines(text) if unit not in neutral)
    hits = (wanted & found).total()
    precision, recall = hits / max(found.total(), 1), hits / wanted.total()
    return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0


def read_pages(path: Path) -> dict[str, bytes]:
    """Bytes of the pages, by name."""
    if path.is_dir():
        return {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*.html"))}
    import zstandard

    data = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(path.open("rb")).read()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = [member for member in archive if member.isfile()]
        return {member.name.removeprefix("./"): archive.extractfile(member).read() for member in members}  # type: ignore[union-attr]


def extractors() -> dict[str, Callable[[str], str]]:
    """Page to main text, for this project and for every library that is installed."""
    found: dict[str, Callable[[str], str]] = {}

    def add(name: str, make: Callable[[], Callable[[str], str]]) -> None:
        try:
            found[name] = make()
        except ImportError as error:
            print(f"{name}: not installed ({error.name})", file=sys.stderr)

    for maker in (
        _cci,
        _cci_unnamed,
        _trafilatura,
        _readability,
        _resiliparse,
        _newspaper,
        _goose,
        _justext,
        _boilerpy,
        _gne,
        _all,
    ):
        add(maker.__name__[1:], maker)
    return found


def _cci() -> Callable[[str], str]:
    from cci_tools.cleaning.page import main_text

    return lambda page: main_text(page).text


def _cci_unnamed() -> Callable[[str], str]:
    from unittest.mock import patch

    from cci_tools.cleaning import page_blocks
    from cci_tools.cleaning.page import main_text

    never = re.compile(b"(?!)")

    def extract(page: str) -> str:
        page_blocks._kind.cache_clear()
        with patch.multiple(page_blocks, _IN=never, _POST=never):
            text = main_text(page).text
        page_blocks._kind.cache_clear()
        return text

    return extract


def _trafilatura() -> Callable[[str], str]:
    import trafilatura

    return lambda page: trafilatura.extract(page, include_comments=False, include_tables=True) or ""


def _readability() -> Callable[[str], str]:
    from inscriptis import get_text
    from readability import Document

    return lambda page: get_text(Document(page).summary())


def _resiliparse() -> Callable[[str], str]:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda page: extract_plain_text(page, main_content=True, alt_texts=False, noscript=False)


def _newspaper() -> Callable[[str], str]:
    import newspaper

    def extract(page: str) -> str:
        article = newspaper.Article("http://page.invalid/", language="zh", fetch_images=False)
        article.download(input_html=page)
        article.parse()
        return article.text

    extract("<p>中文</p>")  # its segmenter is another package
    return extract


def _goose() -> Callable[[str], str]:
    from goose3 import Goose
    from goose3.text import StopWordsChinese

    goose = Goose({"stopwords_class": StopWordsChinese, "enable_image_fetching": False})
    return lambda page: goose.extract(raw_html=page).cleaned_text


def _justext() -> Callable[[str], str]:
    import justext

    def extract(page: str) -> str:
        # Without a stop list, as its documentation says for a language that has none; lengths are those of Hanzi.
        found = justext.justext(page, frozenset(), 30, 70, 0, 0)
        return "\n".join(paragraph.text for paragraph in found if not paragraph.is_boilerplate)

    return extract


def _boilerpy() -> Callable[[str], str]:
    from boilerpy3.extractors import CanolaExtractor

    extractor = CanolaExtractor(raise_on_failure=False)
    return lambda page: extractor.get_content(page)


def _gne() -> Callable[[str], str]:
    from gne import GeneralNewsExtractor

    extractor = GeneralNewsExtractor()
    return lambda page: extractor.extract(page)["content"]


def _all() -> Callable[[str], str]:
    from inscriptis import get_text

    return get_text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--only", help="a library")
    parser.add_argument("--worst", type=int, default=0, help="list the pages with the lowest F1")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    pages = read_pages(arguments.pages)
    references = [orjson.loads(line) for line in REFERENCES.read_bytes().splitlines()]
    for reference in references:
        if xxhash.xxh3_64_hexdigest(pages[reference["file"]]) != reference["digest"]:
            sys.exit(f"{reference['file']}: not the page that was read")
    texts = [decode(pages[reference["file"]]).text for reference in references]
    size = sum(len(pages[reference["file"]]) for reference in references) / 1e6
    kinds = sorted({reference["kind"] for reference in references})
    counts = Counter(reference["kind"] for reference in references)
    print(f"{len(references)} pages, {size:.1f} MB: " + ", ".join(f"{counts[kind]} {kind}" for kind in kinds))
    print(f"{'':14} {'P':>6} {'R':>6} {'F1':>6} {'half':>9} " + " ".join(f"{k:>10}" for k in kinds) + "     MB/s")
    for name, extract in extractors().items():
        if arguments.only and name != arguments.only:
            continue
        scores, start = [], time.process_time()
        for text in texts:
            try:
                scores.append(extract(text) or "")
            except Exception:
                scores.append("")
        speed = size / (time.process_time() - start)
        rows = [(score(text, r), r) for text, r in zip(scores, references, strict=True)]
        mean = [sum(row[0][i] for row in rows) / len(rows) for i in range(3)]
        held = [row[0][2] for row in rows if int(row[1]["digest"], 16) & 1]
        by_kind = [sum(row[0][2] for row in rows if row[1]["kind"] == kind) / counts[kind] for kind in kinds]
        print(
            f"{name:14} {mean[0]:6.3f} {mean[1]:6.3f} {mean[2]:6.3f} {sum(held) / len(held):9.3f} "
            + " ".join(f"{value:10.3f}" for value in by_kind)
            + f" {speed:8.1f}"
        )
        for (precision, recall, f1), reference in sorted(rows, key=lambda row: row[0][2])[: arguments.worst]:
            print(f"    {f1:.3f} P {precision:.3f} R {recall:.3f} {reference['kind']} {reference['file']}")


if __name__ == "__main__":
    main()
