"""The offline engine under clients that were not written for it: the official SDK, over a socket and inside."""

import asyncio
import itertools
import json
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import httpx2
import pytest

from ponder.offline.answer import Answer
from ponder.offline.engine import OfflineEngine
from ponder.offline.http import NotLoopbackError, run, serve
from ponder.offline.transport import BASE_URL, KEY, OfflineTransport

ANSWER = Answer(thinking=("First I look at it.", "Then I see."), text="The *answer* is 42 — really. 🙂")
ASKED: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 2000,
    "thinking": {"type": "adaptive", "display": "summarized"},
    "messages": [{"role": "user", "content": "What is the answer?"}],
}


class Client(anthropic.AsyncAnthropic):
    """The SDK, and the engine behind it."""

    engine: OfflineEngine


@pytest.fixture(params=["socket", "inside"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    engine = OfflineEngine(answerer=lambda _body: ANSWER)
    server = await serve(engine)
    inside = request.param == "inside"
    transport = OfflineTransport(engine) if inside else None
    async with httpx2.AsyncClient(transport=transport, trust_env=False, timeout=10) as http:
        sdk = Client(
            api_key=KEY,
            base_url=BASE_URL if inside else server.base_url,
            http_client=http,
            max_retries=0,
            _strict_response_validation=True,
        )
        sdk.engine = engine
        yield sdk
    await server.close()


def fault(written: str) -> dict[str, dict[str, str]]:
    return {"extra_headers": {"x-ponder-offline-fault": written}}


async def test_stream_and_whole_message_agree(client: Client) -> None:
    """The SDK's strict parser takes both, and finds the same thinking, text, signature and usage in them."""
    whole = await client.messages.create(**ASKED)
    async with client.messages.stream(**ASKED) as stream:
        seen = [event.type async for event in stream]
        streamed = await stream.get_final_message()

    assert [block.type for block in whole.content] == ["thinking", "text"]
    assert whole.content[0].thinking == "\n\n".join(ANSWER.thinking)
    assert whole.content[1].text == ANSWER.text
    for mine, theirs in zip(streamed.content, whole.content, strict=True):
        assert mine.to_dict().items() >= theirs.to_dict(exclude_none=True).items()
    assert streamed.usage.output_tokens_details == whole.usage.output_tokens_details
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    assert seen.count("thinking") > 1
    assert whole._request_id == client.engine.requests[0].request_id


async def test_a_conversation_goes_on(client: Client) -> None:
    """An answer sent back through the SDK's own `to_param` keeps its thinking valid, and the cache is read."""
    system = [{"type": "text", "text": "x" * 7000, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    first = await client.messages.create(**ASKED, system=system)
    messages = [*ASKED["messages"], first.to_param(), {"role": "user", "content": "Sure?"}]
    second = await client.messages.create(**{**ASKED, "messages": messages}, system=system)

    assert first.usage.cache_creation.ephemeral_1h_input_tokens == 2000
    assert second.usage.cache_read_input_tokens == 2000
    messages[0] = {"role": "user", "content": "What is the question?"}
    with pytest.raises(anthropic.BadRequestError, match="bound to a different conversation"):
        await client.messages.create(**{**ASKED, "messages": messages}, system=system)


STATUS_ERRORS = {
    400: anthropic.BadRequestError,
    401: anthropic.AuthenticationError,
    402: anthropic.PaymentRequiredError,
    403: anthropic.PermissionDeniedError,
    404: anthropic.NotFoundError,
    408: anthropic.RequestTimeoutError,
    409: anthropic.ConflictError,
    413: anthropic.ContentTooLargeError,
    422: anthropic.UnprocessableEntityError,
    429: anthropic.RateLimitError,
    500: anthropic.InternalServerError,
    503: anthropic.ServiceUnavailableError,
    504: anthropic.GatewayTimeoutError,
    529: anthropic.OverloadedError,
}


@pytest.mark.parametrize("status", STATUS_ERRORS)
async def test_statuses_become_the_sdks_errors(client: Client, status: int) -> None:
    """Every status is the SDK's class for it, with the engine's request id and error type."""
    with pytest.raises(STATUS_ERRORS[status]) as caught:
        await client.messages.create(**ASKED, **fault(f"status={status}"))

    error = caught.value
    assert type(error) is STATUS_ERRORS[status]
    assert error.request_id == client.engine.requests[-1].request_id
    assert error.type == error.body["error"]["type"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"extra_body": {"temperature": 1}}, "temperature: Extra inputs are not permitted"),
        ({"model": "claude-nobody"}, "model: claude-nobody"),
        ({"extra_headers": {"anthropic-version": "1999-01-01"}}, "is not a valid version"),
    ],
)
async def test_mistakes_reach_the_caller(client: Client, fields: dict[str, Any], message: str) -> None:
    """The words of a refusal arrive."""
    with pytest.raises(anthropic.APIStatusError, match=message):
        await client.messages.create(**{**ASKED, **fields})


async def test_a_spend_limit_is_its_own_error(client: Client) -> None:
    """The SDK tells it by its code."""
    with pytest.raises(anthropic.RateLimitError) as caught:
        await client.messages.create(**ASKED, **fault("spend-limit"))

    assert caught.value.error_code == "enforced_spend_limit_reached"


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("overloaded", anthropic.APIStatusError),
        ("api-error=2", anthropic.APIStatusError),
        ("reset=4", httpx2.ReadError),
        ("cut=4", httpx2.RemoteProtocolError),
        ("drop", anthropic.APIConnectionError),
        ("malformed", json.JSONDecodeError),
        ("bad-utf8", UnicodeDecodeError),
        ("index-out-of-range", IndexError),
    ],
)
async def test_bad_streams_raise_the_same_on_both_ways(
    client: Client, written: str, error: type[Exception]
) -> None:
    """A fault inside the process is the exception that it is on a socket."""
    with pytest.raises(error):
        async with client.messages.stream(**ASKED, **fault(written)) as stream:
            await stream.until_done()


