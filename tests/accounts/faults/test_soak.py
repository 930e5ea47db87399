"""`storm --chaos`, `soak` and the watchdog of `qcluster`, as their user meets them."""

import json
import signal
import subprocess
from dataclasses import replace

import psutil
import pytest
from django.core.management import CommandError, call_command

from accounts.cluster.subprocesses import running_worker_count
from accounts.faults import soak as soaking
from accounts.management.commands import soak
from accounts.models import Bank, Storm, Transfer
from tests.accounts.faults.conftest import assert_exactly_once, wait_until
from tests.accounts.management.commands.test_storm import finish, manage
from tests.reports import a_report

pytestmark = pytest.mark.django_db(transaction=True)


def test_storm_with_chaos_lists_its_faults_and_loses_nothing():
    status, out, err = finish(
        manage("storm", "--transfers", "400", "--chaos", "redeliver", "--chaos-every", "0.3", "--json")
    )

    storm = Storm.objects.get()
    report = json.loads(out)
    assert status == 0, err
    assert report["faults"]["redeliver"] > 0
    assert sum(report["faults"].values()) == len(storm.faults)
    assert all(fault.keys() == {"at", "kind", "what"} for fault in storm.faults)
    assert_exactly_once(storm)


def test_storm_that_ends_before_the_first_fault_says_so(capsys):
    call_command("storm", "--transfers", "20", "--audits", "1", "--chaos", "freeze", "--chaos-every", "3600")

    assert "No fault was injected: the storm was over first." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--chaos", "nope"], "There is no fault 'nope': choose from kill-workers, kill-cluster, "),
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


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "20000"])
def test_error_soak_that_cannot_be(minutes):
    with pytest.raises(CommandError, match="--minutes cannot be"):
        call_command("soak", "--minutes", minutes)


SHORT = ("--minutes", "0.001", "--chaos", "redeliver", "--transfers", "40", "--audits", "4")


def test_soak_adds_up_and_leaves_no_storm(capsys):
    call_command("soak", *SHORT, "--json")

    sums = json.loads(capsys.readouterr().out)
    assert (sums["storms"], sums["transfers"], sums["anomalies"]) == (1, 40, [])
    assert sums["seconds"] > 0
    assert sums["peak_memory_mb"] > 0
    assert [model.objects.count() for model in (Storm, Bank, Transfer)] == [0, 0, 0]


def test_soak_with_an_anomaly_ends_with_status_1_and_keeps_the_storm(monkeypatch, capsys):
    monkeypatch.setattr(soaking, "anomalies", lambda *_: ["1 accounts off"])

    with pytest.raises(SystemExit) as end:
        call_command("soak", *SHORT)

    assert end.value.code == 1
    assert "seed 1: 1 accounts off" in capsys.readouterr().out
    assert Storm.objects.count() == 1


def test_interrupted_soak_prints_the_sums_so_far(monkeypatch, capsys):
    def interrupted(storm, **_options):
        storm.bank = Bank.objects.create(name="Bank", opening_total=0)
        storm.state, storm.queue = Storm.State.STOPPED, "nowhere"
        storm.save()
        return True

    monkeypatch.setattr(soak, "run_storm", interrupted)

    with pytest.raises(SystemExit) as end:
        call_command("soak", "--minutes", "1", "--chaos", "redeliver", "--json")

    assert end.value.code == 130
    assert json.loads(capsys.readouterr().out)["storms"] == 1


def test_anomalies_are_what_a_strategy_promised_not_to_lose():
    damage = {"drift": 5, "lost_updates": 1, "accounts_off": 2}
    damaged = a_report(transfers={"applied_twice": 1}, audits={"torn": 1}, **damage)
    found = {}
    for transfer_with, audit_with in [("row_lock", "row_lock"), ("row_lock", "no_lock"), ("no_transaction", "no_lock")]:
        cell = next(
            cell
            for cell in soaking.cells(seed=1, transfer_count=10, audit_count=1)
            if (cell.storm.transfer_with, cell.storm.audit_with) == (transfer_with, audit_with)
        )
        cell.storm.bank = Bank.objects.create(name="Bank", opening_total=0)
        cell.storm.save()
        report = replace(damaged, transfer_with=transfer_with)
        found[transfer_with, audit_with] = soaking.anomalies(cell, report)

    assert found == {
        ("row_lock", "row_lock"): [
            *("1 transfers applied twice", "5 drift", "1 lost updates", "2 accounts off", "1 torn audits"),
        ],
        ("row_lock", "no_lock"): ["1 transfers applied twice", "5 drift", "1 lost updates", "2 accounts off"],
        ("no_transaction", "no_lock"): [],
    }


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
    assert "The workers ended unasked: killed by SIGKILL: the workers were replaced" in said
    assert_exactly_once(Storm.objects.get())
