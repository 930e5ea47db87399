"""A process that a test has started ends with it, and one that has ended has no command line."""

import os
import subprocess
import sys

import psutil
import pytest

from tests.support.processes import command_line, end_all, manage

pytestmark = pytest.mark.processes


def test_what_a_test_has_left_running_ends(db):
    process = manage("shell", "--no-imports", "-c", "print(1, flush=True); input()", stdin=subprocess.PIPE)
    assert process.stdout.readline() == "1\n"

    end_all()

    assert process.poll() is not None


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="There are no zombies on Windows.")
def test_zombie_has_no_command_line():
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and can still be asked how

    assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    assert command_line(psutil.Process(process.pid)) == []
    assert process.wait() == 0
