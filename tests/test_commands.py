"""The commands as their user meets them: real processes, what they print, how they end, what they leave behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.expectations import Outcome
from accounts.lecture import SCENES
from accounts.models import Bank, Storm

pytestmark = pytest.mark.django_db(transaction=True)

REPORT = {
    *("id", "state", "transfer_with", "audit_with", "accounts", "expected_total", "workers", "threads", "seed"),
    *("transfers", "audits", "drift", "lost_updates", "accounts_off", "deadlocks", "retries"),
    *("serialization_failures", "refused_locks", "lock_wait_ms"),
    *("duration_s", "transfers_per_second", "story", "faults"),
}
SMALL = ("--transfers", "150", "--audits", "20")


def manage(*arguments: str, **options) -> subprocess.Popen:
    """`manage.py ...` as a process of its own, on the test's database."""
    return subprocess.Popen(
        [sys.executable, settings.BASE_DIR / "manage.py", *arguments],
        env=os.environ | {"BANK_DATABASE_NAME": connection.settings_dict["NAME"]} | options.pop("env", {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Where the tests run in the background of a script, SIGINT is ignored, and children inherit that.
        preexec_fn=None if os.name == "nt" else lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )


def finish(process: subprocess.Popen) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def workers_of(process: subprocess.Popen) -> list[psutil.Process]:
    """The worker cluster that a command has started, and all of its processes."""
    try:
        children = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [child for child in children if child.is_running() and any("qcluster" in word for word in child.cmdline())]


def wait_until(condition, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_storm_prints_a_report(db):
    status, out, _err = finish(manage("storm", *SMALL))

    assert status == 0
    assert "150 planned: 150 applied" in out
    assert "0 of 20" in out


def test_storm_as_json_prints_one_object_and_nothing_else():
    status, out, _err = finish(manage("storm", *SMALL, "--seed", "5", "--json"))

    report = json.loads(out)
    assert status == 0
    assert report.keys() == REPORT
    assert (report["seed"], report["workers"], report["transfers"]["applied"]) == (5, 4, 150)


def test_compare_tells_the_story_and_marks_what_does_not_come_out_as_told():
    status, out, err = finish(manage("compare", "--transfers", "400", "--audits", "60", "--json"))

    reports = json.loads(out)
    assert [(report["transfer_with"], report["audit_with"]) for report in reports] == [scene[:2] for scene in SCENES]
    as_told = [scene.came_out_as_told(report) for scene, report in zip(SCENES, reports, strict=True)]
    assert status == (0 if all(as_told) else 1), err
    assert all(told for told, scene in zip(as_told, SCENES, strict=True) if scene.expected is Outcome.HOLDS)


def test_compare_ends_with_status_1_when_a_row_surprises():
    """Without audits nothing can be torn, so the rows that must be torn are not."""
    status, out, _err = finish(manage("compare", "--transfers", "50", "--audits", "0"))

    assert status == 1
    assert "!! expected: torn" in out
    assert "Not as it must be: row " in out


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_storm_says_how_far_it_came_and_leaves_nothing(end):
    process = manage("storm", "--transfers", "20000", "--json")
    wait_until(lambda: Storm.objects.filter(transfers__status="applied").exists())
    workers = workers_of(process)

    process.send_signal(end)
    status, out, err = finish(process)

    report = json.loads(out)
    assert status == 130
    assert "Interrupted" in err
    assert report["state"] == "stopped"
    assert report["transfers"]["applied"] > 0
    assert report["transfers"]["pending"] == 20_000 - report["transfers"]["applied"] - report["transfers"]["refused"]
    assert report["accounts_off"] == 0
    assert workers
    assert not [worker for worker in workers if worker.is_running()]


def test_killed_storm_takes_its_workers_with_it():
    process = manage("storm", "--transfers", "20000")
    wait_until(lambda: Storm.objects.filter(transfers__status="applied").exists())
    workers = workers_of(process)
    assert workers

    process.kill()
    finish(process)

    wait_until(lambda: not any(worker.is_running() for worker in workers))


def test_storm_on_running_workers():
    cluster = manage("qcluster", "--until-stdin-closes", "--workers", "2", stdin=subprocess.PIPE)
    try:
        status, out, err = finish(manage("storm", *SMALL, "--cluster", "running", "--json"))
    finally:
        finish(cluster)

    assert status == 0, err
    assert json.loads(out)["workers"] == 2
    assert json.loads(out)["transfers"]["applied"] == 150


def test_classroom_serves_pages_makes_a_teacher_once_and_leaves_nothing():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--transfer-with", "nope"], "There is no strategy 'nope': choose one of advisory_lock, "),
        (["--transfer-with", "single_statement"], "The strategy 'single_statement' has no transfer: choose one of "),
        (["--audit-with", "../etc"], "There is no strategy '../etc': choose one of "),
        (["--transfers", "0"], "transfers cannot be 0: choose 1 to 1,000,000."),
        (["--transfers", "-1"], "transfers cannot be -1: choose 1 to 1,000,000."),
        (["--transfers", "9" * 30], f"transfers cannot be {'9' * 30}: choose 1 to 1,000,000."),
        (["--audits", "-1"], "audits cannot be -1: choose 0 to 100,000."),
        (["--accounts", "1"], "accounts cannot be 1: choose 2 to 1,000,000."),
        (["--accounts", "200000"], "200 audits of 200,000 accounts would keep 40,000,000 readings: choose fewer "),
        (["--workers", "0"], "workers cannot be 0: choose 1 to 64."),
        (["--threads", "65"], "threads cannot be 65: choose 1 to 64."),
        (["--max-amount", "0"], "max amount cannot be 0: choose 1 to 1,000,000,000."),
        (["--max-amount", "44501"], "max amount cannot be 44,501: all accounts together hold 44,500."),
        (["--seed", "-1"], "seed cannot be -1: choose 0 to 9,223,372,036,854,775,807."),
        (["--workers", "64", "--threads", "64"], "64 workers with 64 threads need 4227 database connections, and "),
    ],
)
def test_error_storm_that_cannot_be(arguments, sentence):
    with pytest.raises(CommandError) as refusal:
        call_command("storm", *arguments)

    assert str(refusal.value).startswith(sentence)
    assert not Bank.objects.exists()


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DATABASE_URL": "garbage"}, "Error: DATABASE_URL (it begins with 'garbage') does not name a database: "),
        ({"DATABASE_URL": "postgres://"}, "Error: DATABASE_URL (it begins with 'postgres') does not name a database: "),
        (
            {"DATABASE_URL": "postgres://teacher:secret@127.0.0.1:1/bank"},
            "CommandError: The database of DATABASE_URL cannot be used: ",
        ),
        (
            {"DATABASE_URL": "sqlite:///:memory:"},
            "CommandError: DATABASE_URL names SQLite, and this needs PostgreSQL: ",
        ),
        ({"DATABASE_URL": "mysql://a:b@localhost/bank"}, "Error: DATABASE_URL names MySQL or MariaDB, "),
        ({"BANK_WORKERS": "many"}, "Error: BANK_WORKERS is 'many': set it to a whole number from 1 to 64."),
        ({"BANK_HOME": "/dev/null/bank"}, "Error: The folder /dev/null/bank cannot be made "),
    ],
)
def test_error_environment_that_cannot_be(environment, sentence):
    status, out, err = finish(manage("storm", env=environment))

    assert status == 1
    assert out == ""
    assert err.startswith(sentence)
    assert len(err.splitlines()) == 1
    assert "secret" not in err
    assert not Storm.objects.exists()


