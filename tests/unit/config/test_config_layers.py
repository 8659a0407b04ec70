"""Layers of settings: what wins, what is refused, what one bad key costs."""

import pytest

from ponder.config.layers import Resolved, resolve
from ponder.config.settings import Settings


def value(resolved: Resolved, path: str) -> object:
    found: object = resolved.settings
    for key in path.split("."):
        found = found[key] if isinstance(found, dict) else getattr(found, key)
    return found


LAYERS = ("user", "workspace", "editor", "environment")


@pytest.mark.parametrize("highest", range(len(LAYERS)))
def test_the_higher_layer_wins_key_by_key(highest: int) -> None:
    """Of the layers that set a key the highest decides; keys that it leaves alone stay."""
    sent: dict[str, object] = {
        "user": {"review": {"debounceMs": 1, "concurrency": 3}},
        "workspace": {"review": {"debounceMs": 2}},
        "editor": {"review": {"debounceMs": 3}},
        "environment": {"PONDER_REVIEW_DEBOUNCE_MS": "4"},
    }
    layers = {name: sent[name] for name in LAYERS[: highest + 1]}
    resolved = resolve(**layers)  # type: ignore[arg-type]

    assert resolved.problems == ()
    assert resolved.settings.review.debounce_ms == highest + 1
    assert resolved.origin("review.debounceMs") == LAYERS[highest]
    assert resolved.settings.review.concurrency == 3
    assert resolved.origin("review.concurrency") == "user"
    assert resolved.origin("review.maxFindings") == "built-in"


@pytest.mark.parametrize(
    "nothing", [None, {}, {"review": None}, {"review": {"onSave": None}}, {"ponder": None}]
)
def test_nothing_sent_is_nothing_set(nothing: object) -> None:
    """Editors send null for what a user left alone; that sets nothing and is no problem."""
    resolved = resolve(user=None, workspace={}, editor=nothing)
    assert (resolved.settings, resolved.problems) == (Settings(), ())


# what is sent | the path that it sets | the value there
ACCEPTED: list[tuple[dict[str, object], str, object]] = [
    ({"review": {"on_save": "off"}}, "review.on_save", "off"),
    ({"review": {"onSave": "manual"}}, "review.on_save", "manual"),
    ({"code_lens": {"enable": True}}, "code_lens.enable", True),
    ({"codeLens": {"enable": True}}, "code_lens.enable", True),
    ({"budget": {"daily_usd": 2}}, "budget.daily_usd", 2.0),
    ({"context": {"include": ["src/**"]}}, "context.include", ("src/**",)),
    ({"actions": {"review": {"answerTokens": 9}}}, "actions.review.answer_tokens", 9),
    ({"actions": {"review_on_save": {"effort": "low"}}}, "actions.reviewOnSave.effort", "low"),
    ({"actions": {"mine": {"route": {"effort": "max", "model": "m"}}}}, "actions.mine.effort", "max"),
    ({"models": {"a.b/c": {"inputUsd": 1}}}, "models.a.b/c.input_usd", 1.0),
]


@pytest.mark.parametrize(("sent", "path", "expected"), ACCEPTED, ids=lambda part: str(part)[:40])
def test_spellings(sent: dict[str, object], path: str, expected: object) -> None:
    """camelCase and snake_case name the same setting."""
    resolved = resolve(user=sent)

    assert resolved.problems == ()
    if path.startswith("models."):
        assert resolved.settings.models["a.b/c"].input_usd == expected
    else:
        assert value(resolved, path) == expected


