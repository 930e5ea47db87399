"""The storms that run one after another, with what came out of each."""

from dataclasses import replace

import pytest
from django.urls import reverse

from accounts.models import Storm
from accounts.reporting import storms_in_a_row
from accounts.storms.report import judge
from tests.support.pages import content, storm_url

pytestmark = pytest.mark.django_db(transaction=True)  # a report is read in a transaction of its own


# The lecture.


def launch_lecture(client, data=None):
    return client.post(reverse("admin:accounts_storm_lecture"), data, follow=True)


def test_rows_show_results_until_the_last_storm_has_ended(admin_client, four_workers):
    launch_lecture(admin_client)
    first, *others = Storm.objects.order_by("pk")
    report = judge(first)
    done = replace(report.transfers, pending=0, applied=first.transfer_count)
    report = replace(report, transfers=done, audits=replace(report.audits, taken=first.audit_count))
    Storm.objects.filter(pk=first.pk).update(state="finished", report=report)

    seen = storms_in_a_row.observe_row(others[0])
    assert [(row.line.verdict, row.surprises) for row in seen.lines] == [("holds", True)] + [("-", False)] * 6
    assert "(not as expected)" in content(admin_client.get(storm_url(others[0])))
    assert seen.is_live

    Storm.objects.exclude(pk=first.pk).update(state="stopped")
    assert "hx-trigger" not in content(admin_client.get(storm_url(first, "row")))


def test_storm_alone_has_no_rows(viewer, running):
    assert 'id="row"' not in content(viewer.get(storm_url(running)))
