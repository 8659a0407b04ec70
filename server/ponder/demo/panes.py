"""The demo on a terminal: thinking in a live pane, the answer as Markdown, findings, diff and totals with colour."""

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markdown import Markdown
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from ponder.demo.screen import Shown
from ponder.demo.tally import Tally

PANE_LINES = 10
"""Height of the thinking pane while it streams: fixed, so that nothing below it moves."""

_ANY_WIDTH = 10_000
_HEADS = max(map(len, Tally.heads()))
_STYLES = {"error": "bold red", "defect": "yellow", "information": "cyan", "hint": "dim"}


class PanesScreen:
    """See `Screen`. One live part at a time: what is complete scrolls up and stays.

    With `moving` False each part is drawn once, when it is complete: for pictures.
    """

    def __init__(self, console: Console, *, moving: bool = True) -> None:
        self._console = console
        self._moving = moving
        self._latest: RenderableType | None = None
        self._live: Live | None = None
        self._thinking = ""
        self._answer = ""

    def heading(self, title: str, detail: str) -> None:
        """See `Screen`."""
        self._settle()
        self._console.print()
        self._console.rule(Text(title, style="bold"), align="left")
        self._console.print(Text(detail, style="dim"))

    def thinking(self, text: str) -> None:
        """See `Screen`."""
        if self._answer:
            self._settle()
        self._thinking += text
        self._show(self._pane(self._tail(), "thinking …"))

    def thought(self, milliseconds: int) -> None:
        """See `Screen`."""
        title = f"thought for {milliseconds / 1000:.1f} s"
        self._show(self._pane(self._thinking.strip(), title))
        self._thinking = ""
        self._settle()

    def answer(self, text: str) -> None:
        """See `Screen`."""
        self._answer += text
        self._show(Markdown(self._answer))

    def finding(self, shown: Shown) -> None:
        """See `Screen`."""
        self._settle()
        style = _STYLES[shown.severity]
        head = Text.assemble(
            (f"● {shown.severity} ", style), (shown.place, "bold"), (f"  {shown.code}", "dim")
        )
        lines = Text()
        for number, source, marked in shown.excerpt:
            lines.append(f"{'▌' if marked else ' '}{number:>5} │ ", style=style if marked else "dim")
            lines.append(f"{source}\n", style="" if marked else "dim")
        lines.rstrip()
        self._console.print(Group(Text(), head, Text(f"  {shown.message}"), lines))

    def diff(self, text: str) -> None:
        """See `Screen`."""
        self._settle()
        self._console.print()
        self._console.print(
            Syntax(text, "diff", theme="ansi_dark", word_wrap=True, background_color="default")
        )

    def note(self, text: str) -> None:
        """See `Screen`."""
        self._settle()
        self._console.print(Text(f"· {text}", style="italic"))

    def totals(self, rows: list[Tally]) -> None:
        """See `Screen`."""
        self._settle()
        table = Table(box=None, padding=(0, 1), header_style="dim")
        for number, head in enumerate(Tally.heads()):
            table.add_column(head, justify="left" if number < 2 else "right", no_wrap=True)
        for row in rows:
            table.add_row(*row.cells())
        self._console.print()
        whole = self._console.options.update(width=_ANY_WIDTH)
        if self._console.measure(table, options=whole).maximum <= self._console.width:
            self._console.print(table)
            return
        # Half a figure is none: where a row does not fit, each run is a list.
        for row in rows:
            name, model, *figures = row.cells()
            self._console.print(Text.assemble((name, "bold"), f" {model}"))
            for head, figure in zip(Tally.heads()[2:], figures, strict=True):
                self._console.print(Text.assemble((f"  {head:<{_HEADS}} ", "dim"), figure))

    def close(self) -> None:
        """See `Screen`."""
        self._settle()

    def _tail(self) -> str:
        width = max(20, self._console.width - 4)
        lines = [
            line.plain
            for paragraph in self._thinking.split("\n")
            for line in Text(paragraph).wrap(self._console, width) or [Text()]
        ]
        tail = lines[-PANE_LINES:]
        return "\n".join([*tail, *[""] * (PANE_LINES - len(tail))])

    def _pane(self, text: str, title: str) -> Panel:
        return Panel(Text(text, style="italic"), title=title, title_align="left", border_style="blue")

    def _show(self, renderable: RenderableType) -> None:
        self._latest = renderable
        if not self._moving:
            return
        if self._live is None:
            self._live = Live(console=self._console, refresh_per_second=20, vertical_overflow="visible")
            self._live.start()
        self._live.update(renderable)

    def _settle(self) -> None:
        """Let the live part stay on screen as it is, and begin below it."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        elif self._latest is not None:
            self._console.print(self._latest)
        self._latest = None
        self._thinking = self._answer = ""
