"""A cloud platform behind the whole server: a review and its follow-up on Bedrock, with what it lacks told once."""

from pathlib import Path

from e2e.fake_editor import PONDER, FakeEditor
from e2e.scripted_api import block, good, plain, serving, start, stop
from e2e.test_engine_platforms import framed, frames
from e2e.test_runs import BUG, run

REPORT = '{"summary": "Fine.", "findings": []}'


def editor(folder: Path, url: str) -> FakeEditor:
    env = {
        "PONDER_API_PROVIDER": "bedrock",
        "ANTHROPIC_BEDROCK_BASE_URL": url,
        "AWS_BEARER_TOKEN_BEDROCK": "made-up-key",
        "AWS_REGION": "eu-west-3",
        "PONDER_API_MAX_TRIES": "1",
    }
    return FakeEditor(folder=folder, command=PONDER, env=env)


async def test_a_review_and_a_follow_up_on_bedrock(tmp_path: Path) -> None:
    """The nearest profile's id in the address, the answer through a tool, money null, and what is missing told once."""
    tool = block(0, "tool_use", REPORT, id="call_1", name="report", input={})
    answers = (frames(framed(start(), *tool, *stop("tool_use"))), frames(framed(*good("Because."))))
    async with serving(*answers) as api, editor(tmp_path, api.url) as fake:
        first = await run(fake, "review", fake.open("orders.py", BUG), wait=True)
        argument = {"runId": first["runId"], "text": "Why?", "wait": True}
        second = await fake.run("ponder.followUp", argument)
        assert (first["status"], first["text"], first["provider"]) == ("done", "Fine.", "bedrock"), first
        assert (second["status"], second["text"]) == ("done", "Because."), second
        told = [one["message"] for one in fake.events() if one["type"] == "notice"]
        assert sum("no token counts" in message for message in told) == 1, told
        assert any("no list of models" in message for message in told)
        assert [one["usage"]["costUsd"] for one in (first, second)] == [None, None]
        assert first["usage"]["inputTokens"] == 25
    assert {sent.path for sent in api.requests} == {
        "/model/eu.anthropic.claude-sonnet-5-5/invoke-with-response-stream"
    }
    assert "made-up-key" not in fake.stderr.decode()


async def test_a_refusal_of_bedrock_is_told_in_its_words(tmp_path: Path) -> None:
    """A 403 of Amazon names the sign-in of Amazon, not a key of Anthropic."""
    refused = plain(403, {"message": "You don't have access to the model with the specified model ID."})
    async with serving(refused) as api, editor(tmp_path, api.url) as fake:
        result = await run(fake, "explain", fake.open("orders.py", BUG), wait=True)
        assert (result["status"], result["error"]["kind"]) == ("failed", "permission"), result
        assert "AWS_BEARER_TOKEN_BEDROCK" in result["error"]["hint"]
        assert "ANTHROPIC_API_KEY" not in str(result["error"])


async def test_a_workspace_cannot_choose_a_platform(tmp_path: Path) -> None:
    """The line in a workspace's file is refused with a sentence, and the offline engine answers."""
    (tmp_path / "ponder.toml").write_text('[api]\nprovider = "bedrock"\n')
    env = {"AWS_REGION": "eu-west-3", "AWS_BEARER_TOKEN_BEDROCK": "k", "PONDER_API_OFFLINE_DELTA_MS": "0"}
    async with FakeEditor(folder=tmp_path, command=PONDER, env=env) as fake:
        result = await run(fake, "explain", fake.open("orders.py", BUG), wait=True)
        assert result["provider"] == "offline"
        said = " ".join(one["message"] for one in fake.take("window/showMessage"))
        assert "only your own config.toml or the environment" in said
