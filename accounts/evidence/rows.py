"""Reads a bank's rows as evidence: the history that they recorded, and what it says about each audit."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from accounts import evidence
from accounts.evidence.narrative import Narrator
from accounts.models import Audit, Bank, Transfer

# Of a transfer, in the order in which as_history() takes them.
MOVEMENT_COLUMNS = ("pk", "source_id", "target_id", "amount", "source_based_on", "target_based_on", "status", "repeats")


def read_history(bank: Bank) -> evidence.History:
    """Every transfer that has written, or may have: all that were begun, but those that were refused."""
    accounts = bank.accounts.values_list("pk", "opening_balance", "last_transfer")
    begun = bank.transfers.filter(started_at__isnull=False).exclude(status=Transfer.Status.REFUSED)
    return as_history(accounts, begun.values_list(*MOVEMENT_COLUMNS).iterator(chunk_size=5000))


def as_history(accounts: Collection[tuple], transfers: Iterable[tuple]) -> evidence.History:
    """The history of accounts (key, opening balance, last token) and transfers (as in MOVEMENT_COLUMNS)."""
    return evidence.History(
        opening={pk: opening for pk, opening, _ in accounts},
        movements=(_as_movement(*row) for row in transfers),
        final={pk: token for pk, _, token in accounts},
    )


def _as_movement(
    pk: int,
    source: int,
    target: int,
    amount: int,
    source_based_on: int | None,
    target_based_on: int | None,
    status: str,
    repeats: int | None,
) -> evidence.Movement:
    applied = status == Transfer.Status.APPLIED
    return evidence.Movement(pk, source, target, amount, source_based_on, target_based_on, applied, repeats)


@dataclass(frozen=True)
class Finding:
    """One audit and what the evidence says about it.

    There is no explanation if the audit kept no readings, or some whose token is not that of their balance: those
    accounts are `mismatched`. Both must come from one row.
    """

    audit: Audit
    explanation: evidence.Explanation | None
    mismatched: tuple[int, ...] = ()

    @property
    def is_wrong(self) -> bool:
        """Torn or incomplete, or its total is not the bank's; or that cannot be said, for its tokens are wrong."""
        return bool(self.audit.error) or self.is_torn or self.is_incomplete or bool(self.mismatched)

    @property
    def is_torn(self) -> bool:
        return self.explanation is not None and self.explanation.torn

    @property
    def is_incomplete(self) -> bool:
        return self.explanation is not None and self.explanation.is_incomplete

    @property
    def is_right_by_luck(self) -> bool:
        return self.is_torn and not self.audit.error

    def tell(self, narrate: Narrator) -> str:
        """One sentence on why its total is what it is."""
        return narrate.audit(
            self.audit.pk,
            total=self.audit.total,
            expected_total=self.audit.expected_total,
            explanation=self.explanation,
            mismatched=self.mismatched,
        )

    @property
    def is_explained(self) -> bool:
        """Whether the evidence accounts for the whole error, to the cent."""
        return self.explanation is not None and self.explanation.explained == self.audit.error


def explain_audits(history: evidence.History, audits: Iterable[Audit]) -> list[Finding]:
    """A finding for each audit that was taken, in the order given.

    A token is believed only if the balance beside it is what the token's transfer, and those before it, have left.
    """
    taken = [audit for audit in audits if audit.status == Audit.Status.TAKEN]
    mismatched = {audit.pk: _mismatched(history, audit) for audit in taken}
    explanations = evidence.explain(
        history,
        {
            audit.pk: {account: token for account, _balance, token in audit.readings}
            for audit in taken
            if audit.readings is not None and not mismatched[audit.pk]
        },
    )
    return [Finding(audit, explanations.get(audit.pk), mismatched[audit.pk]) for audit in taken]


def _mismatched(history: evidence.History, audit: Audit) -> tuple[int, ...]:
    """The accounts whose balance is not that of the token which was read with it."""
    readings = audit.readings or []
    return tuple(account for account, balance, token in readings if history.balance(account, token) != balance)


def easiest(findings: Iterable[Finding]) -> Finding | None:
    """The torn audit that is easiest to understand: no lost updates, few half-seen transfers, much money."""

    def difficulty(finding: Finding) -> tuple[int, int, int]:
        return finding.explanation.lost_count, len(finding.explanation.half_seen), -abs(finding.audit.error)

    return min((finding for finding in findings if finding.is_torn), key=difficulty, default=None)


def as_values(finding: Finding, narrate: Narrator) -> dict[str, Any]:
    """A finding in plain values, ready for JSON. All amounts are signed like the audit's error."""
    audit, explanation = finding.audit, finding.explanation
    known = explanation is not None
    return {
        "id": audit.pk,
        "total": audit.total,
        "error": audit.error,
        "explained": explanation.explained if known else None,
        "torn": finding.is_torn if known else None,
        "incomplete": finding.is_incomplete if known else None,
        "right_by_luck": finding.is_right_by_luck,
        "anomalies": narrate.anomalies(explanation) if known else [],
        "half_seen": [
            {"transfer": seen.transfer, "seen_on": narrate.numbers[seen.seen_on], "amount": seen.amount}
            for seen in (explanation.half_seen if known else [])
        ],
        "unread": [narrate.numbers[account] for account in (explanation.unread if known else [])],
        "unread_amount": explanation.unread_amount if known else None,
        "lost_updates": explanation.lost_amount if known else None,
        "lost_update_count": explanation.lost_count if known else None,
        "mismatched": [narrate.numbers[account] for account in finding.mismatched],
        "story": finding.tell(narrate),
    }
