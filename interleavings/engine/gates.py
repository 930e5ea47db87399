"""The gates of a session's connection: it stops before each statement, COMMIT and ROLLBACK until it is released."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from interleavings.engine import thread_guard
from interleavings.engine.code_place import here, say_where
from interleavings.engine.connection_guard import ConnectionGuard
from interleavings.engine.current import Abandoned
from interleavings.engine.server_settings import (
    DEADLOCK_CHECKED_AT_ONCE,
    SLOW_TO_WAKE,
    is_about_wait,
    may_set,
    with_settings,
)
from interleavings.engine.step import COMMIT, ROLLBACK, Step
from interleavings.engine.table_locks import NO_CODE, Code, TableLocks, UsedTables, can_be_asked
from interleavings.statements import Access, access, goes_back_to_savepoint, is_neutral

if TYPE_CHECKING:
    from interleavings.engine.session import Session

_SAVEPOINT = re.compile(r"\s*SAVEPOINT\b", re.IGNORECASE)
PAST_THE_CURSOR = "it went past Django's cursor to the database (connection.connection, copy() or callproc())"
IDLE, IN_TRANSACTION = psycopg.pq.TransactionStatus.IDLE, psycopg.pq.TransactionStatus.INTRANS

T = TypeVar("T")


class Gates:
    """Connects a session, and has it stop at its gates. All but `ask()` is called in the session's own thread."""

    def __init__(self, session: "Session", is_step: Callable[[str], bool]) -> None:
        self._session = session
        self._is_step = is_step
        self._guard = ConnectionGuard(self._refuse)
        self._code = NO_CODE  # of the database; not asked yet
        self._locks = TableLocks(NO_CODE)
        self._may_set: frozenset[str] = frozenset()  # the settings of the server that this user may change
        self._has_savepoint = False  # in its open transaction
        self._raw: psycopg.Connection | None = None  # its connection, as the driver's
        self._is_marked = False  # something of the last run may live on: a setting, a lock, a temporary table

    # The connection, before and after a piece of work.

    def connect(self) -> None:
        """Have a connection on which nothing of an earlier run lives on, with gates and guarded.

        1. A connection on which something may live on is closed.
        2. One that is still open is kept, as its gates are.
        3. Else a new one is opened, its server process noted, and its gates are put up: in place of `_commit` and
           `_rollback`, which Django calls for the end of every transaction. (Statements come to `execute`.)
        """
        self._has_savepoint = False
        if self._is_marked:
            connection.close()
            self._is_marked = False
        if connection.connection is not None and not connection.connection.closed:
            return
        connection.close()
        wrapper = connections[DEFAULT_DB_ALIAS]  # itself: `connection` is only a proxy
        _leave_pool(wrapper)
        with thread_guard.connecting():
            connection.ensure_connection()
        raw = connection.connection
        self._raw, self._session.pid = raw, raw.info.backend_pid
        raw.add_notice_handler(self._notice)
        self._may_set = may_set(raw, {*DEADLOCK_CHECKED_AT_ONCE, *SLOW_TO_WAKE})
        if self._code is NO_CODE:  # asked once: what a schedule changes of it is not set back either
            self._code = Code.of(raw)
        self._locks = TableLocks(self._code)
        raw.execute("SET synchronous_commit = off")  # what a COMMIT shows to others does not depend on the disk
        for name, word in (("_commit", COMMIT), ("_rollback", ROLLBACK)):
            setattr(wrapper, name, self._with_gate(getattr(type(wrapper), name), wrapper, word))
        self._guard.install(wrapper)

    def clean_connection(self, *, is_closing: bool) -> None:
        """After a piece of work: a transaction that was left open is the session's fault, and closes the connection.

        `is_closing`: the thread ends, and its connection with it, whatever is open in it.
        """
        raw = connection.connection
        if raw is None or is_closing:
            return
        record = self._session.record
        is_open = connection.in_atomic_block or raw.info.transaction_status != IDLE or not connection.get_autocommit()
        if is_open and not self._session.is_abandoned:
            last = record.trace[-1].code_stack if record.trace else ()
            record.fault = record.fault or f"it ended and left a transaction open{say_where(last)}"
        if is_open or record.fault:
            connection.close()
        self._is_marked = record.tracker.marks_connection

    def ask(self, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]] | None:
        """What the session's transaction sees of committed rows; None if it has none, or a snapshot of its own.

        Called in another thread, while the session stands at a gate: nobody else uses its connection then.
        """
        raw = self._raw
        if raw is None or raw.closed or raw.info.transaction_status != IN_TRANSACTION:
            return None
        with self._guard.allowed():
            if raw.execute("SHOW transaction_isolation").fetchall() != [("read committed",)]:
                return None
            return raw.execute(sql, params, prepare=False).fetchall()

    def _refuse(self) -> None:
        self._session.record.fault = f"{PAST_THE_CURSOR}{say_where(here())}"
        raise Abandoned

    def _notice(self, notice: psycopg.errors.Diagnostic) -> None:
        if is_about_wait(notice):
            self._session.note_word_about_wait()

    # COMMIT and ROLLBACK.

    def _with_gate(
        self, method: Callable[[BaseDatabaseWrapper], None], wrapper: BaseDatabaseWrapper, word: str
    ) -> Callable[[], None]:
        def end_transaction() -> None:
            step = Step(self._session.name, word, code_stack=here())
            if not (self._session.is_abandoned and word == ROLLBACK):
                try:
                    self._session.stop_at_gate(step)
                except Abandoned:
                    with self._guard.allowed():
                        wrapper.connection.rollback()
                    raise
            with self._guard.allowed(), self._noting_error(step, is_understood=True):
                method(wrapper)
            self._session.record.tracker.transaction_ended(publish=word == COMMIT)
            self._transaction_ended()

        return end_transaction

    def _transaction_ended(self) -> None:
        self._locks.transaction_ended()
        self._has_savepoint = False

    # Statements.

    def execute(self, send: Callable[..., T], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> T:
        """Django's execute_wrapper: called for each statement; `send(sql, params, many, context)` executes it.

        1. Note the isolation level that it runs in, or asks for.
        2. If it is a step, stop at the gate until released. Else it runs along with the step before it.
        3. Tell the tracker what it may wait for, and execute it.
        4. Where its text is not understood, ask the database which tables it has used.
        5. Tell the tracker what it did, and note what it read.

        An error is noted in the step, and raised to the session as always.
        """
        text, raw = _as_text(sql), connection.connection
        self._note_isolation(text)
        self._has_savepoint |= bool(_SAVEPOINT.match(text))
        is_step = self._is_a_step(text)
        step = self._stop(text, params) if is_step else self._step_that_it_runs_along_with(text, params)
        tracker = self._session.record.tracker
        if many:
            tracker.assume_everything()
        accessed = self._access(text, params)
        tracker.before_statement(text, accessed, runs_along=not is_step)
        asks = not many and accessed is None and can_be_asked(text)
        has_only_known_effects = accessed is not None or (asks and not self._code.is_suspicious)
        with (
            self._guard.allowed(),
            self._waiting_in_manner(step, accessed),
            self._noting_error(step, is_understood=has_only_known_effects and not many),
            self._own_transaction(needed=asks),
        ):
            result = send(sql, params, many, context)
            used = self._locks.of_statement(raw, text) if asks else None
        if accessed is not None and context["cursor"].cursor.rowcount == 0 and not self._session.has_waited:
            accessed = accessed.finding_nothing()
        self._note_what_it_did(step, text, accessed, used)
        if is_step:
            with self._guard.allowed():
                step.keep_rows(context["cursor"].cursor)
        return result

    def _note_what_it_did(self, step: Step, sql: str, accessed: Access | None, used: UsedTables | None) -> None:
        """A statement was executed. `accessed`: what its text says; `used`: what the database says, if it was asked."""
        if accessed is not None:
            self._locks.understood(table for table, _row in accessed.rows | accessed.also_reads if table)
        if goes_back_to_savepoint(sql):
            self._locks.transaction_ended()  # of what it holds now, nothing was asked yet
        if is_neutral(sql):
            return
        step.in_transaction = connection.connection.info.transaction_status != IDLE
        self._session.record.tracker.after_statement(sql, accessed, is_committed=not step.in_transaction, used=used)
        if not step.in_transaction:
            self._transaction_ended()

    def _access(self, sql: str, params: Any) -> Access | None:
        """What the statement does to which rows, as its text says it; None if that may not be all."""
        accessed = access(sql, params)
        return None if accessed is None or self._code.may_do_more(accessed.rows | accessed.also_reads) else accessed

    def _note_isolation(self, sql: str) -> None:
        raw, tracker = connection.connection, self._session.record.tracker
        if raw.isolation_level not in (None, psycopg.IsolationLevel.READ_COMMITTED):
            tracker.use_snapshot(is_repeatable_read=raw.isolation_level == psycopg.IsolationLevel.REPEATABLE_READ)
        if is_neutral(sql):
            in_transaction = not raw.autocommit or raw.info.transaction_status != IDLE
            tracker.neutral_statement(sql, in_transaction=in_transaction)

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
        """Also a statement that would run along, if there is no step yet, or if its transaction's snapshot is its."""
        if self._is_step(sql):
            return True
        record = self._session.record
        return not is_neutral(sql) and (not record.trace or record.tracker.takes_snapshot_next)

    def _stop(self, sql: str, params: Any) -> Step:
        step = Step(self._session.name, sql, params, code_stack=here())
        self._session.stop_at_gate(step)
        return step

    def _step_that_it_runs_along_with(self, sql: str, params: Any) -> Step:
        """The last step: it has failed if this statement does."""
        trace = self._session.record.trace
        return trace[-1] if trace else Step(self._session.name, sql, params)

    def _waiting_in_manner(self, step: Step, accessed: Access | None) -> AbstractContextManager[None]:
        """The settings for how the statement is to wait, if it may have to."""
        if accessed is not None and not accessed.locks:
            return nullcontext()
        manner = self._session.manner
        for is_wanted, settings in (
            (manner.is_slow_to_wake, SLOW_TO_WAKE),
            (manner.is_deadlock_checked_at_once, DEADLOCK_CHECKED_AT_ONCE),
        ):
            if is_wanted and self._may_set.issuperset(settings):
                self._session.note_early_look()
                return with_settings(connection.connection, settings)
        return nullcontext()

    @contextmanager
    def _noting_error(self, step: Step, *, is_understood: bool) -> Iterator[None]:
        """Note an error in the step. `is_understood`: all effects of what was executed are rolled back with it."""
        try:
            yield
        except Exception as error:
            # Django wraps the driver's error around statements, and around COMMIT only further out.
            causes = (getattr(cause, "sqlstate", None) for cause in (error, error.__cause__))
            step.error = next(filter(None, causes), type(error).__name__)
            step.has_aborted = not self._has_savepoint
            tracker = self._session.record.tracker
            tracker.failed(is_understood=is_understood)
            if connection.connection.info.transaction_status == IDLE:
                tracker.rolled_back()
            raise


def _leave_pool(wrapper: BaseDatabaseWrapper) -> None:
    """Have this thread's connections opened and closed, and not taken from a pool: others would get them with gates."""
    options = {name: value for name, value in wrapper.settings_dict["OPTIONS"].items() if name != "pool"}
    wrapper.settings_dict = {**wrapper.settings_dict, "OPTIONS": options}


def _as_text(sql: Any) -> str:
    """A statement as text, also one that was composed with psycopg.sql or is given in bytes."""
    if isinstance(sql, psycopg.sql.Composable):
        return sql.as_string()
    return sql.decode() if isinstance(sql, bytes) else str(sql)
