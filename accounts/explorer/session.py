"""One session: a thread with a database connection of its own, which stops before each step until it is released."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections

from accounts.explorer.footprint import Tracker, may_wait
from accounts.explorer.step import COMMIT, ROLLBACK, Step

IDLE = psycopg.pq.TransactionStatus.IDLE
IN_TRANSACTION = psycopg.pq.TransactionStatus.INTRANS
IN_ERROR = psycopg.pq.TransactionStatus.INERROR
Isolation = psycopg.IsolationLevel

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


class Abandoned(BaseException):
    """The run is over: leave the session's work, whatever it is doing. (No `except Exception` may stop it.)"""


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
        self._is_step = is_step
        self._work: Callable[[], Any] | None = None
        self._released = self._abandoned = self._closed = self._hurry = self._may_hurry = self._is_marked = False
        self.thread = threading.Thread(target=self._live, name=f"session-{name}", daemon=True)
        self.thread.start()

    # Called by whoever directs the sessions, holding `lock`.

    def begin(self, work: Callable[[], Any]) -> None:
        """Start the work; it runs up to its first gate by itself."""
        self.trace, self.result, self.error, self.next_step = [], None, None, None
        self.tracker, self.fault, self.awaited = Tracker(self.name), "", None
        self._work, self.state = work, State.RUNNING
        self._released = self._abandoned = False
        self.turn.notify()

    def release(self, *, hurry: bool = False) -> None:
        """Let it take the step that it stands before.

        `hurry`: another session waits already, so this step may close a circle; let the database look at once.
        """
        self._released, self._hurry, self.state = True, hurry, State.RUNNING
        self.turn.notify()

    def abandon(self) -> None:
        """Make it leave its work at the gate where it stands, or at the next one."""
        self._abandoned = True
        self.turn.notify()

    def close(self) -> None:
        self._abandoned = self._closed = True
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
            self.turn.wait_for(lambda: self._work or self._closed)
            work, self._work = self._work, None
            return None if self._closed else work

    def _do(self, work: Callable[[], Any]) -> None:
        try:
            self._connect()
            with connection.execute_wrapper(self._execute):
                self.result = work()
        except Abandoned:
            pass
        except BaseException as error:  # whatever the work raised is its outcome; the session must survive it
            self.error = error
        finally:
            self._look_for_leftovers()
            with self.lock:
                self.state, self.next_step = State.DONE, None
                self._arrived.notify()

    def _connect(self) -> None:
        if self._is_marked:
            # Settings of the connection, locks that outlive a transaction: nothing of a run may live on in the next.
            connection.close()
            self._is_marked = False
        if connection.connection is not None and not connection.connection.closed:
            return
        connection.close()
        self.is_connecting = True
        connection.ensure_connection()
        self.is_connecting = False
        raw = connection.connection
        self.pid = raw.info.backend_pid
        self._may_hurry = raw.execute("SELECT has_parameter_privilege('deadlock_timeout', 'SET')").fetchone()[0]
        raw.execute("SET synchronous_commit = off")  # what a COMMIT shows to others does not depend on the disk
        wrapper = connections[DEFAULT_DB_ALIAS]  # itself: `connection` is only a proxy
        for name, word in (("_commit", COMMIT), ("_rollback", ROLLBACK)):
            setattr(wrapper, name, self._gated(getattr(type(wrapper), name), wrapper, word))

    def _look_for_leftovers(self) -> None:
        raw = connection.connection
        if raw is None or self._closed:  # closed: the connection goes with the thread, whatever is open in it
            return
        is_open = connection.in_atomic_block or raw.info.transaction_status != IDLE or not connection.get_autocommit()
        if is_open and not self._abandoned:
            self.fault = self.fault or "it ended and left a transaction open"
        if is_open or self.fault:
            connection.close()
        self._is_marked = self.tracker.marks_connection

    # Its gates.

    def stop_at_gate(self, step: Step) -> None:
        """Stand before the step until released. Raises Abandoned if the run ends before."""
        with self.lock:
            self.state, self.next_step = State.AT_GATE, step
            self._arrived.notify()
            self.turn.wait_for(lambda: self._released or self._abandoned)
            if self._abandoned:
                self.state = State.RUNNING
                raise Abandoned
            self._released, self.next_step = False, None
            self.trace.append(step)
            self.tracker.next_step()

    def wait_for(self, lock: Any, is_mine: Callable[[], bool]) -> None:
        """Wait for a Python lock, holding `lock`. Raises Abandoned if the run ends before."""
        self.state, self.awaited = State.WAITING, lock
        self._arrived.notify()
        self.turn.wait_for(lambda: is_mine() or self._abandoned)
        self.state, self.awaited = State.RUNNING, None
        if not is_mine():
            raise Abandoned

    def _gated(self, method: Callable, wrapper: Any, word: str) -> Callable[[], Any]:
        def end_transaction() -> Any:
            if self._abandoned and word == ROLLBACK:
                return method(wrapper)
            step = Step(self.name, word)
            self.stop_at_gate(step)
            self._note_error(step, lambda: method(wrapper))
            self.tracker.end(publish=word == COMMIT)

        return end_transaction

    def _execute(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        if not self._is_step(sql):
            raw = connection.connection
            self.tracker.private(sql, in_transaction=not raw.autocommit or raw.info.transaction_status != IDLE)
            # It runs along with the step before it, so that one has failed if this one does.
            step = self.trace[-1] if self.trace else Step(self.name, sql, params)
            return self._note_error(step, lambda: execute(sql, params, many, context))
        step = Step(self.name, sql, params)
        self.stop_at_gate(step)
        with _Hurry(connection.connection if self._is_hurried(step) else None):
            result = self._note_error(step, lambda: execute(sql, params, many, context))
        self._track(step, many)
        _keep_rows(step, context["cursor"].cursor)
        return result

    def _track(self, step: Step, many: bool) -> None:
        raw = connection.connection
        if raw.isolation_level == Isolation.REPEATABLE_READ:
            self.tracker.use_snapshot()
        elif many or raw.isolation_level not in (None, Isolation.READ_COMMITTED):
            self.tracker.lose()
        self.tracker.statement(step.sql, step.params, committed=raw.info.transaction_status == IDLE)

    def _note_error(self, step: Step, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Exception as error:
            # Django wraps the driver's error around statements, and around COMMIT only further out.
            causes = (getattr(cause, "sqlstate", None) for cause in (error, error.__cause__))
            step.error = next(filter(None, causes), type(error).__name__)
            self.tracker.lose()
            raise

    def _is_hurried(self, step: Step) -> bool:
        return self._hurry and self._may_hurry and may_wait(step.sql, step.params)


class _Hurry:
    """Makes the database look for a deadlock as soon as a statement has to wait, instead of after a second.

    Only the session that may close a circle hurries, so it is always that one that finds the deadlock, and ends as
    its victim.
    """

    def __init__(self, raw: psycopg.Connection | None) -> None:
        self._raw = raw

    def __enter__(self) -> None:
        if self._is_usable() and self._raw.info.transaction_status != IN_ERROR:
            self._set("'1ms'")

    def __exit__(self, *exception: object) -> None:
        # The end of a transaction, whichever it was, has taken back what was set for the transaction.
        if self._is_usable() and (self._raw.autocommit or self._raw.info.transaction_status == IN_TRANSACTION):
            self._set("DEFAULT")

    def _is_usable(self) -> bool:
        return self._raw is not None and not self._raw.closed

    def _set(self, value: str) -> None:
        scope = "SESSION" if self._raw.autocommit else "LOCAL"
        self._raw.execute(f"SET {scope} deadlock_timeout = {value}")


def _keep_rows(step: Step, cursor: Any) -> None:
    """Note what a statement read, and leave it to be read by the one who asked."""
    step.row_count = getattr(cursor, "rowcount", None)
    if getattr(cursor, "description", None) and isinstance(cursor, psycopg.Cursor):
        step.columns = tuple(column.name for column in cursor.description)
        step.rows = cursor.fetchall()
        if step.rows:
            cursor.scroll(0, mode="absolute")
