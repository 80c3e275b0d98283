"""Pages on one core: MB of raw HTML a second for the parser, the main text, all text, and the reader with charsets.

    python benchmarks/kernels/page.py [PAGES, a folder or .tar.zst]

Without pages they are made up: an article of eight paragraphs in the furniture of a portal, 40 KB each.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "accuracy"))

from pages import read_pages  # the benchmark of accuracy
from timing import seconds

from cci_tools.cleaning.charset import decode
from cci_tools.cleaning.page import all_text, main_text
from cci_tools.kernels.page import parse
from cci_tools.shards.documents import Document, read
from cci_tools.shards.fields import Reading

SENTENCE = "市政府召开全体会议，研究部署下半年重点工作，审议并原则通过有关文件，要求各部门狠抓落实。"


def made_up(count: int = 200) -> list[bytes]:
    links = "".join(f'<li class="item"><a href="/news/{i}.html">第{i}条新闻的标题</a></li>' for i in range(200))
    script = "<script>var a = [" + "1,2,3," * 1500 + "];</script>"
    pages = []
    for i in range(count):
        body = "".join(f"<p>　　{SENTENCE * (1 + (i + j) % 4)}</p>" for j in range(8))
        pages.append(f"<title>{i}</title>{script}<ul>{links}</ul><div id=zoom>{body}</div><ul>{links}</ul>".encode())
    return pages


def main() -> None:
    pages = list(read_pages(Path(sys.argv[1])).values()) if len(sys.argv) > 1 else made_up()
    texts = [decode(page).text for page in pages]
    utf8 = [text.encode("utf-8", "replace") for text in texts]
    documents = [Document(str(i), "html", page) for i, page in enumerate(pages)]
    size = sum(map(len, pages)) / 1e6
    reading = Reading()
    print(f"{len(pages)} pages, {size:.1f} MB")
    for name, call in (
        ("parser", lambda: [parse(page) for page in utf8]),
        ("main text", lambda: [main_text(text) for text in texts]),
        ("all text", lambda: [all_text(text) for text in texts]),
        ("reader", lambda: list(read(documents, 1 << 20, reading))),
    ):
        print(f"{name:10} {size / seconds(call):8.1f} MB/s")


if __name__ == "__main__":
    main()
