"""An isolation matrix that was kept: the cells that were proved, on which server."""

from django.db import models

from accounts.models.kept_run import KeptRun


class IsolationMatrix(KeptRun):
    """One run of all cells, kept to be looked at, also while it runs."""

    server = models.CharField(max_length=100, blank=True, editable=False, help_text="PostgreSQL and its version.")
    cells = models.JSONField(default=list, editable=False, help_text="As `explore --matrix --json` gives them.")

    class Meta:
        verbose_name = verbose_name_plural = "isolation matrix"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"isolation matrix {self.pk}"
