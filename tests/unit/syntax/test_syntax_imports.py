"""Imports and the tables of languages."""

import pytest

from ponder.syntax.imports import candidates, imports
from ponder.syntax.languages import _BY_ID, _BY_NAME, _EXTENSIONS, _OTHER_IDS, PLAIN, language_of
from ponder.syntax.parsing import parse


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", ("import os, a.b as c\nfrom . import x\nfrom ..p.q import (y,  # why\n  z as w,\n)\n"
         "from m import *\n    import late\n# import no\nimportant = 1\n"),
         ["os", "a.b", ".x", "..p.q", "..p.q.y", "..p.q.z", "m", "late"]),
        ("a.ts", ("import a, {b} from './a';\nimport './side'\nexport * from \"../b.js\"\nconst c = require('c');\n"
         "await import(`x`); import('d')\n"), ["./a", "./side", "../b.js", "c", "d"]),
        ("a.go", 'package a\nimport "fmt"\nimport (\n  x "a.com/b/c" // "no"\n  "os"\n)\n', ["fmt", "a.com/b/c", "os"]),
        ("a.rs", "use crate::a::b;\npub use x::{y, z};\nmod m;\nmod n { }\n", ["crate::a::b", "x", "self::m"]),
        ("A.java", "package p;\nimport a.b.C;\nimport static a.D.e;\nimport a.f.*;\n", ["a.b.C", "a.D.e", "a.f.*"]),
        ("a.c", '#include <stdio.h>\n#  include "b/c.h"\n', ["stdio.h", "b/c.h"]),
        ("a.txt", "import x", []),
    ],
)  # fmt: skip
def test_imports(path: str, text: str, expected: list[str]) -> None:
    """Modules as written, each once, in order."""
    assert list(imports(text + text, language_of(path))) == expected


@pytest.mark.parametrize(
    ("module", "path", "expected"),
    [
        ("a.b", "src/x.py", ("a/b",)),
        (".x", "src/p/y.py", ("/src/p/x",)),
        ("..p.q", "src/p/y.py", ("/src/p/q",)),
        ("./a", "web/x.ts", ("/web/a",)),
        ("../b.js", "web/ui/x.ts", ("/web/b",)),
        ("react", "web/x.ts", ()),
        ("self::m", "src/lib.rs", ("m",)),
        ("crate::a::b", "src/lib.rs", ("a/b", "a")),
        ("b/c.h", "src/x.c", ("/src/b/c", "b/c")),
        ("a.b.C", "src/A.java", ("a/b/C",)),
        ("a.com/b/c", "x.go", ("a.com/b/c", "b/c", "c")),
    ],
)
def test_candidates(module: str, path: str, expected: tuple[str, ...]) -> None:
    """Where a module may be found, most likely first."""
    assert candidates(module, path, language_of(path)) == expected


@pytest.mark.parametrize(
    ("path", "id_", "expected"),
    [
        ("a.py", "", "python"),
        ("A.PY", "", "python"),
        ("noext", "python", "python"),
        ("a.h", "cpp", "cpp"),
        ("a.h", "", "c"),
        ("x/Dockerfile", "", "dockerfile"),
        ("x", "sh", "shellscript"),
        ("a.tsx", "typescript.tsx", "typescriptreact"),
        ("C:\\x\\Makefile", "", "make"),
        ("a.zzz", "", "plaintext"),
        ("", "no-such", "plaintext"),
    ],
)
def test_language_of(path: str, id_: str, expected: str) -> None:
    """The editor's word counts first, then the name, then the ending."""
    assert language_of(path, id_).id == expected


def test_every_row_leads_to_a_grammar_that_loads() -> None:
    """No table points into the void."""
    assert {*_EXTENSIONS, *_BY_NAME.values(), *_OTHER_IDS.values()} <= set(_BY_ID)
    for language in _BY_ID.values():
        assert parse("x", language.grammar) is not None, language.id
    assert PLAIN.grammar is None
