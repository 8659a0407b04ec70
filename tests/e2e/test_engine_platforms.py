"""Cloud platforms over the wire: address, body, signature and answer of each, against loopback servers with made-up keys."""

import base64
import builtins
import hashlib
import hmac
import json
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from engine_setup import Heard, listen, patient_sleep, request
from scripted_api import END, Step, chunk, error, event, good, head, plain, serving, start, stop, stream

from ponder.config.settings import ApiSettings
from ponder.engine.effects import Effects
from ponder.engine.endpoint import Endpoint, resolve
from ponder.engine.prompt import Prompt, PromptBlock
from ponder.engine.turn import Engine
from ponder.errors import RunError

SECRET = "made-up-secret-0123456789abcdef"
AWS = {
    "AWS_ACCESS_KEY_ID": "AKIDMADEUP",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": "made-up-session",
    "AWS_REGION": "eu-west-3",
}
COMPLETE: dict[str, dict[str, str]] = {
    "bedrock": AWS,
    "bedrockMantle": AWS,
    "aws": {**AWS, "ANTHROPIC_AWS_WORKSPACE_ID": "wrkspc_1"},
    "foundry": {"ANTHROPIC_FOUNDRY_API_KEY": SECRET, "ANTHROPIC_FOUNDRY_RESOURCE": "res"},
    "vertex": {"ANTHROPIC_VERTEX_PROJECT_ID": "proj", "CLOUD_ML_REGION": "europe-west1"},
    "googleCloud": {
        "ANTHROPIC_GOOGLE_CLOUD_PROJECT": "proj",
        "ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID": "wrkspc_1",
    },
}
KEYS = {
    "bedrock": "AWS_BEARER_TOKEN_BEDROCK",
    "bedrockMantle": "AWS_BEARER_TOKEN_BEDROCK",
    "aws": "ANTHROPIC_AWS_API_KEY",
}


def endpoint(provider: str, environ: Mapping[str, str], url: str | None = None) -> Endpoint:
    return resolve(environ, ApiSettings(provider=provider, base_url=url))


def engine(provider: str, environ: Mapping[str, str], url: str) -> Engine:
    return Engine(endpoint(provider, environ, url), Effects(sleep=patient_sleep, jitter=lambda: 0.0))


async def answered(
    provider: str, environ: Mapping[str, str], *answers: list[Step]
) -> tuple[Heard, list[Any]]:
    async with serving(*answers) as api:
        one = engine(provider, environ, api.url)
        heard = await listen(one)
        await one.aclose()
        return heard, api.requests


def frame(payload: bytes, **headers: str) -> bytes:
    """A frame of AWS's event stream encoding."""
    named = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
        for name, value in {":" + key.replace("_", "-"): value for key, value in headers.items()}.items()
    )
    prelude = struct.pack(">II", len(named) + len(payload) + 16, len(named))
    whole = prelude + struct.pack(">I", zlib.crc32(prelude)) + named + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def framed(*events: bytes) -> bytes:
    """Events as Bedrock's runtime sends them."""
    data = [json.loads(one.split(b"data: ", 1)[1]) for one in events]
    return b"".join(
        frame(
            json.dumps({"bytes": base64.b64encode(json.dumps(one).encode()).decode(), "p": "ab"}).encode(),
            event_type="chunk",
            content_type="application/json",
            message_type="event",
        )
        for one in data
    )


def frames(*pieces: bytes) -> list[Step]:
    kind = "application/vnd.amazon.eventstream"
    return [head(200, kind=kind), *(chunk(piece) for piece in pieces), END]


def answer_of(provider: str) -> list[Step]:
    return frames(framed(*good())) if provider == "bedrock" else stream(*good())


