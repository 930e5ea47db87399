"""One PostgreSQL in one folder: its data is made on demand; it is started, asked and stopped.

The caller sees to it that no other thread or process does the same at the same time (see server.py).
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from interleavings.postgres import folders, processes, programs
from interleavings.postgres.data import ROLE, admit_neighbours, check_data, make_data, read_password, server_options
from interleavings.postgres.errors import ADVICE, EmbeddedServerError

MAX_CONNECTIONS = 200
SCRAM_ITERATIONS = 4096  # PostgreSQL's default, for passwords that people choose; make_data() sets another for ours
START_TIMEOUT_S = 60


class Instance:
    """The PostgreSQL in `folder`. What cannot be done raises EmbeddedServerError, or OSError (see errors.py)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    def is_running(self) -> bool:
        """Whether our own postmaster process is alive; it may still be starting up or shutting down."""
        return processes.find_postmaster(self.data) is not None

    def connection_params(self) -> dict[str, Any]:
        """How to connect to the server that is running now (libpq's names)."""
        status = processes.read_postmaster_file(self.data)
        if status is None:
            raise EmbeddedServerError(f"The embedded server in {self.folder} is not running.")
        return {"host": status.host, "port": status.port, "user": ROLE, "password": read_password(self.folder)}

    def start(self, *, listen: str = "") -> None:
        """Start the server, which is not running; return when it is ready. `listen` is as in server_options().

        A server that was started, and yet cannot be found, is stopped again: no user could ever end it.
        """
        if listen:
            admit_neighbours(self.data)
        settings = ["-c", f"max_connections={MAX_CONNECTIONS}", "-c", f"scram_iterations={SCRAM_ITERATIONS}"]
        options = [*server_options(self.data, listen=listen), *settings]
        try:
            programs.run(
                *("pg_ctl", "start", "-w", "-t", str(START_TIMEOUT_S), "-D", folders.server_path(self.data)),
                *("-l", "data/server.log", "-o", programs.quote(options)),
                cwd=self.folder,
                log=self.data / "server.log",
            )
            if not self.is_running():
                raise EmbeddedServerError(f"The server in {self.folder} was started and cannot be found: {ADVICE}")
        except EmbeddedServerError:
            if not self.is_running():
                with suppress(EmbeddedServerError):
                    self._run_stop("fast")
            raise

    def prepare(self) -> None:
        """Make sure that there is data that this version can run on."""
        if not os.path.lexists(self.data):
            make_data(self.folder)
        check_data(self.data)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server, "fast" or "immediate" (as if it crashed); it may end at the same time in another way."""
        try:
            self._run_stop(mode)
        except EmbeddedServerError:
            if self.is_running():
                raise

    def answers(self) -> bool:
        """A server is running only if it can be talked to; one that is starting up gets time to finish."""
        if not self.is_running():
            processes.wait_for_programs(self.folder)
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.is_running() and time.monotonic() < deadline:
            if self._ping() == Ping.OK:
                return True
            time.sleep(0.1)
        return False

    def open(self, database: str) -> None:
        """See that the server lets us in, and has the database ("" if none is wanted), which else is made."""
        with self._connect() as connection:
            databases = [name for (name,) in connection.execute("SELECT datname FROM pg_database")]
            if database and database not in databases:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))

    def _run_stop(self, mode: str) -> None:
        programs.run("pg_ctl", "stop", "-m", mode, "-w", "-D", "data", cwd=self.folder)

    def _ping(self) -> Ping | None:
        """A server that has no connection left for us answers, too."""
        status = processes.read_postmaster_file(self.data)
        if status is None:
            return None
        where = make_conninfo(host=status.host, port=status.port, user=ROLE, dbname="postgres", connect_timeout=5)
        return Ping(PGconn.ping(where.encode()))

    def _connect(self) -> psycopg.Connection:
        params = self.connection_params()
        try:
            return psycopg.connect(**params, dbname="postgres", connect_timeout=5, autocommit=True)
        except psycopg.OperationalError as error:
            if "password authentication failed" not in str(error):
                raise
            raise EmbeddedServerError(
                f"{self.folder / 'password'} is not the password of this server: {ADVICE}"
            ) from error
