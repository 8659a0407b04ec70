"""The table of checks on other languages than Python: a row is a rule, its languages, its weight and its words. Runs nothing."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from . import tree_finders as finders
from . import tree_idioms as idioms
from . import tree_injection as injection
from . import tree_size as size
from . import tree_systems as systems
from .source import Severity, Topic
from .tree_finders import Hit


class TreeCheck(Struct, frozen=True):
    """One kind of mistake. `families` are those of `languages`; none means every language."""

    rule: str
    severity: Severity
    topic: Topic
    find: Callable[..., Iterator[Hit]]
    message: str
    families: tuple[str, ...] = ()


CHECKS = (
    TreeCheck("syntax-error", "error", "bug", finders.syntax_errors, "{what}"),
    TreeCheck(
        "assignment-in-condition",
        "error",
        "bug",
        finders.assignment_in_condition,
        "`=` assigns here; the condition is then the assigned value. `==` compares.",
        ("js", "c", "php"),
    ),
    TreeCheck(
        "duplicate-key",
        "error",
        "bug",
        finders.duplicate_keys,
        "The key {key} stands here a second time (first in line {line}): only the last one counts.",
        ("js", "json"),
    ),
    TreeCheck(
        "duplicate-case",
        "error",
        "bug",
        finders.duplicate_cases,
        "This case can never match: `{case}` was taken in line {line}.",
        ("js", "java", "php", "go", "c", "csharp"),
    ),
    TreeCheck(
        "identical-operands",
        "error",
        "bug",
        finders.identical_operands,
        "Both sides are `{side}`, so the result is always the same.",
        ("js", "java", "c", "go", "rust", "csharp", "php"),
    ),
    TreeCheck(
        "unreachable-code",
        "warning",
        "bug",
        finders.unreachable,
        "This can never run: the `{end}` in line {line} always leaves the block first.",
    ),
    TreeCheck(
        "empty-handler",
        "warning",
        "bug",
        finders.empty_handlers,
        "The handler is empty: any failure in the block disappears without a trace.",
        ("js", "java", "csharp", "php", "c", "kotlin", "ruby"),
    ),
    TreeCheck(
        "string-compared-by-identity",
        "error",
        "bug",
        idioms.java_string_identity,
        "`{operator}` compares whether both are the same object, not whether the texts are equal; use `equals`.",
        ("java",),
    ),
    TreeCheck(
        "loop-past-end",
        "error",
        "bug",
        idioms.loop_past_end,
        "The last index is `{items}.{size}`, one past the end: what is read there is not in `{items}`.",
        ("js", "java", "csharp"),
    ),
    TreeCheck(
        "floating-promise-in-foreach",
        "error",
        "bug",
        idioms.async_for_each,
        "`forEach` does not wait for an async callback: what follows runs before the work is done, and errors are lost.",
        ("js",),
    ),
    TreeCheck(
        "numeric-sort",
        "warning",
        "bug",
        idioms.default_sort,
        "`sort()` without a function compares as text, so 10 comes before 9.",
        ("js",),
    ),
    TreeCheck(
        "code-from-text",
        "error",
        "security",
        injection.evaluated_text,
        "`{call}` runs text as code; who controls the text controls the program.",
        ("js", "php", "ruby", "shell"),
    ),
    TreeCheck(
        "html-from-text",
        "warning",
        "security",
        injection.inner_html,
        "Text put into `{name}` is parsed as HTML: a value with a script in it runs in the reader's browser.",
        ("js",),
    ),
    TreeCheck(
        "sql-injection",
        "error",
        "security",
        injection.built_queries,
        "The value becomes part of the query's text, so whoever controls it can change the query. Bind it as a parameter.",
        ("js", "java", "go", "csharp", "php"),
    ),
    TreeCheck(
        "ignored-error",
        "warning",
        "bug",
        systems.go_ignored_error,
        "The error of `{call}` is thrown away: when it fails, the program goes on with a zero value.",
        ("go",),
    ),
    TreeCheck(
        "defer-in-loop",
        "warning",
        "bug",
        systems.go_defer_in_loop,
        "`defer` runs at the end of the function, not of the round: everything stays open until then.",
        ("go",),
    ),
    TreeCheck(
        "panicking-unwrap",
        "information",
        "bug",
        systems.rust_unwrap,
        "`{method}` panics when there is no value; `?` hands the error to the caller.",
        ("rust",),
    ),
    TreeCheck(
        "unbounded-copy",
        "error",
        "security",
        systems.c_unbounded,
        "`{call}` does not know how large the target is and writes past its end.",
        ("c",),
    ),
    TreeCheck(
        "format-from-variable",
        "error",
        "security",
        systems.c_format,
        "`{name}` is used as the format: a `%n` or `%s` in it reads and writes memory.",
        ("c",),
    ),
    TreeCheck(
        "unquoted-variable",
        "warning",
        "bug",
        systems.shell_unquoted,
        "Without quotes the shell splits `{name}` at blanks and expands `*` in it; empty, it vanishes.",
        ("shell",),
    ),
    TreeCheck(
        "unchecked-cd",
        "warning",
        "bug",
        systems.shell_cd,
        "When `{cd}` fails, the commands after it run in the wrong directory.",
        ("shell",),
    ),
    TreeCheck(
        "loose-equality",
        "hint",
        "simplify",
        idioms.loose_equality,
        "`{operator}` converts before it compares: `0 {operator} ''` may surprise; `{operator}=` does not convert.",
        ("js",),
    ),
    TreeCheck(
        "var-declaration",
        "hint",
        "simplify",
        idioms.var_declaration,
        "`var` is known in the whole function, also before this line; `{better}` only in its block.",
        ("js",),
    ),
    TreeCheck(
        "long-function",
        "information",
        "debt",
        size.long_functions,
        "`{name}` has {lines} lines; more than {most} are hard to hold in mind.",
    ),
    TreeCheck(
        "deep-nesting",
        "information",
        "debt",
        size.deep_nesting,
        "{depth} levels of branches and loops are nested here; leaving early, or a function, would flatten them.",
    ),
    TreeCheck("debt-marker", "hint", "debt", size.debt_markers, "Unfinished work is noted here: {text}"),
)
