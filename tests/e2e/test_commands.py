"""`ponder doctor`, `ponder routes` and `ponder usage` as a newcomer and as a script run them: real processes."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from e2e.message_server import MessageServer
from e2e.scripted_api import error, plain
from ponder.offline.catalogue import MODELS
from ponder.offline.engine import OfflineEngine
from ponder.offline.http import serve
from ponder.offline.models import Catalogue

SERVER = Path(__file__).parents[2] / "server"
KEY = "sk-ant-canary-0123456789abcdefghij"
USAGE_KEYS = {
    "inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens",
    "thinkingTokens", "requests", "costUsd", "savedUsd",
}  # fmt: skip


async def ponder(tmp_path: Path, *arguments: str, **env: str) -> tuple[int, str]:
    """Exit code and stdout of a command in `tmp_path/work`; it writes no traceback and no key."""
    folder = tmp_path / "work"
    folder.mkdir(exist_ok=True)
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(SERVER),
        "PONDER_STATE_DIR": str(tmp_path / "state"),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "ponder", *arguments, cwd=folder, env=settings | env, stdout=-1, stderr=-1
    )
    out, err = await process.communicate()
    assert b"Traceback" not in err, err.decode()
    assert KEY.encode() not in out + err
    return process.returncode or 0, out.decode()


async def doctor(tmp_path: Path, **env: str) -> tuple[int, dict[str, list[dict[str, str]]], str]:
    """Exit code, checks by name, and the text that people read; both forms agree."""
    code, text = await ponder(tmp_path, "doctor", **env)
    again, out = await ponder(tmp_path, "doctor", "--json", **env)
    report = json.loads(out)
    assert set(report) == {"usable", "checks"}
    assert report["usable"] == (code == 0 == again)
    assert too_wide(text) == []
    checks: dict[str, list[dict[str, str]]] = {}
    for check in report["checks"]:
        assert set(check) - {"mend", "setting", "layer"} == {"name", "state", "detail"}
        assert check["state"] in ("ok", "note", "fail")
        assert check["state"] != "fail" or check["mend"], check
        checks.setdefault(check["name"], []).append(check)
    assert report["usable"] == all(check["state"] != "fail" for check in report["checks"])
    return code, checks, text


def too_wide(text: str) -> list[str]:
    """Lines over 80 columns, unless a word of 45 and more stands in them: paths and ids stay whole."""
    return [line for line in text.splitlines() if len(line) > 80 and max(map(len, line.split())) < 45]


async def test_with_nothing_configured(tmp_path: Path) -> None:
    """A newcomer reads what works now, and at the end the one line that adds Claude; nothing has failed."""
    code, checks, text = await doctor(tmp_path)
    assert code == 0
    assert checks["endpoint"][0]["detail"].startswith("offline engine")
    assert checks["settings"][0]["detail"] == "all built in"
    assert [check["state"] for check in checks["state"]] == ["ok"]
    assert "Every action works now, without a key" in text
    assert text.rstrip().splitlines()[-1].strip().startswith("export ANTHROPIC_API_KEY=")


async def test_with_a_key_that_works(tmp_path: Path) -> None:
    """Which credential, which address and from where, and how many models; no word on adding Claude."""
    async with await serve(OfflineEngine()) as server:
        environ = {"ANTHROPIC_BASE_URL": server.base_url, "ANTHROPIC_API_KEY": KEY}
        code, checks, text = await doctor(tmp_path, **environ)
    assert code == 0
    assert checks["credential"][0] == {
        "name": "credential",
        "state": "ok",
        "detail": "ANTHROPIC_API_KEY is set",
    }
    assert "(ANTHROPIC_BASE_URL)" in checks["endpoint"][0]["detail"]
    assert checks["models"][0]["state"] == "ok"
    assert text.rstrip().endswith("Ponder is ready.")


async def test_with_a_wrong_key(tmp_path: Path) -> None:
    """The endpoint was reached and does not take the key: exit 1, and what to set."""
    async with MessageServer(models={}) as api:
        api._fixed.clear()
        api.script = [error(401, "authentication_error", f"invalid {KEY}")] * 2
        environ = {"ANTHROPIC_BASE_URL": api.url, "ANTHROPIC_API_KEY": KEY}
        code, checks, _ = await doctor(tmp_path, **environ)
    assert code == 1
    assert "does not accept the credential" in checks["reached"][0]["detail"]
    assert "ANTHROPIC_API_KEY" in checks["reached"][0]["mend"]


async def test_with_an_endpoint_that_cannot_be_reached(tmp_path: Path) -> None:
    """Nobody listens there: exit 1, with the variable to look at."""
    async with MessageServer() as api:
        url = api.url
    code, checks, text = await doctor(tmp_path, ANTHROPIC_BASE_URL=url)
    assert code == 1
    assert "could not be reached" in checks["reached"][0]["detail"]
    assert "ANTHROPIC_BASE_URL" in checks["reached"][0]["mend"]
    assert "cannot work like this" in text


async def test_with_both_credentials(tmp_path: Path) -> None:
    """The key wins, and the other one is named as to be unset."""
    async with await serve(OfflineEngine()) as server:
        environ = {
            "ANTHROPIC_BASE_URL": server.base_url,
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_AUTH_TOKEN": "other",
        }
        code, checks, _ = await doctor(tmp_path, **environ)
    assert code == 0
    assert checks["credential"][0]["state"] == "note"
    assert "ANTHROPIC_API_KEY is used" in checks["credential"][0]["detail"]


async def test_with_a_key_that_the_settings_pass_over(tmp_path: Path) -> None:
    """A key is there and the settings say offline: that is said."""
    code, checks, _ = await doctor(tmp_path, ANTHROPIC_API_KEY=KEY, PONDER_API_PROVIDER="offline")
    assert code == 0
    assert "`api.provider` is `offline`" in checks["credential"][0]["detail"]


async def test_with_a_state_directory_that_cannot_be_written(tmp_path: Path) -> None:
    """Ponder works from memory, says so, and names the variable."""
    (tmp_path / "file").write_text("")
    code, checks, _ = await doctor(tmp_path, PONDER_STATE_DIR=str(tmp_path / "file" / "state"))
    assert code == 0
    assert checks["state"][0]["state"] == "note"
    assert "PONDER_STATE_DIR" in checks["state"][0]["mend"]


async def test_with_a_bad_key_in_the_settings(tmp_path: Path) -> None:
    """Each is one line with its name; what is refused to a workspace is said too; the rest holds."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "ponder.toml").write_text(
        '[review]\nonSave = "sometimes"\ndebounceMs = 100\n[api]\nbaseUrl = "http://evil.example"\n'
    )
    code, checks, _ = await doctor(tmp_path)
    assert code == 0
    told = [check["detail"] for check in checks["settings"]]
    assert len(told) == 2
    assert any("onSave" in line for line in told)
    assert any("baseUrl" in line and "only your own" in line for line in told)
    assert checks["endpoint"][0]["detail"].startswith("offline engine")


