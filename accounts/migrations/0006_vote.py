"""What a class says of a scene before it starts."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_hand_in"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "choice",
                    models.CharField(
                        choices=[("holds", "Holds"), ("torn", "Torn"), ("breaks", "Breaks")], max_length=6
                    ),
                ),
                (
                    "storm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="votes", to="accounts.storm"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "storm"), name="vote_of_a_user_on_a_storm"),
                    models.CheckConstraint(
                        condition=models.Q(("choice__in", ["holds", "torn", "breaks"])),
                        name="vote_choice_is_known",
                        violation_error_message="Vote for holds, torn or breaks.",
                    ),
                ],
            },
        ),
    ]
