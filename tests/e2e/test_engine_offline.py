"""The engine against the offline Messages API, which refuses what the real one refuses."""

import asyncio

import httpx2
import pytest
from engine_setup import Heard, listen, patient_sleep, request

from ponder.answers.partial import Element, PartialAnswer, SummaryText
from ponder.config.settings import ApiSettings
from ponder.engine.effects import Effects
from ponder.engine.endpoint import resolve
from ponder.engine.events import BlockDelta, BlockStarted
from ponder.engine.prompt import AnswerShape, ModelRequest, PastTurn, Prompt, PromptBlock
from ponder.engine.timeouts import Timeouts
from ponder.engine.turn import Engine
from ponder.offline.engine import OfflineEngine
from ponder.offline.faults import Faults
from ponder.offline.transport import OfflineTransport

CODE = "import os\n\n\ndef total(items=[]):\n    if items == None:\n        return 0\n    return sum(items)\n"
QUESTION = f"""<request action="review">
<document path="src/app.py" language="python" lines="{CODE.count(chr(10)) + 1}">
{CODE}
</document>
</request>"""


def offline(*faults: str) -> tuple[Engine, OfflineEngine]:
    model = OfflineEngine(faults=Faults(faults))
    effects = Effects(sleep=patient_sleep, jitter=lambda: 0.0)
    return Engine(resolve({}, ApiSettings()), effects, transport=lambda: OfflineTransport(model)), model


def review(shape: AnswerShape = "findings", **route: object) -> ModelRequest:
    asked = request(QUESTION, shape=shape, **route)
    instructions = (PromptBlock("You review code. " * 2_000, "1h"),)
    prompt = Prompt(instructions=instructions, question=asked.prompt.question, shape=shape)
    return ModelRequest(prompt=prompt, route=asked.route)


def read(heard: Heard, kind: str) -> tuple[str, list[dict[str, object]]]:
    answer = PartialAnswer("findings")
    summary, findings = "", []
    wanted = {one.index for one in heard.of(BlockStarted) if one.kind == kind}
    for delta in heard.of(BlockDelta):
        if delta.index in wanted:
            for item in answer.feed(delta.text):
                match item:
                    case SummaryText():
                        summary += item.text
                    case Element():
                        findings.append(item.value)
    assert answer.close() is None
    return summary, findings


@pytest.mark.parametrize(
    ("kind", "route"),
    [
        ("text", {}),
        (
            "text",
            {"model": "claude-haiku-5-5", "thinking_param": {"type": "disabled"}, "effort_param": "low"},
        ),
        (
            "text",
            {
                "model": "claude-haiku-4-5",
                "thinking_param": {"type": "enabled", "budget_tokens": 2048},
                "effort_param": None,
            },
        ),
        ("tool", {"structured_outputs": False}),
    ],
)
async def test_a_review(kind: str, route: dict[str, object]) -> None:
    """Every kind of model answers a review with findings, by format or by tool."""
    one, _ = offline()
    heard = await listen(one, review(**route))
    assert heard.end.status == "done", heard.end.error
    summary, findings = read(heard, kind)
    assert summary
    assert {"mutable-argument-default", "none-comparison"} <= {str(found["rule"]) for found in findings}
    assert one.provider == "offline"


async def test_a_conversation_goes_on_unchanged() -> None:
    """Follow-ups pass the strict check of signatures and prefixes, and read the cache."""
    one, _ = offline()
    first = review()
    heard = await listen(one, first)
    past = (PastTurn(first.prompt.question, heard.end.content),)
    prompt = Prompt(
        instructions=first.prompt.instructions, question=(PromptBlock("Why?"),), shape="markdown", past=past
    )
    again = await listen(one, ModelRequest(prompt=prompt, route=first.route))
    assert again.end.status == "done", again.end.error
    assert again.retries == again.notices == []
    assert (again.end.counts.cache_read or 0) > 1_000


async def test_tampered_thinking_is_repaired() -> None:
    """A-18: what the strict engine says about a changed signature is understood, and repaired once."""
    one, _ = offline()
    first = review()
    heard = await listen(one, first)
    changed = tuple(
        {**block, "signature": "tampered=="} if block["type"] == "thinking" else block
        for block in heard.end.content
    )
    assert changed != heard.end.content
    prompt = Prompt(
        instructions=first.prompt.instructions,
        question=(PromptBlock("Why?"),),
        shape="markdown",
        past=(PastTurn(first.prompt.question, changed),),
    )
    again = await listen(one, ModelRequest(prompt=prompt, route=first.route))
    assert again.end.status == "done", again.end.error
    assert len(again.notices) == 1


async def test_calls() -> None:
    """Models with capabilities, counts and a whole batch."""
    one, _ = offline()
    models = await one.models()
    assert models is not None
    assert all({"id", "capabilities"} <= model.keys() for model in models)
    count = await one.count_tokens(review())
    assert count is not None
    assert count > 1_000
    batch = await one.create_batch([("a", review()), ("b", review())])
    while (await one.batch(batch["id"]))["processing_status"] != "ended":
        await asyncio.sleep(0.01)
    results = await one.batch_results(batch["id"])
    assert {line["custom_id"]: line["result"]["type"] for line in results} == {
        "a": "succeeded",
        "b": "succeeded",
    }


async def test_a_request_the_model_does_not_take() -> None:
    """The strict engine's 400 is a refusal of this request: one try, its words shown."""
    one, model = offline()
    heard = await listen(one, review(thinking_param={"type": "enabled", "budget_tokens": 2048}))
    assert (heard.end.status, heard.end.error.kind) == ("failed", "invalidRequest")
    assert "thinking" in heard.end.error.message
    assert len(model.requests) == 1


async def test_a_transport_that_breaks_while_reading() -> None:
    """Errors that the SDK does not wrap (a read that fails midway) are in the table too."""

    class Half(httpx2.AsyncByteStream):
        async def __aiter__(self):
            yield b"event: message_start\n"
            raise httpx2.ReadError("boom")

    class Broken(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(
                200, headers={"content-type": "text/event-stream"}, stream=Half(), request=request
            )

    one = Engine(resolve({}, ApiSettings()), Effects(sleep=patient_sleep), transport=Broken)
    heard = await listen(one, timeouts=Timeouts(max_tries=2))
    assert heard.end.error.kind == "network"
    assert "boom" not in repr(heard.events)
