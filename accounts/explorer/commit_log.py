"""Notes after each step of a schedule what has been committed: what every other session could see from then on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import psycopg
from django.db import connection

from accounts.evidence.commits import Commits, Read, Window
from accounts.ledger import Reading
from accounts.models import Account
from interleavings.engine.scheduler import Scheduler
from interleavings.engine.step import ROLLBACK, Step

Rows = list[tuple[Any, ...]]
Ask = Callable[[str, Sequence[Any]], Rows | None]  # the rows of an answer; None if there is none now

READING = ("id", "balance", "last_transfer")
READ_BALANCES = "SELECT id, balance, last_transfer FROM accounts_account WHERE bank_id = %s"
SHUT_OUT = """
SELECT pid, granted FROM pg_locks
WHERE relation = 'accounts_account'::regclass AND mode = 'AccessExclusiveLock' AND pid = ANY(%s)
"""
IN_TRANSACTIONS = "SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s) AND state <> 'idle'"


class CommitLog:
    """The commits of one schedule, on one bank. `opening` are its balances, by the accounts' primary keys."""

    def __init__(self, bank_pk: int, opening: Mapping[int, int]) -> None:
        self._bank_pk = bank_pk
        self._opening = opening
        self.begin()

    def begin(self) -> None:
        """A schedule begins; everything is as it was at the opening."""
        self.commits = Commits(self._opening)
        self._steps: Sequence[Step] = []
        self._counts: list[int] = []  # after each step: how many commits had been made
        self._unread: list[str] = []  # who may have committed since the table could last be read
        self._unread_from = 0  # the place of the first step by which they did

    def note(self, steps: Sequence[Step], writers: Sequence[str], ask: Ask) -> None:
        """Note what the last of these steps has committed. `writers`: the sessions that may have committed by it.

        If `ask` gives no answer now, it is asked after a later step, and what it says is noted as committed by this
        one. If others have committed meanwhile, theirs is noted with it.
        """
        self._steps = steps
        if writers and not self._unread:
            self._unread_from = len(self._counts)
        self._unread += [writer for writer in writers if writer not in self._unread]
        self._counts.append(self.commits.count)
        if self._unread and (rows := ask(READ_BALANCES, [self._bank_pk])) is not None:
            self.commits.add({pk: Read(balance, token) for pk, balance, token in rows}, self._unread)
            self._counts[self._unread_from :] = [self.commits.count] * (len(self._counts) - self._unread_from)
            self._unread = []

    def window(self, session: str) -> Window:
        """The time from before the session's first step to the end of its last one; of one without steps: everything.

        The end of a step that had to wait is where it went on.
        """
        places = [place for place, step in enumerate(self._steps) if step.session == session]
        if not places:
            return Window(0, self.commits.count)
        ends = [place if (freed_by := self._steps[place].freed_by) is None else freed_by for place in places]
        return Window(self._counts[places[0] - 1] if places[0] else 0, self._counts[max(ends)])

    def changes(self) -> list[dict[int, int]]:
        """For each step, by the accounts' primary keys: the balances that were committed by it."""
        before = [0, *self._counts]
        return [
            {
                account: version.balance
                for account, versions in self.commits.versions.items()
                for version in versions
                if earlier < version.number <= later
            }
            for earlier, later in pairwise(before)
        ]

    def reads(self, session: str, readings: Iterable[Reading]) -> dict[int, Read]:
        """What an audit returned, by account; each says whether one row gave both the balance and the token.

        An account that was opened, and that the audit has not seen, holds nothing, and nothing was read of it.
        """
        steps = [step for step in self._steps if step.session == session]
        rows = {row for step in steps for row in _readings_in(step)}
        return {
            account: Read(
                balance, token, not steps or (account, balance, token) in rows or account not in self._opening
            )
            for account, balance, token in readings
        }


class LoggedScheduler(Scheduler):
    """A scheduler that notes in a log what its sessions commit."""

    def __init__(self, names: Sequence[str], *, log: CommitLog, **options: Any) -> None:
        super().__init__(names, **options)
        self.log = log

    def begin(self, works: Mapping[str, Callable[[], Any]]) -> None:
        self.log.begin()
        super().begin(works)

    def step(self, name: str, *, is_slow_to_wake: bool = False) -> bool:
        is_done = super().step(name, is_slow_to_wake=is_slow_to_wake)
        self.log.note(self.trace, self._committers(name), self._ask)
        return is_done

    def _ask(self, sql: str, params: Sequence[Any]) -> Rows | None:
        """What the accounts' table holds that is committed; None if that can be read on no connection now.

        A session may hold the table against all readers (LOCK TABLE in its default mode, ALTER TABLE). Then it alone
        can read. While one waits to do so, new readers wait behind it. (PostgreSQL documentation: 13.3.1 Table-Level
        Locks.)
        """
        trackers = {name: session.record.tracker for name, session in self.sessions.items()}
        if any(
            tracker.touches_everything or (name in self.waits and tracker.blocked_footprint().everything)
            for name, tracker in trackers.items()
        ):
            sessions = {session.pid: session for session in self.sessions.values()}
            shutting = [(sessions[pid], is_held) for pid, is_held in _query(SHUT_OUT, [list(sessions)])]
            for session, is_held in shutting:
                if is_held:
                    return session.ask(sql, params)
            if shutting:
                return None
        return _query(sql, params).fetchall()

    def _committers(self, name: str) -> list[str]:
        """The sessions that may have committed by the step that this one has just taken.

        Mostly it is the one that took the step. But a session that goes on by it commits too, if its statement was a
        transaction of its own; only the database knows whether that was so.
        """
        table = Account._meta.db_table
        publishes = self.footprint.everything or any(kind in (table, None) for kind, _key in self.footprint.publishes)
        if not publishes:
            return []
        names = (
            list(self.release.freed)
            if name in self.waits or self.trace[-1].sql == ROLLBACK
            else [name, *self.release.freed]
        )
        if len(names) < 2:
            return names
        pids = {other: self.sessions[other].pid for other in names}
        in_transactions = {pid for (pid,) in _query(IN_TRANSACTIONS, [list(pids.values())])}
        # One that has closed its connection is in none, whether or not the server has noticed that already.
        return [other for other, pid in pids.items() if pid not in in_transactions]


def _readings_in(step: Step) -> list[tuple[Any, ...]]:
    """The account, balance and token of each row that a step has read, if it has read all three."""
    if not step.rows or not set(READING).issubset(step.columns):
        return []
    places = [step.columns.index(name) for name in READING]
    return [tuple(row[place] for place in places) for row in step.rows]


def _query(sql: str, params: Sequence[Any]) -> psycopg.Cursor:
    """On Django's connection, but prepared: parsing takes longer than running it."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection).execute(sql, params, prepare=True)
