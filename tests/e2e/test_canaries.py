"""X-17: forty secrets in one workspace, every feature used: none of them on the wire, in a log, at rest, in what the editor is told."""

import asyncio
import base64
import json
import os
import random
import string
import sys
from pathlib import Path
from typing import Any, NamedTuple

from e2e.fake_editor import FakeEditor
from e2e.fake_environment import SERVER_DIRECTORY
from e2e.test_outcomes import connected
from e2e.test_runs import run
from ponder.files.secrets import holds_key

_WORD = string.ascii_letters + string.digits
_SEED = 20261122


class Canary(NamedTuple):
    """`text` holds the secret and stands in the file `path`; no piece of `parts` may be seen anywhere else.

    `told`: the rest of the file may be told, and is: its marker must arrive, or the check would prove nothing.
    """

    path: str
    text: str
    parts: tuple[str, ...]
    told: bool = False


def canaries() -> list[Canary]:
    """The table. The values are made here, so that no scanner finds keys in this file."""
    source = random.Random(_SEED)

    def word(size: int) -> str:
        return "".join(source.choice(_WORD) for _ in range(size - 3)) + "aA7"

    found: list[Canary] = []

    def secret_file(path: str, form: str = "VALUE={}\n") -> None:
        value = word(24)
        found.append(Canary(path, form.format(value), (value,)))

    def code(form: str, size: int = 36, path: str | None = None) -> None:
        value = word(size)
        found.append(
            Canary(path or f"src/form_{len(found)}.py", form.format(value) + "\n", (value,), told=True)
        )

    # Files whose name means a secret, wherever they lie.
    for path in (
        ".env",
        ".env.local",
        "config/.env.production",
        ".npmrc",
        ".netrc",
        ".pypirc",
        "id_rsa",
        "tls/deploy.pem",
    ):
        secret_file(path)
    secret_file(".git-credentials", "https://bob:{}@git.invalid\n")
    secret_file(".kube/config", "users: [{{token: {}}}]\n")
    secret_file(".aws/credentials", "aws_secret_access_key = {}\n")
    secret_file("secrets.yaml", "value: {}\n")
    secret_file("service-account.json", '{{"key": "{}"}}\n')
    # Files that are ignored, binary, too large, or behind a link.
    secret_file("build/out.py", "value = '{}'\n")
    secret_file("private/notes.py", "value = '{}'\n")
    secret_file("pkg/cache/kept.py", "value = '{}'\n")
    secret_file("blob.py", "value = '{}'\0\n")
    secret_file("large.py", "value = '{}'\n" + "# filler\n" * 250_000)
    secret_file("../outside/link.py", "value = '{}'\n")
    secret_file("../outside/folder/inner.py", "value = '{}'\n")
    # Secrets in files that are told.
    code("TOKEN = 'ghp_{}'")
    code("client = Client(api_key='sk-ant-api03-{}-AA')", 80)
    code("# old: AIza{}", 35)
    code("password = '{}'", 20)
    code("DATABASE = 'postgres://app:{}@db.invalid:5432/app'", 20)
    code("hook = 'https://hooks.slack.com/services/T12345678/B12345678/{}'", 24)
    code("headers = {{'Authorization': 'Bearer {}'}}", 40)
    code("aws_secret_access_key = '{}'", 40)
    code("stripe = 'sk_live_{}'", 24)
    code("Set `NPM_TOKEN=npm_{}` before a release.", 36, path="AGENTS.md")
    code("Clone https://bob:{}@git.invalid/shop first.", 20, path="README.md")
    code("[tool.shop]\napi_key = '{}'", 32, path="pyproject.toml")
    lines = [base64.b64encode(source.randbytes(48)).decode() for _ in range(12)]
    block = "\n".join(("-----BEGIN RSA PRIVATE KEY-----", *lines, "-----END RSA PRIVATE KEY-----"))
    found.append(Canary("src/pem.py", f'KEY = """{block}"""\n', tuple(lines), told=True))
    value = f"sk-ant-api03-{word(80)}-AA"
    coded = base64.b64encode(value.encode()).decode()
    found.append(Canary("src/coded.py", f"blob = '{coded}'\n", (coded, value), told=True))
    value = f"sk-ant-api03-{word(80)}-AA"
    pieces = (value[:14], value[14:50], value[50:])
    split = f"key = ('{pieces[0]}'\n       '{pieces[1]}'\n       '{pieces[2]}')\n"
    found.append(Canary("src/split.py", split, pieces[1:], told=True))
    # Secrets in an open text that was never saved, in the very definitions that are asked about.
    for form, size in (
        ("def load(path, seen=[], token='ghp_{}'):", 36),
        ("    '''Uses https://app:{}@api.invalid.'''", 20),
        ("    secret_key = '{}'", 40),
        ("    # glpat-{}", 20),
    ):
        code(form, size, path=OPEN)
    # What another server says about the text.
    value = f"ghp_{word(36)}"
    found.append(Canary(DIAGNOSTIC, f"possible secret: {value}", (value,)))
    return found


OPEN, DIAGNOSTIC = "src/open.py", "(diagnostic)"


