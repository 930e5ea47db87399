"""What a session did that cannot be explored, in one sentence each."""

import sys
from pathlib import Path
from types import FrameType

from interleavings.engine.session import Session


class Fault(Exception):
    """A session did what no session may do, so nothing can be said about any schedule. The message is one sentence."""


class Stuck(Fault):
    """A session neither arrived at its next step, nor ended, nor was found waiting for another session."""


def say_fault(session: Session) -> str:
    """What a session did that no session may do, and where."""
    return f"Session {session.name}: {session.record.fault}, {_after_which_step(session)}."


def say_stuck(session: Session, *, patience_s: float) -> str:
    """A session that does not arrive: where it was last seen, and the line that its thread is at."""
    return (
        f"Session {session.name}: it did not arrive at its next step within {patience_s:g} s, "
        f"{_after_which_step(session)}: {_line_of(sys._current_frames().get(session.thread.ident or 0))}. "
        "It runs for ever, sleeps, or waits for something that no session holds."
    )


def say_endless(session: Session) -> str:
    """A session that has taken more steps than a session may."""
    trace = session.record.trace
    return f"Session {session.name}: it has taken {len(trace)} steps and does not end; the last was {trace[-1]}."


def _after_which_step(session: Session) -> str:
    trace = session.record.trace
    return f"after its step {len(trace)} ({trace[-1]})" if trace else "before its first step"


def _line_of(frame: FrameType | None) -> str:
    """The innermost line of a thread that is neither Python's own, nor a library's, nor of this package."""
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if not any(part in ("site-packages", "interleavings") or part.startswith("python3") for part in file.parts):
            return f"{file.name}, line {frame.f_lineno}"
        frame = frame.f_back
    return "in no line of its own"
