"""Follows the statements of a session, and says of each of its steps what it touched."""

import re
from typing import Any

from interleavings.engine.table_locks import Touched
from interleavings.statements.footprint import A_WAIT, ALL, ANY, EVERYTHING, Footprint, Thing
from interleavings.statements.neutral import leaves_nothing
from interleavings.statements.shapes import Access, access
from interleavings.statements.tables import tables

_SET = re.compile(r"\s*SET\s", re.IGNORECASE)
_SET_FOR_TRANSACTION = re.compile(r"\s*SET\s+(?:TRANSACTION|LOCAL)\s", re.IGNORECASE)
_SNAPSHOT = re.compile(r"\s*SET TRANSACTION ISOLATION LEVEL REPEATABLE READ(,? READ ONLY)?\s*;?\s*", re.IGNORECASE)


class Tracker:
    """Follows one session's statements, and knows what its open transaction has written and locked."""

    def __init__(self, session: str) -> None:
        self.footprint = Footprint()
        self.is_lost = False  # something was not understood: from here on, everything is touched
        self.marks_connection = False  # it may have set or taken something that outlives a transaction
        self._session = session
        self._if_blocked = EVERYTHING  # what the statement touches that is under way, should it have to wait
        self._locked: set[Thing] = set()
        self._written: set[Thing] = set()
        self._checked_at_commit: set[Thing] = set()  # the tables that refer to what was written, or are referred to
        self._is_snapshot = self._has_snapshot = False  # REPEATABLE READ: its first statement reads for all that follow
        self._is_doubtful = False  # a statement that was not understood may have asked for that

    @property
    def needs_snapshot(self) -> bool:
        """Whether the next statement may be the one that decides what its whole transaction sees."""
        return (self._is_snapshot or self._is_doubtful) and not self._has_snapshot

    def next_step(self) -> None:
        """The session begins its next step: a new footprint."""
        self.footprint = Footprint(sessions={self._session}, everything=self.is_lost)
        self._if_blocked = EVERYTHING

    def lose(self) -> None:
        """Something happened that is not understood."""
        self.is_lost = self.footprint.everything = True

    def use_snapshot(self, *, is_known: bool = True) -> None:
        """The transaction is REPEATABLE READ; or SERIALIZABLE, of which is only known that it has a snapshot."""
        self._is_snapshot = True
        if not is_known:
            self.lose()

    def sets(self, sql: str, *, in_transaction: bool) -> None:
        """A neutral statement: it touches nothing, but it may say how to read.

        (SET TRANSACTION outside a transaction says nothing: PostgreSQL warns, and goes on as before.)
        """
        if _SNAPSHOT.fullmatch(sql) and in_transaction:
            self.use_snapshot()
        elif _SET.match(sql):
            self._doubt()
            self.marks_connection |= not _SET_FOR_TRANSACTION.match(sql)

    def starts(self, sql: str, params: Any, *, runs_along: bool) -> None:
        """A statement is about to be executed. What one waits for that `runs_along` with a step is not told."""
        done = access(sql, params)
        if done is None or runs_along:
            self._if_blocked = EVERYTHING
        else:
            # Of two that wait, the order decides: the one that closes a circle is the victim of the deadlock.
            self._if_blocked = Footprint(reads={*done.rows, *done.reads}, locks={*done.rows, *done.beside, A_WAIT})

    def statement(self, sql: str, params: Any, *, committed: bool, touched: Touched | None = None) -> None:
        """A statement was executed; `committed`: it was a transaction of its own.

        `touched`: what its locks say; asked only of a statement whose text is not understood.
        """
        done = access(sql, params)
        if done is not None:
            self._touch(done)
        else:
            self.marks_connection |= not leaves_nothing(sql)
            if touched is None:
                self._doubt()
            else:
                self._touch_tables(touched)
        if committed:
            self.end(publish=True)

    def blocked(self) -> Footprint:
        """What a step touches that waits: what it has locked on its way, and what it waits for.

        What it will read and write belongs to the step that lets it go on.
        """
        return EVERYTHING if self._is_snapshot else self.footprint.joined(self._if_blocked)

    def end(self, *, publish: bool) -> None:
        """The transaction ended, by COMMIT (`publish`) or ROLLBACK."""
        self.footprint.releases |= self._locked
        if publish:
            self.footprint.publishes |= self._written
            # Foreign keys of Django are checked here: rows of other tables are read, and locked until it is over.
            self.footprint.reads |= self._checked_at_commit
            self.footprint.locks |= self._checked_at_commit
        self._locked, self._written, self._checked_at_commit = set(), set(), set()
        self._is_snapshot = self._has_snapshot = False

    def acquired(self, lock: Thing) -> None:
        """A Python lock was asked for, and had or not."""
        self.footprint.locks.add(lock)
        self._if_blocked = Footprint()

    def released(self, lock: Thing) -> None:
        self.footprint.releases.add(lock)

    def _touch(self, done: Access) -> None:
        if self._is_snapshot and done.locks:
            self.lose()  # it may be refused (40001) because of what others have committed since
        self._read(done.rows | done.reads)
        if done.locks:
            self.footprint.locks |= done.rows | done.beside
            self._locked |= done.rows | done.beside
        if done.writes:
            self._written |= done.rows

    def _touch_tables(self, touched: Touched) -> None:
        """The statement may have used any row of these tables."""
        if self._is_snapshot and touched.locks:
            self.lose()
        self._read(frozenset((table, ANY) for table in touched.reads))
        locked = {(table, ANY) for table in touched.locks}
        self.footprint.locks |= locked
        self._locked |= locked
        self._written |= {(table, ANY) for table in touched.writes}
        for table in touched.writes:
            known = tables().get(table)
            self._checked_at_commit |= known.beside if known else {ALL}
        # A sequence gives out its next number at once, whatever becomes of the transaction.
        numbers = {(f"sequence {name}", ANY) for name in touched.sequences}
        self.footprint.reads |= numbers
        self.footprint.publishes |= numbers

    def _read(self, rows: frozenset[Thing]) -> None:
        if not self._is_snapshot:
            self.footprint.reads |= rows
        elif not self._has_snapshot:
            self.footprint.reads.add(ALL)
        self._has_snapshot = True

    def _doubt(self) -> None:
        self._is_doubtful = True
        self.lose()
