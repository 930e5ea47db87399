"""Measurements are run here for their shape only: every section, as small as it can be. No figure is judged."""

import pytest

from accounts.management.benchmarks import audits, cpu, evidence, queue, speed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(speed, "TRANSFERS", 20)
    monkeypatch.setattr(speed, "PGBENCH_TRANSFERS", 20)
    monkeypatch.setattr(cpu, "TRANSFERS", 400)
    monkeypatch.setattr(queue, "EMPTY_JOBS", 5)
    monkeypatch.setattr(queue, "PLANNED", 20)
    monkeypatch.setattr(queue, "RUN", 40)
    monkeypatch.setattr(audits, "TRANSFERS", 2_000)
    monkeypatch.setattr(audits, "WINDOW_S", 0.05)


def test_speed_is_given_in_units_of_pgbench():
    rows = speed.measure_speed(names=["row_lock"], worker_counts=[2], account_counts=[10], rounds=1)

    assert [(row["name"], row["worker_count"], row["account_count"]) for row in rows] == [
        ("pgbench", 2, 10),
        ("row_lock", 2, 10),
    ]
    assert rows[0]["ratio"] == 1
    assert rows[1]["median"] > 0


def test_processor_time_is_counted_in_every_process(monkeypatch):
    monkeypatch.setattr(cpu, "GOALS", ["row_lock"])

    pgbench, row_lock = cpu.measure_cpu(worker_counts=[2])

    assert min(pgbench["postgresql_us"], row_lock["postgresql_us"]) > 0
    assert row_lock["program_us"] > pgbench["program_us"]  # Django beside a C program
    assert row_lock["measured_per_s"] > 0


def test_the_queue_s_share_is_measured():
    rows = queue.measure_queue(rounds=1)

    assert [(row["name"], row["unit"]) for row in rows] == [
        ("jobs that do nothing", "jobs/s"),
        ("launch to first execution", "ms"),
        ("queue's share at the default job size (row_lock)", "%"),
        ("planning and queueing 20 transfers", "s"),
        ("the same, in units of running them", "%"),
    ]
    assert all(row["value"] > 0 for row in rows[:2])  # the shares are small, and may be noise


def test_audits_are_measured_beside_a_storm():
    rows = audits.measure_audits(account_counts=[10], names=["single_sum", "no_lock"])

    assert [row["name"] for row in rows] == ["single_sum", "no_lock"]
    assert all(row["audit_ms"] for row in rows)


def test_audit_that_reads_account_by_account_is_not_measured_on_a_large_bank_and_its_row_is_there(monkeypatch):
    monkeypatch.setattr(audits, "MOST_READ_ONE_BY_ONE", 5)

    rows = audits.measure_audits(account_counts=[4, 6], names=["single_sum", "repeatable_read"])

    assert [(row["account_count"], row["name"], row["audit_ms"] is None) for row in rows] == [
        *((4, "single_sum", False), (4, "repeatable_read", False)),
        *((6, "single_sum", False), (6, "repeatable_read", True)),
    ]


def test_evidence_is_measured_with_and_without_lost_updates():
    rows = evidence.measure_evidence(sizes=[(200, 20)])

    assert [bool(row["lost_updates"]) for row in rows] == [False, True]
