"""Rates of bad documents by source, and the sources that are not to be used for them."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from cci_tools.compliance.rates import upper_bound

BAD = ("risk.*", "cleaning.hidden_advertising")
"""Reasons of rejection that speak against the source of a document, and not only against the document."""

HIJACKED = "cleaning.hidden_advertising"


class SourceRate(NamedTuple):
    """What a source's documents say of it.

    Attributes
    ----------
    source : str
        Host, or the name that the dump gives where there is none.
    documents : int
        Documents that were judged: kept so far, or rejected for one of the bad reasons.
    bad : int
        Rejected for one of the bad reasons.
    rate : float
        Share of bad ones.
    bound : float
        The largest rate that the sample does not rule out (one-sided, 95 %, Clopper-Pearson).
    hidden : int
        Of these, pages that hide advertising.
    rule : str or None
        ``"rate"`` or ``"hijacked"`` where the source is not to be used.
    """

    source: str
    documents: int
    bad: int
    rate: float
    bound: float
    hidden: int
    rule: str | None


def judge_sources(
    kept: Mapping[str, int],
    rejected: Mapping[str, Mapping[str, int]],
    *,
    bad: tuple[str, ...] = BAD,
    limit: float = 0.05,
    decided_by: Literal["estimate", "bound"] = "estimate",
    at_least: int = 100,
    hijacked: int = 3,
    hijacked_rate: float = 0.01,
) -> list[SourceRate]:
    """Sources with bad documents, worst first.

    Parameters
    ----------
    kept : mapping of str to int
        Source to documents that were kept so far.
    rejected : mapping of str to (mapping of str to int)
        Source to reason to rejected documents.
    bad : tuple of str
        Reasons that count; ``risk.*`` means all reasons of a stage but ``in_review``.
    limit : float, default 0.05
        A source is not used when its rate is over it.
    decided_by : {"estimate", "bound"}, default "estimate"
        Which figure is compared with the limit. The bound of a small sample is large: with it, a source of fewer
        than 59 documents goes for a single bad one.
    at_least : int, default 100
        Smaller samples decide nothing: their bad documents leave one by one.
    hijacked : int, default 3
        A source with so many pages that hide advertising blocks has been taken over; 0: none is.
    hijacked_rate : float, default 0.01
        And with at least this share of such pages, so that a large site does not go for a few mistakes.

    Returns
    -------
    list of SourceRate

    Examples
    --------
    >>> rows = judge_sources({"a.cn": 90, "b.cn": 999}, {"a.cn": {"risk.gambling": 10}, "b.cn": {"risk.fraud": 1}})
    >>> [(row.source, row.rate, row.rule) for row in rows]
    [('a.cn', 0.1, 'rate'), ('b.cn', 0.001, None)]
    """
    rows = []
    for source, reasons in rejected.items():
        count = sum(number for reason, number in reasons.items() if _is_bad(reason, bad))
        if not count:
            continue
        documents = kept.get(source, 0) + count
        rate, bound = count / documents, upper_bound(count, documents)
        over = (rate if decided_by == "estimate" else bound) > limit and documents >= at_least
        hidden = reasons.get(HIJACKED, 0)
        taken = 0 < hijacked <= hidden and hidden >= hijacked_rate * documents
        rule = "hijacked" if taken else "rate" if over else None
        rows.append(SourceRate(source, documents, count, round(rate, 6), round(bound, 6), hidden, rule))
    return sorted(rows, key=lambda row: (row.rule is None, -row.rate, -row.documents, row.source))


def _is_bad(reason: str, bad: tuple[str, ...]) -> bool:
    if reason.endswith(".in_review"):
        return False  # nobody has decided yet
    return any(reason == name or (name.endswith(".*") and reason.startswith(name[:-1])) for name in bad)
