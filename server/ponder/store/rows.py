"""The values that are kept, and how they become rows with a digest. No SQL and no IO."""

import hashlib
import json
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct, field

from ponder.usage import TokenCounts

T = TypeVar("T")
Table = Literal["results", "usage", "dismissals", "runs", "models", "batches"]
TABLES: tuple[Table, ...] = ("results", "usage", "dismissals", "runs", "models", "batches")
DismissScope = Literal["finding", "rule", "file"]


class UsageRow(Struct, frozen=True, kw_only=True):
    """One request's tokens and money. `at` is seconds since the epoch; a cost of None was not known."""

    at: float
    run_id: str
    action: str
    model: str
    provider: str
    tier: str | None = None
    trigger: str | None = None
    counts: TokenCounts = TokenCounts()
    cost_usd: float | None = None
    saved_usd: float | None = None
    input_usd: float | None = None
    """The part of the cost that is for what was sent; older rows have none."""
    counted_usd: float | None = None
    """What the limits count, where that is more than the cost that is known: the answer was cut before its last counts."""
    workspace: str = ""
    miss: str | None = None
    """Why less came out of the cache than might have; None where nothing was missed or nothing is known."""


def towards_limits(row: UsageRow) -> float:
    """USD of one request as the limits count it; what is not known counts nothing."""
    return max(row.cost_usd or 0.0, row.counted_usd or 0.0)


class RunRow(Struct, frozen=True, kw_only=True):
    """One line of the index of runs. `started` is seconds since the epoch; `transcript` a path in the state directory."""

    id: str
    action: str
    status: str
    started: float
    title: str = ""
    uri: str = ""
    transcript: str | None = None
    summary: dict[str, object] = field(default_factory=dict)


class ModelsRow(Struct, frozen=True, kw_only=True):
    """An endpoint's model list as it was fetched."""

    endpoint: str
    fetched_at: float
    models: list[dict[str, object]]

    def age(self, now: float) -> float:
        """Seconds since it was fetched; endless where the clock has gone back since, so that it is fetched again."""
        return now - self.fetched_at if self.fetched_at <= now else float("inf")


class BatchRow(Struct, frozen=True, kw_only=True):
    """A batch that was sent and has not been collected yet."""

    id: str
    created: float
    details: dict[str, object] = field(default_factory=dict)


class Row(Struct, frozen=True):
    """A row of any table. `order` sorts (time, or number of the last use); `amount` is summed (bytes, or USD)."""

    table: Table
    key: str
    workspace: str
    order: float
    amount: float
    value: bytes

    def digest(self) -> bytes:
        """What is stored beside the value: covers its place too, so that a swapped row shows."""
        return digest(self.table, self.key, self.workspace, self.value)


def digest(table: str, key: str, workspace: str, value: bytes) -> bytes:
    """The digest of a stored value."""
    seal = hashlib.blake2b(digest_size=16)
    for part in (table.encode(), _bytes(key), _bytes(workspace), value):
        seal.update(len(part).to_bytes(8, "little"))
        seal.update(part)
    return seal.digest()


def result_key(
    kind: str,
    *,
    workspace: str,
    answerer: str,
    model: str,
    prompt_version: str,
    parts: tuple[str | bytes, ...],
) -> str:
    """The key of a result: everything its value depends on, so that nothing foreign is ever served.

    `answerer` is who is asked (`Endpoint.answerer`): what the offline engine said is never taken for a model's word, nor
    one server's for another's. `prompt_version` names the instructions it was asked with; `parts` the text asked about and whatever else
    changes the answer (route, trust). Parts are delimited: moving a character between two changes the key.
    """
    seal = hashlib.blake2b(digest_size=24)
    for part in (kind, workspace, answerer, model, prompt_version, *parts):
        data = part if isinstance(part, bytes) else _bytes(part)
        seal.update(len(data).to_bytes(8, "little"))
        seal.update(data)
    return f"{kind}:{seal.hexdigest()}"


def encode(value: object) -> bytes:
    """JSON bytes. Lone surrogates (file names that are not UTF-8) survive, as escapes."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value)).encode()


def decode(data: bytes, kind: type[T]) -> T | None:
    """The value, or None where the bytes are not one (written by another version)."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        # The standard library reads escaped lone surrogates, msgspec does not.
        return msgspec.convert(json.loads(data), kind)
    except (msgspec.ValidationError, ValueError, RecursionError):
        return None


def sql_text(text: str) -> str:
    """The text as SQLite takes it: lone surrogates written out, so that different names stay different."""
    return text.encode("utf-8", "backslashreplace").decode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
