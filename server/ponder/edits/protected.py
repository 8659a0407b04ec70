"""The table of files an edit may never touch, or only after a question that names them. Asks nobody itself.

The verdict needs no existing file: a missing one is as protected as an existing one (CVE-2025-54135).
"""

import re
from typing import Literal

from msgspec import Struct

from ponder.files.secret_names import plain_component, secret_name

Verdict = Literal["never", "confirm", "free"]


class Protection(Struct, frozen=True):
    """The verdict on one path, and what kind of file it is (`editor settings`); empty where it is free."""

    verdict: Verdict
    what: str = ""


# Directory anywhere in the path: all below it. Compared in the form of `plain_component`.
_DIRECTORIES: dict[str, Protection] = {
    ".git": Protection("never", "the repository itself"),
    ".hg": Protection("never", "the repository itself"),
    ".svn": Protection("never", "the repository itself"),
    ".jj": Protection("never", "the repository itself"),
    **dict.fromkeys(
        (
            ".vscode",
            ".vscode-insiders",
            ".idea",
            ".vs",
            ".zed",
            ".helix",
            ".nvim",
            ".vim",
            ".fleet",
            ".devcontainer",
            ".theia",
            ".emacs.d",
            ".sublime",
            ".kak",
        ),
        Protection("confirm", "editor settings"),
    ),
    **dict.fromkeys(
        (
            ".claude",
            ".cursor",
            ".windsurf",
            ".continue",
            ".codex",
            ".gemini",
            ".aider",
            ".roo",
            ".clinerules",
            ".ponder",
            ".kiro",
        ),
        Protection("confirm", "settings of a coding assistant"),
    ),
    **dict.fromkeys(
        (
            ".circleci",
            ".buildkite",
            ".gitlab",
            ".teamcity",
            ".woodpecker",
            ".drone",
            ".azure-pipelines",
            ".azuredevops",
            ".pipelines",
            ".semaphore",
            ".tekton",
            ".concourse",
            ".harness",
            ".jenkins",
            ".builds",
            ".buddy",
            ".codefresh",
            ".screwdriver",
            ".ci",
        ),
        Protection("confirm", "build automation"),
    ),
    **dict.fromkeys((".github", ".gitea", ".forgejo"), Protection("confirm", "repository automation")),
    **dict.fromkeys(
        (".cargo", ".mvn", ".yarn"), Protection("confirm", "a file that tools run by themselves")
    ),
    **dict.fromkeys(
        (".husky", ".githooks", ".direnv"), Protection("confirm", "scripts that run by themselves")
    ),
}
_NAMES: tuple[tuple[str, str], ...] = (
    (r"ponder\.toml|\.ponderignore|\.ponder.*|ponder-baseline\.json", "Ponder's own configuration"),
    (
        r".*\.code-workspace|\.editorconfig|\.nvim\.lua|\.nvimrc|\.exrc|\.vimrc|_vimrc|\.gvimrc|\.lvimrc|\.local\.vimrc|\.emacs|\.kakrc",
        "editor settings",
    ),
    (
        r"\.dir-locals(?:-2)?\.el|\.projectile|\.lazy\.lua|\.neoconf\.json|.*\.sublime-(?:project|workspace|settings)",
        "editor settings",
    ),
    (
        r"claude(?:\.local)?\.md|agents?\.md|gemini\.md|\.mcp\.json|mcp\.json|\.cursorrules|\.windsurfrules|\.aider.*",
        "settings of a coding assistant",
    ),
    (r"copilot-instructions\.md|\.clinerules|\.goosehints", "settings of a coding assistant"),
    (
        r"\.gitlab-ci.*\.ya?ml|jenkinsfile.*|.*\.jenkinsfile|\.travis\.ya?ml|\.?appveyor\.ya?ml|azure-pipelines.*\.ya?ml|\.vsts-ci.*\.ya?ml",
        "build automation",
    ),
    (
        r"bitbucket-pipelines\.ya?ml|\.drone\.(?:ya?ml|star|jsonnet)|cloudbuild.*\.(?:ya?ml|json)|buildspec.*\.ya?ml|\.cirrus\.(?:ya?ml|star)|\.woodpecker.*\.ya?ml",
        "build automation",
    ),
    (
        r"circle\.ya?ml|\.?semaphore\.ya?ml|wercker\.ya?ml|shippable\.ya?ml|codeship-.*\.ya?ml|bitrise\.ya?ml|codemagic\.ya?ml|buddy\.ya?ml|codefresh\.ya?ml|screwdriver\.ya?ml|buildkite\.ya?ml|\.build\.ya?ml|\.onedev-buildspec\.ya?ml|\.scrutinizer\.ya?ml",
        "build automation",
    ),
    (
        r"skaffold.*\.ya?ml|earthfile|dagger\.json|werf.*\.ya?ml|garden\.ya?ml|okteto\.ya?ml|\.gitpod\.ya?ml|devfile\.ya?ml|netlify\.toml|vercel\.json|fly\.toml|render\.ya?ml|heroku\.ya?ml|\.?amplify\.ya?ml|\.readthedocs\.ya?ml|\.goreleaser.*\.ya?ml|\.releaserc.*",
        "build automation",
    ),
    (r"action\.ya?ml|codeowners|renovate\.json5?|\.renovaterc.*|dependabot\.ya?ml", "repository automation"),
    (
        r"\.pre-commit-config\.ya?ml|lefthook\.ya?ml|\.?lefthook-local\.ya?ml|\.lintstagedrc.*|\.huskyrc.*",
        "scripts that run by themselves",
    ),
    (r"\.gitconfig|\.gitattributes|\.gitmodules|\.gitignore", "repository settings"),
    (
        r"\.envrc|\.tool-versions|\.mise\.toml|mise\.toml|\.rtx\.toml|\.nvmrc|\.python-version",
        "settings of the shell environment",
    ),
    (
        r"\.(?:bash|zsh|k)rc|\.(?:bash|zsh)?_?profile|\.(?:bash|zsh)_(?:login|logout|aliases)|\.zshenv|\.zlogin|\.zlogout|\.profile|\.login|\.inputrc|config\.fish|\.xprofile|profile\.ps1|.*_profile\.ps1",
        "settings of the shell environment",
    ),
    (
        r"pyproject\.toml|setup\.py|setup\.cfg|tox\.ini|noxfile\.py|conftest\.py|pytest\.ini|sitecustomize\.py|usercustomize\.py|.*\.pth",
        "a file that tools run by themselves",
    ),
    (
        r"package\.json|package-lock\.json|\.npmrc|\.yarnrc.*|pnpm-workspace\.yaml|\.pnpmfile\.c?js|bunfig\.toml|deno\.jsonc?",
        "a file that tools run by themselves",
    ),
    (
        r"(?:gnu)?makefile|.*\.mk|justfile|\.justfile|taskfile\.ya?ml|rakefile|gemfile|build\.rs|cargo\.toml|build\.gradle(?:\.kts)?|settings\.gradle(?:\.kts)?|gradlew(?:\.bat)?|pom\.xml|cmakelists\.txt|meson\.build|build\.zig|mix\.exs|package\.swift",
        "a file that tools run by themselves",
    ),
    (
        r"dockerfile(?:[.-].*)?|.*\.dockerfile|docker-compose.*\.ya?ml|compose\.ya?ml|vagrantfile|tiltfile|flake\.nix|shell\.nix|default\.nix|procfile",
        "a file that tools run by themselves",
    ),
    (
        r"(?:webpack|vite|vitest|rollup|babel|jest|eslint|prettier|postcss|tailwind|next|nuxt|svelte|astro|playwright|karma|gulpfile|gruntfile)(?:\.config)?\.(?:[cm]?[jt]s)",
        "a file that tools run by themselves",
    ),
    (
        r"\.eslintrc.*|\.prettierrc.*|\.babelrc.*|\.rubocop\.yml|\.pylintrc|pylintrc|\.flake8|mypy\.ini",
        "a file that tools run by themselves",
    ),
)
_RISKS: dict[str, str] = {
    "editor settings": "editors run commands that such files name, some as soon as the folder is opened",
    "settings of a coding assistant": "assistants do what it says, and may start programs that it names",
    "build automation": "the build server runs what it says, often with access to secrets",
    "repository automation": "the repository's host acts on it by itself, often with access to secrets",
    "a file that tools run by themselves": "installing, building, testing or opening the project can run what it says",
    "scripts that run by themselves": "git hooks and shells run it without asking",
    "settings of the shell environment": "shells run it when they start or enter the folder",
    "repository settings": "git acts on it, and may run commands that it names",
    "Ponder's own configuration": "it decides what Ponder sends, reports and applies",
    "a file that may hold secrets": "programs take passwords and keys from it",
}
_TABLE = tuple((re.compile(names), Protection("confirm", what)) for names, what in _NAMES)
_FREE = Protection("free")
_NEVER_INVALID = Protection("never", "not a plain path inside the workspace")
_SECRET = Protection("confirm", "a file that may hold secrets")


