"""`manage.py storm` as its user meets it: real processes, what it prints, how it ends, what it leaves behind."""

import json
import signal
import subprocess

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Storm
from tests.support.clusters import assert_exactly_once
from tests.support.processes import finish, manage, server_url, workers_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


REPORT = {
    *("id", "state", "transfer_with", "audit_with", "accounts", "expected_total", "workers", "threads", "seed"),
    *("transfers", "audits", "drift", "lost_updates", "lost_examples", "accounts_off", "deadlocks"),
    *("retries", "serialization_failures", "refused_locks", "lock_wait_ms"),
    *("duration_s", "transfers_per_second", "story", "faults", "is_final"),
}


SMALL = ("--transfers", "150", "--audits", "20")


@pytest.mark.thorough
@pytest.mark.processes
def test_storm_prints_a_report(db):
    status, out, _err = finish(manage("storm", *SMALL))

    assert status == 0
    assert "150 planned: 150 applied" in out
    assert "0 of 20" in out


@pytest.mark.thorough
@pytest.mark.processes
def test_storm_as_json_prints_one_object_and_nothing_else():
    status, out, _err = finish(manage("storm", *SMALL, "--seed", "5", "--json"))

    report = json.loads(out)
    assert status == 0
    assert report.keys() == REPORT
    assert (report["seed"], report["workers"], report["transfers"]["applied"]) == (5, 4, 150)


@pytest.mark.processes
def test_storm_on_running_workers():
    cluster = manage("qcluster", "--until-stdin-closes", "--workers", "2", stdin=subprocess.PIPE)
    try:
        status, out, err = finish(manage("storm", *SMALL, "--cluster", "running", "--json"))
    finally:
        finish(cluster)

    assert status == 0, err
    assert json.loads(out)["workers"] == 2
    assert json.loads(out)["transfers"]["applied"] == 150


@pytest.mark.thorough(every=2)
@pytest.mark.processes
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


@pytest.mark.processes
def test_killed_storm_takes_its_workers_with_it():
    process = manage("storm", "--transfers", "20000")
    wait_until(lambda: Storm.objects.filter(transfers__status="applied").exists())
    workers = workers_of(process)
    assert workers

    process.kill()
    finish(process)

    wait_until(lambda: not any(worker.is_running() for worker in workers))


@pytest.mark.processes
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


@pytest.mark.processes
@pytest.mark.usefixtures("known_processes")
def test_storm_with_chaos_lists_its_faults_and_loses_nothing():
    size = ("--transfers", "400", "--audits", "40")
    status, out, err = finish(manage("storm", *size, "--chaos", "redeliver", "--chaos-every", "0.1", "--json"))

    storm = Storm.objects.get()
    report = json.loads(out)
    assert status == 0, err
    assert report["faults"]["redeliver"] > 0
    assert sum(report["faults"].values()) == len(storm.faults)
    assert all(fault.keys() == {"at", "kind", "what"} for fault in storm.faults)
    assert_exactly_once(storm)


@pytest.mark.thorough
@pytest.mark.processes
@pytest.mark.usefixtures("known_processes")
def test_storm_that_ends_before_the_first_fault_says_so(capsys):
    call_command("storm", "--transfers", "20", "--audits", "1", "--chaos", "freeze", "--chaos-every", "3600")

    assert "No fault was injected: the storm was over first." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--chaos", "nope"], "There is no fault 'nope': choose from "),
        (["--chaos", ""], "There is no fault '': choose from "),
        (["--chaos", "freeze", "--cluster", "running"], "--chaos needs a private cluster"),
        (["--chaos-every", "1"], "--chaos-every goes with --chaos"),
        (["--chaos", "freeze", "--chaos-every", "0"], "--chaos-every cannot be 0: choose 0.1 to 3600 seconds."),
        (["--chaos", "freeze", "--chaos-every", "nan"], "--chaos-every cannot be nan: choose "),
    ],
)
def test_error_chaos_that_cannot_be(arguments, sentence):
    with pytest.raises(CommandError) as refusal:
        call_command("storm", *arguments)

    assert sentence in str(refusal.value)
    assert not Storm.objects.exists()
