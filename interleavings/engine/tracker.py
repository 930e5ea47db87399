"""Follows the statements of a session, and says of each of its steps what it touched."""

import re
from collections.abc import Iterable

from interleavings.engine.footprint import A_WAIT, ALL, EVERYTHING, Footprint, overlap
from interleavings.engine.table_locks import UsedTables
from interleavings.statements import (
    ANY,
    Access,
    Thing,
    checked_at_commit,
    goes_back_to_savepoint,
    leaves_nothing,
    uses_cursor,
)

_SET = re.compile(r"\s*SET\s", re.IGNORECASE)
_SET_FOR_TRANSACTION = re.compile(r"\s*SET\s+(?:TRANSACTION|LOCAL)\s", re.IGNORECASE)
_SNAPSHOT = re.compile(r"\s*SET TRANSACTION ISOLATION LEVEL REPEATABLE READ(,? READ ONLY)?\s*;?\s*", re.IGNORECASE)
# What PostgreSQL does anyway: it has no READ UNCOMMITTED (documentation: 13.2 Transaction Isolation).
_COMMITTED = re.compile(r"\s*SET TRANSACTION ISOLATION LEVEL READ (?:UN)?COMMITTED\s*;?\s*", re.IGNORECASE)


class Tracker:
    """The footprint of each step of one session, put together from what its statements do.

    For each step, in this order:

    1. `next_step()` begins an empty footprint.
    2. Before each statement of the step, `before_statement()` notes what it touches should it have to wait. Whether
       it waits is known only while it is executed.
    3. After the statement, `after_statement()` adds what it did. What it has locked and written is kept as well, until
       `transaction_ended()` adds it as released and, after a COMMIT, as published.
    4. `footprint` is what a step touched that was done, `blocked_footprint()` of one that waits.

    As soon as something happens that is not understood, this step and all that follow touch everything
    (`assume_everything()`): a setting, a function or a lock may have any consequence in any later step. An error of a
    statement that is understood has none beyond what is rolled back because of it (`failed()`).
    """

    def __init__(self, session: str) -> None:
        self.footprint = Footprint()
        #: whether it may have set or taken something on its connection that outlives a transaction
        self.marks_connection = False
        self._session = session
        self._touches_everything = False
        self._has_failed = False  # an error is to be rolled back
        self._while_blocked = EVERYTHING  # what the present statement touches if it has to wait
        self._locked: set[Thing] = set()  # by the open transaction
        self._holds_table_locks = False  # those of a statement that would lock rows, if it found any
        self._written: set[Thing] = set()  # by the open transaction
        self._checked_at_commit: set[Thing] = set()  # the tables that foreign keys of what was written look at
        # In REPEATABLE READ the first statement takes the snapshot in which all the others read.
        self._uses_snapshot = self._has_snapshot = False
        self._may_use_snapshot = False  # a statement that was not understood may have asked for it

    @property
    def touches_everything(self) -> bool:
        """Whether something has happened that is not understood, or is to be rolled back."""
        return self._touches_everything or self._has_failed

    @property
    def may_hold_locks(self) -> bool:
        """Whether its open transaction may have locked something, apart from the statement that is being executed."""
        return self.touches_everything or bool(self._locked) or self._holds_table_locks

    @property
    def may_have_written(self) -> bool:
        """Whether its open transaction has written something, as far as it was understood; or has failed."""
        return bool(self._written) or self._has_failed

    def has_locked(self, things: Iterable[Thing]) -> bool:
        """Whether its open transaction has locked one of these, as far as it was understood."""
        return overlap(things, self._locked)

    def locks_what(self, other: "Tracker") -> bool:
        """Whether the present steps of both may have locked the same."""
        one, two = self.footprint, other.footprint
        return one.everything or two.everything or overlap(one.locks, two.locks)

    @property
    def takes_snapshot_next(self) -> bool:
        """Whether the next statement may decide what its whole transaction sees."""
        return (self._uses_snapshot or self._may_use_snapshot) and not self._has_snapshot

    def next_step(self) -> None:
        """The session begins its next step: a new footprint."""
        self.footprint = Footprint(sessions={self._session}, everything=self.touches_everything)
        self._while_blocked = EVERYTHING

    def assume_everything(self) -> None:
        """Something happened that is not understood: this step and all that follow count as touching everything."""
        self._touches_everything = self.footprint.everything = True

    def failed(self, *, is_understood: bool) -> None:
        """A statement, or the end of the transaction, ended with an error.

        What it has read and locked until then is not known, so this step touches everything. So does each that follows,
        up to the one in which it is rolled back: to a savepoint, or with its transaction. If the statement is not
        `is_understood`, it may have done what is not rolled back, such as take a lock for the whole connection.
        """
        self.footprint.everything = self._has_failed = True
        if not is_understood:
            self.assume_everything()

    def rolled_back(self) -> None:
        """What ended with an error is undone. What was locked and written before it may be undone too, or not."""
        self._has_failed = False

    def use_snapshot(self, *, is_repeatable_read: bool = True) -> None:
        """The transaction reads in one snapshot: REPEATABLE READ, or SERIALIZABLE, of which no more is understood."""
        self._uses_snapshot = True
        if not is_repeatable_read:
            self.assume_everything()

    def neutral_statement(self, sql: str, *, in_transaction: bool) -> None:
        """A statement that touches no row was executed. It may say how the next ones read.

        (SET TRANSACTION outside a transaction says nothing: PostgreSQL warns, and goes on as before.)
        """
        if _SNAPSHOT.fullmatch(sql) and in_transaction:
            self.use_snapshot()
        elif _COMMITTED.fullmatch(sql):
            pass  # where the connection has another level, that one is assumed
        elif _SET.match(sql):
            self._not_understood()
            self.marks_connection |= not _SET_FOR_TRANSACTION.match(sql)

    def before_statement(self, sql: str, accessed: Access | None, *, runs_along: bool) -> None:
        """A statement is about to be executed. `accessed`: what it does to which rows; None: that is not known.

        `runs_along`: as part of a step that began with another statement.
        """
        self._holds_table_locks |= accessed is not None and accessed.locks
        if self._reads_no_more(sql):
            self._while_blocked = Footprint()
        elif accessed is None or runs_along:
            self._while_blocked = EVERYTHING
        else:
            # The order of two steps that wait makes a difference: the one that closes a circle of waits is refused as
            # a deadlock. So each wait touches every other one.
            self._while_blocked = Footprint(
                reads={*accessed.rows, *accessed.also_reads}, locks={*accessed.rows, *accessed.also_locks, A_WAIT}
            )

    def after_statement(
        self, sql: str, accessed: Access | None, *, is_committed: bool, used: UsedTables | None = None
    ) -> None:
        """A statement was executed; `is_committed`: it was a transaction of its own.

        `accessed`: as above. `used`: the tables that it has used, by its locks; None: not asked, or not known.
        """
        if accessed is not None:
            self._add(accessed)
        elif goes_back_to_savepoint(sql):
            self.footprint.everything = True  # it frees locks, and which ones is not said
            self.rolled_back()
        elif not self._reads_no_more(sql):
            self.marks_connection |= not leaves_nothing(sql)
            if used is None:
                self._not_understood()
            else:
                self._add_tables(used)
        if is_committed:
            self.transaction_ended(publish=True)

    def blocked_footprint(self) -> Footprint:
        """What a step touches that waits: what it has locked so far, and what it waits for.

        What it will read and write belongs to the step that lets it go on.
        """
        return EVERYTHING if self._uses_snapshot else self.footprint.joined(self._while_blocked)

    def transaction_ended(self, *, publish: bool) -> None:
        """The transaction ended, by COMMIT (`publish`) or ROLLBACK."""
        self.footprint.releases |= self._locked
        if publish:
            self.footprint.publishes |= self._written
            # Foreign keys of Django are checked here: rows of other tables are read, and locked until it is over.
            self.footprint.reads |= self._checked_at_commit
            self.footprint.locks |= self._checked_at_commit
        self._locked, self._written, self._checked_at_commit = set(), set(), set()
        self._holds_table_locks = False
        self.rolled_back()
        self._uses_snapshot = self._has_snapshot = False

    def asked_for(self, lock: Thing) -> None:
        """The session asked for a Python lock. It may have it now, or wait for it, or have been refused."""
        self.footprint.locks.add(lock)
        self._while_blocked = Footprint()

    def released(self, lock: Thing) -> None:
        """The session released a Python lock."""
        self.footprint.releases.add(lock)

    def _reads_no_more(self, sql: str) -> bool:
        """Whether it only uses a cursor that has read all its rows when it was declared.

        If everything was understood so far, the DECLARE of its cursor was; and that is so of all that are understood.
        """
        return uses_cursor(sql) and not self.touches_everything

    def _add(self, accessed: Access) -> None:
        if self._uses_snapshot and accessed.locks:
            self.assume_everything()  # it may be refused (40001) because of what others have committed since
        self._add_reads(accessed.rows | accessed.also_reads)
        if accessed.locks:
            locked = accessed.rows | accessed.also_locks
            self.footprint.locks |= locked
            self._locked |= locked
        if accessed.writes:
            self._written |= accessed.rows

    def _add_tables(self, used: UsedTables) -> None:
        """The statement may have used any row of these tables."""
        self.footprint.is_said_by_text = False
        if self._uses_snapshot and used.locks:
            self.assume_everything()
        self._add_reads(frozenset((table, ANY) for table in used.reads))
        locked = {(table, ANY) for table in used.locks}
        self.footprint.locks |= locked
        self._locked |= locked
        self._written |= {(table, ANY) for table in used.writes}
        for table in used.writes:
            self._checked_at_commit |= checked_at_commit(table)
        # A sequence gives out its next number at once, whatever becomes of the transaction.
        numbers = {(f"sequence {name}", ANY) for name in used.sequences}
        self.footprint.reads |= numbers
        self.footprint.publishes |= numbers

    def _add_reads(self, rows: frozenset[Thing]) -> None:
        if not self._uses_snapshot:
            self.footprint.reads |= rows
        elif not self._has_snapshot:
            self.footprint.reads.add(ALL)
        self._has_snapshot = True

    def _not_understood(self) -> None:
        self._may_use_snapshot = True
        self.assume_everything()
