"""Which model, how much thinking, how many tokens: defaults, pins, fallbacks and what is said about them."""

from datetime import date

import msgspec
import pytest

from ponder.config.settings import ActionSettings, ModelSettings, Settings
from ponder.errors import PonderError
from ponder.routing.builtin import builtin_catalogue
from ponder.routing.catalogue import Catalogue, Model
from ponder.routing.choose import choose
from ponder.routing.policy import POLICIES, budget_of, effort_of
from ponder.routing.route import EFFORTS, Route, RouteOverride

TODAY = date(2026, 11, 22)
BUILTIN = msgspec.structs.replace(builtin_catalogue(), source="endpoint", notices=())
ALL = ("adaptive", "disabled")
FIVE = ("low", "medium", "high", "xhigh", "max")


def model(model_id: str, line: str | None, **facts: object) -> Model:
    known: dict[str, object] = {
        "id": model_id,
        "line": line,
        "released": date(2026, 1, 1),
        "thinking_types": ALL,
        "efforts": FIVE,
        "max_tokens": 128_000,
        "structured_outputs": True,
    }
    return Model(**{**known, **facts})  # type: ignore[arg-type]


def catalogue(*models: Model) -> Catalogue:
    return Catalogue(models=models, source="endpoint")


def route(
    action: str = "review",
    models: Catalogue = BUILTIN,
    override: RouteOverride | None = None,
    today: date = TODAY,
    interactive: bool = True,
    **configured: object,
) -> Route:
    settings = Settings(actions={action: ActionSettings(**configured)})  # type: ignore[arg-type]
    return choose(
        action, catalogue=models, settings=settings, override=override, interactive=interactive, today=today
    )


@pytest.mark.parametrize(
    ("own", "model_id", "why"),
    [
        ({}, "claude-opus-5-5", "your settings of `review`"),
        ({"thinking": 1_024}, "claude-opus-5-5", "your settings of `review`"),
        ({"model": "claude-haiku-5-5"}, "claude-haiku-5-5", "your settings"),
        ({"line": "haiku"}, "claude-haiku-5-5", "newest active haiku"),
    ],
)
def test_a_review_on_save_takes_the_model_of_a_review(
    own: dict[str, object], model_id: str, why: str
) -> None:
    """A pin says which models may be used, also for the review that starts by itself; how deep to think does not follow."""
    pin = ActionSettings(model="claude-opus-5-5", effort="max")
    settings = Settings(actions={"review": pin, "reviewOnSave": ActionSettings(**own)})  # type: ignore[arg-type]  # a table
    found = choose("reviewOnSave", catalogue=BUILTIN, settings=settings, today=TODAY)
    assert (found.model, found.reasons["model"]) == (model_id, why)
    assert found.effort_param == "low"


# action | model | thinking | effort | max_tokens
DEFAULTS = [
    ("hover", "claude-haiku-5-5", "disabled", "low", 600),
    ("document", "claude-haiku-5-5", "disabled", "low", 4_000),
    ("fix", "claude-sonnet-5-5", "adaptive", "low", 10_048),
    ("explain", "claude-sonnet-5-5", "adaptive", "low", 6_048),
    ("ask", "claude-sonnet-5-5", "adaptive", "low", 6_048),
    ("reviewOnSave", "claude-sonnet-5-5", "adaptive", "low", 10_096),
    ("tests", "claude-sonnet-5-5", "adaptive", "medium", 20_096),
    ("simplify", "claude-sonnet-5-5", "adaptive", "medium", 20_096),
    ("review", "claude-sonnet-5-5", "adaptive", "medium", 24_192),
    ("debug", "claude-sonnet-5-5", "adaptive", "high", 24_192),
    ("refactor", "claude-sonnet-5-5", "adaptive", "high", 24_192),
    ("security", "claude-opus-5-5", "adaptive", "high", 28_000),
    ("architecture", "claude-opus-5-5", "adaptive", "high", 32_000),
    ("migrate", "claude-opus-5-5", "adaptive", "xhigh", 56_000),
]


@pytest.mark.parametrize(("action", "model_id", "thinking", "effort", "max_tokens"), DEFAULTS)
def test_defaults(action: str, model_id: str, thinking: str, effort: str, max_tokens: int) -> None:
    """With nothing set, each action gets the documented line and depth on the newest models, without a notice."""
    found = choose(action, catalogue=BUILTIN, settings=Settings(), today=TODAY)
    assert found.thinking_param is not None
    assert (found.model, found.thinking_param["type"]) == (model_id, thinking)
    assert (found.effort_param, found.max_tokens, found.notices) == (effort, max_tokens, ())


def test_every_action_has_a_row_above() -> None:
    """The table above is complete."""
    assert {row[0] for row in DEFAULTS} == set(POLICIES)


