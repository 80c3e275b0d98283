"""Clean, deduplicate and audit Chinese text dumps into a training corpus.

The names of `__all__` are the library; each is imported when it is first used, so that importing cci_tools is cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cci_tools.version import VERSION

if TYPE_CHECKING:
    from cci_tools.cleaning.privacy import mask_privacy as mask_privacy
    from cci_tools.cleaning.repair import clean_text as clean_text
    from cci_tools.cleaning.stage import Cleaning as Cleaning
    from cci_tools.cleaning.stage_privacy import Privacy as Privacy
    from cci_tools.compliance.stage import Compliance as Compliance
    from cci_tools.compliance.stage_risk import Risk as Risk
    from cci_tools.decontamination.stage import Decontamination as Decontamination
    from cci_tools.dedup.index import Index as Index
    from cci_tools.dedup.near_duplicates import near_duplicates as near_duplicates
    from cci_tools.dedup.signature import MinHasher as MinHasher
    from cci_tools.dedup.signature import signatures as signatures
    from cci_tools.quality.stage import Quality as Quality
    from cci_tools.stage import Stage as Stage
    from cci_tools.stage import make_batch as make_batch
    from cci_tools.testing import check_stage as check_stage


__version__ = VERSION

_HOME = {
    "Cleaning": "cleaning.stage",
    "Compliance": "compliance.stage",
    "Decontamination": "decontamination.stage",
    "Index": "dedup.index",
    "MinHasher": "dedup.signature",
    "Privacy": "cleaning.stage_privacy",
    "Quality": "quality.stage",
    "Risk": "compliance.stage_risk",
    "Stage": "stage",
    "check_stage": "testing",
    "clean_text": "cleaning.repair",
    "make_batch": "stage",
    "mask_privacy": "cleaning.privacy",
    "near_duplicates": "dedup.near_duplicates",
    "signatures": "dedup.signature",
}

# `quality` is the package of that step, which can be called: cci_tools.quality(texts).
__all__ = sorted([*_HOME, "quality"])


def __getattr__(name: str) -> Any:
    if name == "quality":
        return import_module("cci_tools.quality")
    if name not in _HOME:
        raise AttributeError(f"module 'cci_tools' has no attribute {name!r}")
    value = getattr(import_module(f"cci_tools.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
