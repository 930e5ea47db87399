"""Processes of a cluster are known by their roles."""

import pytest

from accounts.cluster.processes import Role
from accounts.storms.launch import launch, private_cluster
from tests.support.clusters import busy, rows_locked, small_storm
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("known_processes", "short_patience"),
    pytest.mark.processes,
]


def test_processes_are_known_by_their_roles():
    storm = small_storm(transfer_count=1, audit_count=0)
    with private_cluster(storm) as cluster:
        launch(storm, queue=cluster.queue)
        with rows_locked(storm):
            wait_until(lambda: busy(cluster) and cluster.members(Role.MONITOR) and cluster.members(Role.IDLE))
            roles = sorted(member.role.value for member in cluster.members())

    assert roles == ["busy worker", "guard", "idle worker", "main process", "monitor", "pusher"]
    assert cluster.processes() == []
