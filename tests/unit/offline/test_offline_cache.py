"""What prompt caching costs, to the token: every rule of the published pages as a small story."""

import contextlib
import random
from typing import Any

import pytest
from offline_door import Door, request

from ponder.offline.exchange import Broken

MINIMUM = 512
MODEL = "claude-sonnet-5-5"


def block(name: str, tokens: int = 1000, ttl: str | None = None) -> dict[str, Any]:
    """A text block of exactly this many tokens (7 bytes are 2)."""
    words = (name + "." * (tokens * 7 // 2))[: tokens * 7 // 2]
    mark = {"cache_control": {"type": "ephemeral", "ttl": ttl}} if ttl else {}
    return {"type": "text", "text": words, **mark}


def figures(message: dict[str, Any]) -> tuple[int, int, int, int]:
    """(read, written for 5 minutes, written for an hour, uncached)."""
    usage = message["usage"]
    split = usage["cache_creation"]
    five, hour = split["ephemeral_5m_input_tokens"], split["ephemeral_1h_input_tokens"]
    assert usage["cache_creation_input_tokens"] == five + hour
    return usage["cache_read_input_tokens"], five, hour, usage["input_tokens"]


async def ask(door: Door, *blocks: dict[str, Any], **fields: Any) -> tuple[int, int, int, int]:
    return figures(await door.message(request(list(blocks), **fields)))


async def test_a_written_prefix_is_read(door: Door) -> None:
    """The first request writes up to its mark, the next one reads it; what follows the mark is plain input."""
    assert await ask(door, block("a", 1000, "5m"), block("q", 10)) == (0, 1000, 0, 10)
    assert await ask(door, block("a", 1000, "5m"), block("other", 20)) == (1000, 0, 0, 20)
    assert await ask(door, block("A", 1000, "5m"), block("q", 10)) == (0, 1000, 0, 10)


@pytest.mark.parametrize(("ttl", "life"), [("5m", 300), ("1h", 3600)])
async def test_lives_count_from_the_start_of_the_request(door: Door, ttl: str, life: int) -> None:
    """An entry lives its TTL, each read starts the life anew, and at its end it is gone."""
    asked = (block("a", 1000, ttl), block("q", 2))
    await ask(door, *asked)
    for _ in range(3):
        door.now += life - 1
        assert (await ask(door, *asked))[0] == 1000
    door.now += life
    assert (await ask(door, *asked))[0] == 0


async def test_a_ttl_is_no_part_of_the_key(door: Door) -> None:
    """A prefix written for five minutes is read under a mark of one hour, and the other way round."""
    await ask(door, block("a", 1000, "5m"))
    assert await ask(door, block("a", 1000, "1h")) == (1000, 0, 0, 0)


async def test_mixed_lives_are_billed_apart(door: Door) -> None:
    """Up to the last hour mark is an hour write, from there to the last mark a five-minute write."""
    blocks = (
        block("a", 1000, "1h"),
        block("b", 500),
        block("c", 600, "1h"),
        block("d", 700, "5m"),
        block("q", 5),
    )
    assert await ask(door, *blocks) == (0, 700, 2100, 5)
    assert await ask(door, *blocks[:3], block("D", 300, "5m"), block("q", 5)) == (2100, 300, 0, 5)
    door.now += 301
    assert await ask(door, *blocks) == (2100, 700, 0, 5)


async def test_short_prefixes_are_not_cached() -> None:
    """Below the model's minimum a mark is silently without effect; at the minimum it works."""
    for model, minimum in (("claude-sonnet-5-5", 512), ("claude-opus-4-7", 2048), ("claude-haiku-4-5", 4096)):
        door = Door()
        short, long = block("a", minimum - 1, "5m"), block("b", minimum, "5m")
        for _ in range(2):
            assert await ask(door, short, model=model) == (0, 0, 0, minimum - 1)
        assert await ask(door, long, model=model) == (0, minimum, 0, 0)
        assert await ask(door, long, model=model) == (minimum, 0, 0, 0)


@pytest.mark.parametrize(("between", "read"), [(0, 1000), (18, 1000), (19, 0)])
async def test_a_mark_looks_back_twenty_positions(door: Door, between: int, read: int) -> None:
    """An entry is found at one of the twenty positions that end at a mark, and no further back."""
    await ask(door, block("a", 1000, "5m"))
    more = [block(f"{index}", 2) for index in range(between)]
    assert (await ask(door, block("a", 1000), *more, block("end", 2, "5m")))[0] == read


async def test_an_anchor_reaches_further_back(door: Door) -> None:
    """A second mark in the middle finds what the last one no longer sees."""
    await ask(door, block("a", 1000, "5m"))
    more = [block(f"{index}", 2) for index in range(30)]
    asked = [block("a", 1000), *more[:10], block("anchor", 2, "5m"), *more[10:], block("end", 2, "5m")]
    assert await ask(door, *asked) == (1000, 64, 0, 0)


async def test_a_run_of_tool_calls_is_one_position(door: Door) -> None:
    """Thirty calls in a row and their thirty results take two positions of the look-back."""
    tool = {"name": "grep", "input_schema": {"type": "object"}}
    start = {"role": "user", "content": [block("a", 1000, "5m")]}
    await door.message(request(tools=[tool], messages=[start]))
    calls = [{"type": "tool_use", "id": f"toolu_{n}", "name": "grep", "input": {}} for n in range(30)]
    results = [{"type": "tool_result", "tool_use_id": f"toolu_{n}", "content": "x"} for n in range(30)]
    results[-1]["cache_control"] = {"type": "ephemeral"}
    turns = [start, {"role": "assistant", "content": calls}, {"role": "user", "content": results}]
    turns[0] = {"role": "user", "content": [block("a", 1000)]}
    tool_tokens = (await door.ask(request("x", tools=[tool], max_tokens=None), "/v1/messages/count_tokens"))[
        1
    ]

    message = await door.message(request(tools=[tool], messages=turns))

    assert figures(message)[0] == 1000 + tool_tokens["input_tokens"] - 1


async def test_the_top_level_mark_follows_the_end(door: Door) -> None:
    """A `cache_control` at the top marks the last block, so a growing conversation reads what was there."""
    automatic = {"cache_control": {"type": "ephemeral"}}
    assert await ask(door, block("a", 1000), **automatic) == (0, 1000, 0, 0)
    assert await ask(door, block("a", 1000), block("b", 500), **automatic) == (1000, 500, 0, 0)
    assert await ask(door, block("a", 1000), block("b", 500, "5m"), **automatic) == (1500, 0, 0, 0)


async def test_an_entry_is_usable_once_the_response_has_begun(door: Door) -> None:
    """A second request that starts before the first answer has begun writes again; after that it reads."""
    body = {**request([block("a", 1000, "5m")]), "stream": True}
    first = await door.send(body)
    assert await ask(door, block("a", 1000, "5m")) == (0, 1000, 0, 0)

    other = {**request([block("b", 1000, "5m")]), "stream": True}
    begun = await door.send(other)
    await anext(begun.body)
    await anext(begun.body)
    assert await ask(door, block("b", 1000, "5m")) == (1000, 0, 0, 0)
    await first.body.aclose()
    await begun.body.aclose()


async def test_two_writers_at_once_leave_the_longer_life(door: Door) -> None:
    """When the same prefix is written twice at the same time, the longer life stays."""
    hour = await door.send({**request([block("a", 1000, "1h")]), "stream": True})
    minutes = await door.send({**request([block("a", 1000, "5m")]), "stream": True})
    for response in (hour, minutes):
        async for _ in response.body:
            pass
    door.now += 3599

    assert (await ask(door, block("a", 1000, "5m")))[0] == 1000


@pytest.mark.parametrize("fault", ["status=529", "drop"])
async def test_a_request_that_failed_writes_nothing(door: Door, fault: str) -> None:
    """What never began was never written."""
    door.engine.faults.add(f"{fault};times=1")
    with contextlib.suppress(Broken):
        await door.send(request([block("a", 1000, "5m")]))
    assert await ask(door, block("a", 1000, "5m")) == (0, 1000, 0, 0)


async def test_a_prewarmed_prefix_is_read(door: Door) -> None:
    """`max_tokens: 0` writes the cache, answers nothing, and costs no output."""
    body = request([block("a", 1000, "1h")], max_tokens=0)
    message = await door.message(body)
    assert (message["content"], message["stop_reason"]) == ([], "max_tokens")
    assert message["usage"]["output_tokens"] == 0
    assert await ask(door, block("a", 1000, "1h"), block("q", 3)) == (1000, 0, 0, 3)


TOOL = {"name": "grep", "input_schema": {"type": "object"}}
IMAGE = {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}
INVALIDATIONS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("nothing", {}, {"tools", "system", "messages"}),
    ("display", {"thinking": {"type": "adaptive", "display": "summarized"}}, {"tools", "system", "messages"}),
    ("the default effort named", {"output_config": {"effort": "high"}}, {"tools", "system", "messages"}),
    ("max_tokens", {"max_tokens": 5}, {"tools", "system", "messages"}),
    ("effort", {"output_config": {"effort": "low"}}, {"tools", "system"}),
    ("thinking", {"thinking": {"type": "between_tools"}}, {"tools", "system"}),
    ("tool choice", {"tool_choice": {"type": "none"}}, {"tools", "system"}),
    ("speed", {"speed": "fast"}, {"tools"}),
    ("model", {"model": "claude-opus-5-5"}, set()),
    ("tools", {"tools": [{**TOOL, "description": "new"}]}, set()),
    ("system", {"system": [block("S", 700, "5m")]}, {"tools"}),
]


@pytest.mark.parametrize(("name", "fields", "kept"), INVALIDATIONS, ids=[row[0] for row in INVALIDATIONS])
async def test_what_a_change_costs(door: Door, name: str, fields: dict[str, Any], kept: set[str]) -> None:
    """The table of invalidations: which of tools, system and messages are still read after a change."""
    tools = [{**TOOL, "description": "d" * 3000, "cache_control": {"type": "ephemeral"}}]
    base = request([block("m", 900, "5m")], model=MODEL, tools=tools, system=[block("s", 700, "5m")])
    if name == "tools":
        fields = {"tools": [{**tools[0], "description": "e" * 3000}]}
    total = sum(figures(await door.message(base)))

    read = figures(await door.message({**base, **fields}))[0]

    tool_tokens = total - 1600
    expected = {"tools": tool_tokens, "system": 700, "messages": 900}
    assert read == sum(expected[section] for section in kept)


async def test_images_and_citations_are_part_of_the_key(door: Door) -> None:
    """A picture anywhere costs the messages, a citation switch the system prompt too."""
    system = [block("s", 700, "5m")]
    first = block("m", 900, "5m")
    document = {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "x"},
        "citations": {"enabled": True},
    }
    await ask(door, first, system=system)

    assert (await ask(door, first, IMAGE, system=system))[0] == 700
    assert (await ask(door, first, document, system=system))[0] == 0
    assert (await ask(door, first, system=system))[0] == 1600


