"""Answers that run out of room, and requests an endpoint refuses: each comes back with the line that mends it."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from e2e.fake_editor import PONDER, FakeEditor
from e2e.message_server import MessageServer, ended, usage
from e2e.scripted_api import Step, block, error, start, stream
from e2e.test_outcomes import bodies, connected
from e2e.test_runs import BUG, joined, run

COUNTS = usage(100, output=40, thinking=20)
REFUSALS = [
    ("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024", "invalidRequest", "thinking` of the action to 1024"),
    ("`max_tokens` must be greater than `thinking.budget_tokens`", "invalidRequest", "answerTokens"),
    ("max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens", "invalidRequest", "maxTokens"),
    ("adaptive thinking is not supported on this model", "invalidRequest", "thinkingTypes"),
    ("output_config.effort: xhigh is not supported", "invalidRequest", "efforts"),
    ("prompt is too long: 210000 tokens > 200000 maximum", "tooLarge", "context.budgetTokens"),
    ("input length and `max_tokens` exceed context limit: 199000 + 8000 > 200000", "tooLarge", "context.budgetTokens"),
]  # fmt: skip


def editor(tmp_path: Path, api: MessageServer) -> FakeEditor:
    settings = {
        "ANTHROPIC_BASE_URL": api.url,
        "ANTHROPIC_API_KEY": "sk-ant-test",
        "PONDER_API_MAX_TRIES": "1",
    }
    return FakeEditor(folder=tmp_path, command=PONDER, env=settings)


def cut(*pieces: bytes, reason: str = "max_tokens") -> list[Step]:
    return stream(start(usage=COUNTS[0]), *pieces, *ended(reason, COUNTS[1]))


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "claude-opus-4-5"])
async def test_cut_inside_thinking_names_the_budget_and_following_it_helps(
    tmp_path: Path, model: str
) -> None:
    """The hint's line, written into the settings as it stands, gives the next try more room and no other effort."""
    thinking = block(0, "thinking", "Hm, hm")[:-2]
    async with MessageServer(cut(*thinking), cut(*thinking)) as api, editor(tmp_path, api) as fake:
        uri = fake.open("orders.py", BUG)
        for _ in range(2):
            result = await run(fake, "explain", uri, route={"model": model}, wait=True)
            assert result["status"] == "truncated"
            assert result["error"]["kind"] == "budget"
            assert "still thinking" in result["error"]["message"]
            hint = result["error"]["hint"]
            assert hint.startswith("Raise the budget")
            assert '"route": {"thinking": ' in hint
            section = re.search(r"`(\[actions\.explain\])`", hint)
            lines = re.findall(r"`((?:thinking|effort) = [^`]+)`", hint)
            text = "\n".join((section[1], *lines, f'model = "{model}"'))
            tomllib.loads(text)
            (tmp_path / "ponder.toml").write_text(text)
            changed = {"uri": (tmp_path / "ponder.toml").as_uri(), "type": 2}
            fake.notify("workspace/didChangeWatchedFiles", {"changes": [changed]})
        first, second = api.bodies
        assert second["max_tokens"] > first["max_tokens"]
        assert second.get("output_config") == first.get("output_config")
        assert not [
            e for e in fake.events() if e["type"] == "notice" and "takes no thinking budget" in e["message"]
        ]


async def test_cut_inside_the_answer_keeps_it_and_names_the_room(tmp_path: Path) -> None:
    """What arrived stays, the status says that it is not all, and a follow-up may continue it."""
    pieces = [*block(0, "thinking", "Hm"), *block(1, "text", "First half")]
    async with (
        MessageServer(cut(*pieces), cut(*block(0, "text", "rest"), reason="end_turn")) as api,
        editor(tmp_path, api) as fake,
    ):
        uri = fake.open("orders.py", BUG)
        result = await run(fake, "explain", uri, wait=True)
        assert (result["status"], result["text"]) == ("truncated", "First half")
        assert re.search(r"answerTokens = \d+` under `\[actions\.explain\]", result["error"]["hint"])
        more = await fake.run("ponder.followUp", {"runId": result["runId"], "text": "Go on", "wait": True})
        assert (more["status"], more["text"]) == ("done", "rest")
        assert api.bodies[1]["messages"][1]["content"][1]["text"] == "First half"


@pytest.mark.parametrize(("message", "kind", "mend"), REFUSALS)
async def test_a_refused_request_says_what_to_change(
    tmp_path: Path, message: str, kind: str, mend: str
) -> None:
    """Budget too small, room too large, a type or level the model lacks, a prompt too long: each with its setting."""
    async with (
        MessageServer(error(400, "invalid_request_error", message)) as api,
        editor(tmp_path, api) as fake,
    ):
        uri = fake.open("orders.py", BUG)
        result = await run(fake, "explain", uri, wait=True)
        assert (result["status"], result["error"]["kind"]) == ("failed", kind)
        assert message in result["error"]["message"]
        assert mend in result["error"]["hint"]
        assert len(api.bodies) == 1


