"""Hover: facts at once, an explanation from the memory or from a small model within the deadline, the rest into the memory."""

import asyncio
import json
from collections.abc import Callable
from urllib.parse import quote

from ponder.actions.catalogue import Action
from ponder.documents import Document
from ponder.errors import PonderError
from ponder.hover.facts import Facts, facts_at
from ponder.hover.words import render
from ponder.prompts import library
from ponder.routing.choose import choose
from ponder.routing.route import Route
from ponder.session.definitions import Definitions
from ponder.session.ports import Hover
from ponder.session.request import RunRequest
from ponder.session.run import Run
from ponder.session.state import State
from ponder.store.rows import result_key

EXPLAIN = Action(id="hover", title="Explain", kind="source.ponder.hover", shape="markdown")


class Hovers:
    """The hovers of one session. `begin` starts a run of an action."""

    def __init__(
        self, state: State, begin: Callable[[RunRequest, Action], Run], definitions: Definitions
    ) -> None:
        self._state = state
        self._begin = begin
        self._asking: dict[str, Run] = {}
        self._waiting: dict[str, int] = {}
        self._definitions = definitions

    async def hover(self, document: Document, offset: int) -> Hover | None:
        """What to say at a place; None for nothing. Waits for the model at most `hover.waitMs`."""
        state = self._state
        mode = state.settings.hover.mode
        if mode == "off":
            return None
        facts = await self._facts(document, offset)
        if facts is None:
            return None
        explanation, waiting = None, False
        if mode == "auto" and facts.name and facts.symbol is not None:
            explanation, waiting = await self._explanation(document, facts)
        link = self._link(document, facts) if mode == "onDemand" and facts.symbol is not None else None
        box = render(facts, title=state.title, explanation=explanation, waiting=waiting, link=link)
        return Hover(box, facts.span) if box else None

    def _link(self, document: Document, facts: Facts) -> str:
        """A link that starts the explanation, for editors that run commands from a hover they trust."""
        argument = {
            "action": "explain",
            "textDocument": {"uri": document.uri},
            "range": self._state.editor.range_object(facts.span, document),
        }
        return f"[Explain `{facts.name}`](command:ponder.run?{quote(json.dumps([argument]))})"

    async def _facts(self, document: Document, offset: int) -> Facts | None:
        found = await self._definitions.of(document)
        return facts_at(document, offset, found, self._state.findings.of(document.uri))

    async def _explanation(self, document: Document, facts: Facts) -> tuple[str | None, bool]:
        """The explanation, and whether one is on its way."""
        route = self._route()
        if route is None:
            return None, False
        key = self._key(document, facts, route)
        kept = self._state.store.get_result(key, self._state.workspace_id)
        if kept is not None:
            return kept.decode("utf-8", "replace"), False
        run = self._asking.get(key) or self._ask(key, document, facts)
        if run is None:
            return None, False
        self._waiting[run.id] = self._waiting.get(run.id, 0) + 1
        try:
            async with asyncio.timeout(self._state.settings.hover.wait_ms / 1000):
                await run.finished.wait()
        except TimeoutError:
            return None, True
        except asyncio.CancelledError:
            # Nobody waits any more: the request is closed, unless another hover shares it.
            if self._waiting[run.id] == 1 and run.task is not None:
                run.task.cancel()
                # Whoever comes next asks anew instead of waiting for what is ending.
                self._asking.pop(key, None)
            raise
        finally:
            self._waiting[run.id] -= 1
        return (run.text if run.status == "done" else None), False

    def _ask(self, key: str, document: Document, facts: Facts) -> Run | None:
        """Begin to ask; None where this text must not be sent or asking must rest."""
        state = self._state
        if not state.workspace.may_tell(document) or not state.engine.breaker.allows(state.millis() / 1000):
            return None
        request = RunRequest(
            action="hover",
            document=facts.excerpt,
            span=facts.core,
            instruction=f"Explain `{facts.name}`.",
            trigger="hover",
        )
        run = self._begin(request, EXPLAIN)
        self._asking[key] = run
        if run.task is not None:
            run.task.add_done_callback(lambda _done: self._answered(key, run))
        return run

    def _answered(self, key: str, run: Run) -> None:
        if self._asking.get(key) is run:
            del self._asking[key]
        self._waiting.pop(run.id, None)
        if run.status == "done" and run.text.strip():
            self._state.store.put_result(key, self._state.workspace_id, run.text.encode("utf-8", "replace"))

    def _route(self) -> Route | None:
        state = self._state
        try:
            return choose("hover", catalogue=state.models.known(), settings=state.settings, today=state.today)
        except PonderError:
            return None

    def _key(self, document: Document, facts: Facts, route: Route) -> str:
        return result_key(
            "hover",
            workspace=self._state.workspace_id,
            answerer=self._state.engine.endpoint.answerer,
            model=route.model,
            prompt_version=library.version("hover"),
            parts=(facts.digest, document.language, repr(route.thinking_param), str(route.effort_param)),
        )
