"""Plain twin of the page parser."""

import re

from cci_tools.kernels.page import NUMBERS, TRAITS, Trait

_DEPTH = 512
_SPACE = b" \t\n\v\f\r"
_WIDE_SPACE = {0xA0, 0x3000, 0xFEFF, 0x2028, 0x2029, *range(0x2000, 0x2010)}
_MARKS = set("、。，！？；：“”「」…．,;")
_ENTITY = re.compile(r"&([A-Za-z0-9#]{0,9});")
_START = re.compile(rb"[A-Za-z]")

Node = tuple[str, int, int, bytes, int, int]


def _traits(tag: str) -> int:
    return int(TRAITS[NUMBERS[tag]])


class _Page:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.nodes: list[list[object]] = []
        self.stack: list[int] = []
        self.after_inline = False

    def name(self, node: int) -> str:
        return str(self.nodes[node][0])

    def add(self, tag: str, content: bytes, chars: int = 0, marks: int = 0) -> int:
        node = len(self.nodes)
        self.nodes.append([tag, self.stack[-1] if self.stack else -1, node + 1, content, chars, marks])
        return node

    def pop_to(self, size: int) -> None:
        while len(self.stack) > size:
            self.nodes[self.stack.pop()][2] = len(self.nodes)

    def close_nearest(self, wanted: set[str], borders: set[str], *, boundary: bool = True) -> None:
        for at in range(len(self.stack) - 1, -1, -1):
            tag = self.name(self.stack[at])
            if tag in wanted:
                return self.pop_to(at)
            if tag in borders or (boundary and _traits(tag) & Trait.BOUNDARY):
                return None
        return None

    def open(self, tag: str, content: bytes) -> bool:
        if tag == "body" and any(self.name(node) == "body" for node in self.stack):
            return False
        if _traits(tag) & Trait.BLOCK:
            self.close_nearest({"p"}, set())
        if tag == "li":
            self.close_nearest({"li"}, {"ul", "ol"})
        if tag in ("dd", "dt"):
            self.close_nearest({"dd", "dt"}, {"dl"})
        if tag in ("option", "optgroup"):
            self.close_nearest({"option"}, {"select", "optgroup"})
        if tag == "a":
            self.close_nearest({"a"}, set())
        if _traits(tag) & Trait.TABLE_PART:
            level = {"td": 2, "th": 2, "tr": 1}
            for at in range(len(self.stack) - 1, -1, -1):
                other = self.name(self.stack[at])
                if other == "table" or (_traits(other) & Trait.TABLE_PART and level.get(other, 0) < level.get(tag, 0)):
                    break
                if _traits(other) & Trait.TABLE_PART:
                    self.pop_to(at)
        node = self.add(tag, content)
        if _traits(tag) & Trait.VOID or tag == "?" or len(self.stack) >= _DEPTH:
            return False
        self.stack.append(node)
        return True

    def close(self, tag: str) -> None:
        if tag in ("body", "?"):
            return
        for at in range(len(self.stack) - 1, -1, -1):
            other = self.name(self.stack[at])
            if other == tag:
                return self.pop_to(at)
            if not _traits(tag) & Trait.BLOCK:
                stops = bool(_traits(other) & Trait.BLOCK)
            elif tag == "table":
                stops = False
            elif _traits(tag) & Trait.TABLE_PART:
                stops = other == "table"
            else:
                stops = bool(_traits(other) & Trait.BOUNDARY)
            if stops:
                return None
        return None

    def text(self, content: bytes) -> None:
        text = content.decode("utf-8", "replace")
        text = _ENTITY.sub(lambda m: " " if m[1] in ("nbsp", "ensp", "emsp", "#160") else "&", text)
        shown = [c for c in text if c not in " \t\n\v\f\r" and ord(c) not in _WIDE_SPACE]
        in_pre = any(self.name(node) == "pre" for node in self.stack)
        if shown or in_pre or self.after_inline:
            self.add("#text", content, len(shown), sum(c in _MARKS for c in shown))
        self.after_inline = bool(shown)


def _tag_name(data: bytes, at: int) -> tuple[str, int]:
    end = at
    while end < len(data) and data[end : end + 1] not in (b">", b"/", b"<") and data[end] not in _SPACE:
        end += 1
    name = data[at:end].lower().decode("latin-1")
    return (name if name in NUMBERS and name not in ("#text", "?") else "?"), end


def _past(data: bytes, at: int) -> int:
    found = data.find(b">", at)
    return found + 1 if found >= 0 else len(data)


def _attributes_end(data: bytes, at: int) -> tuple[int, bool]:
    closed = False
    while at < len(data) and data[at : at + 1] != b">":
        if data[at : at + 1] == b"<" and (_START.match(data, at + 1) or data[at + 1 : at + 2] == b"/"):
            break
        closed = data[at : at + 2] == b"/>"
        if data[at : at + 1] == b"=":
            at += 1
            while at < len(data) and data[at] in _SPACE:
                at += 1
            quote = data[at : at + 1]
            if quote in (b'"', b"'"):
                end = data.find(quote, at + 1)
                at = end + 1 if end >= 0 else at + 1
            else:
                while at < len(data) and data[at] not in _SPACE and data[at : at + 1] != b">":
                    at += 1
            continue
        at += 1
    return at, closed


def parse(data: bytes) -> list[Node]:
    """Nodes as (name, parent, after, content, chars, marks)."""
    page = _Page(data)
    at = 0
    while at < len(data):
        begin = data.find(b"<", at)
        begin = len(data) if begin < 0 else begin
        if begin > at:
            page.text(data[at:begin])
        at = begin
        if at == len(data):
            break
        rest = data[at + 1 : at + 4]
        if _START.match(rest):
            tag, start = _tag_name(data, at + 1)
            at, closed = _attributes_end(data, start)
            waits = page.open(tag, data[start:at])
            page.after_inline = not _traits(tag) & Trait.BLOCK and tag != "br"
            at += data[at : at + 1] == b">"
            if _traits(tag) & Trait.RAW and not closed:
                pattern = re.compile(rb"</" + tag.encode() + rb"(?=[\s/<>]|\Z)", re.I)
                end = pattern.search(data, at)
                stop = end.start() if end else len(data)
                if end is None and tag == "title":
                    found = data.find(b"<", at)
                    stop = found if found >= 0 else len(data)
                if tag in ("title", "textarea", "xmp") and stop > at:
                    page.text(data[at:stop])
                if waits:
                    page.close(tag)
                at = _past(data, end.end()) if end else stop
            elif waits and closed and tag != "?" and not _traits(tag) & Trait.BLOCK:
                page.close(tag)
        elif rest[:1] == b"/" and _START.match(rest, 1):
            tag, end_of_name = _tag_name(data, at + 2)
            page.close(tag)
            page.after_inline = not _traits(tag) & Trait.BLOCK
            at = _past(data, end_of_name)
        elif rest.startswith(b"!--"):
            found = data.find(b"-->", at + 4)
            at = found + 3 if found >= 0 else _past(data, at + 4)
        elif rest[:1] in (b"!", b"?", b"/"):
            at = _past(data, at + 2)
        else:
            page.text(data[at : at + 1])
            at += 1
    page.pop_to(0)
    return [(str(n[0]), int(n[1]), int(n[2]), bytes(n[3]), int(n[4]), int(n[5])) for n in page.nodes]  # type: ignore[call-overload]
