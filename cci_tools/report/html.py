"""Pages of a corpus: one file each that needs nothing beside it."""

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
    environment.filters |= {"count": "{:,}".format, "bytes": size, "share": share}
    return environment


def share(value: float) -> str:
    """A share for reading.

    >>> share(0.5), share(0.00021), share(0)
    ('50.0 %', '0.021 %', '0 %')
    """
    if not value:
        return "0 %"
    return f"{value:.1%}".replace("%", " %") if value >= 0.01 else f"{value * 100:.2g} %"
