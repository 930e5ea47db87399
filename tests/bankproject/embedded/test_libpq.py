"""Variables that a user has set for another server: none reaches the embedded one, or what is started for it."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from bankproject.embedded.server import PROJECT
from tests.support.processes import finish, manage

pytestmark = pytest.mark.processes

# Each leads elsewhere, or breaks what uses it.
VARIABLES = {
    "PGHOST": "/nowhere",
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGUSER": "no_such_role",
    "PGDATABASE": "no_such_database",
    "PGPASSWORD": "guess",
    "PGPASSFILE": "/nowhere",
    "PGSERVICE": "no_such_service",
    "PGOPTIONS": "-c search_path=nowhere",
    "PGSSLMODE": "verify-full",
    "PGREQUIREAUTH": "none",
    "PGTARGETSESSIONATTRS": "read-only",
    "PGCONNECT_TIMEOUT": "abc",
    "PGCLIENTENCODING": "no_such_encoding",
    "PGDATESTYLE": "German",
    "PGTZ": "Nowhere/Nothing",
    "PGGEQO": "perhaps",
    "PGDATA": "/nowhere",
    "PGCTLTIMEOUT": "0",
}

ASK = """
import json, os, subprocess, sys
from bankproject.embedded.server import Server
import psycopg
server = Server(sys.argv[1])
with psycopg.connect(**server.use(), dbname="bank") as connection:
    dates = connection.execute("SELECT date '2001-02-03', current_setting('TimeZone')").fetchone()
child = "import json, os; print(json.dumps(sorted(name for name in os.environ if name.startswith('PG'))))"
names = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout
print(json.dumps([str(dates[0]), json.loads(names)]))
"""


def test_server_is_made_and_used_in_spite_of_all_of_them(server):
    script = [sys.executable, "-c", ASK, str(server.folder)]

    done = subprocess.run(script, cwd=PROJECT, env=os.environ | VARIABLES, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["2001-02-03", ["PGDATESTYLE"]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "command",
    [
        ["explore"],
        ["storm", "--transfers", "20", "--audits", "2", "--workers", "1", "--json"],
        ["lab", "check", "2", "--no-storm", "--student", "anna", "--file", "{labs}/lab02_missed_lock/solution.py"],
    ],
    ids=lambda command: command[0],
)
def test_commands_and_what_they_start_do_not_notice_them(command):
    labs = PROJECT / "accounts" / "labs"
    labs = labs if (labs / "lab02_missed_lock").exists() else labs / "exercises"

    status, out, err = finish(manage(*(part.format(labs=labs) for part in command), env=VARIABLES))

    assert status == 0, err
    assert "failed" not in out.replace('"failed": 0', "").replace('"failed":0', "")


@pytest.mark.django_db(transaction=True)
def test_dates_are_read_whatever_the_style_of_the_role_is():
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER ROLE postgres IN DATABASE {} SET datestyle = 'German'".format(
                connection.ops.quote_name(connection.settings_dict["NAME"])
            )
        )
    try:
        status, _out, err = finish(manage("storm", "--transfers", "10", "--audits", "1", "--workers", "1"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER ROLE postgres IN DATABASE {} RESET datestyle".format(
                    connection.ops.quote_name(connection.settings_dict["NAME"])
                )
            )

    assert status == 0, err
