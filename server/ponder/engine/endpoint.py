"""Which endpoint is called and with which credential. Reads only what it is handed; a workspace has no say in it."""

import ipaddress
from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import urlsplit

from msgspec import Struct

from ponder.config.settings import ApiSettings

DEFAULT_BASE_URL: Final = "https://api.anthropic.com"
_OFFLINE_BASE_URL: Final = "http://offline.invalid"
# Local servers ask for no key, but the SDK sends nothing without one.
_NO_KEY: Final = "no-key"

Provider = Literal["anthropic", "offline"]


class Credential(Struct, frozen=True):
    """A key or token. Its text stays out of logs and tracebacks: `repr` shows none of it."""

    kind: Literal["api_key", "auth_token"]
    secret: str

    def __repr__(self) -> str:
        return f"Credential({self.kind})"


class Endpoint(Struct, frozen=True, kw_only=True):
    """Where requests go. `credential` is None only where nothing may be sent, and for the offline engine."""

    provider: Provider
    base_url: str
    credential: Credential | None

    @property
    def loopback(self) -> bool:
        """Whether the endpoint is on this machine: then no proxy stands between."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (self.credential.secret,) if self.credential and self.credential.secret != _NO_KEY else ()


def resolve(environ: Mapping[str, str], api: ApiSettings) -> Endpoint:
    """The endpoint for this environment and these settings.

    `ANTHROPIC_API_KEY`, `ANTHROPIC_AUTH_TOKEN` and `ANTHROPIC_BASE_URL` mean what they mean to the SDK (the key
    wins over the token); `api.baseUrl` stands over the environment's address. With neither credential nor
    address: the offline engine. Profiles, configuration directories and custom headers of the SDK are not used.
    """
    base_url = api.base_url or environ.get("ANTHROPIC_BASE_URL", "").strip()
    credential = _credential(environ)
    if api.provider == "offline" or (api.provider == "auto" and credential is None and not base_url):
        return Endpoint(provider="offline", base_url=_OFFLINE_BASE_URL, credential=None)
    if credential is None and base_url:
        credential = Credential("api_key", _NO_KEY)
    return Endpoint(provider="anthropic", base_url=base_url or DEFAULT_BASE_URL, credential=credential)


def _credential(environ: Mapping[str, str]) -> Credential | None:
    if key := environ.get("ANTHROPIC_API_KEY", "").strip():
        return Credential("api_key", key)
    if token := environ.get("ANTHROPIC_AUTH_TOKEN", "").strip():
        return Credential("auth_token", token)
    return None
