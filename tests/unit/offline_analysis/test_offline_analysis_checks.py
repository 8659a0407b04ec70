"""Each check finds its mistake, mends it as it says, and is silent about the code next to it that is right."""

import pytest

from ponder.offline.analysis.inspection import inspect, proven
from ponder.offline.analysis.source import Source

# rule, language, wrong code, mended code (None: no sure change)
WRONG = [
    (
        "range-past-end",
        "python",
        "for i in range(len(x) + 1):\n    print(x[i])\n",
        "for i in range(len(x)):\n    print(x[i])\n",
    ),
    ("index-at-length", "python", "def f(x):\n    return x[len(x)]\n", "def f(x):\n    return x[-1]\n"),
    (
        "return-in-loop",
        "python",
        "def f(x):\n    n = 0\n    for i in x:\n        n += i\n        return n\n",
        "def f(x):\n    n = 0\n    for i in x:\n        n += i\n    return n\n",
    ),
    (
        "changed-while-iterating",
        "python",
        "def f(x):\n    for i in x:\n        if i:\n            x.remove(i)\n",
        "def f(x):\n    for i in list(x):\n        if i:\n            x.remove(i)\n",
    ),
    (
        "changed-while-iterating",
        "python",
        "def f(d):\n    for k, v in d.items():\n        del d[k]\n",
        "def f(d):\n    for k, v in list(d.items()):\n        del d[k]\n",
    ),
    (
        "lost-await",
        "python",
        "async def f():\n    pass\nasync def g():\n    f()\n",
        "async def f():\n    pass\nasync def g():\n    await f()\n",
    ),
    (
        "always-true-condition",
        "python",
        'def f(x):\n    if x == "a" or "b":\n        return 1\n',
        'def f(x):\n    if x in ("a", "b"):\n        return 1\n',
    ),
    (
        "swapped-isinstance",
        "python",
        "def f(x):\n    return isinstance(str, x)\n",
        "def f(x):\n    return isinstance(x, str)\n",
    ),
    (
        "result-of-in-place-method",
        "python",
        "def f(x):\n    y = x.sort(key=len)\n    return y\n",
        "def f(x):\n    y = sorted(x, key=len)\n    return y\n",
    ),
    (
        "truncated-money",
        "python",
        "def f(price):\n    return int(price * 100)\n",
        "def f(price):\n    return round(price * 100)\n",
    ),
    (
        "spent-iterator",
        "python",
        "def f(x):\n    y = (i for i in x)\n    n = sum(y)\n    return max(y)\n",
        "def f(x):\n    y = [i for i in x]\n    n = sum(y)\n    return max(y)\n",
    ),
    ("called-after-shadowing", "python", "def f(x):\n    list = [1]\n    return list(x)\n", None),
    (
        "missing-f-prefix",
        "python",
        'def f(x):\n    raise ValueError("bad {x}")\n',
        'def f(x):\n    raise ValueError(f"bad {x}")\n',
    ),
    (
        "unused-result",
        "python",
        "def f(x):\n    x.strip()\n    return x\n",
        "def f(x):\n    x = x.strip()\n    return x\n",
    ),
    ("unguarded-mean", "python", "def f(x):\n    return sum(x) / len(x)\n", None),
    ("unchecked-lookup", "python", 'import re\ndef f(x):\n    return re.match("a", x).group()\n', None),
    ("inexact-equality", "python", "def f(x):\n    return x * 3 == 0.3\n", None),
    ("unreachable-code", "python", "def f(x):\n    return x\n    print(x)\n", None),
    (
        "unclosed-file",
        "python",
        "def f(x):\n    return open(x).read()\n",
        "def f(x):\n    with open(x) as handle:\n        return handle.read()\n",
    ),
    (
        "swallowed-cancellation",
        "python",
        "import asyncio\nasync def f(g):\n    try:\n        await g\n    except asyncio.CancelledError:\n        pass\n",
        "import asyncio\nasync def f(g):\n    try:\n        await g\n    except asyncio.CancelledError:\n        raise\n",
    ),
    (
        "unsafe-yaml-load",
        "python",
        "import yaml\ndef f(x):\n    return yaml.load(x)\n",
        "import yaml\ndef f(x):\n    return yaml.safe_load(x)\n",
    ),
    (
        "request-without-timeout",
        "python",
        "import requests\ndef f(x):\n    return requests.get(x)\n",
        "import requests\ndef f(x):\n    return requests.get(x, timeout=10)\n",
    ),
    (
        "tls-not-verified",
        "python",
        "import requests\ndef f(x):\n    return requests.get(x, timeout=1, verify=False)\n",
        "import requests\ndef f(x):\n    return requests.get(x, timeout=1, verify=True)\n",
    ),
    (
        "predictable-secret",
        "python",
        "import random\ntoken = random.choice('ab')\n",
        "import random\ntoken = random.SystemRandom().choice('ab')\n",
    ),
    (
        "timing-leak",
        "python",
        "import hmac\ndef f(signature, expected):\n    return signature == expected\n",
        "import hmac\ndef f(signature, expected):\n    return hmac.compare_digest(signature, expected)\n",
    ),
    (
        "sql-injection",
        "python",
        "import sqlite3\ndef f(c, x):\n    c.execute(f\"SELECT a FROM b WHERE c = '{x}'\")\n",
        'import sqlite3\ndef f(c, x):\n    c.execute("SELECT a FROM b WHERE c = ?", (x,))\n',
    ),
    (
        "mutable-argument-default",
        "python",
        "def f(x=[]):\n    x.append(1)\n    return x\n",
        "def f(x=None):\n    if x is None:\n        x = []\n    x.append(1)\n    return x\n",
    ),
    ("unused-import", "python", "import os\n\nprint(1)\n", "\nprint(1)\n"),
    ("syntax-error", "javascript", "f(1;\n", "f(1);\n"),
    ("assignment-in-condition", "javascript", "if (a = 1) { b(); }\n", "if (a === 1) { b(); }\n"),
    ("duplicate-key", "json", '{"a": 1, "a": 2}\n', None),
    ("duplicate-case", "javascript", "switch (a) { case 1: b(); break; case 1: c(); }\n", None),
    ("identical-operands", "javascript", "if (a.b && a.b) { c(); }\n", None),
    ("unreachable-code", "go", "package m\n\nfunc f() int {\n\treturn 1\n\tg()\n}\n", None),
    ("unreachable-code", "rust", "fn f() -> i32 {\n    return 1;\n    g();\n}\n", None),
    ("empty-handler", "java", "class A { void f() { try { g(); } catch (Error e) { } } }\n", None),
    ("empty-handler", "kotlin", "fun f() { try { g() } catch (e: Exception) { } }\n", None),
    (
        "string-compared-by-identity",
        "java",
        'class A { boolean f(String s) { return s != "a"; } }\n',
        'class A { boolean f(String s) { return !"a".equals(s); } }\n',
    ),
    (
        "loop-past-end",
        "javascript",
        "for (let i = 0; i <= a.length; i++) { b(a[i]); }\n",
        "for (let i = 0; i < a.length; i++) { b(a[i]); }\n",
    ),
    (
        "floating-promise-in-foreach",
        "typescript",
        "async function f(a) { a.forEach(async (b) => { await b; }); }\n",
        "async function f(a) { await Promise.all(a.map(async (b) => { await b; })); }\n",
    ),
    (
        "numeric-sort",
        "javascript",
        "const a = [10, 9];\na.sort();\n",
        "const a = [10, 9];\na.sort((a, b) => a - b);\n",
    ),
    ("code-from-text", "javascript", "eval(a);\n", None),
    ("html-from-text", "javascript", "a.innerHTML = b;\n", None),
    ("sql-injection", "typescript", "db.query(`SELECT a FROM b WHERE c = ${d}`);\n", None),
    ("ignored-error", "go", "package m\n\nfunc f() {\n\tn, _ := strconv.Atoi(s)\n\tuse(n)\n}\n", None),
    ("defer-in-loop", "go", "package m\n\nfunc f() {\n\tfor {\n\t\tdefer g()\n\t}\n}\n", None),
    ("panicking-unwrap", "rust", "fn f() {\n    g().unwrap();\n}\n", None),
    (
        "unbounded-copy",
        "c",
        "void f(char *a) { char b[9]; strcpy(b, a); }\n",
        'void f(char *a) { char b[9]; snprintf(b, sizeof(b), "%s", a); }\n',
    ),
    (
        "format-from-variable",
        "c",
        "void f(char *a) { printf(a); }\n",
        'void f(char *a) { printf("%s", a); }\n',
    ),
    ("unquoted-variable", "shellscript", "rm -r $a/b\n", 'rm -r "$a"/b\n'),
    ("unchecked-cd", "shellscript", "cd build\nrm -f a\n", "cd build || exit 1\nrm -f a\n"),
    (
        "loose-equality",
        "javascript",
        "if (typeof a == 'string') { b(); }\n",
        "if (typeof a === 'string') { b(); }\n",
    ),
    (
        "var-declaration",
        "javascript",
        "function f() {\n  var a = 1;\n  return a;\n}\n",
        "function f() {\n  const a = 1;\n  return a;\n}\n",
    ),
    ("long-function", "javascript", "function f() {\n" + "  g();\n" * 81 + "}\n", None),
    (
        "deep-nesting",
        "javascript",
        "function f() { if (a) { for (;;) { while (b) { if (c) { if (d) { e(); } } } } } }\n",
        None,
    ),
    ("debt-marker", "go", "package m\n\n// FIXME: later\nfunc f() {}\n", None),
]

