"""Speed is given in units of pgbench."""

import pytest

from accounts.management.benchmarks import speed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def test_speed_is_given_in_units_of_pgbench():
    rows = speed.measure_speed(names=["row_lock"], worker_counts=[2], account_counts=[10], rounds=1)

    assert [(row["name"], row["worker_count"], row["account_count"]) for row in rows] == [
        ("pgbench", 2, 10),
        ("row_lock", 2, 10),
    ]
    assert rows[0]["ratio"] == 1
    assert rows[1]["median"] > 0
