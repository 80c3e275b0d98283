"""Archives: every member is read as a file of its own would be, whatever is broken."""

import gzip
import io
import random
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from web_samples import CRAWL, SENTENCE, page, read, reasons

from cci_tools.shards.reader import Reading, inputs, splits

FILES = {
    "网站/新闻.html": page(1),
    "网站/说明.txt": SENTENCE.encode(),
    "data.jsonl": b'{"text": "%s"}\n{bad\n' % SENTENCE.encode(),
    "crawl.warc.gz": b"".join(map(gzip.compress, CRAWL[:3])),
    "a.txt.gz": gzip.compress(SENTENCE.encode()),
    "inner.zip": b"PK",
    "logo.png": b"\x89PNG",
    ".hidden.txt": b"x",
    "empty.html": b"",
    "表/数据.csv": "text,url\n第一行，有一句话。,http://a.cn\n".encode(),
}
EXPECTED = {
    "网站/新闻.html": None,
    "网站/说明.txt": None,
    "data.jsonl#byte=0": None,
    f"data.jsonl#byte={len(SENTENCE.encode()) + 13}": "malformed_json",
    "crawl.warc.gz#byte=": None,
    "a.txt.gz": None,
    "inner.zip": "nested_archive",
    "logo.png": "not_a_page",
    ".hidden.txt": "not_a_page",
    "empty.html": "no_main_text",
    "表/数据.csv#byte=9": None,
}


