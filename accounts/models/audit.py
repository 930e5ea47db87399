"""An audit: one reading of every account, added up, and what it was judged to be."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from accounts.db.bulk import update_many
from accounts.models.bank import Bank
from accounts.models.contended import Contended
from accounts.models.storm import Storm

# An audit's primary key, whether it is torn, and its explanation.
Judgement = tuple[int, bool | None, Mapping[str, Any] | None]


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
    def off_by(self) -> int | None:
        """The total minus that of the bank; less than 0 is money that it did not see. None if it has no total."""
        return None if self.total is None else self.total - self.expected_total

    @property
    def is_incomplete(self) -> bool:
        """Whether it was judged, and left an account out."""
        return bool(self.explanation and self.explanation.get("incomplete"))

    def note_reading(self, read: Sequence[tuple[int, int, int | None]] | int) -> None:
        """Note what a strategy returned: its readings (account, balance, token), or only their sum. Saves nothing."""
        if isinstance(read, int):
            self.total = read
        else:
            self.readings, self.total = read, sum(balance for _account, balance, _token in read)

    @classmethod
    def note_judgements(
        cls,
        storm: Storm,
        judgements: Iterable[Judgement],
        *,
        only_new: bool = False,
    ) -> None:
        """Note on a storm's audits (by primary key) whether they are torn, and their explanations, in one statement.

        With only_new, audits that were judged meanwhile stay as they were judged. The storm's row is locked first: two
        statements at the same time could lock the same audits in different orders, and deadlock. The lock is one
        that lets others insert audits of the storm.
        """
        rows = list(judgements)
        with transaction.atomic():
            Storm.objects.select_for_update(no_key=True).get(pk=storm.pk)
            if only_new:
                new = set(storm.audits.filter(torn=None).values_list("pk", flat=True))
                rows = [row for row in rows if row[0] in new]
            update_many(cls, {"id": "bigint", "torn": "boolean", "explanation": "jsonb"}, rows)