@pytest.mark.parametrize(
    ("provider", "environ", "missing"),
    [
        ("bedrock", {}, "AWS_REGION"),
        ("aws", {"AWS_REGION": "us-east-1"}, "ANTHROPIC_AWS_WORKSPACE_ID"),
        ("vertex", {"CLOUD_ML_REGION": "global"}, "ANTHROPIC_VERTEX_PROJECT_ID"),
        ("foundry", {"ANTHROPIC_FOUNDRY_RESOURCE": "res"}, "ANTHROPIC_FOUNDRY_API_KEY"),
    ],
)
async def test_with_half_a_cloud_platform(
    tmp_path: Path, provider: str, environ: dict[str, str], missing: str
) -> None:
    """The variable that is missing is named; nothing is called."""
    code, checks, _ = await doctor(tmp_path, PONDER_API_PROVIDER=provider, **environ)
    assert code == 1
    assert missing in checks["credential"][0]["detail"]
    assert checks["credential"][0]["mend"] == f"export {missing}=…"
    assert "endpoint" not in checks


RENAMED = [{"id": f"acme/{'long-' * 12}{place}", "type": "model"} for place in range(3)]
CATALOGUES: dict[str, Any] = {
    "no list": None,
    "empty list": {"data": [], "has_more": False},
    "not a list": {"data": "none"},
    "other names": {"data": RENAMED, "has_more": False},
    "odd entries": {"data": [{"id": "m\u001b[31m"}, {"id": 7}, None, {"id": "x" * 300, "line": "sonnet"}]},
}


def cells(line: str) -> list[str]:
    """The cells of a line of the table, by its columns."""
    starts = (0, 14, 35, 50, 65)
    return [line[at:end].strip() for at, end in zip(starts, (*starts[1:], 200), strict=True)]


def check_table(text: str, rows: list[dict[str, Any]]) -> None:
    """No line over 80 columns except for an id alone, no cell empty, a reason under each."""
    head, *entries = text.split("\n\n")
    assert head.startswith("Provider: ")
    assert too_wide(text) == []
    assert "\x1b" not in text
    entries[0] = entries[0].split("\n", 1)[1]
    for row, entry in zip(rows, entries, strict=False):
        first, *rest = entry.splitlines()
        assert first.startswith(row["action"])
        if len(row["model"]) > 19:
            first = first[:14] + "(id)".ljust(21) + rest.pop(0)[35:]
        assert all(cells(first)), first
        assert all(cells(rest[0])[1:]), rest[0]
        assert set(row) == {"action", "model", "thinking", "maxTokens", "reasons"}
        assert set(row["thinking"]) == {"mode", "budgetTokens", "effort"}
        assert set(row["reasons"]) == {"model", "thinking", "effort", "maxTokens"}
        assert all(row["reasons"].values())
        assert row["maxTokens"] > 0