def archive(ending: str, files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    if ending == ".zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data in files.items():
                packed.writestr(name, data)
        return target.getvalue()
    with tarfile.open(
        fileobj=target, mode="w", format=tarfile.GNU_FORMAT if "gnu" in ending else tarfile.PAX_FORMAT
    ) as tar:
        folder = tarfile.TarInfo("网站")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    data = target.getvalue()
    return gzip.compress(data) if ending.endswith("gz") else data


@pytest.mark.parametrize("ending", [".zip", ".tar", ".gnu.tar", ".tar.gz", ".tgz"])
@pytest.mark.parametrize("split_bytes", [1 << 26, 600])
def test_members_are_files(ending: str, split_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / f"dump{ending}"
    path.write_bytes(archive(ending, FILES))
    rows = read(path, tmp_path, split_bytes)
    shown = [row["origin"].removeprefix(f"dump{ending}!") for row in rows]
    names = ["crawl.warc.gz#byte=" if name.startswith("crawl") else name for name in shown]
    found = dict(zip(names, reasons(rows), strict=True))
    assert found == EXPECTED
    assert len(rows) == len(EXPECTED) + 1  # the crawl has two pages
    assert rows[0]["text"] == f"第1条。{SENTENCE}"
    assert rows == read(path, tmp_path)


@pytest.mark.parametrize("ending", [".zip", ".tar", ".gnu.tar"])
def test_archives_are_divided(ending: str, tmp_path: Path) -> None:
    long = "很长的目录名" * 30
    files = {f"{long}/{i}.html": page(i) * 4 for i in range(60)}
    path = tmp_path / f"dump{ending}"
    path.write_bytes(archive(ending, files))
    found = list(splits(inputs([path]).files, Reading(), spool=tmp_path, split_bytes=4000))
    assert len(found) > 4
    rows = read(path, tmp_path, 4000)
    assert [row["origin"] for row in rows] == [f"dump{ending}!{name}" for name in files]


def test_names_in_gbk(tmp_path: Path) -> None:
    data = archive(".zip", {"AAAA/BBBB.txt": SENTENCE.encode(), "CCCC.txt": b"abc"})
    names = {b"AAAA/BBBB": "公告/通知".encode("gbk"), b"CCCC": "说明".encode("gbk")}
    for name, chinese in names.items():
        assert len(name) == len(chinese)
        data = data.replace(name, chinese)
    path = tmp_path / "dump.zip"
    path.write_bytes(data)
    assert [row["origin"] for row in read(path, tmp_path)] == ["dump.zip!公告/通知.txt", "dump.zip!说明.txt"]


def test_encrypted_members(tmp_path: Path) -> None:
    data = bytearray(archive(".zip", {"a.txt": b"secret", "b.txt": SENTENCE.encode()}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        data[place + at] |= 1
    path = tmp_path / "dump.zip"
    path.write_bytes(bytes(data))
    assert reasons(read(path, tmp_path)) == ["encrypted", None]


@pytest.mark.parametrize("name", ["bomb.txt", "bomb.html", "bomb.jsonl"])
def test_bombs_are_bounded(name: str, tmp_path: Path) -> None:
    files = {name: b"0" * 30_000_000, "b.txt": SENTENCE.encode()}
    for ending in (".zip", ".tar.gz"):
        path = tmp_path / f"dump{ending}"
        path.write_bytes(archive(ending, files))
        rows = read(path, tmp_path, max_document_bytes=100_000)
        assert reasons(rows) == ["too_large", None]
        assert len(rows[0]["text"]) <= 65536


def test_damaged_archives(tmp_path: Path) -> None:
    tar = bytearray(archive(".tar", {f"{i}.txt": SENTENCE.encode() for i in range(4)}))
    place = tar.find(b"1.txt")
    tar[place : place + 20] = b"\xff" * 20
    path = tmp_path / "dump.tar"
    path.write_bytes(bytes(tar))
    rows = read(path, tmp_path)
    assert reasons(rows) == [None, "corrupt_file", None, None]
    assert f"#byte={place}" in rows[1]["origin"]
    path.write_bytes(bytes(archive(".tar", {"a.txt": SENTENCE.encode(), "b.txt": b"x" * 5000})[:3000]))
    assert reasons(read(path, tmp_path)) == [None, "truncated_file"]
    path = tmp_path / "dump.zip"
    path.write_bytes(archive(".zip", FILES)[:-40])
    assert reasons(read(path, tmp_path)) == ["corrupt_file"]


@pytest.mark.parametrize("ending", [".zip", ".tar", ".gnu.tar", ".tar.gz"])
def test_names_of_any_kind(ending: str, tmp_path: Path) -> None:
    """``tar cf dump.tar .`` has ./ before each name; nothing is written, so that a path leads outside does no harm."""
    names = ["./a.txt", "/abs/b.txt", "../../c.txt", "./d/./e.txt"]
    path = tmp_path / f"dump{ending}"
    path.write_bytes(archive(ending, {**dict.fromkeys(names, SENTENCE.encode()), "./.f.txt": b"x", ".g/h.txt": b"x"}))
    rows = read(path, tmp_path)
    assert [row["origin"] for row in rows[:4]] == [f"dump{ending}!{name}" for name in names]
    assert reasons(rows) == [None] * 4 + ["not_a_page"] * 2


def twice(ending: str) -> bytes:
    """An archive to which files were appended that it had."""
    files = [(name, f'{{"text": "{name}{i}"}}'.encode()) for i in range(3) for name in ("a.txt", "b.jsonl", "c.html")]
    target = io.BytesIO()
    if ending == ".zip":
        with zipfile.ZipFile(target, "w") as packed, pytest.warns(UserWarning, match="Duplicate"):
            for name, data in files:
                packed.writestr(name, data)
        return target.getvalue()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(target.getvalue()) if ending.endswith("gz") else target.getvalue()


@pytest.mark.parametrize("ending", [".zip", ".tar", ".tar.gz"])
@pytest.mark.parametrize("split_bytes", [1 << 26, 1100])
def test_members_of_one_name_are_told_apart(ending: str, split_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / f"dump{ending}"
    path.write_bytes(twice(ending))
    rows = read(path, tmp_path, split_bytes)
    assert len(rows) == len({row["id"] for row in rows}) == len({row["origin"] for row in rows}) == 9
    assert [row["origin"].partition("!")[2].split("#")[0] for row in rows] == ["a.txt", "b.jsonl", "c.html"] * 3
    assert rows[0]["origin"] == f"dump{ending}!a.txt"
    assert rows == read(path, tmp_path)


def hurt_tar(size: bytes, kind: bytes = b"0") -> bytes:
    """A tar file whose second header has another size and type, and the check sum that fits."""
    tar = bytearray(archive(".gnu.tar", {f"{i}.txt": SENTENCE.encode() for i in range(3)}))
    at = tar.find(b"1.txt")
    tar[at + 124 : at + 136], tar[at + 148 : at + 157] = size, b" " * 8 + kind
    tar[at + 148 : at + 156] = b"%06o\0 " % sum(tar[at : at + 512])
    return bytes(tar)


@pytest.mark.parametrize(
    "size", [b"\x80" + b"\xff" * 11, b"\xff" * 10 + b"\xf0\0", b"7" * 11 + b"\0", b"0" * 11 + b"\0"]
)
@pytest.mark.parametrize("split_bytes", [1 << 26, 600])
def test_a_lying_size_ends_nothing_but_its_archive(size: bytes, split_bytes: int, tmp_path: Path) -> None:
    path = tmp_path / "dump.tar"
    for kind in (b"0", b"x", b"L", b"S"):
        path.write_bytes(hurt_tar(size, kind))
        rows = read(path, tmp_path, split_bytes)
        assert rows[0]["text"] == SENTENCE
        assert any(row["reason"] for row in rows[1:])


def test_no_member_is_passed_over_unsaid(tmp_path: Path) -> None:
    """Sparse files are said to be that, with the blocks that their map takes; types that nobody knows are files."""
    path = tmp_path / "dump.tar"
    whole = archive(".gnu.tar", {f"{i}.txt": SENTENCE.encode() for i in range(3)})
    size = whole[whole.find(b"1.txt") + 124 :][:12]
    path.write_bytes(hurt_tar(size, b"7"))
    assert reasons(read(path, tmp_path)) == [None] * 3
    path.write_bytes(hurt_tar(size, b"Q"))
    assert reasons(read(path, tmp_path)) == [None] * 3
    sparse = bytearray(hurt_tar(size, b"S"))
    at = sparse.find(b"1.txt")
    sparse[at + 482] = 1  # two more blocks with the map follow
    sparse[at + 512 : at + 512] = bytes(504) + b"\1" + bytes(7) + bytes(512)
    sparse[at + 148 : at + 156] = b" " * 8
    sparse[at + 148 : at + 156] = b"%06o\0 " % sum(sparse[at : at + 512])
    for split_bytes in (1 << 26, 600):
        path.write_bytes(bytes(sparse))
        assert reasons(read(path, tmp_path, split_bytes)) == [None, "not_a_page", None]


def test_links_are_no_files(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    path = tmp_path / "dump.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(link, "a.txt")
        packed.writestr("a.txt", SENTENCE)
    assert [row["origin"] for row in read(path, tmp_path)] == ["dump.zip!a.txt"]


@pytest.mark.parametrize("ending", [".tar", ".tar.gz"])
def test_what_stands_before_a_cut_is_not_lost(ending: str, tmp_path: Path) -> None:
    long = "很长的目录名" * 30
    data = archive(
        ".gnu.tar", {f"{long}/{i}.txt": SENTENCE.encode() + random.Random(i).randbytes(600) for i in range(6)}
    )
    path = tmp_path / f"dump{ending}"
    for cut in range(6000, 12_000, 100):
        if ending == ".tar":
            path.write_bytes(data[:cut])
        else:  # one block of deflate for each of tar, so that the cut is where it is in the plain file
            packer = zlib.compressobj(wbits=31)
            blocks = (
                packer.compress(data[at : at + 512]) + packer.flush(zlib.Z_FULL_FLUSH) for at in range(0, cut, 512)
            )
            path.write_bytes(b"".join(blocks))
        rows = read(path, tmp_path)
        whole = sum(data.find(f"/{i}.txt".encode()) + 2048 <= cut for i in range(6))
        assert [row["origin"][-5:] for row in rows if row["reason"] is None][:whole] == [
            f"{i}.txt" for i in range(whole)
        ]
