"""`ponder doctor`: what is configured, from where, what was reached, what is missing, and the line that mends it."""

import asyncio
import json
import os
import platform
import shutil
import sys
import textwrap
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from ponder import __version__
from ponder.cli.arguments import Parser

if TYPE_CHECKING:
    from ponder.engine.endpoint import Endpoint
    from ponder.engine.platforms import Platform
    from ponder.session.opening import Parts

State = Literal["ok", "note", "fail"]
_MARKS: dict[State, str] = {"ok": "ok  ", "note": "note", "fail": "FAIL"}
_CREDENTIALS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
_ADD_KEY = "export ANTHROPIC_API_KEY=sk-ant-…"
_OFFLINE = "offline engine"
_MOST_VALUE = 60


class Check(Struct, frozen=True, omit_defaults=True):
    """One line of the report. `mend` is what to do, where there is something to do."""

    name: str
    state: State
    detail: str
    mend: str | None = None
    setting: str | None = None
    """The dotted path of a setting that is not built in, and `layer` the layer it comes from."""
    layer: str | None = None


def main(arguments: list[str]) -> int:
    """Check everything and report. Exit 0 when Ponder can be used as it is."""
    parser = Parser(prog="ponder doctor", description="What works now, and what one more line would add.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    checks = asyncio.run(_collected(str(Path.cwd())))
    usable = all(check.state != "fail" for check in checks)
    if options.json:
        shown = {"usable": usable, "checks": msgspec.to_builtins(checks)}
        print(json.dumps(shown, indent=2))
    else:
        print(_report(checks, usable=usable))
    return 0 if usable else 1


def _report(checks: list[Check], *, usable: bool) -> str:
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        head = f"{_MARKS[check.state]}  {check.name:<{width}}  "
        lines += _wrapped(check.detail, head, " " * len(head))
        if check.mend:
            lines += _wrapped(check.mend, f"{'':{len(head)}}-> ", f"{'':{len(head)}}   ")
    return "\n".join([*lines, "", *_verdict(checks, usable=usable)])


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    plain = "".join(sign if sign.isprintable() else "?" for sign in text)
    # Paths and commands stay whole: they are there to be copied.
    return textwrap.wrap(
        plain, min(80, shutil.get_terminal_size().columns), initial_indent=first, subsequent_indent=rest,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _verdict(checks: list[Check], *, usable: bool) -> list[str]:
    if not usable:
        return ["Ponder cannot work like this; see FAIL above."]
    if any(check.name == "endpoint" and check.detail.startswith(_OFFLINE) for check in checks):
        return [
            "Ponder is ready. Every action works now, without a key: the answers come from",
            "analysis on this machine. One line more, and Claude answers:",
            "",
            f"    {_ADD_KEY}",
        ]
    return ["Ponder is ready."]


async def _collected(here: str) -> list[Check]:
    from ponder.session.opening import open_parts

    parts = open_parts(os.environ, (here,))
    try:
        return [check async for check in _checks(parts, os.environ)]
    finally:
        await parts.close()


async def _checks(parts: "Parts", environ: Mapping[str, str]) -> AsyncIterator[Check]:
    yield Check("ponder", "ok", f"{__version__} on Python {platform.python_version()}")
    yield _command()
    for problem in parts.resolved.problems:
        yield Check("settings", "note", problem.message)
    if not parts.resolved.problems:
        set_by = sorted(set(parts.resolved.origins.values()))
        yield Check("settings", "ok", f"from {', '.join(set_by)}" if set_by else "all built in")
    for path, layer in sorted(parts.resolved.origins.items()):
        words = f"{path} = {_value(parts, path)} ({layer})"
        yield Check("setting", "ok", words, setting=path, layer=layer)
    yield _credential(parts, environ)
    async for check in _endpoint(parts):
        yield check
    yield _state(parts)
    yield Check("editors", "note", *_editors())


def _value(parts: "Parts", path: str) -> str:
    """A setting's value as JSON, short enough for a line."""
    from ponder.config.options import dotted

    found: object = msgspec.to_builtins(parts.resolved.settings)
    rest = path
    while rest and isinstance(found, dict):
        spelt = {dotted((name,)): name for name in found}
        head = next((head for head in spelt if rest == head or rest.startswith(f"{head}.")), None)
        if head is None:
            break
        found, rest = found[spelt[head]], rest[len(head) + 1 :]
    shown = json.dumps(found, ensure_ascii=False)
    return shown if len(shown) <= _MOST_VALUE else f"{shown[: _MOST_VALUE - 1]}…"


def _command() -> Check:
    found = shutil.which("ponder")
    if found is not None:
        return Check("command", "ok", found)
    folder = Path(sys.executable).parent
    return Check(
        "command",
        "note",
        "`ponder` is not on the PATH",
        f"add {folder} to it, or give editors {folder}/ponder",
    )


def _credential(parts: "Parts", environ: Mapping[str, str]) -> Check:
    given = [name for name in _CREDENTIALS if environ.get(name, "").strip()]
    endpoint = parts.engine.endpoint
    if endpoint.platform is not None:
        return _platform_credential(endpoint, endpoint.platform)
    if given and parts.engine.provider == "offline":
        return Check(
            "credential",
            "note",
            f"{given[0]} is set, but `api.provider` is `offline`",
            "take `api.provider` out of your settings to ask Claude",
        )
    if len(given) == 2:
        return Check("credential", "note", "both are set; ANTHROPIC_API_KEY is used", "unset the other")
    if given:
        return Check("credential", "ok", f"{given[0]} is set")
    if parts.engine.provider == "offline":
        return Check(
            "credential",
            "note",
            "none: the offline engine answers, from real analysis on this machine",
            f"{_ADD_KEY} to ask Claude",
        )
    if endpoint.credential is None:
        return Check("credential", "fail", "none", _ADD_KEY)
    return Check("credential", "note", "none; a local server may not need one")


def _platform_credential(endpoint: "Endpoint", platform: "Platform") -> Check:
    if endpoint.missing:
        names = " and ".join(endpoint.missing)
        mend = "; ".join(f"export {name}=…" for name in endpoint.missing)
        return Check("credential", "fail", f"{platform.title} needs {names}", mend)
    kind = endpoint.credential.kind if endpoint.credential else "ambient"
    detail = {"api_key": "a key from the environment", "aws": "keys of AWS from the environment"}.get(
        kind, "the sign-in of this machine"
    )
    return Check("credential", "ok", f"{detail}, for {platform.title}")


async def _endpoint(parts: "Parts") -> AsyncIterator[Check]:
    from ponder.errors import RunError

    if parts.engine.provider == "offline":
        yield Check("endpoint", "ok", f"{_OFFLINE} (nothing leaves this machine)")
    elif not parts.engine.endpoint.missing:
        yield Check("endpoint", "ok", f"{parts.engine.endpoint.base_url} ({_address_from(parts)})")
    platform = parts.engine.endpoint.platform
    if platform is not None and platform.lacks:
        lacks = " and ".join(f"no {what}" for what in platform.lacks)
        yield Check("platform", "note", f"{platform.title} has {lacks}; Ponder works without them")
    try:
        await parts.engine.prepare()
        models = await parts.engine.models()
    except RunError as error:
        # What else a hint advises is what runs here.
        hint = (error.info.hint or "").partition("; `ponder doctor`")[0]
        yield Check("reached", "fail", error.info.message, hint or None)
        return
    address = parts.engine.endpoint.base_url.rstrip("/")
    if models is None and address.endswith("/v1"):
        # The commonest slip: Ponder adds `/v1/messages` itself.
        yield Check(
            "models", "fail", "nothing answers below this address", f"give it without `/v1`: {address[:-3]}"
        )
    elif models is None:
        detail = "this endpoint has no list; Ponder's built-in table serves"
        mend = "whether it answers shows with the first action" if platform is not None else None
        yield Check("models", "note", detail, mend)
    else:
        yield Check("models", "ok", f"{len(models)} listed; `ponder routes` shows which action uses which")


def _address_from(parts: "Parts") -> str:
    """Where the address was set."""
    platform = parts.engine.endpoint.platform
    variable = platform.base_url if platform is not None else "ANTHROPIC_BASE_URL"
    if "api.baseUrl" in parts.resolved.origins:
        return f"api.baseUrl, {parts.resolved.origin('api.baseUrl')} settings"
    return variable if os.environ.get(variable, "").strip() else "built in"


def _state(parts: "Parts") -> Check:
    if parts.store.on_disk:
        return Check("state", "ok", str(parts.directory))
    return Check(
        "state",
        "note",
        "results and usage are kept in memory only",
        "set PONDER_STATE_DIR to a folder you can write to",
    )


def _editors() -> tuple[str, str]:
    names = {"nvim": "Neovim", "code": "VS Code", "hx": "Helix", "emacs": "Emacs", "kak": "Kakoune"}
    found = [name for command, name in names.items() if shutil.which(command)]
    seen = f"found {', '.join(found)}" if found else "none of the usual ones found on the PATH"
    return seen, "any LSP editor works: its server command is `ponder serve`"
