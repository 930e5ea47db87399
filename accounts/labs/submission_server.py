"""A database server for other people's files, with nothing of ours in it, and in it a database for each of them.

The server is embedded, in a temporary folder, and ends with us, in whatever way we end (its keeper sees to that). A
file's database is a copy of an empty one; its role may read and write rows, and is dropped together with it. So what
one file does to its database, or to its role's settings, no other file meets.
"""

import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg

from accounts.cluster.subprocesses import manage
from accounts.errors import BankError
from accounts.explorer.other_apps import find_app, installed, tables_as_sql
from accounts.labs.catalogue import all_labs
from bankproject.database import NAME as EMPTY
from interleavings.postgres.errors import EmbeddedServerError
from interleavings.postgres.server import Server

NAME = "submission"
RIGHTS = (
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO PUBLIC",
    "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO PUBLIC",
    "GRANT SET ON PARAMETER deadlock_timeout TO PUBLIC",  # the explorer has deadlocks noticed at once
)


class SubmissionServer(AbstractContextManager["SubmissionServer"]):
    """The server. Raises BankError where it cannot be made."""

    def __enter__(self) -> "SubmissionServer":
        self._folder = tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True)
        self._home = Path(self._folder.name)
        self._server = Server(self._home / "postgres")
        try:
            self._execute()  # starts it
            self._migrate()
            self._execute(*_tables_of_apps(), *RIGHTS, database=EMPTY)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.close()  # and so its keeper stops it
        self._folder.cleanup()

    @contextmanager
    def database(self) -> Iterator[dict[str, str]]:
        """A database that lasts as long as the block: the environment in which our code uses it, and nothing else."""
        self._drop()  # one that a killed grader has left
        password = secrets.token_urlsafe(24)
        self._execute(f"CREATE DATABASE {NAME} TEMPLATE {EMPTY}", f"CREATE ROLE {NAME} LOGIN PASSWORD '{password}'")
        server = self._server.connection_params()
        with tempfile.TemporaryDirectory(prefix="home-", ignore_cleanup_errors=True) as home:
            yield self._environment(home) | {
                "DATABASE_URL": f"postgres:///{NAME}",
                "PGHOST": str(server["host"]),
                "PGPORT": str(server["port"]),
                "PGUSER": NAME,
                "PGPASSWORD": password,
            }
        self._drop()

    def _drop(self) -> None:
        self._execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", f"DROP ROLE IF EXISTS {NAME}")

    def _execute(self, *statements: str, database: str = "postgres") -> None:
        try:
            with psycopg.connect(**self._server.use(), dbname=database, autocommit=True) as connection:
                for sql in statements:
                    connection.execute(sql)
        except (EmbeddedServerError, psycopg.Error) as error:
            raise BankError(f"The database for the submissions cannot be used: {error}") from error

    def _migrate(self) -> None:
        """By a process of its own: this one may have another database."""
        environment = os.environ | self._environment(str(self._home)) | {"DATABASE_URL": ""}
        process = subprocess.run(manage("migrate", "--verbosity", "0"), env=environment, capture_output=True, text=True)
        if process.returncode:
            reason = process.stderr.strip().rpartition("\n")[2]
            raise BankError(f"The tables for the submissions cannot be made: {reason}")

    def _environment(self, home: str) -> dict[str, str]:
        """Clears our settings. A value that is set, even to nothing, is not read from a .env file either."""
        return {"BANK_HOME": home, "SECRET_KEY": "", "BANK_DATABASE_NAME": "", "REDIS_URL": ""}


def _tables_of_apps() -> list[str]:
    """What makes the tables of the apps that labs have beside the bank: the role of a submission may make none."""
    others = [find_app(str(app)) for app in sorted({lab.app for lab in all_labs() if lab.app})]
    with installed(others):
        return tables_as_sql(others)
