"""The faults the engine shows on request, as a table, and the script that says when. Sends nothing itself.

A fault is written `NAME[=ARGUMENT][;times=N][;skip=N][;path=PATH]`: how often, after how many requests, and
on which path (default `/v1/messages`; `*` is any).
"""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Stage = Literal["instead", "answer", "stream", "wire", "batch"]


class FaultKind(Struct, frozen=True):
    """One row: `argument` names what follows `=`, `default` stands in for it."""

    name: str
    stage: Stage
    line: str
    argument: str = ""
    default: str = ""


KINDS: tuple[FaultKind, ...] = (
    FaultKind("status", "instead", "answer with this HTTP status and its error.type", "CODE", "529"),
    FaultKind("html-error", "instead", "answer with this status and an HTML page", "CODE", "502"),
    FaultKind("retry-after", "instead", "429 with this retry-after (date:+60 is an HTTP date)", "VALUE", "1"),
    FaultKind("retry-after-ms", "instead", "429 with this retry-after-ms", "MS", "10"),
    FaultKind("should-retry", "instead", "400 with x-should-retry", "BOOL", "true"),
    FaultKind("spend-limit", "instead", "429 enforced_spend_limit_reached, without retry-after"),
    FaultKind("usage-limit", "instead", "400 for a spend limit the user has set"),
    FaultKind("credit", "instead", "402 billing_error"),
    FaultKind("too-long", "instead", "400 prompt is too long"),
    FaultKind("redirect", "instead", "307 to this URL", "URL", "http://127.0.0.1:9/elsewhere"),
    FaultKind("html", "instead", "200 with an HTML page"),
    FaultKind("empty", "instead", "200 with an empty body"),
    FaultKind("json", "instead", "200 with JSON though a stream was asked for"),
    FaultKind("gzip-bomb", "instead", "200 with this many MB of zeros behind a few KB of gzip", "MB", "100"),
    FaultKind("silence", "instead", "the connection stays open and nothing is ever answered"),
    FaultKind("drop", "instead", "the connection is closed without an answer"),
    FaultKind("refusal", "answer", "stop_reason refusal after part of the text", "CATEGORY", "cyber"),
    FaultKind("empty-refusal", "answer", "stop_reason refusal and no content", "CATEGORY", "cyber"),
    FaultKind("pause-turn", "answer", "stop_reason pause_turn"),
    FaultKind("context-window", "answer", "stop_reason model_context_window_exceeded"),
    FaultKind("redacted", "answer", "thinking comes as redacted_thinking"),
    FaultKind("max-tokens", "answer", "the answer is cut after this many output tokens", "TOKENS", "20"),
    FaultKind("eof", "stream", "a clean end after this many events", "EVENTS", "3"),
    FaultKind("reset", "stream", "connection reset after this many events", "EVENTS", "3"),
    FaultKind("cut", "stream", "the chunked body is cut after this many events", "EVENTS", "3"),
    FaultKind("stall", "stream", "silence after this many events", "EVENTS", "3"),
    FaultKind("overloaded", "stream", "overloaded_error after this many deltas", "DELTAS", "0"),
    FaultKind("api-error", "stream", "api_error after this many deltas", "DELTAS", "0"),
    FaultKind("rate-limited", "stream", "rate_limit_error after this many deltas", "DELTAS", "0"),
    FaultKind("ping-drip", "stream", "only pings after this many events, for ever", "EVENTS", "3"),
    FaultKind("comment-drip", "stream", "only comments after this many events, for ever", "EVENTS", "3"),
    FaultKind("empty-drip", "stream", "only empty deltas after this many events, for ever", "EVENTS", "3"),
    FaultKind("thinking-drip", "stream", "thinking that never ends after this many events", "EVENTS", "3"),
    FaultKind("malformed", "stream", "an event with broken JSON before this event", "EVENT", "4"),
    FaultKind("unknown-event", "stream", "an event of an unknown type before this event", "EVENT", "4"),
    FaultKind("long-line", "stream", "3 MB without a line end before this event", "EVENT", "4"),
    FaultKind("bad-utf8", "stream", "the first delta is not UTF-8"),
    FaultKind("index-out-of-range", "stream", "the first delta belongs to no block"),
    FaultKind("delta-before-start", "stream", "a delta comes before message_start"),
    FaultKind("delta-before-block", "stream", "a delta comes before its content_block_start"),
    FaultKind("double-start", "stream", "a second message_start after the first block"),
    FaultKind("double-stop", "stream", "message_stop comes twice"),
    FaultKind("late-events", "stream", "a delta comes after message_stop"),
    FaultKind("unknown-block", "stream", "a block of an unknown type"),
    FaultKind("unknown-delta", "stream", "a delta of an unknown type"),
    FaultKind("unknown-stop-reason", "stream", "a stop_reason nobody knows"),
    FaultKind("no-stop-reason", "stream", "message_delta without a stop_reason"),
    FaultKind("interleaved", "stream", "all blocks open at once, their deltas taking turns"),
    FaultKind("many-deltas", "stream", "one delta for each character"),
    FaultKind("huge-delta", "stream", "the first text is this many bytes longer", "BYTES", "5000000"),
    FaultKind("usage-missing", "stream", "usage without cache and thinking figures"),
    FaultKind("usage-negative", "stream", "negative figures in usage"),
    FaultKind("usage-strings", "stream", "figures in usage as strings"),
    FaultKind("no-signature", "stream", "thinking without its signature"),
    FaultKind("eof-byte", "wire", "a clean end after this many bytes", "BYTES", "700"),
    FaultKind("reset-byte", "wire", "connection reset after this many bytes", "BYTES", "700"),
    FaultKind("bytes", "wire", "the body in chunks of this many bytes", "BYTES", "1"),
    FaultKind("slow", "wire", "a pause before each delta", "MS", "50"),
    FaultKind("batch-missing", "batch", "so many results of a batch are not there", "RESULTS", "1"),
    FaultKind("batch-duplicate", "batch", "so many results of a batch come twice", "RESULTS", "1"),
    FaultKind("batch-errored", "batch", "so many results of a batch are errored", "RESULTS", "1"),
    FaultKind("batch-expired", "batch", "so many results of a batch are expired", "RESULTS", "1"),
    FaultKind("gzip", "wire", "the body compressed"),
)
_BY_NAME = {kind.name: kind for kind in KINDS}


