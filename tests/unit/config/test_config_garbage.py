"""Whatever an editor or an endpoint sends, settings and model lists come out whole."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ponder.config.fields import fields
from ponder.config.layers import resolve
from ponder.config.settings import Settings

_KEYS = st.sampled_from(
    sorted({part for field in fields() for part in (*field.path, *field.snake)})
) | st.text(st.characters(), max_size=8)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["on", "off", "high", "auto", "opus"])
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=40,
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(user=_JSON, workspace=_JSON, editor=_JSON)
def test_resolving_never_fails(user: object, workspace: object, editor: object) -> None:
    """Settings come out, each problem is one short line, and the same layers give the same result."""
    resolved = resolve(user=user, workspace=workspace, editor=editor)

    assert isinstance(resolved.settings, Settings)
    assert resolved.settings == resolve(user=user, workspace=workspace, editor=editor).settings
    for problem in resolved.problems:
        assert "\n" not in problem.message
        assert len(problem.message) < 500
        problem.message.encode()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(workspace=_JSON, editor=_JSON)
def test_no_shared_layer_reaches_the_endpoint(workspace: object, editor: object) -> None:
    """Nothing that a workspace or an editor can send changes where requests go, or raises a budget."""
    user = {"budget": {"dailyUsd": 1.0, "runUsd": 0.5}, "api": {"baseUrl": "https://mine.example"}}
    shared = resolve(user=user, workspace=workspace).settings
    assert shared.api.base_url == "https://mine.example"
    assert shared.budget.daily_usd is not None
    assert shared.budget.daily_usd <= 1.0
    assert shared.budget.run_usd is not None
    assert shared.budget.run_usd <= 0.5
    assert shared.edits.apply != "auto"

    edited = resolve(user=user, workspace=workspace, editor=editor).settings
    assert (edited.api.base_url, edited.api.provider) == ("https://mine.example", "auto")
