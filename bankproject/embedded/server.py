"""One embedded PostgreSQL server in one private folder: made on demand, shared by processes, safe to kill.

The folder holds:

    data/           PostgreSQL's own data directory, with its server.log
    password        of the database role "postgres"; readable by its owner only
    start.lock      held by whoever starts, restarts or resets the server
    users.lock      held, shared, by every process that uses the server (see users.py)
    keeper.lock     held by the keeper, which stops the server after its last user (see keeper.py)
    keep-running    present after ``manage.py database start``: do not stop with the last user
"""

import atexit
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
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from bankproject.embedded import system, users
from bankproject.embedded.errors import EmbeddedServerError

ROLE = "postgres"
DATABASE = "bank"
MAX_CONNECTIONS = 200
START_TIMEOUT_S = 60
PROJECT = Path(__file__).resolve().parents[2]


class Server:
    """Callers may use it from any number of threads and processes at once; every method takes the locks it needs."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self.data = self.folder / "data"
        self._usage = users.usage(self.folder)

    # What a database backend needs.

    def use(self) -> dict[str, Any]:
        """Register this process as a user until it ends, start the server if need be; return how to connect.

        Raises EmbeddedServerError, one sentence long, when the server cannot be made to run.
        """
        if self._usage.is_user() and not self._usage.doubted and self.is_running():
            with suppress(EmbeddedServerError):  # it stopped just now
                return self.connection_params()
        with self._turn():
            self._usage.join()
            self._make_sure()
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
        """Look thoroughly at the next use(): what looked like a running server did not let us in."""
        self._usage.doubted = True

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
        self._stop()
        return True

    def restart(self, *, mode: str = "fast", away_s: float = 0) -> None:
        """Stop the server, "fast" or "immediate" (as if it crashed), and start it away_s later; users wait for it."""
        with self._turn():
            self._usage.join()
            system.wait_for_programs(self.folder)
            if self.is_running():
                self._stop(mode)
            time.sleep(away_s)
            self._make_sure()

    def reset(self) -> None:
        """Stop the server and delete its data for good."""
        if not self.folder.exists():
            return
        with self._turn():
            system.wait_for_programs(self.folder)
            self.stop()
            for name in ("data", "data.new"):
                shutil.rmtree(self.folder / name, ignore_errors=True)

    # The end.

    def close(self, patience_s: float = 10) -> None:
        """Let this process, with all its threads, be no user any more; stop the server if it was the last.

        Done by itself at exit.
        """
        if not self._usage.threads.acquire(timeout=patience_s):
            return  # a thread is still starting the server: its keeper will see to it
        try:
            if self._usage.is_user():
                self._usage.leave()
                self._end_if_unused(patience_s)
        finally:
            self._usage.threads.release()

    def _end_if_unused(self, patience_s: float) -> None:
        deadline = time.monotonic() + patience_s
        while self.folder.exists() and time.monotonic() < deadline:
            with self.alone() as nobody_else:
                if nobody_else:
                    self.end()
                    break
            if self._usage.may_be_shared():
                return  # it stays for others
            time.sleep(0.05)  # somebody is stopping it
        if self._usage.keeper is not None and not self.is_running():
            with suppress(subprocess.TimeoutExpired):
                self._usage.keeper.wait(patience_s)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no process uses the server; if so, none can begin to while the block lasts."""
        with self._usage.alone() as nobody_else:
            yield nobody_else

    def end(self) -> bool:
        """For whoever is alone: stop the server, unless it is pinned; return whether nothing of it is left."""
        if self.is_running() and not self.is_pinned():
            with suppress(EmbeddedServerError):  # it takes its time
                self._stop()
        return not self.is_running() and not system.programs_at_work(self.folder)

    def keepers_post(self) -> fasteners.InterProcessLock:
        """To be held by the keeper, so that there is one, however often the server is started."""
        return fasteners.InterProcessLock(self.folder / "keeper.lock")

    def _is_kept(self) -> bool:
        post = self.keepers_post()
        if is_free := post.acquire(blocking=False):
            post.release()
        return not is_free

    def _stop(self, mode: str = "fast") -> None:
        try:
            system.run_postgres_program("pg_ctl", "stop", "-m", mode, "-w", "-D", "data", cwd=self.folder)
        except EmbeddedServerError:
            if self.is_running():  # else somebody stopped it together with us
                raise

    # Starting.

    @contextmanager
    def _turn(self) -> Iterator[None]:
        system.make_folder(self.folder)
        try:
            with self._usage.turn():
                yield
        except PermissionError as error:
            raise EmbeddedServerError(
                f"The folder {self.folder} is not writable ({error.strerror}): give yourself the right to write to "
                "it, or name another one in the environment variable BANK_HOME."
            ) from error

    def _make_sure(self) -> None:
        """See that the server answers, that it has our database, and that it has a keeper."""
        self._usage.doubted = False  # first: who doubts from here on wants another look
        if self._answers():
            self._ensure_keeper()  # theirs may have been killed
        else:
            self._start()
        self._make_database()  # whoever started the server may have been killed before they did

    def _answers(self) -> bool:
        """A server is running only if it can be talked to; one that is starting up gets time to finish."""
        if not self.is_running():
            system.wait_for_programs(self.folder)
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.is_running() and time.monotonic() < deadline:
            if self._ping() == Ping.OK:
                return True
            time.sleep(0.1)
        return False

    def _ping(self) -> Ping | None:
        """A server that has no connection left for us answers, too."""
        status = system.read_postmaster_file(self.data)
        if status is None:
            return None
        where = make_conninfo(host=status.host, port=status.port, user=ROLE, dbname="postgres", connect_timeout=5)
        return Ping(PGconn.ping(where.encode()))

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(**self.connection_params(), dbname="postgres", connect_timeout=5, autocommit=True)

    def _start(self) -> None:
        if not self.data.exists():
            self._make_data()
        system.check_data(self.data)
        self._ensure_keeper()  # before the server: whatever happens to us from here on, somebody will stop it
        if listen := self._listen():
            system.admit_neighbours(self.data)
        options = [*system.server_options(self.data, listen=listen), "-c", f"max_connections={MAX_CONNECTIONS}"]
        system.run_postgres_program(
            *("pg_ctl", "start", "-w", "-t", str(START_TIMEOUT_S), "-D", "data", "-l", "data/server.log"),
            *("-o", system.quote(options)),
            cwd=self.folder,
            log=self.data / "server.log",
        )

    def _make_database(self) -> None:
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

    def _ensure_keeper(self) -> None:
        if self._is_kept():
            return
        self._usage.keeper = subprocess.Popen(
            [sys.executable, "-m", "bankproject.embedded.keeper", str(self.folder)],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **system.DETACHED,
        )


@atexit.register
def _close_all() -> None:
    for usage in users.usages():
        Server(usage.folder).close()
