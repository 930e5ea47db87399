"""What a run of a lab's exercise shows beside the true answers: the worst schedule and its code."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="labrecord",
            name="shown",
            field=models.JSONField(
                blank=True,
                help_text="Beside the truth: how often what goes wrong, the worst schedule, its code.",
                null=True,
            ),
        ),
    ]
