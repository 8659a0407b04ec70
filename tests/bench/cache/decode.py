"""Reads workspace blocks back into texts, from the notation alone. Shares no code with the planner."""

import re

_HEAD = re.compile(r"(===) (.*) (\d+)$|(~~~|xxx) (.*)$", re.DOTALL)


def decoded(blocks: list[str]) -> dict[str, str]:
    """What a careful reader knows after these blocks (without the instructions): unit to text."""
    known: dict[str, list[str]] = {}
    for block in blocks:
        lines = block.split("\n")
        if lines.pop() != "":
            raise ValueError("a block does not end its last line")
        row, file = 0, ""
        while row < len(lines):
            head = _HEAD.match(lines[row])
            if head is None:
                raise ValueError(f"no piece starts with {lines[row]!r}")
            row += 1
            sign, name, count = (head[1], head[2], head[3]) if head[1] else (head[4], head[5], "0")
            unit = file + name if name.startswith("::") else name
            file = unit.split("::", 1)[0]
            if sign == "===":
                known[unit] = lines[row : row + int(count)]
                row += int(count)
            elif sign == "xxx":
                known.pop(unit, None)
            else:
                row, known[unit] = _changed(known[unit], lines, row)
    return {unit: "\n".join(lines) for unit, lines in known.items()}


def _changed(old: list[str], lines: list[str], row: int) -> tuple[int, list[str]]:
    new: list[str] = []
    done = 0
    while row < len(lines) and lines[row].startswith("@@ "):
        start, count = (int(number) for number in lines[row][3:].split())
        new += old[done : start - 1]
        done = start - 1 + count
        row += 1
        anchors = {"-": start - 1, " ": start - 2}
        if row < len(lines) and lines[row][:1] in anchors:
            place = anchors[lines[row][0]]
            if old[place] != lines[row][1:]:
                raise ValueError(f"line {place + 1} is {old[place]!r}, not {lines[row][1:]!r}")
            row += 1
        while row < len(lines) and lines[row].startswith("+"):
            new.append(lines[row][1:])
            row += 1
    return row, new + old[done:]
