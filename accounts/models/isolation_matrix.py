"""An isolation matrix that was kept: the cells that were proved, on which server."""

from django.db import models
from django.utils import timezone


class IsolationMatrix(models.Model):
    """One run of all cells, kept to be looked at, also while it runs."""

    class State(models.TextChoices):
        RUNNING = "running", "running"
        FINISHED = "finished", "finished"
        FAILED = "failed", "ended early"

    state = models.CharField(max_length=10, choices=State, default=State.RUNNING, editable=False)
    reason = models.TextField(blank=True, editable=False, help_text="Why it ended early.")
    server = models.CharField(max_length=100, blank=True, editable=False, help_text="PostgreSQL and its version.")
    cells = models.JSONField(default=list, editable=False, help_text="As `explore --matrix --json` gives them.")
    alive_at = models.DateTimeField(default=timezone.now, editable=False, help_text="When the last cell was kept.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "isolation matrix"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"isolation matrix {self.pk}"
