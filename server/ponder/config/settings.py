"""Settings as the server uses them: resolved and frozen. Reads no file; the layers are put together in `layers`.

Each field carries its description and limits; the JSON schema, the VS Code section and the options table
are made from them (`schema`).
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from ponder.findings import Severity

Effort = Literal["off", "low", "medium", "high", "xhigh", "max"]
EFFORTS: tuple[Effort, ...] = ("off", "low", "medium", "high", "xhigh", "max")
OutputShape = Literal["markdown", "findings", "edits"]

Milliseconds = Annotated[int, Meta(ge=0, le=3_600_000)]
Usd = Annotated[float, Meta(ge=0, le=1_000_000)]
Tokens = Annotated[int, Meta(ge=0, le=10_000_000)]
SomeTokens = Annotated[int, Meta(ge=1, le=10_000_000)]
MOST_REQUESTS = 16
"""Reviews at the same time, in the background and by `ponder review --concurrency`."""
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Section(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A table of settings: camelCase outside, nothing unknown inside."""


class ReviewSettings(Section, frozen=True, kw_only=True):
    """Review of saved files and what is shown of it."""

    on_save: Annotated[
        Literal["on", "manual", "off"],
        Meta(
            description="Review a file when it is saved: `on`, only on command (`manual`), or never (`off`)."
        ),
    ] = "on"
    debounce_ms: Annotated[
        Milliseconds, Meta(description="Quiet time after a save before its review starts.")
    ] = 1500
    concurrency: Annotated[
        int, Meta(ge=1, le=MOST_REQUESTS, description="Background reviews at the same time.")
    ] = 2
    min_confidence: Annotated[
        int,
        Meta(
            ge=0,
            le=100,
            description="Ask how sure the model is of each finding (0 to 100), and leave out those below this."
            " 0: nothing is asked and nothing left out.",
        ),
    ] = 0
    severity_floor: Annotated[
        Severity,
        Meta(
            description="Hide findings that matter less than this. Editors show an `error` as a warning: errors are a compiler's; the command line and its reports call it `error`."
        ),
    ] = "hint"
    max_findings: Annotated[
        int, Meta(ge=1, le=1000, description="Findings shown for one file, the gravest first.")
    ] = 50
    baseline: Annotated[
        str,
        Meta(
            description="File with accepted findings, inside the workspace folder and relative to it; empty for none."
        ),
    ] = "ponder-baseline.json"


class EditsSettings(Section, frozen=True, kw_only=True):
    """What happens to proposed edits."""

    apply: Annotated[
        Literal["ask", "auto", "never"],
        Meta(
            description="Apply proposed edits after asking (`ask`), at once (`auto`), or only offer them (`never`)."
        ),
    ] = "ask"


class HoverSettings(Section, frozen=True, kw_only=True):
    """Explanations on hover."""

    mode: Annotated[
        Literal["auto", "onDemand", "off"],
        Meta(
            description="Explain on hover (`auto`), show local facts and a link (`onDemand`), or nothing (`off`)."
        ),
    ] = "auto"
    wait_ms: Annotated[
        Milliseconds, Meta(description="How long a hover waits for the model before it shows local facts.")
    ] = 1500


class BudgetSettings(Section, frozen=True, kw_only=True):
    """Spending limits, checked before each request."""

    daily_usd: Annotated[
        Usd | None, Meta(description="Most that one day may cost, in USD. Unset: no limit.")
    ] = None
    run_usd: Annotated[
        Usd | None, Meta(description="Most that one run may cost, in USD. Unset: no limit.")
    ] = None


class ApiSettings(Section, frozen=True, kw_only=True):
    """The endpoint and its patience. Credentials come from the environment alone."""

    provider: Annotated[
        Literal[
            "auto",
            "anthropic",
            "offline",
            "bedrock",
            "bedrockMantle",
            "vertex",
            "googleCloud",
            "foundry",
            "aws",
        ],
        Meta(
            description="`auto`: the endpoint where there is a credential or a base URL, else the offline engine."
            " The others name a cloud platform that serves Claude. Only in the user's own file or the environment."
        ),
    ] = "auto"
    base_url: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s/@]+(/\S*)?$")] | None,
        Meta(description="Address of the Messages API. Only in the user's own file or the environment."),
    ] = None
    connect_ms: Annotated[Milliseconds, Meta(description="Time to reach the endpoint.")] = 10_000
    first_byte_ms: Annotated[
        Milliseconds, Meta(description="Time from the request to the answer's first byte.")
    ] = 60_000
    stall_ms: Annotated[
        Milliseconds, Meta(description="Time without content after which a stream counts as dead.")
    ] = 120_000
    max_tries: Annotated[
        int, Meta(ge=1, le=10, description="Tries of one request while nothing of the answer has arrived.")
    ] = 4
    offline_delta_ms: Annotated[
        int,
        Meta(
            ge=0,
            le=1000,
            description="Pause before each piece of the offline engine's answer, so that it can be read as it comes.",
        ),
    ] = 20


