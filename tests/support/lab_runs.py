"""The thread that runs the labs' exercises for their pages."""

import threading

from accounts.labs.exercise_runs import THREAD


def wait_for_lab_runs() -> None:
    """Return when none waits to be run."""
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join(60)
            assert not thread.is_alive(), "the exercises of labs are still being run"
