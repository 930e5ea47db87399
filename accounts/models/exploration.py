"""An exploration that was kept: what was explored, its verdict, and the timeline of every schedule that was run."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.models.kept_run import KeptRun


class SavedExploration(KeptRun):
    """Every interleaving of a few transfers and audits, run once and kept to be looked at, also while it runs."""

    class Processes(models.TextChoices):
        SHARED = "shared", "one process: all share its Python locks"
        SEPARATE = "separate", "a process for each, as workers are"

    transfer_with = models.CharField("transfer with", max_length=200)
    audit_with = models.CharField("audit with", max_length=200)
    transfers = models.CharField(
        max_length=200, default="1>2:30", help_text="SOURCE>TARGET:AMOUNT, several with commas: 1>2:30,2>1:5"
    )
    account_count = models.PositiveIntegerField(
        "accounts", default=2, validators=[MinValueValidator(2), MaxValueValidator(20)]
    )
    audit_count = models.PositiveIntegerField("audits", default=1, validators=[MaxValueValidator(6)])
    processes = models.CharField(max_length=8, choices=Processes, default=Processes.SHARED)

    report = models.JSONField(
        editable=False,
        default=dict,
        help_text="The verdict, as `explore --json` gives it; while it runs, with a list of the schedules.",
    )
    timelines = models.JSONField(
        editable=False, default=list, help_text="Every schedule that was run: its steps and its verdict."
    )

    class Meta:
        verbose_name = "exploration"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"exploration {self.pk}: transfers {self.transfer_with}, audits {self.audit_with}"
