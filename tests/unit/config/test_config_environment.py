"""Settings from environment variables."""

import pytest

from ponder.config.environment import variable_name, variable_path
from ponder.config.fields import fields
from ponder.config.layers import resolve


@pytest.mark.parametrize("field", fields(), ids=lambda field: ".".join(field.path))
def test_every_setting_has_a_variable(field: object) -> None:
    """The name of each variable leads back to its setting, also where the user chooses a part of it."""
    name = variable_name(field.snake).replace("_NAME_", "_SOME_NAME_")
    expected = tuple(
        key if key != "*" else ("some-name" if field.path[0] == "models" else "some_name")
        for key in field.path
    )
    assert variable_path(name) == expected


@pytest.mark.parametrize(
    ("name", "text", "section", "expected"),
    [
        ("PONDER_REVIEW_ON_SAVE", "off", "review.on_save", "off"),
        ("PONDER_CODE_LENS_ENABLE", "on", "code_lens.enable", True),
        ("PONDER_CODE_LENS_ENABLE", "False", "code_lens.enable", False),
        ("PONDER_API_STALL_MS", "250", "api.stall_ms", 250),
        ("PONDER_BUDGET_DAILY_USD", "0.5", "budget.daily_usd", 0.5),
        ("PONDER_CONTEXT_EXCLUDE", "a/**, b", "context.exclude", ("a/**", "b")),
        ("PONDER_ACTIONS_REVIEW_MODEL", "12", "actions.review.model", "12"),
        ("PONDER_ACTIONS_REVIEW_ON_SAVE_EFFORT", "low", "actions.reviewOnSave.effort", "low"),
        ("PONDER_ACTIONS_FIX_ANSWER_TOKENS", "99", "actions.fix.answer_tokens", 99),
        ("PONDER_MODELS_CLAUDE_OPUS_5_5_INPUT_USD", "3", "models.claude-opus-5-5.input_usd", 3.0),
    ],
)
def test_values_are_read_from_text(name: str, text: str, section: str, expected: object) -> None:
    """A text becomes the value that it spells."""
    resolved = resolve(environment={name: text, "HOME": "/home/someone"})
    found: object = resolved.settings
    for key in section.split("."):
        found = found[key] if isinstance(found, dict) else getattr(found, key)
    assert (found, resolved.problems) == (expected, ())


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("PONDER_REVIEW_ONSAVE", "off", "did you mean `PONDER_REVIEW_ON_SAVE`?"),
        ("PONDER_REVIEW_ON_SAVE", "sometimes", "must be `on`, `manual` or `off`"),
        ("PONDER_BUDGET_DAILY_USD", "nan", "must be a number"),
        ("PONDER_BUDGET_DAILY_USD", "", "must be a number"),
        ("PONDER_API_KEY", "sk-ant-canary", "credentials come from the environment alone"),
        ("PONDER_ELSEWHERE", "1", "is not a setting"),
    ],
)
def test_a_bad_variable_costs_one_message(name: str, text: str, words: str) -> None:
    """The variable is named, its value is not shown, nothing is set."""
    resolved = resolve(environment={name: text})
    (problem,) = resolved.problems
    assert words in problem.message
    assert "canary" not in problem.message
    assert resolved.settings == resolve().settings


def test_variables_of_the_program_are_no_settings() -> None:
    """The place of the state directory is not a setting and no mistake."""
    assert resolve(environment={"PONDER_STATE_DIR": "/somewhere", "PONDERING": "1"}).problems == ()
