"""Speed is given in units of pgbench."""

import pytest

from accounts.management.benchmarks import speed


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_speed_is_given_in_units_of_pgbench():
    rows = speed.measure_speed(names=["row_lock"], worker_counts=[2], account_counts=[10], rounds=1)

    assert [(row["name"], row["worker_count"], row["account_count"]) for row in rows] == [
        ("pgbench", 2, 10),
        ("row_lock", 2, 10),
    ]
    assert rows[0]["ratio"] == 1
    assert rows[1]["median"] > 0


def test_strategies_have_goals_at_four_workers():
    named = {"name": "one_statement", "ratio": 1.3}

    assert speed.goal_of(named, worker_count=4, account_count=100) == "goal >= 1.2: reached"
    assert speed.goal_of(named, worker_count=2, account_count=100) is None
    assert speed.goal_of({"name": "row_lock", "ratio": 1}, worker_count=4, account_count=100) is None
