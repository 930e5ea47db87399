"""SIGKILL of one worker: a busy one, in the middle of a job, or an idle one, while it waits for a job.

A busy worker takes its job with it: until `retry` no worker does it again. An idle one may take more: it dies holding
the lock with which all workers take jobs. (django-q2 issue 23; signal(7).)
"""

from accounts.cluster.processes import Role
from accounts.faults.target import Target


def inject(target: Target) -> str:
    """Return what was done, or "" if there was no worker to kill."""
    first, second = target.draw.sample([Role.BUSY, Role.IDLE], 2)
    worker = target.pick(first) or target.pick(second)
    if worker is None:
        return ""
    worker.process.kill()
    return f"SIGKILL of {worker}"
