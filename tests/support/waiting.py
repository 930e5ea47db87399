"""Wait for something that another process or thread does."""

import time
from collections.abc import Callable
from typing import TypeVar

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