async def test_forgotten_thinking_leaves_the_prefix() -> None:
    """Models that keep only the last turn's thinking read less after the next question; others read it all."""
    for model, kept in (("claude-sonnet-4-5", False), ("claude-opus-4-5", True)):
        door = Door()
        manual = {"model": model, "max_tokens": 4000, "thinking": {"type": "enabled", "budget_tokens": 1024}}
        asked = [{"role": "user", "content": [block("q", 5000, "5m")]}]
        answer = await door.message(request(messages=asked, **manual))
        turns = [
            *asked,
            {"role": "assistant", "content": answer["content"]},
            {"role": "user", "content": "ok"},
        ]
        _, counted = await door.ask(
            request(messages=turns, model=model, max_tokens=None), "/v1/messages/count_tokens"
        )
        text_only = 5000 + 5 + 1
        thinking = answer["usage"]["output_tokens_details"]["thinking_tokens"]
        assert counted["input_tokens"] == text_only + (thinking if kept else 0)


async def test_a_prefix_does_not_outlive_its_base(door: Door) -> None:
    """An hour mark on top of a five-minute prefix is billed as an hour and gone with its base."""
    await ask(door, block("a", 1000, "5m"))
    assert await ask(door, block("a", 1000), block("b", 600, "1h")) == (1000, 0, 600, 0)
    door.now += 301
    assert await ask(door, block("a", 1000), block("b", 600, "1h")) == (0, 0, 1600, 0)


