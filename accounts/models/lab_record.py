"""How far a student has come in a lab: predicted, seen, hinted, checked."""

from django.db import models
from django.db.models import Q


class LabRecord(models.Model):
    """One student in one lab. A prediction counts because it was made before the run, so a later one is refused."""

    class HandIn(models.TextChoices):
        """What becomes of a file that was handed in on the lab's page."""

        WAITING = "waiting", "waits to be checked"
        CHECKING = "checking", "is being checked"
        CHECKED = "checked", "checked"
        ENDED = "ended", "not graded yet"

    IN_LINE = (HandIn.WAITING, HandIn.CHECKING)

    student = models.CharField(max_length=150)
    lab = models.PositiveIntegerField()
    prediction = models.JSONField(null=True, blank=True, help_text="For each question: what the student expects.")
    predicted_at = models.DateTimeField(null=True, blank=True)
    truth = models.JSONField(null=True, blank=True, help_text="For each question: what came of running it.")
    shown = models.JSONField(
        null=True, blank=True, help_text="Beside the truth: how often what goes wrong, the worst schedule, its code."
    )
    shown_at = models.DateTimeField(null=True, blank=True, help_text="When the student first asked to see the truth.")
    hint_count = models.PositiveIntegerField(default=0)
    verdict = models.JSONField(null=True, blank=True, help_text="The last check, as `manage.py lab check --json`.")
    checked_at = models.DateTimeField(null=True, blank=True)
    passed = models.BooleanField(default=False, help_text="Whether any check was passed; later ones take nothing back.")
    handed_in = models.TextField(blank=True, help_text="The file that was handed in last on the lab's page.")
    handed_in_at = models.DateTimeField(null=True, blank=True)
    hand_in_state = models.CharField(max_length=10, choices=HandIn, blank=True)
    hand_in_reason = models.TextField(blank=True, help_text="Why its check ended without a result.")

    class Meta:
        verbose_name = "lab record"
        verbose_name_plural = "labs"
        permissions = [
            ("grade_labrecord", "Can see every student's predictions and marks"),
            ("hand_in_labrecord", "Can hand in a file on a lab's page, to be run and checked on the server"),
        ]
        ordering = ["student", "lab"]
        constraints = [
            models.UniqueConstraint(fields=["student", "lab"], name="lab_record_of_a_student"),
            models.UniqueConstraint(
                name="lab_record_one_file_in_line",
                fields=["student"],
                condition=Q(hand_in_state__in=["waiting", "checking"]),
                violation_error_message="A file of this student waits already: let it be checked first.",
            ),
        ]

    def __str__(self) -> str:
        return f"lab {self.lab}, {self.student}"

    @property
    def is_in_line(self) -> bool:
        """Whether the file that was handed in waits or is being checked."""
        return self.hand_in_state in self.IN_LINE
