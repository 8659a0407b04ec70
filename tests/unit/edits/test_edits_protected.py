"""X-05, X-06: which files an edit never touches, and which only after a question that names them."""

from pathlib import Path

import pytest

from ponder.documents import Document, Span
from ponder.edits.anchor import AlreadyApplied
from ponder.edits.gate import Admitted, Refused, admit
from ponder.edits.protected import protection
from ponder.files.jail import Jail
from ponder.findings import Edit, FileChange, TextChange

NEVER = [
    ".git/config",
    ".git/hooks/pre-commit",
    "sub/.git/config",
    ".GIT/config",
    ".Git./hooks/x",
    ".git",
    "/x",
    "git~1/config",
    ".hg/hgrc",
    ".git::$INDEX_ALLOCATION/x",
    "../x",
    "a/../../x",
    "a\\..\\.git\\config",
    ".ｇit/config",
]
CONFIRM = [".vscode/settings.json", ".vscode/tasks.json", ".VSCODE/new.json", "a/.vscode/x", "x.code-workspace", ".idea/workspace.xml", ".nvim.lua", ".exrc", ".envrc", ".claude/settings.json", ".claude/agents/x.md", ".cursor/mcp.json", ".mcp.json", "CLAUDE.md", "AGENTS.md", ".zed/settings.json", ".helix/config.toml", ".github/workflows/ci.yml", ".github/actions/x/action.yml", ".gitlab-ci.yml", "Jenkinsfile", ".circleci/config.yml", "azure-pipelines.yml", ".travis.yml", ".pre-commit-config.yaml", ".husky/pre-commit", "ponder.toml", "PONDER.TOML", ".ponderignore", ".ponder/x", "pyproject.toml", "package.json", "sub/package.json", "conftest.py", "tests/conftest.py", "setup.py", "tox.ini", "noxfile.py", "sitecustomize.py", "Makefile", "GNUmakefile", "justfile", "Cargo.toml", "build.rs", ".cargo/config.toml", "CMakeLists.txt", "Dockerfile", "docker-compose.yml", ".bashrc", ".zshrc", ".profile", ".gitattributes", ".gitmodules", ".gitignore", ".editorconfig", ".npmrc", ".env", ".env.local", "id_rsa", "vite.config.ts", "eslint.config.mjs", "gradlew", "flake.nix", ".devcontainer/devcontainer.json", ".dir-locals.el", ".emacs.d/init.el", ".emacs", ".vimrc", ".nvimrc", ".lvimrc", ".kakrc", "x.sublime-project", ".sublime-project", "ponder-baseline.json", ".lazy.lua", ".vscode./settings.json", ".vscode\\settings.json"]  # fmt: skip
FREE = ["src/app.py", "README.md", "lib/git.py", "docs/vscode.md", "src/package.py", "tests/test_conftest_free.py", "a/b/c.ts", "git/config", "vscode/settings.json", ".config/app.toml", "makefile.py", "src/dockerfile_parser.go", "github/workflows/ci.yml", "ponder.py", "my.github.md", "index.html"]  # fmt: skip


@pytest.mark.parametrize("path", NEVER)
def test_never(path: str) -> None:
    """X-05: the repository's own files are out of reach under every spelling."""
    assert protection(path).verdict == "never"


@pytest.mark.parametrize("path", CONFIRM)
def test_confirm(path: str) -> None:
    """X-05: what editors, tools and automation act on needs a question, existing or not."""
    found = protection(path)
    assert found.verdict == "confirm"
    assert found.what


@pytest.mark.parametrize("path", FREE)
def test_free(path: str) -> None:
    """Ordinary source files need no question."""
    assert protection(path).verdict == "free"


def change(folder: Path, name: str, *, created: bool = False) -> FileChange:
    one = TextChange(Span(0, 0), "", "new") if created else TextChange(Span(0, 3), "old", "new")
    return FileChange(uri=(folder / name).as_uri(), path=name, version=1, changes=(one,), created=created)


def gate(
    edit: Edit, jail: Jail, text: str | None = "old text", **options: str
) -> Admitted | Refused | AlreadyApplied:
    return admit(
        edit, jail, lambda file: None if text is None else Document(file.uri, text, version=1), **options
    )


def test_an_ordinary_edit_is_admitted_unasked(tmp_path: Path) -> None:
    """The gate adds no question where there is nothing to ask."""
    edit = Edit(files=(change(tmp_path, "a.py"),))
    assert gate(edit, Jail([tmp_path])) == Admitted(edit)