def protection(path: str) -> Protection:
    """The verdict on a path relative to its folder, also for a file that does not exist.

    The laxest file system is assumed: letter case, Unicode forms, trailing dots and spaces and NTFS stream names
    make no difference. Give the real path too where links are involved, and take the stricter verdict.
    """
    parts = [plain_component(part) for part in re.split(r"[/\\]", path) if part not in ("", ".")]
    if not parts or ".." in parts or "\0" in path or path.startswith(("/", "\\")):
        return _NEVER_INVALID
    # `git~1` is what Windows calls .git where short names are on.
    found = [_DIRECTORIES[part] for part in parts if part in _DIRECTORIES]
    if any(re.fullmatch(r"git~\d", part) for part in parts):
        found.append(_DIRECTORIES[".git"])
    found += [row for names, row in _TABLE if names.fullmatch(parts[-1])]
    if secret_name(path) is not None:
        found.append(_SECRET)
    return strictest(found)


def risk(what: str) -> str | None:
    """What a file of this kind can do, as a clause for the question before it is changed; None where it is only named."""
    return _RISKS.get(what)


def strictest(verdicts: list[Protection]) -> Protection:
    """The one that allows least; free where there is none."""
    order = {"never": 0, "confirm": 1, "free": 2}
    return min(verdicts, key=lambda one: order[one.verdict], default=_FREE)
