"""A storm survives the death of any part of its cluster, and of all of it."""

import pytest

from accounts.cluster.processes import Role
from accounts.faults import kill_cluster
from accounts.storms.launch import launch, private_cluster
from tests.support.clusters import (
    aim,
    assert_exactly_once,
    busy,
    follow,
    is_waiting_for_a_lock,
    rows_locked,
    small_storm,
)
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("known_processes", "short_patience"),
    pytest.mark.processes,
]


@pytest.mark.thorough(every=8)
@pytest.mark.parametrize("part", kill_cluster.CHOICES, ids=lambda part: getattr(part, "value", part))
def test_storm_survives_the_death_of_any_part_of_its_cluster(part):
    storm = small_storm()
    with private_cluster(storm) as cluster:
        launch(storm, queue=cluster.queue)
        with rows_locked(storm):
            wait_until(lambda: busy(cluster) and cluster.members(Role.MONITOR, Role.PUSHER)[1:])
            before = cluster.processes()
            assert kill_cluster.inject(aim(storm, cluster, part)).startswith("SIGKILL of ")
        follow(storm, cluster)

    assert_exactly_once(storm)
    assert cluster.processes() == []
    assert not [process for process in before if process.is_running() and process.status() != "zombie"]


@pytest.mark.thorough
def test_sessions_of_a_killed_cluster_keep_no_lock():
    storm = small_storm()
    with private_cluster(storm) as cluster:
        launch(storm, queue=cluster.queue)
        with rows_locked(storm):
            wait_until(lambda: is_waiting_for_a_lock(cluster.queue))
            kill_cluster.kill_all(aim(storm, cluster))
        follow(storm, cluster)
        with rows_locked(storm):
            pass

    assert_exactly_once(storm)
