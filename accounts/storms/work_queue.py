"""A job's transfers, shared by its threads: which are still to be done, and how many have ended."""

import threading
from collections import deque
from contextlib import suppress

from accounts.models import Transfer


class Work:
    """The transfers of one job. Threads take transfers from it; the job's audits wait until enough have ended."""

    def __init__(self, orders: list[Transfer], thread_count: int) -> None:
        self._waiting = deque(orders)
        self._count = len(orders)
        self._ended_count = 0
        self._thread_count = thread_count
        self._changed = threading.Condition()

    def take(self, at_most: int) -> list[Transfer]:
        """The next transfers to do; empty if none is left. No other thread gets the same ones."""
        transfers: list[Transfer] = []
        with suppress(IndexError):  # another thread took the last one
            while len(transfers) < at_most:
                transfers.append(self._waiting.popleft())
        return transfers

    def drop_the_rest(self) -> None:
        """The storm was stopped: what was not taken will not be done."""
        self._waiting.clear()

    def note_ended(self, count: int) -> None:
        """So many more transfers have ended."""
        with self._changed:
            self._ended_count += count
            self._changed.notify_all()

    def leave(self) -> None:
        """One of the threads does no more transfers, for whatever reason."""
        with self._changed:
            self._thread_count -= 1
            self._changed.notify_all()

    def wait_until_ended(self, share: float) -> bool:
        """Wait until this share (0 to 1) of the transfers has ended; False if no thread is left that would end it."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_ended(share) or not self._thread_count)
            return self._has_ended(share)

    def _has_ended(self, share: float) -> bool:
        return self._ended_count >= share * self._count
