"""The table of ruff rules the offline engine trusts: how severe, about what, and whether ruff's fix is sure.

Chosen for precision: a rule that often reports taste is not here. Runs nothing.
"""

from typing import Literal

from msgspec import Struct

from .source import Severity, Topic

Fix = Literal["no", "safe", "any"]


class RuffRule(Struct, frozen=True):
    """How to take one ruff rule, or all rules whose code begins with this one.

    `fix`: `safe` takes only fixes ruff calls safe, `any` also those it calls unsafe because they may drop a
    comment or change behaviour that was a defect, `no` takes none. `why` follows ruff's message.
    """

    severity: Severity
    topic: Topic = "bug"
    fix: Fix = "safe"
    why: str = ""


# Matched by the longest prefix. Sorted by what a reader looks for: defects, security, simpler code, new syntax.
RULES: dict[str, RuffRule] = {
    "invalid-syntax": RuffRule("error", fix="no"),
    "E9": RuffRule("error"),
    "F401": RuffRule("hint", "debt"),
    "F402": RuffRule("warning"),
    "F50": RuffRule("error"),
    "F541": RuffRule("hint", "simplify"),
    "F601": RuffRule("warning", fix="no"),
    "F631": RuffRule(
        "error", why="The assertion can never fail: a tuple with something in it is always true."
    ),
    "F632": RuffRule("error", fix="any", why="`is` compares identity, which is not defined for literals."),
    "F702": RuffRule("error"),
    "F811": RuffRule("warning", fix="no", why="The earlier definition can no longer be reached."),
    "F821": RuffRule("error", fix="no", why="Running this line raises `NameError`."),
    "F823": RuffRule("error", fix="no", why="Running this line raises `UnboundLocalError`."),
    "F841": RuffRule("hint", "debt", fix="any"),
    "F901": RuffRule("error", fix="any", why="`NotImplemented` is a value, not an exception."),
    "E711": RuffRule("hint", "simplify", fix="any"),
    "E721": RuffRule("information", "simplify", fix="no"),
    "E722": RuffRule("warning", fix="no", why="It also catches `KeyboardInterrupt` and `SystemExit`."),
    "B004": RuffRule("warning"),
    "B005": RuffRule("error", fix="no", why="`strip` removes any of these characters, not the word."),
    "B006": RuffRule(
        "error", fix="any", why="The default is created once, so what one call adds, the next call sees."
    ),
    "B008": RuffRule("information", fix="no"),
    "B012": RuffRule("error", fix="no", why="An exception on its way out is lost without a trace."),
    "B015": RuffRule("error", fix="no", why="The result is thrown away; an `assert` or `=` may be meant."),
    "B016": RuffRule("error", fix="no"),
    "B017": RuffRule("warning", fix="no"),
    "B018": RuffRule("warning", fix="no"),
    "B019": RuffRule("warning", fix="no", why="The cache keeps every instance alive."),
    "B020": RuffRule("error", fix="no"),
    "B021": RuffRule("warning", fix="no"),
    "B022": RuffRule("warning", fix="no"),
    "B023": RuffRule(
        "error", fix="no", why="When the function runs, the variable has the value of the last iteration."
    ),
    "B025": RuffRule("error", fix="no"),
    "B026": RuffRule("warning", fix="no"),
    "B029": RuffRule("error", fix="no"),
    "B030": RuffRule("error", fix="no"),
    "B031": RuffRule("error", fix="no"),
    "B032": RuffRule("error", fix="no"),
    "B033": RuffRule("hint", "simplify"),
    "B035": RuffRule("error", fix="no", why="Every round writes the same key."),
    "PLE": RuffRule("error"),
    "PLW0127": RuffRule("warning", fix="no"),
    "PLW0128": RuffRule("warning", fix="no"),
    "PLW0129": RuffRule("error", fix="no"),
    "PLW0133": RuffRule("error", fix="any", why="The exception is made but never raised."),
    "PLW0177": RuffRule("error", fix="no", why="Nothing is equal to NaN, not even NaN."),
    "PLW0211": RuffRule("warning", fix="no"),
    "PLW0711": RuffRule("error", fix="no"),
    "PLW1508": RuffRule("warning", fix="no"),
    "PLW1509": RuffRule("warning", fix="no"),
    "PLW2101": RuffRule("error", fix="no"),
    "ASYNC": RuffRule("warning", fix="no", why="While it runs, no other task does."),
    "RUF006": RuffRule("warning", fix="no", why="The event loop keeps only a weak reference to a task."),
    "RUF016": RuffRule("error", fix="no"),
    "RUF040": RuffRule("error", fix="no"),
    "DTZ003": RuffRule("information", fix="no"),
    "S102": RuffRule("warning", "security", fix="no"),
    "S103": RuffRule("warning", "security", fix="no"),
    "S105": RuffRule(
        "warning", "security", fix="no", why="Who reads the code, or its history, has the secret."
    ),
    "S106": RuffRule(
        "warning", "security", fix="no", why="Who reads the code, or its history, has the secret."
    ),
    "S110": RuffRule(
        "warning", fix="no", why="Any failure in the block disappears, also those nobody expects."
    ),
    "S112": RuffRule(
        "warning", fix="no", why="Any failure in the block disappears, also those nobody expects."
    ),
    "S113": RuffRule(
        "warning", "security", fix="no", why="A server that does not answer blocks the caller for ever."
    ),
    "S202": RuffRule(
        "warning", "security", fix="no", why="A member named `../x` is written outside the target."
    ),
    "S301": RuffRule(
        "warning", "security", fix="no", why="Who controls the bytes runs code of their choice."
    ),
    "S302": RuffRule(
        "warning", "security", fix="no", why="Who controls the bytes runs code of their choice."
    ),
    "S306": RuffRule("warning", "security", fix="no"),
    "S307": RuffRule("error", "security", fix="no", why="Who controls the text runs code of their choice."),
    "S310": RuffRule("information", "security", fix="no"),
    "S314": RuffRule("information", "security", fix="no"),
    "S323": RuffRule("warning", "security", fix="no"),
    "S324": RuffRule("information", "security", fix="no"),
    "S501": RuffRule(
        "error", "security", fix="no", why="Anyone between here and the server can read and change it."
    ),
    "S506": RuffRule(
        "error", "security", fix="no", why="A document can name any Python object and have it made."
    ),
    "S507": RuffRule("error", "security", fix="no"),
    "S602": RuffRule(
        "error", "security", fix="no", why="Whatever reaches the command line is run by a shell."
    ),
    "S604": RuffRule("warning", "security", fix="no"),
    "S605": RuffRule(
        "error", "security", fix="no", why="Whatever reaches the command line is run by a shell."
    ),
    "S608": RuffRule(
        "error", "security", fix="no", why="A quote in the value changes the query; bind it instead."
    ),
    "S701": RuffRule(
        "warning", "security", fix="no", why="A value with `<script>` in it runs in the reader's browser."
    ),
    "C4": RuffRule("hint", "simplify", fix="any"),
    "FURB": RuffRule("hint", "simplify"),
    "PIE": RuffRule("hint", "simplify", fix="any"),
    "RET505": RuffRule("hint", "simplify", fix="any"),
    "SIM": RuffRule("hint", "simplify", fix="any"),
    "PERF102": RuffRule("hint", "simplify", fix="any"),
    "UP": RuffRule("hint", "migrate"),
    "UP017": RuffRule("hint", "migrate", fix="any"),
    "UP031": RuffRule("hint", "migrate", fix="any"),
    "UP032": RuffRule("hint", "migrate", fix="any"),
}

SELECTED = tuple(code for code in RULES if code != "invalid-syntax")
IGNORED = (
    "C408",  # dict(a=1) reads as well as {"a": 1}
    "PIE790",  # a lone `...` or `pass` under a docstring is taste
    "PLE0604",
    "SIM102",  # merging nested ifs is taste as often as not
    "SIM105",  # suppress() hides the reason that the handler could tell
    "SIM108",  # a conditional expression is not always simpler
    "SIM112",
    "SIM115",  # the engine's own check also mends it
    "UP047",
    "UP046",
    "UP040",
)


def rule_for(code: str) -> RuffRule | None:
    """The row with the longest prefix of this ruff code, or None."""
    for length in range(len(code), 0, -1):
        if row := RULES.get(code[:length]):
            return row
    return None
