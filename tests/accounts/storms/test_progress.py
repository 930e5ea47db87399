"""How far storms have come: counted alike with and without a report, in few queries."""

import pytest

from accounts.models import Storm
from accounts.storms import jobs
from accounts.storms.launch import launch, plan_storm
from accounts.storms.progress import Progress, is_complete, progress_of, progress_of_all, was_begun

pytestmark = pytest.mark.django_db


def launched(**choices) -> Storm:
    storm = plan_storm(
        **{"transfer_with": "row_lock", "audit_with": "row_lock", "transfer_count": 5, "audit_count": 2, **choices}
    )
    launch(storm, queue="nowhere")
    return storm


def ids(storm: Storm) -> list[int]:
    return list(storm.transfers.order_by("pk").values_list("pk", flat=True))


def test_storm_that_was_launched_has_not_come_far():
    storm = launched()

    assert progress_of(storm) == Progress()
    assert not was_begun(storm)
    assert not is_complete(storm)


def test_failed_operations_have_ended():
    storm = launched()
    jobs.run(storm.pk, ids(storm)[:3], [])
    jobs.run(storm.pk, [], [0])
    first = storm.transfers.order_by("pk")[0]
    storm.transfers.filter(pk=first.pk).update(status="failed", reason="It was to fail.")
    storm.audits.update(status="failed", reason="It was to fail.", total=None)

    progress = progress_of(storm)

    assert (progress.transfers_ended, progress.transfers_failed) == (3, 1)
    assert (progress.audits_ended, progress.audits_taken, progress.audits_failed) == (1, 0, 1)
    assert was_begun(storm)


def test_transfer_that_was_applied_twice_has_ended_once():
    storm = launched()
    jobs.run(storm.pk, ids(storm)[:1], [])
    applied = storm.transfers.get(status="applied")
    applied.pk, applied.repeats = None, applied.pk
    applied.save()

    assert progress_of(storm).transfers_ended == 1


def test_report_says_the_same_as_the_rows():
    storm = launched(transfer_with="no_transaction", audit_with="no_lock")
    jobs.run(storm.pk, ids(storm), [])
    jobs.run(storm.pk, [], [0, 1])
    storm.refresh_from_db()
    reported = progress_of(storm)

    storm.report = None
    counted = progress_of(storm)

    assert reported == counted == Progress(transfers_ended=5, audits_taken=2, audits_judged=2)
    assert is_complete(storm)


def test_many_storms_need_two_queries_and_reported_ones_none(django_assert_num_queries):
    storms = [launched() for _ in range(4)]
    for storm in storms[:2]:
        jobs.run(storm.pk, ids(storm), [])
        jobs.run(storm.pk, [], [0, 1])
        storm.refresh_from_db()

    with django_assert_num_queries(0):
        assert set(progress_of_all(storms[:2]).values()) == {
            Progress(transfers_ended=5, audits_taken=2, audits_judged=2)
        }
    with django_assert_num_queries(2):
        assert progress_of_all(storms)[storms[3].pk] == Progress()
