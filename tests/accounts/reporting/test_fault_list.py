"""Faults and repairs beside the workers' timeline."""

import re
from datetime import timedelta

import pytest

from accounts.models import Storm
from accounts.reporting import fault_list
from tests.support.pages import MARKUP, content, storm_url

pytestmark = pytest.mark.django_db


def test_faults_are_marked_and_listed_whatever_was_recorded(viewer, timed):
    at = (timed.started_at + timedelta(seconds=0.5)).isoformat()
    undated = [{"at": "yesterday"}, {"at": "2026-01-01T00:00:00"}, {"at": "2026-13-01T00:00:00+00:00"}, {}]
    fault_list = [*undated, {"at": at, "kind": "kill", "what": MARKUP}]
    Storm.objects.filter(pk=timed.pk).update(faults=fault_list)

    shown = content(viewer.get(storm_url(timed, "workers"), {"at": "0", "span": "1"}))

    assert shown.count('<line class="fault"') == 1
    assert re.findall(r'<text class="number"[^>]*>(\S+)</text>', shown) == ["1"]
    assert '<th scope="row">1</th><td>0.500</td><td>fault</td><td>kill</td>' in shown
    assert shown.count("<td>unknown</td>") == 4
    assert MARKUP not in shown


def test_repairs_of_the_watchdog_are_told_apart_from_faults(viewer, timed):
    timed.note_fault("watchdog: replaced", "The workers were replaced.", timed.started_at + timedelta(seconds=1))
    timed.note_fault("kill-workers", "SIGKILL of busy worker 1", timed.started_at + timedelta(seconds=0.5))

    shown = content(viewer.get(storm_url(timed, "workers"), {"at": "0", "span": "2"}))

    assert '<th scope="row">1</th><td>0.500</td><td>fault</td><td>kill-workers</td>' in shown
    assert '<th scope="row">2</th><td>1.000</td><td>repair</td><td>replaced</td>' in shown
    assert (shown.count('<line class="fault"'), shown.count('<line class="repair"')) == (1, 1)


def test_more_faults_than_are_listed_are_counted(monkeypatch, viewer, timed):
    monkeypatch.setattr(fault_list, "MAX_FAULTS", 2)
    Storm.objects.filter(pk=timed.pk).update(faults=[{"kind": "kill"}] * 5)

    assert "3 later ones are not listed." in content(viewer.get(storm_url(timed, "workers")))
