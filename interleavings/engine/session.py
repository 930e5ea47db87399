"""One session: a thread with a database connection of its own, which stops before each step until it is released."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any

from django.db import connection

from interleavings.engine.gates import Abandoned, Gates
from interleavings.engine.step import Step
from interleavings.engine.tracker import Tracker

_here = threading.local()


def current() -> "Session | None":
    """The session whose thread this is."""
    return getattr(_here, "session", None)


class State(Enum):
    """Where a session is. AT_GATE: its next step is known and has not begun. RUNNING: also while the database lets it
    wait for a lock. WAITING: for a Python lock."""

    RUNNING = "running"
    AT_GATE = "at gate"
    WAITING = "waiting for a Python lock"
    DONE = "done"


class Session:
    """Runs pieces of work one after another, each stopping at every gate.

    `is_step(sql)` says which statements are steps; the others run along with the step before them. All state is
    guarded by `lock`, which the sessions of one stage share; a session that stops notifies `arrived`, a condition of
    that lock, and waits for its `turn`.
    """

    def __init__(
        self, name: str, *, is_step: Callable[[str], bool], arrived: threading.Condition, lock: AbstractContextManager
    ) -> None:
        self.name = name
        self.pid: int | None = None  # of its server process, as pg_blocking_pids() names it
        self.state = State.DONE
        self.next_step: Step | None = None
        self.trace: list[Step] = []
        self.tracker = Tracker(name)
        self.result: Any = None
        self.error: BaseException | None = None
        self.fault = ""  # what it did that no session may do; the run is worth nothing then
        self.awaited: Any = None  # the Python lock that it waits for
        self.is_connecting = False  # it opens the connection that it is meant to have
        self.lock = lock
        self.turn = threading.Condition(lock)
        self._arrived = arrived
        self._gates = Gates(self, is_step)
        self._work: Callable[[], Any] | None = None
        self._released = self.is_abandoned = self.is_closed = self.is_hurried = False
        self.thread = threading.Thread(target=self._live, name=f"session-{name}", daemon=True)
        self.thread.start()

    # Called by whoever directs the sessions, holding `lock`.

    def begin(self, work: Callable[[], Any]) -> None:
        """Start the work; it runs up to its first gate by itself."""
        self.trace, self.result, self.error, self.next_step = [], None, None, None
        self.tracker, self.fault, self.awaited = Tracker(self.name), "", None
        self._work, self.state = work, State.RUNNING
        self._released = self.is_abandoned = False
        self.turn.notify()

    def release(self, *, hurry: bool = False) -> None:
        """Let it take the step that it stands before.

        `hurry`: another session waits already, so this step may close a circle; let the database look at once.
        """
        self._released, self.is_hurried, self.state = True, hurry, State.RUNNING
        self.turn.notify()

    def abandon(self) -> None:
        """Make it leave its work at the gate where it stands, or at the next one."""
        self.is_abandoned = True
        self.turn.notify()

    def close(self) -> None:
        self.is_abandoned = self.is_closed = True
        self.turn.notify()

    # The session's own thread.

    def _live(self) -> None:
        _here.session = self
        try:
            while (work := self._next_work()) is not None:
                self._do(work)
        finally:
            connection.close()

    def _next_work(self) -> Callable[[], Any] | None:
        with self.lock:
            self.turn.wait_for(lambda: self._work or self.is_closed)
            work, self._work = self._work, None
            return None if self.is_closed else work

    def _do(self, work: Callable[[], Any]) -> None:
        try:
            self._gates.connect()
            with connection.execute_wrapper(self._gates.execute):
                self.result = work()
        except Abandoned:
            pass
        except BaseException as error:  # whatever the work raised is its outcome; the session must survive it
            self.error = error
        finally:
            self._gates.look_for_leftovers()
            with self.lock:
                self.state, self.next_step = State.DONE, None
                self._arrived.notify()

    # Its gates.

    def stop_at_gate(self, step: Step) -> None:
        """Stand before the step until released. Raises Abandoned if the run ends before."""
        with self.lock:
            self.state, self.next_step = State.AT_GATE, step
            self._arrived.notify()
            self.turn.wait_for(lambda: self._released or self.is_abandoned)
            if self.is_abandoned:
                self.state = State.RUNNING
                raise Abandoned
            self._released, self.next_step = False, None
            self.trace.append(step)
            self.tracker.next_step()

    def wait_for(self, lock: Any, is_mine: Callable[[], bool]) -> None:
        """Wait for a Python lock, holding `lock`. Raises Abandoned if the run ends before."""
        self.state, self.awaited = State.WAITING, lock
        self._arrived.notify()
        self.turn.wait_for(lambda: is_mine() or self.is_abandoned)
        self.state, self.awaited = State.RUNNING, None
        if not is_mine():
            raise Abandoned
