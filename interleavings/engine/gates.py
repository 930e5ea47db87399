"""The gates of a session's connection: it stops before each statement, COMMIT and ROLLBACK until it is released."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections

from interleavings.engine.code_place import here
from interleavings.engine.connection_guard import Wire, as_text, hurried, keep_rows
from interleavings.engine.step import COMMIT, ROLLBACK, Step
from interleavings.engine.table_locks import TableLocks, can_be_asked
from interleavings.statements.neutral import is_neutral
from interleavings.statements.shapes import access, may_wait

if TYPE_CHECKING:
    from interleavings.engine.session import Session

PAST_THE_CURSOR = "it went past Django's cursor to the database (connection.connection, copy() or callproc())"
IDLE = psycopg.pq.TransactionStatus.IDLE
Isolation = psycopg.IsolationLevel


class Abandoned(BaseException):
    """The run is over: leave the session's work, whatever it is doing. (No `except Exception` may stop it.)"""


class Gates:
    """Connects a session, and has it stop at its gates. Everything here is called in the session's own thread."""

    def __init__(self, session: "Session", is_step: Callable[[str], bool]) -> None:
        self._session = session
        self._is_step = is_step
        self._wire = Wire(self._refuse)
        self._locks = TableLocks()
        self._may_hurry = False
        self._is_marked = False  # something of the last run may live on: a setting, a lock, a temporary table

    def connect(self) -> None:
        """Have a connection on which nothing of an earlier run lives on, and watch all that is said on it."""
        if self._is_marked:
            connection.close()
            self._is_marked = False
        if connection.connection is not None and not connection.connection.closed:
            return
        connection.close()
        self._session.is_connecting = True
        connection.ensure_connection()
        self._session.is_connecting = False
        raw = connection.connection
        self._session.pid = raw.info.backend_pid
        self._may_hurry = raw.execute("SELECT has_parameter_privilege('deadlock_timeout', 'SET')").fetchone()[0]
        raw.execute("SET synchronous_commit = off")  # what a COMMIT shows to others does not depend on the disk
        wrapper = connections[DEFAULT_DB_ALIAS]  # itself: `connection` is only a proxy
        for name, word in (("_commit", COMMIT), ("_rollback", ROLLBACK)):
            setattr(wrapper, name, self._gated(getattr(type(wrapper), name), wrapper, word))
        self._wire.watch(wrapper)

    def look_for_leftovers(self) -> None:
        """After a piece of work: close a connection in which a transaction is open, which is the session's fault."""
        raw = connection.connection
        if raw is None or self._session.is_closed:
            return  # closed: the connection goes with the thread, whatever is open in it
        is_open = connection.in_atomic_block or raw.info.transaction_status != IDLE or not connection.get_autocommit()
        if is_open and not self._session.is_abandoned:
            self._session.fault = self._session.fault or "it ended and left a transaction open"
        if is_open or self._session.fault:
            connection.close()
        self._is_marked = self._session.tracker.marks_connection

    def _gated(self, method: Callable, wrapper: Any, word: str) -> Callable[[], Any]:
        def end_transaction() -> Any:
            if not (self._session.is_abandoned and word == ROLLBACK):
                step = Step(self._session.name, word, code=here())
                self._session.stop_at_gate(step)
            with self._wire.open():
                self._note_error(step, lambda: method(wrapper))
            self._session.tracker.end(publish=word == COMMIT)
            self._locks.transaction_ended()

        return end_transaction

    def execute(self, execute: Callable, sql: Any, params: Any, many: bool, context: dict) -> Any:
        text = as_text(sql)
        self._look_at_isolation(text)
        is_step = self._is_a_step(text)
        if is_step:
            self._session.stop_at_gate(Step(self._session.name, text, params, code=here()))
        # What is no step runs along with the step before it, so that one has failed if this one does.
        step = self._session.trace[-1] if self._session.trace else Step(self._session.name, text, params)
        tracker = self._session.tracker
        if many:
            tracker.lose()
        tracker.starts(text, params, runs_along=not is_step)
        asks = not many and access(text, params) is None and can_be_asked(text)
        with self._wire.open(), self._hurrying(step), self._own_transaction(needed=asks):
            result = self._note_error(step, lambda: execute(sql, params, many, context))
            touched = self._locks.of_statement(connection.connection, text) if asks else None
        if not is_neutral(text):
            step.in_transaction = connection.connection.info.transaction_status != IDLE
            tracker.statement(text, params, committed=not step.in_transaction, touched=touched)
            if not step.in_transaction:
                self._locks.transaction_ended()
        if is_step:
            with self._wire.open():
                keep_rows(step, context["cursor"].cursor)
        return result

    @contextmanager
    def _own_transaction(self, *, needed: bool) -> Iterator[None]:
        """If needed, a statement in autocommit mode is put into a transaction, in which its locks can be asked for."""
        raw = connection.connection
        if not (needed and raw.autocommit and raw.info.transaction_status == IDLE):
            yield
            return
        raw.execute("BEGIN")
        try:
            yield
        except BaseException:
            raw.execute("ROLLBACK")
            raise
        with connection.wrap_database_errors:
            raw.execute("COMMIT")

    def _is_a_step(self, sql: str) -> bool:
        """Also what else would run along, if there is no step before it or it decides what its transaction sees."""
        if self._is_step(sql):
            return True
        return not is_neutral(sql) and (not self._session.trace or self._session.tracker.needs_snapshot)

    def _look_at_isolation(self, sql: str) -> None:
        """What the connection was opened with, and what the statement asks for."""
        raw = connection.connection
        if raw.isolation_level not in (None, Isolation.READ_COMMITTED):
            self._session.tracker.use_snapshot(is_known=raw.isolation_level == Isolation.REPEATABLE_READ)
        if is_neutral(sql):
            self._session.tracker.sets(sql, in_transaction=not raw.autocommit or raw.info.transaction_status != IDLE)

    def _note_error(self, step: Step, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Exception as error:
            # Django wraps the driver's error around statements, and around COMMIT only further out.
            causes = (getattr(cause, "sqlstate", None) for cause in (error, error.__cause__))
            step.error = next(filter(None, causes), type(error).__name__)
            self._session.tracker.lose()
            raise

    def _hurrying(self, step: Step) -> AbstractContextManager:
        is_hurried = self._session.is_hurried and self._may_hurry and may_wait(step.sql, step.params)
        return hurried(connection.connection) if is_hurried else nullcontext()

    def _refuse(self) -> None:
        self._session.fault = PAST_THE_CURSOR
        raise Abandoned
