r"""Makes Markdown of a model harmless while it streams: no HTML, image, definition, or link but plain https ones.

Does not judge what the text says. It escapes rather than removes, so the reader sees what was tried. Code keeps
its letters; for that, what is code must be certain for every renderer: code spans end on their own line and hold
no `|` beside a risk (a table would cut them), fences are written anew at the margin, and any other backtick is
escaped. The joined result does not depend on how the text was cut.
"""

import re

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
        while self._text:
            step = (
                self._code() if self._fence else self._fence_start() if self._line_start else self._inline()
            )
            if step is None:
                break
            parts.append(step)
        return "".join(parts)

    def _cut(self, end: int) -> str:
        taken, self._text = self._text[:end], self._text[end:]
        return taken

    # Each step gives what it took, made harmless; None means that it needs more text.

    def _code(self) -> str | None:
        newline = self._text.find("\n")
        if not self._line_start:
            line = self._cut(newline + 1 if newline != -1 else len(self._text))
            self._line_start = line.endswith("\n")
            return line
        line = self._text if newline == -1 else self._text[:newline]
        bare = line.strip(" \t")
        maybe_end = not bare.strip(self._fence[0])
        if newline == -1 and maybe_end and not self._last and len(line) < _MARGIN:
            return None
        self._cut(len(line))
        if maybe_end and len(bare) >= len(self._fence):
            line, self._fence = self._fence, ""
            self._line_start = False
            return line
        self._line_start = False
        return line.removeprefix(self._indent)

    def _fence_start(self) -> str | None:
        window = self._text[:_MARGIN]
        fence = _FENCE.match(window + "\n" if self._last and "\n" not in window else window)
        if (
            fence is None
            and len(self._text) < _MARGIN
            and not self._last
            and _MAYBE_FENCE.fullmatch(self._text)
        ):
            return None
        self._line_start = False
        if fence is None:
            blank = len(window) - len(window.lstrip(" \t"))
            # A fence that is too long to be sure of must be none for the renderer either.
            return (
                self._cut(blank) + "\\" + self._cut(1)
                if window[blank:].startswith("~~~")
                else self._cut(blank)
            )
        self._cut(fence.end())
        self._indent, self._fence = fence.group(1), fence.group(2)
        self._line_start = True
        language = _LANGUAGE.match(fence.group(3).strip())
        name = language.group() if language else ""
        return f"{self._fence}{'text' if name.lower() in _DRAWN else name}\n"

    def _inline(self) -> str | None:
        special = _SPECIAL.search(self._text)
        if special is None:
            return self._cut(len(self._text))
        if special.start():
            return self._cut(special.start())
        mark = self._text[0]
        if mark == "\n":
            self._line_start = True
            return self._cut(1)
        if len(self._text) == 1 and not self._last:
            return None
        return {"`": self._ticks, "\\": self._escape, "<": self._angle, "!": self._bang, "]": self._bracket}[
            mark
        ]()

    def _ticks(self) -> str | None:
        run = _RUN.match(self._text)
        size = run.end() if run else 1
        if size == len(self._text) and not self._last:
            return None
        line = self._text[size : size + _MARGIN].split("\n", 1)[0]
        whole = self._last or "\n" in self._text[size : size + _MARGIN] or len(line) == _MARGIN
        for close in _RUN.finditer(line):
            if close.end() == len(line) and not whole:
                break
            if close.end() - close.start() == size:
                inside = line[: close.start()]
                if "|" in inside and _RISK.search(inside):
                    break
                return self._cut(size + close.end())
        else:
            if not whole:
                return None
            return "\\`" * len(self._cut(size))
        if not whole and "|" not in line:
            return None
        return "\\`" * len(self._cut(size))

    def _escape(self) -> str:
        if len(self._text) == 1:
            return self._cut(1) + "\\"
        if self._text[1] != "`":
            return self._cut(1 if self._text[1].isalnum() or self._text[1] in " \n" else 2)
        # Renderers differ on what a run of backticks is after an escaped one: escape all of it.
        self._cut(2)
        run = _RUN.match(self._text)
        return "\\`" + "\\`" * len(self._cut(run.end() if run else 0))

    def _angle(self) -> str:
        following = self._text[1:2]
        risky = not following or following.isalpha() or following in "/!?"
        return ("\\" if risky else "") + self._cut(1)

    def _bang(self) -> str:
        return "\\" + self._cut(1) if self._text[1:2] == "[" else self._cut(1)

    def _bracket(self) -> str | None:
        following = self._text[1:2]
        if following == "(":
            link = _LINK.match(self._text)
            if link is not None:
                return self._cut(link.end())
            if not self._last and _MAYBE_LINK.fullmatch(self._text):
                return None
        if following in ("(", "[", ":"):
            self._cut(2)
            return f"]\\{following}"
        return self._cut(1)


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
