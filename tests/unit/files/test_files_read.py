"""F-01, F-04, F-10, F-11: what becomes of a file's bytes, and what is left out with which reason."""

import os
import socket
from pathlib import Path

import pytest

from ponder.documents import Document
from ponder.files.jail import Jail, Place
from ponder.files.load import LeftOut, LoadedText, decode, load_text
from ponder.files.read import FileText, read_as_it_is, read_for_model, text_for_model
from ponder.files.reasons import Reason


def check(folder: Path, name: str, *, max_bytes: int = 1_000_000) -> FileText | LeftOut:
    return read_for_model(str(folder / name), Jail([folder]), lambda _: None, max_bytes=max_bytes)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ("", "utf-8", False)),
        (b"x = 1\n", ("x = 1\n", "utf-8", False)),
        (b"a\r\nb\rc\n", ("a\r\nb\rc\n", "utf-8", False)),
        ("é漢😀\u2028".encode(), ("é漢😀\u2028", "utf-8", False)),
        (b"\xef\xbb\xbfx\r\n", ("x\r\n", "utf-8", True)),
        ("\ufeffhé\n".encode("utf-16-le"), ("hé\n", "utf-16", True)),
        ("\ufeffhé\n".encode("utf-16-be"), ("hé\n", "utf-16", True)),
        ("\ufeffhé\n".encode("utf-32-le"), ("hé\n", "utf-32", True)),
        ("\ufeffhé\n".encode("utf-32-be"), ("hé\n", "utf-32", True)),
        ("naïve café\n".encode("latin-1"), ("naïve café\n", "latin-1", False)),
        ("x\n".encode("utf-16-le"), "binary"),
        (b"\xff\xfex", "not valid UTF-16"),
        (b"\xef\xbb\xbf\xff", "not valid UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary"),
        (b"%PDF-1.4\n\x01\x02\x03\x04", "binary"),
        ("\u201cquoted\u201d\n".encode("cp1252"), "unknown encoding"),
        (bytes(range(0xA0, 0x100)), "unknown encoding"),
        (b"caf\xe9 \x01" + b" " * 200, "unknown encoding"),
        (b"x\x1b[31mred\x0c\n", ("x\x1b[31mred\x0c\n", "utf-8", False)),
    ],
)
def test_bytes_to_text(data: bytes, expected: object) -> None:
    """F-01: a byte order mark, then NUL, then UTF-8, then a narrow rule for Latin-1; line ends stay."""
    found = decode(data)
    assert (found.words if isinstance(found, Reason) else found) == expected


