"""Class counts: the kernel equals its plain twin on any bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.script import count_classes as plain

from cci_tools.kernels.script import count_classes

CLASSES = (np.arange(65536) * 2654435761 % 5).astype(np.uint8)
texts = st.binary(max_size=40) | st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace"))
texts = st.lists(texts | st.sampled_from(["中国", "\u3000，", "é", "\U00020000", "か"]).map(str.encode), max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.lists(texts.map(b"".join), max_size=5))
def test_equals_the_plain_twin(batch: list[bytes]) -> None:
    values = np.frombuffer(b"".join(batch), np.uint8)
    offsets = np.cumsum([0, *map(len, batch)], dtype=np.int64)
    table = CLASSES.tolist()
    assert count_classes(values, offsets, CLASSES).tolist() == [plain(text, table) for text in batch]


def test_arguments_are_checked() -> None:
    values, offsets = np.zeros(0, np.uint8), np.zeros(1, np.int64)
    with pytest.raises(ValueError, match="one for each code point"):
        count_classes(values, offsets, CLASSES[:100])
    with pytest.raises(ValueError, match="0 to 4"):
        count_classes(values, offsets, CLASSES + np.uint8(1))