def signature(sent: Any, secret: str, region: str, service: str) -> str:
    """The signature of a request by the published rules of AWS (version 4), over the headers it says it signed."""
    fields = dict(
        part.strip().split("=", 1) for part in sent.header("authorization").split(" ", 1)[1].split(",")
    )
    names = fields["SignedHeaders"].split(";")
    headers = "".join(f"{name}:{' '.join((sent.header(name) or '').split())}\n" for name in names)
    path = sent.path.replace("%", "%25")
    canonical = "\n".join(
        (sent.method, path, "", headers, ";".join(names), hashlib.sha256(sent.body).hexdigest())
    )
    stamp = sent.header("x-amz-date")
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("provider", "service", "path"),
    [
        ("bedrock", "bedrock", "/model/claude-sonnet-5-5/invoke-with-response-stream"),
        ("bedrockMantle", "bedrock-mantle", "/v1/messages"),
        ("aws", "aws-external-anthropic", "/v1/messages"),
    ],
)
async def test_keys_of_aws_sign_what_is_sent(provider: str, service: str, path: str) -> None:
    """The signature is that of exactly the headers and the body that arrived."""
    pytest.importorskip("boto3")
    heard, [sent] = await answered(provider, COMPLETE[provider], answer_of(provider))
    assert heard.end.status == "done", heard.end
    assert heard.text("text") == "Hello"
    assert heard.text("thinking") == "Let me see"
    assert sent.path == path
    said = sent.header("authorization").rsplit("Signature=", 1)[1]
    assert said == signature(sent, SECRET, "eu-west-3", service)
    assert sent.header("x-amz-security-token") == "made-up-session"
    assert sent.header("anthropic-workspace-id") == ("wrkspc_1" if provider == "aws" else None)


