"""Starts, watches and stops django-q2 clusters, so that no process is ever left behind."""

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


class Cluster:
    """A private qcluster: a subprocess in a process group of its own, for one queue, gone when we are.

    Its standard input is a pipe that only we hold. When we close it, or die, it stops in its own time.
    Use it as a context manager.
    """

    def __init__(self, *, queue: str, worker_count: int) -> None:
        self.queue = queue
        self.worker_count = worker_count

    def __enter__(self) -> "Cluster":
        self._output = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self._process = subprocess.Popen(
            [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "qcluster", "--until-stdin-closes"],
            env=os.environ | self._environment(),
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=os.name != "nt",
        )
        return self

    def _environment(self) -> dict[str, str]:
        return {
            "Q_CLUSTER_NAME": self.queue,
            "BANK_WORKERS": str(self.worker_count),
            "BANK_DATABASE_NAME": str(connection.settings_dict["NAME"]),  # in a test run: the test's
        }

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def is_running(self) -> bool:
        return self._process.poll() is None

    def last_words(self) -> str:
        """The last line that the cluster wrote; it writes only when something is wrong."""
        self._output.seek(0)
        lines = [line.strip() for line in self._output.read().splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"

    def stop(self, patience_s: float = STOP_PATIENCE_S) -> None:
        """Let the workers finish their jobs and go; after patience_s, end the whole process tree."""
        tree = self._tree()
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            pass
        _kill(tree + self._tree())
        self._process.wait()
        self._output.close()

    def _tree(self) -> list[psutil.Process]:
        try:
            main = psutil.Process(self._process.pid)
            return [main, *main.children(recursive=True)]
        except psutil.Error:
            return []


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
