"""A storm: a planned workload, run once."""

import json
from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from accounts.models.bank import Bank
from accounts.models.storm_report import ReportField


def whole_number(default: int | None, *, least: int, most: int, **options) -> models.PositiveBigIntegerField:
    """A field for a count that a person chooses; forms and commands refuse what is out of range alike."""
    advice = f"choose {least:,} to {most:,}."
    limits = [MinValueValidator(least, advice), MaxValueValidator(most, advice)]
    return models.PositiveBigIntegerField(default=default, validators=limits, **options)


class Storm(models.Model):
    """Which transfers, which audits, which strategies, how many workers: planned from a seed, run once, kept."""

    class State(models.TextChoices):
        PLANNED = "planned"
        RUNNING = "running"
        FINISHED = "finished"
        STOPPED = "stopped"
        FAILED = "failed"

    bank = models.OneToOneField(Bank, models.CASCADE, related_name="storm", editable=False)
    transfer_with = models.CharField("transfer with", max_length=200)
    audit_with = models.CharField("audit with", max_length=200)
    transfer_count = whole_number(2000, least=1, most=1_000_000, verbose_name="transfers")
    audit_count = whole_number(200, least=0, most=100_000, verbose_name="audits")
    account_count = whole_number(6, least=2, most=1_000_000, verbose_name="accounts")
    max_amount = whole_number(100, least=1, most=1_000_000_000, help_text="Each transfer moves from 1 to this much.")
    worker_count = whole_number(4, least=1, most=64, verbose_name="workers")
    thread_count = whole_number(1, least=1, most=64, verbose_name="threads", help_text="Threads in each worker.")
    seed = whole_number(1, least=0, most=2**63 - 1, help_text="The same seed plans the same storm.")

    queue = models.CharField(max_length=100, editable=False, help_text="The django-q2 queue that its jobs are in.")
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED, editable=False)
    reason = models.TextField(blank=True, editable=False, help_text="Why it was stopped or failed.")
    report = ReportField(null=True, editable=False)
    after = models.OneToOneField(
        "self",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="next",
        help_text="The storm whose end starts this one: a lecture is several storms in a row.",
    )
    by_hand = models.BooleanField(
        default=False, editable=False, help_text="It starts when somebody says so, not when the one before it ends."
    )
    faults = models.JSONField(
        default=list, editable=False, help_text="The faults that were injected while it ran: when, what, to whom."
    )
    started_at = models.DateTimeField(null=True, editable=False, help_text="When its jobs were put in the queue.")
    next_judging_at = models.DateTimeField(
        null=True, editable=False, help_text="While it runs, its new audits are not judged before this; empty: at once."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        permissions = [("stop_storm", "Can stop a storm")]
        constraints = [
            # Transfers and audits refer to both, which is how the database knows that their storm is of their bank.
            models.UniqueConstraint(fields=["bank", "id"], name="storm_bank_and_id"),
            models.CheckConstraint(
                name="storm_state_is_known",
                condition=Q(state__in=["planned", "running", "finished", "stopped", "failed"]),
                violation_error_message="A storm is planned, running, finished, stopped or failed.",
            ),
            models.CheckConstraint(
                name="storm_that_finished_has_a_report",
                condition=~Q(state="finished") | Q(report__isnull=False),
                violation_error_message="Judge a storm first: one that has finished has a report.",
            ),
            models.CheckConstraint(
                name="storm_that_failed_says_why",
                condition=~Q(state="failed") | ~Q(reason=""),
                violation_error_message="Say why the storm failed.",
            ),
        ]

    def __str__(self) -> str:
        return f"storm {self.pk}: {self.transfer_with} x {self.audit_with}"

    @property
    def row(self) -> list[int]:
        """The primary keys of all storms that run one after another with this one, itself among them, in order."""
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH RECURSIVE row_of AS (SELECT id, after_id FROM accounts_storm WHERE id = %s UNION"
                " SELECT other.id, other.after_id FROM accounts_storm AS other"
                " JOIN row_of ON other.id = row_of.after_id OR other.after_id = row_of.id)"
                " SELECT id FROM row_of ORDER BY id",  # they are written in their order
                [self.pk],
            )
            return [pk for (pk,) in cursor.fetchall()]

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more, and never will; workers may still be finishing what they have begun."""
        return self.state not in (Storm.State.PLANNED, Storm.State.RUNNING)

    @property
    def is_in_a_row(self) -> bool:
        return self.after_id is not None or Storm.objects.filter(after=self.pk).exists()

    def is_still_running(self) -> bool:
        """Whether the row says so now: somebody may have stopped it."""
        return Storm.objects.filter(pk=self.pk, state=Storm.State.RUNNING).exists()

    def note_fault(self, kind: str, what: str, at: datetime | None = None) -> None:
        """Add a fault (or what the watchdog did about one) to the storm's list, whoever else does so at that time."""
        fault = {"at": (at or timezone.now()).isoformat(), "kind": kind, "what": what}
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_storm SET faults = faults || %s::jsonb WHERE id = %s", [json.dumps([fault]), self.pk]
            )
