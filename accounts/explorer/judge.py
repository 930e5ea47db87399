"""Judges one schedule: what its audits read, and what its transfers left behind.

Whether an audit is torn is decided by what was committed while it read (accounts/evidence/commits.py), whatever it says
itself. The transfers' tokens explain it where they can be believed; where they cannot, a history that is inferred from
the commits does, and the verdict notes that balances alone have decided.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from accounts.evidence import HalfSeen
from accounts.evidence.narrative import Narrator
from accounts.evidence.placed import explain_placed
from accounts.evidence.rows import Finding
from accounts.explorer.believed import Believed, believe
from accounts.explorer.scratch_bank import ScratchBank, State
from accounts.explorer.verdicts import Verdict
from accounts.ledger import Reading
from accounts.models import Audit
from interleavings.engine.scenario import Ended

NOT_ONE_ROW = "An audit did not read a balance and its token in one row: they may be of different moments."

Result = Sequence[Reading] | int  # what an audit returned: its readings, or only their sum


@dataclass(frozen=True)
class JudgedAudit:
    """One audit of a schedule."""

    finding: Finding
    impossible: Mapping[int, int]  #: balances that it returned, by account, and that were not there while it took place
    notes: tuple[str, ...] = ()

    @property
    def half_seen(self) -> list[HalfSeen]:
        return self.finding.explanation.half_seen if self.finding.explanation else []

    def tell(self, narrate: Narrator) -> list[str]:
        """A sentence on each thing that is wrong with it."""
        stories = [self.finding.tell(narrate)] if self.finding.is_wrong else []
        if self.impossible:
            balances = ", ".join(f"{balance:,} for account {account}" for account, balance in self.impossible.items())
            number = self.finding.audit.pk
            stories.append(f"Audit {number} returned {balances}: not what was there at any moment of the audit.")
        return stories


class Judge:
    """Judges the schedules of one scratch bank. `transactional`: whether each transfer is one transaction."""

    def __init__(self, scratch: ScratchBank, *, transactional: bool) -> None:
        self._scratch = scratch
        self._transactional = transactional

    def __call__(self, ended: Ended) -> Verdict:
        """The verdict on the schedule that has just ended.

        1. The rows that are left are read. From here on, accounts go by their numbers, transfers by their places.
        2. It is decided which history to believe.
        3. Each audit is placed among the versions that were committed while it took place, and explained.
        """
        state = self._scratch.read()
        believed = believe(self._scratch, state)
        results = {name: result for name, result in ended.results.items() if result is not None}
        audits = [
            self._judge_audit(number, name, result, believed)
            for number, (name, result) in enumerate(results.items(), start=1)
        ]
        has_half_seen = any(audit.half_seen for audit in audits)
        narrate = self._narrator(state, believed, never_written=believed.never_written() if has_half_seen else ())
        places = self._scratch.places
        pending_names = tuple(name for name in ended.results if places.get(name) in state.pending)
        return Verdict(
            readings={name: self._named(result) for name, result in results.items()},
            balances=state.balances,
            torn=any(audit.finding.is_torn for audit in audits),
            incomplete=any(audit.finding.is_incomplete for audit in audits),
            torn_unknown=any(audit.finding.explanation is None for audit in audits),
            impossible=any(audit.impossible for audit in audits),
            wrong_total=any(audit.finding.audit.off_by for audit in audits),
            drift=sum(state.balances.values()) - self._scratch.total,
            lost_updates=believed.count_lost_updates(),
            accounts_off=_count_accounts_off(state),
            pending=pending_names,
            half_seen=tuple(sorted({seen.transfer for audit in audits for seen in audit.half_seen})),
            stories=(
                *(story for audit in audits for story in audit.tell(narrate)),
                *believed.tell_lost_updates(narrate),
                *(self._tell_pending(session) for session in pending_names),
            ),
            committed=tuple(self._named_balances(changes) for changes in self._scratch.log.changes()),
            notes=tuple(dict.fromkeys([*believed.notes, *(note for audit in audits for note in audit.notes)])),
        )

    def _named_balances(self, balances: Mapping[int, int]) -> dict[int, int]:
        return {self._scratch.number(pk): balance for pk, balance in balances.items()}

    def _named(self, result: Result) -> tuple[Reading, ...] | int:
        """What an audit returned, by the accounts' numbers and the transfers' places."""
        if isinstance(result, int):
            return result
        name = self._scratch
        return tuple(Reading(name.number(pk), balance, name.token(token)) for pk, balance, token in result)

    def _judge_audit(self, number: int, session: str, result: Result, believed: Believed) -> JudgedAudit:
        audit = Audit(pk=number, status=Audit.Status.TAKEN, expected_total=self._scratch.total)
        audit.note_reading(self._named(result))
        if isinstance(result, int):
            return JudgedAudit(Finding(audit, None), {})
        log, name = self._scratch.log, self._scratch
        readings = {
            name.number(pk): read._replace(token=name.token(read.token))
            for pk, read in log.reads(session, result).items()
        }
        placement = believed.commits.place(readings, log.window(session))
        explanation = explain_placed(placement, believed.history, believed.tokens)
        impossible = {account: readings[account].balance for account in placement.impossible}
        is_one_row = all(read.is_one_row for read in readings.values())
        return JudgedAudit(Finding(audit, explanation), impossible, () if is_one_row else (NOT_ONE_ROW,))

    def _tell_pending(self, session: str) -> str:
        place = self._scratch.places[session]
        return f"Transfer {place} is still pending: session {session} ended without an error, and did not end it."

    def _narrator(self, state: State, believed: Believed, *, never_written: Collection[tuple[int, int]]) -> Narrator:
        return Narrator(
            movements=believed.history.movements,
            numbers={number: number for number in state.balances},
            transactional=self._transactional,
            never_written=never_written,
        )


def _count_accounts_off(state: State) -> int:
    """How many accounts do not hold what they should."""
    should_be = state.history.should_be()
    return sum(balance != should_be[number] for number, balance in state.balances.items())
