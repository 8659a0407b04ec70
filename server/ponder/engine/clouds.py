"""Builds the SDK's clients of the cloud platforms, with nothing in their requests that the environment slipped in.

Imported only when a cloud platform is configured. Reads no variable itself.
"""

import importlib
from collections.abc import Callable
from typing import Any, Final, cast

import httpx2
from anthropic import (
    AsyncAnthropic,
    AsyncAnthropicAWS,
    AsyncAnthropicBedrock,
    AsyncAnthropicBedrockMantle,
    AsyncAnthropicFoundry,
    AsyncAnthropicGoogleCloud,
    AsyncAnthropicVertex,
)
from anthropic._base_client import AsyncAPIClient

from ponder.engine.endpoint import Endpoint
from ponder.engine.platforms import Platform, Provider, Signing
from ponder.errors import ErrorInfo, RunError

_SIGNERS: Final[dict[Signing, tuple[str, ...]]] = {
    "aws": ("boto3", "botocore.auth"),
    "google": ("google.auth", "google.auth.transport.requests"),
}
_EXTRAS: Final[dict[Provider, str]] = {
    "bedrock": "bedrock",
    "bedrockMantle": "bedrock",
    "aws": "bedrock",
    "vertex": "vertex",
    "googleCloud": "vertex",
}
Screen = Callable[[httpx2.Request], None]


def load(endpoint: Endpoint, platform: Platform) -> None:
    """Import what signs requests. Blocks. Raises RunError with the command that installs it."""
    signs = endpoint.credential is not None and endpoint.credential.kind != "api_key"
    try:
        for module in _SIGNERS[platform.signing] if signs and platform.signing else ():
            importlib.import_module(module)
    except ImportError:
        command = f"pip install 'ponder-ls[{_EXTRAS[endpoint.provider]}]'"
        raise RunError(
            ErrorInfo(
                kind="invalidRequest",
                message=f"{platform.title} needs packages that are not installed; nothing was sent.",
                hint=f"Run `{command}` in Ponder's environment, then restart the server.",
            )
        ) from None


class _Screened(AsyncAPIClient):
    """Requests pass `screen` before they are signed: a header that changes later breaks a signature."""

    screen: Screen
    refused: Callable[[Exception], RunError]

    async def _prepare_request(self, request: httpx2.Request) -> None:
        self.screen(request)
        try:
            await super()._prepare_request(request)
        except Exception as error:  # each signer has classes of its own; all say that there is no credential
            raise self.refused(error) from None


class _Bedrock(_Screened, AsyncAnthropicBedrock):
    pass


class _Mantle(_Screened, AsyncAnthropicBedrockMantle):
    pass


class _Vertex(_Screened, AsyncAnthropicVertex):
    pass


class _GoogleCloud(_Screened, AsyncAnthropicGoogleCloud):
    pass


class _Foundry(_Screened, AsyncAnthropicFoundry):
    pass


class _AWS(_Screened, AsyncAnthropicAWS):
    pass


def build(
    endpoint: Endpoint,
    platform: Platform,
    http_client: httpx2.AsyncClient,
    screen: Screen,
) -> AsyncAnthropic:
    """The client of this platform. `screen` takes off what Ponder does not want sent."""
    common: dict[str, Any] = {
        "base_url": endpoint.base_url,
        "max_retries": 0,
        "http_client": http_client,
        "open_telemetry": False,
        "default_headers": {"Accept-Encoding": "identity"},
    }
    client = _client(endpoint, common)
    added = _headers(endpoint)

    def screened(request: httpx2.Request) -> None:
        screen(request)
        request.headers.update(added)

    client.screen = screened
    client.refused = lambda error: _no_sign_in(platform, error)
    # The platform clients share the generic `get` and `post` with it, which is all that is used.
    return cast("AsyncAnthropic", client)


def _client(endpoint: Endpoint, common: dict[str, Any]) -> _Screened:
    places, credential = endpoint.places, endpoint.credential
    key = credential.secret if credential is not None and credential.kind == "api_key" else None
    aws: dict[str, Any] = {"aws_region": places.get("region"), "api_key": key}
    if credential is not None and credential.kind == "aws":
        aws |= {
            "aws_access_key": credential.identity,
            "aws_secret_key": credential.secret,
            "aws_session_token": credential.session or None,
        }
    match endpoint.provider:
        case "bedrock":
            return _Bedrock(**aws, **common)
        case "bedrockMantle":
            return _Mantle(**aws, **common)
        case "aws":
            return _AWS(**aws, workspace_id=places.get("workspace"), **common)
        case "vertex":
            return _Vertex(region=places["region"], project_id=places["project"], **common)
        case "googleCloud":
            return _GoogleCloud(project=places.get("project"), workspace_id=places.get("workspace"), **common)
        case _:
            return _Foundry(api_key=key, **common)


def _headers(endpoint: Endpoint) -> dict[str, str]:
    """What goes along before signing: the key where there is one, and the workspace that is paid from."""
    credential = endpoint.credential
    headers = {}
    if credential is not None and credential.kind == "api_key":
        if endpoint.provider == "foundry":
            headers = {"x-api-key": credential.secret, "api-key": credential.secret}
        else:
            headers = {"authorization": f"Bearer {credential.secret}"}
    if endpoint.provider == "aws" and "workspace" in endpoint.places:
        headers["anthropic-workspace-id"] = endpoint.places["workspace"]
    return headers


def _no_sign_in(platform: Platform, error: Exception) -> RunError:
    return RunError(
        ErrorInfo(
            kind="authentication",
            # The class alone: signers put paths and account names into their texts.
            message=f"{platform.title}: this machine has no sign-in that works ({type(error).__name__}).",
            hint=f"Use {platform.sign_in}; `ponder doctor` checks it.",
        )
    )
