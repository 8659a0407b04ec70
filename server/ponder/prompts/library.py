"""The prompt files of `prompts/text`, and a version of them that enters every cache key. Reads only package data."""

import hashlib
from functools import cache
from importlib import resources


@cache
def text(name: str) -> str:
    """The prompt file `name` (an action id, `hover`, or `instructions`). Raises FileNotFoundError for another name."""
    return resources.files("ponder.prompts").joinpath("text", f"{name}.md").read_text("utf-8")


@cache
def version(name: str) -> str:
    """Twelve hex digits that change when the prompt or the shared instructions change."""
    return fingerprint(text(name))


def fingerprint(task: str) -> str:
    """The version of any task text together with the shared instructions."""
    return hashlib.sha256(f"{text('instructions')}\0{task}".encode()).hexdigest()[:12]