@pytest.mark.parametrize("written", ["bytes=1", "bytes=3", "gzip", "many-deltas", "interleaved"])
async def test_odd_streams_are_read_in_full(client: Client, written: str) -> None:
    """What is only odd loses nothing on the way."""
    async with client.messages.stream(**ASKED, **fault(written)) as stream:
        message = await stream.get_final_message()

    assert message.content[0].thinking == "\n\n".join(ANSWER.thinking)
    assert message.content[1].text == ANSWER.text


@pytest.mark.parametrize("written", ["stall=4", "ping-drip=4", "silence"])
async def test_a_client_that_leaves_is_noticed(client: Client, written: str) -> None:
    """Cancelling the SDK's call ends the engine's work, over a socket too."""

    async def read() -> None:
        async with client.messages.stream(**ASKED, **fault(written)) as stream:
            await stream.until_done()

    task = asyncio.ensure_future(read())
    while not client.engine.requests or (written != "silence" and client.engine.requests[-1].events < 4):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    exchange = client.engine.requests[-1]
    while not exchange.closed_by_client:
        await asyncio.sleep(0)
    assert not exchange.finished


async def test_models_counting_and_batches(client: Client) -> None:
    """The SDK pages through the list, counts, and takes a batch to its results."""
    models = [model async for model in client.models.list(limit=4)]
    assert len(models) == len({model.id for model in models}) == 18
    assert {model.line for model in models} == {"fable", "mythos", "opus", "sonnet", "haiku"}
    one = await client.models.retrieve("claude-sonnet-5-5")
    assert one.capabilities.thinking.types.between_tools.supported
    assert not one.capabilities.thinking.types.disabled.supported

    counted = await client.messages.count_tokens(
        **{name: value for name, value in ASKED.items() if name != "max_tokens"}
    )
    assert counted.input_tokens == (await client.messages.create(**ASKED)).usage.input_tokens

    batch = await client.messages.batches.create(
        requests=[{"custom_id": "a", "params": ASKED}, {"custom_id": "b", "params": {**ASKED, "model": "x"}}]
    )
    found = [item async for item in await client.messages.batches.results(batch.id)]
    assert {item.custom_id: item.result.type for item in found} == {"a": "succeeded", "b": "errored"}
    assert [listed.id async for listed in client.messages.batches.list()] == [batch.id]
    assert (await client.messages.batches.delete(batch.id)).id == batch.id


