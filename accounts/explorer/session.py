"""One session: a thread with a database connection of its own, which stops before each step until it is released."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"


class State(Enum):
    """Where a session is. AT_GATE: its next step is known and has not begun. RUNNING: also while it is blocked."""

    RUNNING = "running"
    AT_GATE = "at gate"
    DONE = "done"


@dataclass
class Step:
    """One statement, COMMIT or ROLLBACK of a session, and what came of it."""

    session: str
    sql: str
    params: Any = None
    rows: list | None = None
    error: str = ""


class Abandoned(BaseException):
    """The run is over: leave the session's work, whatever it is doing."""


class Session:
    """Runs pieces of work one after another, each stopping at every gate.

    `is_step(sql)` says which statements are steps; the others run along with the step before them. All state is
    guarded by `changed`, which the sessions of one stage share and notify.
    """

    def __init__(self, name: str, *, is_step: Callable[[str], bool], changed: threading.Condition) -> None:
        self.name = name
        self.pid: int | None = None  # of its server process, as pg_blocking_pids() names it
        self.state = State.DONE
        self.next_step: Step | None = None
        self.trace: list[Step] = []
        self.result: Any = None
        self.error: BaseException | None = None
        self._is_step = is_step
        self._changed = changed
        self._work: Callable[[], Any] | None = None
        self._released = self._abandoned = self._closed = False
        self._thread = threading.Thread(target=self._live, name=f"session-{name}", daemon=True)
        self._thread.start()

    # Called by whoever directs the sessions, holding `changed`.

    def begin(self, work: Callable[[], Any]) -> None:
        """Start the work; it runs up to its first gate by itself."""
        self.trace, self.result, self.error, self.next_step = [], None, None, None
        self._work, self.state = work, State.RUNNING
        self._released = self._abandoned = False
        self._changed.notify_all()

    def release(self) -> None:
        """Let it take the step that it stands before."""
        self._released, self.state = True, State.RUNNING
        self._changed.notify_all()

    def abandon(self) -> None:
        """Make it leave its work at the gate where it stands, or at the next one."""
        self._abandoned = True
        self._changed.notify_all()

    def close(self) -> None:
        self._abandoned = self._closed = True
        self._changed.notify_all()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    # The session's own thread.

    def _live(self) -> None:
        try:
            while (work := self._next_work()) is not None:
                self._do(work)
        finally:
            connection.close()

    def _next_work(self) -> Callable[[], Any] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._work or self._closed)
            work, self._work = self._work, None
            return work

    def _do(self, work: Callable[[], Any]) -> None:
        try:
            self._connect()
            with connection.execute_wrapper(self._execute):
                self.result = work()
        except Abandoned:
            connection.close()  # whatever was left open in it
        except BaseException as error:  # whatever the work raised is its outcome; the session must survive it
            self.error = error
        finally:
            with self._changed:
                self.state, self.next_step = State.DONE, None
                self._changed.notify_all()

    def _connect(self) -> None:
        if connection.connection is not None and not connection.connection.closed:
            return
        connection.ensure_connection()
        # A deadlock is then found as soon as it exists, and its victim is always the session that closed the circle.
        with connection.cursor() as cursor:
            cursor.execute("SET deadlock_timeout = '1ms'")
        self.pid = connection.connection.info.backend_pid
        wrapper = connections[DEFAULT_DB_ALIAS]  # itself: `connection` is only a proxy
        for name, word in (("_commit", COMMIT), ("_rollback", ROLLBACK)):
            setattr(wrapper, name, self._gated(getattr(type(wrapper), name), wrapper, word))

    def _gated(self, method: Callable, wrapper: Any, word: str) -> Callable[[], Any]:
        def end_transaction() -> Any:
            self._stop_at_gate(Step(self.name, word))
            return method(wrapper)

        return end_transaction

    def _execute(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        if not self._is_step(sql):
            return execute(sql, params, many, context)
        step = Step(self.name, sql, params)
        self._stop_at_gate(step)
        try:
            return execute(sql, params, many, context)
        except Exception as error:
            step.error = getattr(error.__cause__, "sqlstate", None) or type(error).__name__
            raise

    def _stop_at_gate(self, step: Step) -> None:
        with self._changed:
            self.state, self.next_step = State.AT_GATE, step
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._released or self._abandoned)
            if self._abandoned:
                raise Abandoned
            self._released, self.next_step = False, None
            self.trace.append(step)
