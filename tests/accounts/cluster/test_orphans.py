"""A cluster whose main process or guard was killed leaves no process."""

import signal
import subprocess
import sys

import pytest

from accounts.cluster.processes import Role
from accounts.cluster.subprocesses import Cluster
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("known_processes", "short_patience"),
    pytest.mark.processes,
]


@pytest.mark.thorough(every=2)
@pytest.mark.parametrize("part", [Role.MAIN, Role.GUARD])
def test_orphaned_cluster_ends_with_its_main_process_or_guard(part):
    """As if the command, which would look after it, had been killed at the same time."""
    with Cluster(queue="private-alone", worker_count=2) as cluster:
        wait_until(lambda: len(cluster.members(Role.IDLE)) == 2 and cluster.members(Role.PUSHER))
        (member,) = cluster.members(part)
        member.process.kill()
        wait_until(lambda: not cluster.members())


def test_guard_that_is_killed_early_leaves_no_process():
    """Its main process waits for it to say that all are there, and does not look after them yet."""
    with Cluster(queue="private-early", worker_count=8) as cluster:
        (guard,) = wait_until(lambda: [member for member in cluster.members(Role.GUARD) if member.process.children()])
        guard.process.kill()
        wait_until(lambda: not cluster.members())


ENDS_WITH_ITS_INPUT = """
import threading
from accounts.cluster.orphans import stop_at_end_of_input
class Stop:
    def set(self): print("asked to stop", flush=True)
stop_at_end_of_input(Stop(), patience_s=0.1)
"""


def test_process_asks_the_cluster_to_stop_when_its_input_closes_and_then_ends_its_group():
    process = subprocess.Popen(
        [sys.executable, "-c", ENDS_WITH_ITS_INPUT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # as a cluster's main process: it leads its group
    )

    out, _err = process.communicate(timeout=60)

    assert out == "asked to stop\n"
    assert process.returncode == -signal.SIGKILL
