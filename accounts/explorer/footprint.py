"""What a step reads, locks and makes visible: two steps that do not touch each other may as well change places.

Everything here errs on the safe side: what is not understood is said to touch everything. Rows are named by table and
primary key; a whole table by the primary key `ANY`.

PostgreSQL decides what touches what. What a transaction has written is invisible until its COMMIT; so a plain SELECT
touches the COMMIT that *publishes* a row, and not the UPDATE before it. Locks are taken at once and released at the
end of the transaction. (PostgreSQL documentation: 13.2.1 Read Committed Isolation Level, 13.3.2 Row-Level Locks.)
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

ANY = None
Thing = tuple[str | None, Any]  # a table or a kind of lock, and which of it
ALL: Thing = (ANY, ANY)
ADVISORY = "advisory lock"
A_WAIT: Thing = ("a wait in the database", ANY)


@dataclass
class Footprint:
    """What one step, and the statements merged into it, touched."""

    reads: set[Thing] = field(default_factory=set)  # committed rows
    publishes: set[Thing] = field(default_factory=set)  # rows that others see changed from here on
    locks: set[Thing] = field(default_factory=set)
    releases: set[Thing] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)  # whose step it is, and who went on by it
    everything: bool = False

    @property
    def lets_go(self) -> bool:
        """Whether somebody who waits may go on by it."""
        return self.everything or bool(self.releases)

    def joined(self, *others: "Footprint") -> "Footprint":
        """What this one and the others touch."""
        return Footprint(
            reads=self.reads.union(*(other.reads for other in others)),
            publishes=self.publishes.union(*(other.publishes for other in others)),
            locks=self.locks.union(*(other.locks for other in others)),
            releases=self.releases.union(*(other.releases for other in others)),
            sessions=self.sessions.union(*(other.sessions for other in others)),
            everything=self.everything or any(other.everything for other in others),
        )

    def touches(self, other: "Footprint") -> bool:
        """Whether the order of these two steps may make a difference."""
        return (
            self.everything
            or other.everything
            or not self.sessions.isdisjoint(other.sessions)
            or _meet(self.reads | self.publishes, other.publishes)
            or _meet(self.publishes, other.reads)
            or _meet(self.locks, other.locks | other.releases)
            or _meet(self.releases, other.locks)
        )


EVERYTHING = Footprint(everything=True)


def _meet(these: set[Thing], those: set[Thing]) -> bool:
    return any(
        (kind == other_kind or ANY in (kind, other_kind)) and (which == other or ANY in (which, other))
        for kind, which in these
        for other_kind, other in those
    )


class Access(NamedTuple):
    """What one statement does to the rows of a table."""

    rows: frozenset[Thing]
    locks: bool
    writes: bool


# The shapes of statements on one table, without a join or a subquery, as Django's ORM writes them.
_SELECT = re.compile(
    r'SELECT (?P<what>.*?) FROM "?(?P<table>\w+)"?(?: WHERE (?P<where>.*?))?'
    r"(?: ORDER BY [^()]*?)?(?: LIMIT \d+)?(?P<lock> FOR (?:NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)\b.*)?",
    re.DOTALL,
)
_UPDATE = re.compile(r'UPDATE "?(?P<table>\w+)"? SET (?P<what>.*?) WHERE (?P<where>.*)', re.DOTALL)
_ADVISORY = re.compile(r"SELECT pg_advisory_xact_lock\((?P<key>[^()]*)\)(?: AS \"?\w+\"?)?", re.IGNORECASE)
_BEYOND_ONE_TABLE = re.compile(r"\bJOIN\b|\bUNION\b|\bWITH\b|;|\bpg_|\bnextval\b|\bUSING\b", re.IGNORECASE)
_NOT_ONLY_AND = re.compile(r"\bOR\b|\bNOT\b|\bSELECT\b|\bCASE\b")


def access(sql: str, params: Sequence[Any] | None) -> Access | None:
    """What the statement does to which rows; None if it is not of a shape that is understood."""
    shape = _shape(sql)
    if shape is None:
        return None
    keys = params[shape.first : shape.first + shape.count] if params and shape.count else [ANY]
    if shape.kind == ADVISORY:  # all parameters together name one lock
        return Access(frozenset({(ADVISORY, tuple(keys) if shape.count else ANY)}), locks=True, writes=False)
    return Access(frozenset((shape.kind, key) for key in keys), locks=shape.locks, writes=shape.writes)


class _Shape(NamedTuple):
    """A statement without its values: which table or kind of lock, and which of its parameters name the rows."""

    kind: str
    locks: bool
    writes: bool
    first: int = 0
    count: int = 0  # 0: any row


@lru_cache(maxsize=1000)
def _shape(sql: str) -> _Shape | None:
    if match := _ADVISORY.fullmatch(sql):
        is_named = set(match["key"]) <= set("%s, ")
        return _Shape(ADVISORY, locks=True, writes=False, count=match["key"].count("%s") if is_named else 0)
    if _BEYOND_ONE_TABLE.search(sql) or sql.count("SELECT") > 1:
        return None
    if match := _SELECT.fullmatch(sql):
        return _Shape(match["table"], match["lock"] is not None, False, *_keys(match))
    if (match := _UPDATE.fullmatch(sql)) and "SELECT" not in sql:
        return _Shape(match["table"], True, True, *_keys(match))
    return None


def _keys(match: re.Match) -> tuple[int, int]:
    """Which parameters are the primary keys in the WHERE clause: the first, and how many.

    None, where it does not name them: then it is the whole table, as any row may come to match.
    """
    table, where = match["table"], match["where"] or ""
    named = re.search(rf'(?<![\w".])(?:"{table}"\."id"|id) (?:= %s|IN \(%s(?:, %s)*\))', where)
    if named is None or _NOT_ONLY_AND.search(where):
        return 0, 0
    return match.string.count("%s", 0, match.start("where") + named.start()), named[0].count("%s")


def may_wait(sql: str, params: Sequence[Any] | None) -> bool:
    """Whether the statement may have to wait for a lock; also if it is not understood."""
    done = access(sql, params)
    return done is None or done.locks


_SET = re.compile(r"\s*SET\s", re.IGNORECASE)
_SET_FOR_TRANSACTION = re.compile(r"\s*SET\s+(?:TRANSACTION|LOCAL)\s", re.IGNORECASE)
_SNAPSHOT = re.compile(r"\s*SET TRANSACTION ISOLATION LEVEL REPEATABLE READ(,? READ ONLY)?\s*;?\s*", re.IGNORECASE)


class Tracker:
    """Follows one session's statements, and knows what its open transaction has written and locked."""

    def __init__(self, session: str) -> None:
        self.footprint = Footprint()
        self._session = session
        self._locked: set[Thing] = set()
        self._written: set[Thing] = set()
        self._is_snapshot = self._has_snapshot = False  # REPEATABLE READ: its first statement reads for all that follow
        self.is_lost = False  # something was not understood: from here on, everything is touched
        self.marks_connection = False  # it may have set or taken something that outlives a transaction

    def next_step(self) -> None:
        """The session begins its next step: a new footprint."""
        self.footprint = Footprint(sessions={self._session}, everything=self.is_lost)

    def lose(self) -> None:
        """Something happened that is not understood."""
        self.is_lost = self.footprint.everything = True

    def use_snapshot(self) -> None:
        """The transaction is REPEATABLE READ."""
        self._is_snapshot = True

    def private(self, sql: str, *, in_transaction: bool) -> None:
        """A statement that is no step: it touches nothing that others see, but it may say how to read.

        (SET TRANSACTION outside a transaction says nothing: PostgreSQL warns, and goes on as before.)
        """
        if _SNAPSHOT.fullmatch(sql) and in_transaction:
            self.use_snapshot()
        elif _SET.match(sql):
            self.lose()
            self.marks_connection |= not _SET_FOR_TRANSACTION.match(sql)

    def statement(self, sql: str, params: Any, *, committed: bool) -> None:
        """A statement was executed; `committed`: it was a transaction of its own."""
        done = access(sql, params)
        self.marks_connection |= "pg_" in sql and done is None
        if done is None or (self._is_snapshot and (done.locks or done.writes)):
            self.lose()
            return
        self._read(done.rows)
        if done.locks:
            self.footprint.locks |= done.rows
            self._locked |= done.rows
        if done.writes:
            self._written |= done.rows
        if committed:
            self.end(publish=True)

    def blocked(self, sql: str, params: Any) -> Footprint:
        """What a step touches that waits: what it has locked on its way, and what it waits for.

        What it will read and write belongs to the step that lets it go on.
        """
        if self.footprint.everything or self._is_snapshot:
            return EVERYTHING
        if self.footprint.locks:  # a Python lock
            return self.footprint
        done = access(sql, params)
        if done is None:
            return EVERYTHING
        # Of two that wait, the order decides: the one that closes a circle is the victim of the deadlock.
        return self.footprint.joined(Footprint(reads=set(done.rows), locks={*done.rows, A_WAIT}))

    def _read(self, rows: frozenset[Thing]) -> None:
        if not self._is_snapshot:
            self.footprint.reads |= rows
        elif not self._has_snapshot:
            self.footprint.reads.add(ALL)
            self._has_snapshot = True

    def end(self, *, publish: bool) -> None:
        """The transaction ended, by COMMIT (`publish`) or ROLLBACK."""
        self.footprint.releases |= self._locked
        if publish:
            self.footprint.publishes |= self._written
        self._locked, self._written = set(), set()
        self._is_snapshot = self._has_snapshot = False

    def acquired(self, lock: Thing) -> None:
        """A Python lock was asked for, and had or not."""
        self.footprint.locks.add(lock)

    def released(self, lock: Thing) -> None:
        self.footprint.releases.add(lock)