@pytest.mark.parametrize(
    ("budget", "effort"),
    [
        (0, "off"),
        (1, "low"),
        (2_048, "low"),
        (2_049, "medium"),
        (8_192, "medium"),
        (8_193, "high"),
        (16_384, "high"),
        (16_385, "xhigh"),
        (32_768, "xhigh"),
        (32_769, "max"),
        (10_000_000, "max"),
    ],
)
def test_a_budget_spells_an_effort(budget: int, effort: str) -> None:
    """The scale has these borders."""
    assert effort_of(budget) == effort


@pytest.mark.parametrize("effort", EFFORTS)
def test_the_scale_goes_both_ways(effort: str) -> None:
    """The budget that stands for an effort spells that effort again."""
    assert effort_of(budget_of(effort)) == effort  # type: ignore[arg-type]


# override | effort that is sent to an adaptive model
@pytest.mark.parametrize(
    ("override", "effort", "mode"),
    [
        (RouteOverride(effort="max"), "max", "adaptive"),
        (RouteOverride(thinking=20_000), "xhigh", "adaptive"),
        (RouteOverride(thinking=20_000, effort="low"), "low", "adaptive"),
        (RouteOverride(effort="off"), None, "off"),
        (RouteOverride(thinking=0), None, "off"),
        (RouteOverride(thinking=0, effort="max"), "high", "off"),
        (RouteOverride(model="claude-opus-5"), "medium", "adaptive"),
    ],
)
def test_what_a_run_asks_for_wins(override: RouteOverride, effort: str | None, mode: str) -> None:
    """The route of a run stands over the settings; of budget and effort the missing one follows."""
    found = route(override=override, models=BUILTIN, effort=None)
    assert (found.effort_param, found.thinking.mode) == (effort, mode)
    if override.model is None:
        assert found.reasons["effort"].startswith("asked for with this run")
    else:
        assert found.reasons["model"] == "asked for with this run"


@pytest.mark.parametrize(
    ("model_id", "override", "param", "effort", "max_tokens"),
    [
        # manual budgets: at least three times the budget
        ("claude-haiku-4-5", RouteOverride(thinking=10_000), ("enabled", 10_000), None, 30_000),
        ("claude-haiku-4-5", RouteOverride(thinking=1_024), ("enabled", 1_024), None, 17_024),
        ("claude-haiku-4-5", RouteOverride(thinking=5), ("enabled", 1_024), None, 17_024),
        ("claude-haiku-4-5", RouteOverride(effort="xhigh"), ("enabled", 21_333), None, 63_999),
        ("claude-opus-4-5", RouteOverride(effort="max"), ("enabled", 21_333), "high", 63_999),
        # both kinds: adaptive is preferred; there is no xhigh
        ("claude-opus-4-6", RouteOverride(effort="xhigh"), ("adaptive", None), "high", 48_000),
        # off: disabled, else between tools, else the least effort
        ("claude-opus-5", RouteOverride(effort="off"), ("disabled", None), None, 16_000),
        ("claude-sonnet-5-5", RouteOverride(effort="off"), ("between_tools", None), None, 16_000),
        ("claude-opus-5-5", RouteOverride(effort="off"), ("adaptive", None), "low", 18_048),
    ],
)
def test_depth_on_a_given_model(
    model_id: str, override: RouteOverride, param: tuple[str, int | None], effort: str | None, max_tokens: int
) -> None:
    """One depth, spelled as each generation of models takes it."""
    found = route(override=msgspec.structs.replace(override, model=model_id))
    assert found.thinking_param is not None
    assert (found.thinking_param["type"], found.thinking_param.get("budget_tokens")) == param
    assert (found.effort_param, found.max_tokens) == (effort, max_tokens)


HAIKU = model("h", "haiku")
SONNET = model("s", "sonnet")
OPUS = model("o", "opus")
FABLE = model("f", "fable")
NEW = {"released": date(2026, 6, 1)}

