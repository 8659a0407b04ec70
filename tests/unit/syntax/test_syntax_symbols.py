"""Symbols of many languages, in code points, whatever the text looks like."""

import itertools
import random
from pathlib import Path

import pytest

import ponder
from ponder.documents import Span
from ponder.syntax.languages import language_of
from ponder.syntax.parsing import MOST_BYTES, parse
from ponder.syntax.places import changed_symbols, definition_of, identifier_at, symbol_at
from ponder.syntax.symbols import symbols

PYTHON = '''\
LIMIT: int = 1

@cache(
    size=1)
def first(a, b=(1,
                2)) -> int:  # why
    "One 日本 line."
    local = 1
    def inner(): pass


class Größe(Base):
    """Class doc.

        more
    """

    def method(self): return "😀"

    async def other(self, *, k): ...
'''
TABLE = [
    (
        "a.py",
        PYTHON,
        [
            ("constant", "LIMIT", "LIMIT: int = 1", ""),
            ("function", "first", "def first(a, b=(1, 2)) -> int", "One 日本 line."),
            ("function", "first.inner", "def inner()", ""),
            ("class", "Größe", "class Größe(Base)", "Class doc.\n\nmore"),
            ("method", "Größe.method", "def method(self)", ""),
            ("method", "Größe.other", "async def other(self, *, k)", ""),
        ],
    ),
    (
        "a.ts",
        (
            "/** Doc. */\nexport function f<T>(a: T): T { const x = 1; return a }\n"
            "export const g = async (x: number): Promise<void> => { await x }\nconst C = 3;\n"
            "abstract class K extends L { m(a: string): void {} abstract q(): void; }\n"
            "interface I { m(): void }\ntype T = string;\nenum E { A }\n"
        ),
        [
            ("function", "f", "function f<T>(a: T): T", "Doc."),
            ("function", "g", "g = async (x: number): Promise<void>", ""),
            ("constant", "C", "C = 3", ""),
            ("class", "K", "abstract class K extends L", ""),
            ("method", "K.m", "m(a: string): void", ""),
            ("method", "K.q", "abstract q(): void", ""),
            ("interface", "I", "interface I", ""),
            ("method", "I.m", "m(): void", ""),
            ("type", "T", "type T = string", ""),
            ("enum", "E", "enum E", ""),
        ],
    ),
    (
        "a.tsx",
        "export const App = (p: P) => <div>{p.x}</div>;\nclass V extends C { render() { return <a/> } }\n",
        [
            ("function", "App", "App = (p: P)", ""),
            ("class", "V", "class V extends C", ""),
            ("method", "V.render", "render()", ""),
        ],
    ),
    (
        "a.go",
        (
            "package a\n\n// F does\n// it.\nfunc F(x int) (int, error) { return 1, nil }\n"
            "func (s *Server[T]) Run(c Ctx) error { return nil }\ntype Server struct { x int }\nconst Q = 1\n"
        ),
        [
            ("function", "F", "func F(x int) (int, error)", "F does\nit."),
            ("method", "Server.Run", "func (s *Server[T]) Run(c Ctx) error", ""),
            ("type", "Server", "Server struct { x int }", ""),
            ("constant", "Q", "Q = 1", ""),
        ],
    ),
    (
        "a.rs",
        (
            "/// Doc.\n#[derive(Debug)]\npub struct P { x: u8 }\nimpl Foo for P { fn m(&self) -> u8 { 1 } }\n"
            "pub trait Foo { fn m(&self) -> u8; }\nmod x { pub fn y() {} }\n"
        ),
        [
            ("struct", "P", "pub struct P", "Doc."),
            ("implementation", "P", "impl Foo for P", ""),
            ("method", "P.m", "fn m(&self) -> u8", ""),
            ("interface", "Foo", "pub trait Foo", ""),
            ("method", "Foo.m", "fn m(&self) -> u8", ""),
            ("module", "x", "mod x", ""),
            ("method", "x.y", "pub fn y()", ""),
        ],
    ),
    (
        "A.java",
        '/**\n * Doc\n * two.\n */\npublic class A {\n  A(int x) { }\n  @Override public String s() { return ""; }\n}\n',
        [
            ("class", "A", "public class A", "Doc\ntwo."),
            ("method", "A.A", "A(int x)", ""),
            ("method", "A.s", "@Override public String s()", ""),
        ],
    ),
    (
        "a.c",
        "/* Doc */\nstatic int *foo(int a) { return 0; }\nstruct S { int y; };\nstruct S s;\n#define M(x) x\n",
        [
            ("function", "foo", "static int *foo(int a)", "Doc"),
            ("struct", "S", "struct S", ""),
            ("macro", "M", "#define M(x) x", ""),
        ],
    ),
    (
        "a.cpp",
        "namespace n { template<class T> class K { T m() const { return 1; } }; }\nint n::K::f() { return 1; }\n",
        [
            ("module", "n", "namespace n", ""),
            ("class", "n.K", "class K", ""),
            ("method", "n.K.m", "T m() const", ""),
            ("function", "n::K::f", "int n::K::f()", ""),
        ],
    ),
    (
        "a.rb",
        "# Doc\nmodule M\n  class C < D\n    def m(a) = 1\n  end\nend\n",
        [
            ("module", "M", "module M", "Doc"),
            ("class", "M.C", "class C < D", ""),
            ("method", "M.C.m", "def m(a)", ""),
        ],
    ),
    ("a.lua", "-- doc\nfunction a.b(x) end\n", [("function", "a.b", "function a.b(x) end", "doc")]),
    ("a.sh", "f() { :; }\n", [("function", "f", "f()", "")]),
    (
        "a.md",
        "# One\ntext\n## Two\nx\n",
        [("heading", "One", "# One", ""), ("heading", "One.Two", "## Two", "")],
    ),
    ("a.sql", "create table t (a int);\n", [("type", "t", "create table t (a int)", "")]),
    ("a.unknown", "anything", []),
]


