"""The roles of a cluster's processes, by the titles that django-q2 gives them (see them in `ps`)."""

from collections.abc import Iterable
from contextlib import suppress
from enum import Enum
from typing import NamedTuple

import psutil


class Role(str, Enum):
    """What a process does in its cluster."""

    MAIN = "main process"
    GUARD = "guard"  # starts the others, and starts them again when they die
    PUSHER = "pusher"  # takes jobs out of the queue and hands them to the workers
    MONITOR = "monitor"  # tells the queue which jobs are done
    IDLE = "idle worker"
    BUSY = "busy worker"
    UNTITLED = "process without a title"  # just started, or on a system without titles


WORKERS = (Role.IDLE, Role.BUSY)


class Member(NamedTuple):
    """A process of a cluster, and the role that it had when we looked."""

    process: psutil.Process
    role: Role

    def __str__(self) -> str:
        return f"{self.role.value} {self.process.pid}"

    @property
    def is_stopped(self) -> bool:
        """Whether it stands still (SIGSTOP); False if it has ended."""
        with suppress(psutil.Error):
            return bool(self.process.status() == psutil.STATUS_STOPPED)
        return False


# "qcluster Process-1a2b idle", "qcluster Process-1a2b processing storm-1-job-2 'run'", "qcluster Process-1a2b pusher".
TITLES = {"idle": Role.IDLE, "processing": Role.BUSY, "pusher": Role.PUSHER, "monitor": Role.MONITOR}


def members(main_pid: int, processes: Iterable[psutil.Process]) -> list[Member]:
    """The processes that still live, each with its role."""
    living = []
    for process in processes:
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                living.append(Member(process, _role(process, main_pid)))
    return living


def _role(process: psutil.Process, main_pid: int) -> Role:
    words = " ".join(process.cmdline()).split()
    if process.pid == main_pid:
        return Role.MAIN
    if words[:1] != ["qcluster"] or len(words) < 3:
        return Role.UNTITLED
    if words[1] == "MainProcess":  # inherited from the main process; the guard never changes it
        return Role.GUARD if process.ppid() == main_pid or _has_children(process) else Role.UNTITLED
    return TITLES.get(words[2], Role.UNTITLED)


def _has_children(process: psutil.Process) -> bool:
    return bool(process.children())
