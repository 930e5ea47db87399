"""What students have done in the scenes of "You are the scheduler"."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SceneRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("student", models.CharField(max_length=150)),
                ("scene", models.SlugField()),
                ("won_at", models.DateTimeField(blank=True, null=True)),
                (
                    "steps",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The fewest steps in which it was won; none where it was proved impossible.",
                        null=True,
                    ),
                ),
                (
                    "lost_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the student said last that it cannot be done, although it can.",
                        null=True,
                    ),
                ),
                (
                    "shown_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the student first saw the shortest schedule, after giving up or losing.",
                        null=True,
                    ),
                ),
            ],
            options={
                "verbose_name": "scene record",
                "verbose_name_plural": "scenes",
                "ordering": ["student", "scene"],
                "constraints": [models.UniqueConstraint(fields=("student", "scene"), name="scene_record_of_a_student")],
            },
        ),
    ]
