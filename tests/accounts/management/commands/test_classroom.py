"""`manage.py classroom` serves the pages and leaves nothing."""

import re
import signal
import subprocess
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import psutil
import pytest
from django.contrib.auth.models import User

from tests.support.labs import labs_url
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


def test_classroom_takes_files_where_it_is_asked_to_and_leaves_no_program_that_checks_them():
    address = f"127.0.0.1:{free_port()}"
    User.objects.create_superuser("admin", password="x")
    process = manage("classroom", "--address", address, "--workers", "1", "--hand-in")
    wait_until(lambda: "Log in" in page(f"http://{address}/admin/"))
    (checker,) = wait_until(lambda: [each for each in children_of(process) if "queue" in each.cmdline()])

    lab = page_after_login(f"http://{address}/admin/", labs_url("_hand_in", 2), username="admin", password="x")
    process.send_signal(signal.SIGINT)
    _status, out, err = finish(process)

    assert "Lab 2: The lock that was missed" in lab, "its form's address leads to the lab's page"
    assert "Students may hand in files: these run on this machine, with your rights." in out
    assert "Traceback" not in out + err
    assert not checker.is_running()


def children_of(process: subprocess.Popen) -> list[psutil.Process]:
    return psutil.Process(process.pid).children()


def page(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.read().decode()
    except OSError:
        return ""  # not there yet


def page_after_login(admin: str, wanted: str, **login: str) -> str:
    """The page to which the login leads."""
    cookies = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    browser.open(f"{admin}login/", timeout=60).close()
    token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = urlencode({"csrfmiddlewaretoken": token, "next": wanted, **login})
    with browser.open(f"{admin}login/", form.encode(), timeout=60) as response:
        return response.read().decode()
