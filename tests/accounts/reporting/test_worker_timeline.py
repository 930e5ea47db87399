"""What each worker did, and when: the window of time that is drawn."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Storm, Transfer
from accounts.reporting import worker_timeline
from tests.support.pages import content, storm_url

pytestmark = pytest.mark.django_db


def test_window_shows_what_has_a_part_in_it(timed):
    seen = worker_timeline.observe_workers(timed, at="0.35", span="0.3")

    assert [(one.lane, round(one.begin_s, 1)) for one in seen.bars.operations] == [
        *(("h:1", 0.3), ("h:0", 0.4), ("h:1", 0.5), ("h:0", 0.6)),
    ]
    assert seen.bars.bar_count == 4
    assert not seen.follows
    assert seen.duration_s == 1.5


def test_first_window_is_where_the_work_was_done(timed):
    """Not in the middle of the time: a cluster that was killed may have stood still for most of it."""
    last = timed.transfers.order_by("-ended_at").exclude(ended_at=None).first()
    Transfer.objects.filter(pk=last.pk).update(ended_at=last.ended_at + timedelta(seconds=60))

    assert worker_timeline.observe_workers(timed, at=None, span=None).bars.operations


def test_window_that_reaches_beyond_the_end_says_so(viewer, timed):
    assert "it has ended" in content(viewer.get(storm_url(timed, "workers"), {"at": "1.2", "span": "1"}))
    assert "it has ended" not in content(viewer.get(storm_url(timed, "workers"), {"at": "0.5", "span": "0.5"}))


def test_window_that_follows_keeps_the_chosen_span(viewer, running):
    Storm.objects.filter(pk=running.pk).update(started_at=timezone.now() - timedelta(seconds=10))

    assert f'hx-get="{storm_url(running, "workers")}" hx-trigger' in content(viewer.get(storm_url(running, "workers")))
    asked = content(viewer.get(storm_url(running, "workers"), {"span": "2"}))
    assert f'hx-get="{storm_url(running, "workers")}?span=2.0" hx-trigger' in asked


@pytest.mark.thorough(every=4)
@pytest.mark.parametrize("at", ["", "x", "nan", "inf", "-inf", "-5", "1e308", "99999"])
@pytest.mark.parametrize("span", ["", "x", "nan", "inf", "-1", "0", "1e308"])
def test_window_takes_anything_that_is_typed(at, span, timed):
    seen = worker_timeline.observe_workers(timed, at=at, span=span)

    assert 0 <= seen.window.at_s <= seen.duration_s
    assert 0.01 <= seen.window.span_s <= 60


def test_window_follows_a_running_storm_until_it_is_moved(viewer, running):
    Storm.objects.filter(pk=running.pk).update(started_at=timezone.now() - timedelta(seconds=10))

    assert "hx-trigger" in content(viewer.get(storm_url(running, "workers")))
    moved = content(viewer.get(storm_url(running, "workers"), {"at": "1", "span": "0.5"}))
    assert "hx-trigger" not in moved
    assert "Follow the storm" in moved


def test_picture_of_the_workers_that_follows_a_storm_needs_two_queries(running, django_assert_num_queries):
    """Each looks at all rows of the storm, of which there may be 100,000."""
    running.started_at = timezone.now() - timedelta(seconds=10)

    with django_assert_num_queries(2):
        worker_timeline.observe_workers(running, at=None, span=None)
