"""What a press of a button has run, for the page that it leads to: so each step is run once, and not twice."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

MAX_KEPT = 100  # pages that were never asked for are forgotten, the oldest first

T = TypeVar("T")


class Handover(Generic[T]):
    """Values of this process, each to be taken once. One that is not there is to be made again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def give(self, key: Hashable, value: T) -> None:
        """Keep it until it is taken."""
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)

    def take(self, key: Hashable) -> T | None:
        """What was given for this key; None if nothing was, or it was taken."""
        with self._lock:
            return self._kept.pop(key, None)
