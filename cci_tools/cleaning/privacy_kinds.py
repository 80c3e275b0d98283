"""The kinds of personal information: their placeholders, and what is done with them unless a recipe says otherwise."""

from types import MappingProxyType
from typing import Literal, NamedTuple

Action = Literal["keep", "mask", "drop"]


class Kind(NamedTuple):
    """A kind of information.

    Attributes
    ----------
    label : str
        What its placeholders say: ``<手机号1>``.
    action : {"keep", "mask"}
        Default. What leads to one person is masked; what names an organisation or a machine is counted and stays.
    sensitive : bool
        Whether GB/T 35273-2020, annex B, counts it as sensitive.
    """

    label: str
    action: Action
    sensitive: bool = False


KINDS = MappingProxyType(
    {
        "id_card": Kind("身份证号", "mask", sensitive=True),
        "credit_code": Kind("信用代码", "keep"),
        "bank_card": Kind("银行卡号", "mask", sensitive=True),
        "passport": Kind("护照号", "mask", sensitive=True),
        "hk_macao_permit": Kind("港澳通行证号", "mask", sensitive=True),
        "taiwan_permit": Kind("台胞证号", "mask", sensitive=True),
        "email": Kind("邮箱", "mask"),
        "mobile": Kind("手机号", "mask"),
        "landline": Kind("座机号", "keep"),
        "qq": Kind("QQ号", "mask"),
        "wechat": Kind("微信号", "mask"),
        "licence_plate": Kind("车牌号", "mask"),
        "address": Kind("住址", "mask"),
        "ip": Kind("IP地址", "keep"),
    }
)
"""Every kind by name, in the order of precedence where two claim the same characters."""

DEFAULTS = MappingProxyType({name: kind.action for name, kind in KINDS.items()})
SENSITIVE = tuple(name for name, kind in KINDS.items() if kind.sensitive)


def actions(chosen: dict[str, Action] | None = None) -> dict[str, Action]:
    """The action of every kind: the defaults, with those that are given in their place.

    Raises
    ------
    ValueError
        There is no such kind, or no such action.

    Examples
    --------
    >>> actions({"landline": "mask"})["landline"]
    'mask'
    """
    for name, action in (chosen or {}).items():
        if name not in KINDS:
            raise ValueError(f"no kind of personal information: {name}; there are {', '.join(KINDS)}")
        if action not in ("keep", "mask", "drop"):
            raise ValueError(f"{name} = {action!r}: keep, mask or drop")
    return {**DEFAULTS, **(chosen or {})}
