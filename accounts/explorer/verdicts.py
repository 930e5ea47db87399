"""The verdict on one schedule, in words and as a sign; and how many schedules have which verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.db.sqlstates import DEADLOCK, LOCK_NOT_AVAILABLE, SERIALIZATION_FAILURE
from accounts.ledger import Reading
from interleavings.engine.scenario import Run


@dataclass(frozen=True)
class Verdict:
    """What is wrong in one schedule: what its audits read, and what its transfers left for good."""

    readings: Mapping[str, tuple[Reading, ...] | int]  #: by session: the readings, or only their sum
    balances: Mapping[int, int]  #: at the end, by the account's number
    torn: bool = False
    incomplete: bool = False
    torn_unknown: bool = False  #: an audit kept no readings
    impossible: bool = False  #: an audit returned a balance that was never there while it took place
    wrong_total: bool = False
    drift: int = 0
    lost_updates: int = 0
    accounts_off: int = 0
    pending: tuple[str, ...] = ()  #: the sessions that ended without an error, and whose transfer is still pending
    half_seen: tuple[int, ...] = ()  #: the transfers that an audit saw on one account only, by their places from 1
    stories: tuple[str, ...] = field(default=(), compare=False)  #: a sentence on each thing that is wrong
    notes: tuple[str, ...] = field(default=(), compare=False)  #: what the evidence lacks, if balances alone decided

    @property
    def is_bad(self) -> bool:
        is_audit_wrong = self.torn or self.incomplete or self.impossible or self.wrong_total
        return is_audit_wrong or bool(self.drift or self.lost_updates or self.accounts_off or self.pending)


# What each count of a Tally says of a schedule.
MEANINGS = {
    "torn": "torn audit",
    "incomplete": "incomplete audit: it did not read every account",
    "impossible": "audit that returned a balance which was never there",
    "torn_unknown": "audit that kept no readings: whether it is torn cannot be known",
    "balances_alone": "judged by balances alone: tokens were not kept, or do not belong to the balances",
    "wrong_total": "wrong total",
    "drift": "drift (money made or lost)",
    "lost_updates": "lost update",
    "accounts_off": "account off",
    "pending": "transfer that is still pending, although its session ended without an error",
    "deadlocks": "deadlock (40P01)",
    "serialization_failures": "serialization failure (40001)",
    "refused_locks": "lock refused (55P03)",
    "hung": "sessions that wait for ever",
    "errors": "a session that ended with an error",
    "blocked": "a session that had to wait",
}


class Tally:
    """Counts schedules by what they came to. A run counts for all the schedules that it stands for."""

    COUNTS = {
        "torn": lambda run: run.observation.torn,
        "incomplete": lambda run: run.observation.incomplete,
        "impossible": lambda run: run.observation.impossible,
        "torn_unknown": lambda run: run.observation.torn_unknown,
        "balances_alone": lambda run: bool(run.observation.notes),
        "wrong_total": lambda run: run.observation.wrong_total,
        "drift": lambda run: run.observation.drift != 0,
        "lost_updates": lambda run: run.observation.lost_updates > 0,
        "accounts_off": lambda run: run.observation.accounts_off > 0,
        "pending": lambda run: bool(run.observation.pending),
        "deadlocks": lambda run: run.had(DEADLOCK),
        "serialization_failures": lambda run: run.had(SERIALIZATION_FAILURE),
        "refused_locks": lambda run: run.had(LOCK_NOT_AVAILABLE),
        "hung": lambda run: bool(run.hung),
        "errors": lambda run: bool(run.errors),
        "blocked": lambda run: run.was_blocked,
        "raced": lambda run: run.is_raced,
    }

    def __init__(self) -> None:
        self.run_count = self.schedule_count = 0
        self.counts = dict.fromkeys(self.COUNTS, 0)

    def add(self, run: Run) -> None:
        self.run_count += 1
        self.schedule_count += run.weight
        for name, holds in self.COUNTS.items():
            self.counts[name] += run.weight * holds(run)


def words(run: Run) -> list[str]:
    """What one schedule came to, in a few words; none if it is as it should be."""
    verdict = run.observation
    found: list[tuple[Any, str]] = [
        (verdict.torn, "torn" if verdict.wrong_total else "torn (right by luck)"),
        (verdict.incomplete, "incomplete"),
        (verdict.impossible, "impossible reading"),
        (verdict.wrong_total and not (verdict.torn or verdict.incomplete), "wrong total"),
        (verdict.drift, f"drift {verdict.drift:+,}"),
        (verdict.lost_updates, "lost update"),
        (verdict.accounts_off and not verdict.lost_updates and not verdict.drift, "account off"),
        (verdict.pending, "still pending"),
        (run.had(DEADLOCK), "deadlock"),
        (run.had(SERIALIZATION_FAILURE), "serialization failure"),
        (run.had(LOCK_NOT_AVAILABLE), "lock refused"),
        (run.hung, "waits for ever"),
        (run.errors, "error"),
    ]
    return [text for is_so, text in found if is_so]


# What a schedule is shown as in a grid: by the first of its words that is here. (The money comes before the refusals.)
SIGNS = {
    "torn": ("T", "torn"),
    "incomplete": ("I", "torn"),
    "impossible reading": ("N", "torn"),
    "wrong total": ("W", "torn"),
    "lost update": ("L", "money"),
    "drift": ("$", "money"),
    "account off": ("$", "money"),
    "still pending": ("P", "money"),
    "deadlock": ("D", "refused"),
    "serialization failure": ("S", "refused"),
    "lock refused": ("R", "refused"),
    "waits for ever": ("H", "broken"),
    "error": ("E", "broken"),
}


def sign(verdict: Sequence[str]) -> tuple[str, str, str]:
    """A letter, a kind ("torn", "money", "refused", "broken", "right") and a word for a verdict given in `words`."""
    for word, (letter, kind) in SIGNS.items():
        if any(said.startswith(word) for said in verdict):
            return letter, kind, word
    return ("?", "broken", verdict[0]) if verdict else ("✓", "right", "right")


def badness(run: Run) -> tuple | None:
    """Sorts the worst and shortest schedule first; None for one that is as it should be."""
    verdict = run.observation
    kind = next(
        (
            rank
            for rank, is_so in enumerate(
                (
                    verdict.torn and verdict.wrong_total,
                    verdict.is_bad,
                    run.had(DEADLOCK) or run.hung,
                    run.errors,
                )
            )
            if is_so
        ),
        None,
    )
    if kind is None:
        return None
    switches = sum(one != other for one, other in zip(run.schedule, run.schedule[1:], strict=False))
    return kind, len(run.steps), switches, run.schedule
