"""Wait for something that another process or thread does."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")

PATIENCE_S = 60
PAUSE_S = 0.02


def wait_until(condition: Callable[[], Answer], timeout_s: float = PATIENCE_S) -> Answer:
    """Ask until the answer is true, and return it; fail the test after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"It did not happen within {timeout_s} s."
        time.sleep(PAUSE_S)
    return answer


def is_a_lock_waited_for() -> bool:
    """Whether any session of the server waits for a lock now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0
