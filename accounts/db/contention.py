"""What contention costs an operation: waiting, deadlocks, retries. Counted where it happens, for each thread."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from accounts.db.sqlstates import LOCK_NOT_AVAILABLE, SERIALIZATION_FAILURE, is_deadlock, sqlstate

ATTEMPTS = 100
T = TypeVar("T")


@dataclass
class Contention:
    """What one transfer or audit went through."""

    waited_us: int = 0
    retries: int = 0
    deadlocks: int = 0
    serialization_failures: int = 0
    refused_locks: int = 0


class _Current(threading.local):
    """The counters of the operation that each thread is at; for a thread that asks first, they begin at zero."""

    def __init__(self) -> None:
        self.contention = Contention()


_thread = _Current()


def current() -> Contention:
    """The counters of the operation that this thread is at."""
    return _thread.contention


def take() -> Contention:
    """The counters of the operation that ends now; the next one begins at zero."""
    counters, _thread.contention = _thread.contention, Contention()
    return counters


@contextmanager
def waiting() -> Iterator[None]:
    """Counts the time inside, which is to be one request for a lock, as waiting."""
    start = time.perf_counter()
    try:
        yield
    finally:
        current().waited_us += int((time.perf_counter() - start) * 1_000_000)


class Lock(Protocol):
    """Anything with acquire() and release()."""

    def acquire(self) -> Any: ...

    def release(self) -> Any: ...


@contextmanager
def held(lock: Lock) -> Iterator[None]:
    """``with lock``, with the time until it was ours counted as waiting."""
    with waiting():
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def retry(work: Callable[[], T], *, when: Callable[[Exception], bool], at_most: int = ATTEMPTS) -> T:
    """Do the work until it is refused no more; count every refusal. After `at_most` attempts the last one is raised."""
    for attempts_left in reversed(range(at_most)):
        try:
            return work()
        except Exception as error:
            if not when(error) or not attempts_left:
                raise
            count_refusal(error)
            current().retries += 1
    raise ValueError(f"at_most cannot be {at_most}: choose 1 or more.")


def count_refusal(error: Exception) -> None:
    """Count what the database refused, by its SQLSTATE."""
    counters = current()
    counters.deadlocks += is_deadlock(error)
    counters.serialization_failures += sqlstate(error) == SERIALIZATION_FAILURE
    counters.refused_locks += sqlstate(error) == LOCK_NOT_AVAILABLE
