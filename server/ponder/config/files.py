"""Finds and parses the user's and the workspace's settings files. Decides nothing about their content.

`$XDG_CONFIG_HOME/ponder/config.toml` for the user; `ponder.toml`, else `[tool.ponder]` in `pyproject.toml`, in
the first workspace folder that has one.
"""

import stat
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from ponder.config.options import LayerName, Problem

MOST_BYTES = 1_048_576
"""A larger settings file is not read."""


class SettingsFiles(Struct, frozen=True, kw_only=True):
    """The parsed documents (None: there is none), where they are, and what could not be read."""

    user: dict[str, object] | None = None
    workspace: dict[str, object] | None = None
    user_path: Path | None = None
    workspace_path: Path | None = None
    problems: tuple[Problem, ...] = ()


def user_file(environment: Mapping[str, str], home: Path) -> Path:
    """Where the user's file is. A relative `$XDG_CONFIG_HOME` is ignored, as its specification asks."""
    base = environment.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base.startswith("/") else home / ".config") / "ponder" / "config.toml"


def read_files(user: Path | None, folders: Sequence[Path]) -> SettingsFiles:
    """Read the settings files. Blocks on the disk: call it off the event loop. Trouble becomes a problem."""
    problems: list[Problem] = []
    user_document = _parse(user, "user", problems) if user is not None else None
    workspace_document, workspace_path = None, None
    for folder in folders:
        for name in ("ponder.toml", "pyproject.toml"):
            document = _parse(folder / name, "workspace", problems)
            if document is not None and name == "pyproject.toml":
                document = _tool_table(document)
            if document is None:
                continue
            if workspace_path is None:
                workspace_document, workspace_path = document, folder / name
            elif workspace_path.parent != folder:
                message = f"Settings come from the first folder with a settings file; {folder.name}/{name} is not used."
                problems.append(Problem(layer="workspace", path=name, message=message))
            break
    return SettingsFiles(
        user=user_document,
        workspace=workspace_document,
        user_path=user if user_document is not None else None,
        workspace_path=workspace_path,
        problems=tuple(problems),
    )


def _parse(path: Path, layer: LayerName, problems: list[Problem]) -> dict[str, object] | None:
    """The document of a file; None where there is none or it cannot be used, with a problem for the latter."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            # A pipe or a device would block or never end.
            trouble = "is not a file"
        elif found.st_size > MOST_BYTES:
            trouble = f"is larger than {MOST_BYTES:,} bytes"
        else:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            return tomllib.loads(data.decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        trouble = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        trouble = "is not UTF-8"
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        trouble = (
            f"is not valid TOML ({error})" if isinstance(error, tomllib.TOMLDecodeError) else "nests too deep"
        )
    if path.name == "pyproject.toml":
        # Not ours; whoever owns the project will notice, and it may well say nothing about Ponder.
        return None
    problems.append(
        Problem(
            layer=layer, path=path.name, message=f"{path.name} ({layer} settings) {trouble}; it is ignored."
        )
    )
    return None


def _tool_table(document: dict[str, object]) -> dict[str, object] | None:
    tool = document.get("tool")
    table = tool.get("ponder") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None
