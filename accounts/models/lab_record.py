"""How far a student has come in a lab: predicted, seen, hinted, checked."""

from django.db import models


class LabRecord(models.Model):
    """One student in one lab. A prediction counts because it was made before the run, so a later one is refused."""

    student = models.CharField(max_length=150)
    lab = models.PositiveIntegerField()
    prediction = models.JSONField(null=True, blank=True, help_text="For each question: what the student expects.")
    predicted_at = models.DateTimeField(null=True, blank=True)
    truth = models.JSONField(null=True, blank=True, help_text="For each question: what came of running it.")
    shown_at = models.DateTimeField(null=True, blank=True, help_text="When the student first saw the truth.")
    hint_count = models.PositiveIntegerField(default=0)
    verdict = models.JSONField(null=True, blank=True, help_text="The last check, as `manage.py lab check --json`.")
    checked_at = models.DateTimeField(null=True, blank=True)
    passed = models.BooleanField(default=False, help_text="Whether any check was passed; later ones take nothing back.")

    class Meta:
        verbose_name = "lab record"
        verbose_name_plural = "labs"
        permissions = [("grade_labrecord", "Can see every student's predictions and marks")]
        ordering = ["student", "lab"]
        constraints = [models.UniqueConstraint(fields=["student", "lab"], name="lab_record_of_a_student")]

    def __str__(self) -> str:
        return f"lab {self.lab}, {self.student}"
