"""Edits and diagnostics as each client takes them; the edit that arrives is the edit that was meant."""

from typing import Any

import pytest

from e2e.fake_buffers import Buffer
from ponder.documents import Document, Span
from ponder.findings import Edit, FileChange, Finding, TextChange
from ponder.lsp import convert
from ponder.lsp.capabilities import ClientFeatures
from ponder.lsp.columns import ENCODINGS, Encoding

FULL = ClientFeatures(apply_edit=True, document_changes=True, change_annotations=True, create_files=True)
PLAIN = ClientFeatures(apply_edit=True)


def edit_of(document: Document, *changes: tuple[int, int, str]) -> Edit:
    made = tuple(TextChange(Span(start, end), document.text[start:end], new) for start, end, new in changes)
    change = FileChange(uri=document.uri, path=document.path, version=document.version, changes=made)
    return Edit(files=(change,), label="Change")


TEXTS = {
    "lf": "a = 1\nb = 2\n",
    "crlf": "a = 1\r\nb = 2\r\n",
    "cr": "a = 1\rb = 2\r",
    "bom": "\ufeffa = 1\nb = 2",
    "tabs": "\ta = 1\n\tb\n",
    "astral": "😀é中 = 1\n😀 = 2",
    "separators": "a\x0c = \u20281\nb = 2",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_e01_edits_arrive_exactly(text: str, encoding: Encoding) -> None:
    """E-01: an independent editor applies the edit and has the text that was meant, byte for byte."""
    document = Document("u", text, version=3)
    features = ClientFeatures(encoding=encoding, document_changes=True)
    for start in range(len(text) - 3):
        if "\r\n" in (text[start - 1 : start + 1], text[start : start + 2], text[start + 1 : start + 3]):
            continue
        edit = edit_of(document, (start, start + 1, "X😀\n"), (start + 2, start + 2, "Y"))
        shown = convert.workspace_edit(edit, {"u": document}, features, confirm=False)
        buffer = Buffer("u", text, encoding)
        expected = text[:start] + "X😀\n" + text[start + 1 : start + 2] + "Y" + text[start + 2 :]
        assert buffer.apply(shown["documentChanges"][0]["edits"]) == expected


def test_forms() -> None:
    """Versioned changes where they are known, plain ones where not; confirmation only where it can be shown."""
    document = Document("u", "abc", version=3)
    edit = edit_of(document, (0, 1, "x"))
    full = convert.workspace_edit(edit, {"u": document}, FULL, confirm=True)
    assert full["documentChanges"][0]["textDocument"] == {"uri": "u", "version": 3}
    (name,) = full["changeAnnotations"]
    assert full["changeAnnotations"][name]["needsConfirmation"] is True
    assert full["documentChanges"][0]["edits"][0]["annotationId"] == name
    assert "changeAnnotations" not in convert.workspace_edit(edit, {"u": document}, FULL, confirm=False)
    assert list(convert.workspace_edit(edit, {"u": document}, PLAIN, confirm=True)) == ["changes"]


def test_creation() -> None:
    """E-14: a new file is created without overwriting, and only where the client can."""
    change = FileChange(
        uri="n", path="n", version=None, changes=(TextChange(Span(0, 0), "", "new"),), created=True
    )
    shown = convert.workspace_edit(Edit(files=(change,)), {}, FULL, confirm=True)
    create, insert = shown["documentChanges"]
    assert create["options"] == {"overwrite": False, "ignoreIfExists": False}
    assert (create["kind"], "annotationId" in create) == ("create", True)
    assert insert["edits"][0]["newText"] == "new"
    with pytest.raises(convert.Inexpressible):
        convert.workspace_edit(Edit(files=(change,)), {}, PLAIN, confirm=False)


def test_findings() -> None:
    """A finding's severity, code, id and range; its fix only where its text is known."""
    document = Document("u", "é\nabc\n", version=None)
    fix = edit_of(Document("other", "abc"), (0, 1, "x"))
    finding = Finding(
        id="f1", uri="u", path="u", span=Span(2, 5), quote="abc", severity="hint", code="review/x", message="m", fix=fix
    )  # fmt: skip
    shown: dict[str, Any] = convert.finding_object(finding, {"u": document}, FULL)
    assert "fix" not in shown
    assert shown["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 3}}
    assert (shown["severity"], shown["code"], shown["id"]) == (4, "review/x", "f1")
    both = {"u": document, "other": Document("other", "abc", version=7)}
    assert (
        convert.finding_object(finding, both, FULL)["fix"]["documentChanges"][0]["edits"][0]["newText"] == "x"
    )
    published = convert.published(document, [finding], "utf-8")
    assert "version" not in published
    assert published["diagnostics"][0]["data"]["findingId"] == "f1"
    assert published["diagnostics"][0]["source"] == "ponder"
