"""A page saved with its images in one file (MHTML): the page in it."""

from email import message_from_bytes
from email.message import Message

from cci_tools.shards.lines import Failure


def page_of(data: bytes) -> tuple[bytes, str, str, Failure | None]:
    """The page of an MHTML file: its bytes, declared encoding, address, and what is wrong.

    >>> page_of(b"MIME-Version: 1.0\\nContent-Type: text/html; charset=gbk\\nContent-Location: http://a.cn/\\n\\n<p>a")
    (b'<p>a', 'gbk', 'http://a.cn/', None)
    """
    try:
        message = message_from_bytes(data)
        part = _html(message)
        if part is None:
            return data, "", "", Failure("broken_page", "no part of the file is a page")
        content = part.get_payload(decode=True)
        url = part.get("Content-Location") or message.get("Snapshot-Content-Location") or ""
        return content if isinstance(content, bytes) else b"", part.get_content_charset() or "", str(url).strip(), None
    except Exception as error:  # headers of any bytes: the parser of the standard library raises what it likes
        return data, "", "", Failure("broken_page", str(error) or type(error).__name__)


def _html(message: Message) -> Message | None:
    """The part that the others belong to: the one that is named as the start, else the first page."""
    start = message.get_param("start")
    pages = [part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    return next((part for part in pages if part.get("Content-ID") == start), pages[0] if pages else None)
