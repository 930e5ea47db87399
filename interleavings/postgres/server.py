"""One embedded PostgreSQL server in one private folder, shared by processes, safe to kill: each takes its turn here.

The folder holds:

    data/           PostgreSQL's own data directory, with its server.log
    password        of the database role "postgres"; readable by its owner only
    start.lock      held by the process that starts, restarts or resets the server
    users.lock      held, shared, by every process that uses the server (see users.py)
    keeper.lock     held by the keeper, which stops the server after its last user (see keeper.py)
    keep-running    present after start(): do not stop with the last user
"""

import atexit
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import fasteners

from interleavings.postgres import folders, libpq, processes, programs, users
from interleavings.postgres.data import split_address
from interleavings.postgres.errors import EmbeddedServerError, one_sentence
from interleavings.postgres.instance import Instance

# From where the keeper imports us.
IMPORT_FOLDER = Path(__file__).resolve().parents[2]


class Server:
    """Callers may use it from any number of threads and processes at once; every method takes the locks it needs.

    From the first Server on, this process and its children are free of the user's variables for libpq. Whatever cannot
    be done is refused with EmbeddedServerError, in one sentence.
    """

    def __init__(self, folder: str | Path) -> None:
        libpq.forget_variables()
        self.folder = Path(folder).expanduser().absolute()
        self._instance = Instance(self.folder)
        self._usage = users.usage(self.folder)
        self._pin = self.folder / "keep-running"

    @property
    def data(self) -> Path:
        return self._instance.data

    # What a database backend needs.

    def use(self, database: str = "") -> dict[str, Any]:
        """Register this process as a user until it ends, start the server if need be; return how to connect.

        The first use() of a process, and one that is in doubt, makes the database if the server does not have it.
        """
        if self._usage.is_user() and not self._usage.doubted and self.is_running():
            with suppress(EmbeddedServerError):  # it stopped just now
                return self.connection_params()
        with self._turn():
            self._usage.join()
            self._make_sure(database)
            return self.connection_params()

    def connection_params(self) -> dict[str, Any]:
        """How to connect to the server that is running now (libpq's names)."""
        return self._instance.connection_params()

    def mark_doubtful(self) -> None:
        """Look thoroughly at the next use(): what looked like a running server did not let us in."""
        self._usage.doubted = True

    # Commands.

    def programs(self) -> Path:
        """The folder of the server's own programs: psql, pgbench and others."""
        return programs.folder()

    def is_running(self) -> bool:
        """Whether our own postmaster process is alive; it may still be starting up or shutting down."""
        return self._instance.is_running()

    def is_pinned(self) -> bool:
        """Whether the server stays when it has no user any more."""
        return self._pin.exists()

    def start(self, *, listen: str = "", database: str = "") -> None:
        """Start the server, and keep it running without users until stop(). `database` is as in use().

        `listen` is "host:port", an address of this machine on which others may reach it too (with a password); for
        that, it must not be running yet: EmbeddedServerError.
        """
        if listen and self.is_running():
            raise EmbeddedServerError("The embedded server is running already, and is not heard there: stop it first.")
        folders.make_folder(self.folder)
        with one_sentence(self.folder):
            self._pin.write_text(listen, encoding="utf-8")
        self.use(database)

    def stop(self) -> bool:
        """Stop the server in an orderly way, users or not; return whether it was running."""
        with one_sentence(self.folder):
            self._pin.unlink(missing_ok=True)
            if not self.is_running():
                return False
            self._instance.stop()
            return True

    def restart(self, *, mode: str = "fast", away_s: float = 0) -> None:
        """Stop the server, "fast" or "immediate" (as if it crashed), and start it away_s later; users wait for it."""
        with self._turn():
            self._usage.join()
            processes.wait_for_programs(self.folder)
            if self.is_running():
                self._instance.stop(mode)
            time.sleep(away_s)
            self._make_sure()

    def reset(self) -> None:
        """Stop the server and delete its data for good."""
        if not self.folder.exists():
            return
        with self._turn():
            processes.wait_for_programs(self.folder)
            self.stop()
            for name in ("data", "data.new"):
                shutil.rmtree(self.folder / name, ignore_errors=True)

    # The end.

    def close(self, patience_s: float = 10) -> None:
        """Let this process, with all its threads, be no user any more; stop the server if it was the last.

        Done by itself at exit. Where the folder is damaged, the keeper does what this cannot.
        """
        if not self._usage.threads.acquire(timeout=patience_s):
            return  # a thread is still starting the server: its keeper will see to it
        try:
            if self._usage.is_user():
                self._usage.leave()
                with suppress(OSError):
                    self._end_if_unused(patience_s)
        finally:
            self._usage.threads.release()

    def _end_if_unused(self, patience_s: float) -> None:
        """Stop the server if no process uses it; wait while another process is just about to stop it.

        Every 0.05 s, for at most patience_s:
        1. The server is ours alone: stop it, unless it is pinned, and return.
        2. Others use it: return, it stays for them.
        3. Another process has it alone, to stop it: look again.
        """
        deadline = time.monotonic() + patience_s
        while self.folder.exists() and time.monotonic() < deadline:
            with self.alone() as is_alone:
                if is_alone:
                    self.end()
                    break
            if self._usage.may_be_shared():
                return
            time.sleep(0.05)
        if self._usage.keeper is not None and not self.is_running():
            with suppress(subprocess.TimeoutExpired):
                self._usage.keeper.wait(patience_s)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no process uses the server; if so, none can begin to while the block lasts."""
        with self._usage.alone() as is_alone:
            yield is_alone

    def end(self) -> bool:
        """Inside alone(): stop the server, unless it is pinned; return whether nothing of it is left."""
        if self.is_running() and not self.is_pinned():
            with suppress(EmbeddedServerError):  # it takes its time
                self._instance.stop()
        return not self.is_running() and not processes.programs_at_work(self.folder)

    def keeper_lock(self) -> fasteners.InterProcessLock:
        """To be held by the keeper, so that there is one, however often the server is started."""
        return fasteners.InterProcessLock(self.folder / "keeper.lock")

    def _is_kept(self) -> bool:
        lock = self.keeper_lock()
        if is_free := lock.acquire(blocking=False):
            lock.release()
        return not is_free

    # Starting.

    @contextmanager
    def _turn(self) -> Iterator[None]:
        folders.make_folder(self.folder)
        with one_sentence(self.folder), self._usage.turn():
            yield

    def _make_sure(self, database: str = "") -> None:
        """See that the server answers and lets us in, that it has the database, and that it has a keeper.

        1. It answers: see that it has a keeper, which may have been killed.
        2. It does not: see that it has data and a keeper, and start it. The keeper comes first: whatever happens to
           us from then on, it will stop the server.
        3. Connect; make the database, unless it is there or none is named.
        """
        self._usage.doubted = False  # first: a thread that doubts from here on wants another look
        if self._instance.answers():
            self._ensure_keeper()
        else:
            self._instance.prepare()
            self._ensure_keeper()
            self._instance.start(listen=self._listen())
        self._instance.open(database)

    def _listen(self) -> str:
        """The address on which other machines may reach us, "" if on none. Raises EmbeddedServerError if it cannot be.

        It may be that of a network which this machine has left.
        """
        listen = folders.read_text(self._pin) if self.is_pinned() else ""
        host, port = split_address(listen)
        try:
            if listen:
                socket.create_server((host, int(port))).close()
        except (OSError, ValueError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not HOST:PORT"
            raise EmbeddedServerError(
                f"{self._pin} has the server listen on {listen!r}, and that cannot be ({reason}): remove this file."
            ) from error
        return listen

    def _ensure_keeper(self) -> None:
        if self._is_kept():
            return
        self._usage.keeper = subprocess.Popen(
            [sys.executable, "-m", "interleavings.postgres.keeper", str(self.folder)],
            cwd=IMPORT_FOLDER,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **programs.DETACHED,
        )


@atexit.register
def _close_all() -> None:
    for usage in users.usages():
        Server(usage.folder).close()
