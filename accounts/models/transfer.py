"""A transfer: planned as pending, ended once, and able to say which balances it was based on."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.db.bulk import update_many
from accounts.db.contention import Contention
from accounts.db.sql import execute
from accounts.models.bank import Account, Bank
from accounts.models.contended import Contended


class AlreadyEnded(Exception):
    """Another delivery of the same job ended this transfer first; whatever we wrote must be rolled back."""


class Transfer(Contended):
    """Money moved once from source to target. Planned as pending, ended once, never edited after."""

    class Status(models.TextChoices):
        PENDING = "pending"
        APPLIED = "applied"
        REFUSED = "refused"
        FAILED = "failed"

    bank = models.ForeignKey(Bank, models.CASCADE, related_name="transfers")
    # The database's own foreign keys are of two columns, so that storm and accounts are of this bank: see migrations.
    storm = models.ForeignKey(
        "Storm",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="transfers",
        db_constraint=False,
        db_index=False,
    )
    source = models.ForeignKey(Account, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    target = models.ForeignKey(Account, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    amount = models.PositiveBigIntegerField()
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    reason = models.TextField(blank=True, help_text="Why it was refused or failed.")

    # The tokens that its two writes replaced: the evidence is built from these.
    source_based_on = models.BigIntegerField(null=True, blank=True)
    target_based_on = models.BigIntegerField(null=True, blank=True)
    repeats = models.BigIntegerField(
        null=True, blank=True, help_text="The planned transfer that this row applied once more."
    )

    worker = models.CharField(max_length=100, blank=True, help_text="Host, process and thread that ended it.")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="When its worker knew that it was committed; empty if that worker died."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="transfer_needs_two_accounts",
                condition=~Q(source=F("target")),
                violation_error_message="Choose two different accounts.",
            ),
            models.CheckConstraint(
                name="transfer_moves_something",
                condition=Q(amount__gt=0),
                violation_error_message="Choose an amount of at least 1.",
            ),
            models.CheckConstraint(
                name="transfer_status_is_known",
                condition=Q(status__in=["pending", "applied", "refused", "failed"]),
                violation_error_message="A transfer is pending, applied, refused or failed.",
            ),
            models.CheckConstraint(
                name="transfer_that_failed_says_why",
                condition=~Q(status="failed") | ~Q(reason=""),
                violation_error_message="Say why the transfer failed.",
            ),
        ]
        # Not of the status: an UPDATE that changes no indexed column leaves the indexes alone (PostgreSQL's HOT).
        indexes = [models.Index(fields=["storm", "id"], name="transfer_by_storm")]

    def __str__(self) -> str:
        return f"transfer {self.pk}"

    @property
    def accounts(self) -> models.QuerySet[Account]:
        """The rows of its two accounts, nothing read and nothing locked yet."""
        return Account.objects.filter(pk__in=(self.source_id, self.target_id))

    def not_enough(self, source: Account) -> str:
        """Why it is refused."""
        return f"{source} holds {source.balance}, and {self.amount} was asked for."

    def started_or_now(self) -> datetime:
        return self.started_at or timezone.now()

    def end(self, status: Status, **facts: Any) -> None:
        """End a pending transfer with these facts (field values), in one UPDATE.

        A row that `repeats` a planned transfer ends that one too, if it is still pending: the money was moved, by
        whichever of the two deliveries of the job.
        Raises AlreadyEnded if none of them is pending any more: two workers may hold the same job. The second one
        waits here for the COMMIT of the first, and then finds nothing to update.
        """
        facts |= {
            "status": status,
            "worker": self.worker,
            "started_at": self.started_or_now(),
        }
        # As SQL, like the ledger's: it runs once for each transfer, and is prepared once for each connection.
        columns = ", ".join(f"{name} = %s" for name in facts)
        ended = execute(
            f"UPDATE accounts_transfer SET {columns} WHERE id IN (%s, %s) AND status = 'pending'",
            *(*facts.values(), self.pk, self.repeats or self.pk),
        )
        if not ended:
            raise AlreadyEnded(f"Transfer {self.pk} was ended by another worker.")
        for name, value in facts.items():
            setattr(self, name, value)

    @classmethod
    def note_ends(cls, ends: list[tuple[int, datetime, Contention]]) -> None:
        """Note when transfers (by primary key) were known to have ended, and what they went through, in one statement.

        It cannot be part of end(): inside a transaction, the end is still to come.
        """
        update_many(
            cls,
            {"id": "bigint", "ended_at": "timestamptz", **dict.fromkeys(Contended.COUNTERS, "int")},
            [
                (pk, ended_at, *(getattr(went_through, name) for name in Contended.COUNTERS))
                for pk, ended_at, went_through in ends
            ],
        )
