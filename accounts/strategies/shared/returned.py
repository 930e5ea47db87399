"""What a strategy's function must not return: work that has not begun, and that nothing will begin."""

import inspect
from typing import Any


class NothingDone(TypeError):
    """A strategy's function returned a coroutine or a generator: its code has not begun to run."""


def check_returned(result: Any) -> None:
    """Raises NothingDone if what transfer() returned would have to be awaited or iterated first."""
    if inspect.isgenerator(result):
        raise _nothing_done("transfer", "a generator")
    check_not_async(result, "transfer")


def check_not_async(result: Any, function: str) -> None:
    """Raises NothingDone if what the function returned would have to be awaited first."""
    if inspect.iscoroutine(result):
        result.close()  # else Python warns that it was never awaited
        raise _nothing_done(function, "a coroutine")
    if inspect.isasyncgen(result):
        raise _nothing_done(function, "an asynchronous generator")


def _nothing_done(function: str, kind: str) -> NothingDone:
    return NothingDone(f"{function}() returned {kind}: nothing was done. Write it as a plain function.")
