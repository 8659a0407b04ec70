"""Which grammar reads which document, by LSP language id or file extension, and how sure its errors are. Parses nothing."""

from pathlib import PurePosixPath

from msgspec import Struct

from .source import Source


class Language(Struct, frozen=True):
    """A language as the checks meet it.

    `grammar` is a name of the language pack; `family` groups languages that share checks. `exact`: a syntax
    error of this grammar is one of the language too (grammars that see C macros or SQL dialects guess).
    `comment` begins a line of documentation; `block` wraps one instead, `*` before each line.
    """

    grammar: str
    family: str = ""
    exact: bool = True
    comment: str = ""
    block: bool = False


_JAVASCRIPT = Language("javascript", "js", block=True)
_TYPESCRIPT = Language("typescript", "js", block=True)
_TSX = Language("tsx", "js", block=True)
_SHELL = Language("bash", "shell", comment="# ")
_CPP = Language("cpp", "c", exact=False, comment="/// ")

# Language ids of LSP 3.17 and of the editors in use; more ids are tried as grammar names.
BY_ID: dict[str, Language] = {
    "javascript": _JAVASCRIPT,
    "javascriptreact": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "typescriptreact": _TSX,
    "tsx": _TSX,
    "jsx": _JAVASCRIPT,
    "go": Language("go", "go", comment="// "),
    "rust": Language("rust", "rust", comment="/// "),
    "c": Language("c", "c", exact=False, comment="/// "),
    "cpp": _CPP,
    "c++": _CPP,
    "objective-c": Language("objc", "c", exact=False),
    "cuda-cpp": Language("cuda", "c", exact=False),
    "java": Language("java", "java", block=True),
    "csharp": Language("csharp", "csharp", comment="/// "),
    "kotlin": Language("kotlin", "kotlin", exact=False, block=True),
    "ruby": Language("ruby", "ruby", comment="# "),
    "php": Language("php", "php", block=True),
    "swift": Language("swift", exact=False, comment="/// "),
    "scala": Language("scala", exact=False, block=True),
    "lua": Language("lua", comment="--- "),
    "shellscript": _SHELL,
    "sh": _SHELL,
    "bash": _SHELL,
    "zsh": Language("bash", "shell", exact=False, comment="# "),
    "json": Language("json", "json"),
    "jsonc": Language("json", "json", exact=False),
    "yaml": Language("yaml"),
    "toml": Language("toml"),
    "html": Language("html", exact=False),
    "css": Language("css", exact=False),
    "scss": Language("scss", exact=False),
    "sql": Language("sql", exact=False),
    "dockerfile": Language("dockerfile", exact=False),
    "makefile": Language("make", exact=False),
    "elixir": Language("elixir", exact=False),
    "haskell": Language("haskell", exact=False),
    "zig": Language("zig", exact=False, comment="/// "),
    "dart": Language("dart", exact=False, comment="/// "),
    "r": Language("r", exact=False),
    "julia": Language("julia", exact=False),
    "perl": Language("perl", exact=False),
    "ocaml": Language("ocaml", exact=False),
    "terraform": Language("terraform", exact=False),
    "vue": Language("vue", exact=False),
    "svelte": Language("svelte", exact=False),
    "markdown": Language("markdown", exact=False),
    "xml": Language("xml", exact=False),
    "python": Language("python"),
}

_BY_EXTENSION = {
    "js": "javascript",
    "mjs": "javascript",
    "cjs": "javascript",
    "jsx": "javascriptreact",
    "ts": "typescript",
    "mts": "typescript",
    "cts": "typescript",
    "tsx": "typescriptreact",
    "rs": "rust",
    "h": "c",
    "cc": "cpp",
    "cxx": "cpp",
    "hpp": "cpp",
    "hh": "cpp",
    "m": "objective-c",
    "cs": "csharp",
    "kt": "kotlin",
    "kts": "kotlin",
    "rb": "ruby",
    "yml": "yaml",
    "htm": "html",
    "ex": "elixir",
    "exs": "elixir",
    "hs": "haskell",
    "jl": "julia",
    "pl": "perl",
    "ml": "ocaml",
    "tf": "terraform",
    "md": "markdown",
    "py": "python",
    "pyi": "python",
}


def language_of(source: Source) -> Language | None:
    """The language of a document: by its id, else by its extension, else None."""
    for name in (source.language.lower(), _by_path(source.path)):
        if language := BY_ID.get(name):
            return language
    return None


def is_python(source: Source) -> bool:
    """Whether a document is Python."""
    language = language_of(source)
    return language is not None and language.grammar == "python"


def _by_path(path: str) -> str:
    pure = PurePosixPath(path)
    extension = pure.suffix.lower().lstrip(".")
    return _BY_EXTENSION.get(extension, extension) or pure.name.lower()