def server_url(**changes: str) -> str:
    """The embedded server, named as somebody's own server would be."""
    params = {**connection.server.connection_params(), "database": connection.settings_dict["NAME"], **changes}
    return "postgres://{user}:{password}@/{database}?host={host}".format(**params)


def test_error_wrong_password():
    status, _out, err = finish(manage("storm", env={"DATABASE_URL": server_url(password="wrong")}))

    assert status == 1
    assert "password authentication failed" in err
    assert err.startswith("CommandError: The database of DATABASE_URL cannot be used: ")


def test_a_server_of_yours_works_the_same_and_is_never_migrated_unasked():
    status, _out, err = finish(
        manage("storm", env={"DATABASE_URL": server_url(database="postgres"), "BANK_DATABASE_NAME": "postgres"})
    )
    assert (status, err) == (
        1,
        "CommandError: The tables in the database of DATABASE_URL are not up to date: run `manage.py migrate`.\n",
    )

    status, out, err = finish(manage("storm", *SMALL, "--json", env={"DATABASE_URL": server_url()}))
    assert status == 0, err
    assert json.loads(out)["transfers"]["applied"] == 150


def test_reader_that_has_seen_enough_is_no_error():
    """As in `manage.py history last | head -1`."""
    finish(manage("storm", *SMALL))
    process = manage("history", "last")

    process.stdout.readline()
    process.stdout.close()

    assert process.stderr.read() == ""
    process.wait(60)


def test_database_status_says_how_to_connect():
    status, out, _err = finish(manage("database", "status"))

    assert status == 0
    assert out.startswith("Running. Data in ")
    assert "dbname=" in out


def test_error_database_reset_without_a_yes():
    process = manage("database", "reset", stdin=subprocess.DEVNULL)

    status, _out, err = finish(process)

    assert status == 1
    assert err.startswith("CommandError: Nothing was deleted.")
    assert connection.server.is_running()


@pytest.mark.parametrize("command", ["storm", "compare", "qcluster", "classroom", "database"])
def test_help_has_examples(command):
    status, out, _err = finish(manage(command, "--help"))

    assert status == 0
    assert "examples:" in out
    assert f"manage.py {command}" in out
