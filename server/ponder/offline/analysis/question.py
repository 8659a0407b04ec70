"""Reads what is asked out of the body of a Messages API request. Analyses nothing.

The question block is plain text in the last block of a user message; a document in it is taken by its count
of lines, so that nothing inside can end it early.
"""

import html
import re
from typing import Any, Literal

from msgspec import Struct

from .source import Severity, Source

Shape = Literal["markdown", "findings", "edits"]

_ATTRIBUTE = re.compile(r'([a-z_]+)="([^"]*)"')
_DIAGNOSTIC = re.compile(r"(\d+):(\d+) (error|warning|information|hint) (.*?): (.*)", re.DOTALL)
_START = re.compile(r'\s*<request action="([^"]*)">\r?\n')


class Diagnostic(Struct, frozen=True):
    """What another tool said about a place: `code` is `source/code` or either. Lines and columns from 1."""

    line: int
    column: int
    severity: Severity
    code: str
    message: str


class Question(Struct, frozen=True, kw_only=True):
    """What one request asks for."""

    action: str
    shape: Shape
    rated: bool = False
    """Whether each finding has to say how sure it is."""
    documents: tuple[Source, ...] = ()
    selection: tuple[int, int] | None = None
    """First and last line, from 1, both included."""
    diagnostics: tuple[Diagnostic, ...] = ()
    instruction: str = ""
    follow_up: bool = False
    tool: str | None = None
    """The tool that the answer has to be reported through."""
    context_blocks: int = 0


def read(body: dict[str, Any]) -> Question:
    """The question in a request body. A body without a question block gives action `` and no document."""
    schema, tool = _schema(body)
    shape = _shape_of(schema)
    users = [m for m in body.get("messages") or () if isinstance(m, dict) and m.get("role") == "user"]
    texts = [_texts(message) for message in users]
    for back, blocks in enumerate(reversed(texts)):
        for text in reversed(blocks):
            found = _START.match(text)
            if found is None:
                continue
            said = "\n".join(texts[-1]) if back else ""
            question = _block(text[found.end() :], html.unescape(found.group(1)))
            return Question(
                action="ask" if said else question.action,
                shape=shape,
                rated=_rated(schema),
                documents=question.documents,
                selection=question.selection,
                diagnostics=question.diagnostics,
                instruction=said or question.instruction,
                follow_up=bool(said),
                tool=tool,
                context_blocks=sum(not other.startswith("<task>") for other in blocks) - 1,
            )
    return Question(action="", shape=shape, tool=tool, instruction="\n".join(texts[-1]) if texts else "")


def _texts(message: dict[str, Any]) -> list[str]:
    content = message.get("content")
    if isinstance(content, str):
        return [content]
    blocks = content if isinstance(content, list) else []
    return [
        block["text"]
        for block in blocks
        if isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)
    ]


def _schema(body: dict[str, Any]) -> tuple[object, str | None]:
    """The schema of the answer, if any, and the tool to report through, if any."""
    config = body.get("output_config")
    wanted = config.get("format") if isinstance(config, dict) else None
    if isinstance(wanted, dict):
        return wanted.get("schema"), None
    for tool in body.get("tools") or ():
        if isinstance(tool, dict) and tool.get("name") == "report":
            return tool.get("input_schema"), "report"
    return None, None


def _shape_of(schema: object) -> Shape:
    properties = _inside(schema, "properties")
    return "findings" if "findings" in properties else "edits" if "edits" in properties else "markdown"


def _rated(schema: object) -> bool:
    """Whether the schema has a confidence in each finding."""
    return "confidence" in _inside(schema, "properties", "findings", "items", "properties")


def _inside(schema: object, *keys: str) -> dict[str, Any]:
    """What stands below these keys of a schema; empty where nothing does."""
    for key in keys:
        schema = schema.get(key) if isinstance(schema, dict) else None
    return schema if isinstance(schema, dict) else {}


def _block(text: str, action: str) -> Question:
    lines = text.split("\n")
    documents = []
    at = 0
    while at < len(lines) and lines[at].startswith("<document "):
        attributes = _attributes(lines[at])
        count = int(attributes["lines"]) if attributes.get("lines", "").isdecimal() else 0
        inside = "\n".join(lines[at + 1 : at + 1 + count])
        documents.append(Source(attributes.get("path", ""), attributes.get("language", ""), inside))
        at += count + 2
    selection = None
    if at < len(lines) and lines[at].startswith("<selection "):
        attributes = _attributes(lines[at])
        bounds = [attributes.get(name, "") for name in ("start_line", "end_line")]
        if all(bound.isdecimal() for bound in bounds):
            selection = (int(bounds[0]), int(bounds[1]))
        at += 1
    rest = lines[at:]
    before, instruction = _instruction(rest)
    return Question(
        action=action,
        shape="markdown",
        documents=tuple(documents),
        selection=selection,
        diagnostics=_diagnostics(before),
        instruction=instruction,
    )


def _attributes(line: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(line)}


def _instruction(lines: list[str]) -> tuple[list[str], str]:
    """The lines before the instruction, and the instruction: up to the last end tag before the request's."""
    if "<instruction>" not in lines:
        return lines, ""
    start = lines.index("<instruction>")
    inside = "\n".join(lines[start + 1 :])
    ends = [inside.rfind("</request>"), len(inside)]
    body = inside[: ends[0] if ends[0] >= 0 else ends[1]]
    stop = body.rfind("</instruction>")
    text = body if stop < 0 else body[:stop]
    return lines[:start], text.removesuffix("\n")


def _diagnostics(lines: list[str]) -> tuple[Diagnostic, ...]:
    if "<diagnostics>" not in lines:
        return ()
    start = lines.index("<diagnostics>") + 1
    ends = [at for at, line in enumerate(lines) if line == "</diagnostics>" and at >= start]
    found: list[Diagnostic] = []
    entries: list[str] = []
    for line in lines[start : ends[-1] if ends else len(lines)]:
        if _DIAGNOSTIC.match(line) or not entries:
            entries.append(line)
        else:
            entries[-1] += "\n" + line
    for entry in entries:
        if match := _DIAGNOSTIC.match(entry):
            line, column, severity, code, message = match.groups()
            found.append(Diagnostic(int(line), int(column), severity, code, message))  # type: ignore[arg-type] # one of the four, by the pattern
    return tuple(found)
