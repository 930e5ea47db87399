"""A report and its JSON: the same report comes back, and anything else is refused."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Report, Storm
from accounts.storms import jobs
from accounts.storms.launch import launch, plan_storm
from tests.support.reports import a_report


def test_report_comes_back_from_json_as_it_was():
    report = a_report(transfers={"refused": 3}, audits={"torn": 1}, faults={"kill-workers": 2}, story="Half of it.")

    assert Report.from_values(json.loads(json.dumps(report.as_values()))) == report


def test_values_have_the_names_of_the_fields_and_their_order():
    values = a_report().as_values()

    assert list(values)[:5] == ["id", "state", "transfer_with", "audit_with", "accounts"]
    assert list(values)[-3:] == ["faults", "story", "is_final"]
    assert list(values["transfers"]) == ["planned", "applied", "refused", "failed", "pending", "applied_twice"]
    assert values["lock_wait_ms"] == {"p50": 0.1, "p99": 2.5}


@pytest.mark.parametrize("missing", ["state", "transfers", "is_final"])
def test_error_a_value_is_missing(missing):
    values = a_report().as_values()
    del values[missing]

    with pytest.raises((KeyError, TypeError), match=missing):
        Report.from_values(values)


def test_audits_that_are_missing_were_neither_taken_nor_failed():
    assert a_report(audits={"planned": 9, "taken": 4, "failed": 2}).audits.missing == 3


def finished_storm() -> Storm:
    storm = plan_storm(transfer_with="row_lock", audit_with="single_sum", transfer_count=3, audit_count=1)
    launch(storm, queue="nowhere")
    jobs.run(storm.pk, list(storm.transfers.values_list("pk", flat=True)), [])
    jobs.run(storm.pk, [], [0])
    return Storm.objects.get(pk=storm.pk)


@pytest.mark.django_db(transaction=True)
def test_storm_keeps_its_report_as_a_report():
    kept = finished_storm().report

    assert (kept.transfers.ended, kept.audits.judged, kept.audits.torn_unknown) == (3, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_report_survives_dumpdata_and_loaddata(tmp_path):
    storm, file = finished_storm(), tmp_path / "bank.json"
    with file.open("w") as out:
        call_command("dumpdata", "accounts.storm", stdout=out)
    Storm.objects.update(state=Storm.State.STOPPED, report=None)

    call_command("loaddata", str(file), stdout=StringIO())

    assert storm.report is not None
    assert Storm.objects.get(pk=storm.pk).report == storm.report
