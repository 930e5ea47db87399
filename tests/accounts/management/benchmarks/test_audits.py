"""What audits cost a storm."""

import pytest

from accounts.management.benchmarks import audits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def test_audits_are_measured_beside_a_storm():
    rows = audits.measure_audits(account_counts=[10], names=["single_sum", "no_lock"])

    assert [row["name"] for row in rows] == ["single_sum", "no_lock"]