def test_one_protected_file_holds_the_whole_edit(tmp_path: Path) -> None:
    """X-05: the question names each protected file; a file of the repository refuses everything."""
    files = (change(tmp_path, "a.py"), change(tmp_path, ".vscode/tasks.json", created=True))
    admitted = gate(Edit(files=files[:1] + files[1:]), Jail([tmp_path]), text="old text")
    assert isinstance(admitted, Refused), "the file to create exists by now"
    new_only = gate(Edit(files=files[1:]), Jail([tmp_path]), text=None)
    assert isinstance(new_only, Admitted)
    assert new_only.confirm == (
        ".vscode/tasks.json is editor settings: editors run commands that such files name, some as soon as the folder is opened.",
    )
    refused = gate(
        Edit(files=(*files, change(tmp_path, ".git/hooks/x", created=True))), Jail([tmp_path]), text=None
    )
    assert isinstance(refused, Refused)
    assert ".git/hooks/x" in refused.reason
    assert not refused.stale


def test_links_count_as_what_they_point_to(tmp_path: Path) -> None:
    """X-06: a link to a protected or outside file is protected or outside, and so is one by a protected name."""
    ws = tmp_path / "ws"
    (ws / ".git").mkdir(parents=True)
    (ws / "a.py").write_text("old text")
    (tmp_path / "out.py").write_text("old text")
    (ws / "notes.txt").symlink_to(".git/config")
    (ws / ".envrc").symlink_to("a.py")
    (ws / "out.py").symlink_to("../out.py")
    (ws / "dir").symlink_to("..")
    jail = Jail([ws])
    for name, expected in (
        ("notes.txt", Refused),
        ("out.py", Refused),
        ("dir/out.py", Refused),
        ("../out.py", Refused),
        ("a.py", Admitted),
    ):
        found = gate(Edit(files=(change(ws, name),)), jail)
        assert isinstance(found, expected), name
    envrc = gate(Edit(files=(change(ws, ".envrc"),)), jail)
    assert isinstance(envrc, Admitted)
    assert envrc.confirm


def test_doubts_become_questions(tmp_path: Path) -> None:
    """E-11: the warnings of an edit are asked, also where every file is free."""
    edit = Edit(files=(change(tmp_path, "a.py"),), warnings=("It deletes 90 % of the file.",))
    found = gate(edit, Jail([tmp_path]))
    assert isinstance(found, Admitted)
    assert found.confirm == ("It deletes 90 % of the file.",)


def test_without_folders_only_the_document_at_hand(tmp_path: Path) -> None:
    """With no workspace folder the document at hand may be edited after a question, and no other."""
    edit = Edit(files=(change(tmp_path, "a.py"),))
    uri = edit.files[0].uri
    found = gate(edit, Jail([]), at_hand=uri)
    assert isinstance(found, Admitted)
    assert found.confirm == ("a.py is in no workspace folder.",)
    assert isinstance(gate(edit, Jail([])), Refused)
    assert isinstance(gate(edit, Jail([tmp_path / "other"]), at_hand=uri), Refused)


def test_a_changed_text_is_stale_and_a_done_edit_is_done(tmp_path: Path) -> None:
    """E-12: the gate tells stale from already applied."""
    edit = Edit(files=(change(tmp_path, "a.py"),))
    jail = Jail([tmp_path])
    stale = gate(edit, jail, text="something else")
    assert isinstance(stale, Refused)
    assert stale.stale
    done = admit(
        edit,
        jail,
        lambda file: Document(file.uri, "new text", version=2),
        bases={edit.files[0].uri: "old text"},
    )
    assert isinstance(done, AlreadyApplied)


@pytest.mark.parametrize(
    "path",
    [
        ".tekton/push.yaml", ".drone.yml", ".drone/config.jsonnet", ".woodpecker.yml", ".woodpecker/build.yaml",
        "azure-pipelines-nightly.yml", ".azuredevops/build.yml", "bitbucket-pipelines.yml", "appveyor.yml", ".buildkite/pipeline.yml",
        ".circleci/config.yml", "circle.yml", "cloudbuild.yaml", "cloudbuild-release.json", "Earthfile", "Tiltfile", "skaffold.yaml",
        ".teamcity/settings.kts", ".semaphore/semaphore.yml", "ci/release.jenkinsfile", ".gitlab-ci-base.yml", ".builds/alpine.yml",
        "netlify.toml", "vercel.json", ".gitpod.yml", ".readthedocs.yaml", ".goreleaser.yml", "codemagic.yaml", "bitrise.yml",
    ],
)  # fmt: skip
def test_build_automation_by_any_name(path: str) -> None:
    """What a build server runs needs a question, whichever server it is."""
    assert protection(path).verdict == "confirm"
