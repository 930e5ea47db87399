"""What the evidence costs, with and without lost updates."""

import pytest

from accounts.management.benchmarks import evidence

pytestmark = pytest.mark.django_db(transaction=True)


def test_evidence_is_measured_with_and_without_lost_updates():
    rows = evidence.measure_evidence(sizes=[(200, 20)])

    assert [row["goal"] for row in rows] == [None, None]
    assert [bool(row["lost_updates"]) for row in rows] == [False, True]
