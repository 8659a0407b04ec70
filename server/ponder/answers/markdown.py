r"""Makes Markdown of a model harmless while it streams: no HTML, image, definition, or link but plain https ones.

Does not judge what the text says. It escapes rather than removes, so the reader sees what was tried. Code keeps
its letters; for that, what is code must be certain for every renderer: code spans end on their own line and hold
no `|` beside a risk (a table would cut them), fences are written anew at the margin, and any other backtick is
escaped. The joined result does not depend on how the text was cut.
"""

import re
from collections.abc import Callable
from typing import Final

from ponder.answers.clean import Cleaner

_MARGIN = 2_000
"""How far ahead, in code points, the end of a code span or of a link may be; what is longer is shown as text."""
_SPECIAL = re.compile(r"[`\\<!\]\n]")
_RUN = re.compile(r"`+")
_FENCE = re.compile(r"([ \t]*)(`{3,}(?=[^`\n]*\n)|~{3,})([^\n]*)\n")
_MAYBE_FENCE = re.compile(r"[ \t]*(?:`{0,2}|~{0,2}|`{3,}[^`\n]*|~{3,}[^\n]*)")
_LINK = re.compile(r"\]\(https?://[^\s()<>\\\"'`&|\[\]]{1,1000}\)")
_MAYBE_LINK = re.compile(
    r"\]\((?:h(?:t(?:t(?:p(?:s?(?::(?:/(?:/[^\s()<>\\\"'`&|\[\]]{0,1000})?)?)?)?)?)?)?)?"
)
_RISK = re.compile(r"<[A-Za-z/!?]|!\[|\][(:\[]")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")
_DRAWN = frozenset(
    {"mermaid", "math", "katex", "svg", "html", "dot", "graphviz", "plantuml", "geojson", "topojson", "stl"}
)


class Neutraliser:
    """Takes Markdown in pieces of any size and gives harmless Markdown, as early as it is certain."""

    def __init__(self) -> None:
        self._cleaner = Cleaner()
        self._text = ""
        self._at = 0
        self._last = False
        self._line_start = True
        self._fence = ""
        self._indent = ""

    def feed(self, text: str) -> str:
        """What can be shown now. Holds back only a construct whose end decides what it is."""
        return self._take(self._cleaner.feed(text))

    def finish(self) -> str:
        """The rest, and the end of a fence that was left open. Nothing may be fed after it."""
        self._last = True
        rest = self._take(self._cleaner.feed("", last=True))
        if not self._fence:
            return rest
        end = ("" if self._line_start else "\n") + self._fence
        self._fence = ""
        return rest + end

    def _take(self, text: str) -> str:
        self._text += text
        parts: list[str] = []
        while self._at < len(self._text):
            step = (
                self._code() if self._fence else self._fence_start() if self._line_start else self._inline()
            )
            if step is None:
                break
            parts.append(step)
        self._text, self._at = self._text[self._at :], 0
        return "".join(parts)

    def _cut(self, size: int) -> str:
        self._at += size
        return self._text[self._at - size : self._at]

    def _left(self) -> int:
        return len(self._text) - self._at

    # Each step gives what it took, made harmless; None means that it needs more text.

    def _code(self) -> str | None:
        newline = self._text.find("\n", self._at)
        if not self._line_start:
            self._line_start = newline != -1
            return self._cut((newline + 1 if newline != -1 else len(self._text)) - self._at)
        line = self._text[self._at : newline if newline != -1 else len(self._text)]
        bare = line.strip(" \t")
        maybe_end = not bare.strip(self._fence[0])
        if newline == -1 and maybe_end and not self._last and len(line) < _MARGIN:
            return None
        self._cut(len(line))
        self._line_start = False
        if maybe_end and len(bare) >= len(self._fence):
            line, self._fence = self._fence, ""
            return line
        return line.removeprefix(self._indent)

    def _fence_start(self) -> str | None:
        window = self._text[self._at : self._at + _MARGIN]
        fence = _FENCE.match(window + "\n" if self._last and "\n" not in window else window)
        if fence is None and len(window) < _MARGIN and not self._last and _MAYBE_FENCE.fullmatch(window):
            return None
        self._line_start = False
        if fence is None:
            blank = len(window) - len(window.lstrip(" \t"))
            # A fence that is too long to be sure of must be none for the renderer either.
            tilde = window.startswith("~~~", blank)
            return self._cut(blank) + ("\\" + self._cut(1) if tilde else "")
        self._cut(min(fence.end(), self._left()))
        self._indent, self._fence = fence.group(1), fence.group(2)
        self._line_start = True
        language = _LANGUAGE.match(fence.group(3).strip())
        name = language.group() if language else ""
        return f"{self._fence}{'text' if name.lower() in _DRAWN else name}\n"

    def _inline(self) -> str | None:
        special = _SPECIAL.search(self._text, self._at)
        if special is None:
            return self._cut(self._left())
        if special.start() > self._at:
            return self._cut(special.start() - self._at)
        mark = special.group()
        if mark == "\n":
            self._line_start = True
            return self._cut(1)
        if self._left() == 1 and not self._last:
            return None
        return _STEPS[mark](self)

    def _ticks(self) -> str | None:
        run = _RUN.match(self._text, self._at)
        size = len(run.group()) if run else 1
        if size == self._left() and not self._last:
            return None
        start = self._at + size
        window = self._text[start : start + _MARGIN]
        line = window.split("\n", 1)[0]
        whole = self._last or "\n" in window or len(window) == _MARGIN
        for close in _RUN.finditer(line):
            if close.end() == len(line) and not whole:
                return None
            if close.end() - close.start() == size:
                inside = line[: close.start()]
                cut_by_tables = "|" in inside and _RISK.search(inside)
                return "\\`" * len(self._cut(size)) if cut_by_tables else self._cut(size + close.end())
        return "\\`" * len(self._cut(size)) if whole else None

    def _escape(self) -> str | None:
        following = self._following()
        if not following:
            return self._cut(1) + "\\"
        if following != "`":
            return self._cut(1 if following.isalnum() or following in " \n" else 2)
        # Renderers differ on what a run of backticks is after an escaped one: escape all of it.
        run = _RUN.match(self._text, self._at + 1)
        size = len(run.group()) if run else 1
        if size + 1 == self._left() and not self._last:
            return None
        self._cut(1 + size)
        return "\\`" * size

    def _angle(self) -> str:
        following = self._following()
        risky = not following or following.isalpha() or following in "/!?"
        return ("\\" if risky else "") + self._cut(1)

    def _bang(self) -> str:
        return ("\\" if self._following() == "[" else "") + self._cut(1)

    def _bracket(self) -> str | None:
        following = self._following()
        if following == "(":
            link = _LINK.match(self._text, self._at)
            if link is not None:
                return self._cut(len(link.group()))
            if not self._last and _MAYBE_LINK.fullmatch(self._text, self._at):
                return None
        if following and following in "([:":
            return "]\\" + self._cut(2)[1]
        return self._cut(1)

    def _following(self) -> str:
        return self._text[self._at + 1 : self._at + 2]


