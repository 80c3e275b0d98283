"""Why a line, row, page or record of a dump is not a document."""

READER_REASONS = {
    "malformed_json": "The line is not JSON.",
    "not_an_object": "The line is JSON, but not an object with fields.",
    "invalid_utf8": "The line has bytes that are not text in the encoding of its file.",
    "missing_text": "The record has none of the fields that hold the text, or they are null.",
    "text_not_string": "The field that holds the text is something other than a string.",
    "lone_surrogate": "The text has half of a surrogate pair, which no encoding can write.",
    "malformed_row": "The cells of the row do not fit the columns of the table.",
    "too_large": "The document is larger than max_document_bytes; its beginning is kept.",
    "truncated_file": "The compressed file ends before its data does; what was cut follows the last whole document.",
    "corrupt_file": "The file cannot be decoded from here on.",
    "unreadable_file": "The file cannot be opened or read.",
    "no_main_text": "The page has no main text: a frame set, a redirection, links, an error, notices, nothing.",
    "broken_page": "The page cannot be parsed: it is binary, or has more elements than any page has.",
    "broken_record": "The record of the WARC file contradicts itself; reading goes on at the next.",
    "not_a_page": "The record or archive member is of a kind that is not read, such as an image.",
    "http_status": "The server answered with an error or a redirection, not with the page.",
    "encrypted": "The archive member is encrypted.",
    "nested_archive": "The archive member is an archive itself; unpack it first.",
}
"""Every reason that a reader gives, without its ``reader.``, and what it means."""
