"""Builds requests as the prompts room lays them out, for tests of the offline analysis. Imports nothing of the product."""

import json
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[2] / "workspaces" / "samples"
DEMO = Path(__file__).parents[3] / "server" / "ponder" / "demo" / "samples"
LANGUAGES = {
    "py": "python",
    "js": "javascript",
    "ts": "typescript",
    "sh": "shellscript",
    "rs": "rust",
    "rb": "ruby",
}


def language(path: str) -> str:
    extension = path.rsplit(".", 1)[-1]
    return LANGUAGES.get(extension, extension)


def question(
    action: str,
    documents: list[tuple[str, str]],
    *,
    selection: tuple[int, int] | None = None,
    diagnostics: str = "",
    instruction: str = "",
    languages: list[str] | None = None,
) -> str:
    parts = [f'<request action="{action}">']
    for at, (path, text) in enumerate(documents):
        name = languages[at] if languages else language(path)
        parts.append(
            f'<document path="{path}" language="{name}" lines="{text.count(chr(10)) + 1}">\n{text}\n</document>'
        )
    if selection:
        parts.append(f'<selection start_line="{selection[0]}" end_line="{selection[1]}"/>')
    if diagnostics:
        parts.append(f"<diagnostics>\n{diagnostics}\n</diagnostics>")
    if instruction:
        parts.append(f"<instruction>\n{instruction}\n</instruction>")
    return "\n".join([*parts, "</request>"])


def schema(shape: str) -> dict[str, Any]:
    return {"type": "object", "properties": {"summary": {"type": "string"}, shape: {"type": "array"}}}


def body(text: str, shape: str = "markdown", *, before: tuple[str, ...] = ()) -> dict[str, Any]:
    content = [{"type": "text", "text": part} for part in (*before, text)]
    request: dict[str, Any] = {"model": "claude", "messages": [{"role": "user", "content": content}]}
    if shape != "markdown":
        request["output_config"] = {"format": {"type": "json_schema", "schema": schema(shape)}}
    return request


def applied(text: str, edits: list[dict[str, str]]) -> str:
    """The text after edits whose places are all looked up in the text as it was."""
    places = sorted(((text.index(edit["old_text"]), edit) for edit in edits), key=lambda place: -place[0])
    for start, edit in places:
        assert text.count(edit["old_text"]) == 1
        text = text[:start] + edit["new_text"] + text[start + len(edit["old_text"]) :]
    return text


def asked(answer: Any, action: str, shape: str, path: str, text: str, **more: Any) -> dict[str, Any]:
    """The structured content of an answer about one document."""
    content = json.loads(answer(body(question(action, [(path, text)], **more), shape)).text)
    assert isinstance(content, dict)
    return content
