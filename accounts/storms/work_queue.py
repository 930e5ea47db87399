"""A job's transfers, shared by its threads: who takes the next one, and how far its audits may go meanwhile."""

import threading
from collections import deque
from contextlib import suppress

from accounts.models import Transfer


class Work:
    """Which of a job's transfers are still to be done, how many have ended, and how many threads are at them."""

    def __init__(self, orders: list[Transfer], thread_count: int) -> None:
        self._waiting = deque(orders)
        self._count = len(orders)
        self._ended = 0
        self._thread_count = thread_count
        self._changed = threading.Condition()

    def take(self, at_most: int) -> list[Transfer]:
        """The next ones; other threads take from the same deque."""
        taken = []
        with suppress(IndexError):
            while len(taken) < at_most:
                taken.append(self._waiting.popleft())
        return taken

    def drop_the_rest(self) -> None:
        self._waiting.clear()

    def step(self, count: int) -> None:
        with self._changed:
            self._ended += count
            self._changed.notify_all()

    def leave(self) -> None:
        """One of the threads does no more transfers, for whatever reason."""
        with self._changed:
            self._thread_count -= 1
            self._changed.notify_all()

    def wait_for(self, share: float) -> bool:
        """Wait until this share (0 to 1) of the transfers has ended; False if nobody is left who would end it."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_done(share) or not self._thread_count)
            return self._has_done(share)

    def _has_done(self, share: float) -> bool:
        return self._ended >= share * self._count
