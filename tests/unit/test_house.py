"""How the project reads, where a machine can tell: sizes, docstrings, two kinds of handlers, commands that exist."""

import ast
import inspect
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "server" / "ponder").rglob("*.py"))
OURS = [path for path in SOURCES if "samples" not in path.parts]
MOST_LINES = 280
MOST_LINES_OF_A_FUNCTION = 45
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if "workspaces" not in path.parts)
MOST_LINES_OF_TESTS = 400


def name(path: Path) -> str:
    return path.relative_to(ROOT / "server").as_posix()


@pytest.mark.parametrize("path", OURS, ids=name)
def test_a_file_has_one_room_in_it(path: Path) -> None:
    """Files and functions stay readable; a module says what it is for; public names say what one cannot see."""
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= MOST_LINES
    if tree.body:
        assert ast.get_docstring(tree), "a module says what it is for"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= MOST_LINES_OF_A_FUNCTION, f"{node.name} has {length} lines"
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_":
            assert ast.get_docstring(node), f"{node.name} has no docstring"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_of_tests_shows_one_thing(path: Path) -> None:
    """A file of tests, or of what they use, can be read in one go and says what it shows."""
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES_OF_TESTS
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "a file of tests says what it shows"


def test_handlers_come_in_two_kinds() -> None:
    """A row's handler is a plain `def` or an `async def`; the catalogue of routes is the index of the server."""
    from ponder.lsp.product import ROUTES

    for method, route in ROUTES.items():
        assert inspect.isfunction(route.handler), method
        assert not inspect.isgeneratorfunction(route.handler), method


def test_commands_of_the_readme_exist() -> None:
    """Every `ponder …` and every job of `dev.py` that the README names can be called."""
    from ponder.cli import COMMANDS

    readme = (ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `ponder (\w+)", readme, re.MULTILINE)
    assert sorted(rows) == sorted(COMMANDS)
    jobs = set(re.findall(r"server/dev\.py (\w+)", readme))
    developer = (ROOT / "server" / "dev.py").read_text("utf-8")
    assert jobs
    assert all(f"def {job}(" in developer for job in jobs)


def test_links_of_the_documents_lead_somewhere() -> None:
    """A relative link in a document names a file that is there."""
    for document in [ROOT / "README.md", *(ROOT / "server").glob("*.md"), *(ROOT / "editors").rglob("*.md")]:
        if "node_modules" in document.parts:
            continue
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_each_action_has_a_prompt_worth_its_name() -> None:
    """A built-in action's words stand in a file of its own, and its version changes with them."""
    from ponder.actions.catalogue import BUILT_IN

    versions = {action.version for action in BUILT_IN}
    assert len(versions) == len(BUILT_IN)
    assert all(len(action.prompt) > 300 for action in BUILT_IN)
