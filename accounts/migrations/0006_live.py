from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_storms_in_a_row_and_faults"),
    ]

    operations = [
        migrations.AddField(
            model_name="storm",
            name="started_at",
            field=models.DateTimeField(editable=False, help_text="When its jobs were put in the queue.", null=True),
        ),
        migrations.AddField(
            model_name="storm",
            name="next_judging_at",
            field=models.DateTimeField(
                editable=False,
                help_text="While it runs, its new audits are not judged before this; empty: at once.",
                null=True,
            ),
        ),
    ]
