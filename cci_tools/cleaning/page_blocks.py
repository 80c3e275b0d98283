"""Which part of a page is its main text: a score of lines, summed up over the tree.

A line of prose counts for its characters, a line of links against them; the element with the largest sum holds the main
text. Names that content management systems give to the element are taken over the sum, and the posts of a thread
together. What stands inside and is none of it (related links, comments, players, tools) is left out.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from cci_tools.kernels.page import NUMBERS, TRAITS, Page, Trait

LINK_COST = 1.5
"""What a character of link text counts against, where a character of prose counts for one."""

PROSE_CHARS = 24
"""Characters that make a line prose without any mark."""

_HIDDEN = {
    *("script", "style", "noscript", "iframe", "select", "button", "textarea", "svg", "math", "template", "title"),
    *("noembed", "noframes", "video", "object", "nav", "footer", "option", "input"),
}
_HIDDEN_TAGS = np.isin(np.arange(256), [NUMBERS[name] for name in _HIDDEN])
_BLOCK_TAGS = np.zeros(256, bool)
_BLOCK_TAGS[: len(TRAITS)] = (TRAITS & Trait.BLOCK) != 0
_BREAK_TAGS = _BLOCK_TAGS.copy()
_BREAK_TAGS[NUMBERS["br"]] = True
_NAMED = {
    *("article", "aside", "blockquote", "center", "div", "dd", "dl", "figure", "form", "header", "li", "main", "p"),
    *("span", "font", "section", "table", "td", "tr", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre"),
    *("tbody", "figcaption"),
}
_NAMED_TAGS = np.isin(np.arange(256), [NUMBERS[name] for name in _NAMED])
_HOLDERS = {
    "article",
    "blockquote",
    "body",
    "center",
    "div",
    "dd",
    "form",
    "li",
    "main",
    "ol",
    "p",
    "section",
    "td",
    "ul",
}
_HOLDER_TAGS = np.isin(np.arange(256), [NUMBERS[name] for name in _HOLDERS])
_A = NUMBERS["a"]

_NAME = re.compile(rb"""(?:^|\s)(?:class|id)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_OUT = re.compile(
    rb"comment|cmt|pinglun|pl_list|relat|recommend|tuijian|xiangguan|share|fenxiang|bdshare|jiathis|sidebar|side-|foot"
    rb"|copyright|banquan|breadcrumb|crumb|position|location|navi|(?:^|[\s_-])nav(?:$|[\s_-])|menu|toolbar|advert|guanggao"
    rb"|(?:^|[\s_-])ad(?:s|box|v)?(?:$|[\s_\d-])|qrcode|ewm|erweima|dianzan|dashang|reward|disclaimer|shengming|statement"
    rb"|hot(?:news|list|word)|rank|paihang|subscribe|login|register|search|popup|dialog|modal|paginat|page_?n(?:um|av)"
    rb"|pagebar|pager|prev|next|shangyi|xiayi|gutter|line-?num|toc(?:$|[\s_-])|author-?(?:bio|info|card)|editor_?info"
    rb"|keyword|(?:^|[\s_-])tags?(?:$|[\s_-])|post-?meta|article-?meta|signature|usercard|(?:^|\s)sign(?:$|\s)|jubao|report"
    rb"|wx-?follow|sticky|friend-?link|youqing|downloadapp|app-?down|wx_code|zan-|gg\d+x|otitle|ep-source|rel-article"
)
_IN = re.compile(
    rb"trs_editor|trs_ueditor|trs_preappend|ucap-content|vsb_content|js_content|artibody|endtext|rwb_zw|p-detail"
    rb"|cnt-main-article|(?:^|\s)zoom(?:$|\s)|article-?_?(?:content|body|text|con)(?:$|[\s_-])|content-?_?article"
    rb"|(?:post|entry|news|detail|art|single)[-_]?(?:content|body|text|txt|con|detail|entry)(?:$|[\s_-])"
    rb"|main-?_?(?:text|txt|content_text)|(?:^|\s)(?:zw|zhengwen|nr|news_txt|bodylabel|mycontent|contentbody)(?:$|\s)"
    rb"|content_mix|rich_media_content|text_con(?:$|\s)|all-txt|a-con(?:$|\s)|contentmain|trs_paper",
)
_POST = re.compile(
    rb"(?:^|\s)t_f(?:$|\s)|(?:^|\s)d_post_content(?:$|\s)|post(?:message|content)_\d|read_?tpc|textstyle_\d|answer-?(?:text|content)"
    rb"|best-text|q-content|(?:^|\s)t_msgfont|anscontent|post_?text(?:$|\s)|reply-?content|(?:^|\s)post(?:$|\s)",
)
_INVISIBLE = re.compile(rb"""(?:^|[\s"'])style\s*=\s*["'][^"']*display\s*:\s*none|\shidden(?:\s|$|=)""")


_NOTHING, _FURNITURE, _CONTENT, _REPLY, _UNSEEN = range(5)


@dataclass(frozen=True, eq=False)
class Blocks:
    """What the main text is made of.

    Attributes
    ----------
    holders : list of int
        Nodes that hold it, in order, none inside another; empty where a page has none.
    left_out : ndarray of bool, shape (n,)
        Nodes that are no part of it, each with all that is inside.
    links : ndarray of bool, shape (n,)
        Nodes inside a link.
    prose : int
        Characters of prose in the holders.
    """

    holders: list[int]
    left_out: npt.NDArray[np.bool_]
    links: npt.NDArray[np.bool_]
    prose: int


