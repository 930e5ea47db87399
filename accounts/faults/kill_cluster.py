"""SIGKILL of what holds a cluster together: its monitor, pusher, guard or main process, or all of its processes.

Without the monitor, jobs that are done are not acknowledged, and come again. A dead pusher takes jobs with it that
no worker has begun. Without the guard or the main process the others would live on as orphans
(`accounts/cluster/orphans.py`).
(django-q2 documentation: Architecture.)
"""

from contextlib import suppress

import psutil

from accounts.cluster.processes import Role
from accounts.faults.target import Target

EVERYTHING = "all processes"
CHOICES = [Role.MONITOR, Role.PUSHER, Role.GUARD, Role.MAIN, EVERYTHING]


def inject(target: Target) -> str:
    """Return what was done, or "" if that process was not there."""
    choice = target.draw.choice(CHOICES)
    if not isinstance(choice, Role):
        return kill_all(target)
    member = target.pick(choice)
    if member is None:
        return ""
    member.process.kill()
    return f"SIGKILL of {member}"


def kill_all(target: Target) -> str:
    processes = target.cluster.processes()
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    return f"SIGKILL of all {len(processes)} processes of the cluster"
