"""How far a student has come in a scene of "You are the scheduler"."""

from django.db import models


class SceneRecord(models.Model):
    """One student in one scene. What was won stays won, and the best stays the best."""

    student = models.CharField(max_length=150)
    scene = models.SlugField(max_length=50)
    won_at = models.DateTimeField(null=True, blank=True)
    steps = models.PositiveIntegerField(
        null=True, blank=True, help_text="The fewest steps in which it was won; none where it was proved impossible."
    )
    lost_at = models.DateTimeField(
        null=True, blank=True, help_text="When the student said last that it cannot be done, although it can."
    )
    shown_at = models.DateTimeField(
        null=True, blank=True, help_text="When the student first saw the shortest schedule, after giving up or losing."
    )

    class Meta:
        verbose_name = "scene record"
        verbose_name_plural = "scenes"
        ordering = ["student", "scene"]
        constraints = [models.UniqueConstraint(fields=["student", "scene"], name="scene_record_of_a_student")]

    def __str__(self) -> str:
        return f"scene {self.scene}, {self.student}"
