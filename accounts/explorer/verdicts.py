"""Judges one schedule of an exploration by the evidence, and counts verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.db.sqlstates import DEADLOCK, LOCK_NOT_AVAILABLE, SERIALIZATION_FAILURE
from accounts.evidence import HalfSeen
from accounts.evidence.narrative import Narrator
from accounts.evidence.rows import Finding, explain_audits
from accounts.explorer.scratch_bank import ScratchBank, State
from accounts.models import Audit
from interleavings.engine.scenario import Ended, Run


@dataclass(frozen=True)
class Verdict:
    """What one schedule came to: what its audits read, and what is wrong for good."""

    readings: Mapping[str, tuple | int]  # by session: (account, balance, token) of all that it read, or the sum
    balances: Mapping[int, int]
    torn: bool = False
    torn_unknown: bool = False
    wrong_total: bool = False
    drift: int = 0
    lost_updates: int = 0
    accounts_off: int = 0
    half_seen: tuple[int, ...] = ()  # the transfers that an audit saw on one account only, by their places from 1
    stories: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_bad(self) -> bool:
        return self.torn or self.wrong_total or bool(self.drift or self.lost_updates or self.accounts_off)


class Judge:
    """Judges the schedules of one scratch bank."""

    def __init__(self, scratch: ScratchBank, *, transactional: bool) -> None:
        self._scratch = scratch
        self._transactional = transactional

    def __call__(self, ended: Ended) -> Verdict:
        """What the sessions brought home and the rows that they left behind came to."""
        state = self._scratch.read()
        readings = {name: self._named(result) for name, result in ended.results.items() if result is not None}
        audits = [self._audit(number, read) for number, read in enumerate(readings.values(), start=1)]
        findings = explain_audits(state.history, audits)
        narrate = Narrator(
            movements=state.history.movements,
            numbers={number: number for number in state.balances},
            transactional=self._transactional,
        )
        lost = state.history.lost_updates()
        return Verdict(
            readings=readings,
            balances=state.balances,
            torn=any(finding.is_torn for finding in findings),
            torn_unknown=any(finding.explanation is None for finding in findings),
            wrong_total=any(finding.audit.error for finding in findings),
            drift=sum(state.balances.values()) - self._scratch.total,
            lost_updates=sum(update.overwritten_by is not None for update in lost),
            accounts_off=_accounts_off(state),
            half_seen=tuple(sorted({seen.transfer for finding in findings for seen in _half_seen(finding)})),
            stories=(*_stories(findings, narrate), *(narrate.lost(update) for update in lost)),
        )

    def _named(self, read: list | int) -> tuple | int:
        """What an audit read, accounts and transfers by their numbers; or only the sum."""
        if isinstance(read, int):
            return read
        return tuple(
            (self._scratch.number(account), balance, self._scratch.token(token)) for account, balance, token in read
        )

    def _audit(self, number: int, read: tuple | int) -> Audit:
        audit = Audit(pk=number, status=Audit.Status.TAKEN, expected_total=self._scratch.total)
        audit.keep(read)
        return audit


def _half_seen(finding: Finding) -> list[HalfSeen]:
    return finding.explanation.half_seen if finding.explanation else []


def _stories(findings: list[Finding], narrate: Narrator) -> list[str]:
    return [finding.story(narrate) for finding in findings if finding.is_wrong]


def _accounts_off(state: State) -> int:
    """How many accounts do not hold what they should."""
    should_be = state.history.should_be()
    return sum(balance != should_be[number] for number, balance in state.balances.items())


# What each count of a Tally says of a schedule.
MEANINGS = {
    "torn": "torn audit",
    "torn_unknown": "audit that kept no readings: nobody can tell whether it is torn",
    "wrong_total": "wrong total",
    "drift": "drift (money made or lost)",
    "lost_updates": "lost update",
    "accounts_off": "account off",
    "deadlocks": "deadlock (40P01)",
    "serialization_failures": "serialization failure (40001)",
    "refused_locks": "lock refused (55P03)",
    "hung": "sessions that wait for ever (no database can see a Python lock)",
    "errors": "a session that ended with an error",
    "blocked": "a session that had to wait",
}


class Tally:
    """Counts schedules by what they came to. A run counts for all the schedules that it stands for."""

    COUNTS = {
        "torn": lambda run: run.observation.torn,
        "torn_unknown": lambda run: run.observation.torn_unknown,
        "wrong_total": lambda run: run.observation.wrong_total,
        "drift": lambda run: run.observation.drift != 0,
        "lost_updates": lambda run: run.observation.lost_updates > 0,
        "accounts_off": lambda run: run.observation.accounts_off > 0,
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
        (verdict.wrong_total and not verdict.torn, "wrong total"),
        (verdict.drift, f"drift {verdict.drift:+,}"),
        (verdict.lost_updates, "lost update"),
        (verdict.accounts_off and not verdict.lost_updates and not verdict.drift, "account off"),
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
    "wrong total": ("W", "torn"),
    "lost update": ("L", "money"),
    "drift": ("$", "money"),
    "account off": ("$", "money"),
    "deadlock": ("D", "refused"),
    "serialization failure": ("S", "refused"),
    "lock refused": ("R", "refused"),
    "waits for ever": ("H", "broken"),
    "error": ("E", "broken"),
}


def sign(verdict: list[str]) -> tuple[str, str, str]:
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
