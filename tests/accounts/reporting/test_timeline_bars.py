"""The bars of the workers' timeline: an even choice where there are too many, one bar for a batch."""

import re
from itertools import pairwise

import pytest

from accounts.models import Storm
from accounts.reporting import timeline_bars, worker_timeline
from tests.support.pages import content, storm_url
from tests.support.storms import do_all, launched_storm

pytestmark = pytest.mark.django_db(transaction=True)  # a report is read in a transaction of its own


def test_first_window_is_narrowed_until_all_of_it_is_drawn(monkeypatch, timed, viewer):
    monkeypatch.setattr(timeline_bars, "MAX_BARS", 4)

    seen = worker_timeline.observe_workers(timed, at=None, span=None)

    assert seen.window.span_s < worker_timeline.SPAN_S
    assert 2 <= len(seen.bars.operations) == seen.bars.bar_count <= 4
    assert seen.window.at_s < 0.8 < seen.window.end_s
    assert "are drawn, evenly chosen" not in content(viewer.get(storm_url(timed, "workers")))


def test_wide_window_shows_an_even_choice_and_says_so(monkeypatch, timed, viewer):
    monkeypatch.setattr(timeline_bars, "MAX_BARS", 5)

    seen = worker_timeline.observe_workers(timed, at="0", span="60")
    shown = content(viewer.get(storm_url(timed, "workers"), {"at": "0", "span": "60"}))

    begins = [one.begin_s for one in seen.bars.operations if not one.is_audit]
    assert (begins[0], len(begins)) == (0.0, 4)
    assert max(later - earlier for earlier, later in pairwise(begins)) < 0.5
    assert "5 of 17 bars are shown, evenly chosen" in shown
    assert len(re.findall(r'<rect class="(?:transfer|audit)[^"]*" x="\d+\.', shown)) == 5


def test_batch_is_one_bar():
    storm = launched_storm(audit_count=3, transfer_with="batch")
    do_all(storm)

    bars = worker_timeline.observe_workers(Storm.objects.get(pk=storm.pk), at="0", span="60").bars

    first = storm.transfers.order_by("pk").first().pk
    assert [one.name for one in bars.operations if not one.is_audit] == [f"batch of 30 transfers from {first}"]