def main_blocks(page: Page) -> Blocks:
    """Choose the main text of a page."""
    count = len(page.tag)
    tag = page.tag
    named = np.flatnonzero(_NAMED_TAGS[tag] & (page.stop - page.start > 4))
    out, inside, posts, invisible = _names(page, named)
    hidden = _HIDDEN_TAGS[tag]
    hidden[invisible] = True
    within_hidden = _within(page, np.flatnonzero(hidden))
    links = _within(page, np.flatnonzero((tag == _A) & (page.stop - page.start > 5)))

    # Lines: a block begins one and ends one, <br> ends one.
    breaks = np.zeros(count + 1, np.int32)
    block = np.flatnonzero(_BREAK_TAGS[tag])
    breaks[block] = 1
    breaks[page.after[block]] = 1
    line = np.cumsum(breaks[:-1])
    shown = np.where(within_hidden, 0, page.chars)
    total = int(line[-1]) + 1 if count else 1
    plain = np.bincount(line, np.where(links, 0, shown), total)
    linked = np.bincount(line, np.where(links, shown, 0), total)
    marks = np.bincount(line, np.where(within_hidden | links, 0, page.marks), total)
    prose = ((marks >= 1) & (plain >= 8)) | (plain >= PROSE_CHARS)
    value = np.where(prose, plain + 8 * np.minimum(marks, 4) - linked, np.minimum(plain, 4) - LINK_COST * linked)
    written = np.concatenate(([0], np.cumsum(np.where(prose[line] & ~links, shown, 0))))
    # What a name calls furniture, but holds half of the prose, is a frame around everything.
    out = out[2 * (written[page.after[out]] - written[out]) < written[-1]]
    left_out = hidden.copy()
    left_out[out] = True
    within_out = _within(page, out)
    # Each line's value goes to its first text.
    texts = np.flatnonzero((tag == 0) & (shown > 0))
    owner, first = np.unique(line[texts], return_index=True)
    gain = np.zeros(count + 1)
    gain[texts[first]] = value[owner]
    gain[:-1][within_out] = np.minimum(gain[:-1][within_out], 0) - 0.3 * shown[within_out]
    sums = np.concatenate(([0.0], np.cumsum(gain[:-1])))
    holders = np.flatnonzero(_HOLDER_TAGS[tag] & ~within_hidden & ~within_out)
    score = sums[page.after[holders]] - sums[holders]

    def chars(node: int) -> int:
        return int(written[page.after[node]] - written[node])

    if not len(holders) or score.max() <= 0:
        return Blocks([], left_out, links, 0)
    best_score = float(score.max())
    best = int(holders[np.flatnonzero(score >= best_score - 1e-9)[-1]])  # the innermost of equals
    chosen = [best]
    scores = dict(zip(holders.tolist(), score.tolist(), strict=True))
    thread = [node for node in _outermost(page, posts) if not within_hidden[node]]
    threaded = sum(max(scores.get(node, 0.0), 0.0) for node in thread)
    system = [node for node in inside.tolist() if scores.get(node, 0.0) >= 0.4 * best_score and chars(node) >= 20]
    if len(thread) > 1 and threaded >= 0.3 * best_score:
        chosen = thread
    elif system:
        most = max(scores[node] for node in system)
        chosen = [
            max(node for node in system if scores[node] >= 0.7 * most)
        ]  # the innermost: wrappers have such names too
    elif thread and threaded >= 0.5 * best_score:
        chosen = thread
    for node in chosen:
        left_out[node] = False
    return Blocks(chosen, left_out, links, sum(map(chars, chosen)))


def _names(page: Page, nodes: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], ...]:
    """Of some elements those that are named as no part of the main text, as the main text, as a post; the invisible."""
    found: tuple[list[int], ...] = ([], [], [], [], [])
    data = page.data
    for node, start, stop in zip(nodes.tolist(), page.start[nodes].tolist(), page.stop[nodes].tolist(), strict=True):
        attributes = data[start:stop].lower()
        if (b"none" in attributes or b"hidden" in attributes) and _INVISIBLE.search(attributes):
            found[_UNSEEN].append(node)
        if b"class" in attributes or b"id" in attributes:
            found[_kind(b" ".join(map(b"".join, _NAME.findall(attributes))))].append(node)
    return tuple(np.array(found[kind], np.intp) for kind in (_FURNITURE, _CONTENT, _REPLY, _UNSEEN))


@lru_cache(1 << 16)
def _kind(names: bytes) -> int:
    """What the names of an element say; a site has few, and uses them on every page."""
    if b"jammer" in names:  # text that forums mix in against copying
        return _UNSEEN
    if _POST.search(names):
        return _REPLY
    if _IN.search(names):
        return _CONTENT
    return _FURNITURE if _OUT.search(names) else _NOTHING


def _within(page: Page, nodes: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Which nodes are one of these or inside one."""
    depth = np.zeros(len(page.tag) + 1, np.int32)
    np.add.at(depth, nodes, 1)
    np.add.at(depth, page.after[nodes], -1)
    inside: npt.NDArray[np.bool_] = np.cumsum(depth[:-1]) > 0
    return inside


def _outermost(page: Page, nodes: npt.NDArray[np.intp]) -> list[int]:
    found: list[int] = []
    for node in nodes.tolist():
        if not found or node >= page.after[found[-1]]:
            found.append(node)
    return found
