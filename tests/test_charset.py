"""Encodings: told apart on short and damaged texts, and carried through the reader."""

import codecs
import json
import tarfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_data import shared_data

from cci_tools.cleaning import euc_tw
from cci_tools.cleaning.charset import COMMON, decode, decode_as, detect, detect_lines
from cci_tools.shards.reader import Reading, inputs, read_split, splits

SIMPLIFIED = (
    "市人民政府召开常务会议，研究部署下一阶段的重点工作。会议指出，要坚持以人民为中心的发展思想，"
    "切实解决群众关心的实际问题；各部门应当明确责任，按时完成年度任务。"
)
TRADITIONAL = (
    "行政院會議討論通過「文化資產保存法」修正草案，將函請立法院審議。本次修正重點為加強對古蹟的管理與維護，"
    "並明定主管機關之責任；有關經費由中央與地方政府共同負擔。"
)
NAMES = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs", "hz": "hz"}


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk", "gb18030", "utf-16-le", "utf-16-be", "hz"])
@pytest.mark.parametrize("length", [8, 20, 80])
def test_simplified(charset: str, length: int) -> None:
    text = SIMPLIFIED[:length]
    assert decode(text.encode(charset)) == (text, NAMES.get(charset, charset), 0)


@pytest.mark.parametrize("charset", ["utf-8", "big5", "big5hkscs", "euc-tw", "gbk", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("length", [12, 30, 90])
def test_traditional(charset: str, length: int) -> None:
    text = TRADITIONAL[:length]
    assert decode(text.encode(charset)) == (text, NAMES.get(charset, charset), 0)


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks(charset: str) -> None:
    text, name, damage = decode(SIMPLIFIED.encode(charset))
    assert (text, damage) == (SIMPLIFIED, 0)
    assert name == {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[charset]
    assert decode(b"\x84\x31\x95\x33" + SIMPLIFIED.encode("gb18030")) == (SIMPLIFIED, "gb18030", 0)


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "big5"])
def test_a_few_broken_bytes_do_not_lose_the_file(charset: str) -> None:
    text = (TRADITIONAL if charset == "big5" else SIMPLIFIED) + "\n"
    data = (text * 20).encode(charset)
    broken = data[:100] + b"\xff\xfe\x00\xff" + data[100:1500] + b"\xff" + data[1500:-2]
    got, name, damage = decode(broken)
    assert name == NAMES.get(charset, charset)
    assert 1 <= damage <= 12
    assert got.count(text) >= 17


def test_ascii_and_markup_with_few_hanzi() -> None:
    assert detect(b"plain ASCII").name == "utf-8"
    assert detect(b"").name == "utf-8"
    page = '<html><head><meta charset="gb2312"></head><body class="{}">首页 新闻 通知公告</body></html>'.format(
        "x" * 5000
    )
    assert decode(page.encode("gb18030")) == (page, "gb18030", 0)


def test_text_cut_inside_a_character() -> None:
    for cut in (1, 2):
        assert detect(SIMPLIFIED.encode()[:-cut]).name == "utf-8"
    text, name, damage = decode(SIMPLIFIED.encode()[:-1])
    assert (name, damage) == ("utf-8", 1)
    assert text == SIMPLIFIED[:-1] + "\ufffd"


def test_rare_characters_of_gb18030_survive() -> None:
    text = "人名用字：𠮷、㑇、䶮、镕、堃。这些字在公安系统的数据库中应当保留，不得用问号代替。"
    assert decode(text.encode("gb18030")) == (text, "gb18030", 0)


def test_hanzi_whose_gbk_bytes_are_utf8_too() -> None:
    assert decode("学习".encode("gbk") + b"\n") == ("学习\n", "gb18030", 0)
    for text in ("Война и мир", "Ελλάδα", "café, naïve, Zürich"):
        assert decode(text.encode()) == (text, "utf-8", 0)


def test_western_text_in_windows_1252() -> None:
    text = "Le comité d’études a été créé à Genève; les délégués étaient présents."
    assert decode(text.encode("cp1252")) == (text, "cp1252", 0)


VERSE = "孤霞臨石鏡，極浦映村神。細響吟乾葦，餘馨動遠蘋。"


@pytest.mark.parametrize("charset", ["big5", "euc-tw", "gb18030", "utf-16-le", "utf-16-be", "utf-8"])
def test_verse(charset: str) -> None:
    """Few of its characters are frequent in prose."""
    assert decode(VERSE.encode(charset))[::2] == (VERSE, 0)


def test_hz_is_told_by_its_shifts() -> None:
    assert decode("醉思乡 and more 王粲登楼".encode("hz")) == ("醉思乡 and more 王粲登楼", "hz", 0)
    for text in ("a ~{ b", "~{}~}", "~~{ab~}", "f(x) ~{ y; }", "~{ab~} ~{abc"):
        assert decode(text.encode()) == (text, "utf-8", 0)


def test_euc_tw_is_the_big5_repertoire() -> None:
    """The cells of planes 1 and 2, by the counts of CNS 11643, and places where the standards part."""
    table = euc_tw._table()
    one, two = ({c for code, c in table.items() if code.startswith(f"\x8e{plane}")} for plane in "\xa1\xa2")
    assert sum("\u4e00" <= c <= "\u9fff" for c in one) >= 5401 and len(two) == 7650 and not one & two
    for text, code in (
        ("一乙丁", "c4a1c4a2c4a3"),
        ("籲", "fdcb"),
        ("彞", "f6c1"),
        ("乂", "8ea2a1a1"),
        ("，。、", "a1a2a1a4a1a3"),
    ):
        data = bytes.fromhex(code)
        assert data.decode("euc-tw") == text, text
        assert text.encode("euc-tw") == data


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.lists(st.integers(1, 7), max_size=20))
def test_euc_tw_by_pieces(data: bytes, cuts: list[int]) -> None:
    data += TRADITIONAL[:6].encode("euc-tw")
    decoder = codecs.getincrementaldecoder("euc-tw")("replace")
    found, at = "", 0
    for cut in cuts:
        found, at = found + decoder.decode(data[at : at + cut]), at + cut
    assert found + decoder.decode(data[at:], final=True) == data.decode("euc-tw", "replace")
    assert data.decode("euc-tw", "replace").endswith(TRADITIONAL[:6]) or data[:-12][-1:] >= b"\x8e"


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("一乙丁籲彞乂，。ab\n鑫龘"), max_size=40))
def test_euc_tw_there_and_back(text: str) -> None:
    written = "".join(char for char in text if char in euc_tw._bytes() or char < "\x80")
    assert written.encode("euc-tw").decode("euc-tw") == written
    with pytest.raises(UnicodeEncodeError):
        (text + "简").encode("euc-tw")
    assert (text + "简").encode("euc-tw", "replace").endswith(b"?")


