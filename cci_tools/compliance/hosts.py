"""The host of a URL, as a browser would find it, in the one form that rules and look-ups share."""

import ipaddress
import posixpath
import re
import socket
import unicodedata
from urllib.parse import unquote

_SPECIAL = frozenset({"http", "https", "ftp", "ws", "wss"})  # any number of slashes, either way round, may follow
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PORT = re.compile(r"\d+(?=[/\\?#]|$)")
_PORT_NUMBER = re.compile(r"0*[0-9]{1,5}")
_END = re.compile(r"[/\\?#]")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")

_SECOND_LEVEL = """ac com edu gov mil net org
ah bj cq fj gd gs gx gz ha hb he hi hk hl hn jl js jx ln mo nm nx qh sc sd sh sn sx tj tw xj xz yn zj"""
PUBLIC_SUFFIXES = frozenset(f"{label}.cn" for label in _SECOND_LEVEL.split())
"""Second-level domains of .cn under which others register: a rule for one of them matches exactly unless it says
otherwise, or every ``*.gov.cn`` would be the State Council."""

_EDGE = "".join(map(chr, range(0x21))) + "\x7f\u00a0\u200b\u3000\ufeff"
_BREAKS = dict.fromkeys(map(ord, "\t\r\n"))
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_MAX_HOST = 253
_MAX_PORT = 65535


def host_of(url: str) -> str:
    """Host of a URL: scheme, userinfo, port, trailing dots and a leading ``www.`` stripped, lower case, A-labels.

    Follows what a browser does with the same string (WHATWG URL): back slashes are slashes, line breaks inside are
    ignored, percent escapes and full-width characters in the host are decoded, and what stands before an ``@`` is no
    host. An address without a scheme is taken for a web address when it has a dot.

    Parameters
    ----------
    url : str
        A URL, or a host alone.

    Returns
    -------
    str
        The host; an IP address in its canonical form, IPv6 without brackets; ``""`` where there is no valid host.

    Examples
    --------
    >>> host_of("HTTPS://user@WWW.Gov.CN.:8080/a?b#c")
    'gov.cn'
    >>> host_of("http://www.gov.cn@evil.example/")
    'evil.example'
    >>> host_of("http://新闻.中国/"), host_of("http://60.216.0.164:80/"), host_of("javascript:void(0)")
    ('xn--efvy88h.xn--fiqs8s', '60.216.0.164', '')
    """
    return split_url(url)[0]


def split_url(url: str) -> tuple[str, str]:
    """Host (see `host_of`) and path of a URL.

    The path starts with a slash, has its percent escapes decoded, its dot segments and repeated slashes resolved, and
    no trailing slash: ready for comparison with the path of a rule.

    Examples
    --------
    >>> split_url("http://paper.people.com.cn//rmrb/./html/?page=1")
    ('paper.people.com.cn', '/rmrb/html')
    """
    rest = _after_scheme(url.strip(_EDGE).translate(_BREAKS))
    end = _END.search(rest)
    authority, tail = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    host = _clean_host(authority.rpartition("@")[2])
    path = unquote(re.split(r"[?#]", tail, maxsplit=1)[0]).replace("\\", "/")
    return host, posixpath.normpath("/" + path.lstrip("/"))


def is_address(host: str) -> bool:
    """Whether a host that `host_of` gave is an IP address: such a host has no parent domain.

    >>> is_address("60.216.0.164"), is_address("2001:db8::1"), is_address("163.com")
    (True, True, False)
    """
    return ":" in host or host.rpartition(".")[2].isdigit()


def _after_scheme(text: str) -> str:
    """What follows scheme and slashes; empty where the text has no authority."""
    scheme = _SCHEME.match(text)
    if scheme:
        rest = text[scheme.end() :]
        if scheme[1].lower() in _SPECIAL:
            return rest.lstrip("/\\")
        if rest.startswith("//"):
            return rest[2:]
        return text if "." in scheme[1] and _PORT.match(rest) else ""  # www.gov.cn:80/ is no scheme
    if text.startswith(("//", "\\\\")):
        return text.lstrip("/\\")
    return text if "." in _END.split(text, maxsplit=1)[0] else ""


def _clean_host(text: str) -> str:
    """The host of an authority without userinfo, or an empty string."""
    host, port = _without_port(text)
    if port and not (_PORT_NUMBER.fullmatch(port) and int(port) <= _MAX_PORT):
        return ""
    if ":" in host:
        return _ipv6(host)
    if "%" in host:
        host = unquote(host)
    if len(host) > 4 * _MAX_HOST:
        return ""
    if not host.isascii():
        host = _to_ascii(host)
    host = host.lower().rstrip(".")
    if len(host) > _MAX_HOST or not _HOST.fullmatch(host):
        return ""
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            return ""
    bare = host.removeprefix("www.")
    return bare if "." in bare else host


def _without_port(text: str) -> tuple[str, str]:
    """Host and port of an authority; an IPv6 address loses its brackets."""
    if text.startswith("["):
        inner, closed, port = text[1:].partition("]")
        return (inner, port.removeprefix(":")) if closed and port[:1] in ("", ":") and ":" in inner else ("", "")
    if text.count(":") > 1:
        return text, ""  # an address without brackets
    host, _, port = text.partition(":")
    return host, port


def _ipv6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text if "%" not in text else "")
    except ValueError:
        return ""
    return str(address.ipv4_mapped or address.compressed)  # ::ffff:60.216.0.164 is 60.216.0.164


def _to_ascii(host: str) -> str:
    """A host with A-labels for labels of other scripts (UTS 46: compatibility forms mapped, invisible ones ignored)."""
    mapped = unicodedata.normalize("NFKC", host.translate(_INVISIBLE)).lower()
    mapped = unicodedata.normalize("NFKC", mapped).replace("。", ".")
    if not all(map(_is_host_character, mapped)):
        return ""
    labels = mapped.split(".")
    return ".".join(label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in labels)


def _is_host_character(character: str) -> bool:
    if character.isascii():
        return True  # judged with the whole host
    kind = unicodedata.category(character)
    return character != "\ufffd" and (kind[0] in "LMN" or kind == "So" or character in "·・")
