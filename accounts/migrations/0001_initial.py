"""The tables of the app, and below what Django's models cannot say: keys of two columns, room in rows, the cache."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.core.management import call_command
from django.db import migrations, models

# A transfer's two accounts, its storm and an audit's storm are of the row's own bank: the database checks it.
SAME_BANK = [
    ("accounts_transfer", "transfer_source_is_of_its_bank", "source_id", "accounts_account"),
    ("accounts_transfer", "transfer_target_is_of_its_bank", "target_id", "accounts_account"),
    ("accounts_transfer", "transfer_storm_is_of_its_bank", "storm_id", "accounts_storm"),
    ("accounts_audit", "audit_storm_is_of_its_bank", "storm_id", "accounts_storm"),
]


def same_bank(table: str, name: str, column: str, referred: str) -> migrations.RunSQL:
    """A foreign key of two columns, which no field of Django's can be."""
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} "
        f"FOREIGN KEY (bank_id, {column}) REFERENCES {referred} (bank_id, id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def room_for_updates(table: str) -> migrations.RunSQL:
    """Half of each page stays free, so that a changed row finds place beside its old version, and no index changes.

    (PostgreSQL documentation: 66.7 Heap-Only Tuples; CREATE TABLE, fillfactor.)
    """
    return migrations.RunSQL(f"ALTER TABLE {table} SET (fillfactor = 50)", f"ALTER TABLE {table} RESET (fillfactor)")


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bank",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("opening_total", models.BigIntegerField(help_text="The sum of the accounts when the bank opened.")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="IsolationMatrix",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "running"), ("finished", "finished"), ("failed", "ended early")],
                        default="running",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, editable=False, help_text="Why it ended early.")),
                (
                    "alive_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        help_text="When the thread that runs it last said that it does.",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "server",
                    models.CharField(
                        blank=True, editable=False, help_text="PostgreSQL and its version.", max_length=100
                    ),
                ),
                (
                    "cells",
                    models.JSONField(
                        default=list, editable=False, help_text="As `explore --matrix --json` gives them."
                    ),
                ),
            ],
            options={
                "verbose_name": "isolation matrix",
                "verbose_name_plural": "isolation matrix",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="SavedExploration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "running"), ("finished", "finished"), ("failed", "ended early")],
                        default="running",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True, editable=False, help_text="Why it ended early.")),
                (
                    "alive_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        editable=False,
                        help_text="When the thread that runs it last said that it does.",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("transfer_with", models.CharField(max_length=200, verbose_name="transfer with")),
                ("audit_with", models.CharField(max_length=200, verbose_name="audit with")),
                (
                    "transfers",
                    models.CharField(
                        default="1>2:30",
                        help_text="SOURCE>TARGET:AMOUNT, several with commas: 1>2:30,2>1:5",
                        max_length=200,
                    ),
                ),
                (
                    "account_count",
                    models.PositiveIntegerField(
                        default=2,
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(20),
                        ],
                        verbose_name="accounts",
                    ),
                ),
                (
                    "audit_count",
                    models.PositiveIntegerField(
                        default=1, validators=[django.core.validators.MaxValueValidator(6)], verbose_name="audits"
                    ),
                ),
                (
                    "processes",
                    models.CharField(
                        choices=[
                            ("shared", "one process: all share its Python locks"),
                            ("separate", "a process for each, as workers are"),
                        ],
                        default="shared",
                        max_length=8,
                    ),
                ),
                (
                    "report",
                    models.JSONField(
                        default=dict,
                        editable=False,
                        help_text="The verdict, as `explore --json` gives it; while it runs, with a list of the "
                        "schedules.",
                    ),
                ),
                (
                    "timelines",
                    models.JSONField(
                        default=list,
                        editable=False,
                        help_text="Every schedule that was run: its steps and its verdict.",
                    ),
                ),
            ],
            options={
                "verbose_name": "exploration",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(help_text="1, 2, 3 ... within its bank.")),
                ("opening_balance", models.BigIntegerField()),
                ("balance", models.BigIntegerField()),
                (
                    "last_transfer",
                    models.BigIntegerField(
                        blank=True,
                        help_text="The transfer that wrote this balance; empty since the opening.",
                        null=True,
                    ),
                ),
                (
                    "replaced_transfer",
                    models.BigIntegerField(
                        blank=True,
                        help_text="The token before that one; kept where the new balance is an expression.",
                        null=True,
                    ),
                ),
                (
                    "bank",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="accounts", to="accounts.bank"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LabRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("student", models.CharField(max_length=150)),
                ("lab", models.PositiveIntegerField()),
                (
                    "prediction",
                    models.JSONField(blank=True, help_text="For each question: what the student expects.", null=True),
                ),
                ("predicted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "truth",
                    models.JSONField(blank=True, help_text="For each question: what came of running it.", null=True),
                ),
                (
                    "shown_at",
                    models.DateTimeField(
                        blank=True, help_text="When the student first asked to see the truth.", null=True
                    ),
                ),
                ("hint_count", models.PositiveIntegerField(default=0)),
                (
                    "verdict",
                    models.JSONField(
                        blank=True, help_text="The last check, as `manage.py lab check --json`.", null=True
                    ),
                ),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "passed",
                    models.BooleanField(
                        default=False, help_text="Whether any check was passed; later ones take nothing back."
                    ),
                ),
                (
                    "handed_in",
                    models.TextField(blank=True, help_text="The file that was handed in last on the lab's page."),
                ),
                ("handed_in_at", models.DateTimeField(blank=True, null=True)),
                (
                    "hand_in_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("waiting", "waits to be checked"),
                            ("checking", "is being checked"),
                            ("checked", "checked"),
                            ("ended", "not graded yet"),
                        ],
                        max_length=10,
                    ),
                ),
                ("hand_in_reason", models.TextField(blank=True, help_text="Why its check ended without a result.")),
            ],
            options={
                "verbose_name": "lab record",
                "verbose_name_plural": "labs",
                "ordering": ["student", "lab"],
                "permissions": [
                    ("grade_labrecord", "Can see every student's predictions and marks"),
                    ("hand_in_labrecord", "Can hand in a file on a lab's page, to be run and checked on the server"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("student", "lab"), name="lab_record_of_a_student"),
                    models.UniqueConstraint(
                        condition=models.Q(("hand_in_state__in", ["waiting", "checking"])),
                        fields=("student",),
                        name="lab_record_one_file_in_line",
                        violation_error_message="A file of this student waits already: let it be checked first.",
                    ),
                ],
            },
        ),
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
        migrations.CreateModel(
            name="Storm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("transfer_with", models.CharField(max_length=200, verbose_name="transfer with")),
                ("audit_with", models.CharField(max_length=200, verbose_name="audit with")),
                (
                    "transfer_count",
                    models.PositiveBigIntegerField(
                        default=2000,
                        validators=[
                            django.core.validators.MinValueValidator(1, "choose 1 to 1,000,000."),
                            django.core.validators.MaxValueValidator(1000000, "choose 1 to 1,000,000."),
                        ],
                        verbose_name="transfers",
                    ),
                ),
                (
                    "audit_count",
                    models.PositiveBigIntegerField(
                        default=200,
                        validators=[
                            django.core.validators.MinValueValidator(0, "choose 0 to 100,000."),
                            django.core.validators.MaxValueValidator(100000, "choose 0 to 100,000."),
                        ],
                        verbose_name="audits",
                    ),
                ),
                (
                    "account_count",
                    models.PositiveBigIntegerField(
                        default=6,
                        validators=[
                            django.core.validators.MinValueValidator(2, "choose 2 to 1,000,000."),
                            django.core.validators.MaxValueValidator(1000000, "choose 2 to 1,000,000."),
                        ],
                        verbose_name="accounts",
                    ),
                ),
                (
                    "max_amount",
                    models.PositiveBigIntegerField(
                        default=100,
                        help_text="Each transfer moves from 1 to this much.",
                        validators=[
                            django.core.validators.MinValueValidator(1, "choose 1 to 1,000,000,000."),
                            django.core.validators.MaxValueValidator(1000000000, "choose 1 to 1,000,000,000."),
                        ],
                    ),
                ),
                (
                    "worker_count",
                    models.PositiveBigIntegerField(
                        default=4,
                        validators=[
                            django.core.validators.MinValueValidator(1, "choose 1 to 64."),
                            django.core.validators.MaxValueValidator(64, "choose 1 to 64."),
                        ],
                        verbose_name="workers",
                    ),
                ),
                (
                    "thread_count",
                    models.PositiveBigIntegerField(
                        default=1,
                        help_text="Threads in each worker.",
                        validators=[
                            django.core.validators.MinValueValidator(1, "choose 1 to 64."),
                            django.core.validators.MaxValueValidator(64, "choose 1 to 64."),
                        ],
                        verbose_name="threads",
                    ),
                ),
                (
                    "seed",
                    models.PositiveBigIntegerField(
                        default=1,
                        help_text="The same seed plans the same storm.",
                        validators=[
                            django.core.validators.MinValueValidator(0, "choose 0 to 9,223,372,036,854,775,807."),
                            django.core.validators.MaxValueValidator(
                                9223372036854775807, "choose 0 to 9,223,372,036,854,775,807."
                            ),
                        ],
                    ),
                ),
                (
                    "queue",
                    models.CharField(
                        editable=False, help_text="The django-q2 queue that its jobs are in.", max_length=100
                    ),
                ),
                (
                    "planned_count",
                    models.PositiveBigIntegerField(
                        editable=False,
                        help_text="How many transfers of its plan were written, while that goes on; empty: all came "
                        "with it.",
                        null=True,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("stopped", "Stopped"),
                            ("failed", "Failed"),
                        ],
                        default="planned",
                        editable=False,
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField(blank=True, editable=False, help_text="Why it was stopped or failed.")),
                ("report", models.JSONField(editable=False, null=True)),
                (
                    "by_hand",
                    models.BooleanField(
                        default=False,
                        editable=False,
                        help_text="It starts when a button is pressed, not when the one before it ends.",
                    ),
                ),
                (
                    "faults",
                    models.JSONField(
                        default=list,
                        editable=False,
                        help_text="The faults that were injected while it ran: when, what, to whom.",
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(editable=False, help_text="When its jobs were put in the queue.", null=True),
                ),
                (
                    "next_judging_at",
                    models.DateTimeField(
                        editable=False,
                        help_text="While it runs, its new audits are not judged before this; empty: at once.",
                        null=True,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "after",
                    models.OneToOneField(
                        editable=False,
                        help_text="The storm whose end starts this one: a lecture is several storms in a row.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="next",
                        to="accounts.storm",
                    ),
                ),
                (
                    "bank",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="storm",
                        to="accounts.bank",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "permissions": [("stop_storm", "Can stop a storm")],
            },
        ),
        migrations.CreateModel(
            name="Audit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "waited_us",
                    models.PositiveIntegerField(
                        default=0, help_text="For locks, in microseconds.", verbose_name="waited (us)"
                    ),
                ),
                ("retries", models.PositiveIntegerField(default=0)),
                ("deadlocks", models.PositiveIntegerField(default=0)),
                ("serialization_failures", models.PositiveIntegerField(default=0)),
                ("refused_locks", models.PositiveIntegerField(default=0)),
                ("number", models.PositiveIntegerField(help_text="Its place in the storm's plan.")),
                ("status", models.CharField(choices=[("taken", "Taken"), ("failed", "Failed")], max_length=6)),
                ("reason", models.TextField(blank=True, help_text="Why it failed.")),
                (
                    "readings",
                    models.JSONField(blank=True, help_text="For each account: its id, balance and token.", null=True),
                ),
                ("total", models.BigIntegerField(blank=True, null=True)),
                ("expected_total", models.BigIntegerField()),
                (
                    "torn",
                    models.BooleanField(blank=True, help_text="Empty: not judged, or nothing to judge by.", null=True),
                ),
                (
                    "explanation",
                    models.JSONField(blank=True, help_text="If it is torn or wrong: why, to the cent.", null=True),
                ),
                (
                    "worker",
                    models.CharField(blank=True, help_text="Host, process and thread that took it.", max_length=100),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "bank",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="audits", to="accounts.bank"
                    ),
                ),
                (
                    "storm",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="audits",
                        to="accounts.storm",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "waited_us",
                    models.PositiveIntegerField(
                        default=0, help_text="For locks, in microseconds.", verbose_name="waited (us)"
                    ),
                ),
                ("retries", models.PositiveIntegerField(default=0)),
                ("deadlocks", models.PositiveIntegerField(default=0)),
                ("serialization_failures", models.PositiveIntegerField(default=0)),
                ("refused_locks", models.PositiveIntegerField(default=0)),
                ("amount", models.PositiveBigIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("applied", "Applied"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="Why it was refused or failed.")),
                ("source_based_on", models.BigIntegerField(blank=True, null=True)),
                ("target_based_on", models.BigIntegerField(blank=True, null=True)),
                (
                    "repeats",
                    models.BigIntegerField(
                        blank=True, help_text="The planned transfer that this row applied once more.", null=True
                    ),
                ),
                (
                    "worker",
                    models.CharField(blank=True, help_text="Host, process and thread that ended it.", max_length=100),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When its worker knew that it was committed; empty if that worker died.",
                        null=True,
                    ),
                ),
                (
                    "bank",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="transfers", to="accounts.bank"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "storm",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transfers",
                        to="accounts.storm",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
        ),
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
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("bank", "number"), name="account_number_is_unique_in_its_bank"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("bank", "id"), name="account_bank_and_id"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("balance__gte", 0), ("opening_balance__gte", 0)),
                name="account_is_never_overdrawn",
                violation_error_message="An account cannot hold less than 0: choose a smaller amount.",
            ),
        ),
        migrations.AddConstraint(
            model_name="storm",
            constraint=models.UniqueConstraint(fields=("bank", "id"), name="storm_bank_and_id"),
        ),
        migrations.AddConstraint(
            model_name="storm",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["planned", "running", "finished", "stopped", "failed"])),
                name="storm_state_is_known",
                violation_error_message="A storm is planned, running, finished, stopped or failed.",
            ),
        ),
        migrations.AddConstraint(
            model_name="storm",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "finished"), _negated=True), ("report__isnull", False), _connector="OR"
                ),
                name="storm_that_finished_has_a_report",
                violation_error_message="Judge a storm first: one that has finished has a report.",
            ),
        ),
        migrations.AddConstraint(
            model_name="storm",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "failed"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="storm_that_failed_says_why",
                violation_error_message="Say why the storm failed.",
            ),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.UniqueConstraint(fields=("storm", "number"), name="audit_is_taken_once"),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(("status", "failed"), ("total__isnull", False), _connector="OR"),
                name="audit_that_was_taken_has_a_total",
                violation_error_message="An audit that was taken has a total.",
            ),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["taken", "failed"])),
                name="audit_status_is_known",
                violation_error_message="An audit is taken, or it failed.",
            ),
        ),
        migrations.AddConstraint(
            model_name="audit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "failed"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="audit_that_failed_says_why",
                violation_error_message="Say why the audit failed.",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["storm", "id"], name="transfer_by_storm"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", models.F("target")), _negated=True),
                name="transfer_needs_two_accounts",
                violation_error_message="Choose two different accounts.",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)),
                name="transfer_moves_something",
                violation_error_message="Choose an amount of at least 1.",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["pending", "applied", "refused", "failed"])),
                name="transfer_status_is_known",
                violation_error_message="A transfer is pending, applied, refused or failed.",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "failed"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="transfer_that_failed_says_why",
                violation_error_message="Say why the transfer failed.",
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.UniqueConstraint(fields=("user", "storm"), name="vote_of_a_user_on_a_storm"),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(("choice__in", ["holds", "torn", "breaks"])),
                name="vote_choice_is_known",
                violation_error_message="Vote for holds, torn or breaks.",
            ),
        ),
        *(same_bank(*key) for key in SAME_BANK),
        room_for_updates("accounts_account"),
        room_for_updates("accounts_transfer"),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