@pytest.mark.parametrize("provider", KEYS)
async def test_a_key_of_aws_needs_no_further_package(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key nothing is signed: the extra is not even looked for."""
    imported = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("boto"):
            raise ImportError(name)
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    places = {name: value for name, value in COMPLETE[provider].items() if name != "AWS_SECRET_ACCESS_KEY"}
    heard, [sent] = await answered(provider, places | {KEYS[provider]: "a-key"}, answer_of(provider))
    assert heard.end.status == "done", heard.end
    assert sent.header("authorization") == "Bearer a-key"


async def test_foundry_takes_its_key_in_headers_of_its_own() -> None:
    """Neither the key of the Messages API nor a bearer goes there."""
    heard, [sent] = await answered(
        "foundry", COMPLETE["foundry"] | {"ANTHROPIC_API_KEY": "other"}, stream(*good())
    )
    assert heard.end.status == "done"
    assert (sent.path, sent.header("x-api-key")) == ("/v1/messages", SECRET)
    assert sent.header("authorization") is None
    assert "other" not in repr(sent.headers)


@pytest.mark.parametrize(
    ("provider", "path"),
    [
        (
            "vertex",
            "/projects/proj/locations/europe-west1/publishers/anthropic/models/claude-sonnet-5-5:streamRawPredict",
        ),
        ("googleCloud", "/v1/messages"),
    ],
)
async def test_google_is_asked_with_a_token_of_this_machine(
    provider: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sign-in of the machine (here the file of a made-up service account) gives the bearer of the request."""
    pytest.importorskip("google.auth")
    token = {"access_token": "token-1", "expires_in": 3600, "token_type": "Bearer"}
    async with serving(plain(200, token), stream(*good()), plain(200, {"input_tokens": 7})) as api:
        account = tmp_path / "account.json"
        account.write_text(json.dumps(service_account(f"{api.url}/token")))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        one = engine(provider, COMPLETE[provider], api.url)
        heard = await listen(one)
        counted = await one.count_tokens(request())
        await one.aclose()
    assert heard.end.status == "done", heard.end
    assert (heard.text("text"), counted) == ("Hello", 7)
    assert [sent.path for sent in api.requests[:2]] == ["/token", path]
    assert {sent.header("authorization") for sent in api.requests[1:]} == {"Bearer token-1"}


def service_account(token_uri: str) -> dict[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": "proj",
        "private_key_id": "k",
        "private_key": pem.decode(),
        "client_email": "ponder@proj.iam.gserviceaccount.com",
        "token_uri": token_uri,
    }


@pytest.mark.parametrize("provider", ["bedrock", "vertex"])
async def test_what_is_moved_out_of_the_body(
    provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Model and version go where the platform wants them; question, marks and thinking stay as they were."""
    asked = request("Why?")
    prompt = Prompt(
        instructions=(PromptBlock("Be exact.", cache="1h"),), question=asked.prompt.question, shape="markdown"
    )
    asked = type(asked)(prompt=prompt, route=asked.route, diagnostics=True)
    async with serving(answer_of(provider)) as api:
        if provider == "bedrock":
            one = engine(provider, {"AWS_REGION": "eu-west-3", "AWS_BEARER_TOKEN_BEDROCK": "k"}, api.url)
        else:
            pytest.importorskip("google.auth")
            monkeypatch.setattr("google.auth.default", lambda **_: (Signed(), "proj"))
            one = engine(provider, COMPLETE["vertex"], api.url)
        assert (await listen(one, asked)).end.status == "done"
        await one.aclose()
    body = api.requests[0].json
    assert "model" not in body
    assert "diagnostics" not in body
    assert body["anthropic_version"] == ("bedrock-2023-05-31" if provider == "bedrock" else "2026-10-21")
    assert body["messages"][0]["content"][0]["text"] == "Why?"
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}
    mark = body["system"][0]["cache_control"]
    assert mark == ({"type": "ephemeral"} if provider == "bedrock" else {"type": "ephemeral", "ttl": "1h"})


class Signed:
    """Credentials of Google that are signed in already."""

    token = "token-1"
    expired = False

    def refresh(self, _: object) -> None:
        return None


async def test_frames_may_be_cut_anywhere() -> None:
    """An answer in frames is the same whatever pieces it arrives in."""
    whole = framed(*good("Hällo 🦊"))
    environ = {"AWS_REGION": "eu-west-3", "AWS_BEARER_TOKEN_BEDROCK": "k"}
    for size in (1, 7, 64, len(whole)):
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        heard, _ = await answered("bedrock", environ, frames(*pieces))
        assert (heard.end.status, heard.text("text")) == ("done", "Hällo 🦊")


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [
        ([framed(*good())[:-1]], "network"),
        ([framed(start()), b"\0" * 40], "malformed"),
        ([framed(start())[:-1] + b"\0"], "malformed"),
        ([frame(b'{"bytes": "!"}', event_type="chunk", message_type="event")], "malformed"),
        ([frame(b"[]", event_type="chunk", message_type="event")], "malformed"),
        ([frame(b'{"message": "slow down"}', exception_type="throttlingException", message_type="exception")], "rateLimit"),
        ([frame(b'{"message": "bad"}', exception_type="validationException", message_type="exception")], "invalidRequest"),
        ([frame(b"", error_code="InternalError", error_message="oh", message_type="error")], "internal"),
    ],
)  # fmt: skip
async def test_broken_frames_and_exceptions(pieces: list[bytes], kind: str) -> None:
    """No frame is believed whose checksum is wrong; an exception in the stream is told like any error."""
    environ = {"AWS_REGION": "eu-west-3", "AWS_BEARER_TOKEN_BEDROCK": "k"}
    heard, _ = await answered("bedrock", environ, *[frames(*pieces)] * 4)
    assert heard.end.status == "failed"
    assert heard.end.error.kind == kind


async def test_frames_are_what_amazon_reads() -> None:
    """The frames of these tests are valid for Amazon's own reader."""
    eventstream = pytest.importorskip("botocore.eventstream")
    buffer = eventstream.EventStreamBuffer()
    buffer.add_data(framed(event("ping"), *stop()))
    read = [json.loads(one.payload)["bytes"] for one in buffer]
    assert [json.loads(base64.b64decode(one))["type"] for one in read] == [
        "ping", "message_delta", "message_stop",
    ]  # fmt: skip


async def test_what_a_platform_lacks_is_not_asked_for() -> None:
    """No list, no counts and no batches: answered without a request, batches with a sentence."""
    async with serving() as api:
        for provider in ("bedrock", "bedrockMantle", "vertex", "foundry"):
            one = engine(provider, COMPLETE[provider] | {"AWS_BEARER_TOKEN_BEDROCK": "k"}, api.url)
            assert await one.models() is None
            with pytest.raises(RunError) as refused:
                await one.create_batch([("a", request())])
            assert "has no batches" in refused.value.info.message
        assert await engine("bedrock", AWS, api.url).count_tokens(request()) is None
        assert not api.requests


async def test_errors_speak_of_the_platform() -> None:
    """A refused credential is told with the platform's own variables."""
    heard, _ = await answered(
        "foundry", COMPLETE["foundry"], error(401, "authentication_error", f"bad {SECRET}")
    )
    assert heard.end.error.kind == "authentication"
    assert "ANTHROPIC_FOUNDRY_API_KEY" in (heard.end.error.hint or "")
    assert SECRET not in repr(heard.events)
