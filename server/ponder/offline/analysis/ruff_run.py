"""Runs ruff once over one document and brings its findings to problems. Trusts only the rules of the table."""

import subprocess
import threading
from pathlib import PurePosixPath
from typing import Any

import msgspec

from .ruff_rules import IGNORED, SELECTED, RuffRule, rule_for
from .source import Change, Problem, Source

TIMEOUT_S = 10.0
_LOOKING = threading.Lock()

# A rule that is not in the table but that somebody reported: whether it matters is for them to say.
_ASKED_FOR = RuffRule("hint", "debt", fix="any")


class RuffReport(msgspec.Struct, frozen=True):
    """What ruff found, or why it could not look."""

    problems: tuple[Problem, ...] = ()
    trouble: str = ""


def check(
    source: Source, *, select: tuple[str, ...] = SELECTED, ignore: tuple[str, ...] = IGNORED
) -> RuffReport:
    """Run ruff over a Python document on its standard input, with no configuration of the workspace.

    Never raises: a missing binary, a time-out or unreadable output is told in `trouble`.
    """
    suffix = PurePosixPath(source.path).suffix
    name = f"document{suffix}" if suffix in {".py", ".pyi"} else "document.py"
    try:
        done = subprocess.run(
            [
                _binary(),
                "check",
                "--isolated",
                "--no-cache",
                "--quiet",
                "--output-format=json",
                "--target-version=py311",
                f"--select={','.join(select)}",
                f"--ignore={','.join(code for code in ignore if code not in select)}",
                f"--stdin-filename={name}",
                "-",
            ],
            input=source.data,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        rows = msgspec.json.decode(done.stdout) if done.stdout else []
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError, ImportError) as error:
        return RuffReport(trouble=f"ruff could not be run ({type(error).__name__})")
    found = [problem for row in rows if (problem := _problem(source, row, select)) is not None]
    return RuffReport(tuple(found))


def _binary() -> str:
    import ruff  # type: ignore[import-untyped] # the wheel carries no types

    # It asks `sysconfig`, which gives half its variables to a second thread while the first one fills them.
    with _LOOKING:
        return str(ruff.find_ruff_bin())


def _problem(source: Source, row: dict[str, Any], select: tuple[str, ...]) -> Problem | None:
    code = row["code"] or "invalid-syntax"
    rule = rule_for(code) or (_ASKED_FOR if code in select else None)
    if rule is None:
        return None
    message = str(row["message"]).rstrip(".").replace("\n", " ")
    return Problem(
        rule=row.get("name") or code.lower(),
        severity=rule.severity,
        start=_offset(source, row["location"]),
        end=_offset(source, row["end_location"]),
        message=f"{message}. {rule.why}".rstrip(),
        topic=rule.topic,
        origin=f"ruff {code}" if code != "invalid-syntax" else "ruff",
        changes=_changes(source, row["fix"], rule),
    )


def _changes(source: Source, fix: dict[str, Any] | None, rule: RuffRule) -> tuple[Change, ...]:
    if fix is None or rule.fix == "no":
        return ()
    if fix["applicability"] != "safe" and not (rule.fix == "any" and fix["applicability"] == "unsafe"):
        return ()
    return tuple(
        Change(_offset(source, edit["location"]), _offset(source, edit["end_location"]), edit["content"])
        for edit in fix["edits"]
    )


def _offset(source: Source, place: dict[str, int]) -> int:
    return source.at(place["row"], place["column"] - 1)
