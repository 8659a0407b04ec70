"""X-06, X-07, F-02, F-03: nothing outside the workspace folders is ever opened, whatever the path looks like."""

import os
import random
import threading
import unicodedata
from itertools import product
from pathlib import Path

import pytest

from ponder.files.ignore import IgnoreRules
from ponder.files.jail import Jail, JailError, Place
from ponder.files.load import LeftOut
from ponder.files.read import FileText, read_for_model
from ponder.files.uris import path_of_uri, relative_inside, same_file_uri, uri_of_path

CANARY = "canary-7f3a9 outside"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder `ws` with files, links of every kind, and canaries all around it."""
    outside, ws = tmp_path / "outside", tmp_path / "ws"
    for folder in (outside / "sub", tmp_path / "ws-evil", tmp_path / "WS", ws / "src" / "deep"):
        folder.mkdir(parents=True)
    for canary in (
        outside / "secret.txt",
        outside / "sub" / "s.txt",
        tmp_path / "ws-evil" / "a.py",
        tmp_path / "WS" / "a.py",
    ):
        canary.write_text(CANARY)
    for inside in ("a.py", "src/b.py", "src/deep/c.py", "caf\u00e9.py", "tilde~.py", "per%2ecent.py", "-rf"):
        (ws / inside).write_text("inside\n")
    links = {
        "out-file": outside / "secret.txt",
        "out-dir": outside,
        "chain1": ws / "chain2",
        "chain2": ws / "chain3",
        "chain3": outside / "secret.txt",
        "up": tmp_path,
        "slash": Path("/"),
        "proc": Path(f"/proc/self/root{outside}"),
        "loop": ws / "loop",
        "loop1": ws / "loop2",
        "loop2": ws / "loop1",
        "dangling": ws / "nothing",
        "dangling-out": outside / "nothing",
        "in-link": ws / "a.py",
        "src/dots": Path("../../outside"),
    }
    for name, target in links.items():
        (ws / name).symlink_to(target)
    return ws


def corpus(ws: Path) -> list[str]:
    """More than 300 ways to name the canaries."""
    out = str(ws.parent / "outside")
    targets = ["outside/secret.txt", "outside/sub/s.txt", "ws-evil/a.py", "WS/a.py"]
    ups = [
        "..",
        "./..",
        "../.",
        "src/../..",
        "src/deep/../../..",
        "../ws/..",
        "out-dir/..",
        "../../" + ws.parent.name,
    ]
    paths = [f"{ws}/{up}/{target}" for up, target in product(ups, targets)]
    paths += [
        path.replace("..", dots)
        for path in paths[:8]
        for dots in ("%2e%2e", "%2E.", "..%00", "..\0", "\uff0e\uff0e", ".. ", "...", "..\\")
    ]
    links = [
        "out-file",
        "out-dir/secret.txt",
        "out-dir/sub/s.txt",
        "chain1",
        "chain2",
        "chain3",
        "up/outside/secret.txt",
    ]
    links += [
        f"slash{out}/secret.txt",
        "proc/secret.txt",
        "proc/sub/s.txt",
        "loop",
        "loop1",
        "loop/x",
        "dangling",
        "dangling-out",
    ]
    links += [
        "src/dots/secret.txt",
        "src/dots/sub/s.txt",
        "up/ws-evil/a.py",
        "up/WS/a.py",
        f"up/{ws.name}/out-file",
    ]
    ways = ["{}", "./{}", "src/../{}", "src/deep/../../{}", "{}/", "{}/.", "/{}", "//{}"]
    paths += [f"{ws}/{way.format(link)}" for link, way in product(links, ways)]
    bases = [
        f"{out}/secret.txt",
        f"{ws}-evil/a.py",
        "/etc/passwd",
        "/proc/self/environ",
        "/dev/zero",
        "/dev/stdin",
        f"/proc/self/root{out}/secret.txt",
    ]
    forms = [
        "{}",
        "/{}",
        "//localhost{}",
        "\\\\host{}",
        "~{}",
        "~root{}",
        "file://{}",
        "{}\0.py",
        "{}\0",
        " {}",
        "{} ",
        "{}.",
    ]
    paths += [form.format(base) for base, form in product(bases, forms)]
    paths += [
        str(ws).upper() + "/a.py",
        str(ws).swapcase() + "/a.py",
        "C:\\Windows\\win.ini",
        "c:/a.py",
        "\\\\?\\C:\\x",
        "//server/share/a",
        "",
        ".",
        "~",
        "~/.ssh/id_rsa",
    ]
    return list(dict.fromkeys(paths))


def read(path: str, ws: Path) -> FileText | LeftOut:
    rules = IgnoreRules(os.path.realpath(ws))
    return read_for_model(path, Jail([ws]), lambda place: rules.ignored(place.relative))


def test_no_path_of_the_corpus_reads_outside(root: Path) -> None:
    """X-06: of 300 paths, none gives a byte from outside, and none raises."""
    paths = corpus(root)
    assert len(paths) >= 300
    read_inside = 0
    for path in paths:
        found = read(path, root)
        if isinstance(found, FileText):
            read_inside += 1
            assert found.text == "inside\n", path
    assert read_inside < len(paths) // 10


@pytest.mark.parametrize(
    "name",
    [
        "a.py",
        "src/b.py",
        "src/deep/c.py",
        "café.py",
        "tilde~.py",
        "per%2ecent.py",
        "-rf",
        "in-link",
        "src/../a.py",
    ],
)
def test_what_is_inside_is_read(root: Path, name: str) -> None:
    """The jail lets in what belongs in, also through a link that stays inside."""
    found = read(f"{root}/{name}", root)
    assert isinstance(found, FileText), found
    assert found.text == "inside\n"


def test_the_uri_corpus_stays_inside(root: Path) -> None:
    """X-06: URIs are decoded exactly once, and hosts, queries and fragments are refused."""
    out = root.parent / "outside" / "secret.txt"
    bad = [
        f"file:///{str(root)[1:]}/%2e%2e/outside/secret.txt",
        f"file://evil.example{out}",
        f"file://{root}/a.py?x",
        f"file://{root}/a.py#x",
        f"file://{root}/a.py%00",
        f"file:{root}/../outside/secret.txt",
        f"http://localhost{root}/a.py",
        f"file://///server/share{out}",
        f"vscode-remote://x{root}/a.py",
        "untitled:Untitled-1",
        "file://",
        "file:a.py",
        "file://[bad/x",
    ]
    jail = Jail([root])
    for uri in bad:
        assert jail.place_uri(uri) is None, uri
    assert jail.place_uri(f"file://{root}/per%252ecent.py") == Place(str(root.resolve()), "per%2ecent.py")
    assert jail.place_uri(f"FILE://localhost{root}/a.py") is not None


def test_swapping_for_a_link_between_check_and_use_reads_nothing_outside(root: Path) -> None:
    """X-06: 10,000 reads while a file and a directory are swapped for links; not one byte of a canary."""
    ws, outside = root, root.parent / "outside"
    (ws / "race").mkdir()
    (ws / "race" / "s.txt").write_text("inside\n")
    (ws / "spare.txt").write_text("inside\n")
    stop = threading.Event()

    def swap() -> None:
        link, plain, directory = ws / "tmp-link", ws / "tmp-file", ws / "race"
        while not stop.is_set():
            link.symlink_to(outside / "secret.txt")
            os.rename(link, ws / "spare.txt")
            directory.rename(ws / "aside")
            directory.symlink_to(outside / "sub")
            plain.write_text("inside\n")
            os.rename(plain, ws / "spare.txt")
            directory.unlink()
            (ws / "aside").rename(directory)

    thread = threading.Thread(target=swap)
    thread.start()
    jail = Jail([ws])
    opened = refused = 0
    try:
        for number in range(10_000):
            place = Place(str(ws.resolve()), "spare.txt" if number % 2 else "race/s.txt")
            if number % 3 == 0:
                place = jail.place(place.path) or place
            try:
                descriptor = jail.open(place)
            except OSError:
                refused += 1
                continue
            opened += 1
            data = os.read(descriptor, 100)
            os.close(descriptor)
            assert CANARY.encode() not in data
    finally:
        stop.set()
        thread.join()
    assert opened
    assert refused


def test_special_files_are_refused_and_never_block(root: Path) -> None:
    """F-01: a FIFO without a writer, a socket and a device are refused at once."""
    import socket

    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(root)
        try:
            server.bind("sock")
        finally:
            os.chdir(here)
        jail = Jail([root])
        for name in ("fifo", "sock", "src"):
            place = jail.place(root / name)
            assert place is not None
            with pytest.raises(JailError):
                jail.open(place)
    with pytest.raises(OSError):
        Jail(["/dev"]).open(Place("/dev", "null"))


def test_a_removed_folder_is_no_folder(root: Path) -> None:
    """A place from another jail, or with dots in it, opens nothing."""
    for place in (
        Place(str(root.parent.resolve()), "outside/secret.txt"),
        Place(str(root.resolve()), "../outside/secret.txt"),
    ):
        with pytest.raises(JailError):
            Jail([root]).open(place)


def test_nested_folders_give_each_file_one_home(root: Path) -> None:
    """F-07: the innermost folder owns a file."""
    jail = Jail([root, root / "src", root])
    assert jail.place(root / "src" / "b.py") == Place(str((root / "src").resolve()), "b.py")
    assert jail.place(root / "a.py") == Place(str(root.resolve()), "a.py")
    assert jail.place(root / ".env") == Place(str(root.resolve()), ".env")
    assert jail.place(root) == Place(str(root.resolve()), "")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("new.py", True),
        ("src/new.py", True),
        ("brand/new/dir/x.py", True),
        ("./new.py", True),
        ("a.py", False),
        ("A.PY", False),
        ("SRC/new.py", False),
        (unicodedata.normalize("NFD", "café.py"), False),
        ("../new.py", False),
        ("src/../../new.py", False),
        ("/abs.py", False),
        ("~/x.py", False),
        ("out-dir/new.py", False),
        ("dangling-out", False),
        ("dangling", False),
        ("loop/x.py", False),
        ("c:/x.py", False),
        ("a\\b.py", False),
        ("x.py.", False),
        ("x.py ", False),
        ("con:stream", False),
        ("new\n.py", False),
        ("", False),
        (".", False),
        ("src//x.py", False),
    ],
)
def test_where_a_file_may_be_created(root: Path, path: str, allowed: bool) -> None:
    """X-06, E-14: only inside, never over anything that exists, not even under another spelling."""
    uri = Jail([root]).new_file_uri(path)
    assert (uri is not None) == allowed
    if uri is not None:
        assert path_of_uri(uri) == str(root.resolve() / path.removeprefix("./"))


def test_uris_and_paths_round_trip() -> None:
    """F-03: any name survives the way to a URI and back, bytes that are no UTF-8 included."""
    seed = 20261122
    print("seed", seed)
    random_source = random.Random(seed)
    alphabet = "ab/ %#?&+;=@:!$'()*,~[]{}|^`\"<>é漢😀\n\t\u202e\udcff\udc80-._"
    for _ in range(2_000):
        name = "".join(random_source.choice(alphabet) for _ in range(random_source.randint(1, 20)))
        path = "/" + name.lstrip("/")
        uri = uri_of_path(path)
        assert uri.isascii()
        assert path_of_uri(uri) == path, (path, uri)
        assert same_file_uri(uri, uri.replace("~", "%7E").replace("a", "%61"))
    assert path_of_uri("file:///c%3A/x/y.py") == "c:/x/y.py"
    assert uri_of_path("c:/x") == "file:///c:/x"
    assert not same_file_uri("file:///a%23b", "file:///a#b")


@pytest.mark.parametrize("path", ["a", "a/b.py", "./a", ".env", "a b/c", "..a/b", "a/..b"])
def test_model_paths_that_are_fine(path: str) -> None:
    """An ordinary relative path passes unchanged."""
    assert str(relative_inside(path)) == path.removeprefix("./")


def test_names_of_every_kind_are_read(tmp_path: Path) -> None:
    """F-03: line ends, 255 bytes, right-to-left and bytes that are no UTF-8 in a name crash nothing."""
    names = [
        b"new\nline.py",
        b"x" * 252 + b".py",
        "\u202egpj.py".encode(),
        b"trail. ",
        b"-rf",
        b"\xff\xfe.py",
        b"*?[]",
    ]
    for name in names:
        (Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name)))).write_bytes(b"inside\n")
    for name in names:
        found = read(os.fsdecode(os.path.join(os.fsencode(tmp_path), name)), tmp_path)
        assert isinstance(found, FileText), (name, found)
