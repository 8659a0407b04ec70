"""How sure the engine is of a problem, from 0 to 100: by who saw it and by what the rule can know. Looks at no code.

The figures are judgements, made rule by rule and kept coarse: 97 for what the text itself proves, 90 for what its
syntax tree proves as long as names mean what they usually mean, 75 for what is wrong unless code elsewhere makes up
for it, 60 for what is wrong only with input that may never come, 45 for what a reader may well want as it is.
"""

from collections.abc import Mapping

from .source import Problem

PROVEN, SEEN, LIKELY, POSSIBLE, TASTE = 97, 90, 75, 60, 45

# The engine's own checks. What is not here is `SEEN` as an error, `LIKELY` as a warning, else as `_BY_SEVERITY` says.
_OWN: Mapping[str, int] = {
    "syntax-error": PROVEN,
    "duplicate-key": PROVEN,
    "duplicate-case": PROVEN,
    "unreachable-code": PROVEN,
    "always-true-condition": PROVEN,
    "defer-in-loop": SEEN,
    "unquoted-variable": SEEN,
    "ignored-error": SEEN,
    "unused-result": SEEN,
    "missing-f-prefix": LIKELY,
    "return-in-loop": LIKELY,
    "truncated-money": LIKELY,
    "called-after-shadowing": LIKELY,
    "assignment-in-condition": LIKELY,
    "identical-operands": LIKELY,
    "sql-injection": LIKELY,
    "code-from-text": LIKELY,
    "unbounded-copy": LIKELY,
    "format-from-variable": LIKELY,
    "numeric-sort": POSSIBLE,
    "html-from-text": POSSIBLE,
    "unguarded-mean": POSSIBLE,
    "unchecked-lookup": POSSIBLE,
    "unchecked-cd": POSSIBLE,
    "predictable-secret": POSSIBLE,
    "timing-leak": POSSIBLE,
    "panicking-unwrap": TASTE,
    "loose-equality": TASTE,
    "var-declaration": TASTE,
    "long-function": TASTE,
    "deep-nesting": TASTE,
    # That the words stand there is certain.
    "debt-marker": PROVEN,
}

# Ruff's rules by the longest prefix of their code. Security rules see a call, not where its arguments come from.
_RUFF: Mapping[str, int] = {
    "E9": PROVEN,
    "F": PROVEN,
    "F402": LIKELY,
    "F841": SEEN,
    "B": SEEN,
    "B004": LIKELY,
    "B008": POSSIBLE,
    "B017": LIKELY,
    "B019": LIKELY,
    "B023": LIKELY,
    "E721": POSSIBLE,
    "E722": LIKELY,
    "PLE": PROVEN,
    "PLW": SEEN,
    "S": POSSIBLE,
    "S105": TASTE,
    "S106": TASTE,
    "S113": SEEN,
    "S501": SEEN,
    "S506": SEEN,
    "ASYNC": SEEN,
    "RUF": SEEN,
}
_BY_SEVERITY: Mapping[str, int] = {
    "error": SEEN,
    "warning": LIKELY,
    "information": POSSIBLE,
    "hint": TASTE,
}


def confidence(problem: Problem) -> int:
    """The figure of one problem."""
    tool, _, code = problem.origin.partition(" ")
    if tool != "ruff":
        return _OWN.get(problem.rule, _BY_SEVERITY[problem.severity])
    if not code:
        # Without a code it is what ruff's parser could not read.
        return PROVEN
    for length in range(len(code), 0, -1):
        if (known := _RUFF.get(code[:length])) is not None:
            return known
    return _BY_SEVERITY[problem.severity]
