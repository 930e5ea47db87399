"""The verdict on one schedule: in words, as a sign, and how bad it is beside others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.db.sqlstates import DEADLOCK, LOCK_NOT_AVAILABLE, SERIALIZATION_FAILURE
from accounts.explorer.tally import COUNTS, WORST_FIRST
from accounts.ledger import Reading
from interleavings.engine.scenario import Run, shortness


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
    committed: tuple[Mapping[int, int], ...] = field(default=(), compare=False)  #: by each step: accounts' new balances
    notes: tuple[str, ...] = field(default=(), compare=False)  #: what the evidence lacks, if balances alone decided

    @property
    def is_bad(self) -> bool:
        is_audit_wrong = self.torn or self.incomplete or self.impossible or self.wrong_total
        return is_audit_wrong or bool(self.drift or self.lost_updates or self.accounts_off or self.pending)


def words(run: Run) -> list[str]:
    """What is wrong in one schedule, in a few words each, the worst first; none if all is as it should be."""
    verdict = run.observation
    is_told_by_audit = verdict.torn or verdict.incomplete
    is_told_by_money = verdict.lost_updates or verdict.drift
    causes: list[tuple[Any, str]] = [
        (verdict.lost_updates, "lost update"),
        (verdict.drift, f"drift {verdict.drift:+,}"),
        (verdict.accounts_off and not is_told_by_money, "account off"),
        (verdict.torn, "torn" if verdict.wrong_total else "torn (right by luck)"),
        (verdict.incomplete, "incomplete"),
        (verdict.impossible, "impossible reading"),
        (verdict.wrong_total and not is_told_by_audit, "wrong total"),
        (verdict.pending, "still pending"),
        (run.hung, "waits for ever"),
        (run.had(DEADLOCK), "deadlock"),
        (run.had(SERIALIZATION_FAILURE), "serialization failure"),
        (run.had(LOCK_NOT_AVAILABLE), "lock refused"),
        (run.errors, "error"),
    ]
    return [text for is_so, text in causes if is_so]


# What a schedule is shown as in a grid: by the first of its words that is here. The worst first, as in COUNTS.
SIGNS = {
    "lost update": ("L", "money"),
    "drift": ("$", "money"),
    "account off": ("$", "money"),
    "torn": ("T", "torn"),
    "incomplete": ("I", "torn"),
    "impossible reading": ("N", "torn"),
    "wrong total": ("W", "torn"),
    "still pending": ("P", "money"),
    "waits for ever": ("H", "broken"),
    "deadlock": ("D", "refused"),
    "serialization failure": ("S", "refused"),
    "lock refused": ("R", "refused"),
    "error": ("E", "broken"),
}


def sign(verdict: Sequence[str]) -> tuple[str, str, str]:
    """A letter, a kind ("torn", "money", "refused", "broken", "right") and a word for a verdict given in `words`."""
    for word, (letter, kind) in SIGNS.items():
        if any(text.startswith(word) for text in verdict):
            return letter, kind, word
    return ("?", "broken", verdict[0]) if verdict else ("\u2713", "right", "right")


def badness(run: Run) -> tuple[int, bool, int, int, tuple[str, ...]] | None:
    """Sorts the worst and shortest schedule first; None for one that is as it should be."""
    rank = next((place for place, name in enumerate(WORST_FIRST) if COUNTS[name].holds(run)), None)
    return None if rank is None else (rank, not run.observation.wrong_total, *shortness(run.steps))