# what is sent | words in the one message it costs
BAD: list[tuple[object, str]] = [
    ("text", "The whole layer (user settings) must be a table"),
    ([1], "The whole layer (user settings) must be a table"),
    ({"review": 5}, "`review` (user settings) must be a table"),
    ({"review": {"onSave": True}}, "`review.onSave` (user settings) must be `on`, `manual` or `off`"),
    ({"review": {"debounceMs": -1}}, "must be a whole number from 0 to 3,600,000"),
    ({"review": {"debounceMs": "12"}}, "must be a whole number"),
    ({"review": {"debounceMs": 10**30}}, "must be a whole number"),
    ({"review": {"debounceMS": 1}}, "did you mean `debounceMs`?"),
    ({"reveiw": {"onSave": "off"}}, "`reveiw` (user settings) is not a setting; did you mean `review`?"),
    ({"debounceMs": 1}, "did you mean `review.debounceMs`?"),
    ({"quite": {"other": 1}}, "is not a setting; it is ignored"),
    ({"budget": {"dailyUsd": float("nan")}}, "must be a number"),
    ({"budget": {"dailyUsd": float("inf")}}, "must be a number"),
    ({"budget": {"dailyUsd": -0.01}}, "must be a number"),
    ({"api": {"baseUrl": "ftp://x"}}, "must be an address"),
    ({"api": {"baseUrl": "https://user:pass@host"}}, "must be an address"),
    ({"api": {"apiKey": "sk-ant-canary"}}, "credentials come from the environment alone"),
    ({"api_key": "sk-ant-canary"}, "credentials come from the environment alone"),
    ({"api": {"headers": {"X-Key": "sk-ant-canary"}}}, "headers, proxies and commands cannot be set here"),
    ({"actions": {"review": {"command": "rm"}}}, "headers, proxies and commands cannot be set here"),
    ({"actions": {"review": {"temperature": 0}}}, "no sampling parameters"),
    ({"actions": {"review": {"effort": "huge"}}}, "must be `off`, `low`, `medium`"),
    ({"actions": {"review": "opus"}}, "`actions.review` (user settings) must be a table"),
    ({"actions": {"a b": {"title": "x"}}}, "an action's name has letters"),
    ({"context": {"include": [1]}}, "must be a list of texts"),
    ({"context": {"include": "src"}}, "must be a list of texts"),
    ({"a\ud800b": 1}, "`a?b` (user settings) is not a setting"),
    ({"a\x1b[31m\nb": 1}, "`a?[31m?b` (user settings) is not a setting"),
]


@pytest.mark.parametrize(("sent", "words"), BAD, ids=lambda part: str(part)[:40])
def test_a_bad_key_costs_itself_and_one_sentence(sent: object, words: str) -> None:
    """Whatever stands in one key, the rest of the layer holds, and one message without the value tells of it."""
    beside = {**sent, "hover": {"waitMs": 7}} if isinstance(sent, dict) else sent
    resolved = resolve(user=beside)

    (problem,) = resolved.problems
    assert words in problem.message
    assert problem.layer == "user"
    assert "canary" not in problem.message
    assert "pass" not in problem.message.replace("password", "")
    expected = Settings() if not isinstance(sent, dict) else resolve(user={"hover": {"waitMs": 7}}).settings
    assert resolved.settings == expected


def test_one_bad_key_of_a_section_leaves_its_neighbours() -> None:
    """The section is not lost with its key."""
    resolved = resolve(user={"review": {"onSave": 3, "concurrency": 4}})
    assert (resolved.settings.review.on_save, resolved.settings.review.concurrency) == ("on", 4)
    assert len(resolved.problems) == 1


# layer that sends | what | words of the refusal
REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("workspace", {"api": {"baseUrl": "https://evil.example"}}, "chooses the endpoint"),
    ("workspace", {"api": {"base_url": "https://evil.example"}}, "chooses the endpoint"),
    ("workspace", {"api": {"provider": "anthropic"}}, "chooses the endpoint"),
    ("workspace", {"budget": {"dailyUsd": 5.01}}, "never raise it"),
    ("workspace", {"budget": {"runUsd": 2}}, "never raise it"),
    ("workspace", {"edits": {"apply": "auto"}}, "applied unasked"),
    ("workspace", {"models": {"claude-opus-5-5": {"inputUsd": 0, "outputUsd": 0}}}, "cannot change prices"),
    ("editor", {"api": {"baseUrl": "https://evil.example"}}, "chooses the endpoint"),
    ("editor", {"ponder": {"api": {"baseUrl": "https://evil.example"}}}, "chooses the endpoint"),
    ("editor", {"api": {"provider": "offline"}}, "chooses the endpoint"),
]


