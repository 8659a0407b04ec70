"""Numbers with their noun, as every sentence of the analysis needs them. Knows no code."""


def count(number: int, noun: str) -> str:
    """`no finding`, `1 finding`, `3 findings`, `2 branches`, `2 properties`."""
    if number == 1:
        return f"1 {noun}"
    if noun.endswith(("ch", "s", "x")):
        plural = f"{noun}es"
    elif noun.endswith("y") and noun[-2] not in "aeiou":
        plural = f"{noun[:-1]}ies"
    else:
        plural = f"{noun}s"
    return f"{number or 'no'} {plural}"
