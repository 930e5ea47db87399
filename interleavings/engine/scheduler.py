"""The stage: several sessions, and a director who says whose step is next and sees who is blocked by whom."""

import ctypes
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType
from typing import Any

from django.db import connection

from interleavings.engine import thread_guard
from interleavings.engine.gates import Abandoned
from interleavings.engine.session import Session, State
from interleavings.engine.step import Step
from interleavings.statements.footprint import EVERYTHING, Footprint

LOOK_AFTER_S = 0.001
PATIENCE_S = 10.0
CANCEL_AFTER_S = 0.2
FAREWELL_S = 2.0

Waits = dict[str, list[str]]  # who waits, and for whom


class Fault(Exception):
    """A session did what no session may do, so no schedule can be told about it. The message is one sentence."""


class Stuck(Fault):
    """A session neither arrived at its next step, nor ended, nor was found waiting for another session."""


class Stage(AbstractContextManager):
    """Sessions with connections of their own, kept from one run to the next; close it, or use it in a `with`.

    Must not be used inside a database transaction: its sessions would not see what that one wrote.
    """

    def __init__(self, names: Iterable[str], *, is_step: Callable[[str], bool], patience_s: float = PATIENCE_S) -> None:
        thread_guard.put_up()
        self._lock = threading.RLock()
        self._arrived = threading.Condition(self._lock)
        self._patience_s = patience_s
        self.sessions = {name: Session(name, is_step=is_step, arrived=self._arrived, lock=self._lock) for name in names}
        self.trace: list[Step] = []
        self.waits: Waits = {}
        self.footprint: Footprint = EVERYTHING  # of the last step
        self.freed: list[str] = []  # whom the last step let go on

    def __exit__(self, *exception: object) -> None:
        thread_guard.take_down()
        with self._lock:
            for session in self.sessions.values():
                session.close()
        for session in self.sessions.values():
            session.thread.join(FAREWELL_S)
            if session.thread.is_alive():
                self._interrupt(session)

    def begin(self, works: Mapping[str, Callable[[], Any]]) -> None:
        """Start each session's work, up to its first step."""
        self.trace, self.waits = [], {}
        for name, work in works.items():
            with self._lock:
                self.sessions[name].begin(work)
            self._settle()

    def step(self, name: str) -> bool:
        """Let a session take its next step. Returns whether it was done; False: the session is blocked in it.

        Sessions that were blocked and are so no more go on to their own next step meanwhile.
        """
        session, waited = self.sessions[name], set(self.waits)
        with self._lock:
            if session.state is not State.AT_GATE:
                raise ValueError(
                    f"Session {name} cannot take a step: it is {session.state.value} ({session.error!r})."
                ) from session.error
            step = session.next_step
            self.trace.append(step)
            session.release(hurry=bool(waited))
            self._arrived.wait_for(lambda: session.state is not State.RUNNING, LOOK_AFTER_S)
            lets_nobody_go = session.state is State.AT_GATE and not session.tracker.footprint.lets_go
        if not lets_nobody_go:
            self._settle()
        self.freed = sorted(waited - set(self.waits))
        for other in self.freed:
            self.sessions[other].trace[-1].freed_by = len(self.trace) - 1
        return self._note(session, step)

    def _note(self, session: Session, step: Step) -> bool:
        """Note what the step touched, and for whom it waits."""
        is_done = session.name not in self.waits
        step.waited_for = self.waits.get(session.name, [])
        self.footprint = self._footprint(session, step, is_done)
        return is_done

    def _footprint(self, session: Session, step: Step, is_done: bool) -> Footprint:
        """What the step touched, together with the step of the session that it let go on."""
        freed = [self.sessions[name] for name in self.freed]
        if len(freed) > 1 or step.error or any(other.trace[-1].error for other in freed):
            return EVERYTHING
        footprint = session.tracker.footprint if is_done else session.tracker.blocked()
        return footprint.joined(*(other.tracker.footprint for other in freed))

    def ready(self) -> list[str]:
        """The sessions that stand before a step."""
        return [name for name, session in self.sessions.items() if session.state is State.AT_GATE]

    def is_over(self) -> bool:
        return all(session.state is State.DONE for session in self.sessions.values())

    def abandon(self) -> None:
        """End all work where it stands, rolled back."""
        with self._lock:
            for session in self.sessions.values():
                session.abandon()
            # Whoever waits for one of them goes on when that one is gone, and ends at its next gate.
            if self._arrived.wait_for(self.is_over, CANCEL_AFTER_S):
                return
        self._cancel_statements()
        with self._lock:
            if self._arrived.wait_for(self.is_over, FAREWELL_S):
                return
        for session in self.sessions.values():
            if session.state is not State.DONE:
                self._interrupt(session)
        with self._lock:
            self._arrived.wait_for(self.is_over, FAREWELL_S)

    # Who waits for whom.

    def _settle(self) -> None:
        """Wait until every session stands before a step, has ended, or waits for another one."""
        deadline = time.monotonic() + self._patience_s
        while True:
            with self._lock:
                self._arrived.wait_for(lambda: not self._on_their_way(), LOOK_AFTER_S)
                running = [session for session in self.sessions.values() if session.state is State.RUNNING]
            self._look_for_faults()
            waits = self._look(running) if running else {}
            if len(waits) == len(running) and not _circle(waits) and (len(waits) < 2 or waits == self._look(running)):
                with self._lock:
                    arrived = all(session.state is State.RUNNING for session in running)
                if arrived:
                    self.waits = waits | self._python_waits()
                    return
            self.waits = {name: others for name, others in self.waits.items() if name in waits}
            if time.monotonic() > deadline:
                raise Stuck(self._say_stuck(running, waits))

    def _on_their_way(self) -> bool:
        """Whether anybody runs who was not found blocked before."""
        return any(session.state is State.RUNNING and name not in self.waits for name, session in self.sessions.items())

    def _look(self, running: list[Session]) -> Waits:
        """Who of them waits in the database for another of our sessions."""
        # Each pid is read once: a session that is just connecting gets one at any moment.
        names = {pid: name for name, session in self.sessions.items() if (pid := session.pid) is not None}
        asked = {session.name for session in running}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid, pg_blocking_pids(pid) FROM unnest(%s::int[]) AS pid",
                [[pid for pid, name in names.items() if name in asked]],
            )
            found = {names[pid]: [names[other] for other in others if other in names] for pid, others in cursor}
        return {name: others for name, others in found.items() if others}

    def _python_waits(self) -> Waits:
        return {
            name: [session.awaited.owner.name]
            for name, session in self.sessions.items()
            if session.state is State.WAITING
        }

    # Sessions that do not do what they should.

    def _look_for_faults(self) -> None:
        for session in self.sessions.values():
            if session.fault:
                raise Fault(f"Session {session.name}: {session.fault}, {_where(session)}.")

    def _say_stuck(self, running: list[Session], waits: Waits) -> str:
        session = next((one for one in running if one.name not in waits), running[0])
        place = _place(sys._current_frames().get(session.thread.ident))
        return (
            f"Session {session.name}: it did not arrive at its next step within {self._patience_s:g} s, "
            f"{_where(session)}: {place}. It runs for ever, sleeps, or waits for something that no session holds."
        )

    def _cancel_statements(self) -> None:
        pids = [session.pid for session in self.sessions.values() if session.state is State.RUNNING and session.pid]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_cancel_backend(pid) FROM unnest(%s::int[]) AS pid", [pids])

    def _interrupt(self, session: Session) -> None:
        """Raise Abandoned in a thread that does not come to any gate, and take its connection away.

        A thread that sleeps notices when it wakes; until then it holds nothing.
        """
        if session.pid is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [session.pid])
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(session.thread.ident), ctypes.py_object(Abandoned))


def _circle(waits: Waits) -> bool:
    """Whether they wait for each other in a circle, which the database is about to break."""
    return any(name in _awaited(name, waits) for name in waits)


def _awaited(name: str, waits: Waits) -> set[str]:
    """All whom this one waits for, directly or through others."""
    found: set[str] = set()
    to_visit = list(waits[name])
    while to_visit:
        other = to_visit.pop()
        if other not in found:
            found.add(other)
            to_visit += waits.get(other, [])
    return found


def _where(session: Session) -> str:
    if not session.trace:
        return "before its first step"
    return f"after its step {len(session.trace)} ({session.trace[-1]})"


def _place(frame: FrameType | None) -> str:
    """The innermost line of a thread that is in nobody's library."""
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if not any(part in ("site-packages", "interleavings") or part.startswith("python3") for part in file.parts):
            return f"{file.name}, line {frame.f_lineno}"
        frame = frame.f_back
    return "nobody knows where"
