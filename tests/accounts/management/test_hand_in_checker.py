"""The program that checks what is handed in runs as long as its classroom."""

import sys

import psutil
import pytest

from accounts.cluster.subprocesses import Subprocess
from accounts.management import hand_in_checker
from accounts.management.hand_in_checker import hand_ins_are_checked
from tests.support.waiting import wait_until

pytestmark = pytest.mark.processes

WAIT = "import sys; print('It began.', flush=True); sys.stdin.read()"


@pytest.fixture
def program(monkeypatch) -> Subprocess:
    """A program that does nothing in place of the one that checks."""
    program = Subprocess([sys.executable, "-c", WAIT])
    monkeypatch.setattr(hand_in_checker, "checker", lambda: program)
    monkeypatch.setattr(hand_in_checker, "RESTART_AFTER_S", 0.05)
    return program


def test_program_that_was_killed_is_started_again_and_that_is_said(program):
    said: list[str] = []
    with hand_ins_are_checked(say=said.append):
        (first,) = program.processes()
        first.kill()
        wait_until(lambda: said)
        wait_until(lambda: [process.pid for process in program.processes()] not in ([], [first.pid]))
        (second,) = program.processes()

    assert said == [
        "What students hand in was not checked any more (killed by SIGKILL): this is started again.",
    ]
    assert not psutil.pid_exists(second.pid)