_STEPS: Final[dict[str, Callable[[Neutraliser], str | None]]] = {
    "`": Neutraliser._ticks,  # noqa: SLF001 - the table of its own steps
    "\\": Neutraliser._escape,  # noqa: SLF001
    "<": Neutraliser._angle,  # noqa: SLF001
    "!": Neutraliser._bang,  # noqa: SLF001
    "]": Neutraliser._bracket,  # noqa: SLF001
}


def neutralise(text: str) -> str:
    """A whole Markdown text, made harmless."""
    neutraliser = Neutraliser()
    return neutraliser.feed(text) + neutraliser.finish()


def literal(text: str) -> str:
    """Plain text as Markdown that shows exactly that text."""
    return re.sub(r"([\\`*_{}\[\]()#+!<>|~&:-])", r"\\\1", text)


def code_span(text: str) -> str:
    """Text as a code span, whatever backticks it holds. Line ends become blanks."""
    line = " ".join(text.split("\n"))
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line.strip() else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def plain(text: str) -> str:
    """Markdown as plain text for clients without Markdown: code keeps its lines, links show their address."""
    lines: list[str] = []
    fence = ""
    for line in neutralise(text).split("\n"):
        if fence:
            if line == fence:
                fence = ""
            else:
                lines.append(line)
        elif (opened := re.match(r"`{3,}|~{3,}", line)) is not None:
            fence = opened.group()
        else:
            lines.append(_plain_line(line))
    return "\n".join(lines).strip("\n")


def _plain_line(line: str) -> str:
    line = re.sub(r"^ {0,3}(?:#{1,6}[ \t]+|>[ \t]?)+", "", line)
    line = re.sub(r"\[([^\[\]]{0,500})\]\((https?://[^)\s]+)\)", r"\1 (\2)", line)
    line = re.sub(r"(?<![\\`])(`+)([^`]+)\1(?!`)", r"\2", line)
    line = re.sub(r"(?<![\\*\w])(\*\*|__|\*)(?=\S)([^*\n]{1,500}?)(?<=\S)\1(?![*\w])", r"\2", line)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", line)
