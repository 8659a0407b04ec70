"""Which endpoint is called and with which credential. Reads only what it is handed; a workspace has no say in it."""

import ipaddress
from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import quote, urlsplit

from msgspec import Struct

from ponder.config.settings import ApiSettings
from ponder.engine.platforms import PLATFORMS, Platform, Provider, first

DEFAULT_BASE_URL: Final = "https://api.anthropic.com"
_OFFLINE_BASE_URL: Final = "http://offline.invalid"
# Local servers ask for no key, but the SDK sends nothing without one.
_NO_KEY: Final = "no-key"
# What an address is when a part of it is missing: nothing is ever sent there.
_NOWHERE: Final = "http://unknown.invalid"
_VERTEX_HOSTS: Final = {
    "global": "aiplatform.googleapis.com",
    "us": "aiplatform.us.rep.googleapis.com",
    "eu": "aiplatform.eu.rep.googleapis.com",
}


class Credential(Struct, frozen=True):
    """A key or token, keys of AWS, or the sign-in of this machine (`ambient`), whose text Ponder never sees.

    Its text stays out of logs and tracebacks: `repr` shows none of it.
    """

    kind: Literal["api_key", "auth_token", "aws", "ambient"]
    secret: str = ""
    identity: str = ""
    session: str = ""

    def __repr__(self) -> str:
        return f"Credential({self.kind})"


class Endpoint(Struct, frozen=True, kw_only=True):
    """Where requests go. `credential` is None only where nothing may be sent, and for the offline engine.

    `places` are what a cloud platform needs besides (region, project, …); `missing` names the variables without
    which nothing can be sent.
    """

    provider: Provider
    base_url: str
    credential: Credential | None
    places: dict[str, str] = {}
    missing: tuple[str, ...] = ()

    @property
    def answerer(self) -> str:
        """Who answers, in one word: provider and address, without anything secret in it. Others answer differently."""
        address = urlsplit(self.base_url)
        # What stands before `@` and after `?` may be a credential.
        host = address.netloc.rpartition("@")[2].lower()
        return f"{self.provider} {address.scheme}://{host}{address.path.rstrip('/')}"

    @property
    def platform(self) -> Platform | None:
        """The cloud platform behind it; None for the Messages API itself and whatever speaks it."""
        return PLATFORMS.get(self.provider)

    @property
    def diagnoses(self) -> bool:
        """Whether it says why a cache was missed; what only speaks the Messages API may refuse to be asked."""
        if self.platform is not None:
            return self.platform.diagnostics
        return self.provider == "offline" or self.base_url == DEFAULT_BASE_URL

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
        held = (self.credential.secret, self.credential.session) if self.credential else ()
        return tuple(secret for secret in held if secret and secret != _NO_KEY)


def resolve(environ: Mapping[str, str], api: ApiSettings) -> Endpoint:
    """The endpoint for this environment and these settings.

    `ANTHROPIC_API_KEY`, `ANTHROPIC_AUTH_TOKEN` and `ANTHROPIC_BASE_URL` mean what they mean to the SDK (the key
    wins over the token); `api.baseUrl` stands over the environment's address. With neither credential nor
    address: the offline engine. Profiles, configuration directories and custom headers of the SDK are not used.
    A cloud platform is called only where `api.provider` names it.
    """
    if api.provider != "auto" and (platform := PLATFORMS.get(api.provider)) is not None:
        return _on_platform(api.provider, platform, environ, api)
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


def _on_platform(
    provider: Provider, platform: Platform, environ: Mapping[str, str], api: ApiSettings
) -> Endpoint:
    """The endpoint of a cloud platform, with the names of what is missing for it."""
    places = platform.found(environ)
    base_url = api.base_url or environ.get(platform.base_url, "").strip()
    wanted = [place for place in platform.places if not (base_url and place in platform.derived)]
    missing = [platform.places[place][0] for place in wanted if place not in places]
    credential = _platform_credential(platform, environ)
    if credential is None:
        missing.append(platform.keys[0])
    return Endpoint(
        provider=provider,
        base_url=base_url or (_NOWHERE if missing else _usual_address(platform, places)),
        credential=credential,
        places=places,
        missing=tuple(missing),
    )


def _usual_address(platform: Platform, places: Mapping[str, str]) -> str:
    # Quoted: a place may not lead to another host or path.
    quoted = {place: quote(value, safe="") for place, value in places.items()}
    region = quoted.get("region", "")
    host = _VERTEX_HOSTS.get(region, f"{region}-aiplatform.googleapis.com")
    return platform.url.format(host=host, location="global", **quoted)


def _platform_credential(platform: Platform, environ: Mapping[str, str]) -> Credential | None:
    if key := first(environ, platform.keys):
        return Credential("api_key", key)
    if platform.signing == "aws":
        identity, secret = environ.get("AWS_ACCESS_KEY_ID", ""), environ.get("AWS_SECRET_ACCESS_KEY", "")
        if identity and secret:
            return Credential("aws", secret, identity, environ.get("AWS_SESSION_TOKEN", ""))
    return Credential("ambient") if platform.signing is not None else None
