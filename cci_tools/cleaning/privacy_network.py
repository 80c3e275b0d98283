"""The rules for addresses of machines and of mailboxes."""

import re
from collections.abc import Iterator

from cci_tools.cleaning import privacy_numbers as numbers
from cci_tools.cleaning.privacy_context import Document, fold
from cci_tools.cleaning.privacy_rules import Span

_IP_BEFORE = re.compile(
    "(?:[A-Za-z0-9_.@-]|[^/]/|版本|版|version:?|ver\\.?|v\\.?|release|第|节|章|图|表|升级到|更新到) ?\\Z", re.I
)
_IP_AFTER = re.compile('[A-Za-z_/-]|\\.[A-Za-z0-9]|[”"]?\\s?(?:版|第|节|章|条|内核|或更高|及以上)')
_IP_CUE = re.compile("(?:\\bip(?:v4)?|地址|来自)[^0-9。；\n]{0,8}\\Z", re.I)
_LINE_HEAD, _HEADING = re.compile("(?:\\A|\n)[# \t*]*\\Z"), re.compile("[ \t]*[^\\s0-9,;:]")
_SECTIONS = 30
"""Four numbers none of which is greater are the number of a section or a version, unless a cue says otherwise."""


def quad(document: Document, start: int, end: int) -> Iterator[Span]:
    """An address of the public internet; no version, no number of a section."""
    address = fold(document.text[start:end])
    if not numbers.public_ip(address):
        return
    before, after = document.before(start), document.after(end)
    if not _IP_CUE.search(before):
        if _IP_BEFORE.search(before) or _IP_AFTER.match(after) or document.in_url(start):
            return
        if max(map(int, address.split("."))) <= _SECTIONS or (_LINE_HEAD.search(before) and _HEADING.match(after)):
            return
    yield Span("ip", start, end)


_LOCAL = re.compile("[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_+-])?\\Z")
_DOMAIN = re.compile(
    "(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.){1,5}([A-Za-z]{2,12})(?![A-Za-z-]|\\.[A-Za-z0-9])"
)
_GENERIC = """
com net org edu gov mil int info biz name pro mobi asia tel xyz top vip club site online shop store wang ltd group tech
ink red cloud link live fun work art love dev app aero museum coop email wiki design host press space website news blog
"""
_COUNTRIES = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg
ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi
gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw
ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng
ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn
so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws
ye yt za zm zw
"""
_RESERVED_TOP = "example test invalid localhost"  # RFC 2606
_TOP_LEVEL = frozenset(f"{_GENERIC}{_COUNTRIES}{_RESERVED_TOP}".split())
_RESERVED = re.compile("(?:.*\\.)?(?:example(?:\\.(?:com|net|org|cn))?|test|invalid|localhost)", re.I)
# Hosts of documentation, and of the names of ciphers.
_NO_HOST = re.compile(
    "(?:.*\\.)?(?:my|your|some)?-?(?:domain|company|email|host|site|provider|something|xxx|xyz|admin)\\.[a-z]{2,3}|"
    "openssh\\.com|libssh\\.org",
    re.I,
)
_NOBODY = re.compile(
    "(?:(?:\\w+_)?user(?:name)?|admin|test|foo|bar|name|you|your.*|my.?(?:name|e?mail|account)|someone|somebody|me|e?mail|example|"
    "abc|xxx+|no-?reply|nobody|postmaster|alice|bob|joe|john|jane|john.?doe|first\\.?last|\\w{1,2})[0-9]*",
    re.I,
)
_ACCOUNT = re.compile("git|root|ubuntu|ec2-user|www-data", re.I)
_NO_MAIL = re.compile("(?:://|\\bwww\\.)[!#-&*-;=?-~]*\\Z|\\b(?:ssh|scp|rsync|sftp|ssh-copy-id|mosh)\\b[^\n@]{0,60}\\Z")


def at(document: Document, start: int, end: int) -> Iterator[Span]:
    """An e-mail address. Hanzi may touch it on both sides.

    Stay: what documentation makes up (a domain that RFC 2606 reserves, or a name such as user, if either is in code or
    both come together), and the accounts of machines (root@, git@, ``ssh name@host``).
    """
    local, domain = _LOCAL.search(document.before(start, 80)), _DOMAIN.match(document.after(end, 120))
    if not local or not domain or domain.group(1).lower() not in _TOP_LEVEL or ".." in local.group():
        return
    name, host, begin = local.group(), domain.group(), start - len(local.group())
    made_up, nobody = _RESERVED.fullmatch(host), _NOBODY.fullmatch(name)
    if (made_up and nobody) or ((made_up or nobody) and document.in_code(begin)):
        return
    if _ACCOUNT.fullmatch(name) or _NO_HOST.fullmatch(host):
        return
    if re.match(":[A-Za-z/~]", document.after(end + domain.end(), 2)):  # a place on a machine
        return
    if not _NO_MAIL.search(document.before(begin, 200)):
        yield Span("email", begin, end + domain.end())
