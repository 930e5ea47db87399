"""What audits cost a storm."""

import pytest

from accounts.management.benchmarks import audits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def test_audits_are_measured_beside_a_storm():
    rows = audits.measure_audits(account_counts=[10], names=["single_sum", "no_lock"])

    assert [row["name"] for row in rows] == ["single_sum", "no_lock"]
    assert all(row["audit_ms"] for row in rows)


@pytest.mark.thorough
def test_audit_that_reads_account_by_account_is_not_measured_on_a_large_bank_and_its_row_is_there(monkeypatch):
    monkeypatch.setattr(audits, "MAX_READ_ONE_BY_ONE", 5)

    rows = audits.measure_audits(account_counts=[4, 6], names=["single_sum", "repeatable_read"])

    assert [(row["account_count"], row["name"], row["audit_ms"] is None) for row in rows] == [
        *((4, "single_sum", False), (4, "repeatable_read", False)),
        *((6, "single_sum", False), (6, "repeatable_read", True)),
    ]
