"""Writes tests for what the code itself states: doctests, guards that raise, early returns. Runs no code of the user."""

import re
from pathlib import PurePosixPath

from .counting import count
from .inspection import Inspection
from .languages import language_of
from .python_module import parse
from .question import Question
from .report import Reply
from .stated_values import holds, is_literal, stopped_by
from .symbols import Guard, Symbol
from .wording import IDENTITY, account, code, listed

# A value of each type that is as dull as can be; used where the test is about another parameter.
_SAMPLES = {
    "int": "1",
    "float": "1.0",
    "str": '"sample"',
    "bool": "True",
    "list": "[]",
    "dict": "{}",
    "set": "set()",
    "tuple": "()",
    "bytes": 'b"sample"',
}


def tests(question: Question, inspection: Inspection) -> Reply:
    """A new test file beside the document; for languages other than Python and JavaScript, words why not."""
    symbols = _wanted(question, inspection)
    language = language_of(inspection.source)
    path, text, covered = "", "", list[str]()
    if inspection.module is not None:
        path, text, covered = _pytest(inspection, symbols)
    elif language is not None and language.grammar == "javascript":
        path, text, covered = _node_test(inspection, symbols)
    left = [symbol for symbol in symbols if symbol.full_name not in covered]
    if text:
        summary = (
            f"{IDENTITY}. {code(path)} tests what the code states itself: examples, guards and early returns."
        )
        if left:
            summary += (
                f" For {listed([code(symbol.full_name) for symbol in left[:6]])} the code states no result that I "
                "could check without running it, so only their presence is tested."
            )
        edits: tuple[dict[str, str], ...] = ({"path": path, "old_text": "", "new_text": text},)
    else:
        summary = f"{IDENTITY}. I write tests for Python and JavaScript only, and for what can be imported; here there is nothing I can do."
        edits = ()
    found = f"{count(len(symbols), 'public definition')}; {count(len(covered), 'definition')} with a behaviour stated in the code."
    return Reply(thinking=(*account(question, inspection, ()), found), summary=summary, edits=edits)


def _wanted(question: Question, inspection: Inspection) -> list[Symbol]:
    symbols = [symbol for symbol in inspection.outline.symbols if symbol.public and symbol.name != "main"]
    if question.selection is not None:
        first, last = question.selection
        chosen = [symbol for symbol in symbols if symbol.line <= last and symbol.end_line >= first]
        symbols = chosen or symbols
    return symbols


def _pytest(inspection: Inspection, symbols: list[Symbol]) -> tuple[str, str, list[str]]:
    pure = PurePosixPath(inspection.source.path)
    top = [symbol for symbol in symbols if not symbol.owner]
    if not top or not pure.stem.isidentifier() or pure.stem.startswith("__"):
        return "", "", []
    folders = [part for part in pure.parts[:-1] if part != "src"]
    relative = any(name.startswith(".") for name in inspection.outline.imports)
    packaged = bool(folders) and relative and all(part.isidentifier() for part in folders)
    module = ".".join([*folders, pure.stem]) if packaged else pure.stem
    path = f"tests/test_{pure.stem}.py" if packaged else str(pure.with_name(f"test_{pure.stem}.py"))
    blocks: list[str] = []
    covered: list[str] = []
    uses_pytest = False
    for symbol in top:
        if symbol.kind == "class" or symbol.is_async or symbol.is_generator:
            continue
        cases = [*_examples(symbol, pure.stem), *_guarded(symbol, pure.stem)]
        for at, (name, body) in enumerate(cases, 1):
            title = f"test_{symbol.name}_{name}"
            taken = any(block.startswith(f"def {title}(") for block in blocks)
            blocks.append(f"def {title}{f'_{at}' if taken else ''}() -> None:\n{body}")
            uses_pytest = uses_pytest or "pytest." in body
        covered += [symbol.full_name] if cases else []
    names = sorted({symbol.name for symbol in top})
    present = f'"{names[0]}",' if len(names) == 1 else ", ".join(f'"{name}"' for name in names)
    blocks.insert(
        0,
        f"def test_public_names() -> None:\n    for name in ({present}):\n        assert callable(getattr({pure.stem}, name))",
    )
    head = [f'"""Tests for {module}: what its code states."""', ""]
    head += ["import pytest", ""] if uses_pytest else []
    parent = module.rpartition(".")[0]
    head.append(f"from {parent} import {pure.stem}" if parent else f"import {pure.stem}")
    text = "\n".join(head) + "\n\n\n" + "\n\n\n".join(blocks) + "\n"
    return (path, text, covered) if parse(text) is not None else ("", "", [])