def check(path: str, text: str, expected: list[tuple[str, str, str, str]]) -> None:
    found = symbols(text, language_of(path))
    assert [(s.kind, s.path, s.signature, s.docstring) for s in found] == expected
    for symbol in found:
        assert text[symbol.name_span.start : symbol.name_span.end].strip() == symbol.name
        assert symbol.span.start <= symbol.name_span.start <= symbol.name_span.end <= symbol.span.end


@pytest.mark.parametrize(("path", "text", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_definitions(path: str, text: str, expected: list[tuple[str, str, str, str]]) -> None:
    """Each definition once, with kind, dotted name, head and documentation, its name where the text has it."""
    check(path, text, expected)


@pytest.mark.parametrize(("path", "text", "expected"), TABLE, ids=[row[0] for row in TABLE])
def test_definitions_with_foreign_line_ends(path: str, text: str, expected: list) -> None:
    """CRLF changes offsets and nothing else."""
    found = symbols(text.replace("\n", "\r\n"), language_of(path))
    assert [(s.kind, s.path) for s in found] == [row[:2] for row in expected]


def test_spans_cover_decorators_and_body() -> None:
    """The span of a decorated function starts at its first decorator and ends with its last statement."""
    first = symbols(PYTHON, language_of("a.py"))[1]
    text = PYTHON[first.span.start : first.span.end]
    assert text.startswith("@cache(")
    assert text.endswith("def inner(): pass")


@pytest.mark.parametrize(("alphabet", "least"), [("aé日😀 \u2028#", 20), ("aé日😀\udc80\x00 #", 1)])
def test_offsets_are_code_points_in_any_text(alphabet: str, least: int) -> None:
    """Characters of every width, lone surrogates and NULs before a definition do not shift it."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(100):
        noise = ["# " + "".join(chance.choices(alphabet, k=chance.randrange(20))) for _ in range(20)]
        text = "\n".join(f"{line}\ndef f{n}(): return '{line[2:5]}'" for n, line in enumerate(noise))
        found = symbols(text, language_of("a.py"))
        for symbol in found:
            assert text[symbol.name_span.start : symbol.name_span.end] == symbol.name
            assert text[symbol.span.start :].startswith(f"def {symbol.name}")
        assert len(found) >= least


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_broken_text_never_fails(row: tuple) -> None:
    """Every prefix of a file, and a file with stretches missing, gives symbols with spans inside the text."""
    path, text, _ = row
    language = language_of(path)
    step = max(1, len(text) // 60)
    cuts = [text[:end] for end in range(0, len(text), step)]
    cuts += [text[:start] + text[start + 7 :] for start in range(0, len(text), step)]
    for cut in cuts:
        for symbol in symbols(cut, language):
            assert 0 <= symbol.span.start <= symbol.name_span.start <= symbol.name_span.end <= len(cut)


def test_a_text_too_long_or_a_parse_too_slow_is_given_up() -> None:
    """Limits give nothing instead of holding up the caller."""
    ticks = iter(range(1_000_000))
    big = "def f(): pass\n" * 2000
    assert parse(big, "python") is not None
    assert parse(big, "python", clock=lambda: float(next(ticks))) is None
    assert parse("#" * (MOST_BYTES + 1), "python") is None
    assert parse("x", "no-such-grammar") is None


def test_ten_thousand_lines_are_read_whole() -> None:
    """Nothing is lost in a long file."""
    text = "\n".join(f"class C{n}:\n    def m(self):\n        return {n}\n" for n in range(2500))
    found = symbols(text, language_of("a.py"))
    assert len(found) == 5000
    assert found[-1].path == "C2499.m"


def test_own_sources_are_found_as_python_itself_sees_them() -> None:
    """Names and first lines agree with the standard library's parser on real files."""
    import ast

    for path in sorted(Path(ponder.__file__).parent.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        starts = [0, *(i + 1 for i, c in enumerate(text) if c == "\n")]
        expected = sorted(
            (
                starts[min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1],
                node.name,
                ast.get_docstring(node) or "",
            )
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        )
        found = sorted(
            (text.rfind("\n", 0, s.span.start) + 1, s.name, s.docstring)
            for s in symbols(text, language_of("a.py"))
            if s.kind not in {"constant", "type"}
        )
        assert found == expected, path


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("foo.bar", 0, "foo"),
        ("foo.bar", 3, "foo"),
        ("foo.bar", 4, "bar"),
        ("foo.bar", 7, "bar"),
        ("größe = 1", 2, "größe"),
        ("a + b", 2, None),
        ("", 0, None),
        ("12", 1, None),
        ("x\ny", 2, "y"),
    ],
)
def test_identifier_at(text: str, offset: int, expected: str | None) -> None:
    """The word under the cursor, or the one it stands behind."""
    found = identifier_at(text, offset)
    assert (found.name if found else None) == expected


def test_symbol_at_and_definition_of() -> None:
    """The innermost symbol around a place, the outermost symbol of a name."""
    language = language_of("a.py")
    at = symbol_at(PYTHON, language, PYTHON.index("pass"))
    assert at is not None
    assert at.path == "first.inner"
    assert symbol_at(PYTHON, language, PYTHON.index("\n\n@")) is not None
    found = definition_of(symbols(PYTHON, language), "other")
    assert found is not None
    assert found.path == "Größe.other"
    assert definition_of((), "x") is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("LIMIT: int = 1", "LIMIT: int = 2", ["LIMIT: int = 2"]),
        ("local = 1", "local = 2", ["first"]),
        ("def inner(): pass", "def inner(): return 1", ["first.inner"]),
        ('return "😀"', 'return "x"', ["Größe.method"]),
        ("def inner(): pass", "def inner(): pass   ", []),
        ("", "", []),
        ("    local = 1\n", "", ["first"]),
        ("class Größe(Base)", "class Größe", ["Größe"]),
    ],
)
def test_changed_symbols(old: str, new: str, expected: list[str]) -> None:
    """An edit marks the innermost symbol it lies in; white space at line ends marks nothing."""
    language = language_of("a.py")
    text = PYTHON.replace(old, new, 1) if old else PYTHON
    spans = {s.path: s.span for s in symbols(text, language)}
    wanted = [spans.get(path) or Span(text.index(path), text.index(path) + len(path)) for path in expected]
    got = changed_symbols(PYTHON, text, language)
    assert [text[span.start : span.end].strip() for span in got] == [
        text[s.start : s.end].strip() for s in wanted
    ]


def test_changed_symbols_of_any_edit_cover_every_changed_line() -> None:
    """Whatever is edited, each differing line lies inside a span, and spans rise without touching."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    language = language_of("a.py")
    lines = PYTHON.splitlines(keepends=True)
    for _ in range(150):
        changed = list(lines)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(changed))
            changed[at : at + chance.randrange(2)] = [f"new_{chance.randrange(10**9)} = 1\n"]
        text = "".join(changed)
        spans = changed_symbols(PYTHON, text, language)
        for before, after in itertools.pairwise(spans):
            assert before.end < after.start
        for at in (i for i in range(len(text)) if text.startswith("new_", i)):
            assert any(span.start <= at < span.end for span in spans)
