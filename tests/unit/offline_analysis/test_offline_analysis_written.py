"""What the engine writes works: test files run and can fail, docstrings parse and say what the code says."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from offline_asking import SAMPLES, applied, asked

from ponder.offline.analysis import answer


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(folder),
            str(folder),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_written_tests_run_and_can_fail(tmp_path: Path) -> None:
    """The new file passes on the sample as it is, and fails when what the code states is changed."""
    text = (SAMPLES / "clean.py").read_text()
    (edit,) = asked(answer, "tests", "edits", "clean.py", text)["edits"]
    assert edit["old_text"] == ""
    (tmp_path / "clean.py").write_text(text)
    (tmp_path / edit["path"]).write_text(edit["new_text"])
    passed = run_pytest(tmp_path)
    assert "4 passed" in passed.stdout
    (tmp_path / "clean.py").write_text(
        text.replace("if whole == 0:", "if whole == 7:").replace(
            "return abs(first)\n", "return -abs(first)\n"
        )
    )
    assert "2 failed" in run_pytest(tmp_path).stdout


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_written_node_tests_run(tmp_path: Path) -> None:
    """The new file for node passes on a module that exports what it says."""
    text = "function add(a, b) { return a + b; }\nmodule.exports = { add };\n"
    (edit,) = asked(answer, "tests", "edits", "sum.js", text)["edits"]
    (tmp_path / "sum.js").write_text(text)
    (tmp_path / edit["path"]).write_text(edit["new_text"])
    done = subprocess.run(
        ["node", "--test", edit["path"]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


UNDOCUMENTED = """class Shelf:
    def put(self, name: str, count: int = 1) -> int:
        if count < 0:
            raise ValueError("negative")
        return count


async def walk(names):
    for name in names:
        yield name
"""


def test_docstrings_say_what_the_code_says() -> None:
    """Every public symbol gets one, with parameters, results and errors; nothing else changes."""
    mended = applied(UNDOCUMENTED, asked(answer, "document", "edits", "a.py", UNDOCUMENTED)["edits"])
    tree = ast.parse(mended)
    shelf, walk = tree.body
    assert isinstance(shelf, ast.ClassDef)
    assert isinstance(walk, ast.AsyncFunctionDef)
    method = shelf.body[1]
    assert isinstance(method, ast.FunctionDef)
    put = ast.get_docstring(method) or ""
    assert all(
        words in put
        for words in ("name: str.", "count: int; 1 if left out.", "Returns:", "ValueError: If `count < 0`.")
    )
    assert ast.get_docstring(shelf)
    assert ast.get_docstring(walk)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node
        ):
            del node.body[0]
    assert ast.dump(tree) == ast.dump(ast.parse(UNDOCUMENTED))


COMMENTED = [
    ("a.go", "package m\n\nfunc Add(a int) int {\n\treturn a\n}\n", "// Add add.\nfunc Add"),
    ("a.rs", "pub fn add(a: i32) -> i32 {\n    a\n}\n", "/// Add.\npub fn add"),
    ("a.js", "export function add(a) {\n  return a;\n}\n", " * @param {*} a\n */\nexport function add"),
    ("a.ts", "export class A {\n  add(a: number) {\n    return a;\n  }\n}\n", "   * @param a\n   */\n  add("),
]


@pytest.mark.parametrize(("path", "text", "expected"), COMMENTED)
def test_comments_of_other_languages(path: str, text: str, expected: str) -> None:
    """The comment has the form of its language and stands right above."""
    assert expected in applied(text, asked(answer, "document", "edits", path, text)["edits"])
