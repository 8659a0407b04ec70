"""Which endpoint is called, with what, whatever the environment of the process holds."""

import asyncio
import logging
from pathlib import Path

import pytest
from engine_setup import KEY, engine, listen, request
from scripted_api import error, good, plain, serving, stream

from ponder.config.settings import ApiSettings
from ponder.engine.endpoint import DEFAULT_BASE_URL, resolve
from ponder.errors import RunError


@pytest.mark.parametrize(
    ("environ", "api", "provider", "base_url", "kind"),
    [
        ({}, {}, "offline", None, None),
        ({"ANTHROPIC_API_KEY": "  "}, {}, "offline", None, None),
        ({"ANTHROPIC_API_KEY": "k"}, {}, "anthropic", DEFAULT_BASE_URL, "api_key"),
        ({"ANTHROPIC_AUTH_TOKEN": "t"}, {}, "anthropic", DEFAULT_BASE_URL, "auth_token"),
        (
            {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_AUTH_TOKEN": "t"},
            {},
            "anthropic",
            DEFAULT_BASE_URL,
            "api_key",
        ),
        ({"ANTHROPIC_BASE_URL": "http://h:1"}, {}, "anthropic", "http://h:1", "api_key"),
        (
            {"ANTHROPIC_BASE_URL": "http://h:1"},
            {"base_url": "http://h:2"},
            "anthropic",
            "http://h:2",
            "api_key",
        ),
        ({"ANTHROPIC_API_KEY": "k"}, {"provider": "offline"}, "offline", None, None),
        ({}, {"provider": "anthropic"}, "anthropic", DEFAULT_BASE_URL, None),
    ],
)
def test_resolution(
    environ: dict[str, str], api: dict[str, str], provider: str, base_url: str | None, kind: str | None
) -> None:
    """Key before token, own setting before the environment's address, offline with neither."""
    found = resolve(environ, ApiSettings(**api))
    assert found.provider == provider
    assert base_url is None or found.base_url == base_url
    assert (found.credential.kind if found.credential else None) == kind


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.8.8.8", True),
        ("http://[::1]:1/x", True),
        ("http://localhost:1", True),
        ("http://a.localhost", True),
        ("http://localhost.evil.com", False),
        ("http://127.0.0.1.evil.com", False),
        ("https://api.anthropic.com", False),
        ("http://10.0.0.1", False),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    """Only this machine itself is loopback."""
    assert resolve({"ANTHROPIC_BASE_URL": url}, ApiSettings()).loopback == loopback


def test_a_key_is_not_in_its_repr() -> None:
    """What a log or a traceback may print of an endpoint holds no key."""
    found = resolve({"ANTHROPIC_API_KEY": KEY}, ApiSettings())
    assert KEY not in f"{found} {found!r} {found.credential!r} {found.credential}"
    assert found.secrets == (KEY,)


@pytest.mark.parametrize(
    ("environ", "authorization"),
    [
        ({"ANTHROPIC_API_KEY": KEY}, f"Bearer {KEY}"),
        ({"ANTHROPIC_AUTH_TOKEN": "tok"}, "Bearer tok"),
        ({}, "Bearer no-key"),
    ],
)
async def test_headers(environ: dict[str, str], authorization: str) -> None:
    """What is sent besides the body: the credential, the API's version, and nothing that names the machine's user."""
    async with serving(stream(*good())) as api:
        await listen(engine(api.url, environ={**environ, "ANTHROPIC_BASE_URL": api.url}))
        sent = dict(api.requests[0].headers)

    assert sent["authorization"] == authorization
    assert sent["anthropic-version"] == "2026-10-21"
    assert sent["accept-encoding"] == "identity"
    assert sent["content-type"] == "application/json"
    assert "x-api-key" not in sent
    assert {name for name in sent if not name.startswith("x-stainless")} <= {
        "accept", "accept-encoding", "anthropic-version", "authorization", "connection", "content-length",
        "content-type", "host", "user-agent",
    }  # fmt: skip


async def test_the_environment_redirects_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """X-01 kin: custom headers, profiles, configuration directories and proxies change neither address nor headers."""
    async with serving([]) as other, serving(stream(*good())) as api:
        profile = tmp_path / "configs" / "evil.json"
        profile.parent.mkdir()
        profile.write_text(f'{{"base_url": "{other.url}", "type": "api_key", "api_key": "evil"}}')
        hostile = {
            "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer evil\nX-Evil: 1\nHost: evil\nanthropic-version: 1\nx-api-key: evil",
            "ANTHROPIC_PROFILE": "evil",
            "ANTHROPIC_CONFIG_DIR": str(tmp_path),
            "ANTHROPIC_BASE_URL": other.url,
            "ANTHROPIC_AUTH_TOKEN": "evil",
            "ANTHROPIC_LOG": "debug",
            "HTTP_PROXY": other.url,
            "http_proxy": other.url,
            "ALL_PROXY": other.url,
            "HTTPS_PROXY": other.url,
        }
        for name, value in hostile.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        one = engine(api.url)
        assert (await listen(one)).end.status == "done"
        assert other.connections == 0
        headers = api.requests[0].headers
        host = api.url.removeprefix("http://")

    assert "evil" not in repr(headers).lower()
    assert ("authorization", f"Bearer {KEY}") in headers
    assert ("host", host) in headers


async def test_logs_hold_no_key_and_no_content(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X-17, X-20 kin: at the loudest level of every logger, neither key nor prompt nor answer is written."""
    monkeypatch.setenv("ANTHROPIC_LOG", "debug")
    caplog.set_level(logging.DEBUG)
    async with serving(
        stream(*good("ANSWER-CANARY")), error(400, "invalid_request_error", f"bad {KEY}")
    ) as api:
        one = engine(api.url)
        await listen(one, request("PROMPT-CANARY"))
        failed = await listen(one, request("PROMPT-CANARY"))

    for secret in (KEY, "PROMPT-CANARY", "ANSWER-CANARY"):
        assert secret not in caplog.text
    assert KEY not in repr(failed.events)


async def test_a_path_in_the_address_is_kept() -> None:
    """Gateways live under a path."""
    async with serving(stream(*good())) as api:
        await listen(engine(api.url + "/gateway/"))
        assert api.requests[0].path == "/gateway/v1/messages"


async def test_a_new_key_is_used_at_once() -> None:
    """A-25: after a refusal, an engine with the new credential works; the old key is in no text."""
    async with serving(error(401, "authentication_error", f"{KEY} expired"), stream(*good())) as api:
        old = await listen(engine(api.url))
        new = await listen(
            engine(api.url, environ={"ANTHROPIC_API_KEY": "fresh", "ANTHROPIC_BASE_URL": api.url})
        )
        assert api.requests[1].header("authorization") == "Bearer fresh"

    assert old.end.error.kind == "authentication"
    assert KEY not in repr(old.events)
    assert new.end.status == "done"


async def test_requests_at_the_same_time_share_one_client() -> None:
    """Several answers stream side by side; each hears only its own."""
    async with serving(*[stream(*good(f"answer {number}")) for number in range(8)]) as api:
        one = engine(api.url)
        heard = await asyncio.gather(*[listen(one) for _ in range(8)])
        await one.aclose()

    assert sorted(got.text("text") for got in heard) == [f"answer {number}" for number in range(8)]


async def test_batches() -> None:
    """A-26: a batch is made of ordinary requests without `stream`; results come as lines in any order."""
    lines = (
        b'{"custom_id":"b","result":{"type":"expired"}}\n\n{"custom_id":"a","result":{"type":"succeeded"}}\n'
    )
    batch = {"id": "msgbatch_1", "processing_status": "in_progress"}
    async with serving(
        plain(200, batch),
        plain(200, batch | {"processing_status": "ended"}),
        plain(200, lines, kind="application/x-jsonl"),
        plain(200, batch | {"processing_status": "canceling"}),
        error(404, "not_found_error"),
        plain(200, b"[]"),
        plain(200, b"{", kind="application/x-jsonl"),
    ) as api:
        one = engine(api.url)
        assert (await one.create_batch([("a", request()), ("b", request())]))["id"] == "msgbatch_1"
        assert [item["custom_id"] for item in api.requests[0].json["requests"]] == ["a", "b"]
        assert "stream" not in api.requests[0].json["requests"][0]["params"]
        assert (await one.batch("msgbatch_1"))["processing_status"] == "ended"
        assert [line["custom_id"] for line in await one.batch_results("../x")] == ["b", "a"]
        assert api.requests[2].path == "/v1/messages/batches/..%2Fx/results"
        assert (await one.cancel_batch("msgbatch_1"))["processing_status"] == "canceling"
        for kind in ("invalidRequest", "malformed", "malformed"):
            with pytest.raises(RunError) as failed:
                await (
                    one.batch_results("x")
                    if kind == "malformed" and len(api.requests) == 6
                    else one.batch("x")
                )
            assert failed.value.info.kind == kind


async def test_other_calls_fail_as_answers_do() -> None:
    """Models and counts raise the same errors an answer would end with."""
    async with serving(error(401, "authentication_error"), error(529, "overloaded_error")) as api:
        one = engine(api.url)
        with pytest.raises(RunError) as unknown:
            await one.models()
        with pytest.raises(RunError) as busy:
            await one.count_tokens(request())
    assert (unknown.value.info.kind, busy.value.info.kind) == ("authentication", "overloaded")
