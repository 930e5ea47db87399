"""Storms in a row: each starts when the one before has finished, once; when one is stopped, so are those after it."""

import pytest
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from accounts.models import Storm
from accounts.storms import jobs
from accounts.storms.background_launch import launch_in_a_row
from accounts.storms.launch import launch, plan_storm
from accounts.storms.lifecycle import end_storm, run_job
from accounts.storms.queue import JOB_FUNCTION
from accounts.storms.report import report_on
from tests.support.reports import a_report
from tests.support.storms import launched_storm, transfer_pks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def row() -> list[Storm]:
    """Three storms in a row; the second is for one worker."""
    choices = {"transfer_with": "row_lock", "audit_with": "single_statement", "transfer_count": 40, "audit_count": 4}
    planned = [plan_storm(**choices, worker_count=workers, thread_count=2) for workers in (4, 1, 4)]
    launch_in_a_row(planned, queue="nowhere").join()
    return planned


def states(row: list[Storm]) -> list[str]:
    return [Storm.objects.get(pk=storm.pk).state for storm in row]


def deliver_all(storm: Storm) -> int:
    """What the workers do: run all jobs of the storm that are in the queue; return how many there were."""
    packages = [SignedPackage.loads(queued.payload) for queued in OrmQ.objects.filter(key="nowhere").order_by("pk")]
    arguments = [package["args"] for package in packages if package["args"][0] == storm.pk]
    for each in arguments:
        run_job(*each)
    return len(arguments)


def test_all_are_written_at_once_and_only_the_first_is_started(row):
    assert states(row) == ["running", "planned", "planned"]
    assert [storm.transfers.count() for storm in row] == [40, 40, 40]
    assert [storm.row for storm in row] == [[storm.pk for storm in row]] * 3


def test_each_starts_when_the_one_before_has_finished(row):
    deliver_all(row[0])
    assert states(row) == ["finished", "running", "planned"]

    deliver_all(row[1])
    deliver_all(row[2])

    assert states(row) == ["finished", "finished", "finished"]


def test_storm_of_one_worker_is_one_job_so_that_one_process_does_it(row):
    assert deliver_all(row[0]) > 1
    assert deliver_all(row[1]) == 1


def test_job_that_is_delivered_again_does_not_start_the_next_storm_again(row):
    deliver_all(row[0])
    in_the_queue = OrmQ.objects.count()

    deliver_all(row[0])

    assert OrmQ.objects.count() == in_the_queue
    assert states(row) == ["finished", "running", "planned"]


@pytest.mark.parametrize("state", [Storm.State.STOPPED, Storm.State.FAILED])
def test_when_one_ends_otherwise_those_after_it_are_stopped(state, row):
    deliver_all(row[0])
    assert end_storm(row[1], state, "Enough.")

    assert states(row) == ["finished", state, "stopped"]
    row[2].refresh_from_db()
    assert row[2].reason == f"It was to run after storm {row[1].pk}, which ended as {state}."


def test_planned_storm_that_was_stopped_is_not_started(row):
    end_storm(row[1], Storm.State.STOPPED, "Enough.")

    OrmQ.objects.all().delete()
    run_job(row[0].pk, list(row[0].transfers.values_list("pk", flat=True)), list(range(4)))

    assert states(row) == ["finished", "stopped", "stopped"]
    assert not OrmQ.objects.exists()


def test_storm_alone_is_in_no_row():
    storm = launched_storm(transfer_count=5)

    assert not storm.is_in_a_row
    assert storm.row == [storm.pk]


def test_stopped_storm_keeps_what_was_applied_and_leaves_the_rest_pending():
    storm = launched_storm(transfer_count=100)
    jobs.run(storm.pk, transfer_pks(storm)[:50], [])

    assert end_storm(storm, Storm.State.STOPPED, "Interrupted from the keyboard.")
    jobs.run(storm.pk, transfer_pks(storm), [])

    report = report_on(storm)
    assert (report.state, report.transfers.applied, report.transfers.pending) == ("stopped", 50, 50)
    assert not OrmQ.objects.filter(key="nowhere").exists()


# Ending.


def test_storm_that_has_ended_is_not_ended_again():
    first, second = launched_storm(), launched_storm()
    Storm.objects.filter(pk=first.pk).update(state=Storm.State.FINISHED, report=a_report())
    count = OrmQ.objects.filter(key="nowhere").count()

    assert not end_storm(first, Storm.State.STOPPED, "Too late.")

    assert OrmQ.objects.filter(key="nowhere").count() == count
    assert second.is_still_running()


def test_ending_a_storm_leaves_the_jobs_of_other_storms_in_the_queue():
    choices = {"transfer_with": "row_lock", "audit_with": "single_sum", "transfer_count": 40, "audit_count": 4}
    ended, other = plan_storm(**choices), plan_storm(**choices)
    for storm in (ended, other):
        launch(storm, queue="both")

    end_storm(ended, Storm.State.STOPPED, "Enough.")

    names = {SignedPackage.loads(payload)["name"] for payload in OrmQ.objects.values_list("payload", flat=True)}
    assert {name.rpartition("-")[0] for name in names} == {f"storm-{other.pk}-job"}


def test_workers_find_the_function_of_a_job_by_its_name():
    assert import_string(JOB_FUNCTION) is run_job
