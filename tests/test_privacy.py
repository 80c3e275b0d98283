"""Personal information: golden cases in both directions, placeholders, properties, and the stage."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cci_tools
from cci_tools.cleaning.privacy import canonical, find, mask_privacy
from cci_tools.cleaning.privacy_kinds import KINDS, SENSITIVE, actions
from cci_tools.cleaning.privacy_numbers import credit_code, id_card, id_check, luhn
from cci_tools.cleaning.stage_privacy import Privacy
from cci_tools.stage import make_batch
from cci_tools.testing import check_stage
from cci_tools.walk import apply

GOLDEN = Path(__file__).parent / "golden" / "privacy"
EVERYTHING = dict.fromkeys(KINDS, "mask")
PLACEHOLDER = re.compile(f"<(?:{'|'.join(kind.label for kind in KINDS.values())})[0-9]+>")


def rows(kind: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (GOLDEN / f"{kind}.jsonl").read_text("utf-8").split("\n") if line]


CASES = [(kind, row) for kind in KINDS for row in rows(kind)]


@pytest.mark.parametrize("kind", KINDS)
def test_five_golden_cases_in_both_directions(kind: str) -> None:
    masked = sum(row["text"] != row["masked"] for row in rows(kind))
    assert masked >= 5 and len(rows(kind)) - masked >= 5


@pytest.mark.parametrize(("kind", "row"), CASES)
def test_golden(kind: str, row: dict[str, str]) -> None:
    only = {name: "mask" if name == kind else "keep" for name in KINDS}
    text, found = mask_privacy(row["text"], only)
    assert text == row["masked"]
    assert any(item.kind == kind for item in found) == (row["text"] != row["masked"])


FRAGMENTS = sorted(
    {row["text"] for _, row in CASES}
    | {"13900000000", "１３９００００００００", "a@b.cn", "<手机号1>", "<邮箱3>", "QQ"}
    | {"微信号", "住址", "电话", "身份证号", "账号", "86"}
    | {" ", "-", "+", ".", "@", "/", "\n", "，", "：", "号", "```", "`", "    ", "https://", "<", ">"}
    | {"010-62000000", "京A"}
)  # fmt: skip
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=8).map("".join)
texts = texts.map(lambda text: text.encode("utf-8", "replace").decode())
choices = st.dictionaries(st.sampled_from(list(KINDS)), st.sampled_from(["keep", "mask"]))


@settings(deadline=None, max_examples=400)
@given(texts, choices)
def test_masking_twice_is_masking_once(text: str, kinds: dict[str, str]) -> None:
    once = mask_privacy(text, kinds)
    twice = mask_privacy(once.text, kinds)
    assert twice.text == once.text
    assert all(item.placeholder is None for item in twice.found)
    assert [(i.kind, i.value) for i in twice.found] == [(i.kind, i.value) for i in once.found if not i.placeholder]


@settings(deadline=None, max_examples=400)
@given(texts)
def test_nothing_outside_the_finds_changes(text: str) -> None:
    masked = mask_privacy(text, EVERYTHING)
    back, shift, last = masked.text, 0, 0
    for item in masked.found:
        assert item.start >= last and text[item.start : item.end] == item.value
        place = item.start + shift
        assert back.startswith(item.placeholder, place)
        back = back[:place] + item.value + back[place + len(item.placeholder) :]
        last = item.end
    assert back == text
    before, after = len(PLACEHOLDER.findall(text)), len(PLACEHOLDER.findall(masked.text))
    assert sum(masked.counts.values()) == len(masked.found) == after - before


@settings(deadline=None)
@given(texts)
def test_equal_values_have_equal_placeholders_and_new_numbers(text: str) -> None:
    masked = mask_privacy(text, EVERYTHING)
    names = {(item.kind, canonical(item.kind, item.value)): item.placeholder for item in masked.found}
    assert all(names[item.kind, canonical(item.kind, item.value)] == item.placeholder for item in masked.found)
    assert len(set(names.values())) == len(names)
    assert not set(names.values()) & set(PLACEHOLDER.findall(text))


@settings(deadline=None)
@given(st.lists(texts, max_size=6))
def test_batch_equals_single_texts(batch: list[str]) -> None:
    out = apply(Privacy(), make_batch(batch))
    for text, masked, counts in zip(batch, out.column("text"), out.column("privacy"), strict=True):
        single = mask_privacy(text)
        assert masked.as_py() == single.text
        assert json.loads(counts.as_py() or "{}") == single.counts


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    assert mask_privacy(text.encode("utf-8", "replace").decode(), EVERYTHING).found == []


def test_numbers_go_on_behind_those_of_the_text() -> None:
    text, found = mask_privacy("<手机号2>和<邮箱1>，还有13900000000、１３９００００００００、139-0000-0001")
    assert text == "<手机号2>和<邮箱1>，还有<手机号3>、<手机号3>、<手机号4>"
    assert [item.placeholder for item in found] == ["<手机号3>", "<手机号3>", "<手机号4>"]


def test_names_of_persons_stay() -> None:
    assert mask_privacy("联系人方砚秋，组长王某某，电话问门卫").found == []


def test_kinds() -> None:
    assert mask_privacy("电话010-62000000", {"landline": "mask"}).text == "电话<座机号1>"
    with pytest.raises(ValueError, match="no kind of personal information: phone"):
        mask_privacy("", {"phone": "mask"})
    with pytest.raises(ValueError, match="keep, mask or drop"):
        actions({"mobile": "hide"})  # type: ignore[dict-item]
    assert {kind for kind, action in actions().items() if action == "keep"} == {"credit_code", "landline", "ip"}


@given(st.integers(0, 10**17 - 1))
def test_identity_numbers_need_region_and_date(number: int) -> None:
    digits = f"{number:017}"
    whole = digits + id_check(digits)
    if id_card(whole):
        assert 1900 <= int(whole[6:10]) <= 2029 and 1 <= int(whole[10:12]) <= 12 and 1 <= int(whole[12:14]) <= 31


@given(st.from_regex("[0-9]{12,18}", fullmatch=True), st.data())
def test_a_changed_digit_fails_the_check(digits: str, data: st.DataObject) -> None:
    place, more = data.draw(st.integers(0, len(digits) - 1)), data.draw(st.integers(1, 9))
    changed = digits[:place] + str((int(digits[place]) + more) % 10) + digits[place + 1 :]
    assert not (luhn(digits) and luhn(changed))
    code = "9144030" + digits.zfill(18)[-10:]
    assert sum(credit_code(code + last) for last in "0123456789ABCDEFGHJKLMNPQRTUWXY") <= 1


def test_check_stage() -> None:
    check_stage(Privacy())
    check_stage(Privacy(kinds={"email": "drop", "landline": "mask"}, most=1))
    assert len({Privacy(), Privacy()}) == 1  # a worker caches the stages that it has opened


def test_stage_columns() -> None:
    texts = ["电话13900000000、13900000001、010-62000000", "身份证号110101190001010000", "无"]
    out = apply(Privacy(), make_batch(texts))
    assert out.column("text").to_pylist() == ["电话<手机号1>、<手机号2>、010-62000000", "身份证号<身份证号1>", "无"]
    assert out.column("privacy").to_pylist() == ['{"mobile": 2, "landline": 1}', '{"id_card": 1}', None]
    assert out.column("sensitive").to_pylist() == [False, True, False]


def test_a_dropped_document_keeps_its_text_and_its_detail_has_no_value() -> None:
    texts = ["手机13900000000，手机13900000001", "手机13900000000", "邮箱fang@yunchuan-post.cn"]
    out = apply(Privacy(kinds={"mobile": "drop"}, most=1), make_batch(texts))
    assert out.column("text").to_pylist() == [texts[0], "手机<手机号1>", "邮箱<邮箱1>"]
    assert out.column("reason").to_pylist() == ["privacy.mobile", None, None]
    assert json.loads(out.column("detail")[0].as_py()) == {"rule": "mobile", "value": 2, "threshold": 1}
    assert out.column("privacy")[0].as_py() == '{"mobile": 2}'


def test_rows_rejected_before_are_left_alone() -> None:
    batch = make_batch(["手机13900000000"], reason=["quality.too_short"], detail=["{}"])
    out = apply(Privacy(kinds={"mobile": "drop"}), batch)
    assert out.column("text")[0].as_py() == "手机13900000000" and out.column("privacy")[0].as_py() is None


@pytest.mark.parametrize(
    "wrong", [{"kinds": {"phone": "mask"}}, {"kinds": {"qq": "x"}}, {"sensitive": ("x",)}, {"most": -1}]
)
def test_wrong_settings_are_named(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="privacy"):
        Privacy(**wrong)  # type: ignore[arg-type]


def test_public_names() -> None:
    assert cci_tools.mask_privacy is mask_privacy and cci_tools.Privacy is Privacy
    assert set(SENSITIVE) == {"id_card", "bank_card", "passport", "hk_macao_permit", "taiwan_permit"}
    assert [span.kind for span in find("微信号：fang_yanqiu")] == ["wechat"]


@pytest.mark.parametrize(
    ("unit", "found"),
    [
        ("13800138000 ", 20_000),
        ("```\n13800138000\n", 5_000),
        ("`13800138000", 10_000),
        ("１３８００１３８０００，", 20_000),
    ],
)
def test_long_tables_of_numbers_cost_no_square(unit: str, found: int) -> None:
    """Each number once, in a line or a run of digits as long as the document; a square of steps would not end."""
    assert len(mask_privacy(unit * (found if "`" not in unit else 2 * found)).found) == found


def test_a_numbered_cue() -> None:
    assert mask_privacy("手机1:13800138000，比分3:13800138000").text == "手机1:<手机号1>，比分3:13800138000"
