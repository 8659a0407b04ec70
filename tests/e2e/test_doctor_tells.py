"""What `ponder doctor` says of an address where nobody answers, and of where each setting comes from."""

import asyncio
from pathlib import Path

import pytest

from e2e.test_commands import KEY, doctor


@pytest.mark.parametrize(
    ("kind", "words"),
    [("refused", "connection refused"), ("name", "DNS"), ("tls", "TLS")],
)
async def test_a_dead_address_is_told_with_its_reason(tmp_path: Path, kind: str, words: str) -> None:
    """Refused, unknown and insecure are three things; and nobody who runs doctor is told to run doctor."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"no TLS here")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        if kind == "refused":
            server.close()
            await server.wait_closed()
        url = {
            "refused": f"http://127.0.0.1:{port}",
            "name": "http://nobody.invalid",
            "tls": f"https://127.0.0.1:{port}",
        }[kind]
        code, checks, text = await doctor(tmp_path, ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=url)
    assert code == 1
    (reached,) = checks["reached"]
    assert "could not be reached" in reached["detail"]
    assert words in reached["detail"]
    assert "doctor" not in reached["mend"]
    assert "ponder doctor" not in text


async def test_each_setting_is_told_with_its_layer(tmp_path: Path) -> None:
    """By path, with its value, as text and as JSON; names with points in them are spelt as in a file."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "ponder.toml").write_text(
        '[review]\ndebounceMs = 700\n[budget]\ndailyUsd = 2\n[actions.review]\nmodel = "haiku"\n'
    )
    _, checks, text = await doctor(tmp_path, PONDER_BUDGET_DAILY_USD="1.5")
    told = {check["setting"]: (check["layer"], check["detail"]) for check in checks["setting"]}
    assert told == {
        "review.debounceMs": ("workspace", "review.debounceMs = 700 (workspace)"),
        "budget.dailyUsd": ("environment", "budget.dailyUsd = 1.5 (environment)"),
        "actions.review.model": ("workspace", 'actions.review.model = "haiku" (workspace)'),
    }
    assert "budget.dailyUsd = 1.5 (environment)" in text
