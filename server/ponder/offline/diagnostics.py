"""Says why a prompt missed the cache of an earlier one. Keeps digests only, and few of them."""

from collections import OrderedDict
from typing import Any

from ponder.offline.prompt import Prompt

KEPT = 512


class Diagnostics:
    """The prompts of requests that asked to be compared later."""

    def __init__(self) -> None:
        self._prompts: OrderedDict[str, Prompt] = OrderedDict()

    def remember(self, message_id: str, prompt: Prompt) -> None:
        """Keep a prompt under the id of its answer."""
        self._prompts[message_id] = prompt
        while len(self._prompts) > KEPT:
            self._prompts.popitem(last=False)

    def compare(self, previous_id: str | None, prompt: Prompt) -> dict[str, Any] | None:
        """Return the `diagnostics` of an answer: None on a first turn and where nothing diverged."""
        if previous_id is None:
            return None
        before = self._prompts.get(previous_id)
        if before is None:
            return {"cache_miss_reason": {"type": "previous_message_not_found"}}
        reason = _reason(before, prompt)
        if reason is None:
            return None
        if reason == "unavailable":
            return {"cache_miss_reason": {"type": reason}}
        missed = before.tokens - _shared(before, prompt)
        return {"cache_miss_reason": {"type": reason, "cache_missed_input_tokens": missed}}


def _reason(before: Prompt, now: Prompt) -> str | None:
    if before.model != now.model:
        return "model_changed"
    for section, reason in (("tools", "tools_changed"), ("system", "system_changed")):
        old, new = ([p.key for p in prompt.positions if p.section == section] for prompt in (before, now))
        if old != new:
            return reason
    if before.parameters != now.parameters:
        return "unavailable"
    kept = all(old.key == new.key for old, new in zip(before.positions, now.positions, strict=False))
    return None if kept and len(now.positions) >= len(before.positions) else "messages_changed"


def _shared(before: Prompt, now: Prompt) -> int:
    """Return the tokens both prompts begin with."""
    shared = 0
    for old, new in zip(before.positions, now.positions, strict=False):
        if old.key != new.key:
            break
        shared = old.total
    return shared
