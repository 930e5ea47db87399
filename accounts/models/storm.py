"""A storm (a planned workload) and its audits."""

import json
from collections.abc import Iterable
from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models.bank import Bank
from accounts.models.base import Contended, update_many


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

    WATCHDOG = "watchdog: "  # how the kind of what the watchdog did begins, among the faults

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
    report = models.JSONField(null=True, editable=False)
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
        """Add a fault to the storm's list. Several processes may do so at the same time."""
        fault = {"at": (at or timezone.now()).isoformat(), "kind": kind, "what": what}
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_storm SET faults = faults || %s::jsonb WHERE id = %s", [json.dumps([fault]), self.pk]
            )

    def note_remedy(self, remedy: str, what: str) -> None:
        """Add to that list what the watchdog did about a fault."""
        self.note_fault(f"{self.WATCHDOG}{remedy}", what)


class Audit(Contended):
    """One reading of every account, added up. It keeps what it read, so that it can be explained."""

    class Status(models.TextChoices):
        TAKEN = "taken"
        FAILED = "failed"

    bank = models.ForeignKey(Bank, models.CASCADE, related_name="audits")
    # The database's own foreign key is of two columns, so that the storm is of this bank: see the migrations.
    storm = models.ForeignKey(Storm, models.CASCADE, null=True, blank=True, related_name="audits", db_constraint=False)
    number = models.PositiveIntegerField(help_text="Its place in the storm's plan.")
    status = models.CharField(max_length=6, choices=Status)
    reason = models.TextField(blank=True, help_text="Why it failed.")
    readings = models.JSONField(null=True, blank=True, help_text="For each account: its id, balance and token.")
    total = models.BigIntegerField(null=True, blank=True)
    expected_total = models.BigIntegerField()
    torn = models.BooleanField(null=True, blank=True, help_text="Empty: not judged, or nothing to judge by.")

    explanation = models.JSONField(null=True, blank=True, help_text="If it is torn or wrong: why, to the cent.")

    worker = models.CharField(max_length=100, blank=True, help_text="Host, process and thread that took it.")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["storm", "number"], name="audit_is_taken_once"),
            models.CheckConstraint(
                name="audit_that_was_taken_has_a_total",
                condition=Q(status="failed") | Q(total__isnull=False),
                violation_error_message="An audit that was taken has a total.",
            ),
            models.CheckConstraint(
                name="audit_status_is_known",
                condition=Q(status__in=["taken", "failed"]),
                violation_error_message="An audit is taken, or it failed.",
            ),
            models.CheckConstraint(
                name="audit_that_failed_says_why",
                condition=~Q(status="failed") | ~Q(reason=""),
                violation_error_message="Say why the audit failed.",
            ),
        ]

    def __str__(self) -> str:
        return f"audit {self.pk}"

    @property
    def error(self) -> int | None:
        """How much the audit's total is off; less than 0 is money that it did not see."""
        return None if self.total is None else self.total - self.expected_total

    def keep(self, read: list[tuple[int, int, int | None]] | int) -> None:
        """Keep what a strategy read: its readings (account, balance, token), or only their sum."""
        if isinstance(read, int):
            self.total = read
        else:
            self.readings, self.total = read, sum(balance for _account, balance, _token in read)

    @classmethod
    def note_judgements(
        cls, storm: Storm, judgements: Iterable[tuple[int, bool | None, dict | None]], *, only_new: bool = False
    ) -> None:
        """Note on a storm's audits (by primary key) whether they are torn, and their explanations, in one statement.

        With only_new, audits that were judged meanwhile stay as they were judged. Two who judge the same storm come
        one after the other: in one statement each, they could lock the same rows in different orders.
        """
        rows = list(judgements)
        with transaction.atomic():
            Storm.objects.select_for_update(no_key=True).get(pk=storm.pk)  # inserting audits goes on meanwhile
            if only_new:
                new = set(storm.audits.filter(torn=None).values_list("pk", flat=True))
                rows = [row for row in rows if row[0] in new]
            update_many(cls, {"id": "bigint", "torn": "boolean", "explanation": "jsonb"}, rows)
