"""What a transfer may return: anything, but work that it has not begun."""

import inspect
from typing import Any


class NothingDone(TypeError):
    """A transfer returned a coroutine or a generator: its code has not begun to run."""


def check_returned(result: Any) -> None:
    """Raises NothingDone if what a transfer returned is work that would have to be awaited or iterated."""
    kinds = {
        "a coroutine": inspect.iscoroutine(result),
        "a generator": inspect.isgenerator(result),
        "an asynchronous generator": inspect.isasyncgen(result),
    }
    for kind, is_so in kinds.items():
        if is_so:
            if kind == "a coroutine":
                result.close()  # else Python warns that it was never awaited
            raise NothingDone(f"transfer() returned {kind}: nothing was done. Write it as a plain function.")
