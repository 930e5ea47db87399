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

READING = ("id", "balance", "last_transfer")
READ_BALANCES = "SELECT id, balance, last_transfer FROM accounts_account WHERE bank_id = %s"
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

    def note(self, steps: Sequence[Step], writers: Sequence[str]) -> None:
        """Note what the last of these steps has committed. `writers`: the sessions that may have committed by it."""
        if writers:
            self.commits.add(self._read(), writers)
        self._steps = steps
        self._counts.append(self.commits.count)

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

    def _read(self) -> dict[int, Read]:
        return {pk: Read(balance, token) for pk, balance, token in _query(READ_BALANCES, [self._bank_pk])}


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
        self.log.note(self.trace, self._committers(name))
        return is_done

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
