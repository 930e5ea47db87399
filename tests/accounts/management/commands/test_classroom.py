"""`manage.py classroom` serves the pages and leaves nothing."""

import re
import signal
import subprocess
import urllib.request

import psutil
import pytest
from django.contrib.auth.models import User

from tests.support.labs import labs_url
from tests.support.processes import command_line, finish, free_port, manage, workers_of
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def test_classroom_serves_pages_makes_a_teacher_once_takes_files_and_leaves_nothing(anna):
    address = f"127.0.0.1:{free_port()}"
    options = ["--address", address, "--workers", "1", "--hand-in"]
    process = manage("classroom", *options, env={"PYTHONUNBUFFERED": "1"})
    login = process.stdout.readline()
    wait_until(lambda: "Log in" in page(f"http://{address}/admin/"))
    wait_until(lambda: len(workers_of(process)) > 1)
    workers = workers_of(process)
    (checker,) = wait_until(lambda: [each for each in children_of(process) if "queue" in command_line(each)])
    session = {"Cookie": f"sessionid={anna.cookies['sessionid'].value}"}
    lab = page(urllib.request.Request(f"http://{address}{labs_url('_hand_in', 2)}", headers=session))

    process.send_signal(signal.SIGINT)
    _status, out, err = finish(process)

    password = re.fullmatch(r"Login 'teacher', password '(.+)': shown this once; .*\n", login).group(1)
    assert User.objects.get(is_superuser=True).check_password(password)
    assert "Lab 2: The lock that was missed" in lab, "where files are handed in, that address leads to the lab's page"
    assert "Students may hand in files: these run on this machine, with your rights." in out
    assert "Traceback" not in out + err
    assert not [process for process in (checker, *workers) if process.is_running()]


def children_of(process: subprocess.Popen) -> list[psutil.Process]:
    return psutil.Process(process.pid).children()


def page(url: str | urllib.request.Request) -> str:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.read().decode()
    except OSError:
        return ""  # not there yet
