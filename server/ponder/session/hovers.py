"""Hover: facts at once, an explanation from the memory or from a small model within the deadline, the rest into the memory."""

import asyncio
import json
from collections.abc import Callable
from urllib.parse import quote

from msgspec import Struct

from ponder.actions.catalogue import Action
from ponder.documents import Document
from ponder.errors import PonderError
from ponder.hover.facts import Facts, facts_at
from ponder.hover.words import render
from ponder.prompts import library
from ponder.routing.choose import choose
from ponder.routing.route import Route
from ponder.session import money
from ponder.session.definitions import Definitions
from ponder.session.ports import Hover
from ponder.session.request import RunRequest
from ponder.session.run import Run
from ponder.session.state import State
from ponder.store.rows import result_key

EXPLAIN = Action(id="hover", title="Explain", kind="source.ponder.hover", shape="markdown")


class Explanation(Struct, frozen=True):
    """What there is of an explanation: its text, that it is being asked for, or why it is not."""

    text: str | None = None
    waiting: bool = False
    refusal: str | None = None


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

    async def hover(self, document: Document, offset: int, waited: float) -> Hover | None:
        """What to say at a place; None for nothing. Waits for the model until `hover.waitMs` are over, counted from `waited` seconds ago."""
        state = self._state
        mode = state.settings.hover.mode
        if mode == "off":
            return None
        deadline = asyncio.get_running_loop().time() - waited + state.settings.hover.wait_ms / 1000
        facts = await self._facts(document, offset)
        if facts is None:
            return None
        said = Explanation()
        if mode == "auto" and facts.name and facts.symbol is not None:
            said = await self._explanation(document, facts, deadline)
        link = self._link(document, facts) if mode == "onDemand" and facts.symbol is not None else None
        box = render(
            facts,
            title=state.title,
            explanation=said.text,
            waiting=said.waiting,
            refusal=said.refusal,
            link=link,
        )
        return Hover(box, facts.span) if box else None

    def _link(self, document: Document, facts: Facts) -> str:
        """A link that starts the explanation, for editors that run commands from a hover they trust."""
        if not self._state.editor.abilities.markdown:
            return f"{self._state.title} can explain {facts.name}: take “Explain” from the actions here."
        argument = {
            "action": "explain",
            "textDocument": {"uri": document.uri},
            "range": self._state.editor.range_object(facts.span, document),
        }
        return f"[Explain `{facts.name}`](command:ponder.run?{quote(json.dumps([argument]))})"

    async def _facts(self, document: Document, offset: int) -> Facts | None:
        # Taken before the wait: afterwards they may stand in a later text.
        findings = self._state.findings.of(document.uri)
        found = await self._definitions.of(document)
        return facts_at(document, offset, found, findings)

    async def _explanation(self, document: Document, facts: Facts, deadline: float) -> Explanation:
        """The explanation, that one is on its way, or why there is none."""
        state, route = self._state, self._route()
        if route is None:
            return Explanation()
        key = self._key(document, facts, route)
        kept = state.store.get_result(key, state.workspace_id)
        if kept is not None:
            return Explanation(kept.decode("utf-8", "replace"))
        run = self._asking.get(key)
        if run is None:
            refused = money.hopeless(state, route, len(facts.excerpt.text))
            if refused is not None:
                return Explanation(refusal=refused.message)
            run = self._ask(key, document, facts)
        if run is None:
            return Explanation()
        self._waiting[run.id] = self._waiting.get(run.id, 0) + 1
        try:
            async with asyncio.timeout_at(deadline):
                await run.finished.wait()
        except TimeoutError:
            return Explanation(waiting=True)
        except asyncio.CancelledError:
            # Nobody waits any more: the request is closed, unless another hover shares it.
            if self._waiting[run.id] == 1 and run.task is not None:
                run.task.cancel()
                # Whoever comes next asks anew instead of waiting for what is ending.
                self._asking.pop(key, None)
            raise
        finally:
            self._waiting[run.id] -= 1
        if run.status == "done":
            return Explanation(run.answer.text)
        return Explanation(refusal=run.error.message if run.error is not None else None)

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
        if run.status == "done" and run.answer.text.strip():
            self._state.store.put_result(
                key, self._state.workspace_id, run.answer.text.encode("utf-8", "replace")
            )

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
