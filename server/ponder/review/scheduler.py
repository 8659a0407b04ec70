"""Which saved file is reviewed next, and when. Pure: the clock's figures come in, decisions go out; starts nothing.

The latest save of a file wins; typing in a file postpones its review; a text that failed twice is left alone.
"""

from collections import Counter

from ponder.review.waiting import Reason

STRIKES = 2
"""Failed reviews of one text before it is left alone until it changes."""


class Scheduler:
    """The queue of saved files. Times are milliseconds of one monotonic clock."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._why: dict[str, Reason] = {}
        """Why a file that is not due yet is not: `quiet` where nothing is said."""
        self._running: set[str] = set()
        self._strikes: Counter[tuple[str, str]] = Counter()

    def waiting(self, now: float) -> Counter[Reason]:
        """How many files wait, by what for."""
        return Counter(
            self._why.get(uri, "quiet") if due > now else "place" for uri, due in self._due.items()
        )

    @property
    def running(self) -> int:
        """How many reviews run."""
        return len(self._running)

    def saved(self, uri: str, digest: str, now: float, debounce: float) -> bool:
        """A file was saved with this text. False where the text failed too often to be tried again."""
        self.forget(uri)
        if self.left_alone(uri, digest):
            return False
        self._due[uri] = now + debounce
        return True

    def typed(self, uri: str, now: float, debounce: float) -> bool:
        """The user types in this file: its review waits until a pause. True where it waited for another reason."""
        if uri not in self._due or self._due[uri] > now + debounce:
            return False
        self._due[uri] = now + debounce
        news = self._why.get(uri) != "typing"
        self._why[uri] = "typing"
        return news

    def postponed(self, uri: str, due: float) -> None:
        """The review of this file could not start now: it is due then, unless a newer save says otherwise."""
        if uri not in self._due:
            self._due[uri], self._why[uri] = due, "rest"

    def waits(self, uri: str) -> bool:
        """Whether a review of this file is still to come."""
        return uri in self._due

    def left_alone(self, uri: str, digest: str) -> bool:
        """Whether this text failed too often to be tried again."""
        return self._strikes.get((uri, digest), 0) >= STRIKES

    def forget(self, uri: str) -> None:
        """The file is no longer of interest."""
        self._due.pop(uri, None)
        self._why.pop(uri, None)

    def forget_all(self) -> None:
        """Nothing that waits is of interest."""
        self._due.clear()
        self._why.clear()

    def take(self, now: float, limit: int) -> list[str]:
        """The files whose review starts now, the longest due first; at most `limit` run at once."""
        ready = sorted(
            (due, uri) for uri, due in self._due.items() if due <= now and uri not in self._running
        )
        taken = [uri for _, uri in ready[: max(0, limit - len(self._running))]]
        for uri in taken:
            self.forget(uri)
            self._running.add(uri)
        return taken

    def next_due(self, limit: int) -> float | None:
        """When `take` is worth calling again; None while nothing waits or every place is taken."""
        if len(self._running) >= limit:
            return None
        return min((due for uri, due in self._due.items() if uri not in self._running), default=None)

    def forgive(self) -> None:
        """What failed may succeed now: no text is left alone any more."""
        self._strikes.clear()

    def ended(self, uri: str, digest: str, *, failed: bool, again: bool = True) -> None:
        """A review ended. A review that was cancelled or stopped by a limit has not failed.

        `again` is False where the same text would come to the same end: it is left alone at once.
        """
        self._running.discard(uri)
        if failed:
            # Only the newest text counts: a file that changes on and on leaves no trail.
            for other in [known for known in self._strikes if known[0] == uri and known[1] != digest]:
                del self._strikes[other]
            self._strikes[uri, digest] += 1 if again else STRIKES
        else:
            self._strikes.pop((uri, digest), None)
