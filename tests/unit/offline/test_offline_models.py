"""The models the engine serves, and that each refuses what the published table says it refuses."""

from typing import Any

import msgspec
import pytest
from offline_door import Door, request

from ponder.offline.catalogue import CURRENT, MODELS
from ponder.offline.models import EFFORTS, THINKING_TYPES, Catalogue, Model, read_catalogue

LIVE = [model for model in MODELS if model.lifecycle != "retired"]
THINKING = {
    "adaptive": {"type": "adaptive"},
    "between_tools": {"type": "between_tools"},
    "disabled": {"type": "disabled"},
    "enabled": {"type": "enabled", "budget_tokens": 1024},
}

# model: thinking types taken, thinks unasked, display, efforts, default, prefill, forced tools, cache minimum
PUBLISHED = """
fable-5-2   adaptive                    on  omitted    5 high   no  no          512
mythos-5-1  adaptive                    on  omitted    5 high   no  no          512
fable-5     adaptive                    on  omitted    5 high   no  yes         512
opus-5-5    adaptive                    on  omitted    5 medium no  no          512
sonnet-5-5  adaptive,between_tools      on  omitted    5 high   no  no          512
haiku-5-5   adaptive,disabled           on  omitted    5 medium no  yes         512
opus-5      adaptive,disabled           on  omitted    5 high   no  yes         512
sonnet-5    adaptive,disabled           on  omitted    5 high   no  yes         1024
opus-4-8    adaptive,disabled           off omitted    5 high   no  yes         1024
opus-4-7    adaptive,disabled           off omitted    5 high   no  yes         2048
opus-4-6    adaptive,disabled,enabled   off summarized 4 high   no  not_enabled 4096
sonnet-4-6  adaptive,disabled,enabled   off summarized 4 high   no  not_enabled 1024
opus-4-5    disabled,enabled            off summarized 3 high   yes not_enabled 4096
sonnet-4-5  disabled,enabled            off summarized 0 high   yes not_enabled 1024
haiku-4-5   disabled,enabled            off summarized 0 high   yes not_enabled 4096
"""
ROWS = [line.split() for line in PUBLISHED.strip().splitlines()]


async def taken(door: Door, **fields: Any) -> bool:
    """Whether a request is taken; refusals must be 400."""
    status, _ = await door.ask(request(max_tokens=4000, **fields))
    assert status in {200, 400}
    return status == 200


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
async def test_each_model_takes_what_is_published(door: Door, row: list[str]) -> None:
    """Thinking types, thinking unasked, display, effort, prefill, forced tools: as in the published table."""
    name, types, unasked, display, efforts, default, prefill, forced, minimum = row
    model = f"claude-{name}"
    found = CURRENT.find(model)
    assert found is not None
    tool = {"name": "grep", "input_schema": {"type": "object"}}
    forcing = {"model": model, "tools": [tool], "tool_choice": {"type": "any"}}

    accepted = [kind for kind in THINKING_TYPES if await taken(door, model=model, thinking=THINKING[kind])]
    assert accepted == types.split(",")
    plain = await door.message(request(model=model))
    assert (plain["content"][0]["type"] == "thinking") == (unasked == "on")
    kind = "adaptive" if "adaptive" in types else "enabled"
    shown = await door.message(request(model=model, max_tokens=4000, thinking=THINKING[kind]))
    assert bool(shown["content"][0]["thinking"]) == (display == "summarized")
    levels = [level for level in EFFORTS if await taken(door, model=model, output_config={"effort": level})]
    assert len(levels) == int(efforts)
    assert found.default_effort == default
    ending = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    assert await taken(door, model=model, messages=ending) == (prefill == "yes")
    assert await taken(door, **forcing) == (forced != "no")
    if "enabled" in types:
        assert not await taken(door, **forcing, thinking=THINKING["enabled"])
    assert found.cache_minimum == int(minimum)


@pytest.mark.parametrize("model", LIVE, ids=lambda model: model.id)
async def test_the_list_tells_the_truth(door: Door, model: Model) -> None:
    """`capabilities` in `GET /v1/models/{id}` say exactly which thinking types and effort levels get a 400."""
    _, info = await door.ask(path=f"/v1/models/{model.id}", method="GET")
    capabilities = info["capabilities"]

    for kind, given in THINKING.items():
        promised = capabilities["thinking"]["types"][kind]["supported"]
        assert await taken(door, model=model.id, thinking=given) == promised
    for level in EFFORTS:
        promised = capabilities["effort"][level]["supported"]
        assert await taken(door, model=model.id, output_config={"effort": level}) == promised
    assert (await door.ask(request(model=model.id, max_tokens=info["max_tokens"])))[0] == 200
    assert (await door.ask(request(model=model.id, max_tokens=info["max_tokens"] + 1)))[0] == 400


