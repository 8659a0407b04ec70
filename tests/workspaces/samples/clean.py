"""Greatest common divisors and what follows from them. Nothing here is wrong."""


def gcd(first: int, second: int) -> int:
    """The greatest common divisor.

    >>> gcd(12, 18)
    6
    """
    while second:
        first, second = second, first % second
    return abs(first)


def lcm(first: int, second: int) -> int:
    """The least common multiple; 0 where one of them is 0."""
    if first == 0 or second == 0:
        return 0
    return abs(first * second) // gcd(first, second)


def ratio(part: int, whole: int) -> float:
    """A part as a share of the whole."""
    if whole == 0:
        raise ValueError("the whole must not be zero")
    return part / whole