@pytest.mark.parametrize("name", CATALOGUES)
async def test_routes_of_an_odd_list(tmp_path: Path, name: str) -> None:
    """Whatever an endpoint lists: a whole table that reads well, the same as JSON, and what was missing in words."""
    async with MessageServer(models=CATALOGUES[name]) as api:
        code, text = await ponder(tmp_path, "routes", ANTHROPIC_BASE_URL=api.url)
        _, out = await ponder(tmp_path, "routes", "--json", ANTHROPIC_BASE_URL=api.url)
    found = json.loads(out)
    assert code == 0
    assert set(found) == {"provider", "catalogue", "routes"}
    assert found["provider"] == "anthropic"
    # None of these says what a model can do, so the built-in table does.
    assert found["catalogue"] == "builtin"
    assert len(found["routes"]) == 14
    check_table(text, found["routes"])
    assert "\n! " in text


@pytest.mark.parametrize("capabilities", [True, False])
async def test_routes_of_the_current_models(tmp_path: Path, capabilities: bool) -> None:
    """The list of now, with and without capabilities; two actions configured, one by budget."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "ponder.toml").write_text(
        '[actions.review]\nmodel = "claude-opus-4-5"\nthinking = 40000\n[actions.hover]\nmodel = "claude-opus-5-5"\n'
    )
    offline = OfflineEngine(catalogue=Catalogue(models=MODELS, capabilities=capabilities))
    async with await serve(offline) as server:
        environ = {"ANTHROPIC_BASE_URL": server.base_url, "ANTHROPIC_API_KEY": KEY}
        _, text = await ponder(tmp_path, "routes", **environ)
        _, out = await ponder(tmp_path, "routes", "--json", **environ)
    rows = json.loads(out)["routes"]
    check_table(text, rows)
    assert rows[0]["thinking"]["mode"] == "budget"
    assert "[actions.NAME]" in text.splitlines()[-1]


@pytest.mark.parametrize("provider", ["bedrock", "vertex", "foundry"])
async def test_routes_of_a_cloud_platform(tmp_path: Path, provider: str) -> None:
    """Nothing is called for it: the built-in table in the platform's spelling, and the notice that there is no list."""
    environ = {
        "AWS_REGION": "eu-west-3",
        "AWS_BEARER_TOKEN_BEDROCK": "k",
        "CLOUD_ML_REGION": "global",
        "ANTHROPIC_VERTEX_PROJECT_ID": "p",
        "ANTHROPIC_FOUNDRY_API_KEY": "k",
        "ANTHROPIC_FOUNDRY_RESOURCE": "r",
    }
    _, text = await ponder(tmp_path, "routes", PONDER_API_PROVIDER=provider, **environ)
    _, out = await ponder(tmp_path, "routes", "--json", PONDER_API_PROVIDER=provider, **environ)
    found = json.loads(out)
    check_table(text, found["routes"])
    assert (found["provider"], found["catalogue"]) == (provider, "builtin")
    assert "has no list of models" in text
    if provider == "bedrock":
        assert {row["model"] for row in found["routes"]} >= {"eu.anthropic.claude-sonnet-5-5"}


async def test_usage_before_anything_was_used(tmp_path: Path) -> None:
    """Zero requests, and figures that nobody has: the same shape as with requests."""
    _, out = await ponder(tmp_path, "usage", "--json")
    found = json.loads(out)
    assert {"totals", "byAction", "byModel", "byDay"} <= set(found)
    assert all(isinstance(value, dict) for value in found.values())
    assert set(found["totals"]) == USAGE_KEYS
    assert found["totals"]["requests"] == 0
    code, text = await ponder(tmp_path, "usage")
    assert (code, text.strip()) == (0, "No requests yet. Nothing was spent.")


async def test_usage_of_a_bad_day(tmp_path: Path) -> None:
    """A date that is none: one line that shows how to write it, exit 2."""
    code, out = await ponder(tmp_path, "usage", "--since", "yesterday")
    assert (code, out) == (2, "")


async def test_a_page_instead_of_a_list(tmp_path: Path) -> None:
    """A web server behind the address: not taken for an endpoint."""
    async with MessageServer() as api:
        api._fixed.clear()
        api.script = [plain(200, b"<html>hello</html>", kind="text/html")] * 2
        code, checks, _ = await doctor(tmp_path, ANTHROPIC_BASE_URL=api.url)
    assert code == 1
    assert checks["reached"][0]["state"] == "fail"


async def test_an_address_with_v1_is_named_by_doctor(tmp_path: Path) -> None:
    """The commonest slip in `ANTHROPIC_BASE_URL` is a failure with the address that works."""
    async with await serve(OfflineEngine()) as server:
        env = {"ANTHROPIC_BASE_URL": f"{server.base_url}/v1", "ANTHROPIC_API_KEY": "k"}
        code, out = await ponder(tmp_path, "doctor", **env)
    assert code == 1, out
    assert f"without `/v1`: {server.base_url}" in " ".join(out.split())
