"""Every action answers in every shape, says what it is, and goes by the diagnostics, the selection and the question."""

import ast
import gc
import itertools
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from offline_asking import SAMPLES, applied, asked, body, question, schema

from ponder.offline.analysis import answer
from ponder.offline.analysis.python_module import literal, parse

ACTIONS = ("review", "debug", "refactor", "explain", "fix", "tests", "document", "security", "simplify")
ACTIONS += ("architecture", "migrate", "ask", "hover", "an-action-of-the-user", "")
SHAPES = ("markdown", "findings", "edits")
TEXTS = {
    "empty.py": "",
    "blank.js": "\n\n",
    "half.py": "def f(:\n  x",
    "half.js": "function f( {",
    "nul.py": "x = 1\0",
    "junk.go": "".join(chr(c) for c in range(1, 256)),
    "mangled.py": "# caf\u00c3\u00a9 \u20ac\udce9\nx = '\U0001f600'\nimport os\n",
    "mark.py": "\ufeffimport os\r\nx = []\r\n",
    "cr.py": "import os\rx = 1\r",
    "words.txt": "Just words.",
    "noextension": "#!/bin/sh\ncd x\nls\n",
    "brackets.py": "(" * 3000,
    "brackets.js": "{" * 3000,
    "inventory.py": (SAMPLES / "inventory.py").read_text(),
    "shop.js": (SAMPLES / "shop.js").read_text(),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("path", TEXTS)
def test_every_action_answers_in_every_shape(path: str, shape: str) -> None:
    """No text makes an action fail, and the answer has its shape, its thinking and its label."""
    text = TEXTS[path]
    selections = itertools.cycle([None, (1, 1), (2, 900), None])
    for action, selection in zip(ACTIONS, selections, strict=False):
        reply = answer(body(question(action, [(path, text)], selection=selection), shape))
        assert len(reply.thinking) >= 2
        assert "offline engine" in reply.thinking[0]
        "\n".join(reply.thinking).encode()
        reply.text.encode()
        if shape == "markdown":
            assert "offline engine" in reply.text.lower()
            continue
        content = json.loads(reply.text)
        assert list(content) == ["summary", shape]
        edits = content[shape] if shape == "edits" else [e for f in content[shape] for e in f["fix"]]
        assert all(text.count(edit["old_text"]) == 1 for edit in edits if edit["old_text"])


DIAGNOSTICS = [
    (
        "3:1 warning ruff/F401: `os` imported but unused",
        "import sys\nimport re\nimport os\nprint(re, sys)\n",
        "import sys\nimport re\nprint(re, sys)\n",
    ),
    (
        '1:5 error Pyright/reportUndefinedVariable: "Path" is not defined',
        "x = Path('a')\n",
        "from pathlib import Path\nx = Path('a')\n",
    ),
    (
        "2:7 error ruff/F821: Undefined name `json`",
        "x = 1\nprint(json)\n",
        "import json\nx = 1\nprint(json)\n",
    ),
    (
        '2:7 error mypy/name-defined: Name "valeu" is not defined',
        "value = 1\nprint(valeu)\n",
        "value = 1\nprint(value)\n",
    ),
    (
        "2:4 warning ruff/E711: Comparison to `None`",
        "def f(x, y=[]):\n    return x == None\n",
        "def f(x, y=[]):\n    return x is None\n",
    ),
    (
        "1:1 hint ruff/I001: Import block is un-sorted",
        "import sys\nimport os\n\nprint(os, sys)\n",
        "import os\nimport sys\n\nprint(os, sys)\n",
    ),
]


@pytest.mark.parametrize(("note", "text", "mended"), DIAGNOSTICS)
def test_fix_mends_what_was_reported_and_nothing_else(note: str, text: str, mended: str) -> None:
    """The edit answers the diagnostic; other defects nearby stay for another time."""
    content = asked(answer, "fix", "edits", "a.py", text, diagnostics=note)
    assert applied(text, content["edits"]) == mended


def test_fix_says_what_it_would_need() -> None:
    """A diagnostic that no rule mends gives no edit and the reason."""
    text = "def f(x):\n    return x.name\n"
    note = '2:14 error Pyright/reportOptionalMemberAccess: "name" is not a known attribute of "None"'
    content = asked(answer, "fix", "edits", "a.py", text, diagnostics=note)
    assert content["edits"] == []
    assert "may be None" in content["summary"]


def test_selection_limits_a_review() -> None:
    """Only problems in the selected lines are reported."""
    text = TEXTS["inventory.py"]
    first = text[: text.index("def stock_value")].count("\n") + 1
    content = asked(answer, "review", "findings", "a.py", text, selection=(first, first + 6))
    assert [finding["rule"] for finding in content["findings"]] == ["return-in-loop"]


def test_security_reports_security_alone() -> None:
    """Other defects are no security findings."""
    content = asked(answer, "security", "findings", "inventory.py", TEXTS["inventory.py"])
    assert [finding["rule"] for finding in content["findings"]] == ["sql-injection"]


def test_a_question_is_answered_about_the_symbol_it_names() -> None:
    """Asked about a function by its name, the answer is about that function."""
    reply = answer(
        body(
            question("ask", [("inventory.py", TEXTS["inventory.py"])], instruction="What does `reorder` do?")
        )
    )
    assert "reorder" in reply.text
    assert "used up" in reply.text
    assert "stock_value" not in reply.text


def test_follow_up_is_answered_in_words() -> None:
    """A later turn is answered from the document of the first."""
    request = body(question("review", [("inventory.py", TEXTS["inventory.py"])]))
    request["messages"] += [
        {"role": "assistant", "content": "…"},
        {"role": "user", "content": "And stock_value?"},
    ]
    assert "first round" in answer(request).text


def test_answer_through_a_tool() -> None:
    """Where the shape is a tool's, the answer is a call of it."""
    request = body(question("review", [("inventory.py", TEXTS["inventory.py"])]))
    request["tools"] = [{"name": "report", "input_schema": schema("findings")}]
    reply = answer(request)
    name, content = reply.tools[0]
    assert (name, reply.text, reply.stop_reason) == ("report", "", "tool_use")
    assert content["findings"][0]["severity"] == "error"


@pytest.mark.parametrize("shape", SHAPES)
def test_without_a_document(shape: str) -> None:
    """A request about nothing is told what can be asked."""
    for request in (body("hello", shape), body(question("ask", [], instruction="hi"), shape)):
        assert "credential" in answer(request).text


def test_threads_do_not_disturb_each_other() -> None:
    """Many answers at once are the answers one by one."""
    requests = [body(question("review", [(path, text)]), "findings") for path, text in TEXTS.items()] * 3
    with ThreadPoolExecutor(8) as pool:
        together = [reply.text for reply in pool.map(answer, requests)]
    assert together == [answer(request).text for request in requests]


class ParsesAtItsEnd:
    """Garbage whose finaliser parses, as one does that a traceback is printed for."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        ast.parse("x = 1 + 2")


@pytest.mark.parametrize("parsed", [parse, lambda text: literal(f"[{text!r}, {[*range(900)]}]")])
def test_what_the_collector_runs_does_not_disturb_a_parse(parsed: Callable[[str], object]) -> None:
    """A text has its tree also where code that parses runs in the midst of it."""
    text = "def f(a, b):\n    return [a + b for _ in range(3)]\n" * 200
    before = gc.get_threshold()
    gc.set_threshold(50)
    try:
        for _ in range(20):
            for _ in range(5):
                ParsesAtItsEnd()
            assert parsed(text) is not None
    finally:
        gc.set_threshold(*before)


@pytest.mark.parametrize("action", ["review", "security", "debug", "fix", "simplify"])
@pytest.mark.parametrize("selection", [None, (1, 2)])
def test_what_is_left_out_is_said_to_the_reader(action: str, selection: tuple[int, int] | None) -> None:
    """The number of reports that an answer does not show stands in its text as in its thinking, and nowhere without need."""
    text = (SAMPLES / "inventory.py").read_text()
    told = []
    for shape in SHAPES:
        reply = answer(body(question(action, [("inventory.py", text)], selection=selection), shape))
        shown = reply.text if shape == "markdown" else json.loads(reply.text)["summary"]
        thought = re.findall(r"\d+ reports? left out", "\n".join(reply.thinking))
        assert re.findall(r"\d+ reports? left out", shown) == thought
        told += thought
    assert bool(told) == (selection is not None or action in {"security", "simplify", "debug", "fix"})