def workspace(folder: Path, table: list[Canary]) -> str:
    """Write it; returns the text of the open file, which is not on disk like this."""
    (folder / ".git").mkdir(parents=True)
    rules = {
        ".gitignore": "build/\n",
        ".ponderignore": "private/\n",
        "pkg/.gitignore": "cache/*\n!cache/other.py\n",
    }
    opened = [one.text for one in table if one.path == OPEN]
    for path, text in rules.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    for number, one in enumerate(table):
        if one.path in {OPEN, DIAGNOSTIC}:
            continue
        file = folder / one.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{one.text}# marker {number} told\n" if one.told else one.text)
    (folder / "link.py").symlink_to(folder.parent / "outside" / "link.py")
    (folder / "linked").symlink_to(folder.parent / "outside" / "folder")
    (folder / "alias.py").symlink_to(folder / ".env")
    (folder / "src" / "open.py").write_text("pass\n")
    body = "    seen.append(path)\n    if token == None:\n        return []\n    return seen\n"
    return f'"""Marker open told."""\n\n\n{"".join(opened)}{body}\n\nprint(load("x"))\n'


async def test_no_secret_leaves_by_any_feature(tmp_path: Path) -> None:
    """Runs, hover, save, follow-up, commands, workspace review and the command line; on secret files too."""
    table = canaries()
    assert len(table) == 40, len(table)
    folder = tmp_path / "shop"
    text = workspace(folder, table)
    quick = {"PONDER_REVIEW_DEBOUNCE_MS": "20", "PONDER_HOVER_WAIT_MS": "20000", "PONDER_LOG_LEVEL": "debug"}
    async with connected(folder, env=quick, log_limit=5_000) as (editor, offline):
        await use_everything(editor, folder, text, table[-1].text)
        printed = await command_line(editor)
        # Answers to hover and code actions show the user's own text in the user's own editor.
        told = json.dumps([one for one in editor.messages if "method" in one])
    wire = b"\n".join(seen.raw for seen in offline.requests).decode()
    state = b"".join(file.read_bytes() for file in (tmp_path / "shop-state").rglob("*") if file.is_file())
    assert "Marker open told" in wire
    for number, one in enumerate(table):
        if one.path.endswith(".md") and holds_key(one.text):
            # Only a file that is itself the matter is told although it holds a key.
            assert f"marker {number} told" not in wire, one
        elif one.told and one.path != OPEN:
            assert f"marker {number} told" in wire, one
    places = {
        "wire": wire,
        "log": editor.stderr.decode(errors="replace"),
        "state": state.decode("utf-8", "replace"),
        "messages": told,
        "command line": printed,
    }
    seen = [
        (place, one.path)
        for place, text in places.items()
        for one in table
        if any(p in text for p in one.parts)
    ]
    assert not seen, (_SEED, seen)


async def use_everything(editor: FakeEditor, folder: Path, text: str, diagnostic: str) -> None:
    """Each feature once on the open text, and each way to ask on files that must not be sent."""
    uri = editor.open(OPEN, text)
    note = {"range": _lines(6, 7), "message": diagnostic, "severity": 2, "source": "linter"}
    for action in ("explain", "review", "fix", "security", "refactor", "tests"):
        result = await run(editor, action, uri, diagnostics=[note], instruction="Look closely.", wait=True)
        assert result["status"] in {"done", "failed"}, result
        await editor.run("ponder.transcript", {"runId": result["runId"]})
    result = await run(editor, "explain", uri, wait=True)
    shown = [one["message"] for one in editor.events(result["runId"]) if one["type"] == "notice"]
    assert any("hidden from the model" in message for message in shown), shown
    followed = await editor.run("ponder.followUp", {"runId": result["runId"], "text": "Why?", "wait": True})
    assert followed["status"] == "done", followed
    place = {"textDocument": {"uri": uri}, "position": {"line": 13, "character": 7}}
    assert (await editor.request("textDocument/hover", place))["contents"]
    await editor.request(
        "textDocument/codeAction",
        {"textDocument": {"uri": uri}, "range": _lines(3, 9), "context": {"diagnostics": [note]}},
    )
    editor.edit(uri, (len(text), len(text), "\n\ndef more(items=[]):\n    return items\n"))
    editor.save(uri)
    await editor.eventually(lambda: any(one.get("trigger") == "save" for one in editor.events()))
    for name in (".env", "link.py", "alias.py", "linked/inner.py", "build/out.py", "../outside/link.py"):
        file = (folder / name).absolute()
        hidden = editor.open(file.as_uri(), file.read_text())
        refused = await run(editor, "explain", hidden, wait=True)
        assert refused["status"] == "failed", (name, refused)
        editor.save(hidden)
    found = await editor.run("ponder.context", {"uri": uri})
    assert {"path": ".env", "reason": "secret file"} in found["leftOut"]
    assert (await editor.run("ponder.reviewWorkspace", {"wait": True}, limit=100))["status"] in {
        "done",
        "failed",
    }
    await editor.run("ponder.usage", {})
    await editor.eventually(lambda: len(_ended(editor)) == len({one["runId"] for one in editor.events()}))
    editor.take("window/showMessage")


async def command_line(editor: FakeEditor) -> str:
    """What `ponder context` and `ponder review` print on the same folder."""
    printed = b""
    for arguments in (("context", "--json", "."), ("review", "src", "--format", "json"), ("review", ".env")):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "ponder", *arguments,
            cwd=editor.folder, env=editor.env | {"PYTHONPATH": os.fspath(SERVER_DIRECTORY)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode in {0, 1, 2, 3}, err
        printed += out + err
    return printed.decode(errors="replace")


def _lines(start: int, end: int) -> dict[str, Any]:
    return {"start": {"line": start, "character": 0}, "end": {"line": end, "character": 0}}


def _ended(editor: FakeEditor) -> list[dict[str, Any]]:
    return [one for one in editor.events() if one["type"] == "finished"]