# what the endpoint has | model that serves `review` (sonnet, thinking, findings) | words that are said
CHOICES: list[tuple[tuple[Model, ...], str, str]] = [
    ((HAIKU, SONNET, OPUS), "s", ""),
    ((SONNET, model("s2", "sonnet", **NEW)), "s2", ""),
    ((model("s2", "sonnet", released=None), SONNET), "s", ""),
    ((model("first", "sonnet", released=None), model("second", "sonnet", released=None)), "first", ""),
    ((SONNET, model("s2", "sonnet", lifecycle="deprecated", **NEW)), "s", ""),
    ((SONNET, model("s2", "sonnet", retires_at=date(2026, 11, 22), **NEW)), "s", ""),
    (
        (model("s1", "sonnet", lifecycle="deprecated", retires_at=date(2027, 2, 1)), OPUS),
        "s1",
        "ends on 2027-02-01",
    ),
    ((model("s1", "sonnet", lifecycle="retired"), OPUS), "o", "no sonnet model"),
    ((HAIKU, OPUS), "o", "There is no sonnet model at this endpoint; o (opus) serves instead."),
    ((HAIKU, FABLE), "h", "h (haiku) serves"),
    ((FABLE,), "f", "f (fable) serves"),
    ((model("p", "poet"),), "p", "p (poet) serves"),
    ((model("x", None), model("y", None, **NEW)), "y", "no other known line; y serves"),
    ((model("x", None, lifecycle="retired"),), "claude-sonnet-5-5", "no model in service"),
    # an older one that has what is needed goes before a newer one that has not
    ((SONNET, model("s2", "sonnet", thinking_types=(), **NEW)), "s", ""),
    ((SONNET, model("s2", "sonnet", structured_outputs=False, **NEW)), "s", ""),
    ((SONNET, model("s2", "sonnet", max_tokens=2_000, **NEW)), "s", ""),
    ((model("s2", "sonnet", structured_outputs=False),), "s2", "not known to have structured outputs"),
    ((model("s2", "sonnet", thinking_types=()),), "s2", "s2 has no thinking"),
]


@pytest.mark.parametrize(("models", "expected", "words"), CHOICES)
def test_the_model_of_a_line(models: tuple[Model, ...], expected: str, words: str) -> None:
    """The newest in service that has what is needed, else the nearest thing, and then it is said."""
    found = route(models=catalogue(*models))
    assert found.model == expected
    assert words in " ".join(found.notices)
    assert bool(found.notices) == bool(words)


def test_names_mean_nothing() -> None:
    """A model called opus on the haiku line is a haiku: ids are never read."""
    liar = model("claude-opus-9", "haiku")
    assert route("hover", models=catalogue(liar, SONNET)).model == "claude-opus-9"
    assert route("security", models=catalogue(liar, SONNET)).model == "s"


def test_without_structured_outputs_a_tool_answers() -> None:
    """The engine is told to fall back to a tool."""
    assert not route(models=catalogue(model("s", "sonnet", structured_outputs=False))).structured_outputs
    assert not route(models=catalogue(model("s", "sonnet", structured_outputs=None))).structured_outputs
    assert route(models=catalogue(SONNET)).structured_outputs


# pin | day | words that are said
PINS = [
    ("claude-sonnet-5", TODAY, ""),
    ("claude-sonnet-4-5", TODAY, "claude-sonnet-4-5 is deprecated and ends on 2026-11-30"),
    ("claude-sonnet-4-5-20250929", TODAY, "is deprecated and ends on 2026-11-30"),
    ("claude-sonnet-4-5", date(2026, 11, 30), "claude-sonnet-4-5 was retired on 2026-11-30"),
    ("claude-mythos-preview", TODAY, "was retired on 2026-06-30"),
    ("acme-coder", TODAY, "acme-coder is in no list Ponder knows"),
]


@pytest.mark.parametrize(("pin", "today", "words"), PINS)
@pytest.mark.parametrize("by_run", [False, True])
def test_a_pin_wins(pin: str, today: date, words: str, by_run: bool) -> None:
    """The model that is named is used, and what speaks against it is said with its date."""
    found = (
        route(override=RouteOverride(model=pin), today=today, model="claude-opus-5")
        if by_run
        else route(model=pin, line="haiku", today=today)
    )
    assert found.model == pin
    assert words in " ".join(found.notices)
    assert bool(found.notices) == bool(words)


def test_a_pin_that_the_endpoint_does_not_list_is_used_and_said() -> None:
    """The built-in table knows what it takes."""
    found = route(models=catalogue(SONNET), model="claude-opus-5-5")
    assert (found.model, found.effort_param) == ("claude-opus-5-5", "medium")
    assert "is not in the endpoint's list" in found.notices[0]


def test_a_pin_may_be_spelled_with_or_without_its_day() -> None:
    """An endpoint that lists the dated id serves the short one too, so nothing is said."""
    listed = catalogue(model("claude-haiku-4-5-20251001", "haiku"))
    assert route("hover", models=listed, model="claude-haiku-4-5").notices == ()


def test_the_name_of_a_line_is_a_line() -> None:
    """`model = "opus"` asks for the newest opus, unless a model is called so."""
    assert route(model="opus").model == "claude-opus-5-5"
    assert route(override=RouteOverride(model="haiku")).model == "claude-haiku-5-5"
    assert route(models=catalogue(model("opus", "sonnet"), OPUS), model="opus").model == "opus"


