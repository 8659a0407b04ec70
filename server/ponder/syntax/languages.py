"""Which language a text is in, which grammar reads it, how its comments look. Tables only; loads no grammar."""

from typing import Literal

from msgspec import Struct

ImportStyle = Literal["python", "script", "go", "rust", "java", "c"]


class Language(Struct, frozen=True):
    """A language as LSP names it (`id`), its grammar in the language pack (None: not parsed), its comments.

    `block` is the pair of marks around a comment; `line` the mark before one. Either may be None.
    """

    id: str
    grammar: str | None
    line: str | None = None
    block: tuple[str, str] | None = None
    imports: ImportStyle | None = None


_C_BLOCK = ("/*", "*/")
_XML_BLOCK = ("<!--", "-->")


def _c_like(id_: str, grammar: str | None = None, imports: ImportStyle | None = None) -> Language:
    return Language(id_, grammar or id_, "//", _C_BLOCK, imports)


def _hash(id_: str, grammar: str | None = None, imports: ImportStyle | None = None) -> Language:
    return Language(id_, grammar or id_, "#", None, imports)


# Ids from the LSP specification (TextDocumentItem) and, where it has none, those that VS Code and Neovim send.
_LANGUAGES = (
    _hash("python", imports="python"),
    _c_like("javascript", imports="script"),
    _c_like("javascriptreact", "javascript", "script"),
    _c_like("typescript", imports="script"),
    _c_like("typescriptreact", "tsx", "script"),
    _c_like("go", imports="go"),
    _c_like("rust", imports="rust"),
    _c_like("java", imports="java"),
    _c_like("c", imports="c"),
    _c_like("cpp", imports="c"),
    _c_like("objective-c", "objc", "c"),
    _c_like("cuda", "cuda", "c"),
    *map(
        _c_like,
        ("csharp", "kotlin", "swift", "scala", "dart", "php", "solidity", "zig", "d", "proto", "groovy"),
    ),
    *map(
        _c_like,
        ("scss", "glsl", "hlsl", "wgsl", "prisma", "jsonnet", "verilog", "gleam", "odin", "v", "haxe"),
    ),
    *map(
        _hash, ("ruby", "perl", "r", "julia", "elixir", "yaml", "toml", "make", "cmake", "dockerfile", "nim")
    ),
    *map(
        _hash,
        ("fish", "graphql", "starlark", "nix", "tcl", "puppet", "gdscript", "powershell", "meson", "ninja"),
    ),
    _hash("shellscript", "bash"),
    _hash("terraform", "hcl"),
    _hash("hcl"),
    Language("lua", "lua", "--", ("--[[", "]]")),
    Language("luau", "luau", "--", ("--[[", "]]")),
    Language("sql", "sql", "--", _C_BLOCK),
    Language("haskell", "haskell", "--", ("{-", "-}")),
    Language("elm", "elm", "--", ("{-", "-}")),
    Language("ada", "ada", "--"),
    Language("vhdl", "vhdl", "--"),
    Language("ocaml", "ocaml", None, ("(*", "*)")),
    Language("fsharp", "fsharp", "//", ("(*", "*)")),
    Language("erlang", "erlang", "%"),
    Language("matlab", "matlab", "%"),
    Language("latex", "latex", "%"),
    Language("bibtex", "bibtex", "%"),
    Language("clojure", "clojure", ";"),
    Language("commonlisp", "commonlisp", ";"),
    Language("elisp", "elisp", ";"),
    Language("scheme", "scheme", ";"),
    Language("racket", "racket", ";"),
    Language("ini", "ini", ";"),
    Language("vim", "vim", '"'),
    Language("fortran", "fortran", "!"),
    Language("pascal", "pascal", "//", ("{", "}")),
    Language("html", "html", None, _XML_BLOCK),
    Language("xml", "xml", None, _XML_BLOCK),
    Language("vue", "vue", None, _XML_BLOCK),
    Language("svelte", "svelte", None, _XML_BLOCK),
    Language("astro", "astro", None, _XML_BLOCK),
    Language("markdown", "markdown", None, _XML_BLOCK),
    Language("css", "css", None, _C_BLOCK),
    Language("json", "json"),
    Language("jsonc", "json", "//", _C_BLOCK),
    Language("rst", "rst", ".."),
)
_BY_ID = {language.id: language for language in _LANGUAGES}
_OTHER_IDS = {
    "bash": "shellscript",
    "sh": "shellscript",
    "zsh": "shellscript",
    "makefile": "make",
    "cs": "csharp",
    "c++": "cpp",
    "objc": "objective-c",
    "objective-cpp": "cpp",
    "typescript.tsx": "typescriptreact",
    "javascript.jsx": "javascriptreact",
    "tsx": "typescriptreact",
    "jsx": "javascriptreact",
    "golang": "go",
    "protobuf": "proto",
    "ps1": "powershell",
    "tex": "latex",
    "restructuredtext": "rst",
    "lisp": "commonlisp",
    "emacs-lisp": "elisp",
    "plaintex": "latex",
    "gitconfig": "ini",
    "dosini": "ini",
    "cuda-cpp": "cuda",
    "py": "python",
}
_EXTENSIONS = {
    "python": "py pyi pyw",
    "javascript": "js mjs cjs",
    "javascriptreact": "jsx",
    "typescript": "ts mts cts",
    "typescriptreact": "tsx",
    "go": "go",
    "rust": "rs",
    "java": "java",
    "c": "c h",
    "cpp": "cc cpp cxx c++ hh hpp hxx h++ inl ipp",
    "objective-c": "m mm",
    "cuda": "cu cuh",
    "csharp": "cs",
    "kotlin": "kt kts",
    "swift": "swift",
    "scala": "scala sc sbt",
    "dart": "dart",
    "php": "php",
    "solidity": "sol",
    "zig": "zig",
    "d": "d",
    "proto": "proto",
    "groovy": "groovy gradle",
    "scss": "scss",
    "glsl": "glsl vert frag",
    "hlsl": "hlsl",
    "wgsl": "wgsl",
    "prisma": "prisma",
    "jsonnet": "jsonnet libsonnet",
    "verilog": "v sv svh",
    "gleam": "gleam",
    "odin": "odin",
    "haxe": "hx",
    "ruby": "rb rake gemspec",
    "perl": "pl pm",
    "r": "r",
    "julia": "jl",
    "elixir": "ex exs",
    "yaml": "yaml yml",
    "toml": "toml",
    "make": "mk mak",
    "cmake": "cmake",
    "dockerfile": "dockerfile",
    "nim": "nim",
    "fish": "fish",
    "graphql": "graphql gql",
    "starlark": "bzl star",
    "nix": "nix",
    "tcl": "tcl",
    "puppet": "pp",
    "gdscript": "gd",
    "powershell": "ps1 psm1 psd1",
    "shellscript": "sh bash zsh ksh",
    "terraform": "tf tfvars",
    "hcl": "hcl",
    "lua": "lua",
    "luau": "luau",
    "sql": "sql",
    "haskell": "hs",
    "elm": "elm",
    "ada": "adb ads",
    "vhdl": "vhd vhdl",
    "ocaml": "ml",
    "fsharp": "fs fsx",
    "erlang": "erl hrl",
    "latex": "tex sty cls",
    "bibtex": "bib",
    "clojure": "clj cljs cljc edn",
    "commonlisp": "lisp cl",
    "elisp": "el",
    "scheme": "scm ss",
    "racket": "rkt",
    "ini": "ini cfg",
    "vim": "vim",
    "fortran": "f f90 f95 f03",
    "pascal": "pas",
    "html": "html htm",
    "xml": "xml xsd xsl svg",
    "vue": "vue",
    "svelte": "svelte",
    "astro": "astro",
    "markdown": "md markdown mdx",
    "css": "css",
    "json": "json webmanifest",
    "jsonc": "jsonc json5",
    "rst": "rst",
}
_BY_EXTENSION = {ending: id_ for id_, endings in _EXTENSIONS.items() for ending in endings.split()}
_BY_NAME = {
    "makefile": "make",
    "gnumakefile": "make",
    "dockerfile": "dockerfile",
    "containerfile": "dockerfile",
    "cmakelists.txt": "cmake",
    "rakefile": "ruby",
    "gemfile": "ruby",
    "build": "starlark",
    "build.bazel": "starlark",
    "workspace.bazel": "starlark",
    "jenkinsfile": "groovy",
    "meson.build": "meson",
    "build.ninja": "ninja",
    ".bashrc": "shellscript",
    ".zshrc": "shellscript",
    ".profile": "shellscript",
    ".vimrc": "vim",
    "tsconfig.json": "jsonc",
    "pipfile": "toml",
}
PLAIN = Language("plaintext", None)


def language_of(path: str, language_id: str = "") -> Language:
    """The language of a document: by the id the editor gave, else by file name and extension; PLAIN where unknown."""
    known = _BY_ID.get(_OTHER_IDS.get(language_id.lower(), language_id.lower()))
    if known is not None:
        return known
    name = path.replace("\\", "/").rsplit("/", 1)[-1].lower()
    ending = name.rsplit(".", 1)[-1] if "." in name else ""
    id_ = _BY_NAME.get(name) or _BY_EXTENSION.get(ending) or ""
    return _BY_ID.get(id_, PLAIN)