class Fault(Struct, frozen=True, kw_only=True):
    """A fault that was asked for. `times` None is always."""

    name: str
    argument: str = ""
    times: int | None = None
    skip: int = 0
    path: str = "/v1/messages"

    @property
    def stage(self) -> Stage:
        """When it acts: instead of an answer, on the answer, on the events, on the bytes."""
        return _BY_NAME[self.name].stage

    @property
    def value(self) -> str:
        """The argument, or its default."""
        return self.argument or _BY_NAME[self.name].default

    def acts_on(self, path: str) -> bool:
        """Whether a request on this path can show it; batch faults show in the results of every batch."""
        if self.stage == "batch":
            return path.startswith("/v1/messages/batches/") and path.endswith("/results")
        return self.path in {"*", path}


def parse_fault(written: str) -> Fault:
    """Return the fault of `NAME[=ARGUMENT][;times=N][;skip=N][;path=PATH]`. Raises `ValueError`."""
    head, *options = (part.strip() for part in written.split(";"))
    name, _, argument = head.partition("=")
    if name not in _BY_NAME:
        raise ValueError(f"no fault is called {name!r}")
    kind = _BY_NAME[name]
    if argument and not kind.argument:
        raise ValueError(f"{name} takes no argument")
    # Those that are counted must be numbers; a mistake should show where it is made, not in a stream.
    if argument and kind.argument in {
        "CODE",
        "EVENTS",
        "EVENT",
        "DELTAS",
        "BYTES",
        "MB",
        "TOKENS",
        "MS",
        "RESULTS",
    }:
        int(argument)
    given = dict(option.partition("=")[::2] for option in options if option)
    unknown = set(given) - {"times", "skip", "path"}
    if unknown:
        raise ValueError(f"{name}: no option is called {min(unknown)!r}")
    return Fault(
        name=name,
        argument=argument,
        times=int(given["times"]) if "times" in given else None,
        skip=int(given.get("skip", 0)),
        path=given.get("path", "/v1/messages"),
    )


class Faults:
    """A script of faults. One that acts instead of an answer keeps the others waiting for the next request."""

    def __init__(self, written: Iterable[str | Fault] = ()) -> None:
        self._waiting: list[tuple[Fault, int]] = []
        self.add(*written)

    def add(self, *written: str | Fault) -> None:
        """Put faults at the end of the script."""
        for item in written:
            self._waiting.append((parse_fault(item) if isinstance(item, str) else item, 0))

    def clear(self) -> None:
        """Forget all that is left."""
        self._waiting.clear()

    def take(self, path: str) -> tuple[Fault, ...]:
        """Return the faults of a request on this path, and count it."""
        for instead in (True, False):
            taken: list[Fault] = []
            kept: list[tuple[Fault, int]] = []
            for fault, seen in self._waiting:
                matches = fault.acts_on(path) and (fault.stage == "instead") is instead
                if not matches or (instead and taken):
                    kept.append((fault, seen))
                    continue
                if seen >= fault.skip:
                    taken.append(fault)
                if fault.times is None or seen + 1 < fault.skip + fault.times:
                    kept.append((fault, seen + 1))
            self._waiting = kept
            if taken:
                break
        return tuple(taken)


def describe_faults() -> str:
    """Return the table as lines for a terminal."""
    names = [f"{kind.name}{f'={kind.argument}' if kind.argument else ''}" for kind in KINDS]
    width = max(map(len, names))
    lines = []
    for name, kind in zip(names, KINDS, strict=True):
        default = f" (default {kind.default})" if kind.default else ""
        lines.append(f"{name:<{width}}  {kind.line}{default}")
    return "\n".join(lines)