@pytest.mark.parametrize(
    ("model", "fields", "message"),
    [
        (
            "claude-opus-5-5",
            {"thinking": THINKING["enabled"]},
            (
                '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
                '"output_config.effort" to control thinking behavior.'
            ),
        ),
        (
            "claude-sonnet-5-5",
            {"thinking": THINKING["disabled"]},
            (
                'To turn thinking off on this model, send "thinking": {"type": "between_tools"} instead of '
                '{"type": "disabled"}.'
            ),
        ),
        (
            "claude-opus-5",
            {"thinking": THINKING["between_tools"]},
            '"thinking.type.between_tools" is not supported for this model.',
        ),
        (
            "claude-haiku-4-5",
            {"thinking": THINKING["adaptive"]},
            "adaptive thinking is not supported on this model",
        ),
        (
            "claude-haiku-5-5",
            {"thinking": THINKING["disabled"], "output_config": {"effort": "xhigh"}},
            (
                "output_config.effort 'xhigh' is not supported when thinking is disabled on this model. Use effort "
                "'high' or below, or enable thinking."
            ),
        ),
        (
            "claude-sonnet-5-5",
            {"thinking": THINKING["between_tools"], "output_config": {"effort": "max"}},
            (
                "output_config.effort 'max' is not supported when thinking is disabled on this model. Use effort "
                "'high' or below, or enable thinking."
            ),
        ),
        (
            "claude-opus-4-5",
            {"thinking": {"type": "enabled", "budget_tokens": 1000 + 1024}, "max_tokens": 2024},
            (
                "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult the documentation on "
                "extended thinking."
            ),
        ),
        (
            "claude-sonnet-5",
            {"messages": [{"role": "user", "content": "a"}, {"role": "system", "content": "b"}]},
            'messages: Unexpected role "system". This model takes a top-level `system` parameter.',
        ),
        (
            "claude-haiku-4-5",
            {"output_config": {"effort": "low"}},
            "This model does not support the effort parameter.",
        ),
    ],
)
async def test_the_words_of_a_models_refusal(
    door: Door, model: str, fields: dict[str, Any], message: str
) -> None:
    """Refusals that hang on the model use the published sentences."""
    status, body = await door.ask(request(**{"model": model, **fields}))

    assert (status, body["error"]["message"]) == (400, message)


@pytest.mark.parametrize("limit", [4, 6, 18, 1000])
async def test_pages_of_the_list_join_to_the_whole(door: Door, limit: int) -> None:
    """Walking forward by `after_id` and backward by `before_id` gives every served model once, newest first."""
    forward: list[str] = []
    more, query = True, f"limit={limit}"
    while more:
        _, page = await door.ask(path=f"/v1/models?{query}", method="GET")
        assert page["data"]
        forward += [entry["id"] for entry in page["data"]]
        more, query = page["has_more"], f"limit={limit}&after_id={page['last_id']}"
    backward: list[str] = []
    more, query = True, f"limit=5&before_id={forward[-1]}"
    while more:
        _, page = await door.ask(path=f"/v1/models?{query}", method="GET")
        backward = [entry["id"] for entry in page["data"]] + backward
        more, query = page["has_more"], f"limit=5&before_id={page['first_id']}"

    assert sorted(forward) == sorted(model.id for model in LIVE)
    assert backward == forward[:-1]
    created = [CURRENT.find(name).created_at for name in forward]
    assert created == sorted(created, reverse=True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("lifecycle[]=retired", {"claude-mythos-preview"}),
        ("lifecycle[]=deprecated", {"claude-sonnet-4-5-20250929"}),
        (
            "lifecycle[]=deprecated&lifecycle[]=retired",
            {"claude-mythos-preview", "claude-sonnet-4-5-20250929"},
        ),
    ],
)
async def test_the_list_by_life_cycle(door: Door, query: str, expected: set[str]) -> None:
    """`lifecycle[]` picks stages; retired models are shown on demand only."""
    _, page = await door.ask(path=f"/v1/models?{query}", method="GET")

    assert {entry["id"] for entry in page["data"]} == expected


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "after_id=nobody", "lifecycle[]=old"])
async def test_bad_questions_to_the_list(door: Door, query: str) -> None:
    """Limits, ids and stages that do not exist are 400."""
    status, _ = await door.ask(path=f"/v1/models?{query}", method="GET")

    assert status == 400


async def test_an_alias_answers_as_its_model(door: Door) -> None:
    """An undated id is served, and the answer names the dated one."""
    message = await door.message(request(model="claude-haiku-4-5"))

    assert message["model"] == "claude-haiku-4-5-20251001"


async def test_another_catalogue() -> None:
    """An engine can serve other ids, hide capabilities, and have no list at all."""
    bare = Catalogue(models=(Model(id="local-coder", thinking_types=()),), capabilities=False)
    door = Door(catalogue=bare)
    _, page = await door.ask(path="/v1/models", method="GET")
    assert [sorted(entry) for entry in page["data"]] == [
        sorted(set(bare.models[0].info()) - {"capabilities"})
    ]
    assert await taken(door, model="local-coder")
    assert not await taken(door, model="local-coder", thinking=THINKING["adaptive"])

    unlisted = Door(catalogue=Catalogue(models=MODELS, listed=False))
    for path in ("/v1/models", "/v1/models/claude-opus-5-5"):
        assert (await unlisted.ask(path=path, method="GET"))[0] == 404
    assert await taken(unlisted)


def test_a_catalogue_from_a_file() -> None:
    """A file needs ids only; a misspelt key is refused by name."""
    read = read_catalogue(b'{"models": [{"id": "m", "line": "haiku", "thinking_types": ["enabled"]}]}')

    assert read.models[0].max_tokens == 128_000
    with pytest.raises(msgspec.ValidationError, match="thinking_type"):
        read_catalogue(b'{"models": [{"id": "m", "thinking_type": []}]}')
