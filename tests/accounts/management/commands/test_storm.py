"""The commands as their user meets them: real processes, what they print, how they end, what they leave behind."""

import json
import re
import signal
import socket
import subprocess
import time
import urllib.request

import psutil
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from rich.console import Console

from accounts.management.commands import compare
from accounts.management.display import print_report
from accounts.models import Report, Storm
from accounts.storms.active_workers import at_work
from accounts.storms.expectations import Outcome
from accounts.storms.launch import launch, plan_storm
from accounts.storms.lecture import SCENES
from accounts.storms.lifecycle import end_storm
from accounts.storms.report import report_on
from accounts.storms.report_text import NOT_FINAL
from tests.processes import finish, manage, server_url

pytestmark = pytest.mark.django_db(transaction=True)

REPORT = {
    *("id", "state", "transfer_with", "audit_with", "accounts", "expected_total", "workers", "threads", "seed"),
    *("transfers", "audits", "drift", "lost_updates", "accounts_off", "deadlocks", "retries"),
    *("serialization_failures", "refused_locks", "lock_wait_ms"),
    *("duration_s", "transfers_per_second", "story", "faults", "is_final"),
}
SMALL = ("--transfers", "150", "--audits", "20")


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


def test_report_of_a_storm_that_workers_are_still_at_says_that_it_is_not_final(capsys):
    storm = plan_storm(transfer_with="row_lock", audit_with="row_lock", transfer_count=5, audit_count=0)
    launch(storm, queue="nowhere")
    end_storm(storm, Storm.State.STOPPED, "Enough.")

    with at_work(storm.pk):
        print_report(Console(width=200), report_on(storm))
    print_report(Console(width=200), report_on(storm))

    early, final = capsys.readouterr().out.split("Storm ", 2)[1:]
    assert NOT_FINAL in early
    assert NOT_FINAL not in final


def test_storm_as_json_prints_one_object_and_nothing_else():
    status, out, _err = finish(manage("storm", *SMALL, "--seed", "5", "--json"))

    report = json.loads(out)
    assert status == 0
    assert report.keys() == REPORT
    assert (report["seed"], report["workers"], report["transfers"]["applied"]) == (5, 4, 150)


def test_compare_tells_the_story_and_marks_what_does_not_come_out_as_told():
    status, out, err = finish(manage("compare", "--transfers", "150", "--audits", "20", "--json"))

    reports = json.loads(out)
    assert [(report["transfer_with"], report["audit_with"]) for report in reports] == [scene[:2] for scene in SCENES]
    as_told = [
        scene.came_out_as_told(Report.from_values(report)) for scene, report in zip(SCENES, reports, strict=True)
    ]
    assert status == (0 if all(as_told) else 1), err
    assert all(told for told, scene in zip(as_told, SCENES, strict=True) if scene.expected is Outcome.HOLDS)


def test_compare_ends_with_status_1_when_a_row_surprises(monkeypatch, capsys):
    """Here no storm is ever run, so that none comes out as told."""

    def launch_only(storm: Storm) -> Report:
        launch(storm, queue="nowhere")
        return report_on(storm)

    monkeypatch.setattr(compare, "_run_alone", launch_only)

    with pytest.raises(SystemExit, match="1"):
        call_command("compare", "--transfers", "5", "--audits", "1")

    assert capsys.readouterr().out.count("!! expected: ") == 7


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
