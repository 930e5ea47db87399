"""A test without the marker `processes` cannot start a process."""

import os
import subprocess
import sys
import threading

import pytest

from tests.support.process_guard import guard

NOTHING = [sys.executable, "-c", ""]
REFUSED = pytest.fail.Exception


@pytest.mark.parametrize(
    "start",
    [lambda: subprocess.run(NOTHING), lambda: os.system("true"), lambda: os.posix_spawn(NOTHING[0], NOTHING, {})],
    ids=["subprocess", "system", "posix_spawn"],
)
def test_error_process_without_the_marker(start):
    with pytest.raises(REFUSED, match="Mark it with pytest.mark.processes."):
        start()

    guard.refusals.clear()  # or this test would fail, as one that caught its refusal


def test_refusal_in_another_thread_is_kept():
    def start() -> None:
        with pytest.raises(REFUSED):
            subprocess.run(NOTHING)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    assert len(guard.refusals) == 1
    guard.refusals.clear()


@pytest.mark.processes
def test_process_with_the_marker():
    assert subprocess.run(NOTHING).returncode == 0
