"""What was always so is now a rule of the database: known states, reasons, reports, storms of the same bank."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Concat

NO_REASON = "No reason was kept."
STATES = ["planned", "running", "finished", "stopped", "failed"]
STATUSES = {"Transfer": ["pending", "applied", "refused", "failed"], "Audit": ["taken", "failed"]}
TABLES = ("audit", "transfer")


def mend_old_rows(apps, schema_editor):
    """Rows that break the rules were written by hand, not by us. They are kept, and say what they were."""
    storms = apps.get_model("accounts", "Storm").objects
    storms.exclude(state__in=STATES).update(reason=_what_it_was("state"), state="stopped")
    storms.filter(state="finished", report__isnull=True).update(
        reason="It had finished, and its report was not kept: have it judged.", state="stopped"
    )
    storms.filter(state="failed", reason="").update(reason=NO_REASON)
    for name, statuses in STATUSES.items():
        rows = apps.get_model("accounts", name).objects
        rows.exclude(status__in=statuses).update(reason=_what_it_was("status"), status="failed")
        rows.filter(status="failed", reason="").update(reason=NO_REASON)
        rows.filter(storm__isnull=False).exclude(storm__bank=F("bank")).update(storm=None)  # it stays with its bank
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table whose checks are still to come takes no ALTER


def _what_it_was(column):
    return Concat(
        Value(f"Its {column} was '"), F(column), Value("', which is unknown."), output_field=models.TextField()
    )


def add_own_bank(apps, schema_editor):
    """A storm must be of the same bank as its audits and transfers: a foreign key of two columns, as for accounts."""
    if schema_editor.connection.vendor == "sqlite":
        return  # cannot add a constraint to a table; storms do not run there
    for table in TABLES:
        schema_editor.execute(
            f"ALTER TABLE accounts_{table} ADD CONSTRAINT {table}_storm_is_of_its_bank "
            "FOREIGN KEY (bank_id, storm_id) REFERENCES accounts_storm (bank_id, id)"
        )


def drop_own_bank(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        return
    for table in TABLES:
        schema_editor.execute(f"ALTER TABLE accounts_{table} DROP CONSTRAINT {table}_storm_is_of_its_bank")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_by_hand"),
    ]

    operations = [
        migrations.RunPython(mend_old_rows, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="audit",
            name="storm",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="audits",
                to="accounts.storm",
            ),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="storm",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="transfers",
                to="accounts.storm",
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
        migrations.RunPython(add_own_bank, drop_own_bank),
    ]
