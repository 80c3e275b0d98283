"""The compiled core: one function over (values, offsets, parameters) of Arrow string buffers each, GIL released."""

try:
    import _cci_tools_core as core
except ImportError as error:
    raise ImportError("cci-tools: the compiled core is not installed; run `pip install .` in the repository") from error

__all__ = ["INTERFACE", "core"]

INTERFACE = 4
if core.INTERFACE != INTERFACE:
    raise ImportError(
        f"cci-tools: the installed compiled core has interface {core.INTERFACE}, this source needs {INTERFACE}; "
        "run `pip install .` in the repository"
    )
