"""What the queue costs: jobs per second, time to first execution, its share at the default job size, planning."""

import time
from functools import partial
from statistics import median
from typing import Any

from django_q.models import OrmQ

from accounts.cluster.subprocesses import Cluster
from accounts.management.benchmarks.ratios import in_turns
from accounts.management.benchmarks.speed import run_storm
from accounts.models import Storm
from accounts.storms.follow import follow
from accounts.storms.launch import launch, plan_storm
from accounts.storms.lifecycle import end_storm

WORKERS = 2
EMPTY_JOBS = 2_000
PLANNED = 100_000
RUN = 2_000


def measure_queue(*, rounds: int) -> list[dict[str, Any]]:
    """Rows of name, value and unit."""
    with Cluster(queue="benchmark-queue", worker_count=WORKERS) as cluster:
        run_storm(cluster, transfer_with="row_lock", transfer_count=50, worker_count=WORKERS)  # warm
        measures = {
            "first": partial(_time_to_first_s, cluster),
            "by default": partial(_row_lock_per_second, cluster, None),
            "one job each": partial(_row_lock_per_second, cluster, 1_000_000),
        }
        taken = {name: median(values) for name, values in in_turns(measures, rounds=rounds).items()}
        jobs_per_second = _empty_jobs_per_second(cluster)
        planning_s = _planning_s()
    running_s = PLANNED / taken["by default"]
    return [
        {"name": "jobs that do nothing", "value": round(jobs_per_second), "unit": "jobs/s"},
        {"name": "launch to first execution", "value": round(taken["first"] * 1000), "unit": "ms"},
        {
            "name": "queue's share at the default job size (row_lock)",
            "value": round(100 * (1 - taken["by default"] / taken["one job each"]), 1),
            "unit": "%",
        },
        {"name": f"planning and queueing {PLANNED:,} transfers", "value": round(planning_s, 2), "unit": "s"},
        {"name": "the same, in units of running them", "value": round(100 * planning_s / running_s, 1), "unit": "%"},
    ]


def _row_lock_per_second(cluster: Cluster, transfers_per_job: int | None) -> float:
    """The speed with jobs of this many transfers, or of as many as is usual."""
    size = {"transfer_count": RUN, "account_count": 100, "worker_count": WORKERS}
    report = run_storm(cluster, transfer_with="row_lock", transfers_per_job=transfers_per_job, **size)
    return report.transfers_per_second


def _time_to_first_s(cluster: Cluster) -> float:
    storm = _plan(1)
    launched = time.time()
    launch(storm, queue=cluster.queue)
    for _progress in follow(storm, cluster):
        pass
    started_at = storm.transfers.get().started_at
    assert started_at is not None
    return started_at.timestamp() - launched


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
    return taken_s


def _plan(transfer_count: int) -> Storm:
    return plan_storm(
        **{"transfer_with": "row_lock", "audit_with": "single_sum", "audit_count": 0, "worker_count": WORKERS},
        transfer_count=transfer_count,
        account_count=100,
    )
