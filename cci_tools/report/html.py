"""Pages of a corpus: one file each that needs nothing beside it."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from cci_tools.report.card import size


def page(template: str, **values: Any) -> str:
    """A page of `cci_tools/report/templates`, filled; whatever documents hold is shown as text, never as markup.

    Parameters
    ----------
    template : str
        Name of the file.
    **values
        What it shows.

    Returns
    -------
    str
        HTML without scripts, and without anything to load.
    """
    text: str = _environment().get_template(template).render(**values)
    return text


def report_page(manifest: dict[str, Any], figures: dict[str, Any]) -> str:
    """``report.html`` of a corpus, from its manifest and `cci_tools.report.figures.figures`."""
    bins = [(f"{number / 20:.2f}", count) for number, count in enumerate(figures["scores"])]
    return page("report.html", manifest=manifest, figures=figures, score_bins=bins)


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    class Lenient(StrictUndefined):
        """An error when it is shown, but false in a condition: a figure that this run does not have."""

        def __bool__(self) -> bool:  # type: ignore[override]
            return False

    environment = Environment(loader=PackageLoader("cci_tools.report"), autoescape=True, undefined=Lenient)
    environment.filters |= {
        "count": "{:,}".format,
        "bytes": size,
        "share": share,
        "years": years,
        "measure": measure,
        "in_words": in_words,
    }
    return environment


def share(value: float) -> str:
    """A share for reading.

    >>> share(0.5), share(0.00021), share(2.4e-7), share(0)
    ('50.0 %', '0.021 %', '<0.001 %', '0 %')
    """
    if not value:
        return "0 %"
    if value < 1e-5:
        return "<0.001 %"
    return f"{value:.1%}".replace("%", " %") if value >= 0.01 else f"{value * 100:.2g} %"


def years(counts: Mapping[str, int], most: int = 30) -> list[tuple[str, int]]:
    """Documents by year without gaps, for a time axis; what lies before the last `most` years in one.

    >>> years({"1947": 1, "2021": 2, "2023": 5}, most=3)
    [('<2021', 1), ('2021', 2), ('2022', 0), ('2023', 5)]
    """
    last = max(map(int, counts))
    first = max(min(map(int, counts)), last - most + 1)
    earlier = sum(count for year, count in counts.items() if int(year) < first)
    span = [(str(year), counts.get(str(year), 0)) for year in range(first, last + 1)]
    return [(f"<{first}", earlier), *span] if earlier else span


def measure(check: Mapping[str, Any], value: float | None) -> str:
    """A figure of a check for reading: rates as a share, counts as they are.

    >>> measure({"id": "manual_pass_rate"}, 0.96), measure({"id": "manual_documents"}, 4000), measure({"id": "x"}, None)
    ('96.0 %', '4,000', '–')
    """
    if value is None:
        return "–"
    if not check["id"].endswith(("_rate", "_share")):
        return f"{value:,}"
    return f"{value:.3%}".replace("%", " %") if 0.99 < value < 1 else share(value)


def in_words(detail: str | None) -> list[tuple[str, str]]:
    """What a reject's detail says, name by name, instead of the JSON object that the column holds.

    >>> in_words('{"rule": "source_rate", "value": 0.25, "threshold": 0.05, "words": ["a", "b"], "contexts": 0}')
    [('rule', 'source_rate'), ('value', '0.25'), ('threshold', '0.05'), ('words', 'a, b'), ('contexts', '0')]
    >>> in_words("no object"), in_words(None)
    ([('detail', 'no object')], [])
    """
    if not detail:
        return []
    try:
        said = json.loads(detail)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return [("detail", detail)]
    return [(name.replace("_", " "), _word(value)) for name, value in said.items() if value not in (None, [], {}, "")]


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_word(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ("; " if any(isinstance(item, dict) for item in value) else ", ").join(map(_word, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
