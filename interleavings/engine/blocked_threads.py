"""What a thread is blocked in, read from its stack: a lock that cannot be stepped, a sleep, a queue."""

import linecache
import re
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from interleavings.engine.code_place import is_users

CAN_BE_STEPPED = "a threading.Lock or RLock made in the file itself, a filelock.FileLock, or a lock of the database"

# Functions of C that wait leave no frame of their own: they are known by the text of the line that calls them.
_CALLED = re.compile(r"\b(?:(?P<object>[\w.]+)\.)?(?P<function>flock|lockf|sleep|acquire)\s*\(")
_ENTERED = re.compile(r"\bwith\s+(?P<object>[\w.]+)\s*[:,(]?")
_IS_LOCK = re.compile(r"(?i)lock|semaphore|mutex|condition|acquire|lockf")


class Place(NamedTuple):
    """Where a thread is."""

    line: str  #: the innermost line of the user's code
    blocked_in: str  #: the function or the kind of object that it waits in there; empty if it cannot be told

    def __str__(self) -> str:
        """Two sentences' ends: where it is, and why it does not go on."""
        return f"{self.line}. {self._reason()}"

    def _reason(self) -> str:
        if "sleep" in self.blocked_in:
            return f"It sleeps ({self.blocked_in}); no time passes in a schedule: take it out."
        if _IS_LOCK.search(self.blocked_in):
            return f"It waits for a lock of a kind that cannot be stepped ({self.blocked_in}): take {CAN_BE_STEPPED}."
        if self.blocked_in:
            return f"It waits in {self.blocked_in}, for something that no session holds."
        return "It runs for ever, sleeps, or waits for something that no session holds."


def place_of(frame: FrameType | None) -> Place:
    """Where a thread is, by its innermost frame.

    1. Frames of Python itself, of libraries and of this package are left out, from the inside on, up to the first line
       of the user's code.
    2. The outermost function that was left out is what that line called: `Queue.get`, and not the lock within.
    3. If none was left out, the line calls a function of C, which is looked for in its text.
    """
    called: FrameType | None = None
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            line = f"{Path(frame.f_code.co_filename).name}, line {frame.f_lineno}"
            return Place(line, _name_of_function(called) if called is not None else _name_in_line(frame))
        called, frame = frame, frame.f_back
    return Place("in no line of its own", "")


def _name_of_function(frame: FrameType) -> str:
    """The name of a function of a library with its class: "queue.Queue.get"; empty if it is one of Django's."""
    module = frame.f_globals.get("__name__", "")
    if module.partition(".")[0] in ("django", "psycopg", "interleavings"):
        return ""
    owner = frame.f_locals.get("self")
    parts = [module, *([type(owner).__name__] if owner is not None else []), frame.f_code.co_name]
    return ".".join(part for part in parts if part not in ("__enter__", "__exit__"))


def _name_in_line(frame: FrameType) -> str:
    """The function of C that a line calls, or the kind of lock that it enters; empty if it has neither."""
    text = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    call = _CALLED.search(text)
    if call is not None and call["function"] != "acquire":
        return f"{call['object']}.{call['function']}" if call["object"] else call["function"]
    entered = call or _ENTERED.search(text)
    value = _value_of(entered["object"], frame) if entered is not None and entered["object"] else None
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}".replace("_thread.lock", "threading.Lock of another module")
    name = name.replace("_thread.RLock", "threading.RLock of another module")
    return name if value is not None and _IS_LOCK.search(name) else ""


def _value_of(dotted: str, frame: FrameType) -> Any:
    """What a dotted name means in a frame; None if that is not known."""
    first, *rest = dotted.split(".")
    value = frame.f_locals.get(first, frame.f_globals.get(first))
    for name in rest:
        value = getattr(value, name, None)
    return value
