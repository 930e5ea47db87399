"""What a thread is blocked in, read from its stack: a lock that cannot be stepped, a sleep, a queue."""

import ast
import linecache
import re
from collections.abc import Hashable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from interleavings.engine.code_place import is_users

CAN_BE_STEPPED = "a threading.Lock or RLock made in the file itself, a filelock.FileLock, or a lock of the database"

# Functions of C that wait leave no frame of their own: they are looked for in the line that calls them.
_WAITING = ("flock", "lockf", "sleep")
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
    3. If none was left out, the line calls a function of C, which is looked for in its source.
    """
    called: FrameType | None = None
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            line = f"{Path(frame.f_code.co_filename).name}, line {frame.f_lineno}"
            return Place(line, _name_of_function(called) if called is not None else _name_in_line(frame))
        called, frame = frame, frame.f_back
    return Place("in no line of its own", "")


def _name_of_function(frame: FrameType) -> str:
    """The name of a function of a library with its class: "queue.Queue.get"; empty if it asks the database."""
    module = frame.f_globals.get("__name__", "")
    if module.startswith(("django.db", "psycopg", "interleavings")):
        return ""
    owner = frame.f_locals.get("self")
    parts = [module, *([type(owner).__name__] if owner is not None else []), frame.f_code.co_name]
    return ".".join(part for part in parts if part not in ("__enter__", "__exit__"))


def _name_in_line(frame: FrameType) -> str:
    """The function of C that a line calls, or the kind of lock that it takes; empty if neither can be told."""
    for node in _calls_and_locks(frame.f_code.co_filename, frame.f_lineno):
        name = _name_of_call(node, frame) if isinstance(node, ast.Call) else _kind_of_lock(_value_of(node, frame))
        if name:
            return name
    return ""


def _calls_and_locks(file: str, line: int) -> list[ast.expr]:
    """The calls on a line, and what it enters by `with`."""
    nodes = list(ast.walk(ast.parse("".join(linecache.getlines(file)))))
    entered = [node.context_expr for node in nodes if isinstance(node, ast.withitem)]
    calls = [node for node in nodes if isinstance(node, ast.Call) and node not in entered]
    return [node for node in (*calls, *entered) if node.lineno <= line <= (node.end_lineno or 0)]


def _name_of_call(call: ast.Call, frame: FrameType) -> str:
    """The name of a function that waits, whatever it is called here; of a lock's acquire(), the kind of the lock."""
    function = _value_of(call.func, frame)
    name = getattr(function, "__name__", "")
    if name in _WAITING:
        return f"{function.__module__}.{name}"
    match call.func:
        case ast.Attribute(value=lock, attr="acquire"):
            return _kind_of_lock(_value_of(lock, frame))
    return ""


def _kind_of_lock(value: Any) -> str:
    """Its class; empty if it is no lock."""
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}".replace("_thread.lock", "threading.Lock of another module")
    name = name.replace("_thread.RLock", "threading.RLock of another module")
    return name if _IS_LOCK.search(name) else ""


def _value_of(expression: ast.expr, frame: FrameType) -> Any:
    """What a name, an attribute or an item means in a frame; None if that is not known. Nothing is called."""
    match expression:
        case ast.Name(id=name):
            return frame.f_locals.get(name, frame.f_globals.get(name))
        case ast.Attribute(value=owner, attr=name):
            return getattr(_value_of(owner, frame), name, None)
        case ast.Subscript(value=owner, slice=key):
            items, place = _value_of(owner, frame), _value_of(key, frame)
            return items.get(place) if type(items) is dict and isinstance(place, Hashable) else None
        case ast.Constant(value=value):
            return value
    return None
