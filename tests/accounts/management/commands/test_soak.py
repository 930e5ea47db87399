"""`manage.py soak`: storm after storm under faults, and what is left at the end."""

import json

import pytest
from django.core.management import CommandError, call_command

from accounts.faults import soak as soaking
from accounts.management.commands import soak
from accounts.models import Bank, Storm, Transfer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("known_processes")]


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "20000"])
def test_error_soak_that_cannot_be(minutes):
    with pytest.raises(CommandError, match="--minutes cannot be"):
        call_command("soak", "--minutes", minutes)


SHORT = ("--minutes", "0.001", "--chaos", "redeliver", "--transfers", "40", "--audits", "4")


@pytest.mark.processes
def test_soak_adds_up_and_leaves_no_storm(capsys):
    call_command("soak", *SHORT, "--json")

    sums = json.loads(capsys.readouterr().out)
    assert (sums["storms"], sums["transfers"], sums["anomalies"]) == (1, 40, [])
    assert sums["seconds"] > 0
    assert sums["faults"].keys() >= {"kill-workers", "redeliver"}
    assert sums["peak_memory_mb"] > 0
    assert [model.objects.count() for model in (Storm, Bank, Transfer)] == [0, 0, 0]


@pytest.mark.thorough
@pytest.mark.processes
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
