"""A storm: a planned workload, run once."""

import json
from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from accounts.db.sql import ask
from accounts.models.bank import Bank
from accounts.models.storm_report import ReportField


def whole_number(
    default: int | None, *, minimum: int, maximum: int, **options: Any
) -> "models.PositiveBigIntegerField[int, int]":
    """A field for a count that a person chooses; forms and commands refuse what is out of range alike."""
    advice = f"choose {minimum:,} to {maximum:,}."
    limits = [MinValueValidator(minimum, advice), MaxValueValidator(maximum, advice)]
    return models.PositiveBigIntegerField(default=default, validators=limits, **options)


class Storm(models.Model):
    """Which transfers, which audits, which strategies, how many workers: planned from a seed, run once, kept."""

    class State(models.TextChoices):
        PLANNED = "planned"
        RUNNING = "running"
        FINISHED = "finished"
        STOPPED = "stopped"
        FAILED = "failed"

    WATCHDOG = "watchdog: "  # how the kind of what the watchdog did begins, among the faults

    bank = models.OneToOneField(Bank, models.CASCADE, related_name="storm", editable=False)
    transfer_with = models.CharField("transfer with", max_length=200)
    audit_with = models.CharField("audit with", max_length=200)
    transfer_count = whole_number(2000, minimum=1, maximum=1_000_000, verbose_name="transfers")
    audit_count = whole_number(200, minimum=0, maximum=100_000, verbose_name="audits")
    account_count = whole_number(6, minimum=2, maximum=1_000_000, verbose_name="accounts")
    max_amount = whole_number(
        100, minimum=1, maximum=1_000_000_000, help_text="Each transfer moves from 1 to this much."
    )
    worker_count = whole_number(4, minimum=1, maximum=64, verbose_name="workers")
    thread_count = whole_number(1, minimum=1, maximum=64, verbose_name="threads", help_text="Threads in each worker.")
    seed = whole_number(1, minimum=0, maximum=2**63 - 1, help_text="The same seed plans the same storm.")

    queue = models.CharField(max_length=100, editable=False, help_text="The django-q2 queue that its jobs are in.")
    planned_count = models.PositiveBigIntegerField(
        null=True,
        editable=False,
        help_text="How many transfers of its plan were written, while that goes on; empty: all came with it.",
    )
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
        default=False, editable=False, help_text="It starts when a button is pressed, not when the one before it ends."
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
        return f"storm {self.pk}: transfers {self.transfer_with}, audits {self.audit_with}"

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
        """Whether its row says so now: it may have been stopped meanwhile."""
        state = ask("SELECT state FROM accounts_storm WHERE id = %s", self.pk)  # a job asks this again and again
        return bool(state == Storm.State.RUNNING)

    def note_fault(self, kind: str, what: str, at: datetime | None = None) -> None:
        """Add a fault to the storm's list. Several processes may do so at the same time."""
        fault = {"at": (at or timezone.now()).isoformat(), "kind": kind, "what": what}
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_storm SET faults = faults || %s::jsonb WHERE id = %s", [json.dumps([fault]), self.pk]
            )

    def note_remedy(self, remedy: str, what: str) -> None:
        """Add to that list what the watchdog did about a fault."""
        self.note_fault(f"{self.WATCHDOG}{remedy}", what)