JAPANESE = "日本語のページを表示しています。これは試験です。"


@pytest.mark.parametrize(
    "declared", [None, "gb2312", "GBK", "big5", "EUC-KR", "Shift_JIS", "iso-8859-1", "utf-16", "no-such", "hex", ""]
)
def test_a_wrong_declaration_does_no_harm(declared: str | None) -> None:
    for text, charset in (
        (SIMPLIFIED, "gb18030"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "euc-tw"),
        (SIMPLIFIED, "utf-8"),
    ):
        for length in (10, 70):
            data = text[:length].encode(charset)
            assert decode(data, declared) == (text[:length], NAMES.get(charset, charset), 0)


def test_a_declaration_decides_what_the_bytes_leave_open() -> None:
    assert decode(JAPANESE.encode("shift_jis"), "Shift_JIS") == (JAPANESE, "shift_jis", 0)
    open_bytes = bytes.fromhex("d9c1dac2dbc3")
    assert detect(open_bytes, "big5").name == "big5hkscs" and detect(open_bytes, "gbk").name == "gb18030"


def test_characters_written_as_replacement_are_not_damage() -> None:
    assert decode("原文如此\ufffd".encode()).damage == 0
    assert decode_as("原文如此\ufffd".encode() + b"\xff", "utf-8").damage == 1


def test_table_of_common_characters() -> None:
    assert len(COMMON) > 500
    share = sum(char in COMMON for char in SIMPLIFIED) / len(SIMPLIFIED)
    misread = SIMPLIFIED.encode("gb18030").decode("big5", "replace")
    assert share > 0.6 > 0.1 > sum(char in COMMON for char in misread) / len(misread)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_decoded(data: bytes) -> None:
    text, name, damage = decode(data)
    text.encode()  # no half of a surrogate pair
    assert damage >= 0
    assert decode_as(data, name) == (text, name, damage)
    if damage == 0 and name == "utf-8" and not data.startswith(b"\xef\xbb\xbf"):
        assert text.encode() == data