def test_an_unknown_model_gets_what_every_model_takes() -> None:
    """Nothing about thinking or effort, a modest max_tokens, a tool for structure."""
    found = route(model="acme-coder", thinking=30_000)
    assert (found.thinking_param, found.effort_param, found.max_tokens) == (None, None, 8_192)
    assert not found.structured_outputs
    assert found.thinking.mode == "off"


def test_the_user_can_describe_a_model() -> None:
    """`[models.ID]` makes an unknown model a full one, and puts it on a line as its newest."""
    described = ModelSettings(
        line="sonnet",
        max_tokens=50_000,
        thinking_types=("adaptive",),
        efforts=("high", "low"),
        structured_outputs=True,
    )
    found = choose("review", catalogue=BUILTIN, settings=Settings(models={"acme": described}), today=TODAY)
    assert (found.model, found.effort_param, found.structured_outputs) == ("acme", "low", True)

    cut = ModelSettings(max_tokens=10_000)
    found = choose(
        "review", catalogue=BUILTIN, settings=Settings(models={"claude-sonnet-5-5": cut}), today=TODAY
    )
    assert (found.model, found.max_tokens) == ("claude-sonnet-5-5", 10_000)


@pytest.mark.parametrize(
    ("override", "interactive", "said"),
    [
        (RouteOverride(thinking=32_769), True, True),
        (RouteOverride(effort="max"), True, True),
        (RouteOverride(thinking=32_768), True, False),
        (RouteOverride(thinking=60_000), False, False),
        (RouteOverride(effort="max", model="claude-haiku-4-5"), True, False),
    ],
)
def test_very_much_thinking_suits_a_batch(override: RouteOverride, interactive: bool, said: bool) -> None:
    """Above 32k on an interactive run a batch is suggested; not when less is sent, and not in a batch."""
    found = route(override=override, interactive=interactive)
    assert any("batch" in notice for notice in found.notices) == said


def test_an_old_budget_on_an_adaptive_model_is_translated_with_one_notice() -> None:
    """`thinking` alone becomes an effort; saying both, or having a model with budgets, says nothing."""
    (notice,) = route(thinking=10_000).notices
    assert "claude-sonnet-5-5 takes no thinking budget; 10,000 tokens became effort high." in notice
    assert route(thinking=10_000, effort="high").notices == ()
    assert route(thinking=10_000, model="claude-haiku-4-5").notices == ()


def test_too_little_room_lowers_the_budget_and_says_so() -> None:
    """The answer keeps its room; what was lowered is told with both figures."""
    (notice,) = route(thinking=40_000, effort="high", model="claude-opus-4-5").notices
    assert notice == (
        "claude-opus-4-5 answers in at most 64,000 tokens; the room for thinking was lowered from 40,000 to 21,333."
    )


def test_no_list_is_said() -> None:
    """With the built-in table each route carries the notice that it serves."""
    found = choose("review", catalogue=builtin_catalogue(), settings=Settings(), today=TODAY)
    assert "built-in table of 2026-11-22 serves" in found.notices[0]


def test_an_added_action_has_a_route() -> None:
    """It starts as `ask`, with room for what it gives back."""
    assert route("mine", title="Mine").max_tokens == 6_048
    assert route("mine", title="Mine", output="edits").max_tokens == 18_048
    assert route("mine", line="opus", effort="max").model == "claude-opus-5-5"


def test_an_unknown_action_is_an_error_that_helps() -> None:
    """It says how to add it."""
    with pytest.raises(PonderError, match=r"no action `nope`.*\[actions\.nope\]"):
        choose("nope", catalogue=BUILTIN, settings=Settings(), today=TODAY)


@pytest.mark.parametrize(
    "bad", [{"effort": "huge"}, {"thinking": -1}, {"thinking": "9"}, {"model": ""}, {"temperature": 1}]
)
def test_a_bad_override_is_refused(bad: dict[str, object]) -> None:
    """The `route` argument is checked when it is read, with the field in the message."""
    with pytest.raises(msgspec.ValidationError, match=next(iter(bad))):
        msgspec.convert(bad, RouteOverride)


def test_off_by_disabled_before_between_tools() -> None:
    """`disabled` ends all thinking, so it goes first where a model has both."""
    both = model("s", "sonnet", thinking_types=("adaptive", "between_tools", "disabled"))
    assert route(models=catalogue(both), effort="off").thinking_param == {"type": "disabled"}


def test_a_small_window_keeps_half_for_the_prompt() -> None:
    """A local model whose window is all it can write would leave no room for the question."""
    local = model("s", "sonnet", max_tokens=16_000, max_input_tokens=16_000)
    assert route(models=catalogue(local)).max_tokens == 8_000
