"""The one-row rule and the ledger: what a careless stage does is caught, and nothing is lost."""

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cci_tools.ledger import Ledger, LedgerError
from cci_tools.stage import Stage, make_batch, reject, set_column
from cci_tools.testing import check_stage
from cci_tools.walk import OneRowError, apply, walk


@dataclass(frozen=True, kw_only=True)
class Short(Stage):
    """Rejects short texts and adds their length."""

    name: ClassVar[str] = "short"
    version: ClassVar[str] = "1"
    reasons: ClassVar[dict[str, str]] = {"few": "fewer characters than asked for"}
    adds: ClassVar[tuple[pa.Field, ...]] = (pa.field("length", pa.int32()),)

    least: int = 3

    def process(self, batch):
        lengths = np.array([len(text) for text in batch.column("text").to_pylist()], np.int32)
        batch = set_column(batch, self.adds[0], pa.array(lengths))
        few = lengths < self.least
        return reject(batch, self, few, "few", lambda i: {"rule": "length", "value": int(lengths[i]), "threshold": 3})


class Dropping(Short):
    def process(self, batch):
        return super().process(batch).slice(0, max(0, batch.num_rows - 1))


class Reordering(Short):
    def process(self, batch):
        return super().process(batch).take(pa.array(range(batch.num_rows - 1, -1, -1)))


class Undeclared(Short):
    reasons: ClassVar[dict[str, str]] = {"other": "a reason that it does not give", "few": ""}

    def process(self, batch):
        batch = super().process(batch)
        return set_column(batch, batch.schema.field("reason"), pa.array(["short.else"] * batch.num_rows, pa.string()))


class NoColumn(Short):
    def process(self, batch):
        return batch


class Overwriting(Short):
    def process(self, batch):
        batch = super().process(batch)
        return set_column(batch, batch.schema.field("reason"), pa.array(["short.few"] * batch.num_rows, pa.string()))


def test_a_well_behaved_stage_conforms():
    check_stage(Short())


@pytest.mark.parametrize("kind", [Dropping, Reordering, Undeclared, NoColumn])
def test_a_broken_stage_is_caught(kind):
    with pytest.raises(OneRowError):
        apply(kind(), make_batch(["一", "二二二二", "三三三三"]))


def test_a_reason_is_never_overwritten():
    batch = make_batch(["一二三四"], reason=["reader.malformed_json"], detail=["{}"])
    with pytest.raises(OneRowError, match="rejected before"):
        apply(Overwriting(), batch)


def test_an_undeclared_reason_is_an_error_of_the_stage():
    with pytest.raises(KeyError, match="does not declare"):
        reject(make_batch(["一"]), Short(), np.array([True]), "nothing", lambda i: {})


@given(st.lists(st.lists(st.text(max_size=6), max_size=5), max_size=5))
def test_nothing_is_lost_on_the_way(groups):
    batches = [make_batch(texts) for texts in groups]
    ledger = Ledger()
    kept, gone = [], []
    for good, rejects in walk(batches, [Short(), Short(least=5)], ledger):
        kept += good.column("text").to_pylist()
        gone += [row for batch in rejects for row in batch.to_pylist()]
    ledger.check()
    texts = [text for group in groups for text in group]
    assert Counter(kept) + Counter(row["text"] for row in gone) == Counter(texts)
    assert all(len(text) >= 5 for text in kept)
    assert all(row["stage"] == "short" and row["reason"] == "short.few" and row["detail"] for row in gone)
    assert (ledger.read, ledger.kept) == (len(texts), len(kept))
    assert ledger.bytes_read == sum(len(text.encode()) for text in texts)


def test_a_ledger_that_does_not_close_is_an_error():
    with pytest.raises(LedgerError, match="1 documents lost"):
        Ledger(read=3, kept=1, rejected=Counter({"a.b": 1})).check()
    with pytest.raises(LedgerError, match="1 documents too many"):
        Ledger(read=1, kept=1, rejected=Counter({"a.b": 1})).check()


def test_ledgers_add_up_and_travel_as_json():
    one = Ledger(3, 1, Counter({"a.x": 1, "b.y": 1}), 30, 10)
    two = Ledger(2, 1, Counter({"a.x": 1}), 20, 10)
    assert (one + two).check().by_stage() == {"a": {"x": 2}, "b": {"y": 1}}
    assert Ledger.from_dict((one + two).to_dict()) == one + two


def test_a_stage_runs_on_a_table_and_on_a_dict_of_columns():
    table = pa.table({"text": pa.array(["一", "二二二二"], pa.large_string()), "mine": [1, 2]})
    result = Short()(table)
    assert result.column_names == ["text", "mine", "length", "reason", "detail"]
    assert result.column("reason").to_pylist() == ["short.few", None]
    assert result.schema.field("text").type == pa.large_string()
    assert Short()({"text": ["二二二二"]})["length"] == [4]
    with pytest.raises(KeyError, match="'text' is needed"):
        Short()(pa.table({"content": ["一"]}))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.null(), pa.dictionary(pa.int32(), pa.string())])
def test_a_stage_runs_on_empty_tables_and_null_texts(kind):
    empty = Short()(pa.table({"text": pa.array([], kind)}))
    assert empty.column_names == ["text", "length", "reason", "detail"]
    nothing = Short()(pa.table({"text": pa.array([None, None], kind)}))
    assert nothing.column("reason").to_pylist() == ["short.few"] * 2
