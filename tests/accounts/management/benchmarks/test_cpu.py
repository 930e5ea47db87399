"""Processor time is counted in every process."""

import pytest

from accounts.management.benchmarks import cpu

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.mark.thorough
def test_processor_time_is_counted_in_every_process(monkeypatch):
    monkeypatch.setattr(cpu, "STRATEGIES", ["row_lock"])

    pgbench, row_lock = cpu.measure_cpu(worker_counts=[2])

    assert min(pgbench["postgresql_us"], row_lock["postgresql_us"]) > 0
    assert row_lock["program_us"] > pgbench["program_us"]  # Django beside a C program
    assert row_lock["measured_per_s"] > 0
