"""The explorer is measured beside isolationtester, and proofs with one and with two processes."""

import pytest
from django.db import connection

from accounts.management.benchmarks import explorer
from accounts.management.benchmarks.explorer import measure_explorer, measure_proofs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture(autouse=True)
def _in_one_process(monkeypatch) -> None:
    """Whether --jobs is right is tested elsewhere, and its processes take long to start."""
    explore = explorer.explore
    monkeypatch.setattr(explorer, "explore", lambda plan, jobs=1, **options: explore(plan, **options))


@pytest.mark.thorough
def test_measuring_gives_ratios_and_goals(monkeypatch):
    monkeypatch.setattr(explorer, "MANY_ACCOUNTS", 2)  # as few schedules as can be

    measures = measure_explorer(rounds=1)

    assert all(one.ratio > 0 and one.schedules > 0 for one in measures)
    assert [one.jobs for one in measures] == [1, 1, 1, 1, 2]
    assert [one.goal.partition(":")[0] for one in measures if one.goal] == ["goal >= 0.5", "goal >= 0.5", "goal >= 0.9"]
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA isolationtester CASCADE")


def test_large_proof_is_measured_with_one_and_two_processes(monkeypatch):
    monkeypatch.setattr(explorer, "LARGE", {"transfers": "1>2:30", "audits": 1})

    one, two = measure_proofs(rounds=1)[1:]

    assert (one["jobs"], two["jobs"]) == (1, 2)
    assert (one["schedules"], one["run"]) == (two["schedules"], two["run"])