def rows_of(path: Path, reading: Reading | None = None, split_bytes: int = 1 << 20) -> list[dict]:
    reading = reading or Reading()
    found = splits(inputs([path]).files, reading, spool=path.parent / "spool", split_bytes=split_bytes)
    return [row for split in found for batch in read_split(split, reading) for row in batch.to_pylist()]


def lines(charset: str, count: int = 50) -> bytes:
    text = TRADITIONAL if charset.startswith("big5") else SIMPLIFIED
    return "".join(json.dumps({"id": f"n{i}", "text": text}, ensure_ascii=False) + "\n" for i in range(count)).encode(
        charset
    )


@pytest.mark.parametrize("charset", ["gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("split_bytes", [1 << 20, 3_000])
@pytest.mark.parametrize("packed", ["", ".zst"])
def test_json_lines_in_other_encodings(tmp_path: Path, charset: str, split_bytes: int, packed: str) -> None:
    path = tmp_path / f"x.jsonl{packed}"
    data = lines(charset)
    path.write_bytes(zstandard.compress(data) if packed else data)
    rows = rows_of(path, split_bytes=split_bytes)
    assert [row["id"] for row in rows] == [f"n{i}" for i in range(50)]
    text = TRADITIONAL if charset == "big5" else SIMPLIFIED
    assert {row["text"] for row in rows} == {text}
    name = {"big5": "big5hkscs", "utf-16": "utf-16-le"}.get(charset, charset)
    assert {row["meta"] for row in rows} == {json.dumps({"charset": name, "damage": 0}, separators=(",", ":"))}


@pytest.mark.parametrize("ending", ["csv", "txt"])
@pytest.mark.parametrize("charset", ["gb18030", "utf-16"])
def test_other_formats_in_other_encodings(tmp_path: Path, ending: str, charset: str) -> None:
    body = "id,text\n" + f"7,{SIMPLIFIED}\n" * 9 if ending == "csv" else SIMPLIFIED
    (tmp_path / f"x.{ending}").write_bytes(body.encode(charset))
    rows = rows_of(tmp_path / f"x.{ending}")
    assert [row["text"] for row in rows] == [SIMPLIFIED] * (9 if ending == "csv" else 1)
    assert json.loads(rows[0]["meta"])["charset"].startswith(charset)


def test_broken_lines_do_not_turn_a_utf8_file_into_another(tmp_path: Path) -> None:
    foreign = lines("gb18030", 10)
    (tmp_path / "x.jsonl").write_bytes(lines("utf-8", 20) + foreign + lines("utf-8", 20))
    rows = rows_of(tmp_path / "x.jsonl")
    assert [row["reason"] for row in rows] == [None] * 20 + ["reader.invalid_utf8"] * 10 + [None] * 20
    assert detect_lines(lines("gb18030", 20) + lines("utf-8", 5)) == "gb18030"


def test_damage_in_a_gb18030_file_is_counted(tmp_path: Path) -> None:
    data = lines("gb18030", 5).replace(b'"n3"', b'"n3\xff"')
    (tmp_path / "x.jsonl").write_bytes(data)
    rows = rows_of(tmp_path / "x.jsonl")
    assert [json.loads(row["meta"])["damage"] for row in rows] == [0, 0, 0, 1, 0]
    assert [row["reason"] for row in rows] == [None] * 5


def test_charset_can_be_told(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes("佅佇".encode("gbk"))
    assert rows_of(tmp_path / "x.txt", Reading(charset="gbk"))[0]["text"] == "佅佇"


def test_real_gb_files() -> None:
    """Every file of the collection is read as GB18030, with next to no damage."""
    index = {
        json.loads(line)["file"] for line in shared_data("encodings", "index.jsonl").read_text().split("\n") if line
    }
    with (
        zstandard.open(shared_data("encodings", "encodings_gb.tar.zst"), "rb") as stream,
        tarfile.open(fileobj=stream, mode="r|") as archive,
    ):
        found = {Path(m.name).name: decode(archive.extractfile(m).read()) for m in archive if m.isfile()}
    read = [found[name] for name in index]
    assert sum(decoded.charset == "gb18030" for decoded in read) == len(read) > 200
    assert sum(decoded.damage for decoded in read) < 10
