"""Variables that a user has set for another server: none reaches the embedded one."""

import json
import os
import subprocess
import sys

import pytest

from interleavings.postgres.server import IMPORT_FOLDER
from tests.support.libpq import VARIABLES

pytestmark = pytest.mark.processes

ASK = """
import json, os, subprocess, sys
from interleavings.postgres.server import Server
import psycopg
server = Server(sys.argv[1])
with psycopg.connect(**server.use(), dbname="postgres") as connection:
    dates = connection.execute("SELECT date '2001-02-03', current_setting('TimeZone')").fetchone()
child = "import json, os; print(json.dumps(sorted(name for name in os.environ if name.startswith('PG'))))"
names = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout
print(json.dumps([str(dates[0]), json.loads(names)]))
"""


def test_server_is_made_and_used_in_spite_of_all_of_them(server):
    script = [sys.executable, "-c", ASK, str(server.folder)]

    done = subprocess.run(
        script, cwd=IMPORT_FOLDER, env=os.environ | VARIABLES, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["2001-02-03", ["PGDATESTYLE"]]
