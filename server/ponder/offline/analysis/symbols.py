"""What a document defines, the same for every language. Reads no code itself."""

from msgspec import Struct


class Parameter(Struct, frozen=True):
    """A parameter as written; `type` and `default` are empty where there is none."""

    name: str
    type: str = ""
    default: str = ""
    kind: str = "plain"
    """`plain`, `keyword` (by name only), `positional` (by place only), `rest` or `keywords`."""


class Guard(Struct, frozen=True):
    """A check at the start of a function that raises or returns at once. `text` is the condition as written."""

    text: str
    line: int
    error: str = ""
    """The exception it raises; empty where it returns."""
    value: str = ""
    """What it returns, as written."""


class Symbol(Struct, frozen=True, kw_only=True):
    """A function, method or class. Lines from 1, both included."""

    name: str
    kind: str
    line: int
    end_line: int
    signature: str
    owner: str = ""
    doc: str = ""
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""
    guards: tuple[Guard, ...] = ()
    raises: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    branches: int = 0
    loops: int = 0
    is_async: bool = False
    is_generator: bool = False

    @property
    def full_name(self) -> str:
        """`Owner.name`, or the name alone."""
        return f"{self.owner}.{self.name}" if self.owner else self.name

    @property
    def public(self) -> bool:
        """Whether others are meant to use it, going by its name."""
        return not self.name.startswith("_") and not self.owner.startswith("_")


class Outline(Struct, frozen=True):
    """A document's symbols in the order of the text, what it imports and what it says of itself."""

    symbols: tuple[Symbol, ...] = ()
    imports: tuple[str, ...] = ()
    doc: str = ""
    constants: tuple[str, ...] = ()

    def at(self, first: int, last: int) -> Symbol | None:
        """The symbol these lines are about: the smallest that holds them, else the first inside them."""
        around = [symbol for symbol in self.symbols if symbol.line <= first and last <= symbol.end_line]
        if around:
            return min(around, key=lambda symbol: symbol.end_line - symbol.line)
        inside = [symbol for symbol in self.symbols if first <= symbol.line <= last]
        return inside[0] if inside else None
