"""The modules a text imports, as written, and the files they may stand for. Reads no file system."""

import posixpath
import re

from ponder.syntax.languages import Language

# Regular expressions and not trees: this runs over every file of the repository map, and an import is a line.
_PYTHON = re.compile(
    r"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+([^#\n]*)|import[ \t]+([\w.][^#\n]*))", re.MULTILINE
)
_SCRIPT = re.compile(
    r"""(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*(["'])([^"'\n]{1,300})\1""",
)
_GO_BLOCK = re.compile(r"^import\s*\(([^)]*)\)", re.MULTILINE)
_GO_LINE = re.compile(r'^import\s+(?:[\w.]+\s+)?"([^"\n]+)"', re.MULTILINE)
_GO_NAME = re.compile(r'"([^"\n]+)"')
_RUST = re.compile(
    r"^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?(?:use[ \t]+([\w:]+)|mod[ \t]+(\w+)[ \t]*;)", re.MULTILINE
)
_JAVA = re.compile(r"^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+\*?)", re.MULTILINE)
_C = re.compile(r'^[ \t]*#[ \t]*(?:include|import)[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)
_MOST_CHARACTERS = 400_000


def imports(text: str, language: Language) -> tuple[str, ...]:
    """The modules imported, each once, in the order they appear; none for languages without a row.

    Python: dotted names, `from . import a` as `.a`, and `from p import a` as `p` and `p.a` (either may be the
    module). JavaScript and TypeScript: the specifier. Go, Java: the path. Rust: `a::b`, `mod x;` as `self::x`.
    C: the header.
    """
    read = {"python": _python, "script": _script, "go": _go, "rust": _rust, "java": _java, "c": _c}
    if language.imports is None:
        return ()
    return tuple(dict.fromkeys(read[language.imports](text[:_MOST_CHARACTERS])))


def candidates(module: str, path: str, language: Language) -> tuple[str, ...]:
    """Paths that `module`, imported in the file `path`, may stand for, most likely first, without the extension.

    They are relative to a source root (any directory) unless they start with `/`, which is the workspace folder.
    """
    folder = posixpath.dirname(path)
    if language.imports == "python":
        dots = len(module) - len(module.lstrip("."))
        tail = module.lstrip(".").replace(".", "/")
        for _ in range(dots - 1):
            folder = posixpath.dirname(folder)
        return (_rooted(folder, tail),) if dots else (tail,)
    if language.imports == "script":
        if not module.startswith("."):
            return ()
        return (_rooted(folder, re.sub(r"\.(?:[mc]?[jt]sx?)$", "", module)),)
    if language.imports == "rust":
        parts = [part for part in module.split("::") if part not in {"crate", "self", "super"}]
        return tuple("/".join(parts[:count]) for count in range(len(parts), 0, -1))
    if language.imports == "c":
        stem = module.rsplit(".", 1)[0]
        return (_rooted(folder, stem), stem)
    if language.imports == "java":
        return (module.replace(".", "/").removesuffix("/*"),)
    return tuple("/".join(module.split("/")[skip:]) for skip in range(min(4, module.count("/") + 1)))


def _rooted(folder: str, tail: str) -> str:
    return "/" + posixpath.normpath(posixpath.join(folder, tail)).lstrip("./")


def _python(text: str) -> list[str]:
    found: list[str] = []
    for line in _PYTHON.finditer(text):
        source, names, plain = line.groups()
        if plain is not None:
            found.extend(part.split()[0] for part in plain.split(",") if part.split())
            continue
        if source.strip("."):
            found.append(source)
        joint = source if source.endswith(".") else f"{source}."
        # In parentheses the names may stand on the following lines.
        if names.lstrip().startswith("("):
            start = text.index("(", line.start(2)) + 1
            names = re.sub(r"#[^\n]*", "", text[start : start + 4000].split(")", 1)[0])
        words = (part.split()[0] for part in re.split(r"[,;\\]", names) if part.split())
        found.extend(f"{joint}{word}" for word in words if word.isidentifier())
    return found


def _script(text: str) -> list[str]:
    return [match.group(2) for match in _SCRIPT.finditer(text)]


def _go(text: str) -> list[str]:
    blocks = "\n".join(match.group(1) for match in _GO_BLOCK.finditer(text))
    return [*_GO_LINE.findall(text), *_GO_NAME.findall(re.sub(r"//[^\n]*", "", blocks))]


def _rust(text: str) -> list[str]:
    return [use.rstrip(":") or f"self::{mod}" for use, mod in _RUST.findall(text)]


def _java(text: str) -> list[str]:
    return _JAVA.findall(text)


def _c(text: str) -> list[str]:
    return _C.findall(text)
