"""What is said to one who typed a command, where the same words otherwise go to an editor."""

import pytest

from ponder.engine.sdk_errors import ROWS, TYPES
from ponder.errors import ErrorInfo
from ponder.session.headless import without_editor

HINTS = {row.hint for row in (*ROWS.values(), *TYPES.values())}


@pytest.mark.parametrize("hint", sorted(HINTS))
def test_no_hint_at_a_terminal_speaks_of_an_editor_or_of_a_restart(hint: str) -> None:
    """Nobody who typed a command has a server to restart or an editor that asks for a key."""
    shown = without_editor(ErrorInfo(kind="internal", message="It failed.", hint=hint))
    assert shown is not None
    assert shown.hint is not None
    assert "restart the server" not in shown.hint
    assert "editor" not in shown.hint


def test_the_hint_on_a_refused_key_names_what_to_set_and_who_checks_it() -> None:
    """What is left of the longest of them is a whole sentence."""
    shown = without_editor(
        ErrorInfo(kind="authentication", message="Refused.", hint=ROWS["AuthenticationError"].hint)
    )
    assert shown is not None
    assert shown.hint == (
        "Set a valid `ANTHROPIC_API_KEY` and run the command again; `ponder doctor` checks it."
    )