def test_special_files_are_left_out_at_once(tmp_path: Path) -> None:
    """F-01: a FIFO, a socket, a directory, a sparse gigabyte and a dangling link block nothing."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dir").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.truncate(1 << 30)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "sock"))
        reasons = {}
        for name in ("fifo", "sock", "dir", "dangling", "missing", "sparse"):
            found = check(tmp_path, name)
            assert isinstance(found, LeftOut)
            reasons[name] = found.reason.words
    special = "not a regular file inside the workspace"
    assert reasons == {
        "fifo": special,
        "sock": special,
        "dir": special,
        "dangling": "not found",
        "missing": "not found",
        "sparse": "larger than 1,000,000 bytes",
    }


def test_files_of_the_kernel_are_bounded() -> None:
    """F-01: `/proc` says size 0 for endless files; reading stops at the limit all the same."""
    jail = Jail(["/proc"])
    found = load_text(jail, Place("/proc", "self/maps"), max_bytes=100)
    assert isinstance(found, LeftOut)
    place = jail.place("/proc/version")
    assert place is not None
    assert isinstance(load_text(jail, place), LoadedText)
    status = jail.place(f"/proc/{os.getpid()}/maps")
    assert status is not None
    assert load_text(jail, status, max_bytes=100) == LeftOut(status.relative, Reason("large", "100"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("big.txt", "larger than 10 bytes"),
        ("out.txt", "outside the workspace folders"),
        (".env", "secret file"),
        ("sub/a.txt", "ignored by .gitignore"),
    ],
)
def test_reasons(tmp_path: Path, name: str, reason: str) -> None:
    """Everything that is left out says why, in words a user understands."""
    folder = tmp_path / "ws"
    (folder / "sub").mkdir(parents=True)
    for file in ("big.txt", ".env", "sub/a.txt"):
        (folder / file).write_text("x" * 11)
    (tmp_path / "outside.txt").write_text("x")
    (folder / "out.txt").symlink_to(tmp_path / "outside.txt")
    found = read_for_model(
        str(folder / name),
        Jail([folder]),
        lambda place: Reason("ignored", ".gitignore") if place.relative.startswith("sub/") else None,
        max_bytes=10,
    )
    assert isinstance(found, LeftOut)
    assert found.reason.words == reason


def test_a_link_to_a_secret_is_a_secret(tmp_path: Path) -> None:
    """X-17: neither the name of the link nor that of its target may mean a secret."""
    (tmp_path / ".env").write_text("A=1")
    (tmp_path / "notes.txt").symlink_to(".env")
    (tmp_path / "plain.txt").write_text("A=1")
    (tmp_path / "id_rsa").symlink_to("plain.txt")
    for name in (".env", "notes.txt", "id_rsa"):
        assert isinstance(check(tmp_path, name), LeftOut), name
    assert isinstance(check(tmp_path, "plain.txt"), FileText)


@pytest.mark.skipif(os.geteuid() == 0 and not hasattr(os, "seteuid"), reason="needs to drop rights")
def test_permission_denied_is_a_reason(tmp_path: Path) -> None:
    """F-04: a file and a directory without permission are left out, not raised."""
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "a.txt").write_text("x")
    (tmp_path / "b.txt").write_text("x")
    (tmp_path / "b.txt").chmod(0)
    (tmp_path / "closed").chmod(0)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        jail = Jail([tmp_path])
        reasons = [load_text(jail, Place(jail.folders[0], name)) for name in ("b.txt", "closed/a.txt")]
    finally:
        os.seteuid(me)
        (tmp_path / "closed").chmod(0o700)
    assert reasons == [LeftOut(name, Reason("forbidden")) for name in ("b.txt", "closed/a.txt")]


def test_a_vanishing_file_is_a_reason(tmp_path: Path) -> None:
    """F-04: a file that goes between the check and the reading is left out."""
    (tmp_path / "a.txt").write_text("x")
    jail = Jail([tmp_path])
    place = jail.place(tmp_path / "a.txt")
    assert place is not None
    (tmp_path / "a.txt").unlink()
    assert load_text(jail, place) == LeftOut("a.txt", Reason("missing"))


def test_no_halves_of_two_versions(tmp_path: Path) -> None:
    """F-10: a file whose second half is still being written is read again, and comes out whole."""
    file = tmp_path / "a.txt"
    file.write_text("aaaa")
    jail = Jail([tmp_path])
    place = jail.place(file)
    assert place is not None
    pauses = []

    def write_the_rest(seconds: float) -> None:
        pauses.append(seconds)
        file.write_text("bbbb")

    file.write_text("bbaa")
    found = load_text(jail, place, now_ns=lambda: file.stat().st_mtime_ns, pause=write_the_rest)
    assert isinstance(found, LoadedText)
    assert found.text == "bbbb"
    assert pauses == [0.02, 0.02]


def test_a_settled_file_is_read_once(tmp_path: Path) -> None:
    """F-10: an old file costs one read and no pause."""
    (tmp_path / "a.txt").write_text("x")
    os.utime(tmp_path / "a.txt", (1, 1))
    jail = Jail([tmp_path])
    place = jail.place(tmp_path / "a.txt")
    assert place is not None
    found = load_text(jail, place, pause=lambda _: pytest.fail("no pause is needed"))
    assert isinstance(found, LoadedText)


def test_a_file_that_never_settles_is_left_out(tmp_path: Path) -> None:
    """F-10: three attempts, then it is marked instead of read for ever."""
    file = tmp_path / "log.txt"
    file.write_text("start\n")
    jail = Jail([tmp_path])
    place = jail.place(file)
    assert place is not None

    def grow(_seconds: float) -> None:
        with file.open("a") as log:
            log.write("more\n")

    found = load_text(jail, place, now_ns=lambda: file.stat().st_mtime_ns, pause=grow)
    assert found == LeftOut("log.txt", Reason("changing"))
    assert file.read_text() == "start\nmore\nmore\n"


def test_an_open_buffer_has_the_same_rules(tmp_path: Path) -> None:
    """F-11: the text of the editor counts, line ends kept, and passes name, ignore, size and secret rules."""
    place = Place(str(tmp_path), "src/a.py")
    shown = text_for_model("a\r\nkey = 'sk-ant-api03-abcdefghijklmnopqrstuvwx'\r\n", place, lambda _: None)
    assert isinstance(shown, FileText)
    assert shown.text == "a\r\nkey = '[redacted]'\r\n"
    assert (shown.redactions, shown.path) == (1, "src/a.py")
    for text, where, ignored in (
        ("A=1", Place(str(tmp_path), ".env.local"), None),
        ("A=1", place, Reason("ignored", ".gitignore")),
        ("é" * 600_000, place, None),
        ("a\0b", place, None),
    ):
        assert isinstance(text_for_model(text, where, lambda _, why=ignored: why), LeftOut)


def test_line_ends_of_disk_and_buffer_agree(tmp_path: Path) -> None:
    """F-11: a CRLF file read from disk has the same lines as the buffer an editor makes of it."""
    text = "a\r\n\r\nb\rc\nlast"
    (tmp_path / "a.txt").write_bytes(text.encode())
    found = check(tmp_path, "a.txt")
    assert isinstance(found, FileText)
    assert Document("file:///a", found.text).line_starts == Document("file:///a", text).line_starts
    assert found.text == text


def test_edits_are_placed_in_the_text_as_it_is(tmp_path: Path) -> None:
    """The model sees a secret replaced; what edits are placed in has the true columns, behind the same gate."""
    secret = "key = 'sk-ant-api03-abcdefghijklmnopqrstuvwx', 1\n"
    (tmp_path / "a.py").write_text(secret)
    (tmp_path / ".env").write_text(secret)
    jail = Jail([tmp_path])
    real = read_as_it_is(str(tmp_path / "a.py"), jail, lambda _: None)
    assert isinstance(real, LoadedText)
    assert real.text == secret
    shown = check(tmp_path, "a.py")
    assert isinstance(shown, FileText)
    assert shown.text == "key = '[redacted]', 1\n"
    assert isinstance(read_as_it_is(str(tmp_path / ".env"), jail, lambda _: None), LeftOut)
    assert isinstance(
        read_as_it_is(str(tmp_path / "a.py"), jail, lambda _: Reason("ignored", ".gitignore")), LeftOut
    )
