"""Starts, watches and stops worker clusters (and other programs of ours), so that no process is left behind."""

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection
from django_q.status import Stat

STOP_PATIENCE_S = 20


class Subprocess:
    """A program of ours, in a process group of its own, that is gone when we are. Use it as a context manager.

    Its standard input is a pipe that only we hold: a program that watches it can end in its own time when we close
    the pipe, or die.
    """

    def __init__(self, arguments: list[str], *, environment: dict[str, str] | None = None) -> None:
        self._arguments = arguments
        self._environment = environment or {}

    def __enter__(self) -> "Subprocess":
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self._process = subprocess.Popen(
            self._arguments,
            env=os.environ | self._environment,
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=os.name != "nt",  # a Ctrl-C in our terminal is for us to handle
        )
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def is_running(self) -> bool:
        return self._process.poll() is None

    def write(self, text: str) -> None:
        """Say something to the program; nobody listens if it has ended."""
        with suppress(OSError):
            self._process.stdin.write(text.encode())
            self._process.stdin.flush()

    def last_words(self) -> str:
        """The last line that the program wrote."""
        self._output.seek(0)
        lines = [line.strip() for line in self._output.read().splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"

    def stop(self, patience_s: float = STOP_PATIENCE_S) -> None:
        """Let the program finish what it has begun; after patience_s, end its whole process tree.

        What it has started and left behind is ended too, unless that has made a session of its own.
        """
        tree = self._tree()
        with suppress(OSError):
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience_s)
        _kill(tree + self._tree())
        self._process.wait()
        _kill(self._orphans())
        self._output.close()

    def _tree(self) -> list[psutil.Process]:
        try:
            main = psutil.Process(self._process.pid)
            return [main, *main.children(recursive=True)]
        except psutil.Error:
            return []

    def _orphans(self) -> list[psutil.Process]:
        """What is left in the session that was begun for the program: its parent is gone, so no tree shows it."""
        return [] if os.name == "nt" else [process for process in psutil.process_iter() if self._leads(process)]

    def _leads(self, process: psutil.Process) -> bool:
        try:
            return os.getsid(process.pid) == self._process.pid
        except OSError:
            return False


class Cluster(Subprocess):
    """A private qcluster: workers for one queue, which nobody else uses."""

    def __init__(self, *, queue: str, worker_count: int) -> None:
        self.queue = queue
        super().__init__(
            manage("qcluster", "--until-stdin-closes"),
            environment={
                "Q_CLUSTER_NAME": queue,
                "BANK_WORKERS": str(worker_count),
                "BANK_DATABASE_NAME": str(connection.settings_dict["NAME"]),  # in a test run: the test's
            },
        )


def manage(*arguments: str) -> list[str]:
    """A command line for `manage.py`, with this Python."""
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]


def _kill(processes: list[psutil.Process]) -> None:
    """SIGKILL those that still live. (psutil knows a process by its pid and birth: never somebody else's.)"""
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=10)


def running_clusters() -> list[Stat]:
    """The heartbeats, at most 3 s old, of the clusters that were started with `manage.py qcluster`."""
    return Stat.get_all()


def running_worker_count() -> int:
    return sum(len(cluster.workers) for cluster in running_clusters())