def _examples(symbol: Symbol, stem: str) -> list[tuple[str, str]]:
    """The examples of a docstring that are one call and one printed value."""
    import doctest  # brings the debugger with it

    try:
        examples = doctest.DocTestParser().get_examples(symbol.doc)
    except ValueError:
        return []
    found = []
    for example in examples:
        source, want = example.source.strip(), example.want.strip()
        if is_literal(want) and source.startswith(f"{symbol.name}(") and "\n" not in source:
            found.append(("example", f"    assert {stem}.{source} == {want}"))
    return found


def _guarded(symbol: Symbol, stem: str) -> list[tuple[str, str]]:
    """One test for each guard whose condition a value can be made for."""
    found = []
    for at, guard in enumerate(symbol.guards):
        call = _call(symbol, guard, symbol.guards[:at])
        if call is None:
            continue
        if guard.error and guard.error.isidentifier():
            found.append(
                (
                    f"raises_{_snake(guard.error)}",
                    f"    with pytest.raises({guard.error}):\n        {stem}.{call}",
                )
            )
        elif guard.value and is_literal(guard.value):
            compare = "is" if guard.value in {"None", "True", "False"} else "=="
            found.append(("returns_at_once", f"    assert {stem}.{call} {compare} {guard.value}"))
    return found


def _call(symbol: Symbol, guard: Guard, before: tuple[Guard, ...]) -> str | None:
    """A call that this guard stops, and none before it; None where no value is certain."""
    for parameter in symbol.parameters:
        value = stopped_by(guard.text, parameter)
        if value is None:
            continue
        values = {}
        for other in symbol.parameters:
            if other.kind in {"rest", "keywords"}:
                continue
            base = re.split(r"[\[ |]", other.type)[0]
            filler = _SAMPLES.get(base) if not other.default else ""
            if other.name != parameter.name and filler is None:
                return None
            if other.name == parameter.name or filler:
                values[other.name] = value if other.name == parameter.name else str(filler)
        if any(holds(earlier.text, values) is not False for earlier in before):
            return None
        written = [
            text if p.kind == "positional" else f"{p.name}={text}"
            for p in symbol.parameters
            if (text := values.get(p.name))
        ]
        return f"{symbol.name}({', '.join(written)})" if holds(guard.text, values) else None
    return None


def _node_test(inspection: Inspection, symbols: list[Symbol]) -> tuple[str, str, list[str]]:
    """A file for `node --test` that loads the module and asks for its exported functions."""
    pure = PurePosixPath(inspection.source.path)
    text = inspection.source.text
    modern = bool(re.search(r"^\s*export\s", text, re.MULTILINE))
    exported = re.search(r"module\.exports\s*=\s*\{([^}]*)\}", text)
    names = [s.name for s in symbols if not s.owner and s.kind == "function"]
    if modern:
        names = [
            name
            for name in names
            if re.search(
                rf"export\s+(?:default\s+)?(?:async\s+)?(?:function\*?|const|let)\s+{re.escape(name)}\b", text
            )
        ]
    else:
        names = [
            name for name in names if exported and re.search(rf"\b{re.escape(name)}\b", exported.group(1))
        ]
    if not names:
        return "", "", []
    lines = [
        'import assert from "node:assert/strict";\nimport { test } from "node:test";'
        if modern
        else '"use strict";\n\nconst assert = require("node:assert/strict");\nconst { test } = require("node:test");',
        f'import * as subject from "./{pure.name}";'
        if modern
        else f'const subject = require("./{pure.name}");',
        "",
    ]
    lines += [
        f'test("{name} is exported", () => {{\n  assert.equal(typeof subject.{name}, "function");\n}});\n'
        for name in names
    ]
    return str(pure.with_name(f"{pure.stem}.test{pure.suffix}")), "\n".join(lines), []


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