RIGHT = [
    ("python", "def f(x):\n    for i in range(len(x) + 1):\n        print(x[:i])\n"),
    ("python", "def f(x):\n    for i in x:\n        return i\n"),
    ("python", "def f(x):\n    for i in x:\n        if i:\n            x.remove(i)\n            break\n"),
    ("python", "def f(x):\n    if not x:\n        return 0\n    return sum(x) / len(x)\n"),
    ("python", "def f(x):\n    y = [i for i in x]\n    return sum(y) + max(y)\n"),
    ("python", "def f(x):\n    x.sort()\n    return x\n"),
    ("python", "def f(x):\n    return\n    yield x\n"),
    ("python", "def f(x):\n    raise ValueError('{x}'.format(x=x))\n"),
    ("python", "def f(width):\n    return int(width * 100)\n"),
    ("python", "async def f():\n    pass\nasync def g():\n    await f()\n    task = f()\n    await task\n"),
    ("javascript", "if (a == null) { b(); }\n"),
    ("javascript", "let n;\nwhile ((n = next())) { f(n); }\n"),
    ("javascript", "try { f(); } catch { /* not there: that is fine */ }\n"),
    ("javascript", "function f() { return g(); function g() { return 1; } }\n"),
    ("javascript", "if (x !== x) { nan(); }\n"),
    ("javascript", "a.innerHTML = '<b></b>';\n"),
    ("go", "package m\n\nfunc f() {\n\t_, ok := m[k]\n\tuse(ok)\n}"),
    ("rust", "fn f() -> Option<i32> {\n    g()?.h()\n}\n"),
    ("c", 'void f(void) { char b[9]; strcpy(b, "a"); printf("%s", b); }\n'),
    ("shellscript", 'set -e\ncd build\nrm -f "$a"\n'),
    ("shellscript", "[[ $a = b ]] && echo $c\n"),
    ("java", 'class A { boolean f(String s) { return "a".equals(s); } }\n'),
    ("json", '{"a": {"b": 1}, "c": {"b": 1}}\n'),
]


def problems(language: str, text: str) -> dict[str, str]:
    """Each rule found, with the text its changes make."""
    inspection = inspect(Source("a", language, text))
    source = inspection.source
    return {p.rule: source.apply(p.changes) for p in reversed(proven(inspection, inspection.problems))}


@pytest.mark.parametrize(
    ("rule", "language", "text", "mended"), WRONG, ids=[f"{row[1]}-{row[0]}" for row in WRONG]
)
def test_mistake_is_found_and_mended(rule: str, language: str, text: str, mended: str | None) -> None:
    """The rule is reported; its change makes exactly the mended text, in which it is reported no more."""
    found = problems(language, text)
    assert found.get(rule) == (mended or text)
    if mended:
        assert rule not in problems(language, mended)


@pytest.mark.parametrize(("language", "text"), RIGHT)
def test_right_code_is_left_alone(language: str, text: str) -> None:
    """Nothing worse than a hint is said about code that is right."""
    found = inspect(Source("a", language, text)).problems
    assert [problem.rule for problem in found if problem.severity != "hint"] == []
