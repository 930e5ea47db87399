"""What runs in the background and is kept to be looked at: its state, and a sign of life."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

LOST_AFTER_S = 60  # longer than a schedule takes in which every step is waited for


class KeptRun(models.Model):
    """One run, kept as it goes."""

    class State(models.TextChoices):
        RUNNING = "running", "running"
        FINISHED = "finished", "finished"
        FAILED = "failed", "ended early"

    state = models.CharField(max_length=10, choices=State, default=State.RUNNING, editable=False)
    reason = models.TextField(blank=True, editable=False, help_text="Why it ended early.")
    alive_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When the thread that runs it last said that it does."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    @property
    def is_lost(self) -> bool:
        """Whether it counts as running, and gave no sign of life for LOST_AFTER_S: its process was ended."""
        is_running = self.state == self.State.RUNNING
        return is_running and timezone.now() - self.alive_at > timedelta(seconds=LOST_AFTER_S)

    @property
    def is_live(self) -> bool:
        """Whether it runs."""
        return self.state == self.State.RUNNING and not self.is_lost
