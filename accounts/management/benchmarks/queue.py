"""What the queue costs: jobs per second, time to first execution, its share at the default job size, planning."""

import time
from collections.abc import Mapping
from functools import partial
from statistics import median
from typing import Any

from django_q.models import OrmQ

from accounts import strategies
from accounts.cluster.subprocesses import Cluster
from accounts.management.benchmarks import cpu, goals
from accounts.management.benchmarks.ratios import in_turns
from accounts.management.benchmarks.speed import run_storm
from accounts.models import Storm
from accounts.storms.follow import follow
from accounts.storms.launch import launch, plan_storm
from accounts.storms.lifecycle import end_storm
from accounts.storms.workload import plan_jobs

WORKERS = 2
EMPTY_JOBS = 2_000
PLANNED = 100_000
RUN = 2_000
DEFAULT_JOB = strategies.transfers_per_job("row_lock")
SMALL_JOB = 10  # transfers


def measure_queue(*, rounds: int) -> list[dict[str, Any]]:
    """Rows of name, value and unit."""
    cpu_s: dict[int, list[float]] = {DEFAULT_JOB: [], SMALL_JOB: []}
    with Cluster(queue="benchmark-queue", worker_count=WORKERS) as cluster:
        run_storm(cluster, transfer_with="row_lock", transfer_count=50, worker_count=WORKERS)  # warm
        measures = {"first": partial(_time_to_first_s, cluster)}
        measures |= {str(size): partial(_row_lock_s, cluster, size, cpu_s[size]) for size in cpu_s}
        taken_s = {name: median(values) for name, values in in_turns(measures, rounds=rounds).items()}
        jobs_per_second = _empty_jobs_per_second(cluster)
        planning_s = _planning_s()
    share = _share({size: taken_s[str(size)] for size in cpu_s})
    running_s = taken_s[str(DEFAULT_JOB)] * PLANNED / RUN
    return [
        _row("jobs that do nothing", round(jobs_per_second), "jobs/s"),
        _row("launch to first execution", round(taken_s["first"] * 1000), "ms"),
        _row("queue's share at the default job size (row_lock)", share, "%", goals.at_most(3, share)),
        _row("the same, of the processor time", _share({size: median(each) for size, each in cpu_s.items()}), "%"),
        _row(f"planning and queueing {PLANNED:,} transfers", planning_s, "s", goals.at_most(3, planning_s)),
        _row("the same, in units of running them", round(100 * planning_s / running_s, 1), "%"),
    ]


def _row(name: str, value: float, unit: str, goal: str | None = None) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "goal": goal}


def _share(taken_s: Mapping[int, float]) -> float:
    """How much of what a storm takes (by the size of its jobs) goes into default jobs themselves, in percent.

    That is to queue them, to take, begin, end and acknowledge them. The same transfers in small jobs take longer: by
    what so many more jobs cost. (Fewer jobs instead of more would be lost in the noise.)
    """
    default_jobs, small_jobs = _count_jobs(DEFAULT_JOB), _count_jobs(SMALL_JOB)
    one_job_s = (taken_s[SMALL_JOB] - taken_s[DEFAULT_JOB]) / (small_jobs - default_jobs)
    return round(100 * default_jobs * one_job_s / taken_s[DEFAULT_JOB], 1)


def _count_jobs(transfers_per_job: int) -> int:
    size = {"transfer_count": RUN, "audit_count": 0, "worker_count": WORKERS, "thread_count": 1}
    return len(plan_jobs(**size, transfers_per_job=transfers_per_job))


def _row_lock_s(cluster: Cluster, transfers_per_job: int, cpu_s: list[float]) -> float:
    """How long RUN transfers take. Their processor time, in the workers and in PostgreSQL, is added to the list."""
    before_s = cpu.workers_s(cluster) + cpu.server_s()
    size = {"transfer_count": RUN, "account_count": 100, "worker_count": WORKERS}
    report = run_storm(cluster, transfer_with="row_lock", transfers_per_job=transfers_per_job, **size)
    cpu_s.append(cpu.workers_s(cluster) + cpu.server_s() - before_s)
    return report.duration_s


def _time_to_first_s(cluster: Cluster) -> float:
    storm = _plan(1)
    launched_at = time.time()
    launch(storm, queue=cluster.queue)
    for _progress in follow(storm, cluster):
        pass
    started_at = storm.transfers.get().started_at
    assert started_at is not None
    return started_at.timestamp() - launched_at


def _empty_jobs_per_second(cluster: Cluster) -> float:
    """Jobs of a storm that has been stopped already: taken, looked at, acknowledged."""
    storm = _plan(EMPTY_JOBS)
    storm.thread_count = 1
    launch(storm, queue="benchmark-later", transfers_per_job=1)
    Storm.objects.filter(pk=storm.pk).update(state=Storm.State.STOPPED)
    jobs = OrmQ.objects
    start = time.monotonic()
    jobs.filter(key="benchmark-later").update(key=cluster.queue)
    while jobs.filter(key=cluster.queue).exists():
        time.sleep(0.05)
    return EMPTY_JOBS / (time.monotonic() - start)


def _planning_s() -> float:
    storm = _plan(PLANNED)
    start = time.monotonic()
    launch(storm, queue="benchmark-never")
    taken_s = time.monotonic() - start
    end_storm(storm, Storm.State.STOPPED, "It was planned for a benchmark, not to be run.")
    return round(taken_s, 2)


def _plan(transfer_count: int) -> Storm:
    return plan_storm(
        transfer_with="row_lock",
        audit_with="single_sum",
        audit_count=0,
        worker_count=WORKERS,
        transfer_count=transfer_count,
        account_count=100,
    )
