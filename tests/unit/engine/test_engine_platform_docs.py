"""The page on cloud platforms names what the code asks for."""

from pathlib import Path

import pytest

from ponder.engine.platforms import PLATFORMS, Provider

PAGE = (Path(__file__).parents[3] / "server" / "docs" / "platforms.md").read_text(encoding="utf-8")
WORDS = {"list of models": "model list"}


@pytest.mark.parametrize("provider", PLATFORMS)
def test_each_platform_has_its_row(provider: Provider) -> None:
    """Title, variables, keys and what is missing stand in the row of the platform; its address variable on the page."""
    platform = PLATFORMS[provider]
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{provider}` |")]
    names = [place[0] for place in platform.places.values()]
    for word in (platform.title, *names, *platform.keys[:1]):
        assert word in row
    lacks = [part.strip() for part in row.rstrip("|").rsplit("|", 1)[1].split(",") if part.strip()]
    assert lacks == [WORDS.get(what, what) for what in platform.lacks]
    assert platform.base_url in PAGE
