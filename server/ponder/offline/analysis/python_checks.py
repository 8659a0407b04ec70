"""The table of the engine's own checks on Python: what ruff does not see. A row is a rule, its weight and its words."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from . import python_conditions as conditions
from . import python_flow as flow
from . import python_resources as resources
from . import python_security as security
from . import python_values as values
from .python_module import Hit, Module
from .source import Problem, Severity, Topic


class Check(Struct, frozen=True):
    """One kind of mistake: how it is called, how bad it is, how it is found, and what it does to the user."""

    rule: str
    severity: Severity
    find: Callable[[Module], Iterator[Hit]]
    message: str
    topic: Topic = "bug"


CHECKS = (
    Check(
        "range-past-end",
        "error",
        values.range_past_end,
        "The last index this range gives is `len({items})`, one past the end: reading `{items}` there raises `IndexError`.",
    ),
    Check(
        "index-at-length",
        "error",
        values.index_at_length,
        "`{items}` has no element at `len({items})`; the last one is at `-1`. This raises `IndexError` on every list.",
    ),
    Check(
        "return-in-loop",
        "error",
        flow.return_in_loop,
        "The loop of line {line} returns `{name}` at the end of its first round, so every later item is ignored, and "
        "with no items the function gives `None`.",
    ),
    Check(
        "changed-while-iterating",
        "error",
        flow.changed_while_iterating,
        "`{items}` is changed while the loop of line {line} walks it: a list skips the item after each change, a dict "
        "raises `RuntimeError`. Walk a copy.",
    ),
    Check(
        "lost-await",
        "error",
        resources.lost_await,
        "`{name}` is a coroutine function: without `await` this makes a coroutine and never runs it.",
    ),
    Check(
        "always-true-condition",
        "error",
        conditions.always_true_or,
        "`or {last}` is a value of its own and always true, so this condition always holds.",
    ),
    Check(
        "swapped-isinstance",
        "error",
        conditions.swapped_isinstance,
        "The arguments are the wrong way round: `isinstance({kind}, {value})` asks whether the type `{kind}` is a `{value}`.",
    ),
    Check(
        "result-of-in-place-method",
        "error",
        values.result_of_in_place,
        "`{items}.{method}()` works in place and gives `None`, so what is kept here is `None`.",
    ),
    Check(
        "truncated-money",
        "error",
        values.truncated_money,
        "`{code}` cuts off instead of rounding. Floats hold most decimal fractions a little too small: "
        "`int(19.99 * 100)` is 1998, so a cent is lost.",
    ),
    Check(
        "spent-iterator",
        "error",
        values.spent_iterator,
        "`{name}` can be walked only once and was used up in line {line}: here it is empty, with no error.",
    ),
    Check(
        "called-after-shadowing",
        "error",
        flow.called_after_shadowing,
        "`{name}` was bound to a value in line {line}; calling it raises `TypeError`.",
    ),
    Check(
        "missing-f-prefix",
        "warning",
        flow.literal_text_braces,
        "The text has `{{{name}}}` in it but no `f` before the quote, so the message shows the braces, not the value.",
    ),
    Check(
        "unused-result",
        "error",
        flow.unused_result,
        "Strings do not change: `{name}.{method}()` makes a new one, and this line throws it away.",
    ),
    Check(
        "unguarded-mean",
        "warning",
        values.unguarded_mean,
        "`{items}` may be empty: nothing here asks, and then the division raises `ZeroDivisionError`.",
    ),
    Check(
        "unchecked-lookup",
        "warning",
        conditions.unchecked_lookup,
        "`{call}(…)` gives `None` where there is nothing, and using that as if it were there raises.",
    ),
    Check(
        "inexact-equality",
        "warning",
        conditions.inexact_equality,
        "Binary floats cannot hold {value} exactly, so a computed value will hardly ever be equal to it.",
    ),
    Check(
        "unreachable-code",
        "warning",
        flow.unreachable,
        "This can never run: the `{end}` in line {line} always leaves the block first.",
    ),
    Check(
        "unclosed-file",
        "warning",
        resources.unclosed_file,
        "Nobody closes the file of `{code}`; when that happens is left to the garbage collector.",
    ),
    Check(
        "swallowed-cancellation",
        "warning",
        resources.swallowed_cancel,
        "`except {kind}` without `raise` keeps the task alive after it was cancelled.",
    ),
    *(Check(*row, topic="security") for row in security.ROWS),
)


def check(module: Module) -> list[Problem]:
    """Run every row of the table over a module."""
    return [
        Problem(
            rule=row.rule,
            severity=row.severity,
            start=module.span(hit.node)[0],
            end=module.span(hit.node)[1],
            message=row.message.format_map(hit.words),
            topic=row.topic,
            changes=hit.changes,
        )
        for row in CHECKS
        for hit in row.find(module)
    ]
