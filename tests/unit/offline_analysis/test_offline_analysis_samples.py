"""Over whole samples: findings stand where they say, and after a fix the file parses and the rule is gone."""

import ast
import importlib.util
import json
import sys
import types
from datetime import date
from pathlib import Path

import pytest
from offline_asking import DEMO, SAMPLES, applied, asked, language

from ponder.offline.analysis import answer
from ponder.offline.analysis.inspection import inspect
from ponder.offline.analysis.source import SEVERITIES, Source
from ponder.offline.analysis.tree_parse import errors

FILES = sorted([*SAMPLES.iterdir(), *DEMO.glob("*.py")])
NAMES = [path.name for path in FILES]
SEVERE = {
    "Account.java": {"string-compared-by-identity", "loop-past-end"},
    "billing.py": {"truncated-money", "mutable-argument-default"},
    "cart.ts": set(),
    "clean.py": set(),
    "contact.php": {"sql-injection"},
    "fetch.py": {"unsafe-yaml-load", "tls-not-verified", "lost-await", "index-at-length", "range-past-end"}
    | {"swapped-isinstance", "always-true-condition"},
    "greet.c": {"unbounded-copy", "assignment-in-condition", "format-from-variable"},
    "inventory.py": {"changed-while-iterating", "return-in-loop", "spent-iterator", "sql-injection"}
    | {"unused-result", "result-of-in-place-method"},
    "settings.json": {"duplicate-key"},
    "shop.js": {"loop-past-end", "assignment-in-condition", "floating-promise-in-foreach", "duplicate-case"}
    | {"sql-injection"},
    "store.go": {"sql-injection"},
}


def read(path: Path) -> str:
    return path.read_bytes().decode()


def broken(path: Path, text: str) -> int:
    """0 where the text can be read as its language."""
    if path.suffix == ".py":
        ast.parse(text)
        return 0
    return errors(Source(path.name, language(path.name), text), text)


def rules(path: Path, text: str) -> list[str]:
    return [problem.rule for problem in inspect(Source(path.name, language(path.name), text)).problems]


@pytest.mark.parametrize("path", FILES, ids=NAMES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_findings_stand_where_they_say(path: Path, ending: str) -> None:
    """Quotes are exact first lines, old texts occur once, and the known defects of the sample are found."""
    text = read(path).replace("\n", ending)
    content = asked(answer, "review", "findings", path.name, text)
    lines = text.split(ending)
    assert list(content) == ["summary", "findings"]
    assert len(content["findings"]) <= 12
    for finding in content["findings"]:
        assert finding["path"] == path.name
        assert finding["severity"] in SEVERITIES
        assert finding["quote"] == lines[finding["start_line"] - 1]
        assert finding["start_line"] <= finding["end_line"] <= len(lines)
        assert all(text.count(edit["old_text"]) == 1 for edit in finding["fix"])
    severe = {finding["rule"] for finding in content["findings"] if finding["severity"] == "error"}
    assert severe == SEVERE.get(path.name, set())
    weights = [SEVERITIES.index(finding["severity"]) for finding in content["findings"]]
    assert weights == sorted(weights)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_each_fix_mends_its_finding(path: Path, ending: str) -> None:
    """After one fix the file parses, keeps its line ends, and has one report of that rule less."""
    text = read(path).replace("\n", ending)
    for finding in asked(answer, "review", "findings", path.name, text)["findings"]:
        if finding["fix"]:
            mended = applied(text, finding["fix"])
            assert broken(path, mended) == 0
            assert mended.count("\n") == mended.count(ending)
            assert rules(path, mended).count(finding["rule"]) == rules(path, text).count(finding["rule"]) - 1


@pytest.mark.parametrize("path", FILES, ids=NAMES)
@pytest.mark.parametrize("action", ["fix", "simplify", "refactor", "migrate", "document"])
def test_edits_of_an_action_go_together(path: Path, action: str) -> None:
    """All edits of one answer can be applied at once, and the file still parses and has no new severe problem."""
    text = read(path)
    edits = asked(answer, action, "edits", path.name, text)["edits"]
    mended = applied(text, edits)
    assert broken(path, mended) == 0
    assert set(rules(path, mended)) - set(rules(path, text)) <= {"unused-import", "deprecated-import"}


def test_fixing_again_finds_nothing_certain_left() -> None:
    """Fixing every sample until nothing is left ends, and what could be mended is gone."""
    for path in FILES:
        text = read(path)
        for _ in range(5):
            edits = asked(answer, "fix", "edits", path.name, text)["edits"]
            if not edits:
                break
            text = applied(text, edits)
        else:
            pytest.fail(path.name)


def test_clean_code_has_no_findings() -> None:
    """The sample without a defect is told to be so, in words that claim no more than was checked."""
    content = asked(answer, "review", "findings", "clean.py", read(SAMPLES / "clean.py"))
    assert content["findings"] == []
    assert "not a model" in content["summary"]


def load(path: Path) -> types.ModuleType:
    """A file as a module of its own, whatever its name."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[path.stem]
    return module


def test_the_demo_shows_a_real_bug_and_really_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bundled sample charges 1998 cents for 19.99 euros before the fix and 1999 after it, and forgets no order."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    text = read(DEMO / "billing.py")
    mended = applied(text, asked(answer, "fix", "edits", "billing.py", text)["edits"])
    seen = []
    for name, version in (("billing_before", text), ("billing_after", mended)):
        # A dataclass looks its module up while it is made, so each version has a name of its own.
        (tmp_path / f"{name}.py").write_text(version)
        billing = load(tmp_path / f"{name}.py")
        invoice = billing.Invoice("1", "A", date(2026, 1, 1), [billing.Item("Plan", 19.99)])
        order = [{"order": "1", "product": "Plan", "price": "1", "quantity": "1"}]
        seen.append(
            (
                billing.charge_request(invoice)["amount"],
                len(billing.parse_items(order) + billing.parse_items(order)),
            )
        )
    assert seen == [(1998, 1), (1999, 2)]
    assert rules(DEMO / "billing.py", mended) == []


def test_answers_are_the_same_each_time() -> None:
    """The same request gives the same bytes."""
    for path in FILES:
        text = read(path)
        first, second = (json.dumps(asked(answer, "review", "findings", path.name, text)) for _ in range(2))
        assert first == second
