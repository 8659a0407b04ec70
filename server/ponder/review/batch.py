"""What is known of review batches that were sent: rows for the store, names of items, result lines. Sends nothing."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from ponder.store.rows import BatchRow

T = TypeVar("T")
MOST_ITEMS = 10_000
MOST_BYTES = 100_000_000
"""Of one batch. The API takes 100,000 requests and 256 MB (Messages API, "Batch processing": limitations)."""
KEPT_S = 29 * 86_400.0
"""How long results can be read (same page, "Results")."""
_KIND = "review"
_CLOCKS_APART_S = 300.0


class Sent(Struct, frozen=True, kw_only=True):
    """A batch that was sent, or was about to be. `id` None: the process ended before the endpoint's answer was kept."""

    key: str
    """The key of its row in the store."""
    id: str | None
    created: float
    items: tuple[str, ...]
    endpoint: str
    workspace: str
    model: str
    booked: bool = False
    """Whether what the items used stands in the ledger already."""


def item_name(*parts: str) -> str:
    """The `custom_id` of a request, made of everything its answer depends on: the same request has the same name."""
    seal = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        seal.update(len(data).to_bytes(8, "little"))
        seal.update(data)
    return f"review-{seal.hexdigest()}"


def row_of(sent: Sent) -> BatchRow:
    """The row to keep while a batch is not collected."""
    details = {
        name: value for name, value in msgspec.to_builtins(sent).items() if name not in {"key", "created"}
    }
    return BatchRow(id=sent.key, created=sent.created, details={"kind": _KIND, **details})


def sent_of(row: BatchRow) -> Sent | None:
    """The batch of a row; None for a row of another kind or version."""
    if row.details.get("kind") != _KIND:
        return None
    try:
        return msgspec.convert({**row.details, "key": row.id, "created": row.created}, Sent)
    except msgspec.ValidationError:
        return None


def chunks(items: Iterable[tuple[T, int]]) -> Iterator[list[T]]:
    """The items in as many batches as the limits ask for; each comes with its size in bytes."""
    chunk: list[T] = []
    size = 0
    for item, weight in items:
        if chunk and (len(chunk) >= MOST_ITEMS or size + weight > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += weight
    if chunk:
        yield chunk


def candidates(lost: Sent, listed: Sequence[Mapping[str, Any]], known: Iterable[str]) -> list[str]:
    """Ids of batches at the endpoint that may be the one whose answer was lost, the likeliest first.

    The list names no items, so number and time of creation speak; the results then prove it or not.
    """
    taken = set(known)
    found: list[tuple[float, str]] = []
    for batch in listed:
        name, counts = batch.get("id"), batch.get("request_counts")
        if not isinstance(name, str) or name in taken or not isinstance(counts, dict):
            continue
        number = sum(count for count in counts.values() if isinstance(count, int))
        apart = abs(_moment(batch.get("created_at")) - lost.created)
        if number == len(lost.items) and apart <= _CLOCKS_APART_S:
            found.append((apart, name))
    return [name for _, name in sorted(found)]


def results(lines: Iterable[Mapping[str, Any]], names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The `result` of each named item. Lines come in any order; one that comes twice counts once."""
    wanted = set(names)
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        name, result = line.get("custom_id"), line.get("result")
        if isinstance(name, str) and name in wanted and isinstance(result, dict):
            found.setdefault(name, result)
    return found


def progress(batch: Mapping[str, Any]) -> int:
    """How many items of a batch have been answered."""
    counts = batch.get("request_counts")
    if not isinstance(counts, dict):
        return 0
    return sum(n for name, n in counts.items() if name != "processing" and isinstance(n, int))


def _moment(text: object) -> float:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return float("-inf")
