"""Reads a bank's rows as evidence: the history that they recorded, and what it says about each audit."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, IntegerField
from django.db.models.fields.json import KeyTransform

from accounts import evidence
from accounts.evidence.narrative import Narrator
from accounts.models import Audit, Bank, Storm, Transfer


def read_history(bank: Bank) -> evidence.History:
    """Every transfer that has written, or may have: all that were begun, but those that were refused."""
    accounts = bank.accounts.values_list("pk", "opening_balance", "last_transfer")
    begun = bank.transfers.filter(started_at__isnull=False).exclude(status=Transfer.Status.REFUSED)
    return as_history(accounts, begun.values_list(*MOVEMENT_COLUMNS).iterator(chunk_size=5000))


MOVEMENT_COLUMNS = ("pk", "source_id", "target_id", "amount", "source_based_on", "target_based_on", "status", "repeats")


def as_history(accounts: Collection[tuple], transfers: Iterable[tuple]) -> evidence.History:
    """The history of accounts (key, opening balance, last token) and transfers (as in MOVEMENT_COLUMNS)."""
    return evidence.History(
        opening={pk: opening for pk, opening, _ in accounts},
        movements=(
            evidence.Movement(*row[:6], applied=row[6] == Transfer.Status.APPLIED, repeats=row[7]) for row in transfers
        ),
        final={pk: token for pk, _, token in accounts},
    )


@dataclass(frozen=True)
class Finding:
    """One audit and what the evidence says about it (None: it kept no readings)."""

    audit: Audit
    explanation: evidence.Explanation | None

    @property
    def is_wrong(self) -> bool:
        """Torn, or its total is not the bank's."""
        return bool(self.audit.error) or self.is_torn

    @property
    def is_torn(self) -> bool:
        return self.explanation is not None and self.explanation.torn

    @property
    def is_right_by_luck(self) -> bool:
        return self.is_torn and not self.audit.error

    @property
    def is_explained(self) -> bool:
        """Whether the evidence accounts for the whole error, to the cent."""
        return self.explanation is not None and self.explanation.explained == self.audit.error

    def story(self, narrate: Narrator) -> str:
        """Why the audit's total is what it is, in one sentence."""
        audit = self.audit
        return narrate.audit(audit.pk, self.explanation, total=audit.total, expected_total=audit.expected_total)


def explain_audits(history: evidence.History, audits: Iterable[Audit]) -> list[Finding]:
    """A finding for each audit that was taken, in the order given."""
    taken = [audit for audit in audits if audit.status == Audit.Status.TAKEN]
    explanations = evidence.explain(
        history,
        {
            audit.pk: {account: token for account, _balance, token in audit.readings}
            for audit in taken
            if audit.readings is not None
        },
    )
    return [Finding(audit, explanations.get(audit.pk)) for audit in taken]


def difficulty(*, lost_count: int, half_seen_count: int, off_by: int) -> tuple[int, int, int]:
    """Sorts torn audits, the easiest to understand first: no lost updates, few half-seen transfers, much money."""
    return lost_count, half_seen_count, -abs(off_by)


def easiest(findings: Iterable[Finding]) -> Finding | None:
    """The torn audit that is easiest to understand; of equals, the first one."""

    def how_hard(finding: Finding) -> tuple[int, int, int]:
        explanation = finding.explanation
        return difficulty(
            lost_count=explanation.lost_count, half_seen_count=len(explanation.half_seen), off_by=finding.audit.error
        )

    return min((finding for finding in findings if finding.is_torn), key=how_hard, default=None)


def easiest_torn(storm: Storm) -> Audit | None:
    """The same for a storm whose audits have been judged: from what was noted on them, without judging them again.

    Reads three numbers of each torn audit: 0.1 s for 50,000. Sorting them in SQL takes half of that, and would be the
    rule a second time. Of equals, the one with the lowest number.
    """
    half_seen_count = Func(
        KeyTransform("half_seen", "explanation"), function="jsonb_array_length", output_field=IntegerField()
    )
    rows = storm.audits.filter(torn=True).values_list(
        "number", "pk", "explanation__lost_update_count", half_seen_count, F("total") - F("expected_total")
    )
    hardness = (
        (difficulty(lost_count=lost or 0, half_seen_count=half_seen or 0, off_by=off_by), number, pk)
        for number, pk, lost, half_seen, off_by in rows
    )
    first = min(hardness, default=None)
    return first and Audit.objects.select_related("bank", "storm").get(pk=first[-1])


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
        "right_by_luck": finding.is_right_by_luck,
        "anomalies": narrate.anomalies(explanation) if known else [],
        "half_seen": [
            {"transfer": seen.transfer, "seen_on": narrate.numbers[seen.seen_on], "amount": seen.amount}
            for seen in (explanation.half_seen if known else [])
        ],
        "lost_updates": explanation.lost_amount if known else None,
        "lost_update_count": explanation.lost_count if known else None,
        "story": finding.story(narrate),
    }


def half_seen_of(audit: Audit) -> list[evidence.HalfSeen]:
    """The half-seen transfers that were noted on an audit, accounts by their numbers. Needs a query, if there are any.

    A transfer whose row is gone is left out.
    """
    noted = (audit.explanation or {}).get("half_seen", [])
    rows = Transfer.objects.filter(pk__in=[seen["transfer"] for seen in noted]) if noted else Transfer.objects.none()
    numbers = {pk: pair for pk, *pair in rows.values_list("pk", "source__number", "target__number")}
    return [_half_seen(seen, *numbers[seen["transfer"]]) for seen in noted if seen["transfer"] in numbers]


def _half_seen(noted: dict[str, int], source: int, target: int) -> evidence.HalfSeen:
    seen_on = noted["seen_on"]
    return evidence.HalfSeen(noted["transfer"], seen_on, target if seen_on == source else source, noted["amount"])
