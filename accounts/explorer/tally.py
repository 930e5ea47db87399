"""Counts schedules by what is wrong in them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from accounts.db.sqlstates import DEADLOCK, LOCK_NOT_AVAILABLE, SERIALIZATION_FAILURE
from interleavings.engine.scenario import Run


class Count(NamedTuple):
    """What is counted: its meaning, in words after "4 of 35", and whether a run has it."""

    meaning: str
    holds: Callable[[Run], Any]
    #: what one schedule is said to do that has it, and what several do; None: it is not wrong
    says: tuple[str, str] | None = None


# By the names that they have in JSON. The worst first: wrong money stays wrong, a wrong audit only misleads, and a
# refusal is noticed by the session. Headlines, signs, and the schedule that is shown all follow this order.
COUNTS = {
    "lost_updates": Count(
        "lost update", lambda run: run.observation.lost_updates, ("loses an update", "lose an update")
    ),
    "drift": Count(
        "drift (money made or lost)",
        lambda run: run.observation.drift,
        ("makes or loses money", "make or lose money"),
    ),
    "accounts_off": Count(
        "account off", lambda run: run.observation.accounts_off, ("leaves a wrong balance", "leave a wrong balance")
    ),
    "torn": Count("torn audit", lambda run: run.observation.torn, ("is torn", "are torn")),
    "incomplete": Count(
        "incomplete audit: it did not read every account",
        lambda run: run.observation.incomplete,
        ("has an audit that did not read every account", "have an audit that did not read every account"),
    ),
    "impossible": Count(
        "audit that returned a balance which was never there",
        lambda run: run.observation.impossible,
        ("has an audit that returned what was never there", "have an audit that returned what was never there"),
    ),
    "wrong_total": Count(
        "wrong total",
        lambda run: run.observation.wrong_total,
        ("has an audit with a wrong total", "have an audit with a wrong total"),
    ),
    "torn_unknown": Count(
        "audit that kept no readings: whether it is torn cannot be known",
        lambda run: run.observation.torn_unknown,
    ),
    "balances_alone": Count(
        "judged by balances alone: tokens were not kept, or do not belong to the balances",
        lambda run: run.observation.notes,
    ),
    "pending": Count(
        "transfer that is still pending, although its session ended without an error",
        lambda run: run.observation.pending,
        ("leaves a transfer pending", "leave a transfer pending"),
    ),
    "hung": Count("sessions that wait for ever", lambda run: run.hung, ("waits for ever", "wait for ever")),
    "deadlocks": Count("deadlock (40P01)", lambda run: run.had(DEADLOCK), ("ends in a deadlock", "end in a deadlock")),
    "serialization_failures": Count(
        "serialization failure (40001)",
        lambda run: run.had(SERIALIZATION_FAILURE),
        ("ends in a serialization failure", "end in a serialization failure"),
    ),
    "refused_locks": Count(
        "lock refused (55P03)", lambda run: run.had(LOCK_NOT_AVAILABLE), ("is refused a lock", "are refused a lock")
    ),
    "errors": Count(
        "a session that ended with an error", lambda run: run.errors, ("ends with an error", "end with an error")
    ),
    "blocked": Count("a session that had to wait", lambda run: run.was_blocked),
    "raced": Count("two sessions that went on at once, in an order that the database chose", lambda run: run.is_raced),
}
WORST_FIRST = {name: count.says for name, count in COUNTS.items() if count.says is not None}


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

    def include(self, other: "Tally") -> None:
        """Add what another one has counted, of other schedules."""
        self.run_count += other.run_count
        self.schedule_count += other.schedule_count
        for name, count in other.counts.items():
            self.counts[name] += count
