"""What a session did that cannot be explored, in one sentence each."""

import sys

from interleavings.engine.blocked_threads import place_of
from interleavings.engine.code_place import say_where
from interleavings.engine.session import Session
from interleavings.engine.step import Step


class Fault(Exception):
    """A session did what no session may do, so nothing can be said about any schedule. The message is one sentence."""


class Stuck(Fault):
    """A session neither arrived at its next step, nor ended, nor was found waiting for another session."""


def say_fault(session: Session) -> str:
    """What a session did that no session may do, and where."""
    return f"Session {session.name}: {session.record.fault}, {_after_which_step(session)}."


def say_stuck(session: Session, *, patience_s: float) -> str:
    """A session that does not arrive: its last step, the line that its thread is at, and what it waits in there."""
    return (
        f"Session {session.name}: it did not arrive at its next step within {patience_s:g} s, "
        f"{_after_which_step(session)}: {place_of(sys._current_frames().get(session.thread.ident or 0))}"
    )


def say_endless(session: Session) -> str:
    """A session that has taken more steps than a session may."""
    trace = session.record.trace
    return (
        f"Session {session.name}: it has taken {len(trace)} steps, which is the most that are explored, and does not "
        f"end; the last was {trace[-1]}{say_where(trace[-1].code_stack)}."
    )


def say_not_repeatable(session: Session, before: str, now: str, *, is_same_beginning: bool) -> str:
    """A session that did not do the same again; `before` and `now` are statements, or empty: it had ended."""
    number = len(session.record.trace) + 1
    where = say_where(session.next_step.code_stack if session.next_step else ())
    statements = [str(Step(session.name, sql)) if sql else "its end" for sql in (before, now)]
    is_same_text = statements[0] == statements[1]
    what = "the same, with other values" if is_same_text else f"{statements[1]} after {statements[0]}"
    if is_same_beginning:
        return (
            f"Session {session.name}: its step {number}{where} is not the same in two runs that began alike ({what}). "
            "Take out what changes from run to run: a random order, the clock, something that a module keeps."
        )
    return (
        f"Session {session.name}: its step {number}{where} depends on what another session did, but on no row and "
        f"no lock ({what}). Take out what they share in Python, such as a cache in a module, or explore without "
        "pruning."
    )


def say_contradiction(session: str, one: str, other: str) -> str:
    """A session that did not do the same in two processes: statements, or empty where it had ended."""
    texts = [str(Step(session, sql)) if sql else "its end" for sql in sorted((one, other))]
    return f"Session {session}: it does not do the same in two processes ({texts[0]}, and {texts[1]}, after the same)."


def _after_which_step(session: Session) -> str:
    trace = session.record.trace
    return f"after its step {len(trace)} ({trace[-1]})" if trace else "before its first step"
