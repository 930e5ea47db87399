"""The machine's limit: pgbench doing the same safe transfer, as four prepared statements in one transaction.

pgbench is a C program that does nothing but send statements. It comes with PostgreSQL, and so with our wheel.
(PostgreSQL documentation: pgbench, "Custom Scripts".)
"""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from django.db import connection

from accounts.errors import BankError
from accounts.management.command import embedded_database
from interleavings.postgres.server import Server

SCHEMA = "pgbench_measure"
SCRIPT = """
\\set a random(1, {accounts})
\\set b 1 + (:a + random(0, {accounts} - 2)) % {accounts}
\\set first least(:a, :b)
\\set second greatest(:a, :b)
\\set amount random(1, 100)
\\set n :n + 1
\\set transfer :client_id * {transfers} + :n
BEGIN;
SELECT id, balance, last_transfer FROM {schema}.account WHERE id IN (:first, :second) ORDER BY id FOR UPDATE;
UPDATE {schema}.account SET balance = balance - :amount, last_transfer = :transfer WHERE id = :first;
UPDATE {schema}.account SET balance = balance + :amount, last_transfer = :transfer WHERE id = :second;
UPDATE {schema}.transfer SET status = 'applied', worker = 'pgbench', started_at = now()
    WHERE id = :transfer AND status = 'pending';
END;
"""


def find_pgbench() -> Path:
    """The pgbench of the wheel. Raises BankError where there is none."""
    return _embedded_server().programs() / "pgbench"


def _embedded_server() -> Server:
    embedded = embedded_database()
    if embedded is None or not (embedded.server.programs() / "pgbench").exists():
        raise BankError("The benchmark needs the embedded PostgreSQL, which brings pgbench: unset DATABASE_URL.")
    return embedded.server


def measure(*, clients: int, accounts: int, transfers: int) -> float:
    """Transfers per second of so many clients, each doing so many transfers, on the server that we are connected to."""
    _make_tables(accounts=accounts, transfers=clients * (transfers + 1))
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT.format(accounts=accounts, transfers=transfers, schema=SCHEMA))
        script.flush()
        params = connection.get_connection_params() | _embedded_server().connection_params()
        result = subprocess.run(
            [
                *(str(find_pgbench()), "--no-vacuum", "--protocol=prepared", "--file", script.name, "--define=n=0"),
                *(f"--client={clients}", f"--jobs={clients}", f"--transactions={transfers}"),
                *("--host", str(params["host"]), "--port", str(params["port"]), "--username", params["user"]),
                params["dbname"],
            ],
            env=os.environ | {"PGPASSWORD": params["password"]},
            capture_output=True,
            text=True,
        )
    speed = re.search(r"tps = ([\d.]+) \(without initial connection time\)", result.stdout)
    if result.returncode != 0 or not speed:
        raise BankError(f"pgbench failed: {' '.join(result.stderr.split())}")
    return float(speed.group(1))


def _make_tables(*, accounts: int, transfers: int) -> None:
    """Tables shaped like ours, in a schema of their own."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
        for name in ("account", "transfer"):
            cursor.execute(f"CREATE TABLE {SCHEMA}.{name} (LIKE accounts_{name} INCLUDING ALL)")
            cursor.execute(f"ALTER TABLE {SCHEMA}.{name} ALTER id DROP IDENTITY IF EXISTS, SET (fillfactor = 50)")
        cursor.execute(
            f"INSERT INTO {SCHEMA}.account (id, bank_id, number, opening_balance, balance) "
            "SELECT n, 1, n, 1000000000, 1000000000 FROM generate_series(1, %s) AS n",
            [accounts],
        )
        cursor.execute(
            f"INSERT INTO {SCHEMA}.transfer (id, bank_id, source_id, target_id, amount, status, reason, worker, "
            "waited_us, retries, deadlocks, serialization_failures, refused_locks) "
            "SELECT n, 1, 1, 2, 1, 'pending', '', '', 0, 0, 0, 0, 0 FROM generate_series(1, %s) AS n",
            [transfers],
        )
        cursor.execute(f"VACUUM ANALYZE {SCHEMA}.account")
        cursor.execute(f"VACUUM ANALYZE {SCHEMA}.transfer")


def drop_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
