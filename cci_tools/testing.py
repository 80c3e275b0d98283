"""A conformance suite that every stage, ours or a user's, must pass: ``check_stage(MyStage(...))``."""

import json
import pickle
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cci_tools.stage import Stage, make_batch, set_column
from cci_tools.walk import apply

HOSTILE = (
    "",
    " \t\r\n\u3000",
    "\x00\x07\u200b\ufeff\ue000\ufffd",
    "字" * 50_000,
    "\n" * 5_000,
    "１２３ＡＢＣ，。；：？！（）“”",
    "國務院辦公廳關於印發的通知",
    "𠀀𪜀👨‍👩‍👧‍👦🇨🇳",
    "<div>&nbsp;&amp;nbsp;&#8203;&#x4e2d;</div><script>var _hmt=[];</script>",
    "https://www.gov.cn/ zhangsan@example.cn 13800138000",
    "市人民政府办公厅印发通知，要求各部门认真落实年度重点任务，切实做好民生保障和安全生产工作。\n" * 5,
    "责任编辑：王某\n【打印本页】【关闭窗口】\n上一篇：没有了",
    "a\u2028b\u2029c\x85d\x0ce",
)
"""Texts that break careless code: empty, controls, one character for ever, surrogate-range neighbours, markup."""


def check_stage(stage: Stage) -> None:
    """Assert that a stage keeps the contract of `cci_tools.stage.Stage`.

    Checked: it is a frozen dataclass that pickles; name, version, reasons and added columns are declared; the one-row
    rule on ordinary, empty, sliced and hostile batches; rows already rejected stay as they are; each reason given is
    declared and has a detail that is a JSON object with a `rule`; the result does not depend on how rows are batched,
    on slicing, or on a second call.

    Raises
    ------
    AssertionError
        With the broken clause.

    Examples
    --------
    >>> from cci_tools.cleaning.stage import Cleaning
    >>> check_stage(Cleaning())
    """
    kind = type(stage).__name__
    parameters: Any = getattr(stage, "__dataclass_params__", None)
    assert parameters is not None, f"{kind} is not a dataclass"
    assert parameters.frozen, f"{kind} is not frozen"
    assert pickle.loads(pickle.dumps(stage)) == stage, "a stage must come back equal from pickle"
    for name in ("name", "version", "reasons", "adds"):
        assert hasattr(stage, name), f"class attribute {name!r} is missing"
    assert all(text.strip() for text in stage.reasons.values()), "every reason needs a sentence that explains it"
    stage.open()

    batch = make_batch(
        HOSTILE, url=["http://www.gov.cn/a.htm", None, "not a url ://", "", *[None] * (len(HOSTILE) - 4)]
    )
    whole = apply(stage, batch)
    for field in stage.adds:
        assert whole.schema.field(field.name).equals(field), f"column {field.name!r} is not of the declared type"
    whole.validate(full=True)
    for reason, detail in zip(whole.column("reason").to_pylist(), whole.column("detail").to_pylist(), strict=True):
        if reason is not None:
            assert "rule" in json.loads(detail), f"{reason}: detail {detail!r} has no rule"

    assert apply(stage, batch).equals(whole), "a second call gave another result"
    assert apply(stage, batch.slice(3, 5)).equals(whole.slice(3, 5)), "a slice gave another result than the whole batch"
    single = [apply(stage, batch.slice(i, 1)) for i in range(batch.num_rows)]
    together = pa.Table.from_batches(single).combine_chunks().to_batches()[0]
    assert together.equals(whole), "the result depends on how rows are batched"
    assert apply(stage, batch.slice(0, 0)).num_rows == 0, "an empty batch must stay empty"

    marked = batch
    for name, value in (("reason", "reader.malformed_json"), ("detail", "{}")):
        column = pa.array([value] * batch.num_rows, pa.string())
        marked = set_column(marked, batch.schema.field(name), column)
    after = apply(stage, marked)
    assert pc.all(pc.equal(after.column("reason"), "reader.malformed_json")).as_py(), (
        "a rejected row changed its reason"
    )
    assert after.column("text").equals(marked.column("text")), "the text of a rejected row changed"
