"""How the cloud platforms spell the built-in models, as of 2026-11-22. Ids are looked up here, never taken apart.

Source: the platforms' own tables of Claude ids; Bedrock asks for an inference profile (`eu.`, `us.`, `global.`)
before the id of every model since the 4.5 generation.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from ponder.routing.builtin import AS_OF, BUILTIN
from ponder.routing.catalogue import Catalogue, Model

_DATED: Final = {
    "claude-haiku-4-5": "20251001",
    "claude-opus-4-5": "20251101",
    "claude-sonnet-4-5": "20250929",
}
_BEDROCK_ENDINGS: Final = {
    **{model_id: f"-{day}-v1:0" for model_id, day in _DATED.items()},
    "claude-opus-4-6": "-v1",
}
_PROFILES: Final = ("global.", "us.", "eu.", "jp.", "au.", "apac.", "")
# Where a region's own profile exists for all current models: what is asked there stays in that part of the world.
_NEAR: Final = {"us": "us.", "eu": "eu."}

UNPRICED: Final = frozenset({"bedrock", "bedrockMantle", "vertex"})
"""Platforms with prices of their own, which depend on the region: only the settings can say them."""
_NO_SCHEMAS: Final = frozenset({"bedrock", "bedrockMantle", "vertex", "foundry"})
"""Platforms that take `output_config.format` for some models at most; a tool serves on all."""


def platform_catalogue(provider: str, title: str, *, region: str = "") -> Catalogue:
    """The built-in table in a platform's own spelling. On Bedrock every profile is known; the nearest serves."""
    models: list[Model] = []
    for spelling in _spellings(provider, region):
        models += [
            replace(row, id=spelling(row.id), structured_outputs=provider not in _NO_SCHEMAS)
            for row in BUILTIN.values()
        ]
    notice = f"{title} has no list of models; Ponder's built-in table of {AS_OF} serves."
    return Catalogue(models=tuple(models), source="builtin", notices=(notice,))


class _Spelling:
    """One way to write all ids."""

    def __init__(self, prefix: str = "", endings: dict[str, str] | None = None) -> None:
        self._prefix = prefix
        self._endings = endings or {}

    def __call__(self, model_id: str) -> str:
        return f"{self._prefix}{model_id}{self._endings.get(model_id, '')}"


def _spellings(provider: str, region: str) -> Iterable[_Spelling]:
    if provider == "bedrock":
        nearest = _NEAR.get(region.partition("-")[0], "global.")
        ordered = (nearest, *(profile for profile in _PROFILES if profile != nearest))
        return [_Spelling(f"{profile}anthropic.", _BEDROCK_ENDINGS) for profile in ordered]
    if provider == "bedrockMantle":
        return [_Spelling("anthropic.")]
    if provider == "vertex":
        return [_Spelling(endings={model_id: f"@{day}" for model_id, day in _DATED.items()})]
    return [_Spelling()]
