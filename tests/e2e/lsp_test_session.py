"""The small session of the test server: keeps what it was told, and does no work of its own."""

import asyncio
import sys
from typing import Any

from ponder.documents import Document
from ponder.session.ports import Change, Editor, Hover

Json = dict[str, Any]


class Session:
    """Keeps what it is told."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.shadow: dict[str, str] = {}
        self.told: list[str] = []
        self.settings: list[Json] = []
        self.cancelled: list[str] = []
        self.progress: dict[str, Any] = {}
        self.crash_on: set[str] = set()
        self.closing_takes = 0.0

    def opened(self, document: Document) -> None:
        self.told.append(f"opened {document.uri} {document.version}")
        self._maybe_crash(document.uri)
        self.shadow[document.uri] = document.text

    def changed(self, document: Document, changes: tuple[Change, ...]) -> None:
        self._maybe_crash(document.uri)
        if "--plain" in sys.argv:
            return
        text = self.shadow[document.uri]
        for change in changes:
            text = text[: change.span.start] + change.new_text + text[change.span.end :]
        self.shadow[document.uri] = text

    def saved(self, document: Document) -> None:
        self.told.append(f"saved {document.uri} {document.version}")

    def closed(self, uri: str) -> None:
        self.told.append(f"closed {uri}")
        self.shadow.pop(uri, None)

    def folders_changed(self) -> None:
        self.told.append(f"folders {list(self.editor.folders())}")

    def files_changed(self, uris: list[str]) -> None:
        self.told.append(f"files {list(uris)}")

    def configuration_changed(self, options: Json, by: str = "change") -> None:
        self.settings.append(options)

    def cancel_progress(self, token: str) -> None:
        self.cancelled.append(token)
        self.progress.pop(token).end("cancelled")

    async def command(self, name: str, argument: Json) -> object:
        return None

    async def hover(self, document: Document, offset: int, waited: float = 0.0) -> Hover | None:
        if document.path.startswith("slow"):
            await self._sleep("hover", 30)
        if document.path.startswith("crash"):
            raise ZeroDivisionError(document.text)
        line = document.line_at(offset)
        span = document.line_span(line)
        return Hover(f"{offset}:{document.slice(span)}", span) if document.slice(span) else None

    async def close(self) -> None:
        self.told.append("close")
        await asyncio.sleep(self.closing_takes)

    def _maybe_crash(self, uri: str) -> None:
        if uri in self.crash_on:
            raise ZeroDivisionError(f"secret-canary {uri}")

    async def _sleep(self, name: str, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
