"""`manage.py classroom` serves the pages and leaves nothing."""

import re
import signal
import urllib.request

import pytest
from django.contrib.auth.models import User

from tests.support.processes import finish, free_port, manage, workers_of
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def test_classroom_serves_pages_makes_a_teacher_once_and_leaves_nothing():
    address = f"127.0.0.1:{free_port()}"
    process = manage("classroom", "--address", address, "--workers", "1", env={"PYTHONUNBUFFERED": "1"})
    login = process.stdout.readline()
    wait_until(lambda: "Log in" in page(f"http://{address}/admin/"))
    wait_until(lambda: len(workers_of(process)) > 1)
    workers = workers_of(process)

    process.send_signal(signal.SIGINT)
    _status, out, err = finish(process)

    password = re.fullmatch(r"Login 'teacher', password '(.+)': shown this once; .*\n", login).group(1)
    assert User.objects.get().check_password(password)
    assert "Traceback" not in out + err
    assert not [worker for worker in workers if worker.is_running()]


def page(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.read().decode()
    except OSError:
        return ""  # not there yet
