"""One embedded PostgreSQL server in one private folder: made on demand, shared by processes, safe to kill.

The folder holds:

    data/           PostgreSQL's own data directory, with its server.log
    password        of the database role "postgres"; readable by its owner only
    start.lock      held by whoever starts, stops or resets the server
    users.lock      held, shared, by every process that uses the server (see keeper.py)
    keep-running    present after ``manage.py database start``: do not stop with the last user
"""

import atexit
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import fasteners
import psycopg

from bankproject.embedded import system
from bankproject.embedded.errors import EmbeddedServerError

ROLE = "postgres"
DATABASE = "bank"
MAX_CONNECTIONS = 200
START_TIMEOUT_S = 60
PROJECT = Path(__file__).resolve().parents[2]

# The shared locks of this process. They are never closed: on POSIX, closing any handle of a locked file, also one
# that was inherited by a fork, drops the lock of the process that closes it.
_locks: list[fasteners.InterProcessReaderWriterLock] = []


class Server:
    """Callers may use it from any number of processes at once; every method takes the locks it needs."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self.data = self.folder / "data"
        self._user: tuple[int, fasteners.InterProcessReaderWriterLock] | None = None
        self._keeper: subprocess.Popen | None = None

    # What a database backend needs.

    def use(self) -> dict[str, Any]:
        """Register this process as a user until it ends, start the server if need be; return how to connect.

        Raises EmbeddedServerError, one sentence long, when the server cannot be made to run.
        """
        if not (self._is_user() and self.is_running()):
            with self._starting():
                self._register()
                if not self._answers():
                    self._start()
        return self.connection_params()

    def connection_params(self) -> dict[str, Any]:
        """How to connect to the server that is running now (libpq's names)."""
        status = system.read_postmaster_file(self.data)
        if status is None:
            raise EmbeddedServerError(f"The embedded server in {self.folder} is not running.")
        return {
            "host": status.host,
            "port": status.port,
            "user": ROLE,
            "password": (self.folder / "password").read_text().strip(),
        }

    def programs(self) -> Path:
        """The folder of the server's own programs: psql, pgbench and others."""
        return system.PROGRAMS

    def forget(self) -> None:
        """Look thoroughly at the next use(): what looked like a running server did not answer."""
        self._leave()

    # What the curious need.

    def is_running(self) -> bool:
        """Whether our own postmaster process is alive; it may still be starting up or shutting down."""
        return system.find_postmaster(self.data) is not None

    def is_pinned(self) -> bool:
        return (self.folder / "keep-running").exists()

    def start(self, *, listen: str = "") -> None:
        """Start the server, and keep it running without users until stop().

        `listen` is "host:port", an address of this machine on which others may reach it too (with a password); for
        that, it must not be running yet: EmbeddedServerError.
        """
        if listen and self.is_running():
            raise EmbeddedServerError("The embedded server is running already: `manage.py database stop` it first.")
        system.make_folder(self.folder)
        (self.folder / "keep-running").write_text(listen)
        self.use()

    def stop(self) -> bool:
        """Stop the server in an orderly way, users or not; return whether it was running."""
        (self.folder / "keep-running").unlink(missing_ok=True)
        if not self.is_running():
            return False
        system.run_postgres_program("pg_ctl", "stop", "-m", "fast", "-w", "-D", "data", cwd=self.folder)
        return True

    def restart(self, *, mode: str = "fast", away_s: float = 0) -> None:
        """Stop the server, "fast" or "immediate" (as if it crashed), and start it away_s later; users wait for it."""
        with self._starting():
            self._register()
            if self.is_running():
                system.run_postgres_program("pg_ctl", "stop", "-m", mode, "-w", "-D", "data", cwd=self.folder)
            time.sleep(away_s)
            self._start()

    def reset(self) -> None:
        """Stop the server and delete its data for good."""
        if not self.folder.exists():
            return
        with self._starting():
            self.stop()
            for name in ("data", "data.new"):
                shutil.rmtree(self.folder / name, ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no process uses the server; if so, none can begin to while the block lasts."""
        lock = self._users_lock()
        got_it = lock.acquire_write_lock(blocking=False)
        try:
            yield got_it
        finally:
            if got_it:
                lock.release_write_lock()

    # Users.

    def _users_lock(self) -> fasteners.InterProcessReaderWriterLock:
        return fasteners.InterProcessReaderWriterLock(self.folder / "users.lock")

    def _is_user(self) -> bool:
        return self._user is not None and self._user[0] == os.getpid()

    def _register(self) -> None:
        if self._is_user():
            return
        lock = self._users_lock()
        _locks.append(lock)
        lock.acquire_read_lock(max_delay=0.05)
        self._user = (os.getpid(), lock)
        atexit.register(self.close)

    def _leave(self) -> None:
        if self._is_user():
            self._user[1].release_read_lock()
        self._user = None

    def close(self, patience_s: float = 10) -> None:
        """Be no user any more. If we were the last, see the keeper stop the server, so that nothing is left.

        Done by itself at exit.
        """
        if not self._is_user():
            return
        self._leave()
        self._wait_for_end(patience_s)
        if self._keeper is not None and not self.is_running():
            with suppress(subprocess.TimeoutExpired):
                self._keeper.wait(patience_s)

    def _wait_for_end(self, patience_s: float) -> None:
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and self.is_running() and not self.is_pinned():
            lock = self._users_lock()
            with self.alone() as nobody_else:
                pass
            if not nobody_else and lock.acquire_read_lock(blocking=False):
                lock.release_read_lock()
                return  # somebody else holds it shared: the server stays for them
            time.sleep(0.05)

    # Starting.

    @contextmanager
    def _starting(self) -> Iterator[None]:
        system.make_folder(self.folder)
        try:
            with fasteners.InterProcessLock(self.folder / "start.lock"):
                yield
        except PermissionError as error:
            raise EmbeddedServerError(
                f"The folder {self.folder} is not writable ({error.strerror}): give yourself the right to write to "
                "it, or name another one in the environment variable BANK_HOME."
            ) from error

    def _answers(self) -> bool:
        """A server is running only if it can be talked to; one that is starting up gets time to finish."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.is_running() and time.monotonic() < deadline:
            try:
                with self._connect():
                    return True
            except psycopg.OperationalError:
                time.sleep(0.1)
        return False

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(**self.connection_params(), dbname="postgres", connect_timeout=5, autocommit=True)

    def _start(self) -> None:
        if not self.data.exists():
            self._make_data()
        system.check_data(self.data)
        self._spawn_keeper()  # before the server: whatever happens to us from here on, somebody will stop it
        if listen := self._listen():
            system.admit_neighbours(self.data)
        options = [*system.server_options(self.data, listen=listen), "-c", f"max_connections={MAX_CONNECTIONS}"]
        system.run_postgres_program(
            *("pg_ctl", "start", "-w", "-t", str(START_TIMEOUT_S), "-D", "data", "-l", "data/server.log"),
            *("-o", system.quote(options)),
            cwd=self.folder,
            log=self.data / "server.log",
        )
        with self._connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _listen(self) -> str:
        return (self.folder / "keep-running").read_text().strip() if self.is_pinned() else ""

    def _make_data(self) -> None:
        """Under another name first: a process killed half-way leaves nothing that looks finished."""
        unfinished, password = self.folder / "data.new", self.folder / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        system.make_folder(unfinished, for_server=True)
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        system.give_to_server(password)
        system.run_postgres_program(
            *("initdb", "-D", "data.new", "-U", ROLE, "--pwfile=password", "--auth=scram-sha-256", "--encoding=UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            cwd=self.folder,
        )
        unfinished.rename(self.data)

    def _spawn_keeper(self) -> None:
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "bankproject.embedded.keeper", str(self.folder)],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **system.DETACHED,
        )
