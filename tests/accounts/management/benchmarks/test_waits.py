"""How soon a wait is known is measured, beside other ways to find out."""

import pytest

from accounts.management.benchmarks import waits

pytestmark = pytest.mark.django_db(transaction=True)


def test_wait_is_measured_with_its_questions(monkeypatch):
    monkeypatch.setattr(waits, "TIMES", 3)

    measures = waits.measure_waits(rounds=1)

    assert len(measures) == 5
    assert all(0 < one.ms < 1_000 * waits.WITHIN_S for one in measures), "the server has said its word too"
    assert measures[1].questions >= 1
