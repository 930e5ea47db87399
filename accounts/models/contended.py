"""What transfers and audits share: counters of the contention that they met."""

from django.db import models

from accounts.db.contention import Contention


class Contended(models.Model):
    """Rows of operations that may wait for locks, be refused, and try again."""

    COUNTERS = ("waited_us", "retries", "deadlocks", "serialization_failures", "refused_locks")

    waited_us = models.PositiveIntegerField("waited (us)", default=0, help_text="For locks, in microseconds.")
    retries = models.PositiveIntegerField(default=0)
    deadlocks = models.PositiveIntegerField(default=0)
    serialization_failures = models.PositiveIntegerField(default=0)
    refused_locks = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def note_contention(self, went_through: Contention) -> None:
        for name in self.COUNTERS:
            setattr(self, name, getattr(went_through, name))
