"""The table of routes, as JSON and as text."""

from datetime import date

import pytest

from ponder.config.layers import resolve
from ponder.config.settings import Settings
from ponder.routing.builtin import builtin_catalogue, endpoint_catalogue
from ponder.routing.catalogue import Catalogue, Model
from ponder.routing.policy import POLICIES
from ponder.routing.table import render, routes

TODAY = date(2026, 11, 22)
STRANGE = {
    "review": {"model": "claude-sonnet-4-5-20250929", "thinking": 40_000},
    "hover": {"model": "claude-opus-5-5"},
    "explain": {"enabled": False},
    "mine": {"title": "Mine", "model": "a-very-long-model-id-from-some-gateway/with-a-path-in-it:latest"},
}


def text(settings: Settings, catalogue: Catalogue) -> str:
    return render(provider="anthropic", catalogue=catalogue, settings=settings, today=TODAY)


def test_json_shape() -> None:
    """Provider, source, and for each action model, thinking, max_tokens and the four reasons."""
    found = routes(provider="offline", catalogue=builtin_catalogue(), settings=Settings(), today=TODAY)

    assert set(found) == {"provider", "catalogue", "routes"}
    assert (found["provider"], found["catalogue"]) == ("offline", "builtin")
    rows = found["routes"]
    assert isinstance(rows, list)
    assert [row["action"] for row in rows] == list(POLICIES)
    assert rows[0] == {
        "action": "review",
        "model": "claude-sonnet-5-5",
        "thinking": {"mode": "adaptive", "budgetTokens": None, "effort": "medium"},
        "maxTokens": 24_192,
        "reasons": {
            "model": "newest active sonnet",
            "thinking": "by effort",
            "effort": "the default",
            "maxTokens": "8,192 thinking + 16,000 answer",
        },
    }


def test_actions_that_are_off_have_no_row_and_added_ones_have() -> None:
    """The table shows what the editor offers."""
    settings = resolve(user={"actions": STRANGE}).settings
    found = routes(provider="anthropic", catalogue=builtin_catalogue(), settings=settings, today=TODAY)
    rows = found["routes"]
    assert isinstance(rows, list)
    names = [row["action"] for row in rows]
    assert "explain" not in names
    assert names[-1] == "mine"


@pytest.mark.parametrize("actions", [{}, STRANGE])
def test_text_fits_a_terminal_and_tells_everything(actions: dict[str, object]) -> None:
    """80 columns, whole model ids, every reason, and each notice once."""
    settings = resolve(user={"actions": actions}).settings
    catalogue = builtin_catalogue()
    shown = text(settings, catalogue)

    assert max(map(len, shown.splitlines())) <= 80
    assert shown.count("built-in table of") == 1
    found = routes(provider="anthropic", catalogue=catalogue, settings=settings, today=TODAY)
    rows = found["routes"]
    assert isinstance(rows, list)
    entries = shown.split("\n\n")[1:]
    for row, entry in zip(rows, entries[: len(rows)], strict=True):
        assert row["model"] in entry
        assert f"{row['maxTokens']:,}" in entry
        words = set(entry.split())
        for reason in row["reasons"].values():
            assert set(reason.split()) <= words, (reason, entry)


def test_text_of_a_hostile_list_is_plain() -> None:
    """Control characters of an endpoint's ids do not reach the terminal."""
    hostile = Catalogue(models=(Model(id="m\x1b]0;owned\x07\n", line="sonnet"),), source="endpoint")
    shown = text(Settings(), hostile)
    assert "\x1b" not in shown
    assert "m?]0;owned??" in shown


def test_the_source_of_the_models_is_said() -> None:
    """The first line tells where the list came from."""
    able = {"effort": {"supported": False}}
    listed = endpoint_catalogue([{"id": "claude-sonnet-5-5", "capabilities": able}])
    assert text(Settings(), listed).startswith("Provider: anthropic; models as the endpoint lists them.")


@pytest.mark.parametrize("width", [40, 79, 80, 120, 300])
def test_the_table_follows_the_terminal(width: int) -> None:
    """No line is wider; a narrow one has each cell with its reason in a paragraph, a wide one fewer lines."""
    shown = render(
        provider="anthropic", catalogue=builtin_catalogue(None), settings=Settings(), today=TODAY, width=width
    )
    assert max(map(len, shown.splitlines())) <= width
    words = " ".join(shown.split())
    assert "reviewOnSave" in words
    assert ("max_tokens " in words) is (width < 80)
