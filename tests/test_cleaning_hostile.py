"""Hostile texts: no rule may take more than its share of time on a long run of openers, closers or needles."""

import subprocess
import sys

FRAGMENTS = (
    *(
        "<script>",
        "</script>",
        "<script",
        "<style>",
        "<!--",
        "-->",
        "<!-- -->x",
        "<p a=",
        "<p a= ",
        "<font ",
        "<br ",
        "</p",
    ),
    *(
        "<script><style>",
        "<td>",
        "{{",
        "{{a ",
        "&lt;script&gt;",
        "&lt;!--",
        "&amp;",
        "&#38;",
        "&#0000",
        "&nbsp",
        "\\u4e2d",
    ),
    *("<!--enpproperty", "<!--enpproperty-->", "/enpproperty-->", "[[[-img", "[[[-img]x", "TRS_Editor", "TRS_Editor{"),
    *(
        "<UCAP-CONTENT ",
        "document.write(",
        "window.onload = ",
        "window.onload ",
        "var _hmt = ",
        "hm.baidu.com",
        "共找到1",
    ),
    *(
        "[1]",
        "[1] ",
        "[1]  下一页 ",
        "上一页",
        "上一页[1]x",
        "下一页 1 ",
        "\u3000 下一页\n",
        "`",
        "`a``b",
        "```\n",
        "~~~x\n",
    ),
    *(
        "<code><pre>",
        "编辑：",
        "（编辑",
        "【纠错】",
        "【纠错】 ",
        "责任编辑：收藏",
        "收藏 ",
        "转发",
        "阅读 ",
        "版权所有\n",
        "首页>",
    ),
    *(
        "(",
        "[",
        "【",
        "“",
        "<",
        "{",
        "]",
        ")",
        " ",
        "\u3000",
        "\t",
        "\n",
        " \n",
        "\r",
        "1",
        "１",
        "１：",
        "１．",
        " １",
        "…",
        "—",
    ),
    *(
        "中,国",
        "中 ",
        "中(zhōng)",
        "\ufffd",
        "\ufffd ",
        "锟斤拷",
        "锛",
        "Ã",
        "ä¸",
        "ㄛ",
        "\x1b[",
        "\x1b[0 ",
        "\ue000",
        "\u200d",
    ),
    *("20232025", "http://", "null\n", "百家乐_", "资料图：新型列车运行\n", "安装 flash player "),
)
"""Openers, closers, needles, entities, brackets, spaces, digits."""

CODE = """
import ast, sys
from cci_tools.cleaning.repair import clean_text
prose = "市政府今天召开全体会议，研究部署下半年重点工作。\\n"
for fragment in ast.literal_eval(sys.stdin.read()):
    print(ascii(fragment), file=sys.stderr, flush=True)
    clean_text(prose + fragment * (200_000 // len(fragment.encode())) + prose)
# Fields and tools in lines that are no longer than a byline, and lines that come three times each.
lines = ["编辑：某某 " + "收藏" * 40, "编辑：某某 " + "转发 " * 25, "编辑:大中大中大中 " * 6]
lines += ["编辑:大中大中 " * 10, "来源:大中大中 " * 10, "赞1 " * 19]
clean_text(prose * 4 + "\\n".join(line[:78] + "x" for line in lines * 3))
clean_text("".join(f"资料图：第{n // 3}列新型列车\\n" for n in range(5_000)))
"""


def test_hostile_fragments_end() -> None:
    """A watchdog for the whole list, far above what it takes: a rule in the square of the length would need hours."""
    assert len(set(FRAGMENTS)) == len(FRAGMENTS) >= 40
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        input=repr(FRAGMENTS),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