async def test_figures_agree_with_a_plain_simulator() -> None:
    """Over random growing, shrinking, waiting and marking, every figure equals that of a list-based simulator."""
    seed = random.randrange(1 << 30)
    print("seed", seed)
    dice = random.Random(seed)
    door, plain = Door(), Plain()
    names: list[str] = []
    for _ in range(400):
        door.now += dice.choice([1, 30, 290, 310, 2000, 3700])
        if dice.random() < 0.3:
            names = names[: dice.randrange(len(names) + 1)]
        names += [f"{dice.randrange(9)}/{dice.choice([2, 100, 400])}" for _ in range(dice.randrange(8))]
        names = names or ["0/2"]
        marked = sorted(dice.sample(range(len(names)), min(len(names), dice.randrange(5))))
        hours = dice.randrange(len(marked) + 1)
        ttls = {place: 3600 if index < hours else 300 for index, place in enumerate(marked)}
        spelled = {None: None, 300: "5m", 3600: "1h"}
        blocks = [
            block(name, int(name.split("/")[1]), spelled[ttls.get(place)]) for place, name in enumerate(names)
        ]
        assert await ask(door, *blocks) == plain.ask(names, ttls, door.now)


class Plain:
    """The rules again, by lists of names instead of digests, written for reading and not for speed."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, ...], list[float]] = {}

    def ask(self, names: list[str], ttls: dict[int, int], now: float) -> tuple[int, int, int, int]:
        def size(count: int) -> int:
            return sum(int(name.split("/")[1]) for name in names[:count])

        live = {key: entry for key, entry in self.entries.items() if entry[0] > now}
        self.entries = live
        ends = {place + 1: ttl for place, ttl in ttls.items() if size(place + 1) >= MINIMUM}
        hits = [
            count
            for end in ends
            for count in range(max(1, end - 19), end + 1)
            if tuple(names[:count]) in live
        ]
        hit = max(hits, default=0)
        for count in {hit, *(end for end in ends if end <= hit)}:
            key = tuple(names[:count])
            if key in live:
                live[key][0] = now + live[key][1]
        hour_end = max((end for end, ttl in ends.items() if ttl == 3600), default=0)
        last_end = max(ends, default=0)
        hour = max(0, size(hour_end) - size(hit))
        five = max(0, size(last_end) - size(max(hit, hour_end)))
        longest = live[tuple(names[:hit])][1] if hit else 3600
        for end in sorted(ends):
            if end > hit:
                longest = min(longest, ends[end])
                live[tuple(names[:end])] = [now + longest, longest]
        return size(hit), five, hour, size(len(names)) - size(hit) - hour - five


DIAGNOSED: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    ("the same again", {}, None),
    ("model", {"model": "claude-opus-5-5"}, {"type": "model_changed", "cache_missed_input_tokens": 1600}),
    ("speed", {"speed": "fast"}, {"type": "model_changed", "cache_missed_input_tokens": 1600}),
    ("system", {"system": "other"}, {"type": "system_changed", "cache_missed_input_tokens": 1600}),
    ("effort", {"output_config": {"effort": "low"}}, {"type": "unavailable"}),
    (
        "messages",
        {"messages": [{"role": "user", "content": [block("n", 900)]}]},
        {"type": "messages_changed", "cache_missed_input_tokens": 900},
    ),
]


@pytest.mark.parametrize(("name", "fields", "reason"), DIAGNOSED, ids=[row[0] for row in DIAGNOSED])
async def test_the_reason_of_a_miss(
    door: Door, name: str, fields: dict[str, Any], reason: dict[str, Any] | None
) -> None:
    """`diagnostics` names the first divergence from the earlier request and about how much it cost."""
    base = request([block("m", 900, "5m")], system=[block("s", 700, "5m")])
    first = await door.message({**base, "diagnostics": {"previous_message_id": None}})
    again = {**base, **fields, "diagnostics": {"previous_message_id": first["id"]}}

    message = await door.message(again)
    started = (await door.stream(again))[0]["message"]

    expected = None if reason is None else {"cache_miss_reason": reason}
    assert first["diagnostics"] is None
    assert message["diagnostics"] == started["diagnostics"] == expected


async def test_a_request_that_did_not_opt_in_is_not_found(door: Door) -> None:
    """Only requests that sent `diagnostics` are remembered; without it the key is absent."""
    quiet = await door.message(request())
    message = await door.message(request(diagnostics={"previous_message_id": quiet["id"]}))

    assert "diagnostics" not in quiet
    assert message["diagnostics"] == {"cache_miss_reason": {"type": "previous_message_not_found"}}
