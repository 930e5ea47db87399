"""Where the time goes: the processor time of one transfer, in our programs and in PostgreSQL, beside pgbench's.

Processor time hardly depends on what else the machine does. What a transfer costs over all processes, divided among the
cores, gives an upper limit of the speed.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import psutil
from django.db import connection

from accounts.cluster.subprocesses import Cluster
from accounts.errors import BankError
from accounts.management.benchmarks import pgbench
from accounts.management.benchmarks.speed import ACCOUNTS, STRATEGIES, at_its_pace, run_storm
from accounts.management.command import embedded_database
from accounts.models import Storm
from accounts.storms.follow import follow
from accounts.storms.launch import launch, plan_storm
from interleavings.postgres.processes import find_postmaster

TRANSFERS = 4_000  # of pgbench and row_lock; a strategy of another pace gets more or fewer


def measure_cpu(*, worker_counts: list[int]) -> list[dict[str, Any]]:
    """A row for each number of workers and each program: microseconds of processor time for one transfer."""
    rows = []
    for worker_count in worker_counts:
        with Cluster(queue=f"benchmark-cpu-{worker_count}", worker_count=worker_count) as cluster:
            run_storm(cluster, transfer_with="row_lock", transfer_count=200, worker_count=worker_count)  # warm
            rows.append(_row("pgbench", worker_count, TRANSFERS, partial(_pgbench, worker_count)))
            for name in STRATEGIES:
                count = at_its_pace(name, TRANSFERS)
                rows.append(_row(name, worker_count, count, partial(_storm, cluster, name, worker_count, count)))
    pgbench.drop_tables()
    return rows


def _row(name: str, worker_count: int, count: int, run: Callable[[], tuple[float, float, float]]) -> dict[str, Any]:
    program_s, server_s, seconds = run()
    each_us = 1e6 * (program_s + server_s) / count
    return {
        "worker_count": worker_count,
        "name": name,
        "program_us": round(1e6 * program_s / count),
        "postgresql_us": round(1e6 * server_s / count),
        "at_most_per_s": round(1e6 * psutil.cpu_count() / each_us),
        "measured_per_s": round(count / seconds),
    }


def _pgbench(worker_count: int) -> tuple[float, float, float]:
    each = TRANSFERS // worker_count
    server, children = server_s(), _ended_children_s(psutil.Process())
    per_second = pgbench.measure(clients=worker_count, accounts=ACCOUNTS, transfers=each)
    return _ended_children_s(psutil.Process()) - children, server_s() - server, TRANSFERS / per_second


def _storm(cluster: Cluster, name: str, worker_count: int, count: int) -> tuple[float, float, float]:
    storm = _launch(cluster, name, worker_count, count)
    ours, server, start = workers_s(cluster), server_s(), time.monotonic()
    for _progress in follow(storm, cluster):
        pass
    return workers_s(cluster) - ours, server_s() - server, time.monotonic() - start


def _launch(cluster: Cluster, name: str, worker_count: int, count: int) -> Storm:
    size = {"transfer_count": count, "audit_count": 0, "account_count": ACCOUNTS, "worker_count": worker_count}
    storm = plan_storm(transfer_with=name, audit_with="single_sum", **size)
    launch(storm, queue=cluster.queue)
    return storm


def workers_s(cluster: Cluster) -> float:
    """Of all processes of the cluster: its workers, and what hands out their jobs."""
    return sum(_own_s(process) + _ended_children_s(process) for process in cluster.processes())


def server_s() -> float:
    """Of all processes of the embedded server, those that have ended among them, but for the one that serves us."""
    embedded = embedded_database()
    process = embedded and find_postmaster(embedded.server.data)
    if not process:
        raise BankError("The benchmark needs the embedded PostgreSQL, whose processes it can see: unset DATABASE_URL.")
    connection.ensure_connection()
    ours = connection.connection.info.backend_pid
    return sum(_own_s(child) for child in process.children() if child.pid != ours) + _ended_children_s(process)


def _own_s(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):  # it has just ended: its parent has its time
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _ended_children_s(process: psutil.Process) -> float:
    """What the operating system keeps of children that have ended; on Windows, nothing."""
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0))
    return 0.0
