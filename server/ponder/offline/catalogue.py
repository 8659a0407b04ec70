"""The current models of the API, as one dated table. Holds no rule that is not a figure of a model."""

from ponder.offline.models import Catalogue, Effort, Model

CHECKED = "2026-11-22"
"""Day the table was compared with the published pages (models, thinking, effort, prompt caching)."""

_FABLE_AND_MYTHOS = (
    "claude-fable-5-2",
    "claude-mythos-5-2",
    "claude-fable-5-1",
    "claude-mythos-5-1",
    "claude-fable-5",
    "claude-mythos-5",
    "claude-mythos-preview",
)
_TO_MAX: tuple[Effort, ...] = ("low", "medium", "high", "max")


def _frontier(version: str, created: str, **rules: object) -> tuple[Model, Model]:
    """Fable and Mythos share everything but the name."""
    number = version.replace("-", ".")
    pair = (
        {
            "id": f"claude-{line}-{version}",
            "display_name": f"Claude {line.title()} {number}",
            "created_at": f"{created}T00:00:00Z",
            "line": line,
            **rules,
        }
        for line in ("fable", "mythos")
    )
    first, second = (Model(**fields) for fields in pair)  # type: ignore[arg-type]  # a row of the table
    return first, second


MODELS: tuple[Model, ...] = (
    *_frontier("5-2", "2026-11-09", forced_tools="never", binds_thinking=True),
    *_frontier(
        "5-1",
        "2026-09-01",
        forced_tools="never",
        binds_thinking=True,
        cannot_read=("claude-fable-5-2", "claude-mythos-5-2"),
    ),
    *_frontier("5", "2026-06-09"),
    Model(
        id="claude-haiku-5-5",
        display_name="Claude Haiku 5.5",
        created_at="2026-10-07T00:00:00Z",
        line="haiku",
        thinking_types=("adaptive", "disabled"),
        default_effort="medium",
        effort_without_thinking="high",
        binds_thinking=True,
    ),
    Model(
        id="claude-sonnet-5-5",
        display_name="Claude Sonnet 5.5",
        created_at="2026-09-28T00:00:00Z",
        line="sonnet",
        thinking_types=("adaptive", "between_tools"),
        effort_without_thinking="high",
        forced_tools="never",
        binds_thinking=True,
        cannot_read=("claude-opus-5", "claude-opus-5-5", *_FABLE_AND_MYTHOS),
    ),
    Model(
        id="claude-opus-5-5",
        display_name="Claude Opus 5.5",
        created_at="2026-09-22T00:00:00Z",
        line="opus",
        default_effort="medium",
        forced_tools="never",
        binds_thinking=True,
        cannot_read=_FABLE_AND_MYTHOS,
    ),
    Model(
        id="claude-opus-5",
        display_name="Claude Opus 5",
        created_at="2026-07-24T00:00:00Z",
        line="opus",
        thinking_types=("adaptive", "disabled"),
        effort_without_thinking="high",
    ),
    Model(
        id="claude-sonnet-5",
        display_name="Claude Sonnet 5",
        created_at="2026-06-30T00:00:00Z",
        line="sonnet",
        thinking_types=("adaptive", "disabled"),
        cache_minimum=1_024,
        system_messages=False,
    ),
    Model(
        id="claude-opus-4-8",
        display_name="Claude Opus 4.8",
        created_at="2026-05-28T00:00:00Z",
        line="opus",
        thinking_types=("adaptive", "disabled"),
        thinks_unasked=False,
        cache_minimum=1_024,
    ),
    Model(
        id="claude-opus-4-7",
        display_name="Claude Opus 4.7",
        created_at="2026-04-16T00:00:00Z",
        line="opus",
        thinking_types=("adaptive", "disabled"),
        thinks_unasked=False,
        cache_minimum=2_048,
        system_messages=False,
    ),
    Model(
        id="claude-mythos-preview",
        display_name="Claude Mythos Preview",
        created_at="2026-04-07T00:00:00Z",
        line="mythos",
        lifecycle="retired",
        deprecated_at="2026-06-09T00:00:00Z",
        retires_at="2026-06-30T00:00:00Z",
        thinking_types=("adaptive", "enabled"),
        efforts=_TO_MAX,
        cache_minimum=2_048,
        system_messages=False,
    ),
    *(
        Model(
            id=f"claude-{line}-4-6",
            display_name=f"Claude {line.title()} 4.6",
            created_at=created,
            line=line,
            thinking_types=("adaptive", "disabled", "enabled"),
            thinks_unasked=False,
            display="summarized",
            efforts=_TO_MAX,
            forced_tools="unless_enabled",
            cache_minimum=minimum,
            system_messages=False,
            sampling=True,
        )
        for line, created, minimum in (
            ("opus", "2026-02-05T00:00:00Z", 4_096),
            ("sonnet", "2026-02-17T00:00:00Z", 1_024),
        )
    ),
    *(
        Model(
            id=f"claude-{line}-4-5-{day}",
            aliases=(f"claude-{line}-4-5",),
            display_name=f"Claude {line.title()} 4.5",
            created_at=f"{day[:4]}-{day[4:6]}-{day[6:]}T00:00:00Z",
            line=line,
            lifecycle="deprecated" if line == "sonnet" else "active",
            deprecated_at="2026-09-30T00:00:00Z" if line == "sonnet" else None,
            retires_at="2026-11-30T00:00:00Z" if line == "sonnet" else None,
            max_input_tokens=200_000,
            max_tokens=64_000,
            thinking_types=("disabled", "enabled"),
            thinks_unasked=False,
            display="summarized",
            efforts=("low", "medium", "high") if line == "opus" else (),
            prefill=True,
            forced_tools="unless_enabled",
            cache_minimum=1_024 if line == "sonnet" else 4_096,
            system_messages=False,
            sampling=True,
            keeps_thinking=line == "opus",
        )
        for line, day in (("opus", "20251101"), ("haiku", "20251001"), ("sonnet", "20250929"))
    ),
)

CURRENT = Catalogue(models=MODELS)