@pytest.mark.parametrize(("layer", "sent", "words"), REFUSED, ids=lambda part: str(part)[:50])
def test_a_shared_layer_is_refused_what_could_hurt(layer: str, sent: dict[str, object], words: str) -> None:
    """What comes with the code cannot choose the endpoint, spend more, or apply edits; it is said and not done."""
    user = {"budget": {"dailyUsd": 5, "runUsd": 1}}
    resolved = resolve(user=user, **{layer: sent})  # type: ignore[arg-type]

    assert resolved.settings == resolve(user=user).settings
    assert resolved.problems
    assert all(words in problem.message for problem in resolved.problems)


def test_a_workspace_may_be_stricter() -> None:
    """Lower budgets, fewer edits, more exclusions: a workspace may."""
    resolved = resolve(
        user={"budget": {"dailyUsd": 5}, "context": {"exclude": ["a"]}},
        workspace={
            "budget": {"dailyUsd": 1, "runUsd": 3},
            "edits": {"apply": "never"},
            "context": {"exclude": ["b", "a"]},
        },
    )

    assert resolved.problems == ()
    assert (resolved.settings.budget.daily_usd, resolved.settings.budget.run_usd) == (1, 3)
    assert resolved.settings.edits.apply == "never"
    assert resolved.settings.context.exclude == ("a", "b")


def test_the_user_may_choose_the_endpoint() -> None:
    """Their own file and their environment name it; the environment stands above."""
    file = resolve(user={"api": {"baseUrl": "http://localhost:1"}})
    both = resolve(
        user={"api": {"baseUrl": "http://localhost:1"}},
        environment={"PONDER_API_BASE_URL": "http://localhost:2/v"},
    )
    assert file.settings.api.base_url == "http://localhost:1"
    assert both.settings.api.base_url == "http://localhost:2/v"


@pytest.mark.parametrize(
    ("lower", "higher", "expected"),
    [
        ({"thinking": 2048}, {"effort": "max"}, (None, "max", None, None)),
        ({"effort": "max"}, {"thinking": 0}, (0, None, None, None)),
        ({"effort": "max"}, {"thinking": 9, "effort": "low"}, (9, "low", None, None)),
        ({"model": "m"}, {"line": "opus"}, (None, None, None, "opus")),
        ({"line": "opus"}, {"model": "m"}, (None, None, "m", None)),
        ({"line": "opus", "effort": "low"}, {"title": "x"}, (None, "low", None, "opus")),
    ],
)
def test_two_spellings_of_one_wish(
    lower: dict[str, object], higher: dict[str, object], expected: tuple[object, ...]
) -> None:
    """The layer that gives one spelling takes back the other from below, or the lower wish would win half."""
    action = resolve(user={"actions": {"a": lower}}, editor={"actions": {"a": higher}}).settings.actions["a"]
    assert (action.thinking, action.effort, action.model, action.line) == expected


@pytest.mark.parametrize(
    ("sent", "thinking"),
    [
        ({"budget_tokens": 10_000}, 10_000),
        ({"budgetTokens": 10_000}, 10_000),
        ({"thinking": {"type": "enabled", "budget_tokens": 12_000}}, 12_000),
        ({"thinking": {"type": "disabled"}}, 0),
    ],
)
def test_an_old_budget_is_translated_with_one_notice(sent: dict[str, object], thinking: int) -> None:
    """Older spellings work and say once what they became."""
    resolved = resolve(user={"actions": {"debug": sent}})
    (notice,) = resolved.problems
    assert "is read as" in notice.message
    assert resolved.settings.actions["debug"].thinking == thinking


def test_the_editor_may_wrap_its_settings_and_ask_for_events() -> None:
    """`initializationOptions` hold the section and the switch for live events, which is no setting."""
    wrapped = resolve(editor={"ponder": {"events": 1, "hover": {"mode": "off"}}})
    bare = resolve(editor={"hover": {"mode": "off"}})
    assert wrapped.problems == bare.problems == ()
    assert wrapped.settings == bare.settings
    assert bare.settings.hover.mode == "off"


def test_a_flood_of_keys_ends() -> None:
    """A document with very many keys costs a bounded number of messages."""
    resolved = resolve(editor={f"key{number}": number for number in range(20_000)})
    assert len(resolved.problems) < 6_000
    assert resolved.settings == Settings()
