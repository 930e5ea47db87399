"""What one person says will be the result of a storm, before it starts."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.storm import Storm


class Vote(models.Model):
    """One for each user and storm. It may be changed until the storm starts (storms/votes.py), and not after."""

    class Choice(models.TextChoices):
        HOLDS = "holds"
        TORN = "torn"
        BREAKS = "breaks"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    storm = models.ForeignKey(Storm, models.CASCADE, related_name="votes")
    choice = models.CharField(max_length=6, choices=Choice)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "storm"], name="vote_of_a_user_on_a_storm"),
            models.CheckConstraint(
                name="vote_choice_is_known",
                condition=Q(choice__in=["holds", "torn", "breaks"]),
                violation_error_message="Vote for holds, torn or breaks.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} on storm {self.storm_id}: {self.choice}"
