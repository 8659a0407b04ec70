"""The built-in models as the cloud platforms spell them."""

from datetime import date

import pytest

from ponder.config.settings import ModelSettings, Settings
from ponder.routing.builtin import BUILTIN
from ponder.routing.choose import choose
from ponder.routing.policy import POLICIES
from ponder.routing.prices import price_of
from ponder.routing.route import RouteOverride
from ponder.routing.spellings import platform_catalogue

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("provider", "region", "known", "spelled"),
    [
        ("bedrock", "us-west-2", "claude-sonnet-5-5", "us.anthropic.claude-sonnet-5-5"),
        ("bedrock", "eu-central-1", "claude-opus-4-6", "eu.anthropic.claude-opus-4-6-v1"),
        ("bedrock", "ap-south-1", "claude-haiku-4-5", "global.anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("bedrockMantle", "us-east-1", "claude-haiku-5-5", "anthropic.claude-haiku-5-5"),
        ("vertex", "global", "claude-haiku-4-5", "claude-haiku-4-5@20251001"),
        ("vertex", "global", "claude-opus-5-5", "claude-opus-5-5"),
        ("foundry", "", "claude-opus-5-5", "claude-opus-5-5"),
    ],
)
def test_ids(provider: str, region: str, known: str, spelled: str) -> None:
    """An id in the platform's spelling has the capabilities of the model it stands for."""
    model = platform_catalogue(provider, "It", region=region).find(spelled)
    assert model is not None
    row = BUILTIN[known]
    assert (model.line, model.thinking_types, model.efforts, model.max_tokens) == (
        row.line, row.thinking_types, row.efforts, row.max_tokens,
    )  # fmt: skip


@pytest.mark.parametrize("provider", ["bedrock", "bedrockMantle", "vertex", "foundry"])
def test_every_action_has_a_route(provider: str) -> None:
    """The nearest spelling serves, through a tool instead of a schema, and one notice says that there is no list."""
    catalogue = platform_catalogue(provider, "The platform", region="eu-west-3")
    for action in POLICIES:
        route = choose(action, catalogue=catalogue, settings=Settings(), today=TODAY)
        assert route.model in {model.id for model in catalogue.models}
        assert provider != "bedrock" or route.model.startswith("eu.anthropic.claude-")
        assert route.structured_outputs is False
        assert [notice for notice in route.notices if "no list of models" in notice] == list(
            catalogue.notices
        )


def test_a_pinned_profile_is_known() -> None:
    """Any of Bedrock's profiles may be pinned: no notice about an unknown id, and its thinking is asked for."""
    catalogue = platform_catalogue("bedrock", "Amazon Bedrock", region="us-east-1")
    pin = RouteOverride(model="jp.anthropic.claude-sonnet-4-6", thinking=4_096)
    route = choose("review", catalogue=catalogue, settings=Settings(), override=pin, today=TODAY)
    assert route.thinking.mode == "adaptive"
    assert not [notice for notice in route.notices if "is in no list" in notice]


def test_prices_of_a_platform_come_from_the_settings_alone() -> None:
    """Without them the price is not known, whatever the published table says of the same id."""
    given = ModelSettings(input_usd=2.2, output_usd=11.0)
    assert price_of("claude-sonnet-5-5", today=TODAY, published=False) is None
    price = price_of("claude-sonnet-5-5", today=TODAY, overrides=given, published=False)
    assert price is not None
    assert (price.rates.input, price.rates.output, price.rates.cache_read) == (2.2, 11.0, pytest.approx(0.22))
