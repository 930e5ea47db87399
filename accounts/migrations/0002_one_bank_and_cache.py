"""What Django's models cannot say: a transfer's accounts are of one bank; rows have room; the cache has a table."""

from django.core.management import call_command
from django.db import migrations

SIDES = ("source", "target")


def add_one_bank(apps, schema_editor):
    """Both accounts must be of the transfer's own bank: a foreign key of two columns, checked by the database."""
    if schema_editor.connection.vendor == "sqlite":
        return  # cannot add a constraint to a table; storms do not run there
    for side in SIDES:
        schema_editor.execute(
            f"ALTER TABLE accounts_transfer ADD CONSTRAINT transfer_{side}_is_of_its_bank "
            f"FOREIGN KEY (bank_id, {side}_id) REFERENCES accounts_account (bank_id, id)"
        )


def drop_one_bank(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        return
    for side in SIDES:
        schema_editor.execute(f"ALTER TABLE accounts_transfer DROP CONSTRAINT transfer_{side}_is_of_its_bank")


def leave_room_for_updates(apps, schema_editor):
    """Half of each page stays free, so that a changed row finds place beside its old version, and no index changes.

    (PostgreSQL documentation: 66.7 Heap-Only Tuples; CREATE TABLE, fillfactor.)
    """
    if schema_editor.connection.vendor == "postgresql":
        for table in ("accounts_account", "accounts_transfer"):
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = 50)")


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunPython(add_one_bank, drop_one_bank),
        migrations.RunPython(leave_room_for_updates, migrations.RunPython.noop),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
