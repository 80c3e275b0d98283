"""The data contract: the columns of a document, their types, and the rule for ids."""

import pyarrow as pa

CORE = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("source", pa.string()),
        pa.field("url", pa.string()),
        pa.field("title", pa.string()),
        pa.field("published", pa.string()),  # as the dump has it; compliance adds the parsed `date`
        pa.field("origin", pa.string(), nullable=False),  # "dumps/a.jsonl#byte=1234": where the row can be found again
        pa.field("meta", pa.string()),  # fields of the dump that no column was mapped to, as a JSON object
        pa.field("reason", pa.string()),  # "quality.too_few_hanzi"; null while the document is kept
        pa.field("detail", pa.string()),  # JSON object: rule, value, threshold
    ]
)
"""The columns that every batch has, in this order and before the columns that stages add."""

REJECTS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("source", pa.string()),
        pa.field("url", pa.string()),
        pa.field("host", pa.string()),
        pa.field("tier", pa.string()),
        pa.field("title", pa.string()),
        pa.field("published", pa.string()),
        pa.field("stage", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detail", pa.string()),
        pa.field("duplicate_of", pa.string()),  # id of the kept document
        pa.field("similarity", pa.float64()),  # exact Jaccard with it
        pa.field("meta", pa.string()),
        pa.field("text", pa.string(), nullable=False),
    ]
)
"""The columns of ``rejects/``."""

IN_REVIEW = ".in_review"
"""End of the reasons of documents that wait for a decision: they go to ``review/``, in the columns of ``rejects/``."""

VERDICT = ("reason", "detail")
"""Core columns that say why a document is rejected; the published corpus does not carry them."""


def stage_of(reason: str) -> str:
    """Stage part of a reason.

    >>> stage_of("quality.too_few_hanzi")
    'quality'
    """
    return reason.partition(".")[0]
