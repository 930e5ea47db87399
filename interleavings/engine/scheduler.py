"""The scheduler: says which session takes its next step, and sees which sessions wait for which others."""

import ctypes
import threading
import time
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TypeVar

from django.db import connection

from interleavings.engine import thread_guard
from interleavings.engine.choices import Release, see_release
from interleavings.engine.current import Abandoned
from interleavings.engine.early_looks import EarlyLooks
from interleavings.engine.expected_wait import EXPECTED_S, NOT_EXPECTED_S, UNKNOWN_S, look_after_s
from interleavings.engine.faults import Fault, Stuck, say_endless, say_fault, say_stuck
from interleavings.engine.footprint import EVERYTHING, Footprint
from interleavings.engine.session import Manner, Session, State, Work
from interleavings.engine.step import Step
from interleavings.engine.waits import Waits, ask_database, have_circle

S = TypeVar("S", bound="Scheduler")

PATIENCE_S = 10.0
CANCEL_AFTER_S = 0.2
END_WITHIN_S = 2.0
MAX_STEPS = 200  # of one session; more are taken for a loop without an end


class Scheduler(AbstractContextManager["Scheduler"]):
    """Sessions with connections of their own, kept from one run to the next. Close it, or use it in a `with`.

        with Scheduler(["anna", "ben"], is_step=is_step) as scheduler:
            scheduler.begin({"anna": redeem, "ben": redeem})
            scheduler.step("anna")

    `is_step(sql)` says which statements are steps. `patience_s` is how long a session may take for one step without
    being found waiting; `max_steps` is how many steps each may take. Must not be used inside a
    database transaction: its sessions would not see what that one wrote.
    """

    def __init__(
        self,
        names: Iterable[str],
        *,
        is_step: Callable[[str], bool],
        patience_s: float = PATIENCE_S,
        max_steps: int = MAX_STEPS,
    ) -> None:
        thread_guard.install()
        self._max_steps = max_steps
        self._lock = threading.RLock()
        self._arrived = threading.Condition(self._lock)
        self._patience_s = patience_s
        self.sessions = {name: Session(name, is_step=is_step, arrived=self._arrived, lock=self._lock) for name in names}
        #: the steps taken since `begin`, also those that wait
        self.trace: list[Step] = []
        #: the sessions that wait, in the database or for a Python lock
        self.waits: Waits = {}
        self._looks = EarlyLooks(self.sessions, self._arrived)
        #: what the last step touched
        self.footprint: Footprint = EVERYTHING
        #: what the last step did to the sessions that waited before it
        self.release = Release()

    def __enter__(self: S) -> S:
        return self

    def __exit__(self, *exception: object) -> None:
        thread_guard.remove()
        with self._lock:
            for session in self.sessions.values():
                session.close()
        for session in self.sessions.values():
            session.thread.join(END_WITHIN_S)
            if session.thread.is_alive():
                _interrupt(session)

    # Stepping.

    def begin(self, works: Mapping[str, Work]) -> None:
        """Start each session's work, up to its first step. Raises Fault as `step` does."""
        self.trace, self.waits, self.release = [], {}, Release()
        self._looks.begin()
        for name, work in works.items():
            with self._lock:
                self.sessions[name].begin(work)
            self._settle(NOT_EXPECTED_S)

    def step(self, name: str, *, is_slow_to_wake: bool = False) -> bool:
        """Let a session take its next step. Returns whether it was done; False: the session waits in it.

        Sessions that waited and do not any more go on to their own next step meanwhile; `release` says which.
        `is_slow_to_wake`: if it has to wait, it is to lose against others that are woken with it (choices.py).

        Raises ValueError if the session is not at a gate; Fault if a session did what no session may do, has taken
        `max_steps` steps, or (Stuck) does not arrive anywhere.
        """
        session, waits = self.sessions[name], self.waits
        in_python = [other for other in waits if self.sessions[other].state is State.WAITING]
        if len(session.record.trace) >= self._max_steps:
            raise Fault(say_endless(session))
        self._looks.give_time()
        look_after = look_after_s(session, self.sessions.values())
        step = self._let_go(session, is_slow_to_wake=is_slow_to_wake)
        if self._has_arrived(session, look_after) and session.record.tracker.footprint.may_free_others:
            self._settle(EXPECTED_S, released_by=name)
        elif session.state is not State.AT_GATE:
            self._settle(0)
        self.release = see_release(name, waits, self.waits, in_python=in_python)
        frees = bool(self.release.freed) or session.record.tracker.footprint.may_free_others
        self._looks.note(waits, self.waits, may_have_ended=frees)
        step.let_go = self.release.let_go
        step.python_locks = self._held_python_locks()
        for other in self.release.freed:
            self.sessions[other].record.trace[-1].freed_by = len(self.trace) - 1
        is_done = name not in self.waits
        step.waited_for = self.waits.get(name, [])
        self.footprint = self._footprint(session, step, is_done=is_done)
        return is_done

    def ready(self) -> list[str]:
        """The sessions that stand before a step."""
        return [name for name, session in self.sessions.items() if session.state is State.AT_GATE]

    def place_of_last_step(self, name: str) -> int:
        """The place in the schedule of the session's last step, from 0. Raises ValueError if it has taken none."""
        return max(place for place, step in enumerate(self.trace) if step.session == name)

    def has_ended_transaction(self, name: str) -> bool:
        """Whether the session's last step was done, and nothing that it locked is locked any more."""
        step = self.sessions[name].record.trace[-1]
        return name not in self.waits and not step.in_transaction and not step.error

    def is_over(self) -> bool:
        """Whether every session has ended its work."""
        return all(session.state is State.DONE for session in self.sessions.values())

    def _let_go(self, session: Session, *, is_slow_to_wake: bool) -> Step:
        """Let the session go from its gate."""
        with self._lock:
            step = session.next_step
            if session.state is not State.AT_GATE or step is None:
                error = session.record.error
                raise ValueError(
                    f"Session {session.name} cannot take a step: it is {session.state.value} ({error!r})."
                ) from error
            self.trace.append(step)
            # A session without a lock is waited for by none, so its wait closes no circle.
            may_close_circle = bool(self.waits) and session.record.tracker.may_hold_locks
            session.release(Manner(is_deadlock_checked_at_once=may_close_circle, is_slow_to_wake=is_slow_to_wake))
            return step

    def _has_arrived(self, session: Session, within_s: float) -> bool:
        """Whether the session has taken its step within this time."""
        with self._lock:
            return self._arrived.wait_for(lambda: session.state is not State.RUNNING, within_s)

    def _footprint(self, session: Session, step: Step, *, is_done: bool) -> Footprint:
        """What the step touched, together with the step of the session that it let go on, or on to another wait."""
        freed = [self.sessions[name].record for name in self.release.freed]
        if self.release.rivals or len(freed) > 1 or step.error or any(record.trace[-1].error for record in freed):
            return Footprint(sessions={session.name, *self.release.freed}, everything=True)
        moved = [self.sessions[name].record for name in self.release.moved]
        tracker = session.record.tracker
        footprint = tracker.footprint if is_done else tracker.blocked_footprint()
        return footprint.joined(
            *(record.tracker.footprint for record in freed), *(record.tracker.blocked_footprint() for record in moved)
        )

    # Settling.

    def _settle(self, pause_s: float, *, released_by: str = "") -> None:
        """Return when every session stands at a gate, has ended, or waits for another one; note who waits.

        A session that runs may be about to arrive, or wait in the database; its thread cannot say which. So, in turn:

        1. Give all that run, and were not found waiting before, `pause_s` to arrive, and more time after each answer;
           the first time also those that waited for the session `released_by`.
        2. Raise Fault if one of them did what no session may do.
        3. Ask the database which of those that still run wait for another session of ours.
        4. It is settled if all of them wait, and that answer is sure:
           a. They do not wait in a circle. The database is about to refuse one of a circle, which then goes on.
           b. If two or more wait, the database gives the same answer again. It looks at one session after the other.
              While it looks at B, A may go on from where it was seen waiting; B's wait may have ended too when the
              answer arrives. If two answers are equal, both waits existed between them. If only one runs, one answer is
              enough: all others stand still, so none of them can let it go.
           c. None of them has arrived at a gate since 1.
        5. Else begin again, until `patience_s` is over: then raise Stuck.
        """
        deadline = time.monotonic() + self._patience_s
        waiting = {name for name, others in self.waits.items() if released_by not in others}
        while True:
            running = self._give_time_to_arrive(pause_s, waiting)
            self._raise_faults()
            waits = self._ask_database(running)
            if len(waits) == len(running) and self._is_sure(waits, running):
                self.waits = waits | self._waits_for_python_locks()
                with self._lock:
                    for name in waits:
                        self.sessions[name].has_waited = True
                return
            self.waits = {name: others for name, others in self.waits.items() if name in waits}
            waiting = set(self.waits)
            pause_s = min(max(2 * pause_s, UNKNOWN_S), NOT_EXPECTED_S)
            if time.monotonic() > deadline:
                session = next((session for session in running if session.name not in waits), running[0])
                raise Stuck(say_stuck(session, patience_s=self._patience_s))

    def _give_time_to_arrive(self, pause_s: float, waiting: Container[str]) -> list[Session]:
        """Wait up to `pause_s` for the sessions that are not `waiting`. Returns those that still run."""
        sessions = self.sessions.values()
        with self._lock:
            self._arrived.wait_for(
                lambda: all(session.state is not State.RUNNING or session.name in waiting for session in sessions),
                pause_s,
            )
            return [session for session in sessions if session.state is State.RUNNING]

    def _is_sure(self, waits: Waits, running: list[Session]) -> bool:
        """Step 4 of `_settle`."""
        if have_circle(waits) or (len(waits) > 1 and waits != self._ask_database(running)):
            return False
        with self._lock:
            return all(session.state is State.RUNNING for session in running)

    def _ask_database(self, running: list[Session]) -> dict[str, list[str]]:
        return ask_database(running, self.sessions.values()) if running else {}

    def _waits_for_python_locks(self) -> dict[str, list[str]]:
        return {
            name: [session.awaited_lock.owner.name]
            for name, session in self.sessions.items()
            if session.state is State.WAITING and session.awaited_lock and session.awaited_lock.owner
        }

    def _held_python_locks(self) -> dict[str, tuple[str, ...]]:
        held = ((name, session.record.python_locks) for name, session in self.sessions.items())
        return {name: tuple(lock.name for lock in locks) for name, locks in held if locks}

    def _raise_faults(self) -> None:
        for session in self.sessions.values():
            if session.record.fault:
                raise Fault(say_fault(session))

    # Ending a run before its end.

    def abandon(self) -> None:
        """End all work where it stands, rolled back.

        1. Every session leaves its work at its gate. One that waits for another goes on when that one has gone, and
           leaves at its next gate.
        2. If some have not left after CANCEL_AFTER_S, the statements that they execute are cancelled.
        3. If some have not left END_WITHIN_S later, they are interrupted.
        """
        with self._lock:
            for session in self.sessions.values():
                session.abandon()
            if self._arrived.wait_for(self.is_over, CANCEL_AFTER_S):
                return
        self._cancel_statements()
        with self._lock:
            if self._arrived.wait_for(self.is_over, END_WITHIN_S):
                return
        for session in self.sessions.values():
            if session.state is not State.DONE:
                _interrupt(session)
        with self._lock:
            self._arrived.wait_for(self.is_over, END_WITHIN_S)

    def _cancel_statements(self) -> None:
        pids = [session.pid for session in self.sessions.values() if session.state is State.RUNNING and session.pid]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_cancel_backend(pid) FROM unnest(%s::int[]) AS pid", [pids])


def _interrupt(session: Session) -> None:
    """Raise Abandoned in a thread that does not come to any gate, and take its connection away.

    A thread that sleeps notices when it wakes; until then it holds nothing.
    """
    if session.pid is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [session.pid])
    thread_id = ctypes.c_ulong(session.thread.ident or 0)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(thread_id, ctypes.py_object(Abandoned))