class ContextSettings(Section, frozen=True, kw_only=True):
    """What of the workspace is told to the model."""

    budget_tokens: Annotated[
        Tokens,
        Meta(
            description="Size of the workspace prefix, in tokens; 0 sends none. Reviews on save, which keep it cached,"
            " are told all of it; an action that cannot read their cache half of it (`actions.NAME.contextTokens`)."
        ),
    ] = 32_000
    hover_budget_tokens: Annotated[Tokens, Meta(description="Size of the workspace prefix for a hover.")] = (
        8_000
    )
    max_file_bytes: Annotated[
        int, Meta(ge=0, le=100_000_000, description="Larger files are left out of the prefix.")
    ] = 262_144
    include: Annotated[
        tuple[str, ...],
        Meta(description="Patterns (as in `.gitignore`) of the files to tell about; empty for all."),
    ] = ()
    exclude: Annotated[
        tuple[str, ...], Meta(description="Patterns (as in `.gitignore`) of files that are never sent.")
    ] = ()


class CodeLensSettings(Section, frozen=True, kw_only=True):
    """Links above definitions."""

    enable: Annotated[bool, Meta(description="Show links to Ponder's actions above definitions.")] = False


class LogSettings(Section, frozen=True, kw_only=True):
    """The server's log. It never holds content, keys or thinking."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="What is written to the log.")
    ] = "warning"


class ActionSettings(Section, frozen=True, kw_only=True):
    """One action, built in or added: its route, and for an added one its words."""

    enabled: Annotated[bool, Meta(description="Offer this action.")] = True
    model: Annotated[
        Name | None,
        Meta(
            description="Model id to use, or the name of a line. Unset: the newest model of the line. That of `review` holds for `reviewOnSave` too, unless this names its own."
        ),
    ] = None
    line: Annotated[
        Name | None,
        Meta(description="Model line to choose from: `haiku`, `sonnet`, `opus`, `fable`, `mythos`."),
    ] = None
    thinking: Annotated[
        Tokens | None, Meta(description="Thinking budget in tokens; 0 is off. Unset: follows `effort`.")
    ] = None
    effort: Annotated[
        Effort | None, Meta(description="How hard the model tries. Unset: follows `thinking`.")
    ] = None
    answer_tokens: Annotated[
        SomeTokens | None, Meta(description="Room for the answer in tokens, besides thinking.")
    ] = None
    context_tokens: Annotated[
        Tokens | None,
        Meta(
            description="Size of the workspace prefix for this action. Unset: `context.budgetTokens` where the action"
            " reads the cache that reviews on save keep warm, else half of it (`architecture`, `migrate`: all of it)."
        ),
    ] = None
    title: Annotated[Name | None, Meta(description="Title in the editor's menu, after `Ponder: `.")] = None
    prompt: Annotated[
        Annotated[str, Meta(max_length=100_000)] | None, Meta(description="What the model is asked to do.")
    ] = None
    kind: Annotated[Name | None, Meta(description="Code action kind, as `refactor.rewrite` or `source`.")] = (
        None
    )
    output: Annotated[
        OutputShape | None, Meta(description="What comes back: `markdown`, `findings` or `edits`.")
    ] = None


class ModelSettings(Section, frozen=True, kw_only=True):
    """Facts about one model id that stand over the endpoint's list and the built-in table."""

    line: Annotated[Name | None, Meta(description="Line this model belongs to.")] = None
    max_input_tokens: Annotated[SomeTokens | None, Meta(description="Largest prompt in tokens.")] = None
    max_tokens: Annotated[SomeTokens | None, Meta(description="Largest `max_tokens`.")] = None
    thinking_types: Annotated[
        tuple[Literal["adaptive", "between_tools", "disabled", "enabled"], ...] | None,
        Meta(description="Values of `thinking.type` the model accepts; an empty list for no thinking."),
    ] = None
    efforts: Annotated[
        tuple[Literal["low", "medium", "high", "xhigh", "max"], ...] | None,
        Meta(description="Effort levels the model accepts; an empty list for none."),
    ] = None
    structured_outputs: Annotated[
        bool | None, Meta(description="Whether the model takes `output_config.format`.")
    ] = None
    min_cache_tokens: Annotated[Tokens | None, Meta(description="Shortest prefix that is cached.")] = None
    input_usd: Annotated[Usd | None, Meta(description="USD for a million input tokens.")] = None
    output_usd: Annotated[Usd | None, Meta(description="USD for a million output tokens.")] = None
    cache_read_usd: Annotated[
        Usd | None, Meta(description="USD for a million tokens read from the cache. Unset: 0.1 × input.")
    ] = None
    cache_write_usd: Annotated[
        Usd | None,
        Meta(description="USD for a million tokens written to the cache for 5 minutes. Unset: 1.25 × input."),
    ] = None
    cache_write_hour_usd: Annotated[
        Usd | None,
        Meta(description="USD for a million tokens written to the cache for an hour. Unset: 2 × input."),
    ] = None


class Settings(Section, frozen=True, kw_only=True):
    """Everything that can be set. `Settings()` are the built-in values."""

    review: ReviewSettings = ReviewSettings()
    edits: EditsSettings = EditsSettings()
    hover: HoverSettings = HoverSettings()
    budget: BudgetSettings = BudgetSettings()
    api: ApiSettings = ApiSettings()
    context: ContextSettings = ContextSettings()
    code_lens: CodeLensSettings = CodeLensSettings()
    log: LogSettings = LogSettings()
    actions: dict[str, ActionSettings] = field(default_factory=dict)
    models: dict[str, ModelSettings] = field(default_factory=dict)
