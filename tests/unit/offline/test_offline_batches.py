"""Message batches: their life, their counts, their results."""

import json
from typing import Any

import pytest
from offline_door import Door, request

PATH = "/v1/messages/batches"


def items(*names: str, **fields: Any) -> dict[str, Any]:
    return {"requests": [{"custom_id": name, "params": request(**fields)} for name in names]}


async def get(door: Door, path: str, method: str = "GET") -> dict[str, Any]:
    return (await door.ask({}, f"{PATH}{path}", method))[1]


async def results(door: Door, batch_id: str) -> list[dict[str, Any]]:
    response = await door.send(path=f"{PATH}/{batch_id}/results", method="GET")
    assert response.status == 200
    return [json.loads(line) for line in response.body.splitlines()]


async def test_a_batch_ends_after_its_delay() -> None:
    """In progress until the delay is over, then ended, with counts and a results URL; counts are final at the end."""
    door = Door(batch_delay_s=60)
    _, batch = await door.ask(items("a", "b"), PATH)
    door.now += 59
    running = await get(door, f"/{batch['id']}")
    door.now += 1
    ended = await get(door, f"/{batch['id']}")

    assert (running["processing_status"], running["request_counts"]["processing"]) == ("in_progress", 2)
    assert running["results_url"] is None
    assert ended["processing_status"] == "ended"
    assert ended["request_counts"] == {
        "processing": 0,
        "succeeded": 2,
        "errored": 0,
        "canceled": 0,
        "expired": 0,
    }
    assert ended["results_url"].endswith(f"{PATH}/{batch['id']}/results")
    assert ended["ended_at"] > batch["created_at"]


async def test_results_come_in_no_order_of_ours(door: Door) -> None:
    """Each result names its request; the order is not that of the requests; tokens are of the batch tier."""
    _, batch = await door.ask(items("a", "b", "c"), PATH)
    found = await results(door, batch["id"])

    assert [result["custom_id"] for result in found] != ["a", "b", "c"]
    assert {result["custom_id"] for result in found} == {"a", "b", "c"}
    message = found[0]["result"]["message"]
    assert message["content"][-1]["text"] == "The answer is 42."
    assert message["usage"]["service_tier"] == "batch"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"temperature": 1}, "temperature: Extra inputs are not permitted"),
        ({"stream": True}, "stream: not supported in a batch"),
        ({"speed": "fast"}, "speed: not supported in a batch"),
        ({"max_tokens": 0}, "max_tokens: Input should be greater than or equal to 1"),
        ({"model": "nobody"}, "model: nobody"),
    ],
)
async def test_one_bad_request_is_its_own_trouble(door: Door, fields: dict[str, Any], message: str) -> None:
    """Bad `params` become an errored result in the error shape; the others succeed."""
    body = items("good")
    body["requests"] += items("bad", **fields)["requests"]
    _, batch = await door.ask(body, PATH)
    by_id = {result["custom_id"]: result["result"] for result in await results(door, batch["id"])}

    assert by_id["good"]["type"] == "succeeded"
    assert by_id["bad"]["type"] == "errored"
    assert by_id["bad"]["error"]["type"] == "error"
    assert by_id["bad"]["error"]["error"]["message"] == message


async def test_a_cancelled_batch() -> None:
    """Cancelling shows `canceling`, then the batch ends with canceled results; an ended one cannot be cancelled."""
    door = Door(batch_delay_s=60)
    _, batch = await door.ask(items("a"), PATH)
    canceling = await get(door, f"/{batch['id']}/cancel", "POST")
    ended = await get(door, f"/{batch['id']}")

    assert canceling["processing_status"] == "canceling"
    assert canceling["cancel_initiated_at"] is not None
    assert ended["request_counts"]["canceled"] == 1
    assert (await results(door, batch["id"]))[0]["result"] == {"type": "canceled"}
    assert (await door.ask({}, f"{PATH}/{batch['id']}/cancel"))[0] == 400


async def test_a_batch_nobody_finished_in_a_day_expires() -> None:
    """After 24 hours what was not done is expired."""
    door = Door(batch_delay_s=25 * 3600)
    _, batch = await door.ask(items("a"), PATH)
    door.now += 25 * 3600

    assert (await get(door, f"/{batch['id']}"))["request_counts"]["expired"] == 1


async def test_deleting_and_listing(door: Door) -> None:
    """Newest first, in pages; a deleted batch is gone; one in progress cannot be deleted."""
    made = []
    for index in range(3):
        door.now += 1
        made.append((await door.ask(items(f"{index}"), PATH))[1]["id"])
    page = await get(door, "?limit=2")
    assert [batch["id"] for batch in page["data"]] == [made[2], made[1]]
    assert page["has_more"]

    assert await get(door, f"/{made[2]}", "DELETE") == {"id": made[2], "type": "message_batch_deleted"}
    assert (await door.ask(path=f"{PATH}/{made[2]}", method="GET"))[0] == 404
    slow = Door(batch_delay_s=60)
    _, running = await slow.ask(items("a"), PATH)
    assert (await slow.ask(path=f"{PATH}/{running['id']}", method="DELETE"))[0] == 400
    assert (await slow.ask(path=f"{PATH}/{running['id']}/results", method="GET"))[0] == 400


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "requests: Field required"),
        ({"requests": []}, "requests: List should have at least 1 item after validation, not 0"),
        ({**items("a"), "stream": True}, "stream: Extra inputs are not permitted"),
        (items("a", "a"), "requests.1.custom_id: custom_id must be unique; found a duplicate: a"),
        (items("a b"), "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"),
        (items("a\n"), "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"),
        (items("x" * 65), "requests.0.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"),
        ({"requests": [{"custom_id": "a"}]}, "requests.0.params: Field required"),
        ({"requests": [3]}, "requests.0: Input should be an object"),
    ],
)
async def test_bad_envelopes(door: Door, body: dict[str, Any], message: str) -> None:
    """Mistakes around the requests refuse the whole batch."""
    status, answer = await door.ask(body, PATH)

    assert (status, answer["error"]["message"]) == (400, message)


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("batch-missing", ["succeeded", "succeeded"]),
        ("batch-duplicate=2", ["succeeded"] * 5),
        ("batch-errored", ["errored", "succeeded", "succeeded"]),
        ("batch-expired=3", ["expired"] * 3),
    ],
)
async def test_bent_results(door: Door, fault: str, kinds: list[str]) -> None:
    """Missing, doubled, errored and expired results on request, of any batch."""
    _, batch = await door.ask(items("a", "b", "c"), PATH)
    door.engine.faults.add(f"{fault};times=1")

    assert [result["result"]["type"] for result in await results(door, batch["id"])] == kinds
    assert [result["result"]["type"] for result in await results(door, batch["id"])] == ["succeeded"] * 3


async def test_batches_share_the_cache(door: Door) -> None:
    """A batch reads what was cached, and caches what it marks."""
    marked = [{"type": "text", "text": "x" * 7000, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    body = {"requests": [{"custom_id": name, "params": request(marked)} for name in "ab"]}
    _, batch = await door.ask(body, PATH)
    reads = [
        result["result"]["message"]["usage"]["cache_read_input_tokens"]
        for result in await results(door, batch["id"])
    ]

    assert sorted(reads) == [0, 2000]
