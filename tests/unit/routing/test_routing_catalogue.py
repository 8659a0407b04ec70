"""Model lists as endpoints send them: complete, partial, strange."""

from datetime import date

import pytest

from ponder.routing.builtin import BUILTIN, endpoint_catalogue, known
from ponder.routing.catalogue import parse_model, parse_models

FULL = {
    "id": "m",
    "type": "model",
    "display_name": "M",
    "created_at": "2026-09-28T00:00:00Z",
    "lifecycle": "deprecated",
    "deprecated_at": "2026-10-01T00:00:00Z",
    "retires_at": "2027-01-01T00:00:00+00:00",
    "line": "sonnet",
    "max_input_tokens": 1_000_000,
    "max_tokens": 128_000,
    "something_new": {"deep": [1]},
    "capabilities": {
        "structured_outputs": {"supported": True},
        "effort": {
            "supported": True,
            "low": {"supported": True},
            "high": {"supported": True},
            "medium": {"supported": False},
            "xhigh": None,
            "gigantic": {"supported": True},
        },
        "thinking": {
            "supported": True,
            "types": {
                "adaptive": {"supported": True},
                "enabled": {"supported": False},
                "telepathic": {"supported": True},
            },
        },
    },
}


def test_a_full_entry() -> None:
    """What is known is read, what is new is ignored."""
    model = parse_model(FULL)
    assert model is not None
    assert (model.id, model.line, model.lifecycle) == ("m", "sonnet", "deprecated")
    assert (model.released, model.retires_at) == (date(2026, 9, 28), date(2027, 1, 1))
    assert (model.thinking_types, model.efforts) == (("adaptive",), ("low", "high"))
    assert (model.max_input_tokens, model.max_tokens, model.structured_outputs) == (1_000_000, 128_000, True)


@pytest.mark.parametrize("row", [None, 5, "m", [], {}, {"id": None}, {"id": ""}, {"id": 7}, {"name": "m"}])
def test_what_is_no_model(row: object) -> None:
    """An entry without an id is no model, and no error."""
    assert parse_model(row) is None


@pytest.mark.parametrize(
    ("change", "attribute", "expected"),
    [
        ({"line": None}, "line", None),
        ({"line": ""}, "line", None),
        ({"line": 3}, "line", None),
        ({"line": "poet"}, "line", "poet"),
        ({"lifecycle": "new-word"}, "lifecycle", "active"),
        ({"lifecycle": None}, "lifecycle", "active"),
        ({"created_at": "yesterday"}, "released", None),
        ({"created_at": "1970-01-01T00:00:00Z"}, "released", None),
        ({"created_at": 12}, "released", None),
        ({"max_tokens": 0}, "max_tokens", None),
        ({"max_tokens": True}, "max_tokens", None),
        ({"max_tokens": "many"}, "max_tokens", None),
        ({"capabilities": None}, "thinking_types", None),
        ({"capabilities": []}, "efforts", None),
        ({"capabilities": {}}, "structured_outputs", None),
        ({"capabilities": {"thinking": {"supported": False}}}, "thinking_types", ()),
        ({"capabilities": {"thinking": {"supported": True}}}, "thinking_types", None),
        (
            {"capabilities": {"thinking": {"types": {"enabled": {"supported": True}}}}},
            "thinking_types",
            ("enabled",),
        ),
        ({"capabilities": {"thinking": {"supported": True, "types": None}}}, "thinking_types", None),
        ({"capabilities": {"thinking": True}}, "thinking_types", None),
        ({"capabilities": {"effort": {"supported": False, "low": {"supported": True}}}}, "efforts", ()),
        ({"capabilities": {"effort": {"supported": True}}}, "efforts", None),
        ({"capabilities": {"effort": {"supported": True, "low": True}}}, "efforts", ("low",)),
        ({"capabilities": {"structured_outputs": {"supported": False}}}, "structured_outputs", False),
        ({"capabilities": {"structured_outputs": {}}}, "structured_outputs", None),
    ],
)
def test_missing_and_strange_parts(change: dict[str, object], attribute: str, expected: object) -> None:
    """A part that is missing or makes no sense is not known; the rest of the entry stands."""
    model = parse_model({**FULL, **change})
    assert model is not None
    assert getattr(model, attribute) == expected
    assert model.id == "m"


def test_the_first_of_two_entries_stands() -> None:
    """An id is listed once."""
    assert [model.line for model in parse_models([{"id": "m", "line": "opus"}, FULL, "x"])] == ["opus"]


@pytest.mark.parametrize("rows", [None, [], {}, "x", [None, 3], [{"no": "id"}]])
def test_no_list(rows: object) -> None:
    """Without one usable entry the built-in table serves, with its date."""
    catalogue = endpoint_catalogue(rows)
    assert (catalogue.source, len(catalogue.models)) == ("builtin", len(BUILTIN))
    assert "no list of models; Ponder's built-in table of 2026-11-22" in catalogue.notices[0]


def test_a_list_that_says_nothing_of_what_models_can_do() -> None:
    """Where no entry has capabilities the built-in table is the source, and a notice says so; one entry makes the difference."""
    bare = {"id": "claude-haiku-4-5-20251001", "max_tokens": 9_000}
    silent = endpoint_catalogue([bare, {"id": "claude-sonnet-5-5", "capabilities": None}])
    assert (silent.source, [model.id for model in silent.models]) == (
        "builtin",
        ["claude-haiku-4-5-20251001", "claude-sonnet-5-5"],
    )
    assert "built-in table" in silent.notices[0]
    assert endpoint_catalogue([bare, FULL]).source == "endpoint"


def test_a_full_list_needs_no_notice() -> None:
    """What the endpoint says stands alone."""
    catalogue = endpoint_catalogue([FULL])
    assert (catalogue.source, catalogue.notices) == ("endpoint", ())


def test_a_bare_list_is_filled_from_the_table() -> None:
    """By the exact id, field by field; what the endpoint says stands over the table, and a notice tells."""
    catalogue = endpoint_catalogue(
        [
            {"id": "claude-haiku-4-5-20251001", "max_tokens": 9_000},
            {"id": "claude-opus-5-5-but-not-quite"},
        ]
    )
    haiku, stranger = catalogue.models
    assert (haiku.line, haiku.thinking_types, haiku.efforts) == ("haiku", ("disabled", "enabled"), ())
    assert haiku.max_tokens == 9_000
    assert (stranger.line, stranger.thinking_types) == (None, None)
    (notice,) = catalogue.notices
    assert "claude-haiku-4-5-20251001, claude-opus-5-5-but-not-quite" in notice


def test_the_table_knows_dated_ids_and_nothing_like_them() -> None:
    """Ids are compared, never read."""
    dated = known("claude-opus-4-5-20251101")
    assert dated is not None
    assert (dated.id, dated.line) == ("claude-opus-4-5-20251101", "opus")
    assert known("claude-opus-4-5-20251102") is None
    assert known("Claude-Opus-4-5") is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 9, 29), "active"), (date(2026, 9, 30), "deprecated"), (date(2026, 11, 30), "retired")],
)
def test_dates_count_even_when_a_list_is_old(day: date, expected: str) -> None:
    """A retirement day that has come retires the model."""
    model = parse_model(
        {
            "id": "m",
            "deprecated_at": "2026-09-30T00:00:00Z",
            "retires_at": "2026-11-30T00:00:00Z",
        }
    )
    assert model is not None
    assert model.lifecycle_on(day) == expected