async def test_many_requests_share_the_server() -> None:
    """Fifty streams at once, over kept-alive connections, each get their own answer."""
    count = itertools.count()
    engine = OfflineEngine(answerer=lambda _body: Answer(text=f"number {next(count)}"))
    async with await serve(engine) as server, httpx2.AsyncClient(trust_env=False) as http:
        sdk = anthropic.AsyncAnthropic(api_key=KEY, base_url=server.base_url, http_client=http)

        async def ask() -> str:
            async with sdk.messages.stream(**ASKED) as stream:
                return await stream.get_final_text()

        texts = await asyncio.gather(*(ask() for _ in range(50)))

    assert sorted(texts) == sorted(f"number {index}" for index in range(50))


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: abc\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nshort",
        b"",
    ],
)
async def test_other_protocols_do_no_harm(raw: bytes) -> None:
    """What is not HTTP, or ends in the middle, costs its own connection and nothing else."""
    engine = OfflineEngine(answerer=lambda _body: ANSWER)
    async with await serve(engine) as server:
        host, port = server.base_url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(raw)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        async with httpx2.AsyncClient(trust_env=False) as http:
            alive = await http.get(f"{server.base_url}/v1/models")

    assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert alive.status_code == 401


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.5", "::", "example.org"])
async def test_only_loopback_is_served(host: str) -> None:
    """The engine takes any key, so it never listens where others can reach it."""
    with pytest.raises(NotLoopbackError):
        await serve(OfflineEngine(), host)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--host", "10.0.0.1"], "not a loopback address"),
        (["--fault", "flood"], "no fault is called 'flood'"),
        (["--models", "/nowhere/models.json"], "No such file"),
    ],
)
def test_the_command_says_why_it_cannot_start(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on stderr, exit code 2, nothing on stdout."""
    assert run(argv) == 2
    shown = capsys.readouterr()
    assert (words in shown.err, shown.err.count("\n"), shown.out) == (True, 1, "")


def test_the_command_lists_its_faults(capsys: pytest.CaptureFixture[str]) -> None:
    """`--list-faults` prints the table and ends."""
    assert run(["--list-faults"]) == 0
    assert "ping-drip=EVENTS" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_serves_until_told_to_end(number: int, tmp_path: Any) -> None:
    """The base URL stands alone on the first line; models and faults come from the arguments; a signal ends it."""
    models = tmp_path / "models.json"
    models.write_text('{"models": [{"id": "local-coder"}]}')
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import sys; from ponder.offline.http import run; sys.exit(run(sys.argv[1:]))",
        *("--models", str(models), "--fault", "status=529;times=1"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    base = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
    assert base.startswith("http://127.0.0.1:")
    headers = {"x-api-key": KEY, "anthropic-version": "2026-10-21"}
    async with httpx2.AsyncClient(trust_env=False, base_url=base.strip(), headers=headers) as http:
        listed = await http.get("/v1/models")
        failed = await http.post("/v1/messages", json=ASKED)

    process.send_signal(number)
    rest, errors = await asyncio.wait_for(process.communicate(), 20)

    assert [model["id"] for model in listed.json()["data"]] == ["local-coder"]
    assert failed.status_code == 529
    assert (process.returncode, rest, errors) == (0, b"", b"")
