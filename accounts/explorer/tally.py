"""Counts schedules by what is wrong in them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from accounts.db.sqlstates import DEADLOCK, LOCK_NOT_AVAILABLE, SERIALIZATION_FAILURE
from interleavings.engine.scenario import Run


class Count(NamedTuple):
    """What is counted: its meaning, in words after "4 of 35", and whether a run has it."""

    meaning: str
    holds: Callable[[Run], Any]


# By the names that they have in JSON, in the order in which they are printed.
COUNTS = {
    "torn": Count("torn audit", lambda run: run.observation.torn),
    "incomplete": Count(
        "incomplete audit: it did not read every account",
        lambda run: run.observation.incomplete,
    ),
    "impossible": Count(
        "audit that returned a balance which was never there",
        lambda run: run.observation.impossible,
    ),
    "torn_unknown": Count(
        "audit that kept no readings: whether it is torn cannot be known",
        lambda run: run.observation.torn_unknown,
    ),
    "balances_alone": Count(
        "judged by balances alone: tokens were not kept, or do not belong to the balances",
        lambda run: run.observation.notes,
    ),
    "wrong_total": Count("wrong total", lambda run: run.observation.wrong_total),
    "drift": Count("drift (money made or lost)", lambda run: run.observation.drift),
    "lost_updates": Count("lost update", lambda run: run.observation.lost_updates),
    "accounts_off": Count("account off", lambda run: run.observation.accounts_off),
    "pending": Count(
        "transfer that is still pending, although its session ended without an error",
        lambda run: run.observation.pending,
    ),
    "deadlocks": Count("deadlock (40P01)", lambda run: run.had(DEADLOCK)),
    "serialization_failures": Count("serialization failure (40001)", lambda run: run.had(SERIALIZATION_FAILURE)),
    "refused_locks": Count("lock refused (55P03)", lambda run: run.had(LOCK_NOT_AVAILABLE)),
    "hung": Count("sessions that wait for ever", lambda run: run.hung),
    "errors": Count("a session that ended with an error", lambda run: run.errors),
    "blocked": Count("a session that had to wait", lambda run: run.was_blocked),
    "raced": Count("two sessions that went on at once, in an order that the database chose", lambda run: run.is_raced),
}


class Tally:
    """How many schedules there were, and how many of each count. A run counts for all that it stands for."""

    def __init__(self) -> None:
        self.run_count = self.schedule_count = 0
        self.counts = dict.fromkeys(COUNTS, 0)

    def add(self, run: Run) -> None:
        self.run_count += 1
        self.schedule_count += run.weight
        for name, count in COUNTS.items():
            self.counts[name] += run.weight if count.holds(run) else 0
