"""Anomalies are what a strategy promised not to lose."""

from dataclasses import replace

import pytest

from accounts.faults import soak as soaking
from accounts.models import Bank
from tests.support.reports import a_report

pytestmark = pytest.mark.django_db(transaction=True)


def test_anomalies_are_what_a_strategy_promised_not_to_lose():
    damage = {"drift": 5, "lost_updates": 1, "accounts_off": 2}
    damaged = a_report(transfers={"applied_twice": 1}, audits={"torn": 1}, **damage)
    found = {}
    for transfer_with, audit_with in [("row_lock", "row_lock"), ("row_lock", "no_lock"), ("no_transaction", "no_lock")]:
        cell = next(
            cell
            for cell in soaking.cells(seed=1, transfer_count=10, audit_count=1)
            if (cell.storm.transfer_with, cell.storm.audit_with) == (transfer_with, audit_with)
        )
        cell.storm.bank = Bank.objects.create(name="Bank", opening_total=0)
        cell.storm.save()
        report = replace(damaged, transfer_with=transfer_with)
        found[transfer_with, audit_with] = soaking.anomalies(cell, report)

    assert found == {
        ("row_lock", "row_lock"): [
            *("1 transfers applied twice", "5 drift", "1 lost updates", "2 accounts off", "1 torn audits"),
        ],
        ("row_lock", "no_lock"): ["1 transfers applied twice", "5 drift", "1 lost updates", "2 accounts off"],
        ("no_transaction", "no_lock"): [],
    }
