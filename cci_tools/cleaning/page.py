"""The main text of an HTML page, with its title, date, source and editor."""

from dataclasses import dataclass, field

from cci_tools.cleaning.page_blocks import Blocks, main_blocks
from cci_tools.cleaning.page_facts import Facts, facts, take_byline
from cci_tools.cleaning.page_furniture import is_tool, without_door
from cci_tools.cleaning.page_lines import lines
from cci_tools.kernels.page import NUMBERS, Page, parse

_ALWAYS_OUT = {
    NUMBERS[name] for name in ("script", "style", "noscript", "iframe", "template", "title", "svg", "select")
}
_BODY = b"<body>"
"""Put before every page: it may have none of its own, and a second one counts for nothing."""


@dataclass(frozen=True)
class MainText:
    """What was found on a page.

    Attributes
    ----------
    text : str
        Its main text, a paragraph, list item, table row or line of code a line; empty where a page has none.
    facts : Facts
        Title, date, source and editor.
    prose : int
        Characters of prose in it.
    nodes : int
        Elements and texts of the page.
    """

    text: str
    facts: Facts = field(default_factory=Facts)
    prose: int = 0
    nodes: int = 0


def main_text(html: str) -> MainText:
    """The main text of a page.

    Parameters
    ----------
    html : str
        The page; its declared encoding is ignored.

    Returns
    -------
    MainText
        Navigation, comments under an article, related links, tools, players and notices of copyright are left out; so
        are the alternative texts of images. Posts of a thread follow each other as they stand.

    Examples
    --------
    >>> page = '<title>公告_某县政府</title><ul><li><a href="/">首页</a></ul><h1>公告</h1><p>来源：县水务局'
    >>> page += '<div id="zoom"><p>因检修，明日停水。<p>请相互转告。</div>'
    >>> found = main_text(page)
    >>> found.text, found.facts.title, found.facts.source
    ('因检修，明日停水。\\n请相互转告。', '公告', '县水务局')
    """
    page = parse(_BODY + html.encode("utf-8", "replace"))
    blocks = main_blocks(page)
    if not blocks.holders:
        return MainText("", facts(page, 0, 0), 0, len(page.tag))
    left_out: list[bool] = blocks.left_out.tolist()
    found: list[tuple[str, int]] = []
    for node in blocks.holders:
        found += lines(page, node, int(page.after[node]), left_out.__getitem__)
    first, last = blocks.holders[0], int(page.after[blocks.holders[-1]])
    about = facts(page, first, last)
    kept = _without_links(found, page, blocks)
    kept, about = take_byline(kept, about)
    kept[-1:] = [without_door(line) for line in kept[-1:]]
    return MainText("\n".join(kept), about, blocks.prose, len(page.tag))


def all_text(html: str) -> MainText:
    """All text that a page shows, line by line, navigation and all."""
    page = parse(_BODY + html.encode("utf-8", "replace"))
    tags = page.rows[0]
    found = lines(page, 0, len(page.tag), lambda node: tags[node] in _ALWAYS_OUT)
    return MainText("\n".join(text for text, _ in found), facts(page, 0, 0), 0, len(page.tag))


def _without_links(found: list[tuple[str, int]], page: Page, blocks: Blocks) -> list[str]:
    """The lines without runs of three or more that are nothing but links, without such lines at the end, and tools."""
    links: list[bool] = blocks.links.tolist()
    bare = [bool(links[node]) and _is_link(page, blocks, node, text) for text, node in found]
    kept: list[str] = []
    at = 0
    while at < len(found):
        end = at
        while end < len(found) and bare[end]:
            end += 1
        if end - at >= 3 or (end > at and end == len(found)):
            at = end
            continue
        end = max(end, at + 1)
        kept += [text for text, _ in found[at:end] if not is_tool(text)]
        at = end
    return kept


def _is_link(page: Page, blocks: Blocks, node: int, text: str) -> bool:
    """A line that begins in a link is little more than that link."""
    shown = 0
    while node < len(page.tag) and blocks.links[node]:
        shown += int(page.chars[node])
        node += 1
    return shown + 4 >= len("".join(text.split())) and not text.endswith(("。", "！", "？", "”"))
