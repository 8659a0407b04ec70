"""What ranks high in a workspace and how the map of it looks: importers, outlines, imports resolved."""

import pytest

from ponder.context.index.outline import Outline, others, outline, rank, ranked, repository_map, worth_reading
from ponder.context.index.resolve import Resolver
from ponder.syntax.languages import language_of
from ponder.syntax.symbols import symbols


def test_the_map_shows_the_best_ranked_in_order_of_their_names() -> None:
    """Rank decides what is in, names decide where; a file too large for the rest is skipped."""
    outlines = {
        "b/z.py": Outline("b/z.py", ("def z()",)),
        "a.py": Outline("a.py", ("class A", "  def m(self)")),
        "big.py": Outline("big.py", ("def big()",) * 100),
        "b/c.py": Outline("b/c.py", ("def c()",)),
        "none.py": None,
        "late.py": Outline("late.py", ("def late()",) * 3),
    }
    text = repository_map(["b/z.py", "none.py", "big.py", "a.py", "b/c.py", "late.py"], outlines.get, 20)
    assert text == "a.py\n  class A\n    def m(self)\nb/c.py\n  def c()\nb/z.py\n  def z()\n"
    assert repository_map(["a.py"], outlines.get, 0) == ""


def test_an_outline_keeps_to_what_others_use() -> None:
    """Signatures of functions, classes and methods; nothing from inside functions, no constants."""
    text = "X = 1\nclass A(B):\n    def m(self, x=(1,\n     2)): pass\ndef f():\n    def inner(): pass\n    class L: pass\n"
    found = outline("a.py", symbols(text, language_of("a.py")))
    assert found.lines == ("class A(B)", "  def m(self, x=(1, 2))", "def f()")
    many = "".join(f"def {'_' if n % 2 else ''}f{n}(): pass\n" for n in range(100))
    lines = outline("a.py", symbols(many, language_of("a.py"))).lines
    assert len(lines) == 30
    assert not any("_f" in line for line in lines)


def test_rank_counts_importers_and_prefers_ordinary_code() -> None:
    """One for each importer, a quarter for a test; equal ranks go by name."""
    scores = rank({"a.py": {"c.py"}, "b.py": {"c.py"}, "tests/test_c.py": {"c.py", "b.py"}, "c.py": set()})
    assert ranked(scores) == ["c.py", "b.py", "a.py", "tests/test_c.py"]
    assert scores["c.py"] == pytest.approx(2.75)
    paths = [
        "uv.lock",
        "web/package-lock.json",
        "tests/a.py",
        "src/deep/x.py",
        "top.py",
        "README.md",
        "src/y.go",
        "a.min.js",
        "image.png",
    ]
    assert worth_reading(paths) == ["top.py", "src/y.go", "src/deep/x.py", "tests/a.py"]
    assert worth_reading(paths, 1) == ["top.py"]
    assert set(others(paths)) == {"README.md", "image.png"}


@pytest.mark.parametrize(
    ("module", "path", "expected"),
    [
        ("ponder.store.rows", "server/ponder/x.py", "server/ponder/store/rows.py"),
        ("ponder.store", "server/ponder/x.py", "server/ponder/store/__init__.py"),
        (".rows", "server/ponder/store/y.py", "server/ponder/store/rows.py"),
        ("pkg.mod", "tests/test_x.py", "src/pkg/mod.py"),
        ("os", "server/ponder/x.py", None),
        ("./util", "web/app.ts", "web/util/index.ts"),
        ("./b.js", "web/app.ts", "web/b.ts"),
        ("react", "web/app.ts", None),
        ("self::m", "crate/src/lib.rs", "crate/src/m.rs"),
        ("crate::n::Thing", "crate/src/deep/x.rs", "crate/src/n/mod.rs"),
        ("x/y.h", "lib/a.c", "include/x/y.h"),
        ("b.h", "lib/a.c", "lib/b.h"),
        ("com.x.Y", "app/src/main/java/com/z/A.java", "app/src/main/java/com/x/Y.java"),
        ("example.org/repo/pkg/q", "cmd/main.go", "pkg/q/q.go"),
    ],
)
def test_imports_are_resolved(module: str, path: str, expected: str | None) -> None:
    """A module is the file it stands for: relative, from any directory above, or from a usual source root."""
    paths = {
        "server/ponder/store/rows.py", "server/ponder/store/__init__.py", "src/pkg/mod.py", "web/util/index.ts", "web/b.ts",
        "crate/src/m.rs", "crate/src/n/mod.rs", "include/x/y.h", "lib/b.h", "app/src/main/java/com/x/Y.java", "pkg/q/q.go",
        "pkg/q/q_test.go", "os/other.py",
    }  # fmt: skip
    found = Resolver(paths).files(module, path, language_of(path))
    assert found == ((expected,) if expected else ())
