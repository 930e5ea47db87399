"""Every measurement as small as it can be. No figure is judged."""

import pytest

from accounts.management.benchmarks import audits, cpu, queue, speed


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(speed, "TRANSFERS", 20)
    monkeypatch.setattr(speed, "PGBENCH_TRANSFERS", 20)
    monkeypatch.setattr(cpu, "TRANSFERS", 400)
    monkeypatch.setattr(queue, "EMPTY_JOBS", 5)
    monkeypatch.setattr(queue, "PLANNED", 20)
    monkeypatch.setattr(queue, "RUN", 40)
    monkeypatch.setattr(queue, "SMALL_JOB", 1)
    monkeypatch.setattr(audits, "TRANSFERS", 2_000)
    monkeypatch.setattr(audits, "WINDOW_S", 0.05)