@pytest.mark.parametrize(("budget", "told"), [(32_768, False), (32_769, True), (50_000, True)])
async def test_a_large_budget_suggests_a_batch(tmp_path: Path, budget: int, told: bool) -> None:
    """Above 32,768 tokens one notice says that a batch suits better; the run goes on."""
    async with connected(tmp_path) as (fake, offline):
        uri = fake.open("orders.py", BUG)
        route = {"model": "claude-opus-4-6", "thinking": budget, "effort": "max"}
        result = await run(fake, "explain", uri, route=route, wait=True)
        assert result["status"] == "done", result
        notices = [e["message"] for e in fake.events(result["runId"]) if e["type"] == "notice"]
        assert len([one for one in notices if "batch" in one]) == told, notices
        assert len(bodies(offline)) == 1


async def test_the_context_window_is_named_and_what_arrived_is_kept(tmp_path: Path) -> None:
    """Prompt and answer fill the window: truncated, too large, with the setting that makes the prompt smaller."""
    pieces = block(0, "text", "As far as it went")
    async with (
        MessageServer(cut(*pieces, reason="model_context_window_exceeded")) as api,
        editor(tmp_path, api) as fake,
    ):
        uri = fake.open("orders.py", BUG)
        result = await run(fake, "explain", uri, wait=True)
        assert (result["status"], result["text"]) == ("truncated", "As far as it went")
        assert result["error"]["kind"] == "tooLarge"
        assert "context.budgetTokens" in result["error"]["hint"]


async def test_a_refusal_is_no_empty_review_and_is_not_continued(tmp_path: Path) -> None:
    """The model declined: status, its category in words, no diagnostics, and no follow-up of nothing."""
    details = {"type": "refusal", "category": "cyber", "explanation": None}
    answer = stream(start(usage=COUNTS[0]), *ended("refusal", COUNTS[1], stop_details=details))
    async with MessageServer(answer) as api, editor(tmp_path, api) as fake:
        uri = fake.open("orders.py", BUG)
        result = await run(fake, "review", uri, wait=True)
        assert (result["status"], result["findings"]) == ("refused", [])
        assert "cyber" in result["error"]["message"]
        assert result["usage"]["inputTokens"] == 100
        with pytest.raises(Exception, match="no answer that can be continued"):
            await fake.run("ponder.followUp", {"runId": result["runId"], "text": "Why?"})


async def test_a_paused_review_is_one_answer(tmp_path: Path) -> None:
    """A pause in the middle of the JSON: both halves are read as one, nothing is shown twice."""
    whole = '{"summary": "One problem.", "findings": []}'
    halves = [stream(start(), *block(0, "text", whole[:17]), *ended("pause_turn", COUNTS[1]))]
    halves.append(stream(start(), *block(0, "text", whole[17:]), *ended("end_turn", COUNTS[1])))
    async with MessageServer(*halves) as api, editor(tmp_path, api) as fake:
        uri = fake.open("orders.py", BUG)
        result = await run(fake, "review", uri, wait=True)
        assert (result["status"], result["text"]) == ("done", "One problem."), result
        assert joined(fake.events(result["runId"]), "text") == "One problem."
        assert result["usage"]["requests"] == 2
        assert api.bodies[1]["messages"][-1]["role"] == "assistant"


@pytest.mark.parametrize(
    "lines",
    ["budget_tokens = 6000", 'thinking = {type = "enabled", budget_tokens = 6000}', "thinking_budget = 6000"],
)
async def test_an_old_configuration_is_translated_with_one_notice(tmp_path: Path, lines: str) -> None:
    """`budget_tokens` for a model without budgets: the run works, and one sentence says what became of it."""
    (tmp_path / "ponder.toml").write_text(f"[actions.explain]\n{lines}\n")
    async with connected(tmp_path) as (fake, offline):
        uri = fake.open("orders.py", BUG)
        for _ in range(2):
            result = await run(fake, "explain", uri, wait=True)
            assert result["status"] == "done", result
        shown: list[Any] = [one["message"] for one in fake.take("window/showMessage")]
        assert len([text for text in shown if "is read as" in text or "`thinking`" in text]) == 1, shown
        assert [seen.get("output_config", {}).get("effort") for seen in bodies(offline)] == ["medium"] * 2
        assert all("budget_tokens" not in seen["thinking"] for seen in bodies(offline))
