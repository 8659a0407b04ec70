"""Servers on one's own machine that speak the Messages API in part: what they leave out is survived and said.

Each row behaves as one of llama.cpp, Ollama, vLLM, LM Studio, LiteLLM does by its own documentation or source.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from e2e.fake_editor import PONDER, FakeEditor
from e2e.message_server import MessageServer
from e2e.scripted_api import Step, block, event, stream
from e2e.test_runs import BUG, joined, run

REPORT = '{"summary": "One problem.", "findings": [%s]}'
FINDING = (
    '{"path": "orders.py", "start_line": 4, "end_line": 4, "quote": "def add_order(order, orders=[]):",'
    ' "severity": "warning", "rule": "mutable-default", "message": "Shared list.", "fix": []}'
)
ANSWER = REPORT % FINDING


def begin(**usage: Any) -> bytes:
    """The start of an answer, with whatever usage a server states."""
    message = {"id": "msg_local", "type": "message", "role": "assistant", "content": [], "model": "local"}
    return event("message_start", message=message | ({"usage": usage} if usage else {}))


def end(reason: str | None = "end_turn", **usage: Any) -> list[bytes]:
    """The end of an answer, with whatever usage a server states."""
    fields: dict[str, Any] = {"delta": {"stop_reason": reason, "stop_sequence": None}}
    return [event("message_delta", **fields | ({"usage": usage} if usage else {})), event("message_stop")]


def thought(index: int, text: str, *, signature: str | None) -> list[bytes]:
    """A block of thinking with an empty signature, or with none at all."""
    pieces = [event("content_block_start", index=index, content_block={"type": "thinking", "thinking": ""})]
    pieces.append(
        event("content_block_delta", index=index, delta={"type": "thinking_delta", "thinking": text})
    )
    if signature is not None:
        signed = {"type": "signature_delta", "signature": signature}
        pieces.append(event("content_block_delta", index=index, delta=signed))
    return [*pieces, event("content_block_stop", index=index)]


def llama_cpp(text: str, **usage: int) -> list[Step]:
    """Thinking with an empty signature; of the cache only what was read, unless `usage` says more."""
    return stream(
        begin(input_tokens=120, output_tokens=0, cache_read_input_tokens=30, **usage),
        *thought(0, "Hm.", signature=""),
        *block(1, "text", text),
        *end(output_tokens=40),
    )


def ollama(text: str) -> list[Step]:
    """No cache figures, thinking without a signature, a ping between."""
    return stream(
        begin(input_tokens=120, output_tokens=0),
        event("ping"),
        *thought(0, "Hm.", signature=None),
        *block(1, "text", text[:9], text[9:]),
        *end(output_tokens=40),
    )


def vllm(text: str) -> list[Step]:
    """Thinking although none was asked for; its block overlaps that of the text."""
    first, second = thought(0, "Hm.", signature=""), block(1, "text", text)
    return stream(
        begin(input_tokens=120, output_tokens=0), *first[:-1], second[0], first[-1], *second[1:], *end(output_tokens=40)
    )  # fmt: skip


def lm_studio(text: str) -> list[Step]:
    """No usage at all, one number for all blocks, the last block never ends."""
    return stream(begin(), *thought(0, "Hm.", signature=None), *block(0, "text", text)[:-1], *end())


def litellm(text: str) -> list[Step]:
    """Usage only at the end, nulls for what it does not know, an end mark of another API."""
    return stream(
        begin(),
        *block(0, "text", text),
        *end(input_tokens=120, output_tokens=40, cache_read_input_tokens=None),
        b"data: [DONE]\n\n",
    )


class Local(Struct, frozen=True):
    """One server: how it answers, what it lists, whether it counts, and the figures that are known in the end."""

    answer: Any
    models: Any
    counts: Any
    known: dict[str, int]


ALL = {"inputTokens": 120, "outputTokens": 40}
LISTED = {"object": "list", "data": [{"id": "qwen3-coder:30b", "object": "model", "owned_by": "me"}]}
SERVERS = {
    "llama.cpp": Local(llama_cpp, LISTED, {"input_tokens": 120}, ALL | {"cacheReadTokens": 30}),
    "ollama": Local(ollama, LISTED, None, ALL),
    "vllm": Local(vllm, LISTED, {"input_tokens": 120}, ALL),
    "lm studio": Local(lm_studio, None, None, {}),
    "litellm": Local(litellm, {"data": []}, {"input_tokens": 120}, ALL),
}


@asynccontextmanager
async def connected(
    tmp_path: Path, name: str, *texts: str
) -> AsyncIterator[tuple[FakeEditor, MessageServer]]:
    """An editor on this server; no key is set, and the model is pinned as its users do."""
    (tmp_path / "ponder.toml").write_text(
        "".join(f'[actions.{action}]\nmodel = "qwen3-coder:30b"\n' for action in ("review", "explain", "ask"))
    )
    server = SERVERS[name]
    answers = [server.answer(text) for text in texts]
    async with MessageServer(*answers, models=server.models, counts=server.counts) as api:
        env = {"ANTHROPIC_BASE_URL": api.url, "PONDER_API_MAX_TRIES": "1"}
        async with FakeEditor(folder=tmp_path, command=PONDER, env=env) as editor:
            yield editor, api


def editing(folder: Path, api: MessageServer) -> FakeEditor:
    return FakeEditor(folder=folder, command=PONDER, env={"ANTHROPIC_BASE_URL": api.url})


def notices(editor: FakeEditor, result: Any) -> list[str]:
    return [one["message"] for one in editor.events(result["runId"]) if one["type"] == "notice"]


@pytest.mark.parametrize("name", SERVERS)
async def test_review_explain_and_follow_up(tmp_path: Path, name: str) -> None:
    """A review with a finding, an explanation and its next turn work; unknown figures are null, never 0."""
    async with connected(tmp_path, name, ANSWER, "It sums.", "Because.") as (editor, api):
        uri = editor.open("orders.py", BUG)
        review = await run(editor, "review", uri, wait=True)
        assert (review["status"], review["text"]) == ("done", "One problem."), review
        assert [one["code"] for one in review["findings"]] == ["review/mutable-default"]
        explained = await run(editor, "explain", uri, wait=True)
        argument = {"runId": explained["runId"], "text": "Why?", "wait": True}
        more = await editor.run("ponder.followUp", argument)
        assert [explained["text"], more["text"]] == ["It sums.", "Because."]
        assert joined(editor.events(explained["runId"]), "thinking") == ("" if name == "litellm" else "Hm.")
        for result in (review, explained, more):
            figures = dict(result["usage"])
            assert (figures.pop("requests"), figures.pop("costUsd"), figures.pop("savedUsd")) == (
                1,
                None,
                None,
            )
            assert {key: value for key, value in figures.items() if value is not None} == SERVERS[name].known
        # Thinking that is not signed goes back to nobody.
        assert "thinking" not in {one["type"] for one in api.bodies[2]["messages"][1]["content"]}
        assert api.bodies[2]["messages"][1]["content"] == [{"type": "text", "text": "It sums."}]


@pytest.mark.parametrize("name", SERVERS)
async def test_only_what_every_server_takes_is_sent(tmp_path: Path, name: str) -> None:
    """To a model that nobody describes: no thinking, no effort, no schema, no diagnostics; the answer by a tool."""
    async with connected(tmp_path, name, ANSWER) as (editor, api):
        result = await run(editor, "review", editor.open("orders.py", BUG), wait=True)
        body = api.bodies[0]
        assert body["model"] == "qwen3-coder:30b"
        assert not {"thinking", "output_config", "diagnostics", "temperature", "top_p", "top_k"} & set(body)
        assert [tool["name"] for tool in body["tools"]] == ["report"]
        assert body["tool_choice"] == {"type": "auto"}
        assert body["max_tokens"] <= 16_000
        said = " ".join(notices(editor, result))
        assert "does not say what" in said or "list of models" in said, said
        assert api.requests[-1].header("authorization") == "Bearer no-key"


async def test_a_model_described_in_the_settings_is_used_fully(tmp_path: Path) -> None:
    """What the user says of a local model holds: thinking by budget, schemas, and money."""
    (tmp_path / "ponder.toml").write_text(
        '[actions.review]\nmodel = "qwen3-coder:30b"\nthinking = 2048\n'
        '[models."qwen3-coder:30b"]\nthinkingTypes = ["enabled", "disabled"]\nefforts = []\n'
        "structuredOutputs = true\nmaxTokens = 32768\n"
    )
    config = tmp_path.parent / f"{tmp_path.name}-state" / "ponder" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[models."qwen3-coder:30b"]\ninputUsd = 0.5\noutputUsd = 1.5\n')
    whole, half = llama_cpp(ANSWER, cache_creation_input_tokens=0), llama_cpp(ANSWER)
    async with MessageServer(whole, half, models=LISTED) as api:
        env = {"ANTHROPIC_BASE_URL": api.url}
        async with FakeEditor(folder=tmp_path, command=PONDER, env=env) as editor:
            result = await run(editor, "review", editor.open("orders.py", BUG), wait=True)
            unsaid = await run(editor, "review", editor.open("others.py", BUG), wait=True)
    assert result["status"] == "done", result
    body = api.bodies[0]
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 2_048, "display": "summarized"}
    assert "format" in body["output_config"]
    # 120 fresh at 0.5, 30 read at a tenth of that, 40 out at 1.5, for a million.
    assert result["usage"]["costUsd"] == pytest.approx((120 * 0.5 + 30 * 0.05 + 40 * 1.5) / 1e6)
    assert unsaid["usage"]["costUsd"] is None, (
        "what was written to the cache is not known, so the cost is not"
    )


async def test_a_tool_call_is_read_like_a_schema(tmp_path: Path) -> None:
    """Servers with tools answer through the tool; what the user sees is the same."""
    tool = block(0, "tool_use", ANSWER[:30], ANSWER[30:], id="call_1", name="report", input={})
    answers = stream(begin(input_tokens=9), *tool, *end("tool_use", output_tokens=5))
    async with (
        MessageServer(answers, models=LISTED) as api,
        editing(tmp_path, api) as editor,
    ):
        result = await run(
            editor, "review", editor.open("orders.py", BUG), route={"model": "qwen3-coder:30b"}, wait=True
        )
        assert (result["status"], result["text"]) == ("done", "One problem."), result
        assert len(result["findings"]) == 1


async def test_an_answer_without_a_stop_reason_is_not_taken_for_whole(tmp_path: Path) -> None:
    """A server that stops without a reason: what arrived is kept, and the review is not called clean."""
    async with (
        MessageServer(stream(begin(), *block(0, "text", REPORT % ""), *end(None)), models=None) as api,
        editing(tmp_path, api) as editor,
    ):
        result = await run(editor, "review", editor.open("orders.py", BUG), wait=True)
        assert result["status"] != "done"
        assert result["error"]["kind"] == "malformed"
