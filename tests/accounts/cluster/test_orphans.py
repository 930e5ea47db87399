"""A cluster whose main process or guard was killed leaves no process."""

import pytest

from accounts.cluster.processes import Role
from accounts.cluster.subprocesses import Cluster
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("known_processes", "short_patience")]


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
