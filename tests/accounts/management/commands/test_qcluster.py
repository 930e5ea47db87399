"""`manage.py qcluster`: workers that are looked after."""

import signal
import subprocess

import psutil
import pytest

from accounts.cluster.subprocesses import running_worker_count
from accounts.models import Storm
from tests.support.clusters import assert_exactly_once
from tests.support.processes import finish, manage
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.usefixtures("known_processes"),
]


def test_workers_of_a_class_are_replaced_when_all_of_them_are_killed():
    process = manage("qcluster", "--workers", "1", stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: running_worker_count() == 1)
        for worker in psutil.Process(process.pid).children(recursive=True):
            worker.kill()
        wait_until(lambda: not running_worker_count())  # the last heartbeat is forgotten after 3 s
        status, _out, err = finish(manage("storm", "--transfers", "40", "--audits", "4", "--cluster", "running"))
    finally:
        process.send_signal(signal.SIGINT)
        _status, _out, said = finish(process)

    assert status == 0, err
    assert "The workers ended, and were not asked to: killed by SIGKILL: the workers were replaced" in said
    assert_exactly_once(Storm.objects.get())
