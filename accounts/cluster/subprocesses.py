"""Starts, watches and stops worker clusters (and other programs of ours), so that no process is left behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple, cast

import psutil
from django.conf import settings
from django.db import connection
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.status import Stat

from accounts.cluster.processes import WORKERS, Member, Role, members
from accounts.cluster.redis_queue import check_queue
from accounts.db.application_name import queue_name
from accounts.errors import BankError

STOP_PATIENCE_S = 20
POLL_S = 0.1
WINDOWS = os.name == "nt"


class Subprocess:
    """A program of ours, in a process group of its own, that is gone when we are. Use it as a context manager.

    Its standard input is a pipe that only we hold: a program that watches it can end in its own time when we close
    the pipe, or die.
    """

    def __init__(self, arguments: list[str], *, environment: dict[str, str] | None = None) -> None:
        self.patience_s: float = STOP_PATIENCE_S
        self._arguments = arguments
        self._environment = environment or {}

    def __enter__(self) -> "Subprocess":
        self._start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _start(self) -> None:
        self.started = time.monotonic()
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            self._arguments,
            env=os.environ | self._environment,
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=not WINDOWS,  # a Ctrl-C in our terminal is for us to handle
        )
        self._stdin = cast("IO[bytes]", self._process.stdin)  # because it is a pipe

    def is_running(self) -> bool:
        """Whether the program's main process lives."""
        return self._process.poll() is None

    def wait(self) -> None:
        """Return when the program has ended by itself."""
        self._process.wait()

    def write(self, text: str) -> None:
        """Write to the program's standard input; nothing happens if it has ended."""
        with suppress(OSError):
            self._stdin.write(text.encode())
            self._stdin.flush()

    def last_words(self) -> str:
        """The last line that the program wrote, or which signal ended it."""
        if (self._process.poll() or 0) < 0:
            return f"killed by {signal.Signals(-self._process.returncode).name}"
        self._output.seek(0)
        lines = [line.strip() for line in self._output.read().splitlines() if line.strip()]
        return lines[-1].removeprefix("CommandError: ").removesuffix(".") if lines else "it said nothing"

    def stop(self) -> None:
        """Let the program finish what it has begun; after `patience_s` seconds, end all of its processes."""
        tree = self.processes()
        with suppress(OSError):
            self._stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(self.patience_s)
        self._end(tree)

    def replace(self) -> None:
        """End all of its processes at once, whatever they do, and start the program anew."""
        with suppress(OSError):
            self._stdin.close()
        self._end(self.processes())
        self._start()

    def _end(self, processes: list[psutil.Process]) -> None:
        _kill(processes + self.processes())
        self._process.wait()
        self._output.close()

    def processes(self) -> list[psutil.Process]:
        """All processes of the program that live, orphans too (but for Windows, where they are not found)."""
        living = []
        for pid in self._descendants() if WINDOWS else self._session():
            with suppress(psutil.Error):
                living.append(psutil.Process(pid))
        return living

    def _session(self) -> list[int]:
        """The pids of the program's session. While a session has members, no other session gets its number."""
        pids = []
        for pid in psutil.pids():
            with suppress(OSError):
                if os.getsid(pid) == self._process.pid:
                    pids.append(pid)
        return pids

    def _descendants(self) -> list[int]:
        try:
            main = psutil.Process(self._process.pid)
            return [main.pid, *(child.pid for child in main.children(recursive=True))]
        except psutil.Error:
            return []


class Cluster(Subprocess):
    """A qcluster as a subprocess. A private one takes jobs from a queue of its own."""

    def __init__(self, *, queue: str, worker_count: int, private: bool = True) -> None:
        self.queue, self.is_private = queue, private
        super().__init__(
            manage("qcluster", "--until-stdin-closes"),
            environment={
                **({"Q_CLUSTER_NAME": queue} if private else {}),
                "BANK_WORKERS": str(worker_count),
                "BANK_DATABASE_NAME": str(connection.settings_dict["NAME"]),  # in a test run: the test's
                "PGAPPNAME": queue_name(queue),  # so its sessions are known (PostgreSQL documentation: 32.15)
            },
        )

    def __enter__(self) -> "Cluster":
        """Start it. Raises BankError, at once and once, where no worker could be started, or get a job."""
        check_semaphores()
        check_queue()
        super().__enter__()
        return self

    def members(self, *roles: Role) -> list[Member]:
        """Its processes that live, or those in these roles."""
        workers = members(self._process.pid, self.processes())
        return [member for member in workers if not roles or member.role in roles]

    def stop_workers(self) -> None:
        """Let the workers finish the jobs that they have, for at most `patience_s`; then end all processes.

        Unlike stop(), this does not wait for the pusher and the monitor, which may be waiting for the database. Where
        processes have no titles, it waits for all of them.
        """
        with suppress(OSError):
            self._stdin.close()
        deadline_s = time.monotonic() + self.patience_s
        while self.is_running() and self.members(*WORKERS, Role.UNTITLED) and time.monotonic() < deadline_s:
            time.sleep(POLL_S)
        self._end(self.processes())


def check_semaphores() -> None:
    """Raise BankError where there is no shared memory: workers hand their jobs on through it."""
    try:
        multiprocessing.Event()
    except OSError as error:
        raise BankError(
            f"Workers cannot be started ({error.strerror}): they need shared memory; look at /dev/shm."
        ) from error


def manage(*arguments: str) -> list[str]:
    """A command line for `manage.py`, with this Python."""
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]


def _kill(processes: list[psutil.Process]) -> None:
    """SIGKILL those that still live. (psutil knows a process by its pid and its birth: a pid used anew is another.)"""
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=10)


def running_clusters() -> list[Stat]:
    """The heartbeats, at most 3 s old, of the clusters that were started with `manage.py qcluster`."""
    clusters: list[Stat] = Stat.get_all()
    return clusters


class Heartbeat(NamedTuple):
    """How many workers are running, and whether they have anything to do."""

    worker_count: int
    is_busy: bool


def heartbeat() -> Heartbeat:
    """How many workers the running clusters have, and whether a job is in their queue or at work."""
    clusters = running_clusters()
    # A job stays in the queue, if that is a table, until the worker that has taken it has done it.
    has_jobs = bool(Conf.ORM) and OrmQ.objects.filter(key=Conf.CLUSTER_NAME).exists()
    is_busy = has_jobs or any(cluster.status == Conf.WORKING for cluster in clusters)
    return Heartbeat(sum(len(cluster.workers) for cluster in clusters), is_busy)


def running_worker_count() -> int:
    """How many workers the running clusters have."""
    return sum(len(cluster.workers) for cluster in running_clusters())
