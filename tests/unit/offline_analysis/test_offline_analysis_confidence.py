"""How sure the offline engine says it is: asked for only, in range, and high only for what the text proves."""

import json
import re
from pathlib import Path

import pytest
from offline_asking import SAMPLES, body, question

from ponder.offline.analysis import answer, confidence
from ponder.offline.analysis.inspection import inspect
from ponder.offline.analysis.python_checks import CHECKS
from ponder.offline.analysis.ruff_rules import SELECTED
from ponder.offline.analysis.source import Problem, Source
from ponder.offline.analysis.tree_table import CHECKS as TREE_CHECKS

RULES = {check.rule for check in (*CHECKS, *TREE_CHECKS)}


def asking(path: str, text: str, *, rated: bool, tool: bool = False) -> list[dict[str, object]]:
    """The findings of a review; `rated` asks for a confidence, `tool` for a report through one."""
    request = body(question("review", [(path, text)]), "findings")
    schema = request["output_config"]["format"]["schema"]
    if rated:
        item = {"type": "object", "properties": {"confidence": {"type": "integer"}}}
        schema["properties"]["findings"]["items"] = item
    if tool:
        del request["output_config"]
        request["tools"] = [{"name": "report", "input_schema": schema}]
    reply = answer(request)
    content = reply.tools[0][1] if tool else json.loads(reply.text)
    found: list[dict[str, object]] = content["findings"]
    assert found
    return found


@pytest.mark.parametrize("name", ["inventory.py", "shop.js"])
@pytest.mark.parametrize("tool", [False, True])
def test_findings_are_rated_only_where_that_is_asked(name: str, tool: bool) -> None:
    """With the field in the schema every finding has it, in the place the schema has it; without, none."""
    text = (SAMPLES / name).read_text()
    plain = asking(name, text, rated=False, tool=tool)
    rated = asking(name, text, rated=True, tool=tool)
    assert all("confidence" not in one for one in plain)
    assert [{k: v for k, v in one.items() if k != "confidence"} for one in rated] == plain
    for one in rated:
        assert list(one)[-2:] == ["confidence", "fix"]
        assert type(one["confidence"]) is int
        assert 0 <= one["confidence"] <= 100


@pytest.mark.parametrize(
    ("path", "text", "rule", "least", "most"),
    [
        ("a.py", "x = = 1\n", "invalid-syntax", 95, 100),
        ("a.py", "print(missing)\n", "undefined-name", 95, 100),
        ("a.py", "import os\n", "unused-import", 95, 100),
        ("a.py", "def f(v):\n    return v[len(v)]\n", "index-at-length", 85, 94),
        ("a.py", "def f(v):\n    return sum(v) / len(v)\n", "unguarded-mean", 50, 70),
        ("a.py", "import pickle\n\n\ndef f(b):\n    return pickle.loads(b)\n", "suspicious-pickle-usage", 50, 70),
        ("a.js", "const a = {b: 1, b: 2};\n", "duplicate-key", 95, 100),
        ("a.js", "if (a == b) { f(); }\n", "loose-equality", 30, 50),
    ],
)  # fmt: skip
def test_proof_counts_more_than_suspicion(path: str, text: str, rule: str, least: int, most: int) -> None:
    """What the text proves is near certain, what depends on input or callers is not, taste is a toss of a coin."""
    problems = inspect(Source(path, {"py": "python", "js": "javascript"}[path[-2:]], text)).problems
    (problem,) = [one for one in problems if one.rule == rule]
    assert least <= confidence.confidence(problem) <= most


def test_every_rule_of_the_table_exists() -> None:
    """No figure stands for a rule that was renamed."""
    assert set(confidence._OWN) <= RULES
    assert all(any(code.startswith(known) for code in SELECTED) or known in {"F", "B", "S", "RUF", "PLW"} for known in confidence._RUFF)  # fmt: skip


def test_figures_stand_for_every_problem() -> None:
    """Also a rule that is in no table has a figure: by its severity."""
    for severity, figure in confidence._BY_SEVERITY.items():
        problem = Problem(rule="new", severity=severity, start=0, end=1, message="m", origin="ast")  # type: ignore[arg-type] # a key of the table
        assert confidence.confidence(problem) == figure


def test_the_table_says_what_its_figures_mean() -> None:
    """The five figures of the docstring are those of the code."""
    said = {int(number) for number in re.findall(r"\b(\d\d) for what", confidence.__doc__ or "")}
    used = {*confidence._OWN.values(), *confidence._RUFF.values(), *confidence._BY_SEVERITY.values()}
    assert used == said
    assert Path(confidence.__file__).name == "confidence.py"
