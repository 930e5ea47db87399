"""How far a storm has come, in numbers and as a chart of its audits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Audit, Storm
from accounts.reporting import storm_page
from accounts.reporting.audit_kind import AuditKind
from accounts.storms import jobs
from accounts.storms.progress import Progress
from tests.support.pages import content, storm_url
from tests.support.storms import apply, launched_storm

pytestmark = pytest.mark.django_db


# What it says.


def test_running_storm_shows_how_far_it_is(viewer, running):
    Storm.objects.filter(pk=running.pk).update(started_at=timezone.now() - timedelta(seconds=10))

    seen = storm_page.observe(Storm.objects.get(pk=running.pk))

    progress = seen.progress
    assert (progress.transfers_ended, seen.percent, progress.audits_taken, progress.audits_judged) == (15, 50, 2, 0)
    assert 1 < seen.per_second < 1.6
    assert seen.drift == 0
    assert "2 audits, 0 checked, 0 with a wrong total" in content(viewer.get(storm_url(running)))


def test_storm_without_an_audit_does_not_say_that_all_are_checked(viewer):
    storm = launched_storm()

    assert "no audit so far" in content(viewer.get(storm_url(storm)))
    Storm.objects.filter(pk=storm.pk).update(state="stopped")
    assert "no audit was taken" in content(viewer.get(storm_url(storm)))


def test_drift_is_seen_while_the_storm_runs(running):
    running.bank.accounts.filter(number=1).update(balance=5)

    assert storm_page.observe(running).drift == running.bank.total - 44_500 != 0


def test_drawn_audits_are_evenly_chosen_and_the_others_counted(monkeypatch, running):
    monkeypatch.setattr(storm_page, "MAX_DOTS", 10)
    running.audit_count = 25
    running.save()
    taken = {"bank_id": running.bank_id, "storm": running, "status": "taken", "total": 1, "expected_total": 1}
    Audit.objects.bulk_create(Audit(number=n, started_at=timezone.now(), **taken) for n in range(2, 25))
    evenly_chosen = 10

    seen = storm_page.observe(running)

    assert len(seen.chart.dots) in (evenly_chosen, evenly_chosen + 1, evenly_chosen + 2)
    assert len(seen.chart.dots) + seen.sample.left_out == 25


@pytest.mark.django_db(transaction=True)  # the report is judged in a snapshot of its own
def test_audits_are_counted_alike_from_the_rows_and_from_the_report():
    storm = launched_storm(audit_count=5)
    apply(storm, storm.transfers.all())
    failed = {"status": "failed", "reason": "deadlock", "expected_total": 44_500}
    Audit.objects.create(bank=storm.bank, storm=storm, number=4, started_at=timezone.now(), **failed)
    jobs.run(storm.pk, [], [0, 1, 2, 3])
    storm.refresh_from_db()
    from_report = storm_page.observe(storm)

    storm.report = None
    from_rows = storm_page.observe(storm)

    assert from_report.progress == Progress(
        transfers_ended=30, audits_taken=4, audits_failed=1, audits_judged=4, audits_torn=0, audits_wrong=0
    )
    assert from_rows.progress == from_report.progress
    assert [len(seen.chart.dots) + seen.sample.left_out for seen in (from_report, from_rows)] == [4, 4]


def test_lowest_highest_and_lucky_audits_are_always_drawn(monkeypatch, running):
    monkeypatch.setattr(storm_page, "MAX_DOTS", 2)
    running.audit_count = 9
    running.save()
    taken = {"bank_id": running.bank_id, "storm": running, "status": "taken", "expected_total": 44_500, "torn": True}
    totals = [44_500, 44_501, 44_000, 45_000, 44_502, 44_503]
    Audit.objects.bulk_create(
        Audit(number=n, started_at=timezone.now(), total=total, **taken) for n, total in enumerate(totals, start=3)
    )

    chart = storm_page.observe(running).chart

    assert (chart.lowest, chart.highest) == (44_000, 45_000)
    assert [dot.point.kind for dot in chart.dots if dot.point.total == 44_500].count(AuditKind.LUCK) == 1
