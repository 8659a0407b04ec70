"""Work-done progress in the client. Shows nothing to clients without it, and keeps no token after its end."""

import itertools
from collections.abc import Callable
from typing import Any

from ponder.lsp.requests import NoAnswer, Requests
from ponder.tasks import Background

_CREATE_LIMIT = 10.0
"""Seconds a client gets to accept a token."""

Notify = Callable[..., None]


class Handle:
    """One progress. What is reported before the client accepted the token waits; only the newest counts."""

    def __init__(self, progresses: "Progresses", token: str, begin: dict[str, Any]) -> None:
        self.token = token
        self._progresses = progresses
        self._begin = begin
        self._shown = False
        self._ended = False

    def accepted(self) -> None:
        """The client knows the token: show it."""
        self._shown = True
        self._send({"kind": "begin", **self._begin})

    def report(self, message: str, percentage: int | None = None) -> None:
        """Show the newest line."""
        news: dict[str, Any] = {"message": message}
        if percentage is not None:
            news["percentage"] = percentage
        if self._ended:
            return
        if self._shown:
            self._send({"kind": "report", **news}, replaces=("progress", self.token))
        else:
            self._begin |= news

    def end(self, message: str | None = None) -> None:
        """Take it away; the token means nothing from now on."""
        if self._ended:
            return
        self._ended = True
        self._progresses.forget(self.token)
        if self._shown:
            self._send({"kind": "end"} if message is None else {"kind": "end", "message": message})

    @property
    def ended(self) -> bool:
        """Whether `end` was called."""
        return self._ended

    def _send(self, value: dict[str, Any], *, replaces: object = None) -> None:
        self._progresses.notify("$/progress", {"token": self.token, "value": value}, replaces=replaces)


class Progresses:
    """All progresses that have not ended."""

    def __init__(self, notify: Notify, requests: Requests, background: Background) -> None:
        self.notify = notify
        self._requests = requests
        self._background = background
        self._open: dict[str, Handle] = {}
        self._numbers = itertools.count(1)

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, title: str, *, cancellable: bool, wanted: bool) -> Handle:
        """Begin a progress; with `wanted` False nothing is ever sent."""
        begin = {"title": title, "cancellable": cancellable}
        handle = Handle(self, f"ponder-progress-{next(self._numbers)}", begin)
        if wanted:
            self._open[handle.token] = handle
            self._background.start(self._create(handle), "creating a progress")
        return handle

    def is_open(self, token: int | str) -> bool:
        """Whether the client may cancel this."""
        return token in self._open

    def forget(self, token: str) -> None:
        """The progress ended."""
        self._open.pop(token, None)

    async def _create(self, handle: Handle) -> None:
        try:
            await self._requests.ask(
                "window/workDoneProgress/create", {"token": handle.token}, limit=_CREATE_LIMIT
            )
        except NoAnswer:
            self.forget(handle.token)
            return
        if not handle.ended:
            handle.accepted()
