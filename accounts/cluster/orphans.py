"""Ends orphans: the processes of a cluster whose command, main process or guard is dead.

`Cluster` holds the other end of the main process's standard input; that end closes when the command dies, in whatever
way. The guard is a child of the main process, and the workers are children of the guard: a process whose parent is dead
is an orphan, which no process will tell to stop. None of this waits for a watchdog, which may have died too.
"""

import os
import signal
import sys
import time
from contextlib import suppress
from typing import Any

import psutil

LOOK_EVERY_S = 1.0
WINDOWS = os.name == "nt"


def stop_at_end_of_input(stop_event: Any, patience_s: float) -> None:
    """Wait until standard input closes, ask the cluster to stop, and end it where it hangs. Does not return."""
    while os.read(sys.stdin.fileno(), 1024):  # not buffered: Python aborts if it ends while a thread holds the buffer
        pass
    stop_event.set()
    time.sleep(patience_s)
    end_session()
    os._exit(1)


def end_session() -> None:
    """SIGKILL the process group that this process leads (`Cluster` starts it as the first of one), itself included."""
    if not WINDOWS and os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)


def children_end_with_us() -> None:
    """From now on, a child of this process looks once a second whether we live; if not, it ends, and its children.

    It is a timer of the operating system that makes it look, so that it looks also while it waits for something. A
    thread would not do: the guard forks workers, and a lock that a thread holds then stays locked in them.
    """
    if not WINDOWS:
        parent = os.getpid()
        os.register_at_fork(after_in_child=lambda: _end_with(parent))


def _end_with(parent: int) -> None:
    if os.getppid() != parent:  # a child of the child (it inherits the hook) or an orphan already
        return

    def end_if_orphan(_signal: int, _frame: object) -> None:
        if os.getppid() != parent:
            _end_family()

    signal.signal(signal.SIGALRM, end_if_orphan)
    signal.setitimer(signal.ITIMER_REAL, LOOK_EVERY_S, LOOK_EVERY_S)


def _end_family() -> None:
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    os._exit(1)
