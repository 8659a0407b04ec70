"""What the engine's tests share: a request, an engine on a scripted endpoint, a clock that tests move."""

import asyncio
import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ponder.config.settings import ApiSettings
from ponder.engine.effects import Effects
from ponder.engine.endpoint import resolve
from ponder.engine.events import (
    AnswerEnded,
    BlockDelta,
    BlockFinished,
    BlockStarted,
    EngineEvent,
    Notice,
    Retrying,
)
from ponder.engine.prompt import AnswerShape, ModelRequest, PastTurn, Prompt, PromptBlock
from ponder.engine.timeouts import Timeouts
from ponder.engine.turn import Engine
from ponder.routing.route import Route, Thinking

KEY = "sk-ant-test-0123456789abcdef"


def route(**fields: Any) -> Route:
    standard: dict[str, Any] = {
        "action": "review",
        "model": "claude-sonnet-5-5",
        "line": "sonnet",
        "thinking": Thinking(mode="adaptive", effort="medium"),
        "max_tokens": 16_000,
        "thinking_param": {"type": "adaptive"},
        "effort_param": "medium",
    }
    return Route(**(standard | fields))


def request(
    question: str = "Why?", *, shape: AnswerShape = "markdown", past: tuple[PastTurn, ...] = (), **fields: Any
) -> ModelRequest:
    prompt = Prompt(
        instructions=(PromptBlock("Be exact."),), question=(PromptBlock(question),), shape=shape, past=past
    )
    return ModelRequest(prompt=prompt, route=route(**fields))


def engine(url: str, effects: Effects | None = None, environ: dict[str, str] | None = None) -> Engine:
    """An engine on this address; waits between tries take no time unless `effects` says so."""
    given = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": url} if environ is None else environ
    return Engine(resolve(given, ApiSettings()), effects or Effects(sleep=patient_sleep, jitter=lambda: 0.0))


async def patient_sleep(seconds: float) -> None:
    """Waits of the retry policy pass at once; those of the watchdog (30 s and more) never end."""
    await asyncio.sleep(0 if seconds <= 25 else 86_400)


class Clock:
    """A monotonic clock that stands still until a test moves it; whoever sleeps on it wakes in order."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self.now + seconds, self._count, future))
        await future

    def sleeping_until(self) -> list[float]:
        """When those who sleep want to wake, in seconds from now."""
        return sorted(at - self.now for at, _, future in self._sleepers if not future.done())

    async def move(self, seconds: float) -> None:
        """Let time pass; each sleeper wakes at its own moment."""
        end = self.now + seconds
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, future = heapq.heappop(self._sleepers)
            self.now = max(self.now, at)
            if not future.done():
                future.set_result(None)
            for _ in range(5):
                await asyncio.sleep(0)
        self.now = end

    def effects(self) -> Effects:
        return Effects(clock=self, wall=self, sleep=self.sleep, jitter=lambda: 0.0)


@dataclass
class Heard:
    """Everything a stream told."""

    events: list[EngineEvent] = field(default_factory=list)

    @property
    def end(self) -> AnswerEnded:
        last = self.events[-1]
        assert isinstance(last, AnswerEnded), self.events
        assert sum(isinstance(event, AnswerEnded) for event in self.events) == 1
        return last

    def of(self, *kinds: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kinds)]

    @property
    def retries(self) -> list[Retrying]:
        return self.of(Retrying)

    @property
    def notices(self) -> list[str]:
        return [notice.message for notice in self.of(Notice)]

    def text(self, kind: str) -> str:
        wanted = {event.index for event in self.of(BlockStarted) if event.kind == kind}
        return "".join(delta.text for delta in self.of(BlockDelta) if delta.index in wanted)

    def check(self) -> "Heard":
        """The rules every stream keeps: blocks begin once, in order, before their text, and end once after it."""
        state: dict[int, str] = {}
        for event in self.events:
            match event:
                case BlockStarted():
                    assert event.index == len(state), self.events
                    state[event.index] = "open"
                case BlockDelta():
                    assert state[event.index] == "open", self.events
                    assert event.text
                case BlockFinished():
                    assert state[event.index] == "open", self.events
                    state[event.index] = "done"
                case _:
                    pass
        assert "open" not in state.values(), self.events
        assert self.end.resumable == bool(self.end.content)
        assert (self.end.error is None) == (self.end.status in ("done", "cancelled"))
        return self


async def listen(
    engine_: Engine,
    asked: ModelRequest | None = None,
    *,
    timeouts: Timeouts | None = None,
    heard: Heard | None = None,
    **more: Any,
) -> Heard:
    """Ask and hear it to the end; `heard` grows meanwhile."""
    heard = heard or Heard()
    batch: Sequence[EngineEvent]
    async for batch in engine_.stream(asked or request(), timeouts=timeouts or Timeouts(), **more):
        assert batch
        heard.events.extend(batch)
    return heard.check()
